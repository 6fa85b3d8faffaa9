"""Check when surgery is offered, which choices are listed, and that results lead to a person.

Invariants: S14 and S15, I14 and I16 in docs/tool-invariants.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median
from typing import Final

from sitebuilder.clinical.decision_tools.counterexample import (
    Counterexamples,
    describe_answers,
    safety_problem,
)
from sitebuilder.clinical.decision_tools.form_model import FormModel
from sitebuilder.clinical.decision_tools.symbolic import FALSE, Function
from sitebuilder.core.decision_tool import Choice, Outcome, Tool
from sitebuilder.core.problems import Problem
from sitebuilder.core.safety_policy import SafetyPolicy, SurgeryCondition

MAX_LENGTH_DEVIATION: Final = 0.4
"""How far the word count of a choice may be from the median, as a fraction of it (I16)."""


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


def check_surgery_conditions(examples: Counterexamples, policy: SafetyPolicy) -> Iterator[Problem]:
    """Report outcomes that suggest surgery in any state before its conditions are met (S14).

    A last rule that never matches must not suggest surgery either.
    """
    tool, model = examples.tool, examples.model
    conditions = list(_conditions(model, policy.surgery.get(tool.name)))
    own = set(tool.own_outcomes)
    for rule, states in zip(model.rules, model.won, strict=True):
        outcome = tool.outcomes[rule.outcome]
        suggestion = surgery_suggestion(tool, outcome, policy)
        for name, met in conditions if suggestion else ():
            answers = examples.shortest(model.diagrams.without(states, met))
            if answers is not None:
                message = (
                    f"{outcome.name} {suggestion} too early: "
                    f"the condition '{name}' of 'surgery:' is not met"
                )
                hint = "content/emergency.yaml, under 'surgery:', says after which answers it may."
                path = tool.path if outcome.name in own else tool.safety.path
                shown = describe_answers(tool, answers)
                yield safety_problem(path, rule.line, message, hint, shown)
    yield from _check_fallback_rule(examples, policy)


def _check_fallback_rule(examples: Counterexamples, policy: SafetyPolicy) -> Iterator[Problem]:
    """Report a last rule that suggests surgery although it never matches (a mere safety net)."""
    tool, model = examples.tool, examples.model
    last = tool.rules[-1]
    suggestion = surgery_suggestion(tool, tool.outcomes[last.outcome], policy)
    if suggestion and not model.is_possible(model.won[-1]):
        message = f"the last rule, which is for slips in those above it, {suggestion}"
        hint = "Lead it to a result that sends readers to a doctor."
        example = "none yet: the rules above match first"
        yield safety_problem(tool.path, last.line, message, hint, example)


def _conditions(
    model: FormModel, condition: SurgeryCondition | None
) -> Iterator[tuple[str, Function]]:
    """Yield the question of each condition, and where it is met.

    Without conditions for the tool, yield a message that says so: it is met nowhere.
    """
    if condition is None:
        yield "no condition is given for this tool", FALSE
        return
    for name, answers in condition.only_if.items():
        allowed: list[Function] = []
        others: list[Function] = []
        for (question, option), counts in model.counts.items():
            if question == name:
                (allowed if option in answers else others).append(counts)
        some, other = model.diagrams.any_of(allowed), model.diagrams.any_of(others)
        yield name, model.diagrams.without(some, other)
    for name, answers in condition.needs.items():
        wanted = (model.counts.get((name, answer), FALSE) for answer in answers)
        yield name, model.diagrams.any_of(wanted)


def check_choices(tool: Tool, policy: SafetyPolicy, examples: Counterexamples) -> Iterator[Problem]:
    """Check the lists of choices (I14), each choice (I16), and the way to a person (S15).

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
    for name, answers in (*condition.only_if.items(), *condition.needs.items()):
        option_ids = (
            {option.id for option in questions[name].options} if name in questions else set()
        )
        for answer in answers:
            if answer not in option_ids:
                message = f"'surgery:' names '{answer}' of '{name}', which this tool does not ask"
                line = questions[name].line if name in questions else tool.lines.get("questions", 1)
                yield safety_problem(tool.path, line, message, hint, "")
