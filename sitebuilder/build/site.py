"""All pages in, one `Site` out: addresses, menus, reading order, listings, review states."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

from sitebuilder.assets.published_paths import (
    INLINE,
    _addressed,
    _page_asset,
    _static_asset,
    _written,
)
from sitebuilder.build.handout import handouts
from sitebuilder.build.navigation import _Linker, _menu_of_top_pages, _places
from sitebuilder.build.routes import Registry
from sitebuilder.core import urls
from sitebuilder.core.config import Config
from sitebuilder.core.model import Asset, File, Outline, Page, Place, Redirect, Site
from sitebuilder.core.problems import Problem, problem

NOT_FOUND: Final = Page(
    id="404",
    path="templates/404.html",
    address=urls.NOT_FOUND,
    title="Page not found",
    description="There is no page at this address. Here are ways to go on.",
    body="",
    body_line=1,
    template="404",
    generated=True,
)


def assemble(  # noqa: PLR0913 - what a site is put together from
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
    paper, on_paper = handouts(
        config, {page.id: page for page in live}, {page.id for page in drafts}
    )
    live += paper
    live += _listings(live, config)
    registry = Registry()
    live = [p for p in live if registry.add(p.address, p.path, p.lines.get("url", 1))]
    redirects = tuple(
        Redirect(alias, page.address, page.path)
        for page in live
        for alias in page.aliases
        if registry.add(alias, page.path, page.lines.get("aliases", 1))
    )
    assets = [
        asset
        for asset in (*map(_static_asset, _addressed(static)), *map(_page_asset, page_files))
        if _register(registry, asset)
    ]
    by_id = {page.id: page for page in live}
    linker = _Linker(config, by_id, {page.id for page in drafts})
    site = Site(
        config=config,
        release=release,
        places=(*_places(config, live, linker), Place(NOT_FOUND, "none")),
        drafts=drafts,
        nav=linker.menu("nav", config.nav) or _menu_of_top_pages(live),
        footer=linker.menu("footer", config.footer),
        help=linker.help(),
        outline=_outline(live, drafts, assets, static),
        assets=tuple(assets),
        redirects=redirects,
    )
    return site, [*on_paper, *registry.problems, *linker.problems, *_from_the_future(pages, today)]


def _from_the_future(pages: Iterable[Page], today: date) -> Iterable[Problem]:
    for page in pages:
        if page.date and page.date > today:
            hint = "Write the day it was written, as year-month-day."
            message = f"the page's date {page.date} has not come yet"
            line = page.lines["date"]
            yield problem("future-date", page.path, message, hint=hint, line=line)


# -- pages that nobody wrote ----------------------------------------------------------------------


def _listings(pages: Iterable[Page], config: Config) -> list[Page]:
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
            title=config.name if address == "/" else _name_of_folder(path),
            description="The pages in this part of the site.",
            body="",
            body_line=1,
            template="listing",
            generated=True,
        )
        for address, path in sorted(folders.items())
        if address not in known
    ]


def _name_of_folder(path: str) -> str:
    name = path.rpartition("/")[2].replace("-", " ").replace("_", " ")
    return name[:1].upper() + name[1:]


def _register(registry: Registry, asset: Asset) -> bool:
    """Enter an asset under the address that is written and the one that is published."""
    written, path = _written(asset), asset.file.path
    same = written == asset.address
    return registry.add(written, path) and (same or registry.add(asset.address, path))


def _outline(
    live: Iterable[Page], drafts: Iterable[Page], assets: Iterable[Asset], static: Iterable[File]
) -> Outline:
    written: dict[str, str] = {}
    for asset in assets:
        written[asset.file.path] = asset.address
        written[_written(asset)] = asset.address
    for file in static:
        if file.path.startswith(INLINE):
            written[file.path.removeprefix(INLINE)] = ""
    return Outline(
        paths={p.path: p.address for p in live},
        addresses={p.address: p.path for p in live},
        drafts={p.path: p.address for p in drafts},
        assets=written,
    )
