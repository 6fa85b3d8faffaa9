"""What a page's own words are held to: figures from facts, plain language, choices told alike."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sitebuilder.clinical.decision_tools.page import tool_passages
from sitebuilder.clinical.evidence.balance import check_option_balance
from sitebuilder.clinical.evidence.claims import find_unsourced_comparisons, find_unsourced_figures
from sitebuilder.clinical.plain_language.readability import grade_passages
from sitebuilder.clinical.plain_language.rules import check_plain_language
from sitebuilder.core.config import Config
from sitebuilder.core.model import Page, SitePage
from sitebuilder.core.passage import Passage, ReadingGrade
from sitebuilder.core.problems import Problem
from sitebuilder.markdown.blocks import BLOCK_SPECS
from sitebuilder.markdown.passages import extract_passages, make_passage

_READABILITY_RULES: Final = frozenset(
    "reading-grade hard-block very-long-sentence long-sentence long-paragraph".split()
)


def check_language(
    site_page: SitePage, config: Config, enabled_rules: frozenset[str], *, with_plain_language: bool
) -> tuple[ReadingGrade | None, list[Problem]]:
    """The reading grade of a page, and what is wrong with its words.

    `on`: rules in force. `plain`: one of them is about plain language.
    """
    page = site_page.page
    if site_page.tool:  # its words are held to more than this, by its proof
        return grade_passages(
            tuple(tool_passages(site_page.tool))
        ) if with_plain_language else None, []
    problems: list[Problem] = []
    said = extract_passages(page.body, page.body_line, site_page.evidence, site_page.fills)
    if "claim" in enabled_rules:
        problems += find_unsourced_figures(
            [*_front_matter_passages(page), *said], page.path, config.not_claims
        )
    if "comparison" in enabled_rules:
        problems += find_unsourced_comparisons(said, page.path)
    problems += check_option_balance(said, page.path, config.benefits, config.harms)
    english = (page.lang or config.lang).startswith("en")
    if not (with_plain_language and english):
        return None, problems
    terms = site_page.evidence.terms
    limit = config.reading_grade
    problems += check_plain_language(
        said, terms, page.path, limit, enabled_rules & _READABILITY_RULES
    )
    # lists made of data are told where the words stand that they are made of
    own = [p for p in said if not (p.block in BLOCK_SPECS and BLOCK_SPECS[p.block].generated)]
    problems += check_plain_language(
        own, terms, page.path, limit, enabled_rules - _READABILITY_RULES
    )
    return grade_passages(said), problems


def _front_matter_passages(page: Page) -> Iterator[Passage]:
    for field, text in (("title", page.title), ("description", page.description)):
        if text:
            yield make_passage(text, page.lines.get(field, 1), "title")
