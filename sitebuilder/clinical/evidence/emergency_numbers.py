"""Find emergency numbers that are not the one in config, in any way of writing them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Final

from sitebuilder.core.passage import Passage
from sitebuilder.core.problems import Problem, problem

_KNOWN: Final = frozenset("000 108 110 111 112 118 119 911 999".split())
_CRISIS_LINES: Final = frozenset({"988"})
_DIGIT_NAMES: Final = {"zero": "0", "oh": "0", "one": "1", "two": "2", "nine": "9"}
_DIGIT: Final = rf"(?:\d|{'|'.join(_DIGIT_NAMES)})"
_NUMBER: Final = re.compile(
    # after a verb any short number; anywhere one that is spelled, or known and followed by an order
    rf"\b(?:call|calls|calling|dial|dialing|ring|phone|text)\W+(?:the number\W+|to\W+)?"
    rf"(?P<called>\d{{3,4}})(?![\w-]|\W\d)"
    rf"|(?<![\w.,-])(?P<spelled>{_DIGIT}(?:[ .-]{_DIGIT}){{2}})(?![\w-])"
    r"|(?<![\w.,-])(?P<known>\d{3})(?=\W+(?:now|first|at once|right away|lists?|signs?|cards?)\b)"
    r"|\b(?:needs?|means?)\W+(?P<needed>\d{3})(?![\w-])",
    re.IGNORECASE,
)
_PHONE_LINK: Final = re.compile(r"\btel:\+?(?P<digits>\d{2,4})(?![\d-])")


def check_emergency_numbers(
    passages: Iterable[Passage], path: str, number: str
) -> Iterator[Problem]:
    """Report emergency numbers other than the one in config, and others that texts tell to call.

    Args:
        passages: The text of the page.
        number: The emergency number of the config.
    """
    allowed = {number, *_CRISIS_LINES}
    for passage in passages:
        for match in _NUMBER.finditer(passage.text):
            if _is_foreign(match, number, allowed):
                line, column = passage.locate(match.start(match.lastgroup or 0))
                yield _foreign_number(match[match.lastgroup or 0], number, path, line, column)


def check_phone_links(body: str, first_line: int, path: str, number: str) -> Iterator[Problem]:
    """Report links of a body that dial an emergency number other than the one in config."""
    for offset, text in enumerate(body.split("\n")) if "tel:" in body else ():
        for match in _PHONE_LINK.finditer(text):
            if match["digits"] not in {number, *_CRISIS_LINES}:
                yield _foreign_number(match["digits"], number, path, first_line + offset, 0)


def _is_foreign(match: re.Match[str], number: str, allowed: Collection[str]) -> bool:
    if match["called"]:
        return match["called"] not in allowed
    if match["spelled"]:
        parts = re.split(r"[ .-]", match["spelled"].casefold())
        digits = "".join(_DIGIT_NAMES.get(part, part) for part in parts)
        return digits in _KNOWN | {number}
    digits = match["known"] or match["needed"]
    return digits in _KNOWN and digits not in allowed


def _foreign_number(written: str, number: str, path: str, line: int, column: int) -> Problem:
    message = f"'{written}' is not how this site writes its emergency number"
    hint = f"Write {number}, as 'emergency_number' in config.yaml does."
    return problem("emergency-number", path, message, hint=hint, line=line, column=column)
