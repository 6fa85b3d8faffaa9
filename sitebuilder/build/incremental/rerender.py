"""Render pages whose body alone has changed, with everything else taken from the record."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date
from functools import lru_cache
from typing import Final

import msgspec
from msgspec.structs import replace

from sitebuilder.build.incremental.record import BuildRecord, PageRecord, Raw
from sitebuilder.build.load_pages import load_page
from sitebuilder.build.render_pages import pack, page_fingerprint, strip_body
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
"""The most changed pages to render here: for more, the pipeline has processes to share the work."""


class WarmState:
    """What is the same for every page of a site, and far slower to make than one page."""

    def __init__(self, context: bytes, evidence: bytes, reviewers: bytes) -> None:
        self.context = msgspec.msgpack.decode(context, type=RenderContext)
        self.evidence = msgspec.msgpack.decode(evidence, type=Evidence)
        self.reviewers = msgspec.msgpack.decode(reviewers, type=dict[str, Reviewer])
        self.finder = DependencyFinder(self.evidence)
        # Without sound templates there would be no record.
        self.renderer = Renderer(self.context, templates_checked=True)


_warm: Final = lru_cache(maxsize=1)(WarmState)


def warm_state(record: BuildRecord) -> WarmState:
    """Return the state for a record. The last is cached: a preview asks for the same each time."""
    return _warm(bytes(record.context), bytes(record.evidence), bytes(record.reviewers))


class BodyEdits:
    """Edits of page bodies, against the record of the previous build."""

    def __init__(self, record: BuildRecord, today: date) -> None:
        self.record, self.today = record, today
        self.records = {page.path: page for page in record.pages}
        self.warm = warm_state(record)
        self.links = LinkChecker(self.warm.context.index, self.find_anchors)
        self.rendered: dict[str, RenderedPage] = {}

    def rerender(
        self, changed: Collection[File]
    ) -> dict[str, tuple[PageRecord, Callable[[], bytes]]] | None:
        """Render the changed pages.

        Returns:
            The new record of each page and what loads its HTML, by source path; None if the
            pipeline has to run, as a change could show on another page, or there are too many.
        """
        if len(changed) > MAX_PAGES or any(not self.is_isolated(file) for file in changed):
            return None
        edits: list[tuple[File, PageRecord, SitePage, list[Problem], RenderedPage]] = []
        for file in changed:
            record = self.records[file.path]
            recorded = msgspec.msgpack.decode(record.site_page, type=SitePage)
            page, problems = load_page(file, self.warm.context.config)
            problems += check_fact_references(page, self.warm.evidence)
            site_page = replace(recorded, page=page)
            dependencies = canonical_fingerprint(self.warm.finder.find(page))
            if strip_body(site_page) != recorded or dependencies != record.dependencies_fingerprint:
                return None
            rendered, _ = render_with_limits(self.warm.renderer, site_page)
            if not self.is_interchangeable(record, rendered):
                return None
            self.rendered[file.path] = rendered
            edits.append((file, record, site_page, problems, rendered))
        updated = {edit[0].path: self._update_record(*edit) for edit in edits}
        if self.record.suggestion_count + len(self.links.hints) >= MAX_SUGGESTIONS:
            return None  # which links get a "did you mean" depends on all pages
        return updated

    def is_isolated(self, file: File) -> bool:
        """Whether a page is on record and its body shows on no other page."""
        record = self.records.get(file.path)
        return (
            record is not None
            and record.source_digest != ""
            and file.path not in self.record.shared_bodies
        )

    def is_interchangeable(self, record: PageRecord, rendered: RenderedPage) -> bool:
        """Whether everything that other pages may see of a page is the same as before."""
        before = msgspec.msgpack.decode(record.rendered, type=RenderedPage)
        is_link_target, summary = record.path in self.record.link_targets, self.record.summary
        return (
            rendered.state == before.state
            and rendered.policy == summary.policies.get(record.output_path, summary.policy)
            and (rendered.anchors == before.anchors or not is_link_target)
            and rendered.linked == before.linked  # else another page may lead nowhere
        )

    def _update_record(
        self,
        file: File,
        record: PageRecord,
        site_page: SitePage,
        problems: list[Problem],
        rendered: RenderedPage,
    ) -> tuple[PageRecord, Callable[[], bytes]]:
        warm = self.warm
        found = check_page(site_page, rendered, self.links, warm.reviewers, self.today)
        report = msgspec.msgpack.decode(record.report, type=PageReport | None)
        if report is not None:
            report = replace(report, state=rendered.state, grade=rendered.grade)
        html, page = rendered.html, replace(rendered, html=b"")
        updated = PageRecord(
            path=record.path,
            source_digest=file.digest,
            dependencies_fingerprint=record.dependencies_fingerprint,
            fingerprint=page_fingerprint(site_page),
            links_fingerprint=rendered.links_fingerprint,
            output_path=urls.output_path(page.address),
            html_digest=page.digest,
            site_page=record.site_page,
            rendered=Raw(pack(page)),
            problems=Raw(encode([*problems, *found])),
            report=Raw(encode(report)),
        )
        return updated, lambda: html

    def find_anchors(self, path: str) -> Collection[str] | None:
        """Return the ids that links into a page may name; None if there is no such page."""
        if path in self.rendered:
            return self.rendered[path].anchors
        record = self.records.get(path)
        if record is None:
            return None
        return msgspec.msgpack.decode(record.rendered, type=RenderedPage).anchors
