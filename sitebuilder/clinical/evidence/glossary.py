"""Parse content/glossary.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sitebuilder.content import schema
from sitebuilder.content.entries import parse_entries
from sitebuilder.content.schema import FieldSpec
from sitebuilder.content.yaml import load_yaml_file
from sitebuilder.core.evidence import Term
from sitebuilder.core.model import File
from sitebuilder.core.problems import Problem, problem

TERM_FIELDS: Final[Mapping[str, FieldSpec]] = {
    "term": FieldSpec(schema.text, "the word as it stands in a sentence", required=True),
    "means": FieldSpec(schema.text, "what it means, in plain words", required=True),
    "also": FieldSpec(schema.list_of(schema.text), "other forms and other words for it"),
    "say": FieldSpec(schema.text, "how it is said"),
}


def parse_terms(file: File | None) -> tuple[dict[str, Term], list[Problem]]:
    """Parse the terms, by name. A form that two terms share is reported.

    An incomplete term is kept, with defaults for what is missing.
    """
    if file is None:
        return {}, []
    node, problems = load_yaml_file(file)
    entries, errors = parse_entries(node, TERM_FIELDS, file.path, "term")
    problems += errors
    terms: dict[str, Term] = {}
    term_by_form: dict[str, str] = {}
    for entry in entries:
        values = {"term": entry.name, "means": "", **entry.values}
        term = Term(name=entry.name, line=entry.line, **values)
        terms[entry.name] = term
        for form in (term.term, *term.also):
            first_term = term_by_form.setdefault(form.casefold(), entry.name)
            if first_term != entry.name:
                message = f"{entry.name}: '{form}' already belongs to '{first_term}'"
                hint = "Remove it from one of them."
                line = entry.lines.get("also", entry.line)
                problems.append(problem("bad-value", file.path, message, hint=hint, line=line))
    return terms, problems
