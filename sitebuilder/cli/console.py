"""What a command has to say, in; the words on stdout and stderr out."""

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

PROGRAM: Final = "build.py" if Path(sys.argv[0]).name == "build.py" else "sitebuilder"
"""What people called us by; it stands before each message."""


def echo(flags: argparse.Namespace, text: str) -> None:
    """People's text: on stdout, or on stderr when a program reads stdout."""
    if not flags.quiet:
        print(text, file=sys.stdout if flags.format == "text" else sys.stderr)


def print_report(
    flags: argparse.Namespace,
    build: BuildResult,
    problems: Sequence[Problem],
    written: int,
    started: float,
) -> None:
    """The report of a build that began at `started` (seconds of `time.perf_counter`)."""
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
        for path, why in build.rebuild_reasons.items():
            print(f"{path}: made anew: {why}", file=sys.stderr)
        print(f"{build.reused} pages as they were", file=sys.stderr)
    if problems or flags.format == "text":
        drafts = sum(page.state == "draft" for page in build.pages)
        left = f"; {drafts} draft{'s' * (drafts != 1)} left out" if drafts else ""
        echo(flags, f"{report.format_summary(problems)}{left}.")


def usage_error(message: str) -> int:
    """Say what is wrong with how we were called; the exit code."""
    print(f"{PROGRAM}: {message}", file=sys.stderr)
    return EXIT_USAGE


def failure(message: str) -> int:
    """Say what went wrong; the exit code."""
    print(f"{PROGRAM}: {message}", file=sys.stderr)
    return EXIT_FAILURE
