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
from sitebuilder.markdown.blocks import BLOCK_SPECS, MARKER_END, MARKER_START, BlockFence, BlockSpec
from sitebuilder.markdown.tree import DocumentOutline

_MARKER: Final = re.compile(
    rf"<p>{MARKER_START}(?P<letter>[BTFE])(?:(?P<field>[a-z-]+)\.)?(?P<at>\d+){MARKER_END}\s*(?P<text>.*?)</p>",
    re.DOTALL,
)
_STRAY_MARKER: Final = re.compile(rf"{MARKER_START}[^{MARKER_END}]*{MARKER_END}")

_HEADING_SEPARATOR: Final = re.compile(r"(<h\d id=.*?</h\d>)", re.DOTALL)
_HEADING: Final = re.compile(r'<h(\d) id="([^"]*)">(.*)</h\d>', re.DOTALL)

_Token = re.Match[str] | str


_COUNTED_CONTENT: Final = {
    "list": ("<li>", "list items"),
    "items": (r"<h\d", "headings"),
    "table": ("<table", "table"),
}


class BlockTreeBuilder:
    """Sanitised HTML, cut at its marks into parts and blocks."""

    def __init__(self, fences: list[BlockFence], outline: DocumentOutline, path: str) -> None:
        self.fences, self.outline, self.path = fences, outline, path
        self.problems: list[Problem] = []
        self.field_values: dict[str, str] = {}

    def build(self, html: str) -> list[Part]:
        return self.parse_until(None, self.tokenize(html))

    def tokenize(self, html: str) -> Iterator[_Token]:
        at = 0
        for found in _MARKER.finditer(html):
            yield _STRAY_MARKER.sub("", html[at : found.start()])
            yield found
            at = found.end()
        yield _STRAY_MARKER.sub("", html[at:])

    def parse_until(self, block_index: int | None, tokens: Iterator[_Token]) -> list[Part]:
        """The parts up to the end of block `end`."""
        parts: list[Part] = []
        for piece in tokens:
            if isinstance(piece, str):
                if piece.strip():
                    parts.append(piece.strip() + "\n")
            elif piece["letter"] == "B":
                parts.append(self.parse_block(int(piece["at"]), tokens))
            elif piece["letter"] == "E" and int(piece["at"]) == block_index:
                break
            elif block_index is not None and piece["letter"] in "TF":
                self.field_values[piece["field"] or "title"] = piece["text"].strip()
        return parts

    def parse_block(self, index: int, tokens: Iterator[_Token]) -> Block:
        fence = self.fences[index]
        kind = BLOCK_SPECS.get(fence.name)
        outer, self.field_values = self.field_values, {}
        parts = self.parse_until(index, tokens)
        values, self.field_values = self.field_values, outer
        title = values.pop("title", "")
        if kind and kind.title_lists_files:  # names of files, which Markdown must not touch
            title = escape(fence.title)
        place = self.outline.block_headings[index]
        items: tuple[Block, ...] = ()
        if kind:
            values = {name: values.get(name, "") for name in kind.fields}
            self.check_block(fence, kind, parts)
            if kind.content == "items":
                items = tuple(self.split_items(fence, parts))
                parts = []
        return Block(
            fence.name, place.id, place.level, title, values, tuple(parts), items, fence.line
        )

    def split_items(self, fence: BlockFence, parts: list[Part]) -> Iterator[Block]:
        """The parts of steps or a timeline, each from one heading to the next."""
        now: Block | None = None
        for part in parts:
            pieces = [part] if isinstance(part, Block) else _HEADING_SEPARATOR.split(part)
            for piece in pieces:
                found = _HEADING.fullmatch(piece) if isinstance(piece, str) else None
                if found:
                    if now:
                        yield now
                    now = Block(fence.name, found[2], int(found[1]), found[3], line=fence.line)
                elif isinstance(piece, Block) or piece.strip():
                    if now is None:
                        self.report(fence, f"'{fence.name}' starts without a heading")
                        now = Block(fence.name, "", 3, line=fence.line)
                    now = _append_part(now, piece)
        if now:
            yield now

    def report(self, fence: BlockFence, message: str) -> None:
        hint = f"It holds {BLOCK_SPECS[fence.name].description}."
        self.problems.append(problem("block", self.path, message, hint=hint, line=fence.line))

    def check_block(self, fence: BlockFence, spec: BlockSpec, parts: list[Part]) -> None:
        """Whether the block holds what its kind needs."""
        html = "".join(part for part in parts if isinstance(part, str))
        sign, name = _COUNTED_CONTENT.get(spec.content, ("", ""))
        if sign and len(re.findall(sign, html)) < spec.min_count:
            self.report(fence, f"'{fence.name}' needs at least {spec.min_count} {name}")
        empty = not html.strip() and not any(isinstance(part, Block) for part in parts)
        if empty and spec.content == "text" and not spec.title_lists_files:
            self.report(fence, f"'{fence.name}' is empty")
        if len(re.findall("<table", html)) > 1 and spec.content == "table":
            self.report(fence, f"'{fence.name}' holds more than one table")
        if fence.name == "do-not":
            for item in re.split("<li>", html)[1:]:
                words = " ".join(_strip_tags(item).split())
                if not words.lower().startswith("do not"):
                    message = f"the line '{words[:20]}...' does not start with 'do not'"
                    self.report(fence, message)


def _append_part(block: Block, part: Part) -> Block:
    return msgspec.structs.replace(block, parts=(*block.parts, part))


def _strip_tags(html: str) -> str:
    return unescape(re.sub(r"<[^>]*>?", "", html)).strip()
