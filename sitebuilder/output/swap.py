"""Two folders change places in one step, if the system can; else by a pair of renames.

Linux: renameat2(2) with RENAME_EXCHANGE. macOS: renamex_np(2) with RENAME_SWAP. Elsewhere, and on
file systems that cannot, `repair` finishes on the next start what a crash cut short.
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
"""What a kernel or a file system answers that does not know the exchange."""


def exchange_dirs(first: Path, second: Path) -> bool:
    """Let two folders of one file system change places. False: this system cannot in one step.

    OSError: it can, and did not; both are where they were.
    """
    import ctypes  # noqa: PLC0415 - slow to load, seldom needed

    libc = ctypes.CDLL(None, use_errno=True)
    names = os.fsencode(first), os.fsencode(second)
    if sys.platform == "linux" and hasattr(libc, "renameat2"):
        done = libc.renameat2(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE)
    elif sys.platform == "darwin" and hasattr(libc, "renamex_np"):
        done = libc.renamex_np(names[0], names[1], _RENAME_SWAP)
    else:
        return False
    why = ctypes.get_errno()
    if done and why not in _UNSUPPORTED_ERRNOS:
        raise OSError(why, os.strerror(why), str(second))
    return not done


def swap_dirs(new: Path, live: Path) -> None:
    """Put `new` where `live` is, and `live` where `new` was. OSError: `live` is as it was."""
    if exchange_dirs(new, live):
        return
    aside = backup_path(live)
    try:
        os.rename(live, aside)  # from here to the next line there is no site: a crash is mended by
        os.rename(new, live)  # `repair`, an error or Ctrl-C right here
    except BaseException:
        if not live.exists():
            os.rename(aside, live)
        raise
    with suppress(OSError):  # the new site is live; the old one waits for the next `repair`
        os.rename(aside, new)


def recover(live: Path, new: Path) -> None:
    """Finish or undo a `swap` by renames that a crash cut short."""
    aside = backup_path(live)
    if not aside.exists():
        return
    if live.exists():
        os.rename(aside, new)
    else:
        os.rename(aside, live)


def backup_path(live: Path) -> Path:
    """Where the live folder stands for a moment when it must be moved by renames."""
    return live.with_name(f".{live.name}.aside")
