"""Count the syllables of words in American English.

These are tried in turn: abbreviations that are spelled out, exceptions from the CMU Pronouncing
Dictionary and from medicine, suffixes on a shorter exception, rules of spelling.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Final

from sitebuilder.clinical.plain_language.numerals import number_syllables
from sitebuilder.core.package import PACKAGE_ROOT

EXCEPTIONS_PATH: Final = PACKAGE_ROOT / "clinical" / "plain_language" / "syllables.txt"

SPELLED_OUT: Final = frozenset("AI BMI CT EMG ER EU ICU ID IV MRI OK PE PT UK US USA".split())
"""Capitals that are read letter by letter, though some could be said as a word."""

PRONOUNCEABLE: Final = re.compile(
    r"(?:[BCDFGHJKLMNPRSTVWXYZ]|[BCDFGPT][LR]|S[CHKLMNPTW]|[CT]H|S[PT]R|QU)?[AEIOUY]"
    r"(?:[AEIOUY]|[B-DF-HJ-NP-TV-XZ](?![B-DF-HJ-NP-TV-XZ]{3}))*"
)
WORD_PART: Final = re.compile(r"\d+(?:[.,]\d+)*(?:st|nd|rd|th)?|[^\W\d_]+(?:'[^\W\d_]+)*'?|[%&]")
NUMBER: Final = re.compile(r"(\d+(?:[.,]\d+)*(?:st|nd|rd|th)?)(%?)")
VOWEL_GROUP: Final = re.compile(r"[aeiouy]+")

# Spellings with one syllable more, or less, than the number of vowel groups.
ADDED_SYLLABLE: Final = re.compile(
    r"i(?=a|o(?!n|us)|u|i|ers?\b|est\b)"  # medial, studio, medium, happier
    r"|(?<=[bdfhlmnprvw])i(?=ons?\b|ous)"  # champion, various
    r"|(?<=r)ie(?=t)|(?<=[dl])ie(?=n)"  # variety, client
    r"|(?<=[^aeiouyrl])le\b|[aeiouy]ing\b|[aeiou]y(?=[aeiou])"  # table, doing, mayor
    r"|eo(?!u|n\b)|(?<=[^gq])u(?=a[^uieo]|ous|i(?:ty|n))|s[m]\b|thm\b"  # video, usual, spasm
    r"|\bmc(?=[^aeiouy])|\b(?:re|pre)(?=[ei]|a[^dlmprscu]|o)|\bco(?=[eio])(?!o[klopst]|i[nlf])"
    r"|(?<=[^gq])ue(?=l|n|t)|(?<=cr)ea(?=t)|(?<=[dst])n't\b"  # fluent, create, didn't
)
SILENT_SYLLABLE: Final = re.compile(
    r"(?<=[^aeiouy])e\b"  # name
    r"|(?<=[^aeiouycgsxz])es\b(?<!ches)(?<!shes)"  # names, not houses
    r"|(?<=[^aeiouytd])ed\b"  # named, not needed
    r"|(?<=[^aeiouy])e(?=(?:ly|ment|less|ness|ful|some|where|thing|man|men|field|ton)(?:s|ly)?\b)"
    r"|[csgt]ia(?=l|n)|ciu|tia\b|(?<=[gq])ue\b"  # special, league
)
SIBILANT_ENDING: Final = re.compile(r"(?:[sxz]|[cs]h|[cgsz]e)$")
"""After these endings a plural or possessive s is a syllable of its own."""

SUFFIXES: Final = (
    *(("ly", 1), ("ness", 1), ("less", 1), ("ful", 1), ("ment", 1), ("ship", 1), ("man", 1)),
    *(("men", 1), ("ville", 1), ("er", 1), ("ism", 2)),
)
MIN_STEM_LENGTH: Final = 3  # shorter stems match too often by chance
MAX_WORD_LENGTH: Final = 60  # longer ones are no words and are only estimated


@cache
def load_exceptions() -> Mapping[str, int]:
    """Load the syllable counts of words that the rules get wrong. The result is cached."""
    exceptions: dict[str, int] = {}
    count = 0
    for line in EXCEPTIONS_PATH.read_text(encoding="utf-8").splitlines():
        if line.startswith("= "):
            count = int(line[2:])
        elif not line.startswith("#"):
            exceptions.update(dict.fromkeys(line.split(), count))
    return exceptions


def estimate_syllables(word: str) -> int:
    """Estimate the syllables of a lower-case word from its spelling alone."""
    groups = len(VOWEL_GROUP.findall(word))
    return max(groups + len(ADDED_SYLLABLE.findall(word)) - len(SILENT_SYLLABLE.findall(word)), 1)


def _count_inflected(word: str, exceptions: Mapping[str, int]) -> int:
    """Return the syllables of a word that is a form of an exception, or 0 if it is not one."""
    stems: tuple[str, ...]
    if word.endswith("ing"):
        stems, added = (word[:-3], word[:-3] + "e", word[:-4]), 1
    elif word.endswith("ed"):
        stems, added = (word[:-2], word[:-1], word[:-3]), int(word[-3:-2] in "td")
    else:
        suffix, added = next((e for e in SUFFIXES if word.endswith(e[0])), ("", 0))
        stems = (word[: -len(suffix)],) if suffix else ()
    stem = next((s for s in stems if len(s) >= MIN_STEM_LENGTH and s in exceptions), "")
    return exceptions[stem] + added if stem else 0


def _strip_final_s(word: str, exceptions: Mapping[str, int]) -> tuple[str, int]:
    """Return a plural or possessive without its s, and the syllables that the s adds.

    For any other word, return an empty string and 0.
    """
    if word.endswith("'s"):
        return word[:-2], int(bool(SIBILANT_ENDING.search(word[:-2])))
    if word.endswith("'"):
        return word[:-1], 0
    if len(word) <= MIN_STEM_LENGTH or not word.endswith("s") or word[-2] in "sui":
        return "", 0
    if word.endswith("es") and SIBILANT_ENDING.search(word[:-2]):  # boxes, houses
        return (word[:-1] if word[:-1] in exceptions else word[:-2]), 1
    return word[:-1], int(bool(SIBILANT_ENDING.search(word[:-1])))


def count_word_syllables(word: str, exceptions: Mapping[str, int]) -> int:
    """Count the syllables of a lower-case word without hyphens."""
    added = 0
    while word not in exceptions:
        stem, ending_syllables = _strip_final_s(word, exceptions)
        if not stem:
            return (_count_inflected(word, exceptions) or estimate_syllables(word)) + added
        word, added = stem, added + ending_syllables
    return exceptions[word] + added


def _count_part(part: str) -> int:
    if part[0].isdecimal():
        return sum(number_syllables(part))
    if part in "%&":
        return 2 if part == "%" else 1
    capitals = part.removesuffix("'s").removesuffix("s") if part[:2].isupper() else part
    if len(capitals) > 1 and capitals.isupper() and capitals.isascii():
        pronounceable = PRONOUNCEABLE.fullmatch(capitals) and capitals not in SPELLED_OUT
        if not pronounceable:
            return len(capitals) + 2 * capitals.count("W")  # only W has three
    lowercase = part.casefold()
    return (
        count_word_syllables(lowercase, load_exceptions())
        if len(lowercase) <= MAX_WORD_LENGTH
        else estimate_syllables(lowercase)
    )


@lru_cache(maxsize=20_000)
def count_syllables(word: str) -> int:
    """Count the syllables of a word: at least 1 if it has a letter or digit.

    Parts of a hyphenated word are summed, numbers are read out, and capitals that cannot be said as
    a word are read letter by letter.
    """
    plain = word.replace("\u2019", "'")
    if not plain.isascii():
        plain = plain.replace("\u00e9", "ey") if plain.endswith("\u00e9") else plain
        plain = "".join(
            character
            for character in unicodedata.normalize("NFKD", plain)
            if not unicodedata.combining(character)
        )
    return sum(_count_part(part) for part in WORD_PART.findall(plain))


@lru_cache(maxsize=20_000)
def spoken_syllables(word: str) -> tuple[int, ...]:
    """Return the syllables of each word that is heard: `1,000` is two words, `10%` is two."""
    number = NUMBER.fullmatch(word)
    if not number:
        return (count_syllables(word),)
    return (*number_syllables(number[1]), *((2,) if number[2] else ()))
