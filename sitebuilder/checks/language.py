"""What a page's own words are held to: figures from facts, plain language, choices told alike."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sitebuilder.evidence.balance import balance
from sitebuilder.evidence.claims import claims, comparisons
from sitebuilder.knowledge import Grade, Passage
from sitebuilder.markup.blocks import KINDS
from sitebuilder.markup.prose import passage_of, passages
from sitebuilder.model import Page, Place
from sitebuilder.problems import Problem
from sitebuilder.reading.grade import grade
from sitebuilder.reading.plain import plain_language
from sitebuilder.settings import Config
from sitebuilder.tools.pages import passages_of

_MEASURES: Final = frozenset(
    "reading-grade hard-block very-long-sentence long-sentence long-paragraph".split()
)


def check_language(
    place: Place, config: Config, on: frozenset[str], *, plain: bool
) -> tuple[Grade | None, list[Problem]]:
    """The reading grade of a page, and what is wrong with its words.

    `on`: rules in force. `plain`: one of them is about plain language.
    """
    page = place.page
    if place.tool:  # its words are held to more than this, by its proof
        return grade(tuple(passages_of(place.tool))) if plain else None, []
    problems: list[Problem] = []
    said = passages(page.body, page.body_line, place.knowledge, place.fills)
    if "claim" in on:
        problems += claims([*_of_front_matter(page), *said], page.path, config.not_claims)
    if "comparison" in on:
        problems += comparisons(said, page.path)
    problems += balance(said, page.path, config.benefits, config.harms)
    english = (page.lang or config.lang).startswith("en")
    if not (plain and english):
        return None, problems
    terms = place.knowledge.terms
    limit = config.reading_grade
    problems += plain_language(said, terms, page.path, limit, on & _MEASURES)
    # lists made of data are told where the words stand that they are made of
    own = [p for p in said if not (p.block in KINDS and KINDS[p.block].filled)]
    problems += plain_language(own, terms, page.path, limit, on - _MEASURES)
    return grade(said), problems


def _of_front_matter(page: Page) -> Iterator[Passage]:
    for field, text in (("title", page.title), ("description", page.description)):
        if text:
            yield passage_of(text, page.lines.get(field, 1), "title")
