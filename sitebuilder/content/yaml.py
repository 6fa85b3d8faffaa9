"""YAML text in, values that know their line out. The only door to yaml.

The YAML that editors may write is small on purpose: text, lists and fields. Text stays text
(`12:30`, `no`, `0123`, `1.10` mean what they look like), and what YAML would do behind an
editor's back (anchors, tags, a key given twice, a lost `# comment`) is a problem with its line.
"""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec
import yaml

from sitebuilder.content.decode import FORBIDDEN_CHARACTERS
from sitebuilder.content.yaml_errors import MAX_PROBLEMS, explain_syntax_error, replace_lookalikes
from sitebuilder.core.lazy_regex import lazy_compile
from sitebuilder.core.problems import Problem, problem

MAX_DEPTH: Final = 20
"""Levels of nesting. Our own files use four; a file of thousands would exhaust the stack."""

MAX_VALUES: Final = 50_000
"""Values and names in one file. Our largest has some 4 000."""

MAX_RECOVERIES: Final = 20
_MAX_REPARSED_CHARACTERS: Final = 2_000_000
"""Characters that are read again after slips. A file of many slips is not worth more."""

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # C where the wheel has it: 7x faster

_NULL_VALUES: Final = frozenset({"~", "null", "Null", "NULL"})


class ScalarNode(msgspec.Struct, frozen=True):
    """One value: always text. An empty value and `null` are the empty text."""

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
    """Named values, in the order of the file, each name once.

    `lost` names fields that were there but could not be read; each has its problem already.
    """

    entries: tuple[tuple[ScalarNode, Node], ...]
    line: int
    column: int
    unreadable_keys: tuple[str, ...] = ()

    def get(self, name: str) -> Node | None:
        """The value of a field, or None."""
        return next((value for key, value in self.entries if key.value == name), None)


Node = ScalarNode | SequenceNode | MappingNode


def parse_yaml(text: str, path: str, first_line: int = 1) -> tuple[Node | None, list[Problem]]:
    """Read YAML `text`, which starts at `first_line` of the file `path`.

    Returns the value (None: empty, or not readable) and every problem found. A field that cannot
    be read is left out and the rest is read all the same, so one slip does not hide the next.
    """
    lines = text.split("\n")
    simple = _parse_simple_fields(lines, first_line) if text.isascii() else None
    if simple is not None:
        return simple, []
    unreadable = [] if text.isascii() else replace_lookalikes(lines, path, first_line)
    slips = 0
    lost: list[str] = []
    while True:
        reader = _Composer(lines, path, first_line)
        try:
            for event in yaml.parse("\n".join(lines), Loader=_Loader):
                if not reader.handle_event(event):
                    break
        except yaml.YAMLError as error:
            trouble = explain_syntax_error(error, lines, path, first_line)
            unreadable.append(trouble)
            slips += 1
            name = _blank_out_field(lines, trouble.line - first_line)
            if (
                name is None
                or slips == MAX_RECOVERIES
                or slips * len(text) > _MAX_REPARSED_CHARACTERS
            ):
                return None, unreadable + reader.problems
            lost += [name] if name else []
            continue
        root = reader.root
        if isinstance(root, MappingNode):
            root = msgspec.structs.replace(root, unreadable_keys=tuple(lost))
        return root, unreadable + reader.problems


_SIMPLE_FIELD: Final = re.compile(
    r"([a-z][a-z_]{0,60}): +(?:\"([^\"\\\x00-\x1f\x7f]*)\""
    r"|([A-Za-z0-9](?:[A-Za-z0-9 .,_/()-]*[A-Za-z0-9.,_/()-])?))"
)
"""A field on one line that can be read in one way only: most front matter has no other lines."""


def _parse_simple_fields(lines: list[str], first_line: int) -> MappingNode | None:
    """The fields, if all are simple; None: ask the parser. It takes five times as long."""
    entries: dict[str, tuple[ScalarNode, Node]] = {}
    for number, line in enumerate(lines, first_line):
        found = _SIMPLE_FIELD.fullmatch(line)
        if found is None or number - first_line > MAX_RECOVERIES:
            return None
        name, quoted, plain = found.groups()
        if name in entries or name in _NULL_VALUES or plain in _NULL_VALUES:
            return None
        at = found.start(2) if plain is None else found.start(3) + 1
        value = ScalarNode(plain or quoted, number, at, plain is not None)
        entries[name] = (ScalarNode(name, number, 1), value)
    return MappingNode(tuple(entries.values()), first_line, 1)


