"""Set up Python-Markdown with the extensions of our dialect, and with faster block parsing.

`make_parser(Markdown)` returns the stock parser. `make_parser(FastMarkdown)` returns one that
produces the same bytes in less than half of the time; see `fast_path` and docs/decisions/027.
"""

from __future__ import annotations

import re
import string
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
from sitebuilder.markdown.references import ReferenceExtension

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
"""What a block must contain for a block processor to accept it, by the processor's name."""

_INNER_HR_LINE: Final = re.compile(r"\n {0,3}[-_*]")
_INNER_DEFINITION_LINE: Final = re.compile(r"\n {0,3}:")
_PARAGRAPH_START: Final = re.compile(r"[^\W\d_]|[!\"'(\[]|\*\*?[^\W_]")
"""Start of a paragraph that cannot start a list, quote, horizontal rule or definition."""

_NON_LETTER_LINE: Final = re.compile(r"\n(?![A-Za-z])")
_UNNORMALIZED_WHITESPACE: Final = (STX, ETX, "\r", "\t", "\n ")
_SIMPLE_HEADING: Final = re.compile(r"(#{1,6})([^#\\\n]*)")


class FastBlockParser(BlockParser):
    """Tries a block processor only on blocks that contain its trigger."""

    triggered_processors: list[tuple[str, Any]]
    paragraph_processor: Any

    def parseBlocks(self, parent: Element, blocks: list[str]) -> None:  # noqa: N802
        while blocks:
            block = blocks[0]
            if _PARAGRAPH_START.match(block):
                is_plain = "\n" not in block or not ("|" in block or _NON_LETTER_LINE.search(block))
                if is_plain and not (block[0] == "[" and "]:" in block):
                    self.parse_paragraph(parent, blocks)
                    continue
            elif block[:1] == "#":
                heading = _SIMPLE_HEADING.fullmatch(block)
                if heading:
                    SubElement(parent, f"h{heading.end(1)}").text = heading[2].strip()
                    del blocks[0]
                    continue
            for trigger, processor in self.triggered_processors:
                if trigger in block and processor.test(parent, block):
                    if processor.run(parent, blocks) is not False:
                        break
                    block = blocks[0]

    def parse_paragraph(self, parent: Element, blocks: list[str]) -> None:
        """Add a paragraph, or the text of a list item that has none yet."""
        if not self.state or self.state[-1] != "list":
            SubElement(parent, "p").text = blocks.pop(0)
        elif len(parent) or parent.text:
            self.paragraph_processor.run(parent, blocks)
        else:
            parent.text = blocks.pop(0)


class FastDefListProcessor(DefListProcessor):
    """Searches a block for definitions only if one of its lines starts like one."""

    def test(self, parent: Element, block: str) -> bool:
        may_match = block.lstrip(" ")[:1] == ":" or bool(_INNER_DEFINITION_LINE.search(block))
        return may_match and super().test(parent, block)


class FastHRProcessor(HRProcessor):
    """Searches a block for horizontal rules only if one of its lines starts like one."""

    def test(self, parent: Element, block: str) -> bool:
        may_match = block.lstrip(" ")[:1] in {"-", "_", "*"}
        return (may_match or bool(_INNER_HR_LINE.search(block))) and super().test(parent, block)


class LazyFencedCodePreprocessor(Preprocessor):
    """Runs Markdown's own, imported on first use, as it imports a highlighter we do not need."""

    def run(self, lines: list[str]) -> list[str]:
        from markdown.extensions.fenced_code import (  # noqa: PLC0415 - as above
            FencedBlockPreprocessor,
            FencedCodeExtension,
        )

        return FencedBlockPreprocessor(self.md, FencedCodeExtension().getConfigs()).run(lines)


class _FastTableProcessor(TableProcessor):
    """Splits rows without code or escapes at each `|`."""

    def _split(self, row: str) -> Any:
        if "`" in row or "\\" in row:
            return super()._split(row)  # type: ignore[misc]  # missing from the type stubs
        return row.split("|")


