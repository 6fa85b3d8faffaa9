"""Check the review of each page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from sitebuilder.checks.links import LinkChecker
from sitebuilder.clinical.reviews.status import check_review_status
from sitebuilder.core.model import RenderedPage, SitePage
from sitebuilder.core.problems import Problem, problem
from sitebuilder.core.review import Reviewer


def check_review(
    site_page: SitePage, status: str, reviewers: Mapping[str, Reviewer], today: date
) -> Iterable[Problem]:
    """What is wrong with the review of a page in this `state`, now that its words are known."""
    page = site_page.page
    if page.generated:
        return
    yield from check_review_status(
        page.path,
        page.lines.get("review", page.lines.get("title", 1)),
        status=status,
        review=site_page.review,
        claim=page.reviewed,
        claim_line=page.lines.get("reviewed", 1),
        reviewers=reviewers,
        today=today,
    )
    for change in page.changes:
        if change.on > today:
            line = page.lines["changes"]
            message = f"the change of {change.on} has not come yet"
            hint = "Write the day it was made, as year-month-day."
            yield problem("future-date", page.path, message, hint=hint, line=line)


def check_page(
    place: SitePage,
    page: RenderedPage,
    links: LinkChecker,
    reviewers: Mapping[str, Reviewer],
    today: date,
) -> Iterable[Problem]:
    """What is wrong with a finished page among all others."""
    yield from page.problems
    yield from links.check(place.page, page.unresolved)
    yield from check_review(place, page.state, reviewers, today)
