"""Rewrite the block structure of CommonMark to the form in which Python-Markdown reads the same.

Editors know CommonMark from GitHub and from their editors: lists nested by two spaces, lists right
below a line of text, `1)`, a heading below a table. Python-Markdown wants four spaces, empty lines
and `1.`. `to_python_markdown` rewrites the lines that it would read otherwise. Bodies without any
such line, which are most, are returned as they are.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from sitebuilder.markdown.block_reader import BlockReader, Finding
from sitebuilder.markdown.block_writer import BlockWriter
from sitebuilder.markdown.code_lines import lines_outside_code

_INDENTED_FENCE: Final = re.compile(r"^ +(?:```|~~~)", re.MULTILINE)

_BLOCK_START: Final = r"(?:[#>|`~:]|\[\^|(?:[-+*]|\d{1,9}[.)])(?: |$)|[-=_* ]+$)"
_ITEM_TEXT: Final = r" {1,4}(?![>#| ]|```|~~~|(?:[-+*]|\d{1,9}[.)])(?: |$)|[-=_* ]+$)(?=.)"
_LINE_KIND: Final = re.compile(
    r"(?P<blank> *$|:::)"
    rf"|(?P<dash>-{_ITEM_TEXT})|(?P<plus>\+{_ITEM_TEXT})|(?P<star>\*{_ITEM_TEXT})"
    rf"|(?P<number>\d{{1,9}}\.{_ITEM_TEXT})"
    r"|(?P<rule>(?:-{3,}|_{3,}|\*{3,}) *$)"
    r"|(?P<heading>#)"
    rf"|(?P<quote>> ?(?![ >]|{_BLOCK_START}|$))"
    rf"|(?P<unsure>[>\t]| {{4}}| +\t| *(?![|`~:\[]){_BLOCK_START}| +{_BLOCK_START})"
    r"|(?P<row>[^|]*\|)"
    r"|(?P<indented> )"
    r"|(?P<text>)"
)
_ALL: Final = frozenset({"", "text", "row", "dash", "plus", "star", "number"})
_READ_ALIKE_BELOW: Final = {
    "blank": _ALL | {"quote"},
    "quote": frozenset({"", "quote"}),
    "text": _ALL,
    "indented": _ALL - {""},
    "heading": _ALL - {"row"},
    "rule": frozenset({""}),
    "row": frozenset({"", "row"}),
    "dash": frozenset({"", "dash"}),
    "plus": frozenset({"", "plus"}),
    "star": frozenset({"", "star"}),
    "number": frozenset({"", "number"}),
    "unsure": frozenset[str](),
}
"""Below which lines both parsers read a kind of line alike; "" is an empty line, or a heading."""


class RewrittenBody(msgspec.Struct, frozen=True):
    """The lines of a body as Python-Markdown is to read them.

    Attributes:
        lines: The lines.
        numbers: The number of the source line of each, from 0.
        findings: Number of a source line, what is wrong with it, and how to mend it.
    """

    lines: list[str]
    numbers: list[int]
    findings: tuple[Finding, ...] = ()


def to_python_markdown(body: str) -> RewrittenBody:
    """Rewrite the blocks of a body for Python-Markdown.

    Lines may be inserted; none is taken out.
    """
    lines = body.split("\n")
    if not _may_differ(body):
        return RewrittenBody(lines, list(range(len(lines))))
    reader = BlockReader()
    for line in lines:
        reader.add_line(line)
    writer = BlockWriter()
    for block_line in reader.lines:
        writer.write(block_line)
    return RewrittenBody(writer.lines, writer.numbers, (*reader.findings, *writer.findings))


def _may_differ(body: str) -> bool:
    """Return whether Python-Markdown may read a block of a body in another way than CommonMark.

    Most bodies have nothing but headings, paragraphs, plain lists and tables with empty lines
    between them. To see that takes a tenth of the time of rewriting them.
    """
    if body[:1] == " ":
        return True
    above, is_below_quote = "", False
    for _, line in lines_outside_code(body):
        if line[:1].isalpha() and "|" not in line and above != "quote":
            above, is_below_quote = above or "text", False
            continue
        kind = _LINE_KIND.match(line).lastgroup or ""  # type: ignore[union-attr]  # text is always
        if above not in _READ_ALIKE_BELOW[kind] or (kind == "quote" and is_below_quote):
            return True
        is_below_quote = kind == "blank" and (above == "quote" or is_below_quote)
        if kind in {"blank", "heading", "rule"}:
            above = ""
        elif kind not in {"text", "indented"}:
            above = kind
        else:
            above = above or "text"
    return ("```" in body or "~~~" in body) and _INDENTED_FENCE.search(body) is not None
