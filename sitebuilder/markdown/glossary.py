"""Clean HTML in; the same with each medical word explained where it first stands.

Without script: a button that opens a native popover. On paper the words of the popover stand in
brackets behind the word.
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
    rf"|{MARKER_START}(?P<letter>[BTFE])[^{MARKER_END}]*?(?P<at>\d+){MARKER_END}"
)
_SKIPPED_TAGS: Final = frozenset("h1 h2 h3 h4 h5 h6 a code pre kbd th dt sup caption span".split())
"""Elements whose words are not explained: they lead somewhere, name something, or are exact."""


def compile_term_pattern(terms: Iterable[Term]) -> re.Pattern[str] | None:
    """Finds any form of the terms as whole words, the longest first."""
    forms = {form for term in terms for form in (term.term, *term.also)}
    if not forms:
        return None
    words = "|".join(map(_form_pattern, sorted(forms, key=lambda form: (-len(form), form))))
    return re.compile(rf"(?<![\w&-])(?:{words})(?![\w-])")


def _form_pattern(form: str) -> str:
    """A form as it may be written: a short name in capitals only so (SPORT is not sport)."""
    exact = re.escape(form).replace(r"\ ", r"\s+").replace(r"\&", "&(?:amp;)?")
    return exact if form.isupper() else f"(?i:{exact})"


def index_by_form(terms: Iterable[Term]) -> dict[str, Term]:
    """The term that each form belongs to, by the form in small letters."""
    return {_normalize_form(form): term for term in terms for form in (term.term, *term.also)}


def _normalize_form(form: str) -> str:
    return " ".join(form.split()).casefold()


def lookup_term(text: str, terms_by_form: Mapping[str, Term]) -> Term | None:
    """The term that was found, in HTML or Markdown; None: a letter is only like one of its own."""
    return terms_by_form.get(_normalize_form(unescape(text)))


def annotate_terms(html: str, terms: Mapping[str, Term], skipped_blocks: frozenset[int]) -> str:
    """Explain the first use of each term. `closed`: blocks, by number, that stay as they are."""
    pattern = compile_term_pattern(terms.values())
    if pattern is None:
        return html
    owners = index_by_form(terms.values())
    seen: set[str] = set()

    def first(found: re.Match[str]) -> str:
        term = lookup_term(found[0], owners)
        if term is None or term.name in seen:
            return found[0]
        seen.add(term.name)
        return _render_term(found[0], term)

    out: list[str] = []
    at = shut = 0
    in_closed: list[str] = []
    title = False
    for piece in _TAG_OR_MARKER.finditer(html):
        text = html[at : piece.start()]
        out.append(text if shut or title or in_closed else pattern.sub(first, text))
        out.append(piece[0])
        at = piece.end()
        if piece["tag"] in _SKIPPED_TAGS:
            shut += -1 if piece["end"] else 1
        elif piece["tag"] == "p" and piece["end"]:
            title = False
        elif piece["letter"] in {"T", "F"}:
            title = True
        elif piece["letter"] == "B" and int(piece["at"]) in skipped_blocks:
            in_closed.append(piece["at"])
        elif piece["letter"] == "E" and in_closed and in_closed[-1] == piece["at"]:
            in_closed.pop()
    out.append(html[at:])
    return "".join(out)


def _render_term(word: str, term: Term) -> str:
    say = f"say {escape(term.say)}. " if term.say else ""
    return (
        f'<button type="button" class="term" popovertarget="t-{term.name}">{word}</button>'
        f'<span popover id="t-{term.name}" class="gloss"><b>{escape(term.term)}: </b>{say}'
        f"{escape(term.means)}</span>"
    )
