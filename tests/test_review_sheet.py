"""What leaves the house: differences, the review sheet, the calendar, the list in the terminal."""

from __future__ import annotations

import itertools
import re
import unicodedata
from datetime import date, timedelta

from conftest import TODAY
from hypothesis import given
from hypothesis import strategies as st

from sitebuilder.clinical.reviews.ical import format_ical
from sitebuilder.clinical.reviews.records import digest_text, normalize_lines
from sitebuilder.clinical.reviews.sheet import WIDTH, format_review_sheet
from sitebuilder.clinical.reviews.sign_off import add_sign_off
from sitebuilder.clinical.reviews.status import STATUS_LABELS
from sitebuilder.clinical.reviews.table import format_review_table
from sitebuilder.clinical.reviews.text_diff import diff_lines
from sitebuilder.core.evidence import Fact, Source
from sitebuilder.core.review import Review, Reviewer

ANY = Reviewer("any-one", "Any One", "Test reader")
OTHER = Reviewer("some-other", "Some Other", "Second reader")
UNTIL = TODAY + timedelta(365)
TEXT = "".join(f"Line {number}.\n" for number in range(9))
SIGNED = add_sign_off(None, "tools/next", TEXT, ANY, TODAY, UNTIL, change=False)

FACT = Fact(
    "tear",
    "In a study, {figure} people had a tear.",
    "study",
    ("one", "two"),
    value=("1234",),
    of=10000,
    bound="about",
    who="people who had surgery",
    where="Norway",
    year=2016,
    not_covered="Other kinds of surgery.",
)
SOURCES = (
    Source("one", "First title", "A journal", "study", "abstract", "Writer A", 2016, doi="10.1/x"),
    Source("two", "Second title", "A site", "leaflet", "full", url="https://x.org/" + "y" * 90),
)

lines = st.lists(st.sampled_from(["a", "b", "c d", "", "  e"]), max_size=12)
texts = lines.map("\n".join) | st.text(max_size=80)


# -- differences ----------------------------------------------------------------------------------


def test_a_difference_has_one_line_around_it_and_marks_where_lines_are_left_out() -> None:
    new = TEXT.replace("Line 1.", "Line one.").replace("Line 7.\n", "")
    assert diff_lines(TEXT, new) == (
        ("same", "Line 0."),
        ("gone", "Line 1."),
        ("new", "Line one."),
        ("same", "Line 2."),
        ("skip", ""),
        ("same", "Line 6."),
        ("gone", "Line 7."),
        ("same", "Line 8."),
    )
    assert diff_lines(TEXT, TEXT.replace("Line 4.", "Line four.")) == (
        ("skip", ""),
        ("same", "Line 3."),
        ("gone", "Line 4."),
        ("new", "Line four."),
        ("same", "Line 5."),
        ("skip", ""),
    )
    assert diff_lines("", "a") == (("new", "a"),)
    assert diff_lines("a\n", " a\r\n\n") == ()


def test_lines_that_come_up_often_are_compared_too() -> None:
    many = "same\n" * 300
    assert diff_lines("old\n" + many, many + "new\n") == (
        ("gone", "old"),
        ("same", "same"),
        ("skip", ""),
        ("same", "same"),
        ("new", "new"),
    )


@given(texts, texts)
def test_a_difference_is_empty_just_if_the_digests_are_equal(old: str, new: str) -> None:
    assert (diff_lines(old, new) == ()) == (digest_text(old) == digest_text(new))


@given(texts, texts)
def test_a_difference_tells_every_line_that_came_or_went(old: str, new: str) -> None:
    told = diff_lines(old, new)
    gone = [text for kind, text in told if kind == "gone"]
    came = [text for kind, text in told if kind == "new"]
    rest_old, rest_new = normalize_lines(old), normalize_lines(new)
    for text in gone:
        rest_old.remove(text)
    for text in came:
        rest_new.remove(text)
    assert sorted(rest_old) == sorted(rest_new)
    assert not any(a == b == "skip" for (a, _), (b, _) in itertools.pairwise(told))


