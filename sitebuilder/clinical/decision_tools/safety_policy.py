"""content/emergency.yaml in; what every decision tool is held against out.

It stands apart from the tools, so that no slip in a tool can also loosen the check of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from msgspec.structs import replace

from sitebuilder.content import schema
from sitebuilder.content.entries import Entry, entries, load, name
from sitebuilder.content.schema import Field, Reader, Wrong
from sitebuilder.content.yaml import Fields, Node
from sitebuilder.core.decision_tool import Gate, Guard, Says, Surgery
from sitebuilder.core.evidence import Knowledge
from sitebuilder.core.model import File
from sitebuilder.core.problems import ERROR, Problem, problem

LEVELS: Final = ("emergency", "urgent", "clinician")


def outcome_name(node: Node) -> str:
    """The name of a result: capital letters."""
    value = schema.text(node)
    if not value.replace("_", "").isalpha() or not value.isupper():
        raise Wrong(node, f"'{value}' is not the name of a result", "Use capitals: SEE_DOCTOR.")
    return value


def by_name(reader: Reader) -> Reader:
    """A reader of named values, in the order of the file."""

    def mapping(node: Node) -> dict[str, Any]:
        if not isinstance(node, Fields):
            raise Wrong(node, "has no fields of its own", "Write 'name: value' below it.")
        return {key.value: reader(value) for key, value in node.entries}

    return mapping


_LINES: Final = schema.list_of(schema.text)
_NAMES: Final = schema.list_of(name)

GATE: Final[Mapping[str, Field]] = {
    "lets_on": Field(by_name(schema.text), "the answers that lead further", required=True),
    "stops": Field(by_name(schema.text), "the answers that do not", required=True),
    "leads_to": Field(outcome_name, "the result of any answer that stops", required=True),
    "signs": Field(name, "the list of signs that it asks for"),
}

SAYS: Final[Mapping[str, Field]] = {
    "level": Field(schema.one_of(*LEVELS), "how it is shown", required=True),
    "title": Field(_LINES, "words that its title holds", required=True),
    "body": Field(_LINES, "words that its lines hold", required=True),
    "links": Field(schema.one_of("none", "some"), "whether it may link"),
}

SURGERY: Final[Mapping[str, Field]] = {
    "only_if": Field(by_name(_NAMES), "the answers, by question", required=True),
    "outcomes": Field(schema.list_of(outcome_name), "results that suggest surgery in words"),
}

LISTS: Final[Mapping[str, Field]] = {
    "surgery_pages": Field(_NAMES, "pages about one operation"),
    "routes": Field(_NAMES, "pages that lead to a person"),
    "guarded": Field(_LINES, "words that no tool may say"),
}


def parse_guard(file: File | None, known: Knowledge) -> tuple[Guard, list[Problem]]:
    """What tools are held against. Without it (a site without tools) everything is empty."""
    if file is None:
        return Guard(), []
    node, _ = load(file)  # `signs` tells what is wrong with the file as such
    root = node if isinstance(node, Fields) else Fields((), 1, 1)
    problems: list[Problem] = []

    def named(field: str, table: Mapping[str, Field], what: str) -> list[Entry]:
        part = root.get(field)
        if isinstance(part, Fields) and what == "result":  # these have names of their own
            return _results(part, table, file.path, problems)
        found, wrong = entries(part, table, file.path, what)
        problems.extend(wrong)
        return [one for one in found if one.whole]

    plain = Fields(tuple(e for e in root.entries if e[0].value in LISTS), root.line, root.column)
    lists, _, wrong = schema.read(plain, LISTS, file.path, "emergency")
    problems += wrong
    guard = Guard(
        gates=tuple(_made(Gate, one) for one in named("gates", GATE, "gate")),
        says={one.name: _made(Says, one) for one in named("says", SAYS, "result")},
        surgery={one.name: _made(Surgery, one) for one in named("surgery", SURGERY, "tool")},
        **lists,
    )
    problems += _of_gates(guard, known, file.path)
    # config could make these milder; what tools are held against may not crumble unseen
    return guard, [replace(one, rule="tool", severity=ERROR) for one in problems]


def _results(
    part: Fields, table: Mapping[str, Field], path: str, problems: list[Problem]
) -> list[Entry]:
    found = []
    for key, value in part.entries:
        values, lines, wrong = schema.read(value, table, path, f"the result '{key.value}'")
        problems += wrong
        if not wrong:
            found.append(Entry(key.value, key.line, values, lines, whole=True))
    return found


def _made(kind: Callable[..., Any], entry: Entry) -> Any:
    return kind(name=entry.name, line=entry.line, **entry.values)


def _of_gates(guard: Guard, known: Knowledge, path: str) -> Iterator[Problem]:
    """Gates that name no known list, or a result that nothing is asked of."""
    for gate in guard.gates:
        if gate.signs and gate.signs not in known.lists:
            message = f"{gate.name}: there is no list '{gate.signs}'"
            hint = "Name one of 'lists:'."
            yield problem("unknown-sign", path, message, hint=hint, line=gate.line)
        if gate.leads_to not in guard.says:
            message = f"{gate.name}: nothing says what '{gate.leads_to}' has to say"
            hint = f"Add '{gate.leads_to}:' under 'says:'."
            yield problem("bad-value", path, message, hint=hint, line=gate.line)
