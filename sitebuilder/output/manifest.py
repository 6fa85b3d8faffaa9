"""The file that proves that a folder is ours, and says what we wrote into it.

Whatever stands under its name was perhaps put there by somebody else: it is never followed, waited
for or believed beyond what its form says.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import Final

import msgspec

MARKER: Final = ".sitebuilder.json"
HALF: Final = MARKER + ".new"
"""In a staging folder from its first moment, until it is whole."""

_VERSION: Final = 1

_LARGEST: Final = 64 * 2**20
"""Bytes. A site of 100,000 files has a tenth of that."""

_NO_FILE: Final = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENXIO})
"""Nothing there, or a link, or a door to another program."""


class Manifest(msgspec.Struct, frozen=True):
    """What a build wrote into a folder: the digest of each file by its path.

    It holds no times and no places, so that equal sites are equal trees.
    """

    sitebuilder: int
    files: dict[str, str]


def manifest_of(folder: Path) -> Manifest | None:
    """What the marker of a folder says; None: there is none, or not one of ours.

    OSError: there is one that cannot be read.
    """
    try:
        with open(folder / MARKER, "rb", opener=as_it_is) as stream:
            now = os.fstat(stream.fileno())
            if not stat.S_ISREG(now.st_mode) or now.st_size > _LARGEST:
                return None
            found = msgspec.json.decode(stream.read(), type=Manifest)
    except OSError as error:
        if isinstance(error, IsADirectoryError) or error.errno in _NO_FILE:
            return None
        raise
    except (ValueError, RecursionError):
        return None
    return found if found.sitebuilder == _VERSION else None


def as_it_is(path: str, flags: int) -> int:
    """Open without following a link, or waiting for a pipe's other end."""
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)


def is_half_made(staging: Path) -> bool:
    """Whether a killed build left this staging folder."""
    try:
        return stat.S_ISREG((staging / HALF).lstat().st_mode)
    except OSError:
        return False


def text_of(files: dict[str, str]) -> bytes:
    """The marker's bytes, for the digests of files by path."""
    return msgspec.json.encode(Manifest(_VERSION, dict(sorted(files.items()))))
