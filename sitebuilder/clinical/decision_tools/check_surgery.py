"""Check when surgery is offered, which choices are listed, and that results lead to a person.

Invariants: I13 to I16 in docs/tool-invariants.md.
"""

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
"""How far the word count of a choice may be from the median, as a fraction of it (I16)."""


def watched_options(tool: Tool, policy: SafetyPolicy) -> Iterator[tuple[str, set[str]]]:
    """Yield question ids with the options of the surgery conditions, for `build_state_space`."""
    condition = policy.surgery.get(tool.name)
    question_ids = {question.id for question in tool.questions}
    for name, answers in condition.only_if.items() if condition else ():
        if name in question_ids:
            yield name, set(answers)


def surgery_suggestion(tool: Tool, outcome: Outcome, policy: SafetyPolicy) -> str:
    """Describe how an outcome suggests surgery; empty if it does not."""
    condition = policy.surgery.get(tool.name)
    if any(tool.catalog[choice].kind == "surgery" for choice in outcome.offer):
        return "offers surgery"
    if set(outcome.links) & set(policy.surgery_pages):
        return "links to an operation"
    if condition and outcome.name in condition.outcomes:
        return "suggests a surgeon"
    return ""


def check_surgery_conditions(
    space: StateSpace, regions: tuple[Region, ...], policy: SafetyPolicy
) -> Iterator[Problem]:
    """Report outcomes that suggest surgery in any state before its conditions are met (I15).

    A last rule that never matches must not suggest surgery either.
    """
    tool = space.tool
    condition = policy.surgery.get(tool.name)
    worst: dict[tuple[str, str, int], CheckedAnswers] = {}
    for region in regions:
        outcome = tool.outcomes.get(region.outcome)
        if outcome is None or not surgery_suggestion(tool, outcome, policy):
            continue
        for name, box in _unmet_conditions(space, region.box, condition):
            answers = space.shortest_answers(box)
            key = (region.outcome, name, region.rule_index)
            if key not in worst or count_answers(answers) < count_answers(worst[key]):
                worst[key] = answers
    yield from _check_fallback_rule(tool, regions, policy)
    for (outcome_name, name, rule_index), answers in worst.items():
        outcome = tool.outcomes[outcome_name]
        line = tool.rules[rule_index].line if rule_index >= 0 else outcome.line
        suggestion = surgery_suggestion(tool, outcome, policy)
        message = (
            f"{outcome_name} {suggestion} too early: "
            f"the condition '{name}' of 'surgery:' is not met"
        )
        hint = "content/emergency.yaml, under 'surgery:', says after which answers it may."
        path = tool.path if rule_index >= 0 else outcome.path
        yield safety_problem(path, line, message, hint, describe_answers(tool, answers))


def _check_fallback_rule(
    tool: Tool, regions: tuple[Region, ...], policy: SafetyPolicy
) -> Iterator[Problem]:
    """Report a last rule that suggests surgery although it never matches (a mere safety net)."""
    last = len(tool.rules) - 1
    outcome = tool.outcomes[tool.rules[last].outcome]
    suggestion = surgery_suggestion(tool, outcome, policy)
    if suggestion and all(region.rule_index != last for region in regions):
        message = f"the last rule, which is for slips in those above it, {suggestion}"
        hint = "Lead it to a result that sends readers to a doctor."
        example = "none yet: the rules above match first"
        yield safety_problem(tool.path, tool.rules[last].line, message, hint, example)


def _unmet_conditions(
    space: StateSpace, box: Box, condition: SurgeryCondition | None
) -> Iterator[tuple[str, Box]]:
    """Yield the question id of each condition with boxes of the states in which it is not met.

    Without a condition for the tool, yield a message that says so, with the whole box.
    """
    if condition is None:
        yield "no condition is given for this tool", box
        return
    question_ids = {classes.question.id for classes in space.answer_classes}
    for name, answers in condition.only_if.items():
        if name not in question_ids:
            yield name, box
            continue
        index = space.question_index(name)
        met = restrict(space.all_states, index, space.answer_classes[index].with_only(answers))
        for unmet in subtract(box, met):
            yield name, unmet


