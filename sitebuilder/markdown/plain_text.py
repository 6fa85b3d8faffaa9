"""A page's body in; the words and pictures that a reader sees out, as plain lines.

This text is what a clinician signs: its digest is on record, and the difference to it is shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Final

from sitebuilder.core.lazy_regex import lazy_compile
from sitebuilder.core.model import Block, ConvertedBody, Page, Part
from sitebuilder.markdown.blocks import KINDS

_LINE_ENDS: Final = lazy_compile(r"</(?:p|li|h\d|tr|dt|dd|td|th|pre|blockquote)>|<br>|<hr>")
_START: Final = lazy_compile(r"<(?P<tag>li|h[1-6]|th|td)\b[^>]*>")
_MARKS: Final = {"li": "- ", "th": "| ", "td": "| "}
_TAG: Final = lazy_compile(r'<(?:[^">]|"[^"]*")*>')
_PICTURE: Final = lazy_compile(r'<img\b(?:[^">]|"[^"]*")*>')
_SAID: Final = lazy_compile(r' (?:src|alt)="([^"]*)"')
_NOTE: Final = lazy_compile(r"<span popover[^>]*>(.*?)</span>")
_BACK: Final = lazy_compile(r'<a\b[^>]*"footnote-backref"[^>]*>.*?</a>')


def words_of(page: Page, body: ConvertedBody, pictures: Mapping[str, str]) -> str:
    """The title, the lines of the body, its sources. `pictures`: the digest of each, by name."""
    lines = [f"# {page.title}", *_parts(body.parts, pictures), *_lines(body.sources)]
    return "\n".join(line for line in (" ".join(line.split()) for line in lines) if line) + "\n"


def _parts(parts: tuple[Part, ...], pictures: Mapping[str, str]) -> Iterator[str]:
    for part in parts:
        if isinstance(part, Block):
            yield from _block(part, pictures)
        else:
            yield from _lines(part)


def _block(block: Block, pictures: Mapping[str, str]) -> Iterator[str]:
    kind = KINDS.get(block.name)
    files = unescape(block.title).split() if kind and kind.files else []
    yield f"[{block.name}] " + ("" if files else _plain(block.title))
    for file in files:
        yield f"[picture {file} {pictures.get(file, '')}]"
    for name, value in block.fields.items():
        if value and name != "signs":  # the list by that name follows
            yield f"{name}: {_plain(value)}"
    yield from _parts(block.parts, pictures)
    for item in block.items:
        yield f"{'#' * item.level} {_plain(item.title)}"
        yield from _parts(item.parts, pictures)
    yield f"[end of {block.name}]"


def _lines(html: str) -> Iterator[str]:
    flat = " ".join(_BACK.sub("", html).split())  # readers do not see where source lines end
    marked = _START.sub(lambda found: "\n" + _start(found["tag"]), flat)
    for line in _LINE_ENDS.sub("\n", marked).split("\n"):
        yield _plain(line)


def _start(tag: str) -> str:
    return _MARKS.get(tag) or "#" * int(tag[1]) + " "


def _plain(html: str) -> str:
    html = _PICTURE.sub(_picture, _NOTE.sub(r" (\1)", html))
    return unescape(_TAG.sub("", html)).strip()


def _picture(found: re.Match[str]) -> str:
    """The name of a picture in running text, and its words for those who do not see it."""
    return f"[picture {' '.join(_SAID.findall(found[0]))}]"
