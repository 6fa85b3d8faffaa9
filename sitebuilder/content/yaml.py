"""Parse a strict subset of YAML into nodes that know their line and column.

The subset is small on purpose: text, lists and mappings. All scalars are text, so `12:30`, `no`,
`0123` and `1.10` mean what they look like. Features that surprise editors (anchors, tags, duplicate
keys, a `# comment` that cuts off a value) are reported as problems, as in StrictYAML.

No other module imports PyYAML. Only its event parser is used: recursive composers such as
`yaml.compose` exhaust the stack on deeply nested input.
"""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec
import yaml

from sitebuilder.content.decode import FORBIDDEN_CHARACTERS, decode_text
from sitebuilder.content.yaml_errors import (
    MAX_PROBLEMS,
    explain_syntax_error,
    insert_missing_spaces,
    replace_lookalikes,
)
from sitebuilder.core.lazy_regex import lazy_compile
from sitebuilder.core.model import File
from sitebuilder.core.problems import Problem, problem

MAX_DEPTH: Final = 20
"""Levels of nesting. Our own files use four; thousands would exhaust the stack of later stages."""

MAX_VALUES: Final = 50_000
"""Parser events in one file, about one for each key and value. Our largest has some 4,000."""

MAX_RECOVERIES: Final = 20
"""Syntax errors in one file after which it is not parsed again."""

_MAX_REPARSED_CHARACTERS: Final = 2_000_000
"""Characters that are parsed again after syntax errors, in total for one file."""

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # C where the wheel has it: 7x faster

_NULL_VALUES: Final = frozenset({"~", "null", "Null", "NULL"})


class ScalarNode(msgspec.Struct, frozen=True):
    """A scalar, which is always text. Null values are the empty string.

    Attributes:
        plain: The value is written without quotes.
    """

    value: str
    line: int
    column: int
    plain: bool = True


class SequenceNode(msgspec.Struct, frozen=True):
    """A list."""

    values: tuple[Node, ...]
    line: int
    column: int


class MappingNode(msgspec.Struct, frozen=True):
    """A mapping, in the order of the file, with unique keys.

    Attributes:
        unreadable_keys: Keys of fields that were left out because of a syntax error, which has
            been reported. They are not to be reported as missing.
    """

    entries: tuple[tuple[ScalarNode, Node], ...]
    line: int
    column: int
    unreadable_keys: tuple[str, ...] = ()

    def get(self, name: str) -> Node | None:
        """Return the value of a key, or None."""
        return next((value for key, value in self.entries if key.value == name), None)


Node = ScalarNode | SequenceNode | MappingNode


def load_yaml_file(file: File) -> tuple[Node | None, list[Problem]]:
    """Decode and parse a YAML file.

    Returns:
        The root node (None if the file is empty or unreadable) and the problems.
    """
    text, decode_problems = decode_text(file)
    node, problems = parse_yaml(text, file.path)
    return node, [*decode_problems, *problems]


def parse_yaml(text: str, path: str, first_line: int = 1) -> tuple[Node | None, list[Problem]]:
    """Parse a YAML document.

    A top-level field with a syntax error is left out and the rest is parsed again, so that one
    error does not hide the next.

    Args:
        text: The document.
        path: File that problems are reported for.
        first_line: Line of the file at which `text` starts.

    Returns:
        The root node (None if the document is empty or cannot be parsed) and the problems.
    """
    lines = text.split("\n")
    simple = _parse_simple_fields(lines, first_line) if text.isascii() else None
    if simple is not None:
        return simple, []
    problems = [] if text.isascii() else replace_lookalikes(lines, path, first_line)
    top_level = [index for index, line in enumerate(lines) if line[:1].isalpha()]
    problems += insert_missing_spaces(lines, path, first_line, top_level)
    syntax_errors = 0
    unreadable_keys: list[str] = []
    while True:
        composer = _Composer(lines, path, first_line)
        try:
            for event in yaml.parse("\n".join(lines), Loader=_Loader):
                if not composer.handle_event(event):
                    break
        except yaml.YAMLError as error:
            syntax_error = explain_syntax_error(error, lines, path, first_line)
            around = _field_around(lines, syntax_error.line - first_line)
            mended = insert_missing_spaces(lines, path, first_line, around)
            if mended:
                problems += mended
                continue
            problems.append(syntax_error)
            syntax_errors += 1
            key = _blank_out_field(lines, syntax_error.line - first_line)
            if (
                key is None
                or syntax_errors == MAX_RECOVERIES
                or syntax_errors * len(text) > _MAX_REPARSED_CHARACTERS
            ):
                return None, problems + composer.problems
            unreadable_keys += [key] if key else []
            continue
        root = composer.root
        if isinstance(root, MappingNode):
            root = msgspec.structs.replace(root, unreadable_keys=tuple(unreadable_keys))
        return root, problems + composer.problems


