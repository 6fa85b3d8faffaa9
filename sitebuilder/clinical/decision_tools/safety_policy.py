"""Parse the safety policy that decision tools are checked against (content/emergency.yaml).

The policy is separate from the tools, so that no mistake in a tool can also weaken its checks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from msgspec.structs import replace

from sitebuilder.content import schema
from sitebuilder.content.entries import Entry, parse_entries, parse_entry_name
from sitebuilder.content.schema import FieldError, FieldSpec, ValueParser
from sitebuilder.content.yaml import MappingNode, Node, load_yaml_file
from sitebuilder.core.decision_tool import Gate, RequiredWording, SafetyPolicy, SurgeryCondition
from sitebuilder.core.evidence import Evidence
from sitebuilder.core.model import File
from sitebuilder.core.problems import ERROR, Problem, problem

WORDING_LEVELS: Final = ("emergency", "urgent", "clinician")


def parse_outcome_name(node: Node) -> str:
    """Parse the name of an outcome: capital letters and `_`.

    Raises:
        FieldError: The value is not such a name.
    """
    value = schema.text(node)
    if not value.replace("_", "").isalpha() or not value.isupper():
        raise FieldError(
            node, f"'{value}' is not the name of a result", "Use capitals: SEE_DOCTOR."
        )
    return value


def mapping_of(reader: ValueParser) -> ValueParser:
    """Return a parser of mappings that parses each value with `reader` and keeps the order.

    The parser raises FieldError if the value is not a mapping.
    """

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
    """Parse the policy. Without a file (a site without tools) it is empty.

    Returns:
        The policy, without invalid entries, and the problems.
    """
    if file is None:
        return SafetyPolicy(), []
    node, _ = load_yaml_file(file)  # `evidence.warning_signs` reports the problems of it
    root = node if isinstance(node, MappingNode) else MappingNode((), 1, 1)
    problems: list[Problem] = []

    def parse_section(field: str, specs: Mapping[str, FieldSpec], noun: str) -> list[Entry]:
        section = root.get(field)
        # names of outcomes have a syntax of their own
        if isinstance(section, MappingNode) and noun == "result":
            return _parse_results(section, specs, file.path, problems)
        entries, errors = parse_entries(section, specs, file.path, noun)
        problems.extend(errors)
        return [entry for entry in entries if entry.is_valid]

    list_fields = MappingNode(
        tuple(e for e in root.entries if e[0].value in POLICY_LIST_FIELDS), root.line, root.column
    )
    lists, _, errors = schema.parse_fields(list_fields, POLICY_LIST_FIELDS, file.path, "emergency")
    problems += errors
    policy = SafetyPolicy(
        gates=tuple(
            _from_entry(Gate, entry) for entry in parse_section("gates", GATE_FIELDS, "gate")
        ),
        says={
            entry.name: _from_entry(RequiredWording, entry)
            for entry in parse_section("says", WORDING_FIELDS, "result")
        },
        surgery={
            entry.name: _from_entry(SurgeryCondition, entry)
            for entry in parse_section("surgery", SURGERY_FIELDS, "tool")
        },
        **lists,
    )
    problems += _check_gates(policy, evidence, file.path)
    # Config could lower these; but what tools are checked against must not weaken unnoticed.
    return policy, [replace(each, rule="tool", severity=ERROR) for each in problems]


def _parse_results(
    part: MappingNode, specs: Mapping[str, FieldSpec], path: str, problems: list[Problem]
) -> list[Entry]:
    entries = []
    for key, value in part.entries:
        values, lines, errors = schema.parse_fields(value, specs, path, f"the result '{key.value}'")
        problems += errors
        if not errors:
            entries.append(Entry(key.value, key.line, values, lines, is_valid=True))
    return entries


def _from_entry(struct_type: Callable[..., Any], entry: Entry) -> Any:
    return struct_type(name=entry.name, line=entry.line, **entry.values)


def _check_gates(policy: SafetyPolicy, evidence: Evidence, path: str) -> Iterator[Problem]:
    """Report gates that name an unknown list of signs, or an outcome without required words."""
    for gate in policy.gates:
        if gate.signs and gate.signs not in evidence.lists:
            message = f"{gate.name}: there is no list '{gate.signs}'"
            hint = "Name one of 'lists:'."
            yield problem("unknown-sign", path, message, hint=hint, line=gate.line)
        if gate.leads_to not in policy.says:
            message = f"{gate.name}: nothing says what '{gate.leads_to}' has to say"
            hint = f"Add '{gate.leads_to}:' under 'says:'."
            yield problem("bad-value", path, message, hint=hint, line=gate.line)
