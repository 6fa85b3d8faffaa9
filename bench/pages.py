"""Compares our pages with the same pages under four default themes, on a slow phone.

Run as `.venv/bin/python bench/pages.py [--write FILE]`. What is measured and how is told in
method.md, which becomes part of what is written.
"""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median

import browse
import sections
import sites
from playwright.sync_api import Playwright, sync_playwright
from rows import TO, head, row
from server import Site, serve
from table import report, word_table

OURS = "Ours"
PAGES = {
    "Home": "/",
    "The operation": "/procedure/",
    "Recovery": "/recovery/",
    "Risks": "/risks/",
}
TOOLS = ("/tools/next-step/", "/tools/options/", "/tools/get-ready/")


def arguments() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the report here too")
    parser.add_argument("--runs", type=int, default=5, help="views of each page (5)")
    parser.add_argument(
        "--cache",
        type=Path,
        default=sites.PROJECT / ".cache" / "bench",
        metavar="DIR",
        help="where the peers are installed and built (.cache/bench)",
    )
    return parser.parse_args()


def build_all(cache: Path, scratch: Path) -> tuple[dict[str, Path], list[str]]:
    """Build every site; gives the folders to serve, ours first, and what was run."""
    folders = {OURS: sites.build_ours(scratch / "ours")}
    software = []
    for peer in sites.PEERS:
        folder = sites.install(peer, cache)
        folders[peer.label] = sites.build_peer(
            peer, folder, sites.PROJECT / "content", sites.default_review()
        )
        software += sites.versions(peer, folder)
    return folders, software


def count_words(playwright: Playwright, served: dict[str, Site]) -> dict[str, dict[str, int]]:
    """The words by page and site, to show that the content is the same."""
    counts = {
        name: browse.count_words(playwright, site, list(PAGES.values()))
        for name, site in served.items()
    }
    return {
        page: {name: counts[name][number] for name in served} for number, page in enumerate(PAGES)
    }


def measure(
    playwright: Playwright, served: dict[str, Site], runs: int
) -> dict[str, dict[str, list[browse.View]]]:
    """All views, site after site, so that a slow minute of the machine meets them all alike."""
    views: dict[str, dict[str, list[browse.View]]] = {
        page: {name: [] for name in served} for page in PAGES
    }
    for run in range(1, runs + 1):
        for page, path in PAGES.items():
            for name, site in served.items():
                views[page][name].append(browse.view(playwright, site, path))
        print(f"run {run} of {runs} done", flush=True)
    return views


def measure_clicks(playwright: Playwright, ours: Site) -> list[str]:
    """A table of how long a tool takes to answer a click."""
    lines = [*head(["Tool", "Median", "From least to most"])]
    for tool in TOOLS:
        times = browse.clicks(playwright, ours, tool, 20)
        lines.append(
            row([tool, f"{median(times):.0f} ms", f"{min(times):.0f}{TO}{max(times):.0f}"])
        )
    return lines


def browser_version(playwright: Playwright) -> str:
    """The browser as it names itself."""
    browser = browse.launch(playwright)
    version = browser.version
    browser.close()
    return f"Chromium {version}"


def more_software(playwright: Playwright) -> Sequence[str]:
    """What ran besides the generators."""
    node = sites.run(("node", "--version"), sites.PROJECT).strip().removeprefix("v")
    return [f"Node {node}", f"Python {platform.python_version()}", browser_version(playwright)]


def main() -> None:
    """Build, serve, count words, measure, report."""
    options = arguments()
    options.cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, ExitStack() as stack:
        folders, software = build_all(options.cache.resolve(), Path(scratch))
        served = {name: stack.enter_context(serve(folder)) for name, folder in folders.items()}
        playwright = stack.enter_context(sync_playwright())
        words = count_words(playwright, served)
        print("\n".join(["", "Words on each page:", "", *word_table(words), ""]), flush=True)
        before = os.getloadavg()[0]
        results = measure(playwright, served, options.runs)
        answered = measure_clicks(playwright, served[OURS])
        load = (before, os.getloadavg()[0])
        known = [*software, *more_software(playwright)]
        text = report(results, words, answered, known, load)
    print("\n" + text)
    if options.write:
        sections.put(options.write, "pages", text)


if __name__ == "__main__":
    main()
