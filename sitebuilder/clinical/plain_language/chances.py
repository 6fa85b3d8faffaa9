"""Check how chances are given: in whole numbers, all out of the same number of people."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from sitebuilder.clinical.plain_language.location import SentenceSpan
from sitebuilder.core.problems import Problem

PERCENTAGE: Final = re.compile(
    r"(?:(?<![\d.,])\d[\d.,]*+\s?)?(?:%|\bper\s?cent\b)"
    r"|(?<![\w.,$\u00a3\u20ac])\d[\d,]*+\.\d++(?![\w%]|\.\d|\s?\u00b0)",
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
    """Report sentences with a percentage or decimal but no count out of 10, 100, 1,000 or 10,000.

    Those marked as no claim are left out.
    """
    for span in spans:
        match = next(
            (m for m in PERCENTAGE.finditer(span.text) if span.origin_at(m.start()) != "no-claim"),
            None,
        )
        if match and not NATURAL_FREQUENCY.search(span.text):
            message = f"'{match.group().strip()}' is hard to picture"
            hint = "Say it in whole numbers of people, such as '6 in 100', or round it."
            yield span.problem("percentage", path, message, hint, match.start())


def parse_denominator(match: re.Match[str]) -> int:
    """Return the M of `N in M`, or 0 if it is not a chance: `15 in 2016`, `54 out of 413`.

    Args:
        match: A match of `RISK_FIGURE`.
    """
    denominator = int(match[2].replace(",", ""))
    if denominator in YEARS and "," not in match[2]:
        return 0
    if (
        match[1].casefold() == "out of"
        and denominator > MAX_SMALL_DENOMINATOR
        and denominator not in POWERS_OF_TEN
    ):
        return 0
    return denominator if denominator > 1 else 0


def find_risk_figures(span: SentenceSpan) -> Iterator[tuple[int, re.Match[str]]]:
    """Yield each chance `N in M` of a sentence, as (M, match), except those marked as no claim."""
    for match in RISK_FIGURE.finditer(span.text):
        denominator = parse_denominator(match)
        if denominator and span.origin_at(match.start()) != "no-claim":
            yield denominator, match


def check_denominators(spans: Sequence[SentenceSpan], path: str) -> Iterator[Problem]:
    """Report the first chance that is out of another number than most chances of the page."""
    figures = [(number, match, span) for span in spans for number, match in find_risk_figures(span)]
    counts = Counter(number for number, _, _ in figures)
    if len(counts) <= 1:
        return
    usual = counts.most_common(1)[0][0]
    number, match, span = next(figure for figure in figures if figure[0] != usual)
    others = " and ".join(f"{n:,}" for n in sorted(counts) if n != usual)
    message = f"'{match.group()}' counts among {number:,}; chances on this page are in {usual:,}"
    if len(counts) > 2:  # noqa: PLR2004 - the message already names the usual one and one more
        message += f", but also in {others}"
    plain = usual if usual in POWERS_OF_TEN else 100
    hint = f"Give every chance on the page as so many in {plain:,}, so that they can be compared."
    yield span.problem("denominators", path, message, hint, match.start())
