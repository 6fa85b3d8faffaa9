"""Reviewers, sign-offs and review records, as types."""

from __future__ import annotations

from datetime import date as Date  # noqa: N812 - as in `model`

import msgspec

# -- governance -----------------------------------------------------------------------------------


class Reviewer(msgspec.Struct, frozen=True):
    """One entry of content/reviewers.yaml: who may sign."""

    id: str
    name: str
    role: str
    line: int = 1


class SignOff(msgspec.Struct, frozen=True):
    """One entry of reviews/PAGE.yaml. `kind` full: the whole page was read; change: a difference.

    `text` is the digest of what a reader saw; the name and role are as they were on that day.
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
    """What is on record of one page: its sign-offs, oldest first, and the text last signed."""

    page: str
    path: str
    sign_offs: tuple[SignOff, ...]
    text: str

    @property
    def last_full(self) -> SignOff:
        """The last sign-off of the whole page: whose name and dates the page shows."""
        return next(s for s in reversed(self.sign_offs) if s.kind == "full")

    @property
    def last(self) -> SignOff:
        return self.sign_offs[-1]


class Change(msgspec.Struct, frozen=True):
    """One line of a page's change log, for its readers."""

    on: Date
    what: str


class ClaimedReview(msgspec.Struct, frozen=True):
    """What front matter says of a review; it has to agree with what is on record."""

    by: str
    role: str = ""
    on: Date | None = None
    until: Date | None = None
