"""Give each page the evidence, the review and the decision tool that it uses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Final

import msgspec

from sitebuilder.clinical.decision_tools.page import (
    linked_page_ids,
    tool_dependencies,
    tool_page_id,
)
from sitebuilder.clinical.evidence import listings
from sitebuilder.clinical.evidence.care_cards import check_shown_lists
from sitebuilder.clinical.evidence.unused import (
    check_fact_usage,
    check_sign_sources,
    check_source_usage,
    check_term_usage,
    check_years,
)
from sitebuilder.clinical.evidence.usage import DependencyFinder, PageDependencies
from sitebuilder.clinical.library import (
    EMERGENCY_PATH,
    FACTS_PATH,
    GLOSSARY_PATH,
    REFERENCES_PATH,
    SiteData,
)
from sitebuilder.clinical.reviews.records import review_path, review_text_path
from sitebuilder.clinical.reviews.status import review_status
from sitebuilder.core.config import Config
from sitebuilder.core.decision_tool import TOOLS_DIR, Tool
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
"""Blocks whose content is made from the whole site."""


def verify_tools(
    site_data: SiteData, config: Config, pages: Iterable[Page]
) -> tuple[dict[str, Tool], list[Problem]]:
    """Parse and verify the decision tools, and put the cases through them.

    Returns:
        The tools that can be parsed, by the id of their page, and the problems.
    """
    if not site_data.tool_files:
        return {}, []
    # Sites without tools do not load these.
    from sitebuilder.clinical.decision_tools.cases import check_cases  # noqa: PLC0415
    from sitebuilder.clinical.decision_tools.load import (  # noqa: PLC0415
        load_verified_tools,
        tool_names,
    )
    from sitebuilder.clinical.decision_tools.verify import VerificationContext  # noqa: PLC0415

    context = VerificationContext(
        policy=site_data.safety_policy,
        evidence=site_data.evidence,
        emergency_number=config.emergency_number,
        max_grade=config.reading_grade,
        exempt=config.not_claims,
    )
    ids = {page.id for page in pages if not page.draft}
    tools, problems = load_verified_tools(site_data.tool_files, context, ids)
    names = tool_names(site_data.tool_files)
    problems += check_cases(site_data.cases, tools, names, site_data.evidence.sources)
    return {tool_page_id(tool): tool for tool in tools.values()}, problems


def unreadable_tools(site_data: SiteData, tools: Mapping[str, Tool]) -> dict[str, str]:
    """Return the file of each tool that could not be parsed, by the address of its page."""
    if not site_data.tool_files:
        return {}
    from sitebuilder.clinical.decision_tools.load import tool_names  # noqa: PLC0415 - as above

    return {
        f"/tools/{name}/": f"{TOOLS_DIR}{name}.yaml"
        for name in tool_names(site_data.tool_files)
        if f"tools/{name}" not in tools
    }


def enrich_site(
    site: Site,
    site_data: SiteData,
    tools: Mapping[str, Tool],
    finder: DependencyFinder,
    page_dependencies: Mapping[str, PageDependencies],
    today: date,
) -> tuple[tuple[Site, dict[str, PageDependencies]], list[Problem]]:
    """Give each page the evidence, the review and the tool that it uses.

    Args:
        site: The site.
        site_data: Contents of its data files.
        tools: The decision tools, by page id.
        finder: Finds what a page uses.
        page_dependencies: What the pages with files of their own use, by source path.
        today: The day to build for.

    Returns:
        The site together with what each page uses, by page id; and the problems.
    """
    evidence = site_data.evidence
    pages = [site_page.page for site_page in site.pages]
    links = {page.id: Link(page.title, page.address) for page in pages}
    by_id = {page.id: page_dependencies.get(page.path) or finder.find(page) for page in pages}
    oldest = today.year - site.config.oldest_source
    site_fills = _build_site_fills(site, evidence, by_id, oldest)
    enriched = []
    for site_page in site.pages:
        page = site_page.page
        tool = tools.get(page.id)
        if tool is not None:
            by_id[page.id] = tool_dependencies(tool, evidence)
        dependencies = by_id[page.id]
        fills = {n: text for n, text in site_fills.items() if n in dependencies.requested_fills}
        used = dependencies.evidence
        if fills:
            terms = {**used.terms, **finder.find_terms(fills.values())}
            used = msgspec.structs.replace(used, terms=terms)
        review = site_data.reviews.get(page.id) if page.review != "none" else None
        enriched.append(
            msgspec.structs.replace(
                site_page,
                state=_initial_status(site_page, review, site.config, today),
                review=review,
                evidence=used,
                fills={**dependencies.fills, **fills} if fills else dependencies.fills,
                tool=tool,
                links={name: links[name] for name in linked_page_ids(tool) if name in links},
            )
        )
    problems = _check_unused_evidence(site, site_data, by_id, enriched, today)
    return (msgspec.structs.replace(site, pages=tuple(enriched)), by_id), problems


def _initial_status(site_page: SitePage, review: Review | None, config: Config, today: date) -> str:
    """Return the review status of a page, assuming that its text has not changed since.

    Rendering checks the text. A draft, or a page without a review, keeps its state.
    """
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
    """Report unused evidence, old or missing sources, and reviews of pages that do not exist."""
    evidence = site_data.evidence
    used = [page.evidence for page in dependencies.values()]
    facts = {name for part in used for name in part.facts}
    sources = {name for part in used for name in part.sources}
    sources |= {name for case in site_data.cases.values() for name in case.sources}
    sources |= {name for part in used for name in _listed_sign_sources(part)}
    terms = {name for page in site_pages for name in page.evidence.terms}
    oldest = today.year - site.config.oldest_source
    return [
        *check_fact_usage(evidence, facts, FACTS_PATH),
        *check_source_usage(evidence, sources, REFERENCES_PATH, oldest),
        *check_years(evidence.facts.values(), FACTS_PATH, today.year),
        *check_years(evidence.sources.values(), REFERENCES_PATH, today.year),
        *check_sign_sources(evidence, EMERGENCY_PATH),
        *check_shown_lists(
            evidence,
            site.config,
            {page_id: uses.evidence.lists for page_id, uses in dependencies.items()},
            {page.page.id for page in site.pages if page.page.for_print},
            EMERGENCY_PATH,
        ),
        *check_term_usage(evidence.terms.values(), terms, GLOSSARY_PATH),
        *_check_orphaned_reviews(site, site_data),
    ]


def _build_site_fills(
    site: Site, evidence: Evidence, dependencies: Mapping[str, PageDependencies], oldest: int
) -> dict[str, str]:
    """Build the content of the site-wide blocks that a page asks for."""
    requested = frozenset().union(*(page.requested_fills for page in dependencies.values()))
    wanted = [name for name in _SITE_WIDE_BLOCKS if name in requested]  # in a fixed order
    cited_by: dict[str, list[Link]] = {}
    used_by: dict[str, list[Link]] = {}
    for site_page in site.pages if wanted else ():
        page = site_page.page
        if not page.for_print and not page.generated:
            link = Link(page.title, page.address)
            used = dependencies[page.id].evidence
            for name in dict.fromkeys([*used.sources, *_listed_sign_sources(used)]):
                cited_by.setdefault(name, []).append(link)
            for name in used.facts:
                used_by.setdefault(name, []).append(link)
    fills = {}
    for name in wanted:
        block, _, grade = name.partition(" ")
        if block == "glossary":
            fills[name] = listings.glossary_markdown(evidence)
        elif block == "references":
            fills[name] = listings.references_markdown(evidence, cited_by, oldest)
        else:
            grades = [grade] if grade else list(SOURCE_GRADES)
            fills[name] = listings.facts_markdown(evidence, used_by, grades)
    return fills


def _listed_sign_sources(evidence: Evidence) -> Iterator[str]:
    """Yield the sources of the warning signs on the lists of a page."""
    for sign_list in evidence.lists.values():
        for group in sign_list.groups:
            for name in group.signs:
                yield from evidence.signs[name].sources


def _check_orphaned_reviews(site: Site, site_data: SiteData) -> Iterable[Problem]:
    ids = {page.page.id for page in site.pages} | {page.id for page in site.drafts}
    for page_id, review in site_data.reviews.items():
        if page_id not in ids:
            record, text = review_path(page_id), review_text_path(page_id)
            hint = f"If the page has moved, move {record} and {text} too."
            message = f"this is the review of '{page_id}', and there is no such page"
            yield problem("review-record", review.path, message, hint=hint, line=1)
