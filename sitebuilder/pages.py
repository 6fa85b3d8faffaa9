"""What can be said of one page: before all are known, and when it is finished among them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

import msgspec

from sitebuilder.bodies import Bodies
from sitebuilder.checks.links import Links
from sitebuilder.equip import governed
from sitebuilder.evidence.uses import Finder, Uses, unknown
from sitebuilder.knowledge import Knowledge, Reviewer
from sitebuilder.markup.limits import bounded
from sitebuilder.model import File, Page, Place, Rendered
from sitebuilder.parse import parse_page
from sitebuilder.problems import Problem
from sitebuilder.settings import Config

_NOTHING: Final = Uses(Knowledge(), {}, frozenset())


class Pages(msgspec.Struct, frozen=True):
    """All pages that were read. `told`, what is wrong with each, and `uses` are by path.

    The pages have no body, but for those on a hand-out, which is made of them.
    """

    pages: tuple[Page, ...]
    told: dict[str, list[Problem]]
    uses: Mapping[str, Uses]
    finder: Finder
    bodies: Bodies


def read_pages(
    files: Iterable[File], config: Config, known: Knowledge, *, with_drafts: bool
) -> Pages:
    """Read every page, once. `with_drafts`: these are part of the site too."""
    pages: list[Page] = []
    told: dict[str, list[Problem]] = {}
    uses: dict[str, Uses] = {}
    finder, bodies = Finder(known), Bodies()
    on_paper = {item.page for item in config.handout}
    for file in files:
        page, told[file.path] = read_page(file, config)
        if with_drafts or not page.draft:
            told[file.path] += unknown(page, known)
            found = finder.uses(page)
            uses[file.path] = _NOTHING if found == _NOTHING else found  # one for them all
        pages.append(page if page.id in on_paper else bodies.take(page))
    return Pages(tuple(pages), told, uses, finder, bodies)


def read_page(file: File, config: Config) -> tuple[Page, list[Problem]]:
    """A page, without a body that would cost too much to make, and what is wrong with it."""
    page, found = parse_page(file, config)
    page, too_much = bounded(page)
    return page, [*found, *too_much]


def of_page(
    place: Place, page: Rendered, links: Links, reviewers: Mapping[str, Reviewer], today: date
) -> Iterable[Problem]:
    """What is wrong with a finished page among all others."""
    yield from page.problems
    yield from links.check(place.page, page.unsettled)
    yield from governed(place, page.state, reviewers, today)
