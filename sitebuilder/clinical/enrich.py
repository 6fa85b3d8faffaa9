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
from sitebuilder.clinical.evidence.unused import of_facts, of_sources, of_terms
from sitebuilder.clinical.evidence.usage import Finder, Uses
from sitebuilder.clinical.library import FACTS, GLOSSARY, REFERENCES, Library
from sitebuilder.clinical.reviews.records import path_of, text_path_of
from sitebuilder.clinical.reviews.status import state_of
from sitebuilder.core.config import Config
from sitebuilder.core.decision_tool import Tool
from sitebuilder.core.evidence import KINDS, Knowledge
from sitebuilder.core.model import Link, Page, Place, Site
from sitebuilder.core.problems import Problem, problem
from sitebuilder.core.review import Review

_FILLED: Final = ("glossary", "references", "facts", *(f"facts {kind}" for kind in KINDS))
"""Blocks that are filled from the whole site."""


def proven(
    library: Library, config: Config, pages: Iterable[Page]
) -> tuple[dict[str, Tool], list[Problem]]:
    """The decision tools, by the id of their page, and all that a proof found."""
    if not library.tools:
        return {}, []
    # For sites with tools alone.
    from sitebuilder.clinical.decision_tools.load import load_verified_tools  # noqa: PLC0415
    from sitebuilder.clinical.decision_tools.verify import VerificationContext  # noqa: PLC0415

    standard = VerificationContext(
        policy=library.guard,
        evidence=library.knowledge,
        emergency_number=config.emergency_number,
        max_grade=config.reading_grade,
        exempt=config.not_claims,
    )
    ids = {page.id for page in pages if not page.draft}
    tools, problems = load_verified_tools(library.tools, standard, ids)
    return {tool_page_id(tool): tool for tool in tools.values()}, problems


def equip(
    site: Site,
    library: Library,
    tools: Mapping[str, Tool],
    finder: Finder,
    found: Mapping[str, Uses],
    today: date,
) -> tuple[Site, dict[str, Uses], list[Problem]]:
    """Give each place what it draws on and the state that its review has if no word changed.

    `found`: what pages with files of their own use, by path. Also returns what each page's own
    words use, by page id.
    """
    known = library.knowledge
    links = {place.page.id: Link(place.page.title, place.page.address) for place in site.places}
    pages = [place.page for place in site.places]
    used = {page.id: found.get(page.path) or finder.uses(page) for page in pages}
    fills = _of_the_site(site, known, used)
    places = []
    for place in site.places:
        page = place.page
        tool = tools.get(page.id)
        if tool is not None:
            used[page.id] = tool_dependencies(tool, known)
        uses = used[page.id]
        own = {name: fills[name] for name in fills if name in uses.asked}
        draws_on = uses.knowledge
        if own:
            terms = {**draws_on.terms, **finder.terms(own.values())}
            draws_on = msgspec.structs.replace(draws_on, terms=terms)
        review = library.reviews.get(page.id) if page.review != "none" else None
        places.append(
            msgspec.structs.replace(
                place,
                state=_state(place, review, site.config, today),
                review=review,
                knowledge=draws_on,
                fills={**uses.fills, **own} if own else uses.fills,
                tool=tool,
                links={name: links[name] for name in linked_page_ids(tool) if name in links},
            )
        )
    problems = _of_whole(site, library, used, places, today)
    return msgspec.structs.replace(site, places=tuple(places)), used, problems


def _state(place: Place, review: Review | None, config: Config, today: date) -> str:
    """The state of a page's review, if no word has changed."""
    if review is None or place.page.draft:
        return place.state
    return state_of(review, review.last.text, today, config.review_soon)


def _of_whole(
    site: Site,
    library: Library,
    used: Mapping[str, Uses],
    places: Iterable[Place],
    today: date,
) -> list[Problem]:
    """What of all that is known nobody uses, and what is too old."""
    known = library.knowledge
    parts = [one.knowledge for one in used.values()]
    in_use = {name for part in parts for name in part.facts}
    oldest = today.year - site.config.oldest_source
    cited = {name for part in parts for name in part.sources}
    explained = {name for place in places for name in place.knowledge.terms}
    return [
        *of_facts(known, in_use, FACTS),
        *of_sources(known, cited, REFERENCES, oldest),
        *of_terms(known.terms.values(), explained, GLOSSARY),
        *_reviews_of_nothing(site, library),
    ]


def _of_the_site(site: Site, known: Knowledge, used: Mapping[str, Uses]) -> dict[str, str]:
    """The fills that are made of the whole site; only those that a page asks for."""
    wanted = {name for name in _FILLED if any(name in uses.asked for uses in used.values())}
    cited_by: dict[str, list[Link]] = {}
    used_by: dict[str, list[Link]] = {}
    for place in site.places if wanted else ():
        page = place.page
        if not page.paper and not page.generated:
            link = Link(page.title, page.address)
            for name in used[page.id].knowledge.sources:
                cited_by.setdefault(name, []).append(link)
            for name in used[page.id].knowledge.facts:
                used_by.setdefault(name, []).append(link)
    made = {}
    if "glossary" in wanted:
        made["glossary"] = listings.glossary_markdown(known)
    if "references" in wanted:
        made["references"] = listings.references_markdown(known, cited_by)
    for name in wanted - {"glossary", "references"}:
        kind = name.partition(" ")[2]
        made[name] = listings.facts_markdown(known, used_by, [kind] if kind else list(KINDS))
    return made


def _reviews_of_nothing(site: Site, library: Library) -> Iterable[Problem]:
    pages = {place.page.id for place in site.places} | {page.id for page in site.drafts}
    for name, review in library.reviews.items():
        if name not in pages:
            hint = f"If the page has moved, move {path_of(name)} and {text_path_of(name)} too."
            message = f"this is the review of '{name}', and there is no such page"
            yield problem("review-record", review.path, message, hint=hint, line=1)
