"""Check that links lead to pages, files and headings that exist."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from functools import cached_property
from typing import Final

from sitebuilder.content.links import (
    DEFAULT_HINT,
    ResolvedLink,
    TargetSuggester,
    resolve_link,
)
from sitebuilder.content.schema import closest_match
from sitebuilder.core.model import Page, Reference, SiteIndex
from sitebuilder.core.problems import Problem, problem

MAX_SUGGESTIONS: Final = 20
"""Broken links that get a "did you mean": each takes a comparison with every page of the site."""

AnchorLookup = Callable[[str], Collection[str] | None]
"""Returns the anchors of the page at a source path; None if there is no such page."""


class LinkChecker:
    """Checks the links of one page after another. Suggestions are cached across pages.

    Attributes:
        hints: Hints for broken links, by folder and target.
        link_targets: Source paths of pages in which other pages link to a heading.
    """

    def __init__(self, site_index: SiteIndex, find_anchors: AnchorLookup) -> None:
        self.site_index, self.find_anchors = site_index, find_anchors
        self.hints: dict[tuple[str, str], str] = {}
        self.link_targets: set[str] = set()

    def check(self, page: Page, references: Collection[Reference]) -> Iterator[Problem]:
        """Yield the problems of a page's links.

        Args:
            page: The page that holds the links.
            references: All references of the page, or only `RenderedPage.unresolved`: the others
                are known to be correct.
        """
        for reference in references:
            target = resolve_link(self.site_index, page, reference)
            rule, message, hint = target.broken_rule, target.message, target.hint
            if target.fragment:
                broken_anchor = self._check_fragment(page, target)
                rule, message, hint = broken_anchor or (rule, message, hint)
            if rule == "broken-link":
                hint = hint or self._suggest_target(page, reference.target)
            if rule:
                line, column = reference.line, reference.column
                yield problem(rule, page.path, message, hint=hint, line=line, column=column)

    def _check_fragment(self, page: Page, target: ResolvedLink) -> tuple[str, str, str] | None:
        """Return rule, message and hint if the target page has no such heading, else None."""
        anchors = self.find_anchors(target.path)
        if target.path != page.path:
            self.link_targets.add(target.path)
        if anchors is None or target.fragment in anchors:
            return None
        near = closest_match(target.fragment, anchors)
        hint = f"Did you mean '#{near}'?" if near else f"Look at {target.path}."
        return "broken-anchor", f"there is no heading '#{target.fragment}'", hint

    @cached_property
    def suggester(self) -> TargetSuggester:
        return TargetSuggester(self.site_index)

    def _suggest_target(self, page: Page, target: str) -> str:
        key = page.path.rpartition("/")[0], target
        if key not in self.hints:
            limit_reached = len(self.hints) >= MAX_SUGGESTIONS
            self.hints[key] = (
                DEFAULT_HINT if limit_reached else self.suggester.suggest(page, target)
            )
        return self.hints[key]
