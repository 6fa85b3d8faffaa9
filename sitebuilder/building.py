"""The commands of those who write: build, check, serve, new."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence

from sitebuilder import report
from sitebuilder.flags import today_of
from sitebuilder.memory import Memory
from sitebuilder.problems import ADVICE, ERROR, Problem, has_errors, problem
from sitebuilder.process import readable
from sitebuilder.publish import Busy, publish
from sitebuilder.read import read_inputs
from sitebuilder.refusals import Refused, refuse_outside
from sitebuilder.shelf import Lost
from sitebuilder.speak import BUSY, FAILED, OK, report_on, say, usage


def run_build(flags: argparse.Namespace) -> int:
    """Build and publish; nothing is written if there is an error."""
    started = time.perf_counter()
    memory = Memory(flags)
    build = memory.build()
    written = 0
    problems: Sequence[Problem] = [p for p in build.problems if p.severity != ADVICE]
    code = FAILED
    folder = flags.output or flags.root / build.folder
    asked = "--output" if flags.output else "config.yaml"
    if not has_errors(problems):
        try:
            if not flags.output:
                refuse_outside(folder, flags.root)
            try:
                written = publish(memory.forms(build), folder, flags.root)
            except Lost:  # somebody took a page away that we counted on
                build = memory.build_anew()
                written = publish(memory.forms(build), folder, flags.root)
            memory.keep()
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
    if flags.profile:
        print(memory.slowest(), file=sys.stderr)
    if code == FAILED:
        say(flags, "Nothing was written; the last good site stays.")
    if code == OK:
        pages = sum(page.state != "draft" for page in build.pages)
        say(flags, f"{pages} pages in {folder} ({written} files written)")
    return code


def run_check(flags: argparse.Namespace) -> int:
    """Run every check and write nothing."""
    from sitebuilder import tooling  # noqa: PLC0415 - all that makes pages
    from sitebuilder.pipeline import build_site  # noqa: PLC0415

    started = time.perf_counter()
    build = build_site(
        read_inputs(flags.root),
        today_of(flags),
        url=flags.url,
        release=flags.release,
        jobs=flags.jobs,
    )
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
    from sitebuilder.session import Session  # noqa: PLC0415 - all that makes pages

    return serve(Session(flags), port=flags.port, quiet=flags.quiet)


def run_new(flags: argparse.Namespace) -> int:
    """Start a page from a pattern."""
    from sitebuilder import new  # noqa: PLC0415 - for this command alone

    try:
        path = new.start_page(flags.root, flags.page, flags.title)
    except new.CannotStart as why:
        return usage(str(why))
    say(flags, f"made {path}")
    return OK


def run_host(flags: argparse.Namespace) -> int:
    """Print what a web server needs to serve the site with its headers."""
    from sitebuilder.outputs import hosts  # noqa: PLC0415 - for this command alone
    from sitebuilder.pipeline import build_site  # noqa: PLC0415 - all that makes pages

    build = build_site(
        read_inputs(flags.root),
        today_of(flags),
        url=flags.url,
        release=flags.release,
        jobs=flags.jobs,
    )
    wrong = [p for p in build.problems if p.severity == ERROR]
    if wrong:
        print(report.as_text(wrong, report.lines_below(flags.root)), file=sys.stderr)
        return FAILED
    folder = (flags.output or flags.root / build.folder).resolve()
    form = {"nginx": hosts.nginx, "caddy": hosts.caddy}[flags.server]
    print(form(build.site, build.headers, str(folder)), end="")
    return OK
