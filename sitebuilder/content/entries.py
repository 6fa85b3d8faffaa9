"""Parse YAML files that map names to entries with fields, such as facts.yaml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from sitebuilder.content import schema
from sitebuilder.content.schema import FieldError, FieldSpec
from sitebuilder.content.yaml import MappingNode, Node, ScalarNode
from sitebuilder.core.problems import Problem, problem

ENTRY_NAME: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
"""Valid names of facts, sources, terms and warning signs."""


class Entry(msgspec.Struct, frozen=True):
    """A named entry.

    Attributes:
        values: The valid values, by field name.
        lines: Line of each field that is present, valid or not.
        is_valid: All fields are valid and none is missing.
    """

    name: str
    line: int
    values: Mapping[str, Any]
    lines: Mapping[str, int]
    is_valid: bool


def parse_entries(
    node: Node | None, specs: Mapping[str, FieldSpec], path: str, noun: str
) -> tuple[list[Entry], list[Problem]]:
    """Parse a mapping from names to fields.

    Args:
        node: The mapping; None or an empty scalar gives no entries.
        specs: The fields of each entry.
        path: File that problems are reported for.
        noun: What an entry is called in messages, such as "fact".

    Returns:
        The entries, including invalid ones, and the problems.
    """
    if node is None or (isinstance(node, ScalarNode) and not node.value):
        return [], []
    if not isinstance(node, MappingNode):
        hint = "Write each as 'name:' with its fields below, two spaces in."
        message = f"this is not a list of named {noun}s"
        return [], [
            problem("bad-value", path, message, hint=hint, line=node.line, column=node.column)
        ]
    entries: list[Entry] = []
    problems: list[Problem] = []
    for key, value in node.entries:
        if not ENTRY_NAME.fullmatch(key.value):
            hint = "Use small letters, digits and '-', such as leg-pain."
            message = f"'{key.value}' cannot be the name of a {noun}"
            problems.append(problem("bad-value", path, message, hint=hint, line=key.line))
        values, lines, errors = schema.parse_fields(value, specs, path, f"the {noun} '{key.value}'")
        problems += errors
        entries.append(Entry(key.value, key.line, values, lines, is_valid=not errors))
    return entries, problems


def parse_entry_name(node: Node) -> str:
    """Parse the name of an entry."""
    value = schema.text(node)
    if not ENTRY_NAME.fullmatch(value):
        raise FieldError(node, f"'{value}' is not a name", "Use small letters, digits and '-'.")
    return value


def parse_year(node: Node) -> int:
    """Parse a year from 1900 to 2099."""
    value = schema.text(node)
    if not re.fullmatch(r"(19|20)[0-9]{2}", value):
        raise FieldError(node, f"'{value}' is not a year", "Write four digits, such as 2022.")
    return int(value)
