"""Phrases as content/emergency.yaml writes them: find them in the sentences of a text.

In a phrase `/` separates words that count alike, and `...` stands for up to three words. Case and
the amount of white space do not matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from sitebuilder.content import schema
from sitebuilder.content.schema import FieldError
from sitebuilder.content.yaml import Node

_WORD_GAP: Final = r"(?:\W+[\w']+){0,3}?"


def parse_phrase(node: Node) -> str:
    """Parse a phrase.

    Raises:
        FieldError: It would match the empty text, and so everything or nothing.
    """
    phrase: str = schema.text(node)
    words = phrase.split()
    if "..." in (words[0], words[-1]) or not all(all(word.split("/")) for word in words):
        message = f"'{phrase}' is not a phrase"
        raise FieldError(node, message, "Write words on both sides of each '/' and '...'.")
    return phrase


@lru_cache(maxsize=512)
def compile_phrases(phrases: tuple[str, ...]) -> re.Pattern[str]:
    """Compile phrases to one pattern for text from `fold`. Without phrases it matches nothing."""
    patterns = [phrase_pattern(phrase) for phrase in sorted(phrases, key=len, reverse=True)]
    return re.compile("|".join(patterns) or r"(?!)")


def phrase_pattern(phrase: str) -> str:
    """Return the pattern of one phrase, for text in lower case."""
    pattern = ""
    for word in phrase.casefold().split():
        if word == "...":
            pattern += _WORD_GAP
        else:
            alternatives = "|".join(re.escape(each) for each in word.split("/"))
            pattern += (r"\W+" if pattern else r"(?<!\w)") + f"(?:{alternatives})"
    return pattern + r"(?!\w)"


def may_match(phrases: tuple[str, ...], folded: str) -> bool:
    """Whether a folded text has all words of a phrase, in any order: a search that is far faster.

    It is true of every text in which `compile_phrases` finds a match, and of some others.
    """
    return any(
        all(any(each in folded for each in alternatives) for alternatives in words)
        for words in _phrase_words(phrases)
    )


@lru_cache(maxsize=512)
def _phrase_words(phrases: tuple[str, ...]) -> tuple[tuple[tuple[str, ...], ...], ...]:
    return tuple(
        tuple(tuple(word.split("/")) for word in phrase.casefold().split() if word != "...")
        for phrase in phrases
    )


def fold(text: str) -> str:
    """Return a text for matching, of the same length if it has the usual letters."""
    return text.lower().replace("\u2019", "'").replace("\n", " ")


def find_phrase(phrases: Iterable[str], text: str) -> str:
    """Return the first words of a text that match one of the phrases; empty if none do."""
    match = compile_phrases(tuple(phrases)).search(fold(text))
    return match[0] if match else ""
