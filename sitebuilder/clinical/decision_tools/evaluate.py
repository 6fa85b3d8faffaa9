"""Evaluate a decision tool: what its form shows for the checked options.

This is the reference implementation, without optimizations. `compile_css` compiles pages from the
same tool, `state_space` reasons about all states at once, and both are tested against it.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

import msgspec

from sitebuilder.core.decision_tool import EMERGENCY_OUTCOME, URGENT_OUTCOME, Option, Question, Tool

FormState = Mapping[str, AbstractSet[str]]
"""Checked options by question. A question of type `one` has at most one."""


class Evaluation(msgspec.Struct, frozen=True):
    """What the form shows.

    Attributes:
        outcome: Name of the outcome; empty if there is none yet.
        waiting_for: The question that has to be answered next; empty if there is an outcome.
        visible_questions: The questions in view.
        conflicts: The visible questions where an exclusive option is checked beside another.
        notes: Names of the notes to show; empty unless the tool's own rules give the outcome.
    """

    outcome: str
    waiting_for: str
    visible_questions: tuple[str, ...]
    conflicts: tuple[str, ...]
    notes: tuple[str, ...]


def checked_options(question: Question, state: FormState) -> list[Option]:
    """Return the checked options of a question, in its order."""
    return [option for option in question.options if option.id in state.get(question.id, ())]


def has_conflict(question: Question, state: FormState) -> bool:
    """Whether an exclusive option is checked beside another."""
    checked = checked_options(question, state)
    return len(checked) > 1 and any(option.exclusive for option in checked)


def evaluate(tool: Tool, state: FormState) -> Evaluation:
    """Evaluate a state of the form.

    A checked emergency flag wins over everything, then an urgent one. Otherwise every question has
    to be answered without conflict, in order, until one stops the tool; after the last question,
    the first matching rule decides.
    """
    reached, waiting_for, outcome = _walk(tool, state)
    completed = not waiting_for and not outcome
    checked = [option for question in tool.questions for option in checked_options(question, state)]
    flags = {option.flag for option in checked}
    if completed:
        outcome = _match_rules(tool, state)
    if "urgent" in flags:
        outcome = URGENT_OUTCOME
    if "emergency" in flags:
        outcome = EMERGENCY_OUTCOME
    flagged = bool(flags & {"emergency", "urgent"})
    visible = [
        question
        for question in tool.questions
        if question.id in reached or any(option.flag for option in checked_options(question, state))
    ]
    return Evaluation(
        outcome=outcome,
        waiting_for="" if outcome else waiting_for,
        visible_questions=tuple(question.id for question in visible),
        conflicts=tuple(question.id for question in visible if has_conflict(question, state)),
        notes=tuple(o.note for o in checked if o.note)
        if completed and outcome and not flagged
        else (),
    )


def _walk(tool: Tool, state: FormState) -> tuple[list[str], str, str]:
    """Return the questions reached, the one waiting for an answer, and the outcome of a stop."""
    reached: list[str] = []
    for question in tool.questions:
        reached.append(question.id)
        checked = checked_options(question, state)
        if not checked or has_conflict(question, state) or any(option.flag for option in checked):
            return reached, question.id, ""
        for option in checked:
            if option.stop:
                return reached, "", option.stop
    return reached, "", ""


def _match_rules(tool: Tool, state: FormState) -> str:
    for rule in tool.rules:
        if all(set(options) & set(state.get(name, ())) for name, options in rule.when.items()):
            return rule.outcome
    return ""
