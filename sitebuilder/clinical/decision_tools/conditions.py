"""Conditions on the answers to a decision tool."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from sitebuilder.clinical.decision_tools.evaluate import FormState, has_conflict
from sitebuilder.core.decision_tool import FLAG_OUTCOMES, Question, Tool

# -- ways -----------------------------------------------------------------------------------------


class Clause(msgspec.Struct, frozen=True):
    """Of each group in `any_of` an answer is ticked, and none of `none_of`."""

    question: str
    any_of: tuple[tuple[str, ...], ...] = ()
    none_of: tuple[str, ...] = ()


class OutcomePath(msgspec.Struct, frozen=True):
    """A way to a result: `answered` are free of conflict, and every term holds.

    `first`: the terms that let on from the first part, the same for all results of the tool's own.
    """

    answered_questions: tuple[str, ...]
    safety_clauses: tuple[Clause, ...] = ()
    clauses: tuple[Clause, ...] = ()


def path_matches(tool: Tool, path: OutcomePath, state: FormState) -> bool:
    """Whether this state goes this way."""
    return all(
        state.get(name) and not has_conflict(tool.question(name), state)
        for name in path.answered_questions
    ) and all(
        all(set(group) & set(state.get(term.question, ())) for group in term.any_of)
        and not set(term.none_of) & set(state.get(term.question, ()))
        for term in (*path.safety_clauses, *path.clauses)
    )


def pass_clause(question: Question) -> Clause:
    """The answers to a question of the first part after which the next is asked."""
    ends = tuple(o.id for o in question.options if o.flag or o.stop)
    on = tuple(o.id for o in question.options if not o.flag and not o.stop)
    return build_clause(question, (on,), ends)


def build_clause(
    question: Question, any_of: Sequence[Sequence[str]], none_of: Sequence[str]
) -> Clause:
    """The term in the fewest words, for answers that are free of conflict."""
    ids = [option.id for option in question.options]
    alone = {option.id for option in question.options if option.exclusive}
    groups = [[i for i in ids if i in group and i not in none_of] for group in any_of]
    left = [i for i in ids if i not in none_of]
    if not groups and (question.type == "one" or set(left) <= alone or set(none_of) <= alone):
        groups = [left]
    if groups:  # what stands alone is then ticked alone, or not at all
        alone_ticked = question.type == "one" or any(set(group) <= alone for group in groups)
        none_of = [] if alone_ticked else [i for i in none_of if i not in alone]
    groups = [group for group in groups if set(group) != set(ids)]
    return Clause(question.id, tuple(map(tuple, groups)), tuple(i for i in ids if i in none_of))


def describe_clause(question: Question, clause: Clause) -> str:
    """What a term asks of the answers: `at least one of “A” or “B”, and not “C”`."""
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
    texts = [f"“{question.option(name).text.text}”" for name in names]
    return " or ".join(part for part in (", ".join(texts[:-1]), *texts[-1:]) if part)
