"""Markdown in, HTML out: Python-Markdown with the extensions of our dialect, and shortcuts.

`engine_of(Markdown)` is the parser as it comes. `engine_of(Quick)` gives the same bytes in less
than half of the time: see `quick`, and docs/decisions/027.
"""

from __future__ import annotations

import re
from typing import Any, Final, Self
from xml.etree.ElementTree import Element, SubElement

from markdown import Extension, Markdown
from markdown.blockparser import BlockParser
from markdown.blockprocessors import HRProcessor
from markdown.extensions.abbr import AbbrExtension
from markdown.extensions.def_list import DefListExtension, DefListProcessor
from markdown.extensions.footnotes import FootnoteExtension
from markdown.extensions.sane_lists import SaneListExtension
from markdown.extensions.tables import TableExtension, TableProcessor
from markdown.preprocessors import Preprocessor
from markdown.util import ETX, STX

from sitebuilder.markdown.fast_path import (
    FastDelimiterProcessor,
    FastInlineProcessor,
    FastPrettifyTreeprocessor,
    serialize,
)

BLOCK_TRIGGERS: Final = {
    "empty": "",
    "indent": "    ",
    "defindent": "    ",
    "code": "    ",
    "table": "|",
    "hashheader": "#",
    "setextheader": "\n",
    "hr": "",
    "olist": ".",
    "ulist": "",
    "quote": ">",
    "deflist": ":",
    "footnote": "[^",
    "abbr": "*[",
    "reference": "]:",
    "paragraph": "",
}
"""What a block must hold for a block processor to take it, by the processor's name."""

_INNER_HR_LINE: Final = re.compile(r"\n {0,3}[-_*]")
_INNER_DEFINITION_LINE: Final = re.compile(r"\n {0,3}:")
_PARAGRAPH_START: Final = re.compile(r"[^\W\d_]|[!\"'(\[]|\*\*?[^\W_]")
"""How a paragraph begins: a list, a quotation, a line across, a meaning do not begin so."""

_NON_LETTER_LINE: Final = re.compile(r"\n(?![A-Za-z])")
_UNNORMALIZED_WHITESPACE: Final = (STX, ETX, "\r", "\t", "\n ")
_SIMPLE_HEADING: Final = re.compile(r"(#{1,6})([^#\\\n]*)")


class FastBlockParser(BlockParser):
    """Asks a block processor only about a block that holds what the processor needs."""

    triggered_processors: list[tuple[str, Any]]
    paragraph_processor: Any

    def parseBlocks(self, parent: Element, blocks: list[str]) -> None:  # noqa: N802
        while blocks:
            block = blocks[0]
            if _PARAGRAPH_START.match(block):
                alone = "\n" not in block or not ("|" in block or _NON_LETTER_LINE.search(block))
                if alone and not (block[0] == "[" and "]:" in block):
                    self.parse_paragraph(parent, blocks)
                    continue
            elif block[:1] == "#":
                found = _SIMPLE_HEADING.fullmatch(block)
                if found:
                    SubElement(parent, f"h{found.end(1)}").text = found[2].strip()
                    del blocks[0]
                    continue
            for need, processor in self.triggered_processors:
                if need in block and processor.test(parent, block):
                    if processor.run(parent, blocks) is not False:
                        break
                    block = blocks[0]

    def parse_paragraph(self, parent: Element, blocks: list[str]) -> None:
        """A paragraph, or the words of an item that has none yet, which begin with a sign."""
        if not self.state or self.state[-1] != "list":
            SubElement(parent, "p").text = blocks.pop(0)
        elif len(parent) or parent.text:
            self.paragraph_processor.run(parent, blocks)
        else:
            parent.text = blocks.pop(0)


class FastDefListProcessor(DefListProcessor):
    """Searches all of a block for a meaning only if one of its lines starts like one."""

    def test(self, parent: Element, block: str) -> bool:
        starts = block.lstrip(" ")[:1] == ":" or bool(_INNER_DEFINITION_LINE.search(block))
        return starts and super().test(parent, block)


class FastHRProcessor(HRProcessor):
    """Searches all of a block for a line across only if one of its lines starts like one."""

    def test(self, parent: Element, block: str) -> bool:
        starts = block.lstrip(" ")[:1] in {"-", "_", "*"}
        return (starts or bool(_INNER_HR_LINE.search(block))) and super().test(parent, block)


class LazyFencedCodePreprocessor(Preprocessor):
    """Loads Markdown's own when a page has a fence: it brings in a highlighter we do not use."""

    def run(self, lines: list[str]) -> list[str]:
        from markdown.extensions.fenced_code import (  # noqa: PLC0415 - as above
            FencedBlockPreprocessor,
            FencedCodeExtension,
        )

        return FencedBlockPreprocessor(self.md, FencedCodeExtension().getConfigs()).run(lines)


