"""Who may sign, and what is on record: a record that cannot be true counts for nothing."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta

import msgspec
import pytest
from conftest import PROJECT, TODAY
from hypothesis import given
from hypothesis import strategies as st

from sitebuilder.clinical.reviews.records import (
    digest_text,
    dump_review,
    normalize_text,
    parse_review,
    review_path,
)
from sitebuilder.clinical.reviews.reviewers import parse_reviewers
from sitebuilder.clinical.reviews.sign_off import add_sign_off
from sitebuilder.clinical.reviews.status import is_changed
from sitebuilder.content.decode import FORBIDDEN_CHARACTERS, decode_text
from sitebuilder.core.model import File
from sitebuilder.core.problems import RULES, Problem
from sitebuilder.core.review import Review, Reviewer

ANY = Reviewer("any-one", "Any One", "Test reader")
OTHER = Reviewer("some-other", "Some Other", "Test reader")
TEXT = "First line.\nSecond line.\nThird line.\n"
NEXT_YEAR = TODAY + timedelta(365)
SIGNED = add_sign_off(None, "a/b", TEXT, ANY, TODAY, NEXT_YEAR, change=False)


def file(path: str, text: str | bytes) -> File:
    return File(path, "", "", text.encode() if isinstance(text, str) else text)


def reread(review: Review) -> tuple[Review | None, list[Problem]]:
    path = review_path(review.page)
    text = file(path.replace(".yaml", ".txt"), review.text)
    return parse_review(file(path, dump_review(review)), text)


def without_lines(review: Review) -> Review:
    signed = tuple(msgspec.structs.replace(s, line=1) for s in review.sign_offs)
    return msgspec.structs.replace(review, sign_offs=signed)


def places(problems: list[Problem]) -> list[str]:
    assert all(p.hint for p in problems)
    return [f"{p.line} {p.rule}" for p in problems]


# -- reviewers ------------------------------------------------------------------------------------


def reviewers(text: str) -> tuple[dict[str, Reviewer], list[Problem]]:
    return parse_reviewers(file("content/reviewers.yaml", text))


def test_reviewers_are_read_with_their_lines() -> None:
    text = "a-b:\n  name: 'A, B'\n  role: R\nc:\n  name: C\n  role: R\n"
    people = {"a-b": Reviewer("a-b", "A, B", "R", 1), "c": Reviewer("c", "C", "R", 4)}
    assert reviewers(text) == (people, [])


@pytest.mark.parametrize("text", ["", "# nobody\n", "---\n"])
def test_nobody_may_sign_where_nobody_is_listed(text: str) -> None:
    assert reviewers(text) == parse_reviewers(None) == ({}, [])


def test_every_mistake_about_reviewers_is_told_and_half_an_entry_is_nobody() -> None:
    text = (
        'A B:\n  name: A\n  role: R\nb:\n  name:\nc:\nd:\n  name: "\\u202ex"\n  role: R\n  x: y\n'
    )
    people, problems = reviewers(text)
    assert people == {}
    assert places(problems) == [
        "8 yaml",
        "1 bad-value",
        "5 bad-value",
        "5 missing-field",
        "6 bad-value",
        "10 unknown-field",
    ]
    assert places(reviewers("- a")[1]) == ["1 bad-value"]
    assert [p.rule for p in reviewers("a: [")[1]] == ["yaml"]


def test_the_projects_own_list_invents_nobody() -> None:
    assert reviewers((PROJECT / "content/reviewers.yaml").read_text()) == ({}, [])


# -- digests --------------------------------------------------------------------------------------


def test_the_digest_is_that_of_the_kept_file() -> None:
    assert digest_text("a\rb") == digest_text("a\nb\n")
    assert digest_text(" First\tline. \r\n\r\nSecond\n") == digest_text("First line.\nSecond")
    assert digest_text(TEXT) == hashlib.sha256(TEXT.encode()).hexdigest()


@pytest.mark.parametrize(
    "other",
    ["Firs line.", "first line.", "First line", "Firstline.", "First\nline.", "First \u202eline."],
)
def test_what_a_reader_could_tell_apart_has_another_digest(other: str) -> None:
    assert digest_text(other) != digest_text("First line.")


@given(st.text())
def test_normalising_twice_is_normalising_once(text: str) -> None:
    assert normalize_text(normalize_text(text)) == normalize_text(text)
    assert digest_text(normalize_text(text)) == digest_text(text)


# -- records --------------------------------------------------------------------------------------

days = st.dates(date(2000, 1, 1), date(2150, 1, 1))
names = (
    st.text(min_size=1)
    .map(lambda t: FORBIDDEN_CHARACTERS.sub("", t.replace("\t", " ").replace("\n", " ")))
    .filter(lambda t: not decode_text(file("reviews/x.yaml", t))[1])
)
people = st.builds(
    Reviewer,
    id=st.from_regex(r"[a-z0-9]+(-[a-z0-9]+)?", fullmatch=True),
    name=names.map(str.strip).filter(bool),
    role=names.map(str.strip).filter(bool),
)
page_ids = st.from_regex(r"[a-z0-9]{1,9}(-[a-z0-9]{1,9})?(/[a-z0-9]{1,9})?", fullmatch=True)
texts = st.text(min_size=1).filter(lambda text: bool(normalize_text(text)))


@st.composite
def reviews(draw: st.DrawFn) -> Review:
    """A page and its sign-offs, as `sign` makes them."""
    page, day = draw(page_ids), draw(days)
    review = add_sign_off(
        None, page, draw(texts), draw(people), day, day + timedelta(9), change=False
    )
    for full in draw(st.lists(st.booleans(), max_size=4)):
        day += timedelta(draw(st.integers(0, 2)))
        text, who = draw(texts), draw(people)
        if full:
            review = add_sign_off(review, page, text, who, day, day + timedelta(9), change=False)
        elif is_changed(review, digest_text(text)) and day < review.last_full.until:
            review = add_sign_off(review, page, text, who, day, day, change=True)
    return review


@given(reviews())
def test_a_record_is_read_back_as_it_was_written(review: Review) -> None:
    found, problems = reread(review)
    assert problems == []
    assert found is not None
    assert without_lines(found) == review
    assert dump_review(found) == dump_review(review)


def test_what_cannot_be_seen_is_written_as_its_number() -> None:
    unseen = Reviewer("x", 'A\u200b"\\', "R\u00adS", 1)
    review = add_sign_off(None, "a", "x", unseen, TODAY, NEXT_YEAR, change=False)
    assert dump_review(review).replace("\n", "").isprintable()
    found, problems = reread(review)
    assert problems == []
    assert found is not None
    assert (found.last.name, found.last.role) == (unseen.name, unseen.role)


def test_a_record_of_what_cannot_be_a_page_is_refused() -> None:
    odd = msgspec.structs.replace(SIGNED, page="A b", path="reviews/A b.yaml")
    assert places(reread(odd)[1]) == ["2 review-record"]


@given(reviews(), st.data())
def test_a_text_changed_by_hand_is_found(review: Review, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(review.text) - 1))
    sign_before = review.text[at]
    put = data.draw(st.sampled_from("xX0é,").filter(lambda c: c != sign_before))
    changed = review.text[:at] + put + review.text[at + 1 :]
    found, problems = reread(msgspec.structs.replace(review, text=changed))
    assert found is None
    assert {p.rule for p in problems} == {"review-record"}
    path = review_path(review.page)
    text_path = path.replace(".yaml", ".txt")
    assert [(p.path, p.line) for p in problems] == [
        (text_path, 0),
        (path, 4 + 7 * (len(review.sign_offs) - 1)),
    ]
    assert problems[0].hint.endswith(f"git restore {text_path}")


def test_a_checkout_with_other_line_ends_is_still_the_text_that_was_signed() -> None:
    other = file("reviews/a/b.txt", TEXT.replace("\n", "\r\n"))
    found, problems = parse_review(file("reviews/a/b.yaml", dump_review(SIGNED)), other)
    assert found is not None
    assert (found.text, problems) == (TEXT, [])


def test_a_record_without_its_text_counts_for_nothing() -> None:
    record = file("reviews/a/b.yaml", dump_review(SIGNED))
    assert parse_review(record, None)[0] is None
    assert places(parse_review(record, None)[1]) == ["4 review-record"]
    broken = file("reviews/a/b.txt", b"\xff")
    assert places(parse_review(record, broken)[1]) == ["0 review-record", "4 review-record"]


def broken_record(old: str, new: str) -> list[Problem]:
    """What is said of a good record with one thing changed."""
    good = dump_review(SIGNED)
    assert old in good
    record = file("reviews/a/b.yaml", good.replace(old, new))
    review, problems = parse_review(record, file("reviews/a/b.txt", TEXT))
    assert review is None
    return problems


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('page: "a/b"', 'page: "a"', "2 review-record"),
        ('page: "a/b"', "pag: x", "2 review-record"),
        ("on: 2026-11-22", "on: 2026-11-31", "7 review-record"),
        ("on: 2026-11-22", "on: 2027-11-22", "4 review-record"),
        ("until: 2027-11-22", "until: 2026-11-21", "4 review-record"),
        ("kind: full", "kind: whole", "9 review-record"),
        ("kind: full", "kind: change", "4 review-record"),
        ('role: "Test reader"', "rle: x", "6 review-record"),
        ('    role: "Test reader"\n', "", "4 review-record"),
        ('name: "Any One"', 'name: "\\u202eAny"', "5 yaml"),
        ('name: "Any One"', 'name: ""', "5 review-record"),
        ('by: "any-one"', 'by: "../x"', "4 review-record"),
        ('text: "', 'text: "x', "10 review-record"),
    ],
)
def test_a_record_that_cannot_be_true_is_refused(old: str, new: str, place: str) -> None:
    assert places(broken_record(old, new)) == [place]


def test_all_mistakes_of_a_record_are_told_at_once() -> None:
    text = "page: a\nsigned:\n  - by: X\n    on: never\n  - words\n  - by: y\n    kind: full\n"
    review, problems = parse_review(file("reviews/a.yaml", text), file("reviews/a.txt", ""))
    assert review is None
    assert {p.rule for p in problems} == {"review-record"}
    lines = [p.line for p in problems]
    assert [lines.count(n) for n in (3, 4, 5, 6)] == [6, 1, 1, 5]  # 5 fields missing and a bad id


@pytest.mark.parametrize("text", ["", "signed: []", "page: a\nsigned: x", "page: a", "- a", "a: ["])
def test_what_is_no_record_is_said(text: str) -> None:
    review, problems = parse_review(file("reviews/a.yaml", text), file("reviews/a.txt", "x"))
    assert review is None
    assert problems
    assert {p.rule for p in problems} <= {"review-record", "yaml"}


def test_config_has_no_say_over_records() -> None:
    assert RULES["review-record"].fixed
    assert RULES["review-claim"].fixed


def test_sign_offs_stand_in_the_order_of_their_days() -> None:
    later = add_sign_off(SIGNED, "a/b", "x", OTHER, TODAY + timedelta(1), NEXT_YEAR, change=True)
    swapped = msgspec.structs.replace(later, sign_offs=(SIGNED.last, later.last, SIGNED.last))
    _, problems = reread(msgspec.structs.replace(swapped, text=TEXT))
    assert places(problems) == ["18 review-record"]