# -- the sheet ------------------------------------------------------------------------------------


def a_sheet(review: Review | None, text: str = TEXT, state: str = "current") -> str:
    return format_review_sheet(
        "Next steps",
        "tools/next",
        "https://x.org/tools/next/",
        status=state,
        review=review,
        text=text,
        facts=((FACT, SOURCES),),
        today=TODAY,
    )


def squeezed(text: str) -> str:
    return " ".join(text.split())


def test_the_sheet_has_all_that_a_reviewer_needs() -> None:
    made = squeezed(a_sheet(None, state="never-reviewed"))
    for part in (
        "REVIEW SHEET: Next steps",
        "tools/next",
        "https://x.org/tools/next/",
        "State: never reviewed",
        "Printed: November 22, 2026",
        "by nobody yet",
        "By signing you say",
        "does not cover how the page looks",
        "In a study, about 1,234 in 10,000 people had a tear.",
        "Figure: about 1,234 in 10,000",
        "people who had surgery",
        "Norway, 2016",
        "Strength: a study",
        "Not covered: Other kinds of surgery.",
        "Writer A. First title. A journal (2016). https://doi.org/10.1/x",
        "[only its abstract was read]",
        "[read in full]",
        "Facts and figures are right",
        "told fairly",
        "Warning signs are right",
        "Words are plain",
        "[ ] I have read the whole page",
        "python build.py review tools/next --by ID",
    ):
        assert part in made, part
    assert all(f"Line {number}." in made for number in range(9))


def test_the_sheet_shows_what_changed_and_only_then_offers_to_sign_that() -> None:
    changed = a_sheet(SIGNED, TEXT.replace("Line 4.", "Line four."), "changed")
    assert "\n- Line 4.\n+ Line four.\n  Line 5.\n  [...]\n" in changed
    assert "I have read the difference" in changed
    assert "review tools/next --by ID --change" in changed
    for same in (a_sheet(SIGNED), a_sheet(None)):
        assert "I have read the difference" not in same
        assert "--change" not in same
    assert "this is the text that was signed last" in a_sheet(SIGNED)


def test_the_sheet_names_all_who_signed_last_first() -> None:
    later = add_sign_off(SIGNED, "tools/next", "x", OTHER, TODAY + timedelta(1), TODAY, change=True)
    made = squeezed(a_sheet(later))
    last = "November 23, 2026: a change, by Some Other, Second reader"
    first = "November 22, 2026: the whole page, by Any One, Test reader, until November 22, 2027"
    assert 0 < made.index(last) < made.index(first)


@given(st.text())
def test_no_line_of_the_sheet_is_too_long_and_nothing_is_lost(text: str) -> None:
    text = "word " * 40 + "w" * 200 + text
    made = a_sheet(SIGNED, text)
    assert max(len(line) for line in made.split("\n")) <= WIDTH
    assert "\x1b" not in made
    assert "\u202e" not in made
    part = made[made.index("THE TEXT, AS") : made.index("FACTS ON THIS PAGE")]
    assert part.count("w") >= 240


def test_long_addresses_are_all_there() -> None:
    assert "https://x.org/" + "y" * 90 in "".join(a_sheet(None).split())


# -- the calendar ---------------------------------------------------------------------------------

ROWS = [
    ("b", "Second; page, with a \\ and\na line end", date(2027, 3, 1), "https://x.org/b/"),
    ("a", "Wörter " * 20, date(2027, 1, 31), "https://x.org/a/"),
]


def properties(text: str) -> list[str]:
    """The lines as a calendar program joins them."""
    assert text.endswith("\r\n")
    return text.replace("\r\n ", "").removesuffix("\r\n").split("\r\n")


def values(text: str, name: str) -> list[str]:
    return [line.partition(":")[2] for line in properties(text) if re.match(f"{name}[:;]", line)]


