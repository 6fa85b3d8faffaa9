"""The blocks that editors write: one plain syntax for all, and what each may hold.

    ::: emergency Call 911 now if:
    - you cannot pass urine
    :::

In: a Markdown body. Out: the same body with each fence turned into a mark that survives Markdown,
and what each mark stands for. A new block is a row in KINDS, a macro in templates/blocks.html and
a style. Only blocks that do more than hold words are named elsewhere too: `compare`, `figure`,
`do-not`, and `emergency`, which stands above a page's contents.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from sitebuilder.content.schema import nearest
from sitebuilder.core.problems import Problem, problem

OPEN, CLOSE = "\ue000", "\ue001"
"""What marks are made of. Private characters: `text.decode` takes them out of what people write."""

DEEPEST: Final = 8
"""Blocks in one another. A heading inside the innermost still has a level of its own."""


class Kind(msgspec.Struct, frozen=True):
    """What a block of one name may hold. `least` counts its list items, parts or tables.

    The fields in `numbers` are whole numbers; `files`: its title names files, parted by spaces;
    `filled`: it is made from data of the whole site.
    """

    about: str
    title: Literal["none", "optional", "required"] = "optional"
    form: Literal["text", "list", "items", "table", "none"] = "text"
    least: int = 0
    fields: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    files: bool = False
    filled: bool = False


KINDS: Final[Mapping[str, Kind]] = {
    "key-facts": Kind("the 3 to 5 points to take away", form="list", least=2),
    "emergency": Kind("who should call an ambulance", form="list", least=1, fields=("signs",)),
    "same-day": Kind("who should call a doctor today", form="list", least=1, fields=("signs",)),
    "routine": Kind("who should call in office hours", form="list", least=1),
    "warning": Kind("a common mistake or danger", title="required"),
    "do": Kind("what helps", form="list", least=2),
    "do-not": Kind("what harms; each line starts with 'do not'", form="list", least=2),
    "steps": Kind("steps in order, each under a heading", title="none", form="items", least=2),
    "timeline": Kind("times in order, each under a heading", title="none", form="items", least=2),
    "figure": Kind(
        "a picture, its caption, and its long description as the text",
        title="required",
        fields=("alt", "caption", "names"),
        required=("alt", "caption"),
        files=True,
    ),
    "chance": Kind(
        "how many of 10, 20 or 100 people something happens to, said in the title and drawn",
        title="required",
        form="none",
        fields=("fact", "count", "of"),
        required=("count", "of"),
        numbers=("count", "of"),
    ),
    "option": Kind(
        "one of several choices, told under the same headings as the others",
        title="required",
        form="items",
        least=3,
    ),
    "more": Kind("detail that few readers need, closed until asked for", title="required"),
    "compare": Kind("a table of choices side by side", title="required", form="table", least=1),
    "glossary": Kind("every word of glossary.yaml", title="none", form="none", filled=True),
    "references": Kind("every source of the site", title="none", form="none", filled=True),
    "facts": Kind("every fact of the site, or of the grade in its title", form="none", filled=True),
}

Fills = Mapping[str, str]
"""What comes from data, as Markdown: by `signs NAME`, by the name of a block that is filled, and
by `fact NAME` the two numbers that a `chance` draws."""

NO_FILLS: Final[Fills] = {}


class Fence(msgspec.Struct):
    """One block as written: its name, line and fields. `from_fact`: a fact gives its numbers."""

    name: str
    line: int
    title: str = ""
    from_fact: bool = False
    fields: dict[str, str] = {}


_FENCE: Final = re.compile(r" {0,3}:::+[ \t]*(?P<name>[^\s]*)[ \t]*(?P<title>.*?)[ \t]*$")
_FIELD: Final = re.compile(r"(?P<name>[a-z-]+):[ \t]+(?P<value>.*\S)[ \t]*$")
_CODE: Final = re.compile(r"(?P<indent> {0,3})(?P<fence>`{3,}|~{3,})(?P<rest>.*)$")
_LANGUAGE: Final = re.compile(r"[\s{.]*([\w#+-][\w#.+-]*)?")


def lines_outside_code(body: str) -> list[tuple[int, str]]:
    """The lines of a body that are not in a fenced code block, with their numbers from 0."""
    lines = body.split("\n")
    return plain_code(lines)[1] if "```" in body or "~~~" in body else list(enumerate(lines))


def plain_code(lines: list[str]) -> tuple[list[str], list[tuple[int, str]], int | None]:
    """The lines with their code fences as Markdown reads them, and the lines outside of code.

    Python-Markdown takes a fence only at the start of a line, with no more than a language behind
    it, and closed by its very likeness; elsewhere people write what CommonMark takes (section 4.5).
    Last: the number of the line with a fence that is never closed, or None.
    """
    plain, outside = list(lines), []
    fence, indent, opened = "", 0, 0
    for number, line in enumerate(lines):
        code = _CODE.match(line) if "```" in line or "~~~" in line else None
        if fence and code and code["fence"].startswith(fence) and not code["rest"].strip():
            plain[number], fence = fence, ""
        elif fence:
            plain[number] = line[min(indent, len(line) - len(line.lstrip(" "))) :]
        elif code and "`" not in code["rest"]:
            fence, indent, opened = code["fence"], len(code["indent"]), number
            language = _LANGUAGE.match(code["rest"])
            plain[number] = fence + (language[1] or "" if language else "")
        else:
            outside.append((number, line))
    return [*plain, fence] if fence else plain, outside, opened if fence else None


def mark(
    body: str, path: str, first_line: int, fills: Fills = NO_FILLS
) -> tuple[str, list[Fence], list[Problem]]:
    """Turn fences into marks. `first_line` is the line of the file that the body starts on."""
    if not (":::" in body or "```" in body or "~~~" in body):
        return body, [], []
    marker = _Marker(path, fills)
    lines, outside, never_closed = plain_code(body.split("\n"))
    if never_closed is not None:
        hint = "Add a line of the same signs where the code ends."
        marker.say(never_closed + first_line, "the code is never closed", hint)
    for number, line in outside:
        field = marker.takes_field(line, number + first_line)
        if field is not None:
            lines[number] = field
            continue
        fence = _FENCE.match(line) if ":::" in line else None
        if fence:
            lines[number] = marker.fence(fence["name"], fence["title"], number + first_line)
    for open_at in reversed(marker.open):
        found = marker.fences[open_at]
        marker.say(found.line, f"the block '{found.name}' is never closed", "Add a line ':::'.")
        lines.append(_mark("E", open_at))
    text = "\n".join(lines)
    for at, fence_ in enumerate(marker.fences):
        text = text.replace(_mark("B", at), _mark("B", at) + _inner_marks(at, fence_))
    return text, marker.fences, marker.problems


def _mark(letter: str, number: int, text: str = "") -> str:
    return f"\n\n{OPEN}{letter}{number}{CLOSE}{text}\n\n"


def _inner_marks(at: int, fence: Fence) -> str:
    marks = [_mark("T", at, f" {fence.title}")] if fence.title else []
    marks += [_mark(f"F{name}.", at, f" {value}") for name, value in fence.fields.items()]
    return "".join(marks)


class _Marker:
    """What has been read of a body so far."""

    def __init__(self, path: str, fills: Fills) -> None:
        self.path, self.fills = path, fills
        self.fences: list[Fence] = []
        self.open: list[int] = []
        self.problems: list[Problem] = []
        self.in_fields = False
        self.for_patients = path.startswith("content/")

    def say(self, line: int, message: str, hint: str, rule: str = "block") -> None:
        self.problems.append(problem(rule, self.path, message, hint=hint, line=line))

    def takes_field(self, line: str, number: int) -> str | None:
        """What stands in place of this line if it is a field of the block just opened."""
        field = _FIELD.match(line) if self.in_fields else None
        if field is None:
            self.in_fields = False
            return None
        fence = self.fences[self.open[-1]]
        name = field["name"]
        known = KINDS[fence.name].fields
        if name not in known:
            near = nearest(name, known)
            hint = f"Did you mean '{near}'?" if near else f"It has: {', '.join(known)}."
            self.say(number, f"the block '{fence.name}' has no field '{name}'", hint)
        if name in KINDS[fence.name].numbers and not re.fullmatch(r"[0-9]{1,3}", field["value"]):
            message = f"'{name}: {field['value']}' is not a whole number"
            self.say(number, message, "Write digits, such as 5.")
        fence.fields[name] = field["value"]
        if name == "signs" and name in known:
            return self.filled(f"signs {field['value']}", "unknown-sign", "list of signs", number)
        if name == "fact" and name in known:
            numbers = self.filled(f"fact {field['value']}", "unknown-fact", "fact", number)
            del fence.fields[name]
            fence.from_fact = True
            if numbers:
                fence.fields["count"], fence.fields["of"] = numbers.split()
            elif f"fact {field['value']}" in self.fills:
                message = f"the fact '{field['value']}' cannot be drawn"
                self.say(number, message, "It has to be one number of 10, 20 or 100 people.")
        return ""

    def filled(self, key: str, rule: str, what: str, line: int) -> str:
        """What data has for `key`; a problem if it has nothing."""
        if key not in self.fills:
            first, _, name = key.partition(" ")
            known = [k.partition(" ")[2] for k in self.fills if k.startswith(f"{first} ")]
            near = nearest(name, known)
            file = {"signs": "emergency", "fact": "facts"}[first]
            hint = f"Did you mean '{near}'?" if near else f"Look up its name: content/{file}.yaml."
            self.say(line, f"there is no {what} '{name}'", hint, rule)
        return self.fills.get(key, "")

    def fence(self, name: str, title: str, line: int) -> str:
        """The mark for a fence line."""
        if not name:
            return self.close(line)
        kind = KINDS.get(name)
        if kind is None:
            near = nearest(name, KINDS)
            hint = f"Did you mean '{near}'?" if near else "Use one of: " + ", ".join(KINDS) + "."
            self.say(line, f"there is no block '{name}'", hint)
        elif kind.title == "required" and not title:
            self.say(line, f"the block '{name}' needs a title", f"Write it as '::: {name} Title'.")
        elif kind.title == "none" and title:
            self.say(line, f"the block '{name}' has no title", "Put the title in a heading above.")
        if len(self.open) == DEEPEST:
            self.say(line, "nested too deep", f"Use at most {DEEPEST} blocks in one another.")
            return ""
        self.fences.append(Fence(name, line, title))
        self.open.append(len(self.fences) - 1)
        self.in_fields = bool(kind and kind.fields)
        filled = self.list_of(f"{name} {title}".strip(), line) if kind and kind.filled else ""
        return _mark("B", len(self.fences) - 1) + filled + "\n\n"

    def list_of(self, key: str, line: int) -> str:
        """What data of the whole site has for a block; a problem if it has nothing."""
        filled = self.fills.get(key, "")
        if self.for_patients and not filled.strip():
            hint = "Is it written as in docs/editing.md, and does content/ hold data for it?"
            self.say(line, f"there is nothing to show in the block '{key}'", hint)
        return filled

    def check_files(self, fence: Fence) -> None:
        """Whether each of a block's files has its words."""
        files = len(fence.title.split())
        for name in ("alt", "names"):
            parts = len(fence.fields.get(name, "").split(" | "))
            if name in fence.fields and parts != files:
                message = f"'{name}' has {parts} parts for {files} files"
                self.say(fence.line, message, "Write one for each, with ' | ' between them.")

    def check_count(self, fence: Fence) -> None:
        """Whether a part of a number of people is one."""
        count, of = fence.fields.get("count", ""), fence.fields.get("of", "")
        if of.isdecimal() and of not in {"10", "20", "100"}:
            self.say(fence.line, f"'of: {of}' is not 10, 20 or 100", "Count among as many people.")
        elif count.isdecimal() and of.isdecimal() and int(count) > int(of):
            self.say(fence.line, f"'count: {count}' is more than 'of: {of}'", "Mend one of them.")

    def close(self, line: int) -> str:
        if not self.open:
            hint = "Delete it, or add the line that opens the block."
            self.say(line, "':::' closes a block that was never opened", hint)
            return ""
        at = self.open.pop()
        fence = self.fences[at]
        kind = KINDS.get(fence.name, Kind(""))
        for name in () if fence.from_fact else set(kind.required) - set(fence.fields):
            hint = f"Add a line '{name}: ...' right below '::: {fence.name}'."
            self.say(fence.line, f"the block '{fence.name}' has no '{name}'", hint)
        if kind.files:
            self.check_files(fence)
        if "count" in kind.numbers:
            self.check_count(fence)
        if self.for_patients and "signs" in kind.fields and "signs" not in fence.fields:
            hint = "Write 'signs: NAME' right below: a list of content/emergency.yaml."
            message = f"the signs of this '{fence.name}' card are written by hand"
            self.say(fence.line, message, hint, "loose-signs")
        return _mark("E", at)