def check_choices(tool: Tool, policy: SafetyPolicy, examples: Counterexamples) -> Iterator[Problem]:
    """Check the lists of choices (I14), each choice (I15, I16), and the way to a person (I13).

    Conditions for surgery that name what the tool does not have are reported too.
    """
    for outcome in tool.own_outcomes.values():
        example = examples.for_outcome(outcome.name)
        kinds = [tool.catalog[choice].kind for choice in outcome.offer]
        line = outcome.lines.get("offer", outcome.line)
        for kind, name in (("care", "care without surgery"), ("wait", "to watch and wait")):
            if tool.catalog and kind not in kinds:
                hint = f"Add a choice of the kind '{kind}' to 'offer'."
                message = f"{outcome.name} leaves out {name}"
                yield safety_problem(tool.path, line, message, hint, example)
        if kinds.count("surgery") * 2 > len(kinds):
            message = f"{outcome.name} offers more surgery than other care"
            hint = "Take one out, or add other care."
            yield safety_problem(tool.path, line, message, hint, example)
        if not set(outcome.links) & set(policy.routes):
            line = outcome.lines.get("links", outcome.line)
            hint = f"Add one of these to 'links': {', '.join(policy.routes)}."
            message = f"{outcome.name} has no way to reach a person"
            yield safety_problem(tool.path, line, message, hint, example)
    for choice in tool.catalog.values():
        example = examples.for_nearest(
            o.name for o in tool.own_outcomes.values() if choice.name in o.offer
        )
        is_page = choice.page in policy.surgery_pages
        if is_page != (choice.kind == "surgery"):
            message = f"the choice '{choice.name}' is of the kind '{choice.kind}', its page is not"
            hint = "'surgery_pages:' in content/emergency.yaml lists the pages about operations."
            yield safety_problem(tool.path, choice.line, message, hint, example)
    yield from _check_choice_lengths(tool, examples)
    yield from _check_stale_conditions(tool, policy)


def _count_words(choice: Choice) -> int:
    texts = (choice.title, choice.good, choice.less_good)
    return sum(len(text.text.split()) for text in texts)


def _check_choice_lengths(tool: Tool, examples: Counterexamples) -> Iterator[Problem]:
    """Report choices far from the median length: uneven lengths push readers to one (I16)."""
    if not tool.catalog:
        return
    middle = median(_count_words(choice) for choice in tool.catalog.values())
    for choice in tool.catalog.values():
        count = _count_words(choice)
        if abs(count - middle) > MAX_LENGTH_DEVIATION * middle:
            example = examples.for_nearest(
                o.name for o in tool.own_outcomes.values() if choice.name in o.offer
            )
            low, high = (1 - MAX_LENGTH_DEVIATION) * middle, (1 + MAX_LENGTH_DEVIATION) * middle
            hint = f"Bring it to between {low:.0f} and {high:.0f} words."
            message = f"the choice '{choice.name}' has {count} words; the middle one {middle:g}"
            yield safety_problem(tool.path, choice.line, message, hint, example)


def _check_stale_conditions(tool: Tool, policy: SafetyPolicy) -> Iterator[Problem]:
    """Report conditions on outcomes or answers that the tool lacks: they would guard nothing."""
    condition = policy.surgery.get(tool.name)
    if condition is None:
        return
    hint = "Fix content/emergency.yaml under 'surgery:' with a clinician, or the tool."
    line = tool.lines.get("outcomes", 1)
    for name in condition.outcomes:
        if name not in tool.own_outcomes:
            message = f"'surgery:' names the result '{name}', which this tool does not have"
            yield safety_problem(tool.path, line, message, hint, "")
    questions = {question.id: question for question in tool.own_questions}
    for name, answers in condition.only_if.items():
        option_ids = (
            {option.id for option in questions[name].options} if name in questions else set()
        )
        for answer in answers:
            if answer not in option_ids:
                message = f"'surgery:' names '{answer}' of '{name}', which this tool does not ask"
                line = questions[name].line if name in questions else tool.lines.get("questions", 1)
                yield safety_problem(tool.path, line, message, hint, "")
