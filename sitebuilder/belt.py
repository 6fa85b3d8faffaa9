"""The last resort: what one page, and the whole process, may take at most.

Cost is bounded before Markdown starts (`markup/limits.py`); that is the promise. This is the belt
for what nobody thought of: a page that still takes too long, or too much memory, is a problem
like any other. It names the page, and the old site stays.
"""

from __future__ import annotations

import signal
import threading
import time
from functools import cache
from types import FrameType
from typing import Final

from sitebuilder.model import Place, Rendered
from sitebuilder.problems import problem
from sitebuilder.read import digest
from sitebuilder.render.page import Renderer

SECONDS: Final = 60
"""Of a processor's own time, for one page: a machine that is busy elsewhere does not count."""


class _TooLongError(BaseException):  # past every `except Exception` on its way up
    """A page has used up its time."""


def render(renderer: Renderer, place: Place, seconds: float = SECONDS) -> tuple[Rendered, float]:
    """The finished page, and the seconds that it took.

    Without its bytes, and with a problem, if it takes more than it may.
    """
    began = time.perf_counter()
    return _held(renderer, place, seconds), time.perf_counter() - began


def _held(renderer: Renderer, place: Place, seconds: float) -> Rendered:
    mine = threading.current_thread() is threading.main_thread()  # others get no signals
    if mine:
        _listen()
        signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        return renderer.render(place)
    except _TooLongError:
        return _without(place, f"this page was not done after {seconds:g} seconds of work")
    except MemoryError:
        return _without(place, "this page needs more memory than there is")
    finally:
        if mine:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)


@cache
def _listen() -> None:
    """Be told of the end of a page's time. Once in a process: asking anew takes 6 microseconds."""
    signal.signal(signal.SIGVTALRM, _stop)


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise _TooLongError


def _without(place: Place, message: str) -> Rendered:
    page = place.page
    hint = "Make two pages of it, and write what is special about it in a simpler way."
    told = problem("too-complex", page.path, message, hint=hint, line=page.body_line)
    return Rendered(page.path, page.address, b"", digest(b""), frozenset(), (), (told,), "none", "")
