"""A build in, what the next one may use of it out."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sitebuilder.build.incremental.record import (
    BuildFacts,
    BuildRecord,
    PageRecord,
    Raw,
    generator_fingerprint,
)
from sitebuilder.build.pipeline import Build
from sitebuilder.build.render_pages import context_fingerprint, without_body
from sitebuilder.core import urls
from sitebuilder.core.fingerprint import canonical_fingerprint, encode
from sitebuilder.core.model import SitePage, Sources


def make_record(build: Build, inputs: Sources, setting: bytes) -> BuildRecord:
    """The record of a build that was published, without its rows. `setting`: see `Record`."""
    made, site = build.trace, build.site
    pages = {one.page.path for one in made.artifacts}
    rest = [p for path, found in made.page_problems.items() if path not in pages for p in found]
    drafts = {page.path for page in site.drafts}
    on_paper = {item.page for item in site.config.handout}
    kept = BuildFacts(
        site.config.checks,
        build.policy,
        build.policies,
        build.headers,
        build.folder,
        build.compress,
    )
    return BuildRecord(
        generator=generator_fingerprint(),
        inputs_fingerprint=setting,
        context_fingerprint=context_fingerprint(made.context),
        sources={file.path: file.digest for file in inputs.pages},
        link_targets=frozenset(made.links.link_targets),
        shared_bodies=frozenset(p.page.path for p in site.pages if p.page.id in on_paper),
        suggestions=len(made.links.hints),
        facts=kept,
        context=Raw(encode(made.context)),
        evidence=Raw(encode(build.evidence)),
        reviewers=Raw(encode(build.reviewers)),
        problems=Raw(encode([*made.problems, *rest])),
        drafts=Raw(encode([page for page in build.pages if page.path in drafts])),
        outputs={output.path: output.digest for output in build.outputs},
    )


class PageRecordStream(Collection[PageRecord]):
    """The rows of a build, made one by one as they are asked for."""

    def __init__(self, build: Build, inputs: Sources) -> None:
        self._build = build
        self._reports = {page.path: page for page in build.pages}
        self._files = {file.path: file.digest for file in inputs.pages}
        self._finished = {one.page.path: one for one in build.trace.artifacts}

    def __len__(self) -> int:
        return len(self._build.site.pages)

    def __contains__(self, row: object) -> bool:
        return any(one == row for one in self)

    def __iter__(self) -> Iterator[PageRecord]:
        return map(self._make_page_record, self._build.site.pages)  # in the order of the report

    def _make_page_record(self, place: SitePage) -> PageRecord:
        made = self._build.trace
        one = self._finished[place.page.path]
        page = one.page
        uses = made.dependencies.get(place.page.id)
        return PageRecord(
            path=page.path,
            source_digest=self._files.get(page.path, ""),
            dependencies_fingerprint=canonical_fingerprint(uses) if uses else b"",
            fingerprint=one.fingerprint,
            links_fingerprint=one.links_fingerprint,
            output_path=urls.output_path(page.address),
            html_digest=page.digest,
            site_page=Raw(encode(without_body(place))),
            rendered=Raw(one.packed),
            problems=Raw(encode(made.page_problems.get(page.path, ()))),
            report=Raw(encode(self._reports.get(page.path))),
        )
