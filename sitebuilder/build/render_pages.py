"""Render every page of a site, or take it from the previous build.

A page is reused only if everything that it was rendered from is the same. Fingerprints of the
values themselves decide that: no times, and no list of what depends on what.
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
from sitebuilder.core.problems import Problem
from sitebuilder.core.spool import Spool
from sitebuilder.render.context import RenderContext
from sitebuilder.render.links import fingerprint_links, resolve_links
from sitebuilder.render.renderer import Renderer

if TYPE_CHECKING:
    from sitebuilder.build.workers import Workers

ProgressCallback = Callable[[int, int], None]
"""Called after each page with the number of pages done, and of all. The pages of the handout are
counted separately."""

_MAX_MEMORY: Final = 64 * 2**20
"""Bytes of rendered pages that are held in memory: about 6,000 pages. The rest goes to a file."""


class PageArtifact(msgspec.Struct, frozen=True):
    """A rendered page.

    There may be 100,000 of them, so `page` holds what is asked of all of them at once, and `packed`
    the rest: its headings, its links and its problems. Nearly all have the same policy, which is
    held once.

    Attributes:
        page: the page without its bytes and its details.
        packed: its details, encoded.
        fingerprint: the fingerprint of what it was rendered from; empty for a decision tool.
        links_fingerprint: the fingerprint of where its links lead.
        load: loads its HTML.
        reason: why it was rendered; empty for a page that was reused.
        seconds: how long that took.
    """

    page: RenderedPage
    packed: bytes
    fingerprint: bytes
    links_fingerprint: bytes
    load: Callable[[], bytes]
    reason: str = ""
    seconds: float = 0.0

    def unpack(self) -> RenderedPage:
        """Return the page with its details, without HTML, signed text and links' fingerprint."""
        return replace(_decoder.decode(self.packed), policy=self.page.policy)


_decoder: Final = msgspec.msgpack.Decoder(RenderedPage)


def pack(page: RenderedPage) -> bytes:
    """Encode a page without its HTML, signed text, policy and links' fingerprint."""
    return encode(replace(page, html=b"", signed_text="", policy="", links_fingerprint=b""))


def context_fingerprint(context: RenderContext) -> bytes:
    """Return the fingerprint of what all pages use.

    The addresses of pages and their files are left out: `links_fingerprint` covers these page by
    page. So are the stylesheets of decision tools, which are rendered on every build.
    """
    static = {name: url for name, url in context.index.assets.items() if name.startswith("static/")}
    index = replace(context.index, paths={}, addresses={}, drafts={}, assets=static)
    return fingerprint(encode(replace(context, index=index, styles={})))


def page_fingerprint(site_page: SitePage) -> bytes:
    """Return the fingerprint of everything that one page is rendered from.

    It is empty for decision tools, so they are rendered on every build.
    """
    return b"" if site_page.tool else fingerprint(encode(site_page))


def render_pages(
    context: RenderContext,
    site: Site,
    bodies: BodyStore,
    workers: Workers,
    previous: PreviousBuild | None,
    progress: ProgressCallback | None = None,
) -> tuple[tuple[tuple[PageArtifact, ...], Renderer], list[Problem]]:
    """Render all pages that cannot be taken from the previous build.

    The pages of the handout come last: their status is the worst of the pages they are made of.

    Returns:
        The pages and the renderer, and the problems of the templates.
    """
    pages = _PageRenderer(context, bodies, workers, previous, progress)
    screen = pages.render([page for page in site.pages if not page.page.for_print])
    statuses = {artifact.page.path: artifact.page.state for artifact in screen}
    ids = {page.page.id: page.page.path for page in site.pages}
    in_handout = {statuses.get(ids.get(item.page, ""), "none") for item in site.config.handout}
    worst = next((status for status in STATUS_LABELS if status in in_handout), "none")
    print_pages = [replace(page, state=worst) for page in site.pages if page.page.for_print]
    return ((*screen, *pages.render(print_pages)), pages.renderer), [*pages.renderer.problems]


def find_anchors(
    artifacts: Mapping[str, PageArtifact], cache: dict[str, frozenset[str]], path: str
) -> frozenset[str] | None:
    """Return the ids that links into a page may name; None if there is no such page."""
    if path not in cache and path in artifacts:
        cache[path] = artifacts[path].unpack().anchors
    return cache.get(path)


