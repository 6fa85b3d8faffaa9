"""Problems in, words for people or for programs out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import msgspec

from sitebuilder.core.model import PageReport
from sitebuilder.core.problems import ADVICE, ERROR, RULES, WARNING, Problem, escape_unprintable

VERSION: Final = 1

MAX_OF_A_RULE: Final = 10
_MAX_SOURCE_BYTES: Final = 1024 * 1024
"""Bytes of a file whose lines are shown."""

_ORDER: Final = {rule: at for at, rule in enumerate(RULES)}

Lines = Callable[[str], Sequence[str]]
"""From a path to the lines of that source file; no lines if it cannot be shown."""


def source_lines(root: Path) -> Lines:
    """Reads the lines of source files in a folder; none of what is no file or very large."""

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


def format_text(problems: Sequence[Problem], lines: Lines) -> str:
    """Each problem with its place, a frame of the text around it, and how to mend it.

    Every error is told; of milder things, after some of a kind, how many more there are. Advice
    stands last, the kinds that harm readers most first: the order in which the rules are listed.
    """
    told: dict[str, int] = {}
    rows = []
    for found in sorted(problems, key=_format_location):
        told[found.rule] = told.get(found.rule, 0) + 1
        if found.severity == ERROR or told[found.rule] <= MAX_OF_A_RULE:
            rows.append(_format_problem(found, lines(found.path)))
    rows += [
        f"... and {count - MAX_OF_A_RULE} more of the kind [{rule}]; --format json has them all\n"
        for rule, count in told.items()
        if count > MAX_OF_A_RULE and any(p.rule == rule and p.severity != ERROR for p in problems)
    ]
    return "\n".join(rows)


def _format_location(found: Problem) -> tuple[int, int]:
    """Where a problem stands in the report: by place in the files, but advice by rule."""
    return (1, _ORDER[found.rule]) if found.severity == ADVICE else (0, 0)


def _format_problem(found: Problem, lines: Sequence[str]) -> str:
    path = escape_unprintable(found.path)
    place = ":".join(str(part) for part in (path, found.line, found.column) if part)
    text = f"{place}: {found.severity}: {escape_unprintable(found.message)} [{found.rule}]\n"
    if 0 < found.line <= len(lines):
        first, last = max(1, found.line - 1), min(len(lines), found.line + 1)
        for number in range(first, last + 1):
            sign = ">" if number == found.line else " "
            column = len(escape_unprintable(lines[number - 1][: max(found.column - 1, 0)])) + 1
            line, shift = _clip_line(escape_unprintable(lines[number - 1]), column)
            text += f"  {sign} {number:4} | {line}\n"
            if sign == ">" and found.column:
                text += f"         | {' ' * (column - 1 - shift)}^\n"
    if found.hint:
        text += f"    {escape_unprintable(found.hint)}\n"
    return text


_WIDTH: Final = 110


def _clip_line(line: str, column: int) -> tuple[str, int]:
    """The part of a long line around a column, and how many characters before it are left out."""
    if len(line) <= _WIDTH:
        return line, 0
    start = max(0, min(column - _WIDTH // 2, len(line) - _WIDTH))
    return line[start : start + _WIDTH], start


def _median(values: Sequence[float]) -> float:
    """`statistics` takes longer to load than a build of nothing new."""
    row, middle = sorted(values), len(values) // 2
    return row[middle] if len(row) % 2 else (row[middle - 1] + row[middle]) / 2


def format_page_table(pages: Sequence[PageReport]) -> str:
    """A line for each page: reading grades, facts, sources, and the state of its review.

    The grades are Flesch-Kincaid with list items as sentences, over paragraphs alone, and SMOG.
    """
    rows: list[tuple[str, ...]] = [("page", "grade", "prose", "SMOG", "facts", "sources", "review")]
    for page in pages:
        grade = page.grade
        grades = (grade.flesch_kincaid, grade.prose, grade.smog) if grade else ()
        told = [f"{value:.1f}" for value in grades] or ["-"] * 3
        state = page.state + (f" until {page.until}" if page.until else "")
        rows.append((page.id, *told, str(len(page.facts)), str(len(page.references)), state))
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
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
    """How many of each kind, in words."""
    counts = [
        (sum(p.severity == severity for p in problems), word)
        for severity, word in ((ERROR, "error"), (WARNING, "warning"), (ADVICE, "piece of advice"))
    ]
    said = [
        f"{n} {word if n == 1 else word.replace('piece', 'pieces') + 's' * ('piece' not in word)}"
        for n, word in counts
        if n
    ]
    return ", ".join(said) or "no problems"


def format_json(
    problems: Sequence[Problem],
    pages: Sequence[PageReport],
    *,
    reused: int,
    written: int,
    seconds: float,
) -> str:
    """The report for programs: one object, whose keys are never changed, only added to."""
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


_ANNOTATIONS: Final = {ERROR: "error", WARNING: "warning", ADVICE: "notice"}


def format_github(problems: Sequence[Problem]) -> str:
    """Problems as workflow commands, which show them beside the changed lines."""
    rows = []
    for p in problems:
        place = f"file={_escape_property(p.path)}"
        if p.line:
            place += f",line={p.line}"
        if p.column:
            place += f",col={p.column}"
        words = f"{p.message}. {p.hint}" if p.hint else p.message
        title = f"title={_escape_property(p.rule)}"
        rows.append(f"::{_ANNOTATIONS[p.severity]} {place},{title}::{_escape_data(words)}")
    return "\n".join(rows)


def _escape_data(text: str) -> str:
    return escape_unprintable(text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A"))


def _escape_property(text: str) -> str:
    return _escape_data(text).replace(":", "%3A").replace(",", "%2C")
