"""A tool held against the gates of content/emergency.yaml, in every state of its form.

What has to show follows from the gates alone; what does show, from the tool alone. Each set of
states where the two differ is a problem.
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
"""The flag that a sign of a tier has to carry."""

OWN_QUESTIONS: Final = "the tool's own questions"


class ExpectedRegion(msgspec.Struct, frozen=True):
    """States in which something has to show. `gate`: the question that decides it."""

    outcome: str
    gate: str
    box: Box


def required_signs(gate: Gate, evidence: Evidence) -> dict[str, str]:
    """The signs that a gate has to ask for, with the tier of each."""
    asked = evidence.lists.get(gate.signs)
    if asked is None:
        return {}
    on_list = {sign for group in asked.groups for sign in group.signs}
    tier = {s.name for s in evidence.signs.values() if s.tier == asked.tier and not s.setting}
    return {name: evidence.signs[name].tier for name in evidence.signs if name in on_list | tier}


def stopping_options(question: Question, gate: Gate) -> set[str]:
    """The answers of a gate that must not lead on: all but those that are named."""
    return {option.id for option in question.options if option.id not in gate.lets_on}


def watched_options(
    tool: Tool, policy: SafetyPolicy, evidence: Evidence
) -> Iterator[tuple[str, set[str]]]:
    """What the gates ask about."""
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
    """What has to show, over every state: disjoint, and together all of them."""
    left = space.all_states
    by_gate = {gate.name: gate for gate in policy.gates}
    for tier, flag in TIER_FLAGS.items():
        outcome = FLAG_OUTCOMES[flag]
        for i, face in enumerate(space.answer_classes):
            question = face.question
            bad = face.with_any(_tier_options(question, evidence, tier))
            gate = by_gate.get(question.id)
            if gate and gate.signs and gate.leads_to == outcome:
                bad |= face.with_any(stopping_options(question, gate))
            yield from _expected_region(outcome, question.id, restrict(left, i, bad))
            left = restrict(left, i, ~bad)
    present = {face.question.id for face in space.answer_classes}
    for gate in policy.gates:
        if gate.name not in present:
            continue
        i = space.question_index(gate.name)
        face = space.answer_classes[i]
        yield from _expected_region("", gate.name, restrict(left, i, ~face.valid))
        left = restrict(left, i, face.valid)
        stopped = face.with_any(stopping_options(face.question, gate))
        yield from _expected_region(gate.leads_to, gate.name, restrict(left, i, stopped))
        left = restrict(left, i, ~stopped)
    yield from _expected_region(OWN_QUESTIONS, "", left)


def _expected_region(outcome: str, gate: str, box: Box) -> Iterator[ExpectedRegion]:
    if all(box):
        yield ExpectedRegion(outcome, gate, box)


def check_gate_outcomes(
    space: StateSpace, regions: tuple[Region, ...], policy: SafetyPolicy, evidence: Evidence
) -> Iterator[Problem]:
    """Where the form shows what it must not; the shortest answers for each place in the file."""
    worst: dict[tuple[str, int, str], tuple[CheckedAnswers, str]] = {}
    for wanted in expected_regions(space, policy, evidence):
        for region in regions:
            met = intersect(region.box, wanted.box)
            for box in _violations(space, region, wanted, met) if met else ():
                ticks = space.shortest_answers(box)
                path, line = _locate(space.tool, region, wanted, ticks)
                right = wanted.outcome or f"nothing before '{wanted.gate}' is answered"
                key = (path, line, right)
                if key not in worst or count_answers(ticks) < count_answers(worst[key][0]):
                    worst[key] = (ticks, region.outcome or "nothing yet")
    for (path, line, right), (ticks, shown) in worst.items():
        message = f"the form shows {shown}; it has to show {right}"
        hint = "content/emergency.yaml, under 'gates:', says which answers lead on."
        yield safety_problem(path, line, message, hint, describe_answers(space.tool, ticks))


def _violations(
    space: StateSpace, region: Region, expected: ExpectedRegion, overlap: Box
) -> list[Box]:
    """The part of a set of states that is not as it has to be."""
    if expected.outcome != OWN_QUESTIONS:
        return [overlap] if region.outcome != expected.outcome else []
    own = space.tool.own_outcomes
    first = space.tool.safety_count
    answered = (
        *space.all_states[:first],
        *(face.valid for face in space.answer_classes[first:]),
    )
    if region.outcome in own:
        return list(subtract(overlap, answered))
    if region.outcome:
        return [overlap]
    done = intersect(overlap, answered)
    return [done] if done else []


def _locate(
    tool: Tool, region: Region, expected: ExpectedRegion, ticks: CheckedAnswers
) -> tuple[str, int]:
    """Where in the files the fault lies: the answer that fails to stop, else what does show."""
    chosen = dict(ticks)
    if expected.gate and expected.outcome and expected.gate in chosen:
        question = tool.question(expected.gate)
        option = question.option(chosen[expected.gate][0])
        for answer in chosen[expected.gate]:
            if question.option(answer).flag not in FLAG_OUTCOMES:
                option = question.option(answer)
                break
        return option.path, option.line
    if region.rule_index >= 0:
        return tool.path, tool.rules[region.rule_index].line
    for question in tool.questions:
        for option in question.options:
            if option.id in chosen.get(question.id, ()) and (option.flag or option.stop):
                return option.path, option.line
    name = expected.gate or region.waiting_for
    question = tool.question(name) if name else tool.questions[0]
    return question.path, question.line


# -- what the first questions are -----------------------------------------------------------------


def check_gate_structure(
    tool: Tool, policy: SafetyPolicy, evidence: Evidence, examples: Counterexamples
) -> Iterator[Problem]:
    """The first questions are the gates, in order, each with its signs and its answers."""
    first = tool.questions[: tool.safety_count]
    path = tool.safety.path
    for place, gate in enumerate(policy.gates):
        question = next((q for q in first if q.id == gate.name), None)
        if question is None:
            way = describe_answers(tool, ())
            hint = "Each question under 'gates:' of content/emergency.yaml comes in every tool."
            yield safety_problem(
                path, 1, f"the first question '{gate.name}' is not asked", hint, way
            )
            continue
        if place >= len(first) or first[place] is not question:
            hint = f"It has to be question {place + 1}: 'gates:' has the order."
            way = examples.for_question(question.id)
            message = f"the question '{gate.name}' is not in its place"
            yield safety_problem(path, question.line, message, hint, way)
        yield from _check_gate_answers(question, gate, evidence, examples)
    for question in first:
        if question.id not in {gate.name for gate in policy.gates}:
            hint = "Add it to 'gates:' of content/emergency.yaml with a clinician, or take it out."
            message = f"'gates:' does not know the first question '{question.id}'"
            yield safety_problem(
                path, question.line, message, hint, examples.for_question(question.id)
            )


def _check_gate_answers(
    question: Question, gate: Gate, evidence: Evidence, examples: Counterexamples
) -> Iterator[Problem]:
    """A gate asks for its signs, and has its answers; nothing else."""
    asked = {option.sign for option in question.options if option.sign}
    here = {option.id for option in question.options}
    on = [name for name in gate.lets_on if name in here][:1]
    needed = required_signs(gate, evidence)
    for sign, tier in needed.items():
        if sign not in asked:
            hint = f"Add {{id: {sign}, flag: {TIER_FLAGS[tier]}, sign: {sign}}} to its answers."
            message = f"'{question.id}' does not ask for the sign '{sign}'"
            yield _answer_problem(question, examples, message, hint, on)
    if gate.signs and question.type != "many":
        hint = "Write 'type: many': somebody may have more than one sign."
        message = f"'{question.id}' lets a reader choose one sign only"
        yield _answer_problem(question, examples, message, hint, on)
    for name, words in {**gate.lets_on, **gate.stops}.items():
        if name in here:
            yield from _check_required_answer(
                question, question.option(name), words, gate, examples
            )
        else:
            message = f"'{question.id}' has no answer '{name}'"
            yield _answer_problem(
                question, examples, message, f'Add it with the text "{words}".', on
            )
    for option in question.options:
        yield from _check_answer(question, option, gate, needed, examples)


def _answer_problem(
    item: Question | Option,
    examples: Counterexamples,
    message: str,
    hint: str,
    answers: Sequence[str] = (),
) -> Problem:
    """A problem of a question, or of one of its answers."""
    asked = item if isinstance(item, Question) else None
    if asked is None:
        asked = next(q for q in examples.tool.questions if item in q.options)
    return safety_problem(
        item.path, item.line, message, hint, examples.for_question(asked.id, *answers)
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
        hint = "Add it to content/emergency.yaml with a clinician, or take it out."
        message = f"'gates:' does not know the answer '{option.id}' of '{question.id}'"
        yield _answer_problem(option, examples, message, hint, [option.id])
