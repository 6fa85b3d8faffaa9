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
from sitebuilder.markdown.block_tree import BlockTreeBuilder
from sitebuilder.markdown.blocks import BLOCK_SPECS, NO_FILLS, BlockFence, Fills, mark_fences
from sitebuilder.markdown.glossary import annotate_terms
from sitebuilder.markdown.lint_output import report_leftovers
from sitebuilder.markdown.parser import FastMarkdown, make_parser
from sitebuilder.markdown.sanitizer import sanitize
from sitebuilder.markdown.shortcodes import expand_shortcodes
from sitebuilder.markdown.source_map import SourceMap, remove_hidden_characters
from sitebuilder.markdown.tree import DocumentOutline, NumberedListProcessor, PageTreeprocessor

_EMPTY_BODY: Final = ConvertedBody((), "", (), frozenset(), ())
_NO_EVIDENCE: Final = Evidence()
_MAX_EXPANDED_LENGTH: Final = 2_000_000
"""Characters of a body with its facts put in: four times what a file may have."""

_ID_ATTRIBUTE: Final = re.compile(r' id="([^"]+)"')

_UNANNOTATED_BLOCKS: Final = frozenset({"emergency", "glossary"})
"""Blocks whose words are not explained: one is read in a hurry, the other explains them all."""


def convert_page(
    page: Page, evidence: Evidence = _NO_EVIDENCE, fills: Fills = NO_FILLS
) -> tuple[ConvertedBody, list[Problem]]:
    """The page's body as safe HTML and blocks, and what is wrong with it.

    `knowledge` and `fills` are what the page draws on: facts and sources, and what data puts into
    its blocks.
    """
    filled = expand_shortcodes(page.body, evidence, with_citations=not page.for_print)
    if len(filled) > _MAX_EXPANDED_LENGTH:
        hint = "Use fewer facts on one page."
        message = "too much text comes from data into this page"
        found = problem("too-complex", page.path, message, hint=hint, line=page.body_line)
        return _EMPTY_BODY, [found]
    marked, fences, problems = mark_fences(filled, page.path, page.body_line, fills)
    scan = SourceMap(page, evidence.sources)
    problems += scan.check()
    engine = _get_parser()
    taken = {"main", "on-this-page", "guide", *(f"t-{name}" for name in evidence.terms)}
    shape = DocumentOutline(fences, taken | ({"sources"} if "[^" in filled else set()))
    engine.treeprocessors["shape"].outline = shape
    engine.reset()
    try:
        html = engine.convert(marked)
    except RecursionError:
        hint = "Take out some levels of lists or quotes."
        found = problem("block", page.path, "nested too deep", hint=hint, line=page.body_line)
        return _EMPTY_BODY, [*problems, found]
    cleaned = sanitize(remove_hidden_characters(html))
    main, _, notes = cleaned.partition('<div class="footnote">')
    closed = frozenset(at for at, fence in enumerate(fences) if fence.name in _UNANNOTATED_BLOCKS)
    main = annotate_terms(main, evidence.terms, closed)
    fold = BlockTreeBuilder(fences, shape, page.path)
    parts = fold.build(main)
    problems += fold.problems
    problems += report_leftovers(shape.leftovers, scan.lines, page)
    references = (
        *scan.find_references(cleaned, shape.refused_targets),
        *_figure_references(fences),
    )
    sources = notes.strip().removeprefix("<hr>").removesuffix("</div>").strip()
    anchors = frozenset(_ID_ATTRIBUTE.findall(cleaned)) | {
        f.id for f in shape.block_headings.values()
    }
    if sources:
        anchors |= {"sources"}
    return ConvertedBody(
        tuple(parts), sources, tuple(shape.headings), anchors, references
    ), problems


def _figure_references(fences: Iterable[BlockFence]) -> Iterator[Reference]:
    """The pictures that figures name."""
    for fence in fences:
        if fence.name in BLOCK_SPECS and BLOCK_SPECS[fence.name].title_lists_files:
            for name in fence.title.split():
                yield Reference(name, fence.line, 1, picture=True, figure=True)


@cache
def _get_parser() -> Any:
    """One parser for the whole process: making one costs as much as a page."""
    engine = make_parser(FastMarkdown)
    engine.parser.blockprocessors.register(NumberedListProcessor(engine.parser), "olist", 40)
    engine.finish_setup()  # again, as one of its processors is new
    engine.treeprocessors.register(PageTreeprocessor(engine), "shape", 5)  # after inline and notes
    return engine
