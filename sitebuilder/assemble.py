"""All pages in, one `Site` out: addresses, menus, reading order, listings, review states."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final

from sitebuilder import addresses
from sitebuilder.fields import nearest
from sitebuilder.handout import handouts
from sitebuilder.model import Asset, File, Link, Outline, Page, Place, Redirect, Site
from sitebuilder.problems import Problem, problem
from sitebuilder.registry import Registry
from sitebuilder.settings import PATH as CONFIG
from sitebuilder.settings import Config, NavItem

INLINE: Final = "static/inline/"
"""Files that templates write into the page; they have no address of their own."""

FINGERPRINTED: Final = frozenset("css js svg png jpg jpeg webp avif gif woff2".split())
"""Kinds of files of static/ whose published names change with their bytes."""

_MENU: Final = 7
"""Most entries of a menu that nobody has written: more would push the page off a phone's screen."""

NOT_FOUND: Final = Page(
    id="404",
    path="templates/404.html",
    address=addresses.NOT_FOUND,
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
            id=addresses.page_id(address),
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


# -- assets ---------------------------------------------------------------------------------------


def _addressed(static: Iterable[File]) -> Iterable[File]:
    return (file for file in static if not file.path.startswith(INLINE))


def _static_asset(file: File) -> Asset:
    """A file of static/ at the top of the site.

    `static/logo.svg` is `/logo.0123456789.svg`: the name changes with the bytes, so browsers may
    keep it for ever. Kinds that need their own name (`favicon.ico`, `.txt`) keep it.
    """
    stem, _, kind = file.path.removeprefix("static/").rpartition(".")
    mark = f".{file.digest[:10]}" if kind.lower() in FINGERPRINTED else ""
    return Asset(file, f"/{stem}{mark}.{kind}")


def _page_asset(file: File) -> Asset:
    """A file beside pages is published beside them, below the address that the folder gives."""
    folder, _, name = file.path.removeprefix("content/").rpartition("/")
    stem, _, kind = name.rpartition(".")
    parts = [addresses.slug(part) for part in folder.split("/") if part]
    return Asset(file, "/" + "/".join([*parts, f"{addresses.slug(stem)}.{kind.lower()}"]))


def _register(registry: Registry, asset: Asset) -> bool:
    """Enter an asset under the address that is written and the one that is published."""
    written, path = _written(asset), asset.file.path
    same = written == asset.address
    return registry.add(written, path) and (same or registry.add(asset.address, path))


def _written(asset: Asset) -> str:
    """The address that authors and templates write; the published one may have a fingerprint."""
    path = asset.file.path
    return path.removeprefix("static") if path.startswith("static/") else asset.address


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


# -- what surrounds a page ------------------------------------------------------------------------


class _Linker:
    """Turns page ids in config into links, and notes those that name no page."""

    def __init__(self, config: Config, by_id: Mapping[str, Page], drafts: set[str]) -> None:
        self.config, self.by_id, self.drafts = config, by_id, drafts
        self.problems: list[Problem] = []

    def page(self, field: str, item: NavItem) -> Page | None:
        page = self.by_id.get(item.page)
        if page is None:
            near = nearest(item.page, self.by_id)
            hint = f"Did you mean '{near}'?" if near else "Name a page by its address without '/'."
            rule, message = "unknown-page", f"{field}: there is no page '{item.page}'"
            if item.page in self.drafts:
                rule, message = "draft-link", f"{field}: the page '{item.page}' is a draft"
                hint = "Take it out here, or take 'draft: true' out of the page."
            line = item.line or self.config.lines.get(field, 1)
            self.problems.append(problem(rule, CONFIG, message, hint=hint, line=line))
        return page

    def menu(self, field: str, items: Iterable[NavItem]) -> tuple[Link, ...]:
        found = ((self.page(field, item), item.label) for item in items)
        return tuple(Link(label or page.title, page.address) for page, label in found if page)

    def help(self) -> Link | None:
        if not self.config.help_page:
            return None
        page = self.page("help_page", NavItem(self.config.help_page))
        return Link(page.title, page.address) if page else None


def _link(page: Page) -> Link:
    return Link(page.title, page.address, page.description)


def _in_order(pages: Iterable[Page]) -> list[Page]:
    return sorted(pages, key=lambda p: (p.order == 0, p.order, p.title.casefold(), p.address))


def _parent(address: str) -> str:
    return address.rstrip("/").rpartition("/")[0] + "/"


def _is_content(page: Page) -> bool:
    """Whether a page is one of an editor's, or lists such: not the hand-out, not the parts page."""
    return page.path.startswith("content/")


def _menu_of_top_pages(pages: Iterable[Page]) -> tuple[Link, ...]:
    top = [p for p in pages if p.address.count("/") == 2 and _is_content(p)]  # noqa: PLR2004
    return tuple(Link(p.title, p.address) for p in _in_order(top)[:_MENU])


def _places(config: Config, pages: Sequence[Page], linker: _Linker) -> Iterable[Place]:
    by_address = {page.address: page for page in pages}
    families: dict[str, list[Page]] = {}
    for page in pages:
        if page.address != "/" and _is_content(page):
            families.setdefault(_parent(page.address), []).append(page)
    families = {parent: _in_order(family) for parent, family in families.items()}
    guide = [page for page in (linker.page("guide", item) for item in config.guide) if page]
    neighbours: dict[str, tuple[Link | None, Link | None]] = {}
    for row in [*families.values(), guide] if not guide else [guide]:
        links = [_link(page) for page in row]
        for before, page, after in zip([None, *links], row, [*links[1:], None], strict=False):
            neighbours[page.id] = (before, after)
    pages_of_guide = tuple(map(_link, guide))
    for page in pages:
        previous, following = neighbours.get(page.id, (None, None))
        lists = page.template == "listing"
        children = families.get(page.address, []) if lists else []
        yield Place(
            page=page,
            state="draft" if page.draft else "never-reviewed" if page.review != "none" else "none",
            crumbs=tuple(_crumbs(page, by_address)),
            previous=previous,
            next=following,
            children=tuple(map(_link, children)),
            guide=pages_of_guide if page.id in neighbours else (),
        )


def _crumbs(page: Page, by_address: Mapping[str, Page]) -> list[Link]:
    """The way up from a page, the home page first, the page itself left out."""
    crumbs: list[Link] = []
    address = page.address
    while address != "/":
        address = _parent(address)
        if address in by_address:
            crumbs.insert(0, Link(by_address[address].title, address))
    return crumbs
