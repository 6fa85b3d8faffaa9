"""Flags in, an exit code out. Each command turns flags into values and calls the library."""

from __future__ import annotations

import argparse
import os
import re
import sys
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from sitebuilder import new, report
from sitebuilder.config import is_url
from sitebuilder.model import Build
from sitebuilder.pipeline import build_site
from sitebuilder.problems import ADVICE, Problem, has_errors, problem
from sitebuilder.publish import Busy, Refused, publish
from sitebuilder.read import read_inputs

OK, FAILED, USAGE, BUSY, INTERRUPTED = 0, 1, 2, 75, 130

_PROJECT: Final = Path(__file__).resolve().parent.parent


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the process's exit code."""
    try:
        flags = _parser().parse_args(arguments, argparse.Namespace(**_DEFAULTS))
    except SystemExit as stop:
        return USAGE if stop.code else OK
    if not flags.root.is_dir():
        return _usage(f"--root: there is no folder {flags.root}")
    try:
        today_of(flags)
    except (ValueError, OverflowError, OSError):
        return _usage("SOURCE_DATE_EPOCH is not a number of seconds since 1970")
    try:
        return run_build(flags) if flags.run is None else int(flags.run(flags))
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # whoever read our words has gone; so do we, without a fuss
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED


def _usage(message: str) -> int:
    print(f"build.py: {message}", file=sys.stderr)
    return USAGE


# -- flags ----------------------------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="build.py",
        description="Builds a website from Markdown, and says what is wrong with it.",
        parents=[_flags()],
        argument_default=argparse.SUPPRESS,
    )
    commands = parser.add_subparsers(metavar="COMMAND")

    def command(name: str, about: str, run: object) -> argparse.ArgumentParser:
        found = commands.add_parser(name, help=about, description=about, parents=[_flags()])
        found.set_defaults(run=run)
        return found

    command("build", "build the site (what happens without a command)", run_build)
    command("check", "all checks, write nothing", run_check)
    serve = command("serve", "live preview in a browser", run_serve)
    serve.add_argument("--port", type=_port, help="default 8000; 0: any that is free")
    start = command("new", "start a page from a pattern", run_new)
    start.add_argument("page", help="its address, such as after-surgery or tools/checklist")
    start.add_argument("--title", help="its title (default: made from the address)")
    return parser


_DEFAULTS: Final = {
    "run": None,
    "root": _PROJECT,
    "output": None,
    "url": None,
    "today": None,
    "jobs": 0,
    "release": False,
    "format": "text",
    "no_cache": False,
    "explain": False,
    "quiet": False,
    "port": 8000,
    "title": "",
}


def _flags() -> argparse.ArgumentParser:
    """The flags that stand before or after a command. A parser each, since they are filled in."""
    parser = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    add = parser.add_argument
    add("--root", type=Path, help="folder that holds config.yaml and content/")
    add("--output", type=Path, help="where to build to (default: public/ under the root)")
    add("--url", type=_url, help="public address with base path; stands over config's url")
    add("--today", type=_day, help="the day to build for, as 2026-11-22 (default: today, UTC)")
    add("--jobs", type=_jobs, metavar="N", help="processes; 0 (default): as many as help")
    add("--release", action="store_true", help="hold the site to the rules for patients")
    add("--format", choices=("text", "json", "github"), help="form of the report")
    add("--no-cache", action="store_true", help="make every page anew")
    add("--explain", action="store_true", help="say why each page was made anew")
    add("--quiet", action="store_true", help="print problems only")
    return parser


def _url(text: str) -> str:
    if text and not is_url(text):
        raise argparse.ArgumentTypeError(f"'{text}' is not an address such as https://x.org/site/")
    return text


def _day(text: str) -> date:
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"'{text}' is not a day such as 2026-11-22")


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65535:  # noqa: PLR2004
        raise argparse.ArgumentTypeError(f"'{text}' is not a port, a number from 0 to 65535")
    return int(text)


def _jobs(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 64:  # noqa: PLR2004
        raise argparse.ArgumentTypeError(f"'{text}' is not a number from 0 to 64")
    return int(text)


def today_of(flags: argparse.Namespace) -> date:
    """The day to build for: --today, else SOURCE_DATE_EPOCH, else the UTC date.

    ValueError, OverflowError, OSError: SOURCE_DATE_EPOCH is not a number of seconds.
    """
    if flags.today:
        return flags.today  # type: ignore[no-any-return]  # argparse does not say
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not epoch:
        return datetime.now(UTC).date()
    return datetime.fromtimestamp(int(epoch), UTC).date()


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
            written = publish(build.outputs, folder, flags.root)
            code = OK
        except Refused as refused:
            hint = "Nothing was written or deleted."
            problems = [*problems, problem("output", asked, str(refused), hint=hint)]
        except Busy:
            _say(flags, f"another build is writing {folder}; try again when it is done")
            code = BUSY
        except OSError as error:
            hint = "The site is as it was."
            message = f"could not write {error.filename or folder}: {error.strerror or error}"
            problems = [*problems, problem("output", asked, message, hint=hint)]
    _report(flags, build, problems, written, started)
    if code == FAILED:
        _say(flags, "Nothing was written; the last good site stays.")
    if code == OK:
        pages = sum(page.state != "draft" for page in build.pages)
        _say(flags, f"{pages} pages in {folder} ({written} files written)")
    return code


def run_check(flags: argparse.Namespace) -> int:
    """Run every check and write nothing."""
    started = time.perf_counter()
    build = _build(flags)
    _report(flags, build, build.problems, 0, started)
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
    _say(flags, f"made {path}")
    return OK


def _build(flags: argparse.Namespace) -> Build:
    return build_site(
        read_inputs(flags.root),
        today_of(flags),
        url=flags.url,
        release=flags.release,
        jobs=flags.jobs,
    )


# -- what is printed ------------------------------------------------------------------------------


def _say(flags: argparse.Namespace, text: str) -> None:
    """People's text: on stdout, or on stderr when a program reads stdout."""
    if not flags.quiet:
        print(text, file=sys.stdout if flags.format == "text" else sys.stderr)


def _report(
    flags: argparse.Namespace,
    build: Build,
    problems: Sequence[Problem],
    written: int,
    started: float,
) -> None:
    text = report.as_text(problems, report.lines_below(flags.root))
    if flags.format == "json":
        seconds = time.perf_counter() - started
        print(
            report.as_json(
                problems, build.pages, reused=build.reused, written=written, seconds=seconds
            )
        )
    elif flags.format == "github":
        print(report.as_annotations(problems))
    if text:
        print(text, file=sys.stderr)
    if flags.explain:
        for page in build.pages:
            print(f"{page.path}: made anew (nothing is kept between runs yet)", file=sys.stderr)
    if problems or flags.format == "text":
        drafts = sum(page.state == "draft" for page in build.pages)
        left = f"; {drafts} draft{'s' * (drafts != 1)} left out" if drafts else ""
        _say(flags, f"{report.summary(problems)}{left}.")
