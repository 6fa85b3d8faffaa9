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
from rounds import COLD, EDIT, PARTIAL, UNCHANGED, Results
from rows import TIMES, TO, head, row

BUILDS_EVERYTHING = "= edit"
NOISE = 0.2  # processors that others keep busy: more than this, and a time is not to be trusted


def report(results: Results, software: Sequence[str], started: datetime) -> str:
    """The whole section."""
    runs = results.runs
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
        lines += [
            f"{name} did not come to a good end here, and is left out from then on."
            for name, failed_at in sorted(results.failed)
            if failed_at == count
        ]
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
    spread = f" ({_number(min(walls))}{TO}{_number(max(walls))})" if len(walls) > 1 else ""
    return f"{_number(median(walls))} s{spread}"


def _number(value: float) -> str:
    digits = 3 if value < 1 else 2 if value < 10 else 1  # noqa: PLR2004 - three that count
    return f"{value:.{digits}f}"


def method(runs: Runs, software: Sequence[str], started: datetime) -> list[str]:
    """How it was measured, and what cannot be compared."""
    text = (Path(__file__).parent / "builds.md").read_text(encoding="utf-8")
    others = [run.others for found in runs.values() for run in found]
    noisy = sum(share > NOISE for share in others)
    counts = sorted({(key[1], len(found)) for key, found in runs.items() if key[2] == COLD})
    filled = {
        "DATE": f"{started:%Y-%m-%d %H:%M} to {datetime.now(UTC):%H:%M} UTC",
        "MACHINE": machine(),
        "SOFTWARE": "; ".join(software),
        "OTHERS": f"{median(others):.2f} processors busy (median; at most {max(others):.2f})",
        "NOISY": f"{noisy} of {len(others)}",
        "NOISE": f"{NOISE}",
        "RUNS": ", ".join(f"{number} of {pages:,} pages" for pages, number in counts),
    }
    for name, value in filled.items():
        text = text.replace("{" + name + "}", value)
    return text.rstrip().splitlines()


def versions(runs: Runs) -> list[str]:
    """The peers that ran, with their versions."""
    ran = {name for name, _, _ in runs}
    return [version(generator) for generator in GENERATORS if generator.name in ran]
