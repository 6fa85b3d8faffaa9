"""What the process is to the world: signals in, a clean stop out; words out, whatever reads them.

A stop is an exception like Ctrl-C, so that what is half done is put in order on the way out. A
second one ends the process at once, which a build survives as it survives any other end.
"""

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
    """Make sure that words can be printed: no sign of any script is an error, no stream is shut."""
    for handle in range(3):  # else the next file that is opened would be taken for a shut one
        try:
            os.fstat(handle)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def flush_stdout() -> None:
    """Send out what was printed. OSError: nobody reads it, or the disk that takes it is full."""
    if sys.stdout is None:
        return
    try:
        sys.stdout.flush()
    except OSError as error:
        raise OSError(error.errno, error.strerror, "what is printed") from error


def discard_stdout() -> None:
    """Drop what could not be printed, so that Python does not try again at the end."""
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def use_utf8_stdout() -> None:
    """What is printed from now on is for programs, which read UTF-8 whatever the terminal does."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")


def escape_surrogates(text: str) -> str:
    """The text with bytes of a file name that are no letters written out."""
    return text.encode("utf-8", "backslashreplace").decode()


# -- what went wrong ------------------------------------------------------------------------------

INTERNAL_ERROR_NOTE: Final = (
    "This is a fault of the generator, not of your pages. Please report it, with the lines above."
)


def describe_error(error: Exception) -> str:
    """What the world refused us, in words; the notes say which page was in work."""
    if isinstance(error, OSError):
        of = f": {error.filename}" if error.filename else ""
        said = f"{error.strerror or error}{of}"
    elif isinstance(error, MemoryError):
        said = "there is not enough memory"
    else:
        said = "something is nested too deep"
    notes: list[str] = getattr(error, "__notes__", [])
    return "; ".join([said, *notes])


_MAX_MEMORY_SHARE: Final = 0.75


def limit_memory() -> None:
    """Take at most three quarters of the machine's memory, here and in each process started."""
    try:
        whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        soft, hard = resource.getrlimit(resource.RLIMIT_AS)
        most = min([int(whole * _MAX_MEMORY_SHARE), *(n for n in (soft, hard) if n > 0)])
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))
    except (ValueError, OSError):
        return  # a system without such a limit; the bound before Markdown holds there too


def tune_gc() -> None:
    """Look for cycles less often, and not at all at the end: what a build makes stays until then.

    Nearly every look was in vain, and all of them a tenth of a small build.
    """
    gc.set_threshold(50_000, 20, 20)
    atexit.register(gc.freeze)
