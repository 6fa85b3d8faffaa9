"""The files of the last look in, those of them that are certainly the same now out."""

from __future__ import annotations

import os
import time
from typing import Final

from sitebuilder.core.model import File

RACY_WINDOW_NS: Final = 2_100_000_000
"""Nanoseconds after which the times of a file say whether it has changed since it was read: the
coarsest file systems count in steps of two seconds."""

_StatKey = tuple[int, int, int, int, int]


class StatCache:
    """The files that were read last, for one who reads the same folders again and again.

    A file is not read again if it is the same file, of the same size, with the same times. One
    that changed just before it was read is: it may have changed once more in the same tick.
    """

    def __init__(self) -> None:
        self._previous: dict[str, tuple[_StatKey, File]] = {}
        self._current: dict[str, tuple[_StatKey, File]] = {}
        self._scan_started_at = 0

    def start_scan(self) -> None:
        """All is to be read again; what is not there any more is forgotten."""
        self._previous, self._current, self._scan_started_at = self._current, {}, time.time_ns()

    def find_unchanged(self, entry: os.DirEntry[str]) -> File | None:
        """A file as it was, if it is certain that it still is so."""
        known = self._previous.get(entry.path)
        if known is None:
            return None
        try:
            now = entry.stat(follow_symlinks=False)
        except OSError:
            return None
        # As `_sign`, without the call: once for every file, while somebody waits for the preview.
        if known[0] != (now.st_mtime_ns, now.st_ctime_ns, now.st_size, now.st_ino, now.st_dev):
            return None
        self._current[entry.path] = known
        return known[1]

    def remember(self, file: File, stat_result: os.stat_result) -> None:
        """A file that was read, and what was known of it before it was."""
        if (
            max(stat_result.st_mtime_ns, stat_result.st_ctime_ns)
            < self._scan_started_at - RACY_WINDOW_NS
        ):
            self._current[file.location] = _stat_key(stat_result), file


def _stat_key(stat_result: os.stat_result) -> _StatKey:
    return (
        stat_result.st_mtime_ns,
        stat_result.st_ctime_ns,
        stat_result.st_size,
        stat_result.st_ino,
        stat_result.st_dev,
    )
