"""What was measured of builds, as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from bars import Bar, Runs, all_bars, middle
from clock import Taken
from generators import GENERATORS, version
from machine import machine
from rounds import COLD, EDIT, PARTIAL, UNCHANGED
from rows import TIMES, TO, head, row

BUILDS_EVERYTHING = "= edit"


def report(runs: Runs, software: Sequence[str], started: datetime) -> str:
    """The whole section."""
    pages = sorted({key[1] for key in runs if key[0] in {g.name for g in GENERATORS}})
    lines = [
        "## Builds: ours beside six others",
        "",
        "Written by `bench/builds.py`; do not edit. The same words, built by each generator with",
        "templates that do equal work, in turn, as whole processes.",
        "",
        "### The promises",
        "",
        *bar_table(all_bars(runs)),
    ]
    for count in pages:
        lines += ["", f"### {count:,} pages", "", *size_table(runs, count)]
    lines += ["", "### This project's own site", "", *own_table(runs), ""]
    lines += method(runs, software, started)
    return "\n".join(lines) + "\n"


def bar_table(bars: Sequence[Bar]) -> list[str]:
    """One line a promise."""
    lines = [row(["What", "Found", "At most", ""]), row(["---", "---:", "---:", "---"])]
    for bar in bars:
        found = "" if bar.found is None else f"{_number(bar.found)}{bar.unit}"
        if bar.found is not None:
            found += f" ({_number(bar.least)}{TO}{_number(bar.most)})"
        limit = f"{bar.limit:g}{bar.unit}" if bar.limit else ""
        verdict = f"**{bar.verdict}**" if bar.limit else bar.verdict
        lines.append(row([bar.what, found, limit, verdict]))
    return lines


def size_table(runs: Runs, pages: int) -> list[str]:
    """All generators at one size."""
    lines = head(["", "cold", "unchanged", "edit", "CPU, cold", "Memory: largest", "all at once"])
    for generator in GENERATORS:
        cold = runs.get((generator.name, pages, COLD))
        if not cold:
            continue
        ours = runs.get(("ours", pages, COLD))
        times = ""
        if ours and generator.name != "ours":
            times = f" **{TIMES}{_number(middle(cold) / middle(ours))}**"
        unchanged = seconds(runs.get((generator.name, pages, UNCHANGED)), BUILDS_EVERYTHING)
        edit = seconds(runs.get((generator.name, pages, EDIT)))
        together = median(run.together for run in cold)
        lines.append(
            row(
                [
                    generator.label,
                    seconds(cold) + times,
                    unchanged,
                    edit,
                    f"{median(run.cpu for run in cold):.2f} s",
                    f"{median(run.largest for run in cold) / 1e6:,.0f} MB",
                    f"{together / 1e6:,.0f} MB" if together else "",
                ]
            )
        )
        partial = runs.get((generator.name, pages, PARTIAL))
        if partial:
            label = f"{generator.label} --dirty"
            lines.append(row([label, "", "", seconds(partial), "", "", ""]))
    return lines


def own_table(runs: Runs) -> list[str]:
    """The project's own site."""
    lines = head(["", "Seconds", "CPU", "Memory: largest"])
    for (name, _, kind), found in runs.items():
        if name == "own":
            cpu = f"{median(run.cpu for run in found):.2f} s"
            memory = f"{median(run.largest for run in found) / 1e6:,.0f} MB"
            lines.append(row([kind, seconds(found), cpu, memory]))
    return lines


def seconds(runs: Sequence[Taken] | None, otherwise: str = "") -> str:
    """The median, from least to most."""
    if not runs:
        return otherwise
    walls = [run.wall for run in runs]
    spread = f" ({min(walls):.2f}{TO}{max(walls):.2f})" if len(walls) > 1 else ""
    return f"{median(walls):.2f} s{spread}"


def _number(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:.1f}"  # noqa: PLR2004 - three digits


def method(runs: Runs, software: Sequence[str], started: datetime) -> list[str]:
    """How it was measured, and what cannot be compared."""
    text = (Path(__file__).parent / "builds.md").read_text(encoding="utf-8")
    loads = [run.load for found in runs.values() for run in found]
    counts = sorted({(key[1], len(found)) for key, found in runs.items() if key[2] == COLD})
    filled = {
        "DATE": f"{started:%Y-%m-%d %H:%M} to {datetime.now(UTC):%H:%M} UTC",
        "MACHINE": machine(),
        "SOFTWARE": "; ".join(software),
        "LOAD": f"{min(loads):.1f} to {max(loads):.1f}, {median(loads):.1f} in the middle",
        "RUNS": ", ".join(f"{number} of {pages:,} pages" for pages, number in counts),
    }
    for name, value in filled.items():
        text = text.replace("{" + name + "}", value)
    return text.rstrip().splitlines()


def versions() -> list[str]:
    """The peers with their versions."""
    return [found for found in map(version, GENERATORS) if found]
