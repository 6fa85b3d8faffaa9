"""Make the record of a build that was published."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sitebuilder.build.incremental.record import (
    BuildRecord,
    BuildSummary,
    PageRecord,
    Raw,
    generator_fingerprint,
)
from sitebuilder.build.pipeline import Build
from sitebuilder.build.render_pages import context_fingerprint, strip_body
from sitebuilder.core import urls
from sitebuilder.core.fingerprint import canonical_fingerprint, encode
from sitebuilder.core.model import SitePage, Sources


def make_record(build: Build, sources: Sources, inputs_fingerprint: bytes) -> BuildRecord:
    """Make the record of a build, without its pages: see `PageRecordStream`."""
    trace, site = build.trace, build.site
    rendered = {artifact.page.path for artifact in trace.artifacts}
    rest = [p for path, found in trace.page_problems.items() if path not in rendered for p in found]
    drafts = {page.path for page in site.drafts}
    in_handout = {item.page for item in site.config.handout}
    return BuildRecord(
        generator=generator_fingerprint(),
        inputs_fingerprint=inputs_fingerprint,
        context_fingerprint=context_fingerprint(trace.context),
        sources={file.path: file.digest for file in sources.pages},
        link_targets=frozenset(trace.links.link_targets),
        shared_bodies=frozenset(p.page.path for p in site.pages if p.page.id in in_handout),
        suggestion_count=len(trace.links.hints),
        summary=BuildSummary(
            checks=site.config.checks,
            policy=build.policy,
            policies=build.policies,
            headers=build.headers,
            folder=build.folder,
            compress=build.compress,
        ),
        context=Raw(encode(trace.context)),
        evidence=Raw(encode(build.evidence)),
        reviewers=Raw(encode(build.reviewers)),
        problems=Raw(encode([*trace.problems, *rest])),
        drafts=Raw(encode([report for report in build.pages if report.path in drafts])),
        outputs={output.path: output.digest for output in build.outputs},
    )


class PageRecordStream(Collection[PageRecord]):
    """The records of all pages of a build, in the order of its site, each made on demand."""

    def __init__(self, build: Build, sources: Sources) -> None:
        self._build = build
        self._reports = {report.path: report for report in build.pages}
        self._digests = {file.path: file.digest for file in sources.pages}
        self._artifacts = {artifact.page.path: artifact for artifact in build.trace.artifacts}

    def __len__(self) -> int:
        return len(self._build.site.pages)

    def __contains__(self, record: object) -> bool:
        return any(other == record for other in self)

    def __iter__(self) -> Iterator[PageRecord]:
        return map(self._make_page_record, self._build.site.pages)

    def _make_page_record(self, site_page: SitePage) -> PageRecord:
        trace, artifact = self._build.trace, self._artifacts[site_page.page.path]
        page = artifact.page
        dependencies = trace.dependencies.get(site_page.page.id)
        return PageRecord(
            path=page.path,
            source_digest=self._digests.get(page.path, ""),
            dependencies_fingerprint=canonical_fingerprint(dependencies) if dependencies else b"",
            fingerprint=artifact.fingerprint,
            links_fingerprint=artifact.links_fingerprint,
            output_path=urls.output_path(page.address),
            html_digest=page.digest,
            site_page=Raw(encode(strip_body(site_page))),
            rendered=Raw(artifact.packed),
            problems=Raw(encode(trace.page_problems.get(page.path, ()))),
            report=Raw(encode(self._reports.get(page.path))),
        )
