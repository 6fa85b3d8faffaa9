"""Parse content/cases.yaml: people, and what each decision tool has to tell them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from msgspec.structs import replace

from sitebuilder.clinical.decision_tools.safety_policy import mapping_of, parse_outcome_name
from sitebuilder.content import schema
from sitebuilder.content.entries import parse_entry_name
from sitebuilder.content.schema import FieldSpec
from sitebuilder.content.yaml import MappingNode, Node, load_yaml_file
from sitebuilder.core.decision_case import Case
from sitebuilder.core.evidence import TIERS
from sitebuilder.core.lazy_regex import lazy_compile
from sitebuilder.core.model import File
from sitebuilder.core.problems import ERROR, Problem, problem

CASES_PATH: Final = "content/cases.yaml"
ALL_TOOLS: Final = "all"

_CASE_NAME: Final = lazy_compile(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*")
_NAME_LIST: Final = schema.list_of(parse_entry_name)

CASE_FIELDS: Final[Mapping[str, FieldSpec]] = {
    "person": FieldSpec(schema.text, "age, sex and story", required=True),
    "tool": FieldSpec(_NAME_LIST, "all, or the names of tools", required=True),
    "answers": FieldSpec(mapping_of(_NAME_LIST), "what the person ticks", required=True),
    "tier": FieldSpec(schema.one_of(*TIERS), "how soon to act", required=True),
    "outcome": FieldSpec(parse_outcome_name, "the result that must show", required=True),
    "never": FieldSpec(schema.list_of(parse_outcome_name), "results that must not show"),
    "why": FieldSpec(schema.text, "the reason", required=True),
    "sources": FieldSpec(_NAME_LIST, "sources of references.yaml; without, judgment"),
    "agreed": FieldSpec(
        schema.list_of(schema.one_of(*TIERS)), "tiers that a blind reader would accept"
    ),
}


def parse_cases(file: File | None) -> tuple[dict[str, Case], list[Problem]]:
    """Parse the cases; those with an error are left out.

    Returns:
        The cases by name, in order, and the problems.
    """
    if file is None:
        return {}, []
    root, problems = load_yaml_file(file)
    if not isinstance(root, MappingNode):
        if not problems:
            message, hint = "there are no cases", "Write each as 'NAME:' with its fields below it."
            problems.append(problem("case", file.path, message, hint=hint, line=1))
        return {}, problems
    cases: dict[str, Case] = {}
    errors: list[Problem] = []
    for key, node in root.entries:
        if not _CASE_NAME.fullmatch(key.value):
            message, hint = f"'{key.value}' cannot be the name of a case", "Write it as W09."
            errors.append(problem("case", file.path, message, hint=hint, line=key.line))
            continue
        case, more = _parse_case(key.value, key.line, node, file.path)
        errors += more
        if case is not None:
            cases[case.name] = case
    # Config could lower the rules of the schema; but a case must not be lost unnoticed.
    return cases, problems + [replace(each, rule="case", severity=ERROR) for each in errors]


def _parse_case(name: str, line: int, node: Node, path: str) -> tuple[Case | None, list[Problem]]:
    values, lines, errors = schema.parse_fields(node, CASE_FIELDS, path, f"the case '{name}'")
    answers = node.get("answers") if isinstance(node, MappingNode) else None
    if isinstance(answers, MappingNode):
        lines |= {f"answers.{key.value}": key.line for key, _ in answers.entries}
    names = values.pop("tool", ())
    if "tool" in lines and (not names or (ALL_TOOLS in names and len(names) > 1)):
        message = f"the case '{name}' is for no tool, or for all and some"
        hint = f"Name tools, or write '{ALL_TOOLS}' alone."
        errors.append(problem("case", path, message, hint=hint, line=lines["tool"]))
    if errors:
        return None, errors
    tools = tuple(tool for tool in names if tool != ALL_TOOLS)
    return Case(name=name, tools=tools, line=line, lines=lines, **values), []
