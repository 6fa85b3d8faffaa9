"""Temporary storage for bytes, in memory up to a limit and in a file beyond it.

It keeps the memory of a build from growing with the amount of text on the site.
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable
from functools import partial


class Spool:
    """Stores byte strings and returns a function to load each of them.

    The load functions can be called from any thread.

    Args:
        max_memory: Bytes to hold in memory before a temporary file is created.
    """

    def __init__(self, max_memory: int) -> None:
        self._memory_left = max_memory
        self._end = 0
        self._file = -1

    def add(self, data: bytes) -> Callable[[], bytes]:
        """Store `data` and return a function that loads it.

        Raises:
            OSError: The temporary file cannot be created or written, as when the disk is full.
        """
        if len(data) <= self._memory_left:
            self._memory_left -= len(data)
            return partial(bytes, data)
        if self._file < 0:
            import tempfile  # noqa: PLC0415 - slow to load, seldom needed

            self._file, name = tempfile.mkstemp(prefix="pages-")
            os.unlink(name)  # noqa: PTH108 - the system frees it however the process ends
            weakref.finalize(self, os.close, self._file)
        start, self._end = self._end, self._end + len(data)
        os.pwrite(self._file, data, start)
        return partial(self._read, start, len(data))

    def _read(self, start: int, length: int) -> bytes:
        return os.pread(self._file, length, start)
