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

from sitebuilder.clinical.plain_language.sentences import split_sentences, split_words
from sitebuilder.clinical.plain_language.syllables import spoken_syllables
from sitebuilder.core.passage import Passage, ReadingGrade

GRADED_KINDS: Final = frozenset(("heading", "paragraph", "item", "title"))
"""Kinds of passage that are read as text. Cells of tables and fields such as alt are not."""

MIN_POLYSYLLABLE: Final = 3  # syllables of the words that SMOG counts


class TextStats(msgspec.Struct, frozen=True):
    """What the formulas count. `long`: words of three or more syllables."""

    sentences: int = 0
    words: int = 0
    syllables: int = 0
    polysyllables: int = 0

    @property
    def flesch_kincaid(self) -> float:
        if not self.words:
            return 0.0
        return 0.39 * self.words / self.sentences + 11.8 * self.syllables / self.words - 15.59

    @property
    def smog(self) -> float:
        if not self.words:
            return 0.0
        return 1.0430 * sqrt(self.polysyllables * 30 / self.sentences) + 3.1291


@lru_cache(maxsize=4096)
def measure_text(text: str) -> TextStats:
    """The counts of one text. Kept: the same passage is asked for by page and by block."""
    count = len(split_sentences(text))
    said = [beats for word in split_words(text) for beats in spoken_syllables(word)]
    return TextStats(
        count, len(said), sum(said), sum(1 for beats in said if beats >= MIN_POLYSYLLABLE)
    )


def sum_stats(stats: Iterable[TextStats]) -> TextStats:
    """The counts of several texts together."""
    rows = [(t.sentences, t.words, t.syllables, t.polysyllables) for t in stats]
    return TextStats(*(sum(column) for column in zip(*rows, strict=True))) if rows else TextStats()


def measure_passages(passages: Iterable[Passage]) -> TextStats:
    """The counts of all passages that are read as text, whatever block they stand in."""
    return sum_stats(measure_text(p.text) for p in passages if p.kind in GRADED_KINDS)


def grade_passages(passages: Sequence[Passage]) -> ReadingGrade:
    """How hard a page or block is. Each heading, title and list item is at least a sentence.

    Medical terms count, explained or not. Text without words has grade 0.
    """
    whole = measure_passages(passages)
    prose = measure_passages(p for p in passages if p.kind == "paragraph")
    return _make_grade(whole, prose if prose.words else whole)


def grade_text(text: str) -> ReadingGrade:
    """How hard one text is."""
    whole = measure_text(text)
    return _make_grade(whole, whole)


def _make_grade(text_stats: TextStats, prose_stats: TextStats) -> ReadingGrade:
    return ReadingGrade(
        flesch_kincaid=text_stats.flesch_kincaid,
        prose=prose_stats.flesch_kincaid,
        smog=text_stats.smog,
        words=text_stats.words,
        sentences=text_stats.sentences,
    )
