"""Find fractions that are not the chance beside them: "86 in 100 (54 of 413)"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from sitebuilder.core.lazy_regex import lazy_compile
from sitebuilder.core.passage import Passage
from sitebuilder.core.problems import Problem, problem

_CHANCE_AND_FRACTION: Final = lazy_compile(
    r"(?<![\w.,])(?P<low>\d[\d,]*)(?: to (?P<high>\d[\d,]*))? (?:in|out of) (?P<among>\d[\d,]*)"
    r"[^.!?();]{0,60}\((?P<part>\d[\d,]*) (?:of|out of) (?P<whole>\d[\d,]*)"
)
_ROUNDING: Final = 0.1
"""Share of a chance, beside half a person, by which the fraction may differ: "about" rounds."""


def find_wrong_fractions(text: str) -> Iterator[tuple[int, str]]:
    """Yield offset and message of each fraction that is not the chance beside it.

    For example "86 in 100 (54 of 413)", which is about 13 in 100.
    """
    for match in _CHANCE_AND_FRACTION.finditer(text):
        low, high, among, part, whole = (
            float((match[name] or match["low"]).replace(",", ""))
            for name in ("low", "high", "among", "part", "whole")
        )
        share = among * part / whole if whole else 0.0
        slack = 0.5 + high * _ROUNDING
        if not low - slack <= share <= high + slack:
            number = f"{share:.0f}" if share >= 1 else f"{share:.1f}"
            fraction = f"({match['part']} of {match['whole']})"
            message = f"'{fraction}' is about {number} in {match['among']}"
            yield match.start("part") - 1, f"{message}, not '{match[0].partition(' (')[0]}'"


def check_fractions(passages: Sequence[Passage], path: str) -> Iterator[Problem]:
    """Report fractions on a page that are not the chance beside them; facts are checked as data."""
    for passage in passages:
        text = passage.typed_text
        for offset, message in find_wrong_fractions(text) if " of " in text else ():
            line, column = passage.locate(offset)
            hint = "Fix one of the two."
            yield problem("wrong-fraction", path, message, hint=hint, line=line, column=column)