_SIMPLE_FIELD: Final = re.compile(
    r"([a-z][a-z_]{0,60}): +(?:\"([^\"\\\x00-\x1f\x7f]*)\""
    r"|([A-Za-z0-9](?:[A-Za-z0-9 .,_/()-]*[A-Za-z0-9.,_/()-])?))"
)
"""A field on one line that is unambiguous YAML. Most front matter has no other lines."""


def _parse_simple_fields(lines: list[str], first_line: int) -> MappingNode | None:
    """Parse a document of simple fields; None if it needs the parser, which takes 5x as long."""
    entries: dict[str, tuple[ScalarNode, Node]] = {}
    for number, line in enumerate(lines, first_line):
        match = _SIMPLE_FIELD.fullmatch(line)
        if match is None or number - first_line > MAX_RECOVERIES:
            return None
        name, quoted, plain = match.groups()
        if name in entries or name in _NULL_VALUES or plain in _NULL_VALUES:
            return None
        # Columns count from 1; that of a quoted value is the column of its quote.
        column = match.start(2) if plain is None else match.start(3) + 1
        value = ScalarNode(plain or quoted, number, column, plain is not None)
        entries[name] = (ScalarNode(name, number, 1), value)
    return MappingNode(tuple(entries.values()), first_line, 1)


_COMMENT: Final = lazy_compile(r"\s+#")
_CURLY_QUOTED: Final = lazy_compile("“[^“”]*”|‘[^‘’]*’")  # noqa: RUF001 - curly quotes are meant
_FORBIDDEN_OR_SURROGATE: Final = lazy_compile(f"{FORBIDDEN_CHARACTERS.pattern}|[\ud800-\udfff]")
"""Characters that `decode_text` keeps out of files, but that escapes can put into a value."""

_FIELD_NAME: Final = lazy_compile(r"[^\s#-][^:]*(?=:)")
_CONTINUATION_STARTS: Final = ("", *" \t-#]}")
"""First characters of lines that belong to the field above them; `""` is an empty line."""


def _field_around(lines: list[str], index: int) -> range:
    """Return the indexes of a line and of those above it in the same top-level field."""
    start = next(
        (i for i in range(index, -1, -1) if _FIELD_NAME.match(lines[i])), max(0, index - 3)
    )
    return range(start, index + 1)


def _blank_out_field(lines: list[str], index: int) -> str | None:
    """Blank the lines of the top-level field around a line.

    Returns:
        The key of the field; empty if the line belongs to no field and was blanked alone; None if
        there is nothing to blank.
    """
    start = next((i for i in range(index, -1, -1) if _FIELD_NAME.match(lines[i])), None)
    if re.match(r"[^\s\]}-]", lines[index]):
        start = index
    if start is None:
        return None
    key = _FIELD_NAME.match(lines[start])
    for i in range(start, len(lines)):
        if i > index and lines[i][:1] not in _CONTINUATION_STARTS:
            break
        lines[i] = ""
    return key.group().strip() if key else ""


class _OpenCollection:
    """A list or mapping whose end has not been parsed yet."""

    def __init__(self, line: int, column: int, *, is_mapping: bool) -> None:
        self.line, self.column, self.is_mapping = line, column, is_mapping
        self.pending_key: ScalarNode | None = None
        self.values: list[Node] = []
        self.entries: dict[str, tuple[ScalarNode, Node]] = {}

    def to_node(self) -> Node:
        if self.is_mapping:
            return MappingNode(tuple(self.entries.values()), self.line, self.column)
        return SequenceNode(tuple(self.values), self.line, self.column)


