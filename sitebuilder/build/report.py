"""Format the problems of a build: as text, as JSON, as annotations on GitHub."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import msgspec

from sitebuilder.core.model import PageReport
from sitebuilder.core.problems import ADVICE, ERROR, RULES, WARNING, Problem, escape_unprintable

VERSION: Final = 1
"""The version of the JSON report. A new key does not change it."""

MAX_OF_A_RULE: Final = 10
"""Problems of a rule to show in full, unless they are errors."""

_MAX_SOURCE_BYTES: Final = 1024 * 1024
"""The largest file to quote lines from, in bytes."""

_RULE_ORDER: Final = {rule: at for at, rule in enumerate(RULES)}

LineLookup = Callable[[str], Sequence[str]]
"""Returns the lines of a source file by its path; none if it cannot be quoted."""


def source_lines(root: Path) -> LineLookup:
    """Return a function that reads the lines of the source files below a folder."""

    @cache
    def lines(path: str) -> Sequence[str]:
        file = root / path
        try:
            if not file.is_file() or file.stat().st_size > _MAX_SOURCE_BYTES:
                return ()
            return file.read_text("utf-8-sig", "replace").split("\n")
        except (OSError, ValueError):
            return ()

    return lines


def format_text(problems: Sequence[Problem], find_lines: LineLookup) -> str:
    """Format each problem with its location, the lines around it, and how to fix it.

    Every error is shown; of the rest, `MAX_OF_A_RULE` of each rule and how many more there are.
    Advice comes last, in the order of `RULES`: what harms readers most comes first.
    """
    counts: dict[str, int] = {}
    rows = []
    for found in sorted(problems, key=_sort_key):
        counts[found.rule] = counts.get(found.rule, 0) + 1
        if found.severity == ERROR or counts[found.rule] <= MAX_OF_A_RULE:
            rows.append(_format_problem(found, find_lines(found.path)))
    rows += [
        f"... and {count - MAX_OF_A_RULE} more of the kind [{rule}]; --format json has them all\n"
        for rule, count in counts.items()
        if count > MAX_OF_A_RULE and any(p.rule == rule and p.severity != ERROR for p in problems)
    ]
    return "\n".join(rows)


def _sort_key(problem: Problem) -> tuple[int, int]:
    """Advice sorts last and by rule; the rest keeps its order, which is that of the files."""
    return (1, _RULE_ORDER[problem.rule]) if problem.severity == ADVICE else (0, 0)


def _format_problem(problem: Problem, lines: Sequence[str]) -> str:
    path = escape_unprintable(problem.path)
    place = ":".join(str(part) for part in (path, problem.line, problem.column) if part)
    text = f"{place}: {problem.severity}: {escape_unprintable(problem.message)} [{problem.rule}]\n"
    if 0 < problem.line <= len(lines):
        first, last = max(1, problem.line - 1), min(len(lines), problem.line + 1)
        for number in range(first, last + 1):
            marker = ">" if number == problem.line else " "
            column = len(escape_unprintable(lines[number - 1][: max(problem.column - 1, 0)])) + 1
            line, shift = _clip_line(escape_unprintable(lines[number - 1]), column)
            text += f"  {marker} {number:4} | {line}\n"
            if marker == ">" and problem.column:
                text += f"         | {' ' * (column - 1 - shift)}^\n"
    if problem.hint:
        text += f"    {escape_unprintable(problem.hint)}\n"
    return text


_MAX_WIDTH: Final = 110


def _clip_line(line: str, column: int) -> tuple[str, int]:
    """Cut a long line to the part around a column; also return how many characters come before."""
    if len(line) <= _MAX_WIDTH:
        return line, 0
    start = max(0, min(column - _MAX_WIDTH // 2, len(line) - _MAX_WIDTH))
    return line[start : start + _MAX_WIDTH], start


def _median(values: Sequence[float]) -> float:
    """Return the median. Importing `statistics` takes longer than building an unchanged site."""
    row, middle = sorted(values), len(values) // 2
    return row[middle] if len(row) % 2 else (row[middle - 1] + row[middle]) / 2


def format_page_table(pages: Sequence[PageReport]) -> str:
    """Format a line for each page: reading grades, facts, sources, and the status of its review.

    The grades are Flesch-Kincaid with list items as sentences, over paragraphs alone, and SMOG.
    The result is empty if no page has a grade, a fact or a source.
    """
    rows: list[tuple[str, ...]] = [("page", "grade", "prose", "SMOG", "facts", "sources", "review")]
    for page in pages:
        grade = page.grade
        grades = (grade.flesch_kincaid, grade.prose, grade.smog) if grade else ()
        cells = [f"{value:.1f}" for value in grades] or ["-"] * 3
        state = page.state + (f" until {page.until}" if page.until else "")
        rows.append((page.id, *cells, str(len(page.facts)), str(len(page.references)), state))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for first, *middle, last in rows:
        cells = [cell.rjust(width) for cell, width in zip(middle, widths[1:], strict=False)]
        lines.append("  ".join([first.ljust(widths[0]), *cells, last]))
    graded = [page.grade for page in pages if page.grade]
    if not graded and not any(page.facts or page.references for page in pages):
        return ""
    if graded:
        harder = _median([max(grade.flesch_kincaid, grade.prose) for grade in graded])
        lines.append(f"median of the harder grade: {harder:.1f}")
    return "\n".join(lines) + "\n"


def format_summary(problems: Sequence[Problem]) -> str:
    """Format how many problems there are, in all and of each severity."""
    counts = [
        (sum(problem.severity == severity for problem in problems), singular, plural)
        for severity, singular, plural in (
            (ERROR, "error", "errors"),
            (WARNING, "warning", "warnings"),
            (ADVICE, "piece of advice", "pieces of advice"),
        )
    ]
    parts = [f"{n} {singular if n == 1 else plural}" for n, singular, plural in counts if n]
    if not parts:
        return "no problems found"
    total = f"{len(problems)} problems found: " if len(parts) > 1 else ""
    return total + ", ".join(parts) + (" found" if len(parts) == 1 else "")


def format_json(
    problems: Sequence[Problem],
    pages: Sequence[PageReport],
    *,
    reused: int,
    written: int,
    seconds: float,
) -> str:
    """Format the report for programs: one JSON object. Keys may be added, but never removed."""
    report: dict[str, Any] = {
        "version": VERSION,
        "problems": [
            {
                "path": p.path,
                "line": p.line or None,
                "column": p.column or None,
                "rule": p.rule,
                "severity": p.severity,
                "message": p.message,
                "hint": p.hint or None,
            }
            for p in problems
        ],
        "pages": pages,
        "reused": reused,
        "written": written,
        "seconds": round(seconds, 3),
    }
    return msgspec.json.format(msgspec.json.encode(report), indent=2).decode()


_GITHUB_LEVELS: Final = {ERROR: "error", WARNING: "warning", ADVICE: "notice"}


def format_github(problems: Sequence[Problem]) -> str:
    """Format problems as GitHub Actions workflow commands, which annotate the lines they name."""
    rows = []
    for p in problems:
        place = f"file={_escape_property(p.path)}"
        if p.line:
            place += f",line={p.line}"
        if p.column:
            place += f",col={p.column}"
        words = f"{p.message}. {p.hint}" if p.hint else p.message
        title = f"title={_escape_property(p.rule)}"
        rows.append(f"::{_GITHUB_LEVELS[p.severity]} {place},{title}::{_escape_data(words)}")
    return "\n".join(rows)


def _escape_data(text: str) -> str:
    return escape_unprintable(text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A"))


def _escape_property(text: str) -> str:
    return _escape_data(text).replace(":", "%3A").replace(",", "%2C")
