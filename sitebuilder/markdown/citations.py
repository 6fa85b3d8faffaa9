"""A source in; how a list of sources names it out, as Markdown."""

from __future__ import annotations

import re
from typing import Final

from sitebuilder.core.evidence import READ_DEPTHS, SOURCE_GRADES, Source

_MARKUP_CHARS: Final = re.compile(r"([\\`*_\[\]|{}#])")
_BLOCK_START: Final = re.compile(r"^(\d+(?=\.(?:\s|$))|)([-+>:~=.])")  # of a list, quote, block

_VOLUME: Final = re.compile(r"[0-9]|[A-Z]{2}[0-9]")


def escape_markdown(text: str) -> str:
    """Text from a data file as Markdown that shows just that text."""
    signs = _MARKUP_CHARS.sub(r"\\\1", text.replace("&", "&amp;").replace("<", "&lt;"))
    return _BLOCK_START.sub(lambda found: f"{found[1]}&#{ord(found[2])};", signs)


def format_citation(source: Source) -> str:
    """Who wrote it, what it is called, where and when, and where it can be read."""
    when = str(source.year or "No date")
    if source.details:  # volume and pages, or a remark
        when += (";" if _VOLUME.match(source.details) else ". ") + source.details
    words = [source.authors, source.title, source.source, when]
    text = escape_markdown(
        " ".join(w if w.endswith((".", "?", "!")) else f"{w}." for w in words if w)
    )
    return f"{text} <{source.href}>" if source.href else text


def format_evidence_label(source: Source) -> str:
    """How strong a source is, and what was read of it."""
    return f"{SOURCE_GRADES[source.kind]}; {READ_DEPTHS[source.read]}."


def format_short_citation(source: Source) -> str:
    """A source in a few words."""
    who = source.authors or source.title
    return escape_markdown(f"{who}, {source.source}" + (f", {source.year}" if source.year else ""))
