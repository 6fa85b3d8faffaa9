"""A site and all that is known, in; each place with what it draws on and what is on record, out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final

import msgspec

from sitebuilder import fields
from sitebuilder.evidence import lists
from sitebuilder.evidence.facts import KINDS, parse_facts, parse_sources
from sitebuilder.evidence.guard import parse_guard
from sitebuilder.evidence.signs import parse_signs
from sitebuilder.evidence.terms import parse_terms
from sitebuilder.evidence.uses import Finder, Uses
from sitebuilder.evidence.whole import of_facts, of_sources, of_terms
from sitebuilder.governance.records import parse_review, path_of, text_path_of
from sitebuilder.governance.reviewers import parse_reviewers
from sitebuilder.governance.states import problems_of, state_of
from sitebuilder.knowledge import Guard, Knowledge, Review, Reviewer
from sitebuilder.model import File, Inputs, Link, Page, Place, Site
from sitebuilder.problems import Problem, problem
from sitebuilder.settings import Config
from sitebuilder.tools.model import FOLDER as TOOLS
from sitebuilder.tools.model import Tool
from sitebuilder.tools.pages import named_by, page_id, uses_of_tool

FACTS: Final = "content/facts.yaml"
REFERENCES: Final = "content/references.yaml"
GLOSSARY: Final = "content/glossary.yaml"
EMERGENCY: Final = "content/emergency.yaml"
REVIEWERS: Final = "content/reviewers.yaml"

DATA: Final = (FACTS, REFERENCES, GLOSSARY, EMERGENCY, REVIEWERS)
"""Files of content/ that are no pages. Others with '.yaml' at the end are slips of the pen."""

_FILLED: Final = ("glossary", "references", "facts", *(f"facts {kind}" for kind in KINDS))
"""Blocks that are filled from the whole site."""


class Library(msgspec.Struct, frozen=True):
    """What the data files hold: what pages draw on, who may sign, what was signed, by page id.

    `tools` are files still: they name pages, so they are read when the site is known.
    """

    knowledge: Knowledge
    reviewers: Mapping[str, Reviewer]
    reviews: Mapping[str, Review]
    guard: Guard = Guard()
    tools: tuple[File, ...] = ()


def read_library(inputs: Inputs) -> tuple[Library, list[Problem]]:
    """The data files of content/ and the records of reviews/."""
    files = {file.path: file for file in inputs.data}
    facts, problems = parse_facts(files.get(FACTS))
    sources, found = parse_sources(files.get(REFERENCES))
    problems += found
    terms, found = parse_terms(files.get(GLOSSARY))
    problems += found
    signs, of_signs, found = parse_signs(files.get(EMERGENCY))
    problems += found
    reviewers, found = parse_reviewers(files.get(REVIEWERS))
    problems += [*found, *_unknown_files(inputs.data)]
    reviews, found = _reviews(inputs.reviews)
    problems += found
    known = Knowledge(facts, sources, terms, signs, of_signs)
    guard, found = parse_guard(files.get(EMERGENCY), known)
    problems += found
    tools = tuple(file for file in inputs.data if file.path.startswith(TOOLS))
    return Library(known, reviewers, reviews, guard, tools), problems


def _unknown_files(data: Iterable[File]) -> Iterable[Problem]:
    for file in data:
        if file.path not in DATA and not file.path.startswith(TOOLS):
            near = fields.nearest(file.path, DATA)
            hint = f"Did you mean '{near}'?" if near else "It may be one of: " + ", ".join(DATA)
            message = "a data file of this name is not used"
            yield problem("file-type", file.path, message, hint=hint)


def _reviews(files: Sequence[File]) -> tuple[dict[str, Review], list[Problem]]:
    by_path = {file.path: file for file in files}
    reviews: dict[str, Review] = {}
    problems: list[Problem] = []
    for file in files:
        if file.path.endswith(".yaml"):
            text = by_path.get(file.path.removesuffix(".yaml") + ".txt")
            review, found = parse_review(file, text)
            problems += found
            if review is not None and file.path == path_of(review.page):
                reviews[review.page] = review
        elif not file.path.endswith(".txt") or file.path[:-4] + ".yaml" not in by_path:
            hint = "Records are written by 'build.py review': NAME.yaml and NAME.txt."
            message = "this is no record of a review"
            problems.append(problem("file-type", file.path, message, hint=hint))
    return reviews, problems


def proven(
    library: Library, config: Config, pages: Iterable[Page]
) -> tuple[dict[str, Tool], list[Problem]]:
    """The decision tools, by the id of their page, and all that a proof found."""
    if not library.tools:
        return {}, []
    from sitebuilder.tools.proof import Standard  # noqa: PLC0415 - for sites with tools alone
    from sitebuilder.tools.whole import check_tools  # noqa: PLC0415 - as above

    standard = Standard(
        guard=library.guard,
        known=library.knowledge,
        number=config.emergency_number,
        limit=config.reading_grade,
        exempt=config.not_claims,
    )
    ids = {page.id for page in pages if not page.draft}
    tools, problems = check_tools(library.tools, standard, ids)
    return {page_id(tool): tool for tool in tools.values()}, problems


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
            used[page.id] = uses_of_tool(tool, known)
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
                links={name: links[name] for name in named_by(tool) if name in links},
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
        made["glossary"] = lists.glossary_markdown(known)
    if "references" in wanted:
        made["references"] = lists.references_markdown(known, cited_by)
    for name in wanted - {"glossary", "references"}:
        kind = name.partition(" ")[2]
        made[name] = lists.facts_markdown(known, used_by, [kind] if kind else list(KINDS))
    return made


def _reviews_of_nothing(site: Site, library: Library) -> Iterable[Problem]:
    pages = {place.page.id for place in site.places} | {page.id for page in site.drafts}
    for name, review in library.reviews.items():
        if name not in pages:
            hint = f"If the page has moved, move {path_of(name)} and {text_path_of(name)} too."
            message = f"this is the review of '{name}', and there is no such page"
            yield problem("review-record", review.path, message, hint=hint, line=1)


def governed(
    place: Place, state: str, reviewers: Mapping[str, Reviewer], today: date
) -> Iterable[Problem]:
    """What is wrong with the review of a page in this `state`, now that its words are known."""
    page = place.page
    if page.generated:
        return
    yield from problems_of(
        page.path,
        page.lines.get("review", page.lines.get("title", 1)),
        state=state,
        review=place.review,
        claimed=page.reviewed,
        claimed_line=page.lines.get("reviewed", 1),
        reviewers=reviewers,
        today=today,
    )
    for change in page.changes:
        if change.on > today:
            line = page.lines["changes"]
            message = f"the change of {change.on} has not come yet"
            hint = "Write the day it was made, as year-month-day."
            yield problem("future-date", page.path, message, hint=hint, line=line)
