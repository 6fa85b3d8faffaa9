"""Keep the Markdown of pages out of memory until they are rendered.

A build knows all pages at once, and their bodies are most of their size, so these are in a `Spool`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, overload

from msgspec.structs import replace

from sitebuilder.core.model import Page, SitePage
from sitebuilder.core.spool import Spool

_MAX_MEMORY: Final = 32 * 2**20
"""Bytes of bodies that are held in memory: about 7,000 pages."""


class BodyStore:
    """The bodies of pages, by source path."""

    def __init__(self) -> None:
        self._spool = Spool(_MAX_MEMORY)
        self._loaders: dict[str, Callable[[], bytes]] = {}

    def detach(self, page: Page) -> Page:
        """Store the body of a page and return the page without it.

        Raises:
            OSError: the disk is full.
        """
        if not page.body:
            return page
        self._loaders[page.path] = self._spool.add(page.body.encode())
        return replace(page, body="")

    def attach(self, site_page: SitePage) -> SitePage:
        """Return a page with its body."""
        load = self._loaders.get(site_page.page.path)
        if load is None:
            return site_page
        return replace(site_page, page=replace(site_page.page, body=load().decode()))


class PagesWithBodies(Sequence[SitePage]):
    """A sequence of pages; each is given its body when it is asked for."""

    def __init__(self, pages: Sequence[SitePage], bodies: BodyStore) -> None:
        self._pages, self._bodies = pages, bodies

    def __len__(self) -> int:
        return len(self._pages)

    @overload
    def __getitem__(self, index: int) -> SitePage: ...

    @overload
    def __getitem__(self, index: slice) -> list[SitePage]: ...

    def __getitem__(self, index: int | slice) -> SitePage | list[SitePage]:
        if isinstance(index, slice):
            return [self._bodies.attach(page) for page in self._pages[index]]
        return self._bodies.attach(self._pages[index])
