"""Write blocks in the form in which Python-Markdown reads them as CommonMark does."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from sitebuilder.markdown.block_reader import (
    MAX_BLOCK_INDENT,
    BlockLine,
    Container,
    Finding,
)

INDENT: Final = 4
"""Spaces by which Python-Markdown wants the content of a list item indented."""

_READ_AS_BLOCK: Final = re.compile(r"(?P<digits>\d{1,9})?(?P<sign>(?(digits)\.(?= )|[#>*+=-]))")
"""Start of a line in a paragraph that Python-Markdown might take for a block."""

_CODE_BELOW: Final = (
    "this code would be shown as part of the list or the code above it",
    "Put a line of text between them.",
)


class BlockWriter:
    """Writes blocks as Python-Markdown wants them.

    A line is left as typed if that reads the same: most pages then stay as they are to the byte.

    Attributes:
        lines: The lines so far.
        numbers: The number of the source line of each.
        previous: The last line that was not blank.
        blank: The empty line after it.
        is_attached: The paragraph in `previous` starts on the line of its list item.
        is_loose: There is an empty line in the list.
        findings: Code that Python-Markdown cannot be made to read as it should.
    """

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.numbers: list[int] = []
        self.previous: BlockLine | None = None
        self.blank: BlockLine | None = None
        self.is_attached = False
        self.is_loose = False
        self.findings: list[Finding] = []

    def write(self, line: BlockLine) -> None:
        if line.kind == "blank":
            self.write_blank(line, line.containers)
            self.blank = line
            return
        above = self.previous.containers if self.previous else ()
        common = _count_common(line.containers, above)
        opened = len(line.containers) > common
        if not line.containers:
            self.is_loose = False
        if line.is_first:
            self.separate(line, above, common)
            self.is_attached = line.kind == "paragraph" and opened
        if line.kind in {"code", "fence", "table"} and opened:
            self.append(line, _prefix(line.containers, common))
            self.write_blank(line, line.containers)
            common = len(line.containers)
        if line.kind != "fence" or not line.containers:  # else its code is indented
            self.append(line, _format_line(line, common))
        self.previous, self.blank = line, None

    def separate(self, line: BlockLine, above: Sequence[Container], common: int) -> None:
        """Write what Python-Markdown wants between a block and the one above it.

        That is an empty line, or nothing. A block that would be part of the list or quote above in
        spite of an empty line is kept apart by an empty comment.
        """
        outermost = line.containers[0].kind if line.containers else line.kind
        if above and not common and outermost in {"code", ">"} & {"code", above[0].kind}:
            for text in ("", "<!-- -->", ""):
                self.append(line, text)
        elif line.kind in {"code", "fence"} and self.would_join(line, above, common):
            self.findings.append((line.number, *_CODE_BELOW))
        if not self.is_below_blank(line, common) and self.needs_blank(line, common):
            self.write_blank(line, line.containers[:common])

    def would_join(self, line: BlockLine, above: Sequence[Container], common: int) -> bool:
        """Return whether code in a list or quote would be part of what is above it."""
        is_below_code = self.previous is not None and self.previous.kind in {"code", "fence"}
        return bool(common) and (
            common < len(above) or (is_below_code and common == len(line.containers))
        )

    def append(self, line: BlockLine, text: str) -> None:
        self.lines.append(text)
        self.numbers.append(line.number)

    def write_blank(self, line: BlockLine, containers: tuple[Container, ...]) -> None:
        self.is_loose = True
        in_quote = any(container.kind == ">" for container in containers)
        self.append(line, _prefix(containers, len(containers)).rstrip() if in_quote else "")

    def is_below_blank(self, line: BlockLine, common: int) -> bool:
        """Return whether an empty line ends what is above; one in a quote does so only there."""
        quotes = [c for c in self.blank.containers if c.kind == ">"] if self.blank else []
        return self.blank is not None and all(c in line.containers[:common] for c in quotes)

    def needs_blank(self, line: BlockLine, common: int) -> bool:
        """Return whether Python-Markdown finds a block only below an empty line."""
        above = self.previous
        if above is None or "block" in {above.kind, line.kind}:
            return False
        opened = line.containers[common].kind if len(line.containers) > common else ""
        if opened == ":":
            return above.kind != "paragraph"
        left = above.containers[common:]
        if (
            not line.text  # an empty item: '-' alone would underline a heading
            or opened in {"", ">"}
            or above.kind != "paragraph"
            or not self.is_attached
            or any(container.kind == ">" for container in (*line.containers, *left))
        ):
            return True
        # Another item of the list, or the first one of a list in the item.
        return bool(left) and (left[0].kind != opened or (len(left) > 1 and self.is_loose))


def _count_common(containers: Sequence[Container], others: Sequence[Container]) -> int:
    """Return how many of the outermost containers are the same."""
    count = 0
    for ours, theirs in zip(containers, others, strict=False):
        if ours is not theirs:
            break
        count += 1
    return count


def _prefix(containers: tuple[Container, ...], written: int) -> str:
    """Return how a line in these containers starts; the marks of the first ones are written."""
    return "".join(
        container.marker if container.kind == ">" or index >= written else " " * INDENT
        for index, container in enumerate(containers)
    )


def _format_line(line: BlockLine, written: int) -> str:
    """Return a line as Python-Markdown is to read it.

    Args:
        written: How many of its containers are open already.
    """
    if line.kind == "code" and line.containers:
        return _prefix(line.containers, written) + " " * INDENT + line.text
    if _reads_the_same(line, written):
        return line.source
    return _prefix(line.containers, written) + _escape_block_start(line)


def _reads_the_same(line: BlockLine, common: int) -> bool:
    """Return whether Python-Markdown reads a line as typed as it does the rewritten one."""
    if not line.source.endswith(line.text):
        return False
    if not line.containers:
        return line.kind != "heading" or line.source[0] == "#"
    if not all(container.kind in "-+*." for container in line.containers):
        return False
    indent = len(line.source) - len(line.source.lstrip(" ")) - INDENT * common
    opened = len(line.containers) - common
    if not line.is_first:
        return indent <= MAX_BLOCK_INDENT and not _READ_AS_BLOCK.match(line.text)
    if opened == 1:
        return 0 <= indent <= MAX_BLOCK_INDENT and bool(line.text)
    return not opened and 0 <= indent <= (0 if line.kind == "heading" else MAX_BLOCK_INDENT)


def _escape_block_start(line: BlockLine) -> str:
    """Return the text of a line, with what would start another block within a paragraph escaped."""
    text = line.text
    start = _READ_AS_BLOCK.match(text) if line.kind == "paragraph" and not line.is_first else None
    if start is None:
        return text
    return f"{text[: start.start('sign')]}\\{text[start.start('sign') :]}"
