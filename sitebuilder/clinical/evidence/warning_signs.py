"""Parse the warning signs of content/emergency.yaml, and the lists that cards show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sitebuilder.content import schema
from sitebuilder.content.entries import parse_entries, parse_entry_name
from sitebuilder.content.schema import FieldError, FieldSpec
from sitebuilder.content.yaml import MappingNode, Node, ScalarNode, load_yaml_file
from sitebuilder.core.evidence import SignGroup, SignList, WarningSign
from sitebuilder.core.model import File
from sitebuilder.core.problems import Problem, problem

EMERGENCY_TIER: Final = "emergency"
TIERS: Final = (EMERGENCY_TIER, "same-day")

MAX_SIGNS_PER_GROUP: Final = 7
"""Longer lists are not read (CDC Clear Communication Index, item 8)."""


def _parse_groups(node: Node) -> tuple[SignGroup, ...]:
    return tuple(schema.list_of(_parse_group)(node))


def _parse_group(node: Node) -> SignGroup:
    if not isinstance(node, MappingNode):
        raise FieldError(node, "a group has 'title' and 'signs'", "Write '- signs: [...]'.")
    values = {key.value: value for key, value in node.entries}
    title, signs = values.pop("title", None), values.pop("signs", None)
    if signs is None or values:
        raise FieldError(node, "a group has 'title' and 'signs'", "Write '- signs: [...]'.")
    names = tuple(schema.list_of(parse_entry_name)(signs))
    if len(names) > MAX_SIGNS_PER_GROUP:
        hint = "Make two groups of it, each with a title."
        raise FieldError(signs, f"{len(names)} signs in one group", hint)
    return SignGroup(names, schema.text(title) if title is not None else "")


SIGN_FIELDS: Final[Mapping[str, FieldSpec]] = {
    "tier": FieldSpec(schema.one_of(*TIERS), "how soon somebody has to act", required=True),
    "text": FieldSpec(
        schema.text, "the one wording, without 'you have' and full stop", required=True
    ),
    "setting": FieldSpec(parse_entry_name, "when it counts only then, such as after-surgery"),
}

LIST_FIELDS: Final[Mapping[str, FieldSpec]] = {
    "tier": FieldSpec(schema.one_of(*TIERS), "how soon somebody has to act", required=True),
    "groups": FieldSpec(_parse_groups, "signs that stand together", required=True),
}

EMERGENCY_FIELDS: Final[Mapping[str, FieldSpec]] = {
    "signs": FieldSpec(schema.raw, "every sign, by name"),
    "lists": FieldSpec(schema.raw, "what each kind of card shows"),
    # What decision tools are checked against; parsed by `decision_tools.safety_policy`.
    "gates": FieldSpec(schema.raw, "the first questions of every tool"),
    "says": FieldSpec(schema.raw, "what the results of the gates have to say"),
    "surgery": FieldSpec(schema.raw, "the answers after which surgery may be offered"),
    "surgery_pages": FieldSpec(schema.raw, "pages about one operation"),
    "routes": FieldSpec(schema.raw, "pages that lead to a person"),
    "guarded": FieldSpec(schema.raw, "words that no tool may say"),
}


def parse_warning_signs(
    file: File | None,
) -> tuple[dict[str, WarningSign], dict[str, SignList], list[Problem]]:
    """Parse the signs and the lists, each by name.

    Incomplete entries are kept, with defaults. Signs without a `setting` are general: an emergency
    list that has any of them is reported if it leaves out one of the emergency tier.
    """
    if file is None:
        return {}, {}, []
    node, problems = load_yaml_file(file)
    if isinstance(node, ScalarNode) and not node.value:
        node = None
    sections, _, errors = schema.parse_fields(node, EMERGENCY_FIELDS, file.path, "emergency")
    problems += errors
    entries, errors = parse_entries(sections.get("signs"), SIGN_FIELDS, file.path, "sign")
    problems += errors
    signs = {e.name: _make_warning_sign(e.name, e.line, e.values) for e in entries}
    entries, errors = parse_entries(sections.get("lists"), LIST_FIELDS, file.path, "list")
    problems += errors
    lists = {
        entry.name: SignList(
            name=entry.name,
            line=entry.line,
            **{"tier": EMERGENCY_TIER, "groups": (), **entry.values},
        )
        for entry in entries
    }
    for sign_list in lists.values():
        problems += _check_list(sign_list, signs, file.path)
    return signs, lists, problems


def _make_warning_sign(name: str, line: int, values: Mapping[str, Any]) -> WarningSign:
    return WarningSign(name=name, line=line, **{"tier": EMERGENCY_TIER, "text": "", **values})


def _check_list(
    sign_list: SignList, signs: Mapping[str, WarningSign], path: str
) -> Iterator[Problem]:
    """Check that a list holds known signs of its own tier.

    An emergency list with any general sign (without `setting`) must have every general sign of
    the emergency tier.
    """
    listed = [sign for group in sign_list.groups for sign in group.signs]
    for name in listed:
        if name not in signs:
            near = schema.closest_match(name, signs)
            hint = f"Did you mean '{near}'?" if near else "Add it under 'signs:'."
            message = f"{sign_list.name}: there is no sign '{name}'"
            yield problem("unknown-sign", path, message, hint=hint, line=sign_list.line)
        elif signs[name].tier != sign_list.tier:
            message = f"{sign_list.name}: the sign '{name}' is of the tier '{signs[name].tier}'"
            hint = f"This list is for the tier '{sign_list.tier}'."
            yield problem("unknown-sign", path, message, hint=hint, line=sign_list.line)
    has_general_signs = any(n in signs and not signs[n].setting for n in listed)
    if sign_list.tier != EMERGENCY_TIER or not has_general_signs:
        return
    for sign in signs.values():
        if sign.tier == EMERGENCY_TIER and not sign.setting and sign.name not in listed:
            message = f"{sign_list.name}: the 911 sign '{sign.name}' is left out"
            hint = "Add it to a group of this list. Every card shows every 911 sign."
            yield problem("missing-sign", path, message, hint=hint, line=sign_list.line)
