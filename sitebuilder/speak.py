"""What a command has to say, in; the words on stdout and stderr out."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence

from sitebuilder import report
from sitebuilder.model import Build
from sitebuilder.problems import Problem
from sitebuilder.process import in_utf8


def say(flags: argparse.Namespace, text: str) -> None:
    """People's text: on stdout, or on stderr when a program reads stdout."""
    if not flags.quiet:
        print(text, file=sys.stdout if flags.format == "text" else sys.stderr)


def report_on(
    flags: argparse.Namespace,
    build: Build,
    problems: Sequence[Problem],
    written: int,
    started: float,
) -> None:
    """The report of a build that began at `started` (seconds of `time.perf_counter`)."""
    text = report.as_text(problems, report.lines_below(flags.root))
    if flags.format == "json":
        seconds = time.perf_counter() - started
        in_utf8()
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
        say(flags, f"{report.summary(problems)}{left}.")
