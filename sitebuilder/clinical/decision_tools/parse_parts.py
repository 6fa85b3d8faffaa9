"""Parse the parts of a tool's file other than questions: rules, outcomes, notes and choices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sitebuilder.clinical.decision_tools.parse_conditions import (
    read_condition,
    read_group,
    read_when,
)
from sitebuilder.clinical.decision_tools.parse_questions import check_unique
from sitebuilder.clinical.decision_tools.parser import ToolParser
from sitebuilder.clinical.decision_tools.safety_policy import (
    POLICY_PATH,
    mapping_of,
    parse_outcome_name,
)
from sitebuilder.content import schema
from sitebuilder.content.entries import ENTRY_NAME, parse_entry_name
from sitebuilder.content.schema import FieldSpec
from sitebuilder.content.yaml import MappingNode, Node, ScalarNode
from sitebuilder.core.decision_tool import (
    CHOICE_KINDS,
    OUTCOME_TIERS,
    BodyLine,
    Choice,
    Condition,
    DecisionRule,
    Note,
    Outcome,
    Question,
    StandingList,
)
from sitebuilder.core.passage import Passage
from sitebuilder.core.safety_policy import Pair

_RAW: Final = schema.raw
_NAME_LIST: Final = schema.list_of(parse_entry_name)
_TEXT_LIST: Final = schema.list_of(schema.text)

OUTCOME_FIELDS: Final[Mapping[str, FieldSpec]] = {
    "tier": FieldSpec(schema.one_of(*OUTCOME_TIERS), "how soon to act", required=True),
    "title": FieldSpec(_RAW, "the result in a few words", required=True),
    "body": FieldSpec(_RAW, "its lines", required=True),
    "links": FieldSpec(_NAME_LIST, "page ids", required=True),
    "offer": FieldSpec(_NAME_LIST, "choices of the catalog, in order"),
    "with_notes": FieldSpec(schema.boolean, "true: notes and the list for the visit are shown"),
}

LINE_FIELDS: Final[Mapping[str, FieldSpec]] = {
    "text": FieldSpec(_RAW, "what readers see"),
    "use": FieldSpec(parse_entry_name, "a line of content/tools/safety.yaml, by name"),
    "if": FieldSpec(_TEXT_LIST, "answers; shown only if one of them is ticked"),
    "unless": FieldSpec(_TEXT_LIST, "answers; not shown if one of them is ticked"),
    "paper": FieldSpec(_RAW, "what stands before it on paper, where every line is printed"),
}

NOTE_FIELDS: Final[Mapping[str, FieldSpec]] = {
    "text": FieldSpec(_RAW, "what readers see", required=True),
    "facts": FieldSpec(_NAME_LIST, "the facts that it rests on"),
}

LIST_FIELDS: Final[Mapping[str, FieldSpec]] = {
    "title": FieldSpec(_RAW, "its heading", required=True),
    "items": FieldSpec(_RAW, "its lines", required=True),
    "closing": FieldSpec(_RAW, "the line below it"),
}

CHOICE_FIELDS: Final[Mapping[str, FieldSpec]] = {
    "kind": FieldSpec(schema.one_of(*CHOICE_KINDS), "what it is", required=True),
    "page": FieldSpec(parse_entry_name, "the page about it", required=True),
    "title": FieldSpec(_RAW, "what it is called", required=True),
    "good": FieldSpec(_RAW, "its good side", required=True),
    "less_good": FieldSpec(_RAW, "its less good side", required=True),
    "facts": FieldSpec(_NAME_LIST, "the facts that it rests on"),
}

RULE_FIELDS: Final[Mapping[str, FieldSpec]] = {
    "name": FieldSpec(schema.text, "its number, such as N1"),
    "when": FieldSpec(mapping_of(_NAME_LIST), "answers by question; {} for all", required=True),
    "outcome": FieldSpec(parse_outcome_name, "the result", required=True),
}

SAFETY_RULE_FIELDS: Final[Mapping[str, FieldSpec]] = {
    "name": FieldSpec(schema.text, "its number, such as G1"),
    "after": FieldSpec(parse_entry_name, "the question up to which all is answered first"),
    "all": FieldSpec(schema.list_of(_TEXT_LIST), "groups of answers; one of each is ticked"),
    "except": FieldSpec(_TEXT_LIST, "answers that the groups leave out"),
    "pairs": FieldSpec(schema.boolean, "true: one rule for each pair of content/emergency.yaml"),
    "outcome": FieldSpec(parse_outcome_name, "the result", required=True),
}


def parse_shared_lines(parser: ToolParser, node: Node | None) -> dict[str, Passage]:
    """Parse the lines that several outcomes use, by name."""
    return {
        _parse_name(parser, key): parser.parse_text(value, "item")
        for key, value in parser.named_items(node, "'lines'")
    }


def parse_outcomes(
    parser: ToolParser,
    node: Node | None,
    questions: Sequence[Question],
    shared_lines: Mapping[str, Passage],
) -> dict[str, Outcome]:
    """Parse the outcomes of a file, by name.

    Args:
        parser: Collects the problems.
        node: The mapping of outcomes.
        questions: The questions that lines may name.
        shared_lines: Lines that several outcomes use, by name.
    """
    outcomes: dict[str, Outcome] = {}
    for key, value in parser.named_items(node, "'outcomes'"):
        name = parser.parse_value(key, parse_outcome_name, "")
        values, lines = parser.parse_fields(value, OUTCOME_FIELDS, f"the result '{key.value}'")
        body = tuple(
            _parse_line(parser, line, questions, shared_lines)
            for line in parser.list_items(values.get("body"), "'body'")
        )
        if not name or "tier" not in values:
            continue
        if not body:
            parser.report(key.line, f"the result '{name}' says nothing", "Add lines under 'body:'.")
        outcomes[name] = Outcome(
            name=name,
            tier=values["tier"],
            title=parser.parse_text(values.get("title"), "title"),
            body=body,
            links=values.get("links", ()),
            offer=values.get("offer", ()),
            with_notes=values.get("with_notes", False),
            path=parser.path,
            line=key.line,
            lines=lines,
        )
        parser.require_pages(outcomes[name].links, lines.get("links", key.line))
        check_unique(parser, [(n, lines["links"]) for n in outcomes[name].links], "link")
        check_unique(parser, [(n, lines["offer"]) for n in outcomes[name].offer], "choice")
    return outcomes


def _parse_line(
    parser: ToolParser,
    node: Node,
    questions: Sequence[Question],
    shared_lines: Mapping[str, Passage],
) -> BodyLine:
    if not isinstance(node, MappingNode):
        return BodyLine(parser.parse_text(node, "item"))
    values, _ = parser.parse_fields(node, LINE_FIELDS, "the line")
    name = values.get("use", "")
    if ("text" in values) == bool(name):
        parser.report(node.line, "the line has 'text' and 'use', or neither", "Write one of them.")
    if name and name not in shared_lines:
        message = f"there is no line '{name}' in content/tools/safety.yaml"
        parser.report_unknown(node.line, message, name, shared_lines)
    text = shared_lines.get(name) or parser.parse_text(values.get("text"), "item")
    required = [values["if"]] if "if" in values else []
    condition = read_condition(
        parser, questions, node.line, all_of=required, none_of=values.get("unless", ())
    )
    paper = parser.parse_text(values["paper"], "item") if "paper" in values else None
    return BodyLine(text, condition, paper)


def parse_notes(parser: ToolParser, node: Node | None) -> dict[str, Note]:
    """Parse the notes of a file, by name."""
    notes = {}
    for key, value in parser.named_items(node, "'notes'"):
        name = _parse_name(parser, key)
        values, lines = parser.parse_fields(value, NOTE_FIELDS, f"the note '{key.value}'")
        text = parser.parse_text(values.get("text"), "item")
        facts = values.get("facts", ())
        parser.require_facts(facts, lines.get("facts", key.line))
        notes[name] = Note(name, text, facts, parser.path, key.line)
    return notes


def parse_standing_list(parser: ToolParser, node: Node | None) -> StandingList | None:
    """Parse the questions for the visit; None if there are none."""
    if node is None:
        return None
    values, _ = parser.parse_fields(node, LIST_FIELDS, "the list for the visit")
    items = parser.list_items(values.get("items"), "'items'")
    if "items" in values and not items:
        parser.report(node.line, "the list for the visit has no lines", "Add them under 'items:'.")
    closing = values.get("closing")
    return StandingList(
        title=parser.parse_text(values.get("title"), "title"),
        items=tuple(parser.parse_text(item, "item") for item in items),
        closing=parser.parse_text(closing, "paragraph") if closing is not None else None,
        line=node.line,
    )


def parse_catalog(parser: ToolParser, node: Node | None) -> dict[str, Choice]:
    """Parse the choices of a file, by name."""
    choices = {}
    for key, value in parser.named_items(node, "'catalog'"):
        name = _parse_name(parser, key)
        values, lines = parser.parse_fields(value, CHOICE_FIELDS, f"the choice '{key.value}'")
        facts = values.get("facts", ())
        parser.require_facts(facts, lines.get("facts", key.line))
        if "page" in values:
            parser.require_pages([values["page"]], lines["page"])
        choices[name] = Choice(
            name=name,
            kind=values.get("kind", "care"),
            page=values.get("page", ""),
            title=parser.parse_text(values.get("title"), "title"),
            good=parser.parse_text(values.get("good"), "item"),
            less_good=parser.parse_text(values.get("less_good"), "item"),
            facts=facts,
            line=key.line,
        )
    return choices


def parse_rules(
    parser: ToolParser, node: Node | None, questions: Sequence[Question]
) -> tuple[DecisionRule, ...]:
    """Parse the rules of a tool's own, in order."""
    rules = []
    for item in parser.list_items(node, "'rules'"):
        values, _ = parser.parse_fields(item, RULE_FIELDS, "the rule")
        if "when" in values and "outcome" in values:
            condition = read_when(parser, questions, values["when"], item.line)
            name = values.get("name", "")
            rules.append(DecisionRule(condition, values["outcome"], name, line=item.line))
    return tuple(rules)


