"""Folders in, word of every change in them out: inotify(7), for Linux. The only door to it.

Elsewhere, and where the system has no more watches to give, there is no `Watch`: look at the files.
"""

from __future__ import annotations

import os
import struct
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

_IN_CLOSE_WRITE: Final = 0x8
_IN_ATTRIB: Final = 0x4
_IN_MOVE: Final = 0x40 | 0x80
_IN_CREATE: Final = 0x100
_IN_DELETE: Final = 0x200
_IN_ISDIR: Final = 0x40000000
_IN_ONLYDIR: Final = 0x01000000
_INIT_FLAGS: Final = os.O_CLOEXEC | os.O_NONBLOCK

_WATCH_MASK: Final = _IN_CLOSE_WRITE | _IN_ATTRIB | _IN_MOVE | _IN_CREATE | _IN_DELETE | _IN_ONLYDIR
"""Not every write: a file is looked at when whoever writes it has closed it, and is whole."""

_EVENT_HEADER: Final = struct.Struct("iIII")
_BUFFER_SIZE: Final = 64 * 1024


class InotifyWatcher:
    """Hears of changes below some folders, and in others.

    `trees` gives the folders that are watched with all below them, each time anew, for a site may
    get another; `flat` are watched by themselves.
    """

    def __init__(self, trees: Callable[[], Iterable[Path]], flat: Iterable[Path]) -> None:
        """OSError: this system cannot."""
        self.trees, self.flat = trees, tuple(flat)
        self._watched_dirs: dict[int, str] = {}
        self._libc = _load_libc()
        self.fd: int = self._libc.inotify_init1(_INIT_FLAGS)
        if self.fd < 0:
            raise _last_error()
        try:
            self._add_watches()
        except OSError:
            os.close(self.fd)
            raise

    def read_changes(self) -> dict[str, bool]:
        """The places of files that have changed since it was last asked, and if they are new.

        "" stands for changes of folders. A file that goes and comes again is not new: so do some
        editors save. It never waits. OSError: no more watches are to be had.
        """
        names: dict[str, bool] = {}
        while True:
            try:
                data = os.read(self.fd, _BUFFER_SIZE)
            except BlockingIOError:
                break
            for folder, name, new in _parse_events(data):
                names.setdefault(
                    f"{self._watched_dirs.get(folder, '')}/{name}" if name else "", new
                )
        if "" in names:
            self._add_watches()
        return names

    def _add_watches(self) -> None:
        for folder in self.flat:
            self._add_watch(folder)
        waiting = list(self.trees())
        while waiting:
            here = waiting.pop()
            if self._add_watch(
                here
            ):  # first, so that nothing comes unseen after the look at its folders
                waiting += _subdirs(here)

    def _add_watch(self, folder: Path) -> bool:
        number = self._libc.inotify_add_watch(self.fd, os.fsencode(folder), _WATCH_MASK)
        if number >= 0:
            self._watched_dirs[number] = str(folder)
            return True
        error = _last_error()
        if isinstance(error, FileNotFoundError | NotADirectoryError | PermissionError):
            return False
        raise error


def _load_libc() -> Any:
    if sys.platform != "linux":
        raise OSError("no inotify here")
    import ctypes  # noqa: PLC0415 - slow to load, and the preview alone needs it

    return ctypes.CDLL(None, use_errno=True)


def _last_error() -> OSError:
    import ctypes  # noqa: PLC0415 - as above

    number = ctypes.get_errno()
    return OSError(number, os.strerror(number))


def _parse_events(data: bytes) -> Iterator[tuple[int, str, bool]]:
    """The folder's number, the name, and if it was made, of each file that was touched."""
    at = 0
    while at < len(data):
        folder, mask, _, length = _EVENT_HEADER.unpack_from(data, at)
        at += _EVENT_HEADER.size + length
        name = data[at - length : at].rstrip(b"\0")
        of_file = name and not mask & _IN_ISDIR
        yield folder, os.fsdecode(name) if of_file else "", bool(mask & _IN_CREATE)


def _subdirs(folder: Path) -> list[Path]:
    """Those that may hold sources."""
    try:
        with os.scandir(folder) as entries:
            return [
                Path(entry.path)
                for entry in entries
                if entry.is_dir(follow_symlinks=False)
                and (not entry.name.startswith(".") or entry.name == ".well-known")
            ]
    except OSError:
        return []
