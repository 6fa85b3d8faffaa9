"""Evaluate a decision tool: what its form shows for the checked options.

This is the reference implementation, without optimizations. `compile_css` compiles pages from the
same tool, `symbolic` reasons about all states at once, and both are tested against it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet

import msgspec

from sitebuilder.core.decision_tool import (
    SETTING_QUESTION,
    Condition,
    DecisionRule,
    Group,
    Literal,
    Option,
    Question,
    Tool,
)

FormState = Mapping[str, AbstractSet[str]]
"""Checked options by question. A question of type `one` has at most one."""


class Evaluation(msgspec.Struct, frozen=True):
    """What the form shows.

    Attributes:
        outcome: Name of the outcome; empty if there is none yet.
        pending: Name of the outcome of the safety part that shows when the rest of that part is
            answered; empty if an outcome shows, or nothing points to one.
        waiting_for: The question that has to be answered next; empty if there is an outcome.
        visible_questions: The questions in view.
        conflicts: The visible questions where an exclusive option is checked beside another.
        lines: Indexes of the lines of the outcome that are shown.
        notes: Names of the notes to show.
        shows_list: The standing list of the tool is shown.
    """

    outcome: str
    pending: str
    waiting_for: str
    visible_questions: tuple[str, ...]
    conflicts: tuple[str, ...]
    lines: tuple[int, ...]
    notes: tuple[str, ...]
    shows_list: bool


def checked_options(question: Question, state: FormState) -> list[Option]:
    """Return the checked options of a question, in its order."""
    return [option for option in question.options if option.id in state.get(question.id, ())]


def has_conflict(question: Question, state: FormState) -> bool:
    """Whether an exclusive option is checked beside another."""
    checked = checked_options(question, state)
    return len(checked) > 1 and any(option.exclusive for option in checked)


def count_ticks(tool: Tool, state: FormState) -> dict[str, frozenset[str]]:
    """Return the checked options that count, by question.

    A sign counts wherever it is checked; any other option only while it is in view.
    """
    counted: dict[str, frozenset[str]] = {}
    for question in tool.questions:
        in_view = holds(question.show_if, counted)
        counted[question.id] = frozenset(
            option.id
            for option in checked_options(question, state)
            if option.is_sign or (in_view and holds(option.show_if, counted))
        )
    return counted


def holds(condition: Condition, counted: FormState) -> bool:
    """Whether a condition holds for the options that count."""

    def any_counts(group: Group) -> bool:
        return any(_literal_holds(literal, counted) for literal in group)

    return all(map(any_counts, condition.all_of)) and not any_counts(condition.none_of)


def _literal_holds(literal: Literal, counted: FormState) -> bool:
    settings = counted.get(SETTING_QUESTION, frozenset())
    return (
        literal.option in counted.get(literal.question, ())
        and (not literal.settings or bool(settings & set(literal.settings)))
        and not settings & set(literal.without)
    )


def in_view(question: Question, counted: FormState) -> bool:
    """Whether a question is asked: its condition holds, or one of its options counts."""
    return holds(question.show_if, counted) or bool(counted[question.id])


def evaluate(tool: Tool, state: FormState) -> Evaluation:
    """Evaluate a state of the form.

    Rules of the safety part that count at once win over everything. Otherwise the questions in view
    are answered in order. The other rules of the safety part count once everything up to their
    question is answered, and their outcome ends the tool. After the last question the tool's own
    rules decide, of which only answers without conflict get that far.
    """
    counted = count_ticks(tool, state)
    reached, waiting_for, outcome = _walk(tool, state, counted)
    outcome = _first_match(_rules_after(tool, ""), counted) or outcome
    shown = tool.outcomes.get(outcome)
    with_notes = shown is not None and (shown.with_notes or outcome in tool.own_outcomes)
    visible = [q for q in tool.questions if q.id in reached or _has_sign(q, counted)]
    waits_for_help = not outcome and waiting_for in {q.id for q in tool.safety.questions}
    return Evaluation(
        outcome=outcome,
        pending=_first_match(tool.safety.rules, counted) if waits_for_help else "",
        waiting_for="" if outcome else waiting_for,
        visible_questions=tuple(question.id for question in visible),
        conflicts=tuple(question.id for question in visible if has_conflict(question, state)),
        lines=tuple(
            index
            for index, line in enumerate(shown.body if shown else ())
            if holds(line.shown_if, counted)
        ),
        notes=tuple(dict.fromkeys(_notes(tool, counted))) if with_notes else (),
        shows_list=with_notes and tool.standing_list is not None,
    )


def _has_sign(question: Question, counted: FormState) -> bool:
    return any(option.is_sign for option in checked_options(question, counted))


def _notes(tool: Tool, counted: FormState) -> Iterator[str]:
    for question in tool.questions:
        for option in checked_options(question, counted):
            yield from option.notes


def _walk(tool: Tool, state: FormState, counted: FormState) -> tuple[list[str], str, str]:
    """Return the questions reached, the one waiting for an answer, and the outcome at the end."""
    own = {question.id for question in tool.own_questions}
    reached: list[str] = []
    for question in tool.questions:
        if in_view(question, counted):
            reached.append(question.id)
            blocked = question.id in own and has_conflict(question, state)
            if not counted[question.id] or blocked:
                return reached, question.id, ""
        outcome = _first_match(_rules_after(tool, question.id), counted)
        if outcome:
            return reached, "", outcome
    return reached, "", _first_match(tool.rules, counted)


def _rules_after(tool: Tool, question: str) -> list[DecisionRule]:
    return [rule for rule in tool.safety.rules if rule.after == question]


def _first_match(rules: Iterable[DecisionRule], counted: FormState) -> str:
    return next((rule.outcome for rule in rules if holds(rule.when, counted)), "")
