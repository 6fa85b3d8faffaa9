"""Pages rendered here, or by several processes: the same bytes either way."""

from __future__ import annotations

import os
from collections.abc import Sequence
from threading import Thread
from typing import Final

from sitebuilder.belt import render
from sitebuilder.model import Place, Rendered
from sitebuilder.process import serve_parent, unstopped
from sitebuilder.render.page import Renderer
from sitebuilder.render.shared import Shared

WORTH_IT: Final = 40
"""Fewest pages for which processes pay: on 2 cores 20 pages gain nothing, 60 a quarter."""

MOST: Final = 8
"""Processes at most: each compiles the templates for itself."""

_renderer: Renderer | None = None


def render_all(renderer: Renderer, places: Sequence[Place], jobs: int) -> list[Rendered]:
    """Every page, in the order of `places`. `jobs` 0: as many processes as help."""
    wanted = jobs or (min(os.cpu_count() or 1, MOST) if len(places) >= WORTH_IT else 1)
    if min(wanted, len(places)) <= 1:
        return [render(renderer, place) for place in places]
    # 20 ms that few builds need
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415
    from concurrent.futures.process import BrokenProcessPool  # noqa: PLC0415

    pool = ProcessPoolExecutor(wanted, initializer=_start, initargs=(renderer.shared,))
    try:
        with unstopped():
            pages = pool.map(_render, places, chunksize=16)
        return list(pages)
    except BrokenProcessPool:  # the system ended one, for want of memory perhaps: without them
        return [render(renderer, place) for place in places]
    finally:
        pool.shutdown(cancel_futures=True)


def _start(shared: Shared) -> None:
    global _renderer  # noqa: PLW0603 - a process of the pool keeps its renderer
    serve_parent()
    Thread(target=_end_with_parent, daemon=True).start()
    _renderer = Renderer(shared)


def _end_with_parent() -> None:
    """End when the parent is killed: else a process of the pool would wait for work for ever."""
    from multiprocessing import parent_process  # noqa: PLC0415 - loaded already, in a pool

    parent = parent_process()
    if parent:
        parent.join()
        os._exit(1)


def _render(place: Place) -> Rendered:
    assert _renderer
    return render(_renderer, place)
