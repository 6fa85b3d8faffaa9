"""Check the text of a page: its claims, the balance of its options, and its language."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sitebuilder.checks.care import check_care
from sitebuilder.clinical.decision_tools.page import tool_passages
from sitebuilder.clinical.evidence.balance import check_option_balance
from sitebuilder.clinical.evidence.claims import (
    find_unsourced_comparisons,
    find_unsourced_figures,
)
from sitebuilder.clinical.evidence.fractions import check_fractions
from sitebuilder.clinical.plain_language.readability import grade_passages
from sitebuilder.clinical.plain_language.rules import check_plain_language
from sitebuilder.core.config import Config
from sitebuilder.core.model import Page, SitePage
from sitebuilder.core.passage import Passage, ReadingGrade
from sitebuilder.core.problems import Problem
from sitebuilder.markdown.block_specs import BLOCK_SPECS
from sitebuilder.markdown.passages import extract_passages, make_passage

_READABILITY_RULES: Final = frozenset(
    "reading-grade hard-block very-long-sentence long-sentence long-paragraph".split()
)


def check_language(
    site_page: SitePage, config: Config, enabled_rules: frozenset[str], *, with_plain_language: bool
) -> tuple[ReadingGrade | None, list[Problem]]:
    """Check the text of a page. Most of a decision tool was checked when it was verified.

    Args:
        site_page: The page, with the facts and terms that it uses.
        config: Limits, and the words that count as benefits and harms.
        enabled_rules: Names of the rules to check.
        with_plain_language: Whether any of them is about plain language.

    Returns:
        The reading grade and the problems. The grade is None without plain-language rules, and,
        except for decision tools, for pages that are not in English.
    """
    page = site_page.page
    has_signs = site_page.evidence.orders is not None
    problems = list(check_care(site_page, config)) if has_signs else []
    if site_page.tool:  # its text was held to stricter rules when the tool was verified
        grade = None
        if with_plain_language:
            grade = grade_passages(tuple(tool_passages(site_page.tool)))
        return grade, problems
    passages = extract_passages(page.body, page.body_line, site_page.evidence, site_page.fills)
    if "claim" in enabled_rules:
        problems += find_unsourced_figures(
            [*_front_matter_passages(page), *passages], page.path, config.not_claims
        )
    if "comparison" in enabled_rules:
        problems += find_unsourced_comparisons(passages, page.path)
    problems += check_fractions(passages, page.path)
    problems += check_option_balance(passages, page.path, config.benefits, config.harms)
    is_english = (page.lang or config.lang).startswith("en")
    if not (with_plain_language and is_english):
        return None, problems
    terms = site_page.evidence.terms
    limit = config.reading_grade
    problems += check_plain_language(
        passages, terms, page.path, limit, enabled_rules & _READABILITY_RULES
    )
    # Problems in the wording of a generated list are reported for the data file that it comes from.
    written = [
        p for p in passages if not (p.block in BLOCK_SPECS and BLOCK_SPECS[p.block].generated)
    ]
    problems += check_plain_language(
        written, terms, page.path, limit, enabled_rules - _READABILITY_RULES
    )
    return grade_passages(passages), problems


def _front_matter_passages(page: Page) -> Iterator[Passage]:
    for field, text in (("title", page.title), ("description", page.description)):
        if text:
            yield make_passage(text, page.lines.get(field, 1), "title")
