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

from sitebuilder.checks.html import plain_tags
from sitebuilder.core.lazy_regex import lazy_compile
from sitebuilder.core.model import SitePage
from sitebuilder.core.problems import Problem, problem

_DATA: Final = lazy_compile(
    r"<script\b[^>]*application/ld\+json[^>]*>(.*?)</script>", re.DOTALL | re.IGNORECASE
)
_UNSEEN: Final = lazy_compile(  # up to the end of the element, from '<' to '<' and not by letters
    r"<(script|style|svg)\b[^<]*+(?:<(?!/\1>)[^<]*+)*+</\1>|<!--.*?-->", re.DOTALL | re.IGNORECASE
)
_HIDES: Final = lazy_compile(r"<(script|style|svg)\b", re.IGNORECASE)
_DESCRIBES: Final = '<meta name="description" content="{}">'
_TAG: Final = lazy_compile(r"""</?([a-z][a-z0-9]*)(?:[^>"']|"[^"]*"|'[^']*')*>""", re.IGNORECASE)
_WITHIN_TEXT: Final = frozenset(
    "a abbr b bdi cite code dfn em i mark q s small span strong sub sup time u wbr".split()
)
_DESCRIPTION: Final = lazy_compile(
    r"""<meta\b(?=[^>]*\bname=["']?description\b)[^>]*\bcontent="([^"]*)\"""", re.IGNORECASE
)
_LINK: Final = lazy_compile(r'<a\b[^>]*\bhref="([^"]*)"', re.IGNORECASE)
_DAY_SHOWN: Final = lazy_compile(r'<time\b[^>]*\bdatetime="([^"]*)"', re.IGNORECASE)

_TAG_WAS_HERE: Final = "\0"
"""Stands for a tag within a sentence. It may split a word that readers see as one."""

_PART_ENDS: Final = "\n"
"""Stands between paragraphs, cells and other parts: what is said may not run across it."""

_ADDRESSES: Final = frozenset({"url", "item", "inLanguage"})
"""Properties that no reader reads: addresses, and the code of the language."""

_TEMPLATE: Final = "This comes from a template."
_SAY_IT: Final = "Say it in the page, in the same words, or take it out of the data."


def says_what_the_page_says(place: SitePage, html: str) -> Iterator[Problem]:
    """The data parses, is there once, and each of its words, dates and sources is in the page."""
    path = place.page.path
    plain = plain_tags(html)  # then no script is anywhere but among these
    texts = plain[1] if plain else ()
    scripts = (f"<{text}</script>" for text in texts if text[:6].lower() == "script")
    found = _DATA.findall("".join(scripts) if plain else html)
    if len(found) > 1:
        message = f"the page holds data for search engines {len(found)} times, not once"
        yield problem("structured-data", path, message, hint=_TEMPLATE)
    for text in found:
        try:
            data = msgspec.json.decode(text)
        except msgspec.DecodeError as error:
            message = f"the data for search engines is not JSON: {error}"
            yield problem("structured-data", path, message, hint=_TEMPLATE)
        else:
            for what in _unsaid(data, html):
                message = f"the data for search engines gives {what}, and the page does not"
                yield problem("structured-data", path, message, hint=_SAY_IT)


def _unsaid(data: Any, html: str) -> Iterator[str]:
    """What the data says and the page does not, each thing once."""
    page = _Said(html)
    for way, value in dict.fromkeys(_values(data)):
        name = way[-1]
        if "citation" in way and name in {"url", "@id"}:
            said = value in page.links
        elif name.startswith("@") or name in _ADDRESSES:
            said = True
        elif name == "lastReviewed" or name.startswith("date"):
            said = value in page.days
        else:
            said = (
                page.says_alone(value)
                or _stands_plainly_in(value, page.flat)
                or _stands_in(value, page.words)
            )
        if not said:
            yield f"'{value}' as '{name}'"


class _Said:
    """What a page says, each kind of it found when it is asked for: most pages need little."""

    def __init__(self, html: str) -> None:
        self.html = html

    @cached_property
    def links(self) -> set[str]:
        return {unescape(link) for link in _LINK.findall(self.html)}

    @cached_property
    def days(self) -> set[str]:
        return set(_DAY_SHOWN.findall(self.html))

    @cached_property
    def words(self) -> str:
        return _words(self.html)

    @cached_property
    def flat(self) -> str:
        return self.words.replace(_TAG_WAS_HERE, "")

    @cached_property
    def seen(self) -> str:
        """What readers see, with its tags; nothing if they are not all written plainly."""
        return _seen(self.html) if plain_tags(self.html) is not None else ""

    def says_alone(self, value: str) -> bool:
        """Whether a text is all that stands between two tags, or the description. A quick look.

        `words` has it too then. No attribute of a plain tag holds a '<' or '>', so what stands
        between these two is text.
        """
        if not value.isprintable() or not value:
            return False
        written = escape(value)
        return f">{written}<" in self.seen or _DESCRIBES.format(written) in self.seen


def _seen(html: str) -> str:
    """A page without what `_UNSEEN` finds in it; nothing if an end is not where it should be."""
    parts, at = [], 0
    while found := _HIDES.search(html, at):
        parts.append(html[at : found.start()])
        end = f"</{found[1]}>"
        at = html.find(end, found.end()) + len(end)
        if at < len(end):
            return ""
    return " ".join([*parts, html[at:]])


def _values(data: Any) -> list[tuple[tuple[str, ...], str]]:
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


def _words(html: str) -> str:
    """What readers see of a page, with its title and description, in small letters."""
    pieces = _TAG.split(_UNSEEN.sub(" ", html).replace(_PART_ENDS, " "))
    pieces[1::2] = [  # each second piece is the name of a tag
        _TAG_WAS_HERE if name in _WITHIN_TEXT or name.lower() in _WITHIN_TEXT else _PART_ENDS
        for name in pieces[1::2]
    ]
    parts = "".join(pieces) + _PART_ENDS + _PART_ENDS.join(_DESCRIPTION.findall(html))
    lines = unescape(parts).casefold().split(_PART_ENDS)
    return _PART_ENDS.join(" ".join(line.split()) for line in lines)


def _stands_plainly_in(value: str, flat: str) -> bool:
    """Whether a text stands among the words, as whole words, with no tag to be minded."""
    wanted = " ".join(value.split()).casefold()
    at = flat.find(wanted)
    while at >= 0:
        before, after = flat[at - 1 : at], flat[at + len(wanted) : at + len(wanted) + 1]
        if not before.isalnum() and not after.isalnum():
            return True
        at = flat.find(wanted, at + 1)
    return False


def _stands_in(value: str, words: str) -> bool:
    """Whether a text stands among the words; `disc` does not stand in `discharge`."""
    wanted = " ".join(value.split()).casefold()
    letters = [f" [ {_TAG_WAS_HERE}]*" if c == " " else re.escape(c) for c in wanted]
    pattern = f"{_TAG_WAS_HERE}*".join(letters)
    before = r"(?<!\w)" if wanted[:1].isalnum() else ""
    after = r"(?!\w)" if wanted[-1:].isalnum() else ""
    return re.search(before + pattern + after, words) is not None
