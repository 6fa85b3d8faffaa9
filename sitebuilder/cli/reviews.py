"""The commands for clinical review: sign-offs, review sheets, states and due dates."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from sitebuilder.build.pipeline import Build
from sitebuilder.cli.arguments import DEFAULT_CALENDAR_NAME
from sitebuilder.cli.console import EXIT_FAILURE, EXIT_OK, PROGRAM, echo, failure, usage_error
from sitebuilder.cli.full_build import full_build
from sitebuilder.clinical.decision_tools.cases import case_rows
from sitebuilder.clinical.reviews.ical import format_ical
from sitebuilder.clinical.reviews.sheet import format_review_sheet
from sitebuilder.clinical.reviews.sign_off import SignOffError, add_sign_off, write_review
from sitebuilder.clinical.reviews.table import format_review_table
from sitebuilder.content.schema import closest_match
from sitebuilder.core import urls
from sitebuilder.core.atomic_write import atomic_write
from sitebuilder.core.model import PageReport, SitePage
from sitebuilder.core.problems import ERROR, Problem


def add_months(day: date, months: int) -> date:
    """Return the same day of a later month, or the last day of that month if it is shorter."""
    years, month = divmod(day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(day.year + years, month + 1, last)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def find_page(build: Build, page_id: str) -> SitePage:
    """Find a page that needs a review.

    Args:
        page_id: Its id, or its path with or without `content/` and `.md`.

    Raises:
        SignOffError: There is no such page, or it needs no review.
    """
    name = page_id.strip("/").removeprefix("content/").removesuffix(".md") or "index"
    pages_by_id = {p.page.id: p for p in build.site.pages if not p.page.generated}
    site_page = pages_by_id.get(name)
    if site_page is None:
        suggestion = closest_match(name, pages_by_id)
        raise SignOffError(
            f"there is no page '{page_id}'"
            + (f"; did you mean '{suggestion}'?" if suggestion else "")
        )
    if site_page.page.review == "none":
        raise SignOffError(f"the page '{name}' is marked 'review: none': it needs no signature")
    return site_page


def sign_off_errors(build: Build, site_page: SitePage) -> list[Problem]:
    """Return the errors that block a sign-off: those of the page, and those of any data file."""
    return [
        problem
        for problem in build.problems
        if problem.severity == ERROR
        and (problem.path == site_page.page.path or problem.path.endswith(".yaml"))
    ]


def record_sign_off(  # noqa: PLR0913 - who signs what, when, how, for how long
    build: Build,
    root: Path,
    page_id: str,
    reviewer_id: str,
    today: date,
    *,
    change: bool,
    until: date | None = None,
) -> str:
    """Record that a reviewer signed a page.

    Args:
        change: The reviewer read only what changed since the last sign-off.
        until: The last day of the review; None: `review_months` of the configuration from today.
            Ignored for a change.

    Returns:
        A message that confirms the sign-off.

    Raises:
        SignOffError: The page or the reviewer is unknown, the page needs no review or has errors,
            the sign-off is not possible, or the record cannot be written.
    """
    site_page = find_page(build, page_id)
    reviewer = build.reviewers.get(reviewer_id)
    if reviewer is None:
        raise SignOffError(f"'{reviewer_id}' may not sign: the id is not in content/reviewers.yaml")
    errors = sign_off_errors(build, site_page)
    if errors:
        first = errors[0]
        raise SignOffError(
            f"the page has {len(errors)} error{'s' * (len(errors) != 1)}, "
            f"the first at {first.path}:{first.line}: "
            f"{first.message}. Run 'python build.py check' and have them fixed first"
        )
    page, text = site_page.page, build.signed_texts[site_page.page.path]
    last_day = until or add_months(today, build.site.config.review_months)
    review = add_sign_off(site_page.review, page.id, text, reviewer, today, last_day, change=change)
    path = write_review(root, review)
    scope = "the change of" if change else "the whole of"
    return (
        f"{reviewer.name} signed {scope} '{page.title}'. On record in {path}, "
        f"until {review.last_full.until}. Commit it together with {path.removesuffix('.yaml')}.txt."
    )


def build_review_sheet(build: Build, page_id: str, today: date) -> str:
    """Format the text and the facts of a page for the clinician who is to sign it.

    Raises:
        SignOffError: There is no such page, or it needs no review.
    """
    site_page = find_page(build, page_id)
    page, evidence = site_page.page, site_page.evidence
    facts = [
        (fact, tuple(evidence.sources[name] for name in fact.sources if name in evidence.sources))
        for fact in evidence.facts.values()
    ]
    tool = site_page.tool
    cases = case_rows(tool, build.cases, build.evidence.sources) if tool else ()
    return format_review_sheet(
        page.title,
        page.id,
        _absolute_url(build, site_page),
        status=find_page_report(build, site_page).state,
        review=site_page.review,
        text=build.signed_texts[page.path],
        facts=facts,
        today=today,
        cases=cases,
    )


def find_page_report(build: Build, site_page: SitePage) -> PageReport:
    """Return the entry of a page in the build's report."""
    return next(page for page in build.pages if page.path == site_page.page.path)


def review_status_table(build: Build) -> str:
    """Format a table of the pages that need a review, with their states."""
    return format_review_table(
        [
            (site_page.page.id, find_page_report(build, site_page).state, site_page.review)
            for site_page in _pages_needing_review(build)
        ]
    )


def due_date_calendar(build: Build, today: date) -> str:
    """Format a calendar (iCalendar) of the days on which reviews are due."""
    rows = [
        (p.page.id, p.page.title, p.review.last_full.until, _absolute_url(build, p))
        for p in _pages_needing_review(build)
        if p.review is not None
    ]
    return format_ical(rows, today)


def _pages_needing_review(build: Build) -> Sequence[SitePage]:
    return [
        site_page
        for site_page in build.site.pages
        if site_page.page.review != "none" and not site_page.page.generated
    ]


def _absolute_url(build: Build, site_page: SitePage) -> str:
    """Return the public address of a page, or its path if the site has no `url`."""
    address = site_page.page.address
    return urls.absolute_url(build.site.config.url, address) or address


def run_review(flags: argparse.Namespace) -> int:
    """Record a sign-off; return the exit code."""
    build = full_build(flags)
    try:
        confirmation = record_sign_off(
            build,
            flags.root,
            flags.page,
            flags.by,
            flags.today,
            change=flags.change,
            until=flags.until,
        )
    except SignOffError as error:
        print(f"{PROGRAM}: not signed: {error}", file=sys.stderr)
        return EXIT_FAILURE
    echo(flags, confirmation)
    return EXIT_OK


def run_review_sheet(flags: argparse.Namespace) -> int:
    """Print the review sheet of a page; return the exit code."""
    try:
        print(build_review_sheet(full_build(flags), flags.page, flags.today))
    except SignOffError as error:
        return usage_error(str(error))
    return EXIT_OK


def run_reviews(flags: argparse.Namespace) -> int:
    """Print the state of every review and write the calendar; return the exit code."""
    build = full_build(flags)
    print(review_status_table(build))
    path = flags.calendar or flags.root / DEFAULT_CALENDAR_NAME
    try:
        atomic_write(path, due_date_calendar(build, flags.today))
    except OSError as error:
        return failure(f"could not write {path}: {error.strerror or error}")
    echo(flags, f"Due dates: {path}")
    return EXIT_OK
