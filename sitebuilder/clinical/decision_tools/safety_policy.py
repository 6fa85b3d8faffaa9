"""content/emergency.yaml in; what every decision tool is held against out.

It stands apart from the tools, so that no slip in a tool can also loosen the check of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from msgspec.structs import replace

from sitebuilder.content import schema
from sitebuilder.content.entries import Entry, load_yaml_file, parse_entries, parse_entry_name
from sitebuilder.content.schema import FieldError, FieldSpec, ValueParser
from sitebuilder.content.yaml import MappingNode, Node
from sitebuilder.core.decision_tool import Gate, RequiredWording, SafetyPolicy, SurgeryCondition
from sitebuilder.core.evidence import Evidence
from sitebuilder.core.model import File
from sitebuilder.core.problems import ERROR, Problem, problem

WORDING_LEVELS: Final = ("emergency", "urgent", "clinician")


def parse_outcome_name(node: Node) -> str:
    """The name of a result: capital letters."""
    value = schema.text(node)
    if not value.replace("_", "").isalpha() or not value.isupper():
        raise FieldError(
            node, f"'{value}' is not the name of a result", "Use capitals: SEE_DOCTOR."
        )
    return value


def mapping_of(reader: ValueParser) -> ValueParser:
    """A reader of named values, in the order of the file."""

    def mapping(node: Node) -> dict[str, Any]:
        if not isinstance(node, MappingNode):
            raise FieldError(node, "has no fields of its own", "Write 'name: value' below it.")
        return {key.value: reader(value) for key, value in node.entries}

    return mapping


_TEXT_LIST: Final = schema.list_of(schema.text)
_NAME_LIST: Final = schema.list_of(parse_entry_name)

GATE_FIELDS: Final[Mapping[str, FieldSpec]] = {
    "lets_on": FieldSpec(mapping_of(schema.text), "the answers that lead further", required=True),
    "stops": FieldSpec(mapping_of(schema.text), "the answers that do not", required=True),
    "leads_to": FieldSpec(parse_outcome_name, "the result of any answer that stops", required=True),
    "signs": FieldSpec(parse_entry_name, "the list of signs that it asks for"),
}

WORDING_FIELDS: Final[Mapping[str, FieldSpec]] = {
    "level": FieldSpec(schema.one_of(*WORDING_LEVELS), "how it is shown", required=True),
    "title": FieldSpec(_TEXT_LIST, "words that its title holds", required=True),
    "body": FieldSpec(_TEXT_LIST, "words that its lines hold", required=True),
    "links": FieldSpec(schema.one_of("none", "some"), "whether it may link"),
}

SURGERY_FIELDS: Final[Mapping[str, FieldSpec]] = {
    "only_if": FieldSpec(mapping_of(_NAME_LIST), "the answers, by question", required=True),
    "outcomes": FieldSpec(
        schema.list_of(parse_outcome_name), "results that suggest surgery in words"
    ),
}

POLICY_LIST_FIELDS: Final[Mapping[str, FieldSpec]] = {
    "surgery_pages": FieldSpec(_NAME_LIST, "pages about one operation"),
    "routes": FieldSpec(_NAME_LIST, "pages that lead to a person"),
    "guarded": FieldSpec(_TEXT_LIST, "words that no tool may say"),
}


def parse_safety_policy(
    file: File | None, evidence: Evidence
) -> tuple[SafetyPolicy, list[Problem]]:
    """What tools are held against. Without it (a site without tools) everything is empty."""
    if file is None:
        return SafetyPolicy(), []
    node, _ = load_yaml_file(file)  # `signs` tells what is wrong with the file as such
    root = node if isinstance(node, MappingNode) else MappingNode((), 1, 1)
    problems: list[Problem] = []

    def named(field: str, table: Mapping[str, FieldSpec], what: str) -> list[Entry]:
        part = root.get(field)
        if isinstance(part, MappingNode) and what == "result":  # these have names of their own
            return _parse_results(part, table, file.path, problems)
        found, wrong = parse_entries(part, table, file.path, what)
        problems.extend(wrong)
        return [one for one in found if one.is_valid]

    plain = MappingNode(
        tuple(e for e in root.entries if e[0].value in POLICY_LIST_FIELDS), root.line, root.column
    )
    lists, _, wrong = schema.parse_fields(plain, POLICY_LIST_FIELDS, file.path, "emergency")
    problems += wrong
    guard = SafetyPolicy(
        gates=tuple(_from_entry(Gate, one) for one in named("gates", GATE_FIELDS, "gate")),
        says={
            one.name: _from_entry(RequiredWording, one)
            for one in named("says", WORDING_FIELDS, "result")
        },
        surgery={
            one.name: _from_entry(SurgeryCondition, one)
            for one in named("surgery", SURGERY_FIELDS, "tool")
        },
        **lists,
    )
    problems += _check_gates(guard, evidence, file.path)
    # config could make these milder; what tools are held against may not crumble unseen
    return guard, [replace(one, rule="tool", severity=ERROR) for one in problems]


def _parse_results(
    part: MappingNode, specs: Mapping[str, FieldSpec], path: str, problems: list[Problem]
) -> list[Entry]:
    found = []
    for key, value in part.entries:
        values, lines, wrong = schema.parse_fields(value, specs, path, f"the result '{key.value}'")
        problems += wrong
        if not wrong:
            found.append(Entry(key.value, key.line, values, lines, is_valid=True))
    return found


def _from_entry(struct_type: Callable[..., Any], entry: Entry) -> Any:
    return struct_type(name=entry.name, line=entry.line, **entry.values)


def _check_gates(policy: SafetyPolicy, evidence: Evidence, path: str) -> Iterator[Problem]:
    """Gates that name no known list, or a result that nothing is asked of."""
    for gate in policy.gates:
        if gate.signs and gate.signs not in evidence.lists:
            message = f"{gate.name}: there is no list '{gate.signs}'"
            hint = "Name one of 'lists:'."
            yield problem("unknown-sign", path, message, hint=hint, line=gate.line)
        if gate.leads_to not in policy.says:
            message = f"{gate.name}: nothing says what '{gate.leads_to}' has to say"
            hint = f"Add '{gate.leads_to}:' under 'says:'."
            yield problem("bad-value", path, message, hint=hint, line=gate.line)
