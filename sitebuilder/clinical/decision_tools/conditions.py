"""Conditions on the answers to a decision tool."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from sitebuilder.clinical.decision_tools.evaluate import State, is_conflict
from sitebuilder.core.decision_tool import FLAGS, Question, Tool

# -- ways -----------------------------------------------------------------------------------------


class Term(msgspec.Struct, frozen=True):
    """Of each group in `any_of` an answer is ticked, and none of `none_of`."""

    question: str
    any_of: tuple[tuple[str, ...], ...] = ()
    none_of: tuple[str, ...] = ()


class Way(msgspec.Struct, frozen=True):
    """A way to a result: `answered` are free of conflict, and every term holds.

    `first`: the terms that let on from the first part, the same for all results of the tool's own.
    """

    answered: tuple[str, ...]
    first: tuple[Term, ...] = ()
    terms: tuple[Term, ...] = ()


def holds(tool: Tool, way: Way, state: State) -> bool:
    """Whether this state goes this way."""
    return all(
        state.get(name) and not is_conflict(tool.question(name), state) for name in way.answered
    ) and all(
        all(set(group) & set(state.get(term.question, ())) for group in term.any_of)
        and not set(term.none_of) & set(state.get(term.question, ()))
        for term in (*way.first, *way.terms)
    )


def lets_on(question: Question) -> Term:
    """The answers to a question of the first part after which the next is asked."""
    ends = tuple(o.id for o in question.options if o.flag or o.stop)
    on = tuple(o.id for o in question.options if not o.flag and not o.stop)
    return plain(question, (on,), ends)


def plain(question: Question, any_of: Sequence[Sequence[str]], none_of: Sequence[str]) -> Term:
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
    return Term(question.id, tuple(map(tuple, groups)), tuple(i for i in ids if i in none_of))


def said(question: Question, term: Term) -> str:
    """What a term asks of the answers: `at least one of “A” or “B”, and not “C”`."""
    several = "at least one of " if question.type == "many" else ""
    parts = [several * (len(group) > 1) + _quoted(question, group) for group in term.any_of]
    if term.none_of:
        flags = {question.option(name).flag for name in term.none_of}
        flagged = tuple(o.id for o in question.options if o.flag and o.flag in flags)
        if flagged == term.none_of:
            parts.append(f"no answer that leads to {' or '.join(FLAGS[f] for f in sorted(flags))}")
        else:
            none = "none of " if len(term.none_of) > 1 else "not "
            parts.append(none + _quoted(question, term.none_of))
    return ", and ".join(parts) or "any answer"


def _quoted(question: Question, names: Iterable[str]) -> str:
    texts = [f"“{question.option(name).text.text}”" for name in names]
    return " or ".join(part for part in (", ".join(texts[:-1]), *texts[-1:]) if part)
