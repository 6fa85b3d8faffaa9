"""Plain text cut into sentences and words, as readers take them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

WORD: Final = re.compile(
    r"[^\W\d_]\.(?:[^\W\d_]\.)+"  # e.g., U.S.
    r"|\d[\d,]*(?:\.\d+)?%|[^\W_]+(?:(?:['\u2019\u2011-]|(?<=\d)[.,](?=\d))[^\W_]+)*|&"
)
"""What counts as one word: hyphenated ones, numbers with commas and `10%` too."""

END: Final = re.compile(r"[.!?\u2026]+[\"'\u2019\u201d)\]]*(?=\s|$)|\n[ \t]*\n\s*")
NEXT: Final = re.compile(r"[\s\"'\u2018\u201c(\[]*(\w*)")
LAST: Final = re.compile(r"[^\s(\[\"'\u2018\u201c]+$")

NEVER_LAST: Final = frozenset(
    "dr drs mr mrs ms prof st mt rev hon gen col sgt capt sen rep vs fig figs cf e.g i.e".split()
)
"""Shortened words that stand before what they belong to."""

MAYBE_LAST: Final = frozenset("al inc ltd co corp jr sr ave dept est min max hr hrs wk wks".split())
STARTERS: Final = frozenset(
    """
    a after all an and as ask at before but by call do each every find for from go he her his how
    i if in it its many most my no now on one or our people read she so some take talk tell that
    the their then there these they this those to use we what when where who why with you your
    """.split()
)
"""Words that show, after U.S. or an initial, that a new sentence has begun."""

LETTERS: Final = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]")  # what stands before the last full stop


def _shortened(text: str, start: int, stop: int, word: str) -> bool:
    """Whether the full stop at `stop` shortens the word before it, and `word` goes on."""
    before = LAST.search(text, start, stop)
    last = before.group() if before else ""
    if last.isdecimal():  # the number of a list: "1. Call us."
        return not text[start : stop - len(last)].strip()
    if last in ("No", "Nos"):
        return word.isdecimal()
    plain = last.casefold()
    if plain in MAYBE_LAST or (last.isupper() and last != "I" and LETTERS.fullmatch(last)):
        return word.casefold() not in STARTERS
    return plain in NEVER_LAST


def _ends(text: str, start: int, mark: re.Match[str]) -> bool:
    """Whether a sentence that began at `start` ends at this mark."""
    if mark.group()[0] == "\n":
        return True
    following = NEXT.match(text, mark.end())
    word = following.group(1) if following else ""
    if word[:1].islower():
        return False
    one_stop = mark.group().rstrip("\"'\u2019\u201d)]") == "."
    return not (word and one_stop and _shortened(text, start, mark.start(), word))


@lru_cache(maxsize=4096)
def sentences(text: str) -> tuple[tuple[int, str], ...]:
    """Each sentence with where it starts: `text[offset:offset + len(sentence)] == sentence`.

    A full stop inside a number or after a shortened word does not end one; an empty line does.
    What holds no word is no sentence.
    """
    found = []
    start = 0
    for mark in END.finditer(text):
        if _ends(text, start, mark):
            found.append((start, mark.end()))
            start = mark.end()
    found.append((start, len(text)))
    kept = []
    for first, end in found:
        piece = text[first:end]
        stripped = piece.strip()
        if WORD.search(stripped):
            kept.append((first + len(piece) - len(piece.lstrip()), stripped))
    return tuple(kept)


def words(text: str) -> list[str]:
    """The words of a text, as written."""
    return WORD.findall(text)
