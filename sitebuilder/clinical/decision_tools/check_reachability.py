"""Find outcomes, rules, lines, notes and choices that nothing reaches, and what changes nothing.

Invariant: S25 in docs/tool-invariants.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sitebuilder.clinical.decision_tools.counterexample import Counterexamples
from sitebuilder.clinical.decision_tools.form_model import FormModel
from sitebuilder.clinical.decision_tools.symbolic import FALSE, Function
from sitebuilder.core.decision_tool import DecisionRule, Group, Question
from sitebuilder.core.problems import Problem, problem


def check_reachability(examples: Counterexamples) -> Iterator[Problem]:
    """Report what no answers reach and what makes no difference (S25).

    The last rule, the default, may match nothing: it makes sure that no mistake in the rules above
    leaves a reader without an outcome.
    """
    model, tool = examples.model, examples.tool
    for outcome in tool.outcomes.values():
        if not model.is_possible(model.shown[outcome.name]):
            message = f"no answers lead to the result '{outcome.name}'"
            yield _unreachable_problem(
                outcome.path, outcome.line, message, "Remove it, or fix the rules."
            )
            continue
        for number, states in enumerate(model.lines(outcome.name), 1):
            if not model.is_possible(states):
                line = outcome.lines.get("body", outcome.line)
                message = f"no answers show line {number} of the result '{outcome.name}'"
                hint = "Remove it, or fix its condition."
                yield _unreachable_problem(outcome.path, line, message, hint)
    yield from _check_rules(model)
    yield from _check_unused(model)
    yield from _check_ineffective_questions(model)


def _unreachable_problem(path: str, line: int, message: str, hint: str) -> Problem:
    return problem("tool-unreachable", path, message, hint=hint, line=line)


def _check_rules(model: FormModel) -> Iterator[Problem]:
    """Report rules that never decide, and answers that an own rule names without effect."""
    tool = model.tool
    safety_count = len(tool.safety.rules)
    for index, (rule, states) in enumerate(zip(model.rules, model.won, strict=True)):
        own = index >= safety_count
        if model.is_possible(states):
            if own:
                yield from _check_rule_answers(model, rule, states)
        elif index < len(model.rules) - 1:
            above = model.rules[safety_count if own else 0 : index]
            hint = f"{_describe_shadowing(model, rule, above)} Move it up, or remove it."
            message = f"the rule {rule.name} for {rule.outcome} never matches".replace("  ", " ")
            yield _unreachable_problem(
                tool.path if own else tool.safety.path, rule.line, message, hint
            )


def _describe_shadowing(model: FormModel, rule: DecisionRule, above: Iterable[DecisionRule]) -> str:
    """Describe which rules above this one match the states that it could match."""
    states = model.condition(rule.when)
    lines = [
        f"line {other.line}"
        for other in above
        if model.is_possible(model.diagrams.both(states, model.condition(other.when)))
    ]
    return f"Rules above it match first: {', '.join(dict.fromkeys(lines))}."


def _check_rule_answers(
    model: FormModel, rule: DecisionRule, states: Function
) -> Iterator[Problem]:
    """Report answers that a rule names without effect."""
    for group in rule.when.all_of:
        for literal in group:
            others: Group = tuple(other for other in group if other != literal)
            alone = model.diagrams.without(states, model.group(others))
            if not model.is_possible(model.diagrams.both(alone, model.literal(literal))):
                answer = f"'{literal.option}' of '{literal.question}'"
                message = f"the answer {answer} changes nothing in this rule"
                hint = "A rule above it matches first. Take the answer out, or move the rule up."
                yield _unreachable_problem(model.tool.path, rule.line, message, hint)


def _check_unused(model: FormModel) -> Iterator[Problem]:
    """Report notes that are never shown and choices that are never offered."""
    tool, diagrams = model.tool, model.diagrams
    own = tool.own_outcomes
    with_notes = diagrams.any_of(
        model.shown[name] for name, each in tool.outcomes.items() if each.with_notes or name in own
    )
    for note in tool.notes.values():
        adding = diagrams.any_of(
            model.counts[question.id, option.id]
            for question in tool.questions
            for option in question.options
            if note.name in option.notes
        )
        if not model.is_possible(diagrams.both(with_notes, adding)):
            hint = "Name it at an answer, or remove it."
            message = f"no answer adds the note '{note.name}'"
            yield _unreachable_problem(note.path or tool.path, note.line, message, hint)
    offered = {choice for outcome in tool.outcomes.values() for choice in outcome.offer}
    for choice in tool.catalog.values():
        if choice.name not in offered:
            hint = "Name it under 'offer', or remove it."
            message = f"no result offers '{choice.name}'"
            yield _unreachable_problem(tool.path, choice.line, message, hint)


def _check_ineffective_questions(model: FormModel) -> Iterator[Problem]:
    """Report own questions that change nothing, add no note and are not marked `to_bring`."""
    for question in model.tool.own_questions:
        has_use = question.to_bring or any(option.notes for option in question.options)
        if not has_use and not _decides(model, question):
            hint = "Remove it, or mark it 'to_bring: true' if a doctor will want to know."
            message = f"the answers to '{question.id}' change nothing"
            yield _unreachable_problem(question.path, question.line, message, hint)


def _decides(model: FormModel, question: Question) -> bool:
    """Whether with all else the same, two answers to a question lead to two outcomes."""
    indexes = [i for i, (name, _) in enumerate(model.options) if name == question.id]
    seen = FALSE
    for name in dict.fromkeys(rule.outcome for rule in model.tool.rules):
        shown = model.diagrams.both(model.shown[name], model.possible)
        states = model.diagrams.exists(shown, indexes)
        if model.diagrams.both(seen, states) != FALSE:
            return True
        seen = model.diagrams.either(seen, states)
    return False
