"""Check that the structured data of a page (JSON-LD) states only what the page itself shows.

Search engines penalize hidden claims, and may show them to patients without the page around them.
The check uses regular expressions: it runs on every page, and a parser takes far longer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from html import unescape
from typing import Any, Final

import msgspec
from markupsafe import escape

from sitebuilder.checks.html import parse_plain_tags
from sitebuilder.core.lazy_regex import lazy_compile
from sitebuilder.core.model import SitePage
from sitebuilder.core.problems import Problem, problem

_JSON_LD_SCRIPT: Final = lazy_compile(
    r"<script\b[^>]*application/ld\+json[^>]*>(.*?)</script>", re.DOTALL | re.IGNORECASE
)
# It searches for the end tag from '<' to '<', which is faster than character by character.
_HIDDEN_ELEMENT: Final = lazy_compile(
    r"<(script|style|svg)\b[^<]*+(?:<(?!/\1>)[^<]*+)*+</\1>|<!--.*?-->",
    re.DOTALL | re.IGNORECASE,
)
_HIDDEN_ELEMENT_START: Final = lazy_compile(r"<(script|style|svg)\b", re.IGNORECASE)
_DESCRIPTION_TAG: Final = '<meta name="description" content="{}">'
_TAG: Final = lazy_compile(r"""</?([a-z][a-z0-9]*)(?:[^>"']|"[^"]*"|'[^']*')*>""", re.IGNORECASE)
_INLINE_ELEMENTS: Final = frozenset(
    "a abbr b bdi cite code dfn em i mark q s small span strong sub sup time u wbr".split()
)
_META_DESCRIPTION: Final = lazy_compile(
    r"""<meta\b(?=[^>]*\bname=["']?description\b)[^>]*\bcontent="([^"]*)\"""", re.IGNORECASE
)
_LINK_HREF: Final = lazy_compile(r'<a\b[^>]*\bhref="([^"]*)"', re.IGNORECASE)
_TIME_DATETIME: Final = lazy_compile(r'<time\b[^>]*\bdatetime="([^"]*)"', re.IGNORECASE)

_INLINE_TAG_MARKER: Final = "\0"
"""Replaces the tag of an inline element, which may split a word that readers see as one."""

_BLOCK_SEPARATOR: Final = "\n"
"""Separates paragraphs, cells and other blocks. A phrase may not extend across it."""

_UNCHECKED_PROPERTIES: Final = frozenset({"url", "item", "inLanguage"})
"""Properties that are not for readers: URLs and the language code."""

_TEMPLATE_HINT: Final = "This comes from a template."
_MISMATCH_HINT: Final = "Say it in the page, in the same words, or remove it from the data."


def check_structured_data(site_page: SitePage, html: str) -> Iterator[Problem]:
    """Check that a page has at most one JSON-LD script, and that it agrees with the page.

    It must be valid JSON, and each of its texts, dates and sources must be in the page.
    """
    path = site_page.page.path
    plain = parse_plain_tags(html)  # then every script is among its raw texts
    texts = plain[1] if plain else ()
    scripts = (f"<{text}</script>" for text in texts if text[:6].lower() == "script")
    documents = _JSON_LD_SCRIPT.findall("".join(scripts) if plain else html)
    if len(documents) > 1:
        message = f"the page holds data for search engines {len(documents)} times, not once"
        yield problem("structured-data", path, message, hint=_TEMPLATE_HINT)
    for document in documents:
        try:
            data = msgspec.json.decode(document)
        except msgspec.DecodeError as error:
            message = f"the data for search engines is not JSON: {error}"
            yield problem("structured-data", path, message, hint=_TEMPLATE_HINT)
        else:
            for mismatch in _find_mismatches(data, html):
                message = f"the data for search engines gives {mismatch}, and the page does not"
                yield problem("structured-data", path, message, hint=_MISMATCH_HINT)


def _find_mismatches(data: Any, html: str) -> Iterator[str]:
    """Yield a description of each value that the page does not show, without duplicates."""
    page = _PageText(html)
    for property_path, value in dict.fromkeys(_collect_strings(data)):
        name = property_path[-1]
        if "citation" in property_path and name in {"url", "@id"}:
            is_shown = value in page.links
        elif name.startswith("@") or name in _UNCHECKED_PROPERTIES:
            is_shown = True
        elif name == "lastReviewed" or name.startswith("date"):
            is_shown = value in page.dates
        else:
            is_shown = (
                page.is_whole_text(value)
                or _contains_phrase(value, page.text_without_markers)
                or _contains_phrase_across_tags(value, page.visible_text)
            )
        if not is_shown:
            yield f"'{value}' as '{name}'"


class _PageText:
    """The parts of a page that data is compared with. Computed lazily: most pages need few."""

    def __init__(self, html: str) -> None:
        self.html = html

    @cached_property
    def links(self) -> set[str]:
        return {unescape(link) for link in _LINK_HREF.findall(self.html)}

    @cached_property
    def dates(self) -> set[str]:
        return set(_TIME_DATETIME.findall(self.html))

    @cached_property
    def visible_text(self) -> str:
        return _extract_visible_text(self.html)

    @cached_property
    def text_without_markers(self) -> str:
        return self.visible_text.replace(_INLINE_TAG_MARKER, "")

    @cached_property
    def visible_html(self) -> str:
        """The page without its hidden elements; empty if it is not plain or one is unclosed."""
        return _remove_hidden_elements(self.html) if parse_plain_tags(self.html) is not None else ""

    def is_whole_text(self, value: str) -> bool:
        """Whether the value is all the text between two tags, or the description.

        A fast path: `visible_text` contains such a value too. The attributes of plain tags hold no
        '<' or '>', so whatever is between `>` and `<` is text.
        """
        if not value.isprintable() or not value:
            return False
        escaped = escape(value)
        return (
            f">{escaped}<" in self.visible_html
            or _DESCRIPTION_TAG.format(escaped) in self.visible_html
        )


def _remove_hidden_elements(html: str) -> str:
    """Return plain HTML without scripts, styles and SVGs; empty if one of them is not closed."""
    parts, end = [], 0
    while match := _HIDDEN_ELEMENT_START.search(html, end):
        parts.append(html[end : match.start()])
        end_tag = f"</{match[1]}>"
        end = html.find(end_tag, match.end()) + len(end_tag)
        if end < len(end_tag):
            return ""
    return " ".join([*parts, html[end:]])


def _collect_strings(data: Any) -> list[tuple[tuple[str, ...], str]]:
    """Return the strings in the data, each after the names of the properties that lead to it."""
    strings: list[tuple[tuple[str, ...], str]] = []
    stack: list[tuple[tuple[str, ...], Any]] = [(("",), data)]
    while stack:
        property_path, value = stack.pop()
        if isinstance(value, str):
            strings.append((property_path, value))
        elif isinstance(value, dict):
            stack += [((*property_path, name), inner) for name, inner in reversed(value.items())]
        elif isinstance(value, list):
            stack += [(property_path, inner) for inner in reversed(value)]
    return strings


def _extract_visible_text(html: str) -> str:
    """Return what readers see of a page, with its title and description, in lower case."""
    pieces = _TAG.split(_HIDDEN_ELEMENT.sub(" ", html).replace(_BLOCK_SEPARATOR, " "))
    pieces[1::2] = [  # every second piece is the name of a tag
        _INLINE_TAG_MARKER
        if name in _INLINE_ELEMENTS or name.lower() in _INLINE_ELEMENTS
        else _BLOCK_SEPARATOR
        for name in pieces[1::2]
    ]
    descriptions = _BLOCK_SEPARATOR.join(_META_DESCRIPTION.findall(html))
    text = "".join(pieces) + _BLOCK_SEPARATOR + descriptions
    blocks = unescape(text).casefold().split(_BLOCK_SEPARATOR)
    return _BLOCK_SEPARATOR.join(" ".join(block.split()) for block in blocks)


def _contains_phrase(value: str, text: str) -> bool:
    """Whether text without inline tag markers contains the value as whole words."""
    phrase = " ".join(value.split()).casefold()
    start = text.find(phrase)
    while start >= 0:
        end = start + len(phrase)
        before, after = text[start - 1 : start], text[end : end + 1]
        if not before.isalnum() and not after.isalnum():
            return True
        start = text.find(phrase, start + 1)
    return False


def _contains_phrase_across_tags(value: str, text: str) -> bool:
    """Whether text contains the value, with tags anywhere in it, as whole words.

    `discharge` does not contain `disc`.
    """
    phrase = " ".join(value.split()).casefold()
    characters = [f" [ {_INLINE_TAG_MARKER}]*" if c == " " else re.escape(c) for c in phrase]
    pattern = f"{_INLINE_TAG_MARKER}*".join(characters)
    before = r"(?<!\w)" if phrase[:1].isalnum() else ""
    after = r"(?!\w)" if phrase[-1:].isalnum() else ""
    return re.search(before + pattern + after, text) is not None
