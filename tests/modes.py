"""How much of the long tests a run does, and which part of them comes today.

`SOAK=1` does all of it. Without it some tests take a share of what they could try, a different
share each day, so that a daily run meets everything within a few days. `ROTATION`, which pytest
prints at its start, chooses the share: with the same number the same choice is made again.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime

SOAK = os.environ.get("SOAK") == "1"

TURN = int(os.environ.get("ROTATION") or datetime.now(UTC).date().toordinal())

# A page of each template and of each block. What is tried on these is never a share.
KEY_PAGES = frozenset(
    {
        "/",
        "/404.html",
        "/facts/",
        "/fusion/",
        "/handout/",
        "/recovery/",
        "/tools/next-step/",
        "/when-to-get-help/",
    }
)


def chosen(number: int, of: int) -> bool:
    """Whether this number belongs to today's share, which is one in `of`; with SOAK all do.

    Each number comes once in `of` days, and `of` numbers in a row come on different days.
    """
    return SOAK or (number + TURN) % of == 0
