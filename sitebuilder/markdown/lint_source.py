"""Report characters in the source that Markdown would take for syntax and so not show.

Where this changes or hides the meaning, the rule is `meaning`; where it is only untidy,
`stray-markup`. `lint_output` reports the opposite: syntax that Markdown does not recognize.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from html.entities import html5
from typing import Final

from sitebuilder.core.problems import Problem, problem

SourceLines = Sequence[tuple[int, str]]
"""Numbers in the file and texts of the lines outside of code, with code spans blanked."""

Finding = tuple[str, int, str, str]
"""Rule, column from 1, message, hint."""

_LIST_PREFIX: Final = r"[ \t]*(?:(?:[-*+]|\d+\.)[ \t]+)*"
_CHECKED_FIRST_CHARS: Final = frozenset("# \t")
"""First characters (besides digits) of lines that need `_lint_line` even without `>` or `&`."""

_MARKS_OF_ITEMS: Final = frozenset("-+*")

_SWALLOWED_GREATER_THAN: Final = re.compile(
    rf"{_LIST_PREFIX}(?:>[ \t]*)*(?P<lost>>)[ \t]*[=~\u2248\u00b1$\u20ac\u00a3]?[ \t]*[.,]?"
    r"(?!\d+\.[ \t])[\d\u00bc-\u00be\u2150-\u215e]"
)
# Starts with the literal `*`, which makes the search far faster than a lookbehind would.
_ASTERISK_IN_WORD: Final = re.compile(r"\*(?<=[0-9A-Z]\*)\**(?=[0-9A-Z])")
_EMPHASIS_ASTERISK: Final = re.compile(r"(?<![\\*])\*+(?=\S)|(?<=[^\s\\*])\*+")
_HASH_WITHOUT_SPACE: Final = re.compile(r"#{1,6}(?=[^\s#])")
_SWALLOWED_HASH: Final = re.compile(r"#{1,6}[^#\\]*[^\s#\\](?P<lost>#+)\s*$")
_ITEM_WITH_NUMBER: Final = re.compile(r" {0,3}(?P<mark>[-+*]) +[\d\u00bc-\u00be]")
_LIST_ITEM: Final = re.compile(r"\s*(?:[-+*]|\d+[.)]) ")
_DIGIT_AT_END: Final = re.compile(r"\d\s*$")
_SETEXT_UNDERLINE: Final = re.compile(r"(?:-+|=+)[ ]*$")
_SENTENCE_END: Final = re.compile(r"[.!?:;,][\"')\]\u2019\u201d]*\s*$|^\s*(?:[-*+>|]|\d)")
_LIST_NUMBER: Final = re.compile(r"[ \t>]*(?P<digits>\d+)\.[ \t]")
_MAX_NUMBER_DIGITS: Final = 9
_ENTITY: Final = re.compile(r"&(?P<name>[A-Za-z][A-Za-z0-9]*;)")
_CONTAINER_PREFIX: Final = r"[ \t>]*(?:(?:[-*+:]|\d+\.)[ \t>]+)*"
"""How a line of a list, quote or definition list starts."""

_LINK_DEFINITION: Final = re.compile(
    rf"{_CONTAINER_PREFIX}\[(?P<name>[^\[\]^][^\[\]]*)\]:[ ]*"
    r"(?:\S+[ ]*(?:\"[^\"]*\"|'[^']*'|\([^()]*\))?)?[ ]*$"
)
_ABBREVIATION_DEFINITION: Final = re.compile(rf"{_CONTAINER_PREFIX}\*\[(?P<name>[^\]\\]+)\] ?:")
_ADDRESS_DEFINITION: Final = re.compile(
    r" {0,3}\[[^\[\]^][^\[\]]*\]:\s*(?:(?P<spaced><[^<>]*\s[^<>]*>)|\S)"
)
_EMPTY_LINK: Final = re.compile(r"(?<![!\\])\[ *\]\((?=[^)\s])")
_BRACKETED: Final = re.compile(r"\[([^\[\]]*)\]")


def lint_source(lines: SourceLines, path: str) -> Iterator[Problem]:
    """Report what Markdown would take for syntax in a page's lines."""
    definitions: list[tuple[int, str, str]] = []
    for index, (number, line) in enumerate(lines):
        if not line:
            continue
        first = line[0]
        findings: Iterable[Finding] = ()
        if first in _CHECKED_FIRST_CHARS or first.isdecimal() or ">" in line or "&" in line:
            findings = _lint_line(line)
        elif first in _MARKS_OF_ITEMS and index and _DIGIT_AT_END.search(lines[index - 1][1]):
            findings = _lint_item_below_number(line, lines[index - 1][1])
        elif (
            first in {"-", "="}
            and _SETEXT_UNDERLINE.match(line)
            and _is_single_line_paragraph(lines, index - 1)
        ):
            findings = _lint_setext_heading(lines[index - 1][1], line.rstrip())
        for rule, column, message, hint in findings:
            yield problem(rule, path, message, hint=hint, line=number, column=column)
        if "]:" in line or "] :" in line:
            yield from _lint_definition_place(lines, index, path)
            for pattern in (_LINK_DEFINITION, _ABBREVIATION_DEFINITION):
                match = pattern.match(line)
                if match:
                    definitions.append((number, line, match["name"]))
    yield from _lint_unused_definitions(lines, definitions, path)
    yield from _lint_asterisks(lines, path)


