"""A source in; how a list of sources names it out, as Markdown."""

from __future__ import annotations

import re
from typing import Final

from sitebuilder.core.evidence import KINDS, READ, Source

_SIGNS: Final = re.compile(r"([\\`*_\[\]|{}#])")
_FIRST: Final = re.compile(r"^(\d+(?=\.(?:\s|$))|)([-+>:~=.])")  # of a list, quote, block

_VOLUME: Final = re.compile(r"[0-9]|[A-Z]{2}[0-9]")


def plain(text: str) -> str:
    """Text from a data file as Markdown that shows just that text."""
    signs = _SIGNS.sub(r"\\\1", text.replace("&", "&amp;").replace("<", "&lt;"))
    return _FIRST.sub(lambda found: f"{found[1]}&#{ord(found[2])};", signs)


def cite(source: Source) -> str:
    """Who wrote it, what it is called, where and when, and where it can be read."""
    when = str(source.year or "No date")
    if source.details:  # volume and pages, or a remark
        when += (";" if _VOLUME.match(source.details) else ". ") + source.details
    words = [source.authors, source.title, source.source, when]
    text = plain(" ".join(w if w.endswith((".", "?", "!")) else f"{w}." for w in words if w))
    return f"{text} <{source.address}>" if source.address else text


def strength(source: Source) -> str:
    """How strong a source is, and what was read of it."""
    return f"{KINDS[source.kind]}; {READ[source.read]}."


def brief(source: Source) -> str:
    """A source in a few words."""
    who = source.authors or source.title
    return plain(f"{who}, {source.source}" + (f", {source.year}" if source.year else ""))
