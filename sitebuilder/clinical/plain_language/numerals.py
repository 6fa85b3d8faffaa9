"""Count the syllables of numbers read aloud: `7` is seven, `1,000` is one thousand."""

from __future__ import annotations

import re
from typing import Final

# zero one two three four five six seven eight nine ten eleven twelve thirteen ... nineteen
SMALL_NUMBER_SYLLABLES: Final = (2, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1, 3, 1, 2, 2, 2, 2, 3, 2, 2)
# twenty thirty forty fifty sixty seventy eighty ninety
TENS_SYLLABLES: Final = (0, 0, 2, 2, 2, 2, 2, 3, 2, 2)
# billion million thousand hundred
SCALE_SYLLABLES: Final = ((10**9, 2), (10**6, 2), (10**3, 2), (100, 2))
MAX_DIGITS: Final = 12  # longer numbers are codes, read digit by digit
DIGIT_BY_DIGIT: Final = frozenset(("911", "988", "999", "112", "111"))
"""Numbers to call: nobody says nine hundred and eleven."""

NUMERAL: Final = re.compile(r"(\d+(?:,\d{3})*)((?:[.,]\d+)*)(st|nd|rd|th)?")
YEAR: Final = re.compile(r"[12](?!00)\d[1-9]\d")  # nineteen ninety; not two thousand eight
LONGER_ORDINAL: Final = re.compile(r"[2-9]0th")  # twentieth has one more than twenty


def whole_number_syllables(number: int) -> tuple[int, ...]:
    """Count the syllables of each word of a whole number. Twenty-one is one word."""
    for scale, scale_syllables in SCALE_SYLLABLES:
        if number >= scale:
            rest = number % scale
            return (
                *whole_number_syllables(number // scale),
                scale_syllables,
                *(whole_number_syllables(rest) if rest else ()),
            )
    if number < len(SMALL_NUMBER_SYLLABLES):
        return (SMALL_NUMBER_SYLLABLES[number],)
    tens, ones = divmod(number, 10)
    return (TENS_SYLLABLES[tens] + (SMALL_NUMBER_SYLLABLES[ones] if ones else 0),)


def _digit_syllables(text: str) -> tuple[int, ...]:
    return tuple(SMALL_NUMBER_SYLLABLES[int(digit)] for digit in text if digit.isdecimal())


def _integer_part_syllables(text: str) -> tuple[int, ...]:
    """Count the syllables of each word before the decimal point."""
    digits = text.replace(",", "")
    if len(digits) > MAX_DIGITS or (digits[0] == "0" and len(digits) > 1):
        return _digit_syllables(digits)
    if YEAR.fullmatch(text):
        return (*whole_number_syllables(int(text[:2])), *whole_number_syllables(int(text[2:])))
    return whole_number_syllables(int(digits))


def number_syllables(text: str) -> tuple[int, ...]:
    """Count the syllables of each word of a number in digits: `1,000`, `4.5`, `2016`, `21st`."""
    match = NUMERAL.fullmatch(text)
    if not match or text in DIGIT_BY_DIGIT:
        return _digit_syllables(text)
    integer_part, rest, ordinal = match.groups()
    syllables = [*_integer_part_syllables(integer_part)]
    for character in rest:
        # "point" has one syllable
        syllables.append(SMALL_NUMBER_SYLLABLES[int(character)] if character.isdecimal() else 1)
    if ordinal and LONGER_ORDINAL.search(text):
        syllables[-1] += 1
    return tuple(syllables)
