"""Read files of the cache, which somebody else may have put there."""

from __future__ import annotations

import os
import stat
from pathlib import Path


def nofollow_opener(path: str, flags: int) -> int:
    """Return the descriptor of a file, opened without following a link or blocking on a pipe."""
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)


def read_regular_file(path: Path) -> bytes | None:
    """Return the bytes of a file; None if there is none, or it is a link, a pipe or a device."""
    try:
        with open(path, "rb", opener=nofollow_opener) as stream:
            is_regular = stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
            return stream.read() if is_regular else None
    except OSError:
        return None
