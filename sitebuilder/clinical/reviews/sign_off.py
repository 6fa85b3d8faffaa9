"""Add a sign-off to the review record of a page, and write the record."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from sitebuilder.clinical.reviews.records import (
    CHANGE_SIGN_OFF,
    FULL_SIGN_OFF,
    digest_text,
    dump_review,
    is_page_id,
    normalize_text,
    review_path,
    review_text_path,
)
from sitebuilder.clinical.reviews.status import format_date
from sitebuilder.core.atomic_write import atomic_write_all
from sitebuilder.core.review import MAX_REVIEW_DAYS, Review, Reviewer, SignOff


class SignOffError(Exception):
    """The page cannot be signed or its record not written; the message says why."""


def add_sign_off(  # noqa: PLR0913 - who signs what, when, for how long, on top of what
    review: Review | None,
    page_id: str,
    text: str,
    reviewer: Reviewer,
    today: date,
    until: date,
    *,
    change: bool,
) -> Review:
    """Return the record with one more sign-off.

    A sign-off of a change keeps the last day of the last full sign-off.

    Args:
        review: The record so far, or None if the page was never signed.
        text: The text of the page as a reader sees it.
        until: Last day of the review. Ignored for a change.
        change: The reviewer read only what differs from the text that was signed last.

    Raises:
        SignOffError: The page id is not valid or not that of `review`, the text is empty, a change
            comes before any full sign-off or changes nothing, or the dates are impossible.
    """
    if not is_page_id(page_id):
        raise SignOffError(f"'{page_id}' cannot have a record: small letters, digits, '-' and '/'")
    if review is not None and review.page != page_id:
        raise SignOffError(f"the record is of the page '{review.page}', not of '{page_id}'")
    if not normalize_text(text):
        raise SignOffError("the page has no text")
    if review is not None and today < review.last.on:
        raise SignOffError(f"the last sign-off is later: it is of {format_date(review.last.on)}")
    if change:
        until = _change_valid_until(review, text, today)
    elif until <= today:
        raise SignOffError(f"a review until {format_date(until)} would be over when it is signed")
    elif (until - today).days > MAX_REVIEW_DAYS:
        last = format_date(today + timedelta(days=MAX_REVIEW_DAYS))
        raise SignOffError(f"a review until {format_date(until)} is too long: {last} is the most")
    kind = CHANGE_SIGN_OFF if change else FULL_SIGN_OFF
    entry = SignOff(
        reviewer.id, reviewer.name, reviewer.role, today, until, kind, digest_text(text)
    )
    previous = review.sign_offs if review is not None else ()
    return Review(page_id, review_path(page_id), (*previous, entry), normalize_text(text))


def _change_valid_until(review: Review | None, text: str, today: date) -> date:
    """Return the last day of the last full sign-off.

    Raises:
        SignOffError: There is no review, its text has not changed, or it ends today or earlier.
    """
    if review is None:
        raise SignOffError("nobody has signed the whole page yet: sign it without --change")
    if review.last.text == digest_text(text):
        raise SignOffError(f"nothing has changed since {format_date(review.last.on)}")
    if review.last_full.until <= today:
        day = format_date(review.last_full.until)
        raise SignOffError(f"the review ran until {day}: read and sign the whole page")
    return review.last_full.until


def write_review(root: Path, review: Review) -> str:
    """Write reviews/PAGE.yaml and reviews/PAGE.txt below `root`, each atomically.

    Returns:
        The path of the record, relative to `root`.

    Raises:
        SignOffError: The page id is not valid, a folder on the way is a symbolic link, or writing
            fails.
    """
    if not is_page_id(review.page):
        raise SignOffError(f"'{review.page}' cannot have a record")
    files = {
        review_text_path(review.page): normalize_text(review.text),
        review_path(review.page): dump_review(review),
    }
    folder = (root / review_path(review.page)).parent
    _check_no_symlinks(root, folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        atomic_write_all({root / path: text for path, text in files.items()})
    except OSError as error:
        raise SignOffError(f"{review_path(review.page)}: {error.strerror or error}") from error
    return review_path(review.page)


def _check_no_symlinks(root: Path, folder: Path) -> None:
    """Raise SignOffError if a symbolic link would lead the files elsewhere."""
    for directory in (folder, *folder.parents):
        if directory == root:
            return
        if directory.is_symlink():
            raise SignOffError(f"{directory} is a link: put the folder itself there")
