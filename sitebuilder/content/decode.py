"""Bytes of a text file in, clean text out: UTF-8, plain line ends, nothing that hides or was lost.

What cannot be seen is decided sign by sign. Some scripts need some of it: Persian and Hindi join
letters with U+200C and U+200D, emoji are made with U+200D and U+FE0F, Thai and Khmer part words
with U+200B, and Arabic and Hebrew keep numbers in order with U+200E and U+200F. There they stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from sitebuilder.core.lazy_regex import lazy_compile
from sitebuilder.core.model import File
from sitebuilder.core.problems import Problem, problem

FORBIDDEN_CHARACTERS: Final = lazy_compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters but tab and line end
    "\u2028\u2029"  # line ends that YAML counts and editors do not
    "\u202a-\u202e\u2066-\u206f"  # what turns the direction of text behind a reader's back
    "\ufeff\ufff0-\ufffb\ufdd0-\ufdef\ufffe\uffff\ue000-\uf8ff"  # no picture; we use some ourselves
    "\U000e0000-\U000e00ff\U000f0000-\U0010ffff]"  # tags, which can hold a whole text unseen
)
"""What may not stand in any text, however it came there."""

_ASCII_CONTROL_CHARACTERS: Final = bytes((*range(0x09), *range(0x0B, 0x20), 0x7F))
"""Those of them that are ASCII: a quick look at bytes."""

_INVISIBLE_CHARACTERS: Final = lazy_compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2060-\u2065\u3164\uffa0"
    "\ufe00-\ufe0f\U0001d173-\U0001d17a\U000e0100-\U000e01ef]"
)
"""What has no width: fine where a script needs it, else a way to hide or to lose words."""

_JOINERS: Final = "\u200c\u200d"
_DIRECTION_MARKS: Final = "\u200e\u200f\u061c"
_RIGHT_TO_LEFT_CHARACTER: Final = lazy_compile(
    "[\u0590-\u08ff\ufb1d-\ufdcf\ufdf0-\ufdff\ufe70-\ufefc]"
)
_UNSPACED_SCRIPTS_START: Final = "\u0e01"
"""The first letter of the scripts that part words with U+200B, or not at all."""

_CONTINUATION_BYTE: Final = "[\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]"  # noqa: RUF001 - 80 to BF in Windows-1252
_MOJIBAKE: Final = f"â{_CONTINUATION_BYTE}{{2}}|[ÂÃ]{_CONTINUATION_BYTE}|ï{_CONTINUATION_BYTE}{{2}}|ð{_CONTINUATION_BYTE}{{3}}"
"""Signs of UTF-8 that was read as Windows-1252 and saved again, such as 'Ã©' for 'é'."""

_AFTER_WORD: Final = "\xa0»’”›…–—"  # noqa: RUF001 - those it is about
"""What may stand right behind a word."""

_LOST_CHARACTER: Final = lazy_compile(f"\ufffd|{_MOJIBAKE}")
_CONFLICT_MARKER: Final = lazy_compile(r"(?:<{7}|\|{7}|>{7})(?: .*)?")

MAX_REPORTED_PER_RULE: Final = 100
"""Problems of one kind in one file that are told one by one."""


def decode_text(file: File) -> tuple[str, list[Problem]]:
    """The text of a file and what is wrong with its characters.

    A file that is not UTF-8 gives empty text. What is hidden is reported and taken out.
    """
    data = file.read_text_bytes()
    if data.startswith((b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")) or (
        b"\0" in data and data.count(0) * 5 > len(data)
    ):
        return "", [_encoding_problem(file, "this is UTF-16 or UTF-32, not UTF-8", 1)]
    try:
        text = data.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return "", [_encoding_problem(file, f"not UTF-8 (byte 0x{data[error.start]:02X})", line)]
    if "\r" in text:
        text = text.replace("\r\n", "\n")
        if "\r" in text.strip() and "\n" not in text:
            return "", [
                _encoding_problem(file, "the line ends are a lone U+000D, of old programs", 1)
            ]
    problems: list[Problem] = []
    if "<<<<<<<" in text or ">>>>>>>" in text or "|||||||" in text:
        text, problems = _remove_conflict_markers(file, text)
    if text.isascii() and (
        len(data.translate(None, _ASCII_CONTROL_CHARACTERS)) == len(data)
        or not FORBIDDEN_CHARACTERS.search(text)
    ):
        return text, problems
    problems += _check_lost_characters(file, text)
    for pattern, rule, kind in (
        (FORBIDDEN_CHARACTERS, "control-character", "control character"),
        (_INVISIBLE_CHARACTERS, "hidden-character", "hidden character"),
    ):
        if pattern.search(text):
            text, found = _remove_characters(pattern, text, file.path, rule, kind)
            problems += found
    return text, problems


def _encoding_problem(file: File, message: str, line: int) -> Problem:
    hint = "Open the file in an editor and save it as UTF-8, with the line ends of Unix or Windows."
    return problem("encoding", file.path, message, hint=hint, line=line)


def _remove_characters(
    pattern: re.Pattern[str], text: str, path: str, rule: str, kind: str
) -> tuple[str, list[Problem]]:
    """The text without what `pattern` finds and no script needs there, and where it was."""
    problems: list[Problem] = []
    rows = text.split("\n")
    many = 0
    for number, row in enumerate(rows, 1):
        taken = [
            found
            for found in pattern.finditer(row)
            if pattern is FORBIDDEN_CHARACTERS or not is_allowed_invisible(row, found.start())
        ]
        if not taken:
            continue
        for found in taken[: max(0, MAX_REPORTED_PER_RULE - many)]:
            message = f"{kind} U+{ord(found.group()):04X}"
            hint = "Delete it. It often comes with text pasted from another program."
            place = {"line": number, "column": found.start() + 1}
            problems.append(problem(rule, path, message, hint=hint, **place))
        many += len(taken)
        if many > MAX_REPORTED_PER_RULE and len(problems) == MAX_REPORTED_PER_RULE:
            message = f"there are more of the kind '{kind}' from here on"
            problems.append(problem(rule, path, message, hint="Delete them all.", line=number))
        places = {found.start() for found in taken}
        rows[number - 1] = "".join(sign for at, sign in enumerate(row) if at not in places)
    return "\n".join(rows), problems


def is_allowed_invisible(line: str, index: int) -> bool:
    """Whether a sign without width has a task where it stands in a line."""
    sign = line[index]
    before, after = line[index - 1 : index], line[index + 1 : index + 2]
    if sign in _JOINERS:  # behind a letter of a script that joins, or behind a picture
        return not before.isascii()
    if sign in _DIRECTION_MARKS:
        return bool(_RIGHT_TO_LEFT_CHARACTER.search(line))
    if sign == "\u200b":
        return before >= _UNSPACED_SCRIPTS_START and after >= _UNSPACED_SCRIPTS_START
    if "\ufe00" <= sign <= "\ufe0f" or sign >= "\U000e0100":
        return bool(before) and (not before.isascii() or before in "#*0123456789")
    return "\u180b" <= sign <= "\u180f" and before >= "\u1820"  # Mongolian chooses forms with it


def _check_lost_characters(file: File, text: str) -> Iterable[Problem]:
    """Characters that an earlier program could not read, or read as others."""
    if not _LOST_CHARACTER.search(text):
        return
    told = 0
    for number, row in enumerate(text.split("\n"), 1):
        for found in _LOST_CHARACTER.finditer(row):
            meant = _repair_mojibake(row, found)
            if not meant:
                continue
            told += 1
            if told > MAX_REPORTED_PER_RULE:
                return
            hint = "Write what stood there before, and save the file with the encoding UTF-8."
            message = f"'{found.group()}' stands for a character that was lost"
            if meant != "\ufffd":
                message = f"'{found.group()}' was '{meant}' before it was saved wrongly"
                hint = f"Write '{meant}', and save the file with the encoding UTF-8."
            place = {"line": number, "column": found.start() + 1}
            yield problem("lost-character", file.path, message, hint=hint, **place)


def _repair_mojibake(line: str, match: re.Match[str]) -> str:
    """What the signs were before they were read wrongly; nothing, if they may be meant."""
    signs = match.group()
    if signs == "\ufffd":
        return signs
    if signs[0].isupper() and signs[1] in _AFTER_WORD and line[: match.start()][-1:].isupper():
        return ""  # the end of a word in capitals, such as IRMÃ, and a quote
    try:
        data = b"".join(_encode_cp1252(sign) for sign in signs)
        meant = data.decode()
    except UnicodeError:
        return ""
    return meant if meant.isprintable() or meant.isspace() else ""


def _encode_cp1252(character: str) -> bytes:
    return bytes([ord(character)]) if ord(character) < 0x100 else character.encode("cp1252")  # noqa: PLR2004


def _remove_conflict_markers(file: File, text: str) -> tuple[str, list[Problem]]:
    """The text with the marks of a merge emptied, and where they stood."""
    hint = "Keep the version that is right and delete the marks."
    problems: list[Problem] = []
    rows = text.split("\n")
    inside = False
    for number, row in enumerate(rows, 1):
        if _CONFLICT_MARKER.fullmatch(row):
            inside = row[0] != ">"
            if len(problems) < MAX_REPORTED_PER_RULE:
                message = "merge conflict marker"
                problems.append(problem("merge-mark", file.path, message, hint=hint, line=number))
        elif not (inside and row == "======="):  # outside of one it underlines a heading
            continue
        rows[number - 1] = ""
    return "\n".join(rows), problems
