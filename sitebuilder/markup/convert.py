"""A page's Markdown body in, safe parts out. The only door to markdown and nh3.

Markdown runs once over the whole body, with blocks as marks in it (`blocks.py`); what comes out is
sanitised once, and only then cut at the marks. So no part of a page can escape the sanitiser.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, Final

import nh3
from markdown import Markdown
from markdown.extensions.footnotes import FootnoteExtension

from sitebuilder.knowledge import Knowledge
from sitebuilder.markup.blocks import KINDS, NO_FILLS, Fence, Fills, mark
from sitebuilder.markup.explain import explain
from sitebuilder.markup.fill import fill
from sitebuilder.markup.fold import Fold
from sitebuilder.markup.scan import Scan, without_hidden
from sitebuilder.markup.shape import SCHEMES, Shape, ShapeProcessor
from sitebuilder.model import Body, Page, Reference
from sitebuilder.problems import Problem, problem

_TAGS: Final = set(
    "p h2 h3 h4 h5 h6 ul ol li dl dt dd a img strong em b i code pre kbd blockquote table caption "
    "thead tbody tr th td br hr sup sub del s div abbr span".split()
)
_ATTRIBUTES: Final = {
    "a": {"href", "title", "aria-label"},
    "img": {"src", "alt", "width", "height"},
    "th": {"scope"},
    "ol": {"start"},
    "abbr": {"title"},
    **{tag: {"id"} for tag in ("h2", "h3", "h4", "h5", "h6", "li", "sup")},
}
_CLASSES: Final = {  # our own; others could dress a paragraph up as a care card
    "a": {"footnote-ref", "footnote-backref"},
    "div": {"footnote"},
    "th": {"right", "center", "way"},
    "li": {"way"},
    "td": {"right", "center"},
    "span": {"column"},
}
_NOTHING: Final = Body((), "", (), frozenset(), ())
_NO_KNOWLEDGE: Final = Knowledge()
_UNEXPLAINED: Final = frozenset({"emergency", "glossary"})
"""Blocks whose words are not explained: one is read in a hurry, the other explains them all."""


def convert(
    page: Page, knowledge: Knowledge = _NO_KNOWLEDGE, fills: Fills = NO_FILLS
) -> tuple[Body, list[Problem]]:
    """The page's body as safe HTML and blocks, and what is wrong with it.

    `knowledge` and `fills` are what the page draws on: facts and sources, and what data puts into
    its blocks.
    """
    filled = fill(page.body, knowledge, marks=not page.paper)
    marked, fences, problems = mark(filled, page.path, page.body_line, fills)
    scan = Scan(page, knowledge.sources)
    problems += scan.problems()
    if scan.refusal:
        return _NOTHING, problems
    engine = _engine()
    taken = {"main", "on-this-page", "guide", *(f"t-{name}" for name in knowledge.terms)}
    shape = Shape(fences, taken | ({"sources"} if "[^" in filled else set()))
    engine.treeprocessors["shape"].shape = shape
    engine.reset()
    try:
        html = engine.convert(marked)
    except RecursionError:
        hint = "Take out some levels of lists or quotes."
        found = problem("block", page.path, "nested too deep", hint=hint, line=page.body_line)
        return _NOTHING, [*problems, found]
    clean = nh3.clean(
        without_hidden(html),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        allowed_classes=_CLASSES,
        url_schemes=set(SCHEMES),
        link_rel=None,
    )
    main, _, notes = clean.partition('<div class="footnote">')
    closed = frozenset(at for at, fence in enumerate(fences) if fence.name in _UNEXPLAINED)
    main = explain(main, knowledge.terms, closed)
    fold = Fold(fences, shape, page.path)
    parts = fold.parts(main)
    problems += fold.problems
    references = (*scan.references(clean, shape.refused), *_pictures(fences))
    sources = re.sub(r"^\s*<hr>\s*|\s*</div>\s*$", "", notes)
    anchors = frozenset(re.findall(r' id="([^"]+)"', clean)) | {f.id for f in shape.blocks.values()}
    if sources:
        anchors |= {"sources"}
    return Body(tuple(parts), sources, tuple(shape.headings), anchors, references), problems


def _pictures(fences: Iterable[Fence]) -> Iterator[Reference]:
    """The pictures that figures name."""
    for fence in fences:
        if fence.name in KINDS and KINDS[fence.name].files:
            for name in fence.title.split():
                yield Reference(name, fence.line, 1, picture=True, figure=True)


@cache
def _engine() -> Any:
    """One parser for the whole process: making one costs as much as a page."""
    engine = Markdown(
        extensions=[
            "tables",
            "fenced_code",
            "def_list",
            "abbr",
            "sane_lists",
            FootnoteExtension(BACKLINK_TEXT="Back", BACKLINK_TITLE="Back to the text at source {}"),
        ],
        output_format="html",
    )
    engine.treeprocessors.register(ShapeProcessor(engine), "shape", 5)  # after inline and notes
    return engine
