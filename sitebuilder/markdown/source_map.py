"""Locate links, raw HTML, headings and footnotes in a Markdown body, and lint them.

Python-Markdown keeps no positions, so this finds the lines for problems and references.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from html import unescape
from typing import Final

from sitebuilder.content.decode import FORBIDDEN_CHARACTERS
from sitebuilder.core.model import Page, Reference
from sitebuilder.core.problems import Problem, problem
from sitebuilder.markdown.code_lines import prose_lines
from sitebuilder.markdown.foreign_markup import find_foreign_markup
from sitebuilder.markdown.lint_source import find_empty_links, lint_source
from sitebuilder.markdown.placeholders import find_placeholders
from sitebuilder.markdown.shortcodes import SHORTCODE
from sitebuilder.markdown.tree import unescape_target

_INLINE_TARGET: Final = re.compile(
    r"\]\(\s*(?:<(?P<angle>[^>\n]*)>"
    r"|(?P<plain>[^\s()]*(?:\([^\s()]*\)[^\s()]*)*(?: +[^\s()\"'][^\s()]*)*))"
)
_ANY_TARGET: Final = re.compile(
    rf"{_INLINE_TARGET.pattern}"
    r"|^ {0,3}\[[^\]^][^\]]*\]:\s*<?(?P<defined>[^\s>]+)"
    r"|<(?P<auto>[a-z]+:[^>\n]+|[^>\s@]+@[^>\s]+)>",
    re.IGNORECASE,
)
_LINK_DEFINITION: Final = re.compile(r" {0,3}\[[^\]^]")
_RAW_HTML_TAG: Final = re.compile(  # what Markdown passes as HTML, which is more than HTML allows
    r"(?<!\\)(?<!\]\()(?<!\]\( )(?<!\]: )<(?!(?:https?|ftps?)://)(?P<name>/?[A-Za-z][^\s<>@/]*)"
    r"(?=[\s/>]|$)[^<>]*(?:>|(?P<cut>$))",
)
_DECLARATION: Final = re.compile(r"(?<!\\)<(?:\?|!\[|![A-Za-z]+)")
"""What Markdown removes with its content, except comments (`<!--`)."""

_CODE_CHAR: Final = "\ufffc"
"""Stands for each character of a code span: it is text, and no sign of Markdown."""

_CODE_SPAN: Final = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)")
_FOOTNOTE: Final = re.compile(r"\[\^(?P<name>[^\]\s]+)\](?P<colon>:)?")
_CODE_INDENT: Final = 4
_TABLE_DELIMITER_ROW: Final = re.compile(r"\s*\|?[ :|-]*-[ :|-]*\|?\s*")
_CUSTOM_ID: Final = re.compile(r"\{#([a-z][\w-]*)\}\s*$")
_NUMERIC_REFERENCE: Final = re.compile(r"&#(?:[xX]([0-9a-fA-F]{1,8})|([0-9]{1,9}));?")
LINK_OR_IMAGE: Final = re.compile(r'<(?:a|img)((?:[^">]++|"[^"]*")*+)>')
"""A link or picture in sanitized HTML, with its attributes as the group."""

_URL_ATTRIBUTE: Final = re.compile(r' (href|src)="([^"]*)"')
_URL_WHITESPACE: Final = re.compile(r"[\t\r\n]")
"""Whitespace that browsers remove from URLs."""

_CODE_FENCE_BRACES: Final = re.compile(
    r"(?m)^ {0,3}(?:`{3,}|~{3,})[^\n`{]*(?P<braces>\{[^\n`]*=[^\n`]*)$"
)
_HEADING_DEPTH_CHARS: Final = frozenset(":#")
"""First characters of headings and of block fences, inside of which heading levels differ."""

_ATX_HEADING: Final = re.compile(r"(?P<hashes>#{1,6})(?!#)[ \t]*(?P<text>.*)")


def _decode_reference(match: re.Match[str]) -> str:
    code_point = int(match[1], 16) if match[1] else int(match[2])
    return chr(code_point) if code_point < 0x110000 else ""  # noqa: PLR2004 - the last character


def _count_cells(row: str) -> int:
    return len(re.findall(r"(?<!\\)\|", row.strip().strip("|"))) + 1


def remove_hidden_characters(html: str) -> str:
    """Remove character references to characters that no text may contain."""
    return _NUMERIC_REFERENCE.sub(
        lambda match: "" if FORBIDDEN_CHARACTERS.match(_decode_reference(match)) else match[0], html
    )


class SourceMap:
    """The lines of a page outside of code, with code spans masked.

    Attributes:
        sources: Names of the sources that are defined in content/references.yaml.
        lines: The lines with their numbers in the file.
    """

    def __init__(self, page: Page, sources: Container[str] = ()) -> None:
        self.page, self.sources = page, sources
        self.lines = [
            (
                number + page.body_line,
                _CODE_SPAN.sub(lambda match: _CODE_CHAR * len(match.group()), line)
                if "`" in line
                else line,
            )
            for number, line in prose_lines(page.body)
        ]

    def check(self) -> list[Problem]:
        return [
            *self.check_raw_html(),
            *self.check_heading_order(),
            *self.check_footnotes(),
            *self.check_tables(),
            *self.check_hidden_characters(),
            *lint_source(self.lines, self.page.path),
            *find_empty_links(self.lines, self.page.body, self.page.path),
            *find_foreign_markup(self.lines, self.page.body, self.page.path),
            *find_placeholders(self.lines, self.page),
            *self.check_code_fence_braces(),
        ]

    def make_problem(self, rule: str, line: int, column: int, message: str, hint: str) -> Problem:
        return problem(rule, self.page.path, message, hint=hint, line=line, column=column)

    def check_raw_html(self) -> Iterator[Problem]:
        hint = "Write it in Markdown, or use a block. A '<' on its own is fine."
        reported: set[str] = set()
        for index, (line, text) in enumerate(self.lines) if "<" in self.page.body else ():
            for tag in _RAW_HTML_TAG.finditer(text) if "<" in text else ():
                name = tag["name"].lower()
                if tag["cut"] is not None and not self.is_tag_closed_below(index):
                    continue
                # An end tag is not reported if its start tag was.
                if name.removeprefix("/") not in reported or name[0] != "/":
                    message = f"<{name}> is not allowed in pages"
                    yield self.make_problem("raw-html", line, tag.start() + 1, message, hint)
                reported.add(name)
            for declaration in _DECLARATION.finditer(text) if "<" in text else ():
                message = f"'{declaration.group()}' is not allowed in pages"
                yield self.make_problem("raw-html", line, declaration.start() + 1, message, hint)

    def is_tag_closed_below(self, index: int) -> bool:
        """Return whether a tag that is open at the end of a line ends later in its paragraph."""
        for _, text in self.lines[index + 1 :]:
            if not text.strip() or "<" in text.partition(">")[0]:
                return False
            if ">" in text:
                return True
        return False

    def check_tables(self) -> Iterator[Problem]:
        """Report rows with too many cells: Markdown drops the excess cells silently."""
        columns, previous = 0, ""
        for line, source in self.lines if "|" in self.page.body else ():
            if not columns and "|" not in source:
                previous = source
                continue
            text = SHORTCODE.sub("", source) if "{" in source else source
            if not text.strip():
                columns = 0
            elif "|" in text and not columns and _TABLE_DELIMITER_ROW.fullmatch(text):
                columns = _count_cells(previous)
            elif columns and (cells := _count_cells(text)) > columns:
                hint = "Write '\\\\|' for a '|' that is part of the text."
                message = f"this row has {cells} cells, but the table has {columns} columns"
                yield self.make_problem("block", line, 1, message, hint)
            previous = text

    def check_hidden_characters(self) -> Iterator[Problem]:
        """Report character references to characters that no text may contain."""
        for line, text in self.lines if "&#" in self.page.body else ():
            for match in _NUMERIC_REFERENCE.finditer(text) if "&#" in text else ():
                character = _decode_reference(match)
                if FORBIDDEN_CHARACTERS.match(character):
                    message = f"control character U+{ord(character):04X}"
                    yield self.make_problem(
                        "control-character", line, match.start() + 1, message, "Delete it."
                    )

    def check_code_fence_braces(self) -> Iterator[Problem]:
        """Report attributes in braces after a code fence, which have no effect."""
        for match in _CODE_FENCE_BRACES.finditer(self.page.body) if "{" in self.page.body else ():
            line = self.page.body.count("\n", 0, match.start()) + self.page.body_line
            hint = "Write the language alone, such as ```text."
            message = f"'{match['braces'].strip()}' behind the code's language is not taken"
            yield self.make_problem(
                "meaning", line, match.start("braces") - match.start() + 1, message, hint
            )

    def check_heading_order(self) -> Iterator[Problem]:
        previous_level, block_depth = 1, 0
        ids: dict[str, int] = {}
        for line, text in self.lines:
            first = text[:1]
            if first not in _HEADING_DEPTH_CHARS:
                continue
            if first == ":" and text.startswith(":::"):
                block_depth += 1 if text.strip(": \t") else -1
            heading = _ATX_HEADING.match(text) if first == "#" and block_depth <= 0 else None
            if not heading:
                continue
            level = len(heading["hashes"])
            custom_id = _CUSTOM_ID.search(heading["text"]) if "{#" in text else None
            if custom_id and ids.setdefault(custom_id[1], line) != line:
                message = f"the id '{custom_id[1]}' is already used on line {ids[custom_id[1]]}"
                yield self.make_problem(
                    "heading", line, custom_id.start() + level + 2, message, "Use another."
                )
            if level == 1:
                hint = "Use '## '. The page's title is its only first-level heading."
                yield self.make_problem("heading", line, 1, "a second page title", hint)
                level = 2
            elif level > previous_level + 1:
                hint = f"Use '{'#' * (previous_level + 1)} '."
                message = f"this heading skips from level {previous_level} to {level}"
                yield self.make_problem("heading", line, 1, message, hint)
            previous_level = level

    def check_footnotes(self) -> Iterator[Problem]:
        defined: dict[str, int] = {}
        used: dict[str, tuple[int, int]] = {}
        for line, text in self.lines if "[^" in self.page.body else ():
            for match in _FOOTNOTE.finditer(text) if "[^" in text else ():
                at_start = match.start() < _CODE_INDENT and not text[: match.start()].strip(" ")
                if at_start and match["colon"]:
                    first_line = defined.setdefault(match["name"], line)
                    if first_line != line:
                        message = f"source '{match['name']}' is written on line {first_line} too"
                        hint = "Keep one of them; only the last would be shown."
                        yield self.make_problem("source-mark", line, 1, message, hint)
                else:
                    column = 1 if at_start else match.start() + 1
                    used.setdefault(match["name"], (line, column))
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
        self, html: str, dropped_targets: list[tuple[str, bool]]
    ) -> Iterator[Reference]:
        """Yield every link and picture on the page with its position, except links of footnotes.

        Args:
            html: The sanitized HTML.
            dropped_targets: Targets that are no longer in the HTML, each with True if it is that of
                a picture.
        """
        positions: dict[str, list[tuple[int, int]]] = {}
        for line, text in self.lines:
            if not ("](" in text or "]:" in text or "<" in text):
                continue
            pattern = _ANY_TARGET if "<" in text or _LINK_DEFINITION.match(text) else _INLINE_TARGET
            for match in pattern.finditer(text):
                group = match.lastgroup
                if group:
                    target = unescape_target(_URL_WHITESPACE.sub("", unescape(match[group])))
                    positions.setdefault(target, []).append((line, match.start(group) + 1))
        targets = [
            (unescape(value), group == "src")
            for attributes in LINK_OR_IMAGE.findall(html)
            for group, value in _URL_ATTRIBUTE.findall(attributes)
        ]
        for number, (target, is_picture) in enumerate([*targets, *dropped_targets]):
            if target.startswith(("#fn:", "#fnref")):
                continue
            line, column = self.locate(positions, target)
            is_dropped = number >= len(targets)
            yield Reference(target, line, column, is_picture, dropped=is_dropped)

    def locate(self, positions: dict[str, list[tuple[int, int]]], target: str) -> tuple[int, int]:
        """Return line and column of a target, and remove the position unless it is the last.

        A target without a position gets the first line that contains it, or else the first line of
        the body.
        """
        matches = positions.get(target) or positions.get(target.removeprefix("mailto:"))
        if matches:
            return matches.pop(0) if len(matches) > 1 else matches[0]
        line = next((line for line, text in self.lines if target in text), self.page.body_line)
        return line, 1
