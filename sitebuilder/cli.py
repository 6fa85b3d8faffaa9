"""Flags in, an exit code out. Each command turns flags into values and calls the library."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sitebuilder import new, report, reviewing, tooling
from sitebuilder.belt import hold_memory
from sitebuilder.compress import KEPT, with_forms
from sitebuilder.flags import DEFAULTS, parser_of_all, today_of
from sitebuilder.governance.sign import CannotSign
from sitebuilder.model import Build, Output
from sitebuilder.outputs import hosts
from sitebuilder.pipeline import build_site
from sitebuilder.problems import ADVICE, ERROR, Problem, has_errors, problem
from sitebuilder.process import (
    OUR_FAULT,
    Stopped,
    flush,
    hush,
    readable,
    reason_of,
    steady_streams,
    stoppable,
)
from sitebuilder.publish import Busy, publish
from sitebuilder.read import read_inputs
from sitebuilder.refusals import Refused, refuse_outside
from sitebuilder.save import save
from sitebuilder.speak import report_on, say

OK, FAILED, USAGE, BUSY = 0, 1, 2, 75

_PROJECT: Final = Path(__file__).resolve().parent.parent


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the process's exit code."""
    steady_streams()
    try:
        with stoppable():
            code = _run(arguments)
            flush()
    except Stopped as stop:
        print(f"build.py: {_STOPPED}", file=sys.stderr)
        return stop.code
    except BrokenPipeError:  # whoever read our words has gone; so do we, without a fuss
        hush()
        return FAILED
    except (OSError, MemoryError, RecursionError) as error:
        hush()
        print(f"build.py: {reason_of(error)}", file=sys.stderr)
        return FAILED
    except Exception as error:
        error.add_note(OUR_FAULT)
        raise
    return code


_STOPPED: Final = "stopped. The published site is whole: the last good one, or the new one"


def _run(arguments: Sequence[str] | None) -> int:
    try:
        flags = parser_of_all().parse_args(arguments, argparse.Namespace(**DEFAULTS))
    except SystemExit as stop:
        return USAGE if stop.code else OK
    if not flags.root.is_dir():
        return _usage(f"--root: there is no folder {flags.root}")
    try:
        today_of(flags)
    except (ValueError, OverflowError, OSError):
        return _usage("SOURCE_DATE_EPOCH is not a number of seconds since 1970")
    hold_memory()
    return _COMMANDS[flags.command](flags)


def _usage(message: str) -> int:
    print(f"build.py: {message}", file=sys.stderr)
    return USAGE


def _failed(message: str) -> int:
    print(f"build.py: {message}", file=sys.stderr)
    return FAILED


# -- commands -------------------------------------------------------------------------------------


def run_build(flags: argparse.Namespace) -> int:
    """Build and publish; nothing is written if there is an error."""
    started = time.perf_counter()
    build = _build(flags)
    written = 0
    problems: Sequence[Problem] = [p for p in build.problems if p.severity != ADVICE]
    code = FAILED
    folder = flags.output or flags.root / build.folder
    asked = "--output" if flags.output else "config.yaml"
    if not has_errors(problems):
        try:
            if not flags.output:
                refuse_outside(folder, flags.root)
            outputs: Sequence[Output] = build.outputs
            if build.site.config.compress:
                outputs = with_forms(outputs, flags.root / KEPT)
            written = publish(outputs, folder, flags.root)
            code = OK
        except Refused as refused:
            hint = "Nothing was written or deleted."
            message = readable(str(refused))
            problems = [*problems, problem("output", asked, message, hint=hint)]
        except Busy as busy:
            who = f" (process {busy.pid})" if busy.pid else ""
            print(f"build.py: another build{who} is writing {folder}; try again", file=sys.stderr)
            code = BUSY
        except OSError as error:
            hint = "The site is as it was."
            said = f"could not write {error.filename or folder}: {error.strerror or error}"
            message = readable(said)
            problems = [*problems, problem("output", asked, message, hint=hint)]
    report_on(flags, build, problems, written, started)
    if code == FAILED:
        say(flags, "Nothing was written; the last good site stays.")
    if code == OK:
        pages = sum(page.state != "draft" for page in build.pages)
        say(flags, f"{pages} pages in {folder} ({written} files written)")
    return code


def run_check(flags: argparse.Namespace) -> int:
    """Run every check and write nothing."""
    started = time.perf_counter()
    build = _build(flags)
    table = report.as_table(build.pages)
    if flags.format == "text" and table:
        say(flags, table)
        proving = time.perf_counter()
        proven = tooling.proofs(build)
        say(flags, tooling.told(proven, time.perf_counter() - proving))
    report_on(flags, build, build.problems, 0, started)
    return FAILED if has_errors(build.problems) else OK


def run_serve(flags: argparse.Namespace) -> int:
    """Show the site, and show it again whenever a file changes."""
    from sitebuilder.serve import serve  # noqa: PLC0415 - livereload costs 0.13 s to import

    def build() -> Build:
        return build_site(
            read_inputs(flags.root),
            today_of(flags),
            url=flags.url,
            release=flags.release,
            preview=True,
            jobs=flags.jobs,
        )

    return serve(flags.root, build, port=flags.port, quiet=flags.quiet)


def run_new(flags: argparse.Namespace) -> int:
    """Start a page from a pattern."""
    try:
        path = new.start_page(flags.root, flags.page, flags.title)
    except new.CannotStart as why:
        return _usage(str(why))
    say(flags, f"made {path}")
    return OK


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
        return _usage(str(why))
    return OK


def run_reviews(flags: argparse.Namespace) -> int:
    """List all states and write the calendar of due dates."""
    build = _build(flags)
    print(reviewing.states(build))
    path = flags.calendar or flags.root / reviewing.DUE_DATES
    try:
        save(path, reviewing.due_dates(build, today_of(flags)))
    except OSError as error:
        return _failed(f"could not write {path}: {error.strerror or error}")
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
        return _failed(f"could not write {error.filename}: {error.strerror or error}")
    for path in files:
        say(flags, f"wrote {path}")
    return OK


def run_host(flags: argparse.Namespace) -> int:
    """Print what a web server needs to serve the site with its headers."""
    build = _build(flags)
    wrong = [p for p in build.problems if p.severity == ERROR]
    if wrong:
        print(report.as_text(wrong, report.lines_below(flags.root)), file=sys.stderr)
        return FAILED
    folder = (flags.output or flags.root / build.folder).resolve()
    form = {"nginx": hosts.nginx, "caddy": hosts.caddy}[flags.server]
    print(form(build.site, build.headers, str(folder)), end="")
    return OK


_COMMANDS: Final = {
    "build": run_build,
    "check": run_check,
    "serve": run_serve,
    "new": run_new,
    "host": run_host,
    "review": run_review,
    "review-sheet": run_sheet,
    "reviews": run_reviews,
    "tools": run_tools,
}


def _build(flags: argparse.Namespace) -> Build:
    return build_site(
        read_inputs(flags.root),
        today_of(flags),
        url=flags.url,
        release=flags.release,
        jobs=flags.jobs,
    )
