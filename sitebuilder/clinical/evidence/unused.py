"""Find evidence that is unused, uncited or old, or that names a source that does not exist."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from sitebuilder.content.schema import closest_match
from sitebuilder.core.evidence import (
    SOURCE_GRADES,
    Evidence,
    Fact,
    Source,
    Term,
    WarningSign,
)
from sitebuilder.core.problems import Problem, problem


def check_fact_usage(
    evidence: Evidence, used_names: Collection[str], path: str
) -> Iterator[Problem]:
    """Report facts that no page uses, and facts whose source does not exist."""
    for fact in evidence.facts.values():
        yield from _check_sources(fact, evidence, path)
        yield from _check_grade(fact, evidence, path)
        if fact.name not in used_names:
            message = f"no page uses the fact '{fact.name}'"
            hint = f"Put {{fact {fact.name}}} on a page, or take the fact out."
            yield problem("unused-fact", path, message, hint=hint, line=fact.line)


def check_sign_sources(evidence: Evidence, path: str) -> Iterator[Problem]:
    """Report warning signs whose source does not exist."""
    for sign in evidence.signs.values():
        yield from _check_sources(sign, evidence, path)


def _check_sources(entry: Fact | WarningSign, evidence: Evidence, path: str) -> Iterator[Problem]:
    for name in entry.sources:
        if name not in evidence.sources:
            near = closest_match(name, evidence.sources)
            hint = f"Did you mean '{near}'?" if near else "Add it to content/references.yaml."
            message = f"{entry.name}: there is no source '{name}'"
            yield problem("unknown-reference", path, message, hint=hint, line=entry.line)


def _check_grade(fact: Fact, evidence: Evidence, path: str) -> Iterator[Problem]:
    """Report a fact that is graded above all of its sources."""
    grades = list(SOURCE_GRADES)
    kinds = [evidence.sources[name].kind for name in fact.sources if name in evidence.sources]
    if kinds and grades.index(fact.grade) < min(map(grades.index, kinds)):
        best = min(kinds, key=grades.index)
        message = f"{fact.name}: graded '{fact.grade}', but its best source is '{best}'"
        hint = f"Write 'grade: {best}', or add a stronger source."
        yield problem("bad-value", path, message, hint=hint, line=fact.line)


def check_source_usage(
    evidence: Evidence, cited: Collection[str], path: str, min_year: int
) -> Iterator[Problem]:
    """Report sources that nothing uses, that no page cites, or that are from before `min_year`.

    An old source that says why it is kept is not reported as old.

    Args:
        cited: Names of the sources that pages cite.
    """
    in_facts = {name for fact in evidence.facts.values() for name in fact.sources}
    for source in evidence.sources.values():
        finding = _find_usage_problem(source, cited, in_facts)
        if finding:
            rule, message, hint = finding
            yield problem(rule, path, message, hint=hint, line=source.line)
        if source.is_old(min_year):
            hint = "Look for a newer one, or say with 'keep: ...' why it is still used."
            message = f"the source '{source.name}' is of {source.year}, which is old"
            yield problem("old-reference", path, message, hint=hint, line=source.line)


def check_years(entries: Iterable[Fact | Source], path: str, this_year: int) -> Iterator[Problem]:
    """Report facts and sources of a year to come. Journals date an issue a year ahead at most."""
    for entry in entries:
        if entry.year > this_year + 1:
            message = f"{entry.name}: {entry.year} has not come yet"
            hint = "Write the year in which it came out."
            yield problem("future-date", path, message, hint=hint, line=entry.line)


def _find_usage_problem(
    source: Source, cited: Collection[str], in_facts: Collection[str]
) -> tuple[str, str, str] | None:
    if source.name in cited:
        return None
    if source.name in in_facts:
        message = f"no page cites the source '{source.name}'"
        return "uncited-reference", message, "The facts that name it stand on no page."
    message = f"nothing uses the source '{source.name}'"
    return "unused-reference", message, "Remove it, or name it where it is used."


def check_term_usage(
    terms: Collection[Term], used_names: Collection[str], path: str
) -> Iterator[Problem]:
    """Report terms that no page uses."""
    for term in terms:
        if term.name not in used_names:
            message = f"no page uses the term '{term.term}'"
            hint = "Remove it from the glossary, or add the form that pages use under 'also'."
            yield problem("unused-term", path, message, hint=hint, line=term.line)
