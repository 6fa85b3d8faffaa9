"""Whether links lead where they say."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Final

from sitebuilder.content.links import CHECK, Target, resolve, suggest
from sitebuilder.content.schema import nearest
from sitebuilder.core.model import Page, Reference, SiteIndex
from sitebuilder.core.problems import Problem, problem

MOST_HINTS: Final = 20
"""Broken links that get a "did you mean": it takes a look at every page of the site."""

Anchors = Callable[[str], Collection[str] | None]
"""From a page's path to the headings that a link can lead to; None: there is no such page."""


class Links:
    """Follows the links of one page after the other. It remembers what it advised."""

    def __init__(self, outline: SiteIndex, anchors: Anchors) -> None:
        self.outline, self.anchors = outline, anchors
        self.hints: dict[str, str] = {}
        self.aimed: set[str] = set()
        """Paths of the pages that other pages link into the middle of."""

    def check(self, page: Page, references: Collection[Reference]) -> Iterator[Problem]:
        """Every page, file and heading that a page links to is there.

        Of a page's references the unsettled will do: nothing is wrong with the others.
        """
        for reference in references:
            target = resolve(self.outline, page, reference)
            rule, message, hint = target.fault, target.message, target.hint
            if target.fragment:
                wrong = self._fragment(page, target)
                rule, message, hint = wrong or (rule, message, hint)
            if rule == "broken-link":
                hint = hint or self._hint(reference.target)
            if rule:
                line, column = reference.line, reference.column
                yield problem(rule, page.path, message, hint=hint, line=line, column=column)

    def _fragment(self, page: Page, target: Target) -> tuple[str, str, str] | None:
        anchors = self.anchors(target.path)
        if target.path != page.path:
            self.aimed.add(target.path)
        if anchors is None or target.fragment in anchors:
            return None
        near = nearest(target.fragment, anchors)
        hint = f"Did you mean '#{near}'?" if near else f"Look at {target.path}."
        return "broken-anchor", f"there is no heading '#{target.fragment}'", hint

    def _hint(self, written: str) -> str:
        if written not in self.hints:
            slow = len(self.hints) >= MOST_HINTS
            self.hints[written] = CHECK if slow else suggest(self.outline, written)
        return self.hints[written]
