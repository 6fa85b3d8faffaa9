"""Render a converted page as plain text: the words and pictures that readers see.

This is the text that a clinician signs. Reviews record its digest and show the changes since.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Final

from sitebuilder.core.lazy_regex import lazy_compile
from sitebuilder.core.model import Block, ConvertedBody, Page, Part
from sitebuilder.markdown.block_specs import BLOCK_SPECS

_LINE_END_TAG: Final = lazy_compile(r"</(?:p|li|h\d|tr|dt|dd|td|th|pre|blockquote)>|<br>|<hr>")
_PREFIXED_TAG: Final = lazy_compile(r"<(?P<tag>li|h[1-6]|th|td)\b[^>]*>")
_LINE_PREFIXES: Final = {"li": "- ", "th": "| ", "td": "| "}
_TAG: Final = lazy_compile(r'<(?:[^">]|"[^"]*")*>')
_IMAGE: Final = lazy_compile(r'<img\b(?:[^">]|"[^"]*")*>')
_SRC_OR_ALT: Final = lazy_compile(r' (?:src|alt)="([^"]*)"')
_TERM_POPOVER: Final = lazy_compile(r"<span popover[^>]*>(.*?)</span>")
_FOOTNOTE_BACKREF: Final = lazy_compile(r'<a\b[^>]*"footnote-backref"[^>]*>.*?</a>')


def signed_page_text(page: Page, body: ConvertedBody, picture_digests: Mapping[str, str]) -> str:
    """Render the title, body and sources of a page.

    Args:
        picture_digests: Digest of each picture, by its name in a figure block.
    """
    lines = [
        f"# {page.title}",
        *_iter_part_lines(body.parts, picture_digests),
        *_iter_html_lines(body.sources),
    ]
    return "\n".join(line for line in (" ".join(line.split()) for line in lines) if line) + "\n"


def _iter_part_lines(parts: tuple[Part, ...], picture_digests: Mapping[str, str]) -> Iterator[str]:
    for part in parts:
        if isinstance(part, Block):
            yield from _iter_block_lines(part, picture_digests)
        else:
            yield from _iter_html_lines(part)


def _iter_block_lines(block: Block, picture_digests: Mapping[str, str]) -> Iterator[str]:
    spec = BLOCK_SPECS.get(block.name)
    files = unescape(block.title).split() if spec and spec.title_lists_files else []
    yield f"[{block.name}] " + ("" if files else _strip_tags(block.title))
    for file in files:
        yield f"[picture {file} {picture_digests.get(file, '')}]"
    for name, value in block.fields.items():
        if value and name != "signs":  # the list that it names follows in `parts`
            yield f"{name}: {_strip_tags(value)}"
    yield from _iter_part_lines(block.parts, picture_digests)
    for item in block.items:
        yield f"{'#' * item.level} {_strip_tags(item.title)}"
        yield from _iter_part_lines(item.parts, picture_digests)
    yield f"[end of {block.name}]"


def _iter_html_lines(html: str) -> Iterator[str]:
    # Line breaks in the HTML source are not visible.
    flat = " ".join(_FOOTNOTE_BACKREF.sub("", html).split())
    prefixed = _PREFIXED_TAG.sub(lambda match: "\n" + _line_prefix(match["tag"]), flat)
    for line in _LINE_END_TAG.sub("\n", prefixed).split("\n"):
        yield _strip_tags(line)


def _line_prefix(tag: str) -> str:
    return _LINE_PREFIXES.get(tag) or "#" * int(tag[1]) + " "


def _strip_tags(html: str) -> str:
    html = _IMAGE.sub(_format_image, _TERM_POPOVER.sub(r" (\1)", html))
    return unescape(_TAG.sub("", html)).strip()


def _format_image(match: re.Match[str]) -> str:
    """Render a picture within text as its name and alternative text."""
    return f"[picture {' '.join(_SRC_OR_ALT.findall(match[0]))}]"
