"""Find the blocks of CommonMark in a body, line by line.

The method is that of the specification, appendix "A parsing strategy"
(https://spec.commonmark.org/0.31.2/). Footnotes, definition lists and tables, which are not part of
it, are blocks here too.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

TAB_STOP: Final = 4

MAX_BLOCK_INDENT: Final = 3
"""A line that is indented further starts no block: it is code, or goes on a paragraph."""

_BULLET: Final = re.compile(r"(?P<mark>[-+*])(?P<space> +|$)")
_NUMBER: Final = re.compile(r"(?P<digits>\d{1,9})(?P<mark>[.)])(?P<space> +|$)")
_ATX: Final = re.compile(r"#{1,6}(?: |$)")
_SETEXT: Final = re.compile(r"(?P<sign>=+|-+) *$")
_RULE: Final = re.compile(r"(?:(?:\* *){3,}|(?:_ *){3,}|(?:- *){3,})$")
_CODE_FENCE: Final = re.compile(r"(?P<fence>`{3,}(?=[^`]*$)|~{3,})")
_BLOCK_FENCE: Final = re.compile(r" {0,3}:::")
_DELIMITER_ROW: Final = re.compile(r"\|? *:?-+:? *(?:\| *:?-+:? *)*\|?")
_CELL_BOUNDARY: Final = re.compile(r"(?<!\\)\|")
_NOTE_DEFINITION: Final = re.compile(r"\[\^[^\]\s]+\]: *")
_DEFINITION: Final = re.compile(r": {1,3}(?=\S)")

_RUN_IN: Final = (
    "this line goes on the line above, and begins no list",
    "Put an empty line above the list.",
)

Finding = tuple[int, str, str]
"""Number of a source line, what is wrong with it, and how to mend it."""


class Container(msgspec.Struct, eq=False):
    """A list item, quote, footnote or definition.

    Attributes:
        kind: What marks a list item (`-`, `+`, `*`, `.` or `)`); else `>`, `[^` or `:`.
        width: Columns by which its content is indented; of no use for a quote.
        marker: What its first line starts with in Python-Markdown.
        is_empty: It has no content yet.
    """

    kind: str
    width: int
    marker: str
    is_empty: bool = True


class BlockLine(msgspec.Struct):
    """A line of a body, and the block that it is part of.

    Attributes:
        number: Its number in the body, from 0.
        source: The line as typed, with tabs expanded.
        containers: What it stands in, outermost first.
        kind: `blank`, `paragraph`, `heading`, `rule`, `table`, `code`, `fence` or `block`.
        text: The line without what marks its containers.
        is_first: It is the first line of its block.
    """

    number: int
    source: str
    containers: tuple[Container, ...]
    kind: str
    text: str
    is_first: bool


class BlockReader:
    """Finds the blocks of CommonMark, line by line.

    Attributes:
        lines: The lines so far.
        containers: The open containers, outermost first.
        leaf: The kind of the open block, or empty.
        code_fence: The signs that opened it, if it is a `fence`.
        code_indent: The columns by which these are indented.
        findings: Lines that look like list items, but go on a paragraph.
    """

    def __init__(self) -> None:
        self.lines: list[BlockLine] = []
        self.containers: list[Container] = []
        self.leaf = ""
        self.code_fence, self.code_indent = "", 0
        self.findings: list[Finding] = []

    def add_line(self, source: str) -> None:
        line = source.expandtabs(TAB_STOP) if "\t" in source else source
        position, matched = self.match_containers(line)
        if self.leaf == "fence" and matched == len(self.containers):
            self.add_code(line, line[position:])
            return
        if self.leaf == "fence":
            self.leaf = ""
        if _BLOCK_FENCE.match(line):
            self.containers, self.leaf = [], ""
            self.append("block", line, line.strip())
            return
        self.parse_blocks(line, position, matched)

    def append(self, kind: str, line: str, text: str, *, is_first: bool = True) -> None:
        self.lines.append(
            BlockLine(len(self.lines), line, tuple(self.containers), kind, text, is_first)
        )

    def match_containers(self, line: str) -> tuple[int, int]:
        """Return the position behind the marks of the containers that go on, and their number."""
        position = matched = 0
        for container in self.containers:
            rest = line[position:].lstrip(" ")
            indent = len(line) - position - len(rest)
            if container.kind == ">":
                if indent > MAX_BLOCK_INDENT or rest[:1] != ">":
                    break
                position += indent + 1 + (rest[1:2] == " ")
            elif not rest:
                if container.is_empty:
                    break
            elif indent < container.width:
                break
            else:
                position += container.width
            matched += 1
        return position, matched

    def parse_blocks(self, line: str, position: int, matched: int) -> None:
        """Open the containers that start on a line, and add its text.

        Args:
            position: Where its text starts, behind the marks of the containers that go on.
            matched: How many go on.
        """
        may_be_lazy = self.leaf == "paragraph"  # without the marks of its containers
        while True:
            text = line[position:].lstrip(" ")
            indent = len(line) - position - len(text)
            goes_on = may_be_lazy and matched == len(self.containers)
            if not text:
                self.add_blank(line, matched)
                return
            if indent > MAX_BLOCK_INDENT:
                if may_be_lazy:
                    self.add_continuation(line, text)
                else:
                    self.add_leaf("code", line, line[position + TAB_STOP :], matched)
                return
            if self.parse_leaf(line, text, indent, matched, in_paragraph=goes_on):
                return
            width, container = self.parse_container(text, indent, matched, in_paragraph=goes_on)
            if container is None:
                break
            self.close(matched)
            self.containers.append(container)
            position, matched, may_be_lazy = position + width, matched + 1, False
        if may_be_lazy:
            self.add_continuation(line, text)
        elif self.leaf == "table" and matched == len(self.containers):
            self.append("table", line, text, is_first=False)
        else:
            self.add_leaf("paragraph", line, text, matched)

    def close(self, matched: int) -> None:
        """Close the open block, and all containers but the first ones."""
        self.leaf = ""
        del self.containers[matched:]

    def add_leaf(self, kind: str, line: str, text: str, matched: int) -> None:
        is_first = self.leaf != kind or matched < len(self.containers)
        self.close(matched)
        self.leaf = kind
        for container in self.containers:
            container.is_empty = False
        self.append(kind, line, text, is_first=is_first)

    def add_continuation(self, line: str, text: str) -> None:
        """Add a line that goes on the open paragraph."""
        if _BULLET.match(text) or _NUMBER.match(text):
            self.findings.append((len(self.lines), *_RUN_IN))
        self.append("paragraph", line, text, is_first=False)

    def add_blank(self, line: str, matched: int) -> None:
        is_new_item = (
            bool(self.containers)
            and self.containers[-1].is_empty
            and (not self.lines or self.lines[-1].containers != tuple(self.containers))
        )
        if is_new_item:
            self.append("paragraph", line, "")
            return
        for container in self.containers[matched:]:
            if container.kind == ">" or container.is_empty:
                del self.containers[matched:]
                break
        if self.leaf != "code":
            self.leaf = ""
        self.append("blank", line, "")

    def parse_leaf(
        self, line: str, text: str, indent: int, matched: int, *, in_paragraph: bool
    ) -> bool:
        """Add a line that is a heading, a rule, or starts code or a table; False if it is none."""
        fence = _CODE_FENCE.match(text)
        if fence:
            self.add_leaf("fence", line, text, matched)
            self.code_fence, self.code_indent = fence["fence"], indent
        elif _ATX.match(text):
            self.add_leaf("heading", line, text, matched)
            self.lower_title(self.lines[-1])
        elif in_paragraph and _SETEXT.match(text):
            self.make_heading(line, text)
        elif _RULE.match(text):
            self.add_leaf("rule", line, text, matched)
        elif in_paragraph and _DELIMITER_ROW.fullmatch(text) and self.is_below_header(text):
            self.lines[-1].kind, self.lines[-1].is_first = "table", True
            self.append("table", line, text, is_first=False)
            self.leaf = "table"
            return True
        else:
            return False
        if self.leaf != "fence":
            self.leaf = ""
        return True

    def make_heading(self, line: str, underline: str) -> None:
        """Make a heading of the open paragraph."""
        start = len(self.lines) - 1
        while not self.lines[start].is_first:
            start -= 1
        if start == len(self.lines) - 1 and not self.containers:
            self.append("paragraph", underline, underline, is_first=False)
            return
        first = self.lines[start]
        words = " ".join(block_line.text.strip() for block_line in self.lines[start:])
        first.kind, first.text = "heading", f"{'#' if underline[0] == '=' else '##'} {words}"
        self.lower_title(first)
        for block_line in self.lines[start + 1 :]:
            block_line.kind, block_line.text = "blank", ""
        self.append("blank", line, "")

    def lower_title(self, line: BlockLine) -> None:
        """Lower a first-level heading in a list or quote: only the page's title is one."""
        if line.containers and line.text.startswith("# "):
            line.text = f"#{line.text}"

    def is_below_header(self, row: str) -> bool:
        """Return whether a delimiter row and the line above it start a table."""
        header = self.lines[-1].text
        return "|" in header + row and _count_cells(header) == _count_cells(row)

    def parse_container(
        self, text: str, indent: int, matched: int, *, in_paragraph: bool
    ) -> tuple[int, Container | None]:
        """Return the container that a text starts, if any, and the columns up to its content."""
        if text[0] == ">":
            return indent + 1 + (text[1:2] == " "), Container(">", 0, "> ")
        item = _BULLET.match(text) or _NUMBER.match(text)
        if item:
            digits = item.groupdict().get("digits") or ""
            is_blank = not text[item.end() :].strip()
            if in_paragraph and (is_blank or (digits and int(digits) != 1)):
                return 0, None
            space = len(item["space"])
            width = len(digits) + 1 + (1 if is_blank or space > TAB_STOP else space)
            marker = f"{digits}." if digits else item["mark"]
            return indent + width, Container(item["mark"], indent + width, f"{marker:<3} ")
        note = _NOTE_DEFINITION.match(text)
        definition = _DEFINITION.match(text)
        follows_term = in_paragraph or (
            matched < len(self.containers) and self.containers[matched].kind == ":"
        )
        found = note or (definition if follows_term else None)
        if not found:
            return 0, None
        return indent + found.end(), Container(text[: 2 if note else 1], TAB_STOP, found[0])

    def add_code(self, line: str, text: str) -> None:
        """Add a line of a fenced block, or the fence that ends it."""
        stripped = text.strip(" ")
        indent = len(text) - len(text.lstrip(" "))
        if (
            indent <= MAX_BLOCK_INDENT
            and stripped.startswith(self.code_fence)
            and not stripped.strip(self.code_fence[0])
        ):
            self.append("fence", line, stripped, is_first=False)
            self.leaf = ""
        else:
            self.append("code", line, text[min(indent, self.code_indent) :], is_first=False)


def _count_cells(row: str) -> int:
    return len(_CELL_BOUNDARY.findall(row.strip().strip("|"))) + 1
