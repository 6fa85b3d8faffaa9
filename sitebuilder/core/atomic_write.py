"""Atomic file writes: readers see the old file or the new one, never half of one.

Everything that is written besides the public folder is written here: review records, calendars,
build records, cached compressed files. `output.staging` publishes whole folders in another way.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO


def atomic_write(path: Path, content: str | bytes) -> None:
    """Replace a file in one step, with mode 0644.

    Raises:
        OSError: The file could not be written; its old content is untouched. The error names
            `path`, not the temporary file.
    """
    with atomic_writer(path) as stream:
        stream.write(content.encode() if isinstance(content, str) else content)


def atomic_write_all(files: Mapping[Path, str]) -> None:
    """Replace files that belong together, in order, each in one step, with mode 0644.

    All new contents are on the disk before the first file is replaced, so that a failure after
    that is unlikely.

    Raises:
        OSError: A file could not be written or replaced; files that were replaced before it keep
            their new content.
    """
    with ExitStack() as stack:
        for path, text in reversed(list(files.items())):  # the stack unwinds in the other order
            stream = stack.enter_context(atomic_writer(path))
            stream.write(text.encode())
            stream.flush()
            os.fsync(stream.fileno())


@contextmanager
def atomic_writer(path: Path) -> Iterator[BinaryIO]:
    """Open a stream whose bytes replace a file when the block ends without an error.

    Raises:
        OSError: As in `atomic_write`; one that the block raises names `path`, too.
    """
    import tempfile  # noqa: PLC0415 - 4 ms that an unchanged build, which writes nothing, can do without

    temporary = None
    try:
        handle, name = tempfile.mkstemp(prefix=".", suffix=".new", dir=path.parent)
        temporary = Path(name)
        with os.fdopen(handle, "wb") as stream:
            yield stream
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException as error:
        if temporary:
            temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise OSError(error.errno, error.strerror, str(path)) from error
        raise
