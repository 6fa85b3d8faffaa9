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

_CLOSED_AFTER_WRITING: Final = 0x8
_ATTRIBUTES: Final = 0x4
_MOVED: Final = 0x40 | 0x80
_MADE: Final = 0x100
_GONE: Final = 0x200
_FOLDER: Final = 0x40000000
_ONLY_FOLDERS: Final = 0x01000000
_CLOSED_ON_EXEC_AND_NEVER_WAITING: Final = os.O_CLOEXEC | os.O_NONBLOCK

_ASKED: Final = _CLOSED_AFTER_WRITING | _ATTRIBUTES | _MOVED | _MADE | _GONE | _ONLY_FOLDERS
"""Not every write: a file is looked at when whoever writes it has closed it, and is whole."""

_HEAD: Final = struct.Struct("iIII")
_MOST: Final = 64 * 1024


class Watch:
    """Hears of changes below some folders, and in others.

    `trees` gives the folders that are watched with all below them, each time anew, for a site may
    get another; `flat` are watched by themselves.
    """

    def __init__(self, trees: Callable[[], Iterable[Path]], flat: Iterable[Path]) -> None:
        """OSError: this system cannot."""
        self.trees, self.flat = trees, tuple(flat)
        self._folders: dict[int, str] = {}
        self._libc = _libc()
        self.handle: int = self._libc.inotify_init1(_CLOSED_ON_EXEC_AND_NEVER_WAITING)
        if self.handle < 0:
            raise _error()
        try:
            self._cover()
        except OSError:
            os.close(self.handle)
            raise

    def changes(self) -> dict[str, bool]:
        """The places of files that have changed since it was last asked, and if they are new.

        "" stands for changes of folders. A file that goes and comes again is not new: so do some
        editors save. It never waits. OSError: no more watches are to be had.
        """
        names: dict[str, bool] = {}
        while True:
            try:
                data = os.read(self.handle, _MOST)
            except BlockingIOError:
                break
            for folder, name, new in _events(data):
                names.setdefault(f"{self._folders.get(folder, '')}/{name}" if name else "", new)
        if "" in names:
            self._cover()
        return names

    def _cover(self) -> None:
        for folder in self.flat:
            self._add(folder)
        waiting = list(self.trees())
        while waiting:
            here = waiting.pop()
            if self._add(here):  # first, so that nothing comes unseen after the look at its folders
                waiting += _folders_in(here)

    def _add(self, folder: Path) -> bool:
        number = self._libc.inotify_add_watch(self.handle, os.fsencode(folder), _ASKED)
        if number >= 0:
            self._folders[number] = str(folder)
            return True
        error = _error()
        if isinstance(error, FileNotFoundError | NotADirectoryError | PermissionError):
            return False
        raise error


def _libc() -> Any:
    if sys.platform != "linux":
        raise OSError("no inotify here")
    import ctypes  # noqa: PLC0415 - slow to load, and the preview alone needs it

    return ctypes.CDLL(None, use_errno=True)


def _error() -> OSError:
    import ctypes  # noqa: PLC0415 - as above

    number = ctypes.get_errno()
    return OSError(number, os.strerror(number))


def _events(data: bytes) -> Iterator[tuple[int, str, bool]]:
    """The folder's number, the name, and if it was made, of each file that was touched."""
    at = 0
    while at < len(data):
        folder, mask, _, length = _HEAD.unpack_from(data, at)
        at += _HEAD.size + length
        name = data[at - length : at].rstrip(b"\0")
        of_file = name and not mask & _FOLDER
        yield folder, os.fsdecode(name) if of_file else "", bool(mask & _MADE)


def _folders_in(folder: Path) -> list[Path]:
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
