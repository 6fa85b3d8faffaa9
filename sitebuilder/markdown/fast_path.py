"""Faster inline, prettify and serialization steps for Python-Markdown, with the same output.

Each class replaces one of Markdown's own. Three quarters of Markdown's time go into searching every
text for every character that could mean something; most texts contain none of them.
`tests/test_markdown_parser.py` compares the output with that of the stock parser.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from typing import Any, Final
from xml.etree.ElementTree import HTML_EMPTY, Element

from markdown.inlinepatterns import DelimiterProcessor
from markdown.serializers import RE_AMP
from markdown.treeprocessors import (
    InlineProcessor,
    PrettifyTreeprocessor,
    UnescapeTreeprocessor,
)
from markdown.util import INLINE_PLACEHOLDER, INLINE_PLACEHOLDER_PREFIX, STX, AtomicString

INLINE_TRIGGERS: Final = {
    "backtick": "`",
    "escape": "\\",
    "footnote": "[^",
    "reference": "[",
    "link": "[",
    "image_link": "![",
    "image_reference": "![",
    "short_reference": "[",
    "short_image_ref": "![",
    "autolink": "<",
    "automail": "<",
    "linebreak": "  \n",
    "html": "<",
    "entity": "&",
    "em_strong": "",  # `*` or `_`, both in MARKUP_CHARS
}
"""What a text must contain for an inline pattern to match in it, by the pattern's name."""

MARKUP_CHARS: Final = re.compile(r"[`\\\[<&*_]")
LINE_BREAK: Final = "  \n"
"""Every text in which an inline pattern matches contains this or one of `MARKUP_CHARS`.

They are separate, since searching for a character class is far faster than for an alternation.
"""

_QUOTE: Final = '"'
_NEEDS_ESCAPING: Final = re.compile(r'[&<>"]')

_PLAIN_TEXT: Final = rf"[^{STX}`\\\[\]<&*_]+"

SIMPLE_INLINE: Final = re.compile(  # each branch starts with a literal, which makes the search fast
    rf"\*(?<!\S\*)(?P<second>\*?)(?![\s*])({_PLAIN_TEXT})(?<!\s)\*(?P=second)(?!\*)"
    rf"|\[(?<!!\[)\^([^{STX}`\\\[\]<&]+)\]"
    rf"|\[(?<!!\[)({_PLAIN_TEXT})\]\(([^\s{STX}()<>'\"`\\\[\]]+)\)"
)
"""Emphasis, a footnote reference or a link, in the form that nearly all of them have."""

_SPLIT_STRIDE: Final = SIMPLE_INLINE.groups + 1
"""Distance between two matches in the result of `SIMPLE_INLINE.split`."""

_REFERENCE_PATTERNS: Final = {"reference", "image_reference", "short_reference", "short_image_ref"}
"""Patterns that have no effect on pages without link definitions."""


