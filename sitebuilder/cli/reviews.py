"""A build in; sign-offs, review sheets, the list of states and the calendar of due dates out."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from sitebuilder.build.pipeline import Build
from sitebuilder.cli.arguments import DUE_DATES
from sitebuilder.cli.console import FAILED, OK, PROGRAM, failed, say, usage
from sitebuilder.cli.full_build import full_build
from sitebuilder.clinical.reviews.ical import format_ical
from sitebuilder.clinical.reviews.sheet import format_review_sheet
from sitebuilder.clinical.reviews.sign_off import SignOffError, add_sign_off, write_review
from sitebuilder.clinical.reviews.table import format_review_table
from sitebuilder.content.schema import nearest
from sitebuilder.core import urls
from sitebuilder.core.atomic_write import save
from sitebuilder.core.model import PageReport, Place
from sitebuilder.core.problems import ERROR, Problem


def months_after(day: date, months: int) -> date:
    """The same day of a later month, or that month's last day."""
    years, month = divmod(day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(day.year + years, month + 1, last)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def place_of(build: Build, page_id: str) -> Place:
    """The clinical page with this id. CannotSign: there is none."""
    named = page_id.strip("/").removeprefix("content/").removesuffix(".md") or "index"
    places = {place.page.id: place for place in build.site.places if not place.page.generated}
    place = places.get(named)
    if place is None:
        near = nearest(named, places)
        raise SignOffError(
            f"there is no page '{page_id}'" + (f"; did you mean '{near}'?" if near else "")
        )
    if place.page.review == "none":
        raise SignOffError(f"the page '{named}' is marked 'review: none': it needs no signature")
    return place


def errors_of(build: Build, place: Place) -> list[Problem]:
    """The errors that stand in the way of signing a page: its own, and those of what it uses."""
    return [
        found
        for found in build.problems
        if found.severity == ERROR
        and (found.path == place.page.path or found.path.endswith(".yaml"))
    ]


def record(  # noqa: PLR0913 - who signs what, when, how, for how long
    build: Build,
    root: Path,
    page_id: str,
    by: str,
    today: date,
    *,
    change: bool,
    until: date | None = None,
) -> str:
    """Put a sign-off on record; what to say of it. CannotSign: why it cannot be."""
    place = place_of(build, page_id)
    reviewer = build.reviewers.get(by)
    if reviewer is None:
        raise SignOffError(f"'{by}' may not sign: the id is not in content/reviewers.yaml")
    errors = errors_of(build, place)
    if errors:
        first = errors[0]
        raise SignOffError(
            f"the page has {len(errors)} error{'s' * (len(errors) != 1)}, "
            f"the first at {first.path}:{first.line}: "
            f"{first.message}. Run 'python build.py check' and have them mended first"
        )
    text = build.words[place.page.path]
    end = until or months_after(today, build.site.config.review_months)
    review = add_sign_off(place.review, place.page.id, text, reviewer, today, end, change=change)
    path = write_review(root, review)
    what = "the change of" if change else "the whole of"
    return (
        f"{reviewer.name} signed {what} '{place.page.title}'. On record in {path}, "
        f"until {review.full.until}. Commit it together with {path.removesuffix('.yaml')}.txt."
    )


def sheet_of(build: Build, page_id: str, today: date) -> str:
    """The review sheet of a page, to print. CannotSign: there is no such page."""
    place = place_of(build, page_id)
    report = report_of(build, place)
    known = place.knowledge
    facts = [
        (fact, tuple(known.sources[name] for name in fact.sources if name in known.sources))
        for fact in known.facts.values()
    ]
    return format_review_sheet(
        place.page.title,
        place.page.id,
        _whole(build, place),
        status=report.state,
        review=place.review,
        text=build.words[place.page.path],
        facts=facts,
        today=today,
    )


def report_of(build: Build, place: Place) -> PageReport:
    """What the report says of a page."""
    return next(page for page in build.pages if page.path == place.page.path)


def states(build: Build) -> str:
    """Every page that needs a review, and its state."""
    return format_review_table(
        [(place.page.id, report_of(build, place).state, place.review) for place in _clinical(build)]
    )


def due_dates(build: Build, today: date) -> str:
    """The calendar of the days on which reviews are due."""
    rows = [
        (place.page.id, place.page.title, place.review.full.until, _whole(build, place))
        for place in _clinical(build)
        if place.review is not None
    ]
    return format_ical(rows, today)


def _clinical(build: Build) -> Sequence[Place]:
    return [
        place
        for place in build.site.places
        if place.page.review != "none" and not place.page.generated
    ]


def _whole(build: Build, place: Place) -> str:
    url = build.site.config.url
    return url.rstrip("/") + urls.href("/", place.page.address) if url else place.page.address


def run_review(flags: argparse.Namespace) -> int:
    """Put a sign-off on record."""
    build = full_build(flags)
    try:
        said = record(
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
        return FAILED
    say(flags, said)
    return OK


def run_sheet(flags: argparse.Namespace) -> int:
    """Print a page's review sheet."""
    try:
        print(sheet_of(full_build(flags), flags.page, flags.today))
    except SignOffError as why:
        return usage(str(why))
    return OK


def run_reviews(flags: argparse.Namespace) -> int:
    """List all states and write the calendar of due dates."""
    build = full_build(flags)
    print(states(build))
    path = flags.calendar or flags.root / DUE_DATES
    try:
        save(path, due_dates(build, flags.today))
    except OSError as error:
        return failed(f"could not write {path}: {error.strerror or error}")
    say(flags, f"Due dates: {path}")
    return OK
