"""Parse the decision tools of content/tools/."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from sitebuilder.clinical.decision_tools.parse_parts import (
    parse_catalog,
    parse_notes,
    parse_outcomes,
    parse_questions,
    parse_rules,
)
from sitebuilder.clinical.decision_tools.parser import ToolParser
from sitebuilder.content import schema
from sitebuilder.content.entries import parse_entry_name
from sitebuilder.content.page_file import FRONT_MATTER_FIELDS
from sitebuilder.content.schema import FieldSpec
from sitebuilder.core.decision_tool import (
    EMERGENCY_OUTCOME,
    FLAG_OUTCOMES,
    OUTCOME_LEVELS,
    TOOLS_DIR,
    URGENT_OUTCOME,
    SafetyPart,
    Tool,
)
from sitebuilder.core.evidence import Evidence
from sitebuilder.core.model import File
from sitebuilder.core.problems import Problem

SAFETY_PATH: Final = TOOLS_DIR + "safety.yaml"
SNAPSHOT_SUFFIX: Final = ".outcomes.yaml"
"""Suffix of the files that hold the accepted snapshots of tools."""

_RAW: Final = schema.raw

SAFETY_FIELDS: Final[Mapping[str, FieldSpec]] = {
    "version": FieldSpec(schema.text, "its version", required=True),
    "questions": FieldSpec(_RAW, "the first questions of every tool", required=True),
    "outcomes": FieldSpec(_RAW, "their results", required=True),
}

TOOL_FIELDS: Final[Mapping[str, FieldSpec]] = {
    "tool": FieldSpec(parse_entry_name, "its name, as in the file's name", required=True),
    "version": FieldSpec(schema.text, "its version", required=True),
    "title": FieldSpec(_RAW, "the title of its page", required=True),
    "description": FieldSpec(schema.text, "what search results show", required=True),
    "disclaimer": FieldSpec(_RAW, "what it does not do", required=True),
    "include": FieldSpec(schema.one_of("safety"), "the safety part", required=True),
    "questions": FieldSpec(_RAW, "its own questions", required=True),
    "rules": FieldSpec(_RAW, "which answers lead to which result", required=True),
    "outcomes": FieldSpec(_RAW, "its own results", required=True),
    "notes": FieldSpec(_RAW, "points to bring up, by name"),
    "catalog": FieldSpec(_RAW, "choices to talk about, by name"),
    "owner": FRONT_MATTER_FIELDS["owner"],
    "changes": FRONT_MATTER_FIELDS["changes"],
}


def parse_tools(
    files: Iterable[File], evidence: Evidence, pages: Collection[str]
) -> tuple[dict[str, Tool], list[Problem]]:
    """Parse the tools.

    A tool with an error is left out. So are all tools if the safety part is missing or has one.

    Args:
        pages: Ids of the pages that tools may link to.

    Returns:
        The tools by name, and all problems.
    """
    sources = [
        f for f in files if f.path.startswith(TOOLS_DIR) and not f.path.endswith(SNAPSHOT_SUFFIX)
    ]
    tools: dict[str, Tool] = {}
    safety_file = next((file for file in sources if file.path == SAFETY_PATH), None)
    safety: SafetyPart | None = None
    problems: list[Problem] = []
    if safety_file:
        safety, problems = parse_safety_part(safety_file, evidence, pages)
    for file in sources:
        if file.path != SAFETY_PATH:
            tool, tool_problems = parse_tool(file, safety, evidence, pages)
            problems += tool_problems
            if tool is not None:
                tools[tool.name] = tool
    return tools, problems


def parse_safety_part(
    file: File, evidence: Evidence, pages: Collection[str]
) -> tuple[SafetyPart | None, list[Problem]]:
    """Parse the first part of every tool.

    Returns:
        The part, or None if anything in it is wrong; and the problems.
    """
    parser = ToolParser(file, evidence, pages)
    values, _ = parser.parse_fields(parser.root, SAFETY_FIELDS, "the safety part")
    questions = parse_questions(parser, values.get("questions"), safety=True)
    outcomes = parse_outcomes(parser, values.get("outcomes"))
    stops = {o.stop for q in questions for o in q.options if o.stop}
    for question in questions:
        for option in question.options:
            if option.stop and option.stop not in outcomes:
                message = f"there is no result '{option.stop}'"
                parser.report_unknown(option.line, message, option.stop, outcomes)
    for required in FLAG_OUTCOMES.values():
        if required not in outcomes:
            parser.report(
                1, f"the safety part has no result '{required}'", "Add it to 'outcomes:'."
            )
    for outcome in outcomes.values():
        if outcome.offer:
            message = f"the result '{outcome.name}' offers choices"
            parser.report(outcome.line, message, "The safety part leads to help alone.")
        if outcome.name not in stops | {EMERGENCY_OUTCOME, URGENT_OUTCOME}:
            message = f"no answer leads to '{outcome.name}'"
            parser.report(outcome.line, message, "Write 'stop:' at an answer, or remove it.")
    if parser.has_errors:
        return None, parser.problems
    return SafetyPart(parser.path, values["version"], questions, outcomes), parser.problems


def parse_tool(
    file: File, safety: SafetyPart | None, evidence: Evidence, pages: Collection[str]
) -> tuple[Tool | None, list[Problem]]:
    """Parse one tool and put the safety part before its questions.

    Returns:
        The tool, or None if anything in it is wrong or `safety` is None; and the problems.
    """
    parser = ToolParser(file, evidence, pages)
    values, lines = parser.parse_fields(parser.root, TOOL_FIELDS, "the tool")
    questions = parse_questions(parser, values.get("questions"), safety=False)
    outcomes = parse_outcomes(parser, values.get("outcomes"))
    tool = Tool(
        name=values.get("tool", ""),
        path=parser.path,
        version=values.get("version", ""),
        title=parser.parse_text(values.get("title"), "title"),
        description=values.get("description", ""),
        disclaimer=parser.parse_text(values.get("disclaimer"), "paragraph"),
        questions=(*safety.questions, *questions) if safety else questions,
        rules=parse_rules(parser, values.get("rules")),
        outcomes={**(safety.outcomes if safety else {}), **outcomes},
        safety=safety or SafetyPart("", "", (), {}),
        notes=parse_notes(parser, values.get("notes")),
        catalog=parse_catalog(parser, values.get("catalog")),
        facts=tuple(dict.fromkeys(parser.used_facts)),
        owner=values.get("owner", ""),
        changes=values.get("changes", ()),
        lines=lines,
    )
    name = parser.path.removeprefix(TOOLS_DIR).removesuffix(".yaml")
    if tool.name and tool.name != name:
        hint = f"Write 'tool: {name}', or rename the file."
        parser.report(lines["tool"], f"the file '{name}.yaml' holds the tool '{tool.name}'", hint)
    if not tool.own_questions:
        parser.report(lines.get("questions", 1), "the tool has no questions", "Add one.")
    _check_safety_overlap(parser, tool, set(outcomes))
    _check_rules(parser, tool, set(outcomes))
    _check_references(parser, tool)
    return (None if parser.has_errors or safety is None else tool), parser.problems


def _check_safety_overlap(parser: ToolParser, tool: Tool, own_outcomes: set[str]) -> None:
    """Report what the safety part already has, or what only it may have."""
    safety_ids = {question.id for question in tool.safety.questions}
    for question in tool.own_questions:
        if question.id in safety_ids:
            message = f"the question '{question.id}' is in the safety part too"
            parser.report(question.line, message, "Give it another id.")
    for name in own_outcomes & set(tool.safety.outcomes):
        message = f"the result '{name}' is in the safety part too"
        parser.report(tool.outcomes[name].line, message, "Give it another name.")
    for name in own_outcomes:
        outcome = tool.outcomes[name]
        if outcome.level in OUTCOME_LEVELS[:2]:
            message = f"the result '{name}' has a level that is for the safety part"
            hint = f"Use one of: {', '.join(OUTCOME_LEVELS[2:])}."
            parser.report(outcome.lines["level"], message, hint)


def _check_rules(parser: ToolParser, tool: Tool, own_outcomes: set[str]) -> None:
    """Check that rules name what exists, and that the last one is the default."""
    for rule in tool.rules:
        for question_id, answers in rule.when.items():
            _check_condition(parser, tool, rule.line, question_id, answers)
        if rule.outcome not in own_outcomes:
            message = f"the tool has no result '{rule.outcome}' of its own"
            parser.report_unknown(rule.line, message, rule.outcome, own_outcomes)
    if not tool.rules or tool.rules[-1].when:
        line = tool.rules[-1].line if tool.rules else tool.lines.get("rules", 1)
        hint = "End with '- {when: {}, outcome: ...}'."
        parser.report(line, "no rule is for all the rest: some answers would lead nowhere", hint)


def _check_condition(
    parser: ToolParser, tool: Tool, line: int, question_id: str, answers: Sequence[str]
) -> None:
    """Check what a rule asks of one question."""
    questions = {question.id: question for question in tool.own_questions}
    if question_id not in questions:
        message = f"the rule names the question '{question_id}', which the tool does not ask"
        parser.report_unknown(line, message, question_id, questions)
        return
    if questions[question_id].to_bring:
        message = f"the rule uses '{question_id}', which is marked 'to_bring'"
        parser.report(line, message, "Take 'to_bring' out of the question.")
    if not answers:
        hint = "Name one, or take the question out."
        parser.report(line, f"the rule names no answer of '{question_id}'", hint)
    option_ids = [option.id for option in questions[question_id].options]
    for index, answer in enumerate(answers):
        if answer not in option_ids:
            message = f"the question '{question_id}' has no answer '{answer}'"
            parser.report_unknown(line, message, answer, option_ids)
        if answer in answers[:index]:
            parser.report(line, f"the answer '{answer}' is there twice", "Keep one.")


def _check_references(parser: ToolParser, tool: Tool) -> None:
    """Report notes and choices that are named but do not exist."""
    for question in tool.own_questions:
        for option in question.options:
            if option.note and option.note not in tool.notes:
                parser.report_unknown(
                    option.line, f"there is no note '{option.note}'", option.note, tool.notes
                )
    for outcome in tool.own_outcomes.values():
        for choice in outcome.offer:
            if choice not in tool.catalog:
                line = outcome.lines["offer"]
                parser.report_unknown(line, f"there is no choice '{choice}'", choice, tool.catalog)
