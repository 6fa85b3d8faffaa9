"""Refuse bodies that would take Markdown too long, before parsing them.

Python-Markdown has no limits of its own: 2 KB of brackets keep it busy for seconds, 16 KB for
minutes. Its cost grows with a few constructs only, which are counted in one pass over the lines; a
page whose estimate is too high is not parsed at all. The weights are measured, in microseconds on a
slow core; `tests/test_markdown_complexity.py` compares them with every kind of hostile text that we
know of.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from sitebuilder.core.model import Page
from sitebuilder.core.problems import Problem, problem
from sitebuilder.markdown.code_lines import lines_outside_code

MAX_PARSE_COST: Final = 2_000_000
"""Microseconds that a page may take. 512 KB of ordinary prose take less than half."""

_LINE_COST: Final = 50
_MARKUP_CHAR_COST: Final = 15
_LINE_REVISIT_COST: Final = 0.5  # per line of a paragraph that Markdown splits line by line
_ABBREVIATION_SCAN_COST: Final = 0.01  # per character searched for a defined abbreviation
_LINK_SCAN_COST: Final = 0.4  # per character searched for the end of a link

MAX_PARAGRAPH_LENGTH: Final = 30_000
"""Maximum number of characters in one paragraph, list item or table row."""

MAX_NESTING: Final = 20
"""Maximum number of levels of nested lists and quotes."""

_MAX_BACKTICKS: Final = 200
"""Maximum number of backticks on one line."""

_NESTING_PREFIX: Final = re.compile(r"\s*(?:(?:[-*+>:]|\d+\.)\s*)+(?=[^\s*-])")
_DEEP_PREFIX: Final = re.compile(rf"[\s\d*+>:.-]{{{MAX_NESTING + 1}}}")
"""A prefix of more than `MAX_NESTING` characters; each level takes at least one."""

_DEEP_LINE: Final = re.compile(rf"\n(?:[\d*+>:.-]|[^\S\n]){{{MAX_NESTING + 1}}}")
"""Such a prefix anywhere in a body that starts with a line break."""

_NESTING_CHARS: Final = frozenset(" \t-*+>:0123456789")
_ITEM_OR_ROW_START: Final = re.compile(r"[ \t>]*(?:[-*+]|\d+\.)[ \t]|[ \t>]*\|")
_RESCANNED_LINE: Final = re.compile(r" {0,3}(?:#|\[[^\]]*\]:|\*\[|:|(?:[-=_*][ \t]*)+$)")
_BRACKET: Final = re.compile(r"\\.|[\[\]]")
_SIMPLE_LINK: Final = re.compile(r"\]\([^\s()'\"<>]*(?: \"[^\"()']*\")?\)")
_MARKUP_CHARS: Final = "*_[<`&\\"
_DELIMITER_OPENERS: Final = b"[(<"
"""Characters that make Markdown search for a closing delimiter."""

_FREE_MARKUP_CHARS: Final = 100
"""Markup characters in a paragraph that are too few to matter."""


def limit_complexity(page: Page) -> tuple[Page, list[Problem]]:
    """Remove the body of a page that would exhaust Markdown's time or stack.

    Returns:
        The page, with an empty body if it is too complex, and a list with at most one problem.
    """
    error = next(find_complexity_errors(page.body), None)
    if error is None:
        return page, []
    number, message, hint = error
    line = number + page.body_line
    refused = problem("too-complex", page.path, message, hint=hint, line=line, column=1)
    return replace(page, body=""), [refused]


def find_complexity_errors(body: str) -> Iterator[tuple[int, str, str]]:
    """Yield line (from 0), message and hint for each construct that is too slow or too deep."""
    cost = body.count("*[") * len(body) * _ABBREVIATION_SCAN_COST if "*[" in body else 0.0
    if _is_cheap(body, cost):
        may_be_deep = _DEEP_LINE.search(f"\n{body}") is not None
        for number, line in lines_outside_code(body) if may_be_deep else ():
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
    """Return whether a body is within the limits even if its lines and markup are the worst case.

    Nearly all pages are, and need no estimate by paragraph.
    """
    data = body.encode()
    lines = body.count("\n") + 1
    markup_chars = len(data) - len(data.translate(None, _MARKUP_CHARS.encode()))
    # Each opener makes Markdown search the whole body at most.
    openers = len(data) - len(data.translate(None, _DELIMITER_OPENERS))
    cost += (
        _LINE_COST * lines + _MARKUP_CHAR_COST * markup_chars + _LINE_REVISIT_COST * lines * lines
    )
    cost += _LINK_SCAN_COST * openers * len(body)
    few_backticks = markup_chars <= _MAX_BACKTICKS or body.count("`") <= _MAX_BACKTICKS
    return cost <= MAX_PARSE_COST and len(body) <= MAX_PARAGRAPH_LENGTH and few_backticks


def _check_nesting(line_number: int, line: str) -> Iterator[tuple[int, str, str]]:
    if not _DEEP_PREFIX.match(line):
        return
    width = len(line) - len(line.lstrip()) if line[0] == " " else 0
    prefix = _NESTING_PREFIX.match(line)
    if "\t" in line[:MAX_NESTING]:
        expanded = line.expandtabs(4)
        width = len(expanded) - len(expanded.lstrip())
    if prefix and len(prefix[0].split()) + prefix[0].count(">>") + width // 4 > MAX_NESTING:
        yield line_number, "nested too deep", "Take out some levels of lists or quotes."


def _split_units(block: list[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Yield first line and text of each unit of parsing: a paragraph, item or row."""
    is_list = _ITEM_OR_ROW_START.match(block[0][1]) is not None
    unit: list[str] = []
    first_line = block[0][0]
    for number, line in block:
        if unit and is_list and _ITEM_OR_ROW_START.match(line):
            yield first_line, "\n".join(unit)
            unit, first_line = [], number
        unit.append(line)
    yield first_line, "\n".join(unit)


