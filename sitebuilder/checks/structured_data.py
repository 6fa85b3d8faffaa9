"""Whether the data that a page holds for search engines says only what the page says.

Search engines punish hidden claims, and may show them to patients without the page around them.
Regular expressions, since this runs on every page and a parser takes far longer.
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
_HIDDEN_ELEMENT: Final = (
    lazy_compile(  # up to the end of the element, from '<' to '<' and not by letters
        r"<(script|style|svg)\b[^<]*+(?:<(?!/\1>)[^<]*+)*+</\1>|<!--.*?-->",
        re.DOTALL | re.IGNORECASE,
    )
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
"""Stands for a tag within a sentence. It may split a word that readers see as one."""

_BLOCK_SEPARATOR: Final = "\n"
"""Stands between paragraphs, cells and other parts: what is said may not run across it."""

_UNCHECKED_PROPERTIES: Final = frozenset({"url", "item", "inLanguage"})
"""Properties that no reader reads: addresses, and the code of the language."""

_TEMPLATE_HINT: Final = "This comes from a template."
_MISMATCH_HINT: Final = "Say it in the page, in the same words, or take it out of the data."


def check_structured_data(site_page: SitePage, html: str) -> Iterator[Problem]:
    """The data parses, is there once, and each of its words, dates and sources is in the page."""
    path = site_page.page.path
    plain = parse_plain_tags(html)  # then no script is anywhere but among these
    texts = plain[1] if plain else ()
    scripts = (f"<{text}</script>" for text in texts if text[:6].lower() == "script")
    found = _JSON_LD_SCRIPT.findall("".join(scripts) if plain else html)
    if len(found) > 1:
        message = f"the page holds data for search engines {len(found)} times, not once"
        yield problem("structured-data", path, message, hint=_TEMPLATE_HINT)
    for text in found:
        try:
            data = msgspec.json.decode(text)
        except msgspec.DecodeError as error:
            message = f"the data for search engines is not JSON: {error}"
            yield problem("structured-data", path, message, hint=_TEMPLATE_HINT)
        else:
            for what in _find_mismatches(data, html):
                message = f"the data for search engines gives {what}, and the page does not"
                yield problem("structured-data", path, message, hint=_MISMATCH_HINT)


def _find_mismatches(data: Any, html: str) -> Iterator[str]:
    """What the data says and the page does not, each thing once."""
    page = _PageText(html)
    for way, value in dict.fromkeys(_collect_strings(data)):
        name = way[-1]
        if "citation" in way and name in {"url", "@id"}:
            said = value in page.links
        elif name.startswith("@") or name in _UNCHECKED_PROPERTIES:
            said = True
        elif name == "lastReviewed" or name.startswith("date"):
            said = value in page.dates
        else:
            said = (
                page.is_whole_text(value)
                or _contains_phrase(value, page.text_without_markers)
                or _contains_phrase_across_tags(value, page.visible_text)
            )
        if not said:
            yield f"'{value}' as '{name}'"


class _PageText:
    """What a page says, each kind of it found when it is asked for: most pages need little."""

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
        """What readers see, with its tags; nothing if they are not all written plainly."""
        return _remove_hidden_elements(self.html) if parse_plain_tags(self.html) is not None else ""

    def is_whole_text(self, value: str) -> bool:
        """Whether a text is all that stands between two tags, or the description. A quick look.

        `words` has it too then. No attribute of a plain tag holds a '<' or '>', so what stands
        between these two is text.
        """
        if not value.isprintable() or not value:
            return False
        written = escape(value)
        return (
            f">{written}<" in self.visible_html
            or _DESCRIPTION_TAG.format(written) in self.visible_html
        )


def _remove_hidden_elements(html: str) -> str:
    """A page without what `_UNSEEN` finds in it; nothing if an end is not where it should be."""
    parts, at = [], 0
    while found := _HIDDEN_ELEMENT_START.search(html, at):
        parts.append(html[at : found.start()])
        end = f"</{found[1]}>"
        at = html.find(end, found.end()) + len(end)
        if at < len(end):
            return ""
    return " ".join([*parts, html[at:]])


def _collect_strings(data: Any) -> list[tuple[tuple[str, ...], str]]:
    """Each text of the data, and the names of the properties on the way to it."""
    found: list[tuple[tuple[str, ...], str]] = []
    todo: list[tuple[tuple[str, ...], Any]] = [(("",), data)]
    while todo:
        way, value = todo.pop()
        if isinstance(value, str):
            found.append((way, value))
        elif isinstance(value, dict):
            todo += [((*way, name), inner) for name, inner in reversed(value.items())]
        elif isinstance(value, list):
            todo += [(way, inner) for inner in reversed(value)]
    return found


def _extract_visible_text(html: str) -> str:
    """What readers see of a page, with its title and description, in small letters."""
    pieces = _TAG.split(_HIDDEN_ELEMENT.sub(" ", html).replace(_BLOCK_SEPARATOR, " "))
    pieces[1::2] = [  # each second piece is the name of a tag
        _INLINE_TAG_MARKER
        if name in _INLINE_ELEMENTS or name.lower() in _INLINE_ELEMENTS
        else _BLOCK_SEPARATOR
        for name in pieces[1::2]
    ]
    parts = (
        "".join(pieces) + _BLOCK_SEPARATOR + _BLOCK_SEPARATOR.join(_META_DESCRIPTION.findall(html))
    )
    lines = unescape(parts).casefold().split(_BLOCK_SEPARATOR)
    return _BLOCK_SEPARATOR.join(" ".join(line.split()) for line in lines)


def _contains_phrase(value: str, text: str) -> bool:
    """Whether a text stands among the words, as whole words, with no tag to be minded."""
    wanted = " ".join(value.split()).casefold()
    at = text.find(wanted)
    while at >= 0:
        before, after = text[at - 1 : at], text[at + len(wanted) : at + len(wanted) + 1]
        if not before.isalnum() and not after.isalnum():
            return True
        at = text.find(wanted, at + 1)
    return False


def _contains_phrase_across_tags(value: str, text: str) -> bool:
    """Whether a text stands among the words; `disc` does not stand in `discharge`."""
    wanted = " ".join(value.split()).casefold()
    letters = [f" [ {_INLINE_TAG_MARKER}]*" if c == " " else re.escape(c) for c in wanted]
    pattern = f"{_INLINE_TAG_MARKER}*".join(letters)
    before = r"(?<!\w)" if wanted[:1].isalnum() else ""
    after = r"(?!\w)" if wanted[-1:].isalnum() else ""
    return re.search(before + pattern + after, text) is not None
