"""Check a tool against what content/emergency.yaml requires in every state of its form.

Invariants: S5 to S12, S16, S20, S22, S23 and S29 to S33 in docs/tool-invariants.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from sitebuilder.clinical.decision_tools.check_emergency import known_answers
from sitebuilder.clinical.decision_tools.counterexample import (
    Counterexamples,
    describe_answers,
    safety_problem,
    state_problem,
)
from sitebuilder.clinical.decision_tools.phrases import normalize
from sitebuilder.clinical.decision_tools.safety_policy import POLICY_PATH
from sitebuilder.clinical.decision_tools.symbolic import FALSE, TRUE, Function
from sitebuilder.core.decision_tool import OUTCOME_TIERS, Outcome, Tool
from sitebuilder.core.passage import Passage
from sitebuilder.core.problems import Problem
from sitebuilder.core.safety_policy import RequiredLine, Requirement, SafetyPolicy

OWN: Final = "own"
"""Name under `never` that stands for every outcome of the tool's own."""

_STALE_HINT: Final = "Fix content/emergency.yaml with a clinician, or the tool."


def check_requirements(
    examples: Counterexamples, policy: SafetyPolicy, emergency_number: str
) -> Iterator[Problem]:
    """Report states in which a requirement of the policy is broken."""
    for requirement in policy.requirements:
        if not requirement.tools or examples.tool.name in requirement.tools:
            yield from _check_requirement(examples, requirement)
    for line in policy.lines:
        yield from _check_line(examples, line, line.says.replace("{number}", emergency_number))
    yield from _check_notes(examples.tool, policy, examples)


# -- which results may show -----------------------------------------------------------------------


def is_allowed(requirement: Requirement, outcome: Outcome, *, own: bool) -> bool:
    """Whether an outcome may show where a requirement is about the answers.

    Args:
        own: The outcome is of the tool's own.
    """
    if requirement.own and not own:
        return True
    if outcome.name in requirement.never or (own and OWN in requirement.never):
        return False
    limit = requirement.at_least
    urgent = OUTCOME_TIERS[: OUTCOME_TIERS.index(limit) + 1] if limit else ()
    limited = bool(requirement.only or limit)
    return not limited or outcome.name in requirement.only or outcome.tier in urgent


def _check_requirement(examples: Counterexamples, requirement: Requirement) -> Iterator[Problem]:
    model, tool = examples.model, examples.tool
    groups = [known_answers(tool, group) for group in requirement.when]
    if not all(groups):
        return
    concerned = model.diagrams.all_of(map(model.group, groups))
    exempt = model.group(known_answers(tool, requirement.unless))
    concerned = model.diagrams.without(concerned, exempt)
    own = tool.own_outcomes
    wrong = model.diagrams.any_of(
        model.shown[name]
        for name, outcome in tool.outcomes.items()
        if not is_allowed(requirement, outcome, own=name in own)
    )
    states = model.diagrams.both(concerned, wrong)
    message = f"{requirement.name}: the form shows {{shown}}; {_describe(requirement)}"
    hint = f"{requirement.why} content/emergency.yaml, line {requirement.line}, requires it."
    found = state_problem(examples, states, message, hint)
    if found is not None:
        yield found


def _describe(requirement: Requirement) -> str:
    parts = [" or ".join(requirement.only)] if requirement.only else []
    parts += [f"a result no milder than '{requirement.at_least}'"] if requirement.at_least else []
    if parts:
        return f"it has to show {' or '.join(parts)}"
    names = ["a result of its own" if name == OWN else name for name in requirement.never]
    return f"it must not show {' or '.join(names)}"


# -- which lines show -----------------------------------------------------------------------------


def _says(passages: Iterable[Passage], words: str) -> bool:
    return any(normalize(words) in normalize(passage.text) for passage in passages)


def _check_line(examples: Counterexamples, line: RequiredLine, words: str) -> Iterator[Problem]:
    """Check that words show exactly when they have to."""
    model, tool = examples.model, examples.tool
    diagrams = model.diagrams
    hint = f"content/emergency.yaml, line {line.line}, says when a line says so ({line.name})."
    condition = model.group(known_answers(tool, line.shown_if)) if line.shown_if else TRUE
    condition = diagrams.without(condition, model.group(known_answers(tool, line.unless)))
    for name in line.results:
        if name not in tool.outcomes:
            continue
        outcome = tool.outcomes[name]
        said = FALSE
        for body_line, states in zip(outcome.body, model.lines(name), strict=True):
            if _says([body_line.text], words):
                said = diagrams.either(said, states)
        wanted = diagrams.both(model.shown[name], condition)
        for states, fault in (
            (diagrams.without(wanted, said), "does not say"),
            (diagrams.without(said, wanted), "must not say"),
        ):
            yield from _line_problem(examples, outcome, states, f"{fault} '{words}'", hint)
    for name in line.notes:
        if name in tool.notes and not _says([tool.notes[name].text], words):
            note = tool.notes[name]
            message = f"the note '{name}' does not say '{words}'"
            yield safety_problem(note.path, note.line, message, hint, f"the answers of '{name}'")


