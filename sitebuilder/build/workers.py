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

from sitebuilder.core.digest import content_digest
from sitebuilder.core.model import RenderedPage, SitePage
from sitebuilder.core.problems import problem
from sitebuilder.core.signals import block_signals, reset_worker_signals
from sitebuilder.render.context import RenderContext
from sitebuilder.render.renderer import Renderer

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

    Workers = int | Executor

TimedPage = tuple[RenderedPage, float]
"""A finished page, and the seconds that it took."""


MIN_PAGES: Final = 40
"""Fewest pages for which processes pay: on 2 cores 20 pages gain nothing, 60 a quarter."""


SPAWN_FROM: Final = 5_000
"""Pages from which on processes start with nothing but what they need. That takes a third of a
second each, and spares them a copy of all that the parent knows."""


MAX_WORKERS: Final = 8
"""Processes at most: each compiles the templates for itself."""


_CHUNK_SIZE: Final = 16
"""Pages that a process takes at a time."""


_EXECUTOR_CHUNK_SIZE: Final = 250
"""Pages that an executor's worker takes at a time: what all pages share goes with each."""


_MAX_PENDING_CHUNKS: Final = 64
"""Chunks that an executor may have before the first is done."""


_renderer: Renderer | None = None


def render_all(
    renderer: Renderer, places: Sequence[SitePage], workers: Workers
) -> Generator[TimedPage]:
    """Every page, in the order of `places`. Close it, if it is not read to its end."""
    if not isinstance(workers, int):
        shared = msgspec.msgpack.encode(renderer.context)
        yield from _map_in_order(workers, places, _EXECUTOR_CHUNK_SIZE, _MAX_PENDING_CHUNKS, shared)
        return
    wanted = workers or (min(os.cpu_count() or 1, MAX_WORKERS) if len(places) >= MIN_PAGES else 1)
    if min(wanted, len(places)) <= 1:
        for place in places:
            yield render_with_limits(renderer, place)
        return
    # 20 ms that few builds need
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415
    from concurrent.futures.process import BrokenProcessPool  # noqa: PLC0415
    from multiprocessing import get_context  # noqa: PLC0415

    done = 0
    # A fork shares this process's memory only until either of them touches it.
    context = get_context("spawn") if len(places) >= SPAWN_FROM else None
    known = (renderer.context, not renderer.problems)
    pool = ProcessPoolExecutor(wanted, context, initializer=_init_worker, initargs=known)
    try:
        with closing(_map_in_order(pool, places, _CHUNK_SIZE, 4 * wanted)) as pages:
            for page in pages:
                done += 1
                yield page
    except BrokenProcessPool:  # the system ended one, for want of memory perhaps: without them
        for place in places[done:]:
            yield render_with_limits(renderer, place)
    finally:
        pool.shutdown(cancel_futures=True)


def _map_in_order(
    executor: Executor, places: Sequence[SitePage], size: int, ahead: int, shared: bytes = b""
) -> Generator[TimedPage]:
    waiting: deque[Future[bytes]] = deque()
    for at in range(0, len(places), size):
        chunk = msgspec.msgpack.encode(places[at : at + size])
        with block_signals():  # a pool may start its processes now
            waiting.append(executor.submit(_render_chunk, chunk, shared))
        if len(waiting) == ahead:
            yield from _decoder(TimedPage).decode(waiting.popleft().result())
    while waiting:
        yield from _decoder(TimedPage).decode(waiting.popleft().result())


def _init_worker(shared: RenderContext, sound: bool) -> None:  # noqa: FBT001 - a pool gives no names
    global _renderer  # noqa: PLW0603 - a process of the pool keeps its renderer
    reset_worker_signals()
    gc.freeze()  # to look through what the parent knows would copy its memory
    Thread(target=_exit_with_parent, daemon=True).start()
    _renderer = Renderer(shared, templates_checked=sound)


def _exit_with_parent() -> None:
    """End when the parent is killed: else a process of the pool would wait for work for ever."""
    from multiprocessing import parent_process  # noqa: PLC0415 - loaded already, in a pool

    parent = parent_process()
    if parent:
        parent.join()
        os._exit(1)


def _render_chunk(chunk: bytes, shared: bytes) -> bytes:
    """Some places, rendered. Without `shared`: by what the process was started with."""
    renderer = _renderer_for(shared) if shared else _renderer
    assert renderer
    places = _decoder(SitePage).decode(chunk)
    return msgspec.msgpack.encode([render_with_limits(renderer, place) for place in places])


@lru_cache(maxsize=1)
def _renderer_for(shared: bytes) -> Renderer:
    return Renderer(msgspec.msgpack.decode(shared, type=RenderContext))


@lru_cache(maxsize=2)
def _decoder(kind: Any) -> Any:
    return msgspec.msgpack.Decoder(list[kind])


CPU_SECONDS_PER_PAGE: Final = 60
"""Of a processor's own time, for one page: a machine that is busy elsewhere does not count."""


class _TimeLimitError(BaseException):  # past every `except Exception` on its way up
    """A page has used up its time."""


def render_with_limits(
    renderer: Renderer, place: SitePage, seconds: float = CPU_SECONDS_PER_PAGE
) -> tuple[RenderedPage, float]:
    """The finished page, and the seconds that it took.

    Without its bytes, and with a problem, if it takes more than it may.
    """
    began = time.perf_counter()
    return _render_within(renderer, place, seconds), time.perf_counter() - began


def _render_within(renderer: Renderer, place: SitePage, seconds: float) -> RenderedPage:
    mine = threading.current_thread() is threading.main_thread()  # others get no signals
    if mine:
        _handle_timer()
        signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        return renderer.render(place)
    except _TimeLimitError:
        return _failed_page(place, f"this page was not done after {seconds:g} seconds of work")
    except MemoryError:
        return _failed_page(place, "this page needs more memory than there is")
    finally:
        if mine:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)


@cache
def _handle_timer() -> None:
    """Be told of the end of a page's time. Once in a process: asking anew takes 6 microseconds."""
    signal.signal(signal.SIGVTALRM, _raise_time_limit)


def _raise_time_limit(_signal: int, _frame: FrameType | None) -> None:
    raise _TimeLimitError


def _failed_page(place: SitePage, message: str) -> RenderedPage:
    page = place.page
    hint = "Make two pages of it, and write what is special about it in a simpler way."
    told = problem("too-complex", page.path, message, hint=hint, line=page.body_line)
    return RenderedPage(
        page.path, page.address, b"", content_digest(b""), frozenset(), (), (told,), "none", ""
    )
