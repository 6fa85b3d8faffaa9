"""Menus, breadcrumbs, previous and next links, and the pages below a section."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from sitebuilder.content.schema import closest_match
from sitebuilder.core.config import CONFIG_PATH as CONFIG
from sitebuilder.core.config import Config, NavItem
from sitebuilder.core.model import Link, Page, SitePage
from sitebuilder.core.problems import Problem, problem

MAX_MENU_ENTRIES: Final = 7
"""Most entries of a menu that nobody has written: more would push the page off a phone's screen."""


# -- what surrounds a page ------------------------------------------------------------------------


class NavResolver:
    """Turns page ids in config into links, and notes those that name no page."""

    def __init__(self, config: Config, by_id: Mapping[str, Page], drafts: set[str]) -> None:
        self.config, self.by_id, self.drafts = config, by_id, drafts
        self.problems: list[Problem] = []

    def resolve(self, field: str, item: NavItem) -> Page | None:
        page = self.by_id.get(item.page)
        if page is None:
            near = closest_match(item.page, self.by_id)
            hint = f"Did you mean '{near}'?" if near else "Name a page by its address without '/'."
            rule, message = "unknown-page", f"{field}: there is no page '{item.page}'"
            if item.page in self.drafts:
                rule, message = "draft-link", f"{field}: the page '{item.page}' is a draft"
                hint = "Take it out here, or take 'draft: true' out of the page."
            line = item.line or self.config.lines.get(field, 1)
            self.problems.append(problem(rule, CONFIG, message, hint=hint, line=line))
        return page

    def resolve_menu(self, field: str, items: Iterable[NavItem]) -> tuple[Link, ...]:
        found = ((self.resolve(field, item), item.label) for item in items)
        return tuple(Link(label or page.title, page.address) for page, label in found if page)

    def resolve_help(self) -> Link | None:
        if not self.config.help_page:
            return None
        page = self.resolve("help_page", NavItem(self.config.help_page))
        return Link(page.title, page.address) if page else None


def link_to(page: Page) -> Link:
    return Link(page.title, page.address, page.description)


def sort_pages(pages: Iterable[Page]) -> list[Page]:
    return sorted(pages, key=lambda p: (p.order == 0, p.order, p.title.casefold(), p.address))


def parent_url(address: str) -> str:
    return address.rstrip("/").rpartition("/")[0] + "/"


def is_content(page: Page) -> bool:
    """Whether a page is one of an editor's, or lists such: not the hand-out, not the parts page."""
    return page.path.startswith("content/")


def default_menu(pages: Iterable[Page]) -> tuple[Link, ...]:
    top = [p for p in pages if p.address.count("/") == 2 and is_content(p)]  # noqa: PLR2004
    return tuple(Link(p.title, p.address) for p in sort_pages(top)[:MAX_MENU_ENTRIES])


def place_pages(config: Config, pages: Sequence[Page], linker: NavResolver) -> Iterable[SitePage]:
    by_address = {page.address: page for page in pages}
    families: dict[str, list[Page]] = {}
    for page in pages:
        if page.address != "/" and is_content(page):
            families.setdefault(parent_url(page.address), []).append(page)
    families = {parent: sort_pages(family) for parent, family in families.items()}
    guide = [page for page in (linker.resolve("guide", item) for item in config.guide) if page]
    neighbours: dict[str, tuple[Link | None, Link | None]] = {}
    for row in [*families.values(), guide] if not guide else [guide]:
        links = [link_to(page) for page in row]
        for before, page, after in zip([None, *links], row, [*links[1:], None], strict=False):
            neighbours[page.id] = (before, after)
    pages_of_guide = tuple(map(link_to, guide))
    for page in pages:
        previous, following = neighbours.get(page.id, (None, None))
        lists = page.template == "listing"
        children = families.get(page.address, []) if lists else []
        yield SitePage(
            page=page,
            state="draft" if page.draft else "never-reviewed" if page.review != "none" else "none",
            crumbs=tuple(breadcrumbs(page, by_address)),
            previous=previous,
            next=following,
            children=tuple(map(link_to, children)),
            guide_pages=pages_of_guide if page.id in neighbours else (),
        )


def breadcrumbs(page: Page, by_address: Mapping[str, Page]) -> list[Link]:
    """The way up from a page, the home page first, the page itself left out."""
    crumbs: list[Link] = []
    address = page.address
    while address != "/":
        address = parent_url(address)
        if address in by_address:
            crumbs.insert(0, Link(by_address[address].title, address))
    return crumbs
