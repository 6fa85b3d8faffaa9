"""Check that warning signs lead to help, in every state of a form.

What has to be shown follows from the tiers of answers and from content/emergency.yaml, not from the
rules of the tool. Invariants: S1 to S4, S13, S21, S24, S28 and S30 in docs/tool-invariants.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from sitebuilder.clinical.decision_tools.answers import UnknownAnswerError, resolve_answer
from sitebuilder.clinical.decision_tools.counterexample import (
    Counterexamples,
    state_problem,
)
from sitebuilder.clinical.decision_tools.form_model import FormModel
from sitebuilder.clinical.decision_tools.symbolic import FALSE, Function
from sitebuilder.core.decision_tool import OUTCOME_TIERS, SIGN_TIERS, Group, Literal, Option, Tool
from sitebuilder.core.problems import Problem
from sitebuilder.core.safety_policy import SafetyPolicy

EMERGENCY: Final = "EMERGENCY"
"""The outcome of answers that need 911."""

CRISIS: Final = "CRISIS"
"""The outcome of the answer that the policy names under `crisis:`."""

_HINT: Final = "Fix the rules of content/tools/safety.yaml with a clinician."


def known_answers(tool: Tool, written: Sequence[str]) -> Group:
    """Return the answers that these stand for; those that the tool does not ask are left out."""
    found: list[Literal] = []
    for each in written:
        try:
            found += resolve_answer(tool.questions, each)
        except UnknownAnswerError:
            continue
    return tuple(dict.fromkeys(found))


def tier_states(model: FormModel, tier: str) -> Function:
    """Return where an answer of a tier counts."""
    return model.group(known_answers(model.tool, [f"tier.{tier}"]))


def shown_at_least(model: FormModel, tier: str) -> Function:
    """Return where an outcome shows that is at least as urgent as a tier."""
    urgent = OUTCOME_TIERS[: OUTCOME_TIERS.index(tier) + 1]
    return model.diagrams.any_of(
        model.shown[outcome.name]
        for outcome in model.tool.outcomes.values()
        if outcome.tier in urgent
    )


def check_emergency(examples: Counterexamples, policy: SafetyPolicy) -> Iterator[Problem]:
    """Report states in which a warning sign does not lead to what it has to."""
    for message, states in _wrong_states(examples.model, policy):
        found = state_problem(examples, states, message, _HINT)
        if found is not None:
            yield found


def _wrong_states(model: FormModel, policy: SafetyPolicy) -> Iterator[tuple[str, Function]]:
    diagrams, tool = model.diagrams, model.tool
    crisis_answers = known_answers(tool, [policy.crisis])
    crisis = model.group(crisis_answers)
    signs = known_answers(tool, ["tier.911"])
    emergency = model.group(tuple(each for each in signs if each not in crisis_answers))
    help_now = model.shown.get(EMERGENCY, FALSE)
    yield (
        "a sign that needs 911 shows {shown}, not EMERGENCY (S1)",
        diagrams.without(emergency, help_now),
    )
    for pair in policy.pairs:
        groups = [known_answers(tool, group) for group in pair.all_of]
        together = diagrams.all_of(map(model.group, groups))
        emergency = diagrams.either(emergency, together)
        message = f"the pair '{pair.name}' shows {{shown}}, not EMERGENCY (S28)"
        yield message, diagrams.without(together, help_now)
    yield "EMERGENCY shows without a reason (S2)", diagrams.without(help_now, emergency)
    talk = diagrams.without(crisis, emergency)
    shows_talk = model.shown.get(CRISIS, FALSE)
    message = f"'{policy.crisis}' shows {{shown}}, not CRISIS (S30)"
    yield message, diagrams.without(talk, shows_talk)
    yield "CRISIS shows without a reason (S30)", diagrams.without(shows_talk, talk)
    yield from _milder_states(model)
    yield from _early_states(model)
    yield from _falling_states(model)
    yield from _changing_states(model)


def _milder_states(model: FormModel) -> Iterator[tuple[str, Function]]:
    """Yield states in which a result, or what the bar points to, is milder than a sign (S3)."""
    diagrams = model.diagrams
    waiting = diagrams.any_of(model.waiting[q.id] for q in model.tool.safety.questions)
    pending = model.pending()
    for tier in SIGN_TIERS[1:]:
        signs = tier_states(model, tier)
        for outcome in model.tool.outcomes.values():
            if OUTCOME_TIERS.index(outcome.tier) > OUTCOME_TIERS.index(tier):
                message = f"{outcome.name} shows beside an answer of the tier '{tier}' (S3)"
                yield message, diagrams.both(signs, model.shown[outcome.name])
        urgent = diagrams.any_of(
            states
            for name, states in pending.items()
            if OUTCOME_TIERS.index(model.tool.outcomes[name].tier) <= OUTCOME_TIERS.index(tier)
        )
        message = f"the bar says nothing of an answer of the tier '{tier}' (S3)"
        yield message, diagrams.without(diagrams.both(signs, waiting), urgent)


def _early_states(model: FormModel) -> Iterator[tuple[str, Function]]:
    """Yield states in which a result shows before every sign list in view is answered (S4)."""
    diagrams = model.diagrams
    open_lists = diagrams.any_of(
        diagrams.without(model.asked[question.id], model.answered[question.id])
        for question in model.tool.questions
        if question.is_sign_list
    )
    for name, states in model.shown.items():
        if name not in {EMERGENCY, CRISIS}:
            message = f"{name} shows before every list of signs is answered (S4)"
            yield message, diagrams.both(states, open_lists)


def _falling_states(model: FormModel) -> Iterator[tuple[str, Function]]:
    """Yield states in which one more sign lowers the tier (S24)."""
    diagrams, tool = model.diagrams, model.tool
    for tier in OUTCOME_TIERS:
        states = shown_at_least(model, tier)
        for index in sorted(diagrams.falling(states)):
            question, name = model.options[index]
            option = tool.question(question).option(name)
            if option.is_sign or is_old_line(option):
                before = diagrams.fixed(states, index, value=False)
                after = diagrams.fixed(states, index, value=True)
                lower = diagrams.without(before, after)
                message = f"one more sign, '{name}' of '{question}', lowers '{tier}' (S24)"
                yield message, diagrams.both(lower, diagrams.variable(index))


def is_old_line(option: Option) -> bool:
    """Whether an answer is to be told at a visit, and nothing more."""
    return bool(option.tiers) and set(option.tiers.values()) == {"visit"}


def _changing_states(model: FormModel) -> Iterator[tuple[str, Function]]:
    """Yield states in which an old line beside a sign changes the result, pairs apart (S21)."""
    diagrams, tool = model.diagrams, model.tool
    signs = diagrams.any_of(tier_states(model, tier) for tier in SIGN_TIERS)
    help_now = model.shown.get(EMERGENCY, FALSE)
    for name, states in model.shown.items():
        with_sign = diagrams.both(states, signs)
        for index in sorted(diagrams.falling(with_sign)):
            question, option = model.options[index]
            if is_old_line(tool.question(question).option(option)):
                still = diagrams.fixed(diagrams.either(states, help_now), index, value=True)
                lost = diagrams.without(diagrams.fixed(with_sign, index, value=False), still)
                message = f"the old line '{option}' beside a sign changes {name} (S21)"
                yield message, diagrams.both(lost, diagrams.variable(index))


def check_same_start(tools: Sequence[Counterexamples]) -> Iterator[Problem]:
    """Report answers to the first questions that do not lead to the same in all tools (S13).

    Args:
        tools: Those of all tools, made with the same `Diagrams`.
    """
    for examples in tools[1:]:
        first, model = tools[0].model, examples.model
        for name in examples.tool.safety.outcomes:
            states = first.shown.get(name, FALSE)
            differing = model.diagrams.choose(
                states, model.diagrams.negate(model.shown[name]), model.shown[name]
            )
            message = f"the same answers show {name} in '{first.tool.name}' alone, or here (S13)"
            found = state_problem(examples, differing, message, _HINT)
            if found is not None:
                yield found
