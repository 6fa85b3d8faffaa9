"""Pages in; the same without their words, and a way to get those back.

All of a site's pages are known at once, and their words are most of what they are: so these wait on
a spool until a page is rendered.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, overload

from msgspec.structs import replace

from sitebuilder.core.model import Page, SitePage
from sitebuilder.core.spool import Spool

_MAX_MEMORY: Final = 32 * 2**20
"""Bytes of bodies that are held in memory; 7,000 pages or so."""


class BodyStore:
    """The Markdown of pages, by path."""

    def __init__(self) -> None:
        self._spool = Spool(_MAX_MEMORY)
        self._loads: dict[str, Callable[[], bytes]] = {}

    def detach(self, page: Page) -> Page:
        """The page without its body, which is kept here. OSError: there is no room for it."""
        if not page.body:
            return page
        self._loads[page.path] = self._spool.add(page.body.encode())
        return replace(page, body="")

    def attach(self, place: SitePage) -> SitePage:
        """A place with the body of its page."""
        load = self._loads.get(place.page.path)
        if load is None:
            return place
        return replace(place, page=replace(place.page, body=load().decode()))


class PagesWithBodies(Sequence[SitePage]):
    """Places that get their bodies one by one, as they are asked for."""

    def __init__(self, places: Sequence[SitePage], bodies: BodyStore) -> None:
        self._places, self._bodies = places, bodies

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, at: int) -> SitePage: ...

    @overload
    def __getitem__(self, at: slice) -> list[SitePage]: ...

    def __getitem__(self, at: int | slice) -> SitePage | list[SitePage]:
        if isinstance(at, slice):
            return [self._bodies.attach(place) for place in self._places[at]]
        return self._bodies.attach(self._places[at])
