"""A page's text and a reviewer in, a record with one more sign-off out; and its way to disk."""

from __future__ import annotations

import os
import tempfile
from datetime import date as Date  # noqa: N812 - as in `model`
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
from sitebuilder.core.review import Review, Reviewer, SignOff


class SignOffError(Exception):
    """Why the page cannot be signed."""


def add_sign_off(  # noqa: PLR0913 - who signs what, when, for how long, on top of what
    review: Review | None,
    page_id: str,
    text: str,
    reviewer: Reviewer,
    today: Date,
    until: Date,
    *,
    change: bool,
) -> Review:
    """The record with one more sign-off of `text`, what readers of the page see.

    `change`: the reviewer read what differs from the text last signed. Whose review it is and until
    when it holds stay those of the last full sign-off; `until` is not looked at.
    CannotSign: there is nothing to sign, no whole page was signed before a change, or bad dates.
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
    kind = CHANGE_SIGN_OFF if change else FULL_SIGN_OFF
    entry = SignOff(
        reviewer.id, reviewer.name, reviewer.role, today, until, kind, digest_text(text)
    )
    before = review.sign_offs if review is not None else ()
    return Review(page_id, review_path(page_id), (*before, entry), normalize_text(text))


def _change_valid_until(review: Review | None, text: str, today: Date) -> Date:
    """Until when the last full sign-off holds. CannotSign: there is no change to accept."""
    if review is None:
        raise SignOffError("nobody has signed the whole page yet: sign it without --change")
    if review.last.text == digest_text(text):
        raise SignOffError(f"nothing has changed since {format_date(review.last.on)}")
    if review.last_full.until <= today:
        day = format_date(review.last_full.until)
        raise SignOffError(f"the review ran until {day}: read and sign the whole page")
    return review.last_full.until


def write_review(root: Path, review: Review) -> str:
    """Write reviews/PAGE.yaml and .txt below `root`, each in one step; the record's path.

    CannotSign: the page id is no good, a folder on the way is a link, or the disk refuses.
    """
    if not is_page_id(review.page):
        raise SignOffError(f"'{review.page}' cannot have a record")
    files = {
        review_text_path(review.page): normalize_text(review.text),
        review_path(review.page): dump_review(review),
    }
    folder = (root / review_path(review.page)).parent
    _check_no_symlinks(root, folder)
    waiting: list[tuple[Path, Path]] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Both are whole on disk before the first takes its place: what can fail has been done.
        for path, text in files.items():
            waiting.append((_create_temp_file(folder), root / path))
            _write_synced(waiting[-1][0], text)
        for temporary, target in waiting:
            temporary.replace(target)
    except OSError as error:
        raise SignOffError(f"{review_path(review.page)}: {error.strerror or error}") from error
    finally:
        for temporary, _ in waiting:
            temporary.unlink(missing_ok=True)
    return review_path(review.page)


def _check_no_symlinks(root: Path, folder: Path) -> None:
    """CannotSign: a link on the way from the root would lead the files to another place."""
    for place in (folder, *folder.parents):
        if place == root:
            return
        if place.is_symlink():
            raise SignOffError(f"{place} is a link: put the folder itself there")


def _create_temp_file(folder: Path) -> Path:
    """An empty file under a name that nobody else has; builds do not look at hidden files."""
    handle, name = tempfile.mkstemp(prefix=".", suffix=".new", dir=folder)
    os.close(handle)
    return Path(name)


def _write_synced(path: Path, text: str) -> None:
    """Put the text safely on disk."""
    with path.open("wb") as stream:
        stream.write(text.encode())
        stream.flush()
        os.fsync(stream.fileno())
    path.chmod(0o644)
