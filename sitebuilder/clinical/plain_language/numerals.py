"""The words of a number read aloud, and their syllables: `7` is seven, `1,000` one thousand."""

from __future__ import annotations

import re
from typing import Final

# zero one two three four five six seven eight nine ten eleven twelve thirteen ... nineteen
SMALL: Final = (2, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1, 3, 1, 2, 2, 2, 2, 3, 2, 2)
# twenty thirty forty fifty sixty seventy eighty ninety
TENS: Final = (0, 0, 2, 2, 2, 2, 2, 3, 2, 2)
SCALES: Final = ((10**9, 2), (10**6, 2), (10**3, 2), (100, 2))  # billion million thousand hundred
LONGEST: Final = 12  # digits; longer ones are codes, read digit by digit
DIGIT_BY_DIGIT: Final = frozenset(("911", "988", "999", "112", "111"))
"""Numbers to call: nobody says nine hundred and eleven."""

NUMERAL: Final = re.compile(r"(\d+(?:,\d{3})*)((?:[.,]\d+)*)(st|nd|rd|th)?")
YEAR: Final = re.compile(r"[12](?!00)\d[1-9]\d")  # nineteen ninety; not two thousand eight
LONGER_ORDINAL: Final = re.compile(r"[2-9]0th")  # twentieth has one more than twenty


def whole(number: int) -> tuple[int, ...]:
    """The syllables of each word of a whole number; twenty-one is one word."""
    for scale, said in SCALES:
        if number >= scale:
            rest = number % scale
            return (*whole(number // scale), said, *(whole(rest) if rest else ()))
    if number < len(SMALL):
        return (SMALL[number],)
    tens, ones = divmod(number, 10)
    return (TENS[tens] + (SMALL[ones] if ones else 0),)


def _digits(text: str) -> tuple[int, ...]:
    return tuple(SMALL[int(digit)] for digit in text if digit.isdecimal())


def _front(text: str) -> tuple[int, ...]:
    """The words of what stands before a decimal point."""
    plain = text.replace(",", "")
    if len(plain) > LONGEST or (plain[0] == "0" and len(plain) > 1):
        return _digits(plain)
    if YEAR.fullmatch(text):
        return (*whole(int(text[:2])), *whole(int(text[2:])))
    return whole(int(plain))


def spoken(text: str) -> tuple[int, ...]:
    """The syllables of each word of a number as it is written: `1,000`, `4.5`, `2016`, `21st`."""
    found = NUMERAL.fullmatch(text)
    if not found or text in DIGIT_BY_DIGIT:
        return _digits(text)
    front, rest, ordinal = found.groups()
    said = [*_front(front)]
    for mark in rest:
        said.append(SMALL[int(mark)] if mark.isdecimal() else 1)  # "point" has one
    if ordinal and LONGER_ORDINAL.search(text):
        said[-1] += 1
    return tuple(said)