class FastTableExtension(TableExtension):
    """The tables extension with faster splitting of rows."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - Markdown's own name
        super().extendMarkdown(md)
        processor = _FastTableProcessor(md.parser, self.getConfigs())
        md.parser.blockprocessors.register(processor, "table", 75)


class FastFootnoteExtension(FootnoteExtension):
    """Searches the tree for the footnotes placeholder only if the source contains it."""

    def findFootnotesPlaceholder(self, root: Element) -> Any:  # noqa: N802
        source = getattr(self.md, "source", "")
        marker = self.getConfig("PLACE_MARKER")
        return super().findFootnotesPlaceholder(root) if marker in source else None


class FastMarkdown(Markdown):
    """Python-Markdown with faster parts, and byte for byte the same output."""

    source = ""
    parser: FastBlockParser

    def build_parser(self) -> Self:
        super().build_parser()
        stock_parser, self.parser = self.parser, FastBlockParser(self)
        self.parser.blockprocessors = stock_parser.blockprocessors
        self.parser.blockprocessors.register(FastHRProcessor(self.parser), "hr", 50)
        for processor in stock_parser.blockprocessors:
            processor.parser = self.parser
        delimiters = FastDelimiterProcessor("*", "strong,em", self)
        delimiters.add("_", "strong,em", smart=True)
        self.preprocessors.register(LazyFencedCodePreprocessor(self), "fenced_code_block", 25)
        self.inlinePatterns.register(delimiters, "em_strong", 60)
        self.treeprocessors.register(FastInlineProcessor(self), "inline", 20)
        self.treeprocessors.register(FastPrettifyTreeprocessor(self), "prettify", 10)
        self.treeprocessors.deregister("unescape")  # `serialize` does this
        return self

    def finish_setup(self) -> None:
        """Prepare for parsing. Call this after every change to the block processors."""
        self.serializer = serialize
        processors = self.parser.blockprocessors
        processors.register(FastDefListProcessor(self.parser), "deflist", 25)
        names = {processors.get_index_for_name(name): name for name in BLOCK_TRIGGERS}
        self.parser.paragraph_processor = processors["paragraph"]
        self.parser.triggered_processors = [
            (BLOCK_TRIGGERS[names[index]], processors[index]) for index in sorted(names)
        ]

    def convert(self, source: str) -> str:
        if not source.strip():
            return ""
        self.parser.state.clear()  # a RecursionError leaves it as it was at that moment
        self.source = self.preprocess(source)
        root = Element(self.doc_tag)
        self.parser.parseChunk(root, self.source)
        for treeprocessor in self.treeprocessors:
            new_root = treeprocessor.run(root)
            root = root if new_root is None else new_root
        html = self.serializer(root)
        html = html[len("<div>") : html.rindex("</div>")].strip()
        for postprocessor in self.postprocessors:
            html = postprocessor.run(html)
        return html.strip()

    def preprocess(self, source: str) -> str:
        """Run the preprocessors that can change this source."""
        if any(text in source for text in _UNNORMALIZED_WHITESPACE):
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
    from markdown.extensions.fenced_code import FencedCodeExtension  # noqa: PLC0415 - as above

    return FencedCodeExtension()


def make_parser(parser_class: type[Markdown]) -> Any:
    """Make a parser of our dialect.

    Args:
        parser_class: `Markdown` or `FastMarkdown`.
    """
    fast = parser_class is FastMarkdown
    footnotes = FastFootnoteExtension if fast else FootnoteExtension
    tables = FastTableExtension if fast else TableExtension
    parser = parser_class(
        extensions=[
            *([] if fast else [_make_fenced_code_extension()]),
            tables(),  # classes, since resolving extension names takes 50 ms
            DefListExtension(),
            AbbrExtension(),
            SaneListExtension(),
            ReferenceExtension(),
            footnotes(BACKLINK_TEXT="Back", BACKLINK_TITLE="Back to the text at source {}"),
        ],
        output_format="html",
    )
    parser.ESCAPED_CHARS = list(string.punctuation)  # all that CommonMark knows (section 2.4)
    if isinstance(parser, FastMarkdown):
        parser.finish_setup()
    return parser
