"""Decode text files: UTF-8 and line ends, with hidden or lost characters reported.

Invisible characters are judged one by one, because some scripts need them: Persian and Hindi join
letters with U+200C and U+200D, emoji are composed with U+200D and U+FE0F, Thai and Khmer separate
words with U+200B, and Arabic and Hebrew keep numbers in order with U+200E and U+200F. There they
are kept; elsewhere they are removed.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from typing import Final

from sitebuilder.core.lazy_regex import lazy_compile
from sitebuilder.core.model import File
from sitebuilder.core.problems import Problem, problem

FORBIDDEN_CHARACTERS: Final = lazy_compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters except tab and line feed
    "\u2028\u2029"  # line ends to YAML, but not to editors
    "\u202a-\u202e\u2066-\u206f"  # reorder text without being seen
    "\ufeff\ufff0-\ufffb\ufdd0-\ufdef\ufffe\uffff\ue000-\uf8ff"  # no glyph; we use some as marks
    "\U000e0000-\U000e00ff\U000f0000-\U0010ffff]"  # tags, which can hide a whole text
)
"""Characters that no text may contain, in whatever way they got there."""

_ASCII_CONTROL_CHARACTERS: Final = bytes((*range(0x09), *range(0x0B, 0x20), 0x7F))
"""The ASCII part of `FORBIDDEN_CHARACTERS`, for a fast check on bytes."""

_INVISIBLE_CHARACTERS: Final = lazy_compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2060-\u2065\u3164\uffa0"
    "\ufe00-\ufe0f\U0001d173-\U0001d17a\U000e0100-\U000e01ef]"
)
"""Zero-width characters: legitimate where a script needs them, else a way to hide text."""

_JOINERS: Final = "\u200c\u200d"
_DIRECTION_MARKS: Final = "\u200e\u200f\u061c"
_RIGHT_TO_LEFT_CHARACTER: Final = lazy_compile(
    "[\u0590-\u08ff\ufb1d-\ufdcf\ufdf0-\ufdff\ufe70-\ufefc]"
)
_UNSPACED_SCRIPTS_START: Final = "\u0e01"
"""First letter of the scripts that separate words with U+200B, or not at all."""

_CONTINUATION_BYTE: Final = "[\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]"  # noqa: RUF001 - 80 to BF in Windows-1252
_MOJIBAKE: Final = (
    f"â{_CONTINUATION_BYTE}{{2}}|[ÂÃ]{_CONTINUATION_BYTE}"
    f"|ï{_CONTINUATION_BYTE}{{2}}|ð{_CONTINUATION_BYTE}{{3}}"
)
"""UTF-8 that was read as Windows-1252 and saved again, such as 'Ã©' for 'é'."""

_AFTER_WORD: Final = "\xa0»’”›…–—"  # noqa: RUF001 - these are meant
"""Punctuation that may directly follow a word."""

_LOST_CHARACTER: Final = lazy_compile(f"\ufffd|{_MOJIBAKE}")
_CONFLICT_MARKER: Final = lazy_compile(r"(?:<{7}|\|{7}|>{7})(?: .*)?")

_PROSE_SUFFIXES: Final = (".md", ".yaml")
_MIN_TEXT_SHARE: Final = 10
"""Bytes of which at most one may be wrong in a file that is read all the same."""

_WINDOWS_FALLBACK: Final = "windows-1252-fallback"


def _decode_as_windows(error: UnicodeError) -> tuple[str, int]:
    """Decode what is not UTF-8 as Windows-1252: a handler for `bytes.decode`."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    data = error.object[error.start : error.end]
    return data.decode("cp1252", errors="replace"), error.end


codecs.register_error(_WINDOWS_FALLBACK, _decode_as_windows)

MAX_REPORTED_PER_RULE: Final = 100
"""Problems of one rule in one file that are reported one by one."""


