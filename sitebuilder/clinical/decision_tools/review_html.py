"""HTML for the review page of a tool: its style sheet, and paragraphs, lists and tables."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from html import escape
from typing import Final

from sitebuilder.clinical.decision_tools.text_rows import collapse_whitespace

TIER_COLORS: Final = {
    "911": ("#fde7e7", "#8a1010"),
    "today": ("#fff0dc", "#7a4300"),
    "days": ("#fff9d9", "#5c4a00"),
    "hours": ("#f3ecfb", "#4b2e83"),
    "visit": ("#e6f0fb", "#0b4a86"),
    "home": ("#e8f5e9", "#1d5b2a"),
}
"""Fill and stroke of a result, by its tier. The text on all of them is nearly black."""

_STYLE: Final = (
    """
@page { size: A4; margin: 12mm } del, ins { text-decoration: none }
body { max-width: 60rem; margin: 0 auto; padding: 1rem; font: 1rem/1.45 Arial, sans-serif }
body { color: #161616; background: #fff; overflow-wrap: break-word }
h2 { margin-top: 2rem; border-bottom: 2px solid; break-after: avoid } p, ul { margin: .3rem 0 }
h3 { margin: 1rem 0 .3rem; break-after: avoid } .result h3 { margin-top: .3rem }
.banner { padding: .6rem 1rem; border: 3px solid #8a1010; background: #fde7e7; font-weight: bold }
.result { margin: 1rem 0; padding: .6rem 1rem; border-left: .5rem solid #4a4a4a }
.banner.signed { border-color: #1d5b2a; background: #f1f1f1 }
.when { padding: .4rem .8rem; background: #f1f1f1 }
table { width: 100%; border-collapse: collapse; font-size: .85rem }
th, td { padding: .25rem .4rem; border: 1px solid; text-align: left; vertical-align: top }
td ul { margin: 0; padding-left: 1rem }
svg { display: block; width: 100%; margin: 1rem 0 } .result, tr, svg { break-inside: avoid }
del { color: #8a1010 } ins { color: #1d5b2a } .line { border-bottom: 1px solid; line-height: 2.5 }
@media print { body { padding: 0; font-size: 10pt } svg { max-height: 245mm }
h2:has(+ svg), svg + svg { break-before: page } }
""".strip()
    + "\n"
    + "\n".join(f".tier-{tier} {{ border-color: {ink} }}" for tier, (_, ink) in TIER_COLORS.items())
)

Cell = str | Sequence[str]
"""Text of a cell, or the items of a list in it."""


def escape_text(text: str) -> str:
    """Escape text for HTML and SVG.

    White space is collapsed, and characters that cannot be printed become `U+` and their number.
    """
    return escape(
        "".join(c if c.isprintable() else f"U+{ord(c):04X}" for c in collapse_whitespace(text))
    )


def render_head(title: str) -> Iterator[str]:
    """Yield the beginning of the page: nothing on it can run or be fetched."""
    style_hash = b64encode(sha256(_STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{style_hash}'; base-uri 'none'"
    name = escape_text(title)
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy}; form-action \'none\'">'
    yield '<meta name="viewport" content="width=device-width">'
    yield f"<title>For review: {name}</title>\n<style>{_STYLE}</style>\n</head>\n<body>"
    yield f"<main>\n<h1>For review: {name}</h1>"


def paragraph(text: str) -> str:
    """Return a paragraph."""
    return f"<p>{escape_text(text)}</p>"


def bullet_list(texts: Iterable[str]) -> str:
    """Return a list; nothing without items."""
    items = "".join(f"<li>{escape_text(text)}</li>\n" for text in texts)
    return f"<ul>\n{items}</ul>" if items else ""


def table(head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """Return a table."""

    def row(cells: Iterable[Cell], tag: str) -> str:
        return "<tr>" + "".join(f"<{tag}>{_cell(cell)}</{tag}>" for cell in cells) + "</tr>\n"

    body = "".join(row(cells, "td") for cells in rows)
    return f"<table>\n<thead>{row(head, 'th')}</thead>\n<tbody>\n{body}</tbody>\n</table>"


def _cell(cell: Cell) -> str:
    if isinstance(cell, str):
        return escape_text(cell)
    return escape_text(cell[0]) if len(cell) == 1 else bullet_list(cell)
