"""Shortcuts through Python-Markdown's tree: the same HTML, with less looking for what is not there.

Each class stands in for one of Markdown's own and does what that does. Three quarters of
Markdown's time go into searching every text for every sign that could mean something; most texts
hold none. `tests/test_markdown_parser.py` holds each shortcut against the parser as it comes.
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
    "em_strong": "",  # either of two; SIGNS looks for them
}
"""What a text must hold for an inline pattern to match in it, by the pattern's name."""

MARKUP_CHARS: Final = re.compile(r"[`\\\[<&*_]")
LINE_BREAK: Final = "  \n"
"""One of both is in each text that an inline pattern matches in.

Apart, since a search for one of some signs is by far quicker than a search for this or that.
"""

_QUOTE: Final = '"'
_NEEDS_ESCAPING: Final = re.compile(r'[&<>"]')

_PLAIN_TEXT: Final = rf"[^{STX}`\\\[\]<&*_]+"

SIMPLE_INLINE: Final = re.compile(  # each part begins with its sign, which makes a search quick
    rf"\*(?<!\S\*)(?P<second>\*?)(?![\s*])({_PLAIN_TEXT})(?<!\s)\*(?P=second)(?!\*)"
    rf"|\[(?<!!\[)\^([^{STX}`\\\[\]<&]+)\]"
    rf"|\[(?<!!\[)({_PLAIN_TEXT})\]\(([^\s{STX}()<>'\"`\\\[\]]+)\)"
)
"""Strong or stressed words, a source mark, a link: in the form that nearly all of them have."""

_SPLIT_STRIDE: Final = SIMPLE_INLINE.groups + 1
"""Pieces from one such to the next when a text is split at them."""

_REFERENCE_PATTERNS: Final = {"reference", "image_reference", "short_reference", "short_image_ref"}
"""Patterns that change nothing on a page which defines no link by a name."""


class FastInlineProcessor(InlineProcessor):
    """Tries a pattern only on a text that holds what the pattern needs.

    It leaves out `ancestors`: no pattern here asks what it stands in.
    """

    _InlineProcessor__processPlaceholders: Any  # Markdown's own, private to it
    stashed_nodes: dict[str, Any]
    ancestors: list[str]
    footnote_pattern: Any
    active_patterns: list[tuple[int, str, Any]]
    cached_patterns: tuple[list[tuple[int, str, Any]], ...] = ()
    """The patterns that can match on this page: place in Markdown's order, need, pattern."""

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
            made: list[tuple[Element, list[Element]]] = []
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
                    made.append((child, nodes))
                if tail and _may_have_markup(tail):
                    tail = self._InlineProcessor__handleInline(tail)
                    holder = Element("d")
                    nodes = self.expand_placeholders(tail, holder, is_text=False)
                    child.tail = holder.tail or None
                    at = list(parent).index(child) + 1
                    for node in reversed(nodes):
                        parent.insert(at, node)
                if len(child):
                    queue.append(child)
            for element, nodes in made:
                for at, node in enumerate(nodes):
                    element.insert(at, node)
        return tree

    def select_patterns(self, *, with_references: bool) -> list[tuple[int, str, Any]]:
        """The patterns that can match on a page, with and without links defined by a name."""
        patterns = self.md.inlinePatterns
        needs = {
            patterns.get_index_for_name(name): need
            for name, need in INLINE_TRIGGERS.items()
            if with_references or name not in _REFERENCE_PATTERNS
        }
        return [(at, needs[at], patterns[at]) for at in sorted(needs)]

    def parse_simple(self, text: str, holder: Element) -> list[Element]:
        """What stands in a text, if all of it is simple; `holder` takes the words before.

        Nothing that is simple holds a sign, so nothing within has to be looked through again.
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
        known = self.footnote_pattern.footnotes.footnotes
        if any(name is not None and name not in known for name in pieces[3::_SPLIT_STRIDE]):
            return []
        nodes: list[Element] = []
        for at in range(1, len(pieces), _SPLIT_STRIDE):
            second, words, name, label, target, tail = pieces[at : at + _SPLIT_STRIDE]
            if words:
                node = Element("strong" if second else "em")
                node.text = words
            elif label:
                node = Element("a", {"href": target})
                node.text = label
            else:
                mark = f"[^{name}]"
                node = self.footnote_pattern.handleMatch(
                    self.footnote_pattern.compiled_re.match(mark), mark
                )[0]
            node.tail = tail or None
            nodes.append(node)
        holder.text = pieces[0] or None
        return nodes

    def expand_placeholders(
        self, data: str, holder: Element, *, is_text: bool = True
    ) -> list[Element]:
        """What stands in a text or tail as elements; `holder` takes the words before them."""
        found = self._InlineProcessor__processPlaceholders(data, holder, is_text)
        return [node for node, _ in found]

    def _InlineProcessor__handleInline(self, data: str, patternIndex: int = 0) -> str:  # noqa: N802, N803
        """Markdown's own name: it calls this for what it finds inside of what it has found."""
        if not _may_have_markup(data):
            return data
        for at, need, pattern in self.active_patterns:
            if at < patternIndex or need not in data:
                continue
            start = 0
            while start >= 0 and data.find(need, start) >= 0:
                data, start = self.apply_pattern(pattern, data, at, start)
        return data

    def apply_pattern(self, pattern: Any, data: str, index: int, start: int) -> tuple[str, int]:
        """One match put aside: the text with a placeholder, and where to go on; -1: no more."""
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
    """Whether any pattern may match in a text, or it holds what was put aside."""
    found = MARKUP_CHARS.search(text) or LINE_BREAK in text or INLINE_PLACEHOLDER_PREFIX in text
    return bool(found) and not isinstance(text, AtomicString)


