"""Pages whose body alone has changed, made anew with all around them as it is on record."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date
from functools import lru_cache
from typing import Final

import msgspec
from msgspec.structs import replace

from sitebuilder.build.incremental.record import Raw, Record, Row
from sitebuilder.build.load_pages import read_page
from sitebuilder.build.render_pages import packed, place_key, without_body
from sitebuilder.build.workers import render
from sitebuilder.checks.links import MOST_HINTS, Links
from sitebuilder.checks.reviews import of_page
from sitebuilder.clinical.evidence.usage import DependencyFinder, check_fact_references
from sitebuilder.core import urls
from sitebuilder.core.evidence import Knowledge
from sitebuilder.core.fingerprint import digest_of, encode
from sitebuilder.core.model import File, PageReport, Place, Rendered
from sitebuilder.core.problems import Problem
from sitebuilder.core.review import Reviewer
from sitebuilder.render.context import Shared
from sitebuilder.render.renderer import Renderer

MOST: Final = 50
"""Changed pages at most: more are for the whole story, which has processes to share them."""


class Common:
    """What is the same for every page of a site, and takes far longer to make than one page."""

    def __init__(self, shared: bytes, knowledge: bytes, reviewers: bytes) -> None:
        self.shared = msgspec.msgpack.decode(shared, type=Shared)
        self.known = msgspec.msgpack.decode(knowledge, type=Knowledge)
        self.reviewers = msgspec.msgpack.decode(reviewers, type=dict[str, Reviewer])
        self.finder = DependencyFinder(self.known)
        self.renderer = Renderer(self.shared, sound=True)  # else there would be no record


_kept: Final = lru_cache(maxsize=1)(Common)


def common_of(record: Record) -> Common:
    """It, made of a record; the last one is kept, for a preview asks for the same each time."""
    return _kept(bytes(record.shared), bytes(record.knowledge), bytes(record.reviewers))


class Touch:
    """Pages of a record, made anew."""

    def __init__(self, record: Record, today: date) -> None:
        self.record, self.today = record, today
        self.at = {row.path: row for row in record.rows}
        common = common_of(record)
        self.shared, self.known, self.reviewers = common.shared, common.known, common.reviewers
        self.finder, self.renderer = common.finder, common.renderer
        self.links = Links(self.shared.outline, self.anchors)
        self.fresh: dict[str, Rendered] = {}

    def rows(self, changed: Collection[File]) -> dict[str, tuple[Row, Callable[[], bytes]]] | None:
        """New rows by path, and the way to the bytes; None: a change could show elsewhere."""
        if len(changed) > MOST or any(not self.alone(file) for file in changed):
            return None
        parts: list[tuple[File, Row, Place, list[Problem], Rendered]] = []
        for file in changed:
            row = self.at[file.path]
            old = msgspec.msgpack.decode(row.place, type=Place)
            page, found = read_page(file, self.shared.config)
            found += check_fact_references(page, self.known)
            place = replace(old, page=page)
            uses = digest_of(self.finder.find(page))
            if without_body(place) != old or uses != row.uses:
                return None
            made, _ = render(self.renderer, place)
            if not self.like(row, made):
                return None
            self.fresh[file.path] = made
            parts.append((file, row, place, found, made))
        new = {part[0].path: self.row(*part) for part in parts}
        if self.record.broken + len(self.links.hints) >= MOST_HINTS:
            return None  # who gets a "did you mean" depends on all pages
        return new

    def alone(self, file: File) -> bool:
        """Whether a page's body shows on no other page."""
        row = self.at.get(file.path)
        return row is not None and row.file != "" and file.path not in self.record.bound

    def like(self, row: Row, made: Rendered) -> bool:
        """Whether all that other pages may see of a page is as it was."""
        old = msgspec.msgpack.decode(row.finished, type=Rendered)
        aimed, kept = row.path in self.record.aimed, self.record.kept
        return (
            made.state == old.state
            and made.policy == kept.policies.get(row.out, kept.policy)
            and (made.anchors == old.anchors or not aimed)
        )

    def row(
        self, file: File, row: Row, place: Place, found: list[Problem], made: Rendered
    ) -> tuple[Row, Callable[[], bytes]]:
        problems = [
            *found,
            *of_page(place, made, self.links, self.reviewers, self.today),
        ]
        report = msgspec.msgpack.decode(row.report, type=PageReport | None)
        if report is not None:
            report = replace(report, state=made.state, grade=made.grade)
        html, page = made.html, replace(made, html=b"")
        new = Row(
            path=row.path,
            file=file.digest,
            uses=row.uses,
            key=place_key(place),
            links=made.links,
            out=urls.file_of(page.address),
            html=page.digest,
            place=row.place,
            finished=Raw(packed(page)),
            problems=Raw(encode(problems)),
            report=Raw(encode(report)),
        )
        return new, lambda: html

    def anchors(self, path: str) -> Collection[str] | None:
        """The headings of a page: as it is now, or as it stands on record."""
        if path in self.fresh:
            return self.fresh[path].anchors
        row = self.at.get(path)
        return None if row is None else msgspec.msgpack.decode(row.finished, type=Rendered).anchors
