"""Find phrases of the safety policy in the sentences of tools."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from sitebuilder.clinical.evidence.phrases import phrase_pattern
from sitebuilder.clinical.plain_language.sentences import split_sentences
from sitebuilder.core.passage import Passage


@lru_cache(maxsize=64)
def compile_phrases(phrases: tuple[str, ...]) -> re.Pattern[str]:
    """Compile phrases to one pattern for normalized text; an earlier phrase is tried first.

    In a phrase, `/` separates words that are equivalent; `...` is a gap of up to three words.
    """
    return re.compile("|".join(map(phrase_pattern, phrases)) or r"(?!)")


def compile_phrase(phrase: str) -> re.Pattern[str]:
    """Compile one phrase, as `compile_phrases` does."""
    return compile_phrases((phrase,))


def normalize(text: str) -> str:
    """Return a text in lower case, with plain apostrophes and single spaces."""
    return " ".join(text.casefold().replace("\u2019", "'").split())


def sentences_of(passages: Iterable[Passage]) -> Iterator[tuple[Passage, str]]:
    """Yield each sentence, normalized, with its passage."""
    for passage in passages:
        for _, sentence in split_sentences(passage.text):
            yield passage, normalize(sentence)


def blank(sentence: str, phrases: Iterable[str]) -> str:
    """Return a sentence with the phrases in it replaced by as many underscores.

    Where two begin at the same place, the longer one counts.
    """
    pattern = compile_phrases(_longest_first(tuple(phrases)))
    return pattern.sub(lambda match: "_" * len(match[0]), sentence)


def blank_tails(sentence: str, phrases: Iterable[str]) -> str:
    """Return a sentence as `blank` does, but with the first of several words left."""

    def tail(match: re.Match[str]) -> str:
        first, gap, rest = match[0].partition(" ")
        return first + gap + "_" * len(rest) if rest else "_" * len(first)

    return compile_phrases(_longest_first(tuple(phrases))).sub(tail, sentence)


@lru_cache(maxsize=64)
def _longest_first(phrases: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(phrases, key=len, reverse=True))
