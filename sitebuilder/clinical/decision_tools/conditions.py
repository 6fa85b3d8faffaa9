"""Conditions on the answers to a decision tool, and the paths that lead to an outcome.

Only answers without conflict are considered: no exclusive option is checked beside another.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from sitebuilder.clinical.decision_tools.evaluate import FormState, has_conflict
from sitebuilder.core.decision_tool import FLAG_OUTCOMES, Question, Tool


class Clause(msgspec.Struct, frozen=True):
    """A condition on the checked options of one question.

    Attributes:
        question: Id of the question.
        any_of: Groups of options. At least one option of each is checked.
        none_of: Options of which none is checked.
    """

    question: str
    any_of: tuple[tuple[str, ...], ...] = ()
    none_of: tuple[str, ...] = ()


class OutcomePath(msgspec.Struct, frozen=True):
    """One way to reach an outcome.

    Attributes:
        answered_questions: Questions that are answered without conflict.
        safety_clauses: Clauses that let a reader past the safety part: the same for every outcome
            of the tool's own rules.
        clauses: The other clauses. On this path, every clause of both kinds holds.
    """

    answered_questions: tuple[str, ...]
    safety_clauses: tuple[Clause, ...] = ()
    clauses: tuple[Clause, ...] = ()


def path_matches(tool: Tool, path: OutcomePath, state: FormState) -> bool:
    """Whether a reader in this state is on this path."""
    return all(
        state.get(name) and not has_conflict(tool.question(name), state)
        for name in path.answered_questions
    ) and all(
        all(set(group) & set(state.get(clause.question, ())) for group in clause.any_of)
        and not set(clause.none_of) & set(state.get(clause.question, ()))
        for clause in (*path.safety_clauses, *path.clauses)
    )


def pass_clause(question: Question) -> Clause:
    """Return the clause for the answers to a safety question that lead to the next one."""
    ending = tuple(o.id for o in question.options if o.flag or o.stop)
    passing = tuple(o.id for o in question.options if not o.flag and not o.stop)
    return build_clause(question, (passing,), ending)


def build_clause(
    question: Question, any_of: Sequence[Sequence[str]], none_of: Sequence[str]
) -> Clause:
    """Return the shortest clause for these conditions on answers without conflict."""
    ids = [option.id for option in question.options]
    exclusive = {option.id for option in question.options if option.exclusive}
    groups = [[i for i in ids if i in group and i not in none_of] for group in any_of]
    allowed = [i for i in ids if i not in none_of]
    if not groups and (
        question.type == "one" or set(allowed) <= exclusive or set(none_of) <= exclusive
    ):
        groups = [allowed]
    if groups:  # an exclusive option is then checked alone, or not at all
        settled = question.type == "one" or any(set(group) <= exclusive for group in groups)
        none_of = [] if settled else [i for i in none_of if i not in exclusive]
    groups = [group for group in groups if set(group) != set(ids)]
    return Clause(question.id, tuple(map(tuple, groups)), tuple(i for i in ids if i in none_of))


def describe_clause(question: Question, clause: Clause) -> str:
    """Describe what a clause asks of the answers: `at least one of “A” or “B”, and not “C”`."""
    several = "at least one of " if question.type == "many" else ""
    parts = [several * (len(group) > 1) + quote_options(question, group) for group in clause.any_of]
    if clause.none_of:
        flags = {question.option(name).flag for name in clause.none_of}
        flagged = tuple(o.id for o in question.options if o.flag and o.flag in flags)
        if flagged == clause.none_of:
            parts.append(
                f"no answer that leads to {' or '.join(FLAG_OUTCOMES[f] for f in sorted(flags))}"
            )
        else:
            none = "none of " if len(clause.none_of) > 1 else "not "
            parts.append(none + quote_options(question, clause.none_of))
    return ", and ".join(parts) or "any answer"


def quote_options(question: Question, names: Iterable[str]) -> str:
    """List the texts of options in quotes: `“A”, “B” or “C”`."""
    texts = [f"“{question.option(name).text.text}”" for name in names]
    return " or ".join(part for part in (", ".join(texts[:-1]), *texts[-1:]) if part)
