"""Explain each medical term at its first use on a page.

Works without script: a button opens a native popover. In print, the text of the popover follows the
term in brackets.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from html import escape, unescape
from typing import Final

from sitebuilder.core.evidence import Term
from sitebuilder.core.lazy_regex import lazy_compile
from sitebuilder.markdown.blocks import MARKER_END, MARKER_START

_TAG_OR_MARKER: Final = lazy_compile(
    rf'<(?P<end>/?)(?P<tag>[a-z][a-z0-9]*)(?:[^">]|"[^"]*")*>'
    rf"|{MARKER_START}(?P<letter>[BTFE])[^{MARKER_END}]*?(?P<index>\d+){MARKER_END}"
)
_SKIPPED_TAGS: Final = frozenset("h1 h2 h3 h4 h5 h6 a code pre kbd th dt sup caption span".split())
"""Elements without explanations: links, headings and other names, and literal text."""


def compile_term_pattern(terms: Iterable[Term]) -> re.Pattern[str] | None:
    """Compile a pattern for any form of the terms, longest first; None if there are no terms."""
    forms = {form for term in terms for form in (term.term, *term.also)}
    if not forms:
        return None
    words = "|".join(map(_form_pattern, sorted(forms, key=lambda form: (-len(form), form))))
    return re.compile(rf"(?<![\w&-])(?:{words})(?![\w-])")


def _form_pattern(form: str) -> str:
    """Return a pattern for a form in any case; an acronym only in capitals (SPORT is not sport)."""
    exact = re.escape(form).replace(r"\ ", r"\s+").replace(r"\&", "&(?:amp;)?")
    return exact if form.isupper() else f"(?i:{exact})"


def index_by_form(terms: Iterable[Term]) -> dict[str, Term]:
    """Map each form, normalized, to its term."""
    return {_normalize_form(form): term for term in terms for form in (term.term, *term.also)}


def _normalize_form(form: str) -> str:
    return " ".join(form.split()).casefold()


def lookup_term(text: str, terms_by_form: Mapping[str, Term]) -> Term | None:
    """Return the term for a match of the term pattern in HTML or Markdown.

    Args:
        terms_by_form: As `index_by_form` returns it.

    Returns:
        The term, or None if the match is only similar: ignoring case, `re` equates some characters
        that `str.casefold` keeps apart.
    """
    return terms_by_form.get(_normalize_form(unescape(text)))


def annotate_terms(html: str, terms: Mapping[str, Term], skipped_blocks: frozenset[int]) -> str:
    """Add an explanation to the first use of each term.

    Args:
        html: Sanitized HTML with block markers.
        terms: Terms by name.
        skipped_blocks: Indexes of blocks that get no explanations.
    """
    pattern = compile_term_pattern(terms.values())
    if pattern is None:
        return html
    terms_by_form = index_by_form(terms.values())
    seen: set[str] = set()

    def explain_first(match: re.Match[str]) -> str:
        term = lookup_term(match[0], terms_by_form)
        if term is None or term.name in seen:
            return match[0]
        seen.add(term.name)
        return _render_term(match[0], term)

    out: list[str] = []
    offset = skipped_depth = 0
    open_skipped_blocks: list[str] = []
    in_field = False
    for token in _TAG_OR_MARKER.finditer(html):
        text = html[offset : token.start()]
        skipped = skipped_depth or in_field or open_skipped_blocks
        out.append(text if skipped else pattern.sub(explain_first, text))
        out.append(token[0])
        offset = token.end()
        if token["tag"] in _SKIPPED_TAGS:
            skipped_depth += -1 if token["end"] else 1
        elif token["tag"] == "p" and token["end"]:
            in_field = False
        elif token["letter"] in {"T", "F"}:
            in_field = True
        elif token["letter"] == "B" and int(token["index"]) in skipped_blocks:
            open_skipped_blocks.append(token["index"])
        elif token["letter"] == "E" and open_skipped_blocks[-1:] == [token["index"]]:
            open_skipped_blocks.pop()
    out.append(html[offset:])
    return "".join(out)


def _render_term(word: str, term: Term) -> str:
    spoken = f"say {escape(term.say)}. " if term.say else ""
    return (
        f'<button type="button" class="term" popovertarget="t-{term.name}">{word}</button>'
        f'<span popover id="t-{term.name}" class="gloss"><b>{escape(term.term)}: </b>{spoken}'
        f"{escape(term.means)}</span>"
    )
