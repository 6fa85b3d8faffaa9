"""Check the clinical review of each page, and collect all problems of a page."""

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
    """Check the review and the change log of a page, unless it is generated.

    Args:
        site_page: The page, with its review record.
        status: Status of that review for the text as rendered.
        reviewers: The people who may sign, by id.
        today: The day on which reviews must be valid; no change may have a later date.
    """
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
    site_page: SitePage,
    rendered: RenderedPage,
    link_checker: LinkChecker,
    reviewers: Mapping[str, Reviewer],
    today: date,
) -> Iterable[Problem]:
    """Yield all problems of a rendered page: those of rendering, of its links and of its review.

    Args:
        site_page: The page in its site.
        rendered: The same page, rendered.
        link_checker: Resolves links to all pages of the site.
        reviewers: The people who may sign, by id.
        today: As in `check_review`.
    """
    yield from rendered.problems
    yield from link_checker.check(site_page.page, rendered.unresolved)
    yield from check_review(site_page, rendered.state, reviewers, today)