def test_the_calendar_has_an_event_and_an_alarm_for_each_page() -> None:
    made = format_ical(ROWS, TODAY)
    rows = properties(made)
    assert rows[:2] == ["BEGIN:VCALENDAR", "VERSION:2.0"]
    assert rows[-1] == "END:VCALENDAR"
    assert rows.count("BEGIN:VEVENT") == rows.count("END:VALARM") == 2
    assert "DTSTART;VALUE=DATE:20270131" in rows
    assert values(made, "DTSTART") == ["20270131", "20270301"]
    assert values(made, "DTSTAMP") == ["20261122T000000Z"] * 2
    assert values(made, "TRIGGER") == ["-P30D"] * 2
    assert values(made, "URL") == ["https://x.org/a/", "https://x.org/b/"]
    assert values(made, "SUMMARY")[1] == r"Review due: Second\; page\, with a \\ and\na line end"


def test_the_calendar_is_the_same_for_equal_rows_and_events_keep_their_names() -> None:
    assert format_ical(ROWS, TODAY) == format_ical(ROWS[::-1], TODAY)
    moved = [(page, title, UNTIL, url) for page, title, _, url in ROWS]
    uids = values(format_ical(ROWS, TODAY), "UID")
    assert sorted(values(format_ical(moved, UNTIL), "UID")) == sorted(uids)
    assert len(set(uids)) == 2
    elsewhere = [(page, title, day, "https://y.org/") for page, title, day, _ in ROWS]
    assert not set(uids) & set(values(format_ical(elsewhere, TODAY), "UID"))


def test_an_event_on_the_last_day_of_all_and_one_without_an_address() -> None:
    made = format_ical([("a", "A", date.max, "")], TODAY)
    assert values(made, "DTSTART") == ["99991231"]
    assert values(made, "URL") == []


def test_long_lines_are_folded_at_75_octets() -> None:
    made = format_ical([("a", "x" * 200 + "ö" * 90, TODAY, "")], TODAY).split("\r\n")
    lengths = [len(line.encode()) for line in made]
    assert max(lengths) == 75
    assert lengths.count(75) > 4


@given(st.lists(st.tuples(st.text(), st.text(), st.dates(), st.text()), max_size=3))
def test_no_text_breaks_out_of_its_line(rows: list[tuple[str, str, date, str]]) -> None:
    made = format_ical(rows, TODAY)
    physical = made.removesuffix("\r\n").split("\r\n")
    assert max(len(line.encode()) for line in physical) <= 75
    assert not re.search(r"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f]", made)
    assert made.count("\n") == made.count("\r") == made.count("\r\n")
    assert properties(made).count("BEGIN:VEVENT") == len(rows)
    told = [unescaped(summary) for summary in values(made, "SUMMARY")]
    assert sorted(told) == sorted(f"Review due: {in_one_form(title)}" for _, title, _, _ in rows)


def unescaped(value: str) -> str:
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], value)


def in_one_form(text: str) -> str:
    """A text with one kind of line end, and a space for what a calendar may not hold."""
    text = re.sub("\r\n|[\r\u2028\u2029]", "\n", text)
    return "".join(" " if unicodedata.category(c) == "Cc" and c != "\n" else c for c in text)


# -- the list -------------------------------------------------------------------------------------


def test_the_list_has_the_worst_first() -> None:
    rows = [
        ("f", "none", None),
        ("e", "current", SIGNED),
        ("d", "due-soon", SIGNED),
        ("c", "changed", SIGNED),
        ("g", "draft", None),
        ("b2", "overdue", SIGNED),
        ("b1", "overdue", SIGNED),
        ("a", "never-reviewed", None),
    ]
    table = format_review_table(rows).splitlines()
    pages = [line.split()[0] for line in table[2:]]
    assert pages == ["a", "b1", "b2", "c", "d", "e", "g", "f"]
    assert re.fullmatch(
        r"c +changed since review +2026-11-22 +2027-11-22 +Any One", table[2 + pages.index("c")]
    )
    assert len({line.index("2027") for line in table if "2027" in line}) == 1
    assert {row[1] for row in rows} == set(STATUS_LABELS)
    assert format_review_table(rows) == format_review_table(rows[::-1])


def test_an_empty_list_says_so() -> None:
    assert format_review_table([]) == "There is no page.\n"