class FastInlineProcessor(InlineProcessor):
    """Tries a pattern only on texts that contain its trigger.

    It does not track `ancestors`, since no pattern of our dialect sets `ANCESTOR_EXCLUDES`.

    Attributes:
        cached_patterns: Results of `select_patterns` without and with references.
        active_patterns: The one of them that applies to the current page.
    """

    _InlineProcessor__processPlaceholders: Any  # private to Markdown's own class
    stashed_nodes: dict[str, Any]
    ancestors: list[str]
    footnote_pattern: Any
    active_patterns: list[tuple[int, str, Any]]
    cached_patterns: tuple[list[tuple[int, str, Any]], ...] = ()

    def run(self, tree: Element, ancestors: list[str] | None = None) -> Element:  # noqa: ARG002
        self.stashed_nodes, self.ancestors = {}, []
        self.cached_patterns = self.cached_patterns or (
            self.select_patterns(with_references=False),
            self.select_patterns(with_references=True),
        )
        self.active_patterns = self.cached_patterns[bool(self.md.references)]
        self.footnote_pattern = self.md.inlinePatterns["footnote"]
        queue = deque([tree])
        while queue:
            parent = queue.popleft()
            insertions: list[tuple[Element, list[Element]]] = []
            for child in parent:
                text, tail = child.text, child.tail
                if text and _may_have_markup(text):
                    nodes = self.parse_simple(text, child)
                    if not nodes:
                        child.text = None
                        nodes = self.expand_placeholders(
                            self._InlineProcessor__handleInline(text), child
                        )
                        queue.extend(nodes)
                    insertions.append((child, nodes))
                if tail and _may_have_markup(tail):
                    tail = self._InlineProcessor__handleInline(tail)
                    holder = Element("d")
                    nodes = self.expand_placeholders(tail, holder, is_text=False)
                    child.tail = holder.tail or None
                    index = list(parent).index(child) + 1
                    for node in reversed(nodes):
                        parent.insert(index, node)
                if len(child):
                    queue.append(child)
            for element, nodes in insertions:
                for index, node in enumerate(nodes):
                    element.insert(index, node)
        return tree

    def select_patterns(self, *, with_references: bool) -> list[tuple[int, str, Any]]:
        """Return the patterns that can match: index in Markdown's order, trigger, pattern."""
        patterns = self.md.inlinePatterns
        triggers = {
            patterns.get_index_for_name(name): trigger
            for name, trigger in INLINE_TRIGGERS.items()
            if with_references or name not in _REFERENCE_PATTERNS
        }
        return [(index, triggers[index], patterns[index]) for index in sorted(triggers)]

    def parse_simple(self, text: str, holder: Element) -> list[Element]:
        """Parse a text in which all markup matches `SIMPLE_INLINE`.

        The content of such a match contains no markup, so it needs no further search.

        Args:
            holder: Element that takes the text before the first node.

        Returns:
            The nodes; empty if the text has no markup, other markup or an undefined footnote, or if
            the page has link definitions.
        """
        pieces = SIMPLE_INLINE.split(text)
        if (
            len(pieces) == 1
            or LINE_BREAK in text
            or INLINE_PLACEHOLDER_PREFIX in text
            or self.md.references
            or MARKUP_CHARS.search("\0".join(pieces[::_SPLIT_STRIDE]))
        ):
            return []
        defined = self.footnote_pattern.footnotes.footnotes
        if any(name is not None and name not in defined for name in pieces[3::_SPLIT_STRIDE]):
            return []
        nodes: list[Element] = []
        for index in range(1, len(pieces), _SPLIT_STRIDE):
            double, emphasized, name, label, target, tail = pieces[index : index + _SPLIT_STRIDE]
            if emphasized:
                node = Element("strong" if double else "em")
                node.text = emphasized
            elif label:
                node = Element("a", {"href": target})
                node.text = label
            else:
                reference = f"[^{name}]"
                node = self.footnote_pattern.handleMatch(
                    self.footnote_pattern.compiled_re.match(reference), reference
                )[0]
            node.tail = tail or None
            nodes.append(node)
        holder.text = pieces[0] or None
        return nodes

    def expand_placeholders(
        self, data: str, holder: Element, *, is_text: bool = True
    ) -> list[Element]:
        """Return the elements that a text or tail stands for; `holder` takes text before them."""
        results = self._InlineProcessor__processPlaceholders(data, holder, is_text)
        return [node for node, _ in results]

    def _InlineProcessor__handleInline(self, data: str, patternIndex: int = 0) -> str:  # noqa: N802, N803
        """Replace markup with placeholders.

        This overrides the method that Markdown calls for nested markup.
        """
        if not _may_have_markup(data):
            return data
        for index, trigger, pattern in self.active_patterns:
            if index < patternIndex or trigger not in data:
                continue
            start = 0
            while start >= 0 and data.find(trigger, start) >= 0:
                data, start = self.apply_pattern(pattern, data, index, start)
        return data

    def apply_pattern(self, pattern: Any, data: str, index: int, start: int) -> tuple[str, int]:
        """Replace the next match of a pattern with a placeholder, unless it produces no node.

        Returns:
            The new text, and the offset at which to continue; -1 if there was no match.
        """
        for match in pattern.compiled_re.finditer(data, start):
            node, begin, end = pattern.handleMatch(match, data)
            if begin is not None and end is not None:
                break
        else:
            return data, -1
        if node is None:
            return data, end
        if isinstance(node, Element) and not isinstance(node.text, AtomicString):
            for child in (node, *node):
                if child.text:
                    child.text = self._InlineProcessor__handleInline(child.text, index + 1)
                if child.tail:
                    child.tail = self._InlineProcessor__handleInline(child.tail, index)
        name = f"{len(self.stashed_nodes):04d}"
        self.stashed_nodes[name] = node
        placeholder = INLINE_PLACEHOLDER % name
        return f"{data[:begin]}{placeholder}{data[end:]}", begin + len(placeholder)


