"""Bytes in, a way to get them back out: in memory while they are few, then in a file.

So memory does not grow with the words of a site, only with what has to be known of its pages.
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable
from functools import partial


class Spool:
    """Takes in bytes and gives a way to get them back, in any thread."""

    def __init__(self, max_memory: int) -> None:
        """`in_memory`: how many bytes are held before a file is made."""
        self._memory_left = max_memory
        self._end = 0
        self._file = -1

    def add(self, data: bytes) -> Callable[[], bytes]:
        """Keep some bytes; the function gives them back. OSError: there is no room for them."""
        if len(data) <= self._memory_left:
            self._memory_left -= len(data)
            return partial(bytes, data)
        if self._file < 0:
            import tempfile  # noqa: PLC0415 - slow to load, seldom needed

            self._file, name = tempfile.mkstemp(prefix="pages-")
            os.unlink(name)  # noqa: PTH108 - it goes with us, however we end
            weakref.finalize(self, os.close, self._file)
        start, self._end = self._end, self._end + len(data)
        os.pwrite(self._file, data, start)
        return partial(self._read, start, len(data))

    def _read(self, start: int, length: int) -> bytes:
        return os.pread(self._file, length, start)