_COMMENT: Final = lazy_compile(r"\s+#")
_CURLY_QUOTED: Final = lazy_compile("“[^“”]*”|‘[^‘’]*’")  # noqa: RUF001 - that is the point
_FORBIDDEN_OR_SURROGATE: Final = lazy_compile(f"{FORBIDDEN_CHARACTERS.pattern}|[\ud800-\udfff]")
"""What cannot be in a file, but in a value that is written with escapes."""
_FIELD_NAME: Final = lazy_compile(r"[^\s#-][^:]*(?=:)")
_CONTINUATION_STARTS: Final = ("", *" \t-#]}")
"""How a line begins that belongs to the field above it."""


def _blank_out_field(lines: list[str], index: int) -> str | None:
    """Empty the top-level field that holds line `at`; its name, or None if there is none.

    A line that is no field at all is emptied alone, and has no name.
    """
    start = next((i for i in range(index, -1, -1) if _FIELD_NAME.match(lines[i])), None)
    if re.match(r"[^\s\]}-]", lines[index]):
        start = index
    if start is None:
        return None
    name = _FIELD_NAME.match(lines[start])
    for i in range(start, len(lines)):
        if i > index and lines[i][:1] not in _CONTINUATION_STARTS:
            break
        lines[i] = ""
    return name.group().strip() if name else ""


class _OpenCollection:
    """A list or a set of fields whose end has not been read yet."""

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
    """Builds nodes from parser events with a stack of its own, so depth cannot overflow it."""

    def __init__(self, lines: list[str], path: str, first_line: int) -> None:
        self.lines, self.path, self.first_line = lines, path, first_line
        self.problems: list[Problem] = []
        self.root: Node | None = None
        self.open_collections: list[_OpenCollection] = []
        self.event_count = 0

    def report(self, mark: Any, message: str, hint: str) -> None:
        """Note a problem at a place in the text."""
        line, column = self.locate(mark)
        self.problems.append(
            problem("yaml", self.path, message, hint=hint, line=line, column=column)
        )

    def locate(self, mark: Any) -> tuple[int, int]:
        last = len(self.lines) - 1  # what is empty may end below it
        return min(mark.line, last) + self.first_line, mark.column + 1

    def handle_event(self, event: Any) -> bool:
        """Take in one event; False: stop reading."""
        self.check_anchor_and_tag(event)
        self.event_count += 1
        if self.event_count > MAX_VALUES or len(self.problems) >= MAX_PROBLEMS:
            what = "values" if self.event_count > MAX_VALUES else "mistakes"
            self.report(
                event.start_mark, f"too many {what}; the file is read no further", "Part it."
            )
            return False
        if isinstance(event, yaml.ScalarEvent):
            self.attach(self.compose_scalar(event))
        elif isinstance(event, yaml.AliasEvent):
            self.attach(ScalarNode("", *self.locate(event.start_mark)))
        elif isinstance(event, yaml.CollectionStartEvent):
            fields = isinstance(event, yaml.MappingStartEvent)
            self.open_collections.append(
                _OpenCollection(*self.locate(event.start_mark), is_mapping=fields)
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
            sign = "*" if isinstance(event, yaml.AliasEvent) else "&"
            self.report(
                event.start_mark,
                f"YAML anchors and aliases ({sign}) are not allowed",
                f'Write the value out, or put quotes round it if it starts with "{sign}".',
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
        for bad in (
            () if value.isprintable() else sorted(set(_FORBIDDEN_OR_SURROGATE.findall(value)))
        ):
            kind = "character" if "\ud800" <= bad <= "\udfff" else "control character"
            message = f"{kind} U+{ord(bad):04X} cannot be written"
            self.report(event.start_mark, message, "Delete it.")
            value = value.replace(bad, "")
        return ScalarNode(value, *self.locate(event.start_mark), plain)

    def check_plain_scalar(self, event: Any, value: str) -> None:
        """What an editor wrote that YAML would drop, or keep where it was not meant to be."""
        end = event.end_mark
        line = "".join(self.lines[end.line : end.line + 1])  # what is empty may end below it
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
        """Hang a finished node where it belongs."""
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
        before = parent.entries.get(key.value)
        if not key.value:
            hint = "Write 'name: value'. Put quotes round a name that starts with '[' or '{'."
            message = "a field without a name"
        elif key.value == "<<":
            hint = "Write the fields out one by one."
            message = "YAML merge keys (<<) are not allowed"
        elif before is not None:
            message = f"key '{key.value}' is already set on line {before[0].line}"
            hint = "Keep one of the two lines."
        else:
            parent.entries[key.value] = (key, node)
            return
        self.problems.append(
            problem("yaml", self.path, message, hint=hint, line=key.line, column=key.column)
        )


def _shorten_tag(tag: str) -> str:
    return tag.replace("tag:yaml.org,2002:", "!!")
