"""Compares our builds with those of six other generators: cold, unchanged, and after one edit.

Run as `.venv/bin/python bench/builds.py [--write FILE]`; `--pages 10,1000 --runs 1` for a quick
look. What is measured and how is told in builds.md, which becomes part of what is written.
"""

from __future__ import annotations

import argparse
import dataclasses
import subprocess
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import corpus
import generators
import sections
import tell
from bars import SCALE, UNNAMED, all_bars
from generators import GENERATORS, OURS, Generator
from rounds import Built, Results, Rounds, built, clear
from sites import PROJECT

SIZES = (10, 1_000, 100_000, 10_000)  # the slowest last: a report of the others is there by then
RUNS = {10: 7, 1_000: 3, 10_000: 2, 100_000: 2}
OURS_ALONE = 100_000  # from here on the peers would take hours
SLOW = 10_000  # pages from which on those that no promise names are left out: half of all the time
SMALL_RUNS = 3  # of the size that a page's cost is compared with, before each large run
OWN = "own"  # the project's own site, among the names of `--only`
NAMES = [OWN, *(generator.name for generator in GENERATORS)]
WARM_UP = 10  # pages
SETTLE_S = 90  # after many files were deleted, new ones are slow to make for a while


def arguments() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--pages", type=_sizes, default=SIZES, help="sizes (10,1000,100000,10000)")
    parser.add_argument("--runs", type=int, help="rounds at each size (7, 3, 2, 2)")
    parser.add_argument("--only", type=_names, default=NAMES, help=",".join(NAMES))
    parser.add_argument("--venv", type=Path, help="for ours, in place of one of its own packages")
    parser.add_argument("--write", type=Path, metavar="FILE", help="put the report in here too")
    parser.add_argument(
        "--cache",
        type=Path,
        default=PROJECT / ".cache" / "bench" / "builds",
        metavar="DIR",
        help="where the peers are installed and everything is built (.cache/bench/builds)",
    )
    return parser.parse_args()


def _sizes(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(",")))


def _names(text: str) -> list[str]:
    names = text.split(",")
    if set(names) - set(NAMES):
        raise argparse.ArgumentTypeError(f"some of {', '.join(NAMES)}")
    return names


def built_at(pages: int, chosen: Sequence[Generator]) -> list[Generator]:
    """Those that build a site of so many pages."""
    if pages >= OURS_ALONE:
        return [OURS]
    return [one for one in chosen if pages < SLOW or one.name not in UNNAMED]


def laid_out(
    chosen: Sequence[Generator], sizes: Sequence[int], cache: Path
) -> dict[tuple[str, int], Built]:
    """Fresh sites of the corpus, by generator and number of pages, ready to build."""
    sites = {}
    for pages in sizes:
        shape = corpus.Shape(pages)
        for generator in built_at(pages, chosen):
            folder = generators.lay_out(generator, cache, shape)
            sites[generator.name, pages] = built(generator, cache, shape, folder)
    return sites


def own_site(cache: Path) -> Built:
    """The project's own site, ready to build."""
    folder = generators.lay_out_own(cache)
    count = sum(1 for _ in (folder / "content").glob("**/*.md"))
    page, source = "public/recovery/index.html", "content/recovery.md"
    sources = frozenset(path.name for path in folder.iterdir())
    call = OURS.called(cache)
    return Built(OWN, count, folder, call, (), source, page, count, sources, peer=False)


def in_turn(rounds: Rounds, sites: Sequence[Built], eager: set[str], runs: int) -> None:
    """Every kind of run of every site, as often as asked."""
    for _ in range(runs):
        rounds.cold(sites)
        # What makes every page at each build does so after an edit too; once is enough.
        rounds.unchanged([site for site in sites if site.name not in eager])
        rounds.edited(sites)


def to_scale(rounds: Rounds, large: Built, small: Built, runs: int) -> None:
    """Ours alone at a size that shows whether a page costs more on a large site."""
    small = dataclasses.replace(small, name="ours scaled")
    for _ in range(runs):
        for _ in range(SMALL_RUNS):
            rounds.cold([small])
        in_turn(rounds, [large], set(), 1)
    for _ in range(SMALL_RUNS):
        rounds.cold([small])


def measure(options: argparse.Namespace, results: Results, started: datetime) -> None:
    """Install, lay out, warm up, and build in turn; the report is written after each size."""
    cache = options.cache
    chosen = [generator for generator in GENERATORS if generator.name in options.only]
    for generator in dict.fromkeys([OURS, *chosen]):
        if generator is OURS and options.venv:
            folder = cache / "tools" / OURS.name
            folder.mkdir(parents=True)
            (folder / "venv").symlink_to(options.venv)
        else:
            generators.install(generator, cache)
    rounds = Rounds(results, cache / "attic")
    clear(rounds.attic)
    clear(cache / "sites")
    large = max(options.pages) >= OURS_ALONE
    sites = laid_out(chosen, sorted({*options.pages, WARM_UP, *([SCALE] if large else [])}), cache)
    own = own_site(cache)
    if max(options.pages) > WARM_UP:
        time.sleep(SETTLE_S)
    warm_up(rounds, [sites[generator.name, WARM_UP] for generator in chosen], cache)
    eager = {generator.name for generator in chosen if not generator.incremental}
    if OWN in options.only:
        in_turn(rounds, [own], set(), options.runs or RUNS[10])
    for pages in options.pages:
        runs = options.runs or RUNS.get(pages, 3)
        if pages >= OURS_ALONE:
            to_scale(rounds, sites[OURS.name, pages], sites[OURS.name, SCALE], runs)
        else:
            now = [sites[generator.name, pages] for generator in built_at(pages, chosen)]
            in_turn(rounds, now, eager, runs)
        write(options, results, started)
    clear(rounds.attic)


def warm_up(rounds: Rounds, sites: Sequence[Built], cache: Path) -> None:
    """A first build by each, not counted: programs come into memory, Python compiles itself."""
    first = Rounds(Results(cache / "warm-up.jsonl"), rounds.attic)
    first.cold(sites)
    if first.results.failed:
        raise SystemExit(f"cannot build ten pages: {first.results.failed}")


def write(options: argparse.Namespace, results: Results, started: datetime) -> None:
    """Put the report of what has been measured so far where it was asked for."""
    text = tell.report(results, software(results), started)
    if options.write:
        sections.put(options.write, "builds", text)


def software(results: Results) -> list[str]:
    """What ran, with versions."""
    node = subprocess.run(("node", "--version"), capture_output=True, text=True, check=False)
    return [*tell.versions(results.runs), f"Node {node.stdout.strip().removeprefix('v')}"]


def main() -> None:
    """Measure, and print the promises."""
    options, started = arguments(), datetime.now(UTC)
    options.cache = options.cache.resolve()
    options.cache.mkdir(parents=True, exist_ok=True)
    results = Results(options.cache / f"runs-{started:%Y%m%d-%H%M%S}.jsonl")
    measure(options, results, started)
    print("\n" + tell.report(results, software(results), started))
    behind = [bar.what for bar in all_bars(results.runs) if bar.verdict == "behind"]
    print(f"behind in {len(behind)}" if behind else "behind in nothing that was run")


if __name__ == "__main__":
    main()
