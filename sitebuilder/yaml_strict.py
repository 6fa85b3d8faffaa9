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

from sitebuilder.problems import Problem, problem

DEEPEST: Final = 20
"""Levels of nesting. Our own files use four; a file of thousands would exhaust the stack."""

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # C where the wheel has it: 7x faster

_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})


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
    unreadable: list[Problem] = []
    lost: list[str] = []
    while True:
        reader = _Reader(lines, path, first_line)
        try:
            for event in yaml.parse("\n".join(lines), Loader=_Loader):
                if not reader.take(event):
                    break
        except yaml.YAMLError as error:
            trouble = _syntax_problem(error, reader)
            unreadable.append(trouble)
            name = _blank_entry(lines, trouble.line - first_line)
            if name is None or len(unreadable) == _MOST_SLIPS:
                return None, unreadable + reader.problems
            lost += [name] if name else []
            continue
        root = reader.root
        if isinstance(root, Fields) and lost:
            root = msgspec.structs.replace(root, lost=tuple(lost))
        return root, unreadable + reader.problems


_MOST_SLIPS: Final = 20
_ENTRY: Final = re.compile(r"[^\s#-][^:]*(?=:)")


def _blank_entry(lines: list[str], at: int) -> str | None:
    """Empty the top-level field that holds line `at`; its name, or None if there is none.

    A line that is no field at all is emptied alone, and has no name.
    """
    start = next((i for i in range(at, -1, -1) if _ENTRY.match(lines[i])), None)
    if re.match(r"[^\s#\]})-]", lines[at]) and not _ENTRY.match(lines[at]):
        start = at
    if start is None:
        return None
    name = _ENTRY.match(lines[start])
    lines[start] = ""
    for i in range(start + 1, len(lines)):
        if lines[i][:1].strip():
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
        plain = event.style is None or event.style == ""
        value = "" if plain and event.value in _NULLS else event.value
        if plain and value:
            end = event.end_mark
            rest = self.lines[end.line][end.column :] if end.line < len(self.lines) else ""
            if re.match(r"\s+#", rest):
                self.say(
                    event.start_mark,
                    "text after ' #' would be lost",
                    f'Put quotes round the whole value: "{value}{rest.rstrip()}". '
                    "A note needs a line of its own.",
                )
        bad = next((c for c in value if 0xD800 <= ord(c) <= 0xDFFF), None)  # noqa: PLR2004
        if bad:
            self.say(
                event.start_mark, f"character U+{ord(bad):04X} cannot be written", "Delete it."
            )
            value = value.replace(bad, "")
        return Text(value, *self.place(event.start_mark), plain)

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
        if key.value == "<<":
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


_NO_ADVICE: Final = ["this cannot be read as YAML", "Compare it with a page that works."]
_TABBED: Final = re.compile(r"[ ]*\t")

_ADVICE: Final = (
    (
        "mapping values are not allowed",
        "a ':' inside the value confuses the reader",
        'Put quotes round the value: title: "Stroke: what to do".',
    ),
    (
        "found character '\\t'",
        "a tab is used as a space",
        "Use spaces, never tabs, at the start of a line.",
    ),
    (
        "cannot start any token",
        "the value starts with a sign that has a meaning of its own",
        "Put quotes round the value.",
    ),
    (
        "could not find expected ':'",
        "a line is not of the form 'name: value'",
        "Write each field as 'name: value' on a line of its own.",
    ),
    (
        "invalid Unicode character",
        "this character cannot be written",
        "Delete it, or type the character itself.",
    ),
    (
        "unexpected end of stream",
        "a quote or bracket is opened and never closed",
        "Close it on the line where it starts.",
    ),
    (
        "did not find expected alphabetic",
        "a value that starts with '*' or '&' has a meaning of its own",
        "Put quotes round the value.",
    ),
    (
        "did not find expected",
        "the lines do not fit together here",
        "Check quotes, brackets and the spaces at the start of the line.",
    ),
)


def _syntax_problem(error: yaml.YAMLError, reader: _Reader) -> Problem:
    """What libyaml says, in words that help an editor."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    opened = getattr(error, "context", None) or ""
    if any(word in opened for word in ("quoted scalar", "flow", "simple key")):
        mark = error.context_mark  # type: ignore[attr-defined]  # where it starts, not the file's end
    said = f"{getattr(error, 'problem', None) or error}"
    line, column = reader.place(mark) if mark else (reader.first_line, 1)
    if mark and mark.line < len(reader.lines) and _TABBED.match(reader.lines[mark.line]):
        said = "found character '\\t'"
    line = min(line, reader.first_line + max(0, len(reader.lines) - 1))
    message, hint = next((words for sign, *words in _ADVICE if sign in said), _NO_ADVICE)
    return problem("yaml", reader.path, message, hint=hint, line=line, column=column)
