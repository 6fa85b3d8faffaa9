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
from sitebuilder.markdown.blocks import KINDS, NO_FILLS, Fills
from sitebuilder.markdown.shortcodes import INSERT
from sitebuilder.markdown.source_map import prose_lines

_FENCE: Final = re.compile(r" {0,3}:::+[ \t]*(?P<name>\S*)[ \t]*(?P<title>.*?)[ \t]*$")
_FIELD: Final = re.compile(r"(?P<name>[a-z-]+):[ \t]+(?=\S)")
_QUOTE: Final = re.compile(r"(?: {0,3}>[ \t]?)*")
_HEADING: Final = re.compile(r" {0,3}#{1,6}[ \t]*")
_ITEM: Final = re.compile(r"\s*(?:[-*+]|\d+[.)])[ \t]+|:[ \t]+")
_RULE: Final = re.compile(r"\s*\|?[ :|-]*-[ :|-]*\|?\s*|\s*(?:=+|-{3,}|\*{3,}|_{3,})\s*")
_NOTE: Final = re.compile(r" {0,3}\*?\[(?:\^[^\]\s]+|[^\]]+)\]:")
_TAIL: Final = re.compile(r"[ \t]*(?:\{#[a-z][\w-]*\}|#+)[ \t]*$")
_CELL: Final = re.compile(r"(?<!\\)\|")
_ALT: Final = re.compile(r"!\[(?P<alt>[^\[\]]+)\]\(")
_INLINE: Final = re.compile(
    r"`+(?P<code>[^`]*)`+"
    r"|\\(?P<escaped>[^\w\s])"
    r"|(?P<mark>\[\^[^\[\]\s]+\])"
    r"|(?:!\[[^\[\]]*)?\]\((?:[^()]|\([^()]*\))*\)|\]\[[^\]]*\]|[\[\]]"
    r"|<[a-z]+:[^<>\s]+>"
    r"|(?P<entity>&#?\w+;)"
    r"|\*+|(?<!\w)_+|_+(?!\w)"
)


def passages(
    body: str, first_line: int, knowledge: Evidence, fills: Fills = NO_FILLS
) -> tuple[Passage, ...]:
    """The headings, paragraphs, items, cells, titles and fields of a body, in order."""
    return tuple(_Reader(knowledge, fills).read(body, first_line))


def passage_of(text: str, line: int, kind: str = "paragraph") -> Passage:
    """A passage from a data file or front matter, which has no markup."""
    return Passage(kind, (TextRun(text, line, 1),))