def _may_have_markup(text: str) -> bool:
    """Return whether a text may have markup or has a placeholder, and is not an `AtomicString`."""
    has_markup = (
        MARKUP_CHARS.search(text) or LINE_BREAK in text or INLINE_PLACEHOLDER_PREFIX in text
    )
    return bool(has_markup) and not isinstance(text, AtomicString)


class FastDelimiterProcessor(DelimiterProcessor):
    """Goes from delimiter to delimiter instead of from character to character."""

    def search(self, data: str, start: int) -> re.Match[str] | None:
        for match in self.compiled_re.finditer(data, start):
            delimiter = self.delimiters[match[0]]
            boundary = delimiter.boundary.match(data, match.start())
            if boundary and (delimiter.stack or boundary.lastgroup != "end"):
                return boundary
        return None


class FastPrettifyTreeprocessor(PrettifyTreeprocessor):
    """Looks up block-level tags in a set instead of a list."""

    def _prettifyETree(self, elem: Element) -> None:  # noqa: N802 - Markdown's own name
        self.break_lines(elem, frozenset(self.md.block_level_elements))

    def break_lines(self, element: Element, block_tags: frozenset[str]) -> None:
        """Add line breaks after an element, and inside it if it is block-level."""
        if element.tag in block_tags and element.tag != "pre":
            if len(element) and element[0].tag in block_tags and not (element.text or "").strip():
                element.text = "\n"
            for child in element:
                if child.tag in block_tags:
                    self.break_lines(child, block_tags)
        if not (element.tail or "").strip():
            element.tail = "\n"


def serialize(root: Element) -> str:
    """Serialize a tree as HTML and restore escaped characters.

    Unlike Markdown's own serializer, it does not expect `<script>` or `<style>` elements.
    """
    out: list[str] = []
    add = out.append
    outer_levels: list[tuple[Iterator[Element], str]] = []
    level = iter((root,))
    while True:
        for element in level:
            tag, text, tail = element.tag, element.text, element.tail
            add(f"<{tag}{_format_attributes(element)}>" if element.attrib else f"<{tag}>")
            if text:
                text = text if STX not in text or tag == "code" else _restore_escapes(text)
                add(_escape_text(text) if "&" in text or "<" in text or ">" in text else text)
            end = "" if tag in HTML_EMPTY else f"</{tag}>"
            if tail:
                tail = _restore_escapes(tail) if STX in tail else tail
                end += _escape_text(tail) if "&" in tail or "<" in tail or ">" in tail else tail
            if len(element):
                outer_levels.append((level, end))
                level = iter(element)
                break
            add(end)
        else:
            if not outer_levels:
                return "".join(out)
            level, end = outer_levels.pop()
            add(end)


def _format_attributes(element: Element) -> str:
    """Format an element's attributes, sorted by name."""
    attributes = element.attrib
    pairs = sorted(attributes.items()) if len(attributes) > 1 else attributes.items()
    return "".join([f' {name}="{_escape_attribute(value)}"' for name, value in pairs])


def _escape_attribute(value: str) -> str:
    value = _restore_escapes(value) if STX in value else value
    return _escape_text(value).replace(_QUOTE, "&quot;") if _NEEDS_ESCAPING.search(value) else value


def _restore_escapes(text: str) -> str:
    return UnescapeTreeprocessor.RE.sub(lambda match: chr(int(match[1])), text)


def _escape_text(text: str) -> str:
    if "&" in text:
        text = RE_AMP.sub("&amp;", text)
    if "<" in text:
        text = text.replace("<", "&lt;")
    if ">" in text:
        text = text.replace(">", "&gt;")
    return text
