"""Parse the questions of a tool's file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sitebuilder.clinical.decision_tools.parse_conditions import read_view
from sitebuilder.clinical.decision_tools.parser import ToolParser
from sitebuilder.clinical.decision_tools.safety_policy import mapping_of
from sitebuilder.content import schema
from sitebuilder.content.entries import parse_entry_name
from sitebuilder.content.schema import FieldSpec
from sitebuilder.content.yaml import MappingNode, Node, ScalarNode
from sitebuilder.core.decision_tool import OUTCOME_TIERS, Condition, Option, Question
from sitebuilder.core.evidence import WarningSign
from sitebuilder.core.passage import Passage, TextRun

_RAW: Final = schema.raw
_NAME_LIST: Final = schema.list_of(parse_entry_name)
_ANSWERS: Final = mapping_of(_NAME_LIST)

_VIEW_FIELDS: Final[Mapping[str, FieldSpec]] = {
    "show_if": FieldSpec(_ANSWERS, "earlier answers, by question, that bring it into view"),
    "hide_if": FieldSpec(_ANSWERS, "earlier answers, by question, that keep it out of view"),
}

OPTION_FIELDS: Final[Mapping[str, FieldSpec]] = {
    "id": FieldSpec(parse_entry_name, "its name within the question; a sign has its own"),
    "text": FieldSpec(_RAW, "what readers see"),
    "sign": FieldSpec(parse_entry_name, "the sign of content/emergency.yaml whose text it takes"),
    "tier": FieldSpec(schema.one_of(*OUTCOME_TIERS), "the safety part only: how soon to act"),
    "clock": FieldSpec(schema.one_of("hours", "tomorrow"), "how long to wait for a call back"),
    "ride": FieldSpec(schema.one_of("ok", "never"), "whether somebody may drive the reader"),
    "exclusive": FieldSpec(schema.boolean, "true: it stands alone, such as 'None of these'"),
    "note": FieldSpec(_NAME_LIST, "the points to bring up that it adds"),
    **_VIEW_FIELDS,
}

QUESTION_FIELDS: Final[Mapping[str, FieldSpec]] = {
    "id": FieldSpec(parse_entry_name, "its name", required=True),
    "type": FieldSpec(schema.one_of("one", "many"), "one answer or many", required=True),
    "text": FieldSpec(_RAW, "what readers see", required=True),
    "help": FieldSpec(_RAW, "a line below it"),
    "to_bring": FieldSpec(schema.boolean, "true: no rule uses it; it is printed for the doctor"),
    "options": FieldSpec(_RAW, "its answers", required=True),
    **_VIEW_FIELDS,
}

USED_QUESTION_FIELDS: Final[Mapping[str, FieldSpec]] = {
    "use": FieldSpec(schema.text, "TOOL.QUESTION: a question that another tool asks", required=True)
}

_EXCLUSIVE_PREFIXES: Final = ("none of", "i am not sure")
"""Beginnings of answers that cannot be true beside another."""


class QuestionReader:
    """Reads the questions of one file.

    Attributes:
        settings: Answers of the setting question, by setting of the signs.
        safety: The file is the safety part.
    """

    def __init__(
        self,
        parser: ToolParser,
        settings: Mapping[str, str],
        earlier: Sequence[Question] = (),
        *,
        safety: bool,
    ) -> None:
        self.parser, self.settings, self.safety = parser, settings, safety
        self.earlier = tuple(earlier)

    def read(self, node: Node | None, others: Mapping[str, QuestionReader]) -> tuple[Question, ...]:
        """Return the questions of a list, in order.

        Args:
            node: The list.
            others: Readers of the tools whose questions may be used here, by name of the tool.
        """
        questions: list[Question] = []
        for item in self.parser.list_items(node, "'questions'"):
            if isinstance(item, MappingNode) and item.get("use") is not None:
                question = self._read_used(item, others)
            else:
                question = self._read_question(item, (*self.earlier, *questions))
            if question is not None:
                questions.append(question)
        check_unique(self.parser, [(q.id, q.line) for q in questions], "question")
        return tuple(questions)

    def _read_used(self, node: Node, others: Mapping[str, QuestionReader]) -> Question | None:
        values, _ = self.parser.parse_fields(node, USED_QUESTION_FIELDS, "the question")
        tool, _, name = values.get("use", "").partition(".")
        if tool not in others:
            message = f"there is no tool '{tool}' whose question could be used"
            self.parser.report_unknown(node.line, message, tool, others)
            return None
        other = others[tool].parser
        listed = other.root.get("questions") if isinstance(other.root, MappingNode) else None
        for item in other.list_items(listed, "'questions'"):
            identifier = item.get("id") if isinstance(item, MappingNode) else None
            if isinstance(identifier, ScalarNode) and identifier.value == name:
                scratch = other.scratch()  # a mistake in it is reported where it stands
                reader = QuestionReader(scratch, self.settings, self.earlier, safety=False)
                question = reader._read_question(item, self.earlier)
                self.parser.used_facts += scratch.used_facts
                return question
        message = f"the tool '{tool}' has no question '{name}' of its own"
        self.parser.report(node.line, message, "Name one that stands in its file.")
        return None

    def _read_question(self, node: Node, earlier: Sequence[Question]) -> Question | None:
        parser = self.parser
        values, lines = parser.parse_fields(node, QUESTION_FIELDS, "the question")
        options = tuple(
            option
            for item in parser.list_items(values.get("options"), "'options'")
            if (option := self._read_option(item, earlier)) is not None
        )
        if "id" not in values or "type" not in values or not options:
            if "options" in values and not options:
                parser.report(
                    node.line, "the question has no answers", "Add them under 'options:'."
                )
            return None
        help_text = values.get("help")
        question = Question(
            id=values["id"],
            type=values["type"],
            text=parser.parse_text(values.get("text"), "title"),
            options=options,
            help=parser.parse_text(help_text, "paragraph") if help_text is not None else None,
            show_if=self._read_view(values, lines, earlier),
            to_bring=values.get("to_bring", False),
            path=parser.path,
            line=node.line,
        )
        check_unique(parser, [(o.id, o.line) for o in options], "answer")
        _check_question(parser, question, safety=self.safety)
        return question

    def _read_view(
        self, values: Mapping[str, Any], lines: Mapping[str, int], earlier: Sequence[Question]
    ) -> Condition:
        shown, hidden = values.get("show_if", {}), values.get("hide_if", {})
        line = lines.get("show_if", lines.get("hide_if", 1))
        return read_view(self.parser, earlier, shown, hidden, line)

    def _read_option(self, node: Node, earlier: Sequence[Question]) -> Option | None:
        parser = self.parser
        values, lines = parser.parse_fields(node, OPTION_FIELDS, "the answer")
        name = values.get("id", values.get("sign", ""))
        sign = values.get("sign", "")
        if not name or ("text" in values) == bool(sign):
            message = f"the answer '{name}' has a text and a sign, or neither"
            hint = "Write 'sign', or 'id' and 'text'. A sign brings its own text."
            parser.report(node.line, message, hint)
            return None
        if sign and sign not in parser.evidence.signs:
            known = parser.evidence.signs
            parser.report_unknown(node.line, f"there is no sign '{sign}'", sign, known)
            return None
        own_fields = [field for field in ("tier", "clock", "ride") if field in values]
        if sign and own_fields:
            message = f"the answer '{name}' has a sign and a '{own_fields[0]}'"
            hint = "Take it out: a sign brings its own from content/emergency.yaml."
            parser.report(node.line, message, hint)
        fields: dict[str, Any] = {
            "exclusive": values.get("exclusive", False),
            "notes": values.get("note", ()),
            "show_if": self._read_view(values, lines, earlier),
            "clock": values.get("clock", ""),
            "ride": values.get("ride", ""),
        }
        if sign:
            known_sign = parser.evidence.signs[sign]
            fields["clock"], fields["ride"] = known_sign.clock, known_sign.ride
            fields["tiers"] = sign_tiers(known_sign, self.settings)
            text = Passage("item", (TextRun(known_sign.text, node.line, 1, "sign"),))
        else:
            fields["tiers"] = {"": values["tier"]} if "tier" in values else {}
            text = parser.parse_text(values["text"], "item")
        return Option(id=name, text=text, sign=sign, path=parser.path, line=node.line, **fields)


def sign_tiers(sign: WarningSign, settings: Mapping[str, str]) -> dict[str, str]:
    """Return the tiers of a sign by answer of the setting question.

    Who ticks it in a setting that does not have the sign gets its most urgent tier.
    """
    asked = {name: tier for name, tier in sign.tiers.items() if name in ("everybody", *settings)}
    if not asked:
        return {}
    everybody = asked.get("everybody") or min(asked.values(), key=OUTCOME_TIERS.index)
    tiers = {answer: asked.get(name, everybody) for name, answer in settings.items()}
    if set(tiers.values()) <= {everybody}:
        return {"": everybody}
    return {"": everybody, **tiers}


def _check_question(parser: ToolParser, question: Question, *, safety: bool) -> None:
    """Check that the type of a question, its part of the tool and its answers fit together."""
    for option in question.options:
        subject = f"the answer '{option.id}' of '{question.id}'"
        if (option.clock or option.ride) and not option.tiers:
            hint = "Add its 'tier', or take 'clock' and 'ride' out."
            parser.report(option.line, f"{subject} has a clock or a ride, but no tier", hint)
        if not safety and (option.sign or option.tiers or not option.show_if.is_always):
            hint = "Signs, tiers and answers that come and go stand in content/tools/safety.yaml."
            parser.report(option.line, f"{subject} is for the safety part", hint)
        if question.type == "one" and option.exclusive:
            hint = "Take 'exclusive' out: of radio buttons only one can be chosen."
            parser.report(option.line, f"{subject} is exclusive in a question of type 'one'", hint)
        must_be_exclusive = option.id in {"none", "unsure"} or option.text.text.lower().startswith(
            _EXCLUSIVE_PREFIXES
        )
        if question.type == "many" and must_be_exclusive and not option.exclusive:
            hint = "Add 'exclusive: true': it cannot be true beside another answer."
            parser.report(option.line, f"{subject} does not stand alone", hint)
    if safety and question.to_bring:
        hint = "Take 'to_bring' out: the safety part leads to help, or lets on."
        parser.report(question.line, f"'{question.id}' is to bring, in the safety part", hint)
    exclusive = [o for o in question.options if o.exclusive]
    if question.type == "many" and (not exclusive or question.options[-1] not in exclusive):
        hint = 'End with {id: none, exclusive: true, text: "None of these"}.'
        parser.report(question.line, f"'{question.id}' does not end with a way to say 'none'", hint)
    if len(question.options) == 1:
        parser.report(question.line, f"'{question.id}' has one answer", "A question needs two.")


def check_unique(parser: ToolParser, names: Sequence[tuple[str, int]], what: str) -> None:
    """Report each name that is there twice.

    Args:
        parser: Collects the problems.
        names: Names with their lines.
        what: What they name, for messages.
    """
    seen: set[str] = set()
    for name, line in names:
        if name in seen:
            parser.report(line, f"the {what} '{name}' is there twice", "Keep one of them.")
        seen.add(name)
