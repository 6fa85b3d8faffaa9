"""One YAML file of a tool while it is read: its mistakes, and its texts with facts put in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from msgspec.structs import replace

from sitebuilder.content import schema
from sitebuilder.content.entries import load
from sitebuilder.content.schema import Field, Wrong, nearest
from sitebuilder.content.yaml import Fields, Items, Node, Text
from sitebuilder.core.evidence import Knowledge
from sitebuilder.core.model import File
from sitebuilder.core.passage import Passage, Run
from sitebuilder.core.problems import ERROR, MOST_TOLD, problem
from sitebuilder.markdown.shortcodes import INSERT

_SHAPE: Final = frozenset(("bad-value", "missing-field", "unknown-field"))
"""Rules that config can make milder. In a tool nothing of the kind may pass."""


class Desk:
    """A file that is being read. `problems` grows; nothing raises."""

    def __init__(self, file: File, known: Knowledge, pages: Iterable[str]) -> None:
        self.path, self.known, self.pages = file.path, known, frozenset(pages)
        self.facts: list[str] = []
        node, self.problems = load(file)
        self.root: Node = node or Fields((), 1, 1)

    def say(self, line: int, message: str, hint: str, column: int = 0) -> None:
        """Note that something cannot be read."""
        found = problem("tool", self.path, message, hint=hint, line=line, column=column)
        self.problems.append(found)

    def unknown(self, line: int, message: str, name: str, known: Iterable[str]) -> None:
        """Note that a name means nothing."""
        if len(self.problems) > MOST_TOLD:  # looking for what was meant takes time
            self.say(line, message, "See the file that lists them.")
            return
        names = sorted(known)
        near = nearest(name, names)
        many = ", ".join(names) if len(names) < 20 else "see the file that lists them"  # noqa: PLR2004
        hint = f"Did you mean '{near}'?" if near else f"It may be: {many or 'nothing yet'}."
        self.say(line, message, hint)

    @property
    def broken(self) -> bool:
        """Whether anything so far keeps the file from being used."""
        return any(p.severity == ERROR for p in self.problems)

    def part(
        self, node: Node | None, table: Mapping[str, Field], what: str
    ) -> tuple[dict[str, Any], dict[str, int]]:
        """The good values of a part and the line of each."""
        values, lines, found = schema.read(node, table, self.path, what)
        for one in found:
            shape = one.rule in _SHAPE
            self.problems.append(replace(one, rule="tool", severity=ERROR) if shape else one)
        return values, lines

    def items(self, node: Node | None, what: str) -> tuple[Node, ...]:
        """The parts of a list."""
        if isinstance(node, Items):
            return node.values
        if node is not None:
            self.say(node.line, f"{what} is not a list", "Write '- ...' for each of them.")
        return ()

    def named(self, node: Node | None, what: str) -> tuple[tuple[Text, Node], ...]:
        """The parts that have names."""
        if isinstance(node, Fields):
            return node.entries
        if node is not None:
            self.say(node.line, f"{what} has no names", "Write 'name:' with its fields below it.")
        return ()

    def take(self, node: Node | None, reader: Callable[[Node], Any], empty: Any) -> Any:
        """The value of a node; `empty` if there is none or it is wrong."""
        if node is None:
            return empty
        try:
            return reader(node)
        except Wrong as wrong:
            for one in (wrong, *wrong.more):
                self.say(one.node.line, one.message, one.hint, one.node.column)
            return empty

    def text(self, node: Node | None, kind: str) -> Passage:
        """A text with its facts put in. Each word knows whether it was typed here."""
        written: str = self.take(node, schema.text, "")
        if not isinstance(node, Text) or not written:
            return Passage(kind, (Run("", 1, 1),))
        first = node.column + (not node.plain)
        runs: list[Run] = []
        at = 0
        for found in INSERT.finditer(written):
            if not found["form"]:
                continue
            runs.append(Run(written[at : found.start()], node.line, first + at))
            runs.append(self._insert(found, node.line, first + found.start()))
            at = found.end()
        runs.append(Run(written[at:], node.line, first + at))
        return Passage(kind, tuple(run for run in runs if run.text))

    def _insert(self, found: re.Match[str], line: int, column: int) -> Run:
        name, _, why = (part.strip() for part in found["rest"].partition("|"))
        if found["form"] == "no-claim":
            if not why:
                message = f"'{name}' is marked as no claim without a reason"
                self.say(line, message, "Write {no-claim 6 weeks | the reason}.", column)
            else:
                message = f"'{name}' is marked as no claim: {why}"
                advice = problem("no-claim", self.path, message, line=line, column=column)
                self.problems.append(advice)
            return Run(name, line, column, "no-claim")
        self.facts.append(name)
        fact = self.known.facts.get(name)
        if fact is None:
            self.unknown(line, f"there is no fact '{name}'", name, self.known.facts)
            return Run(found[0], line, column, "fact")
        said = fact.said(found["form"])
        if not said:
            message = f"the fact '{name}' has no {found['form']}"
            self.say(line, message, f"Write {{fact {name}}}.", column)
        return Run(said, line, column, "fact")

    def pages_known(self, names: Iterable[str], line: int) -> None:
        """Note pages that do not exist."""
        for name in names:
            if name not in self.pages:
                self.unknown(line, f"there is no page '{name}'", name, self.pages)

    def facts_known(self, names: Iterable[str], line: int) -> None:
        """Note facts that do not exist, and that the tool rests on the others."""
        for name in names:
            self.facts.append(name)
            if name not in self.known.facts:
                self.unknown(line, f"there is no fact '{name}'", name, self.known.facts)
