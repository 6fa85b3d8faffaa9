"""Status of the review of a page, and the problems to report about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from sitebuilder.clinical.reviews.records import CHANGE_SIGN_OFF
from sitebuilder.clinical.reviews.reviewers import REVIEWERS_PATH
from sitebuilder.core.problems import Problem, problem
from sitebuilder.core.review import ClaimedReview, Review, Reviewer, SignOff

NEVER_REVIEWED: Final = "never-reviewed"
OVERDUE: Final = "overdue"
CHANGED: Final = "changed"
DUE_SOON: Final = "due-soon"
CURRENT: Final = "current"

STATUS_LABELS: Final[Mapping[str, str]] = {
    NEVER_REVIEWED: "never reviewed",
    OVERDUE: "overdue",
    CHANGED: "changed since review",
    DUE_SOON: "due soon",
    CURRENT: "current",
    "draft": "draft, not published",
    "none": "needs no review",
}
"""Every status of a page, most urgent first, and its label."""

_MONTHS: Final = (
    "January February March April May June July August September October November December".split()
)


def format_date(day: date) -> str:
    """Format a date for US readers: November 22, 2026."""
    return f"{_MONTHS[day.month - 1]} {day.day}, {day.year}"


def review_status(review: Review | None, text_digest: str, today: date, due_soon_days: int) -> str:
    """Return the status of a clinical page, a key of `STATUS_LABELS`.

    A review still holds on its last day. Overdue comes before changed, since only a review of the
    full page resolves it; `is_changed` tells whether an overdue page has changed too.

    Args:
        text_digest: Digest of the text that the page has today.
        due_soon_days: Days before the last day from which on a review is due soon.
    """
    if review is None:
        return NEVER_REVIEWED
    days_left = (review.last_full.until - today).days
    if days_left < 0:
        return OVERDUE
    if is_changed(review, text_digest):
        return CHANGED
    return DUE_SOON if days_left <= due_soon_days else CURRENT


def is_changed(review: Review | None, text_digest: str) -> bool:
    """Whether the text differs from the one that was signed last; False without a review."""
    return review is not None and review.last.text != text_digest


def sign_command(page_id: str, *, by: str = "ID", change: bool = False) -> str:
    """Return the command that signs a page."""
    return f"python build.py review {page_id} --by {by}" + " --change" * change


def sheet_command(page_id: str) -> str:
    """Return the command that prints the review sheet of a page."""
    return f"python build.py review-sheet {page_id}"


def check_review_status(  # noqa: PLR0913 - the page, its claim, the record, and the day
    page_path: str,
    line: int,
    *,
    status: str,
    review: Review | None,
    claim: ClaimedReview | None,
    claim_line: int,
    reviewers: Mapping[str, Reviewer],
    today: date,
) -> list[Problem]:
    """Report what is wrong with the review of a page.

    A page that was never reviewed is no problem here: only a release forbids it.

    Args:
        line: Line of the page for problems of its status.
        status: What `review_status` returned.
        claim: What the front matter of the page says about its review.
        claim_line: Line of that claim.
    """
    problems: list[Problem] = []
    if claim is not None:
        problems += _check_claim(page_path, claim_line, review, claim)
    if review is not None:
        problems += _check_record(review, reviewers, today)
        problems += _check_status(page_path, line, status, review)
    return problems


def _check_claim(
    path: str, line: int, review: Review | None, claim: ClaimedReview
) -> Iterator[Problem]:
    if claim == ClaimedReview("", "", None, None):
        return
    if review is None:
        message = "the page says that it was reviewed, but there is no review on record"
        hint = "Take the claim out. 'build.py review' puts reviews on record."
        yield problem("review-claim", path, message, hint=hint, line=line)
        return
    differs = list(_claim_differences(claim, review.last_full))
    if differs:
        message = "the page claims a review that is not on record: " + "; ".join(differs)
        hint = f"Say what {review.path} says, or take the claim out: pages show the record."
        yield problem("review-claim", path, message, hint=hint, line=line)


def _claim_differences(claim: ClaimedReview, full: SignOff) -> Iterator[str]:
    """Describe what a claim says that the record does not. What it leaves out is no claim."""
    if claim.by and claim.by not in (full.by, full.name):
        yield f"reviewer '{claim.by}' (on record: '{full.name}', id '{full.by}')"
    if claim.role and claim.role != full.role:
        yield f"role '{claim.role}' (on record: '{full.role}')"
    if claim.on and claim.on != full.on:
        yield f"reviewed on {format_date(claim.on)} (on record: {format_date(full.on)})"
    if claim.until and claim.until != full.until:
        yield f"next review {format_date(claim.until)} (on record: {format_date(full.until)})"


def _check_record(
    review: Review, reviewers: Mapping[str, Reviewer], today: date
) -> Iterator[Problem]:
    for entry in review.sign_offs:
        if entry.by not in reviewers:
            message = f"signed by '{entry.by}', who is not in {REVIEWERS_PATH}"
            hint = "List the reviewer there (who has left stays listed), or bring back the record."
            yield problem("review-record", review.path, message, hint=hint, line=entry.line)
        if entry.on > today:
            message = f"signed on {format_date(entry.on)}, a day that has not come yet"
            hint = f"Bring back the committed file: git restore {review.path}"
            yield problem("review-record", review.path, message, hint=hint, line=entry.line)


def _check_status(path: str, line: int, status: str, review: Review) -> Iterator[Problem]:
    page, full, last = review.page, review.last_full, review.last
    next_steps = f"Run: {sheet_command(page)}, read it, then run: {sign_command(page)}"
    if status == CHANGED:
        subject = "a change" if last.kind == CHANGE_SIGN_OFF else "it"
        message = f"the page changed after {last.name} signed {subject} on {format_date(last.on)}"
        hint = f"{next_steps} (with --change, if only the difference was read)."
        yield problem("review-changed", path, message, hint=hint, line=line)
    elif status == OVERDUE:
        message = f"the review by {full.name} held until {format_date(full.until)}"
        yield problem("review-overdue", path, message, hint=f"{next_steps}.", line=line)
    elif status == DUE_SOON:
        message = f"the review by {full.name} holds until {format_date(full.until)}"
        yield problem("review-due", path, message, hint=f"{next_steps}.", line=line)
