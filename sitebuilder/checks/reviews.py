"""Check the review of each page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from sitebuilder.checks.links import Links
from sitebuilder.clinical.reviews.status import problems_of
from sitebuilder.core.model import Place, Rendered
from sitebuilder.core.problems import Problem, problem
from sitebuilder.core.review import Reviewer


def governed(
    place: Place, state: str, reviewers: Mapping[str, Reviewer], today: date
) -> Iterable[Problem]:
    """What is wrong with the review of a page in this `state`, now that its words are known."""
    page = place.page
    if page.generated:
        return
    yield from problems_of(
        page.path,
        page.lines.get("review", page.lines.get("title", 1)),
        state=state,
        review=place.review,
        claimed=page.reviewed,
        claimed_line=page.lines.get("reviewed", 1),
        reviewers=reviewers,
        today=today,
    )
    for change in page.changes:
        if change.on > today:
            line = page.lines["changes"]
            message = f"the change of {change.on} has not come yet"
            hint = "Write the day it was made, as year-month-day."
            yield problem("future-date", page.path, message, hint=hint, line=line)


def of_page(
    place: Place, page: Rendered, links: Links, reviewers: Mapping[str, Reviewer], today: date
) -> Iterable[Problem]:
    """What is wrong with a finished page among all others."""
    yield from page.problems
    yield from links.check(place.page, page.unsettled)
    yield from governed(place, page.state, reviewers, today)
