"""Lines as an editor typed them in; signs out that Markdown would take for its own, and lose.

What changes or hides what is said has the rule `meaning`; what is only untidy, `stray-markup`.
`strays` has the other half: what Markdown leaves behind.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from html.entities import html5
from typing import Final

from sitebuilder.core.problems import Problem, problem

SourceLines = Sequence[tuple[int, str]]
"""Lines outside code, spans of code blanked out, with their numbers in the file."""
Finding = tuple[str, int, str, str]
"""Rule, column from 1, message, hint."""

_LIST_PREFIX: Final = r"[ \t]*(?:(?:[-*+]|\d+\.)[ \t]+)*"
_CHECKED_FIRST_CHARS: Final = frozenset(
    "# \t"
)  # `_in_line` may have to say something of a line from one
_SWALLOWED_GREATER_THAN: Final = re.compile(
    rf"{_LIST_PREFIX}(?:>[ \t]*)*(?P<sign>>)[ \t]*[=~\u2248\u00b1$\u20ac\u00a3]?[ \t]*[.,]?"
    r"(?!\d+\.[ \t])[\d\u00bc-\u00be\u2150-\u215e]"
)
_ASTERISK_BETWEEN_DIGITS: Final = re.compile(
    r"\*(?<=\d\*)\**(?=\d)"
)  # from its sign on: found far sooner
_EMPHASIS_ASTERISK: Final = re.compile(r"(?<![\\*])\*+(?=\S)|(?<=[^\s\\*])\*+")
_HASH_WITHOUT_SPACE: Final = re.compile(r"#{1,6}(?=[^\s#])")
_SWALLOWED_HASH: Final = re.compile(r"#{1,6}[^#\\]*[^\s#\\](?P<sign>#+)\s*$")
_SETEXT_UNDERLINE: Final = re.compile(r"(?:-+|=+)[ ]*$")
_SENTENCE_END: Final = re.compile(r"[.!?:;,][\"')\]\u2019\u201d]*\s*$|^\s*(?:[-*+>|]|\d)")
_LIST_NUMBER: Final = re.compile(r"[ \t>]*(?P<digits>\d+)\.[ \t]")
_MAX_NUMBER_DIGITS: Final = 9
_ENTITY: Final = re.compile(r"&(?P<name>[A-Za-z][A-Za-z0-9]*;)")
_CONTAINER_PREFIX: Final = r"[ \t>]*(?:(?:[-*+:]|\d+\.)[ \t>]+)*"
"""What a line of a list, quotation or meaning begins with."""

_LINK_DEFINITION: Final = re.compile(
    rf"{_CONTAINER_PREFIX}\[(?P<name>[^\[\]^][^\[\]]*)\]:[ ]*"
    r"(?:\S+[ ]*(?:\"[^\"]*\"|'[^']*'|\([^()]*\))?)?[ ]*$"
)
_ABBREVIATION_DEFINITION: Final = re.compile(rf"{_CONTAINER_PREFIX}\*\[(?P<name>[^\]\\]+)\] ?:")
_BRACKETED: Final = re.compile(r"\[([^\[\]]*)\]")


def lint_source(lines: SourceLines, path: str) -> Iterator[Problem]:
    """Signs of a page's lines that Markdown would take for its own."""
    defined: list[tuple[int, str, str]] = []
    for at, (number, line) in enumerate(lines):
        if not line:
            continue
        first = line[0]
        found: Iterable[Finding] = ()
        if first in _CHECKED_FIRST_CHARS or first.isdecimal() or ">" in line or "&" in line:
            found = _lint_line(line)
        elif (
            first in {"-", "="}
            and _SETEXT_UNDERLINE.match(line)
            and _is_single_line_paragraph(lines, at - 1)
        ):
            found = _lint_setext_heading(lines[at - 1][1], line.rstrip())
        for rule, column, message, hint in found:
            yield problem(rule, path, message, hint=hint, line=number, column=column)
        if "]:" in line or "] :" in line:
            for pattern in (_LINK_DEFINITION, _ABBREVIATION_DEFINITION):
                name = pattern.match(line)
                if name:
                    defined.append((number, line, name["name"]))
    yield from _lint_unused_definitions(lines, defined, path)
    yield from _lint_asterisks(lines, path)


