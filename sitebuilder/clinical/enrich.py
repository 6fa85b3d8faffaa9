"""Give each page the facts, sources, terms and review that it uses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

import msgspec

from sitebuilder.clinical.decision_tools.page import (
    linked_page_ids,
    tool_dependencies,
    tool_page_id,
)
from sitebuilder.clinical.evidence import listings
from sitebuilder.clinical.evidence.unused import (
    check_fact_usage,
    check_source_usage,
    check_term_usage,
)
from sitebuilder.clinical.evidence.usage import DependencyFinder, PageDependencies
from sitebuilder.clinical.library import FACTS_PATH, GLOSSARY_PATH, REFERENCES_PATH, SiteData
from sitebuilder.clinical.reviews.records import review_path, review_text_path
from sitebuilder.clinical.reviews.status import review_status
from sitebuilder.core.config import Config
from sitebuilder.core.decision_tool import Tool
from sitebuilder.core.evidence import SOURCE_GRADES, Evidence
from sitebuilder.core.model import Link, Page, Site, SitePage
from sitebuilder.core.problems import Problem, problem
from sitebuilder.core.review import Review

_SITE_WIDE_BLOCKS: Final = (
    "glossary",
    "references",
    "facts",
    *(f"facts {kind}" for kind in SOURCE_GRADES),
)
"""Blocks that are filled from the whole site."""


def verify_tools(
    site_data: SiteData, config: Config, pages: Iterable[Page]
) -> tuple[dict[str, Tool], list[Problem]]:
    """The decision tools, by the id of their page, and all that a proof found."""
    if not site_data.tool_files:
        return {}, []
    # For sites with tools alone.
    from sitebuilder.clinical.decision_tools.load import load_verified_tools  # noqa: PLC0415
    from sitebuilder.clinical.decision_tools.verify import VerificationContext  # noqa: PLC0415

    standard = VerificationContext(
        policy=site_data.safety_policy,
        evidence=site_data.evidence,
        emergency_number=config.emergency_number,
        max_grade=config.reading_grade,
        exempt=config.not_claims,
    )
    ids = {page.id for page in pages if not page.draft}
    tools, problems = load_verified_tools(site_data.tool_files, standard, ids)
    return {tool_page_id(tool): tool for tool in tools.values()}, problems


def enrich_site(
    site: Site,
    site_data: SiteData,
    tools: Mapping[str, Tool],
    finder: DependencyFinder,
    page_dependencies: Mapping[str, PageDependencies],
    today: date,
) -> tuple[tuple[Site, dict[str, PageDependencies]], list[Problem]]:
    """Give each place what it draws on and the state that its review has if no word changed.

    `found`: what pages with files of their own use, by path. Also returns what each page's own
    words use, by page id.
    """
    known = site_data.evidence
    links = {place.page.id: Link(place.page.title, place.page.address) for place in site.pages}
    pages = [place.page for place in site.pages]
    used = {page.id: page_dependencies.get(page.path) or finder.find(page) for page in pages}
    fills = _build_site_fills(site, known, used)
    places = []
    for place in site.pages:
        page = place.page
        tool = tools.get(page.id)
        if tool is not None:
            used[page.id] = tool_dependencies(tool, known)
        uses = used[page.id]
        own = {name: fills[name] for name in fills if name in uses.requested_fills}
        draws_on = uses.evidence
        if own:
            terms = {**draws_on.terms, **finder.find_terms(own.values())}
            draws_on = msgspec.structs.replace(draws_on, terms=terms)
        review = site_data.reviews.get(page.id) if page.review != "none" else None
        places.append(
            msgspec.structs.replace(
                place,
                state=_initial_status(place, review, site.config, today),
                review=review,
                evidence=draws_on,
                fills={**uses.fills, **own} if own else uses.fills,
                tool=tool,
                links={name: links[name] for name in linked_page_ids(tool) if name in links},
            )
        )
    problems = _check_unused_evidence(site, site_data, used, places, today)
    return (msgspec.structs.replace(site, pages=tuple(places)), used), problems


def _initial_status(site_page: SitePage, review: Review | None, config: Config, today: date) -> str:
    """The state of a page's review, if no word has changed."""
    if review is None or site_page.page.draft:
        return site_page.state
    return review_status(review, review.last.text, today, config.review_soon)


def _check_unused_evidence(
    site: Site,
    site_data: SiteData,
    dependencies: Mapping[str, PageDependencies],
    site_pages: Iterable[SitePage],
    today: date,
) -> list[Problem]:
    """What of all that is known nobody uses, and what is too old."""
    known = site_data.evidence
    parts = [one.evidence for one in dependencies.values()]
    in_use = {name for part in parts for name in part.facts}
    oldest = today.year - site.config.oldest_source
    cited = {name for part in parts for name in part.sources}
    explained = {name for place in site_pages for name in place.evidence.terms}
    return [
        *check_fact_usage(known, in_use, FACTS_PATH),
        *check_source_usage(known, cited, REFERENCES_PATH, oldest),
        *check_term_usage(known.terms.values(), explained, GLOSSARY_PATH),
        *_check_orphaned_reviews(site, site_data),
    ]


def _build_site_fills(
    site: Site, evidence: Evidence, dependencies: Mapping[str, PageDependencies]
) -> dict[str, str]:
    """The fills that are made of the whole site; only those that a page asks for."""
    wanted = {
        name
        for name in _SITE_WIDE_BLOCKS
        if any(name in uses.requested_fills for uses in dependencies.values())
    }
    cited_by: dict[str, list[Link]] = {}
    used_by: dict[str, list[Link]] = {}
    for place in site.pages if wanted else ():
        page = place.page
        if not page.for_print and not page.generated:
            link = Link(page.title, page.address)
            for name in dependencies[page.id].evidence.sources:
                cited_by.setdefault(name, []).append(link)
            for name in dependencies[page.id].evidence.facts:
                used_by.setdefault(name, []).append(link)
    made = {}
    if "glossary" in wanted:
        made["glossary"] = listings.glossary_markdown(evidence)
    if "references" in wanted:
        made["references"] = listings.references_markdown(evidence, cited_by)
    for name in wanted - {"glossary", "references"}:
        kind = name.partition(" ")[2]
        made[name] = listings.facts_markdown(
            evidence, used_by, [kind] if kind else list(SOURCE_GRADES)
        )
    return made


def _check_orphaned_reviews(site: Site, site_data: SiteData) -> Iterable[Problem]:
    pages = {place.page.id for place in site.pages} | {page.id for page in site.drafts}
    for name, review in site_data.reviews.items():
        if name not in pages:
            hint = (
                f"If the page has moved, move {review_path(name)} and {review_text_path(name)} too."
            )
            message = f"this is the review of '{name}', and there is no such page"
            yield problem("review-record", review.path, message, hint=hint, line=1)
