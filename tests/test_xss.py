"""Attempts to bring script into a page by every way that words take: none runs, none becomes markup.

The finished pages are read by a parser with lists of its own, and once by a real browser. Pages with
errors are never published, but they are made; so they are held to it as well.
"""

from __future__ import annotations

import itertools
import json
import re
import shutil
import tempfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import PROJECT, build, write_site
from hypothesis import example, given, settings
from hypothesis import strategies as st
from modes import SOAK
from test_markdown import made, strings
from test_sanitizer import HOSTILE, is_clean

from sitebuilder.assets.stylesheet import minify_js
from sitebuilder.build.pipeline import Build

MANY = 10_000 if SOAK else 150

# ruff: noqa: E501 - each line is one whole attempt

RUNS = r"""
<script>pwned()</script>
</script><script>pwned()</script>
<img src=x onerror=pwned()>
"><img src=x onerror=pwned()>
'><svg/onload=pwned()>
" onmouseover="pwned()" x="
' autofocus onfocus='pwned()
--><script>pwned()</script><!--
</title></style></textarea><script>pwned()</script>
]]><script>pwned()</script>
&lt;script&gt;pwned()&lt;/script&gt;
&#60;img src=x onerror=pwned()&#62;
{{ "<script>pwned()</script>" | safe }}
<scr<script>ipt>pwned()</scr</script>ipt>
""".strip().split("\n")
"""What would run if it came into a text or an attribute as it is. `pwned` is never a word."""

TARGETS = r"""
javascript:pwned()
JaVaScRiPt:pwned()
&#106;avascript:pwned()
java&Tab;script:pwned()
java&NewLine;script:pwned()
javascript&colon;pwned()
%6Aavascript:pwned()
\javascript:pwned()
data:text/html,<script>pwned()</script>
data:text/html;base64,PHNjcmlwdD5wd25lZCgpPC9zY3JpcHQ+
vbscript:pwned()
view-source:javascript:pwned()
//pwned.test/x
/\pwned.test/x
https:pwned
x"onclick="pwned()
x'onclick='pwned()
feed:javascript:pwned()
blob:pwned
""".strip().split("\n")
"""What would run, or lead astray, if a link led there."""

OF_TEXT = r"""
§
a § b
## §
## a {#§}
- §
1. §
> §
    §
`§`
**§**
[§](index.md)
![§](a.jpg)
[a](index.md "§")
[a](index.md){: title="§" onclick="§" }
a{: onclick=pwned() §}
``` §⏎§⏎```
```{.x onclick="§"}⏎a⏎```
~~~ html⏎§⏎~~~
| § | b |⏎|---|---|⏎| a | § |
a[^1]⏎⏎[^1]: §
a[^§]⏎⏎[^§]: b
HTML⏎⏎*[HTML]: §
§⏎⏎*[§]: a
Word⏎:   §
[a][§]⏎⏎[§]: index.md
[a]: index.md "§"⏎⏎[a]
::: do §⏎- a⏎- b⏎:::
::: emergency §⏎a⏎:::
::: figure a.jpg⏎alt: §⏎caption: §⏎:::
::: figure §⏎alt: a⏎:::
::: more §⏎§⏎:::
::: compare §⏎| A | B | C |⏎|---|---|---|⏎| § | b | c |⏎:::
::: § a⏎b⏎:::
<div markdown="1" §>a</div>
<details open ontoggle="§">a</details>
<!-- § -->
<?php § ?>
<![CDATA[§]]>
<a href="§">a</a>
<svg><style>§</style></svg>
<math><mtext><table><mglyph><style><!--</style><img title="§">
{fact §}
{no-claim § | §}
\§
&§;
"""
"""Bodies of pages, one a line; § stands for an attempt, ⏎ for the end of a line."""

OF_TARGETS = r"""
[a](§)
[a](<§>)
[a]( § "b")
![a](§)
<§>
[a][b]⏎⏎[b]: §
[b]: <§>⏎⏎[b]
[![a](§)](§)
[a](x.md#§)
[a](?§)
a[^1]⏎⏎[^1]: [b](§)
| [a](§) |⏎|---|⏎| ![a](§) |
## [a](§)
::: figure §⏎alt: a⏎:::
::: do [a](§)⏎- [a](§)⏎- b⏎:::
<a href="§">a</a>
<a href='§'>a</a>
<iframe src="§"></iframe>
<form action="§"><button>a</button></form>
HTML [a](§ 'HTML')⏎⏎*[HTML]: [a](§)
"""

