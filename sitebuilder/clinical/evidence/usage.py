"""Find the part of the evidence that a page depends on: facts, their sources, terms and signs.

Pages are rendered from that part alone, so a change of one fact rebuilds only the pages that use
it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from sitebuilder.clinical.evidence.listings import (
    signs_markdown,
    together_markdown,
    weakness_markdown,
)
from sitebuilder.clinical.evidence.phrases import fold, may_match
from sitebuilder.content.schema import closest_match
from sitebuilder.core.evidence import SETTINGS, Evidence, Fact, Term
from sitebuilder.core.model import Page
from sitebuilder.core.problems import Problem, problem
from sitebuilder.markdown.blocks import Fills
from sitebuilder.markdown.code_lines import lines_outside_code
from sitebuilder.markdown.glossary import compile_term_pattern, index_by_form, lookup_term
from sitebuilder.markdown.shortcodes import (
    find_cited_sources,
    find_malformed_shortcodes,
    find_shortcodes,
)

_FILL_REQUEST = re.compile(
    r"(?: {0,3}:::+[ \t]*(?P<block>[^\s:]\S*)|(?P<field>fact|signs):(?=[ \t]))"
    r"[ \t]*(?P<rest>.*?)[ \t]*"
)
_ICON_ARRAY_SIZES = (10, 20, 100)
"""Numbers of people that an icon array can show."""


class PageDependencies(msgspec.Struct, frozen=True):
    """What one page uses of the evidence.

    Attributes:
        evidence: The part of the evidence that the page can show.
        fills: Contents for the blocks of the page, by request.
        requested_fills: All that the blocks request, whether it exists or not.
    """

    evidence: Evidence
    fills: Fills
    requested_fills: frozenset[str]


class DependencyFinder:
    """Finds what each page uses of the evidence."""

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence
        self.term_pattern = compile_term_pattern(evidence.terms.values())
        self.terms_by_form = index_by_form(evidence.terms.values())

    def find(self, page: Page) -> PageDependencies:
        """Return what `page` uses of the evidence."""
        available = self.evidence
        requested = find_requested_fills(page.body)
        shortcodes = [
            shortcode
            for shortcode in find_shortcodes(page.body, 1)
            if shortcode.kind != "no-claim" and shortcode.argument in available.facts
        ]
        charted = {name for name in available.facts if f"fact {name}" in requested}
        fact_names = charted | {shortcode.argument for shortcode in shortcodes}
        facts = {name: available.facts[name] for name in sorted(fact_names)}
        cited = set(find_cited_sources(page.body))
        cited |= {name for fact in facts.values() for name in fact.sources}
        lists = {
            name: sign_list
            for name, sign_list in available.lists.items()
            if f"signs {name}" in requested
        }
        listed = {sign for each in lists.values() for group in each.groups for sign in group.signs}
        fills = {f"signs {name}": signs_markdown(available, name) for name in lists}
        if "weakness" in requested and available.orders:
            fills["weakness"] = weakness_markdown(available.orders)
        for setting in SETTINGS:
            if f"together {setting}" in requested and available.orders:
                fills[f"together {setting}"] = together_markdown(available.orders, setting)
        fact_texts = {facts[code.argument].text_for(code.kind) for code in shortcodes}
        listed |= self.find_named_signs([page.title, page.body, *fact_texts])
        used = Evidence(
            facts=facts,
            sources={n: available.sources[n] for n in sorted(cited) if n in available.sources},
            terms=self.find_terms([page.body, *fact_texts, *fills.values()]),
            signs={n: available.signs[n] for n in sorted(listed) if n in available.signs},
            lists=lists,
            orders=available.orders,
            accepted=_accepted_on(page.id, available),
        )
        fills |= {f"fact {name}": _format_icon_array(facts[name]) for name in sorted(charted)}
        return PageDependencies(used, fills, requested)

    def find_terms(self, texts: Iterable[str]) -> dict[str, Term]:
        """Return the terms that occur in any of the texts, in any of their forms."""
        if self.term_pattern is None:
            return {}
        forms = {form for text in texts for form in self.term_pattern.findall(text)}
        found = filter(None, (lookup_term(form, self.terms_by_form) for form in forms))
        return {term.name: term for term in sorted(found, key=lambda term: term.name)}

    def find_named_signs(self, texts: Iterable[str]) -> set[str]:
        """Return the names of all signs that any of the texts may name, by the words in it."""
        by_phrase = {name: sign.named for name, sign in self.evidence.signs.items() if sign.named}
        folded = [fold(text) for text in texts] if by_phrase else []
        return {
            name
            for name, phrases in by_phrase.items()
            if any(may_match(phrases, text) for text in folded)
        }


def _accepted_on(page_id: str, evidence: Evidence) -> dict[str, tuple[str, ...]]:
    """Return the sentences that are accepted on a page; of one not on record, those of all pages.

    So a page that is renamed need not be accepted anew. On a site without a record it is empty.
    """
    if page_id in evidence.accepted:
        return {page_id: evidence.accepted[page_id]}
    return dict(evidence.accepted)


def find_requested_fills(body: str) -> frozenset[str]:
    """Return what the blocks and fields of a body request, as keys of fills.

    For example `facts` or `fact tear`.
    """
    lines = lines_outside_code(body) if ":::" in body else ()
    matches = (_FILL_REQUEST.fullmatch(line) for _, line in lines if ":" in line)
    return frozenset(f"{m['block'] or m['field']} {m['rest']}".strip() for m in matches if m)


def _format_icon_array(fact: Fact) -> str:
    """Return the numbers of an icon array, such as `5 100`; empty if it cannot be drawn."""
    drawable = len(fact.value) == 1 and fact.value[0].isdecimal() and fact.of in _ICON_ARRAY_SIZES
    return f"{fact.value[0]} {fact.of}" if drawable else ""


def check_fact_references(page: Page, evidence: Evidence) -> Iterable[Problem]:
    """Report shortcodes that are malformed, or whose fact or form of it does not exist.

    Every `no-claim` is reported too, with or without a reason.
    """
    for malformed in find_malformed_shortcodes(page.body, page.body_line):
        hint = "Write {fact NAME}, {short NAME}, {value NAME} or {no-claim WORDS | WHY}."
        message = f"'{malformed.argument}' names no fact"
        line, column = malformed.line, malformed.column
        yield problem("unknown-fact", page.path, message, hint=hint, line=line, column=column)
    for shortcode in find_shortcodes(page.body, page.body_line):
        name, kind = shortcode.argument, shortcode.kind
        line, column = shortcode.line, shortcode.column
        if kind == "no-claim":
            if not shortcode.reason:
                hint = "Write it as {no-claim 6 weeks | the reason}."
                message = f"'{name}' is marked as no claim without a reason"
                yield problem("claim", page.path, message, hint=hint, line=line, column=column)
            else:
                message = f"'{name}' is marked as no claim: {shortcode.reason}"
                yield problem("no-claim", page.path, message, line=line, column=column)
            continue
        fact = evidence.facts.get(name)
        if fact is None:
            near = closest_match(name, evidence.facts)
            hint = f"Did you mean '{near}'?" if near else "Add it to content/facts.yaml."
            message = f"there is no fact '{name}'"
            yield problem("unknown-fact", page.path, message, hint=hint, line=line, column=column)
        elif not fact.text_for(kind):
            what = "short form" if kind == "short" else "value"
            hint = f"Write {{fact {name}}}, or add '{kind}:' to it in facts.yaml."
            message = f"the fact '{name}' has no {what}"
            yield problem("unknown-fact", page.path, message, hint=hint, line=line, column=column)
