"""Types for clinical reviews: reviewers, sign-offs and review records."""

from __future__ import annotations

from datetime import date as Date  # noqa: N812 - as in `model`
from typing import Final

import msgspec

MAX_REVIEW_DAYS: Final = 5 * 366
"""The longest time that a review may hold."""


class Reviewer(msgspec.Struct, frozen=True):
    """A person who may sign pages: an entry of content/reviewers.yaml."""

    id: str
    name: str
    role: str
    line: int = 1


class SignOff(msgspec.Struct, frozen=True):
    """An entry of reviews/PAGE.yaml.

    Attributes:
        by: Id of the reviewer.
        name: Name of the reviewer on the day of signing.
        role: Role of the reviewer on the day of signing.
        until: Day on which the next review is due.
        kind: `full` if the whole page was read, `change` if only the difference was.
        text: Digest of the text that was signed.
    """

    by: str
    name: str
    role: str
    on: Date
    until: Date
    kind: str
    text: str
    line: int = 1


class Review(msgspec.Struct, frozen=True):
    """The review record of a page.

    Attributes:
        page: Page id.
        path: Path of the record.
        sign_offs: Oldest first; at least one, and the first is a full one.
        text: The text that was signed last.
    """

    page: str
    path: str
    sign_offs: tuple[SignOff, ...]
    text: str

    @property
    def last_full(self) -> SignOff:
        """The last sign-off of the whole page, whose name and dates the page shows."""
        return next(s for s in reversed(self.sign_offs) if s.kind == "full")

    @property
    def last(self) -> SignOff:
        return self.sign_offs[-1]


class Change(msgspec.Struct, frozen=True):
    """A line in the change log of a page, for its readers."""

    on: Date
    what: str


class ClaimedReview(msgspec.Struct, frozen=True):
    """A review as front matter states it; the build compares it with the review record."""

    by: str
    role: str = ""
    on: Date | None = None
    until: Date | None = None
