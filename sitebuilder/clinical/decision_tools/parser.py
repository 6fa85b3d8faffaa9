"""One YAML file of a tool while it is read: its mistakes, and its texts with facts put in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from msgspec.structs import replace

from sitebuilder.content import schema
from sitebuilder.content.entries import load_yaml_file
from sitebuilder.content.schema import FieldError, FieldSpec, closest_match
from sitebuilder.content.yaml import MappingNode, Node, ScalarNode, SequenceNode
from sitebuilder.core.evidence import Evidence
from sitebuilder.core.model import File
from sitebuilder.core.passage import Passage, TextRun
from sitebuilder.core.problems import ERROR, MAX_REPORTED, problem
from sitebuilder.markdown.shortcodes import SHORTCODE

_SHAPE_RULES: Final = frozenset(("bad-value", "missing-field", "unknown-field"))
"""Rules that config can make milder. In a tool nothing of the kind may pass."""


class ToolParser:
    """A file that is being read. `problems` grows; nothing raises."""

    def __init__(self, file: File, evidence: Evidence, page_ids: Iterable[str]) -> None:
        self.path, self.evidence, self.page_ids = file.path, evidence, frozenset(page_ids)
        self.used_facts: list[str] = []
        node, self.problems = load_yaml_file(file)
        self.root: Node = node or MappingNode((), 1, 1)

    def report(self, line: int, message: str, hint: str, column: int = 0) -> None:
        """Note that something cannot be read."""
        found = problem("tool", self.path, message, hint=hint, line=line, column=column)
        self.problems.append(found)

    def report_unknown(self, line: int, message: str, name: str, candidates: Iterable[str]) -> None:
        """Note that a name means nothing."""
        if len(self.problems) > MAX_REPORTED:  # looking for what was meant takes time
            self.report(line, message, "See the file that lists them.")
            return
        names = sorted(candidates)
        near = closest_match(name, names)
        many = ", ".join(names) if len(names) < 20 else "see the file that lists them"  # noqa: PLR2004
        hint = f"Did you mean '{near}'?" if near else f"It may be: {many or 'nothing yet'}."
        self.report(line, message, hint)

    @property
    def has_errors(self) -> bool:
        """Whether anything so far keeps the file from being used."""
        return any(p.severity == ERROR for p in self.problems)

    def parse_fields(
        self, node: Node | None, specs: Mapping[str, FieldSpec], what: str
    ) -> tuple[dict[str, Any], dict[str, int]]:
        """The good values of a part and the line of each."""
        values, lines, found = schema.parse_fields(node, specs, self.path, what)
        for one in found:
            shape = one.rule in _SHAPE_RULES
            self.problems.append(replace(one, rule="tool", severity=ERROR) if shape else one)
        return values, lines

    def list_items(self, node: Node | None, what: str) -> tuple[Node, ...]:
        """The parts of a list."""
        if isinstance(node, SequenceNode):
            return node.values
        if node is not None:
            self.report(node.line, f"{what} is not a list", "Write '- ...' for each of them.")
        return ()

    def named_items(self, node: Node | None, what: str) -> tuple[tuple[ScalarNode, Node], ...]:
        """The parts that have names."""
        if isinstance(node, MappingNode):
            return node.entries
        if node is not None:
            self.report(
                node.line, f"{what} has no names", "Write 'name:' with its fields below it."
            )
        return ()

    def parse_value(self, node: Node | None, reader: Callable[[Node], Any], default: Any) -> Any:
        """The value of a node; `empty` if there is none or it is wrong."""
        if node is None:
            return default
        try:
            return reader(node)
        except FieldError as wrong:
            for one in (wrong, *wrong.other_errors):
                self.report(one.node.line, one.message, one.hint, one.node.column)
            return default

    def parse_text(self, node: Node | None, kind: str) -> Passage:
        """A text with its facts put in. Each word knows whether it was typed here."""
        written: str = self.parse_value(node, schema.text, "")
        if not isinstance(node, ScalarNode) or not written:
            return Passage(kind, (TextRun("", 1, 1),))
        first = node.column + (not node.plain)
        runs: list[TextRun] = []
        at = 0
        for found in SHORTCODE.finditer(written):
            if not found["form"]:
                continue
            runs.append(TextRun(written[at : found.start()], node.line, first + at))
            runs.append(self._expand_shortcode(found, node.line, first + found.start()))
            at = found.end()
        runs.append(TextRun(written[at:], node.line, first + at))
        return Passage(kind, tuple(run for run in runs if run.text))

    def _expand_shortcode(self, match: re.Match[str], line: int, column: int) -> TextRun:
        name, _, why = (part.strip() for part in match["rest"].partition("|"))
        if match["form"] == "no-claim":
            if not why:
                message = f"'{name}' is marked as no claim without a reason"
                self.report(line, message, "Write {no-claim 6 weeks | the reason}.", column)
            else:
                message = f"'{name}' is marked as no claim: {why}"
                advice = problem("no-claim", self.path, message, line=line, column=column)
                self.problems.append(advice)
            return TextRun(name, line, column, "no-claim")
        self.used_facts.append(name)
        fact = self.evidence.facts.get(name)
        if fact is None:
            self.report_unknown(line, f"there is no fact '{name}'", name, self.evidence.facts)
            return TextRun(match[0], line, column, "fact")
        said = fact.text_for(match["form"])
        if not said:
            message = f"the fact '{name}' has no {match['form']}"
            self.report(line, message, f"Write {{fact {name}}}.", column)
        return TextRun(said, line, column, "fact")

    def require_pages(self, names: Iterable[str], line: int) -> None:
        """Note pages that do not exist."""
        for name in names:
            if name not in self.page_ids:
                self.report_unknown(line, f"there is no page '{name}'", name, self.page_ids)

    def require_facts(self, names: Iterable[str], line: int) -> None:
        """Note facts that do not exist, and that the tool rests on the others."""
        for name in names:
            self.used_facts.append(name)
            if name not in self.evidence.facts:
                self.report_unknown(line, f"there is no fact '{name}'", name, self.evidence.facts)
