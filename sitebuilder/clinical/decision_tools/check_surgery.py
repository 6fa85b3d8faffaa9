"""When surgery may be offered, what stands on a list of choices, and the way to a person."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median
from typing import Final

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
    restrict,
    subtract,
)
from sitebuilder.core.decision_tool import Choice, Outcome, SafetyPolicy, SurgeryCondition, Tool
from sitebuilder.core.problems import Problem

MAX_LENGTH_DEVIATION: Final = 0.4
"""How far the words of one choice may be from the median (I16)."""


def watched_options(tool: Tool, policy: SafetyPolicy) -> Iterator[tuple[str, set[str]]]:
    """What the conditions for surgery ask about."""
    allowed = policy.surgery.get(tool.name)
    asked = {question.id for question in tool.questions}
    for name, answers in allowed.only_if.items() if allowed else ():
        if name in asked:
            yield name, set(answers)


def surgery_suggestion(tool: Tool, outcome: Outcome, policy: SafetyPolicy) -> str:
    """How a result offers surgery; empty if it does not."""
    allowed = policy.surgery.get(tool.name)
    if any(tool.catalog[choice].kind == "surgery" for choice in outcome.offer):
        return "offers surgery"
    if set(outcome.links) & set(policy.surgery_pages):
        return "links to an operation"
    if allowed and outcome.name in allowed.outcomes:
        return "suggests a surgeon"
    return ""


def check_surgery_conditions(
    space: StateSpace, regions: tuple[Region, ...], policy: SafetyPolicy
) -> Iterator[Problem]:
    """Surgery before a condition for it is met, in any state (I15)."""
    tool = space.tool
    allowed = policy.surgery.get(tool.name)
    worst: dict[tuple[str, str, int], CheckedAnswers] = {}
    for region in regions:
        outcome = tool.outcomes.get(region.outcome)
        if outcome is None or not surgery_suggestion(tool, outcome, policy):
            continue
        for name, box in _unmet_conditions(space, region.box, allowed):
            ticks = space.shortest_answers(box)
            key = (region.outcome, name, region.rule_index)
            if key not in worst or count_answers(ticks) < count_answers(worst[key]):
                worst[key] = ticks
    yield from _check_fallback_rule(tool, regions, policy)
    for (shown, name, rule), ticks in worst.items():
        outcome = tool.outcomes[shown]
        line = tool.rules[rule].line if rule >= 0 else outcome.line
        how = surgery_suggestion(tool, outcome, policy)
        message = f"{shown} {how} too early: the condition '{name}' of 'surgery:' is not met"
        hint = "content/emergency.yaml, under 'surgery:', says after which answers it may."
        path = tool.path if rule >= 0 else outcome.path
        yield safety_problem(path, line, message, hint, describe_answers(tool, ticks))


def _check_fallback_rule(
    tool: Tool, regions: tuple[Region, ...], policy: SafetyPolicy
) -> Iterator[Problem]:
    """A last rule that never matches is there for slips in the rules above: it plays safe."""
    last = len(tool.rules) - 1
    outcome = tool.outcomes[tool.rules[last].outcome]
    how = surgery_suggestion(tool, outcome, policy)
    if how and all(region.rule_index != last for region in regions):
        message = f"the last rule, which is for slips in those above it, {how}"
        hint = "Lead it to a result that sends readers to a doctor."
        way = "none yet: the rules above match first"
        yield safety_problem(tool.path, tool.rules[last].line, message, hint, way)


def _unmet_conditions(
    space: StateSpace, box: Box, condition: SurgeryCondition | None
) -> Iterator[tuple[str, Box]]:
    """The states of a box in which a condition is not met, by condition."""
    if condition is None:
        yield "no condition is given for this tool", box
        return
    asked = {face.question.id for face in space.answer_classes}
    for name, answers in condition.only_if.items():
        if name not in asked:
            yield name, box
            continue
        at = space.question_index(name)
        for rest in subtract(
            box, restrict(space.all_states, at, space.answer_classes[at].with_only(answers))
        ):
            yield name, rest


def check_choices(tool: Tool, policy: SafetyPolicy, examples: Counterexamples) -> Iterator[Problem]:
    """What each list of choices holds (I14), what a choice is (I15), the way to a person (I13)."""
    for outcome in tool.own_outcomes.values():
        way = examples.for_outcome(outcome.name)
        kinds = [tool.catalog[choice].kind for choice in outcome.offer]
        line = outcome.lines.get("offer", outcome.line)
        for needed, name in (("care", "care without surgery"), ("wait", "to watch and wait")):
            if tool.catalog and needed not in kinds:
                hint = f"Add a choice of the kind '{needed}' to 'offer'."
                message = f"{outcome.name} leaves out {name}"
                yield safety_problem(tool.path, line, message, hint, way)
        if kinds.count("surgery") * 2 > len(kinds):
            message = f"{outcome.name} offers more surgery than other care"
            yield safety_problem(tool.path, line, message, "Take one out, or add other care.", way)
        if not set(outcome.links) & set(policy.routes):
            line = outcome.lines.get("links", outcome.line)
            hint = f"Add one of these to 'links': {', '.join(policy.routes)}."
            message = f"{outcome.name} has no way to reach a person"
            yield safety_problem(tool.path, line, message, hint, way)
    for choice in tool.catalog.values():
        way = examples.for_nearest(
            o.name for o in tool.own_outcomes.values() if choice.name in o.offer
        )
        is_page = choice.page in policy.surgery_pages
        if is_page != (choice.kind == "surgery"):
            message = f"the choice '{choice.name}' is of the kind '{choice.kind}', its page is not"
            hint = "'surgery_pages:' in content/emergency.yaml lists the pages about operations."
            yield safety_problem(tool.path, choice.line, message, hint, way)
    yield from _check_choice_lengths(tool, examples)
    yield from _check_stale_conditions(tool, policy)


def _count_words(choice: Choice) -> int:
    texts = (choice.title, choice.good, choice.less_good)
    return sum(len(text.text.split()) for text in texts)


def _check_choice_lengths(tool: Tool, examples: Counterexamples) -> Iterator[Problem]:
    """Choices told at length beside others told in brief push a reader."""
    if not tool.catalog:
        return
    middle = median(_count_words(choice) for choice in tool.catalog.values())
    for choice in tool.catalog.values():
        count = _count_words(choice)
        if abs(count - middle) > MAX_LENGTH_DEVIATION * middle:
            way = examples.for_nearest(
                o.name for o in tool.own_outcomes.values() if choice.name in o.offer
            )
            low, high = (1 - MAX_LENGTH_DEVIATION) * middle, (1 + MAX_LENGTH_DEVIATION) * middle
            hint = f"Bring it to between {low:.0f} and {high:.0f} words."
            message = f"the choice '{choice.name}' has {count} words; the middle one {middle:g}"
            yield safety_problem(tool.path, choice.line, message, hint, way)


def _check_stale_conditions(tool: Tool, policy: SafetyPolicy) -> Iterator[Problem]:
    """Conditions for results or answers that the tool does not have: they would guard nothing."""
    allowed = policy.surgery.get(tool.name)
    if allowed is None:
        return
    hint = "Mend content/emergency.yaml under 'surgery:' with a clinician, or the tool."
    line = tool.lines.get("outcomes", 1)
    for name in allowed.outcomes:
        if name not in tool.own_outcomes:
            message = f"'surgery:' names the result '{name}', which this tool does not have"
            yield safety_problem(tool.path, line, message, hint, "")
    asked = {question.id: question for question in tool.own_questions}
    for name, answers in allowed.only_if.items():
        known = {option.id for option in asked[name].options} if name in asked else set()
        for answer in answers:
            if answer not in known:
                message = f"'surgery:' names '{answer}' of '{name}', which this tool does not ask"
                line = asked[name].line if name in asked else tool.lines.get("questions", 1)
                yield safety_problem(tool.path, line, message, hint, "")
