"""A page's sanitised HTML, cut at the marks of its blocks.

In: one string. Out: parts, that is strings and `Block` values, and what the blocks lack.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape, unescape
from typing import Final

import msgspec

from sitebuilder.core.model import Block, Part
from sitebuilder.core.problems import Problem, problem
from sitebuilder.markdown.blocks import CLOSE, KINDS, OPEN, Fence, Kind
from sitebuilder.markdown.tree import Shape

_MARK: Final = re.compile(
    rf"<p>{OPEN}(?P<letter>[BTFE])(?:(?P<field>[a-z-]+)\.)?(?P<at>\d+){CLOSE}\s*(?P<text>.*?)</p>",
    re.DOTALL,
)
_STRAY_MARK: Final = re.compile(rf"{OPEN}[^{CLOSE}]*{CLOSE}")

_HEADINGS: Final = re.compile(r"(<h\d id=.*?</h\d>)", re.DOTALL)
_HEADING: Final = re.compile(r'<h(\d) id="([^"]*)">(.*)</h\d>', re.DOTALL)

_Piece = re.Match[str] | str


_COUNTED: Final = {
    "list": ("<li>", "list items"),
    "items": (r"<h\d", "headings"),
    "table": ("<table", "table"),
}


class Fold:
    """Sanitised HTML, cut at its marks into parts and blocks."""

    def __init__(self, fences: list[Fence], shape: Shape, path: str) -> None:
        self.fences, self.shape, self.path = fences, shape, path
        self.problems: list[Problem] = []
        self.values: dict[str, str] = {}

    def parts(self, html: str) -> list[Part]:
        return self.until(None, self.pieces(html))

    def pieces(self, html: str) -> Iterator[_Piece]:
        at = 0
        for found in _MARK.finditer(html):
            yield _STRAY_MARK.sub("", html[at : found.start()])
            yield found
            at = found.end()
        yield _STRAY_MARK.sub("", html[at:])

    def until(self, end: int | None, pieces: Iterator[_Piece]) -> list[Part]:
        """The parts up to the end of block `end`."""
        parts: list[Part] = []
        for piece in pieces:
            if isinstance(piece, str):
                if piece.strip():
                    parts.append(piece.strip() + "\n")
            elif piece["letter"] == "B":
                parts.append(self.block(int(piece["at"]), pieces))
            elif piece["letter"] == "E" and int(piece["at"]) == end:
                break
            elif end is not None and piece["letter"] in "TF":
                self.values[piece["field"] or "title"] = piece["text"].strip()
        return parts

    def block(self, at: int, pieces: Iterator[_Piece]) -> Block:
        fence = self.fences[at]
        kind = KINDS.get(fence.name)
        outer, self.values = self.values, {}
        parts = self.until(at, pieces)
        values, self.values = self.values, outer
        title = values.pop("title", "")
        if kind and kind.files:  # names of files, which Markdown must not touch
            title = escape(fence.title)
        place = self.shape.blocks[at]
        items: tuple[Block, ...] = ()
        if kind:
            values = {name: values.get(name, "") for name in kind.fields}
            self.check(fence, kind, parts)
            if kind.form == "items":
                items = tuple(self.items(fence, parts))
                parts = []
        return Block(
            fence.name, place.id, place.level, title, values, tuple(parts), items, fence.line
        )

    def items(self, fence: Fence, parts: list[Part]) -> Iterator[Block]:
        """The parts of steps or a timeline, each from one heading to the next."""
        now: Block | None = None
        for part in parts:
            pieces = [part] if isinstance(part, Block) else _HEADINGS.split(part)
            for piece in pieces:
                found = _HEADING.fullmatch(piece) if isinstance(piece, str) else None
                if found:
                    if now:
                        yield now
                    now = Block(fence.name, found[2], int(found[1]), found[3], line=fence.line)
                elif isinstance(piece, Block) or piece.strip():
                    if now is None:
                        self.say(fence, f"'{fence.name}' starts without a heading")
                        now = Block(fence.name, "", 3, line=fence.line)
                    now = _with_part(now, piece)
        if now:
            yield now

    def say(self, fence: Fence, message: str) -> None:
        hint = f"It holds {KINDS[fence.name].about}."
        self.problems.append(problem("block", self.path, message, hint=hint, line=fence.line))

    def check(self, fence: Fence, kind: Kind, parts: list[Part]) -> None:
        """Whether the block holds what its kind needs."""
        html = "".join(part for part in parts if isinstance(part, str))
        sign, name = _COUNTED.get(kind.form, ("", ""))
        if sign and len(re.findall(sign, html)) < kind.least:
            self.say(fence, f"'{fence.name}' needs at least {kind.least} {name}")
        empty = not html.strip() and not any(isinstance(part, Block) for part in parts)
        if empty and kind.form == "text" and not kind.files:
            self.say(fence, f"'{fence.name}' is empty")
        if len(re.findall("<table", html)) > 1 and kind.form == "table":
            self.say(fence, f"'{fence.name}' holds more than one table")
        if fence.name == "do-not":
            for item in re.split("<li>", html)[1:]:
                words = " ".join(_text_of(item).split())
                if not words.lower().startswith("do not"):
                    message = f"the line '{words[:20]}...' does not start with 'do not'"
                    self.say(fence, message)


def _with_part(block: Block, part: Part) -> Block:
    return msgspec.structs.replace(block, parts=(*block.parts, part))


def _text_of(html: str) -> str:
    return unescape(re.sub(r"<[^>]*>?", "", html)).strip()
