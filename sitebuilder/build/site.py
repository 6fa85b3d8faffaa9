"""All pages in, one `Site` out: addresses, menus, reading order, listings, review states."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

from sitebuilder.assets.published_paths import (
    INLINE_DIR,
    authored_url,
    page_asset,
    static_asset,
    with_url,
)
from sitebuilder.build.handout import build_handouts
from sitebuilder.build.navigation import NavResolver, default_menu, place_pages
from sitebuilder.build.routes import RouteTable
from sitebuilder.core import urls
from sitebuilder.core.config import Config
from sitebuilder.core.model import Asset, File, Page, Redirect, Site, SiteIndex, SitePage
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


def assemble_site(  # noqa: PLR0913 - what a site is put together from
    config: Config,
    pages: Sequence[Page],
    page_files: Sequence[File],
    static: Sequence[File],
    *,
    today: date,
    release: bool,
    with_drafts: bool,
) -> tuple[Site, list[Problem]]:
    """Put the site together. Drafts are part of it only `with_drafts`."""
    drafts = tuple(p for p in pages if p.draft and not with_drafts)
    live = [p for p in pages if not p.draft or with_drafts]
    paper, on_paper = build_handouts(
        config, {page.id: page for page in live}, {page.id for page in drafts}
    )
    live += paper
    live += _build_listings(live, config)
    registry = RouteTable()
    live = [p for p in live if registry.claim(p.address, p.path, p.lines.get("url", 1))]
    redirects = tuple(
        Redirect(alias, page.address, page.path)
        for page in live
        for alias in page.aliases
        if registry.claim(alias, page.path, page.lines.get("aliases", 1))
    )
    assets = [
        asset
        for asset in (*map(static_asset, with_url(static)), *map(page_asset, page_files))
        if _claim_asset(registry, asset)
    ]
    by_id = {page.id: page for page in live}
    linker = NavResolver(config, by_id, {page.id for page in drafts})
    site = Site(
        config=config,
        release=release,
        pages=(*place_pages(config, live, linker), SitePage(NOT_FOUND_PAGE, "none")),
        drafts=drafts,
        nav=linker.resolve_menu("nav", config.nav) or default_menu(live),
        footer=linker.resolve_menu("footer", config.footer),
        help=linker.resolve_help(),
        index=_build_index(live, drafts, assets, static),
        assets=tuple(assets),
        redirects=redirects,
    )
    return site, [
        *on_paper,
        *registry.problems,
        *linker.problems,
        *_check_future_dates(pages, today),
    ]


def _check_future_dates(pages: Iterable[Page], today: date) -> Iterable[Problem]:
    for page in pages:
        if page.date and page.date > today:
            hint = "Write the day it was written, as year-month-day."
            message = f"the page's date {page.date} has not come yet"
            line = page.lines["date"]
            yield problem("future-date", page.path, message, hint=hint, line=line)


# -- pages that nobody wrote ----------------------------------------------------------------------


def _build_listings(pages: Iterable[Page], config: Config) -> list[Page]:
    """A page for every folder that has pages but no `index.md`, and for the home page."""
    known = {page.address for page in pages}
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
        if address not in known
    ]


def _title_from_folder(path: str) -> str:
    name = path.rpartition("/")[2].replace("-", " ").replace("_", " ")
    return name[:1].upper() + name[1:]


def _claim_asset(registry: RouteTable, asset: Asset) -> bool:
    """Enter an asset under the address that is written and the one that is published."""
    written, path = authored_url(asset), asset.file.path
    same = written == asset.address
    return registry.claim(written, path) and (same or registry.claim(asset.address, path))


def _build_index(
    live: Iterable[Page], drafts: Iterable[Page], assets: Iterable[Asset], static: Iterable[File]
) -> SiteIndex:
    written: dict[str, str] = {}
    for asset in assets:
        written[asset.file.path] = asset.address
        written[authored_url(asset)] = asset.address
    for file in static:
        if file.path.startswith(INLINE_DIR):
            written[file.path.removeprefix(INLINE_DIR)] = ""
    return SiteIndex(
        paths={p.path: p.address for p in live},
        addresses={p.address: p.path for p in live},
        drafts={p.path: p.address for p in drafts},
        assets=written,
    )
