"""Measures the preview in a real browser: from a saved page to the reloaded one.

Run as `.venv/bin/python bench/serve.py [--write FILE]`; `--pages 10 --runs 2` for a quick look. How
it is measured is told in serve.md, which becomes part of what is written.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import browse
import corpus
import generators
import sections
from generators import OURS, environment
from machine import machine
from playwright.sync_api import Page, sync_playwright
from rounds import edited, sentence
from rows import TO, head, row
from sites import PROJECT

SIZES = (1_000, 10_000)
AT_MOST = {1_000: 0.1, 10_000: 0.3}
AT_ONCE = 10  # files of the burst
LIMIT_S = 300.0
QUIET_S = 2.0  # the preview is at rest when it has built nothing for this long

# Looks for the sentence in every document, from its first moment: a reload brings a new document.
WATCH = """
setInterval(() => {
  const now = Date.now();
  const main = document.querySelector('main');
  const found = main && main.textContent.match(/This page was changed for [a-z ]+\\./);
  if (found && found[0] !== window.told) { window.told = found[0]; seen(found[0], now); }
}, 4);
"""

# A shell that runs this in the background has Ctrl-C ignored by all its children.
HEAR_CTRL_C = f"""
import runpy, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.path.insert(0, {str(PROJECT)!r})
runpy.run_path({str(PROJECT / "build.py")!r}, run_name="__main__")
"""


@dataclass
class Preview:
    """The running preview: its address, and how many builds it has told of."""

    address: str
    builds: list[float] = field(default_factory=list)

    def rest(self) -> None:
        """Wait until nothing has been built for a while."""
        start = time.monotonic()
        while time.monotonic() - max([start, *self.builds]) < QUIET_S:
            time.sleep(0.05)


@dataclass(frozen=True)
class Found:
    """What was measured at one size: seconds of each save, and builds after a burst."""

    pages: int
    start: float
    seconds: list[float]
    builds: int


@contextmanager
def preview(root: Path) -> Iterator[Preview]:
    """`build.py serve` as a process of its own, and how long it took to start."""
    process = subprocess.Popen(
        [sys.executable, "-c", HEAR_CTRL_C, "serve", "--root", str(root), "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**environment(root), "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout
    found = None
    for line in process.stdout:
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        if found:
            break
    if found is None:
        raise SystemExit("the preview did not start")
    running = Preview(found.group())

    def listen(lines: Iterator[str]) -> None:
        for line in lines:
            if re.match(r"no problems|\d+ (problem|error|warning|piece)", line):
                running.builds.append(time.monotonic())

    threading.Thread(target=listen, args=[process.stdout], daemon=True).start()
    yield running
    process.send_signal(signal.SIGINT)
    process.wait(60)


@dataclass
class Browser:
    """A page in the browser, and when it showed each sentence (seconds since 1970)."""

    page: Page
    seen: dict[str, float] = field(default_factory=dict)

    def watch(self) -> None:
        self.page.expose_function("seen", self._note)
        self.page.add_init_script(WATCH)

    def _note(self, text: str, at: float) -> None:
        self.seen.setdefault(text, at / 1000)

    def wait(self, text: str) -> float:
        """When the browser showed a sentence."""
        end = time.monotonic() + LIMIT_S
        while text not in self.seen:
            if time.monotonic() > end:
                raise SystemExit(f"the browser did not show '{text}' within {LIMIT_S:.0f} s")
            self.page.wait_for_timeout(5)
        return self.seen[text]


def measure(browser: Browser, cache: Path, pages: int, runs: int) -> Found:
    """Save one page some times, then some pages at once."""
    shape, number = corpus.Shape(pages), pages // 2
    root = generators.lay_out(OURS, cache, shape)
    source = root / OURS.source(shape, number)
    original = source.read_text(encoding="utf-8")
    seconds = []
    start = time.monotonic()
    with preview(root) as running:
        started = time.monotonic() - start
        with browser.page.expect_websocket():
            address = f"/{shape.section(number)}/{corpus.slug(number)}/"
            browser.page.goto(running.address + address)
        for run in range(runs + 1):  # the first is not counted
            running.rest()
            # At any moment, as people save.
            browser.page.wait_for_timeout(500 + 100 * random.random())
            source.write_text(edited(original, pages + run), encoding="utf-8")
            saved = time.time()
            seconds.append(browser.wait(sentence(pages + run)) - saved)
            print(f"{pages:7,} pages: {seconds[-1]:.3f} s", flush=True)
        builds = burst(running, root, shape)
    return Found(pages, started, seconds[1:], builds)


def burst(running: Preview, root: Path, shape: corpus.Shape) -> int:
    """How many builds follow when some files are saved at once."""
    running.rest()
    before = len(running.builds)
    texts = {}
    for number in range(min(AT_ONCE, shape.pages)):
        path = root / OURS.source(shape, number)
        texts[path] = edited(path.read_text(encoding="utf-8"), number)
    for path, text in texts.items():
        path.write_text(text, encoding="utf-8")
    end = time.monotonic() + LIMIT_S
    while len(running.builds) == before and time.monotonic() < end:
        time.sleep(0.05)
    running.rest()
    return len(running.builds) - before


def report(results: list[Found], software: str, load: tuple[float, float]) -> str:
    """The whole section."""
    lines = ["## Preview: from a saved page to the reloaded one", ""]
    lines += ["Written by `bench/serve.py`; do not edit.", ""]
    lines += head(
        ["Pages", "Save to reloaded page", "At most", "", "Builds after a burst", "Start"]
    )
    for found in results:
        middle, limit = median(found.seconds), AT_MOST.get(found.pages)
        verdict = "" if limit is None else "**PASS**" if middle <= limit else "**behind**"
        spread = f"{min(found.seconds):.3f}{TO}{max(found.seconds):.3f}"
        once = f"{found.builds} ({'**PASS**' if found.builds == 1 else '**behind**'})"
        cells = [f"{found.pages:,}", f"{middle:.3f} s ({spread})"]
        cells += [f"{limit} s" if limit else "", verdict, once, f"{found.start:.1f} s"]
        lines.append(row(cells))
    text = (Path(__file__).parent / "serve.md").read_text(encoding="utf-8")
    filled = {
        "RUNS": str(len(results[0].seconds)),
        "FILES": str(AT_ONCE),
        "DATE": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "MACHINE": machine(),
        "SOFTWARE": software,
        "LOAD": f"{load[0]:.1f} at the start and {load[1]:.1f} at the end",
    }
    for name, value in filled.items():
        text = text.replace("{" + name + "}", value)
    return "\n".join([*lines, "", text.rstrip()]) + "\n"


def main() -> None:
    """Measure each size in one browser, and report."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--pages", default="1000,10000", help="sizes (1000,10000)")
    parser.add_argument("--runs", type=int, default=7, help="saves at each size (7)")
    parser.add_argument("--write", type=Path, metavar="FILE", help="put the report in here too")
    cache = PROJECT / ".cache" / "bench" / "serve"
    parser.add_argument("--cache", type=Path, default=cache, metavar="DIR", help="where to build")
    options = parser.parse_args()
    before, results = os.getloadavg()[0], []
    with sync_playwright() as playwright:
        chromium = browse.launch(playwright)
        software = f"Python {platform.python_version()}; Chromium {chromium.version}"
        for pages in map(int, options.pages.split(",")):
            browser = Browser(chromium.new_page())
            browser.watch()
            results.append(measure(browser, options.cache.resolve(), pages, options.runs))
            browser.page.close()
        chromium.close()
    text = report(results, software, (before, os.getloadavg()[0]))
    print("\n" + text)
    if options.write:
        sections.put(options.write, "serve", text)


if __name__ == "__main__":
    main()