def _line_problem(
    examples: Counterexamples, outcome: Outcome, states: Function, fault: str, hint: str
) -> Iterator[Problem]:
    answers = examples.shortest(states)
    if answers is not None:
        shown = describe_answers(examples.tool, answers)
        line = outcome.lines.get("body", outcome.line)
        yield safety_problem(outcome.path, line, f"{outcome.name} {fault} here", hint, shown)


def _check_notes(tool: Tool, policy: SafetyPolicy, examples: Counterexamples) -> Iterator[Problem]:
    """Check that results of the safety part show notes and the list where they have to (S16)."""
    for outcome in tool.safety.outcomes.values():
        if outcome.with_notes != (outcome.name in policy.with_notes):
            line = outcome.lines.get("with_notes", outcome.line)
            fault = "does not show" if outcome.name in policy.with_notes else "shows"
            message = f"{outcome.name} {fault} the notes and the list for the visit"
            hint = "'with_notes:' in content/emergency.yaml names the results that do."
            example = examples.for_outcome(outcome.name)
            yield safety_problem(outcome.path, line, message, hint, example)


# -- what is named does exist ---------------------------------------------------------------------


_ABOUT_OWN: Final = frozenset(("says", "surgery"))
"""Parts of the policy about what tools have of their own."""


def check_stale_policy(tools: Iterable[Tool], policy: SafetyPolicy) -> Iterator[Problem]:
    """Report answers and results that the policy names and no tool has: they guard nothing."""
    all_tools = list(tools)
    yield from _check_stale_notes(all_tools, policy)
    known_tools = {tool.name for tool in all_tools}
    entries = list(_named(policy))
    if known_tools.isdisjoint(tool for _, _, concerned, _, _ in entries for tool in concerned):
        entries = [each for each in entries if each[1] not in _ABOUT_OWN]  # it is for other tools
    for line, name, concerned, answers, outcomes in entries:
        asked = [tool for tool in all_tools if not concerned or tool.name in concerned]
        for unknown in set(concerned) - known_tools:
            message = f"'{name}' is for the tool '{unknown}', which does not exist"
            yield safety_problem(POLICY_PATH, line, message, _STALE_HINT, "")
        for answer in answers:
            if not any(known_answers(tool, [answer]) for tool in asked):
                message = f"'{name}' names the answer '{answer}', which no tool asks"
                yield safety_problem(POLICY_PATH, line, message, _STALE_HINT, "")
        for outcome in outcomes:
            if outcome != OWN and not any(outcome in tool.outcomes for tool in asked):
                message = f"'{name}' names the result '{outcome}', which no tool has"
                yield safety_problem(POLICY_PATH, line, message, _STALE_HINT, "")


def _check_stale_notes(tools: Sequence[Tool], policy: SafetyPolicy) -> Iterator[Problem]:
    for line in policy.lines:
        for note in line.notes:
            if not any(note in tool.notes for tool in tools):
                message = f"'{line.name}' names the note '{note}', which no tool has"
                yield safety_problem(POLICY_PATH, line.line, message, _STALE_HINT, "")


def _named(
    policy: SafetyPolicy,
) -> Iterator[tuple[int, str, tuple[str, ...], tuple[str, ...], tuple[str, ...]]]:
    """Yield, for each entry: line, name, the tools that it is for, its answers and outcomes."""
    yield 1, "crisis", (), (policy.crisis,), ()
    yield 1, "with_notes", (), (), policy.with_notes
    for each in policy.requirements:
        answers = tuple(answer for group in each.when for answer in group) + each.unless
        yield each.line, each.name, each.tools, answers, (*each.only, *each.never)
    for condition in policy.surgery.values():
        yield condition.line, "surgery", (condition.name,), (), ()
    for wording in policy.says.values():
        yield wording.line, "says", (), (), (wording.name,)
    for line in policy.lines:
        yield line.line, line.name, (), (*line.shown_if, *line.unless), line.results
    for pair in policy.pairs:
        yield pair.line, pair.name, (), tuple(a for group in pair.all_of for a in group), ()
