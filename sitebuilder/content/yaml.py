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

from sitebuilder.content.decode import HIDDEN
from sitebuilder.content.yaml_errors import MOST_TOLD, mended, syntax_problem
from sitebuilder.core.lazy_regex import lazy_compile
from sitebuilder.core.problems import Problem, problem

DEEPEST: Final = 20
"""Levels of nesting. Our own files use four; a file of thousands would exhaust the stack."""

MOST_VALUES: Final = 50_000
"""Values and names in one file. Our largest has some 4 000."""

MOST_SLIPS: Final = 20
_MOST_READ: Final = 2_000_000
"""Characters that are read again after slips. A file of many slips is not worth more."""

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # C where the wheel has it: 7x faster

_NULLS: Final = frozenset({"~", "null", "Null", "NULL"})


class Text(msgspec.Struct, frozen=True):
    """One value: always text. An empty value and `null` are the empty text."""

    value: str
    line: int
    column: int
    plain: bool = True


class Items(msgspec.Struct, frozen=True):
    """A list."""

    values: tuple[Node, ...]
    line: int
    column: int


class Fields(msgspec.Struct, frozen=True):
    """Named values, in the order of the file, each name once.

    `lost` names fields that were there but could not be read; each has its problem already.
    """

    entries: tuple[tuple[Text, Node], ...]
    line: int
    column: int
    lost: tuple[str, ...] = ()

    def get(self, name: str) -> Node | None:
        """The value of a field, or None."""
        return next((value for key, value in self.entries if key.value == name), None)


Node = Text | Items | Fields


def load(text: str, path: str, first_line: int = 1) -> tuple[Node | None, list[Problem]]:
    """Read YAML `text`, which starts at `first_line` of the file `path`.

    Returns the value (None: empty, or not readable) and every problem found. A field that cannot
    be read is left out and the rest is read all the same, so one slip does not hide the next.
    """
    lines = text.split("\n")
    simple = _simple(lines, first_line) if text.isascii() else None
    if simple is not None:
        return simple, []
    unreadable = [] if text.isascii() else mended(lines, path, first_line)
    slips = 0
    lost: list[str] = []
    while True:
        reader = _Reader(lines, path, first_line)
        try:
            for event in yaml.parse("\n".join(lines), Loader=_Loader):
                if not reader.take(event):
                    break
        except yaml.YAMLError as error:
            trouble = syntax_problem(error, lines, path, first_line)
            unreadable.append(trouble)
            slips += 1
            name = _blank_entry(lines, trouble.line - first_line)
            if name is None or slips == MOST_SLIPS or slips * len(text) > _MOST_READ:
                return None, unreadable + reader.problems
            lost += [name] if name else []
            continue
        root = reader.root
        if isinstance(root, Fields):
            root = msgspec.structs.replace(root, lost=tuple(lost))
        return root, unreadable + reader.problems


_SIMPLE: Final = re.compile(
    r"([a-z][a-z_]{0,60}): +(?:\"([^\"\\\x00-\x1f\x7f]*)\""
    r"|([A-Za-z0-9](?:[A-Za-z0-9 .,_/()-]*[A-Za-z0-9.,_/()-])?))"
)
"""A field on one line that can be read in one way only: most front matter has no other lines."""


def _simple(lines: list[str], first_line: int) -> Fields | None:
    """The fields, if all are simple; None: ask the parser. It takes five times as long."""
    entries: dict[str, tuple[Text, Node]] = {}
    for number, line in enumerate(lines, first_line):
        found = _SIMPLE.fullmatch(line)
        if found is None or number - first_line > MOST_SLIPS:
            return None
        name, quoted, plain = found.groups()
        if name in entries or name in _NULLS or plain in _NULLS:
            return None
        at = found.start(2) if plain is None else found.start(3) + 1
        value = Text(plain or quoted, number, at, plain is not None)
        entries[name] = (Text(name, number, 1), value)
    return Fields(tuple(entries.values()), first_line, 1)


_NOTE: Final = lazy_compile(r"\s+#")
_CURLY_PAIR: Final = lazy_compile("“[^“”]*”|‘[^‘’]*’")  # noqa: RUF001 - that is the point
_UNFIT: Final = lazy_compile(f"{HIDDEN.pattern}|[\ud800-\udfff]")
"""What cannot be in a file, but in a value that is written with escapes."""
_ENTRY: Final = lazy_compile(r"[^\s#-][^:]*(?=:)")
_INSIDE: Final = ("", *" \t-#]}")
"""How a line begins that belongs to the field above it."""


def _blank_entry(lines: list[str], at: int) -> str | None:
    """Empty the top-level field that holds line `at`; its name, or None if there is none.

    A line that is no field at all is emptied alone, and has no name.
    """
    start = next((i for i in range(at, -1, -1) if _ENTRY.match(lines[i])), None)
    if re.match(r"[^\s\]}-]", lines[at]):
        start = at
    if start is None:
        return None
    name = _ENTRY.match(lines[start])
    for i in range(start, len(lines)):
        if i > at and lines[i][:1] not in _INSIDE:
            break
        lines[i] = ""
    return name.group().strip() if name else ""


