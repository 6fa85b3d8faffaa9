"""What can be said of one page: before all are known, and when it is finished among them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from sitebuilder.build.page_bodies import BodyStore
from sitebuilder.clinical.evidence.usage import (
    DependencyFinder,
    PageDependencies,
    check_fact_references,
)
from sitebuilder.content.page_file import parse_page
from sitebuilder.core.config import Config
from sitebuilder.core.evidence import Evidence
from sitebuilder.core.model import File, Page
from sitebuilder.core.problems import Problem
from sitebuilder.markdown.complexity import limit_complexity

_NO_DEPENDENCIES: Final = PageDependencies(Evidence(), {}, frozenset())


class LoadedPages(msgspec.Struct, frozen=True):
    """All pages that were read. `told`, what is wrong with each, and `uses` are by path.

    The pages have no body, but for those on a hand-out, which is made of them.
    """

    pages: tuple[Page, ...]
    problems: dict[str, list[Problem]]
    dependencies: Mapping[str, PageDependencies]
    finder: DependencyFinder
    bodies: BodyStore


def load_pages(
    files: Iterable[File], config: Config, evidence: Evidence, *, with_drafts: bool
) -> LoadedPages:
    """Read every page, once. `with_drafts`: these are part of the site too."""
    pages: list[Page] = []
    told: dict[str, list[Problem]] = {}
    uses: dict[str, PageDependencies] = {}
    finder, bodies = DependencyFinder(evidence), BodyStore()
    on_paper = {item.page for item in config.handout}
    for file in files:
        page, told[file.path] = load_page(file, config)
        if with_drafts or not page.draft:
            told[file.path] += check_fact_references(page, evidence)
            found = finder.find(page)
            uses[file.path] = (
                _NO_DEPENDENCIES if found == _NO_DEPENDENCIES else found
            )  # one for them all
        pages.append(page if page.id in on_paper else bodies.detach(page))
    return LoadedPages(tuple(pages), told, uses, finder, bodies)


def load_page(file: File, config: Config) -> tuple[Page, list[Problem]]:
    """A page, without a body that would cost too much to make, and what is wrong with it."""
    page, found = parse_page(file, config)
    page, too_much = limit_complexity(page)
    return page, [*found, *too_much]