class _FastTableProcessor(TableProcessor):
    """Splits a row without code and escaped signs at each `|`."""

    def _split(self, row: str) -> Any:
        if "`" in row or "\\" in row:
            return super()._split(row)  # type: ignore[misc]  # Markdown's own, private to it
        return row.split("|")


class FastTableExtension(TableExtension):
    """Tables whose rows are split the short way where there is one."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - Markdown's own name
        super().extendMarkdown(md)
        rows = _FastTableProcessor(md.parser, self.getConfigs())
        md.parser.blockprocessors.register(rows, "table", 75)


class FastFootnoteExtension(FootnoteExtension):
    """Looks for the place that a page gives its notes only if the page gives one."""

    def findFootnotesPlaceholder(self, root: Element) -> Any:  # noqa: N802
        source = getattr(self.md, "source", "")
        marker = self.getConfig("PLACE_MARKER")
        return super().findFootnotesPlaceholder(root) if marker in source else None


class FastMarkdown(Markdown):
    """Python-Markdown with the shortcuts. What it gives is the same to the byte."""

    source = ""
    parser: FastBlockParser

    def build_parser(self) -> Self:
        super().build_parser()
        stock, self.parser = self.parser, FastBlockParser(self)
        self.parser.blockprocessors = stock.blockprocessors
        self.parser.blockprocessors.register(FastHRProcessor(self.parser), "hr", 50)
        for processor in stock.blockprocessors:
            processor.parser = self.parser
        delimiters = FastDelimiterProcessor("*", "strong,em", self)
        delimiters.add("_", "strong,em", smart=True)
        self.preprocessors.register(LazyFencedCodePreprocessor(self), "fenced_code_block", 25)
        self.inlinePatterns.register(delimiters, "em_strong", 60)
        self.treeprocessors.register(FastInlineProcessor(self), "inline", 20)
        self.treeprocessors.register(FastPrettifyTreeprocessor(self), "prettify", 10)
        self.treeprocessors.deregister("unescape")  # `html_of` does it on its way
        return self

    def finish_setup(self) -> None:
        """To be called when all extensions are in."""
        self.serializer = serialize
        processors = self.parser.blockprocessors
        processors.register(FastDefListProcessor(self.parser), "deflist", 25)
        names = {processors.get_index_for_name(name): name for name in BLOCK_TRIGGERS}
        self.parser.paragraph_processor = processors["paragraph"]
        self.parser.triggered_processors = [
            (BLOCK_TRIGGERS[names[at]], processors[at]) for at in sorted(names)
        ]

    def convert(self, source: str) -> str:
        if not source.strip():
            return ""
        self.parser.state.clear()  # a page nested too deep leaves it as it was when it gave up
        self.source = self.preprocess(source)
        root = Element(self.doc_tag)
        self.parser.parseChunk(root, self.source)
        for treeprocessor in self.treeprocessors:
            changed = treeprocessor.run(root)
            root = root if changed is None else changed
        html = self.serializer(root)
        html = html[len("<div>") : html.rindex("</div>")].strip()
        for postprocessor in self.postprocessors:
            html = postprocessor.run(html)
        return html.strip()

    def preprocess(self, source: str) -> str:
        """The source as the preprocessors leave it; those asked that could change it."""
        if any(sign in source for sign in _UNNORMALIZED_WHITESPACE):
            source = "\n".join(self.preprocessors["normalize_whitespace"].run([source]))
        else:
            source += "\n\n"
        if "```" in source or "~~~" in source:
            lines = self.preprocessors["fenced_code_block"].run(source.split("\n"))
            source = "\n".join(lines)
        if "<" in source or "&" in source:
            source = "\n".join(self.preprocessors["html_block"].run(source.split("\n")))
        return source


def _make_fenced_code_extension() -> Extension:
    from markdown.extensions.fenced_code import FencedCodeExtension  # noqa: PLC0415 - see above

    return FencedCodeExtension()


def make_parser(parser_class: type[Markdown]) -> Any:
    """A parser of our dialect."""
    quick = parser_class is FastMarkdown
    footnotes = FastFootnoteExtension if quick else FootnoteExtension
    tables = FastTableExtension if quick else TableExtension
    engine = parser_class(
        extensions=[
            *([] if quick else [_make_fenced_code_extension()]),
            tables(),  # by their classes: looking names up takes 50 ms
            DefListExtension(),
            AbbrExtension(),
            SaneListExtension(),
            footnotes(BACKLINK_TEXT="Back", BACKLINK_TITLE="Back to the text at source {}"),
        ],
        output_format="html",
    )
    if isinstance(engine, FastMarkdown):
        engine.finish_setup()
    return engine