BODIES = [
    carrier.replace("⏎", "\n").replace("§", attempt)
    for carriers, attempts in ((OF_TEXT, RUNS), (OF_TARGETS, TARGETS))
    for carrier in carriers.strip().split("\n")
    for attempt in attempts
]


# -- a reader with lists of its own ---------------------------------------------------------------

ELEMENTS = set(
    """
    html head meta title link style script body a header nav main footer section article aside div
    span p small h1 h2 h3 h4 h5 h6 ul ol li dl dt dd blockquote pre code em strong sup b br hr abbr img
    figure figcaption table caption thead tbody tr th td details summary time button
    form fieldset legend label input
    svg g path rect circle ellipse line polyline polygon text tspan defs use title desc pattern
    """.split()
)
ATTRIBUTES = set(
    """
    id class lang href rel src alt title name content charset http-equiv type role aria-label
    aria-current aria-labelledby aria-describedby aria-hidden scope start value open popover
    popovertarget datetime tabindex for checked
    viewbox width height d x y x1 y1 x2 y2 cx cy r rx ry points transform fill stroke
    stroke-width stroke-linejoin text-anchor patternunits patterntransform
    autocomplete disabled hidden opacity property focusable xmlns
    """.split()
)
OUR_SCRIPT = minify_js((PROJECT / "static/inline/tool.js").read_text())
OUR_SCRIPT_TAG = re.compile(r"<script>.*?</script>", re.DOTALL)
TEXTS = {"alt", "title", "aria-label", "aria-labelledby", "content", "id", "href", "src"}
"""Attributes that hold words or names, and may hold any; targets are looked at besides."""

AT_THE_ENDS = "".join(map(chr, range(0x21)))
READ_AS_NOTHING = re.compile(r"[\t\n\r]")
"""What the URL Standard takes out of an address, at its ends or anywhere.

Any other space within a scheme ends it: `J avascript:` leads to a page of this site.
"""


