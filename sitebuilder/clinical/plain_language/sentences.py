"""Split plain text into sentences and words, as readers see them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

WORD: Final = re.compile(
    r"[^\W\d_]\.(?:[^\W\d_]\.)+"  # e.g., U.S.
    r"|\d[\d,]*(?:\.\d+)?%|[^\W_]+(?:(?:['\u2019\u2011-]|(?<=\d)[.,](?=\d))[^\W_]+)*|&"
)
"""One word. A hyphenated word, a number with commas and `10%` also count as one."""

SENTENCE_END: Final = re.compile(r"[.!?\u2026]+[\"'\u2019\u201d)\]]*(?=\s|$)|\n[ \t]*\n\s*")
NEXT_WORD: Final = re.compile(r"[\s\"'\u2018\u201c(\[]*(\w*)")
LAST_TOKEN: Final = re.compile(r"[^\s(\[\"'\u2018\u201c]+$")

NON_FINAL_ABBREVIATIONS: Final = frozenset(
    "dr drs mr mrs ms prof st mt rev hon gen col sgt capt sen rep vs fig figs cf e.g i.e".split()
)
"""Abbreviations that come before what they belong to, so never end a sentence."""

AMBIGUOUS_ABBREVIATIONS: Final = frozenset(
    "al inc ltd co corp jr sr ave dept est min max hr hrs wk wks".split()
)
SENTENCE_STARTERS: Final = frozenset(
    """
    a after all an and as ask at before but by call do each every find for from go he her his how
    i if in it its many most my no now on one or our people read she so some take talk tell that
    the their then there these they this those to use we what when where who why with you your
    """.split()
)
"""Words that show, after U.S. or an initial, that a new sentence has begun."""

INITIALS: Final = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]")  # what comes before the last full stop


def _is_abbreviation(text: str, start: int, stop: int, next_word: str) -> bool:
    """Whether the full stop at `stop` abbreviates the word before it, and the sentence goes on."""
    token = LAST_TOKEN.search(text, start, stop)
    last = token.group() if token else ""
    if last.isdecimal():  # the number of a list: "1. Call us."
        return not text[start : stop - len(last)].strip()
    if last in ("No", "Nos"):
        return next_word.isdecimal()
    plain = last.casefold()
    if plain in AMBIGUOUS_ABBREVIATIONS or (
        last.isupper() and last != "I" and INITIALS.fullmatch(last)
    ):
        return next_word.casefold() not in SENTENCE_STARTERS
    return plain in NON_FINAL_ABBREVIATIONS


def _is_sentence_end(text: str, start: int, terminator: re.Match[str]) -> bool:
    """Whether a sentence that began at `start` ends at this terminator."""
    if terminator.group()[0] == "\n":
        return True
    following = NEXT_WORD.match(text, terminator.end())
    word = following.group(1) if following else ""
    if word[:1].islower():
        return False
    is_full_stop = terminator.group().rstrip("\"'\u2019\u201d)]") == "."
    return not (word and is_full_stop and _is_abbreviation(text, start, terminator.start(), word))


@lru_cache(maxsize=4096)
def split_sentences(text: str) -> tuple[tuple[int, str], ...]:
    """Split a text into sentences, with the offset of each.

    For each pair, `text[offset:offset + len(sentence)] == sentence`. A full stop inside a number or
    after an abbreviation does not end a sentence; an empty line does. Pieces without a word are
    dropped.
    """
    bounds = []
    start = 0
    for terminator in SENTENCE_END.finditer(text):
        if _is_sentence_end(text, start, terminator):
            bounds.append((start, terminator.end()))
            start = terminator.end()
    bounds.append((start, len(text)))
    sentences = []
    for first, end in bounds:
        piece = text[first:end]
        stripped = piece.strip()
        if WORD.search(stripped):
            sentences.append((first + len(piece) - len(piece.lstrip()), stripped))
    return tuple(sentences)


def split_words(text: str) -> list[str]:
    """Return the words of a text, as written."""
    return WORD.findall(text)
