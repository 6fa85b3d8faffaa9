"""Chances as readers can take them in: whole numbers, all counted among as many people."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from sitebuilder.clinical.plain_language.location import SentenceSpan
from sitebuilder.core.problems import Problem

PERCENTAGE: Final = re.compile(
    r"(?:(?<![\d.,])\d[\d.,]*+\s?)?(?:%|\bper\s?cent\b)"
    r"|(?<![\w.,$\u00a3\u20ac])\d[\d,]*+\.\d++(?![\w%]|\.\d)",
    re.IGNORECASE,
)
NATURAL_FREQUENCY: Final = re.compile(
    r"\b(?:in|out of)(?: every)? (?:10|100|1,?000|10,?000)(?![\d,.]*\d)"
)

NUMBER: Final = r"(?:\d[\d,]*+|one|two|three|four|five|six|seven|eight|nine|ten)"
RISK_FIGURE: Final = re.compile(
    rf"(?<![\w.,])(?:{NUMBER} (?:to|or|and) )?{NUMBER} (in|out of)(?: every)? "
    r"(\d{1,3}(?:,\d{3})+|\d+)\b(?![.,]\d|[-\u2013]\d|%)"
    r"(?![ -](?:seconds?|minutes?|hours?|days?|nights?|weeks?|months?|years?|steps?|places?)\b)",
    re.IGNORECASE,
)
YEARS: Final = range(1900, 2100)
MAX_SMALL_DENOMINATOR: Final = 10
POWERS_OF_TEN: Final = frozenset((10, 100, 1_000, 10_000, 100_000))


def check_percentages(spans: Sequence[SentenceSpan], path: str) -> Iterator[Problem]:
    """Sentences that say a percentage or decimal and not how many in 10, 100 or 1,000."""
    for spot in spans:
        found = next(
            (m for m in PERCENTAGE.finditer(spot.text) if spot.origin_at(m.start()) != "no-claim"),
            None,
        )
        if found and not NATURAL_FREQUENCY.search(spot.text):
            message = f"'{found.group().strip()}' is hard to picture"
            hint = "Say it in whole numbers of people, such as '6 in 100', or round it."
            yield spot.problem("percentage", path, message, hint, found.start())


def parse_denominator(match: re.Match[str]) -> int:
    """The M of `N in M`; 0 if it is no chance: `15 in 2016`, `54 out of 413`."""
    number = int(match[2].replace(",", ""))
    if number in YEARS and "," not in match[2]:
        return 0
    if (
        match[1].casefold() == "out of"
        and number > MAX_SMALL_DENOMINATOR
        and number not in POWERS_OF_TEN
    ):
        return 0
    return number if number > 1 else 0


def find_risk_figures(span: SentenceSpan) -> Iterator[tuple[int, re.Match[str]]]:
    """Each chance `N in M` of a sentence, with its M. What is marked as no claim is left out."""
    for found in RISK_FIGURE.finditer(span.text):
        number = parse_denominator(found)
        if number and span.origin_at(found.start()) != "no-claim":
            yield number, found


def check_denominators(spans: Sequence[SentenceSpan], path: str) -> Iterator[Problem]:
    """Chances that a reader cannot compare, as they count among different numbers of people."""
    found = [(number, match, spot) for spot in spans for number, match in find_risk_figures(spot)]
    ways = Counter(number for number, _, _ in found)
    if len(ways) <= 1:
        return
    usual = ways.most_common(1)[0][0]
    number, match, spot = next(one for one in found if one[0] != usual)
    others = " and ".join(f"{n:,}" for n in sorted(ways) if n != usual)
    message = f"'{match.group()}' counts among {number:,}; chances on this page are in {usual:,}"
    if len(ways) > 2:  # noqa: PLR2004 - the usual one and one more: the message has told both
        message += f", but also in {others}"
    plain = usual if usual in POWERS_OF_TEN else 100
    hint = f"Give every chance on the page as so many in {plain:,}, so that they can be compared."
    yield spot.problem("denominators", path, message, hint, match.start())
