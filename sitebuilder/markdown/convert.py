"""Convert a page's Markdown body to safe HTML and blocks.

Markdown runs once over the whole body, in which markers stand for the blocks (see `blocks`). Its
output is sanitized once, and only then split at the markers, so no part of a page can bypass the
sanitizer.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from html import unescape
from typing import Any, Final

from sitebuilder.core.evidence import Evidence
from sitebuilder.core.model import ConvertedBody, Page, Reference
from sitebuilder.core.problems import Problem, problem
from sitebuilder.markdown.block_specs import BLOCK_SPECS
from sitebuilder.markdown.block_tree import BlockTreeBuilder
from sitebuilder.markdown.blocks import NO_FILLS, BlockFence, Fills, mark_fences
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
"""Characters of a body with its facts expanded: four times what a file may have."""

_RESERVED_IDS: Final = ("main", "on-this-page", "guide")
"""Ids that the templates use."""

_ID_ATTRIBUTE: Final = re.compile(r' id="([^"]+)"')

_UNANNOTATED_BLOCKS: Final = frozenset({"emergency", "glossary"})
"""Blocks without explained terms: one is read in a hurry, the other explains them all."""


def convert_page(
    page: Page, evidence: Evidence = _NO_EVIDENCE, fills: Fills = NO_FILLS
) -> tuple[ConvertedBody, list[Problem]]:
    """Convert a page's body and lint it.

    Args:
        page: The page, with its body.
        evidence: Facts, sources and terms that the page uses.
        fills: Content from data for the page's blocks.

    Returns:
        The converted body, empty if it cannot be converted, and the problems.
    """
    expanded = expand_shortcodes(page.body, evidence, with_citations=not page.for_print)
    if len(expanded) > _MAX_EXPANDED_LENGTH:
        hint = "Use fewer facts on one page."
        message = "too much text comes from data into this page"
        error = problem("too-complex", page.path, message, hint=hint, line=page.body_line)
        return _EMPTY_BODY, [error]
    marked, fences, problems = mark_fences(expanded, page.path, page.body_line, fills)
    source_map = SourceMap(page, evidence.sources)
    problems += source_map.check()
    outline = DocumentOutline(fences, _reserved_ids(expanded, evidence))
    try:
        html = _run_markdown(marked, outline)
    except RecursionError:
        hint = "Take out some levels of lists or quotes."
        error = problem("block", page.path, "nested too deep", hint=hint, line=page.body_line)
        return _EMPTY_BODY, [*problems, error]
    unsafe_html = remove_hidden_characters(html)
    html = sanitize(unsafe_html)
    dropped = [*outline.refused_targets, *_dropped_targets(unsafe_html, html)]
    main, _, footnotes = html.partition('<div class="footnote">')
    sources = footnotes.strip().removeprefix("<hr>").removesuffix("</div>").strip()
    unannotated = frozenset(
        index for index, fence in enumerate(fences) if fence.name in _UNANNOTATED_BLOCKS
    )
    builder = BlockTreeBuilder(fences, outline, page.path)
    parts = builder.build(annotate_terms(main, evidence.terms, unannotated))
    problems += builder.problems
    problems += report_leftovers(outline.leftovers, source_map.lines, page)
    references = (
        *source_map.find_references(html, dropped),
        *_figure_references(fences),
    )
    anchors = frozenset(_ID_ATTRIBUTE.findall(html)) | {
        *(heading.id for heading in outline.block_headings.values()),
        *(["sources"] if sources else []),
    }
    body = ConvertedBody(tuple(parts), sources, tuple(outline.headings), anchors, references)
    return body, problems


def _reserved_ids(body: str, evidence: Evidence) -> set[str]:
    """Return the ids that headings must not get, since the templates or the glossary use them."""
    sources = {"sources"} if "[^" in body else set()
    return {*_RESERVED_IDS, *(f"t-{name}" for name in evidence.terms), *sources}


def _run_markdown(marked: str, outline: DocumentOutline) -> str:
    """Convert a body with markers; fill the outline on the way."""
    parser = _get_parser()
    parser.treeprocessors["outline"].outline = outline
    parser.reset()
    html: str = parser.convert(marked)
    return html


def _dropped_targets(unsafe_html: str, html: str) -> Iterator[tuple[str, bool]]:
    """Yield each target that the sanitizer has taken out; True if it is that of a picture."""
    for attribute in ("href", "src"):
        mark = f' {attribute}="'
        if unsafe_html.count(mark) == html.count(mark):
            continue
        find_targets = re.compile(f'{mark}([^"]*)"').findall
        left = Counter(find_targets(html))
        for target in find_targets(unsafe_html):
            if left[target]:
                left[target] -= 1
            elif not target.startswith(("#fn:", "#fnref")):
                yield unescape(target), attribute == "src"


def _figure_references(fences: Iterable[BlockFence]) -> Iterator[Reference]:
    """Yield a reference to each picture that a figure block names."""
    for fence in fences:
        if fence.name in BLOCK_SPECS and BLOCK_SPECS[fence.name].title_lists_files:
            for name in fence.title.split():
                yield Reference(name, fence.line, 1, picture=True, figure=True)


@cache
def _get_parser() -> Any:
    """Return the parser of this process: making one takes as long as converting a page."""
    parser = make_parser(FastMarkdown)
    parser.parser.blockprocessors.register(NumberedListProcessor(parser.parser), "olist", 40)
    parser.finish_setup()  # a second time, since a block processor has been replaced
    # Priority 5: after inline patterns (20), footnotes (15) and abbreviations (7).
    parser.treeprocessors.register(PageTreeprocessor(parser), "outline", 5)
    return parser
