"""Pages whose body alone has changed, made anew with all around them as it is on record."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date
from functools import lru_cache
from typing import Final

import msgspec
from msgspec.structs import replace

from sitebuilder.build.incremental.record import BuildRecord, PageRecord, Raw
from sitebuilder.build.load_pages import load_page
from sitebuilder.build.render_pages import pack, page_fingerprint, without_body
from sitebuilder.build.workers import render_with_limits
from sitebuilder.checks.links import MAX_SUGGESTIONS, LinkChecker
from sitebuilder.checks.reviews import check_page
from sitebuilder.clinical.evidence.usage import DependencyFinder, check_fact_references
from sitebuilder.core import urls
from sitebuilder.core.evidence import Evidence
from sitebuilder.core.fingerprint import canonical_fingerprint, encode
from sitebuilder.core.model import File, PageReport, RenderedPage, SitePage
from sitebuilder.core.problems import Problem
from sitebuilder.core.review import Reviewer
from sitebuilder.render.context import RenderContext
from sitebuilder.render.renderer import Renderer

MAX_PAGES: Final = 50
"""Changed pages at most: more are for the whole story, which has processes to share them."""


class WarmState:
    """What is the same for every page of a site, and takes far longer to make than one page."""

    def __init__(self, shared: bytes, knowledge: bytes, reviewers: bytes) -> None:
        self.shared = msgspec.msgpack.decode(shared, type=RenderContext)
        self.known = msgspec.msgpack.decode(knowledge, type=Evidence)
        self.reviewers = msgspec.msgpack.decode(reviewers, type=dict[str, Reviewer])
        self.finder = DependencyFinder(self.known)
        self.renderer = Renderer(
            self.shared, templates_checked=True
        )  # else there would be no record


_warm: Final = lru_cache(maxsize=1)(WarmState)


def warm_state(record: BuildRecord) -> WarmState:
    """It, made of a record; the last one is kept, for a preview asks for the same each time."""
    return _warm(bytes(record.context), bytes(record.evidence), bytes(record.reviewers))


class BodyEdits:
    """Pages of a record, made anew."""

    def __init__(self, record: BuildRecord, today: date) -> None:
        self.record, self.today = record, today
        self.at = {row.path: row for row in record.pages}
        common = warm_state(record)
        self.shared, self.known, self.reviewers = common.shared, common.known, common.reviewers
        self.finder, self.renderer = common.finder, common.renderer
        self.links = LinkChecker(self.shared.index, self.anchors)
        self.fresh: dict[str, RenderedPage] = {}

    def rerender(
        self, changed: Collection[File]
    ) -> dict[str, tuple[PageRecord, Callable[[], bytes]]] | None:
        """New rows by path, and the way to the bytes; None: a change could show elsewhere."""
        if len(changed) > MAX_PAGES or any(not self.is_isolated(file) for file in changed):
            return None
        parts: list[tuple[File, PageRecord, SitePage, list[Problem], RenderedPage]] = []
        for file in changed:
            row = self.at[file.path]
            old = msgspec.msgpack.decode(row.site_page, type=SitePage)
            page, found = load_page(file, self.shared.config)
            found += check_fact_references(page, self.known)
            place = replace(old, page=page)
            uses = canonical_fingerprint(self.finder.find(page))
            if without_body(place) != old or uses != row.dependencies_fingerprint:
                return None
            made, _ = render_with_limits(self.renderer, place)
            if not self.is_interchangeable(row, made):
                return None
            self.fresh[file.path] = made
            parts.append((file, row, place, found, made))
        new = {part[0].path: self._rerender_page(*part) for part in parts}
        if self.record.suggestions + len(self.links.hints) >= MAX_SUGGESTIONS:
            return None  # who gets a "did you mean" depends on all pages
        return new

    def is_isolated(self, file: File) -> bool:
        """Whether a page's body shows on no other page."""
        row = self.at.get(file.path)
        return (
            row is not None
            and row.source_digest != ""
            and file.path not in self.record.shared_bodies
        )

    def is_interchangeable(self, row: PageRecord, made: RenderedPage) -> bool:
        """Whether all that other pages may see of a page is as it was."""
        old = msgspec.msgpack.decode(row.rendered, type=RenderedPage)
        aimed, kept = row.path in self.record.link_targets, self.record.facts
        return (
            made.state == old.state
            and made.policy == kept.policies.get(row.output_path, kept.policy)
            and (made.anchors == old.anchors or not aimed)
        )

    def _rerender_page(
        self, file: File, row: PageRecord, place: SitePage, found: list[Problem], made: RenderedPage
    ) -> tuple[PageRecord, Callable[[], bytes]]:
        problems = [
            *found,
            *check_page(place, made, self.links, self.reviewers, self.today),
        ]
        report = msgspec.msgpack.decode(row.report, type=PageReport | None)
        if report is not None:
            report = replace(report, state=made.state, grade=made.grade)
        html, page = made.html, replace(made, html=b"")
        new = PageRecord(
            path=row.path,
            source_digest=file.digest,
            dependencies_fingerprint=row.dependencies_fingerprint,
            fingerprint=page_fingerprint(place),
            links_fingerprint=made.links_fingerprint,
            output_path=urls.output_path(page.address),
            html_digest=page.digest,
            site_page=row.site_page,
            rendered=Raw(pack(page)),
            problems=Raw(encode(problems)),
            report=Raw(encode(report)),
        )
        return new, lambda: html

    def anchors(self, path: str) -> Collection[str] | None:
        """The headings of a page: as it is now, or as it stands on record."""
        if path in self.fresh:
            return self.fresh[path].anchors
        row = self.at.get(path)
        return (
            None if row is None else msgspec.msgpack.decode(row.rendered, type=RenderedPage).anchors
        )
