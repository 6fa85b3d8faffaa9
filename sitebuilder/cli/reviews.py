"""A build in; sign-offs, review sheets, the list of states and the calendar of due dates out."""

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
    """The same day of a later month, or that month's last day."""
    years, month = divmod(day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(day.year + years, month + 1, last)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def find_page(build: Build, page_id: str) -> SitePage:
    """The clinical page with this id. CannotSign: there is none."""
    named = page_id.strip("/").removeprefix("content/").removesuffix(".md") or "index"
    places = {place.page.id: place for place in build.site.pages if not place.page.generated}
    place = places.get(named)
    if place is None:
        near = closest_match(named, places)
        raise SignOffError(
            f"there is no page '{page_id}'" + (f"; did you mean '{near}'?" if near else "")
        )
    if place.page.review == "none":
        raise SignOffError(f"the page '{named}' is marked 'review: none': it needs no signature")
    return place


def sign_off_errors(build: Build, site_page: SitePage) -> list[Problem]:
    """The errors that stand in the way of signing a page: its own, and those of what it uses."""
    return [
        found
        for found in build.problems
        if found.severity == ERROR
        and (found.path == site_page.page.path or found.path.endswith(".yaml"))
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
    """Put a sign-off on record; what to say of it. CannotSign: why it cannot be."""
    place = find_page(build, page_id)
    reviewer = build.reviewers.get(reviewer_id)
    if reviewer is None:
        raise SignOffError(f"'{reviewer_id}' may not sign: the id is not in content/reviewers.yaml")
    errors = sign_off_errors(build, place)
    if errors:
        first = errors[0]
        raise SignOffError(
            f"the page has {len(errors)} error{'s' * (len(errors) != 1)}, "
            f"the first at {first.path}:{first.line}: "
            f"{first.message}. Run 'python build.py check' and have them mended first"
        )
    text = build.signed_texts[place.page.path]
    end = until or add_months(today, build.site.config.review_months)
    review = add_sign_off(place.review, place.page.id, text, reviewer, today, end, change=change)
    path = write_review(root, review)
    what = "the change of" if change else "the whole of"
    return (
        f"{reviewer.name} signed {what} '{place.page.title}'. On record in {path}, "
        f"until {review.last_full.until}. Commit it together with {path.removesuffix('.yaml')}.txt."
    )


def build_review_sheet(build: Build, page_id: str, today: date) -> str:
    """The review sheet of a page, to print. CannotSign: there is no such page."""
    place = find_page(build, page_id)
    report = find_page_report(build, place)
    known = place.evidence
    facts = [
        (fact, tuple(known.sources[name] for name in fact.sources if name in known.sources))
        for fact in known.facts.values()
    ]
    return format_review_sheet(
        place.page.title,
        place.page.id,
        _absolute_url(build, place),
        status=report.state,
        review=place.review,
        text=build.signed_texts[place.page.path],
        facts=facts,
        today=today,
    )


def find_page_report(build: Build, site_page: SitePage) -> PageReport:
    """What the report says of a page."""
    return next(page for page in build.pages if page.path == site_page.page.path)


def review_status_table(build: Build) -> str:
    """Every page that needs a review, and its state."""
    return format_review_table(
        [
            (place.page.id, find_page_report(build, place).state, place.review)
            for place in _pages_needing_review(build)
        ]
    )


def due_date_calendar(build: Build, today: date) -> str:
    """The calendar of the days on which reviews are due."""
    rows = [
        (place.page.id, place.page.title, place.review.last_full.until, _absolute_url(build, place))
        for place in _pages_needing_review(build)
        if place.review is not None
    ]
    return format_ical(rows, today)


def _pages_needing_review(build: Build) -> Sequence[SitePage]:
    return [
        place
        for place in build.site.pages
        if place.page.review != "none" and not place.page.generated
    ]


def _absolute_url(build: Build, site_page: SitePage) -> str:
    url = build.site.config.url
    return (
        url.rstrip("/") + urls.href("/", site_page.page.address) if url else site_page.page.address
    )


def run_review(flags: argparse.Namespace) -> int:
    """Put a sign-off on record."""
    build = full_build(flags)
    try:
        said = record_sign_off(
            build,
            flags.root,
            flags.page,
            flags.by,
            flags.today,
            change=flags.change,
            until=flags.until,
        )
    except SignOffError as why:
        print(f"{PROGRAM}: not signed: {why}", file=sys.stderr)
        return EXIT_FAILURE
    echo(flags, said)
    return EXIT_OK


def run_review_sheet(flags: argparse.Namespace) -> int:
    """Print a page's review sheet."""
    try:
        print(build_review_sheet(full_build(flags), flags.page, flags.today))
    except SignOffError as why:
        return usage_error(str(why))
    return EXIT_OK


def run_reviews(flags: argparse.Namespace) -> int:
    """List all states and write the calendar of due dates."""
    build = full_build(flags)
    print(review_status_table(build))
    path = flags.calendar or flags.root / DEFAULT_CALENDAR_NAME
    try:
        atomic_write(path, due_date_calendar(build, flags.today))
    except OSError as error:
        return failure(f"could not write {path}: {error.strerror or error}")
    echo(flags, f"Due dates: {path}")
    return EXIT_OK
