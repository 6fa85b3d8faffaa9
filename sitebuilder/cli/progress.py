"""Show the progress of a build on a terminal, and where its time went (`--profile`)."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

SHOW_DELAY: Final = 1.0
"""Seconds before the line appears: most builds are done by then."""

_MIN_INTERVAL: Final = 0.1
_MAX_ROWS: Final = 10
_CLEAR_LINE: Final = "\r\x1b[K"


@contextmanager
def progress_line(*, quiet: bool) -> Iterator[Callable[[int, int], None] | None]:
    """Show a line on stderr with the progress of a build; remove it on exit.

    Yields:
        A function that takes the number of pages done and the number of all; None if `quiet` is
        set or stderr is not a terminal.
    """
    if quiet or not sys.stderr.isatty():
        yield None
        return
    started = last_shown = time.monotonic()

    def show(done: int, total: int) -> None:
        nonlocal last_shown
        now = time.monotonic()
        if now - started >= SHOW_DELAY and now - last_shown >= _MIN_INTERVAL:
            last_shown = now
            line = format_progress(done, total, now - started)
            print(f"{_CLEAR_LINE}{line}", end="", file=sys.stderr, flush=True)

    try:
        yield show
    finally:
        if last_shown > started:
            print(_CLEAR_LINE, end="", file=sys.stderr, flush=True)


def format_progress(done: int, total: int, seconds: float) -> str:
    """Format the pages done, the rate and the estimated time left."""
    rate = done / seconds if seconds else 0
    left = f", {(total - done) / rate:.0f} s left" if rate else ""
    return f"{done:,} of {total:,} pages, {rate:,.0f} a second{left}"


def profile_table(stages: Mapping[str, float], pages: Iterable[tuple[str, str, float]]) -> str:
    """Format where the time of a build went: by stage, by page, by template.

    Args:
        stages: The seconds of each stage of the pipeline, by name, in order. Empty: the pipeline
            did not run, since the previous build was reused.
        pages: The path, the template and the seconds of each page that was rendered.
    """
    return "\n".join([*_stage_lines(stages), *_page_lines(pages)])


def _stage_lines(stages: Mapping[str, float]) -> Iterator[str]:
    if stages:
        yield "Stages:"
    for name, seconds in stages.items():
        yield f"{seconds * 1000:9.1f} ms  {name.replace('_', ' ')}"


def _page_lines(pages: Iterable[tuple[str, str, float]]) -> Iterator[str]:
    rows = sorted(pages, key=lambda row: (-row[2], row[0]))
    if not rows:
        yield "No page was rendered."
        return
    templates: dict[str, list[float]] = {}
    for _, template, seconds in rows:
        templates.setdefault(template, []).append(seconds)
    yield f"{len(rows):,} pages rendered. The slowest:"
    for path, _, seconds in rows[:_MAX_ROWS]:
        yield f"{seconds * 1000:9.1f} ms  {path}"
    yield "By template: all its pages, one on average, how many:"
    for name, times in sorted(templates.items(), key=lambda item: (-sum(item[1]), item[0])):
        total = sum(times) * 1000
        average = total / len(times)
        yield f"{total:9.1f} ms {average:9.1f} ms {len(times):8,}  {name}.html"
