"""The commands of those who sign: reviews, their sheets and lists, and pages about the tools."""

from __future__ import annotations

import argparse
import sys

from sitebuilder import report, reviewing, tooling
from sitebuilder.flags import DUE_DATES, today_of
from sitebuilder.governance.sign import CannotSign
from sitebuilder.pipeline import Build, build_site
from sitebuilder.read import read_inputs
from sitebuilder.save import save
from sitebuilder.speak import FAILED, OK, failed, say, usage


def run_review(flags: argparse.Namespace) -> int:
    """Put a sign-off on record."""
    build, today = _build(flags), today_of(flags)
    try:
        said = reviewing.record(
            build,
            flags.root,
            flags.page,
            flags.by,
            today,
            change=flags.change,
            until=flags.until,
        )
    except CannotSign as why:
        print(f"build.py: not signed: {why}", file=sys.stderr)
        return FAILED
    say(flags, said)
    return OK


def run_sheet(flags: argparse.Namespace) -> int:
    """Print a page's review sheet."""
    try:
        print(reviewing.sheet_of(_build(flags), flags.page, today_of(flags)))
    except CannotSign as why:
        return usage(str(why))
    return OK


def run_reviews(flags: argparse.Namespace) -> int:
    """List all states and write the calendar of due dates."""
    build = _build(flags)
    print(reviewing.states(build))
    path = flags.calendar or flags.root / DUE_DATES
    try:
        save(path, reviewing.due_dates(build, today_of(flags)))
    except OSError as error:
        return failed(f"could not write {path}: {error.strerror or error}")
    say(flags, f"Due dates: {path}")
    return OK


def run_tools(flags: argparse.Namespace) -> int:
    """Write a page for the reviewer of each tool; with --accept, what the tools do."""
    build = _build(flags)
    wrong = tooling.in_the_way(build)
    if wrong:
        print(report.as_text(wrong, report.lines_below(flags.root)), file=sys.stderr)
        print("build.py: mend the tools first", file=sys.stderr)
        return FAILED
    folder = flags.root / tooling.PAGES
    files = {
        f"{tooling.PAGES}/{n}": t for n, t in tooling.for_reviewers(build, today_of(flags)).items()
    }
    if flags.accept:
        files |= tooling.accepted(build)
    try:
        folder.mkdir(exist_ok=True)
        for path, text in files.items():
            save(flags.root / path, text)
    except OSError as error:
        return failed(f"could not write {error.filename}: {error.strerror or error}")
    for path in files:
        say(flags, f"wrote {path}")
    return OK


def _build(flags: argparse.Namespace) -> Build:
    return build_site(
        read_inputs(flags.root),
        today_of(flags),
        url=flags.url,
        release=flags.release,
        jobs=flags.jobs,
    )
