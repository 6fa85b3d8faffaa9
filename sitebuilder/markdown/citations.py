"""Format citations of sources as Markdown."""

from __future__ import annotations

import re
from typing import Final

from sitebuilder.core.evidence import READ_DEPTHS, SOURCE_GRADES, Source

_MARKUP_CHARS: Final = re.compile(r"([\\`*_\[\]|{}#])")
_BLOCK_START: Final = re.compile(r"^(\d+(?=\.(?:\s|$))|)([-+>:~=.])")  # of a list, quote or block

_VOLUME: Final = re.compile(r"[0-9]|[A-Z]{2}[0-9]")
"""Matches the start of details that are a volume and pages, rather than a remark."""


def escape_markdown(text: str) -> str:
    """Escape text from a data file, so that Markdown shows it literally."""
    escaped = _MARKUP_CHARS.sub(r"\\\1", text.replace("&", "&amp;").replace("<", "&lt;"))
    return _BLOCK_START.sub(lambda match: f"{match[1]}&#{ord(match[2])};", escaped)


def format_citation(source: Source) -> str:
    """Format authors, title, publication, date, details and link."""
    date = str(source.year or "No date")
    if source.details:
        date += (";" if _VOLUME.match(source.details) else ". ") + source.details
    parts = [source.authors, source.title, source.source, date]
    text = escape_markdown(
        " ".join(part if part.endswith((".", "?", "!")) else f"{part}." for part in parts if part)
    )
    return f"{text} <{source.href}>" if source.href else text


def format_evidence_label(source: Source) -> str:
    """Format the grade of a source and how much of it was read."""
    return f"{SOURCE_GRADES[source.kind]}; {READ_DEPTHS[source.read]}."


def format_short_citation(source: Source) -> str:
    """Format authors (or else the title), publication and, if known, year."""
    author = source.authors or source.title
    return escape_markdown(
        f"{author}, {source.source}" + (f", {source.year}" if source.year else "")
    )
