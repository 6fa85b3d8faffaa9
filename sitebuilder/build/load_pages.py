"""What can be said of one page: before all are known, and when it is finished among them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from sitebuilder.build.page_bodies import Bodies
from sitebuilder.clinical.evidence.usage import (
    DependencyFinder,
    PageDependencies,
    check_fact_references,
)
from sitebuilder.content.page_file import parse_page
from sitebuilder.core.config import Config
from sitebuilder.core.evidence import Knowledge
from sitebuilder.core.model import File, Page
from sitebuilder.core.problems import Problem
from sitebuilder.markdown.complexity import bounded

_NOTHING: Final = PageDependencies(Knowledge(), {}, frozenset())


class Pages(msgspec.Struct, frozen=True):
    """All pages that were read. `told`, what is wrong with each, and `uses` are by path.

    The pages have no body, but for those on a hand-out, which is made of them.
    """

    pages: tuple[Page, ...]
    told: dict[str, list[Problem]]
    uses: Mapping[str, PageDependencies]
    finder: DependencyFinder
    bodies: Bodies


def read_pages(
    files: Iterable[File], config: Config, known: Knowledge, *, with_drafts: bool
) -> Pages:
    """Read every page, once. `with_drafts`: these are part of the site too."""
    pages: list[Page] = []
    told: dict[str, list[Problem]] = {}
    uses: dict[str, PageDependencies] = {}
    finder, bodies = DependencyFinder(known), Bodies()
    on_paper = {item.page for item in config.handout}
    for file in files:
        page, told[file.path] = read_page(file, config)
        if with_drafts or not page.draft:
            told[file.path] += check_fact_references(page, known)
            found = finder.find(page)
            uses[file.path] = _NOTHING if found == _NOTHING else found  # one for them all
        pages.append(page if page.id in on_paper else bodies.take(page))
    return Pages(tuple(pages), told, uses, finder, bodies)


def read_page(file: File, config: Config) -> tuple[Page, list[Problem]]:
    """A page, without a body that would cost too much to make, and what is wrong with it."""
    page, found = parse_page(file, config)
    page, too_much = bounded(page)
    return page, [*found, *too_much]
