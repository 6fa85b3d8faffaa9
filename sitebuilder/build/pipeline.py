"""Build a site: the stages from the sources to what can be published, one line for each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Final

import msgspec

from sitebuilder.assets.clean import clean_assets
from sitebuilder.build.check_site import check_pages, check_site
from sitebuilder.build.load_pages import load_pages
from sitebuilder.build.outputs import list_outputs, render_redirects
from sitebuilder.build.page_reports import report_pages
from sitebuilder.build.render_pages import (
    PageArtifact,
    ProgressCallback,
    find_anchors,
    render_pages,
)
from sitebuilder.build.site import assemble_site
from sitebuilder.build.stages import Stages
from sitebuilder.checks.links import LinkChecker
from sitebuilder.clinical.decision_tools.page import build_tool_page
from sitebuilder.clinical.enrich import enrich_site, unreadable_tools, verify_tools
from sitebuilder.clinical.evidence.usage import PageDependencies
from sitebuilder.clinical.library import SiteData, load_site_data
from sitebuilder.content.config_file import parse_config
from sitebuilder.core import urls
from sitebuilder.core.decision_case import Case
from sitebuilder.core.evidence import Evidence
from sitebuilder.core.model import BuildResult, File, Output, RenderedPage, Site, Sources
from sitebuilder.core.problems import Problem, apply_severities
from sitebuilder.core.review import Reviewer
from sitebuilder.core.safety_policy import SafetyPolicy
from sitebuilder.output.headers import site_headers
from sitebuilder.render.context import RenderContext, make_context

if TYPE_CHECKING:
    from sitebuilder.build.incremental.artifacts import PreviousBuild
    from sitebuilder.build.workers import Workers

COMPONENTS_PAGE: Final = "templates/components.md"
"""A page that shows every component of the design. Only a preview has it; it is never
published."""


class BuildTrace(msgspec.Struct, frozen=True):
    """Intermediate results of a build, from which the record for the next build is made.

    Attributes:
        context: what all pages were rendered with.
        artifacts: the rendered pages.
        dependencies: what each page uses, by page id.
        links: the link checker, which knows where links lead and what it suggested.
        problems: the problems that belong to no page.
        page_problems: all others, by the source path of the page that they are about.
        seconds: how long each stage took, by its name, in order.
    """

    context: RenderContext
    artifacts: tuple[PageArtifact, ...]
    dependencies: Mapping[str, PageDependencies]
    links: LinkChecker
    problems: tuple[Problem, ...]
    page_problems: Mapping[str, Sequence[Problem]]
    seconds: Mapping[str, float]


class Build(BuildResult, frozen=True):
    """A build with everything that it was made from.

    Attributes:
        signed_texts: the text of each clinical page that a clinician signs, by source path.
    """

    site: Site
    signed_texts: Mapping[str, str]
    reviewers: Mapping[str, Reviewer]
    safety_policy: SafetyPolicy
    cases: Mapping[str, Case]
    evidence: Evidence
    trace: BuildTrace


def build_site(  # noqa: PLR0913 - everything that a build depends on
    sources: Sources,
    today: date,
    *,
    url: str | None = None,
    release: bool = False,
    preview: bool = False,
    jobs: Workers = 1,
    previous: PreviousBuild | None = None,
    progress: ProgressCallback | None = None,
) -> Build:
    """Build a site in memory.

    Args:
        sources: every file that the build may use.
        today: the day to build for.
        url: the public address, instead of the one in config.
        release: hold the site to the rules for patients, whatever config says.
        preview: build a preview, which includes drafts.
        jobs: the number of processes that render pages (0: as many as help), or an executor.
        previous: the last build; pages whose inputs have not changed are taken from it.
        progress: called after each page with the number of pages done, and of all; the
            pages of the handout are counted separately.

    Returns:
        The build. If an error is among its problems, its outputs are not fit to be published.
    """
    run = Stages(sources.problems)
    config = run(parse_config, sources.config, url)
    sources = run(clean_assets, sources)
    data = run(load_site_data, sources, config.emergency_number)
    files = _page_files(sources, preview=preview)
    pages = run(load_pages, files, config, data.evidence, with_drafts=preview)
    tools = run(verify_tools, data, config, pages.pages)
    site = run(
        assemble_site,
        config,
        [*pages.pages, *map(build_tool_page, tools.values())],
        sources,
        today=today,
        release=release or config.release,
        with_drafts=preview,
        unreadable=unreadable_tools(data, tools),
    )
    site, dependencies = run(
        enrich_site, site, data, tools, pages.finder, pages.dependencies, today
    )
    context = run(make_context, site, sources, preview=preview)
    artifacts, renderer = run(render_pages, context, site, pages.bodies, jobs, previous, progress)
    redirects = run(render_redirects, renderer, site)

    links = LinkChecker(site.index, partial(find_anchors, {a.page.path: a for a in artifacts}, {}))
    page_problems = run(check_pages, site, artifacts, pages, links, data.reviewers, today)
    headers = site_headers(config, [artifact.page.policy for artifact in artifacts])
    run(check_site, site, artifacts, headers)

    outputs = tuple(list_outputs(site, artifacts, redirects, headers, sources.unsafe))
    trace = BuildTrace(
        context=context,
        artifacts=artifacts,
        dependencies=dependencies,
        links=links,
        problems=tuple(run.problems),
        page_problems=page_problems,
        seconds=run.seconds,
    )
    return _make_build(site, data, outputs, renderer.policy, headers, trace)


def _page_files(sources: Sources, *, preview: bool) -> tuple[File, ...]:
    """Return the files to read pages from."""
    if not (preview and sources.custom_templates):
        return sources.pages
    return (*sources.pages, *(f for f in sources.templates if f.path == COMPONENTS_PAGE))


def _make_build(
    site: Site,
    data: SiteData,
    outputs: tuple[Output, ...],
    policy: str,
    headers: Mapping[str, str],
    trace: BuildTrace,
) -> Build:
    pages = [artifact.page for artifact in trace.artifacts]
    problems = chain(trace.problems, *trace.page_problems.values())
    return Build(
        outputs=outputs,
        problems=apply_severities(problems, site.config.checks),
        pages=tuple(report_pages(site, pages)),
        reused=sum(not artifact.reason for artifact in trace.artifacts),
        rebuild_reasons={a.page.path: a.reason for a in trace.artifacts if a.reason},
        policy=policy,
        policies=_own_policies(pages, policy),
        headers=headers,
        folder=site.config.output,
        compress=site.config.compress,
        site=site,
        signed_texts={page.path: page.signed_text for page in pages if page.signed_text},
        reviewers=data.reviewers,
        safety_policy=data.safety_policy,
        cases=data.cases,
        evidence=data.evidence,
        trace=trace,
    )


def _own_policies(pages: Iterable[RenderedPage], common: str) -> dict[str, str]:
    """Return the policies of pages that differ from the common one, by output path."""
    own = (page for page in pages if page.policy != common)
    return {urls.output_path(page.address): page.policy for page in own}
