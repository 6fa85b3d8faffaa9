"""What no answer reaches, and what changes nothing (I2)."""

from __future__ import annotations

from collections.abc import Iterator

from sitebuilder.clinical.decision_tools.decision_diagram import decides, diagram_of
from sitebuilder.clinical.decision_tools.state_space import Region, Space, both, matching, put
from sitebuilder.core.decision_tool import Rule, Tool
from sitebuilder.core.problems import Problem, problem


def reach(space: Space, found: tuple[Region, ...]) -> Iterator[Problem]:
    """Results, rules, notes and choices that never show; questions and answers without effect.

    The last rule, which is for all the rest, may match nothing: it is there so that no slip in
    the rules above leaves a reader without a result.
    """
    tool = space.tool
    shown = {region.shows for region in found}
    for outcome in tool.outcomes.values():
        if outcome.name not in shown:
            message = f"no answers lead to the result '{outcome.name}'"
            yield _dead(outcome.path, outcome.line, message, "Take it out, or mend the rules.")
    for number, rule in enumerate(tool.rules):
        mine = [region for region in found if region.rule == number]
        if not mine and number < len(tool.rules) - 1:
            hint = f"{_who(space, number)} Move it up, or take it out."
            message = f"the rule for {rule.outcome} never matches"
            yield _dead(tool.path, rule.line, message, hint)
        elif mine:
            yield from _answers(space, rule, mine)
    yield from _unused(tool)
    yield from _without_effect(space)


def _dead(path: str, line: int, message: str, hint: str) -> Problem:
    return problem("tool-unreachable", path, message, hint=hint, line=line)


def _who(space: Space, number: int) -> str:
    """Which rules take all that this one could match."""
    tool = space.tool
    match = matching(space, tool.rules[number].when)
    above = [
        f"line {rule.line}"
        for rule in tool.rules[:number]
        if both(match, matching(space, rule.when)) is not None
    ]
    return f"Rules above it match first: {', '.join(above)}."


def _answers(space: Space, rule: Rule, mine: list[Region]) -> Iterator[Problem]:
    """Answers that a rule names and that could as well be left out of it."""
    for name, options in rule.when.items():
        at = space.index(name)
        face = space.faces[at]
        for option in options:
            others = [one for one in options if one != option]
            only = face.hits([option]) & (~face.hits(others) if others else face.every)
            if not any(all(put(region.box, at, only)) for region in mine):
                message = f"the answer '{option}' of '{name}' changes nothing in this rule"
                hint = "A rule above it matches first. Take the answer out, or move the rule up."
                yield _dead(space.tool.path, rule.line, message, hint)


def _unused(tool: Tool) -> Iterator[Problem]:
    named = {option.note for question in tool.own for option in question.options}
    for note in tool.notes.values():
        if note.name not in named:
            hint = "Name it at an answer, or take it out."
            yield _dead(tool.path, note.line, f"no answer adds the note '{note.name}'", hint)
    offered = {choice for outcome in tool.outcomes.values() for choice in outcome.offer}
    for choice in tool.catalog.values():
        if choice.name not in offered:
            hint = "Name it under 'offer', or take it out."
            yield _dead(tool.path, choice.line, f"no result offers '{choice.name}'", hint)


def _without_effect(space: Space) -> Iterator[Problem]:
    """Questions whose answers make no difference and are not there to bring along."""
    deciding = decides(diagram_of(space))
    for at, question in enumerate(space.tool.questions):
        own = at >= space.tool.first
        speaks = question.to_bring or any(option.note for option in question.options)
        if own and at not in deciding and not speaks:
            hint = "Take it out, or mark it 'to_bring: true' if a doctor will want to know."
            message = f"the answers to '{question.id}' change nothing"
            yield _dead(question.path, question.line, message, hint)
