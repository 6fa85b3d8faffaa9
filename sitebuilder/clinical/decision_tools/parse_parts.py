"""The parts of a tool's file, read: questions and answers, results, notes, choices, rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sitebuilder.clinical.decision_tools.parser import Desk
from sitebuilder.clinical.decision_tools.safety_policy import by_name, outcome_name
from sitebuilder.content import schema
from sitebuilder.content.entries import NAME, name
from sitebuilder.content.schema import Field
from sitebuilder.content.yaml import Node, Text
from sitebuilder.core.decision_tool import (
    FLAGS,
    KINDS,
    LEVELS,
    Choice,
    Note,
    Option,
    Outcome,
    Question,
    Rule,
)
from sitebuilder.core.passage import Passage, Run

_NODE: Final = schema.as_it_is
_NAMES: Final = schema.list_of(name)

OPTION: Final[Mapping[str, Field]] = {
    "id": Field(name, "its name within the question", required=True),
    "text": Field(_NODE, "what readers see"),
    "sign": Field(name, "the sign of content/emergency.yaml whose text it takes"),
    "flag": Field(schema.one_of(*FLAGS), "the safety part only: how soon to act"),
    "stop": Field(outcome_name, "the safety part only: the result that ends the tool"),
    "exclusive": Field(schema.flag, "true: it stands alone, such as 'None of these'"),
    "note": Field(name, "the point to bring up that it adds"),
}

QUESTION: Final[Mapping[str, Field]] = {
    "id": Field(name, "its name", required=True),
    "type": Field(schema.one_of("one", "many"), "one answer or many", required=True),
    "text": Field(_NODE, "what readers see", required=True),
    "help": Field(_NODE, "a line below it"),
    "to_bring": Field(schema.flag, "true: no rule uses it; it is printed for the doctor"),
    "options": Field(_NODE, "its answers", required=True),
}

OUTCOME: Final[Mapping[str, Field]] = {
    "level": Field(schema.one_of(*LEVELS), "how it is shown", required=True),
    "title": Field(_NODE, "the result in a few words", required=True),
    "body": Field(_NODE, "its lines", required=True),
    "links": Field(_NAMES, "page ids", required=True),
    "offer": Field(_NAMES, "choices of the catalog, in order"),
}

NOTE: Final[Mapping[str, Field]] = {
    "text": Field(_NODE, "what readers see", required=True),
    "facts": Field(_NAMES, "the facts that it rests on"),
}

CHOICE: Final[Mapping[str, Field]] = {
    "kind": Field(schema.one_of(*KINDS), "what it is", required=True),
    "page": Field(name, "the page about it", required=True),
    "title": Field(_NODE, "what it is called", required=True),
    "good": Field(_NODE, "its good side", required=True),
    "less_good": Field(_NODE, "its less good side", required=True),
    "facts": Field(_NAMES, "the facts that it rests on"),
}

RULE: Final[Mapping[str, Field]] = {
    "when": Field(by_name(_NAMES), "answers by question; {} for all", required=True),
    "outcome": Field(outcome_name, "the result", required=True),
}

_ALONE: Final = ("none of", "i am not sure")
"""How answers begin that cannot be true beside another."""


def read_questions(desk: Desk, node: Node | None, *, safety: bool) -> tuple[Question, ...]:
    """The questions of a file, in order."""
    found = []
    for item in desk.items(node, "'questions'"):
        values, _ = desk.part(item, QUESTION, "the question")
        question = _question(desk, item, values, safety=safety)
        if question is not None:
            found.append(question)
    _no_doubles(desk, [(q.id, q.line) for q in found], "question")
    return tuple(found)


def _question(
    desk: Desk, node: Node, values: Mapping[str, Any], *, safety: bool
) -> Question | None:
    options = tuple(
        option
        for item in desk.items(values.get("options"), "'options'")
        if (option := _option(desk, item)) is not None
    )
    if "id" not in values or "type" not in values or not options:
        if "options" in values and not options:
            desk.say(node.line, "the question has no answers", "Add them under 'options:'.")
        return None
    helped = values.get("help")
    question = Question(
        id=values["id"],
        type=values["type"],
        text=desk.text(values.get("text"), "title"),
        options=options,
        help=desk.text(helped, "paragraph") if helped is not None else None,
        to_bring=values.get("to_bring", False),
        path=desk.path,
        line=node.line,
    )
    _no_doubles(desk, [(o.id, o.line) for o in options], "answer")
    _of_question(desk, question, safety=safety)
    return question


def _option(desk: Desk, node: Node) -> Option | None:
    values, _ = desk.part(node, OPTION, "the answer")
    if "id" not in values:
        return None
    sign = values.get("sign", "")
    if ("text" in values) == bool(sign):
        message = f"the answer '{values['id']}' has a text and a sign, or neither"
        desk.say(node.line, message, "Write 'text' or 'sign'. A sign brings its own text.")
        return None
    if sign and sign not in desk.known.signs:
        desk.unknown(node.line, f"there is no sign '{sign}'", sign, desk.known.signs)
        return None
    if sign:
        text = Passage("item", (Run(desk.known.signs[sign].text, node.line, 1, "sign"),))
    else:
        text = desk.text(values["text"], "item")
    rest = {k: v for k, v in values.items() if k not in {"text", "sign"}}
    return Option(text=text, sign=sign, path=desk.path, line=node.line, **rest)


def _of_question(desk: Desk, question: Question, *, safety: bool) -> None:
    """What fits together in a question: its type, its part of the tool, its answers."""
    for option in question.options:
        called = f"the answer '{option.id}' of '{question.id}'"
        if not safety and (option.flag or option.stop or option.sign):
            hint = "Signs, flags and stops stand in content/tools/safety.yaml."
            desk.say(option.line, f"{called} is for the safety part", hint)
        if safety and (option.note or question.to_bring):
            hint = "Take it out: the safety part leads to help, or lets on."
            desk.say(option.line, f"{called} has a note in the safety part", hint)
        if option.flag and option.stop:
            desk.say(option.line, f"{called} has a flag and a stop", "Keep one of them.")
        if question.type == "one" and option.exclusive:
            hint = "Take 'exclusive' out: of radio buttons only one can be chosen."
            desk.say(option.line, f"{called} is exclusive in a question of type 'one'", hint)
        if question.type == "many" and option.stop:
            desk.say(option.line, f"{called} has a stop", "Stops need a question of type 'one'.")
        stands = option.id in {"none", "unsure"} or option.text.text.lower().startswith(_ALONE)
        if question.type == "many" and stands and not option.exclusive:
            hint = "Add 'exclusive: true': it cannot be true beside another answer."
            desk.say(option.line, f"{called} does not stand alone", hint)
    alone = [o for o in question.options if o.exclusive]
    if question.type == "many" and (not alone or question.options[-1] not in alone):
        hint = 'End with {id: none, exclusive: true, text: "None of these"}.'
        desk.say(question.line, f"'{question.id}' does not end with a way to say 'none'", hint)
    if len(question.options) == 1:
        desk.say(question.line, f"'{question.id}' has one answer", "A question needs two.")


def read_outcomes(desk: Desk, node: Node | None) -> dict[str, Outcome]:
    """The results of a file, by name."""
    found: dict[str, Outcome] = {}
    for key, value in desk.named(node, "'outcomes'"):
        called = desk.take(key, outcome_name, "")
        values, lines = desk.part(value, OUTCOME, f"the result '{key.value}'")
        body = tuple(desk.text(line, "item") for line in desk.items(values.get("body"), "'body'"))
        if not called or "level" not in values:
            continue
        if not body:
            desk.say(key.line, f"the result '{called}' says nothing", "Add lines under 'body:'.")
        found[called] = Outcome(
            name=called,
            level=values["level"],
            title=desk.text(values.get("title"), "title"),
            body=body,
            links=values.get("links", ()),
            offer=values.get("offer", ()),
            path=desk.path,
            line=key.line,
            lines=lines,
        )
        desk.pages_known(found[called].links, lines.get("links", key.line))
        _no_doubles(desk, [(n, lines["links"]) for n in found[called].links], "link")
        _no_doubles(desk, [(n, lines["offer"]) for n in found[called].offer], "choice")
    return found


def read_notes(desk: Desk, node: Node | None) -> dict[str, Note]:
    """The notes of a file, by name."""
    found = {}
    for key, value in desk.named(node, "'notes'"):
        called = _called(desk, key)
        values, lines = desk.part(value, NOTE, f"the note '{key.value}'")
        text = desk.text(values.get("text"), "item")
        facts = values.get("facts", ())
        desk.facts_known(facts, lines.get("facts", key.line))
        found[called] = Note(called, text, facts, key.line)
    return found


def read_catalog(desk: Desk, node: Node | None) -> dict[str, Choice]:
    """The choices of a file, by name."""
    found = {}
    for key, value in desk.named(node, "'catalog'"):
        called = _called(desk, key)
        values, lines = desk.part(value, CHOICE, f"the choice '{key.value}'")
        facts = values.get("facts", ())
        desk.facts_known(facts, lines.get("facts", key.line))
        if "page" in values:
            desk.pages_known([values["page"]], lines["page"])
        found[called] = Choice(
            name=called,
            kind=values.get("kind", "care"),
            page=values.get("page", ""),
            title=desk.text(values.get("title"), "title"),
            good=desk.text(values.get("good"), "item"),
            less_good=desk.text(values.get("less_good"), "item"),
            facts=facts,
            line=key.line,
        )
    return found


def read_rules(desk: Desk, node: Node | None) -> tuple[Rule, ...]:
    """The rules of a file, in order."""
    found = []
    for item in desk.items(node, "'rules'"):
        values, _ = desk.part(item, RULE, "the rule")
        if "when" in values and "outcome" in values:
            found.append(Rule(values["when"], values["outcome"], item.line))
    return tuple(found)


def _called(desk: Desk, key: Text) -> str:
    if not NAME.fullmatch(key.value):
        desk.say(key.line, f"'{key.value}' is not a name", "Use small letters, digits and '-'.")
    return key.value


def _no_doubles(desk: Desk, names: list[tuple[str, int]], what: str) -> None:
    seen: set[str] = set()
    for called, line in names:
        if called in seen:
            desk.say(line, f"the {what} '{called}' is there twice", "Keep one of them.")
        seen.add(called)
