"""Parse the parts of a tool's file: questions, outcomes, notes, choices and rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sitebuilder.clinical.decision_tools.parser import ToolParser
from sitebuilder.clinical.decision_tools.safety_policy import mapping_of, parse_outcome_name
from sitebuilder.content import schema
from sitebuilder.content.entries import ENTRY_NAME, parse_entry_name
from sitebuilder.content.schema import FieldSpec
from sitebuilder.content.yaml import Node, ScalarNode
from sitebuilder.core.decision_tool import (
    CHOICE_KINDS,
    FLAG_OUTCOMES,
    OUTCOME_LEVELS,
    Choice,
    DecisionRule,
    Note,
    Option,
    Outcome,
    Question,
)
from sitebuilder.core.passage import Passage, TextRun

_RAW: Final = schema.raw
_NAME_LIST: Final = schema.list_of(parse_entry_name)

OPTION_FIELDS: Final[Mapping[str, FieldSpec]] = {
    "id": FieldSpec(parse_entry_name, "its name within the question", required=True),
    "text": FieldSpec(_RAW, "what readers see"),
    "sign": FieldSpec(parse_entry_name, "the sign of content/emergency.yaml whose text it takes"),
    "flag": FieldSpec(schema.one_of(*FLAG_OUTCOMES), "the safety part only: how soon to act"),
    "stop": FieldSpec(parse_outcome_name, "the safety part only: the result that ends the tool"),
    "exclusive": FieldSpec(schema.boolean, "true: it stands alone, such as 'None of these'"),
    "note": FieldSpec(parse_entry_name, "the point to bring up that it adds"),
}

QUESTION_FIELDS: Final[Mapping[str, FieldSpec]] = {
    "id": FieldSpec(parse_entry_name, "its name", required=True),
    "type": FieldSpec(schema.one_of("one", "many"), "one answer or many", required=True),
    "text": FieldSpec(_RAW, "what readers see", required=True),
    "help": FieldSpec(_RAW, "a line below it"),
    "to_bring": FieldSpec(schema.boolean, "true: no rule uses it; it is printed for the doctor"),
    "options": FieldSpec(_RAW, "its answers", required=True),
}

OUTCOME_FIELDS: Final[Mapping[str, FieldSpec]] = {
    "level": FieldSpec(schema.one_of(*OUTCOME_LEVELS), "how it is shown", required=True),
    "title": FieldSpec(_RAW, "the result in a few words", required=True),
    "body": FieldSpec(_RAW, "its lines", required=True),
    "links": FieldSpec(_NAME_LIST, "page ids", required=True),
    "offer": FieldSpec(_NAME_LIST, "choices of the catalog, in order"),
}

NOTE_FIELDS: Final[Mapping[str, FieldSpec]] = {
    "text": FieldSpec(_RAW, "what readers see", required=True),
    "facts": FieldSpec(_NAME_LIST, "the facts that it rests on"),
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
    "when": FieldSpec(mapping_of(_NAME_LIST), "answers by question; {} for all", required=True),
    "outcome": FieldSpec(parse_outcome_name, "the result", required=True),
}

_EXCLUSIVE_PREFIXES: Final = ("none of", "i am not sure")
"""Beginnings of answers that cannot be true beside another."""


def parse_questions(parser: ToolParser, node: Node | None, *, safety: bool) -> tuple[Question, ...]:
    """Parse the questions of a file, in order."""
    questions = []
    for item in parser.list_items(node, "'questions'"):
        values, _ = parser.parse_fields(item, QUESTION_FIELDS, "the question")
        question = _parse_question(parser, item, values, safety=safety)
        if question is not None:
            questions.append(question)
    _check_unique(parser, [(q.id, q.line) for q in questions], "question")
    return tuple(questions)


def _parse_question(
    parser: ToolParser, node: Node, values: Mapping[str, Any], *, safety: bool
) -> Question | None:
    options = tuple(
        option
        for item in parser.list_items(values.get("options"), "'options'")
        if (option := _parse_option(parser, item)) is not None
    )
    if "id" not in values or "type" not in values or not options:
        if "options" in values and not options:
            parser.report(node.line, "the question has no answers", "Add them under 'options:'.")
        return None
    help_text = values.get("help")
    question = Question(
        id=values["id"],
        type=values["type"],
        text=parser.parse_text(values.get("text"), "title"),
        options=options,
        help=parser.parse_text(help_text, "paragraph") if help_text is not None else None,
        to_bring=values.get("to_bring", False),
        path=parser.path,
        line=node.line,
    )
    _check_unique(parser, [(o.id, o.line) for o in options], "answer")
    _check_question(parser, question, safety=safety)
    return question


def _parse_option(parser: ToolParser, node: Node) -> Option | None:
    values, _ = parser.parse_fields(node, OPTION_FIELDS, "the answer")
    if "id" not in values:
        return None
    sign = values.get("sign", "")
    if ("text" in values) == bool(sign):
        message = f"the answer '{values['id']}' has a text and a sign, or neither"
        parser.report(node.line, message, "Write 'text' or 'sign'. A sign brings its own text.")
        return None
    if sign and sign not in parser.evidence.signs:
        parser.report_unknown(node.line, f"there is no sign '{sign}'", sign, parser.evidence.signs)
        return None
    if sign:
        text = Passage("item", (TextRun(parser.evidence.signs[sign].text, node.line, 1, "sign"),))
    else:
        text = parser.parse_text(values["text"], "item")
    fields = {k: v for k, v in values.items() if k not in {"text", "sign"}}
    return Option(text=text, sign=sign, path=parser.path, line=node.line, **fields)


def _check_question(parser: ToolParser, question: Question, *, safety: bool) -> None:
    """Check that the type of a question, its part of the tool and its answers fit together."""
    for option in question.options:
        subject = f"the answer '{option.id}' of '{question.id}'"
        if not safety and (option.flag or option.stop or option.sign):
            hint = "Signs, flags and stops stand in content/tools/safety.yaml."
            parser.report(option.line, f"{subject} is for the safety part", hint)
        if safety and (option.note or question.to_bring):
            hint = "Remove it: the safety part leads to help, or lets on."
            parser.report(option.line, f"{subject} has a note in the safety part", hint)
        if option.flag and option.stop:
            parser.report(option.line, f"{subject} has a flag and a stop", "Keep one of them.")
        if question.type == "one" and option.exclusive:
            hint = "Take 'exclusive' out: of radio buttons only one can be chosen."
            parser.report(option.line, f"{subject} is exclusive in a question of type 'one'", hint)
        if question.type == "many" and option.stop:
            parser.report(
                option.line, f"{subject} has a stop", "Stops need a question of type 'one'."
            )
        must_be_exclusive = option.id in {"none", "unsure"} or option.text.text.lower().startswith(
            _EXCLUSIVE_PREFIXES
        )
        if question.type == "many" and must_be_exclusive and not option.exclusive:
            hint = "Add 'exclusive: true': it cannot be true beside another answer."
            parser.report(option.line, f"{subject} does not stand alone", hint)
    exclusive = [o for o in question.options if o.exclusive]
    if question.type == "many" and (not exclusive or question.options[-1] not in exclusive):
        hint = 'End with {id: none, exclusive: true, text: "None of these"}.'
        parser.report(question.line, f"'{question.id}' does not end with a way to say 'none'", hint)
    if len(question.options) == 1:
        parser.report(question.line, f"'{question.id}' has one answer", "A question needs two.")


def parse_outcomes(parser: ToolParser, node: Node | None) -> dict[str, Outcome]:
    """Parse the outcomes of a file, by name."""
    outcomes: dict[str, Outcome] = {}
    for key, value in parser.named_items(node, "'outcomes'"):
        name = parser.parse_value(key, parse_outcome_name, "")
        values, lines = parser.parse_fields(value, OUTCOME_FIELDS, f"the result '{key.value}'")
        body = tuple(
            parser.parse_text(line, "item")
            for line in parser.list_items(values.get("body"), "'body'")
        )
        if not name or "level" not in values:
            continue
        if not body:
            parser.report(key.line, f"the result '{name}' says nothing", "Add lines under 'body:'.")
        outcomes[name] = Outcome(
            name=name,
            level=values["level"],
            title=parser.parse_text(values.get("title"), "title"),
            body=body,
            links=values.get("links", ()),
            offer=values.get("offer", ()),
            path=parser.path,
            line=key.line,
            lines=lines,
        )
        parser.require_pages(outcomes[name].links, lines.get("links", key.line))
        _check_unique(parser, [(n, lines["links"]) for n in outcomes[name].links], "link")
        _check_unique(parser, [(n, lines["offer"]) for n in outcomes[name].offer], "choice")
    return outcomes


def parse_notes(parser: ToolParser, node: Node | None) -> dict[str, Note]:
    """Parse the notes of a file, by name."""
    notes = {}
    for key, value in parser.named_items(node, "'notes'"):
        name = _parse_name(parser, key)
        values, lines = parser.parse_fields(value, NOTE_FIELDS, f"the note '{key.value}'")
        text = parser.parse_text(values.get("text"), "item")
        facts = values.get("facts", ())
        parser.require_facts(facts, lines.get("facts", key.line))
        notes[name] = Note(name, text, facts, key.line)
    return notes


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


def parse_rules(parser: ToolParser, node: Node | None) -> tuple[DecisionRule, ...]:
    """Parse the rules of a file, in order."""
    rules = []
    for item in parser.list_items(node, "'rules'"):
        values, _ = parser.parse_fields(item, RULE_FIELDS, "the rule")
        if "when" in values and "outcome" in values:
            rules.append(DecisionRule(values["when"], values["outcome"], item.line))
    return tuple(rules)


def _parse_name(parser: ToolParser, key: ScalarNode) -> str:
    if not ENTRY_NAME.fullmatch(key.value):
        parser.report(
            key.line, f"'{key.value}' is not a name", "Use small letters, digits and '-'."
        )
    return key.value


def _check_unique(parser: ToolParser, names: list[tuple[str, int]], what: str) -> None:
    seen: set[str] = set()
    for name, line in names:
        if name in seen:
            parser.report(line, f"the {what} '{name}' is there twice", "Keep one of them.")
        seen.add(name)