class _PageRenderer:
    """Looks pages up in the previous build, and renders the rest."""

    def __init__(
        self,
        context: RenderContext,
        bodies: BodyStore,
        workers: Workers,
        previous: PreviousBuild | None,
        progress: ProgressCallback | None,
    ) -> None:
        self.context, self.bodies, self.workers = context, bodies, workers
        self.previous, self.progress = previous, progress
        self.renderer = Renderer(context)
        self.spool = Spool(_MAX_MEMORY)
        self.records: Mapping[bytes, PageRecord] = {}
        if previous and previous.record.context_fingerprint == context_fingerprint(context):
            pages = previous.record.pages
            self.records = {page.fingerprint: page for page in pages if page.fingerprint}
        self.records_by_path = {record.path: record for record in self.records.values()}

    def render(self, pages: Sequence[SitePage]) -> list[PageArtifact]:
        fingerprints = [page_fingerprint(page) for page in PagesWithBodies(pages, self.bodies)]
        reused = [self.reuse(*pair) for pair in zip(pages, fingerprints, strict=True)]
        rest = [page for page, artifact in zip(pages, reused, strict=True) if artifact is None]
        artifacts: list[PageArtifact] = []
        new_pages = PagesWithBodies(rest, self.bodies)
        with closing(render_all(self.renderer, new_pages, self.workers)) as rendered:
            for page, key, artifact in zip(pages, fingerprints, reused, strict=True):
                artifacts.append(artifact or self.make_artifact(page, key, *next(rendered)))
                if self.progress:
                    self.progress(len(artifacts), len(pages))
        return artifacts

    def reuse(self, site_page: SitePage, key: bytes) -> PageArtifact | None:
        """Take a page from the previous build; None if it has to be rendered."""
        record = self.records.get(key)
        if record is None or self.previous is None:
            return None
        summary = self.previous.record.summary
        policy = summary.policies.get(record.output_path, summary.policy)
        page = replace(_decoder.decode(record.rendered), policy=policy)
        index, base = self.context.index, self.context.config.base
        links, _, _ = resolve_links(site_page.page, page.references, index, base)
        if fingerprint_links(links) != record.links_fingerprint:
            return None
        store = self.previous.artifacts
        if store.files.get(record.output_path) != record.html_digest:
            return None
        return PageArtifact(
            page=_without_details(page),
            packed=bytes(record.rendered),
            fingerprint=key,
            links_fingerprint=record.links_fingerprint,
            load=partial(store.read, record.output_path, record.html_digest),
        )

    def make_artifact(
        self, site_page: SitePage, key: bytes, rendered: RenderedPage, seconds: float
    ) -> PageArtifact:
        """Return the artifact of a page that was just rendered, with its HTML in the spool."""
        load = self.spool.add(rendered.html)
        links, rendered = (
            rendered.links_fingerprint,
            replace(rendered, policy=intern(rendered.policy)),
        )
        return PageArtifact(
            page=_without_details(rendered),
            packed=pack(rendered),
            fingerprint=key,
            links_fingerprint=links,
            load=load,
            reason=self.rebuild_reason(site_page, key),
            seconds=seconds,
        )

    def rebuild_reason(self, site_page: SitePage, key: bytes) -> str:
        """Return why a page was rendered, in words for people."""
        if self.previous is None:
            return "there is no record of a previous build"
        if site_page.tool:
            return "decision tools are verified and rendered on every build"
        if not self.records:
            return "what all pages share has changed: templates, static files, config or menus"
        record = self.records_by_path.get(site_page.page.path)
        return _difference(record, site_page, key) if record else "the page is new"


def _difference(record: PageRecord, site_page: SitePage, key: bytes) -> str:
    old, new = msgspec.msgpack.decode(record.site_page, type=SitePage), strip_body(site_page)
    if old.page != new.page:
        return "its front matter has changed"
    if old != new:
        return "its menus, its neighbours or the facts that it uses have changed"
    if record.fingerprint != key:
        return "its text has changed"
    return "a page that it links to has moved, or its file is not where it was published"


def _without_details(rendered: RenderedPage) -> RenderedPage:
    details = {"anchors": frozenset(), "references": (), "problems": (), "unresolved": ()}
    return replace(rendered, html=b"", links_fingerprint=b"", **details)


def strip_body(site_page: SitePage) -> SitePage:
    """Return the page as it is recorded: without its body, which is in its source file."""
    return replace(site_page, page=replace(site_page.page, body="", body_line=1))