def _check_lengths(block: list[tuple[int, str]]) -> Iterator[tuple[int, str, str]]:
    if sum(len(line) for _, line in block) > MAX_PARAGRAPH_LENGTH:
        for number, text in _split_units(block):
            if len(text) > MAX_PARAGRAPH_LENGTH:
                limit = f"{MAX_PARAGRAPH_LENGTH:,} are the most"
                message = f"a paragraph of {len(text):,} characters; {limit}"
                yield number, message, "Split it with empty lines."


def _estimate_cost(block: list[tuple[int, str]]) -> float:
    text = "\n".join(line for _, line in block)
    markup_chars = sum(map(text.count, _MARKUP_CHARS))
    cost = float(_LINE_COST * len(block) + _MARKUP_CHAR_COST * markup_chars)
    if len(block) > _FREE_MARKUP_CHARS:
        rescanned = sum(1 for _, line in block if _RESCANNED_LINE.match(line))
        cost += _LINE_REVISIT_COST * rescanned * len(block)
    if markup_chars > _FREE_MARKUP_CHARS:
        cost += _LINK_SCAN_COST * sum(_count_scan_steps(unit) for _, unit in _split_units(block))
    return cost


def _count_scan_steps(text: str) -> int:
    """Estimate how many characters Markdown scans for the ends of brackets, links and tags."""
    steps = 0
    open_brackets: list[int] = []
    for bracket in _BRACKET.finditer(text) if text.count("[") > 1 else ():
        if bracket[0] == "[":
            open_brackets.append(bracket.start())
        elif bracket[0] == "]" and open_brackets:
            steps += bracket.start() - open_brackets.pop()
    steps += sum(len(text) - offset for offset in open_brackets)
    unusual_links = text.count("](") - len(_SIMPLE_LINK.findall(text)) if "](" in text else 0
    open_tags = text.count("<") - text.count(">")
    return steps + unusual_links * len(text) + max(open_tags, 0) * len(text)
