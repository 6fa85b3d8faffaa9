"""Where the bytes of finished pages are between rendering and publishing.

New pages go to a spool, in memory while they are few and in a file when they are many; those that
did not change still lie where the last build published them.
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Final, Protocol

import msgspec

from sitebuilder.cache import Record
from sitebuilder.read import digest as digest_of

IN_MEMORY: Final = 64 * 2**20
"""Bytes of finished pages that are held in memory; 6,000 pages or so."""


class Lost(Exception):  # noqa: N818 - it is an answer, not a fault
    """The bytes of a page that should be on the shelf are not: make all anew."""


class Shelf(Protocol):
    """Finished pages of an earlier build."""

    @property
    def files(self) -> Mapping[str, str]:
        """The digest of each file by its path."""

    def read(self, path: str, digest: str) -> bytes:
        """The bytes of a file. Lost: it is not there with this digest."""


class Before(msgspec.Struct, frozen=True):
    """An earlier build: what is on record of it, and where its pages are."""

    record: Record
    shelf: Shelf


class Published(msgspec.Struct, frozen=True):
    """The shelf that a published folder is. `files` is what its marker says."""

    folder: Path
    files: Mapping[str, str]

    def read(self, path: str, digest: str) -> bytes:
        """See `Shelf`."""
        try:
            data = (self.folder / path).read_bytes()
        except OSError as error:
            raise Lost(path) from error
        if digest_of(data) != digest:
            raise Lost(path)
        return data


class Held(msgspec.Struct, frozen=True):
    """The shelf that a preview keeps, with the way to the bytes of each file by its path."""

    files: Mapping[str, str]
    loads: Mapping[str, Callable[[], bytes]]

    def read(self, path: str, digest: str) -> bytes:
        """See `Shelf`."""
        if self.files.get(path) != digest:
            raise Lost(path)
        return self.loads[path]()


class Spool:
    """Takes in bytes and gives a way to get them back, in any thread."""

    def __init__(self) -> None:
        self._end = 0
        self._file = -1

    def add(self, data: bytes) -> Callable[[], bytes]:
        """Keep some bytes; the function gives them back. OSError: there is no room for them."""
        start, self._end = self._end, self._end + len(data)
        if self._end <= IN_MEMORY:
            return partial(bytes, data)
        if self._file < 0:
            import tempfile  # noqa: PLC0415 - slow to load, seldom needed

            self._file, name = tempfile.mkstemp(prefix="pages-")
            os.unlink(name)  # noqa: PTH108 - it goes with us, however we end
            weakref.finalize(self, os.close, self._file)
        os.pwrite(self._file, data, start)
        return partial(self._read, start, len(data))

    def _read(self, start: int, length: int) -> bytes:
        return os.pread(self._file, length, start)
