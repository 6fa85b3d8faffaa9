"""Pages and their reviews in, a table for the terminal out: what needs work first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sitebuilder.clinical.reviews.status import WORDS
from sitebuilder.core.review import Review

_HEAD: Final = ("Page", "State", "Last full review", "Holds until", "By")
_GAP: Final = "  "


def listing(rows: Sequence[tuple[str, str, Review | None]]) -> str:
    """A line for each (page id, state, review), worst first, then by page. No rows: it says so.

    KeyError: a state is not in WORDS.
    """
    if not rows:
        return "There is no page.\n"
    order = {state: place for place, state in enumerate(WORDS)}
    ordered = sorted(rows, key=lambda row: (order[row[1]], row[0]))
    table = [_HEAD, *(_cells(*row) for row in ordered)]
    widths = [max(len(cells[at]) for cells in table) for at in range(len(_HEAD))]
    table.insert(1, tuple("-" * width for width in widths))
    return "".join(
        _GAP.join(f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True)).rstrip()
        + "\n"
        for cells in table
    )


def _cells(page_id: str, state: str, review: Review | None) -> tuple[str, ...]:
    if review is None:
        return page_id, WORDS[state], "-", "-", "-"
    full = review.full
    return page_id, WORDS[state], full.on.isoformat(), full.until.isoformat(), full.name