class Reader(HTMLParser):
    """What a page could do that it should not."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.inside = ""
        self.type = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.inside, self.type = tag, given.get("type") or ""
        if tag not in ELEMENTS:
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            text = READ_AS_NOTHING.sub("", (value or "").strip(AT_THE_ENDS)).lower()
            if name not in ATTRIBUTES:
                self.found.append(f"{name}=")
            wild = "pwned" in text and name not in TEXTS
            if (name in {"href", "src"} and not _is_tame(text, tag)) or wild:
                self.found.append(f"{name}={value}")
        if (
            tag == "meta"
            and given.get("http-equiv", "Content-Security-Policy") != "Content-Security-Policy"
        ):
            self.found.append(f"{given}")

    def handle_endtag(self, _tag: str) -> None:
        self.inside = ""

    def handle_data(self, data: str) -> None:
        if self.inside == "script" and self.type == "application/ld+json":
            json.loads(data)
        elif self.inside == "script" and data != OUR_SCRIPT:
            self.found.append(data)
        assert self.inside != "style" or "pwned" not in data

    def handle_comment(self, data: str) -> None:
        self.found.append(f"<!--{data}")

    def handle_pi(self, data: str) -> None:
        self.found.append(f"<?{data}")

    def handle_decl(self, decl: str) -> None:
        if decl != "doctype html":
            self.found.append(f"<!{decl}")

    unknown_decl = handle_pi


def _is_tame(target: str, tag: str) -> bool:
    """Whether a target is a place of this site, or for links, a page, a number or a mailbox."""
    if tag != "a" and not (
        tag == "link" and target.startswith(("https://site.test/", "https://www.example.org/"))
    ):
        return not re.match(r"[a-z][a-z0-9+.-]*:|[/\\]{2}", target)
    return not re.match(r"(?!https?:|mailto:|tel:)[a-z][a-z0-9+.-]*:", target)


def untamed(html: str) -> list[str]:
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader.found


# -- bodies of pages ------------------------------------------------------------------------------


def pages_of(made: Build) -> dict[str, str]:
    return {o.path: o.load().decode() for o in made.outputs if o.path.endswith(".html")}


CONFIG = "name: S\nurl: https://site.test/\n"
FRONT = "---\ntitle: T%d\ndescription: D.\n---\n"


@pytest.fixture(scope="module")
def bodies(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """A page for each attempt."""
    files: dict[str, str | bytes] = {
        f"content/v{n}.md": FRONT % n + body + "\n" for n, body in enumerate(BODIES)
    }
    files["content/a.jpg"] = (PROJECT / "tests/data/small.jpg").read_bytes()
    root = tmp_path_factory.mktemp("xss")
    return build(write_site(root, {**files, "config.yaml": CONFIG, "content/index.md": FRONT % 0}))


def test_nothing_in_a_body_runs_or_becomes_markup(bodies: Build) -> None:
    found = {path: untamed(html) for path, html in pages_of(bodies).items()}
    assert len(found) > len(BODIES)
    assert {path: what for path, what in found.items() if what} == {}


def test_what_is_refused_is_told_with_its_line_and_the_rest_is_shown(bodies: Build) -> None:
    told = {p.path for p in bodies.problems if p.line and p.hint}
    shown = {path: Words.of(html) for path, html in pages_of(bodies).items()}
    for n, body in enumerate(BODIES):
        is_words = "pwned" in shown[f"v{n}/index.html"]
        is_note = body.startswith("<!--")  # a note of an editor's stays at home
        is_name = "](?" in body or "][" in body or "#data:" in body
        assert f"content/v{n}.md" in told or is_words or is_note or is_name, body


class Words(HTMLParser):
    """What a reader sees, what is read out, and where links lead."""

    words: list[str]

    @classmethod
    def of(cls, html: str) -> str:
        reader = cls()
        reader.words = []
        reader.feed(html.partition("<main")[2])
        return " ".join(reader.words)

    def handle_starttag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.words += [value or "" for name, value in attrs if name in {"alt", "title", "href"}]

    def handle_data(self, data: str) -> None:
        self.words.append(data)


# -- values -----------------------------------------------------------------------------------------

FREE = set(
    """
    sentence short who title authors source details means say term text disclaimer description name
    label what caption body keep owner help when role credential phone hours after_hours email
    address benefits harms url aliases lang template about body_part also
    """.split()
)
"""The fields of data that hold words, and some that hold more than words."""


def changed(data: Any, attempts: Iterator[str], key: str = "") -> Any:
    """The same data with an attempt behind each text, or in its place."""
    if isinstance(data, dict):
        return {name: changed(value, attempts, name) for name, value in data.items()}
    if isinstance(data, list):
        return [changed(value, attempts, key) for value in data]
    return f"{data} {next(attempts)}" if key in FREE and isinstance(data, str) else data


def hostile_site(root: Path, only: str, runs: list[str] = RUNS) -> Path:
    """Our own site, with attempts in all texts of the files whose path `only` finds."""
    for name in ("content", "templates", "static", "reviews", "config.yaml"):
        source = PROJECT / name
        if source.is_dir():
            shutil.copytree(source, root / name)
        elif source.is_file():
            root.mkdir(exist_ok=True)
            shutil.copyfile(source, root / name)
    attempts = itertools.cycle(runs)
    for path in sorted(root.rglob("*.yaml")):
        if re.match(only, str(path.relative_to(root))):
            data = yaml.load(path.read_text(), yaml.BaseLoader)
            path.write_text(yaml.safe_dump(changed(data, attempts), sort_keys=False))
    return root


ALL = r"config|content/[a-z]+\.yaml"
TOOLS = "content/t"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """Our own site with attempts in all its data: config, facts, words, signs, tools."""
    return build(hostile_site(tmp_path_factory.mktemp("hostile") / "site", f"{ALL}|{TOOLS}"))


@pytest.mark.slow
def test_nothing_in_a_value_of_data_runs(hostile: Build) -> None:
    pages = pages_of(hostile)
    found = {path: untamed(html) for path, html in pages.items()}
    assert {path: what for path, what in found.items() if what} == {}
    for some in ("tools/", ""):  # no page is left without attempts because of another file's
        shown = [html for path, html in pages.items() if path.startswith("tools/") == bool(some)]
        assert "pwned" in "".join(shown)


EACH = [(only, [run]) for only in ("config", "content/[a-z]+", TOOLS) for run in RUNS]
APART = [(ALL, RUNS), (TOOLS, RUNS), *EACH] if SOAK else []
"""Files with attempts apart from each other; a short run has all in one site, `hostile`."""


if APART:

    @pytest.mark.parametrize(("only", "runs"), APART)
    def test_nothing_in_some_values_of_data_runs(
        tmp_path: Path, only: str, runs: list[str]
    ) -> None:
        pages = pages_of(build(hostile_site(tmp_path / "site", only, runs)))
        assert {path: untamed(html) for path, html in pages.items() if untamed(html)} == {}
        assert "pwned" in "".join(pages.values())


FIELDS = (
    "title: §", "description: §", "lang: §", "url: §", "aliases: [§]", "template: §", "owner: §",
    "changes: [{on: 2026-11-22, what: §}]", "about: {kind: procedure, name: §, also: [§]}",
    "reviewed: {by: §, role: §, on: 2026-11-22, until: 2027-11-22}", "order: §", "§: x",
)  # fmt: skip
NAMES = [run.replace("/", "\N{FRACTION SLASH}") for run in RUNS]


@pytest.fixture(scope="module")
def fields(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """A page for each field of the front matter and each attempt; and files of such names."""
    files: dict[str, str | bytes] = {"config.yaml": CONFIG, "content/index.md": FRONT % 0 + "a\n"}
    for n, (field, run) in enumerate(itertools.product(FIELDS, RUNS + TARGETS)):
        lines = f"title: T{n}\n" * ("title" not in field) + field.replace("§", json.dumps(run))
        files[f"content/v{n}.md"] = f"---\n{lines}\n---\n\nWords.\n"
    for n, name in enumerate(NAMES):
        files[f"content/{name}.md"] = FRONT % n + f"![a](<{name}.jpg>)\n"
        files[f"content/{name}.jpg"] = (PROJECT / "tests/data/small.jpg").read_bytes()
        files[f"content/{name}/a.md"] = FRONT % n + "Words.\n"
    return build(write_site(tmp_path_factory.mktemp("fields"), files))


def test_nothing_in_front_matter_or_in_a_name_runs(fields: Build) -> None:
    pages = pages_of(fields)
    assert {path: untamed(html) for path, html in pages.items() if untamed(html)} == {}
    assert {path for path in pages if re.search("[^a-z0-9./-]", path)} == set()
    told = {p.path for p in fields.problems if p.line and p.hint and p.rule != "description"}
    for n, (field, run) in enumerate(itertools.product(FIELDS, RUNS + TARGETS)):
        is_shown = f"v{n}/index.html" in pages and "pwned" in pages[f"v{n}/index.html"]
        assert (
            f"content/v{n}.md" in told
            or is_shown
            or field.startswith(("about", "owner", "changes"))
        ), (field, run)


# -- a real browser -------------------------------------------------------------------------------

LOOK = """([pages, script]) => Object.entries(pages).flatMap(([path, html]) => {
  const found = [], page = new DOMParser().parseFromString(html, "text/html");
  for (const one of page.querySelectorAll("*")) {
    if (one.localName === "script" && one.type !== "application/ld+json" && one.text !== script)
      found.push(one.outerHTML);
    if (/^(iframe|object|embed|base|foreignobject|math|template|noscript|animate|set)$/i.test(one.localName))
      found.push(one.outerHTML);
    for (const {name, value} of one.attributes) {
      if (/^on|^style$|^srcdoc$|^formaction$|^ping$/i.test(name)) found.push(name + "=" + value);
      if (!/^(href|src|xlink:href|action|data)$/i.test(name)) continue;
      const to = new URL(value, "https://site.test/"), links = /^(a|area)$/.test(one.localName);
      const tame = links ? ["https:", "http:", "mailto:", "tel:"].includes(to.protocol)
        : one.rel === "canonical" || to.origin === "https://site.test";
      if (!tame) found.push(name + "=" + value);
    }
  }
  return found.map(what => path + " " + what);
})"""


@pytest.mark.browser
def test_a_real_browser_finds_nothing_that_runs(
    browser: Any, bodies: Build, fields: Build, hostile: Build
) -> None:
    tab = browser.new_page()
    style = re.compile("<style>[^<]*</style>")  # the same in all, and long
    texts = {
        f"{n} {path}": style.sub("<style></style>", html)
        for n, made in enumerate((bodies, fields, hostile))
        for path, html in pages_of(made).items()
    }
    assert tab.evaluate(LOOK, [texts, OUR_SCRIPT]) == []
    probe = {"x": "<p onclick=a><script>b</script><a href='java&Tab;script:c'>d</a><iframe>"}
    assert len(tab.evaluate(LOOK, [probe, ""])) == 4
    events: list[str] = []

    def dismiss(dialog: Any) -> None:
        events.append(dialog.message)
        dialog.dismiss()

    tab.on("dialog", dismiss)
    tab.on("pageerror", lambda error: events.append(str(error)))
    tab.on("request", lambda request: events.append(request.url))
    tab.set_content("<script>pwned()</script><img src='https://pwned.test/x'>")
    assert len(events) >= 2  # what does run would be seen
    for html in list(texts.values())[:: 1 if SOAK else 60]:
        events.clear()
        policy = re.compile('<meta http-equiv="Content-Security-Policy"[^>]*>')
        tab.set_content(OUR_SCRIPT_TAG.sub("", policy.sub("", html)))
        assert [what for what in events if "pwned" in what] == []
    tab.close()


# -- changed attempts -----------------------------------------------------------------------------

ATTEMPTS = [*BODIES[:: 1 if SOAK else 7], *HOSTILE]
PIECES = [
    *RUNS,
    *TARGETS,
    *"<>/='\"`!-?&#;:()[]{}\\ \n\t\x00\x0c\xad",
    "on",
    "href=",
    "<!--",
    "-->",
    "](",
    "&Tab;",
]


@st.composite
def changed_attempts(draw: st.DrawFn) -> str:
    """An attempt with pieces of others in it, other letters, signs as entities, one in another."""
    text = draw(st.sampled_from(ATTEMPTS))
    for _ in range(draw(st.integers(1, 5))):
        at = draw(st.integers(0, len(text)))
        end = min(len(text), at + draw(st.integers(0, 6)))
        middle = text[at:end]
        how = draw(st.integers(0, 4))
        piece = (
            draw(st.sampled_from(PIECES)) if how == 0
            else middle.swapcase() if how == 1
            else "".join(f"&#{ord(sign)};" for sign in middle) if how == 2
            else draw(st.sampled_from(ATTEMPTS)) if how == 3
            else draw(st.characters(max_codepoint=0x2FFF, exclude_categories=["Cs"])) + middle
        )  # fmt: skip
        text = text[:at] + piece + text[end:]
    return text


ELSEWHERE = re.compile(r"src=[/\\]{2}|src=https?:")


@settings(max_examples=MANY)
@given(changed_attempts())
@example("<s[![a](//pwned.test/x)](//pwned.test/x)cript>pwned()</script>")
@example("[a](<J aVaScRiPt:pwned()>)")
def test_no_changed_attempt_runs_in_a_body(body: str) -> None:
    found, problems = made(body)
    is_refused = any(p.rule == "raw-html" for p in problems)
    for part in (*strings(found.parts), found.sources):
        # A picture of elsewhere may be left of a tag that is refused; `unsafe-page` stops it too.
        assert [what for what in untamed(part) if not (is_refused and ELSEWHERE.match(what))] == []


@settings(max_examples=MANY)
@given(changed_attempts())
def test_no_changed_attempt_passes_the_sanitiser(html: str) -> None:
    is_clean(html)


@settings(max_examples=MANY // 15)
@given(st.lists(changed_attempts(), min_size=5, max_size=5))
def test_no_changed_attempt_runs_as_a_value(values: list[str]) -> None:
    title, description, name, label, text = (
        json.dumps(value.replace("\n", " ")) for value in values
    )
    page = f"---\ntitle: {title}\ndescription: {description}\nowner: {name}\n---\n\nWords.\n"
    config = f"name: {name}\nnav: [{{page: index, label: {label}}}]\nclinic: {{hours: {text}, address: {text}}}\n"
    with tempfile.TemporaryDirectory() as folder:
        made = build(write_site(Path(folder), {"content/index.md": page, "config.yaml": config}))
    for html in pages_of(made).values():
        assert untamed(html) == []