def parse_safety_rules(
    parser: ToolParser, node: Node | None, questions: Sequence[Question], pairs: Sequence[Pair]
) -> tuple[DecisionRule, ...]:
    """Parse the rules of the safety part, in order."""
    rules: list[DecisionRule] = []
    places = {"": -1, **{question.id: n for n, question in enumerate(questions)}}
    for item in parser.list_items(node, "'rules'"):
        values, _ = parser.parse_fields(item, SAFETY_RULE_FIELDS, "the rule")
        after = values.get("after", "")
        if "outcome" not in values:
            continue
        if after not in places:
            parser.report_unknown(item.line, f"there is no question '{after}'", after, places)
            continue
        if rules and places[after] < places[rules[-1].after]:
            hint = "Rules that count at once come first, then by the place of their question."
            parser.report(item.line, "the rule counts before the one above it", hint)
        rules += _expand_rule(parser, item.line, values, questions, pairs)
    return tuple(rules)


def _expand_rule(
    parser: ToolParser,
    line: int,
    values: Mapping[str, Any],
    questions: Sequence[Question],
    pairs: Sequence[Pair],
) -> list[DecisionRule]:
    """Return the rule, or one for each pair."""
    name, after, outcome = values.get("name", ""), values.get("after", ""), values["outcome"]
    if values.get("pairs"):
        if "all" in values or "except" in values:
            hint = "Write them as two rules."
            parser.report(line, "the rule has 'pairs' and answers of its own", hint)
        return [
            DecisionRule(
                _read_pair(parser, questions, pair), outcome, pair.name.upper(), after, line
            )
            for pair in pairs
        ]
    if not values.get("all"):
        parser.report(line, "the rule has no condition", "Add 'all: [[ANSWER]]', or 'pairs: true'.")
        return []
    left_out = read_group(parser, questions, values.get("except", ()), line)
    condition = read_condition(parser, questions, line, all_of=values["all"])
    names = {(literal.question, literal.option) for literal in left_out}
    groups = tuple(
        tuple(each for each in group if (each.question, each.option) not in names)
        for group in condition.all_of
    )
    return [DecisionRule(Condition(groups), outcome, name, after, line)]


def _read_pair(parser: ToolParser, questions: Sequence[Question], pair: Pair) -> Condition:
    """Return the condition of a pair; mistakes in it are reported where it stands."""
    scratch = parser.scratch()
    scratch.path = POLICY_PATH
    condition = read_condition(scratch, questions, pair.line, all_of=pair.all_of)
    parser.problems += scratch.problems
    return condition


def _parse_name(parser: ToolParser, key: ScalarNode) -> str:
    if not ENTRY_NAME.fullmatch(key.value):
        parser.report(
            key.line, f"'{key.value}' is not a name", "Use small letters, digits and '-'."
        )
    return key.value
