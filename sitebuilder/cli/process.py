"""Standard streams, error messages, memory limit and garbage collection of the process."""

from __future__ import annotations

import atexit
import gc
import os
import resource
import sys
from contextlib import suppress
from io import TextIOWrapper
from typing import Final


def harden_stdio() -> None:
    """Make printing safe if a stream is closed or its encoding lacks a character."""
    for descriptor in range(3):  # else the next file opened would get the number of a closed one
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def flush_stdout() -> None:
    """Write out what was printed.

    Raises:
        OSError: The reader is gone (`BrokenPipeError`), or the disk is full.
    """
    if sys.stdout is None:
        return
    try:
        sys.stdout.flush()
    except OSError as error:
        raise OSError(error.errno, error.strerror, "what is printed") from error


def discard_stdout() -> None:
    """Drop what could not be printed, so that Python does not try again at exit."""
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def use_utf8_stdout() -> None:
    """Print UTF-8 from now on: programs expect it, whatever the encoding of the terminal."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")


def escape_surrogates(text: str) -> str:
    """Return the text with the undecodable bytes of file names (lone surrogates) as escapes."""
    return text.encode("utf-8", "backslashreplace").decode()


INTERNAL_ERROR_NOTE: Final = (
    "This is a fault of the generator, not of your pages. Please report it, with the lines above."
)


def describe_error(error: Exception) -> str:
    """Describe an OS error, or a lack of memory or stack, in one line.

    Args:
        error: An OSError, MemoryError or RecursionError. Its notes name the page that was being
            processed.
    """
    if isinstance(error, OSError):
        suffix = f": {error.filename}" if error.filename else ""
        message = f"{error.strerror or error}{suffix}"
    elif isinstance(error, MemoryError):
        message = "there is not enough memory"
    else:
        message = "something is nested too deep"
    notes: list[str] = getattr(error, "__notes__", [])
    return "; ".join([message, *notes])


_MAX_MEMORY_SHARE: Final = 0.75


def limit_memory() -> None:
    """Limit this process, and each that it starts, to three quarters of the machine's memory."""
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        soft, hard = resource.getrlimit(resource.RLIMIT_AS)
        limit = min([int(total * _MAX_MEMORY_SHARE), *(n for n in (soft, hard) if n > 0)])
        resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
    except (ValueError, OSError):
        return  # no such limit on this system; markdown.complexity bounds a page there too


def tune_gc() -> None:
    """Collect garbage less often, and not at all at exit: what a build creates lives until then.

    With the defaults nearly every collection found nothing, and all of them together took a tenth
    of the time of a small build.
    """
    gc.set_threshold(50_000, 20, 20)
    atexit.register(gc.freeze)