def find_empty_links(lines: SourceLines, body: str, path: str) -> Iterator[Problem]:
    """Report links without words.

    Args:
        lines: The attribute `lines` of the page's `SourceMap`.
        body: The whole text, for a quick test.
    """
    for number, line in lines if "[](" in body or "[ ](" in body else ():
        for match in _EMPTY_LINK.finditer(line):
            message, hint = "this link has no words", "Write words in its square brackets."
            column = match.start() + 1
            yield problem("meaning", path, message, hint=hint, line=number, column=column)


def _is_single_line_paragraph(lines: SourceLines, index: int) -> bool:
    """Return whether a line is the first of a paragraph."""
    return (
        index >= 0 and bool(lines[index][1].strip()) and not (index and lines[index - 1][1].strip())
    )


def _lint_asterisks(lines: SourceLines, path: str) -> Iterator[Problem]:
    """Report a '*' as in 5*3 and HLA-B*27 if the paragraph has another: they would be emphasis."""
    if not any(_ASTERISK_IN_WORD.search(line) for _, line in lines if "*" in line):
        return
    asterisk_count, between = 0, (0, 0)
    for number, line in [*lines, (0, "")]:
        if "*" in line:
            asterisk_count += len(_EMPHASIS_ASTERISK.findall(line))
            match = _ASTERISK_IN_WORD.search(line)
            between = (number, match.start() + 1) if match else between
        elif not line.strip():
            if asterisk_count > 1 and between[0]:
                line_number, column = between
                message = "'*' inside a word or number would be read as emphasis, and lost"
                hint = "Write \\*, or \u00d7 between numbers."
                yield problem("meaning", path, message, hint=hint, line=line_number, column=column)
            asterisk_count, between = 0, (0, 0)


