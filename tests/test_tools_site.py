"""The tools as part of the site: their pages, what a release does with them, their commands."""

from __future__ import annotations

import re
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import PROJECT, page_of, run_cli
from test_planted_faults import GOOD, edit, signed

from sitebuilder.build.build_date import build_date
from sitebuilder.build.pipeline import Build, build_site
from sitebuilder.content.loader import load_sources

pytestmark = pytest.mark.slow

NAMES = ("next-step", "options", "get-ready")
TODAY = build_date()  # our own tools tell of changes up to now
ON, UNTIL = TODAY - timedelta(days=30), TODAY + timedelta(days=600)
ADDRESS = "https://patients.spine-clinic.health/"


def build(root: Path, **options: object) -> Build:
    return build_site(load_sources(root), TODAY, **options)  # type: ignore[arg-type]


def copied(root: Path) -> Path:
    """A copy of the project's site that nobody has signed, with somebody who may."""
    for name in ("content", "templates", "static"):
        shutil.copytree(PROJECT / name, root / name)
    shutil.copy(PROJECT / "config.yaml", root)
    (root / "content/reviewers.yaml").write_text(GOOD["content/reviewers.yaml"])
    return root


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return copied(tmp_path / "site")


@pytest.fixture(scope="module")
def unsigned(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """Such a copy, built: not `ours`, which may be signed one day."""
    return build(copied(tmp_path_factory.mktemp("unsigned") / "site"))


def tool_page(built: Build, name: str) -> str:
    return page_of(built, f"tools/{name}/index.html")


def test_a_tool_never_signed_opens_with_the_draft_banner_and_takes_answers(unsigned: Build) -> None:
    for name in NAMES:
        html = tool_page(unsigned, name)
        assert "No clinician has checked this page" in html
        assert '<form class="tool" id="sheet" autocomplete="off">' in html
        assert '<meta name="robots" content="noindex">' in html


def test_in_a_release_a_tool_never_signed_gives_way_to_a_worksheet(
    site: Path, unsigned: Build
) -> None:
    pages = [page.id for page in unsigned.pages if page.state == "never-reviewed"]
    others = [p for p in pages if not p.startswith("handout") and p[6:] not in NAMES]
    signed(site, *others, on=ON, until=UNTIL, built=unsigned)
    built = build(site, release=True, url=ADDRESS)
    assert [p for p in built.problems if p.severity == "error"] == []
    for name in NAMES:
        html = tool_page(built, name)
        assert not re.search(r"<(form|input|button class=\"button)\b", html), name
        assert "script-src" not in html
        assert "You cannot answer on this page yet" in html
        assert html.index("Call 911 now for any of these") < html.index("Question 1 of")
    signed(site, *(f"tools/{name}" for name in NAMES), on=ON, until=UNTIL, built=unsigned)
    built = build(site, release=True, url=ADDRESS)
    for name in NAMES:
        html = tool_page(built, name)
        assert '<form class="tool"' in html, name
        assert "Test Reviewer, Test role, on" in html


def test_a_signed_tool_whose_data_changed_says_so_at_the_top(site: Path, unsigned: Build) -> None:
    signed(site, *(f"tools/{name}" for name in NAMES), on=ON, until=UNTIL, built=unsigned)
    assert {p.state for p in build(site).pages if p.id[6:] in NAMES} == {"current"}
    path = "content/tools/options.yaml"
    edit(site, path, "ease the pain a little for some weeks", "ease the pain for some weeks")
    built = build(site)
    states = {p.id: p.state for p in built.pages if p.id[6:] in NAMES}
    assert states == {
        "tools/options": "changed",
        "tools/next-step": "current",
        "tools/get-ready": "current",
    }
    html = tool_page(built, "options")
    assert html.index("Changed since review") < html.index("<h1>")


def test_a_page_may_do_what_it_holds_and_nothing_else(unsigned: Build) -> None:
    for name in NAMES:
        policy = re.search(r'Security-Policy" content="([^"]*)"', tool_page(unsigned, name))
        assert policy
        assert "connect-src &#39;none&#39;" in policy[1]
        assert "form-action &#39;none&#39;" in policy[1]
        assert re.search(r"script-src &#39;sha256-[^;]+&#39;;", policy[1])


@pytest.mark.process
def test_check_prints_the_proof_and_its_time() -> None:
    done = run_cli("check", process=True)
    said = re.search(r"3 of 3 tools proven safe in every state .* in (\d+\.\d\d) s", done.stdout)
    assert said, done.stdout
    assert done.returncode == 0


@pytest.mark.process
def test_the_command_for_reviewers_writes_a_page_for_each_tool(site: Path) -> None:
    done = run_cli("tools", "--root", str(site), process=True)
    assert done.returncode == 0, done.stderr
    for name in NAMES:
        html = (site / "tool-reviews" / f"{name}.html").read_text()
        assert "States that the form can be in, all of them proven:" in html
        assert "None of them breaks a rule that docs/tool-invariants.md marks" in html
        assert "People who are led through this tool (0)" not in html
        assert "<svg" in html
    assert not any("tool-reviews" in o.path for o in build(site).outputs)


@pytest.mark.process
def test_a_change_of_logic_has_to_be_accepted_and_an_unsafe_one_cannot_be(site: Path) -> None:
    path = "content/tools/next-step.yaml"
    edit(
        site,
        path,
        "when: {pattern: [sit]}, outcome: WALK}",
        "when: {pattern: [sit, unsure]}, outcome: WALK}",
    )
    assert {p.rule for p in build(site).problems if p.severity == "error"} == {"tool-outcomes"}
    assert run_cli("tools", "--accept", "--root", str(site)).returncode == 0
    assert [p for p in build(site).problems if p.severity == "error"] == []

    edit(
        site, "content/tools/safety.yaml", "all: [[who.kid]], outcome", "all: [[who.u18]], outcome"
    )
    accepted = (site / "content/tools/next-step.outcomes.yaml").read_text()
    done = run_cli("tools", "--accept", "--root", str(site))
    assert done.returncode == 1
    assert "tool-safety" in done.stderr
    assert (site / "content/tools/next-step.outcomes.yaml").read_text() == accepted
