"""The whole story of a build, from what was read to what can be published."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

from sitebuilder import addresses
from sitebuilder.assemble import INLINE, assemble
from sitebuilder.checks import SITE_CHECKS
from sitebuilder.config import parse_config
from sitebuilder.model import Build, Config, File, Inputs, Output, Page, PageReport, Rendered, Site
from sitebuilder.outputs.index import robots, sitemap
from sitebuilder.parse import parse_page
from sitebuilder.pool import render_all
from sitebuilder.problems import Problem, settle
from sitebuilder.read import digest
from sitebuilder.render.page import Renderer, Shared
from sitebuilder.style import SHEET, style_of
from sitebuilder.text import decode

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
    problems: list[Problem] = list(inputs.problems)
    config, found = parse_config(inputs.config, url)
    problems += found

    pages, found = _parsed(_sources(inputs, preview=preview), config)
    problems += found
    site, found = assemble(
        config,
        pages,
        inputs.page_files,
        inputs.static,
        today=today,
        release=release or config.release,
        with_drafts=preview,
    )
    problems += found
    shared, found = _shared(site, inputs, preview=preview)
    problems += found
    renderer = Renderer(shared)
    problems += renderer.problems
    rendered = render_all(renderer, site.places, jobs)
    problems += [p for page in rendered for p in page.problems]
    redirects = [(to.old, *renderer.redirect(to.new, to.path)) for to in site.redirects]
    problems += [p for _, _, found in redirects for p in found]

    by_path = {page.path: page for page in rendered}
    problems += [p for check in SITE_CHECKS for p in check(site, by_path)]

    return Build(
        outputs=tuple(_outputs(site, rendered, redirects)),
        problems=settle(problems, config.checks),
        pages=tuple(_reports(site)),
        reused=0,
        policy=renderer.policy,
        base=config.base,
        folder=config.output,
    )


def _sources(inputs: Inputs, *, preview: bool) -> tuple[File, ...]:
    parts = (f for f in inputs.templates if preview and inputs.designed and f.path == COMPONENTS)
    return (*inputs.pages, *parts)


def _parsed(files: Iterable[File], config: Config) -> tuple[list[Page], list[Problem]]:
    parsed = [parse_page(file, config) for file in files]
    return [page for page, _ in parsed], [p for _, found in parsed for p in found]


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
        inline={**parts, SHEET: style},
        preview=preview,
    )
    return shared, problems + found


def _outputs(
    site: Site, rendered: Iterable[Rendered], redirects: Iterable[tuple[str, str, object]]
) -> Iterable[Output]:
    for page in rendered:
        yield _output(page.address, page.html)
    for address, html, _ in redirects:
        yield _output(address, html.encode())
    yield _output("/robots.txt", robots(site).encode())
    if site.config.url:
        yield _output("/sitemap.xml", sitemap(site).encode())
    for asset in site.assets:
        yield Output(addresses.file_of(asset.address), asset.file.digest, asset.file.load)


def _output(address: str, data: bytes) -> Output:
    return Output(addresses.file_of(address), digest(data), lambda: data)


def _reports(site: Site) -> Iterable[PageReport]:
    def report(page_id: str, path: str, address: str, state: str) -> PageReport:
        return PageReport(page_id, path, addresses.href(site.config.base, address), state)

    for place in site.places:
        page = place.page
        if page.address != addresses.NOT_FOUND:
            yield report(page.id, page.path, page.address, place.state)
    for page in site.drafts:
        yield report(page.id, page.path, page.address, "draft")
