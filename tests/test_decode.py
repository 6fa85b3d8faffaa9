"""Bytes to clean text, sign by sign: what is hidden, what a script needs, what was lost."""

from __future__ import annotations

import pytest

from sitebuilder.content.decode import (
    _ASCII_CONTROL_CHARACTERS,
    FORBIDDEN_CHARACTERS,
    MAX_REPORTED_PER_RULE,
    decode_text,
)
from sitebuilder.core.model import File
from sitebuilder.core.problems import Problem


def read(text: str | bytes) -> tuple[str, list[Problem]]:
    data = text.encode() if isinstance(text, str) else text
    return decode_text(File("content/x.md", "", "", data))


def only(text: str | bytes) -> Problem:
    (found,) = read(text)[1]
    assert found.path == "content/x.md"
    assert found.hint
    return found


# -- encodings and line ends ----------------------------------------------------------------------


@pytest.mark.parametrize("code", ["utf-16", "utf-16-be", "utf-16-le", "utf-32", "utf-32-be"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_wide_encodings_are_named_and_nothing_is_guessed(code: str, mark: str) -> None:
    text, (found,) = read((mark + "Some words\n").encode(code))
    assert text == ""
    assert (found.rule, found.line) == ("encoding", 1)
    assert found.message == "this is UTF-16 or UTF-32, not UTF-8"
    assert "save it as UTF-8, with the line ends of Unix or Windows" in found.hint


@pytest.mark.parametrize("mark", [b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff"])
def test_the_mark_at_the_start_is_enough_and_only_there(mark: bytes) -> None:
    assert only(mark + b"x" * 100).message == "this is UTF-16 or UTF-32, not UTF-8"
    found = read(b"\xc3\xa9" + mark + b"x" * 100)[1]
    assert found[0].message.startswith("not UTF-8")


def test_zeros_make_a_wide_encoding_if_they_are_more_than_a_fifth() -> None:
    assert only(b"abc\0").message == "this is UTF-16 or UTF-32, not UTF-8"
    assert only(b"abcd\0").message == "control character U+0000"
    assert [p.rule for p in read(b"abcdefgh\0\0")[1]] == ["control-character"] * 2


def test_a_byte_that_is_no_utf_8_is_told_with_its_line() -> None:
    for number, start in enumerate([b"", b"\n", b"a\nb\n"], 1):
        text, (found,) = read(start + b"Caf\xe9 \xff\n")
        assert text == ""
        assert (found.rule, found.line) == ("encoding", number)
        assert found.message == "not UTF-8 (byte 0xE9)"
    assert only(b"\x80").message == "not UTF-8 (byte 0x80)"


def test_a_mark_of_byte_order_is_no_part_of_the_text() -> None:
    assert read(b"\xef\xbb\xbfa\n") == ("a\n", [])
    assert only("\ufeff\ufeffa").message == "control character U+FEFF"


def test_line_ends_of_windows_and_unix_are_one() -> None:
    assert read("a\r\nb\nc\r\n") == ("a\nb\nc\n", [])
    assert read("a\tb\n") == ("a\tb\n", [])


def test_line_ends_of_old_programs_are_named() -> None:
    text, (found,) = read("a\rb\r")
    assert text == ""
    assert (found.rule, found.line) == ("encoding", 1)
    assert found.message == "the line ends are a lone U+000D, of old programs"


@pytest.mark.parametrize("text", ["a\rb\n", "a\n\rb", "ab\r", "\rab"])
def test_a_lone_end_of_that_kind_is_a_control_character(text: str) -> None:
    assert read(text)[0] == text.replace("\r", "")
    assert only(text).message == "control character U+000D"


# -- what cannot be seen --------------------------------------------------------------------------

ALWAYS = [  # first and last of each run
    *((0x00, 0x08), (0x0B, 0x1F), (0x7F, 0x9F), (0x2028, 0x2029), (0x202A, 0x202E)),
    *((0x2066, 0x206F), (0xE000, 0xF8FF), (0xFDD0, 0xFDEF), (0xFEFF, 0xFEFF), (0xFFF0, 0xFFFB)),
    *((0xFFFE, 0xFFFF), (0xE0000, 0xE00FF), (0xF0000, 0x10FFFF)),
]
UNSEEN = [
    *((0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5)),
    *((0x180B, 0x180F), (0x200B, 0x200F), (0x2060, 0x2065), (0x3164, 0x3164), (0xFE00, 0xFE0F)),
    *((0xFFA0, 0xFFA0), (0x1D173, 0x1D17A), (0xE0100, 0xE01EF)),
]


def all_of(runs: list[tuple[int, int]]) -> set[int]:
    return {sign for first, last in runs for sign in range(first, last + 1)}


def test_no_sign_that_may_never_stand_is_forgotten_and_no_other_is_among_them() -> None:
    every = "".join(map(chr, range(0x110000)))
    assert {ord(sign) for sign in FORBIDDEN_CHARACTERS.findall(every)} == all_of(ALWAYS)


def test_between_letters_of_ours_no_unseen_sign_stays() -> None:
    """Every sign of the first planes that hold such, alone in its line."""
    some = [n for n in range(0xD800) if n != 0x61C]  # beside itself it is needed
    some = [*some, *range(0xF700, 0x10000), *range(0x1D100, 0x1D200)]
    some = [sign for sign in [*some, *range(0xE0000, 0xE0200)] if chr(sign) not in "\r\n"]
    text, _ = read("".join(f"a{chr(sign)}b\n" for sign in some))
    gone = {sign for sign, line in zip(some, text.split("\n"), strict=False) if line == "ab"}
    windows = {n for n in range(0x80, 0xA0) if bytes([n]).decode("cp1252", "ignore")}
    assert gone == ((all_of(ALWAYS) | all_of(UNSEEN)) & set(some)) - windows


@pytest.mark.parametrize("first_of_run", [a for a, _ in UNSEEN if a != 0x61C])
def test_an_unseen_sign_is_told_by_its_number(first_of_run: int) -> None:
    found = only(f"Words.\nA {chr(first_of_run)}b\n")
    assert (found.rule, found.line, found.column) == ("hidden-character", 2, 3)
    assert found.message == f"hidden character U+{first_of_run:04X}"
    assert found.hint.startswith("Delete it.")


@pytest.mark.parametrize("first", [run[0] for run in ALWAYS if run[0] > 0x7F])
def test_no_letter_before_it_saves_what_may_never_stand(first: int) -> None:
    assert read(f"a\u0e01{chr(first)}\u0e02")[0] == "a\u0e01\u0e02"


def test_each_is_told_at_its_own_place_in_the_order_of_kinds() -> None:
    text, problems = read("a\u00ad\x01b\n\ncd\x02\x03")
    assert text == "ab\n\ncd"
    assert [(p.rule, p.line, p.column) for p in problems] == [
        *(("control-character", 1, 3), ("control-character", 3, 3), ("control-character", 3, 4)),
        ("hidden-character", 1, 2),
    ]


NEEDED = {
    "joined letters of Persian": "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
    "joined letters of Hindi": "\u0915\u094d\u200d\u0937",
    "a doctor": "\U0001f469\u200d\u2695\ufe0f",
    "a key": "1\ufe0f\u20e3 0\ufe0f 9\ufe0f #\ufe0f *\ufe0f",
    "a heart": "\u2764\ufe0f and \u2764\ufe0e",
    "numbers in Hebrew": "\u05d0 5\u200e mg",
    "numbers in Arabic": "\u200f5 \u061c mg \u0627",
    "words of Thai": "\u0e01\u200b\u0e02\u200b\u0e01",
    "a form of a sign": "\u2268\ufe00",
    "words of Khmer": "\u1780\u200b\u1781",
    "a form of Han": "\u845b\U000e0100",
    "forms of Mongolian": "\u1820\u180b\u1821\u180e\u1822\u180f",
}


@pytest.mark.parametrize("text", NEEDED.values(), ids=NEEDED)
def test_what_a_script_needs_stays(text: str) -> None:
    assert read(text) == (text, [])


NOT_NEEDED = {
    "a joiner behind a Latin letter": "a\u200d\u0645",
    "a joiner at the start": "\u200c\u0645",
    "a mark of direction in Latin words": "ab\u200e cd",
    "one in another line": "ab\u200f cd\n\u05d0",
    "a space of no width behind Thai": "\u0e01\u200b",
    "a space of no width before Thai": "\u200b\u0e01",
    "a space of no width at the end of Thai": "\u0e01\u200b b",
    "a space of no width behind Latin": "a\u200b\u0e01",
    "a form of a Latin letter": "a\ufe0f",
    "a form of nothing": "\ufe0f",
    "a form of Han behind a letter": "a\U000e0100",
    "a form of nothing at all": "\U000e0100b",
    "a form of Mongolian behind another letter": "\u0e01\u180b",
    "a form of Mongolian at the start": "\u180b\u1820",
    "a filler": "\u1820\u3164",
    "a soft hyphen": "\u1820\u00ad",
    "a joiner of words": "\u1820\u2060",
    "a note of music": "\u1820\U0001d173",
}


@pytest.mark.parametrize("text", NOT_NEEDED.values(), ids=NOT_NEEDED)
def test_what_no_script_needs_goes(text: str) -> None:
    sign = next(sign for sign in text if ord(sign) in all_of(UNSEEN))
    found, problems = read(text)
    assert found == text.replace(sign, "")
    assert [p.message for p in problems] == [f"hidden character U+{ord(sign):04X}"]


@pytest.mark.parametrize(
    ("first", "last"),
    [(0x590, 0x8FF), (0xFB1D, 0xFDCF), (0xFDF0, 0xFDFF), (0xFE70, 0xFEFC)],
)
def test_marks_of_direction_stay_beside_every_script_that_runs_the_other_way(
    first: int, last: int
) -> None:
    for sign in (first, last):
        assert read(f"{chr(sign)}5\u200e")[1] == []
    if first != 0x590:
        assert len(read(f"{chr(first - 1)}5\u200e")[1]) >= 1
    assert len(read(f"{chr(last + 1)}5\u200e")[1]) >= 1
    assert len(read("\u058f5\u200e")[1]) == 1


@pytest.mark.parametrize(("sign", "rule"), [("\x01", "control"), ("\u00ad", "hidden")])
def test_so_many_are_told_one_by_one_and_then_the_first_line_of_the_rest(
    sign: str, rule: str
) -> None:
    assert MAX_REPORTED_PER_RULE == 100
    text, problems = read(f"a{sign}\n" * 100)
    assert text == "a\n" * 100
    assert [p.line for p in problems] == [*range(1, 101)]
    text, problems = read(f"a{sign}\n" * 105)
    assert text == "a\n" * 105
    assert len(problems) == 101
    assert problems[-1].message == f"there are more of the kind '{rule} character' from here on"
    assert problems[-1].hint == "Delete them all."
    assert problems[-1].line == 101
    assert problems[-1].rule == f"{rule}-character"
    many = read(f"{sign * 60}a\n" * 4)[1]
    assert [p.line for p in many] == [1] * 60 + [2] * 41
    assert "from here on" in many[-1].message


# -- what was lost --------------------------------------------------------------------------------


def wrongly(good: str) -> str:
    """As a program shows it that takes UTF-8 for Windows-1252."""
    return "".join(
        bytes([byte]).decode("cp1252", "replace").replace("\ufffd", chr(byte))
        for byte in good.encode()
    )


SEEN = [chr(n) for n in (*range(0xA1, 0x100), *range(0x2010, 0x2028), *range(0x2030, 0x2060))]


@pytest.mark.parametrize("good", ["\xa0", "\u2009", "\ufb02", "\uff21", "\U0001f600", "\u20ac"])
def test_signs_saved_wrongly_are_told_with_what_they_were(good: str) -> None:
    found = only(f"Words.\nab {wrongly(good)} c")
    assert (found.rule, found.line, found.column) == ("lost-character", 2, 4)
    assert found.message == f"'{wrongly(good)}' was '{good}' before it was saved wrongly"
    assert found.hint == f"Write '{good}', and save the file with the encoding UTF-8."


def test_every_letter_and_mark_saved_wrongly_is_told() -> None:
    told = [
        [p for p in read(f"ab {wrongly(good)} c")[1] if p.rule == "lost-character"]
        for good in SEEN
        if good != "\xad"
    ]
    assert [len(found) for found in told] == [1] * len(told)


def test_what_is_lost_for_good_is_told() -> None:
    found = only("Words.\n\nab \ufffd c")
    assert (found.rule, found.line, found.column) == ("lost-character", 3, 4)
    assert found.message == "'\ufffd' stands for a character that was lost"
    assert found.hint.startswith("Write what stood there before, and save the file")


@pytest.mark.parametrize("behind", "\xa0\u2019\u201d\xbb\u203a\u2026\u2013\u2014")
def test_a_word_in_capitals_may_end_with_a_letter_that_begins_like_it(behind: str) -> None:
    for text in (f"IRM\xc3{behind}", f"XY\xc2{behind} Z"):
        assert read(text) == (text, [])
    assert read(f"abX\xc3{behind}")[1] == []
    assert only(f"irm\xc3{behind}").rule == "lost-character"
    assert only(f"IRM\xc3{behind} caf\xc3\xa9").column == 10


@pytest.mark.parametrize(
    "good", ["CAF\xc9", "DON\u2019T", "GAR\xc7ON", "5\xb0", "A\u2500", "DAT\xeaS", "\xd6L"]
)
def test_other_words_in_capitals_are_told(good: str) -> None:
    sign = next(sign for sign in good if not sign.isascii())
    found = only(wrongly(good))
    assert found.message == f"'{wrongly(sign)}' was '{sign}' before it was saved wrongly"


@pytest.mark.parametrize(
    "text", ["\xe2\u201a", "\xef\xbf", "\xc2 x", "\xf0\u0178\u02dc", "\xe2\xe9\xe8"]
)
def test_letters_that_only_begin_like_it_are_meant(text: str) -> None:
    assert read(text) == (text, [])


def test_signs_that_give_no_character_are_meant() -> None:
    text = "a \xe2\u20ac\u20ac b"  # e2 80 80 is a space: told; e0 to ef with a surrogate is none
    assert only(text).message.endswith("was '\u2000' before it was saved wrongly")
    for none in ("\xef\xbf\xbf", "\xf0\u20ac\u20ac\u20ac"):
        assert read(f"a {none} b") == (f"a {none} b", [])


def test_so_many_lost_ones_are_told() -> None:
    assert len(read("\ufffd\n" * 100)[1]) == 100
    assert len(read("\ufffd\n" * 130)[1]) == 100


# -- marks of a merge -----------------------------------------------------------------------------

MERGE = "a\n<<<<<<< HEAD\nb\n||||||| base\nc\n=======\nd\n>>>>>>> other\ne\n=======\nf\n"


def test_marks_of_a_merge_are_emptied_and_told() -> None:
    text, problems = read(MERGE)
    assert text == "a\n\nb\n\nc\n\nd\n\ne\n=======\nf\n"
    assert [(p.rule, p.line) for p in problems] == [("merge-mark", n) for n in (2, 4, 8)]
    assert {p.message for p in problems} == {"merge conflict marker"}
    assert {p.hint for p in problems} == {"Keep the version that is right and delete the marks."}


@pytest.mark.parametrize("mark", ["<<<<<<<", "|||||||", ">>>>>>>", "<<<<<<< x y"])
def test_each_mark_alone_is_one(mark: str) -> None:
    text, problems = read(f"a\n{mark}\nb")
    assert text == "a\n\nb"
    assert [p.line for p in problems] == [2]


@pytest.mark.parametrize(
    "line", ["<<<<<<<<", "<<<<<<<x", " <<<<<<<", "a <<<<<<< b", "<<<<<<", ">>>>>>>>", "||||||||"]
)
def test_what_only_looks_like_one_is_text(line: str) -> None:
    assert read(f"a\n{line}\nb") == (f"a\n{line}\nb", [])


def test_a_line_below_a_heading_is_no_mark_once_the_merge_is_over() -> None:
    assert read("Heading\n=======\n") == ("Heading\n=======\n", [])
    assert read("Heading\n=======\n<<<<<<< x")[0] == "Heading\n=======\n"
    assert read(">>>>>>> x\nHeading\n=======")[0] == "\nHeading\n======="


def test_so_many_marks_are_told_and_all_are_emptied() -> None:
    text, problems = read("<<<<<<< a\n" * 130)
    assert text == "\n" * 130
    assert len(problems) == 100
    assert len(read("<<<<<<< a\n" * 100)[1]) == 100


def test_the_quick_look_at_bytes_is_for_each_hidden_sign_of_ascii_and_for_no_other() -> None:
    assert (
        bytes(n for n in range(0x80) if FORBIDDEN_CHARACTERS.match(chr(n)))
        == _ASCII_CONTROL_CHARACTERS
    )
    for sign in map(
        chr, _ASCII_CONTROL_CHARACTERS.replace(b"\r", b"")
    ):  # a line end is another matter
        assert [p.rule for p in read(f"Some words{sign}and some more.\n".encode())[1]] == [
            "control-character"
        ]


# -- Windows-1252 ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("10\x9615 mg", "10\u201315 mg"),
        ("Don\x92t stop", "Don\u2019t stop"),
        ("\x93Quote\x94", "\u201cQuote\u201d"),
        ("5\x80", "5\u20ac"),
        ("wait\x85", "wait\u2026"),
        ("10\x8115 mg", "10 15 mg"),
        ("10\x0115 mg", "10 15 mg"),
    ],
)
def test_a_character_of_windows_is_named_and_figures_stay_apart(typed: str, meant: str) -> None:
    text, problems = read(f"Words.\n{typed}\n")
    assert text == f"Words.\n{meant}\n"
    assert {p.rule for p in problems} == {"control-character"}
    lost = [c for c in meant if c not in typed and c != " "]
    assert [p.hint for p in problems if lost] == [f"Write '{c}' in its place." for c in lost]


def test_one_wrong_byte_is_one_problem() -> None:
    text, problems = read(b"Take 10" + b"\x96" + b"15 mg a day, with food and water.\n")
    assert text == "Take 10\u201315 mg a day, with food and water.\n"
    assert [p.message for p in problems] == ["not UTF-8 (byte 0x96)"]
