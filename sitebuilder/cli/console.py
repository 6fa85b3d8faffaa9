"""Print the messages and reports of commands; define the exit codes."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sitebuilder.build import report
from sitebuilder.cli.process import use_utf8_stdout
from sitebuilder.core.model import BuildResult
from sitebuilder.core.problems import Problem

EXIT_OK, EXIT_FAILURE, EXIT_USAGE, EXIT_BUSY = 0, 1, 2, 75
"""`EXIT_BUSY` is EX_TEMPFAIL of sysexits.h: try again later."""

PROGRAM: Final = "build.py" if Path(sys.argv[0]).name == "build.py" else "sitebuilder"
"""The name the program was started by. It begins each error message."""


def echo(flags: argparse.Namespace, text: str) -> None:
    """Print a message for people, unless `--quiet` is given.

    It goes to stdout, or to stderr when stdout holds a report for a program.
    """
    if not flags.quiet:
        print(text, file=sys.stdout if flags.format == "text" else sys.stderr)


def print_report(
    flags: argparse.Namespace,
    build: BuildResult,
    problems: Sequence[Problem],
    written: int,
    started: float,
) -> None:
    """Print the report of a build in the format that `flags` ask for.

    Args:
        problems: What to report: a command may leave out advice, or add that publishing failed.
        written: The number of files written.
        started: When the command began, by `time.perf_counter`.
    """
    text = report.format_text(problems, report.source_lines(flags.root))
    if flags.format == "json":
        seconds = time.perf_counter() - started
        use_utf8_stdout()
        print(
            report.format_json(
                problems, build.pages, reused=build.reused, written=written, seconds=seconds
            )
        )
    elif flags.format == "github":
        print(report.format_github(problems))
    if text:
        print(text, file=sys.stderr)
    if flags.explain:
        for path, reason in build.rebuild_reasons.items():
            print(f"{path}: rendered: {reason}", file=sys.stderr)
        print(f"{build.reused} pages reused", file=sys.stderr)
    if problems or flags.format == "text":
        drafts = sum(page.state == "draft" for page in build.pages)
        drafts_note = f"; {drafts} draft{'s' * (drafts != 1)} left out" if drafts else ""
        echo(flags, f"{report.format_summary(problems)}{drafts_note}.")


def usage_error(message: str) -> int:
    """Print an error in how the program was called; return the exit code."""
    print(f"{PROGRAM}: {message}", file=sys.stderr)
    return EXIT_USAGE


def failure(message: str) -> int:
    """Print what failed; return the exit code."""
    print(f"{PROGRAM}: {message}", file=sys.stderr)
    return EXIT_FAILURE
