"""Parse the words that carry an order, and the one rule for weak legs (content/emergency.yaml)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from msgspec.structs import replace

from sitebuilder.clinical.evidence.phrases import (
    compile_phrases,
    find_phrase,
    fold,
    parse_phrase,
)
from sitebuilder.content import schema
from sitebuilder.content.entries import parse_entry_name
from sitebuilder.content.schema import FieldError, FieldSpec, ValueParser
from sitebuilder.content.yaml import MappingNode, Node, load_yaml_file
from sitebuilder.core.evidence import (
    SETTINGS,
    TIERS,
    SignList,
    SignOrders,
    TogetherLine,
    WarningSign,
    WeaknessLine,
)
from sitebuilder.core.model import File
from sitebuilder.core.problems import Problem, problem

PRESSING_TIERS: Final = TIERS[:3]
"""Tiers of signs that cannot wait for a visit."""

_NEGATION: Final = re.compile(r"\b(?:not|no|never|none|nor|without|unless|except|only|\w+n't)\b")
_PHRASES: Final = schema.list_of(parse_phrase)


def _by_key(*keys: str) -> ValueParser:
    def parse_mapping(node: Node) -> dict[str, tuple[str, ...]]:
        if not isinstance(node, MappingNode):
            raise FieldError(node, "has no fields of its own", f"Name one of: {', '.join(keys)}.")
        return {schema.one_of(*keys)(key): _PHRASES(value) for key, value in node.entries}

    return parse_mapping


def _parse_tiers(node: Node) -> dict[str, tuple[str, ...]]:
    """Parse the words of each tier; the first of them is shown, so a tier has some."""
    phrases: dict[str, tuple[str, ...]] = _by_key(*TIERS)(node)
    for tier, words in phrases.items():
        if not words:
            raise FieldError(node, f"has no words for the tier '{tier}'", "Add at least one.")
    return phrases


ORDER_FIELDS: Final[Mapping[str, FieldSpec]] = {
    "tiers": FieldSpec(_parse_tiers, "words that say how soon to act", required=True),
    "untimed": FieldSpec(_PHRASES, "orders without a time"),
    "not_orders": FieldSpec(_PHRASES, "words that hold an order and give none"),
    "any_sign": FieldSpec(_by_key(*TIERS), "words for any sign of a tier"),
    "never": FieldSpec(_PHRASES, "words that no page says, except after 'do not'"),
    "settings": FieldSpec(_by_key(*SETTINGS), "words that say whom a sentence is about"),
    "softeners": FieldSpec(_PHRASES, "words that take the force out of an order"),
    "negations": FieldSpec(_PHRASES, "where a sign may say 'not'"),
    "watched": FieldSpec(_PHRASES, "words that may name a sign"),
}

LINE_FIELDS: Final[Mapping[str, FieldSpec]] = {
    "text": FieldSpec(schema.text, "whom the line is about", required=True),
    "signs": FieldSpec(schema.list_of(parse_entry_name), "the signs it stands for", required=True),
    "settings": FieldSpec(schema.list_of(schema.one_of(*SETTINGS)), "whom it is for"),
}

WEAKNESS_FIELDS: Final[Mapping[str, FieldSpec]] = {
    "text": FieldSpec(schema.text, "what weak means", required=True),
    "lines": FieldSpec(
        schema.list_of(schema.nested(LINE_FIELDS, WeaknessLine, "a line")),
        "its lines",
        required=True,
    ),
}


TOGETHER_FIELDS: Final[Mapping[str, FieldSpec]] = {
    "pair": FieldSpec(parse_entry_name, "the pair that it tells of", required=True),
    "text": FieldSpec(schema.text, "the signs", required=True),
    "settings": FieldSpec(
        schema.list_of(schema.one_of(*SETTINGS)), "whom it is for", required=True
    ),
}
_parse_together: Final = schema.list_of(schema.nested(TOGETHER_FIELDS, TogetherLine, "a line"))


def parse_sign_orders(
    file: File | None,
    signs: Mapping[str, WarningSign],
    lists: Mapping[str, SignList],
    emergency_number: str,
) -> tuple[SignOrders | None, list[Problem]]:
    """Parse the words of orders and the weakness rule, and hold signs and lists to them.

    Returns:
        The words, with the emergency number filled in; None if the file has none. The problems.
    """
    if file is None:
        return None, []
    root, _ = load_yaml_file(file)  # `warning_signs` reports the problems of it
    section = root.get("orders") if isinstance(root, MappingNode) else None
    if section is None or not isinstance(root, MappingNode):
        return None, []
    values, _, problems = schema.parse_fields(section, ORDER_FIELDS, file.path, "orders")
    weakness = root.get("weakness")
    card: dict[str, Any] = {}
    if weakness is not None:
        card, _, errors = schema.parse_fields(weakness, WEAKNESS_FIELDS, file.path, "weakness")
        problems += errors
    if "tiers" not in values:  # nothing can be held to words that are not there
        return None, problems
    entries = tuple(entry for entry in root.entries if entry[0].value == "together")
    together, _, errors = schema.parse_fields(
        MappingNode(entries, root.line, root.column),
        {"together": FieldSpec(_parse_together, "signs that need 911 together")},
        file.path,
        "emergency",
    )
    problems += errors
    orders = SignOrders(
        **{name: _fill_number(value, emergency_number) for name, value in values.items()},
        weakness_text=card.get("text", ""),
        weakness=tuple(_with_tier(line, signs) for line in card.get("lines", ())),
        together=together.get("together", ()),
    )
    problems += _check_together(orders, root, file.path)
    if weakness is not None:
        line = next(key.line for key, _ in root.entries if key.value == "weakness")
        problems += _check_weakness(orders, signs, file.path, line)
    problems += _check_sign_texts(orders, signs, file.path)
    problems += _check_group_titles(orders, lists, file.path)
    return orders, problems


def _check_together(orders: SignOrders, root: MappingNode, path: str) -> Iterator[Problem]:
    """Report each pair of signs that no line tells readers of, and lines without a pair."""
    pairs = root.get("pairs")
    names = {key.value: key.line for key, _ in getattr(pairs, "entries", ())}
    told = {line.pair for line in orders.together}
    for name in sorted(names.keys() - told):
        message = f"pairs: no line under 'together' tells readers of '{name}'"
        yield problem("missing-sign", path, message, hint="Add one.", line=names[name])
    for name in sorted(told - names.keys()):
        line = next(key.line for key, _ in root.entries if key.value == "together")
        message = f"together: there is no pair '{name}'"
        yield problem("unknown-sign", path, message, hint="Add it under 'pairs'.", line=line)


def _fill_number(value: Any, number: str) -> Any:
    if isinstance(value, dict):
        return {key: _fill_number(phrases, number) for key, phrases in value.items()}
    return tuple(phrase.replace("{number}", number) for phrase in value)


# -- the weakness rule ----------------------------------------------------------------------------


def _tiers_of(line: WeaknessLine, signs: Mapping[str, WarningSign]) -> set[str]:
    return {
        signs[name].tiers.get(setting, "")
        for name in line.signs
        if name in signs
        for setting in line.settings
    }


def _with_tier(line: WeaknessLine, signs: Mapping[str, WarningSign]) -> WeaknessLine:
    tiers = _tiers_of(line, signs)
    return replace(line, tier=tiers.pop() if len(tiers) == 1 else "")


def _check_weakness(
    orders: SignOrders, signs: Mapping[str, WarningSign], path: str, line: int
) -> Iterator[Problem]:
    """Check that each line has one order, and that together they say what their signs say."""
    for each in orders.weakness:
        for name in each.signs:
            if name not in signs:
                message = f"weakness: there is no sign '{name}'"
                hint = "Name a sign from 'signs:'."
                yield problem("unknown-sign", path, message, hint=hint, line=line)
        if each.tier not in orders.tiers:
            message = f"weakness: the line '{each.text}' has no one order"
            hint = "Its signs need one tier in all of its settings. Make two lines of it."
            yield problem("missing-sign", path, message, hint=hint, line=line)
    told = {
        (s, setting) for each in orders.weakness for s in each.signs for setting in each.settings
    }
    for name in sorted({name for each in orders.weakness for name in each.signs} & set(signs)):
        for setting in signs[name].tiers:
            if (name, setting) not in told:
                message = f"weakness: no line says what '{name}' means for '{setting}'"
                hint = "Add the setting to the line of the sign."
                yield problem("missing-sign", path, message, hint=hint, line=line)


# -- what signs and titles of groups may say ------------------------------------------------------


def _check_sign_texts(
    orders: SignOrders, signs: Mapping[str, WarningSign], path: str
) -> Iterator[Problem]:
    """Report words that weaken a sign, unless it can wait for a visit in every setting."""
    for sign in signs.values():
        if not set(sign.tiers.values()) & set(PRESSING_TIERS):
            continue
        text = compile_phrases(orders.negations).sub(" ", fold(sign.text))
        negation = _NEGATION.search(text)
        word = find_phrase(orders.softeners, sign.text) or (negation[0] if negation else "")
        if word:
            message = f"{sign.name}: '{word}' takes something back from a warning sign"
            hint = "Say only what the sign is. Words that are needed stand under 'negations:'."
            yield problem("weak-sign", path, message, hint=hint, line=sign.line)


def _check_group_titles(
    orders: SignOrders, lists: Mapping[str, SignList], path: str
) -> Iterator[Problem]:
    for sign_list in lists.values():
        milder = [p for t, phrases in orders.tiers.items() if t != sign_list.tier for p in phrases]
        for group in sign_list.groups:
            word = find_phrase([*milder, *orders.softeners, *orders.untimed], group.title)
            if word:
                message = f"{sign_list.name}: the title '{group.title}' says '{word}'"
                hint = "A title of a group says what its signs have in common, and no order."
                yield problem("weak-sign", path, message, hint=hint, line=sign_list.line)
