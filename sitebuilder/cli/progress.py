"""How far a build has come: one line on a terminal, for those that take a while."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Final

SHOW_DELAY: Final = 1.0
"""Seconds in which nothing is shown: most builds are done by then."""

_MIN_INTERVAL: Final = 0.1
_MAX_ROWS: Final = 10


@contextmanager
def progress_line(*, quiet: bool) -> Iterator[Callable[[int, int], None] | None]:
    """What to tell how many pages are done, of how many; None if nobody would see it."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    began = last = time.monotonic()

    def tell(done: int, of: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - began >= SHOW_DELAY and now - last >= _MIN_INTERVAL:
            last = now
            print(
                f"\r\x1b[K{format_progress(done, of, now - began)}",
                end="",
                file=sys.stderr,
                flush=True,
            )

    try:
        yield tell
    finally:
        if last > began:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def format_progress(done: int, total: int, seconds: float) -> str:
    """How far it is, how fast, and how long it will take."""
    rate = done / seconds if seconds else 0
    left = f", {(total - done) / rate:.0f} s left" if rate else ""
    return f"{done:,} of {total:,} pages, {rate:,.0f} a second{left}"


def profile_table(pages: Iterable[tuple[str, str, float]]) -> str:
    """A table of the pages that took longest, and of all pages by their template.

    `pages`: the path, the template and the seconds of each page that was made anew.
    """
    rows = sorted(pages, key=lambda row: (-row[2], row[0]))
    if not rows:
        return "No page was made anew, or so few that none took long."
    templates: dict[str, list[float]] = {}
    for _, template, seconds in rows:
        templates.setdefault(template, []).append(seconds)
    said = [f"{len(rows):,} pages made anew. The slowest:"]
    said += [f"{seconds * 1000:9.1f} ms  {path}" for path, _, seconds in rows[:_MAX_ROWS]]
    said.append("By template: all its pages, one on average, how many:")
    for name, times in sorted(templates.items(), key=lambda item: (-sum(item[1]), item[0])):
        whole, each = sum(times) * 1000, sum(times) * 1000 / len(times)
        said.append(f"{whole:9.1f} ms {each:9.1f} ms {len(times):8,}  {name}.html")
    return "\n".join(said)
