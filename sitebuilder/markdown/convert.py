"""A page's Markdown body in, safe parts out.

Markdown runs once over the whole body, with blocks as marks in it (`blocks.py`); what comes out is
sanitised once, and only then cut at the marks. So no part of a page can escape the sanitiser.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, Final

from sitebuilder.core.evidence import Evidence
from sitebuilder.core.model import ConvertedBody, Page, Reference
from sitebuilder.core.problems import Problem, problem
from sitebuilder.markdown.block_tree import Fold
from sitebuilder.markdown.blocks import KINDS, NO_FILLS, Fence, Fills, mark
from sitebuilder.markdown.glossary import explain
from sitebuilder.markdown.lint_output import told
from sitebuilder.markdown.parser import Quick, engine_of
from sitebuilder.markdown.sanitizer import clean
from sitebuilder.markdown.shortcodes import fill
from sitebuilder.markdown.source_map import Scan, without_hidden
from sitebuilder.markdown.tree import Numbered, Shape, ShapeProcessor

_NOTHING: Final = ConvertedBody((), "", (), frozenset(), ())
_NO_KNOWLEDGE: Final = Evidence()
_LONGEST: Final = 2_000_000
"""Characters of a body with its facts put in: four times what a file may have."""

_ID: Final = re.compile(r' id="([^"]+)"')

_UNEXPLAINED: Final = frozenset({"emergency", "glossary"})
"""Blocks whose words are not explained: one is read in a hurry, the other explains them all."""


def convert(
    page: Page, knowledge: Evidence = _NO_KNOWLEDGE, fills: Fills = NO_FILLS
) -> tuple[ConvertedBody, list[Problem]]:
    """The page's body as safe HTML and blocks, and what is wrong with it.

    `knowledge` and `fills` are what the page draws on: facts and sources, and what data puts into
    its blocks.
    """
    filled = fill(page.body, knowledge, marks=not page.for_print)
    if len(filled) > _LONGEST:
        hint = "Use fewer facts on one page."
        message = "too much text comes from data into this page"
        found = problem("too-complex", page.path, message, hint=hint, line=page.body_line)
        return _NOTHING, [found]
    marked, fences, problems = mark(filled, page.path, page.body_line, fills)
    scan = Scan(page, knowledge.sources)
    problems += scan.problems()
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
    cleaned = clean(without_hidden(html))
    main, _, notes = cleaned.partition('<div class="footnote">')
    closed = frozenset(at for at, fence in enumerate(fences) if fence.name in _UNEXPLAINED)
    main = explain(main, knowledge.terms, closed)
    fold = Fold(fences, shape, page.path)
    parts = fold.parts(main)
    problems += fold.problems
    problems += told(shape.strays, scan.lines, page)
    references = (*scan.references(cleaned, shape.refused), *_pictures(fences))
    sources = notes.strip().removeprefix("<hr>").removesuffix("</div>").strip()
    anchors = frozenset(_ID.findall(cleaned)) | {f.id for f in shape.blocks.values()}
    if sources:
        anchors |= {"sources"}
    return ConvertedBody(
        tuple(parts), sources, tuple(shape.headings), anchors, references
    ), problems


def _pictures(fences: Iterable[Fence]) -> Iterator[Reference]:
    """The pictures that figures name."""
    for fence in fences:
        if fence.name in KINDS and KINDS[fence.name].files:
            for name in fence.title.split():
                yield Reference(name, fence.line, 1, picture=True, figure=True)


@cache
def _engine() -> Any:
    """One parser for the whole process: making one costs as much as a page."""
    engine = engine_of(Quick)
    engine.parser.blockprocessors.register(Numbered(engine.parser), "olist", 40)
    engine.get_ready()  # again, as one of its processors is new
    engine.treeprocessors.register(ShapeProcessor(engine), "shape", 5)  # after inline and notes
    return engine
