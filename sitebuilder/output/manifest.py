"""The manifest of an output folder: it proves that the folder is ours, and lists its files.

Anybody may have put a file under the name of the manifest. So reading it follows no link, does
not block on a pipe, and trusts only data of the expected form.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import Final

import msgspec

from sitebuilder.core.regular_file import nofollow_opener

MANIFEST_NAME: Final = ".sitebuilder.json"
INCOMPLETE_MARKER: Final = MANIFEST_NAME + ".new"
"""File in a staging folder from its creation until it is complete."""

_VERSION: Final = 1

_MAX_SIZE: Final = 64 * 2**20
"""Bytes. The manifest of a site of 100,000 files has a tenth of that."""

_NO_FILE_ERRNOS: Final = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENXIO})
"""No such file, a parent that is not a folder, a symbolic link, or a socket."""


class Manifest(msgspec.Struct, frozen=True):
    """What a build wrote into a folder.

    It holds no times and no absolute paths, so that equal sites are equal file trees.

    Attributes:
        sitebuilder: Version of the format.
        files: Digest of each file, by path.
    """

    sitebuilder: int
    files: dict[str, str]


def read_manifest(folder: Path) -> Manifest | None:
    """Read the manifest of a folder. Returns None if there is none, or not one of ours.

    Raises:
        OSError: The manifest exists and cannot be read.
    """
    try:
        with open(folder / MANIFEST_NAME, "rb", opener=nofollow_opener) as stream:
            status = os.fstat(stream.fileno())
            if not stat.S_ISREG(status.st_mode) or status.st_size > _MAX_SIZE:
                return None
            manifest = msgspec.json.decode(stream.read(), type=Manifest)
    except OSError as error:
        if isinstance(error, IsADirectoryError) or error.errno in _NO_FILE_ERRNOS:
            return None
        raise
    except (ValueError, RecursionError):
        return None
    return manifest if manifest.sitebuilder == _VERSION else None


def is_incomplete(staging: Path) -> bool:
    """Whether a build that was killed left this staging folder."""
    try:
        return stat.S_ISREG((staging / INCOMPLETE_MARKER).lstat().st_mode)
    except OSError:
        return False


def dump_manifest(files: dict[str, str]) -> bytes:
    """Encode the manifest of files, given their digests by path. Equal files give equal bytes."""
    return msgspec.json.encode(Manifest(_VERSION, dict(sorted(files.items()))))
