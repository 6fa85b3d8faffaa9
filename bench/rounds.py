"""Builds in turn: each generator once, then each once more, so that a slow minute meets them all.

A cold build finds neither output nor anything kept from before. What was there is moved aside, not
deleted: on some file systems new files are slow to make for a minute after many were deleted.
"""

from __future__ import annotations

import json
import os
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

import clock
import corpus
from generators import OURS, Generator, environment

COLD, UNCHANGED, EDIT, PARTIAL = "cold", "unchanged", "edit", "partial"

NAMES = """alpha bravo charlie delta echo foxtrot golf hotel india juliett kilo lima mike november
oscar papa quebec romeo sierra tango uniform victor whiskey xray yankee zulu""".split()


@dataclass(frozen=True)
class Built:
    """A site to build: by what, where, and the page that is edited."""

    name: str
    pages: int
    folder: Path
    command: tuple[str, ...]
    partial: tuple[str, ...]
    source: str
    page: str
    html_files: int
    sources: frozenset[str] = frozenset()
    peer: bool = True

    def state(self) -> Iterator[Path]:
        """What builds have left: output, caches, locks."""
        yield from (p for p in sorted(self.folder.iterdir()) if p.name not in self.sources)


@dataclass
class Results:
    """Every run, by generator, number of pages and kind of run; also in a file, one a line."""

    file: Path
    runs: dict[tuple[str, int, str], list[clock.Taken]] = field(
        default_factory=lambda: defaultdict(list)
    )
    failed: set[tuple[str, int]] = field(default_factory=set)

    def add(self, built: Built, kind: str, taken: clock.Taken) -> None:
        self.runs[built.name, built.pages, kind].append(taken)
        with open(self.file, "a", encoding="utf-8") as lines:
            row = {"name": built.name, "pages": built.pages, "kind": kind, **asdict(taken)}
            lines.write(json.dumps(row) + "\n")


class Stale(Exception):  # noqa: N818 - as Failed
    """A build ended well, and its output is not what its sources say."""


def built(generator: Generator, cache: Path, shape: corpus.Shape, folder: Path) -> Built:
    """A laid-out site of the corpus."""
    number = shape.pages // 2
    return Built(
        generator.name,
        shape.pages,
        folder,
        generator.called(cache),
        generator.called(cache, partial=True),
        generator.source(shape, number),
        generator.page(shape, number),
        shape.html_files,
        frozenset(path.name for path in folder.iterdir()),
        peer=generator is not OURS,
    )


def aside(built: Built, attic: Path) -> None:
    """Move all that builds have left out of the site."""
    left = list(built.state())
    place = attic / f"{built.folder.name}-{sum(1 for _ in attic.iterdir())}"
    place.mkdir()
    for path in left:
        path.rename(place / path.name)


def sentence(number: int) -> str:
    """What is put into a page: never the same, and without a figure, which a check could ask of."""
    size = len(NAMES)
    names = (NAMES[number % size], NAMES[number // size % size], NAMES[number // size // size])
    return f"This page was changed for {' '.join(names)}."


def edited(text: str, number: int) -> str:
    """A page's source with a sentence more, before its first heading."""
    return text.replace("\n## ", f"\n{sentence(number)}\n\n## ", 1)


@dataclass
class Rounds:
    """Runs of some sites in turn. `edits` counts, so that no two edits are alike."""

    results: Results
    attic: Path
    edits: int = 0

    def cold(self, sites: Sequence[Built]) -> None:
        """From nothing."""
        self._each(sites, self._cold)

    def unchanged(self, sites: Sequence[Built]) -> None:
        """Once more, over what is there."""
        self._each(sites, self._unchanged)

    def edited(self, sites: Sequence[Built]) -> None:
        """With a sentence more on one page."""
        self._each(sites, self._edited)

    def _each(self, sites: Sequence[Built], step: Callable[[Built], None]) -> None:
        """One run of each; a peer that fails is told of, and left out from here. Ours ends it."""
        for site in sites:
            if (site.name, site.pages) in self.results.failed:
                continue
            try:
                step(site)
            except (clock.Failed, Stale) as why:
                if not site.peer:
                    raise
                print(why, flush=True)
                self.results.failed.add((site.name, site.pages))

    def _cold(self, site: Built) -> None:
        aside(site, self.attic)
        self._time(site, COLD)
        self._check_whole(site)

    def _unchanged(self, site: Built) -> None:
        self._time(site, UNCHANGED)
        self._check_whole(site)

    def _edited(self, site: Built) -> None:
        path = site.folder / site.source
        original = path.read_text(encoding="utf-8")
        for kind in (EDIT, PARTIAL) if site.partial else (EDIT,):
            self.edits += 1
            path.write_text(edited(original, self.edits), encoding="utf-8")
            self._time(site, kind)
            shown = (site.folder / site.page).read_text(encoding="utf-8")
            if sentence(self.edits) not in shown:
                raise Stale(f"{site.name}, {kind}: {site.page} does not show the edit")
        path.write_text(original, encoding="utf-8")

    def _time(self, site: Built, kind: str) -> None:
        command = site.partial if kind == PARTIAL else site.command
        read_all(site.folder)
        taken = clock.take(command, site.folder, environment(site.folder))
        self.results.add(site, kind, taken)
        memory = max(taken.largest, taken.together) / 1e6
        print(
            f"{site.name:9} {site.pages:7,} {kind:9} {taken.wall:8.2f} s "
            f"{taken.cpu:8.2f} s CPU {memory:6.0f} MB  others {taken.others:.2f}",
            flush=True,
        )

    def _check_whole(self, site: Built) -> None:
        """Every page must be there: a build that does less is no build."""
        output = site.folder / site.page.partition("/")[0]
        # Not by a glob, which remembers each path: the memory of what is measured is at least ours.
        found = sum(n.endswith(".html") for _, _, names in os.walk(output) for n in names)
        if found < site.html_files:
            raise Stale(f"{site.name}: {found} of {site.html_files} pages in {output}")


def read_all(folder: Path) -> None:
    """Read every file, so that all are in the system's memory.

    Between two builds of one site come those of all others, which may have pushed it out: then the
    disk is measured, and most for those that read what they wrote before.
    """
    for here, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError), open(f"{here}/{name}", "rb", buffering=0) as stream:
                stream.readall()


def clear(attic: Path) -> None:
    """Delete what was moved aside; not before all is measured."""
    shutil.rmtree(attic, ignore_errors=True)
    attic.mkdir(parents=True)
