"""Where links, tags, headings and source marks stand in a Markdown body. Markdown does not say.

In: a page. Out: problems and references, each with its line in the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Final

from sitebuilder.markup.blocks import lines_outside_code
from sitebuilder.model import Page, Reference
from sitebuilder.problems import Problem, problem

_TARGET: Final = re.compile(
    r"\]\(\s*(?:<(?P<angle>[^>\n]*)>|(?P<plain>[^\s()]*(?:\([^\s()]*\)[^\s()]*)*))"
    r"|^ {0,3}\[[^\]^][^\]]*\]:\s*<?(?P<defined>[^\s>]+)"
    r"|<(?P<auto>[a-z]+:[^>\s]+|[^>\s@]+@[^>\s]+)>",
    re.IGNORECASE,
)
_TAG: Final = re.compile(r"(?<!\\)<(?P<name>/?[A-Za-z][A-Za-z0-9-]*)(?=[\s/>])[^>]*(?:>|$)")
_SPAN: Final = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)")
_NOTE: Final = re.compile(r"(?P<defined>^ {0,3})?\[\^(?P<name>[^\]\s]+)\](?P<colon>:)?")
_ATX: Final = re.compile(r"(?P<hashes>#{1,6})(?!#)[ \t]*(?P<text>.*)")


class Scan:
    """A page's source, read line by line, code left out."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.lines = [
            (number + page.body_line, _SPAN.sub(lambda m: " " * len(m.group()), line))
            for number, line in lines_outside_code(page.body)
            if not line.startswith(("    ", "\t"))
        ]

    def problems(self) -> list[Problem]:
        return [*self.raw_html(), *self.heading_order(), *self.source_marks()]

    def say(self, rule: str, line: int, column: int, message: str, hint: str) -> Problem:
        return problem(rule, self.page.path, message, hint=hint, line=line, column=column)

    def raw_html(self) -> Iterator[Problem]:
        hint = "Write it in Markdown, or use a block. A '<' on its own is fine."
        opened: set[str] = set()
        for line, text in self.lines:
            for tag in _TAG.finditer(text) if "<" in text else ():
                name = tag["name"].lower()
                if name.removeprefix("/") not in opened or name[0] != "/":  # one report an element
                    message = f"<{name}> is not allowed in pages"
                    yield self.say("raw-html", line, tag.start() + 1, message, hint)
                opened.add(name)

    def heading_order(self) -> Iterator[Problem]:
        before, depth = 1, 0
        for line, text in self.lines:
            if text.startswith(":::"):
                depth += 1 if text.strip(": \t") else -1
            found = _ATX.match(text) if text.startswith("#") and depth <= 0 else None
            if not found:
                continue
            level = len(found["hashes"])
            if level == 1:
                hint = "Use '## '. The page's title is its only first-level heading."
                yield self.say("heading", line, 1, "a second page title", hint)
                level = 2
            elif level > before + 1:
                hint = f"Use '{'#' * (before + 1)} '."
                message = f"this heading skips from level {before} to {level}"
                yield self.say("heading", line, 1, message, hint)
            before = level

    def source_marks(self) -> Iterator[Problem]:
        defined: dict[str, int] = {}
        used: dict[str, tuple[int, int]] = {}
        for line, text in self.lines:
            for found in _NOTE.finditer(text) if "[^" in text else ():
                if found["defined"] is not None and found["colon"]:
                    defined.setdefault(found["name"], line)
                else:
                    used.setdefault(found["name"], (line, found.start() + 1))
        for name, (line, column) in used.items():
            if name not in defined:
                hint = f"Add a line '[^{name}]: ...' at the foot of the page."
                yield self.say("source-mark", line, column, f"no source '{name}'", hint)
        for name, line in defined.items():
            if name not in used:
                hint = f"Write [^{name}] where it is used, or delete the line."
                yield self.say("source-mark", line, 1, f"source '{name}' is never used", hint)

    def references(self, clean: str, refused: list[str]) -> Iterator[Reference]:
        """Every target on the page, with its place; refused ones too."""
        places: dict[str, list[tuple[int, int]]] = {}
        for line, text in self.lines:
            for found in _TARGET.finditer(text) if any(c in text for c in "](<") else ():
                name = next((n for n, value in found.groupdict().items() if value), None)
                if name:
                    places.setdefault(found[name], []).append((line, found.start(name) + 1))
        targets = [
            (unescape(value), name == "src")
            for name, value in re.findall(r' (href|src)="([^"]*)"', clean)
        ]
        for target, picture in [*targets, *((unescape(t), False) for t in refused)]:
            if target.startswith(("#fn:", "#fnref")):
                continue
            line, column = self.place(places, target)
            yield Reference(target, line, column, picture)

    def place(self, places: dict[str, list[tuple[int, int]]], target: str) -> tuple[int, int]:
        known = places.get(target) or places.get(target.removeprefix("mailto:"))
        if known:
            return known.pop(0) if len(known) > 1 else known[0]
        near = next((line for line, text in self.lines if target in text), self.page.body_line)
        return near, 1
