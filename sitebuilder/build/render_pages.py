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

from sitebuilder.build.incremental.artifacts import Before
from sitebuilder.build.incremental.record import Row
from sitebuilder.build.page_bodies import Bodies, Whole
from sitebuilder.build.workers import render_all
from sitebuilder.clinical.reviews.status import STATUS_LABELS
from sitebuilder.core.fingerprint import digest, encode
from sitebuilder.core.model import Place, Rendered, Site
from sitebuilder.core.spool import Spool
from sitebuilder.render.context import Shared
from sitebuilder.render.links import links_key, links_of
from sitebuilder.render.renderer import Renderer

if TYPE_CHECKING:
    from sitebuilder.build.workers import Workers


Progress = Callable[[int, int], None]
"""Told how many pages are done, and of how many."""


_IN_MEMORY: Final = 64 * 2**20
"""Bytes of finished pages that are held in memory; 6,000 pages or so."""


class Finished(msgspec.Struct, frozen=True):
    """A page, its keys, the way to its bytes; if it was made anew, why, and the seconds that took.

    There may be 100,000 of them, so `page` holds what is asked of all of them at once, and `packed`
    the rest: its headings, its links and what is wrong with it. Nearly all have the same policy,
    which is held once.
    """

    page: Rendered
    packed: bytes
    key: bytes
    links: bytes
    load: Callable[[], bytes]
    why: str = ""
    seconds: float = 0.0

    def whole(self) -> Rendered:
        """The page with all that is known of it, but its words, its links' digest and its bytes."""
        return replace(_rendered.decode(self.packed), policy=self.page.policy)


_rendered: Final = msgspec.msgpack.Decoder(Rendered)


def packed(page: Rendered) -> bytes:
    """All that is known of a page, but what stands apart in `Finished`."""
    return encode(replace(page, html=b"", words="", policy="", links=b""))


def shared_key(shared: Shared) -> bytes:
    """The digest of what all pages use, but for where everything is: see `links_key`."""
    own = {name: at for name, at in shared.outline.assets.items() if name.startswith("static/")}
    empty = replace(shared.outline, paths={}, addresses={}, drafts={}, assets=own)
    return digest(encode(replace(shared, outline=empty, styles={})))


def place_key(place: Place) -> bytes:
    """The digest of all that one page is made of. A tool has none: it is always made anew."""
    return b"" if place.tool else digest(encode(place))


def finish(
    shared: Shared,
    site: Site,
    bodies: Bodies,
    workers: Workers,
    before: Before | None,
    progress: Progress | None = None,
) -> tuple[list[Finished], Renderer]:
    """Every page; those for paper last, in the worst state of the pages they are made of."""
    desk = _Desk(shared, bodies, workers, before, progress)
    screen = desk.finish([place for place in site.places if not place.page.paper])
    states = {place.page.id: one.page.state for place, one in screen}
    on_paper = {states.get(item.page, "none") for item in site.config.handout}
    worst = next((state for state in STATUS_LABELS if state in on_paper), "none")
    paper = desk.finish([replace(p, state=worst) for p in site.places if p.page.paper])
    return [one for _, one in (*screen, *paper)], desk.renderer


class _Desk:
    """Where pages are finished: what was kept is looked up, and the rest is rendered."""

    def __init__(
        self,
        shared: Shared,
        bodies: Bodies,
        workers: Workers,
        before: Before | None,
        progress: Progress | None,
    ) -> None:
        self.shared, self.bodies, self.workers, self.before = shared, bodies, workers, before
        self.progress = progress
        self.renderer = Renderer(shared)
        self.spool = Spool(_IN_MEMORY)
        same = before is not None and before.record.shared_key == shared_key(shared)
        self.rows: Mapping[bytes, Row] = (
            {row.key: row for row in before.record.rows if row.key} if before and same else {}
        )
        self.by_path = {row.path: row for row in self.rows.values()}

    def finish(self, places: Sequence[Place]) -> list[tuple[Place, Finished]]:
        keys = [place_key(place) for place in Whole(places, self.bodies)]
        kept = [self.kept(place, key) for place, key in zip(places, keys, strict=True)]
        new = Whole([p for p, one in zip(places, kept, strict=True) if one is None], self.bodies)
        done: list[tuple[Place, Finished]] = []
        with closing(render_all(self.renderer, new, self.workers)) as fresh:
            for at, (place, key) in enumerate(zip(places, keys, strict=True)):
                one = kept[at] or self.made(place, key, *next(fresh))
                done.append((place, one))
                if self.progress:
                    self.progress(len(done), len(places))
        return done

    def kept(self, place: Place, key: bytes) -> Finished | None:
        """The page as it was, if nothing that it is made of has changed."""
        row = self.rows.get(key)
        if row is None or self.before is None:
            return None
        said = self.before.record.kept
        policy = said.policies.get(row.out, said.policy)
        page = replace(_rendered.decode(row.finished), policy=policy)
        outline, base = self.shared.outline, self.shared.config.base
        links, _ = links_of(place.page, page.references, outline, base)
        if links_key(links) != row.links:
            return None
        shelf = self.before.shelf
        if shelf.files.get(row.out) != row.html:
            return None
        load = partial(shelf.read, row.out, row.html)
        return Finished(_light(page), bytes(row.finished), key, row.links, load)

    def made(self, place: Place, key: bytes, page: Rendered, seconds: float) -> Finished:
        load = self.spool.add(page.html)
        links, page = page.links, replace(page, policy=intern(page.policy))
        return Finished(_light(page), packed(page), key, links, load, self.why(place, key), seconds)

    def why(self, place: Place, key: bytes) -> str:  # noqa: PLR0911 - one answer after the other
        """Why a page was made anew, in words."""
        if self.before is None:
            return "nothing was kept of an earlier build"
        if place.tool:
            return "a tool is proven and made anew each time"
        if not self.rows:
            return "what all pages share has changed: templates, static files, config or menus"
        row = self.by_path.get(place.page.path)
        if row is None:
            return "the page is new"
        old, now = msgspec.msgpack.decode(row.place, type=Place), without_body(place)
        if old.page != now.page:
            return "its front matter has changed"
        if old != now:
            return "what stands around it or what it draws on has changed"
        if row.key != key:
            return "its text has changed"
        return "a page that it links to has moved, or its file is not where it was published"


def _light(page: Rendered) -> Rendered:
    nothing = {"anchors": frozenset(), "references": (), "problems": (), "unsettled": ()}
    return replace(page, html=b"", links=b"", **nothing)


def without_body(place: Place) -> Place:
    """A place as it is put on record: its body is where its source is."""
    return replace(place, page=replace(place.page, body="", body_line=1))