class _Open:
    """A list or a set of fields whose end has not been read yet."""

    def __init__(self, line: int, column: int, *, fields: bool) -> None:
        self.line, self.column, self.fields = line, column, fields
        self.key: Text | None = None
        self.values: list[Node] = []
        self.entries: dict[str, tuple[Text, Node]] = {}

    def close(self) -> Node:
        if self.fields:
            return Fields(tuple(self.entries.values()), self.line, self.column)
        return Items(tuple(self.values), self.line, self.column)


class _Reader:
    """Builds nodes from parser events with a stack of its own, so depth cannot overflow it."""

    def __init__(self, lines: list[str], path: str, first_line: int) -> None:
        self.lines, self.path, self.first_line = lines, path, first_line
        self.problems: list[Problem] = []
        self.root: Node | None = None
        self.open: list[_Open] = []
        self.values = 0

    def say(self, mark: Any, message: str, hint: str) -> None:
        """Note a problem at a place in the text."""
        line, column = self.place(mark)
        self.problems.append(
            problem("yaml", self.path, message, hint=hint, line=line, column=column)
        )

    def place(self, mark: Any) -> tuple[int, int]:
        last = len(self.lines) - 1  # what is empty may end below it
        return min(mark.line, last) + self.first_line, mark.column + 1

    def take(self, event: Any) -> bool:
        """Take in one event; False: stop reading."""
        self.look_for_tricks(event)
        self.values += 1
        if self.values > MOST_VALUES or len(self.problems) >= MOST_TOLD:
            what = "values" if self.values > MOST_VALUES else "mistakes"
            self.say(event.start_mark, f"too many {what}; the file is read no further", "Part it.")
            return False
        if isinstance(event, yaml.ScalarEvent):
            self.put(self.scalar(event))
        elif isinstance(event, yaml.AliasEvent):
            self.put(Text("", *self.place(event.start_mark)))
        elif isinstance(event, yaml.CollectionStartEvent):
            fields = isinstance(event, yaml.MappingStartEvent)
            self.open.append(_Open(*self.place(event.start_mark), fields=fields))
            if len(self.open) > DEEPEST:
                self.say(event.start_mark, "nested too deep", f"Use at most {DEEPEST} levels.")
                return False
        elif isinstance(event, yaml.CollectionEndEvent):
            self.put(self.open.pop().close())
        elif isinstance(event, yaml.DocumentStartEvent) and self.root is not None:
            self.say(event.start_mark, "a second document starts here", "Delete the '---' line.")
            return False
        return True

    def look_for_tricks(self, event: Any) -> None:
        anchor = getattr(event, "anchor", None)
        if anchor is not None:
            sign = "*" if isinstance(event, yaml.AliasEvent) else "&"
            self.say(
                event.start_mark,
                f"YAML anchors and aliases ({sign}) are not allowed",
                f'Write the value out, or put quotes round it if it starts with "{sign}".',
            )
        tag = getattr(event, "tag", None)
        if tag is not None:
            self.say(
                event.start_mark,
                f"YAML tag {_short_tag(tag)} is not allowed",
                'Write the value as plain text; put quotes round it if it starts with "!".',
            )

    def scalar(self, event: Any) -> Text:
        plain = not event.style
        value = "" if plain and event.value in _NULLS else event.value
        if plain and value:
            self.look_for_losses(event, value)
        for bad in () if value.isprintable() else sorted(set(_UNFIT.findall(value))):
            kind = "character" if "\ud800" <= bad <= "\udfff" else "control character"
            message = f"{kind} U+{ord(bad):04X} cannot be written"
            self.say(event.start_mark, message, "Delete it.")
            value = value.replace(bad, "")
        return Text(value, *self.place(event.start_mark), plain)

    def look_for_losses(self, event: Any, value: str) -> None:
        """What an editor wrote that YAML would drop, or keep where it was not meant to be."""
        end = event.end_mark
        line = "".join(self.lines[end.line : end.line + 1])  # what is empty may end below it
        if _NOTE.match(line, end.column):
            rest = line[end.column :].rstrip()
            self.say(
                event.start_mark,
                "text after ' #' would be lost",
                f'Put quotes round the whole value: "{value}{rest}". '
                "A note needs a line of its own.",
            )
        if _CURLY_PAIR.fullmatch(value):
            self.say(
                event.start_mark,
                "the curly quotes round the value would be part of it",
                f'Use straight ones: "{value[1:-1]}". To show the curly ones, put straight ones '
                "round them.",
            )

    def put(self, node: Node) -> None:
        """Hang a finished node where it belongs."""
        if not self.open:
            self.root = node
            return
        top = self.open[-1]
        if not top.fields:
            top.values.append(node)
        elif top.key is None:
            top.key = node if isinstance(node, Text) else Text("", node.line, node.column)
        else:
            self.put_entry(top, top.key, node)
            top.key = None

    def put_entry(self, top: _Open, key: Text, node: Node) -> None:
        before = top.entries.get(key.value)
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
            top.entries[key.value] = (key, node)
            return
        self.problems.append(
            problem("yaml", self.path, message, hint=hint, line=key.line, column=key.column)
        )


def _short_tag(tag: str) -> str:
    return tag.replace("tag:yaml.org,2002:", "!!")
