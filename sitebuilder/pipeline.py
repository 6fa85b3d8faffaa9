"""The whole story of a build, from what was read to what can be published."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

from msgspec.structs import replace

from sitebuilder import addresses
from sitebuilder.assemble import INLINE, assemble
from sitebuilder.belt import render
from sitebuilder.checks import SITE_CHECKS
from sitebuilder.compress import unable
from sitebuilder.config import parse_config
from sitebuilder.equip import Library, equip, governed, proven, read_library
from sitebuilder.files.inspect import inspect
from sitebuilder.governance.states import WORDS
from sitebuilder.markup.limits import bounded
from sitebuilder.model import Build, File, Inputs, Output, Page, PageReport, Rendered, Site
from sitebuilder.outputs.headers import headers_of
from sitebuilder.outputs.hosts import files_of, host_problems
from sitebuilder.outputs.index import robots, sitemap
from sitebuilder.parse import parse_page
from sitebuilder.pool import render_all
from sitebuilder.problems import Problem, settle
from sitebuilder.read import digest
from sitebuilder.render.page import Renderer, Shared, is_hidden
from sitebuilder.settings import Config
from sitebuilder.style import SHEET, style_of, tight
from sitebuilder.text import decode
from sitebuilder.tools.css import sheet_of
from sitebuilder.tools.pages import SCRIPT, page_of
from sitebuilder.tools.pages import SHEET as TOOL_SHEET

COMPONENTS: Final = "templates/components.md"
"""A page that shows every part of the design. Only a preview has it; it is never published."""


def build_site(
    inputs: Inputs,
    today: date,
    *,
    url: str | None = None,
    release: bool = False,
    preview: bool = False,
    jobs: int = 1,
) -> Build:
    """Build the site in memory, for the day `today`; `preview`: for an editor's eyes.

    With any error among the problems the outputs are not fit to be published.
    """
    config, problems = parse_config(inputs.config, url)
    inputs, refused, found = inspect(inputs)
    library, unread = read_library(inputs)
    problems += [*inputs.problems, *found, *unread]
    site, found = _put_together(
        inputs, library, config, today, release=release or config.release, preview=preview
    )
    problems += found

    shared, found = _shared(site, inputs, preview=preview)
    renderer = Renderer(shared)
    problems += [*found, *renderer.problems]
    rendered = _rendered(renderer, site, jobs)
    redirects = [(to.old, *renderer.redirect(to.new, to.path)) for to in site.redirects]
    problems += [p for page in rendered for p in page.problems]
    problems += [p for _, _, found in redirects for p in found]

    headers = headers_of(config, [page.policy for page in rendered])
    by_path = {page.path: page for page in rendered}
    problems += _checked(site, by_path, headers)
    problems += governed(site, by_path, library.reviewers, today)

    return Build(
        outputs=(*_outputs(site, rendered, redirects, refused), *_for_host(site, headers)),
        problems=settle(problems, config.checks),
        pages=tuple(_reports(site, by_path)),
        reused=0,
        policy=renderer.policy,
        policies=_policies(rendered, renderer.policy),
        headers=headers,
        folder=config.output,
        site=site,
        words={page.path: page.words for page in rendered},
        reviewers=library.reviewers,
        guard=library.guard,
        knowledge=library.knowledge,
    )


def _checked(
    site: Site, rendered: Mapping[str, Rendered], headers: Mapping[str, str]
) -> list[Problem]:
    """What is wrong with the site as a whole, and with how it is to be published."""
    found = [p for check in SITE_CHECKS for p in check(site, rendered)]
    return [*found, *host_problems(site, headers), *unable(site.config)]


def _policies(rendered: Iterable[Rendered], common: str) -> dict[str, str]:
    """The policies that are not the common one, by the path of the output."""
    own = (page for page in rendered if page.policy != common)
    return {addresses.file_of(page.address): page.policy for page in own}


def _put_together(
    inputs: Inputs,
    library: Library,
    config: Config,
    today: date,
    *,
    release: bool,
    preview: bool,
) -> tuple[Site, list[Problem]]:
    """The pages, read, the tools, proven, and the site that they make."""
    pages, problems = _parsed(_sources(inputs, preview=preview), config)
    tools, found = proven(library, config, pages)
    problems += found
    site, found = assemble(
        config,
        [*pages, *map(page_of, tools.values())],
        inputs.page_files,
        inputs.static,
        today=today,
        release=release,
        with_drafts=preview,
    )
    problems += found
    site, found = equip(site, library, tools, today)
    return site, [*problems, *found]


def _rendered(renderer: Renderer, site: Site, jobs: int) -> list[Rendered]:
    """Every page; those for paper last, in the worst state of the pages they are made of."""
    screen = [place for place in site.places if not place.page.paper]
    rendered = render_all(renderer, screen, jobs)
    states = {place.page.id: page.state for place, page in zip(screen, rendered, strict=True)}
    on_paper = {states.get(item.page, "none") for item in site.config.handout}
    worst = next((state for state in WORDS if state in on_paper), "none")
    paper = [replace(place, state=worst) for place in site.places if place.page.paper]
    return [*rendered, *(render(renderer, place) for place in paper)]


def _sources(inputs: Inputs, *, preview: bool) -> tuple[File, ...]:
    parts = (f for f in inputs.templates if preview and inputs.designed and f.path == COMPONENTS)
    return (*inputs.pages, *parts)


def _parsed(files: Iterable[File], config: Config) -> tuple[list[Page], list[Problem]]:
    pages, problems = [], []
    for file in files:
        page, found = parse_page(file, config)
        page, too_much = bounded(page)
        pages.append(page)
        problems += [*found, *too_much]
    return pages, problems


def _shared(site: Site, inputs: Inputs, *, preview: bool) -> tuple[Shared, list[Problem]]:
    inline = [f for f in inputs.static if f.path.startswith(INLINE)]
    texts = {file.path: decode(file) for file in (*inputs.templates, *inline)}
    problems = [p for _, found in texts.values() for p in found]
    parts = {f.path.removeprefix(INLINE): texts[f.path][0] for f in inline}
    style, found = style_of(parts)
    shared = Shared(
        config=site.config,
        nav=site.nav,
        footer=site.footer,
        help=site.help,
        outline=site.outline,
        templates={f.path.removeprefix("templates/"): texts[f.path][0] for f in inputs.templates},
        inline={**{n: tight(t) if n == SCRIPT else t for n, t in parts.items()}, SHEET: style},
        styles=dict(_styles(site, parts)),
        preview=preview,
        release=site.release,
    )
    return shared, problems + found


def _styles(site: Site, parts: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    """The style of each tool's page, by page id: the site's, and rules made of its table."""
    for place in site.places:
        if place.tool and SHEET in parts and TOOL_SHEET in parts:
            sheet = parts[SHEET] + sheet_of(parts[TOOL_SHEET], place.tool)
            yield place.page.id, style_of({**parts, SHEET: sheet})[0]


def _outputs(
    site: Site,
    rendered: Iterable[Rendered],
    redirects: Iterable[tuple[str, str, object]],
    refused: frozenset[str],
) -> Iterable[Output]:
    for page in rendered:
        yield _output(page.address, page.html)
    for address, html, _ in redirects:
        yield _output(address, html.encode())
    yield _output("/robots.txt", robots(site).encode())
    if site.config.url:
        hidden = {page.path for page in rendered if is_hidden(page.address, page.state)}
        yield _output("/sitemap.xml", sitemap(site, hidden).encode())
    for asset in site.assets:
        if asset.file.path not in refused:
            yield Output(addresses.file_of(asset.address), asset.file.digest, asset.file.load)


def _for_host(site: Site, headers: Mapping[str, str]) -> Iterable[Output]:
    for path, text in files_of(site.config.host, site, headers).items():
        yield _output(f"/{path}", text.encode())


def _output(address: str, data: bytes) -> Output:
    return Output(addresses.file_of(address), digest(data), lambda: data)


def _reports(site: Site, rendered: Mapping[str, Rendered]) -> Iterable[PageReport]:
    def url_of(page: Page) -> str:
        return addresses.href(site.config.base, page.address)

    for place in site.places:
        page = place.page
        if page.address != addresses.NOT_FOUND:
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
