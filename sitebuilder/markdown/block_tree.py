"""Split a page's sanitized HTML at its block markers and build the tree of blocks.

`blocks` documents the markers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape, unescape
from typing import Final

import msgspec

from sitebuilder.core.model import Block, Part
from sitebuilder.core.problems import Problem, problem
from sitebuilder.markdown.block_specs import BLOCK_SPECS, BlockSpec
from sitebuilder.markdown.blocks import MARKER_END, MARKER_START, BlockFence
from sitebuilder.markdown.tree import DocumentOutline

_MARKER: Final = re.compile(
    rf"<p>{MARKER_START}(?P<letter>[BTFE])(?:(?P<field>[a-z-]+)\.)?(?P<index>\d+)"
    rf"{MARKER_END}\s*(?P<text>.*?)</p>",
    re.DOTALL,
)
_STRAY_MARKER: Final = re.compile(rf"{MARKER_START}[^{MARKER_END}]*{MARKER_END}")

_HEADING_SEPARATOR: Final = re.compile(r"(<h\d id=.*?</h\d>)", re.DOTALL)
_HEADING: Final = re.compile(r'<h(\d) id="([^"]*)">(.*)</h\d>', re.DOTALL)

_Token = re.Match[str] | str
"""A marker, or the HTML between two markers."""

_COUNTED_CONTENT: Final = {
    "list": ("<li>", "list items"),
    "items": (r"<h\d", "headings"),
    "table": ("<table", "table"),
}
"""For each kind of counted content, a pattern that matches one, and its name in messages."""


class BlockTreeBuilder:
    """Builds the tree of blocks and checks that each block has the content that it needs.

    Attributes:
        problems: Faults in the content of the blocks, filled by `build`.
        field_values: Title and fields of the innermost open block, as HTML.
    """

    def __init__(self, fences: list[BlockFence], outline: DocumentOutline, path: str) -> None:
        self.fences, self.outline, self.path = fences, outline, path
        self.problems: list[Problem] = []
        self.field_values: dict[str, str] = {}

    def build(self, html: str) -> list[Part]:
        return self.parse_until(None, self.tokenize(html))

    def tokenize(self, html: str) -> Iterator[_Token]:
        offset = 0
        for marker in _MARKER.finditer(html):
            yield _STRAY_MARKER.sub("", html[offset : marker.start()])
            yield marker
            offset = marker.end()
        yield _STRAY_MARKER.sub("", html[offset:])

    def parse_until(self, block_index: int | None, tokens: Iterator[_Token]) -> list[Part]:
        """Return the parts up to the end marker of a block, or all parts if the index is None.

        Title and fields of the block go to `field_values`.
        """
        parts: list[Part] = []
        for token in tokens:
            if isinstance(token, str):
                if token.strip():
                    parts.append(token.strip() + "\n")
            elif token["letter"] == "B":
                parts.append(self.parse_block(int(token["index"]), tokens))
            elif token["letter"] == "E" and int(token["index"]) == block_index:
                break
            elif block_index is not None and token["letter"] in "TF":
                self.field_values[token["field"] or "title"] = token["text"].strip()
        return parts

    def parse_block(self, index: int, tokens: Iterator[_Token]) -> Block:
        fence = self.fences[index]
        spec = BLOCK_SPECS.get(fence.name)
        outer_values, self.field_values = self.field_values, {}
        parts = self.parse_until(index, tokens)
        values, self.field_values = self.field_values, outer_values
        title = values.pop("title", "")
        if spec and spec.title_lists_files:  # Markdown must not change file names
            title = escape(fence.title)
        heading = self.outline.block_headings[index]
        items: tuple[Block, ...] = ()
        if spec:
            values = {name: values.get(name, "") for name in spec.fields}
            self.check_block(fence, spec, parts)
            if spec.content == "items":
                items = tuple(self.split_items(fence, parts))
                parts = []
        return Block(
            fence.name, heading.id, heading.level, title, values, tuple(parts), items, fence.line
        )

    def split_items(self, fence: BlockFence, parts: list[Part]) -> Iterator[Block]:
        """Split the content of steps, a timeline or an option into one block for each heading."""
        item: Block | None = None
        for part in parts:
            chunks = [part] if isinstance(part, Block) else _HEADING_SEPARATOR.split(part)
            for chunk in chunks:
                heading = _HEADING.fullmatch(chunk) if isinstance(chunk, str) else None
                if heading:
                    if item:
                        yield item
                    item = Block(
                        fence.name, heading[2], int(heading[1]), heading[3], line=fence.line
                    )
                elif isinstance(chunk, Block) or chunk.strip():
                    if item is None:
                        self.report(fence, f"'{fence.name}' starts without a heading")
                        item = Block(fence.name, "", 3, line=fence.line)
                    item = _append_part(item, chunk)
        if item:
            yield item

    def report(self, fence: BlockFence, message: str) -> None:
        hint = f"It holds {BLOCK_SPECS[fence.name].description}."
        self.problems.append(problem("block", self.path, message, hint=hint, line=fence.line))

    def check_block(self, fence: BlockFence, spec: BlockSpec, parts: list[Part]) -> None:
        """Report missing content, more than one table, and items that lack 'do not'."""
        html = "".join(part for part in parts if isinstance(part, str))
        pattern, label = _COUNTED_CONTENT.get(spec.content, ("", ""))
        if pattern and len(re.findall(pattern, html)) < spec.min_count:
            self.report(fence, f"'{fence.name}' needs at least {spec.min_count} {label}")
        is_empty = not html.strip() and not any(isinstance(part, Block) for part in parts)
        if is_empty and spec.content == "text" and not spec.title_lists_files:
            self.report(fence, f"'{fence.name}' is empty")
        if len(re.findall("<table", html)) > 1 and spec.content == "table":
            self.report(fence, f"'{fence.name}' holds more than one table")
        if fence.name == "do-not":
            for item in re.split("<li>", html)[1:]:
                text = " ".join(_strip_tags(item).split())
                if not text.lower().startswith("do not"):
                    message = f"the line '{text[:20]}...' does not start with 'do not'"
                    self.report(fence, message)


def _append_part(block: Block, part: Part) -> Block:
    return msgspec.structs.replace(block, parts=(*block.parts, part))


def _strip_tags(html: str) -> str:
    return unescape(re.sub(r"<[^>]*>?", "", html)).strip()
