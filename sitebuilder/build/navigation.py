"""Menus, breadcrumbs, previous and next links, and the pages below a section."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from sitebuilder.content.schema import closest_match
from sitebuilder.core.config import CONFIG_PATH, Config, NavItem
from sitebuilder.core.model import Link, Page, SitePage
from sitebuilder.core.problems import Problem, problem

MAX_MENU_ENTRIES: Final = 7
"""Entries of the default menu; with more, the page would not fit on a phone's screen."""


class NavResolver:
    """Resolves the page ids in config, and collects a problem for each that names no page."""

    def __init__(
        self, config: Config, pages_by_id: Mapping[str, Page], draft_ids: set[str]
    ) -> None:
        self.config, self.pages_by_id, self.draft_ids = config, pages_by_id, draft_ids
        self.problems: list[Problem] = []

    def resolve(self, config_key: str, item: NavItem) -> Page | None:
        """Return the page that an entry of config names. If there is none, add a problem."""
        page = self.pages_by_id.get(item.page)
        if page is None:
            near = closest_match(item.page, self.pages_by_id)
            hint = f"Did you mean '{near}'?" if near else "Name a page by its address without '/'."
            rule, message = "unknown-page", f"{config_key}: there is no page '{item.page}'"
            if item.page in self.draft_ids:
                rule, message = "draft-link", f"{config_key}: the page '{item.page}' is a draft"
                hint = "Remove it here, or remove 'draft: true' from the page."
            line = item.line or self.config.lines.get(config_key, 1)
            self.problems.append(problem(rule, CONFIG_PATH, message, hint=hint, line=line))
        return page

    def resolve_menu(self, config_key: str, items: Iterable[NavItem]) -> tuple[Link, ...]:
        """Return the links of a menu, without entries that name no page."""
        pages = ((self.resolve(config_key, item), item.label) for item in items)
        return tuple(Link(label or page.title, page.address) for page, label in pages if page)

    def resolve_help(self) -> Link | None:
        """Return the link to the page that says when to call for help, if there is one."""
        if not self.config.help_page:
            return None
        page = self.resolve("help_page", NavItem(self.config.help_page))
        return Link(page.title, page.address) if page else None


def link_to(page: Page) -> Link:
    """Return a link to a page."""
    return Link(page.title, page.address, page.description)


def sort_pages(pages: Iterable[Page]) -> list[Page]:
    """Return the pages by `order`, those without it last, then by title and address."""
    return sorted(pages, key=lambda p: (p.order == 0, p.order, p.title.casefold(), p.address))


def parent_url(address: str) -> str:
    """Return the URL one level up."""
    return address.rstrip("/").rpartition("/")[0] + "/"


def is_content(page: Page) -> bool:
    """Whether an editor wrote the page, or it lists such pages."""
    return page.path.startswith("content/")


def default_menu(pages: Iterable[Page]) -> tuple[Link, ...]:
    """Return the menu of a site whose config has none: its first top-level pages."""
    top = [p for p in pages if p.address.count("/") == 2 and is_content(p)]  # noqa: PLR2004
    return tuple(Link(p.title, p.address) for p in sort_pages(top)[:MAX_MENU_ENTRIES])


def make_site_pages(config: Config, pages: Sequence[Page], nav: NavResolver) -> Iterable[SitePage]:
    """Yield each page with its breadcrumbs, neighbors, children and the pages of its guide."""
    by_address = {page.address: page for page in pages}
    families: dict[str, list[Page]] = {}
    for page in pages:
        if page.address != "/" and is_content(page):
            families.setdefault(parent_url(page.address), []).append(page)
    families = {parent: sort_pages(family) for parent, family in families.items()}
    guide = [page for page in (nav.resolve("guide", item) for item in config.guide) if page]
    neighbors: dict[str, tuple[Link | None, Link | None]] = {}
    for row in [guide] if guide else families.values():
        links = [link_to(page) for page in row]
        for before, page, after in zip([None, *links], row, [*links[1:], None], strict=False):
            neighbors[page.id] = (before, after)
    guide_links = tuple(map(link_to, guide))
    for page in pages:
        previous, following = neighbors.get(page.id, (None, None))
        children = families.get(page.address, []) if page.template == "listing" else []
        yield SitePage(
            page=page,
            state="draft" if page.draft else "never-reviewed" if page.review != "none" else "none",
            crumbs=tuple(find_breadcrumbs(page, by_address)),
            previous=previous,
            next=following,
            children=tuple(map(link_to, children)),
            guide_pages=guide_links if page.id in neighbors else (),
        )


def find_breadcrumbs(page: Page, pages_by_address: Mapping[str, Page]) -> list[Link]:
    """Return links to the pages above a page, the home page first."""
    crumbs: list[Link] = []
    address = page.address
    while address != "/":
        address = parent_url(address)
        if address in pages_by_address:
            crumbs.insert(0, Link(pages_by_address[address].title, address))
    return crumbs
