"""Where links, tags, headings and source marks stand in a Markdown body. Markdown does not say.

In: a page. Out: problems and references, each with its line in the file.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from html import unescape
from typing import Final

from sitebuilder.content.decode import FORBIDDEN_CHARACTERS
from sitebuilder.core.model import Page, Reference
from sitebuilder.core.problems import Problem, problem
from sitebuilder.markdown.blocks import lines_outside_code
from sitebuilder.markdown.lint_source import lint_source
from sitebuilder.markdown.shortcodes import SHORTCODE

_INLINE_TARGET: Final = re.compile(
    r"\]\(\s*(?:<(?P<angle>[^>\n]*)>|(?P<plain>[^\s()]*(?:\([^\s()]*\)[^\s()]*)*))"
)
_ANY_TARGET: Final = re.compile(
    rf"{_INLINE_TARGET.pattern}"
    r"|^ {0,3}\[[^\]^][^\]]*\]:\s*<?(?P<defined>[^\s>]+)"
    r"|<(?P<auto>[a-z]+:[^>\s]+|[^>\s@]+@[^>\s]+)>",
    re.IGNORECASE,
)
_LINK_DEFINITION: Final = re.compile(r" {0,3}\[[^\]^]")
_RAW_HTML_TAG: Final = re.compile(  # what Markdown lets pass as HTML: more than HTML itself
    r"(?<!\\)(?<!\]\()(?<!\]\( )(?<!\]: )<(?!(?:https?|ftps?)://)(?P<name>/?[A-Za-z][^\s<>@/]*)"
    r"(?=[\s/>]|$)[^<>]*(?:>|(?P<cut>$))",
)
_DECLARATION: Final = re.compile(r"(?<!\\)<(?:\?|!\[|![A-Za-z]+)")
"""What Markdown takes out with all that is in it, and is no note (`<!--`)."""

_CODE_SPAN: Final = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)")
_FOOTNOTE: Final = re.compile(r"\[\^(?P<name>[^\]\s]+)\](?P<colon>:)?")
_CODE_INDENT: Final = 4
_TABLE_DELIMITER_ROW: Final = re.compile(r"\s*\|?[ :|-]*-[ :|-]*\|?\s*")
_CUSTOM_ID: Final = re.compile(r"\{#([a-z][\w-]*)\}\s*$")
_NUMERIC_REFERENCE: Final = re.compile(r"&#(?:[xX]([0-9a-fA-F]{1,8})|([0-9]{1,9}));?")
LINK_OR_IMAGE: Final = re.compile(r'<(?:a|img)((?:[^">]++|"[^"]*")*+)>')
"""A link or picture in clean HTML, and its attributes."""

_URL_ATTRIBUTE: Final = re.compile(r' (href|src)="([^"]*)"')
_URL_WHITESPACE: Final = re.compile(r"[\t\r\n]")
"""What browsers leave out of an address."""
_LIST_ITEM: Final = re.compile(r"\s*(?:[-*+]|\d+\.|:|\[\^[^\]]+\]:)(?:\s|$)")
_CODE_FENCE_BRACES: Final = re.compile(
    r"(?m)^ {0,3}(?:`{3,}|~{3,})[^\n`{]*(?P<braces>\{[^\n`]*=[^\n`]*)$"
)
_HEADING_DEPTH_CHARS: Final = frozenset(":#")
"""How a line begins that says how deep headings are."""

_ATX_HEADING: Final = re.compile(r"(?P<hashes>#{1,6})(?!#)[ \t]*(?P<text>.*)")


def _indent_width(line: str) -> int:
    wide = line.expandtabs(4)
    return len(wide) - len(wide.lstrip())


def _decode_reference(match: re.Match[str]) -> str:
    number = int(match[1], 16) if match[1] else int(match[2])
    return chr(number) if number < 0x110000 else ""  # noqa: PLR2004 - the last character


def _count_cells(row: str) -> int:
    return len(re.findall(r"(?<!\\)\|", row.strip().strip("|"))) + 1


def remove_hidden_characters(html: str) -> str:
    """The same HTML without hidden characters that are written as numbers."""
    return _NUMERIC_REFERENCE.sub(
        lambda found: "" if FORBIDDEN_CHARACTERS.match(_decode_reference(found)) else found[0], html
    )


def prose_lines(body: str) -> Iterator[tuple[int, str]]:
    """The lines that are not code: neither between fences nor indented below what holds them."""
    depth, after_blank, in_code = 0, True, False
    for number, line in lines_outside_code(body):
        if not line:
            after_blank = True
            yield number, line
            continue
        first = line[:1]
        if first.isalpha():  # neither indented nor an item
            depth = 0 if after_blank else depth
            after_blank = in_code = False
            yield number, line
            continue
        if not line.strip():
            after_blank = True
            yield number, line
            continue
        width = _indent_width(line) if first.isspace() else 0
        in_code = (after_blank or in_code) and width >= 4 * (depth + 1)
        if _LIST_ITEM.match(line) and not in_code:
            depth = width // 4 + 1
        elif after_blank and not in_code:
            depth = min(depth, width // 4)
        after_blank = False
        if not in_code:
            yield number, line


class SourceMap:
    """A page's source, read line by line, code left out. `sources`: those kept as data."""

    def __init__(self, page: Page, sources: Container[str] = ()) -> None:
        self.page, self.sources = page, sources
        self.lines = [
            (
                number + page.body_line,
                _CODE_SPAN.sub(lambda m: " " * len(m.group()), line) if "`" in line else line,
            )
            for number, line in prose_lines(page.body)
        ]

    def check(self) -> list[Problem]:
        found = [*self.check_raw_html(), *self.check_heading_order(), *self.check_footnotes()]
        found += [
            *self.check_tables(),
            *self.check_hidden_characters(),
            *lint_source(self.lines, self.page.path),
        ]
        found += self.check_code_fence_braces()
        return found

    def make_problem(self, rule: str, line: int, column: int, message: str, hint: str) -> Problem:
        return problem(rule, self.page.path, message, hint=hint, line=line, column=column)

    def check_raw_html(self) -> Iterator[Problem]:
        hint = "Write it in Markdown, or use a block. A '<' on its own is fine."
        opened: set[str] = set()
        for at, (line, text) in enumerate(self.lines) if "<" in self.page.body else ():
            for tag in _RAW_HTML_TAG.finditer(text) if "<" in text else ():
                name = tag["name"].lower()
                if tag["cut"] is not None and not self.is_tag_closed_below(at):
                    continue
                if name.removeprefix("/") not in opened or name[0] != "/":  # one report an element
                    message = f"<{name}> is not allowed in pages"
                    yield self.make_problem("raw-html", line, tag.start() + 1, message, hint)
                opened.add(name)
            for declared in _DECLARATION.finditer(text) if "<" in text else ():
                message = f"'{declared.group()}' is not allowed in pages"
                yield self.make_problem("raw-html", line, declared.start() + 1, message, hint)

    def is_tag_closed_below(self, index: int) -> bool:
        """Whether a tag that is open at the end of a line ends in the lines right below it."""
        for _, text in self.lines[index + 1 :]:
            if not text.strip() or "<" in text.partition(">")[0]:
                return False
            if ">" in text:
                return True
        return False

    def check_tables(self) -> Iterator[Problem]:
        """Markdown drops cells beyond the last heading, and what they say, without a word."""
        most, before = 0, ""
        for line, written in self.lines if "|" in self.page.body else ():
            if not most and "|" not in written:
                before = written
                continue
            text = SHORTCODE.sub("", written) if "{" in written else written
            if not text.strip():
                most = 0
            elif "|" in text and not most and _TABLE_DELIMITER_ROW.fullmatch(text):
                most = _count_cells(before)
            elif most and _count_cells(text) > most:
                hint = "Write '\\\\|' for a '|' that is part of the text."
                message = (
                    f"this row has {_count_cells(text)} cells, but the table has {most} columns"
                )
                yield self.make_problem("block", line, 1, message, hint)
            before = text

    def check_hidden_characters(self) -> Iterator[Problem]:
        """Characters that `text.decode` refuses, written as numbers."""
        for line, text in self.lines if "&#" in self.page.body else ():
            for found in _NUMERIC_REFERENCE.finditer(text) if "&#" in text else ():
                sign = _decode_reference(found)
                if FORBIDDEN_CHARACTERS.match(sign):
                    message = f"control character U+{ord(sign):04X}"
                    yield self.make_problem(
                        "control-character", line, found.start() + 1, message, "Delete it."
                    )

    def check_code_fence_braces(self) -> Iterator[Problem]:
        """What stands in braces behind a code fence: Markdown would make attributes of it."""
        for found in _CODE_FENCE_BRACES.finditer(self.page.body) if "{" in self.page.body else ():
            line = self.page.body.count("\n", 0, found.start()) + self.page.body_line
            hint = "Write the language alone, such as ```text."
            message = f"'{found['braces'].strip()}' behind the code's language is not taken"
            yield self.make_problem(
                "meaning", line, found.start("braces") - found.start() + 1, message, hint
            )

    def check_heading_order(self) -> Iterator[Problem]:
        before, depth = 1, 0
        ids: dict[str, int] = {}
        for line, text in self.lines:
            first = text[:1]
            if first not in _HEADING_DEPTH_CHARS:
                continue
            if first == ":" and text.startswith(":::"):
                depth += 1 if text.strip(": \t") else -1
            found = _ATX_HEADING.match(text) if first == "#" and depth <= 0 else None
            if not found:
                continue
            level = len(found["hashes"])
            name = _CUSTOM_ID.search(found["text"]) if "{#" in text else None
            if name and ids.setdefault(name[1], line) != line:
                message = f"the id '{name[1]}' is already used on line {ids[name[1]]}"
                yield self.make_problem(
                    "heading", line, name.start() + level + 2, message, "Use another."
                )
            if level == 1:
                hint = "Use '## '. The page's title is its only first-level heading."
                yield self.make_problem("heading", line, 1, "a second page title", hint)
                level = 2
            elif level > before + 1:
                hint = f"Use '{'#' * (before + 1)} '."
                message = f"this heading skips from level {before} to {level}"
                yield self.make_problem("heading", line, 1, message, hint)
            before = level

    def check_footnotes(self) -> Iterator[Problem]:
        defined: dict[str, int] = {}
        used: dict[str, tuple[int, int]] = {}
        for line, text in self.lines if "[^" in self.page.body else ():
            for found in _FOOTNOTE.finditer(text) if "[^" in text else ():
                at_start = found.start() < _CODE_INDENT and not text[: found.start()].strip(" ")
                if at_start and found["colon"]:
                    first = defined.setdefault(found["name"], line)
                    if first != line:
                        message = f"source '{found['name']}' is written on line {first} too"
                        hint = "Keep one of them; only the last would be shown."
                        yield self.make_problem("source-mark", line, 1, message, hint)
                else:
                    column = 1 if at_start else found.start() + 1
                    used.setdefault(found["name"], (line, column))
        for name, (line, column) in used.items():
            if name not in defined and name not in self.sources:
                hint = f"Add a line '[^{name}]: ...' at the foot of the page."
                yield self.make_problem("source-mark", line, column, f"no source '{name}'", hint)
        for name, line in defined.items():
            if self.page.path.startswith("content/"):
                message = f"the source '{name}' is written in the page"
                hint = "Move it to content/references.yaml, under this name."
                yield self.make_problem("own-source", line, 1, message, hint)
            if name not in used:
                hint = f"Write [^{name}] where it is used, or delete the line."
                yield self.make_problem(
                    "source-mark", line, 1, f"source '{name}' is never used", hint
                )

    def find_references(
        self, html: str, refused_targets: list[tuple[str, bool]]
    ) -> Iterator[Reference]:
        """Every target on the page, with its place; refused ones too."""
        places: dict[str, list[tuple[int, int]]] = {}
        for line, text in self.lines:
            if not ("](" in text or "]:" in text or "<" in text):
                continue
            pattern = _ANY_TARGET if "<" in text or _LINK_DEFINITION.match(text) else _INLINE_TARGET
            for found in pattern.finditer(text):
                name = found.lastgroup
                if name and found[name]:
                    target = _URL_WHITESPACE.sub("", unescape(found[name]))
                    places.setdefault(target, []).append((line, found.start(name) + 1))
        targets = [
            (unescape(value), name == "src")
            for attributes in LINK_OR_IMAGE.findall(html)
            for name, value in _URL_ATTRIBUTE.findall(attributes)
        ]
        for target, picture in [*targets, *refused_targets]:
            if target.startswith(("#fn:", "#fnref")):
                continue
            line, column = self.locate(places, target)
            yield Reference(target, line, column, picture)

    def locate(self, positions: dict[str, list[tuple[int, int]]], target: str) -> tuple[int, int]:
        known = positions.get(target) or positions.get(target.removeprefix("mailto:"))
        if known:
            return known.pop(0) if len(known) > 1 else known[0]
        near = next((line for line, text in self.lines if target in text), self.page.body_line)
        return near, 1
