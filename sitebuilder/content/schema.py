"""Typed fields from YAML nodes: every mistake noted, each with its line and how to mend it.

A table `{name: Field}` says what a file may hold. `read` takes a node and such a table and returns
the values that are good, so that the caller can go on and find the rest of the mistakes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date as Date  # noqa: N812 - `date` names a reader here
from typing import Any, Final

import msgspec

from sitebuilder.content.yaml import MappingNode, Node, ScalarNode, SequenceNode
from sitebuilder.core.lazy_regex import lazy_compile
from sitebuilder.core.problems import MAX_REPORTED, Problem, problem

_MAX_NAME_LENGTH: Final = 200
"""Characters; the cost of looking for what was meant grows with their square."""


class FieldError(Exception):
    """A value that a field cannot take. Raised by readers, caught by `read`."""

    def __init__(self, node: Node, message: str, hint: str, *other_errors: FieldError) -> None:
        super().__init__(message)
        self.node, self.message, self.hint = node, message, hint
        self.other_errors = other_errors


ValueParser = Callable[[Node], Any]


class FieldSpec(msgspec.Struct, frozen=True):
    """One thing that a file may say."""

    parse: ValueParser
    description: str
    required: bool = False


def parse_fields(
    node: Node | None, specs: Mapping[str, FieldSpec], path: str, noun: str
) -> tuple[dict[str, Any], dict[str, int], list[Problem]]:
    """The good values, the line of each field, and the problems. `what` names the file's kind."""
    values: dict[str, Any] = {}
    lines: dict[str, int] = {}
    problems: list[Problem] = []
    meant: set[str] = set()  # what misspelt names were meant to be; those are not missing too
    if node is None:
        node = MappingNode((), 1, 1)
    if not isinstance(node, MappingNode):
        message, hint = f"{noun} is not made of fields", "Write 'name: value' on each line."
        return {}, {}, [_problem_at(node, "bad-value", path, message, hint)]
    for key, value in node.entries:
        lines[key.value] = key.line
        field = specs.get(key.value)
        if field is None:
            near = closest_match(key.value, specs) if len(problems) < MAX_REPORTED else ""
            meant.add(near)
            problems.append(_unknown_field_problem(key, near, specs, path, noun))
            continue
        try:
            values[key.value] = field.parse(value)
        except FieldError as wrong:
            problems += [
                _problem_at(w.node, "bad-value", path, f"{key.value}: {w.message}", w.hint)
                for w in (wrong, *wrong.other_errors)
            ]
    lines.update(dict.fromkeys(node.unreadable_keys, 1))
    for name, field in specs.items():
        if field.required and name not in lines and name not in meant:
            hint = f"Add a line '{name}: ...' ({field.description})."
            message = f"{noun} has no '{name}'"
            problems.append(_problem_at(node, "missing-field", path, message, hint))
    return values, lines, problems


def _problem_at(node: Node, rule: str, path: str, message: str, hint: str) -> Problem:
    return problem(rule, path, message, hint=hint, line=node.line, column=node.column)


def _unknown_field_problem(
    key: ScalarNode, suggestion: str, specs: Mapping[str, FieldSpec], path: str, noun: str
) -> Problem:
    hint = (
        f"Did you mean '{suggestion}'?"
        if suggestion
        else "It may be one of: " + ", ".join(specs) + "."
    )
    return _problem_at(key, "unknown-field", path, f"{noun} has no field '{key.value}'", hint)


def closest_match(name: str, candidates: Iterable[str]) -> str:
    """The known name that `name` was probably meant to be, or nothing."""
    if len(name) > _MAX_NAME_LENGTH:
        return ""
    import difflib  # noqa: PLC0415 - for those who slip

    close = difflib.get_close_matches(name.lower(), list(candidates), n=1, cutoff=0.6)
    return close[0] if close else ""


# -- readers: a node in, a value out, or Wrong ----------------------------------------------------

_CONTROL_CHARACTER: Final = lazy_compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def text(node: Node) -> str:
    """One line of text, not empty."""
    value = optional_text(node)
    if not value:
        raise FieldError(node, "is empty", "Write the text after the ':'.")
    return value


