"""Watch folders for changes with inotify(7), through ctypes.

On systems other than Linux, and where the limit on watches is reached, `InotifyWatcher` raises an
OSError; the caller then has to poll.
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
"""Without IN_MODIFY: a file is read once its writer has closed it, when it is complete."""

_EVENT_HEADER: Final = struct.Struct("iIII")
"""`struct inotify_event` without the name: wd, mask, cookie, len."""

_BUFFER_SIZE: Final = 64 * 1024


class InotifyWatcher:
    """Collects changes in folders.

    Attributes:
        fd: File descriptor for an event loop; readable when there are changes.
        trees: Returns the folders to watch with all folders below. Called again when folders
            change, since a site may get another source folder.
        flat: Folders to watch without those below.
    """

    def __init__(self, trees: Callable[[], Iterable[Path]], flat: Iterable[Path]) -> None:
        """Start to watch.

        Raises:
            OSError: The system has no inotify, or no more watches.
        """
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
        """Return the changes since the last call, without waiting.

        Returns:
            Whether each changed file is new, by location. A file that was deleted and created
            again, or moved into place, is not new: some editors save that way. The key "" means
            that folders changed.

        Raises:
            OSError: There are no more watches for new folders.
        """
        changes: dict[str, bool] = {}
        while True:
            try:
                data = os.read(self.fd, _BUFFER_SIZE)
            except BlockingIOError:
                break
            for watch, name, created in _parse_events(data):
                location = f"{self._watched_dirs.get(watch, '')}/{name}" if name else ""
                changes.setdefault(location, created)
        if "" in changes:
            self._add_watches()
        return changes

    def _add_watches(self) -> None:
        for folder in self.flat:
            self._add_watch(folder)
        pending = list(self.trees())
        while pending:
            folder = pending.pop()
            # The watch comes first: a folder created after the listing is then an event.
            if self._add_watch(folder):
                pending += _subdirs(folder)

    def _add_watch(self, folder: Path) -> bool:
        """Watch a folder; return False if it is gone or may not be read."""
        watch = self._libc.inotify_add_watch(self.fd, os.fsencode(folder), _WATCH_MASK)
        if watch >= 0:
            self._watched_dirs[watch] = str(folder)
            return True
        error = _last_error()
        if isinstance(error, FileNotFoundError | NotADirectoryError | PermissionError):
            return False
        raise error


def _load_libc() -> Any:
    if sys.platform != "linux":
        raise OSError("no inotify here")
    import ctypes  # noqa: PLC0415 - slow to load, and only the preview needs it

    return ctypes.CDLL(None, use_errno=True)


def _last_error() -> OSError:
    import ctypes  # noqa: PLC0415 - as above

    errno = ctypes.get_errno()
    return OSError(errno, os.strerror(errno))


def _parse_events(data: bytes) -> Iterator[tuple[int, str, bool]]:
    """Yield the watch, the file name and whether the file was created, for each event.

    The name is empty if the event is about a folder.
    """
    offset = 0
    while offset < len(data):
        watch, mask, _, length = _EVENT_HEADER.unpack_from(data, offset)
        offset += _EVENT_HEADER.size + length
        name = data[offset - length : offset].rstrip(b"\0")
        is_file = name and not mask & _IN_ISDIR
        yield watch, os.fsdecode(name) if is_file else "", bool(mask & _IN_CREATE)


def _subdirs(folder: Path) -> list[Path]:
    """Return the subfolders that may hold sources; none if the folder cannot be read."""
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
