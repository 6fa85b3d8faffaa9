"""Put the people of content/cases.yaml through the decision tools.

`verify` holds a tool to the safety policy in every state; but both may be wrong together. A case
says what one person has to be told, without a look at either.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from textwrap import shorten
from typing import Final

from msgspec.structs import replace

from sitebuilder.clinical.decision_tools.evaluate import (
    checked_options,
    count_ticks,
    evaluate,
    has_conflict,
    holds,
)
from sitebuilder.clinical.decision_tools.parse_cases import CASES_PATH
from sitebuilder.content.schema import closest_match
from sitebuilder.core.decision_case import Case
from sitebuilder.core.decision_tool import Option, Question, Tool
from sitebuilder.core.evidence import Source
from sitebuilder.core.problems import Problem, problem

CASE_RULE: Final = "case"

_MAX_PERSON: Final = 70
_MAX_ANSWER: Final = 60
"""Characters that a message quotes of a person, and of an answer."""


def check_cases(
    cases: Mapping[str, Case],
    tools: Mapping[str, Tool],
    tool_names: Collection[str],
    sources: Collection[str],
) -> list[Problem]:
    """Put each case through each of its tools.

    Args:
        cases: The cases, by name.
        tools: The tools that can be parsed, by name. Cases of the others are not tried.
        tool_names: Names of all tools.
        sources: Names of the sources that cases may name.
    """
    if not cases and not tool_names:
        return []
    if not cases:
        message = "there are no cases: nothing but the tools' own rules says that they are right"
        hint = "Write each as 'NAME:' with its fields below it; docs/cases.md says what a case is."
        return [problem(CASE_RULE, CASES_PATH, message, hint=hint, line=1)]
    problems: list[Problem] = []
    for case in cases.values():
        names = [*_unknown_tools(case, tool_names), *_unknown_sources(case, sources)]
        if not names and len(tools) == len(tool_names):
            names = [*_unknown_parts(case, tools)] or [*_check_asked(case, case_tools(case, tools))]
        problems += dict.fromkeys(names) or _check_results(case, case_tools(case, tools))
    if problems:  # of two cases that contradict each other, one fails
        problems += _find_contradictions(cases.values(), tools)
    if len(tools) == len(tool_names):
        problems += dict.fromkeys(_find_uncovered(cases.values(), tools))
    return problems


def case_tools(case: Case, tools: Mapping[str, Tool]) -> dict[str, Tool]:
    """Return the tools that a case goes through, by name."""
    return {name: tool for name, tool in tools.items() if not case.tools or name in case.tools}


# -- Names ----------------------------------------------------------------------------------------


def _unknown(case: Case, field: str, what: str, name: str, candidates: Iterable[str]) -> Problem:
    """Return the problem of a name that does not exist, with the closest one as the hint."""
    known = {candidate.lower(): candidate for candidate in candidates}
    near = known.get(closest_match(name, known), "")
    listed = ", ".join(sorted(known.values()))
    hint = f"Did you mean '{near}'?" if near else f"It may be: {listed or 'nothing yet'}."
    message = f"case {case.name}: there is no {what}"
    line = case.lines.get(field, case.line)
    return problem(CASE_RULE, CASES_PATH, message, hint=hint, line=line)


def _unknown_tools(case: Case, known: Collection[str]) -> Iterator[Problem]:
    for name in case.tools:
        if name not in known:
            yield _unknown(case, "tool", f"tool '{name}'", name, (*known, "all"))


def _unknown_sources(case: Case, known: Collection[str]) -> Iterator[Problem]:
    for name in case.sources:
        if name not in known:
            yield _unknown(case, "sources", f"source '{name}' in references.yaml", name, known)


def _unknown_parts(case: Case, tools: Mapping[str, Tool]) -> Iterator[Problem]:
    """Report outcomes, questions and answers that the tools do not have."""
    mine = case_tools(case, tools).values()
    outcomes = {name for tool in tools.values() for name in tool.outcomes}
    for name in case.never:
        if name not in outcomes:
            yield _unknown(case, "never", f"result '{name}'", name, outcomes)
    if case.outcome in case.never:
        message = f"case {case.name}: {case.outcome} must show, and must never show"
        hint, line = "Take it out of 'never', or mend 'outcome'.", case.lines["never"]
        yield problem(CASE_RULE, CASES_PATH, message, hint=hint, line=line)
    owners = [tool.name for tool in tools.values() if case.outcome in tool.outcomes]
    for tool in mine:
        if case.outcome not in tool.outcomes:
            what = f"result '{case.outcome}' in {tool.name}"
            unknown = _unknown(case, "outcome", what, case.outcome, tool.outcomes)
            hint = f"It is a result of {' and '.join(owners)}: write them at 'tool'."
            yield replace(unknown, hint=hint) if owners else unknown
    asked = {question.id for tool in mine for question in tool.questions}
    for name, ticked in case.answers.items():
        field = f"answers.{name}"
        if name not in asked:
            yield _unknown(case, field, f"question '{name}'", name, asked)
        for question in (q for tool in mine for q in tool.questions if q.id == name):
            yield from _check_answers(case, question, ticked)


def _check_answers(case: Case, question: Question, ticked: Sequence[str]) -> Iterator[Problem]:
    options = [option.id for option in question.options]
    field = f"answers.{question.id}"
    for name in ticked:
        if name not in options:
            yield _unknown(case, field, f"answer '{name}' to '{question.id}'", name, options)
    if question.type == "one" and len(ticked) > 1:
        message = f"case {case.name}: '{question.id}' has {len(ticked)} answers, and takes one"
        line = case.lines[field]
        yield problem(CASE_RULE, CASES_PATH, message, hint="Leave out the others.", line=line)


# -- Results --------------------------------------------------------------------------------------


def _state(case: Case, tool: Tool) -> dict[str, frozenset[str]]:
    return {q.id: frozenset(case.answers.get(q.id, ())) for q in tool.questions}


def _check_asked(case: Case, tools: Mapping[str, Tool]) -> Iterator[Problem]:
    """Report answers to questions, and options, that no tool shows to the person.

    A sign counts wherever it is checked, so such a case would hold for a form that nobody can see.
    """
    shown: set[tuple[str, str]] = set()
    for tool in tools.values():
        state = _state(case, tool)
        counted = count_ticks(tool, state)
        shown |= {
            (question.id, option.id)
            for question in tool.questions
            if holds(question.show_if, counted)
            for option in checked_options(question, state)
            if holds(option.show_if, counted)
        }
    for name, ticked in case.answers.items():
        for answer in ticked:
            if (name, answer) not in shown:
                message = f"case {case.name}: this person is not asked '{name}: {answer}'"
                hint = f"Take it out, or add the answer that '{name}' depends on, as 'setting: op'."
                line = case.lines[f"answers.{name}"]
                yield problem(CASE_RULE, CASES_PATH, message, hint=hint, line=line)


def _check_results(case: Case, tools: Mapping[str, Tool]) -> Iterator[Problem]:
    """Report what the tools show instead of the outcome; tools that show the same, together."""
    shown: dict[str, list[Tool]] = {}
    for tool in tools.values():
        result = evaluate(tool, _state(case, tool))
        shown.setdefault(result.outcome or f"?{result.waiting_for}", []).append(tool)
    for outcome, those in shown.items():
        if outcome != case.outcome:
            yield _wrong_result(case, outcome, those)
        elif case.tier != (tier := those[0].outcomes[outcome].tier):
            message = f"case {case.name}: its tier is {case.tier}, and {outcome} is {tier}"
            hint = "Mend the tier, or the result. docs/cases.md lists the tiers."
            yield problem(CASE_RULE, CASES_PATH, message, hint=hint, line=case.lines["tier"])


def _wrong_result(case: Case, outcome: str, tools: Sequence[Tool]) -> Problem:
    tool, (*others, last) = tools[0], [tool.name for tool in tools]
    names = f"{', '.join(others)} and {last} show" if others else f"{last} shows"
    if outcome.startswith("?"):
        found = f"no result: {_what_is_missing(case, tool, outcome[1:])}"
    else:
        found = f"{outcome} ({tool.outcomes[outcome].tier})"
    never = f", and never {outcome}" if outcome in case.never else ""
    person = shorten(case.person, _MAX_PERSON, placeholder=" ...")
    message = (
        f"case {case.name} ({person}): {names} {found}; "
        f"it must be {case.outcome} ({case.tier}){never}"
    )
    hint = f"Answers: {describe_answers(case, tool, _MAX_ANSWER)}. Mend the tool or the case."
    return problem(CASE_RULE, CASES_PATH, message, hint=hint, line=case.line)


def _what_is_missing(case: Case, tool: Tool, waiting_for: str) -> str:
    """Say why a tool waits at a question: it has no answer, or answers that exclude each other."""
    if not waiting_for:
        return "no rule of the tool fits these answers"
    question, state = tool.question(waiting_for), _state(case, tool)
    if not has_conflict(question, state):
        return f"the next question is '{question.id}' ({question.text.text})"
    ticked = checked_options(question, state)
    alone = next(option.id for option in ticked if option.exclusive)
    others = ", ".join(option.id for option in ticked if option.id != alone)
    return f"in '{question.id}', '{alone}' cannot be ticked beside {others}"


def describe_answers(case: Case, tool: Tool, width: int = 0) -> str:
    """Return the answers of a case in the words of a tool, "None of these" at the end.

    Answers that are cut are named, too: an editor has to find them in the file.

    Args:
        case: The case.
        tool: One of its tools.
        width: Characters after which an answer is cut; 0 for none.
    """
    said: list[str] = []
    nothing: dict[str, list[str]] = {}
    for question in tool.questions:
        ticked = [o for o in question.options if o.id in case.answers.get(question.id, ())]
        if len(ticked) == 1 and ticked[0].id == "none":
            nothing.setdefault(ticked[0].text.text, []).append(question.id)
        elif ticked:
            words = "; ".join(_option_words(option, width) for option in ticked)
            said.append(f"{question.id}: {words}")
    said += [f"{', '.join(ids)}: {text}" for text, ids in nothing.items()]
    return " | ".join(said)


def _option_words(option: Option, width: int) -> str:
    if not width:
        return option.text.text
    return f"{option.id} ({shorten(option.text.text, width, placeholder=' ...')})"


def _find_contradictions(cases: Iterable[Case], tools: Mapping[str, Tool]) -> Iterator[Problem]:
    """Report cases with the same answers, as far as they count, and different outcomes."""
    seen: dict[tuple[str, frozenset[tuple[str, frozenset[str]]]], Case] = {}
    reported: set[tuple[str, str]] = set()
    for case in cases:
        for tool in case_tools(case, tools).values():
            counted = count_ticks(tool, _state(case, tool))
            first = seen.setdefault((tool.name, frozenset(counted.items())), case)
            if first.outcome == case.outcome or (first.name, case.name) in reported:
                continue
            reported.add((first.name, case.name))
            message = (
                f"case {case.name} has the same answers as {first.name} (line {first.line}), "
                f"and another result: {case.outcome}, not {first.outcome}"
            )
            hint = "One of them is wrong, or a question is missing that tells the two apart."
            yield problem(CASE_RULE, CASES_PATH, message, hint=hint, line=case.line)


def _find_uncovered(cases: Iterable[Case], tools: Mapping[str, Tool]) -> Iterator[Problem]:
    """Report results that no case shows; those of the safety part may show in any tool."""
    covered = {
        (tool.outcomes[case.outcome].path, case.outcome)
        for case in cases
        for tool in case_tools(case, tools).values()
        if case.outcome in tool.outcomes
    }
    for tool in tools.values():
        for outcome in tool.outcomes.values():
            if (outcome.path, outcome.name) not in covered:
                message = f"no case shows {outcome.name}"
                hint = f"Add a person to {CASES_PATH} who has to be told this."
                yield problem("case-missing", outcome.path, message, hint=hint, line=outcome.line)


# -- For reviewers --------------------------------------------------------------------------------


def case_rows(
    tool: Tool, cases: Mapping[str, Case], sources: Mapping[str, Source]
) -> list[dict[str, str]]:
    """Return the cases of a tool as text, field by field, for a reviewer to read.

    Args:
        tool: The tool.
        cases: All cases, by name.
        sources: Sources by name.
    """
    rows = []
    for case in cases.values():
        if case.tools and tool.name not in case.tools:
            continue
        outcome = tool.outcomes.get(case.outcome)
        title = f": {outcome.title.text}" if outcome else ""
        named = [sources[name] for name in case.sources if name in sources]
        rows.append(
            {
                "Case": case.name,
                "Person": case.person,
                "Answers": describe_answers(case, tool),
                "Result": f"{case.outcome} ({case.tier}){title}",
                "Never": ", ".join(name for name in case.never if name in tool.outcomes),
                "Why": case.why,
                "Sources": "; ".join(f"{s.title} ({s.source})" for s in named) or "judgment",
                "Or": ", ".join(tier for tier in case.agreed if tier != case.tier),
            }
        )
    return rows
