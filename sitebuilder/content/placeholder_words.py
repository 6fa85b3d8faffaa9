"""Words that an editor meant to replace, such as TODO, in pages and in data files."""

from __future__ import annotations

from typing import Final

from sitebuilder.core.lazy_regex import lazy_compile

_MARKS: Final = ("TODO", "FIXME", "TBD", "TBC", "XX", "???", "orem ipsum")
PLACEHOLDER: Final = lazy_compile(
    r"\b(?:TODO|FIXME|TBD|TBC)\b|\bX{3,}\b|\bXX(?=[ %])|\b[Ll]orem ipsum\b"
    r"|(?<!\S)(?!^\s*\?{3}\+? +[\w\"])\?{3,}(?!\S)"
)


def may_have_placeholder(text: str) -> bool:
    """Return whether a text may hold a placeholder; nearly none does, so this is fast."""
    return any([mark in text for mark in _MARKS])  # noqa: C419 - a generator takes twice as long