class _Reader:
    """What is open while a body is read: blocks, and the passage that goes on."""

    def __init__(self, knowledge: Evidence, fills: Fills) -> None:
        self.knowledge, self.fills = knowledge, fills
        self.blocks: list[tuple[str, int]] = []
        self.kind = ""
        self.line = 0
        self.runs: list[TextRun] = []
        self.alts: list[TextRun] = []

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
                yield from self.end()
                yield from self.fence(fence, place)
            elif field and self.blocks:
                yield from self.field(field, line, place)
            elif not line.strip(" \t>") or _NOTE.match(line):
                yield from self.end()
            elif _RULE.fullmatch(line):
                alone = bool(self.runs) and self.line == place - 1
                if "|" in line and "|" in before and alone:  # the line above was a table's head
                    self.runs, self.alts, table = [], [], True
                    yield from self.cells(before, place - 1)
                elif alone and self.kind == "paragraph" and set(line.strip()) in ({"="}, {"-"}):
                    self.kind = "heading"
                yield from self.end()
            elif table:
                yield from self.cells(line, place)
            else:
                yield from self.words(line, place)
            before = line
        yield from self.end()

    def words(self, line: str, place: int) -> Iterator[Passage]:
        """A line of running text."""
        quoted = _QUOTE.match(line).end()  # type: ignore[union-attr]
        heading, item = _HEADING.match(line, quoted), _ITEM.match(line, quoted)
        if heading or item or not self.kind:
            yield from self.end()
            self.line = place
        start = (heading or item or re.match(r"[\s>]*", line)).end()  # type: ignore[union-attr]
        tail = _TAIL.search(line) if heading else None
        if not self.kind:
            self.kind = "heading" if heading else "item" if item else "paragraph"
        elif self.runs:
            self.runs.append(TextRun(" ", place, 1))
        self.runs += self.inline(line[: tail.start() if tail else None].rstrip(), start, place)
        if heading:
            yield from self.end()

    def end(self) -> Iterator[Passage]:
        """Close the passage that is open, if it says anything."""
        name, line = self.blocks[-1] if self.blocks else ("", 0)
        if any(run.text.strip() for run in self.runs):
            yield Passage(self.kind, tuple(self.runs), name, line)
        for run in self.alts:
            yield Passage("field", (run,), name, line)
        self.kind, self.runs, self.alts = "", [], []

    def one(self, kind: str, line: str, start: int, place: int) -> Iterator[Passage]:
        yield from self.end()
        self.kind, self.runs = kind, list(self.inline(line, start, place))
        yield from self.end()

    def fence(self, fence: re.Match[str], place: int) -> Iterator[Passage]:
        if not fence["name"]:
            if self.blocks:
                self.blocks.pop()
            return
        self.blocks.append((fence["name"], place))
        kind = KINDS.get(fence["name"])
        if kind and kind.filled and fence["name"] != "references":
            key = f"{fence['name']} {fence['title']}".strip()
            filled = _Reader(self.knowledge, {}).read(self.fills.get(key, ""), 1)
            for passage in filled:
                said = passage.text.partition(" Source: ")[0]  # sources are not read out
                run = TextRun(said, place, 1, "fact")
                yield Passage(passage.kind, (run,), fence["name"], place)
        if fence["title"] and not (kind and (kind.files or kind.filled)):
            line = fence.string
            yield from self.one("title", line[: fence.end("title")], fence.start("title"), place)

    def field(self, field: re.Match[str], line: str, place: int) -> Iterator[Passage]:
        kind = KINDS.get(self.blocks[-1][0])
        name = field["name"]
        if name == "signs":
            yield from self.signs(line[field.end() :].strip(), place)
        elif kind and name in kind.fields and name != "fact":
            what = "number" if name in kind.numbers else "field"
            yield from self.one(what, line, field.end(), place)

    def signs(self, name: str, place: int) -> Iterator[Passage]:
        """The signs that a card lists by the name of their list."""
        block, line = self.blocks[-1]
        found = self.knowledge.lists.get(name)
        for group in found.groups if found else ():
            if group.title:
                yield Passage("paragraph", (TextRun(group.title, place, 1, "sign"),), block, line)
            for sign in group.signs:
                if sign in self.knowledge.signs:
                    text = self.knowledge.signs[sign].text
                    yield Passage("item", (TextRun(text, place, 1, "sign"),), block, line)

    def cells(self, row: str, place: int) -> Iterator[Passage]:
        start = 0
        whole = INSERT.sub(lambda found: "-" * len(found[0]), row)
        for end in [*(found.start() for found in _CELL.finditer(whole)), len(row)]:
            if row[start:end].strip():
                pad = len(row[start:end]) - len(row[start:end].lstrip())
                yield from self.one("cell", row[:end].rstrip(), start + pad, place)
            start = end + 1

    def inline(self, line: str, start: int, place: int) -> Iterator[TextRun]:
        """The words of a line from `start`, markup left out, facts put in."""
        at = start
        for found in _ALT.finditer(line, start) if "![" in line else ():
            if found["alt"].strip():
                self.alts.append(TextRun(found["alt"], place, found.start("alt") + 1))
        for found in INSERT.finditer(line, start) if "{" in line else ():
            if not found["form"]:
                continue
            yield from _plain(line, at, found.start(), place)
            name = found["rest"].partition("|")[0].strip()
            fact = self.knowledge.facts.get(name)
            origin = "no-claim" if found["form"] == "no-claim" else "fact"
            said = fact.text_for(found["form"]) if fact and origin == "fact" else name
            yield TextRun(said, place, found.start() + 1, origin)
            at = found.end()
        yield from _plain(line, at, len(line), place)


def _has_fields(block: str) -> bool:
    return block in KINDS and bool(KINDS[block].fields)


def _plain(line: str, start: int, end: int, place: int) -> Iterator[TextRun]:
    at = start
    for found in _INLINE.finditer(line, start, end):
        if found.start() > at:
            yield TextRun(line[at : found.start()], place, at + 1)
        if found["mark"]:
            yield TextRun("", place, found.start() + 1, "source")
        name = found.lastgroup or ""
        if name in {"code", "escaped", "entity"} and found[name]:
            kept = unescape(found[name]) if name == "entity" else found[name]
            yield TextRun(kept, place, found.start(name) + 1)
        at = found.end()
    if at < end:
        yield TextRun(line[at:end], place, at + 1)