class _Composer:
    """Builds nodes from parser events, with an explicit stack instead of recursion."""

    def __init__(self, lines: list[str], path: str, first_line: int) -> None:
        self.lines, self.path, self.first_line = lines, path, first_line
        self.problems: list[Problem] = []
        self.root: Node | None = None
        self.open_collections: list[_OpenCollection] = []
        self.event_count = 0

    def report(self, mark: Any, message: str, hint: str) -> None:
        line, column = self.locate(mark)
        self.problems.append(
            problem("yaml", self.path, message, hint=hint, line=line, column=column)
        )

    def locate(self, mark: Any) -> tuple[int, int]:
        last_line = len(self.lines) - 1  # an empty value may be located below it
        return min(mark.line, last_line) + self.first_line, mark.column + 1

    def handle_event(self, event: Any) -> bool:
        """Process an event; return whether to go on."""
        self.check_anchor_and_tag(event)
        self.event_count += 1
        if self.event_count > MAX_VALUES or len(self.problems) >= MAX_PROBLEMS:
            excess = "values" if self.event_count > MAX_VALUES else "mistakes"
            self.report(
                event.start_mark, f"too many {excess}; the file is read no further", "Split it."
            )
            return False
        if isinstance(event, yaml.ScalarEvent):
            self.attach(self.compose_scalar(event))
        elif isinstance(event, yaml.AliasEvent):
            self.attach(ScalarNode("", *self.locate(event.start_mark)))
        elif isinstance(event, yaml.CollectionStartEvent):
            is_mapping = isinstance(event, yaml.MappingStartEvent)
            self.open_collections.append(
                _OpenCollection(*self.locate(event.start_mark), is_mapping=is_mapping)
            )
            if len(self.open_collections) > MAX_DEPTH:
                self.report(event.start_mark, "nested too deep", f"Use at most {MAX_DEPTH} levels.")
                return False
        elif isinstance(event, yaml.CollectionEndEvent):
            self.attach(self.open_collections.pop().to_node())
        elif isinstance(event, yaml.DocumentStartEvent) and self.root is not None:
            self.report(event.start_mark, "a second document starts here", "Delete the '---' line.")
            return False
        return True

    def check_anchor_and_tag(self, event: Any) -> None:
        anchor = getattr(event, "anchor", None)
        if anchor is not None:
            indicator = "*" if isinstance(event, yaml.AliasEvent) else "&"
            self.report(
                event.start_mark,
                f"YAML anchors and aliases ({indicator}) are not allowed",
                f'Write the value out, or put quotes round it if it starts with "{indicator}".',
            )
        tag = getattr(event, "tag", None)
        if tag is not None:
            self.report(
                event.start_mark,
                f"YAML tag {_shorten_tag(tag)} is not allowed",
                'Write the value as plain text; put quotes round it if it starts with "!".',
            )

    def compose_scalar(self, event: Any) -> ScalarNode:
        plain = not event.style
        value = "" if plain and event.value in _NULL_VALUES else event.value
        if plain and value:
            self.check_plain_scalar(event, value)
        forbidden = () if value.isprintable() else set(_FORBIDDEN_OR_SURROGATE.findall(value))
        for character in sorted(forbidden):
            kind = "character" if "\ud800" <= character <= "\udfff" else "control character"
            message = f"{kind} U+{ord(character):04X} cannot be written"
            self.report(event.start_mark, message, "Delete it.")
            value = value.replace(character, "")
        return ScalarNode(value, *self.locate(event.start_mark), plain)

    def check_plain_scalar(self, event: Any, value: str) -> None:
        """Report a comment that cuts off the value, and curly quotes that become part of it."""
        end = event.end_mark
        line = "".join(self.lines[end.line : end.line + 1])  # none below the last line
        if _COMMENT.match(line, end.column):
            rest = line[end.column :].rstrip()
            self.report(
                event.start_mark,
                "text after ' #' would be lost",
                f'Put quotes round the whole value: "{value}{rest}". '
                "A note needs a line of its own.",
            )
        if _CURLY_QUOTED.fullmatch(value):
            self.report(
                event.start_mark,
                "the curly quotes round the value would be part of it",
                f'Use straight ones: "{value[1:-1]}". To show the curly ones, put straight ones '
                "round them.",
            )

    def attach(self, node: Node) -> None:
        """Add a finished node to the innermost open collection, or make it the root."""
        if not self.open_collections:
            self.root = node
            return
        top = self.open_collections[-1]
        if not top.is_mapping:
            top.values.append(node)
        elif top.pending_key is None:
            top.pending_key = (
                node if isinstance(node, ScalarNode) else ScalarNode("", node.line, node.column)
            )
        else:
            self.attach_entry(top, top.pending_key, node)
            top.pending_key = None

    def attach_entry(self, parent: _OpenCollection, key: ScalarNode, node: Node) -> None:
        existing = parent.entries.get(key.value)
        if not key.value:
            hint = "Write 'name: value'. Put quotes round a name that starts with '[' or '{'."
            message = "a field without a name"
        elif key.value == "<<":
            hint = "Write the fields out one by one."
            message = "YAML merge keys (<<) are not allowed"
        elif existing is not None:
            message = f"key '{key.value}' is already set on line {existing[0].line}"
            hint = "Keep one of the two lines."
        else:
            parent.entries[key.value] = (key, node)
            return
        self.problems.append(
            problem("yaml", self.path, message, hint=hint, line=key.line, column=key.column)
        )


def _shorten_tag(tag: str) -> str:
    return tag.replace("tag:yaml.org,2002:", "!!")
