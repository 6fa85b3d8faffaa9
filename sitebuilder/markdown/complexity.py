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

BUDGET: Final = 2_000_000
"""What a page may cost: two seconds. 512 KB of ordinary prose cost less than half."""

_A_LINE: Final = 50
_A_SIGN: Final = 15
_A_VISIT: Final = 0.5  # a line of a paragraph that Markdown takes to pieces line by line
_A_WORD: Final = 0.01  # a character held against a short form that the page defines
_A_STEP: Final = 0.4  # a character passed in search of the end of a link

LONGEST: Final = 30_000
"""Characters of one paragraph, list item or table row."""

DEEPEST: Final = 20
"""Levels of lists and quotes."""

_TICKS: Final = 200
"""Marks of code on one line."""

_NESTING: Final = re.compile(r"\s*(?:(?:[-*+>:]|\d+\.)\s*)+(?=[^\s*-])")
_DEEP: Final = re.compile(rf"[\s\d*+>:.-]{{{DEEPEST + 1}}}")
"""A level takes a character of its line at least."""

_DEEP_LINE: Final = re.compile(rf"\n(?:[\d*+>:.-]|[^\S\n]){{{DEEPEST + 1}}}")
"""The same anywhere in a body that has a line break before it."""

_STARTS: Final = frozenset(" \t-*+>:0123456789")
_UNIT: Final = re.compile(r"[ \t>]*(?:[-*+]|\d+\.)[ \t]|[ \t>]*\|")
_PEELED: Final = re.compile(r" {0,3}(?:#|\[[^\]]*\]:|\*\[|:|(?:[-=_*][ \t]*)+$)")
_BRACKET: Final = re.compile(r"\\.|[\[\]]")
_SIMPLE: Final = re.compile(r"\]\([^\s()'\"<>]*(?: \"[^\"()']*\")?\)")
_SIGNS: Final = "*_[<`&\\"
_ENDED: Final = b"[(<"
"""What begins something that has an end."""
_FEW: Final = 100  # signs in a paragraph: too few to cost anything


def bounded(page: Page) -> tuple[Page, list[Problem]]:
    """The page; without its body if that would take Markdown too long, or its stack."""
    found = next(too_much(page.body), None)
    if found is None:
        return page, []
    number, message, hint = found
    line = number + page.body_line
    told = problem("too-complex", page.path, message, hint=hint, line=line, column=1)
    return replace(page, body=""), [told]


def too_much(body: str) -> Iterator[tuple[int, str, str]]:
    """Why Markdown must not be let loose: the line, from 0, what is wrong, how to mend it."""
    cost = body.count("*[") * len(body) * _A_WORD if "*[" in body else 0.0
    if _is_small(body, cost):
        deep = _DEEP_LINE.search(f"\n{body}") is not None
        for number, line in lines_outside_code(body) if deep else ():
            if line[:1] in _STARTS:
                yield from _nesting(number, line)
        return
    block: list[tuple[int, str]] = []
    for number, line in [*lines_outside_code(body), (-1, "")]:
        if line and not line.isspace():
            if line[0] in _STARTS:
                yield from _nesting(number, line)
            if line.count("`") > _TICKS:
                yield number, "too complex: very many '`' on one line", "Make several lines of it."
            block.append((number, line))
        elif block:
            cost += _cost(block)
            yield from _too_long(block)
            if cost > BUDGET:
                hint = "Make two pages of it, or shorter paragraphs; close each '[', '(' and '<'."
                yield block[0][0], "the page is too complex from here on", hint
            block = []


def _is_small(body: str, cost: float) -> bool:
    """Whether no way to write so few signs and lines costs too much; true of nearly all pages."""
    data = body.encode()
    lines = body.count("\n") + 1
    signs = len(data) - len(data.translate(None, _SIGNS.encode()))
    ends = len(data) - len(data.translate(None, _ENDED))  # looked for through all at most
    cost += _A_LINE * lines + _A_SIGN * signs + _A_VISIT * lines * lines
    cost += _A_STEP * ends * len(body)
    few = signs <= _TICKS or body.count("`") <= _TICKS
    return cost <= BUDGET and len(body) <= LONGEST and few


def _nesting(number: int, line: str) -> Iterator[tuple[int, str, str]]:
    if not _DEEP.match(line):
        return
    width = len(line) - len(line.lstrip()) if line[0] == " " else 0
    signs = _NESTING.match(line)
    if "\t" in line[:DEEPEST]:
        wide = line.expandtabs(4)
        width = len(wide) - len(wide.lstrip())
    if signs and len(signs[0].split()) + signs[0].count(">>") + width // 4 > DEEPEST:
        yield number, "nested too deep", "Take out some levels of lists or quotes."


def _units(block: list[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """What Markdown reads in one go: a paragraph, an item or a row, and the line it starts on."""
    listed = _UNIT.match(block[0][1]) is not None
    unit: list[str] = []
    first = block[0][0]
    for number, line in block:
        if unit and listed and _UNIT.match(line):
            yield first, "\n".join(unit)
            unit, first = [], number
        unit.append(line)
    yield first, "\n".join(unit)


def _too_long(block: list[tuple[int, str]]) -> Iterator[tuple[int, str, str]]:
    if sum(len(line) for _, line in block) > LONGEST:
        for number, text in _units(block):
            if len(text) > LONGEST:
                message = f"a paragraph of {len(text):,} characters; {LONGEST:,} are the most"
                yield number, message, "Part it with empty lines."


def _cost(block: list[tuple[int, str]]) -> float:
    text = "\n".join(line for _, line in block)
    signs = sum(map(text.count, _SIGNS))
    cost = float(_A_LINE * len(block) + _A_SIGN * signs)
    if len(block) > _FEW:
        peeled = sum(1 for _, line in block if _PEELED.match(line))
        cost += _A_VISIT * peeled * len(block)
    if signs > _FEW:
        cost += _A_STEP * sum(_steps(unit) for _, unit in _units(block))
    return cost


def _steps(text: str) -> int:
    """Characters that Markdown passes in search of what closes a bracket, a link, a tag."""
    steps = 0
    opened: list[int] = []
    for found in _BRACKET.finditer(text) if text.count("[") > 1 else ():
        if found[0] == "[":
            opened.append(found.start())
        elif found[0] == "]" and opened:
            steps += found.start() - opened.pop()
    steps += sum(len(text) - at for at in opened)
    odd = text.count("](") - len(_SIMPLE.findall(text)) if "](" in text else 0
    tags = text.count("<") - text.count(">")
    return steps + odd * len(text) + max(tags, 0) * len(text)
