"""Signals that ask the process to stop, as exceptions."""

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
    """Somebody wants us to end. `code`: the exit code that says which signal it was."""

    def __init__(self, signum: int) -> None:
        super().__init__()
        self.exit_code = 128 + signum


@contextmanager
def handle_signals() -> Iterator[None]:
    """Turn signals that ask for an end into `Stopped`; those that we are to ignore stay ignored."""
    before = {number: signal.getsignal(number) for number in STOP_SIGNALS}
    try:
        for number, handler in before.items():
            if handler is not signal.SIG_IGN:
                signal.signal(number, _raise_interrupted)
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _raise_interrupted(signum: int, _frame: FrameType | None) -> None:
    signal.signal(signum, signal.SIG_DFL)
    raise Interrupted(signum)


@contextmanager
def block_signals() -> Iterator[None]:
    """Hold signals back for a moment. Processes made in it hold them back until they are ready."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def reset_worker_signals() -> None:
    """In a process of a pool: leave Ctrl-C to the parent, which tells us; end on other signals."""
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN if number == signal.SIGINT else signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