def _lint_line(line: str) -> Iterator[Finding]:
    if ">" in line:
        quote = _SWALLOWED_GREATER_THAN.match(line)
        if quote:
            hint = "Write 'more than', or \\> for the sign itself."
            message = "'>' before a number: it would be read as the mark of a quotation, and lost"
            yield "meaning", quote.start("lost") + 1, message, hint
    if line[:1] == "#":
        heading = _HASH_WITHOUT_SPACE.match(line)
        closing = _SWALLOWED_HASH.match(line) if line.rstrip()[-1] == "#" else None
        if heading:
            rule = "meaning" if line[heading.end()].isdigit() else "stray-markup"
            message = "'#' at the start makes a heading of this line, and is not shown"
            yield rule, 1, message, "Write a space behind it, or \\# for the sign itself."
        if closing:
            message = "'#' at the end of a heading is not shown"
            yield "meaning", closing.start("lost") + 1, message, "Write \\# for the sign itself."
    item = _LIST_NUMBER.match(line) if "." in line else None
    if item:
        digits = item["digits"]
        if len(digits) > _MAX_NUMBER_DIGITS or not digits.isascii() or str(int(digits)) != digits:
            message = f"'{digits}.' starts a list, which would show another number"
            hint = f"Write {digits}\\. if it is part of the text."
            yield "meaning", item.start("digits") + 1, message, hint
    for entity in _ENTITY.finditer(line) if "&" in line else ():
        if entity["name"] not in html5:
            message = f"'{entity[0]}' is the name of no sign, and may be shown as another"
            yield "meaning", entity.start() + 1, message, "Write &amp; for '&', or the sign itself."


def _lint_item_below_number(line: str, line_above: str) -> Iterator[Finding]:
    """Report a line such as '- 3 days' below a line that ends with '2': it may be '2 - 3 days'."""
    item = _ITEM_WITH_NUMBER.match(line)
    if item and not _LIST_ITEM.match(line_above):
        message = (
            f"'{item['mark']}' between two numbers makes a list item of this line, and is lost"
        )
        hint = "Put it at the end of the line above; or an empty line between, if it is a list."
        yield "meaning", item.start("mark") + 1, message, hint


def _lint_setext_heading(line_above: str, line: str) -> Iterator[Finding]:
    if len(line) < 3:  # noqa: PLR2004 - longer ones are meant as a rule or an underline
        message = f"'{line}' alone makes a heading of the line above, and is not shown"
        yield "meaning", 1, message, f"Write \\{line[0]}, or put it on the line above."
    elif "|" not in line_above and _SENTENCE_END.search(line_above):
        message = f"'{line}' makes a heading of the line above"
        yield "stray-markup", 1, message, "Put an empty line between, if it is not one."


def _lint_definition_place(lines: SourceLines, index: int, path: str) -> Iterator[Problem]:
    """Report an address that other programs would show as text, or that has a space in it."""
    number, line = lines[index]
    match = _ADDRESS_DEFINITION.match(line)
    above = lines[index - 1][1] if index else ""
    if match is None:
        return
    if match["spaced"]:
        message = f"the address {match['spaced']} has a space in it"
        yield problem(
            "meaning", path, message, hint="Write %20 for the space.", line=number, column=1
        )
    elif above.strip() and above[0] not in "[#:" and not _LIST_ITEM.match(line):
        message = "this address stands right below a line of text, where other programs show it"
        hint = "Put an empty line above it."
        yield problem("stray-markup", path, message, hint=hint, line=number, column=1)


def _lint_unused_definitions(
    lines: SourceLines, definitions: list[tuple[int, str, str]], path: str
) -> Iterator[Problem]:
    """Report definitions of links and abbreviations that nothing uses: nobody would see them."""
    if not definitions:
        return
    definition_lines = {number for number, _, _ in definitions}
    definition_lines |= {
        number + 1 for number, line, _ in definitions if line.rstrip().endswith(":")
    }
    text = "\n".join(line for number, line in lines if number not in definition_lines)
    used = {" ".join(name.split()).lower() for name in _BRACKETED.findall(text)}
    for number, line, name in definitions:
        if _ABBREVIATION_DEFINITION.match(line):
            is_used = re.search(rf"\b{re.escape(name)}\b", text) is not None
        else:
            is_used = " ".join(name.split()).lower() in used
        if not is_used:
            message = f"this line defines '{name}', which the page does not use, and is not shown"
            hint = "Delete it; or write \\[ at its start, if it is text."
            yield problem("meaning", path, message, hint=hint, line=number, column=1)
