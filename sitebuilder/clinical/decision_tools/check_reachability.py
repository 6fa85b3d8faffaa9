"""Find outcomes, rules, notes and choices that nothing reaches, and questions without effect.

Invariant: I2 in docs/tool-invariants.md.
"""

from __future__ import annotations

from collections.abc import Iterator

from sitebuilder.clinical.decision_tools.decision_diagram import build_diagram, deciding_questions
from sitebuilder.clinical.decision_tools.state_space import (
    Region,
    StateSpace,
    intersect,
    matching_states,
    restrict,
)
from sitebuilder.core.decision_tool import DecisionRule, Tool
from sitebuilder.core.problems import Problem, problem


def check_reachability(space: StateSpace, regions: tuple[Region, ...]) -> Iterator[Problem]:
    """Report what no answers reach and what makes no difference (I2).

    The last rule, the default, may match nothing: it makes sure that no mistake in the rules above
    leaves a reader without an outcome.
    """
    tool = space.tool
    shown = {region.outcome for region in regions}
    for outcome in tool.outcomes.values():
        if outcome.name not in shown:
            message = f"no answers lead to the result '{outcome.name}'"
            yield _unreachable_problem(
                outcome.path, outcome.line, message, "Remove it, or fix the rules."
            )
    for index, rule in enumerate(tool.rules):
        rule_regions = [region for region in regions if region.rule_index == index]
        if not rule_regions and index < len(tool.rules) - 1:
            hint = f"{_describe_shadowing(space, index)} Move it up, or remove it."
            message = f"the rule for {rule.outcome} never matches"
            yield _unreachable_problem(tool.path, rule.line, message, hint)
        elif rule_regions:
            yield from _check_rule_answers(space, rule, rule_regions)
    yield from _check_unused(tool)
    yield from _check_ineffective_questions(space)


def _unreachable_problem(path: str, line: int, message: str, hint: str) -> Problem:
    return problem("tool-unreachable", path, message, hint=hint, line=line)


def _describe_shadowing(space: StateSpace, rule_index: int) -> str:
    """Describe which rules above this one match the states that it could match."""
    tool = space.tool
    states = matching_states(space, tool.rules[rule_index].when)
    above = [
        f"line {rule.line}"
        for rule in tool.rules[:rule_index]
        if intersect(states, matching_states(space, rule.when)) is not None
    ]
    return f"Rules above it match first: {', '.join(above)}."


def _check_rule_answers(
    space: StateSpace, rule: DecisionRule, regions: list[Region]
) -> Iterator[Problem]:
    """Report options that a rule names without effect."""
    for name, options in rule.when.items():
        index = space.question_index(name)
        classes = space.answer_classes[index]
        for option in options:
            others = [other for other in options if other != option]
            only = classes.with_any([option]) & (
                ~classes.with_any(others) if others else classes.all_classes
            )
            if not any(all(restrict(region.box, index, only)) for region in regions):
                message = f"the answer '{option}' of '{name}' changes nothing in this rule"
                hint = "A rule above it matches first. Take the answer out, or move the rule up."
                yield _unreachable_problem(space.tool.path, rule.line, message, hint)


def _check_unused(tool: Tool) -> Iterator[Problem]:
    named = {option.note for question in tool.own_questions for option in question.options}
    for note in tool.notes.values():
        if note.name not in named:
            hint = "Name it at an answer, or remove it."
            yield _unreachable_problem(
                tool.path, note.line, f"no answer adds the note '{note.name}'", hint
            )
    offered = {choice for outcome in tool.outcomes.values() for choice in outcome.offer}
    for choice in tool.catalog.values():
        if choice.name not in offered:
            hint = "Name it under 'offer', or remove it."
            yield _unreachable_problem(
                tool.path, choice.line, f"no result offers '{choice.name}'", hint
            )


def _check_ineffective_questions(space: StateSpace) -> Iterator[Problem]:
    """Report own questions that change nothing, add no note and are not marked `to_bring`."""
    deciding = deciding_questions(build_diagram(space))
    for index, question in enumerate(space.tool.questions):
        is_own = index >= space.tool.safety_count
        has_use = question.to_bring or any(option.note for option in question.options)
        if is_own and index not in deciding and not has_use:
            hint = "Remove it, or mark it 'to_bring: true' if a doctor will want to know."
            message = f"the answers to '{question.id}' change nothing"
            yield _unreachable_problem(question.path, question.line, message, hint)
