"""What was measured, as Markdown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean, median

from browse import CPU_SLOWDOWN, QUIET_S, ROUND_TRIP_MS, View
from machine import machine
from rows import TIMES, TO, head, row

# The views by page, then by site. The first site is ours, and every ratio is to it.
Results = Mapping[str, Mapping[str, Sequence[View]]]

MEASURES: tuple[tuple[str, Callable[[View], float], str], ...] = (
    ("Requests", lambda view: len(view.files), ""),
    ("Bytes over the wire", lambda view: view.wire, ""),
    ("of these, script", lambda view: view.script, ""),
    ("First paint", lambda view: view.fcp, " ms"),
    ("Largest paint", lambda view: view.lcp, " ms"),
)


def ratio(value: float, ours: float) -> str:
    """How many times ours; nothing where ours is none, for no number says that."""
    return f" **{TIMES}{value / ours:.1f}**" if ours else ""


def cell(views: Sequence[View], ours: Sequence[View] | None, measure: int) -> str:
    """The median, from least to most, and how many times ours it is."""
    _, take, unit = MEASURES[measure]
    values = [take(view) for view in views]
    middle, least, most = median(values), min(values), max(values)
    spread = "" if least == most else f" ({least:,.0f}{TO}{most:,.0f})"
    times = ratio(middle, median(map(take, ours))) if ours else ""
    return f"{middle:,.0f}{unit}{spread}{times}"


def elsewhere(views: Sequence[View]) -> str:
    """How many requests to other hosts a view made, and which hosts."""
    hosts = sorted({host for view in views for host in view.elsewhere})
    count = median(len(view.elsewhere) for view in views)
    return f"{count:.0f}, stopped ({', '.join(hosts)})" if hosts else "none"


def page_table(sites: Mapping[str, Sequence[View]]) -> list[str]:
    """The sites side by side on one page."""
    ours = next(iter(sites.values()))
    lines = head(["Site", *(name for name, _, _ in MEASURES), "Other hosts asked"])
    for name, views in sites.items():
        base = None if views is ours else ours
        cells = [cell(views, base, number) for number in range(len(MEASURES))]
        lines.append(row([name, *cells, elsewhere(views)]))
    return lines


def overall_table(results: Results) -> list[str]:
    """One line a site: the mean of the pages' medians."""
    names = list(next(iter(results.values())))
    lines = head(["Site", *(name for name, _, _ in MEASURES)])
    means = {
        name: [
            mean(median(map(take, sites[name])) for sites in results.values())
            for _, take, _ in MEASURES
        ]
        for name in names
    }
    for name, values in means.items():
        pairs = zip(values, means[names[0]], strict=True)
        times = ["" if name == names[0] else ratio(*pair) for pair in pairs]
        cells = [
            f"{value:,.0f}{unit}{more}"
            for value, more, (_, _, unit) in zip(values, times, MEASURES, strict=True)
        ]
        lines.append(row([name, *cells]))
    return lines


def word_table(words: Mapping[str, Mapping[str, int]]) -> list[str]:
    """The words of each page, by page and then by site."""
    lines = head(["Page", *next(iter(words.values()))])
    for page, counts in words.items():
        lines.append(row([page, *(f"{count:,}" for count in counts.values())]))
    return lines


def report(
    results: Results,
    words: Mapping[str, Mapping[str, int]],
    clicks: Sequence[str],
    software: Sequence[str],
    load: tuple[float, float],
) -> str:
    """The whole page."""
    runs = len(next(iter(next(iter(results.values())).values())))
    lines = [
        "## Our pages beside the default themes of four generators",
        "",
        "Written by `bench/pages.py`; do not edit. The same pages, converted to plain Markdown,",
        "built with each generator's default theme, and opened in the same browser as by somebody",
        "who comes for the first time, on a phone with a slow network.",
        "",
        "### The four pages together",
        "",
        f"The mean of the medians below. **{TIMES}** is how many times ours.",
        "",
        *overall_table(results),
    ]
    for page, sites in results.items():
        lines += ["", f"### {page}", "", *page_table(sites)]
    lines += [
        "",
        "### The words are the same",
        "",
        "Words on each page that a reader sees, without menus, marks of footnotes and buttons:",
        "",
        *word_table(words),
        "",
        "### A click in a tool",
        "",
        "Milliseconds from a click on an answer until the page is laid out again, ours alone:",
        "",
        *clicks,
        "",
        *method(runs, software, load),
    ]
    return "\n".join(lines) + "\n"


def method(runs: int, software: Sequence[str], load: tuple[float, float]) -> list[str]:
    """How it was measured, and what cannot be compared."""
    text = (Path(__file__).parent / "method.md").read_text(encoding="utf-8")
    filled = {
        "RUNS": str(runs),
        "LATENCY": str(ROUND_TRIP_MS),
        "CPU": str(CPU_SLOWDOWN),
        "QUIET": f"{QUIET_S:.0f}",
        "DATE": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "MACHINE": machine(),
        "SOFTWARE": "; ".join(software),
        "LOAD": f"{load[0]:.1f} at the start and {load[1]:.1f} at the end",
    }
    for name, value in filled.items():
        text = text.replace("{" + name + "}", value)
    return text.rstrip().splitlines()
