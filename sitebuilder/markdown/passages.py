"""A page's Markdown in, the passages that readers read out, each with its place in the file.

Markdown keeps no positions, so this reads the source itself: for the checks of claims and of plain
language, not for what is shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Final

from sitebuilder.core.evidence import Evidence
from sitebuilder.core.passage import Passage, TextRun
from sitebuilder.markdown.blocks import BLOCK_SPECS, NO_FILLS, Fills
from sitebuilder.markdown.shortcodes import SHORTCODE
from sitebuilder.markdown.source_map import prose_lines

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
    """The headings, paragraphs, items, cells, titles and fields of a body, in order."""
    return tuple(_PassageReader(evidence, fills).read(body, first_line))


def make_passage(text: str, line: int, kind: str = "paragraph") -> Passage:
    """A passage from a data file or front matter, which has no markup."""
    return Passage(kind, (TextRun(text, line, 1),))


class _PassageReader:
    """What is open while a body is read: blocks, and the passage that goes on."""

    def __init__(self, evidence: Evidence, fills: Fills) -> None:
        self.evidence, self.fills = evidence, fills
        self.open_blocks: list[tuple[str, int]] = []
        self.passage_kind = ""
        self.start_line = 0
        self.runs: list[TextRun] = []
        self.alt_runs: list[TextRun] = []

    def read(self, body: str, first_line: int) -> Iterator[Passage]:
        in_fields = False
        before = ""
        table = False
        for number, line in prose_lines(body):
            place = number + first_line
            fence = _FENCE.match(line) if ":::" in line else None
            field = _FIELD.match(line) if in_fields else None
            in_fields = field is not None or bool(fence and _has_fields(fence["name"]))
            table = table and bool(line.strip()) and not fence
            if fence:
                yield from self.close_passage()
                yield from self.read_fence(fence, place)
            elif field and self.open_blocks:
                yield from self.read_field(field, line, place)
            elif not line.strip(" \t>") or _DEFINITION_LINE.match(line):
                yield from self.close_passage()
            elif _DELIMITER_LINE.fullmatch(line):
                alone = bool(self.runs) and self.start_line == place - 1
                if "|" in line and "|" in before and alone:  # the line above was a table's head
                    self.runs, self.alt_runs, table = [], [], True
                    yield from self.read_cells(before, place - 1)
                elif (
                    alone
                    and self.passage_kind == "paragraph"
                    and set(line.strip()) in ({"="}, {"-"})
                ):
                    self.passage_kind = "heading"
                yield from self.close_passage()
            elif table:
                yield from self.read_cells(line, place)
            else:
                yield from self.read_text(line, place)
            before = line
        yield from self.close_passage()

    def read_text(self, line: str, line_number: int) -> Iterator[Passage]:
        """A line of running text."""
        quoted = _QUOTE_PREFIX.match(line).end()  # type: ignore[union-attr]
        heading, item = _HEADING_PREFIX.match(line, quoted), _ITEM_PREFIX.match(line, quoted)
        if heading or item or not self.passage_kind:
            yield from self.close_passage()
            self.start_line = line_number
        start = (heading or item or re.match(r"[\s>]*", line)).end()  # type: ignore[union-attr]
        tail = _HEADING_SUFFIX.search(line) if heading else None
        if not self.passage_kind:
            self.passage_kind = "heading" if heading else "item" if item else "paragraph"
        elif self.runs:
            self.runs.append(TextRun(" ", line_number, 1))
        self.runs += self.read_inline(
            line[: tail.start() if tail else None].rstrip(), start, line_number
        )
        if heading:
            yield from self.close_passage()

    def close_passage(self) -> Iterator[Passage]:
        """Close the passage that is open, if it says anything."""
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
        kind = BLOCK_SPECS.get(match["name"])
        if kind and kind.generated and match["name"] != "references":
            key = f"{match['name']} {match['title']}".strip()
            filled = _PassageReader(self.evidence, {}).read(self.fills.get(key, ""), 1)
            for passage in filled:
                said = passage.text.partition(" Source: ")[0]  # sources are not read out
                run = TextRun(said, line_number, 1, "fact")
                yield Passage(passage.kind, (run,), match["name"], line_number)
        if match["title"] and not (kind and (kind.title_lists_files or kind.generated)):
            line = match.string
            yield from self.read_passage(
                "title", line[: match.end("title")], match.start("title"), line_number
            )

    def read_field(self, match: re.Match[str], line: str, line_number: int) -> Iterator[Passage]:
        kind = BLOCK_SPECS.get(self.open_blocks[-1][0])
        name = match["name"]
        if name == "signs":
            yield from self.read_warning_signs(line[match.end() :].strip(), line_number)
        elif kind and name in kind.fields and name != "fact":
            what = "number" if name in kind.integer_fields else "field"
            yield from self.read_passage(what, line, match.end(), line_number)

    def read_warning_signs(self, name: str, line_number: int) -> Iterator[Passage]:
        """The signs that a card lists by the name of their list."""
        block, line = self.open_blocks[-1]
        found = self.evidence.lists.get(name)
        for group in found.groups if found else ():
            if group.title:
                yield Passage(
                    "paragraph", (TextRun(group.title, line_number, 1, "sign"),), block, line
                )
            for sign in group.signs:
                if sign in self.evidence.signs:
                    text = self.evidence.signs[sign].text
                    yield Passage("item", (TextRun(text, line_number, 1, "sign"),), block, line)

    def read_cells(self, row: str, line_number: int) -> Iterator[Passage]:
        start = 0
        whole = SHORTCODE.sub(lambda found: "-" * len(found[0]), row)
        for end in [*(found.start() for found in _CELL_SEPARATOR.finditer(whole)), len(row)]:
            if row[start:end].strip():
                pad = len(row[start:end]) - len(row[start:end].lstrip())
                yield from self.read_passage("cell", row[:end].rstrip(), start + pad, line_number)
            start = end + 1

    def read_inline(self, line: str, start: int, line_number: int) -> Iterator[TextRun]:
        """The words of a line from `start`, markup left out, facts put in."""
        at = start
        for found in _IMAGE_ALT.finditer(line, start) if "![" in line else ():
            if found["alt"].strip():
                self.alt_runs.append(TextRun(found["alt"], line_number, found.start("alt") + 1))
        for found in SHORTCODE.finditer(line, start) if "{" in line else ():
            if not found["form"]:
                continue
            yield from _strip_inline_markup(line, at, found.start(), line_number)
            name = found["rest"].partition("|")[0].strip()
            fact = self.evidence.facts.get(name)
            origin = "no-claim" if found["form"] == "no-claim" else "fact"
            said = fact.text_for(found["form"]) if fact and origin == "fact" else name
            yield TextRun(said, line_number, found.start() + 1, origin)
            at = found.end()
        yield from _strip_inline_markup(line, at, len(line), line_number)


def _has_fields(block: str) -> bool:
    return block in BLOCK_SPECS and bool(BLOCK_SPECS[block].fields)


def _strip_inline_markup(line: str, start: int, end: int, line_number: int) -> Iterator[TextRun]:
    at = start
    for found in _INLINE_MARKUP.finditer(line, start, end):
        if found.start() > at:
            yield TextRun(line[at : found.start()], line_number, at + 1)
        if found["mark"]:
            yield TextRun("", line_number, found.start() + 1, "source")
        name = found.lastgroup or ""
        if name in {"code", "escaped", "entity"} and found[name]:
            kept = unescape(found[name]) if name == "entity" else found[name]
            yield TextRun(kept, line_number, found.start(name) + 1)
        at = found.end()
    if at < end:
        yield TextRun(line[at:end], line_number, at + 1)
