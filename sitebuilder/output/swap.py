"""Swap two folders, atomically if the system can, else with a pair of renames.

Linux: renameat2(2) with RENAME_EXCHANGE. macOS: renamex_np(2) with RENAME_SWAP. Other systems, and
file systems without support, need renames; if a crash interrupts these, `recover` completes or
undoes them at the next start.
"""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

_AT_FDCWD: Final = -100
_RENAME_EXCHANGE: Final = 2
_RENAME_SWAP: Final = 2

_UNSUPPORTED_ERRNOS: Final = frozenset({errno.EINVAL, errno.ENOSYS, errno.ENOTSUP})
"""Errors of kernels and file systems that cannot exchange."""


def exchange_dirs(first: Path, second: Path) -> bool:
    """Exchange two folders of one file system atomically.

    Returns:
        True if they were exchanged; False if the system does not support it.

    Raises:
        OSError: The system supports it and the call failed. Both folders are where they were.
    """
    import ctypes  # noqa: PLC0415 - slow to load, seldom needed

    libc = ctypes.CDLL(None, use_errno=True)
    names = os.fsencode(first), os.fsencode(second)
    if sys.platform == "linux" and hasattr(libc, "renameat2"):
        failed = libc.renameat2(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE)
    elif sys.platform == "darwin" and hasattr(libc, "renamex_np"):
        failed = libc.renamex_np(names[0], names[1], _RENAME_SWAP)
    else:
        return False
    error = ctypes.get_errno()
    if failed and error not in _UNSUPPORTED_ERRNOS:
        raise OSError(error, os.strerror(error), str(second))
    return not failed


def swap_dirs(new: Path, live: Path) -> None:
    """Put `new` where `live` is, and `live` where `new` was.

    Raises:
        OSError: The swap failed, and `live` is where it was.
    """
    if exchange_dirs(new, live):
        return
    backup = backup_path(live)
    try:
        os.rename(live, backup)  # no site is live until the next line: `recover` repairs a crash
        os.rename(new, live)  # there, and the `except` below an error or Ctrl-C
    except BaseException:
        if not live.exists():
            os.rename(backup, live)
        raise
    with suppress(OSError):  # the new site is live; the next `recover` moves the old one
        os.rename(backup, new)


def recover(live: Path, new: Path) -> None:
    """Complete or undo a `swap_dirs` that a crash interrupted between its renames."""
    backup = backup_path(live)
    if not backup.exists():
        return
    if live.exists():
        os.rename(backup, new)
    else:
        os.rename(backup, live)


def backup_path(live: Path) -> Path:
    """Return where the live folder is kept while `swap_dirs` works with renames."""
    return live.with_name(f".{live.name}.aside")
