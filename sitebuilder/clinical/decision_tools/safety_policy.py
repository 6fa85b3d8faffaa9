"""Parse the safety policy that decision tools are checked against (content/emergency.yaml).

The policy is separate from the tools, so that no mistake in a tool can also weaken its checks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from msgspec.structs import replace

from sitebuilder.clinical.evidence.phrases import parse_phrase
from sitebuilder.content import schema
from sitebuilder.content.entries import Entry, parse_entries, parse_entry_name
from sitebuilder.content.schema import FieldError, FieldSpec, ValueParser
from sitebuilder.content.yaml import MappingNode, Node, load_yaml_file
from sitebuilder.core.evidence import TIERS
from sitebuilder.core.lazy_regex import lazy_compile
from sitebuilder.core.model import File
from sitebuilder.core.problems import ERROR, Problem, problem
from sitebuilder.core.safety_policy import (
    Pair,
    RequiredLine,
    RequiredWording,
    Requirement,
    SafetyPolicy,
    SurgeryCondition,
)

POLICY_PATH: Final = "content/emergency.yaml"

_OUTCOME_NAME: Final = lazy_compile(r"[A-Z][A-Z0-9_]*")


def parse_outcome_name(node: Node) -> str:
    """Parse the name of an outcome: capital letters, digits and `_`.

    Raises:
        FieldError: The value is not such a name.
    """
    value = schema.text(node)
    if not _OUTCOME_NAME.fullmatch(value):
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
_PHRASE_LIST: Final = schema.list_of(parse_phrase)
_NAME_LIST: Final = schema.list_of(parse_entry_name)


def _by_tier(node: Node) -> dict[str, tuple[str, ...]]:
    """Parse lists of phrases by tier.

    Raises:
        FieldError: The value is not a mapping, or a key is no tier.
    """
    phrases: dict[str, tuple[str, ...]] = mapping_of(_PHRASE_LIST)(node)
    for tier in phrases:
        if tier not in TIERS:
            raise FieldError(node, f"has no tier '{tier}'", f"It may be: {', '.join(TIERS)}.")
    return phrases


def _parse_group(node: Node) -> tuple[str, ...]:
    """Parse answers of which one is ticked.

    Raises:
        FieldError: There are none: the entry would never apply.
    """
    answers = tuple(_TEXT_LIST(node))
    if not answers:
        raise FieldError(node, "a group names no answer", "Name one, or take the group out.")
    return answers


def _parse_never(node: Node) -> str:
    """Parse the name of an outcome, or `own`."""
    return "own" if schema.text(node) == "own" else parse_outcome_name(node)


_GROUPS: Final = schema.list_of(_parse_group)
_OUTCOME_LIST: Final = schema.list_of(parse_outcome_name)

PAIR_FIELDS: Final[Mapping[str, FieldSpec]] = {
    "all": FieldSpec(_GROUPS, "groups of answers; one of each is ticked", required=True),
    "why": FieldSpec(schema.text, "what it may be", required=True),
}

REQUIREMENT_FIELDS: Final[Mapping[str, FieldSpec]] = {
    "why": FieldSpec(schema.text, "why it has to hold", required=True),
    "tools": FieldSpec(_NAME_LIST, "the tools that it is for; without, all"),
    "own": FieldSpec(schema.boolean, "true: it is about results of the tool's own"),
    "when": FieldSpec(_GROUPS, "groups of answers; one of each is ticked"),
    "unless": FieldSpec(_TEXT_LIST, "answers of which none is ticked"),
    "only": FieldSpec(_OUTCOME_LIST, "the results that may show"),
    "never": FieldSpec(schema.list_of(_parse_never), "results that must not show"),
    "at_least": FieldSpec(schema.one_of(*TIERS), "the mildest tier that may show"),
}

LINE_FIELDS: Final[Mapping[str, FieldSpec]] = {
    "says": FieldSpec(schema.text, "the words", required=True),
    "results": FieldSpec(_OUTCOME_LIST, "the results that say them", required=True),
    "notes": FieldSpec(_NAME_LIST, "points to bring up that always say them"),
    "if": FieldSpec(_TEXT_LIST, "answers; said only if one of them is ticked"),
    "unless": FieldSpec(_TEXT_LIST, "answers; not said if one of them is ticked"),
}

WORDING_FIELDS: Final[Mapping[str, FieldSpec]] = {
    "tier": FieldSpec(schema.one_of(*TIERS), "how soon to act", required=True),
    "title": FieldSpec(_TEXT_LIST, "words that its title holds", required=True),
    "first": FieldSpec(_TEXT_LIST, "words that its first line holds"),
    "body": FieldSpec(_TEXT_LIST, "words that its lines hold", required=True),
    "links": FieldSpec(schema.one_of("none", "some"), "whether it may link"),
    "own": FieldSpec(schema.boolean, "true: it is for results of that name of tools' own"),
}

SURGERY_FIELDS: Final[Mapping[str, FieldSpec]] = {
    "only_if": FieldSpec(mapping_of(_NAME_LIST), "the answers, by question", required=True),
    "needs": FieldSpec(mapping_of(_NAME_LIST), "answers that cannot be missing, by question"),
    "outcomes": FieldSpec(_OUTCOME_LIST, "results that suggest surgery in words"),
}

POLICY_FIELDS: Final[Mapping[str, FieldSpec]] = {
    "questions": FieldSpec(_NAME_LIST, "the first questions of every tool"),
    "settings": FieldSpec(mapping_of(parse_entry_name), "answers by setting of the signs"),
    "crisis": FieldSpec(schema.text, "the answer that leads to the crisis line"),
    "with_notes": FieldSpec(_OUTCOME_LIST, "first results with the notes and the list"),
    "tier_words": FieldSpec(_by_tier, "words that a title holds, by tier"),
    "commands": FieldSpec(_by_tier, "words that send a reader somewhere, by tier"),
    "softeners": FieldSpec(_by_tier, "words that weaken a text, by tier"),
    "allowed": FieldSpec(_PHRASE_LIST, "words that hold such a word and are right"),
    "surgery_pages": FieldSpec(_NAME_LIST, "pages about one operation"),
    "routes": FieldSpec(_NAME_LIST, "pages that lead to a person"),
    "guarded": FieldSpec(_PHRASE_LIST, "words that no tool may say"),
    "figures": FieldSpec(mapping_of(schema.text), "words with a number that need no fact"),
}


def parse_safety_policy(file: File | None) -> tuple[SafetyPolicy, list[Problem]]:
    """Parse the policy. Without a file (a site without tools) it is empty.

    Returns:
        The policy, without invalid entries, and the problems.
    """
    if file is None:
        return SafetyPolicy(), []
    node, _ = load_yaml_file(file)  # `evidence.warning_signs` reports the problems of it
    root = node if isinstance(node, MappingNode) else MappingNode((), 1, 1)
    problems: list[Problem] = []

    def parse_section(
        field: str, struct_type: Callable[..., Any], specs: Mapping[str, FieldSpec], noun: str
    ) -> dict[str, Any]:
        section = root.get(field)
        # names of outcomes have a syntax of their own
        if isinstance(section, MappingNode) and noun == "result":
            entries = _parse_results(section, specs, file.path, problems)
        else:
            entries, errors = parse_entries(section, specs, file.path, noun)
            problems.extend(errors)
        return {entry.name: _from_entry(struct_type, entry) for entry in entries if entry.is_valid}

    pairs = parse_section("pairs", _make_pair, PAIR_FIELDS, "pair")
    requirements = parse_section("requirements", Requirement, REQUIREMENT_FIELDS, "requirement")
    lines = parse_section("lines", _make_line, LINE_FIELDS, "line")
    says = parse_section("says", RequiredWording, WORDING_FIELDS, "result")
    surgery = parse_section("surgery", SurgeryCondition, SURGERY_FIELDS, "tool")
    plain_fields = MappingNode(
        tuple(e for e in root.entries if e[0].value in POLICY_FIELDS), root.line, root.column
    )
    problems += _check_effect(requirements, lines, surgery, file.path)
    values, _, errors = schema.parse_fields(plain_fields, POLICY_FIELDS, file.path, "emergency")
    problems += errors
    policy = SafetyPolicy(
        pairs=tuple(pairs.values()),
        requirements=tuple(requirements.values()),
        lines=tuple(lines.values()),
        says=says,
        surgery=surgery,
        **values,
    )
    # Config could lower these; but what tools are checked against must not weaken unnoticed.
    return policy, [replace(each, rule="tool", severity=ERROR) for each in problems]


def _check_effect(
    requirements: Mapping[str, Requirement],
    lines: Mapping[str, RequiredLine],
    surgery: Mapping[str, SurgeryCondition],
    path: str,
) -> Iterator[Problem]:
    """Report entries that any tool would satisfy."""
    rows: list[tuple[int, str, str]] = [
        (each.line, f"the requirement '{each.name}'", "Add 'only', 'never' or 'at_least'.")
        for each in requirements.values()
        if not (each.only or each.never or each.at_least)
    ]
    rows += [
        (each.line, f"the line '{each.name}'", "Name results or notes.")
        for each in lines.values()
        if not (each.results or each.notes)
    ]
    rows += [
        (each.line, f"the tool '{each.name}' under 'surgery:'", "Name answers under 'only_if'.")
        for each in surgery.values()
        if not (each.only_if and all(each.only_if.values()))
    ]
    for line, subject, hint in rows:
        yield problem("tool", path, f"{subject} requires nothing", hint=hint, line=line)


def _make_pair(**values: Any) -> Pair:
    return Pair(all_of=values.pop("all"), **values)


def _make_line(**values: Any) -> RequiredLine:
    return RequiredLine(shown_if=values.pop("if", ()), **values)


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
