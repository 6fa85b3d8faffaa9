"""Cache of files by their stat data, so that the preview rereads only files that changed."""

from __future__ import annotations

import os
import time
from typing import Final

from sitebuilder.core.model import File

RACY_WINDOW_NS: Final = 2_100_000_000
"""Nanoseconds in which a file may change without a new timestamp: the coarsest file systems count
in steps of two seconds."""

StatKey = tuple[int, int, int, int, int]


class StatCache:
    """The files of the previous scan, for repeated scans of the same folders.

    A file is reused if its device, inode, size and timestamps are unchanged. Files that were
    modified shortly before the scan, or since, are not cached, as they could change again within
    the resolution of their timestamps (as Git treats "racily clean" entries of its index).
    """

    def __init__(self) -> None:
        self._previous: dict[str, tuple[StatKey, File]] = {}
        self._current: dict[str, tuple[StatKey, File]] = {}
        self._scan_started_at = 0

    def start_scan(self) -> None:
        """Begin a new scan; files that the last one did not see are forgotten."""
        self._previous, self._current, self._scan_started_at = self._current, {}, time.time_ns()

    def find_unchanged(self, entry: os.DirEntry[str]) -> File | None:
        """Return the file as it was read before, or None if it may have changed."""
        cached = self._previous.get(entry.path)
        if cached is None:
            return None
        try:
            now = entry.stat(follow_symlinks=False)
        except OSError:
            return None
        # `stat_key` inlined: this runs for every file while somebody waits for the preview.
        if cached[0] != (now.st_mtime_ns, now.st_ctime_ns, now.st_size, now.st_ino, now.st_dev):
            return None
        self._current[entry.path] = cached
        return cached[1]

    def remember(self, file: File, stat_result: os.stat_result) -> None:
        """Cache a file with its stat data from before it was read, unless it is too new."""
        if (
            max(stat_result.st_mtime_ns, stat_result.st_ctime_ns)
            < self._scan_started_at - RACY_WINDOW_NS
        ):
            self._current[file.location] = stat_key(stat_result), file


def stat_key(stat_result: os.stat_result) -> StatKey:
    """Return what changes when a file does: its timestamps, size, inode and device."""
    return (
        stat_result.st_mtime_ns,
        stat_result.st_ctime_ns,
        stat_result.st_size,
        stat_result.st_ino,
        stat_result.st_dev,
    )
