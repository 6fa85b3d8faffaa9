"""Check a tool against the gates of content/emergency.yaml, in every state of its form.

What has to be shown follows from the gates alone; what is shown, from the tool alone. Each set of
states where the two differ is a problem. Invariants: I4 to I7, I9, I10, I17 and I18 in
docs/tool-invariants.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec

from sitebuilder.clinical.decision_tools.counterexample import (
    Counterexamples,
    count_answers,
    describe_answers,
    safety_problem,
)
from sitebuilder.clinical.decision_tools.state_space import (
    Box,
    CheckedAnswers,
    Region,
    StateSpace,
    intersect,
    restrict,
    subtract,
)
from sitebuilder.core.decision_tool import FLAG_OUTCOMES, Gate, Option, Question, SafetyPolicy, Tool
from sitebuilder.core.evidence import Evidence
from sitebuilder.core.problems import Problem

TIER_FLAGS: Final = {"emergency": "emergency", "same-day": "urgent"}
"""The flag that a sign of each tier has to carry."""

OWN_QUESTIONS: Final = "the tool's own questions"


class ExpectedRegion(msgspec.Struct, frozen=True):
    """States in which a given outcome has to be shown.

    Attributes:
        outcome: Name of the outcome; empty for none yet; `OWN_QUESTIONS` if the rules of the tool
            decide.
        gate: Id of the question that decides it; empty if the rules of the tool decide.
    """

    outcome: str
    gate: str
    box: Box


def required_signs(gate: Gate, evidence: Evidence) -> dict[str, str]:
    """Return the tier of each sign that a gate has to ask for, by the name of the sign.

    Empty if the gate has no list of signs, or an unknown one.
    """
    sign_list = evidence.lists.get(gate.signs)
    if sign_list is None:
        return {}
    listed = {sign for group in sign_list.groups for sign in group.signs}
    general = {
        s.name for s in evidence.signs.values() if s.tier == sign_list.tier and not s.setting
    }
    return {name: sign.tier for name, sign in evidence.signs.items() if name in listed | general}


def stopping_options(question: Question, gate: Gate) -> set[str]:
    """Return the ids of the options that must not lead on: those not in `gate.lets_on`."""
    return {option.id for option in question.options if option.id not in gate.lets_on}


def watched_options(
    tool: Tool, policy: SafetyPolicy, evidence: Evidence
) -> Iterator[tuple[str, set[str]]]:
    """Yield question ids with the option ids that the checks need, for `build_state_space`."""
    by_gate = {gate.name: gate for gate in policy.gates}
    for question in tool.questions:
        if question.id in by_gate:
            yield question.id, stopping_options(question, by_gate[question.id])
        for tier in TIER_FLAGS:
            yield question.id, _tier_options(question, evidence, tier)


def _sign_tier(sign: str, evidence: Evidence) -> str:
    return evidence.signs[sign].tier if sign in evidence.signs else ""


def _tier_options(question: Question, evidence: Evidence, tier: str) -> set[str]:
    return {o.id for o in question.options if _sign_tier(o.sign, evidence) == tier}


def expected_regions(
    space: StateSpace, policy: SafetyPolicy, evidence: Evidence
) -> Iterator[ExpectedRegion]:
    """Yield what has to be shown in every state: disjoint regions that together hold all states."""
    left = space.all_states
    by_gate = {gate.name: gate for gate in policy.gates}
    for tier, flag in TIER_FLAGS.items():
        outcome = FLAG_OUTCOMES[flag]
        for index, classes in enumerate(space.answer_classes):
            question = classes.question
            stopping = classes.with_any(_tier_options(question, evidence, tier))
            gate = by_gate.get(question.id)
            if gate and gate.signs and gate.leads_to == outcome:
                stopping |= classes.with_any(stopping_options(question, gate))
            yield from _expected_region(outcome, question.id, restrict(left, index, stopping))
            left = restrict(left, index, ~stopping)
    present = {classes.question.id for classes in space.answer_classes}
    for gate in policy.gates:
        if gate.name not in present:
            continue
        index = space.question_index(gate.name)
        classes = space.answer_classes[index]
        yield from _expected_region("", gate.name, restrict(left, index, ~classes.valid))
        left = restrict(left, index, classes.valid)
        stopped = classes.with_any(stopping_options(classes.question, gate))
        yield from _expected_region(gate.leads_to, gate.name, restrict(left, index, stopped))
        left = restrict(left, index, ~stopped)
    yield from _expected_region(OWN_QUESTIONS, "", left)


def _expected_region(outcome: str, gate: str, box: Box) -> Iterator[ExpectedRegion]:
    if all(box):
        yield ExpectedRegion(outcome, gate, box)


def check_gate_outcomes(
    space: StateSpace, regions: tuple[Region, ...], policy: SafetyPolicy, evidence: Evidence
) -> Iterator[Problem]:
    """Report states in which the form does not show what it has to.

    There is one problem for each line and required outcome, with the shortest answers that show it.
    """
    worst: dict[tuple[str, int, str], tuple[CheckedAnswers, str]] = {}
    for expected in expected_regions(space, policy, evidence):
        for region in regions:
            overlap = intersect(region.box, expected.box)
            for box in _violations(space, region, expected, overlap) if overlap else ():
                answers = space.shortest_answers(box)
                path, line = _locate(space.tool, region, expected, answers)
                required = expected.outcome or f"nothing before '{expected.gate}' is answered"
                key = (path, line, required)
                if key not in worst or count_answers(answers) < count_answers(worst[key][0]):
                    worst[key] = (answers, region.outcome or "nothing yet")
    for (path, line, required), (answers, shown) in worst.items():
        message = f"the form shows {shown}; it has to show {required}"
        hint = "content/emergency.yaml, under 'gates:', says which answers lead on."
        yield safety_problem(path, line, message, hint, describe_answers(space.tool, answers))


def _violations(
    space: StateSpace, region: Region, expected: ExpectedRegion, overlap: Box
) -> list[Box]:
    """Return boxes with the states of `overlap` in which the region is not as expected."""
    if expected.outcome != OWN_QUESTIONS:
        return [overlap] if region.outcome != expected.outcome else []
    own_outcomes = space.tool.own_outcomes
    first = space.tool.safety_count
    answered = (
        *space.all_states[:first],
        *(classes.valid for classes in space.answer_classes[first:]),
    )
    if region.outcome in own_outcomes:
        return list(subtract(overlap, answered))
    if region.outcome:
        return [overlap]
    ended = intersect(overlap, answered)
    return [ended] if ended else []


def _locate(
    tool: Tool, region: Region, expected: ExpectedRegion, ticks: CheckedAnswers
) -> tuple[str, int]:
    """Return the path and line of the option that fails to stop, else of what is shown instead."""
    checked = dict(ticks)
    if expected.gate and expected.outcome and expected.gate in checked:
        question = tool.question(expected.gate)
        option = question.option(checked[expected.gate][0])
        for answer in checked[expected.gate]:
            if question.option(answer).flag not in FLAG_OUTCOMES:
                option = question.option(answer)
                break
        return option.path, option.line
    if region.rule_index >= 0:
        return tool.path, tool.rules[region.rule_index].line
    for question in tool.questions:
        for option in question.options:
            if option.id in checked.get(question.id, ()) and (option.flag or option.stop):
                return option.path, option.line
    name = expected.gate or region.waiting_for
    question = tool.question(name) if name else tool.questions[0]
    return question.path, question.line


# -- the first questions --------------------------------------------------------------------------


def check_gate_structure(
    tool: Tool, policy: SafetyPolicy, evidence: Evidence, examples: Counterexamples
) -> Iterator[Problem]:
    """Check that the first questions are the gates, in order, with their signs and answers."""
    first = tool.questions[: tool.safety_count]
    path = tool.safety.path
    for index, gate in enumerate(policy.gates):
        question = next((q for q in first if q.id == gate.name), None)
        if question is None:
            example = describe_answers(tool, ())
            hint = "Each question under 'gates:' of content/emergency.yaml comes in every tool."
            yield safety_problem(
                path, 1, f"the first question '{gate.name}' is not asked", hint, example
            )
            continue
        if index >= len(first) or first[index] is not question:
            hint = f"It has to be question {index + 1}: 'gates:' has the order."
            example = examples.for_question(question.id)
            message = f"the question '{gate.name}' is not in its place"
            yield safety_problem(path, question.line, message, hint, example)
        yield from _check_gate_answers(question, gate, evidence, examples)
    for question in first:
        if question.id not in {gate.name for gate in policy.gates}:
            hint = "Add it to 'gates:' of content/emergency.yaml with a clinician, or remove it."
            message = f"'gates:' does not know the first question '{question.id}'"
            yield safety_problem(
                path, question.line, message, hint, examples.for_question(question.id)
            )


def _check_gate_answers(
    question: Question, gate: Gate, evidence: Evidence, examples: Counterexamples
) -> Iterator[Problem]:
    """Check that a gate asks for its signs and has its answers, and nothing else."""
    signs = {option.sign for option in question.options if option.sign}
    option_ids = {option.id for option in question.options}
    passing = [name for name in gate.lets_on if name in option_ids][:1]
    required = required_signs(gate, evidence)
    for sign, tier in required.items():
        if sign not in signs:
            hint = f"Add {{id: {sign}, flag: {TIER_FLAGS[tier]}, sign: {sign}}} to its answers."
            message = f"'{question.id}' does not ask for the sign '{sign}'"
            yield _answer_problem(question, examples, message, hint, passing)
    if gate.signs and question.type != "many":
        hint = "Write 'type: many': somebody may have more than one sign."
        message = f"'{question.id}' lets a reader choose one sign only"
        yield _answer_problem(question, examples, message, hint, passing)
    for name, words in {**gate.lets_on, **gate.stops}.items():
        if name in option_ids:
            yield from _check_required_answer(
                question, question.option(name), words, gate, examples
            )
        else:
            message = f"'{question.id}' has no answer '{name}'"
            yield _answer_problem(
                question, examples, message, f'Add it with the text "{words}".', passing
            )
    for option in question.options:
        yield from _check_answer(question, option, gate, required, examples)


def _answer_problem(
    item: Question | Option,
    examples: Counterexamples,
    message: str,
    hint: str,
    answers: Sequence[str] = (),
) -> Problem:
    """Build a problem about a question or one of its options."""
    question = item if isinstance(item, Question) else None
    if question is None:
        question = next(q for q in examples.tool.questions if item in q.options)
    return safety_problem(
        item.path, item.line, message, hint, examples.for_question(question.id, *answers)
    )


def _check_required_answer(
    question: Question, option: Option, required_text: str, gate: Gate, examples: Counterexamples
) -> Iterator[Problem]:
    if option.text.text != required_text:
        message = f"the answer '{option.id}' says \"{option.text.text}\""
        yield _answer_problem(
            option, examples, message, f'It has to say "{required_text}".', [option.id]
        )
    if gate.signs and not option.exclusive:
        message = f"the answer '{option.id}' does not stand alone"
        others = [o.id for o in question.options if o.id != option.id][:1]
        yield _answer_problem(
            option, examples, message, "Add 'exclusive: true'.", [option.id, *others]
        )


def _check_answer(
    question: Question,
    option: Option,
    gate: Gate,
    sign_tiers: Mapping[str, str],
    examples: Counterexamples,
) -> Iterator[Problem]:
    if option.sign and option.sign in sign_tiers:
        flag = TIER_FLAGS[sign_tiers[option.sign]]
        if option.flag != flag:
            message = f"the sign '{option.sign}' has not the flag '{flag}'"
            hint = f"Write 'flag: {flag}': that is its tier in content/emergency.yaml."
            yield _answer_problem(option, examples, message, hint, [option.id])
    elif option.id not in gate.lets_on and option.id not in gate.stops:
        hint = "Add it to content/emergency.yaml with a clinician, or remove it."
        message = f"'gates:' does not know the answer '{option.id}' of '{question.id}'"
        yield _answer_problem(option, examples, message, hint, [option.id])
