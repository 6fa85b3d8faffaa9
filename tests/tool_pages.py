"""A tool's page on its own, through the real templates: what the pipeline makes, without a site."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from conftest import PROJECT
from markupsafe import Markup, escape

from sitebuilder.assets.stylesheet import STYLESHEET, build_stylesheet
from sitebuilder.clinical.decision_tools.compile_css import RULES_PLACEHOLDER, compile_rules
from sitebuilder.clinical.decision_tools.parse import parse_tools
from sitebuilder.clinical.decision_tools.safety_policy import parse_safety_policy
from sitebuilder.clinical.decision_tools.view import ToolView, build_tool_view
from sitebuilder.clinical.evidence.facts import parse_facts
from sitebuilder.clinical.evidence.warning_signs import parse_warning_signs
from sitebuilder.clinical.library import EMERGENCY_PATH, FACTS_PATH
from sitebuilder.core.config import Clinic
from sitebuilder.core.decision_tool import Tool
from sitebuilder.core.evidence import Evidence
from sitebuilder.core.model import File, Link
from sitebuilder.render.csp import build_csp
from sitebuilder.render.links import tel_uri
from sitebuilder.render.templates import check_templates, make_environment
from sitebuilder.render.views import PageView, PanelView, SiteView

NAMES = ("next-step", "options", "get-ready")
INLINE = {
    path.name: path.read_text()
    for path in (PROJECT / "static" / "inline").iterdir()
    if path.is_file()
}
WAYS: dict[str, dict[str, Any]] = {
    "script": {},
    "plain": {"script": False},
    "sheet": {"script": False, "has": False},
    "locked": {"locked": True, "script": False},
    "bare": {"script": False, "policy": False},
}
"""How a page can be shown, as options of `page`."""
TEMPLATES = {path.name: path.read_text() for path in (PROJECT / "templates").glob("*.html")}


def file(path: str) -> File:
    return File(path, "", "", (PROJECT / path).read_bytes())


@cache
def known() -> Evidence:
    facts, _ = parse_facts(file(FACTS_PATH))
    signs, lists, _ = parse_warning_signs(file(EMERGENCY_PATH))
    return Evidence(facts=facts, signs=signs, lists=lists)


@cache
def pages() -> dict[str, Link]:
    """Every content page, by id, with its title."""
    found = {}
    for path in (PROJECT / "content").glob("*.md"):
        title = next(
            line.removeprefix("title:").strip().strip("\"'")
            for line in path.read_text().splitlines()
            if line.startswith("title:")
        )
        found[path.stem] = Link(title, f"/{path.stem}/")
    return found


@cache
def tools() -> dict[str, Tool]:
    paths = [f"content/tools/{p.name}" for p in sorted((PROJECT / "content/tools").glob("*.yaml"))]
    policy, _ = parse_safety_policy(file(EMERGENCY_PATH))
    found, problems = parse_tools([*map(file, paths)], known(), policy, pages())
    wrong = [p for p in problems if p.severity == "error"]
    assert set(NAMES) <= set(found), wrong
    return found


def style(rules: str) -> str:
    """site.css and tool.css with the rules in their place, colours put in."""
    sheet = INLINE[STYLESHEET] + INLINE["tool.css"].replace(RULES_PLACEHOLDER, rules)
    made, problems = build_stylesheet({**INLINE, STYLESHEET: sheet})
    assert not problems
    return made


def page(
    tool: Tool,
    *,
    rules: str | None = None,
    script: bool = True,
    locked: bool = False,
    has: bool = True,
    policy: bool = True,
) -> str:
    """The page. `has`: as in a browser that knows `:has()`; `rules`: instead of the tool's."""
    css = style("".join(compile_rules(tool)) if rules is None else rules)
    css = css if has else css.replace("selector(:has(a))", "selector(:nope(a))")
    js = INLINE["tool.js"] if script else ""
    csp = build_csp(css, js)
    texts = {**INLINE, STYLESHEET: css, "tool.js": js}
    site = SiteView(
        name="Integrated Spine Institute",
        lang="en",
        emergency_number="911",
        clinic=Clinic(),
        nav=tuple(
            Link(label, pages()[name].address)
            for name, label in (
                ("procedure", "The operation"),
                ("indications", "Why it is done"),
                ("candidacy", "Who it may suit"),
                ("recovery", "Recovery"),
                ("risks", "Risks"),
            )
        ),
        footer=tuple(
            pages()[name] for name in ("when-to-get-help", "find-a-doctor", "about", "privacy")
        ),
        help=pages()["when-to-get-help"],
    )
    environment = make_environment(TEMPLATES)
    assert not list(check_templates(environment, TEMPLATES, ()))
    environment.globals = {
        "range": environment.globals["range"],
        "namespace": environment.globals["namespace"],
        "site": site,
        "href": lambda address: address,
        "asset": lambda name: "/" + name,
        "inline": lambda name: Markup(texts[name]),
        "tel": tel_uri,
        "ui": str,
    }
    view = _view(
        tool,
        build_tool_view(tool, pages(), known(), locked=locked),
        Markup(css),
        csp if policy else "",
    )
    html = environment.get_template("tool.html").render(page=view)
    return html if script else html.replace("<script></script>\n", "")


def write_pages(root: Path) -> Path:
    """Write each tool's page in each way, as `script/next-step/index.html`; gives the folder."""
    for way, options in WAYS.items():
        for name, tool in tools().items():
            (root / way / name).mkdir(parents=True)
            (root / way / name / "index.html").write_text(page(tool, **options))
    (root / "favicon.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    return root


def _view(tool: Tool, view: ToolView, style: Markup, policy: str) -> PageView:
    return PageView(
        id=f"tools/{tool.name}",
        title=tool.title.text,
        description=tool.description,
        lang="en",
        address=f"/tools/{tool.name}/",
        canonical=f"https://www.example.org/tools/{tool.name}/",
        state="never-reviewed",
        draft=False,
        hidden=True,
        crumbs=(Link("Home", "/"),),
        previous=None,
        next=None,
        children=(),
        guide=(),
        contents=(),
        lead=Markup(f"<p>{escape(tool.disclaimer.text)}</p>"),
        body=Markup(),
        sources=Markup(),
        clinical=True,
        panel=PanelView(
            state="never-reviewed",
            changed=False,
            by="",
            role="",
            on=None,
            until=None,
            owner="",
            grade=5,
            changes=(),
        ),
        data=Markup(),
        style=style,
        policy=policy,
        tool=view,
    )
