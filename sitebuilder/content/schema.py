"""Validate YAML nodes against a schema and convert them to typed values.

A schema is a mapping from field names to `FieldSpec`. `parse_fields` collects every error with its
line and still returns the valid values, so that the caller can go on and find further problems.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date as Date  # noqa: N812 - `date` is a value parser here
from typing import Any, Final

import msgspec

from sitebuilder.content.yaml import MappingNode, Node, ScalarNode, SequenceNode
from sitebuilder.core.lazy_regex import lazy_compile
from sitebuilder.core.problems import MAX_REPORTED, Problem, problem

_MAX_NAME_LENGTH: Final = 200
"""Characters of a name to find close matches for; the cost grows with their square."""


class FieldError(Exception):
    """Raised by value parsers for an invalid value; `parse_fields` turns it into problems.

    Attributes:
        node: Where the error is.
        message: What is wrong; reported after the name of the field: "is empty".
        hint: How to fix it.
        other_errors: Further errors, from a list or from nested fields.
    """

    def __init__(self, node: Node, message: str, hint: str, *other_errors: FieldError) -> None:
        super().__init__(message)
        self.node, self.message, self.hint = node, message, hint
        self.other_errors = other_errors


ValueParser = Callable[[Node], Any]
"""Converts a node to a value, or raises `FieldError`."""


class FieldSpec(msgspec.Struct, frozen=True):
    """A field of a schema; `description` completes hints and documentation."""

    parse: ValueParser
    description: str
    required: bool = False


def parse_fields(
    node: Node | None, specs: Mapping[str, FieldSpec], path: str, noun: str
) -> tuple[dict[str, Any], dict[str, int], list[Problem]]:
    """Validate the fields of a mapping.

    Args:
        node: The mapping; None counts as one without fields.
        specs: The schema.
        path: File that problems are reported for.
        noun: What the mapping is called in messages, such as "page".

    Returns:
        The valid values, the line of each field that is present (valid or not), and the problems.
    """
    values: dict[str, Any] = {}
    lines: dict[str, int] = {}
    problems: list[Problem] = []
    suggested: set[str] = set()  # fields that are misspelled; not to be reported as missing too
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
            suggested.add(near)
            problems.append(_unknown_field_problem(key, near, specs, path, noun))
            continue
        try:
            values[key.value] = field.parse(value)
        except FieldError as error:
            problems += [
                _problem_at(e.node, "bad-value", path, f"{key.value}: {e.message}", e.hint)
                for e in (error, *error.other_errors)
            ]
    lines.update(dict.fromkeys(node.unreadable_keys, 1))
    for name, field in specs.items():
        if field.required and name not in lines and name not in suggested:
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
    """Return the candidate that `name` is probably a misspelling of; empty if none is close."""
    if len(name) > _MAX_NAME_LENGTH:
        return ""
    import difflib  # noqa: PLC0415 - needed only after a mistake

    every = list(candidates)
    matches = difflib.get_close_matches(name.lower(), every, n=1, cutoff=0.6)
    longer = [each for each in every if each.lower().startswith(f"{name.lower()}-")]
    return matches[0] if matches else longer[0] if len(longer) == 1 else ""


# -- Value parsers --------------------------------------------------------------------------------

_CONTROL_CHARACTER: Final = lazy_compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def text(node: Node) -> str:
    """Parse a non-empty line of text."""
    value = optional_text(node)
    if not value:
        raise FieldError(node, "is empty", "Write the text after the ':'.")
    return value


def optional_text(node: Node) -> str:
    """Parse a line of text, which may be empty. White space around it is removed."""
    if not isinstance(node, ScalarNode):
        raise FieldError(node, "is a list or has fields of its own", "Write one line of text.")
    value = node.value.strip()
    match = not value.isprintable() and _CONTROL_CHARACTER.search(value)
    if match:
        code_point = f"U+{ord(match.group()):04X}"
        raise FieldError(
            node, f"control character {code_point}", "Keep the text on one line and delete it."
        )
    return value


def integer(node: Node) -> int:
    """Parse an integer between -9999 and 9999."""
    value = text(node)
    if not re.fullmatch(r"-?[0-9]{1,4}", value):
        raise FieldError(node, f"'{value}' is not a whole number", "Write digits only, such as 20.")
    return int(value)


def boolean(node: Node) -> bool:
    """Parse `true` or `false`. YAML's other words, such as `yes`, are not accepted."""
    value = text(node)
    if value not in {"true", "false"}:
        raise FieldError(node, f"'{value}' is neither true nor false", "Write true or false.")
    return value == "true"