def optional_text(node: Node) -> str:
    """One line of text, or nothing."""
    if not isinstance(node, ScalarNode):
        raise FieldError(node, "is a list or has fields of its own", "Write one line of text.")
    value = node.value.strip()
    found = not value.isprintable() and _CONTROL_CHARACTER.search(value)
    if found:
        sign = f"U+{ord(found.group()):04X}"
        raise FieldError(
            node, f"control character {sign}", "Keep the text on one line and delete it."
        )
    return value


def integer(node: Node) -> int:
    """A whole number between -9999 and 9999."""
    value = text(node)
    if not re.fullmatch(r"-?[0-9]{1,4}", value):
        raise FieldError(node, f"'{value}' is not a whole number", "Write digits only, such as 20.")
    return int(value)


def boolean(node: Node) -> bool:
    """True or false."""
    value = text(node)
    if value not in {"true", "false"}:
        raise FieldError(node, f"'{value}' is neither true nor false", "Write true or false.")
    return value == "true"


def date(node: Node) -> Date:
    """A day of the calendar. It takes no time, so it is the same day in every time zone."""
    value = text(node)
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
            return Date.fromisoformat(value)
    except ValueError:
        pass
    raise FieldError(node, f"'{value}' is not a date", "Write year-month-day, such as 2026-11-22.")


def language_tag(node: Node) -> str:
    """A language tag such as `en`, `es` or `pt-BR` (RFC 5646, the parts that sites use)."""
    value = text(node)
    if not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", value):
        raise FieldError(node, f"'{value}' is not a language tag", "Write a tag such as en or es.")
    return value


def one_of(*choices: str) -> ValueParser:
    """A reader of one of a few words."""

    def choice(node: Node) -> str:
        value = text(node)
        if value in choices:
            return value
        near = closest_match(value, choices)
        hint = f"Did you mean '{near}'?" if near else "Use one of: " + ", ".join(choices) + "."
        raise FieldError(node, f"'{value}' is not one of the words that it can be", hint)

    return choice


def raw(node: Node) -> Node:
    """The node itself, for a part that has a table of its own."""
    return node


def list_of(parse_item: ValueParser) -> ValueParser:
    """A reader of a list; one value alone counts as a list of one."""

    def many(node: Node) -> tuple[Any, ...]:
        if isinstance(node, ScalarNode) and not node.value:
            return ()
        values: list[Any] = []
        wrong: list[FieldError] = []
        for item in node.values if isinstance(node, SequenceNode) else (node,):
            try:
                values.append(parse_item(item))
            except FieldError as one:
                wrong.append(one)
        if wrong:
            first, *more = wrong
            raise FieldError(first.node, first.message, first.hint, *more)
        return tuple(values)

    return many


def nested(specs: Mapping[str, FieldSpec], factory: Callable[..., Any], noun: str) -> ValueParser:
    """A reader of fields below a field: `build` is given the values by name."""

    def fields_of(node: Node) -> Any:
        if not isinstance(node, MappingNode):
            names = ", ".join(specs)
            raise FieldError(node, f"{noun} has fields of its own", f"Write {names} below it.")
        values: dict[str, Any] = {}
        wrong: list[FieldError] = []
        for key, value in node.entries:
            field = specs.get(key.value)
            if field is None:
                near = closest_match(key.value, specs) if len(wrong) < MAX_REPORTED else ""
                hint = f"Did you mean '{near}'?" if near else "It has: " + ", ".join(specs) + "."
                wrong.append(FieldError(key, f"{noun} has no field '{key.value}'", hint))
                continue
            try:
                values[key.value] = field.parse(value)
            except FieldError as one:
                wrong.append(one)
                values[key.value] = None
        for name, field in specs.items():
            if field.required and name not in values:
                hint = f"Add a line '{name}: ...' ({field.description})."
                wrong.append(FieldError(node, f"{noun} has no '{name}'", hint))
        if wrong:
            first, *more = wrong
            raise FieldError(first.node, first.message, first.hint, *more)
        return factory(**values)

    return fields_of
