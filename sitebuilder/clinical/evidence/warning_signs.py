"""Parse the warning signs of content/emergency.yaml, and the lists that cards show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from msgspec.structs import replace

from sitebuilder.content import schema
from sitebuilder.content.entries import parse_entries, parse_entry_name
from sitebuilder.content.schema import FieldError, FieldSpec
from sitebuilder.content.yaml import MappingNode, Node, ScalarNode, load_yaml_file
from sitebuilder.core.evidence import SETTINGS, TIERS, SignGroup, SignList, WarningSign
from sitebuilder.core.model import File
from sitebuilder.core.problems import Problem, problem

SIGN_TIERS: Final = TIERS[:5]
_ASKED_SETTINGS: Final = SETTINGS[:3]
"""Settings that a tier counts for if it is given without any."""

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
    return SignGroup(names, schema.text(title) if title is not None else "", signs.line)


def _parse_tiers(node: Node) -> dict[str, str]:
    """Parse one tier for all settings, or a mapping from settings to tiers."""
    parse_tier = schema.one_of(*SIGN_TIERS)
    if not isinstance(node, MappingNode):
        tier: str = parse_tier(node)
        return dict.fromkeys(_ASKED_SETTINGS, tier)
    tiers: dict[str, str] = {}
    for key, value in node.entries:
        schema.one_of(*SETTINGS)(key)
        tiers[key.value] = parse_tier(value)
    return tiers


SIGN_FIELDS: Final[Mapping[str, FieldSpec]] = {
    "tier": FieldSpec(_parse_tiers, "how soon somebody has to act", required=True),
    "text": FieldSpec(
        schema.text, "the one wording, without 'you have' and full stop", required=True
    ),
    "asked_in": FieldSpec(schema.list_of(parse_entry_name), "the questions that ask for it"),
    "why": FieldSpec(schema.text, "what it may mean"),
    "excludes": FieldSpec(schema.text, "the ordinary thing that it must not catch"),
    "sources": FieldSpec(schema.list_of(parse_entry_name), "sources of references.yaml"),
    "clock": FieldSpec(schema.one_of("hours", "tomorrow"), "how long to wait for a call back"),
    "ride": FieldSpec(schema.one_of("ok", "never"), "whether somebody may drive the person"),
    "named": FieldSpec(schema.list_of(schema.text), "how sentences of pages name it"),
    "unless_named": FieldSpec(
        schema.list_of(parse_entry_name), "signs that a sentence means instead"
    ),
}

LIST_FIELDS: Final[Mapping[str, FieldSpec]] = {
    "tier": FieldSpec(schema.one_of(*SIGN_TIERS), "how soon somebody has to act", required=True),
    "setting": FieldSpec(schema.one_of(*SETTINGS), "who the list is for", required=True),
    "groups": FieldSpec(_parse_groups, "signs that stand together", required=True),
}

EMERGENCY_FIELDS: Final[Mapping[str, FieldSpec]] = {
    "signs": FieldSpec(schema.raw, "every sign, by name"),
    "lists": FieldSpec(schema.raw, "what each kind of card shows"),
    # Parsed by `order_words`.
    "weakness": FieldSpec(schema.raw, "the one rule for a weak leg"),
    "together": FieldSpec(schema.raw, "signs that need 911 together"),
    "orders": FieldSpec(schema.raw, "the words that carry an order"),
    # What decision tools are checked against; parsed by `decision_tools.safety_policy`.
    "questions": FieldSpec(schema.raw, "the first questions of every tool"),
    "settings": FieldSpec(schema.raw, "the answers that stand for a setting"),
    "crisis": FieldSpec(schema.raw, "the answer that leads to the crisis line"),
    "pairs": FieldSpec(schema.raw, "milder answers that make an emergency together"),
    "requirements": FieldSpec(schema.raw, "what holds whenever a result shows"),
    "with_notes": FieldSpec(schema.raw, "first results with the notes and the list"),
    "lines": FieldSpec(schema.raw, "words that results say after certain answers"),
    "says": FieldSpec(schema.raw, "what the results of the first questions have to say"),
    "tier_words": FieldSpec(schema.raw, "words that a title holds, by tier"),
    "commands": FieldSpec(schema.raw, "words that send a reader somewhere, by tier"),
    "softeners": FieldSpec(schema.raw, "words that weaken a text, by tier"),
    "allowed": FieldSpec(schema.raw, "words that hold such a word and are right"),
    "figures": FieldSpec(schema.raw, "words with a number that need no fact"),
    "surgery": FieldSpec(schema.raw, "the answers after which surgery may be offered"),
    "surgery_pages": FieldSpec(schema.raw, "pages about one operation"),
    "routes": FieldSpec(schema.raw, "pages that lead to a person"),
    "guarded": FieldSpec(schema.raw, "words that no tool may say"),
}


def parse_warning_signs(
    file: File | None,
) -> tuple[dict[str, WarningSign], dict[str, SignList], list[Problem]]:
    """Parse the signs and the lists, each by name.

    Incomplete entries are kept, with defaults. Lists are returned without unknown signs.
    """
    if file is None:
        return {}, {}, []
    node, problems = load_yaml_file(file)
    if isinstance(node, ScalarNode) and not node.value:
        node = None
    sections, lines, errors = schema.parse_fields(node, EMERGENCY_FIELDS, file.path, "emergency")
    problems += errors
    entries, errors = parse_entries(sections.get("signs"), SIGN_FIELDS, file.path, "sign")
    problems += errors
    signs = {e.name: _make_warning_sign(e.name, e.line, e.values) for e in entries}
    for sign in signs.values():
        problems += _check_names(sign.name, sign.unless_named, signs, file.path, sign.line)
    entries, errors = parse_entries(sections.get("lists"), LIST_FIELDS, file.path, "list")
    problems += errors
    lists = {}
    for entry in entries:
        values = {"tier": TIERS[0], "groups": (), **entry.values}
        sign_list = SignList(name=entry.name, line=entry.line, **values)
        if entry.is_valid:
            problems += _check_list(sign_list, signs, file.path)
        lists[entry.name] = _without_unknown_signs(sign_list, signs)
    problems += _check_all_listed(signs, lists.values(), file.path, lines.get("lists", 1))
    return signs, lists, problems


def _make_warning_sign(name: str, line: int, values: Mapping[str, Any]) -> WarningSign:
    fields = {"text": "", **values}
    return WarningSign(name=name, line=line, tiers=fields.pop("tier", {}), **fields)


def _without_unknown_signs(sign_list: SignList, signs: Mapping[str, WarningSign]) -> SignList:
    groups = (
        replace(group, signs=tuple(name for name in group.signs if name in signs))
        for group in sign_list.groups
    )
    return replace(sign_list, groups=tuple(groups))


def _check_names(
    owner: str, names: Iterable[str], signs: Mapping[str, WarningSign], path: str, line: int
) -> Iterator[Problem]:
    for name in names:
        if name not in signs:
            near = schema.closest_match(name, signs)
            hint = f"Did you mean '{near}'?" if near else "Add it under 'signs:'."
            message = f"{owner}: there is no sign '{name}'"
            yield problem("unknown-sign", path, message, hint=hint, line=line)


def _check_list(
    sign_list: SignList, signs: Mapping[str, WarningSign], path: str
) -> Iterator[Problem]:
    """Check that a list holds every sign that has its tier in its setting once, and no other."""
    name, tier, setting = sign_list.name, sign_list.tier, sign_list.setting
    lines: dict[str, int] = {}
    for group in sign_list.groups:
        yield from _check_names(name, group.signs, signs, path, group.line)
        for listed_name in group.signs:
            if listed_name in lines:
                message = f"{name}: the sign '{listed_name}' stands in it twice"
                yield problem("unknown-sign", path, message, hint="Take one out.", line=group.line)
            lines[listed_name] = group.line
    for listed_name, line in lines.items():
        known = signs.get(listed_name)
        actual = known.tiers.get(setting, "") if known else tier
        if actual != tier:
            where = f"is '{actual}'" if actual else "has no tier"
            message = f"{name}: '{listed_name}' {where} for '{setting}', and this list is '{tier}'"
            hint = "Move it to the list of its tier, or ask a clinician about its tier."
            yield problem("unknown-sign", path, message, hint=hint, line=line)
    for sign in signs.values():
        if sign.tiers.get(setting) == tier and sign.name not in lines:
            message = f"{name}: the sign '{sign.name}' is left out"
            hint = f"It is '{tier}' for '{setting}', so add it to one of the groups."
            yield problem("missing-sign", path, message, hint=hint, line=sign_list.line)


def _check_all_listed(
    signs: Mapping[str, WarningSign], lists: Iterable[SignList], path: str, line: int
) -> Iterator[Problem]:
    """Check that for each setting and tier that a sign has there is a list."""
    listed = {(each.setting, each.tier) for each in lists}
    missing: dict[tuple[str, str], list[str]] = {}
    for sign in signs.values():
        for setting, tier in sign.tiers.items():
            if (setting, tier) not in listed:
                missing.setdefault((setting, tier), []).append(sign.name)
    for (setting, tier), names in missing.items():
        message = f"no list has setting '{setting}' and tier '{tier}'"
        hint = f"Under 'lists:', add one with: {', '.join(names)}."
        yield problem("missing-sign", path, message, hint=hint, line=line)
