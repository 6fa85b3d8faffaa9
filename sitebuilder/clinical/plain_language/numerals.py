"""The words of a number read aloud, and their syllables: `7` is seven, `1,000` one thousand."""

from __future__ import annotations

import re
from typing import Final

# zero one two three four five six seven eight nine ten eleven twelve thirteen ... nineteen
SMALL_NUMBER_SYLLABLES: Final = (2, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1, 3, 1, 2, 2, 2, 2, 3, 2, 2)
# twenty thirty forty fifty sixty seventy eighty ninety
TENS_SYLLABLES: Final = (0, 0, 2, 2, 2, 2, 2, 3, 2, 2)
SCALE_SYLLABLES: Final = (
    (10**9, 2),
    (10**6, 2),
    (10**3, 2),
    (100, 2),
)  # billion million thousand hundred
MAX_DIGITS: Final = 12  # digits; longer ones are codes, read digit by digit
DIGIT_BY_DIGIT: Final = frozenset(("911", "988", "999", "112", "111"))
"""Numbers to call: nobody says nine hundred and eleven."""

NUMERAL: Final = re.compile(r"(\d+(?:,\d{3})*)((?:[.,]\d+)*)(st|nd|rd|th)?")
YEAR: Final = re.compile(r"[12](?!00)\d[1-9]\d")  # nineteen ninety; not two thousand eight
LONGER_ORDINAL: Final = re.compile(r"[2-9]0th")  # twentieth has one more than twenty


def whole_number_syllables(number: int) -> tuple[int, ...]:
    """The syllables of each word of a whole number; twenty-one is one word."""
    for scale, said in SCALE_SYLLABLES:
        if number >= scale:
            rest = number % scale
            return (
                *whole_number_syllables(number // scale),
                said,
                *(whole_number_syllables(rest) if rest else ()),
            )
    if number < len(SMALL_NUMBER_SYLLABLES):
        return (SMALL_NUMBER_SYLLABLES[number],)
    tens, ones = divmod(number, 10)
    return (TENS_SYLLABLES[tens] + (SMALL_NUMBER_SYLLABLES[ones] if ones else 0),)


def _digit_syllables(text: str) -> tuple[int, ...]:
    return tuple(SMALL_NUMBER_SYLLABLES[int(digit)] for digit in text if digit.isdecimal())


def _integer_part_syllables(text: str) -> tuple[int, ...]:
    """The words of what stands before a decimal point."""
    plain = text.replace(",", "")
    if len(plain) > MAX_DIGITS or (plain[0] == "0" and len(plain) > 1):
        return _digit_syllables(plain)
    if YEAR.fullmatch(text):
        return (*whole_number_syllables(int(text[:2])), *whole_number_syllables(int(text[2:])))
    return whole_number_syllables(int(plain))


def number_syllables(text: str) -> tuple[int, ...]:
    """The syllables of each word of a number as it is written: `1,000`, `4.5`, `2016`, `21st`."""
    found = NUMERAL.fullmatch(text)
    if not found or text in DIGIT_BY_DIGIT:
        return _digit_syllables(text)
    front, rest, ordinal = found.groups()
    said = [*_integer_part_syllables(front)]
    for mark in rest:
        said.append(SMALL_NUMBER_SYLLABLES[int(mark)] if mark.isdecimal() else 1)  # "point" has one
    if ordinal and LONGER_ORDINAL.search(text):
        said[-1] += 1
    return tuple(said)
