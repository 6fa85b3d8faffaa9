"""How hard a text is to read: Flesch-Kincaid and SMOG, in US school grades.

Numbers count as the words that are heard when they are read aloud: `1 in 1,000` is four words.
A hyphenated word and a short form are one word each.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from math import sqrt
from typing import Final

import msgspec

from sitebuilder.clinical.plain_language.sentences import sentences, words
from sitebuilder.clinical.plain_language.syllables import heard
from sitebuilder.core.passage import Grade, Passage

GRADED: Final = frozenset(("heading", "paragraph", "item", "title"))
"""Kinds of passage that are read as text. Cells of tables and fields such as alt are not."""

MANY: Final = 3  # syllables of the words that SMOG counts


class Tally(msgspec.Struct, frozen=True):
    """What the formulas count. `long`: words of three or more syllables."""

    sentences: int = 0
    words: int = 0
    syllables: int = 0
    long: int = 0

    @property
    def flesch_kincaid(self) -> float:
        if not self.words:
            return 0.0
        return 0.39 * self.words / self.sentences + 11.8 * self.syllables / self.words - 15.59

    @property
    def smog(self) -> float:
        if not self.words:
            return 0.0
        return 1.0430 * sqrt(self.long * 30 / self.sentences) + 3.1291


@lru_cache(maxsize=4096)
def tally(text: str) -> Tally:
    """The counts of one text. Kept: the same passage is asked for by page and by block."""
    count = len(sentences(text))
    said = [beats for word in words(text) for beats in heard(word)]
    return Tally(count, len(said), sum(said), sum(1 for beats in said if beats >= MANY))


def total(tallies: Iterable[Tally]) -> Tally:
    """The counts of several texts together."""
    rows = [(t.sentences, t.words, t.syllables, t.long) for t in tallies]
    return Tally(*(sum(column) for column in zip(*rows, strict=True))) if rows else Tally()


def tally_of(passages: Iterable[Passage]) -> Tally:
    """The counts of all passages that are read as text, whatever block they stand in."""
    return total(tally(p.text) for p in passages if p.kind in GRADED)


def grade(passages: Sequence[Passage]) -> Grade:
    """How hard a page or block is. Each heading, title and list item is at least a sentence.

    Medical terms count, explained or not. Text without words has grade 0.
    """
    whole = tally_of(passages)
    prose = tally_of(p for p in passages if p.kind == "paragraph")
    return _grade(whole, prose if prose.words else whole)


def grade_of_text(text: str) -> Grade:
    """How hard one text is."""
    whole = tally(text)
    return _grade(whole, whole)


def _grade(whole: Tally, prose: Tally) -> Grade:
    return Grade(
        flesch_kincaid=whole.flesch_kincaid,
        prose=prose.flesch_kincaid,
        smog=whole.smog,
        words=whole.words,
        sentences=whole.sentences,
    )