_FIRST_YEAR: Final = 1900
_LAST_YEAR: Final = 2199
"""A date that is further off is a slip of the fingers."""


def date(node: Node) -> Date:
    """Parse an ISO 8601 date without a time, which is the same day in every time zone."""
    value = text(node)
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
            day = Date.fromisoformat(value)
            if _FIRST_YEAR <= day.year <= _LAST_YEAR:
                return day
    except ValueError:
        pass
    raise FieldError(node, f"'{value}' is not a date", "Write year-month-day, such as 2026-11-22.")


def language_tag(node: Node) -> str:
    """Parse a language tag such as `en`, `es` or `pt-BR` (the common subset of RFC 5646)."""
    value = text(node)
    if not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", value):
        raise FieldError(node, f"'{value}' is not a language tag", "Write a tag such as en or es.")
    return value


def one_of(*choices: str) -> ValueParser:
    """Return a parser that accepts any of the choices."""

    def parse_choice(node: Node) -> str:
        value = text(node)
        if value in choices:
            return value
        near = closest_match(value, choices)
        hint = f"Did you mean '{near}'?" if near else "Use one of: " + ", ".join(choices) + "."
        raise FieldError(node, f"'{value}' is not one of the words that it can be", hint)

    return parse_choice


def raw(node: Node) -> Node:
    """Return the node itself, for a field that is parsed later with its own schema."""
    return node


def list_of(parse_item: ValueParser) -> ValueParser:
    """Return a parser for a list, as a tuple. A single value counts as a list of one.

    An empty value counts as an empty list.
    """

    def parse_list(node: Node) -> tuple[Any, ...]:
        if isinstance(node, ScalarNode) and not node.value:
            return ()
        values: list[Any] = []
        errors: list[FieldError] = []
        for item in node.values if isinstance(node, SequenceNode) else (node,):
            try:
                values.append(parse_item(item))
            except FieldError as error:
                errors.append(error)
        if errors:
            raise _combine_errors(errors)
        return tuple(values)

    return parse_list


def nested(specs: Mapping[str, FieldSpec], factory: Callable[..., Any], noun: str) -> ValueParser:
    """Return a parser for a field that has fields of its own.

    Args:
        specs: The schema of these fields.
        factory: Called with the values as keyword arguments.
        noun: What the field is called in messages.
    """

    def parse_nested(node: Node) -> Any:
        if not isinstance(node, MappingNode):
            names = ", ".join(specs)
            raise FieldError(node, f"{noun} has fields of its own", f"Write {names} below it.")
        values: dict[str, Any] = {}
        errors: list[FieldError] = []
        for key, value in node.entries:
            field = specs.get(key.value)
            if field is None:
                near = closest_match(key.value, specs) if len(errors) < MAX_REPORTED else ""
                hint = f"Did you mean '{near}'?" if near else "It has: " + ", ".join(specs) + "."
                errors.append(FieldError(key, f"{noun} has no field '{key.value}'", hint))
                continue
            try:
                values[key.value] = field.parse(value)
            except FieldError as error:
                errors.append(error)
                values[key.value] = None
        for name, field in specs.items():
            if field.required and name not in values:
                hint = f"Add a line '{name}: ...' ({field.description})."
                errors.append(FieldError(node, f"{noun} has no '{name}'", hint))
        if errors:
            raise _combine_errors(errors)
        return factory(**values)

    return parse_nested


def _combine_errors(errors: list[FieldError]) -> FieldError:
    first, *others = errors
    return FieldError(first.node, first.message, first.hint, *others)
