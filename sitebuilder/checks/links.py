"""Whether links lead where they say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from sitebuilder.fields import nearest
from sitebuilder.model import Rendered, Site
from sitebuilder.problems import Problem, problem
from sitebuilder.targets import resolve, suggest

MOST_HINTS: Final = 20
"""Broken links that get a "did you mean": it takes a look at every page of the site."""


def anchors_exist(site: Site, rendered: Mapping[str, Rendered]) -> Iterator[Problem]:
    """Every page, file and heading that a page links to is there."""
    hints: dict[str, str] = {}
    for place in site.places:
        finished = rendered.get(place.page.path)
        for reference in finished.references if finished else ():
            target = resolve(site.outline, place.page, reference)
            rule, message, hint = target.fault, target.message, target.hint
            if target.fragment and target.path in rendered:
                anchors = rendered[target.path].anchors
                if target.fragment not in anchors:
                    near = nearest(target.fragment, anchors)
                    rule, message = "broken-anchor", f"there is no heading '#{target.fragment}'"
                    hint = f"Did you mean '#{near}'?" if near else f"Look at {target.path}."
            if rule == "broken-link" and reference.target not in hints:
                slow = len(hints) >= MOST_HINTS
                hints[reference.target] = "" if slow else suggest(site.outline, reference.target)
            if rule:
                hint = hint or hints.get(reference.target, "")
                yield problem(
                    rule,
                    place.page.path,
                    message,
                    hint=hint,
                    line=reference.line,
                    column=reference.column,
                )
