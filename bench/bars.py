"""What the builds have to reach, and whether they do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from clock import Taken
from rounds import COLD, EDIT, UNCHANGED

Runs = Mapping[tuple[str, int, str], Sequence[Taken]]

PYTHON_PEERS = ("mkdocs", "pelican", "lektor", "zensical")
UNNAMED = ("pelican", "zensical")  # no promise about large sites names them
SCALE = 1000  # the number of pages that a page's cost is compared with


@dataclass(frozen=True)
class Bar:
    """One promise: what was found, from least to most, and the most it may be. 0: only told."""

    what: str
    found: float | None
    least: float = 0.0
    most: float = 0.0
    limit: float = 0.0
    unit: str = ""

    @property
    def verdict(self) -> str:
        if self.found is None:
            return "not run"
        if not self.limit:
            return "told"
        return "PASS" if self.found <= self.limit else "behind"


def wall(taken: Taken) -> float:
    """Seconds by the clock."""
    return taken.wall


def middle(runs: Sequence[Taken], of: Callable[[Taken], float] = wall) -> float:
    """The median of some runs."""
    return median(map(of, runs))


def ratio(runs: Runs, ours: tuple[str, int, str], other: tuple[str, int, str]) -> Bar:
    """Ours as a part of another's: of the medians, and of each round from least to most."""
    mine, theirs = runs.get(ours), runs.get(other)
    what = f"{_told(ours)} / {_told(other)}"
    if not mine or not theirs:
        return Bar(what, None)
    each = [a.wall / b.wall for a, b in zip(mine, theirs, strict=False)]
    return Bar(what, middle(mine) / middle(theirs), min(each), max(each))


def all_bars(runs: Runs) -> list[Bar]:
    """Every promise about builds, in the order in which they were made."""
    return [*_unchanged(runs), *_edited(runs), *_cold(runs), *_scale(runs), *_own(runs)]


def _unchanged(runs: Runs) -> list[Bar]:
    ours = ("ours", 10_000, UNCHANGED)
    return [
        _seconds(runs, ("ours", 10, UNCHANGED), 0.12),
        _limited(ratio(runs, ours, ("hugo", 10_000, EDIT)), 1 / 5),
        ratio(runs, ours, ("hugo", 10_000, COLD)),
    ]


def _edited(runs: Runs) -> list[Bar]:
    small, large = ("ours", 1_000, EDIT), ("ours", 10_000, EDIT)
    return [
        _limited(ratio(runs, small, ("hugo", 1_000, EDIT)), 1 / 2),
        ratio(runs, small, ("hugo", 1_000, COLD)),
        _limited(ratio(runs, large, ("hugo", 10_000, EDIT)), 1 / 4),
        ratio(runs, large, ("hugo", 10_000, COLD)),
        _limited(ratio(runs, large, ("eleventy", 10_000, EDIT)), 1 / 10),
        _limited(ratio(runs, large, ("mkdocs", 10_000, EDIT)), 1 / 10),
        ratio(runs, small, ("lektor", 1_000, EDIT)),
        ratio(runs, large, ("lektor", 10_000, EDIT)),
    ]


def _cold(runs: Runs) -> list[Bar]:
    smallest = ("ours", 10, COLD)
    bars = [
        _limited(ratio(runs, smallest, _fastest(runs, ("eleventy", *PYTHON_PEERS), 10)), 1),
        _limited(ratio(runs, ("ours", 1_000, COLD), ("eleventy", 1_000, COLD)), 1),
    ]
    for pages in (1_000, 10_000):
        fastest = _fastest(runs, PYTHON_PEERS, pages)
        bars.append(_limited(ratio(runs, ("ours", pages, COLD), fastest), 1 / 2))
    for peer in ("eleventy", "hugo"):
        bars.append(ratio(runs, ("ours", 10_000, COLD), (peer, 10_000, COLD)))
    return bars


def _fastest(runs: Runs, peers: Sequence[str], pages: int) -> tuple[str, int, str]:
    present = [(peer, pages, COLD) for peer in peers if runs.get((peer, pages, COLD))]
    return min(present, key=lambda key: middle(runs[key]), default=(peers[0], pages, COLD))


def _scale(runs: Runs) -> list[Bar]:
    """A page's work and the memory at 100,000 pages."""
    large, small = runs.get(("ours", 100_000, COLD)), runs.get(("ours scaled", SCALE, COLD))
    work = f"ours, CPU per page: 100,000 / {SCALE:,} pages, cold"
    memory = "ours, 100,000 pages, cold: peak memory of all processes"
    if not large or not small:
        return [Bar(work, None), Bar(memory, None)]
    by_page = [run.cpu / 100_000 for run in large]
    base = median(run.cpu / SCALE for run in small)
    peaks = [max(run.together, run.largest) / 1e9 for run in large]
    return [
        Bar(work, median(by_page) / base, min(by_page) / base, max(by_page) / base, limit=1.25),
        Bar(memory, median(peaks), min(peaks), max(peaks), limit=1.5, unit=" GB"),
    ]


def _own(runs: Runs) -> list[Bar]:
    pages = next((pages for name, pages, _ in runs if name == "own"), 0)
    return [_seconds(runs, ("own", pages, kind), 0) for kind in (COLD, UNCHANGED, EDIT)]


def _seconds(runs: Runs, key: tuple[str, int, str], limit: float) -> Bar:
    found = runs.get(key)
    if not found:
        return Bar(_told(key), None)
    walls = [run.wall for run in found]
    return Bar(_told(key), median(walls), min(walls), max(walls), limit, " s")


def _limited(bar: Bar, limit: float) -> Bar:
    return Bar(bar.what, bar.found, bar.least, bar.most, limit, bar.unit)


def _told(key: tuple[str, int, str]) -> str:
    name, pages, kind = key
    if name == "own":
        return f"this project's own site, {kind}"
    return f"{name}, {pages:,} pages, {kind}"
