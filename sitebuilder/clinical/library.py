"""Load the data files of a site: facts, sources, terms, warning signs, reviewers and reviews."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from sitebuilder.clinical.decision_tools.safety_policy import parse_safety_policy
from sitebuilder.clinical.evidence.facts import parse_facts, parse_sources
from sitebuilder.clinical.evidence.glossary import parse_terms
from sitebuilder.clinical.evidence.warning_signs import parse_warning_signs
from sitebuilder.clinical.reviews.records import parse_review, review_path
from sitebuilder.clinical.reviews.reviewers import parse_reviewers
from sitebuilder.content import schema
from sitebuilder.core.decision_tool import TOOLS_DIR as TOOLS
from sitebuilder.core.decision_tool import SafetyPolicy
from sitebuilder.core.evidence import Evidence
from sitebuilder.core.model import File, Sources
from sitebuilder.core.problems import Problem, problem
from sitebuilder.core.review import Review, Reviewer

FACTS_PATH: Final = "content/facts.yaml"


REFERENCES_PATH: Final = "content/references.yaml"


GLOSSARY_PATH: Final = "content/glossary.yaml"


EMERGENCY_PATH: Final = "content/emergency.yaml"


REVIEWERS_PATH: Final = "content/reviewers.yaml"


DATA_PATHS: Final = (FACTS_PATH, REFERENCES_PATH, GLOSSARY_PATH, EMERGENCY_PATH, REVIEWERS_PATH)
"""Files of content/ that are no pages. Others with '.yaml' at the end are slips of the pen."""


class SiteData(msgspec.Struct, frozen=True):
    """What the data files hold: what pages draw on, who may sign, what was signed, by page id.

    `tools` are files still: they name pages, so they are read when the site is known.
    """

    evidence: Evidence
    reviewers: Mapping[str, Reviewer]
    reviews: Mapping[str, Review]
    safety_policy: SafetyPolicy = SafetyPolicy()
    tool_files: tuple[File, ...] = ()


def load_site_data(inputs: Sources) -> tuple[SiteData, list[Problem]]:
    """The data files of content/ and the records of reviews/."""
    files = {file.path: file for file in inputs.data}
    facts, problems = parse_facts(files.get(FACTS_PATH))
    sources, found = parse_sources(files.get(REFERENCES_PATH))
    problems += found
    terms, found = parse_terms(files.get(GLOSSARY_PATH))
    problems += found
    signs, of_signs, found = parse_warning_signs(files.get(EMERGENCY_PATH))
    problems += found
    reviewers, found = parse_reviewers(files.get(REVIEWERS_PATH))
    problems += [*found, *_check_data_files(inputs.data)]
    reviews, found = _parse_reviews(inputs.reviews)
    problems += found
    known = Evidence(facts, sources, terms, signs, of_signs)
    guard, found = parse_safety_policy(files.get(EMERGENCY_PATH), known)
    problems += found
    tools = tuple(file for file in inputs.data if file.path.startswith(TOOLS))
    return SiteData(known, reviewers, reviews, guard, tools), problems


def _check_data_files(data: Iterable[File]) -> Iterable[Problem]:
    for file in data:
        if file.path not in DATA_PATHS and not file.path.startswith(TOOLS):
            near = schema.closest_match(file.path, DATA_PATHS)
            hint = (
                f"Did you mean '{near}'?" if near else "It may be one of: " + ", ".join(DATA_PATHS)
            )
            message = "a data file of this name is not used"
            yield problem("file-type", file.path, message, hint=hint)


def _parse_reviews(files: Sequence[File]) -> tuple[dict[str, Review], list[Problem]]:
    by_path = {file.path: file for file in files}
    reviews: dict[str, Review] = {}
    problems: list[Problem] = []
    for file in files:
        if file.path.endswith(".yaml"):
            text = by_path.get(file.path.removesuffix(".yaml") + ".txt")
            review, found = parse_review(file, text)
            problems += found
            if review is not None and file.path == review_path(review.page):
                reviews[review.page] = review
        elif not file.path.endswith(".txt") or file.path[:-4] + ".yaml" not in by_path:
            hint = "Records are written by 'build.py review': NAME.yaml and NAME.txt."
            message = "this is no record of a review"
            problems.append(problem("file-type", file.path, message, hint=hint))
    return reviews, problems
