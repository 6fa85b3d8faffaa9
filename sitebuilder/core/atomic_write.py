"""A text in, a file on disk out: the old file or the new one, never half of one."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def atomic_write(path: Path, text: str) -> None:
    """Write a file in one step, mode 0644. OSError, with the path: the old file is as it was."""
    waiting = None
    try:
        handle, name = tempfile.mkstemp(prefix=".", suffix=".new", dir=path.parent)
        waiting = Path(name)
        with os.fdopen(handle, "wb") as stream:
            stream.write(text.encode())
        waiting.chmod(0o644)
        waiting.replace(path)
    except BaseException as error:
        if waiting:
            waiting.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise OSError(error.errno, error.strerror, str(path)) from error
        raise
