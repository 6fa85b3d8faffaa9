"""Extract the text of a page as passages with their positions in the file.

Python-Markdown keeps no positions, so this parses the source itself. It serves the checks of claims
and of plain language; what readers see comes from `convert`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Final

from sitebuilder.core.evidence import Evidence
from sitebuilder.core.passage import Passage, TextRun
from sitebuilder.markdown.block_specs import BLOCK_SPECS
from sitebuilder.markdown.blocks import NO_FILLS, Fills
from sitebuilder.markdown.code_lines import prose_lines
from sitebuilder.markdown.shortcodes import SHORTCODE

_FENCE: Final = re.compile(r" {0,3}:::+[ \t]*(?P<name>\S*)[ \t]*(?P<title>.*?)[ \t]*$")
_FIELD: Final = re.compile(r"(?P<name>[a-z-]+):[ \t]+(?=\S)")
_QUOTE_PREFIX: Final = re.compile(r"(?: {0,3}>[ \t]?)*")
_HEADING_PREFIX: Final = re.compile(r" {0,3}#{1,6}[ \t]*")
_ITEM_PREFIX: Final = re.compile(r"\s*(?:[-*+]|\d+[.)])[ \t]+|:[ \t]+")
_DELIMITER_LINE: Final = re.compile(r"\s*\|?[ :|-]*-[ :|-]*\|?\s*|\s*(?:=+|-{3,}|\*{3,}|_{3,})\s*")
_DEFINITION_LINE: Final = re.compile(r" {0,3}\*?\[(?:\^[^\]\s]+|[^\]]+)\]:")
_HEADING_SUFFIX: Final = re.compile(r"[ \t]*(?:\{#[a-z][\w-]*\}|#+)[ \t]*$")
_CELL_SEPARATOR: Final = re.compile(r"(?<!\\)\|")
_IMAGE_ALT: Final = re.compile(r"!\[(?P<alt>[^\[\]]+)\]\(")
_INLINE_MARKUP: Final = re.compile(
    r"`+(?P<code>[^`]*)`+"
    r"|\\(?P<escaped>[^\w\s])"
    r"|(?P<mark>\[\^[^\[\]\s]+\])"
    r"|(?:!\[[^\[\]]*)?\]\((?:[^()]|\([^()]*\))*\)|\]\[[^\]]*\]|[\[\]]"
    r"|<[a-z]+:[^<>\s]+>"
    r"|(?P<entity>&#?\w+;)"
    r"|\*+|(?<!\w)_+|_+(?!\w)"
)


def extract_passages(
    body: str, first_line: int, evidence: Evidence, fills: Fills = NO_FILLS
) -> tuple[Passage, ...]:
    """Extract the passages of a body, in order.

    Args:
        first_line: Line of the file on which the body starts.
        evidence: Facts and warning signs that replace shortcodes and lists of signs.
        fills: Content of generated blocks.
    """
    return tuple(_PassageReader(evidence, fills).read(body, first_line))


def make_passage(text: str, line: int, kind: str = "paragraph") -> Passage:
    """Make a passage of text without markup, from a data file or front matter."""
    return Passage(kind, (TextRun(text, line, 1),))


class _PassageReader:
    """State of parsing a body: the open blocks and the unfinished passage.

    Attributes:
        open_blocks: Name and first line of each open block, outermost first.
        passage_kind: Kind of the unfinished passage; empty if there is none.
        start_line: Its first line.
        alt_runs: Alternative texts of its pictures, each of which becomes a passage.
    """

    def __init__(self, evidence: Evidence, fills: Fills) -> None:
        self.evidence, self.fills = evidence, fills
        self.open_blocks: list[tuple[str, int]] = []
        self.passage_kind = ""
        self.start_line = 0
        self.runs: list[TextRun] = []
        self.alt_runs: list[TextRun] = []

    def read(self, body: str, first_line: int) -> Iterator[Passage]:
        in_fields = False
        previous = ""
        in_table = False
        for number, line in prose_lines(body):
            line_number = number + first_line
            fence = _FENCE.match(line) if ":::" in line else None
            field = _FIELD.match(line) if in_fields else None
            in_fields = field is not None or bool(fence and _has_fields(fence["name"]))
            in_table = in_table and bool(line.strip()) and not fence
            if fence:
                yield from self.close_passage()
                yield from self.read_fence(fence, line_number)
            elif field and self.open_blocks:
                yield from self.read_field(field, line, line_number)
            elif not line.strip(" \t>") or _DEFINITION_LINE.match(line):
                yield from self.close_passage()
            elif _DELIMITER_LINE.fullmatch(line):
                after_one_line = bool(self.runs) and self.start_line == line_number - 1
                if after_one_line and "|" in line and "|" in previous:  # the header of a table
                    self.runs, self.alt_runs, in_table = [], [], True
                    yield from self.read_cells(previous, line_number - 1)
                elif (
                    after_one_line
                    and self.passage_kind == "paragraph"
                    and set(line.strip()) in ({"="}, {"-"})
                ):
                    self.passage_kind = "heading"
                yield from self.close_passage()
            elif in_table:
                yield from self.read_cells(line, line_number)
            else:
                yield from self.read_text(line, line_number)
            previous = line
        yield from self.close_passage()

    def read_text(self, line: str, line_number: int) -> Iterator[Passage]:
        """Read a line of a heading, list item or paragraph."""
        content_start = _QUOTE_PREFIX.match(line).end()  # type: ignore[union-attr]
        heading = _HEADING_PREFIX.match(line, content_start)
        item = _ITEM_PREFIX.match(line, content_start)
        if heading or item or not self.passage_kind:
            yield from self.close_passage()
            self.start_line = line_number
        start = (heading or item or re.match(r"[\s>]*", line)).end()  # type: ignore[union-attr]
        suffix = _HEADING_SUFFIX.search(line) if heading else None
        if not self.passage_kind:
            self.passage_kind = "heading" if heading else "item" if item else "paragraph"
        elif self.runs:
            self.runs.append(TextRun(" ", line_number, 1))
        self.runs += self.read_inline(
            line[: suffix.start() if suffix else None].rstrip(), start, line_number
        )
        if heading:
            yield from self.close_passage()

    def close_passage(self) -> Iterator[Passage]:
        """End the unfinished passage; yield it unless it is blank, then its alternative texts."""
        name, line = self.open_blocks[-1] if self.open_blocks else ("", 0)
        if any(run.text.strip() for run in self.runs):
            yield Passage(self.passage_kind, tuple(self.runs), name, line)
        for run in self.alt_runs:
            yield Passage("field", (run,), name, line)
        self.passage_kind, self.runs, self.alt_runs = "", [], []

    def read_passage(self, kind: str, line: str, start: int, line_number: int) -> Iterator[Passage]:
        yield from self.close_passage()
        self.passage_kind, self.runs = kind, list(self.read_inline(line, start, line_number))
        yield from self.close_passage()

    def read_fence(self, match: re.Match[str], line_number: int) -> Iterator[Passage]:
        if not match["name"]:
            if self.open_blocks:
                self.open_blocks.pop()
            return
        self.open_blocks.append((match["name"], line_number))
        spec = BLOCK_SPECS.get(match["name"])
        if spec and spec.generated and match["name"] != "references":
            key = f"{match['name']} {match['title']}".strip()
            passages = _PassageReader(self.evidence, {}).read(self.fills.get(key, ""), 1)
            for passage in passages:
                text = passage.text.partition(" Source: ")[0]  # sources are not checked
                run = TextRun(text, line_number, 1, "fact")
                yield Passage(passage.kind, (run,), match["name"], line_number)
        if match["title"] and not (spec and (spec.title_lists_files or spec.generated)):
            line = match.string
            yield from self.read_passage(
                "title", line[: match.end("title")], match.start("title"), line_number
            )

    def read_field(self, match: re.Match[str], line: str, line_number: int) -> Iterator[Passage]:
        spec = BLOCK_SPECS.get(self.open_blocks[-1][0])
        name = match["name"]
        if name == "signs":
            yield from self.read_warning_signs(line[match.end() :].strip(), line_number)
        elif spec and name in spec.fields and name != "fact":
            kind = "number" if name in spec.integer_fields else "field"
            yield from self.read_passage(kind, line, match.end(), line_number)

    def read_warning_signs(self, name: str, line_number: int) -> Iterator[Passage]:
        """Yield the group titles and warning signs of the list that a care card names."""
        block, line = self.open_blocks[-1]
        sign_list = self.evidence.lists.get(name)
        for group in sign_list.groups if sign_list else ():
            if group.title:
                yield Passage(
                    "paragraph", (TextRun(group.title, line_number, 1, "sign"),), block, line
                )
            for sign_name in group.signs:
                if sign_name in self.evidence.signs:
                    text = self.evidence.signs[sign_name].text
                    yield Passage("item", (TextRun(text, line_number, 1, "sign"),), block, line)

    def read_cells(self, row: str, line_number: int) -> Iterator[Passage]:
        start = 0
        masked = SHORTCODE.sub(lambda match: "-" * len(match[0]), row)
        for end in [*(match.start() for match in _CELL_SEPARATOR.finditer(masked)), len(row)]:
            if row[start:end].strip():
                indent = len(row[start:end]) - len(row[start:end].lstrip())
                yield from self.read_passage(
                    "cell", row[:end].rstrip(), start + indent, line_number
                )
            start = end + 1

    def read_inline(self, line: str, start: int, line_number: int) -> Iterator[TextRun]:
        """Yield a line from `start`, without markup and with facts expanded.

        Alternative texts of its pictures go to `alt_runs`.
        """
        offset = start
        for match in _IMAGE_ALT.finditer(line, start) if "![" in line else ():
            if match["alt"].strip():
                self.alt_runs.append(TextRun(match["alt"], line_number, match.start("alt") + 1))
        for match in SHORTCODE.finditer(line, start) if "{" in line else ():
            if not match["form"]:
                continue
            yield from _strip_inline_markup(line, offset, match.start(), line_number)
            name = match["rest"].partition("|")[0].strip()
            fact = self.evidence.facts.get(name)
            origin = "no-claim" if match["form"] == "no-claim" else "fact"
            text = fact.text_for(match["form"]) if fact and origin == "fact" else name
            yield TextRun(text, line_number, match.start() + 1, origin)
            offset = match.end()
        yield from _strip_inline_markup(line, offset, len(line), line_number)


def _has_fields(block: str) -> bool:
    return block in BLOCK_SPECS and bool(BLOCK_SPECS[block].fields)


def _strip_inline_markup(line: str, start: int, end: int, line_number: int) -> Iterator[TextRun]:
    offset = start
    for match in _INLINE_MARKUP.finditer(line, start, end):
        if match.start() > offset:
            yield TextRun(line[offset : match.start()], line_number, offset + 1)
        if match["mark"]:
            yield TextRun("", line_number, match.start() + 1, "source")
        name = match.lastgroup or ""
        if name in {"code", "escaped", "entity"} and match[name]:
            text = unescape(match[name]) if name == "entity" else match[name]
            yield TextRun(text, line_number, match.start(name) + 1)
        offset = match.end()
    if offset < end:
        yield TextRun(line[offset:end], line_number, offset + 1)
