"""The link check asks only what a page cannot know alone, and tells the same as if it asked all."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from sitebuilder.checks.links import LinkChecker
from sitebuilder.core.model import Page, Reference, SiteIndex
from sitebuilder.core.problems import Problem
from sitebuilder.render.links import resolve_links

PAGE = Page(id="a/b", path="content/a/b.md", address="/a/b/", title="T", body="", body_line=1)
PATHS = ["content/a/b.md", "content/a/c.md", "content/d.md", "content/a/index.md"]
ASSETS = {"content/a/p.png": "/a/p.1.png", "static/q.pdf": "/q.2.pdf", "figures/f.svg": "/f.svg"}
HEADINGS = {path: frozenset({"one", "two"}) for path in PATHS}
TARGETS = """
    c.md ../d.md ./b.md index.md /a/c/ /a/c /d/ /q.pdf p.png ../q.pdf f.svg none.md /none/ c
    https://x.org mailto:a@x.org javascript:x //x.org ?q c.md?q %63.md .. ../../x
""".split()
PARTS = ["", "", "#one", "#none", "#", "#o%6Ee"]


@st.composite
def outlines(draw: st.DrawFn) -> SiteIndex:
    """A part of the same few pages and files: some are drafts, some are not there."""
    kinds = {path: draw(st.sampled_from(["page", "draft", "none"])) for path in PATHS[1:]}
    at = {path: "/" + path[8:-3].removesuffix("index").strip("/") + "/" for path in PATHS}
    pages = [path for path in PATHS if kinds.get(path, "page") == "page"]
    drafts = {path: at[path] for path, kind in kinds.items() if kind == "draft"}
    assets = {name: to for name, to in ASSETS.items() if draw(st.booleans())}
    return SiteIndex({p: at[p] for p in pages}, {at[p]: p for p in pages}, drafts, assets)


references = st.lists(
    st.builds(
        lambda target, part, line, picture, figure: Reference(
            target + part, line, 1, picture or figure, figure
        ),
        st.sampled_from(TARGETS),
        st.sampled_from(PARTS),
        st.integers(1, 5),
        st.booleans(),
        st.booleans(),
    ),
    max_size=6,
)


def checked(outline: SiteIndex, asked: Sequence[Reference]) -> tuple[list[Problem], set[str]]:
    """What is told of these references, and which pages they aim into the middle of."""
    links = LinkChecker(outline, lambda path: HEADINGS.get(path) if path in outline.paths else None)
    return list(links.check(PAGE, asked)), links.link_targets


@given(outlines(), references)
def test_the_unsettled_say_all_that_all_would(outline: SiteIndex, asked: list[Reference]) -> None:
    _, _, unsettled = resolve_links(PAGE, asked, outline, "/")
    assert checked(outline, unsettled) == checked(outline, asked)


@given(outlines(), outlines(), references)
def test_a_page_that_is_kept_has_the_same_unsettled(
    before: SiteIndex, now: SiteIndex, asked: list[Reference]
) -> None:
    """A page is kept if its links lead where they led: then these may be kept with it."""
    led, _, unsettled = resolve_links(PAGE, asked, before, "/")
    leads, _, wanted = resolve_links(PAGE, asked, now, "/")
    assert led != leads or unsettled == wanted
