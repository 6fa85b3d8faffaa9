"""What a page's own words are held to: figures from facts, plain language, choices told alike."""

from __future__ import annotations

from collections.abc import Container, Iterator

from sitebuilder.evidence.balance import balance
from sitebuilder.evidence.claims import claims, comparisons
from sitebuilder.knowledge import Grade, Passage
from sitebuilder.markup.blocks import KINDS
from sitebuilder.markup.prose import passage_of, passages
from sitebuilder.model import Page, Place
from sitebuilder.problems import Problem, problem
from sitebuilder.reading.grade import grade
from sitebuilder.reading.plain import plain_language
from sitebuilder.settings import Config
from sitebuilder.tools.pages import passages_of

_LANGUAGE_RULES = frozenset(
    "reading-grade hard-block very-long-sentence long-sentence long-paragraph percentage "
    "denominators unexplained-term mood-word passive".split()
)

_MEASURES = frozenset(
    "reading-grade hard-block very-long-sentence long-sentence long-paragraph".split()
)


def check_words(
    place: Place, config: Config, on: frozenset[str]
) -> tuple[Grade | None, list[Problem]]:
    """The reading grade of a page, and what is wrong with its words. `on`: rules in force."""
    page = place.page
    if page.generated or not page.path.startswith("content/"):
        return None, []
    problems: list[Problem] = list(_governed(page, on))
    if place.tool:  # its words are held to more than this, by its proof
        return grade(tuple(passages_of(place.tool))) if on & _LANGUAGE_RULES else None, problems
    wants_language = bool(on & _LANGUAGE_RULES)
    if not (wants_language or on & {"claim", "comparison"} or "option" in page.body):
        return None, problems  # nothing here asks for the words
    said = passages(page.body, page.body_line, place.knowledge, place.fills)
    if "claim" in on:
        problems += claims([*_of_front_matter(page), *said], page.path, config.not_claims)
    if "comparison" in on:
        problems += comparisons(said, page.path)
    problems += balance(said, page.path, config.benefits, config.harms)
    english = (page.lang or config.lang).startswith("en")
    if not (wants_language and english):
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


def _governed(page: Page, on: Container[str]) -> Iterator[Problem]:
    """What front matter says of who keeps a clinical page and how it came to be.

    A draft may leave it open: an editor who starts a page wants to see it first.
    """
    if page.review != "clinical" or page.draft:
        return
    line = page.lines.get("review", page.lines.get("title", 1))
    if "owner" in on and not page.owner:
        hint = "Add a line 'owner: ...': who keeps the page true, a person or a role."
        yield problem("owner", page.path, "the page has no owner", hint=hint, line=line)
    if "change-log" in on and not page.changes:
        hint = "Add 'changes:' with '- on: 2026-11-22' and '  what: First draft.' below it."
        yield problem("change-log", page.path, "the page has no change log", hint=hint, line=line)
