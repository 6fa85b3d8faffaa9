"""Assemble a site from its pages and files: URLs, menus, listings, redirects, the handout."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Final

from sitebuilder.assets.published_paths import (
    INLINE_DIR,
    authored_url,
    exclude_inline,
    page_asset,
    static_asset,
)
from sitebuilder.build.handout import build_handouts
from sitebuilder.build.navigation import NavResolver, default_menu, make_site_pages
from sitebuilder.build.routes import RouteTable
from sitebuilder.core import urls
from sitebuilder.core.config import Config
from sitebuilder.core.model import Asset, File, Page, Redirect, Site, SiteIndex, SitePage, Sources
from sitebuilder.core.problems import Problem, problem

NOT_FOUND_PAGE: Final = Page(
    id="404",
    path="templates/404.html",
    address=urls.NOT_FOUND_URL,
    title="Page not found",
    description="There is no page at this address. Here are ways to go on.",
    body="",
    body_line=1,
    template="404",
    generated=True,
)


def assemble_site(  # noqa: PLR0913 - what a site is made of, and for whom
    config: Config,
    pages: Sequence[Page],
    sources: Sources,
    *,
    today: date,
    release: bool,
    with_drafts: bool,
    unreadable: Mapping[str, str] = MappingProxyType({}),
) -> tuple[Site, list[Problem]]:
    """Assemble the site.

    Args:
        config: its configuration.
        pages: all pages, those of decision tools included.
        sources: the sources; only the files beside pages and the static files are used.
        today: the day to build for: later dates are reported.
        release: whether the site is held to the rules for patients.
        with_drafts: whether drafts are part of the site.
        unreadable: source paths by address of pages that could not be made: links to them are
            not reported on top of that.

    Returns:
        The site and the problems of its routes, menus, dates and handout.
    """
    drafts = tuple(p for p in pages if p.draft and not with_drafts)
    live = [p for p in pages if not p.draft or with_drafts]
    handouts, handout_problems = build_handouts(
        config, {page.id: page for page in live}, {page.id for page in drafts}
    )
    live += handouts
    live += _build_listings(live, config)
    routes = RouteTable()
    live = [p for p in live if routes.claim(p.address, p.path, p.lines.get("url", 1))]
    redirects = tuple(
        Redirect(alias, page.address, page.path)
        for page in live
        for alias in page.aliases
        if routes.claim(alias, page.path, page.lines.get("aliases", 1))
    )
    assets = [
        asset
        for asset in (
            *map(static_asset, exclude_inline(sources.static)),
            *map(page_asset, sources.page_files),
        )
        if _claim_asset(routes, asset)
    ]
    by_id = {page.id: page for page in live}
    nav = NavResolver(config, by_id, {page.id for page in drafts})
    site = Site(
        config=config,
        release=release,
        pages=(*make_site_pages(config, live, nav), SitePage(NOT_FOUND_PAGE, "none")),
        drafts=drafts,
        nav=nav.resolve_menu("nav", config.nav) or default_menu(live),
        footer=nav.resolve_menu("footer", config.footer),
        help=nav.resolve_help(),
        index=_build_index(live, drafts, assets, sources.static, config.url, unreadable),
        assets=tuple(assets),
        redirects=redirects,
    )
    return site, [
        *handout_problems,
        *routes.problems,
        *nav.problems,
        *_check_future_dates(pages, today),
    ]


def _check_future_dates(pages: Iterable[Page], today: date) -> Iterable[Problem]:
    for page in pages:
        if page.date and page.date > today:
            hint = "Write the day it was written, as year-month-day."
            message = f"the page's date {page.date} has not come yet"
            line = page.lines["date"]
            yield problem("future-date", page.path, message, hint=hint, line=line)


def _build_listings(pages: Iterable[Page], config: Config) -> list[Page]:
    """Make a page for every folder that has pages but no `index.md`, and for the home page."""
    addresses = {page.address for page in pages}
    folders: dict[str, str] = {"/": "content"}
    for page in pages:
        path, address = page.path.removesuffix("/index.md"), page.address
        while path.count("/") > 1 and address.count("/") > 2:  # noqa: PLR2004 - one part and more
            path = path.rpartition("/")[0]
            address = address.rstrip("/").rpartition("/")[0] + "/"
            folders.setdefault(address, path)
    return [
        Page(
            id=urls.page_id(address),
            path=f"{path}/",
            address=address,
            title=config.name if address == "/" else _title_from_folder(path),
            description="The pages in this part of the site.",
            body="",
            body_line=1,
            template="listing",
            generated=True,
        )
        for address, path in sorted(folders.items())
        if address not in addresses
    ]


def _title_from_folder(path: str) -> str:
    name = path.rpartition("/")[2].replace("-", " ").replace("_", " ")
    return name[:1].upper() + name[1:]


def _claim_asset(routes: RouteTable, asset: Asset) -> bool:
    """Claim the URL that authors write and the one that is published. False if either is taken."""
    authored, path = authored_url(asset), asset.file.path
    same = authored == asset.address
    return routes.claim(authored, path) and (same or routes.claim(asset.address, path))


def _build_index(
    pages: Iterable[Page],
    drafts: Iterable[Page],
    assets: Iterable[Asset],
    static_files: Iterable[File],
    url: str,
    unreadable: Mapping[str, str],
) -> SiteIndex:
    published: dict[str, str] = {}
    for asset in assets:
        published[asset.file.path] = asset.address
        published[authored_url(asset)] = asset.address
    for file in static_files:
        if file.path.startswith(INLINE_DIR):
            published[file.path.removeprefix(INLINE_DIR)] = ""
    return SiteIndex(
        paths={p.path: p.address for p in pages},
        addresses={**unreadable, **{p.address: p.path for p in pages}},
        drafts={p.path: p.address for p in drafts},
        assets=published,
        aliases={alias: page.path for page in pages for alias in page.aliases},
        url=url,
    )
