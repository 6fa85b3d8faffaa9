"""Parse one YAML file of a decision tool: collect its errors and expand facts in its texts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from msgspec.structs import replace

from sitebuilder.content import schema
from sitebuilder.content.schema import FieldError, FieldSpec, closest_match
from sitebuilder.content.yaml import MappingNode, Node, ScalarNode, SequenceNode, load_yaml_file
from sitebuilder.core.evidence import Evidence
from sitebuilder.core.model import File
from sitebuilder.core.passage import Passage, TextRun
from sitebuilder.core.problems import ERROR, MAX_REPORTED, problem
from sitebuilder.markdown.shortcodes import SHORTCODE

_SCHEMA_RULES: Final = frozenset(("bad-value", "missing-field", "unknown-field"))
"""Rules that the config can lower. In a tool they are always errors."""


class ToolParser:
    """A file that is being parsed. Mistakes in it are added to `problems`, never raised.

    Attributes:
        path: Path of the file, for problems.
        page_ids: Ids of the pages that the tool may link to.
        used_facts: Names of the facts used so far, known or not, with repetitions.
        root: Root of the file's YAML; empty if it could not be parsed.
    """

    def __init__(self, file: File, evidence: Evidence, page_ids: Iterable[str]) -> None:
        self.path, self.evidence, self.page_ids = file.path, evidence, frozenset(page_ids)
        self.used_facts: list[str] = []
        node, self.problems = load_yaml_file(file)
        self.root: Node = node or MappingNode((), 1, 1)

    def scratch(self) -> ToolParser:
        """Return a copy of the parser that collects problems of its own."""
        copy = ToolParser.__new__(ToolParser)
        copy.__dict__.update(self.__dict__, problems=[], used_facts=[])
        return copy

    def report(self, line: int, message: str, hint: str, column: int = 0) -> None:
        """Add an error."""
        error = problem("tool", self.path, message, hint=hint, line=line, column=column)
        self.problems.append(error)

    def report_unknown(self, line: int, message: str, name: str, candidates: Iterable[str]) -> None:
        """Add an error about an unknown name, with the closest candidate or a list as the hint."""
        if len(self.problems) > MAX_REPORTED:  # finding the closest match takes time
            self.report(line, message, "See the file that lists them.")
            return
        names = sorted(candidates)
        by_lower = {each.lower(): each for each in names}
        near = by_lower.get(closest_match(name, by_lower), "")
        few = len(names) < 20  # noqa: PLR2004 - more would not fit into a hint
        listed = ", ".join(names) if few else "see the file that lists them"
        hint = f"Did you mean '{near}'?" if near else f"It may be: {listed or 'nothing yet'}."
        self.report(line, message, hint)

    @property
    def has_errors(self) -> bool:
        """Whether any problem is an error, so that the file cannot be used."""
        return any(p.severity == ERROR for p in self.problems)

    def parse_fields(
        self, node: Node | None, specs: Mapping[str, FieldSpec], what: str
    ) -> tuple[dict[str, Any], dict[str, int]]:
        """Parse the fields of a part; return the valid values and the lines, by field name."""
        values, lines, found = schema.parse_fields(node, specs, self.path, what)
        self.problems += [
            replace(each, rule="tool", severity=ERROR) if each.rule in _SCHEMA_RULES else each
            for each in found
        ]
        return values, lines

    def list_items(self, node: Node | None, what: str) -> tuple[Node, ...]:
        """Return the items of a list; none if it is missing. Report anything else."""
        if isinstance(node, SequenceNode):
            return node.values
        if node is not None:
            self.report(node.line, f"{what} is not a list", "Write '- ...' for each of them.")
        return ()

    def named_items(self, node: Node | None, what: str) -> tuple[tuple[ScalarNode, Node], ...]:
        """Return the entries of a mapping; none if it is missing. Report anything else."""
        if isinstance(node, MappingNode):
            return node.entries
        if node is not None:
            self.report(
                node.line, f"{what} has no names", "Write 'name:' with its fields below it."
            )
        return ()

    def parse_value(self, node: Node | None, reader: Callable[[Node], Any], default: Any) -> Any:
        """Parse a value; return `default` if it is missing, or invalid, which is reported."""
        if node is None:
            return default
        try:
            return reader(node)
        except FieldError as first:
            for error in (first, *first.other_errors):
                self.report(error.node.line, error.message, error.hint, error.node.column)
            return default

    def parse_text(self, node: Node | None, kind: str) -> Passage:
        """Parse a text and expand its shortcodes; each run of it records where it comes from.

        The passage is empty if the text is missing or invalid.

        Args:
            kind: Kind of the passage.
        """
        text: str = self.parse_value(node, schema.text, "")
        if not isinstance(node, ScalarNode) or not text:
            return Passage(kind, (TextRun("", 1, 1),))
        column = node.column + (not node.plain)  # of the first character, after any quote
        runs: list[TextRun] = []
        end = 0
        for match in SHORTCODE.finditer(text):
            if not match["form"]:
                continue
            runs.append(TextRun(text[end : match.start()], node.line, column + end))
            runs.append(self._expand_shortcode(match, node.line, column + match.start()))
            end = match.end()
        runs.append(TextRun(text[end:], node.line, column + end))
        return Passage(kind, tuple(run for run in runs if run.text))

    def _expand_shortcode(self, match: re.Match[str], line: int, column: int) -> TextRun:
        name, _, reason = (part.strip() for part in match["rest"].partition("|"))
        if match["form"] == "no-claim":
            if not reason:
                message = f"'{name}' is marked as no claim without a reason"
                self.report(line, message, "Write {no-claim 6 weeks | the reason}.", column)
            else:
                message = f"'{name}' is marked as no claim: {reason}"
                advice = problem("no-claim", self.path, message, line=line, column=column)
                self.problems.append(advice)
            return TextRun(name, line, column, "no-claim")
        self.used_facts.append(name)
        fact = self.evidence.facts.get(name)
        if fact is None:
            self.report_unknown(line, f"there is no fact '{name}'", name, self.evidence.facts)
            return TextRun(match[0], line, column, "fact")
        text = fact.text_for(match["form"])
        if not text:
            message = f"the fact '{name}' has no {match['form']}"
            self.report(line, message, f"Write {{fact {name}}}.", column)
        return TextRun(text, line, column, "fact")

    def require_pages(self, names: Iterable[str], line: int) -> None:
        """Report pages that do not exist."""
        for name in names:
            if name not in self.page_ids:
                self.report_unknown(line, f"there is no page '{name}'", name, self.page_ids)

    def require_facts(self, names: Iterable[str], line: int) -> None:
        """Record the facts that the tool rests on, and report those that do not exist."""
        for name in names:
            self.used_facts.append(name)
            if name not in self.evidence.facts:
                self.report_unknown(line, f"there is no fact '{name}'", name, self.evidence.facts)
