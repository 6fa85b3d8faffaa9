"""The files of the last look in, those of them that are certainly the same now out."""

from __future__ import annotations

import os
import time
from typing import Final

from sitebuilder.core.model import File

SETTLED: Final = 2_100_000_000
"""Nanoseconds after which the times of a file say whether it has changed since it was read: the
coarsest file systems count in steps of two seconds."""

_Sign = tuple[int, int, int, int, int]


class Known:
    """The files that were read last, for one who reads the same folders again and again.

    A file is not read again if it is the same file, of the same size, with the same times. One
    that changed just before it was read is: it may have changed once more in the same tick.
    """

    def __init__(self) -> None:
        self._last: dict[str, tuple[_Sign, File]] = {}
        self._now: dict[str, tuple[_Sign, File]] = {}
        self._began = 0

    def begin(self) -> None:
        """All is to be read again; what is not there any more is forgotten."""
        self._last, self._now, self._began = self._now, {}, time.time_ns()

    def same(self, entry: os.DirEntry[str]) -> File | None:
        """A file as it was, if it is certain that it still is so."""
        known = self._last.get(entry.path)
        if known is None:
            return None
        try:
            now = entry.stat(follow_symlinks=False)
        except OSError:
            return None
        # As `_sign`, without the call: once for every file, while somebody waits for the preview.
        if known[0] != (now.st_mtime_ns, now.st_ctime_ns, now.st_size, now.st_ino, now.st_dev):
            return None
        self._now[entry.path] = known
        return known[1]

    def keep(self, file: File, state: os.stat_result) -> None:
        """A file that was read, and what was known of it before it was."""
        if max(state.st_mtime_ns, state.st_ctime_ns) < self._began - SETTLED:
            self._now[file.location] = _sign(state), file


def _sign(state: os.stat_result) -> _Sign:
    return state.st_mtime_ns, state.st_ctime_ns, state.st_size, state.st_ino, state.st_dev
