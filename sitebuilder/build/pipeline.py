"""The whole story of a build, from what was read to what can be published."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Final

import msgspec

from sitebuilder.assets.clean import inspect
from sitebuilder.build.incremental.artifacts import Before
from sitebuilder.build.load_pages import Pages, read_pages
from sitebuilder.build.render_pages import Finished, Progress, finish
from sitebuilder.build.site import assemble
from sitebuilder.checks import SITE_CHECKS
from sitebuilder.checks.links import Links
from sitebuilder.checks.reviews import of_page
from sitebuilder.clinical.decision_tools.page import build_tool_page
from sitebuilder.clinical.enrich import enrich_site, verify_tools
from sitebuilder.clinical.evidence.usage import PageDependencies
from sitebuilder.clinical.library import SiteData, load_site_data
from sitebuilder.content.config_file import parse_config
from sitebuilder.core import urls
from sitebuilder.core.config import Config
from sitebuilder.core.decision_tool import Guard
from sitebuilder.core.digest import digest
from sitebuilder.core.evidence import Knowledge
from sitebuilder.core.model import File, Inputs, Output, Page, PageReport, Rendered, Result, Site
from sitebuilder.core.problems import Problem, settle
from sitebuilder.core.review import Reviewer
from sitebuilder.output.headers import site_headers
from sitebuilder.output.hosts import check_host, host_files
from sitebuilder.output.precompress import check_encoder
from sitebuilder.output.sitemap import robots_txt, sitemap_xml
from sitebuilder.render.context import Shared, shared_of
from sitebuilder.render.renderer import is_hidden

if TYPE_CHECKING:
    from sitebuilder.build.workers import Workers

COMPONENTS: Final = "templates/components.md"
"""A page that shows every part of the design. Only a preview has it; it is never published."""


class MadeOf(msgspec.Struct, frozen=True):
    """The workings of a build, for the record that the next one may use.

    `uses` is by page id, `told` by the path of the page that the problems are about; `problems`
    are all others.
    """

    shared: Shared
    finished: tuple[Finished, ...]
    uses: Mapping[str, PageDependencies]
    links: Links
    problems: tuple[Problem, ...]
    told: Mapping[str, Sequence[Problem]]


class Build(Result, frozen=True):
    """A result, and what it was made of. `words`: what readers see of a page, by its path."""

    site: Site
    words: Mapping[str, str]
    reviewers: Mapping[str, Reviewer]
    guard: Guard
    knowledge: Knowledge
    made_of: MadeOf


def build_site(  # noqa: PLR0913 - what a build depends on
    inputs: Inputs,
    today: date,
    *,
    url: str | None = None,
    release: bool = False,
    preview: bool = False,
    jobs: Workers = 1,
    before: Before | None = None,
    progress: Progress | None = None,
) -> Build:
    """Build the site in memory, for the day `today`; `preview`: for an editor's eyes.

    With any error among the problems the outputs are not fit to be published. Pages that are as
    they were `before` are not made again. `jobs`: processes, or an executor: see `pool`.
    """
    config, problems = parse_config(inputs.config, url)
    inputs, refused, found = inspect(inputs)
    library, unread = load_site_data(inputs)
    problems += [*inputs.problems, *found, *unread]
    files = _sources(inputs, preview=preview)
    read = read_pages(files, config, library.evidence, with_drafts=preview)
    put = partial(assemble, today=today, release=release or config.release, with_drafts=preview)
    site, uses, found = _put_together(inputs, library, config, read, put, today)
    problems += found

    shared, found = shared_of(site, inputs, preview=preview)
    problems += found
    finished, renderer = finish(shared, site, read.bodies, jobs, before, progress)
    problems += renderer.problems
    redirects = [(to.old, *renderer.redirect(to.new, to.path)) for to in site.redirects]
    problems += [p for _, _, found in redirects for p in found]

    by_path = {one.page.path: one.page for one in finished}
    headers = site_headers(config, [page.policy for page in by_path.values()])
    problems += _checked(site, by_path, headers)
    whole = {one.page.path: one.whole for one in finished}
    links = Links(site.outline, partial(_anchors, whole, {}))
    told = read.told
    for place in site.places:
        page = whole[place.page.path]()
        wrong = of_page(place, page, links, library.reviewers, today)
        told.setdefault(page.path, []).extend(wrong)
    made_of = MadeOf(shared, tuple(finished), uses, links, tuple(problems), told)
    outputs = (*_outputs(site, finished, redirects, refused), *_for_host(site, headers))
    return _build(site, library, outputs, renderer.policy, headers, made_of)


def _build(
    site: Site,
    library: SiteData,
    outputs: tuple[Output, ...],
    policy: str,
    headers: Mapping[str, str],
    made_of: MadeOf,
) -> Build:
    """All that was made, as the next stages want it."""
    config, finished = site.config, made_of.finished
    by_path = {one.page.path: one.page for one in finished}
    told = chain.from_iterable(made_of.told.values())
    return Build(
        outputs=outputs,
        problems=settle([*made_of.problems, *told], config.checks),
        pages=tuple(_reports(site, by_path)),
        reused=sum(not one.why for one in finished),
        made={one.page.path: one.why for one in finished if one.why},
        policy=policy,
        policies=_policies(by_path.values(), policy),
        headers=headers,
        folder=config.output,
        compress=config.compress,
        site=site,
        words={page.path: page.words for page in by_path.values() if page.words},
        reviewers=library.reviewers,
        guard=library.safety_policy,
        knowledge=library.evidence,
        made_of=made_of,
    )


def _checked(
    site: Site, rendered: Mapping[str, Rendered], headers: Mapping[str, str]
) -> list[Problem]:
    """What is wrong with the site as a whole, and with how it is to be published."""
    found = [p for check in SITE_CHECKS for p in check(site, rendered)]
    return [*found, *check_host(site, headers), *check_encoder(site.config)]


def _anchors(
    whole: Mapping[str, Callable[[], Rendered]], known: dict[str, frozenset[str]], path: str
) -> frozenset[str] | None:
    """The headings of a page; `known` are those that were asked for before."""
    if path not in known and path in whole:
        known[path] = whole[path]().anchors
    return known.get(path)


def _policies(rendered: Iterable[Rendered], common: str) -> dict[str, str]:
    """The policies that are not the common one, by the path of the output."""
    own = (page for page in rendered if page.policy != common)
    return {urls.file_of(page.address): page.policy for page in own}


def _put_together(
    inputs: Inputs,
    library: SiteData,
    config: Config,
    read: Pages,
    put: Callable[..., tuple[Site, list[Problem]]],
    today: date,
) -> tuple[Site, dict[str, PageDependencies], list[Problem]]:
    """The tools, proven; the site; and what each of its pages draws on."""
    tools, problems = verify_tools(library, config, read.pages)
    whole = [*read.pages, *map(build_tool_page, tools.values())]
    site, found = put(config, whole, inputs.page_files, inputs.static)
    site, uses, more = enrich_site(site, library, tools, read.finder, read.uses, today)
    return site, uses, [*problems, *found, *more]


def _sources(inputs: Inputs, *, preview: bool) -> tuple[File, ...]:
    parts = (f for f in inputs.templates if preview and inputs.designed and f.path == COMPONENTS)
    return (*inputs.pages, *parts)


def _outputs(
    site: Site,
    finished: Sequence[Finished],
    redirects: Iterable[tuple[str, str, object]],
    refused: frozenset[str],
) -> Iterable[Output]:
    for one in finished:
        yield Output(urls.file_of(one.page.address), one.page.digest, one.load)
    for address, html, _ in redirects:
        yield _output(address, html.encode())
    yield _output("/robots.txt", robots_txt(site).encode())
    if site.config.url:
        pages = [one.page for one in finished]
        hidden = {page.path for page in pages if is_hidden(page.address, page.state)}
        yield _output("/sitemap.xml", sitemap_xml(site, hidden).encode())
    for asset in site.assets:
        if asset.file.path not in refused:
            yield Output(urls.file_of(asset.address), asset.file.digest, asset.file.load)


def _for_host(site: Site, headers: Mapping[str, str]) -> Iterable[Output]:
    for path, text in host_files(site.config.host, site, headers).items():
        yield _output(f"/{path}", text.encode())


def _output(address: str, data: bytes) -> Output:
    return Output(urls.file_of(address), digest(data), lambda: data)


def _reports(site: Site, rendered: Mapping[str, Rendered]) -> Iterable[PageReport]:
    def url_of(page: Page) -> str:
        return urls.href(site.config.base, page.address)

    for place in site.places:
        page = place.page
        if page.address != urls.NOT_FOUND:
            finished = rendered[page.path]
            full = place.review.full if place.review else None
            yield PageReport(
                id=page.id,
                path=page.path,
                url=url_of(page),
                state=finished.state,
                grade=finished.grade,
                facts=tuple(place.knowledge.facts),
                references=tuple(place.knowledge.sources),
                reviewed=full.on if full else None,
                until=full.until if full else None,
            )
    for page in site.drafts:
        yield PageReport(id=page.id, path=page.path, url=url_of(page), state="draft")