class FastDelimiterProcessor(DelimiterProcessor):
    """Goes from `*` to `*` instead of from letter to letter."""

    def search(self, data: str, start: int) -> re.Match[str] | None:
        for sign in self.compiled_re.finditer(data, start):
            delimiter = self.delimiters[sign[0]]
            found = delimiter.boundary.match(data, sign.start())
            if found and (delimiter.stack or found.lastgroup != "end"):
                return found
        return None


class FastPrettifyTreeprocessor(PrettifyTreeprocessor):
    """Asks a set, not a list, whether a tag is of a block."""

    def _prettifyETree(self, elem: Element) -> None:  # noqa: N802 - Markdown's own name
        self.break_lines(elem, frozenset(self.md.block_level_elements))

    def break_lines(self, element: Element, block_tags: frozenset[str]) -> None:
        """Break the lines in an element, if it is one of a block, and behind it."""
        if element.tag in block_tags and element.tag != "pre":
            if len(element) and element[0].tag in block_tags and not (element.text or "").strip():
                element.text = "\n"
            for child in element:
                if child.tag in block_tags:
                    self.break_lines(child, block_tags)
        if not (element.tail or "").strip():
            element.tail = "\n"


def serialize(root: Element) -> str:
    """A tree as HTML, with the signs that were escaped. None of its elements is script."""
    out: list[str] = []
    add = out.append
    above: list[tuple[Iterator[Element], str]] = []
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
                above.append((level, end))
                level = iter(element)
                break
            add(end)
        else:
            if not above:
                return "".join(out)
            level, end = above.pop()
            add(end)


def _format_attributes(element: Element) -> str:
    """The attributes of an element, in order of their names."""
    attributes = element.attrib
    pairs = sorted(attributes.items()) if len(attributes) > 1 else attributes.items()
    return "".join([f' {name}="{_escape_attribute(value)}"' for name, value in pairs])


def _escape_attribute(value: str) -> str:
    value = _restore_escapes(value) if STX in value else value
    return _escape_text(value).replace(_QUOTE, "&quot;") if _NEEDS_ESCAPING.search(value) else value


def _restore_escapes(text: str) -> str:
    return UnescapeTreeprocessor.RE.sub(lambda found: chr(int(found[1])), text)


def _escape_text(text: str) -> str:
    if "&" in text:
        text = RE_AMP.sub("&amp;", text)
    if "<" in text:
        text = text.replace("<", "&lt;")
    if ">" in text:
        text = text.replace(">", "&gt;")
    return text
