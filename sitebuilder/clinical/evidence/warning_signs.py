"""content/emergency.yaml in; warning signs and the lists that cards show out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sitebuilder.content import schema
from sitebuilder.content.entries import load_yaml_file, parse_entries, parse_entry_name
from sitebuilder.content.schema import FieldError, FieldSpec
from sitebuilder.content.yaml import MappingNode, Node, ScalarNode
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
    # what decision tools are held against; `guard` reads it
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
    """Signs and lists by name. Every 911 sign stands on every list of 911 signs."""
    if file is None:
        return {}, {}, []
    node, problems = load_yaml_file(file)
    if isinstance(node, ScalarNode) and not node.value:
        node = None
    parts, _, wrong = schema.parse_fields(node, EMERGENCY_FIELDS, file.path, "emergency")
    problems += wrong
    found, wrong = parse_entries(parts.get("signs"), SIGN_FIELDS, file.path, "sign")
    problems += wrong
    signs = {e.name: _make_warning_sign(e.name, e.line, e.values) for e in found}
    found, wrong = parse_entries(parts.get("lists"), LIST_FIELDS, file.path, "list")
    problems += wrong
    lists = {
        entry.name: SignList(
            name=entry.name,
            line=entry.line,
            **{"tier": EMERGENCY_TIER, "groups": (), **entry.values},
        )
        for entry in found
    }
    for one in lists.values():
        problems += _check_list(one, signs, file.path)
    return signs, lists, problems


def _make_warning_sign(name: str, line: int, values: Mapping[str, Any]) -> WarningSign:
    return WarningSign(name=name, line=line, **{"tier": EMERGENCY_TIER, "text": "", **values})


def _check_list(
    sign_list: SignList, signs: Mapping[str, WarningSign], path: str
) -> Iterator[Problem]:
    """Whether a list holds known signs of its own tier, and all that it must."""
    named = [sign for group in sign_list.groups for sign in group.signs]
    for called in named:
        if called not in signs:
            near = schema.closest_match(called, signs)
            hint = f"Did you mean '{near}'?" if near else "Add it under 'signs:'."
            message = f"{sign_list.name}: there is no sign '{called}'"
            yield problem("unknown-sign", path, message, hint=hint, line=sign_list.line)
        elif signs[called].tier != sign_list.tier:
            message = f"{sign_list.name}: the sign '{called}' is of the tier '{signs[called].tier}'"
            hint = f"This list is for the tier '{sign_list.tier}'."
            yield problem("unknown-sign", path, message, hint=hint, line=sign_list.line)
    general = any(n in signs and not signs[n].setting for n in named)
    if sign_list.tier != EMERGENCY_TIER or not general:
        return
    for sign in signs.values():
        if sign.tier == EMERGENCY_TIER and not sign.setting and sign.name not in named:
            message = f"{sign_list.name}: the 911 sign '{sign.name}' is left out"
            hint = "Add it to a group of this list. Every card shows every 911 sign."
            yield problem("missing-sign", path, message, hint=hint, line=sign_list.line)
