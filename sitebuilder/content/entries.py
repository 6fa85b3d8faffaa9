"""A YAML file of named entries in, the field values of each entry out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from sitebuilder.content import schema, yaml
from sitebuilder.content.decode import decode_text
from sitebuilder.content.schema import FieldError, FieldSpec
from sitebuilder.content.yaml import MappingNode, Node, ScalarNode
from sitebuilder.core.model import File
from sitebuilder.core.problems import Problem, problem

ENTRY_NAME: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
"""What facts, sources, terms and signs may be called."""


class Entry(msgspec.Struct, frozen=True):
    """One entry: its name, its line, its good values, the line of each. `whole`: nothing wrong."""

    name: str
    line: int
    values: Mapping[str, Any]
    lines: Mapping[str, int]
    is_valid: bool


def load_yaml_file(file: File) -> tuple[Node | None, list[Problem]]:
    """The file's YAML."""
    text, hidden = decode_text(file)
    node, problems = yaml.parse_yaml(text, file.path)
    return node, [*hidden, *problems]


def parse_entries(
    node: Node | None, specs: Mapping[str, FieldSpec], path: str, noun: str
) -> tuple[list[Entry], list[Problem]]:
    """Each entry of a mapping from names to fields. `what` names one of them: a fact, a term."""
    if node is None or (isinstance(node, ScalarNode) and not node.value):
        return [], []
    if not isinstance(node, MappingNode):
        hint = "Write each as 'name:' with its fields below, two spaces in."
        message = f"this is not a list of named {noun}s"
        return [], [
            problem("bad-value", path, message, hint=hint, line=node.line, column=node.column)
        ]
    found: list[Entry] = []
    problems: list[Problem] = []
    for key, value in node.entries:
        if not ENTRY_NAME.fullmatch(key.value):
            hint = "Use small letters, digits and '-', such as leg-pain."
            message = f"'{key.value}' cannot be the name of a {noun}"
            problems.append(problem("bad-value", path, message, hint=hint, line=key.line))
        values, lines, wrong = schema.parse_fields(value, specs, path, f"the {noun} '{key.value}'")
        problems += wrong
        found.append(Entry(key.value, key.line, values, lines, not wrong))
    return found, problems


def parse_entry_name(node: Node) -> str:
    """The name of an entry."""
    value = schema.text(node)
    if not ENTRY_NAME.fullmatch(value):
        raise FieldError(node, f"'{value}' is not a name", "Use small letters, digits and '-'.")
    return value


def parse_year(node: Node) -> int:
    """A year that a study can have."""
    value = schema.text(node)
    if not re.fullmatch(r"(19|20)[0-9]{2}", value):
        raise FieldError(node, f"'{value}' is not a year", "Write four digits, such as 2022.")
    return int(value)
