"""Load the data files of a site: facts, sources, terms, warning signs, reviewers and reviews."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import msgspec

from sitebuilder.clinical.decision_tools.parse_cases import CASES_PATH, parse_cases
from sitebuilder.clinical.decision_tools.safety_policy import parse_safety_policy
from sitebuilder.clinical.evidence.accepted_sentences import (
    ACCEPTED_PATH,
    nothing_accepted,
    parse_accepted,
)
from sitebuilder.clinical.evidence.facts import parse_facts, parse_sources
from sitebuilder.clinical.evidence.glossary import parse_terms
from sitebuilder.clinical.evidence.order_words import parse_sign_orders
from sitebuilder.clinical.evidence.warning_signs import parse_warning_signs
from sitebuilder.clinical.reviews.records import parse_review, review_path
from sitebuilder.clinical.reviews.reviewers import parse_reviewers
from sitebuilder.content import schema
from sitebuilder.content.placeholder_words import PLACEHOLDER, may_have_placeholder
from sitebuilder.core.decision_case import Case
from sitebuilder.core.decision_tool import TOOLS_DIR
from sitebuilder.core.evidence import Evidence
from sitebuilder.core.model import File, Sources
from sitebuilder.core.problems import Problem, problem
from sitebuilder.core.review import Review, Reviewer
from sitebuilder.core.safety_policy import SafetyPolicy

FACTS_PATH: Final = "content/facts.yaml"
REFERENCES_PATH: Final = "content/references.yaml"
GLOSSARY_PATH: Final = "content/glossary.yaml"
EMERGENCY_PATH: Final = "content/emergency.yaml"
REVIEWERS_PATH: Final = "content/reviewers.yaml"

DATA_PATHS: Final = (
    FACTS_PATH,
    REFERENCES_PATH,
    GLOSSARY_PATH,
    EMERGENCY_PATH,
    ACCEPTED_PATH,
    CASES_PATH,
    REVIEWERS_PATH,
)
"""The data files of content/. Others are reported as unknown, except below content/tools/."""


class SiteData(msgspec.Struct, frozen=True):
    """Contents of the data files.

    Attributes:
        reviewers: Who may sign, by id.
        reviews: Valid review records, by page id.
        tool_files: Files of content/tools/, not parsed yet: they name pages, which are not known
            here.
        cases: Who has to be told what by the tools, by name.
    """

    evidence: Evidence
    reviewers: Mapping[str, Reviewer]
    reviews: Mapping[str, Review]
    safety_policy: SafetyPolicy = SafetyPolicy()
    tool_files: tuple[File, ...] = ()
    cases: Mapping[str, Case] = {}


def load_site_data(
    inputs: Sources, emergency_number: str = "911"
) -> tuple[SiteData, list[Problem]]:
    """Parse the data files of content/, except those of tools, and the records of reviews/.

    Files that have no use there are reported.
    """
    files = {file.path: file for file in inputs.data}
    facts, problems = parse_facts(files.get(FACTS_PATH))
    sources, more_problems = parse_sources(files.get(REFERENCES_PATH))
    problems += more_problems
    terms, more_problems = parse_terms(files.get(GLOSSARY_PATH))
    problems += more_problems
    signs, sign_lists, more_problems = parse_warning_signs(files.get(EMERGENCY_PATH))
    problems += more_problems
    orders, more_problems = parse_sign_orders(
        files.get(EMERGENCY_PATH), signs, sign_lists, emergency_number
    )
    problems += more_problems
    accepted, more_problems = parse_accepted(files.get(ACCEPTED_PATH))
    problems += more_problems
    if orders and orders.watched and not accepted:
        problems.append(nothing_accepted())
    reviewers, more_problems = parse_reviewers(files.get(REVIEWERS_PATH))
    problems += [*more_problems, *_check_data_files(inputs.data)]
    problems += _find_placeholders(inputs.data)
    reviews, more_problems = _parse_reviews(inputs.reviews)
    problems += more_problems
    evidence = Evidence(facts, sources, terms, signs, sign_lists, orders, accepted)
    safety_policy, more_problems = parse_safety_policy(files.get(EMERGENCY_PATH))
    problems += more_problems
    tool_files = tuple(file for file in inputs.data if file.path.startswith(TOOLS_DIR))
    cases, more_problems = parse_cases(files.get(CASES_PATH))
    problems += more_problems
    return SiteData(evidence, reviewers, reviews, safety_policy, tool_files, cases), problems


def _check_data_files(data: Iterable[File]) -> Iterable[Problem]:
    for file in data:
        if file.path not in DATA_PATHS and not file.path.startswith(TOOLS_DIR):
            near = schema.closest_match(file.path, DATA_PATHS)
            hint = (
                f"Did you mean '{near}'?" if near else "It may be one of: " + ", ".join(DATA_PATHS)
            )
            message = "a data file of this name is not used"
            yield problem("file-type", file.path, message, hint=hint)


def _find_placeholders(data: Iterable[File]) -> Iterator[Problem]:
    """Report words such as TODO in data files, outside of comments."""
    for file in data:
        text = file.data.decode("utf-8", "replace")
        for number, line in enumerate(text.split("\n") if may_have_placeholder(text) else (), 1):
            match = PLACEHOLDER.search(line.partition(" #")[0])
            if match and not line.lstrip().startswith("#"):
                message = f"'{match[0]}' was to be replaced, and would be published"
                hint, column = "Write what belongs there, or take it out.", match.start() + 1
                yield problem(
                    "placeholder", file.path, message, hint=hint, line=number, column=column
                )


def _parse_reviews(files: Sequence[File]) -> tuple[dict[str, Review], list[Problem]]:
    by_path = {file.path: file for file in files}
    reviews: dict[str, Review] = {}
    problems: list[Problem] = []
    for file in files:
        if file.path.endswith(".yaml"):
            text_file = by_path.get(file.path.removesuffix(".yaml") + ".txt")
            review, review_problems = parse_review(file, text_file)
            problems += review_problems
            if review is not None and file.path == review_path(review.page):
                reviews[review.page] = review
        elif not file.path.endswith(".txt") or file.path[:-4] + ".yaml" not in by_path:
            hint = "Records are written by 'build.py review': NAME.yaml and NAME.txt."
            message = "this is no record of a review"
            problems.append(problem("file-type", file.path, message, hint=hint))
    return reviews, problems
