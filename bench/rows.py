"""Tables in Markdown."""

from __future__ import annotations

from collections.abc import Sequence

TIMES, TO = "\u00d7", "\u2013"


def row(cells: Sequence[str]) -> str:
    """One line of a table."""
    return f"| {' | '.join(cells)} |"


def head(cells: Sequence[str]) -> list[str]:
    """The first two lines of a table: its first column is words, the others numbers."""
    return [row(cells), row(["---", *["---:"] * (len(cells) - 1)])]
