"""What a body would cost Markdown, reckoned before Markdown sees it.

In: a page. Out: the page, or the same without its body and a problem that says where to mend it.
Markdown has no limits of its own: 2 KB of brackets keep it busy for seconds, 16 KB for minutes.
Its cost grows with a few things only, all of which can be counted in one pass over the lines; a
page whose sum is too high is not read at all. The weights are measured, in microseconds on a slow
core; `tests/test_markdown_complexity.py` holds them against every shape of nasty text we know.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from sitebuilder.core.model import Page
from sitebuilder.core.problems import Problem, problem
from sitebuilder.markdown.blocks import lines_outside_code

MAX_PARSE_COST: Final = 2_000_000
"""What a page may cost: two seconds. 512 KB of ordinary prose cost less than half."""

_LINE_COST: Final = 50
_MARKUP_CHAR_COST: Final = 15
_LINE_REVISIT_COST: Final = 0.5  # a line of a paragraph that Markdown takes to pieces line by line
_ABBREVIATION_SCAN_COST: Final = 0.01  # a character held against a short form that the page defines
_LINK_SCAN_COST: Final = 0.4  # a character passed in search of the end of a link

MAX_PARAGRAPH_LENGTH: Final = 30_000
"""Characters of one paragraph, list item or table row."""

MAX_NESTING: Final = 20
"""Levels of lists and quotes."""

_MAX_BACKTICKS: Final = 200
"""Marks of code on one line."""

_NESTING_PREFIX: Final = re.compile(r"\s*(?:(?:[-*+>:]|\d+\.)\s*)+(?=[^\s*-])")
_DEEP_PREFIX: Final = re.compile(rf"[\s\d*+>:.-]{{{MAX_NESTING + 1}}}")
"""A level takes a character of its line at least."""

_DEEP_LINE: Final = re.compile(rf"\n(?:[\d*+>:.-]|[^\S\n]){{{MAX_NESTING + 1}}}")
"""The same anywhere in a body that has a line break before it."""

_NESTING_CHARS: Final = frozenset(" \t-*+>:0123456789")
_ITEM_OR_ROW_START: Final = re.compile(r"[ \t>]*(?:[-*+]|\d+\.)[ \t]|[ \t>]*\|")
_RESCANNED_LINE: Final = re.compile(r" {0,3}(?:#|\[[^\]]*\]:|\*\[|:|(?:[-=_*][ \t]*)+$)")
_BRACKET: Final = re.compile(r"\\.|[\[\]]")
_SIMPLE_LINK: Final = re.compile(r"\]\([^\s()'\"<>]*(?: \"[^\"()']*\")?\)")
_MARKUP_CHARS: Final = "*_[<`&\\"
_DELIMITER_OPENERS: Final = b"[(<"
"""What begins something that has an end."""
_FREE_MARKUP_CHARS: Final = 100  # signs in a paragraph: too few to cost anything


def limit_complexity(page: Page) -> tuple[Page, list[Problem]]:
    """The page; without its body if that would take Markdown too long, or its stack."""
    found = next(find_complexity_errors(page.body), None)
    if found is None:
        return page, []
    number, message, hint = found
    line = number + page.body_line
    told = problem("too-complex", page.path, message, hint=hint, line=line, column=1)
    return replace(page, body=""), [told]


def find_complexity_errors(body: str) -> Iterator[tuple[int, str, str]]:
    """Why Markdown must not be let loose: the line, from 0, what is wrong, how to mend it."""
    cost = body.count("*[") * len(body) * _ABBREVIATION_SCAN_COST if "*[" in body else 0.0
    if _is_cheap(body, cost):
        deep = _DEEP_LINE.search(f"\n{body}") is not None
        for number, line in lines_outside_code(body) if deep else ():
            if line[:1] in _NESTING_CHARS:
                yield from _check_nesting(number, line)
        return
    block: list[tuple[int, str]] = []
    for number, line in [*lines_outside_code(body), (-1, "")]:
        if line and not line.isspace():
            if line[0] in _NESTING_CHARS:
                yield from _check_nesting(number, line)
            if line.count("`") > _MAX_BACKTICKS:
                yield number, "too complex: very many '`' on one line", "Make several lines of it."
            block.append((number, line))
        elif block:
            cost += _estimate_cost(block)
            yield from _check_lengths(block)
            if cost > MAX_PARSE_COST:
                hint = "Make two pages of it, or shorter paragraphs; close each '[', '(' and '<'."
                yield block[0][0], "the page is too complex from here on", hint
            block = []


def _is_cheap(body: str, cost: float) -> bool:
    """Whether no way to write so few signs and lines costs too much; true of nearly all pages."""
    data = body.encode()
    lines = body.count("\n") + 1
    signs = len(data) - len(data.translate(None, _MARKUP_CHARS.encode()))
    ends = len(data) - len(
        data.translate(None, _DELIMITER_OPENERS)
    )  # looked for through all at most
    cost += _LINE_COST * lines + _MARKUP_CHAR_COST * signs + _LINE_REVISIT_COST * lines * lines
    cost += _LINK_SCAN_COST * ends * len(body)
    few = signs <= _MAX_BACKTICKS or body.count("`") <= _MAX_BACKTICKS
    return cost <= MAX_PARSE_COST and len(body) <= MAX_PARAGRAPH_LENGTH and few


def _check_nesting(line_number: int, line: str) -> Iterator[tuple[int, str, str]]:
    if not _DEEP_PREFIX.match(line):
        return
    width = len(line) - len(line.lstrip()) if line[0] == " " else 0
    signs = _NESTING_PREFIX.match(line)
    if "\t" in line[:MAX_NESTING]:
        wide = line.expandtabs(4)
        width = len(wide) - len(wide.lstrip())
    if signs and len(signs[0].split()) + signs[0].count(">>") + width // 4 > MAX_NESTING:
        yield line_number, "nested too deep", "Take out some levels of lists or quotes."


def _split_units(block: list[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """What Markdown reads in one go: a paragraph, an item or a row, and the line it starts on."""
    listed = _ITEM_OR_ROW_START.match(block[0][1]) is not None
    unit: list[str] = []
    first = block[0][0]
    for number, line in block:
        if unit and listed and _ITEM_OR_ROW_START.match(line):
            yield first, "\n".join(unit)
            unit, first = [], number
        unit.append(line)
    yield first, "\n".join(unit)


def _check_lengths(block: list[tuple[int, str]]) -> Iterator[tuple[int, str, str]]:
    if sum(len(line) for _, line in block) > MAX_PARAGRAPH_LENGTH:
        for number, text in _split_units(block):
            if len(text) > MAX_PARAGRAPH_LENGTH:
                message = f"a paragraph of {len(text):,} characters; {MAX_PARAGRAPH_LENGTH:,} are the most"
                yield number, message, "Part it with empty lines."


def _estimate_cost(block: list[tuple[int, str]]) -> float:
    text = "\n".join(line for _, line in block)
    signs = sum(map(text.count, _MARKUP_CHARS))
    cost = float(_LINE_COST * len(block) + _MARKUP_CHAR_COST * signs)
    if len(block) > _FREE_MARKUP_CHARS:
        peeled = sum(1 for _, line in block if _RESCANNED_LINE.match(line))
        cost += _LINE_REVISIT_COST * peeled * len(block)
    if signs > _FREE_MARKUP_CHARS:
        cost += _LINK_SCAN_COST * sum(_count_scan_steps(unit) for _, unit in _split_units(block))
    return cost


def _count_scan_steps(text: str) -> int:
    """Characters that Markdown passes in search of what closes a bracket, a link, a tag."""
    steps = 0
    opened: list[int] = []
    for found in _BRACKET.finditer(text) if text.count("[") > 1 else ():
        if found[0] == "[":
            opened.append(found.start())
        elif found[0] == "]" and opened:
            steps += found.start() - opened.pop()
    steps += sum(len(text) - at for at in opened)
    odd = text.count("](") - len(_SIMPLE_LINK.findall(text)) if "](" in text else 0
    tags = text.count("<") - text.count(">")
    return steps + odd * len(text) + max(tags, 0) * len(text)
