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

MANIFEST_NAME: Final = ".sitebuilder.json"
INCOMPLETE_MARKER: Final = MANIFEST_NAME + ".new"
"""In a staging folder from its first moment, until it is whole."""

_VERSION: Final = 1

_MAX_SIZE: Final = 64 * 2**20
"""Bytes. A site of 100,000 files has a tenth of that."""

_NO_FILE_ERRNOS: Final = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENXIO})
"""Nothing there, or a link, or a door to another program."""


class Manifest(msgspec.Struct, frozen=True):
    """What a build wrote into a folder: the digest of each file by its path.

    It holds no times and no places, so that equal sites are equal trees.
    """

    sitebuilder: int
    files: dict[str, str]


def read_manifest(folder: Path) -> Manifest | None:
    """What the marker of a folder says; None: there is none, or not one of ours.

    OSError: there is one that cannot be read.
    """
    try:
        with open(folder / MANIFEST_NAME, "rb", opener=nofollow_opener) as stream:
            now = os.fstat(stream.fileno())
            if not stat.S_ISREG(now.st_mode) or now.st_size > _MAX_SIZE:
                return None
            found = msgspec.json.decode(stream.read(), type=Manifest)
    except OSError as error:
        if isinstance(error, IsADirectoryError) or error.errno in _NO_FILE_ERRNOS:
            return None
        raise
    except (ValueError, RecursionError):
        return None
    return found if found.sitebuilder == _VERSION else None


def nofollow_opener(path: str, flags: int) -> int:
    """Open without following a link, or waiting for a pipe's other end."""
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)


def is_incomplete(staging: Path) -> bool:
    """Whether a killed build left this staging folder."""
    try:
        return stat.S_ISREG((staging / INCOMPLETE_MARKER).lstat().st_mode)
    except OSError:
        return False


def dump_manifest(files: dict[str, str]) -> bytes:
    """The marker's bytes, for the digests of files by path."""
    return msgspec.json.encode(Manifest(_VERSION, dict(sorted(files.items()))))
