"""Render pages in this process, in several, or on a cluster, with identical output.

`Workers` says how: a number of processes (0: as many as help), or any executor, such as the one
that Dask's `Client.get_executor()` returns. Pages travel as msgpack, a chunk at a time, and no more
chunks are under way than the workers need, so memory does not grow with the site.

Each page has a limit of processor time and of memory. They are a last resort: the cost of a page is
bounded before it is parsed (`markdown/complexity.py`). A page that exceeds them is a problem like
any other.
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
"""A rendered page, and the seconds that it took."""

MIN_PAGES: Final = 40
"""The fewest pages for which processes pay: on 2 cores, 20 pages gain nothing, 60 a quarter."""

SPAWN_FROM: Final = 5_000
"""The fewest pages for which processes are spawned, not forked. That takes a third of a
second each, and spares them a copy of everything that the parent holds."""

MAX_WORKERS: Final = 8
"""The most processes, unless a number is given: each compiles the templates for itself."""

_CHUNK_SIZE: Final = 16
"""Pages in a chunk for a process."""

_EXECUTOR_CHUNK_SIZE: Final = 250
"""Pages in a chunk for an executor: each chunk carries the whole `RenderContext`."""

_MAX_PENDING_CHUNKS: Final = 64
"""Chunks that an executor may hold before the first is done."""

_renderer: Renderer | None = None


def render_all(
    renderer: Renderer, pages: Sequence[SitePage], workers: Workers
) -> Generator[TimedPage]:
    """Yield every rendered page and its seconds, in order. Close the generator if not exhausted."""
    if not isinstance(workers, int):
        shared = msgspec.msgpack.encode(renderer.context)
        yield from _map_in_order(workers, pages, _EXECUTOR_CHUNK_SIZE, _MAX_PENDING_CHUNKS, shared)
        return
    wanted = workers or (min(os.cpu_count() or 1, MAX_WORKERS) if len(pages) >= MIN_PAGES else 1)
    if min(wanted, len(pages)) <= 1:
        for page in pages:
            yield render_with_limits(renderer, page)
        return
    # Small builds do without these; they take 20 ms to import.
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415
    from concurrent.futures.process import BrokenProcessPool  # noqa: PLC0415
    from multiprocessing import get_context  # noqa: PLC0415

    done = 0
    # A fork shares this process's memory only until either of them touches it.
    context = get_context("spawn") if len(pages) >= SPAWN_FROM else None
    state = (renderer.context, not renderer.problems)
    pool = ProcessPoolExecutor(wanted, context, initializer=_init_worker, initargs=state)
    try:
        with closing(_map_in_order(pool, pages, _CHUNK_SIZE, 4 * wanted)) as rendered:
            for result in rendered:
                done += 1
                yield result
    except BrokenProcessPool:  # the system killed one, perhaps for memory: go on without them
        for page in pages[done:]:
            yield render_with_limits(renderer, page)
    finally:
        pool.shutdown(cancel_futures=True)


def _map_in_order(
    executor: Executor,
    pages: Sequence[SitePage],
    size: int,
    max_pending: int,
    encoded_context: bytes = b"",
) -> Generator[TimedPage]:
    waiting: deque[Future[bytes]] = deque()
    for start in range(0, len(pages), size):
        chunk = msgspec.msgpack.encode(pages[start : start + size])
        with (
            block_signals()
        ):  # the pool may start a process now, which must not inherit our handlers
            waiting.append(executor.submit(_render_chunk, chunk, encoded_context))
        if len(waiting) == max_pending:
            yield from _list_decoder(TimedPage).decode(waiting.popleft().result())
    while waiting:
        yield from _list_decoder(TimedPage).decode(waiting.popleft().result())


def _init_worker(context: RenderContext, templates_checked: bool) -> None:  # noqa: FBT001 - a pool gives no names
    global _renderer  # noqa: PLW0603 - a process of the pool keeps its renderer
    reset_worker_signals()
    gc.freeze()  # a collection would touch, and so copy, all memory shared with the parent
    Thread(target=_exit_with_parent, daemon=True).start()
    _renderer = Renderer(context, templates_checked=templates_checked)


def _exit_with_parent() -> None:
    """Exit when the parent is killed; else a worker would wait for work forever."""
    from multiprocessing import parent_process  # noqa: PLC0415 - loaded already, in a pool

    parent = parent_process()
    if parent:
        parent.join()
        os._exit(1)


def _render_chunk(encoded_pages: bytes, encoded_context: bytes) -> bytes:
    """Render a chunk: with the given context, or with the one that the process started with."""
    renderer = _renderer_for(encoded_context) if encoded_context else _renderer
    assert renderer
    pages = _list_decoder(SitePage).decode(encoded_pages)
    return msgspec.msgpack.encode([render_with_limits(renderer, page) for page in pages])


@lru_cache(maxsize=1)
def _renderer_for(encoded_context: bytes) -> Renderer:
    return Renderer(msgspec.msgpack.decode(encoded_context, type=RenderContext))


@lru_cache(maxsize=2)
def _list_decoder(item_type: Any) -> Any:
    return msgspec.msgpack.Decoder(list[item_type])


CPU_SECONDS_PER_PAGE: Final = 60
"""Processor time for one page; time that the machine spends elsewhere does not count."""


class _TimeLimitError(BaseException):  # past every `except Exception` on its way up
    """A page has used up its processor time."""


def render_with_limits(
    renderer: Renderer, site_page: SitePage, cpu_seconds: float = CPU_SECONDS_PER_PAGE
) -> tuple[RenderedPage, float]:
    """Render a page and measure how long that takes.

    A page that exceeds its limits comes back empty, with a problem. The time is limited only
    in the main thread, which alone gets signals.
    """
    started = time.perf_counter()
    return _render_within(renderer, site_page, cpu_seconds), time.perf_counter() - started


def _render_within(renderer: Renderer, site_page: SitePage, cpu_seconds: float) -> RenderedPage:
    has_timer = threading.current_thread() is threading.main_thread()  # no other gets signals
    if has_timer:
        _install_timer_handler()
        signal.setitimer(signal.ITIMER_VIRTUAL, cpu_seconds)
    try:
        return renderer.render(site_page)
    except _TimeLimitError:
        return _make_failed_page(
            site_page, f"this page was not done after {cpu_seconds:g} seconds of work"
        )
    except MemoryError:
        return _make_failed_page(site_page, "this page needs more memory than there is")
    finally:
        if has_timer:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)


@cache
def _install_timer_handler() -> None:
    """Install the handler of the timer, once in a process: each time takes 6 microseconds."""
    signal.signal(signal.SIGVTALRM, _raise_time_limit)


def _raise_time_limit(_signal: int, _frame: FrameType | None) -> None:
    raise _TimeLimitError


def _make_failed_page(site_page: SitePage, message: str) -> RenderedPage:
    page = site_page.page
    hint = "Make two pages of it, and write what is special about it in a simpler way."
    found = problem("too-complex", page.path, message, hint=hint, line=page.body_line)
    return RenderedPage(
        path=page.path,
        address=page.address,
        html=b"",
        digest=content_digest(b""),
        anchors=frozenset(),
        references=(),
        problems=(found,),
        state="none",
        signed_text="",
    )
