"""What a form shows: a tool and the ticked answers in, the result out. The definition.

It follows the table word for word and takes no short cuts: pages are compiled from the same table,
`sets` reasons about all states at once, and both are tested against this.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

import msgspec

from sitebuilder.core.decision_tool import EMERGENCY_OUTCOME, URGENT_OUTCOME, Option, Question, Tool

FormState = Mapping[str, AbstractSet[str]]
"""The ticked answers by question. A question of type `one` has one at most."""


class Evaluation(msgspec.Struct, frozen=True):
    """What the form shows.

    `outcome`: empty if there is no result yet; `waits`: the question that it then waits for.
    `seen`: the questions in view. `conflicts`: those of them where "None of these" stands beside
    another tick. `notes`: points to bring up, with a result of the tool's own only.
    """

    outcome: str
    waiting_for: str
    visible_questions: tuple[str, ...]
    conflicts: tuple[str, ...]
    notes: tuple[str, ...]


def checked_options(question: Question, state: FormState) -> list[Option]:
    """The answers of a question that are ticked, in its order."""
    return [option for option in question.options if option.id in state.get(question.id, ())]


def has_conflict(question: Question, state: FormState) -> bool:
    """Whether an answer that excludes the others stands beside one."""
    chosen = checked_options(question, state)
    return len(chosen) > 1 and any(option.exclusive for option in chosen)


def evaluate(tool: Tool, state: FormState) -> Evaluation:
    """What the form shows in this state.

    A ticked emergency flag wins over all, then an urgent one. Else every question is answered in
    order, free of conflict, until a stop; after the last, the first rule that matches.
    """
    walked, waits, outcome = _walk(tool, state)
    own = not waits and not outcome
    chosen = [option for question in tool.questions for option in checked_options(question, state)]
    flags = {option.flag for option in chosen}
    if own:
        outcome = _match_rules(tool, state)
    if "urgent" in flags:
        outcome = URGENT_OUTCOME
    if "emergency" in flags:
        outcome = EMERGENCY_OUTCOME
    flagged = bool(flags & {"emergency", "urgent"})
    seen = [
        question
        for question in tool.questions
        if question.id in walked or any(option.flag for option in checked_options(question, state))
    ]
    return Evaluation(
        outcome=outcome,
        waiting_for="" if outcome else waits,
        visible_questions=tuple(question.id for question in seen),
        conflicts=tuple(question.id for question in seen if has_conflict(question, state)),
        notes=tuple(o.note for o in chosen if o.note) if own and outcome and not flagged else (),
    )


def _walk(tool: Tool, state: FormState) -> tuple[list[str], str, str]:
    """The questions that are gone through, the one that waits, the result that stops."""
    walked: list[str] = []
    for question in tool.questions:
        walked.append(question.id)
        chosen = checked_options(question, state)
        if not chosen or has_conflict(question, state) or any(option.flag for option in chosen):
            return walked, question.id, ""
        for option in chosen:
            if option.stop:
                return walked, "", option.stop
    return walked, "", ""


def _match_rules(tool: Tool, state: FormState) -> str:
    for rule in tool.rules:
        if all(set(names) & set(state.get(name, ())) for name, names in rule.when.items()):
            return rule.outcome
    return ""
