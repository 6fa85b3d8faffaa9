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

INLINE_NEEDS: Final = {
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

SIGNS: Final = re.compile(r"[`\\\[<&*_]")
BREAK: Final = "  \n"
"""One of both is in each text that an inline pattern matches in.

Apart, since a search for one of some signs is by far quicker than a search for this or that.
"""

_QUOTE: Final = '"'
_NOT_PLAIN: Final = re.compile(r'[&<>"]')

_PLAIN: Final = rf"[^{STX}`\\\[\]<&*_]+"

SIMPLE: Final = re.compile(  # each part begins with its sign, which makes a search quick
    rf"\*(?<!\S\*)(?P<second>\*?)(?![\s*])({_PLAIN})(?<!\s)\*(?P=second)(?!\*)"
    rf"|\[(?<!!\[)\^([^{STX}`\\\[\]<&]+)\]"
    rf"|\[(?<!!\[)({_PLAIN})\]\(([^\s{STX}()<>'\"`\\\[\]]+)\)"
)
"""Strong or stressed words, a source mark, a link: in the form that nearly all of them have."""

_STRIDE: Final = SIMPLE.groups + 1
"""Pieces from one such to the next when a text is split at them."""

_OF_REFERENCES: Final = {"reference", "image_reference", "short_reference", "short_image_ref"}
"""Patterns that change nothing on a page which defines no link by a name."""


class QuickInline(InlineProcessor):
    """Tries a pattern only on a text that holds what the pattern needs.

    It leaves out `ancestors`: no pattern here asks what it stands in.
    """

    _InlineProcessor__processPlaceholders: Any  # Markdown's own, private to it
    stashed_nodes: dict[str, Any]
    ancestors: list[str]
    note: Any
    rows: list[tuple[int, str, Any]]
    every: tuple[list[tuple[int, str, Any]], ...] = ()
    """The patterns that can match on this page: place in Markdown's order, need, pattern."""

    def run(self, tree: Element, ancestors: list[str] | None = None) -> Element:  # noqa: ARG002
        self.stashed_nodes, self.ancestors = {}, []
        self.every = self.every or (
            self.patterns(references=False),
            self.patterns(references=True),
        )
        self.rows = self.every[bool(self.md.references)]
        self.note = self.md.inlinePatterns["footnote"]
        queue = deque([tree])
        while queue:
            parent = queue.popleft()
            made: list[tuple[Element, list[Element]]] = []
            for child in parent:
                text, tail = child.text, child.tail
                if text and _has_signs(text):
                    nodes = self.simple(text, child)
                    if not nodes:
                        child.text = None
                        nodes = self.nodes(self._InlineProcessor__handleInline(text), child)
                        queue.extend(nodes)
                    made.append((child, nodes))
                if tail and _has_signs(tail):
                    tail = self._InlineProcessor__handleInline(tail)
                    holder = Element("d")
                    nodes = self.nodes(tail, holder, is_text=False)
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

    def patterns(self, *, references: bool) -> list[tuple[int, str, Any]]:
        """The patterns that can match on a page, with and without links defined by a name."""
        patterns = self.md.inlinePatterns
        needs = {
            patterns.get_index_for_name(name): need
            for name, need in INLINE_NEEDS.items()
            if references or name not in _OF_REFERENCES
        }
        return [(at, needs[at], patterns[at]) for at in sorted(needs)]

    def simple(self, text: str, holder: Element) -> list[Element]:
        """What stands in a text, if all of it is simple; `holder` takes the words before.

        Nothing that is simple holds a sign, so nothing within has to be looked through again.
        """
        pieces = SIMPLE.split(text)
        if (
            len(pieces) == 1
            or BREAK in text
            or INLINE_PLACEHOLDER_PREFIX in text
            or self.md.references
            or SIGNS.search("\0".join(pieces[::_STRIDE]))
        ):
            return []
        known = self.note.footnotes.footnotes
        if any(name is not None and name not in known for name in pieces[3::_STRIDE]):
            return []
        nodes: list[Element] = []
        for at in range(1, len(pieces), _STRIDE):
            second, words, name, label, target, tail = pieces[at : at + _STRIDE]
            if words:
                node = Element("strong" if second else "em")
                node.text = words
            elif label:
                node = Element("a", {"href": target})
                node.text = label
            else:
                mark = f"[^{name}]"
                node = self.note.handleMatch(self.note.compiled_re.match(mark), mark)[0]
            node.tail = tail or None
            nodes.append(node)
        holder.text = pieces[0] or None
        return nodes

    def nodes(self, data: str, holder: Element, *, is_text: bool = True) -> list[Element]:
        """What stands in a text or tail as elements; `holder` takes the words before them."""
        found = self._InlineProcessor__processPlaceholders(data, holder, is_text)
        return [node for node, _ in found]

    def _InlineProcessor__handleInline(self, data: str, patternIndex: int = 0) -> str:  # noqa: N802, N803
        """Markdown's own name: it calls this for what it finds inside of what it has found."""
        if not _has_signs(data):
            return data
        for at, need, pattern in self.rows:
            if at < patternIndex or need not in data:
                continue
            start = 0
            while start >= 0 and data.find(need, start) >= 0:
                data, start = self.apply(pattern, data, at, start)
        return data

    def apply(self, pattern: Any, data: str, at: int, start: int) -> tuple[str, int]:
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
                    child.text = self._InlineProcessor__handleInline(child.text, at + 1)
                if child.tail:
                    child.tail = self._InlineProcessor__handleInline(child.tail, at)
        name = f"{len(self.stashed_nodes):04d}"
        self.stashed_nodes[name] = node
        placeholder = INLINE_PLACEHOLDER % name
        return f"{data[:begin]}{placeholder}{data[end:]}", begin + len(placeholder)


def _has_signs(text: str) -> bool:
    """Whether any pattern may match in a text, or it holds what was put aside."""
    found = SIGNS.search(text) or BREAK in text or INLINE_PLACEHOLDER_PREFIX in text
    return bool(found) and not isinstance(text, AtomicString)


class QuickDelimiters(DelimiterProcessor):
    """Goes from `*` to `*` instead of from letter to letter."""

    def search(self, data: str, start: int) -> re.Match[str] | None:
        for sign in self.compiled_re.finditer(data, start):
            delimiter = self.delimiters[sign[0]]
            found = delimiter.boundary.match(data, sign.start())
            if found and (delimiter.stack or found.lastgroup != "end"):
                return found
        return None


class QuickPrettify(PrettifyTreeprocessor):
    """Asks a set, not a list, whether a tag is of a block."""

    def _prettifyETree(self, elem: Element) -> None:  # noqa: N802 - Markdown's own name
        self.lines(elem, frozenset(self.md.block_level_elements))

    def lines(self, element: Element, blocks: frozenset[str]) -> None:
        """Break the lines in an element, if it is one of a block, and behind it."""
        if element.tag in blocks and element.tag != "pre":
            if len(element) and element[0].tag in blocks and not (element.text or "").strip():
                element.text = "\n"
            for child in element:
                if child.tag in blocks:
                    self.lines(child, blocks)
        if not (element.tail or "").strip():
            element.tail = "\n"


def html_of(root: Element) -> str:
    """A tree as HTML, with the signs that were escaped. None of its elements is script."""
    out: list[str] = []
    add = out.append
    above: list[tuple[Iterator[Element], str]] = []
    level = iter((root,))
    while True:
        for element in level:
            tag, text, tail = element.tag, element.text, element.tail
            add(f"<{tag}{_values(element)}>" if element.attrib else f"<{tag}>")
            if text:
                text = text if STX not in text or tag == "code" else _unescaped(text)
                add(_escape(text) if "&" in text or "<" in text or ">" in text else text)
            end = "" if tag in HTML_EMPTY else f"</{tag}>"
            if tail:
                tail = _unescaped(tail) if STX in tail else tail
                end += _escape(tail) if "&" in tail or "<" in tail or ">" in tail else tail
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


def _values(element: Element) -> str:
    """The attributes of an element, in order of their names."""
    attributes = element.attrib
    pairs = sorted(attributes.items()) if len(attributes) > 1 else attributes.items()
    return "".join([f' {name}="{_quoted(value)}"' for name, value in pairs])


def _quoted(value: str) -> str:
    value = _unescaped(value) if STX in value else value
    return _escape(value).replace(_QUOTE, "&quot;") if _NOT_PLAIN.search(value) else value


def _unescaped(text: str) -> str:
    return UnescapeTreeprocessor.RE.sub(lambda found: chr(int(found[1])), text)


def _escape(text: str) -> str:
    if "&" in text:
        text = RE_AMP.sub("&amp;", text)
    if "<" in text:
        text = text.replace("<", "&lt;")
    if ">" in text:
        text = text.replace(">", "&gt;")
    return text
