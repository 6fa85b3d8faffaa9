"""Measure how hard a text is to read: Flesch-Kincaid and SMOG, in US school grades.

Numbers count as the words that are heard when they are read aloud: `1 in 1,000` is four words. A
hyphenated word and an abbreviation are one word each.
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
"""Kinds of passage that are graded. Table cells and fields such as alt are not."""

MIN_POLYSYLLABLE: Final = 3  # syllables


class TextStats(msgspec.Struct, frozen=True):
    """The counts that the formulas need.

    Attributes:
        polysyllables: Words of three or more syllables.
    """

    sentences: int = 0
    words: int = 0
    syllables: int = 0
    polysyllables: int = 0

    @property
    def flesch_kincaid(self) -> float:
        """Grade by the formula of Kincaid and others (1975); 0 without words."""
        if not self.words:
            return 0.0
        return 0.39 * self.words / self.sentences + 11.8 * self.syllables / self.words - 15.59

    @property
    def smog(self) -> float:
        """Grade by the formula of McLaughlin (1969); 0 without words."""
        if not self.words:
            return 0.0
        return 1.0430 * sqrt(self.polysyllables * 30 / self.sentences) + 3.1291


@lru_cache(maxsize=4096)
def measure_text(text: str) -> TextStats:
    """Count the sentences, words and syllables of one text.

    Cached, as a passage is measured for its page and for its block.
    """
    sentences = len(split_sentences(text))
    syllables = [count for word in split_words(text) for count in spoken_syllables(word)]
    polysyllables = sum(1 for count in syllables if count >= MIN_POLYSYLLABLE)
    return TextStats(sentences, len(syllables), sum(syllables), polysyllables)


def sum_stats(stats: Iterable[TextStats]) -> TextStats:
    """Add up the counts of several texts."""
    rows = [(t.sentences, t.words, t.syllables, t.polysyllables) for t in stats]
    return TextStats(*(sum(column) for column in zip(*rows, strict=True))) if rows else TextStats()


def measure_passages(passages: Iterable[Passage]) -> TextStats:
    """Count all passages of graded kinds, whatever block they are in."""
    return sum_stats(measure_text(p.text) for p in passages if p.kind in GRADED_KINDS)


def grade_passages(passages: Sequence[Passage]) -> ReadingGrade:
    """Grade a page or block. Each heading, title and list item counts as at least one sentence.

    Medical terms count, explained or not. Text without words has grade 0.
    """
    total = measure_passages(passages)
    prose = measure_passages(p for p in passages if p.kind == "paragraph")
    return ReadingGrade(
        flesch_kincaid=total.flesch_kincaid,
        prose=(prose if prose.words else total).flesch_kincaid,
        smog=total.smog,
        words=total.words,
        sentences=total.sentences,
    )
