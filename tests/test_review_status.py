"""How a page is signed, and what that means today: states, and claims that are not on record."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest
from conftest import TODAY

from sitebuilder.clinical.reviews.records import (
    digest_text,
    dump_review,
    is_page_id,
    parse_review,
    review_path,
)
from sitebuilder.clinical.reviews.sign_off import SignOffError, add_sign_off, write_review
from sitebuilder.clinical.reviews.status import (
    STATUS_LABELS,
    check_review_status,
    is_changed,
    review_status,
)
from sitebuilder.core.model import File
from sitebuilder.core.problems import RULES, Problem
from sitebuilder.core.review import ClaimedReview, Review, Reviewer, SignOff

ANY = Reviewer("any-one", "Any One", "Test reader")
OTHER = Reviewer("some-other", "Some Other", "Test reader")
REVIEWERS = {ANY.id: ANY, OTHER.id: OTHER}
TEXT = "First line.\nSecond line.\nThird line.\n"
NEXT_YEAR = TODAY + timedelta(365)
SIGNED = add_sign_off(None, "a/b", TEXT, ANY, TODAY, NEXT_YEAR, change=False)


# -- signing --------------------------------------------------------------------------------------


def test_a_change_is_added_and_the_full_reviews_dates_stay() -> None:
    day = TODAY + timedelta(9)
    changed = add_sign_off(SIGNED, "a/b", "New text.\n\n", OTHER, day, day, change=True)
    assert changed.sign_offs[0] == SIGNED.last_full == changed.last_full
    entry = SignOff(
        OTHER.id, OTHER.name, OTHER.role, day, NEXT_YEAR, "change", digest_text("New text.")
    )
    assert changed.last == entry
    assert changed.text == "New text.\n"
    assert (changed.page, changed.path) == ("a/b", "reviews/a/b.yaml")
    again = add_sign_off(changed, "a/b", "New text.", OTHER, day, day + timedelta(30), change=False)
    assert len(again.sign_offs) == 3
    assert again.last_full == again.last


@pytest.mark.parametrize(
    ("review", "page", "text", "days", "until", "change"),
    [
        (None, "a/b", "x", 0, 0, False),
        (None, "a/b", "x", 0, -1, False),
        (None, "a/b", " \n", 0, 9, False),
        (None, "../b", "x", 0, 9, False),
        (None, "a/b", "x", 0, 9, True),
        (SIGNED, "a", "x", 0, 9, False),
        (SIGNED, "a/b", "x", -1, 9, False),
        (SIGNED, "a/b", TEXT + "\n", 0, 9, True),
        (SIGNED, "a/b", "x", 365, 999, True),
    ],
)
def test_what_cannot_be_signed(
    review: Review | None,
    page: str,
    text: str,
    days: int,
    until: int,
    change: bool,  # noqa: FBT001
) -> None:
    day, end = TODAY + timedelta(days), TODAY + timedelta(until)
    with pytest.raises(SignOffError):
        add_sign_off(review, page, text, ANY, day, end, change=change)


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    assert write_review(tmp_path, SIGNED) == "reviews/a/b.yaml"
    later = add_sign_off(SIGNED, "a/b", "Changed.", OTHER, TODAY, NEXT_YEAR, change=True)
    write_review(tmp_path, later)
    record, text = tmp_path / "reviews/a/b.yaml", tmp_path / "reviews/a/b.txt"
    assert hashlib.sha256(text.read_bytes()).hexdigest() == later.last.text
    record_file = File("reviews/a/b.yaml", "", "", record.read_bytes())
    text_file = File("reviews/a/b.txt", "", "", text.read_bytes())
    read, problems = parse_review(record_file, text_file)
    assert problems == []
    assert read is not None
    assert dump_review(read) == dump_review(later)
    assert read.text == later.text
    assert sorted(p.name for p in record.parent.iterdir()) == ["b.txt", "b.yaml"]
    assert record.stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize(
    "page", ["../x", "/x", "a//b", "a/../../x", "a/", "", ".", "a.b", "A", "a b", "a\n", "-a", "é"]
)
def test_page_ids_cannot_lead_out_of_the_folder(tmp_path: Path, page: str) -> None:
    assert not is_page_id(page)
    with pytest.raises(SignOffError):
        write_review(tmp_path, msgspec.structs.replace(SIGNED, page=page))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("link", ["reviews", "reviews/a"])
def test_records_are_not_written_through_links(tmp_path: Path, link: str) -> None:
    root, outside = tmp_path / "site", tmp_path / "outside"
    outside.mkdir()
    (root / link).parent.mkdir(parents=True, exist_ok=True)
    (root / link).symlink_to(outside)
    with pytest.raises(SignOffError, match="link"):
        write_review(root, SIGNED)
    assert list(outside.iterdir()) == []


def test_a_disk_that_refuses_is_told_and_leaves_no_crumbs(tmp_path: Path) -> None:
    (tmp_path / "reviews/a/b.yaml").mkdir(parents=True)
    with pytest.raises(SignOffError, match=r"reviews/a/b\.yaml"):
        write_review(tmp_path, SIGNED)
    assert not [p for p in (tmp_path / "reviews/a").iterdir() if p.name.startswith(".")]


# -- states ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "text", "state"),
    [
        (0, TEXT, "current"),
        (334, TEXT, "current"),
        (335, TEXT, "due-soon"),
        (365, TEXT, "due-soon"),
        (366, TEXT, "overdue"),
        (0, "x", "changed"),
        (365, "x", "changed"),
        (366, "x", "overdue"),
    ],
)
def test_states_by_day_and_text(days: int, text: str, state: str) -> None:
    digest = digest_text(text)
    assert review_status(SIGNED, digest, TODAY + timedelta(days), 30) == state
    assert state in STATUS_LABELS
    assert is_changed(SIGNED, digest) == (text == "x")


def test_a_page_without_a_record_was_never_reviewed() -> None:
    assert review_status(None, digest_text(TEXT), TODAY, 30) == "never-reviewed"
    assert not is_changed(None, digest_text(TEXT))


def test_a_change_that_was_accepted_is_current_again_and_so_is_an_edit_taken_back() -> None:
    accepted = add_sign_off(SIGNED, "a/b", "x", OTHER, TODAY, TODAY, change=True)
    assert review_status(accepted, digest_text("x"), TODAY, 30) == "current"
    assert review_status(accepted, digest_text(TEXT), TODAY, 30) == "changed"
    assert review_status(accepted, digest_text("x"), NEXT_YEAR + timedelta(1), 30) == "overdue"


def found(
    state: str = "current",
    review: Review | None = SIGNED,
    claimed: ClaimedReview | None = None,
    today: date = TODAY,
    who: dict[str, Reviewer] = REVIEWERS,
) -> list[Problem]:
    return check_review_status(
        "content/a/b.md",
        1,
        status=state,
        review=review,
        claim=claimed,
        claim_line=5,
        reviewers=who,
        today=today,
    )


@pytest.mark.parametrize(
    ("state", "rule", "day"),
    [
        ("changed", "review-changed", "November 22, 2026"),
        ("overdue", "review-overdue", "November 22, 2027"),
        ("due-soon", "review-due", "November 22, 2027"),
    ],
)
def test_what_needs_a_reviewer_is_told_with_the_commands(state: str, rule: str, day: str) -> None:
    [one] = found(state)
    assert (one.path, one.line, one.rule, one.severity) == (
        "content/a/b.md",
        1,
        rule,
        RULES[rule].severity,
    )
    assert day in one.message
    assert "python build.py review-sheet a/b" in one.hint
    assert "python build.py review a/b --by ID" in one.hint


def test_what_is_right_is_not_told() -> None:
    assert found() == []
    assert found("never-reviewed", None) == []
    assert found("never-reviewed", None, ClaimedReview("", "", None, None)) == []
    for by in (ANY.id, ANY.name):
        assert found(claimed=ClaimedReview(by, ANY.role, TODAY, NEXT_YEAR)) == []
    assert found(claimed=ClaimedReview("", "", TODAY, None)) == []


@pytest.mark.parametrize(
    ("claimed", "words"),
    [
        (ClaimedReview("Else", "", None, None), ["'Else'", "'Any One'"]),
        (ClaimedReview("", "Surgeon", None, None), ["'Surgeon'", "'Test reader'"]),
        (ClaimedReview("", "", NEXT_YEAR, None), ["November 22, 2027", "November 22, 2026"]),
        (ClaimedReview("", "", None, TODAY), ["November 22, 2026", "November 22, 2027"]),
        (
            ClaimedReview("Else", "Surgeon", TODAY, TODAY),
            ["'Else'", "'Surgeon'", "November 22, 2026"],
        ),
    ],
)
def test_a_claim_that_is_not_on_record_is_an_error(
    claimed: ClaimedReview, words: list[str]
) -> None:
    for review in (SIGNED, None):
        [one] = found(review=review, claimed=claimed)
        assert (one.line, one.rule, one.severity) == (5, "review-claim", "error")
    [one] = found(claimed=claimed)
    assert all(word in one.message for word in words)


def test_a_claim_is_held_against_the_full_review_not_the_last_change() -> None:
    changed = add_sign_off(SIGNED, "a/b", "x", OTHER, TODAY + timedelta(2), TODAY, change=True)
    later = TODAY + timedelta(2)
    assert (
        found(review=changed, claimed=ClaimedReview(ANY.name, "", TODAY, None), today=later) == []
    )
    assert (
        len(found(review=changed, claimed=ClaimedReview(OTHER.name, "", None, None), today=later))
        == 1
    )


def test_a_signer_who_is_not_listed_and_a_day_to_come_are_errors_of_the_record() -> None:
    stranger = found(who={})
    to_come = found(today=TODAY - timedelta(1))
    for [one] in (stranger, to_come):
        assert (one.path, one.rule, one.severity) == ("reviews/a/b.yaml", "review-record", "error")
        assert one.line == SIGNED.last.line
    both = add_sign_off(SIGNED, "a/b", "x", OTHER, TODAY, TODAY, change=True)
    path = review_path(both.page)
    text = File("reviews/a/b.txt", "", "", both.text.encode())
    reread_both, _ = parse_review(File(path, "", "", dump_review(both).encode()), text)
    assert [p.line for p in found(review=reread_both, who={ANY.id: ANY})] == [11]