def decode_text(file: File) -> tuple[str, list[Problem]]:
    """Decode a text file.

    Returns:
        The text, and the problems with its characters. A few bytes of a page or data file that are
        not UTF-8 are read as Windows-1252, so that later checks find only what else is wrong. The
        text is empty if there are many, if the file is UTF-16 or UTF-32, or if its lines end with
        lone carriage returns. Forbidden and hidden characters and merge conflict markers are
        removed from it, but characters of Windows-1252 are put in place of control characters; line
        ends are those of Unix.
    """
    data = file.read_text_bytes()
    if data.startswith((b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")) or (
        b"\0" in data and data.count(0) * 5 > len(data)
    ):
        return "", [_encoding_problem(file, "this is UTF-16 or UTF-32, not UTF-8", 1)]
    problems: list[Problem] = []
    try:
        text = data.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"not UTF-8 (byte 0x{data[error.start]:02X})"
        problems = [_encoding_problem(file, message, line)]
        wrong = data.decode(errors="replace").count("\ufffd")
        if wrong * _MIN_TEXT_SHARE > len(data) or not file.path.endswith(_PROSE_SUFFIXES):
            return "", problems
        text = data.decode(errors=_WINDOWS_FALLBACK).removeprefix("\ufeff")
    if "\r" in text:
        text = text.replace("\r\n", "\n")
        if "\r" in text.strip() and "\n" not in text:
            return "", [
                _encoding_problem(file, "the line ends are a lone U+000D, of old programs", 1)
            ]
    if "<<<<<<<" in text or ">>>>>>>" in text or "|||||||" in text:
        text, errors = _remove_conflict_markers(file, text)
        problems += errors
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
            text, errors = _remove_characters(pattern, text, file.path, rule, kind)
            problems += errors
    return text, problems


def _encoding_problem(file: File, message: str, line: int) -> Problem:
    hint = "Open the file in an editor and save it as UTF-8, with the line ends of Unix or Windows."
    return problem("encoding", file.path, message, hint=hint, line=line)


def _remove_characters(
    pattern: re.Pattern[str], text: str, path: str, rule: str, kind: str
) -> tuple[str, list[Problem]]:
    """Remove and report matches of `pattern`; invisible ones that a script needs are kept."""
    problems: list[Problem] = []
    lines = text.split("\n")
    count = 0
    for number, line in enumerate(lines, 1):
        matches = [
            match
            for match in pattern.finditer(line)
            if pattern is FORBIDDEN_CHARACTERS or not is_allowed_invisible(line, match.start())
        ]
        if not matches:
            continue
        for match in matches[: max(0, MAX_REPORTED_PER_RULE - count)]:
            message = f"{kind} U+{ord(match.group()):04X}"
            hint = "Delete it. It often comes with text pasted from another program."
            was = _windows_character(match.group())
            if was:
                message += f", which is '{was}' in old Windows programs"
                hint = f"Write '{was}' in its place."
            position = {"line": number, "column": match.start() + 1}
            problems.append(problem(rule, path, message, hint=hint, **position))
        count += len(matches)
        if count > MAX_REPORTED_PER_RULE and len(problems) == MAX_REPORTED_PER_RULE:
            message = f"there are more of the kind '{kind}' from here on"
            problems.append(problem(rule, path, message, hint="Delete them all.", line=number))
        found = {match.start() for match in matches}
        lines[number - 1] = "".join(
            _replacement(line, index) if index in found else c for index, c in enumerate(line)
        )
    return "\n".join(lines), problems


def _windows_character(character: str) -> str:
    """Return what a control character from U+0080 to U+009F is in Windows-1252; else nothing."""
    if not "\x80" <= character <= "\x9f":
        return ""
    return bytes([ord(character)]).decode("cp1252", errors="ignore")


def _replacement(line: str, index: int) -> str:
    """Return what stands in place of a forbidden character: two figures never become one."""
    between_figures = line[index - 1 : index].isdigit() and line[index + 1 : index + 2].isdigit()
    is_control = line[index] < "\xa0"
    return _windows_character(line[index]) or (" " if between_figures and is_control else "")


def is_allowed_invisible(line: str, index: int) -> bool:
    """Return whether the invisible character at `index` has a function in its script."""
    character = line[index]
    before, after = line[index - 1 : index], line[index + 1 : index + 2]
    if character in _JOINERS:  # after a letter of a joining script, or after an emoji
        return not before.isascii()
    if character in _DIRECTION_MARKS:
        return bool(_RIGHT_TO_LEFT_CHARACTER.search(line))
    if character == "\u200b":
        return before >= _UNSPACED_SCRIPTS_START and after >= _UNSPACED_SCRIPTS_START
    if "\ufe00" <= character <= "\ufe0f" or character >= "\U000e0100":
        return bool(before) and (not before.isascii() or before in "#*0123456789")
    # Mongolian selects letter forms with these.
    return "\u180b" <= character <= "\u180f" and before >= "\u1820"


def _check_lost_characters(file: File, text: str) -> Iterable[Problem]:
    """Report characters that another program replaced (U+FFFD) or decoded wrongly (mojibake)."""
    if not _LOST_CHARACTER.search(text):
        return
    count = 0
    for number, line in enumerate(text.split("\n"), 1):
        for match in _LOST_CHARACTER.finditer(line):
            original = _repair_mojibake(line, match)
            if not original:
                continue
            count += 1
            if count > MAX_REPORTED_PER_RULE:
                return
            hint = "Write what stood there before, and save the file with the encoding UTF-8."
            message = f"'{match.group()}' stands for a character that was lost"
            if original != "\ufffd":
                message = f"'{match.group()}' was '{original}' before it was saved wrongly"
                hint = f"Write '{original}', and save the file with the encoding UTF-8."
            position = {"line": number, "column": match.start() + 1}
            yield problem("lost-character", file.path, message, hint=hint, **position)


def _repair_mojibake(line: str, match: re.Match[str]) -> str:
    """Return the text that a match was before it was decoded wrongly.

    The result is empty if the characters may be intended, and U+FFFD if the original is lost.
    """
    characters = match.group()
    if characters == "\ufffd":
        return characters
    follows_capital = line[: match.start()][-1:].isupper()
    if characters[0].isupper() and characters[1] in _AFTER_WORD and follows_capital:
        return ""  # the end of a word in capitals, such as IRMÃ, and a quote
    try:
        data = b"".join(_encode_cp1252(character) for character in characters)
        original = data.decode()
    except UnicodeError:
        return ""
    return original if original.isprintable() or original.isspace() else ""


def _encode_cp1252(character: str) -> bytes:
    return bytes([ord(character)]) if ord(character) < 0x100 else character.encode("cp1252")  # noqa: PLR2004


def _remove_conflict_markers(file: File, text: str) -> tuple[str, list[Problem]]:
    """Blank the lines of merge conflict markers, and report them."""
    hint = "Keep the version that is right and delete the marks."
    problems: list[Problem] = []
    lines = text.split("\n")
    inside = False
    for number, line in enumerate(lines, 1):
        if _CONFLICT_MARKER.fullmatch(line):
            inside = line[0] != ">"
            if len(problems) < MAX_REPORTED_PER_RULE:
                message = "merge conflict marker"
                problems.append(problem("merge-mark", file.path, message, hint=hint, line=number))
        elif not (inside and line == "======="):  # outside of a conflict it underlines a heading
            continue
        lines[number - 1] = ""
    return "\n".join(lines), problems
