"""Pages rendered here, or by several processes: the same bytes either way."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Final

from sitebuilder.model import Place, Rendered
from sitebuilder.render.page import Renderer, Shared

WORTH_IT: Final = 40
"""Fewest pages for which processes pay: on 2 cores 20 pages gain nothing, 60 a quarter."""

MOST: Final = 8
"""Processes at most: each compiles the templates for itself."""

_renderer: Renderer | None = None


def render_all(renderer: Renderer, places: Sequence[Place], jobs: int) -> list[Rendered]:
    """Every page, in the order of `places`. `jobs` 0: as many processes as help."""
    wanted = jobs or (min(os.cpu_count() or 1, MOST) if len(places) >= WORTH_IT else 1)
    if min(wanted, len(places)) <= 1:
        return [renderer.render(place) for place in places]
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415 - 20 ms that few builds need

    with ProcessPoolExecutor(wanted, initializer=_start, initargs=(renderer.shared,)) as pool:
        return list(pool.map(_render, places, chunksize=16))


def _start(shared: Shared) -> None:
    global _renderer  # noqa: PLW0603 - a process of the pool keeps its renderer
    _renderer = Renderer(shared)


def _render(place: Place) -> Rendered:
    assert _renderer
    return _renderer.render(place)
