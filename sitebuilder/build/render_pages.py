"""Places in, finished pages out: made anew, or as an earlier build left them.

A page is taken from the record only if all that it was made of is the same, which digests of the
values themselves decide: no times, and no list of what depends on what.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from functools import partial
from sys import intern
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec.structs import replace

from sitebuilder.build.incremental.artifacts import PreviousBuild
from sitebuilder.build.incremental.record import PageRecord
from sitebuilder.build.page_bodies import BodyStore, PagesWithBodies
from sitebuilder.build.workers import render_all
from sitebuilder.clinical.reviews.status import STATUS_LABELS
from sitebuilder.core.fingerprint import encode, fingerprint
from sitebuilder.core.model import RenderedPage, Site, SitePage
from sitebuilder.core.spool import Spool
from sitebuilder.render.context import RenderContext
from sitebuilder.render.links import fingerprint_links, resolve_links
from sitebuilder.render.renderer import Renderer

if TYPE_CHECKING:
    from sitebuilder.build.workers import Workers


Progress = Callable[[int, int], None]
"""Told how many pages are done, and of how many."""


_MAX_MEMORY: Final = 64 * 2**20
"""Bytes of finished pages that are held in memory; 6,000 pages or so."""


class PageArtifact(msgspec.Struct, frozen=True):
    """A page, its keys, the way to its bytes; if it was made anew, why, and the seconds that took.

    There may be 100,000 of them, so `page` holds what is asked of all of them at once, and `packed`
    the rest: its headings, its links and what is wrong with it. Nearly all have the same policy,
    which is held once.
    """

    page: RenderedPage
    packed: bytes
    fingerprint: bytes
    links_fingerprint: bytes
    load: Callable[[], bytes]
    reason: str = ""
    seconds: float = 0.0

    def unpack(self) -> RenderedPage:
        """The page with all that is known of it, but its words, its links' digest and its bytes."""
        return replace(_decoder.decode(self.packed), policy=self.page.policy)


_decoder: Final = msgspec.msgpack.Decoder(RenderedPage)


def pack(page: RenderedPage) -> bytes:
    """All that is known of a page, but what stands apart in `Finished`."""
    return encode(replace(page, html=b"", signed_text="", policy="", links_fingerprint=b""))


def context_fingerprint(context: RenderContext) -> bytes:
    """The digest of what all pages use, but for where everything is: see `links_key`."""
    own = {name: at for name, at in context.index.assets.items() if name.startswith("static/")}
    empty = replace(context.index, paths={}, addresses={}, drafts={}, assets=own)
    return fingerprint(encode(replace(context, index=empty, styles={})))


def page_fingerprint(site_page: SitePage) -> bytes:
    """The digest of all that one page is made of. A tool has none: it is always made anew."""
    return b"" if site_page.tool else fingerprint(encode(site_page))


def render_pages(
    context: RenderContext,
    site: Site,
    bodies: BodyStore,
    workers: Workers,
    previous: PreviousBuild | None,
    progress: Progress | None = None,
) -> tuple[list[PageArtifact], Renderer]:
    """Every page; those for paper last, in the worst state of the pages they are made of."""
    desk = _PageRenderer(context, bodies, workers, previous, progress)
    screen = desk.render([place for place in site.pages if not place.page.for_print])
    states = {place.page.id: one.page.state for place, one in screen}
    on_paper = {states.get(item.page, "none") for item in site.config.handout}
    worst = next((state for state in STATUS_LABELS if state in on_paper), "none")
    paper = desk.render([replace(p, state=worst) for p in site.pages if p.page.for_print])
    return [one for _, one in (*screen, *paper)], desk.renderer


class _PageRenderer:
    """Where pages are finished: what was kept is looked up, and the rest is rendered."""

    def __init__(
        self,
        shared: RenderContext,
        bodies: BodyStore,
        workers: Workers,
        before: PreviousBuild | None,
        progress: Progress | None,
    ) -> None:
        self.context, self.bodies, self.workers, self.previous = shared, bodies, workers, before
        self.progress = progress
        self.renderer = Renderer(shared)
        self.spool = Spool(_MAX_MEMORY)
        same = before is not None and before.record.context_fingerprint == context_fingerprint(
            shared
        )
        self.rows: Mapping[bytes, PageRecord] = (
            {row.fingerprint: row for row in before.record.pages if row.fingerprint}
            if before and same
            else {}
        )
        self.by_path = {row.path: row for row in self.rows.values()}

    def render(self, places: Sequence[SitePage]) -> list[tuple[SitePage, PageArtifact]]:
        keys = [page_fingerprint(place) for place in PagesWithBodies(places, self.bodies)]
        kept = [self.reuse(place, key) for place, key in zip(places, keys, strict=True)]
        new = PagesWithBodies(
            [p for p, one in zip(places, kept, strict=True) if one is None], self.bodies
        )
        done: list[tuple[SitePage, PageArtifact]] = []
        with closing(render_all(self.renderer, new, self.workers)) as fresh:
            for at, (place, key) in enumerate(zip(places, keys, strict=True)):
                one = kept[at] or self.add(place, key, *next(fresh))
                done.append((place, one))
                if self.progress:
                    self.progress(len(done), len(places))
        return done

    def reuse(self, place: SitePage, key: bytes) -> PageArtifact | None:
        """The page as it was, if nothing that it is made of has changed."""
        row = self.rows.get(key)
        if row is None or self.previous is None:
            return None
        said = self.previous.record.facts
        policy = said.policies.get(row.output_path, said.policy)
        page = replace(_decoder.decode(row.rendered), policy=policy)
        outline, base = self.context.index, self.context.config.base
        links, _ = resolve_links(place.page, page.references, outline, base)
        if fingerprint_links(links) != row.links_fingerprint:
            return None
        shelf = self.previous.artifacts
        if shelf.files.get(row.output_path) != row.html_digest:
            return None
        load = partial(shelf.read, row.output_path, row.html_digest)
        return PageArtifact(
            _without_details(page), bytes(row.rendered), key, row.links_fingerprint, load
        )

    def add(self, place: SitePage, key: bytes, page: RenderedPage, seconds: float) -> PageArtifact:
        load = self.spool.add(page.html)
        links, page = page.links_fingerprint, replace(page, policy=intern(page.policy))
        return PageArtifact(
            _without_details(page),
            pack(page),
            key,
            links,
            load,
            self.rebuild_reason(place, key),
            seconds,
        )

    def rebuild_reason(self, place: SitePage, key: bytes) -> str:  # noqa: PLR0911 - one answer after the other
        """Why a page was made anew, in words."""
        if self.previous is None:
            return "nothing was kept of an earlier build"
        if place.tool:
            return "a tool is proven and made anew each time"
        if not self.rows:
            return "what all pages share has changed: templates, static files, config or menus"
        row = self.by_path.get(place.page.path)
        if row is None:
            return "the page is new"
        old, now = msgspec.msgpack.decode(row.site_page, type=SitePage), without_body(place)
        if old.page != now.page:
            return "its front matter has changed"
        if old != now:
            return "what stands around it or what it draws on has changed"
        if row.fingerprint != key:
            return "its text has changed"
        return "a page that it links to has moved, or its file is not where it was published"


def _without_details(page: RenderedPage) -> RenderedPage:
    nothing = {"anchors": frozenset(), "references": (), "problems": (), "unresolved": ()}
    return replace(page, html=b"", links_fingerprint=b"", **nothing)


def without_body(place: SitePage) -> SitePage:
    """A place as it is put on record: its body is where its source is."""
    return replace(place, page=replace(place.page, body="", body_line=1))
