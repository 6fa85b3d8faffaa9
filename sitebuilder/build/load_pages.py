"""Load the pages of a site: parse them, find the evidence they use, detach their bodies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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
    """All pages that were read, drafts included.

    Attributes:
        pages: the pages, without their bodies, except those that the handout is made of.
        problems: what is wrong with each page, by source path.
        dependencies: what each page uses, by source path.
        finder: finds what a page uses.
        bodies: the bodies of the pages.
    """

    pages: tuple[Page, ...]
    problems: Mapping[str, Sequence[Problem]]
    dependencies: Mapping[str, PageDependencies]
    finder: DependencyFinder
    bodies: BodyStore


def load_pages(
    files: Iterable[File], config: Config, evidence: Evidence, *, with_drafts: bool
) -> tuple[LoadedPages, tuple[()]]:
    """Parse every page once.

    Problems stay with their pages, in `LoadedPages.problems`: an incremental build stores them
    by page.

    Args:
        files: the Markdown files.
        config: the configuration of the site.
        evidence: all facts, sources, terms and warning signs.
        with_drafts: whether drafts are part of the site, so they are checked too.
    """
    pages: list[Page] = []
    problems: dict[str, list[Problem]] = {}
    dependencies: dict[str, PageDependencies] = {}
    finder, bodies = DependencyFinder(evidence), BodyStore()
    handout_ids = {item.page for item in config.handout}
    for file in files:
        page, problems[file.path] = load_page(file, config)
        if with_drafts or not page.draft:
            problems[file.path] += check_fact_references(page, evidence)
            found = finder.find(page)
            # One shared value for the many pages that use no evidence.
            dependencies[file.path] = _NO_DEPENDENCIES if found == _NO_DEPENDENCIES else found
        pages.append(page if page.id in handout_ids else bodies.detach(page))
    return LoadedPages(tuple(pages), problems, dependencies, finder, bodies), ()


def load_page(file: File, config: Config) -> tuple[Page, list[Problem]]:
    """Return a page, without its body if that would be too slow to convert, and its problems."""
    page, problems = parse_page(file, config)
    page, complexity_problems = limit_complexity(page)
    return page, [*problems, *complexity_problems]