def _is_single_line_paragraph(lines: SourceLines, index: int) -> bool:
    """Whether a line is the only one of its paragraph so far."""
    return (
        index >= 0 and bool(lines[index][1].strip()) and not (index and lines[index - 1][1].strip())
    )


def _lint_asterisks(lines: SourceLines, path: str) -> Iterator[Problem]:
    """A '*' between digits, and another in the paragraph: emphasis would run between them."""
    if not any(_ASTERISK_BETWEEN_DIGITS.search(line) for _, line in lines if "*" in line):
        return
    stars, between = 0, (0, 0)
    for number, line in [*lines, (0, "")]:
        if "*" in line:
            stars += len(_EMPHASIS_ASTERISK.findall(line))
            found = _ASTERISK_BETWEEN_DIGITS.search(line)
            between = (number, found.start() + 1) if found else between
        elif not line.strip():
            if stars > 1 and between[0]:
                at, column = between
                message = "'*' between numbers would be read as emphasis, and lost"
                hint = "Write \u00d7, or \\*."
                yield problem("meaning", path, message, hint=hint, line=at, column=column)
            stars, between = 0, (0, 0)


def _lint_line(line: str) -> Iterator[Finding]:
    if ">" in line:
        lost = _SWALLOWED_GREATER_THAN.match(line)
        if lost:
            hint = "Write 'more than', or \\> for the sign itself."
            message = "'>' before a number: it would be read as the mark of a quotation, and lost"
            yield "meaning", lost.start("sign") + 1, message, hint
    if line[:1] == "#":
        tight = _HASH_WITHOUT_SPACE.match(line)
        hash_ = _SWALLOWED_HASH.match(line) if line.rstrip()[-1] == "#" else None
        if tight:
            rule = "meaning" if line[tight.end()].isdigit() else "stray-markup"
            message = "'#' at the start makes a heading of this line, and is not shown"
            yield rule, 1, message, "Write a space behind it, or \\# for the sign itself."
        if hash_:
            message = "'#' at the end of a heading is not shown"
            yield "meaning", hash_.start("sign") + 1, message, "Write \\# for the sign itself."
    found = _LIST_NUMBER.match(line) if "." in line else None
    if found:
        digits = found["digits"]
        if len(digits) > _MAX_NUMBER_DIGITS or not digits.isascii() or str(int(digits)) != digits:
            message = f"'{digits}.' starts a list, which would show another number"
            hint = f"Write {digits}\\. if it is part of the text."
            yield "meaning", found.start("digits") + 1, message, hint
    for entity in _ENTITY.finditer(line) if "&" in line else ():
        if entity["name"] not in html5:
            message = f"'{entity[0]}' is the name of no sign, and may be shown as another"
            yield "meaning", entity.start() + 1, message, "Write &amp; for '&', or the sign itself."


def _lint_setext_heading(line_above: str, line: str) -> Iterator[Finding]:
    if len(line) < 3:  # noqa: PLR2004 - so many signs are meant as a line
        message = f"'{line}' alone makes a heading of the line above, and is not shown"
        yield "meaning", 1, message, f"Write \\{line[0]}, or put it on the line above."
    elif "|" not in line_above and _SENTENCE_END.search(line_above):
        message = f"'{line}' makes a heading of the line above"
        yield "stray-markup", 1, message, "Put an empty line between, if it is not one."


def _lint_unused_definitions(
    lines: SourceLines, definitions: list[tuple[int, str, str]], path: str
) -> Iterator[Problem]:
    """Lines that define a link or a short form that nothing uses: nobody would see them."""
    if not definitions:
        return
    places = {number for number, _, _ in definitions}
    places |= {number + 1 for number, line, _ in definitions if line.rstrip().endswith(":")}
    rest = "\n".join(line for number, line in lines if number not in places)
    used = {" ".join(name.split()).lower() for name in _BRACKETED.findall(rest)}
    for number, line, name in definitions:
        as_word = rf"\b{re.escape(name)}\b" if _ABBREVIATION_DEFINITION.match(line) else ""
        shown = re.search(as_word, rest) if as_word else " ".join(name.split()).lower() in used
        if not shown:
            message = f"this line defines '{name}', which the page does not use, and is not shown"
            hint = "Delete it; or write \\[ at its start, if it is text."
            yield problem("meaning", path, message, hint=hint, line=number, column=1)
