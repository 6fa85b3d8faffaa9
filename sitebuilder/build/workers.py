"""Pages rendered here, by several processes, or on a cluster: the same bytes either way.

`Workers` is how: a number of processes, 0 for as many as help; or any executor, such as the one
that Dask's `Client.get_executor()` gives. Places go out and pages come back as msgpack, a chunk at
a time, and never more chunks than the workers need: so memory does not grow with the site.
"""

from __future__ import annotations

import gc
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Generator, Sequence
from contextlib import closing
from functools import cache, lru_cache
from threading import Thread
from types import FrameType
from typing import TYPE_CHECKING, Any, Final

import msgspec

from sitebuilder.core.digest import digest
from sitebuilder.core.model import Place, Rendered
from sitebuilder.core.problems import problem
from sitebuilder.core.signals import block_signals, reset_worker_signals
from sitebuilder.render.context import Shared
from sitebuilder.render.renderer import Renderer

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

    Workers = int | Executor

Timed = tuple[Rendered, float]
"""A finished page, and the seconds that it took."""


WORTH_IT: Final = 40
"""Fewest pages for which processes pay: on 2 cores 20 pages gain nothing, 60 a quarter."""


MANY: Final = 5_000
"""Pages from which on processes start with nothing but what they need. That takes a third of a
second each, and spares them a copy of all that the parent knows."""


MOST: Final = 8
"""Processes at most: each compiles the templates for itself."""


_CHUNK: Final = 16
"""Pages that a process takes at a time."""


_FAR_CHUNK: Final = 250
"""Pages that an executor's worker takes at a time: what all pages share goes with each."""


_AHEAD: Final = 64
"""Chunks that an executor may have before the first is done."""


_renderer: Renderer | None = None


def render_all(renderer: Renderer, places: Sequence[Place], workers: Workers) -> Generator[Timed]:
    """Every page, in the order of `places`. Close it, if it is not read to its end."""
    if not isinstance(workers, int):
        shared = msgspec.msgpack.encode(renderer.shared)
        yield from _in_order(workers, places, _FAR_CHUNK, _AHEAD, shared)
        return
    wanted = workers or (min(os.cpu_count() or 1, MOST) if len(places) >= WORTH_IT else 1)
    if min(wanted, len(places)) <= 1:
        for place in places:
            yield render(renderer, place)
        return
    # 20 ms that few builds need
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415
    from concurrent.futures.process import BrokenProcessPool  # noqa: PLC0415
    from multiprocessing import get_context  # noqa: PLC0415

    done = 0
    # A fork shares this process's memory only until either of them touches it.
    context = get_context("spawn") if len(places) >= MANY else None
    known = (renderer.shared, not renderer.problems)
    pool = ProcessPoolExecutor(wanted, context, initializer=_start, initargs=known)
    try:
        with closing(_in_order(pool, places, _CHUNK, 4 * wanted)) as pages:
            for page in pages:
                done += 1
                yield page
    except BrokenProcessPool:  # the system ended one, for want of memory perhaps: without them
        for place in places[done:]:
            yield render(renderer, place)
    finally:
        pool.shutdown(cancel_futures=True)


def _in_order(
    executor: Executor, places: Sequence[Place], size: int, ahead: int, shared: bytes = b""
) -> Generator[Timed]:
    waiting: deque[Future[bytes]] = deque()
    for at in range(0, len(places), size):
        chunk = msgspec.msgpack.encode(places[at : at + size])
        with block_signals():  # a pool may start its processes now
            waiting.append(executor.submit(_render, chunk, shared))
        if len(waiting) == ahead:
            yield from _decoder(Timed).decode(waiting.popleft().result())
    while waiting:
        yield from _decoder(Timed).decode(waiting.popleft().result())


def _start(shared: Shared, sound: bool) -> None:  # noqa: FBT001 - a pool gives no names
    global _renderer  # noqa: PLW0603 - a process of the pool keeps its renderer
    reset_worker_signals()
    gc.freeze()  # to look through what the parent knows would copy its memory
    Thread(target=_end_with_parent, daemon=True).start()
    _renderer = Renderer(shared, sound=sound)


def _end_with_parent() -> None:
    """End when the parent is killed: else a process of the pool would wait for work for ever."""
    from multiprocessing import parent_process  # noqa: PLC0415 - loaded already, in a pool

    parent = parent_process()
    if parent:
        parent.join()
        os._exit(1)


def _render(chunk: bytes, shared: bytes) -> bytes:
    """Some places, rendered. Without `shared`: by what the process was started with."""
    renderer = _renderer_of(shared) if shared else _renderer
    assert renderer
    places = _decoder(Place).decode(chunk)
    return msgspec.msgpack.encode([render(renderer, place) for place in places])


@lru_cache(maxsize=1)
def _renderer_of(shared: bytes) -> Renderer:
    return Renderer(msgspec.msgpack.decode(shared, type=Shared))


@lru_cache(maxsize=2)
def _decoder(kind: Any) -> Any:
    return msgspec.msgpack.Decoder(list[kind])


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
