"""Check that a tool asks for every warning sign, first, in its place and where it counts.

What has to be asked follows from content/emergency.yaml. Invariants: S18 and S19 in
docs/tool-invariants.md. That page lists hold the same signs, `evidence.warning_signs` checks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from sitebuilder.clinical.decision_tools.answers import tier_literals
from sitebuilder.clinical.decision_tools.counterexample import (
    Counterexamples,
    describe_answers,
    safety_problem,
)
from sitebuilder.clinical.decision_tools.parse_questions import sign_tiers
from sitebuilder.clinical.decision_tools.safety_policy import POLICY_PATH
from sitebuilder.clinical.decision_tools.symbolic import FALSE, TRUE, Function
from sitebuilder.core.decision_tool import SETTING_QUESTION, Option, Question, Tool
from sitebuilder.core.evidence import SETTINGS, Evidence
from sitebuilder.core.problems import Problem
from sitebuilder.core.safety_policy import SafetyPolicy

MAX_QUESTIONS: Final = 12
"""How many questions a reader may be asked (S18)."""

EVERYBODY: Final = SETTINGS[0]


def check_questions(
    examples: Counterexamples, policy: SafetyPolicy, evidence: Evidence
) -> Iterator[Problem]:
    """Report questions and signs that are missing, in a wrong place, or out of view."""
    tool = examples.tool
    yield from _check_order(tool, policy)
    yield from _check_signs(tool, policy, evidence)
    yield from _check_views(examples, policy, evidence)
    yield from _check_count(examples)


def _check_order(tool: Tool, policy: SafetyPolicy) -> Iterator[Problem]:
    """Check that the first questions are those of the policy, in its order."""
    first = tool.questions[: len(policy.questions)]
    asked = {question.id: question for question in tool.safety.questions}
    for index, name in enumerate(policy.questions):
        if index < len(first) and first[index].id == name:
            continue
        question = asked.get(name)
        message = f"the question '{name}' is not in its place" if question else f"no '{name}'"
        hint = f"It has to be question {index + 1}: content/emergency.yaml has the order."
        line = question.line if question else 1
        yield safety_problem(tool.safety.path, line, message, hint, "before any answer")
    for question in tool.safety.questions:
        if question.id not in policy.questions:
            message = f"content/emergency.yaml does not know the first question '{question.id}'"
            hint = "Add it to 'questions:' there with a clinician, or remove it."
            yield safety_problem(question.path, question.line, message, hint, "before any answer")


def _check_signs(tool: Tool, policy: SafetyPolicy, evidence: Evidence) -> Iterator[Problem]:
    """Check that each question asks for its signs and no other, with their tiers."""
    for question in tool.questions:
        asked = {option.sign for option in question.options}
        for sign in evidence.signs.values():
            if question.id in sign.asked_in and sign.name not in asked:
                message = f"'{question.id}' does not ask for the sign '{sign.name}'"
                hint = f"Add {{sign: {sign.name}}} to its answers."
                yield safety_problem(
                    question.path, question.line, message, hint, f'{question.id} "{sign.text}"'
                )
        if question.is_sign_list and question.type != "many":
            message = f"'{question.id}' lets a reader choose one sign only"
            hint = "Write 'type: many': somebody may have more than one sign."
            yield safety_problem(
                question.path, question.line, message, hint, f"any two of '{question.id}'"
            )
        for option in question.options:
            yield from _check_sign(question, option, policy, evidence)
    for sign in evidence.signs.values():
        for name in sign.asked_in:
            if name not in {question.id for question in tool.questions}:
                message = f"no question '{name}' asks for the sign '{sign.name}'"
                hint = "Fix 'asked_in' with a clinician, or add the question."
                yield safety_problem(POLICY_PATH, sign.line, message, hint, f'"{sign.text}"')


def _check_sign(
    question: Question, option: Option, policy: SafetyPolicy, evidence: Evidence
) -> Iterator[Problem]:
    sign = evidence.signs.get(option.sign)
    answers = f'{question.id} "{option.text.text}"'

    def report(message: str, hint: str) -> Problem:
        return safety_problem(option.path, option.line, message, hint, answers)

    if sign is None:
        if not option.show_if.is_always:
            message = f"the answer '{option.id}' of '{question.id}' is not always in view"
            yield report(message, "Only signs come and go. Take its condition out.")
        return
    if question.id not in sign.asked_in:
        yield report(
            f"'{question.id}' asks for the sign '{sign.name}', which is not asked there",
            "content/emergency.yaml says in which questions, under 'asked_in'.",
        )
    if option.exclusive:
        yield report(
            f"the sign '{sign.name}' stands alone",
            "Take 'exclusive' out: somebody may have more than one sign.",
        )
    known = (sign_tiers(sign, policy.settings), sign.clock, sign.ride)
    if (dict(option.tiers), option.clock, option.ride) != known:
        yield report(
            f"the sign '{sign.name}' has another tier, clock or ride here",
            "content/emergency.yaml has them. A tool cannot change them.",
        )


# -- in view (S19) --------------------------------------------------------------------------------


def setting_states(examples: Counterexamples, policy: SafetyPolicy) -> dict[str, Function]:
    """Return the states of readers in each setting, by name.

    Who is in two of them is in the one that stands first in the policy.
    """
    diagrams, checked = examples.model.diagrams, examples.model.checked
    left = TRUE
    states = {}
    for name, answer in policy.settings.items():
        here = checked.get((SETTING_QUESTION, answer), FALSE)
        states[name] = diagrams.both(left, here)
        left = diagrams.without(left, here)
    return {EVERYBODY: left, **states}


def _check_views(
    examples: Counterexamples, policy: SafetyPolicy, evidence: Evidence
) -> Iterator[Problem]:
    """Check that each sign is in view for exactly the readers for whom it has a tier.

    Who has an answer of the tier `hours` need not see the other lists.
    """
    model, tool = examples.model, examples.tool
    diagrams = model.diagrams
    settings = setting_states(examples, policy)
    watching = model.group(
        tuple(
            literal
            for question in tool.questions
            for option in question.options
            for literal in tier_literals(question, option, "hours")
        )
    )
    for name, (options, in_view) in _sign_views(examples, evidence).items():
        tiers = evidence.signs[name].tiers
        wanted = diagrams.any_of(states for each, states in settings.items() if each in tiers)
        unseen = diagrams.without(diagrams.without(wanted, in_view), watching)
        for states, fault in (
            (unseen, "is out of view"),
            (diagrams.without(in_view, wanted), "is in view, and has no tier there"),
        ):
            answers = examples.shortest(states)
            if answers is not None:
                message = f"the sign '{name}' {fault}"
                hint = "Fix 'show_if' or 'hide_if', or the tiers with a clinician."
                shown = describe_answers(tool, answers)
                yield safety_problem(options[0].path, options[0].line, message, hint, shown)
    for question in tool.safety.questions:
        if not question.is_sign_list:
            own = diagrams.any_of(model.shown[outcome] for outcome in tool.own_outcomes)
            answers = examples.shortest(diagrams.without(own, model.answered[question.id]))
            if answers is not None:
                message = f"a result of the tool's own shows before '{question.id}' is answered"
                hint = "Fix 'show_if' or 'hide_if' of the question."
                shown = describe_answers(tool, answers)
                yield safety_problem(question.path, question.line, message, hint, shown)


def _sign_views(
    examples: Counterexamples, evidence: Evidence
) -> Mapping[str, tuple[list[Option], Function]]:
    """Return the answers that ask for each sign, and where one of them is in view."""
    model = examples.model
    views: dict[str, tuple[list[Option], Function]] = {}
    for question in examples.tool.questions:
        for option in question.options:
            if option.sign in evidence.signs:
                options, seen = views.get(option.sign, ([], FALSE))
                here = model.diagrams.both(
                    model.condition(question.show_if), model.condition(option.show_if)
                )
                views[option.sign] = ([*options, option], model.diagrams.either(seen, here))
    return views


# -- how many (S18) -------------------------------------------------------------------------------


def _check_count(examples: Counterexamples) -> Iterator[Problem]:
    model, diagrams, tool = examples.model, examples.model.diagrams, examples.tool
    at_least = [TRUE] + [FALSE] * (MAX_QUESTIONS + 1)
    for question in tool.questions:
        for number in range(len(at_least) - 1, 0, -1):
            one_more = diagrams.both(model.reached[question.id], at_least[number - 1])
            at_least[number] = diagrams.either(at_least[number], one_more)
    answers = examples.shortest(at_least[-1])
    if answers is not None:
        message = f"a reader is asked more than {MAX_QUESTIONS} questions"
        hint = "Take one out, or ask it of fewer people."
        line = tool.lines.get("questions", 1)
        yield safety_problem(tool.path, line, message, hint, describe_answers(tool, answers))
