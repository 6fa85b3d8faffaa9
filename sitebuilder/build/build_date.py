"""The day a site is built for."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime


def build_date(requested: date | None = None) -> date:
    """Return the day to build for: the requested one, else SOURCE_DATE_EPOCH, else today (UTC).

    A command asks once and passes the answer on, so that it has one date from start to end.

    Raises:
        ValueError, OverflowError, OSError: SOURCE_DATE_EPOCH is not a number of seconds since 1970.
    """
    if requested:
        return requested
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    return (datetime.fromtimestamp(int(epoch), UTC) if epoch else datetime.now(UTC)).date()
