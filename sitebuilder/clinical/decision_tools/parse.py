"""content/tools/*.yaml in, tools out; every mistake with its line."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from sitebuilder.clinical.decision_tools.parse_parts import (
    read_catalog,
    read_notes,
    read_outcomes,
    read_questions,
    read_rules,
)
from sitebuilder.clinical.decision_tools.parser import Desk
from sitebuilder.content import schema
from sitebuilder.content.entries import name
from sitebuilder.content.page_file import TABLE as FRONT_MATTER
from sitebuilder.content.schema import Field
from sitebuilder.core.decision_tool import EMERGENCY, FLAGS, FOLDER, LEVELS, URGENT, Safety, Tool
from sitebuilder.core.evidence import Knowledge
from sitebuilder.core.model import File
from sitebuilder.core.problems import Problem

SAFETY: Final = FOLDER + "safety.yaml"
ACCEPTED: Final = ".outcomes.yaml"
"""How files end that hold what was accepted of a tool."""

_NODE: Final = schema.as_it_is

SAFETY_FILE: Final[Mapping[str, Field]] = {
    "version": Field(schema.text, "its version", required=True),
    "questions": Field(_NODE, "the first questions of every tool", required=True),
    "outcomes": Field(_NODE, "their results", required=True),
}

TOOL_FILE: Final[Mapping[str, Field]] = {
    "tool": Field(name, "its name, as in the file's name", required=True),
    "version": Field(schema.text, "its version", required=True),
    "title": Field(_NODE, "the title of its page", required=True),
    "description": Field(schema.text, "what search results show", required=True),
    "disclaimer": Field(_NODE, "what it does not do", required=True),
    "include": Field(schema.one_of("safety"), "the safety part", required=True),
    "questions": Field(_NODE, "its own questions", required=True),
    "rules": Field(_NODE, "which answers lead to which result", required=True),
    "outcomes": Field(_NODE, "its own results", required=True),
    "notes": Field(_NODE, "points to bring up, by name"),
    "catalog": Field(_NODE, "choices to talk about, by name"),
    "owner": FRONT_MATTER["owner"],
    "changes": FRONT_MATTER["changes"],
}


def read_tools(
    files: Iterable[File], known: Knowledge, pages: Collection[str]
) -> tuple[dict[str, Tool], list[Problem]]:
    """The tools by name. One with a mistake in it, or below a faulty safety part, is left out."""
    ours = [f for f in files if f.path.startswith(FOLDER) and not f.path.endswith(ACCEPTED)]
    tools: dict[str, Tool] = {}
    problems: list[Problem] = []
    first = next((file for file in ours if file.path == SAFETY), None)
    safety, found = parse_safety(first, known, pages) if first else (None, [])
    problems += found
    for file in ours:
        if file.path != SAFETY:
            tool, found = parse_tool(file, safety, known, pages)
            problems += found
            if tool is not None:
                tools[tool.name] = tool
    return tools, problems


def parse_safety(
    file: File, known: Knowledge, pages: Collection[str]
) -> tuple[Safety | None, list[Problem]]:
    """The first part of every tool; None if anything in it is wrong."""
    desk = Desk(file, known, pages)
    values, _ = desk.part(desk.root, SAFETY_FILE, "the safety part")
    questions = read_questions(desk, values.get("questions"), safety=True)
    outcomes = read_outcomes(desk, values.get("outcomes"))
    used = {o.stop for q in questions for o in q.options if o.stop}
    for question in questions:
        for option in question.options:
            if option.stop and option.stop not in outcomes:
                message = f"there is no result '{option.stop}'"
                desk.unknown(option.line, message, option.stop, outcomes)
    for needed in FLAGS.values():
        if needed not in outcomes:
            desk.say(1, f"the safety part has no result '{needed}'", "Add it to 'outcomes:'.")
    for outcome in outcomes.values():
        if outcome.offer:
            message = f"the result '{outcome.name}' offers choices"
            desk.say(outcome.line, message, "The safety part leads to help alone.")
        if outcome.name not in used | {EMERGENCY, URGENT}:
            message = f"no answer leads to '{outcome.name}'"
            desk.say(outcome.line, message, "Write 'stop:' at an answer, or take it out.")
    if desk.broken:
        return None, desk.problems
    return Safety(desk.path, values["version"], questions, outcomes), desk.problems


def parse_tool(
    file: File, safety: Safety | None, known: Knowledge, pages: Collection[str]
) -> tuple[Tool | None, list[Problem]]:
    """One tool, its safety part first; None if anything in it is wrong."""
    desk = Desk(file, known, pages)
    values, lines = desk.part(desk.root, TOOL_FILE, "the tool")
    questions = read_questions(desk, values.get("questions"), safety=False)
    outcomes = read_outcomes(desk, values.get("outcomes"))
    tool = Tool(
        name=values.get("tool", ""),
        path=desk.path,
        version=values.get("version", ""),
        title=desk.text(values.get("title"), "title"),
        description=values.get("description", ""),
        disclaimer=desk.text(values.get("disclaimer"), "paragraph"),
        questions=(*safety.questions, *questions) if safety else questions,
        rules=read_rules(desk, values.get("rules")),
        outcomes={**(safety.outcomes if safety else {}), **outcomes},
        safety=safety or Safety("", "", (), {}),
        notes=read_notes(desk, values.get("notes")),
        catalog=read_catalog(desk, values.get("catalog")),
        facts=tuple(dict.fromkeys(desk.facts)),
        owner=values.get("owner", ""),
        changes=values.get("changes", ()),
        lines=lines,
    )
    expected = desk.path.removeprefix(FOLDER).removesuffix(".yaml")
    if tool.name and tool.name != expected:
        hint = f"Write 'tool: {expected}', or rename the file."
        desk.say(lines["tool"], f"the file '{expected}.yaml' holds the tool '{tool.name}'", hint)
    if not tool.own:
        desk.say(lines.get("questions", 1), "the tool has no questions", "Add one.")
    _doubles(desk, tool, set(outcomes))
    _rules(desk, tool, set(outcomes))
    _notes_and_choices(desk, tool)
    return (None if desk.broken or safety is None else tool), desk.problems


def _doubles(desk: Desk, tool: Tool, own: set[str]) -> None:
    """What is in the safety part already."""
    first = {question.id for question in tool.safety.questions}
    for question in tool.own:
        if question.id in first:
            message = f"the question '{question.id}' is in the safety part too"
            desk.say(question.line, message, "Give it another id.")
    for called in own & set(tool.safety.outcomes):
        message = f"the result '{called}' is in the safety part too"
        desk.say(tool.outcomes[called].line, message, "Give it another name.")
    for called in own:
        if tool.outcomes[called].level in LEVELS[:2]:
            message = f"the result '{called}' has a level that is for the safety part"
            outcome = tool.outcomes[called]
            desk.say(outcome.lines["level"], message, f"Use one of: {', '.join(LEVELS[2:])}.")


def _rules(desk: Desk, tool: Tool, own: set[str]) -> None:
    """Rules name what there is, and the last is for all the rest."""
    for rule in tool.rules:
        for asked, answers in rule.when.items():
            _condition(desk, tool, rule.line, asked, answers)
        if rule.outcome not in own:
            message = f"the tool has no result '{rule.outcome}' of its own"
            desk.unknown(rule.line, message, rule.outcome, own)
    if not tool.rules or tool.rules[-1].when:
        line = tool.rules[-1].line if tool.rules else tool.lines.get("rules", 1)
        hint = "End with '- {when: {}, outcome: ...}'."
        desk.say(line, "no rule is for all the rest: some answers would lead nowhere", hint)


def _condition(desk: Desk, tool: Tool, line: int, asked: str, answers: Sequence[str]) -> None:
    """What a rule asks of one question."""
    known = {question.id: question for question in tool.own}
    if asked not in known:
        message = f"the rule names the question '{asked}', which the tool does not ask"
        desk.unknown(line, message, asked, known)
        return
    if known[asked].to_bring:
        message = f"the rule uses '{asked}', which is marked 'to_bring'"
        desk.say(line, message, "Take 'to_bring' out of the question.")
    if not answers:
        hint = "Name one, or take the question out."
        desk.say(line, f"the rule names no answer of '{asked}'", hint)
    ids = [option.id for option in known[asked].options]
    for place, answer in enumerate(answers):
        if answer not in ids:
            message = f"the question '{asked}' has no answer '{answer}'"
            desk.unknown(line, message, answer, ids)
        if answer in answers[:place]:
            desk.say(line, f"the answer '{answer}' is there twice", "Keep one.")


def _notes_and_choices(desk: Desk, tool: Tool) -> None:
    """Notes and choices that are named and not there."""
    for question in tool.own:
        for option in question.options:
            if option.note and option.note not in tool.notes:
                desk.unknown(
                    option.line, f"there is no note '{option.note}'", option.note, tool.notes
                )
    for outcome in tool.own_outcomes.values():
        for choice in outcome.offer:
            if choice not in tool.catalog:
                line = outcome.lines["offer"]
                desk.unknown(line, f"there is no choice '{choice}'", choice, tool.catalog)
