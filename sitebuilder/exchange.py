"""Two folders change places in one step, if the system can; else by a pair of renames.

Linux: renameat2(2) with RENAME_EXCHANGE. macOS: renamex_np(2) with RENAME_SWAP. Elsewhere, and on
file systems that cannot, `repair` finishes on the next start what a crash cut short.
"""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path
from typing import Final

_AT_FDCWD: Final = -100
_RENAME_EXCHANGE: Final = 2
_RENAME_SWAP: Final = 2


def exchange(one: Path, other: Path) -> bool:
    """Let two folders of one file system change places. False: this system cannot in one step."""
    libc = ctypes.CDLL(None, use_errno=True)
    names = os.fsencode(one), os.fsencode(other)
    if sys.platform == "linux" and hasattr(libc, "renameat2"):
        done = libc.renameat2(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE)
    elif sys.platform == "darwin" and hasattr(libc, "renamex_np"):
        done = libc.renamex_np(names[0], names[1], _RENAME_SWAP)
    else:
        return False
    return bool(done == 0)


def swap(new: Path, live: Path) -> None:
    """Put `new` where `live` is, and `live` where `new` was. OSError: neither way worked."""
    if exchange(new, live):
        return
    aside = aside_of(live)
    os.rename(live, aside)  # from here to the next line there is no site: `repair` mends a crash
    os.rename(new, live)
    os.rename(aside, new)


def repair(live: Path, new: Path) -> None:
    """Finish or undo a `swap` by renames that a crash cut short."""
    aside = aside_of(live)
    if not aside.exists():
        return
    if live.exists():
        os.rename(aside, new)
    else:
        os.rename(aside, live)


def aside_of(live: Path) -> Path:
    """Where the live folder stands for a moment when it must be moved by renames."""
    return live.with_name(f".{live.name}.aside")
