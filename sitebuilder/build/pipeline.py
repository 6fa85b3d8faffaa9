"""The whole story of a build, from what was read to what can be published."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Final

import msgspec

from sitebuilder.assets.clean import clean_assets
from sitebuilder.build.incremental.artifacts import PreviousBuild
from sitebuilder.build.load_pages import LoadedPages, load_pages
from sitebuilder.build.render_pages import PageArtifact, Progress, render_pages
from sitebuilder.build.site import assemble_site
from sitebuilder.checks import SITE_CHECKS
from sitebuilder.checks.links import LinkChecker
from sitebuilder.checks.reviews import check_page
from sitebuilder.clinical.decision_tools.page import build_tool_page
from sitebuilder.clinical.enrich import enrich_site, verify_tools
from sitebuilder.clinical.evidence.usage import PageDependencies
from sitebuilder.clinical.library import SiteData, load_site_data
from sitebuilder.content.config_file import parse_config
from sitebuilder.core import urls
from sitebuilder.core.config import Config
from sitebuilder.core.decision_tool import SafetyPolicy
from sitebuilder.core.digest import content_digest
from sitebuilder.core.evidence import Evidence
from sitebuilder.core.model import (
    BuildResult,
    File,
    Output,
    Page,
    PageReport,
    RenderedPage,
    Site,
    Sources,
)
from sitebuilder.core.problems import Problem, apply_severities
from sitebuilder.core.review import Reviewer
from sitebuilder.output.headers import site_headers
from sitebuilder.output.hosts import check_host, host_files
from sitebuilder.output.precompress import check_encoder
from sitebuilder.output.sitemap import robots_txt, sitemap_xml
from sitebuilder.render.context import RenderContext, make_context
from sitebuilder.render.renderer import is_noindex

if TYPE_CHECKING:
    from sitebuilder.build.workers import Workers

COMPONENTS: Final = "templates/components.md"
"""A page that shows every part of the design. Only a preview has it; it is never published."""


class BuildTrace(msgspec.Struct, frozen=True):
    """The workings of a build, for the record that the next one may use.

    `uses` is by page id, `told` by the path of the page that the problems are about; `problems`
    are all others.
    """

    context: RenderContext
    artifacts: tuple[PageArtifact, ...]
    dependencies: Mapping[str, PageDependencies]
    links: LinkChecker
    problems: tuple[Problem, ...]
    page_problems: Mapping[str, Sequence[Problem]]


class Build(BuildResult, frozen=True):
    """A result, and what it was made of. `words`: what readers see of a page, by its path."""

    site: Site
    signed_texts: Mapping[str, str]
    reviewers: Mapping[str, Reviewer]
    safety_policy: SafetyPolicy
    evidence: Evidence
    trace: BuildTrace


def build_site(  # noqa: PLR0913 - what a build depends on
    sources: Sources,
    today: date,
    *,
    url: str | None = None,
    release: bool = False,
    preview: bool = False,
    jobs: Workers = 1,
    previous: PreviousBuild | None = None,
    progress: Progress | None = None,
) -> Build:
    """Build the site in memory, for the day `today`; `preview`: for an editor's eyes.

    With any error among the problems the outputs are not fit to be published. Pages that are as
    they were `before` are not made again. `jobs`: processes, or an executor: see `pool`.
    """
    config, problems = parse_config(sources.config, url)
    sources, refused, found = clean_assets(sources)
    library, unread = load_site_data(sources)
    problems += [*sources.problems, *found, *unread]
    files = _sources(sources, preview=preview)
    read = load_pages(files, config, library.evidence, with_drafts=preview)
    put = partial(
        assemble_site, today=today, release=release or config.release, with_drafts=preview
    )
    site, uses, found = _put_together(sources, library, config, read, put, today)
    problems += found

    shared, found = make_context(site, sources, preview=preview)
    problems += found
    finished, renderer = render_pages(shared, site, read.bodies, jobs, previous, progress)
    problems += renderer.problems
    redirects = [(to.old, *renderer.render_redirect(to.new, to.path)) for to in site.redirects]
    problems += [p for _, _, found in redirects for p in found]

    by_path = {one.page.path: one.page for one in finished}
    headers = site_headers(config, [page.policy for page in by_path.values()])
    problems += _checked(site, by_path, headers)
    whole = {one.page.path: one.unpack for one in finished}
    links = LinkChecker(site.index, partial(_anchors, whole, {}))
    told = read.problems
    for place in site.pages:
        page = whole[place.page.path]()
        wrong = check_page(place, page, links, library.reviewers, today)
        told.setdefault(page.path, []).extend(wrong)
    made_of = BuildTrace(shared, tuple(finished), uses, links, tuple(problems), told)
    outputs = (*_outputs(site, finished, redirects, refused), *_for_host(site, headers))
    return _build(site, library, outputs, renderer.policy, headers, made_of)


def _build(
    site: Site,
    library: SiteData,
    outputs: tuple[Output, ...],
    policy: str,
    headers: Mapping[str, str],
    made_of: BuildTrace,
) -> Build:
    """All that was made, as the next stages want it."""
    config, finished = site.config, made_of.artifacts
    by_path = {one.page.path: one.page for one in finished}
    told = chain.from_iterable(made_of.page_problems.values())
    return Build(
        outputs=outputs,
        problems=apply_severities([*made_of.problems, *told], config.checks),
        pages=tuple(_reports(site, by_path)),
        reused=sum(not one.reason for one in finished),
        rebuild_reasons={one.page.path: one.reason for one in finished if one.reason},
        policy=policy,
        policies=_policies(by_path.values(), policy),
        headers=headers,
        folder=config.output,
        compress=config.compress,
        site=site,
        signed_texts={page.path: page.signed_text for page in by_path.values() if page.signed_text},
        reviewers=library.reviewers,
        safety_policy=library.safety_policy,
        evidence=library.evidence,
        trace=made_of,
    )


def _checked(
    site: Site, rendered: Mapping[str, RenderedPage], headers: Mapping[str, str]
) -> list[Problem]:
    """What is wrong with the site as a whole, and with how it is to be published."""
    found = [p for check in SITE_CHECKS for p in check(site, rendered)]
    return [*found, *check_host(site, headers), *check_encoder(site.config)]


def _anchors(
    whole: Mapping[str, Callable[[], RenderedPage]], known: dict[str, frozenset[str]], path: str
) -> frozenset[str] | None:
    """The headings of a page; `known` are those that were asked for before."""
    if path not in known and path in whole:
        known[path] = whole[path]().anchors
    return known.get(path)


def _policies(rendered: Iterable[RenderedPage], common: str) -> dict[str, str]:
    """The policies that are not the common one, by the path of the output."""
    own = (page for page in rendered if page.policy != common)
    return {urls.output_path(page.address): page.policy for page in own}


def _put_together(
    inputs: Sources,
    library: SiteData,
    config: Config,
    read: LoadedPages,
    put: Callable[..., tuple[Site, list[Problem]]],
    today: date,
) -> tuple[Site, dict[str, PageDependencies], list[Problem]]:
    """The tools, proven; the site; and what each of its pages draws on."""
    tools, problems = verify_tools(library, config, read.pages)
    whole = [*read.pages, *map(build_tool_page, tools.values())]
    site, found = put(config, whole, inputs.page_files, inputs.static)
    site, uses, more = enrich_site(site, library, tools, read.finder, read.dependencies, today)
    return site, uses, [*problems, *found, *more]


def _sources(inputs: Sources, *, preview: bool) -> tuple[File, ...]:
    parts = (
        f for f in inputs.templates if preview and inputs.custom_templates and f.path == COMPONENTS
    )
    return (*inputs.pages, *parts)


def _outputs(
    site: Site,
    finished: Sequence[PageArtifact],
    redirects: Iterable[tuple[str, str, object]],
    refused: frozenset[str],
) -> Iterable[Output]:
    for one in finished:
        yield Output(urls.output_path(one.page.address), one.page.digest, one.load)
    for address, html, _ in redirects:
        yield _output(address, html.encode())
    yield _output("/robots.txt", robots_txt(site).encode())
    if site.config.url:
        pages = [one.page for one in finished]
        hidden = {page.path for page in pages if is_noindex(page.address, page.state)}
        yield _output("/sitemap.xml", sitemap_xml(site, hidden).encode())
    for asset in site.assets:
        if asset.file.path not in refused:
            yield Output(urls.output_path(asset.address), asset.file.digest, asset.file.load)


def _for_host(site: Site, headers: Mapping[str, str]) -> Iterable[Output]:
    for path, text in host_files(site.config.host, site, headers).items():
        yield _output(f"/{path}", text.encode())


def _output(address: str, data: bytes) -> Output:
    return Output(urls.output_path(address), content_digest(data), lambda: data)


def _reports(site: Site, rendered: Mapping[str, RenderedPage]) -> Iterable[PageReport]:
    def url_of(page: Page) -> str:
        return urls.href(site.config.base, page.address)

    for place in site.pages:
        page = place.page
        if page.address != urls.NOT_FOUND_URL:
            finished = rendered[page.path]
            full = place.review.last_full if place.review else None
            yield PageReport(
                id=page.id,
                path=page.path,
                url=url_of(page),
                state=finished.state,
                grade=finished.grade,
                facts=tuple(place.evidence.facts),
                references=tuple(place.evidence.sources),
                reviewed=full.on if full else None,
                until=full.until if full else None,
            )
    for page in site.drafts:
        yield PageReport(id=page.id, path=page.path, url=url_of(page), state="draft")
