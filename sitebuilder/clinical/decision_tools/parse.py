"""Parse the decision tools of content/tools/."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from sitebuilder.clinical.decision_tools.parse_parts import (
    parse_catalog,
    parse_notes,
    parse_outcomes,
    parse_rules,
    parse_safety_rules,
    parse_shared_lines,
    parse_standing_list,
)
from sitebuilder.clinical.decision_tools.parse_questions import QuestionReader, check_unique
from sitebuilder.clinical.decision_tools.parser import ToolParser
from sitebuilder.content import schema
from sitebuilder.content.entries import parse_entry_name
from sitebuilder.content.page_file import FRONT_MATTER_FIELDS
from sitebuilder.content.schema import FieldSpec
from sitebuilder.core.decision_tool import TOOLS_DIR, Question, SafetyPart, Tool
from sitebuilder.core.evidence import Evidence
from sitebuilder.core.model import File
from sitebuilder.core.passage import Passage
from sitebuilder.core.problems import Problem, problem
from sitebuilder.core.safety_policy import SafetyPolicy

SAFETY_PATH: Final = TOOLS_DIR + "safety.yaml"
SNAPSHOT_SUFFIX: Final = ".outcomes.yaml"
"""Suffix of the files that hold the accepted snapshots of tools."""

_RAW: Final = schema.raw

SAFETY_FIELDS: Final[Mapping[str, FieldSpec]] = {
    "version": FieldSpec(schema.text, "its version", required=True),
    "questions": FieldSpec(_RAW, "the first questions of every tool", required=True),
    "rules": FieldSpec(_RAW, "which of their answers lead to which result", required=True),
    "lines": FieldSpec(_RAW, "lines that several results use, by name"),
    "outcomes": FieldSpec(_RAW, "their results", required=True),
    "notes": FieldSpec(_RAW, "points to bring up, by name"),
    "open_questions": FieldSpec(schema.list_of(schema.text), "what a surgeon has to decide"),
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
    "standing_list": FieldSpec(_RAW, "questions to take to the visit"),
    "notes": FieldSpec(_RAW, "points to bring up, by name"),
    "catalog": FieldSpec(_RAW, "choices to talk about, by name"),
    "owner": FRONT_MATTER_FIELDS["owner"],
    "changes": FRONT_MATTER_FIELDS["changes"],
}


def parse_tools(
    files: Iterable[File], evidence: Evidence, policy: SafetyPolicy, pages: Collection[str]
) -> tuple[dict[str, Tool], list[Problem]]:
    """Parse the tools.

    A tool with an error is left out. So are all tools if the safety part is missing or has one.

    Args:
        files: The files of content/tools/.
        evidence: Facts and warning signs.
        policy: The settings of the signs, and the pairs.
        pages: Ids of the pages that tools may link to.

    Returns:
        The tools by name, and all problems.
    """
    sources = [
        f for f in files if f.path.startswith(TOOLS_DIR) and not f.path.endswith(SNAPSHOT_SUFFIX)
    ]
    parsers = {f.path: ToolParser(f, evidence, pages) for f in sources}
    safety_parser = parsers.pop(SAFETY_PATH, None)
    safety: SafetyPart | None = None
    shared_lines: dict[str, Passage] = {}
    problems: list[Problem] = []
    if safety_parser:
        safety, shared_lines = parse_safety_part(safety_parser, policy)
        problems += safety_parser.problems
    elif parsers:
        message = f"{SAFETY_PATH} is missing: every tool begins with it"
        hint = "Put it back. Until then there is no tool."
        problems += [problem("tool", path, message, hint=hint, line=1) for path in parsers]
    earlier = safety.questions if safety else ()
    readers = {
        _tool_name(path): QuestionReader(parser, policy.settings, earlier, safety=False)
        for path, parser in parsers.items()
    }
    tools: dict[str, Tool] = {}
    for reader in readers.values():
        tool = parse_tool(reader, readers, safety, shared_lines)
        problems += reader.parser.problems
        if tool is not None:
            tools[tool.name] = tool
    return tools, problems


def _tool_name(path: str) -> str:
    return path.removeprefix(TOOLS_DIR).removesuffix(".yaml")


def parse_safety_part(
    parser: ToolParser, policy: SafetyPolicy
) -> tuple[SafetyPart | None, dict[str, Passage]]:
    """Parse the first part of every tool.

    Returns:
        The part, or None if anything in it is wrong; and the lines that outcomes share.
    """
    if parser.has_errors:  # the file is no YAML: whatever follows from that would only confuse
        return None, {}
    values, _ = parser.parse_fields(parser.root, SAFETY_FIELDS, "the safety part")
    reader = QuestionReader(parser, policy.settings, safety=True)
    questions = reader.read(values.get("questions"), {})
    shared_lines = parse_shared_lines(parser, values.get("lines"))
    outcomes = parse_outcomes(parser, values.get("outcomes"), questions, shared_lines)
    rules = parse_safety_rules(parser, values.get("rules"), questions, policy.pairs)
    notes = parse_notes(parser, values.get("notes"))
    for rule in rules:
        if rule.outcome not in outcomes:
            message = f"there is no result '{rule.outcome}'"
            parser.report_unknown(rule.line, message, rule.outcome, outcomes)
    check_unique(parser, [(r.name, r.line) for r in rules if r.name], "rule")
    named = {rule.outcome for rule in rules}
    for outcome in outcomes.values():
        if outcome.offer:
            message = f"the result '{outcome.name}' offers choices"
            parser.report(outcome.line, message, "The safety part leads to help alone.")
        if outcome.name not in named:
            message = f"no rule leads to '{outcome.name}'"
            parser.report(outcome.line, message, "Write a rule, or remove it.")
    part = SafetyPart(
        parser.path,
        values.get("version", ""),
        questions,
        rules,
        outcomes,
        notes,
        values.get("open_questions", ()),
    )
    _check_notes(parser, questions, notes)
    return (None if parser.has_errors else part), shared_lines


def parse_tool(
    reader: QuestionReader,
    readers: Mapping[str, QuestionReader],
    safety: SafetyPart | None,
    shared_lines: Mapping[str, Passage],
) -> Tool | None:
    """Parse one tool and put the safety part before its questions.

    Args:
        reader: The reader of its questions, with the parser of its file.
        readers: Those of all tools, by name.
        safety: The safety part; None if it is missing or wrong.
        shared_lines: The lines that outcomes share, by name.

    Returns:
        The tool, or None if anything in it is wrong or `safety` is None.
    """
    parser = reader.parser
    if parser.has_errors:  # as in `parse_safety_part`
        return None
    values, lines = parser.parse_fields(parser.root, TOOL_FIELDS, "the tool")
    own = reader.read(values.get("questions"), readers)
    if safety is None:  # what the tool refers to is not known
        return None
    questions = (*safety.questions, *own)
    outcomes = parse_outcomes(parser, values.get("outcomes"), questions, shared_lines)
    own_notes = parse_notes(parser, values.get("notes"))
    tool = Tool(
        name=values.get("tool", ""),
        path=parser.path,
        version=values.get("version", ""),
        title=parser.parse_text(values.get("title"), "title"),
        description=values.get("description", ""),
        disclaimer=parser.parse_text(values.get("disclaimer"), "paragraph"),
        questions=questions,
        rules=parse_rules(parser, values.get("rules"), questions),
        outcomes={**safety.outcomes, **outcomes},
        safety=safety,
        notes={**safety.notes, **own_notes},
        catalog=parse_catalog(parser, values.get("catalog")),
        standing_list=parse_standing_list(parser, values.get("standing_list")),
        facts=tuple(dict.fromkeys(parser.used_facts)),
        owner=values.get("owner", ""),
        changes=values.get("changes", ()),
        lines=lines,
    )
    name = _tool_name(parser.path)
    if tool.name and tool.name != name:
        hint = f"Write 'tool: {name}', or rename the file."
        parser.report(lines["tool"], f"the file '{name}.yaml' holds the tool '{tool.name}'", hint)
    if not own:
        parser.report(lines.get("questions", 1), "the tool has no questions", "Add one.")
    _check_safety_overlap(parser, tool, set(outcomes), set(own_notes))
    _check_rules(parser, tool, set(outcomes))
    _check_notes(parser, own, tool.notes)
    _check_offers(parser, tool)
    return None if parser.has_errors else tool


def _check_safety_overlap(
    parser: ToolParser, tool: Tool, own_outcomes: set[str], own_notes: set[str]
) -> None:
    """Report what the safety part already has, or what only it may have."""
    safety_ids = {question.id for question in tool.safety.questions}
    for question in tool.own_questions:
        if question.id in safety_ids:
            message = f"the question '{question.id}' is in the safety part too"
            parser.report(question.line, message, "Give it another id.")
        if not question.show_if.is_always:
            message = f"the question '{question.id}' is not always in view"
            parser.report(question.line, message, "Only those of the safety part come and go.")
    for name in own_outcomes & set(tool.safety.outcomes):
        message = f"the result '{name}' is in the safety part too"
        parser.report(tool.outcomes[name].line, message, "Give it another name.")
    for name in own_notes & set(tool.safety.notes):
        message = f"the note '{name}' is in the safety part too"
        parser.report(tool.notes[name].line, message, "Give it another name.")


def _check_rules(parser: ToolParser, tool: Tool, own_outcomes: set[str]) -> None:
    """Check that rules lead to results of the tool's own, and that the last one is the default."""
    names = [rule.name for rule in tool.safety.rules]
    for rule in tool.rules:
        if rule.name and rule.name in names:
            parser.report(
                rule.line, f"the rule '{rule.name}' is there twice", "Give it another name."
            )
        names.append(rule.name)
    for rule in tool.rules:
        if rule.outcome not in own_outcomes:
            message = f"the tool has no result '{rule.outcome}' of its own"
            parser.report_unknown(rule.line, message, rule.outcome, own_outcomes)
    if not tool.rules or not tool.rules[-1].when.is_always:
        line = tool.rules[-1].line if tool.rules else tool.lines.get("rules", 1)
        hint = "End with '- {when: {}, outcome: ...}'."
        parser.report(line, "no rule is for all the rest: some answers would lead nowhere", hint)


def _check_notes(parser: ToolParser, questions: Iterable[Question], notes: Collection[str]) -> None:
    """Report notes that are named but do not exist."""
    for question in questions:
        for option in question.options:
            for name in option.notes:
                if name not in notes:
                    message = f"there is no note '{name}'"
                    parser.report_unknown(option.line, message, name, notes)


def _check_offers(parser: ToolParser, tool: Tool) -> None:
    """Report choices that are named but do not exist."""
    for outcome in tool.own_outcomes.values():
        for choice in outcome.offer:
            if choice not in tool.catalog:
                line = outcome.lines["offer"]
                parser.report_unknown(line, f"there is no choice '{choice}'", choice, tool.catalog)
