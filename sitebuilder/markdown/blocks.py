"""The blocks that editors write, and the parser for their fences.

    ::: emergency Call 911 now if:
    - you cannot pass urine
    :::

Each fence is replaced by a marker that survives Markdown; `block_tree` later splits the HTML at the
markers. A marker is a letter (B: begin, E: end, T: title, F: field with its name) and the block's
index on the page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import msgspec

from sitebuilder.content.schema import closest_match
from sitebuilder.core.problems import Problem, problem
from sitebuilder.markdown.block_specs import BLOCK_SPECS, BlockSpec
from sitebuilder.markdown.code_lines import normalize_code_fences
from sitebuilder.markdown.commonmark import to_python_markdown

MARKER_START, MARKER_END = "\ue000", "\ue001"
"""Delimiters of a marker: private-use characters, which `content.decode` bars from source files."""

MAX_BLOCK_DEPTH: Final = 8
"""Maximum nesting depth of blocks."""


Fills = Mapping[str, str]
"""Block content that comes from data.

The keys `signs NAME`, and the name (with title, if any) of a generated block, have Markdown as
values. The keys `fact NAME` have the two numbers that a `chance` block draws, or an empty string.
"""

NO_FILLS: Final[Fills] = {}


class BlockFence(msgspec.Struct):
    """One block as written.

    Attributes:
        line: Line of its opening fence in the file.
        from_fact: A fact provides its numbers.
    """

    name: str
    line: int
    title: str = ""
    from_fact: bool = False
    fields: dict[str, str] = {}


_FENCE: Final = re.compile(r" {0,3}:::+[ \t]*(?P<name>[^\s]*)[ \t]*(?P<title>.*?)[ \t]*$")
_FIELD: Final = re.compile(r"(?P<name>[a-z-]+):[ \t]+(?P<value>.*\S)[ \t]*$")


def mark_fences(
    body: str, path: str, first_line: int, fills: Fills = NO_FILLS
) -> tuple[str, list[BlockFence], list[Problem]]:
    """Replace block fences and fields with markers, and normalize code fences.

    Args:
        path: The page's path, for problems.
        first_line: Line of the file on which the body starts.
        fills: Content from data for the blocks.

    Returns:
        The body with markers, the blocks by their index, and the problems.
    """
    rewritten = to_python_markdown(body)
    parser = _FenceParser(path, fills)
    for number, message, hint in rewritten.findings:
        parser.report(number + first_line, message, hint, "stray-markup")
    if not (":::" in body or "```" in body or "~~~" in body):
        return "\n".join(rewritten.lines), [], parser.problems
    lines, outside, unclosed = normalize_code_fences(rewritten.lines)
    file_lines = [number + first_line for number in rewritten.numbers]
    if unclosed is not None:
        hint = "Add a line of the same signs where the code ends."
        parser.report(file_lines[unclosed], "the code is never closed", hint)
    for index, line in outside:
        field = parser.parse_field(line, file_lines[index])
        if field is not None:
            lines[index] = field
            continue
        match = _FENCE.match(line) if ":::" in line else None
        if match:
            lines[index] = parser.parse_fence(match["name"], match["title"], file_lines[index])
    for index in reversed(parser.open_blocks):
        block = parser.fences[index]
        parser.report(block.line, f"the block '{block.name}' is never closed", "Add a line ':::'.")
        lines.append(_format_marker("E", index))
    text = "\n".join(lines)
    for index, block in enumerate(parser.fences):
        text = text.replace(
            _format_marker("B", index),
            _format_marker("B", index) + _format_inner_markers(index, block),
        )
    return text, parser.fences, parser.problems


def _format_marker(letter: str, number: int, text: str = "") -> str:
    return f"\n\n{MARKER_START}{letter}{number}{MARKER_END}{text}\n\n"


def _format_inner_markers(index: int, fence: BlockFence) -> str:
    """Format the title and fields of a block, which Markdown is to convert as paragraphs."""
    markers = [_format_marker("T", index, f" {fence.title}")] if fence.title else []
    markers += [
        _format_marker(f"F{name}.", index, f" {value}") for name, value in fence.fields.items()
    ]
    return "".join(markers)


class _FenceParser:
    """State of parsing the fences of one body.

    Attributes:
        fences: All blocks so far, by index.
        open_blocks: Indexes of the blocks that are open, outermost first.
        accepts_fields: The next line may be a field of the innermost block.
    """

    def __init__(self, path: str, fills: Fills) -> None:
        self.path, self.fills = path, fills
        self.fences: list[BlockFence] = []
        self.open_blocks: list[int] = []
        self.problems: list[Problem] = []
        self.accepts_fields = False
        self.is_content_page = path.startswith("content/")

    def report(self, line: int, message: str, hint: str, rule: str = "block") -> None:
        self.problems.append(problem(rule, self.path, message, hint=hint, line=line))

    def parse_field(self, line: str, line_number: int) -> str | None:
        """Parse a field of the block just opened.

        Returns:
            What replaces the line, or None if it is not a field.
        """
        field = _FIELD.match(line) if self.accepts_fields else None
        if field is None:
            self.accepts_fields = False
            return None
        fence = self.fences[self.open_blocks[-1]]
        name = field["name"]
        allowed = BLOCK_SPECS[fence.name].fields
        if name not in allowed:
            near = closest_match(name, allowed)
            hint = f"Did you mean '{near}'?" if near else f"It has: {', '.join(allowed)}."
            self.report(line_number, f"the block '{fence.name}' has no field '{name}'", hint)
        if name in BLOCK_SPECS[fence.name].integer_fields and not re.fullmatch(
            r"[0-9]{1,3}", field["value"]
        ):
            message = f"'{name}: {field['value']}' is not a whole number"
            self.report(line_number, message, "Write digits, such as 5.")
        fence.fields[name] = field["value"]
        if name == "signs" and name in allowed:
            return self.lookup_fill(
                f"signs {field['value']}", "unknown-sign", "list of signs", line_number
            )
        if name == "fact" and name in allowed:
            numbers = self.lookup_fill(
                f"fact {field['value']}", "unknown-fact", "fact", line_number
            )
            del fence.fields[name]
            fence.from_fact = True
            if numbers:
                fence.fields["count"], fence.fields["of"] = numbers.split()
            elif f"fact {field['value']}" in self.fills:
                message = f"the fact '{field['value']}' cannot be drawn"
                self.report(
                    line_number, message, "It has to be one number of 10, 20 or 100 people."
                )
        return ""

    def lookup_fill(self, key: str, rule: str, label: str, line: int) -> str:
        """Return the data for a key of `fills`; report an unknown key, for which it is empty."""
        if key not in self.fills:
            category, _, name = key.partition(" ")
            names = [
                fill.partition(" ")[2] for fill in self.fills if fill.startswith(f"{category} ")
            ]
            near = closest_match(name, names)
            file = {"signs": "emergency", "fact": "facts"}[category]
            hint = f"Did you mean '{near}'?" if near else f"Look up its name: content/{file}.yaml."
            self.report(line, f"there is no {label} '{name}'", hint, rule)
        return self.fills.get(key, "")

    def parse_fence(self, name: str, title: str, line: int) -> str:
        """Open or close a block.

        Returns:
            What replaces the line: its marker and any generated content, or an empty string if no
            block can be opened or closed.
        """
        if not name:
            return self.close_block(line)
        spec = BLOCK_SPECS.get(name)
        if spec is None:
            near = closest_match(name, BLOCK_SPECS)
            hint = (
                f"Did you mean '{near}'?" if near else "Use one of: " + ", ".join(BLOCK_SPECS) + "."
            )
            self.report(line, f"there is no block '{name}'", hint)
        elif spec.title == "required" and not title:
            self.report(
                line, f"the block '{name}' needs a title", f"Write it as '::: {name} Title'."
            )
        elif spec.title == "none" and title:
            self.report(
                line, f"the block '{name}' has no title", "Put the title in a heading above."
            )
        if len(self.open_blocks) == MAX_BLOCK_DEPTH:
            self.report(
                line, "nested too deep", f"Use at most {MAX_BLOCK_DEPTH} blocks in one another."
            )
            return ""
        self.fences.append(BlockFence(name, line, title))
        self.open_blocks.append(len(self.fences) - 1)
        self.accepts_fields = bool(spec and spec.fields)
        content = (
            self.lookup_generated(f"{name} {title}".strip(), line)
            if spec and spec.generated
            else ""
        )
        return _format_marker("B", len(self.fences) - 1) + content + "\n\n"

    def lookup_generated(self, key: str, line: int) -> str:
        """Return the content of a generated block; report an empty one on a content page."""
        content = self.fills.get(key, "")
        if self.is_content_page and not content.strip():
            hint = "Is it written as in docs/editing.md, and does content/ hold data for it?"
            self.report(line, f"there is nothing to show in the block '{key}'", hint)
        return content

    def check_file_texts(self, fence: BlockFence) -> None:
        """Report fields that do not have one text for each of the block's files."""
        file_count = len(fence.title.split())
        for name in ("alt", "names"):
            text_count = len(fence.fields.get(name, "").split(" | "))
            if name in fence.fields and text_count != file_count:
                message = f"'{name}' has {text_count} parts for {file_count} files"
                self.report(fence.line, message, "Write one for each, with ' | ' between them.")

    def check_count(self, fence: BlockFence) -> None:
        """Report a total that is not 10, 20 or 100, or a count that is larger than the total."""
        count, of = fence.fields.get("count", ""), fence.fields.get("of", "")
        if of.isdecimal() and of not in {"10", "20", "100"}:
            self.report(
                fence.line, f"'of: {of}' is not 10, 20 or 100", "Count among as many people."
            )
        elif count.isdecimal() and of.isdecimal() and int(count) > int(of):
            self.report(fence.line, f"'count: {count}' is more than 'of: {of}'", "Fix one of them.")

    def close_block(self, line: int) -> str:
        if not self.open_blocks:
            hint = "Delete it, or add the line that opens the block."
            self.report(line, "':::' closes a block that was never opened", hint)
            return ""
        index = self.open_blocks.pop()
        fence = self.fences[index]
        spec = BLOCK_SPECS.get(fence.name, BlockSpec(""))
        for name in () if fence.from_fact else set(spec.required_fields) - set(fence.fields):
            hint = f"Add a line '{name}: ...' right below '::: {fence.name}'."
            self.report(fence.line, f"the block '{fence.name}' has no '{name}'", hint)
        if spec.title_lists_files:
            self.check_file_texts(fence)
        if "count" in spec.integer_fields:
            self.check_count(fence)
        is_loose = spec.signs == "required" and "signs" not in fence.fields
        if self.is_content_page and is_loose:
            hint = "Write 'signs: NAME' right below: a list of content/emergency.yaml."
            message = f"the signs of this '{fence.name}' card are written by hand"
            self.report(fence.line, message, hint, "loose-signs")
        return _format_marker("E", index)
