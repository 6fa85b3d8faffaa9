"""Parse content/reviewers.yaml, the list of people who may sign."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from sitebuilder.content import schema, yaml
from sitebuilder.content.decode import FORBIDDEN_CHARACTERS
from sitebuilder.content.schema import FieldError, FieldSpec
from sitebuilder.content.yaml import MappingNode, Node, ScalarNode
from sitebuilder.core.model import File
from sitebuilder.core.problems import Problem, problem
from sitebuilder.core.review import Reviewer

REVIEWERS_PATH: Final = "content/reviewers.yaml"

_ID: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def is_reviewer_id(text: str) -> bool:
    """Whether `text` can be the id of a reviewer: lower-case ASCII letters, digits, single `-`."""
    return bool(_ID.fullmatch(text))


def parse_name_or_role(node: Node) -> str:
    """Parse a name or role: one line, without characters that hide or reorder other text.

    Raises:
        FieldError: The value is not a text, or has such a character.
    """
    value = schema.text(node)
    match = FORBIDDEN_CHARACTERS.search(value)
    if match:  # an escape in a quoted YAML string passes the check of the file's characters
        raise FieldError(node, f"control character U+{ord(match.group()):04X}", "Delete it.")
    return value


REVIEWER_FIELDS: Final[Mapping[str, FieldSpec]] = {
    "name": FieldSpec(parse_name_or_role, "the reviewer's name, as pages show it", required=True),
    "role": FieldSpec(parse_name_or_role, "the reviewer's role, as pages show it", required=True),
}


def parse_reviewers(file: File | None) -> tuple[dict[str, Reviewer], list[Problem]]:
    """Parse the reviewers, by id. Without a file, or with one of comments only, there are none.

    An entry with an error is left out, so that nobody signs under an incomplete name.
    """
    if file is None:
        return {}, []
    node, problems = yaml.load_yaml_file(file)
    if node is None or (isinstance(node, ScalarNode) and not node.value):
        return {}, problems
    if not isinstance(node, MappingNode):
        message, hint = "the list of reviewers is not made of fields", "Write 'id:' on each line."
        return {}, [*problems, problem("bad-value", file.path, message, hint=hint, line=node.line)]
    reviewers: dict[str, Reviewer] = {}
    for key, value in node.entries:
        what = f"reviewer '{key.value}'"
        values, _, errors = schema.parse_fields(value, REVIEWER_FIELDS, file.path, what)
        if not is_reviewer_id(key.value):
            message = f"'{key.value}' cannot be the id of a reviewer"
            hint = "Use small letters, digits and '-', such as first-last."
            position = {"line": key.line, "column": key.column}
            errors.append(problem("bad-value", file.path, message, hint=hint, **position))
        problems += errors
        if not errors:
            reviewers[key.value] = Reviewer(key.value, **values, line=key.line)
    return reviewers, problems
