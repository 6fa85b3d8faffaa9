"""Turn stop signals into exceptions, so that cleanup runs before the process exits.

A second signal of the same kind ends the process at once. As after any crash, no published file is
half-written.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

STOP_SIGNALS: Final = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)


class Interrupted(KeyboardInterrupt):
    """Raised in the main thread when a stop signal arrives.

    Attributes:
        exit_code: 128 plus the number of the signal, as shells report it.
    """

    def __init__(self, signum: int) -> None:
        super().__init__()
        self.exit_code = 128 + signum


@contextmanager
def handle_signals() -> Iterator[None]:
    """Raise `Interrupted` for stop signals inside the context.

    Signals that are ignored on entry, as under `nohup`, stay ignored.
    """
    previous = {number: signal.getsignal(number) for number in STOP_SIGNALS}
    try:
        for number, handler in previous.items():
            if handler is not signal.SIG_IGN:
                signal.signal(number, _raise_interrupted)
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _raise_interrupted(signum: int, _frame: FrameType | None) -> None:
    signal.signal(signum, signal.SIG_DFL)  # a second one ends the process at once
    raise Interrupted(signum)


@contextmanager
def block_signals() -> Iterator[None]:
    """Hold stop signals back inside the context.

    Child processes started inside inherit the mask, so that no signal reaches them before they
    call `reset_worker_signals`.
    """
    previous = signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, previous)


def reset_worker_signals() -> None:
    """Set up the signals of a worker process.

    SIGINT is ignored: Ctrl-C reaches the whole process group, and the parent stops its workers.
    Other stop signals end the worker.
    """
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN if number == signal.SIGINT else signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
