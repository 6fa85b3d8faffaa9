"""Parse content/facts.yaml and content/references.yaml."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from sitebuilder.clinical.evidence.fractions import find_wrong_fractions
from sitebuilder.content import schema
from sitebuilder.content.entries import (
    Entry,
    parse_entries,
    parse_entry_name,
    parse_year,
)
from sitebuilder.content.schema import FieldError, FieldSpec
from sitebuilder.content.yaml import Node, load_yaml_file
from sitebuilder.core.evidence import READ_DEPTHS, SOURCE_GRADES, Fact, Source
from sitebuilder.core.model import File
from sitebuilder.core.problems import Problem, problem

_DENOMINATORS: Final = (10, 20, 100, 1000, 10000, 100000)


def _parse_value(node: Node) -> tuple[str, ...]:
    """Parse one number, or two (low and high), and return them as they are written."""
    values: tuple[str, ...] = schema.list_of(schema.text)(node)
    hint = "Write a whole number, or two: [4, 6]."
    if len(values) not in {1, 2}:
        raise FieldError(node, "a value is one number or two", hint)
    for value in values:
        if not re.fullmatch(r"[0-9]{1,7}(\.[0-9])?", value):
            raise FieldError(node, f"'{value}' is not a number", hint)
    if len(values) == 2 and float(values[0]) >= float(values[1]):  # noqa: PLR2004 - low, high
        raise FieldError(node, "the first number is not below the second", "Write [low, high].")
    return values


def _parse_denominator(node: Node) -> int:
    value = schema.text(node)
    if not value.isdecimal() or int(value) not in _DENOMINATORS:
        allowed = ", ".join(f"{n:,}" for n in _DENOMINATORS)
        raise FieldError(
            node, f"'of: {value}' is not a number of people", f"Use one of: {allowed}."
        )
    return int(value)


def _parse_url(node: Node) -> str:
    value = schema.text(node)
    if not re.fullmatch(r"https?://[^\s<>\"'()|\\]+", value):
        raise FieldError(node, f"'{value}' is not a web address", "Write https://...")
    return value


def _parse_doi(node: Node) -> str:
    value = schema.text(node)
    if not re.fullmatch(r"10\.[0-9]{4,9}/[^\s<>\"'|\\]+", value):
        raise FieldError(node, f"'{value}' is not a DOI", "Write it as 10.1001/jama.2022.5921.")
    return value


def _parse_pmid(node: Node) -> str:
    value = schema.text(node)
    if not re.fullmatch(r"[0-9]{4,9}", value):
        raise FieldError(node, f"'{value}' is not a PubMed number", "Write its digits.")
    return value


FACT_FIELDS: Final[Mapping[str, FieldSpec]] = {
    "sentence": FieldSpec(
        schema.text, "what pages say, with {figure} where the value goes", required=True
    ),
    "short": FieldSpec(schema.text, "a shorter form, for tables and lists"),
    "value": FieldSpec(_parse_value, "the number, or two: from, to"),
    "of": FieldSpec(_parse_denominator, "the number of people that the value counts among"),
    "unit": FieldSpec(schema.text, "what the value counts, if not people"),
    "bound": FieldSpec(schema.text, "the word before the value, such as about"),
    "who": FieldSpec(schema.text, "the people it is about"),
    "where": FieldSpec(schema.text, "the country"),
    "year": FieldSpec(parse_year, "the year of the source"),
    "grade": FieldSpec(schema.one_of(*SOURCE_GRADES), "how strong the source is", required=True),
    "not_covered": FieldSpec(schema.text, "what it does not tell"),
    "sources": FieldSpec(
        schema.list_of(parse_entry_name), "names of entries of references.yaml", required=True
    ),
}


SOURCE_FIELDS: Final[Mapping[str, FieldSpec]] = {
    "title": FieldSpec(schema.text, "what it is called", required=True),
    "source": FieldSpec(schema.text, "the journal, publisher or site", required=True),
    "kind": FieldSpec(schema.one_of(*SOURCE_GRADES), "how strong it is", required=True),
    "read": FieldSpec(schema.one_of(*READ_DEPTHS), "what of it was read", required=True),
    "authors": FieldSpec(schema.text, "who wrote it"),
    "year": FieldSpec(parse_year, "when it came out"),
    "details": FieldSpec(schema.text, "volume and pages"),
    "doi": FieldSpec(_parse_doi, "its DOI"),
    "pmid": FieldSpec(_parse_pmid, "its number in PubMed"),
    "url": FieldSpec(_parse_url, "where it can be read"),
    "keep": FieldSpec(schema.text, "why it is still used although it is old"),
}


def parse_facts(file: File | None) -> tuple[dict[str, Fact], list[Problem]]:
    """Parse the facts, by name. An incomplete fact is kept, with defaults for what is missing."""
    if file is None:
        return {}, []
    node, problems = load_yaml_file(file)
    entries, errors = parse_entries(node, FACT_FIELDS, file.path, "fact")
    problems += errors
    facts = {}
    for entry in entries:
        problems += _check_fact(entry, file.path)
        values = {"sentence": "", "grade": "study", "sources": (), **entry.values}
        facts[entry.name] = Fact(name=entry.name, line=entry.line, **values)
    return facts, problems


def _check_fact(entry: Entry, path: str) -> Iterator[Problem]:
    """Report a value that does not fit its unit or the sentences, and an empty list of sources."""

    def fact_problem(field: str, message: str, hint: str) -> Problem:
        line = entry.lines.get(field, entry.line)
        return problem("bad-value", path, f"{entry.name}: {message}", hint=hint, line=line)

    values = entry.values
    has_value = "value" in entry.lines
    for field in ("sentence", "short"):
        count = str(values.get(field, "{figure}" * has_value)).count("{figure}")
        if count != has_value:
            hint = "Write {figure} once, where the value goes. Without a value leave it out."
            yield fact_problem(field, f"'{field}' holds {{figure}} {count} times", hint)
    units = [field for field in ("of", "unit") if field in entry.lines]
    if has_value and len(units) != 1:
        hint = "Write 'of: 100' for people, or 'unit: weeks' for other things."
        yield fact_problem("value", "a value needs either 'of' or 'unit'", hint)
    if not has_value and (units or "bound" in entry.lines):
        yield fact_problem(units[0] if units else "bound", "there is no value", "Add 'value: ...'.")
    if "of" in values and any(float(v) > values["of"] for v in values.get("value", ())):
        yield fact_problem("value", f"the value is more than {values['of']}", "Fix one of them.")
    figure = Fact("", "", "", (), value=values.get("value", ()), of=values.get("of", 0)).figure
    for field in ("sentence", "short"):
        text = str(values.get(field, "")).replace("{figure}", figure)
        for _, message in find_wrong_fractions(text):
            yield fact_problem(field, message, "Fix one of the two.")
    if "sources" in values and not values["sources"]:
        yield fact_problem("sources", "no source", "Name at least one entry of references.yaml.")


def parse_sources(file: File | None) -> tuple[dict[str, Source], list[Problem]]:
    """Parse the sources, by name. An incomplete source is kept, with defaults."""
    if file is None:
        return {}, []
    node, problems = load_yaml_file(file)
    entries, errors = parse_entries(node, SOURCE_FIELDS, file.path, "source")
    defaults = {"title": "", "source": "", "kind": "clinic-page", "read": "part"}
    sources = {
        entry.name: Source(name=entry.name, line=entry.line, **{**defaults, **entry.values})
        for entry in entries
    }
    return sources, [*problems, *errors, *_check_same_work(sources.values(), file.path)]


def _check_same_work(sources: Iterable[Source], path: str) -> Iterator[Problem]:
    """Report two sources with one DOI or one PubMed number: they are one work."""
    first: dict[str, Source] = {}
    for source in sources:
        for name, value in (("DOI", source.doi.lower()), ("PubMed number", source.pmid)):
            other = first.setdefault(f"{name} {value}", source)
            if value and other is not source:
                message = f"'{source.name}' has the {name} of '{other.name}' on line {other.line}"
                hint = "Keep one of the two, or correct the number."
                yield problem("bad-value", path, message, hint=hint, line=source.line)
                break
