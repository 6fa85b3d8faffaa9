"""content/reviewers.yaml in, the people who may sign out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from sitebuilder.content import schema, yaml
from sitebuilder.content.decode import FORBIDDEN_CHARACTERS, decode_text
from sitebuilder.content.schema import FieldError, FieldSpec
from sitebuilder.content.yaml import MappingNode, Node, ScalarNode
from sitebuilder.core.model import File
from sitebuilder.core.problems import Problem, problem
from sitebuilder.core.review import Reviewer

REVIEWERS_PATH: Final = "content/reviewers.yaml"

_ID: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def is_reviewer_id(text: str) -> bool:
    """Whether `text` can be the id of a reviewer: small letters, digits and single `-`."""
    return bool(_ID.fullmatch(text))


def parse_name_or_role(node: Node) -> str:
    """A reader of a name or role: one line, without characters that hide or turn other text."""
    value = schema.text(node)
    found = FORBIDDEN_CHARACTERS.search(value)
    if found:  # quotes in YAML let one in as an escape, past the check of the file's characters
        raise FieldError(node, f"control character U+{ord(found.group()):04X}", "Delete it.")
    return value


REVIEWER_FIELDS: Final[Mapping[str, FieldSpec]] = {
    "name": FieldSpec(parse_name_or_role, "the reviewer's name, as pages show it", required=True),
    "role": FieldSpec(parse_name_or_role, "the reviewer's role, as pages show it", required=True),
}


def parse_reviewers(file: File | None) -> tuple[dict[str, Reviewer], list[Problem]]:
    """Who may sign, by id, and the problems. No file, or one of comments only: nobody.

    An entry with a mistake in it is left out: nobody signs by a name that is half there.
    """
    if file is None:
        return {}, []
    text, problems = decode_text(file)
    node, found = yaml.parse_yaml(text, file.path)
    problems += found
    if node is None or (isinstance(node, ScalarNode) and not node.value):
        return {}, problems
    if not isinstance(node, MappingNode):
        message, hint = "the list of reviewers is not made of fields", "Write 'id:' on each line."
        return {}, [*problems, problem("bad-value", file.path, message, hint=hint, line=node.line)]
    reviewers: dict[str, Reviewer] = {}
    for key, value in node.entries:
        what = f"reviewer '{key.value}'"
        values, _, found = schema.parse_fields(value, REVIEWER_FIELDS, file.path, what)
        if not is_reviewer_id(key.value):
            message = f"'{key.value}' cannot be the id of a reviewer"
            hint = "Use small letters, digits and '-', such as first-last."
            place = {"line": key.line, "column": key.column}
            found.append(problem("bad-value", file.path, message, hint=hint, **place))
        problems += found
        if not found:
            reviewers[key.value] = Reviewer(key.value, **values, line=key.line)
    return reviewers, problems
