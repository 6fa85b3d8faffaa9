"""Format the review table for the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sitebuilder.clinical.reviews.status import STATUS_LABELS
from sitebuilder.core.review import Review

_HEADER: Final = ("Page", "State", "Last full review", "Holds until", "By")
_COLUMN_GAP: Final = "  "


def format_review_table(rows: Sequence[tuple[str, str, Review | None]]) -> str:
    """Format a header and one line for each page, most urgent status first, then by page id.

    Args:
        rows: Page id, status and record of each page.

    Raises:
        KeyError: A status is not a key of `STATUS_LABELS`.
    """
    if not rows:
        return "There is no page.\n"
    order = {status: rank for rank, status in enumerate(STATUS_LABELS)}
    ordered = sorted(rows, key=lambda row: (order[row[1]], row[0]))
    table = [_HEADER, *(_row_cells(*row) for row in ordered)]
    widths = [max(len(cells[column]) for cells in table) for column in range(len(_HEADER))]
    table.insert(1, tuple("-" * width for width in widths))
    return "".join(
        _COLUMN_GAP.join(
            f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True)
        ).rstrip()
        + "\n"
        for cells in table
    )


def _row_cells(page_id: str, status: str, review: Review | None) -> tuple[str, ...]:
    if review is None:
        return page_id, STATUS_LABELS[status], "-", "-", "-"
    full = review.last_full
    return page_id, STATUS_LABELS[status], full.on.isoformat(), full.until.isoformat(), full.name
