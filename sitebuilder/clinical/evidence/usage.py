"""What of all that is known a page uses: its facts, their sources, the terms it may need.

In: a page and all knowledge. Out: the part of it that the page can show, so that a change of one
fact makes only the pages that use it anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from sitebuilder.clinical.evidence.listings import signs_markdown
from sitebuilder.content.schema import closest_match
from sitebuilder.core.evidence import Evidence, Fact, Term
from sitebuilder.core.model import Page
from sitebuilder.core.problems import Problem, problem
from sitebuilder.markdown.blocks import Fills, lines_outside_code
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
    """What one page uses, the fills of its blocks, and all that these ask for."""

    evidence: Evidence
    fills: Fills
    requested_fills: frozenset[str]


class DependencyFinder:
    """Knows all there is, and finds what of it a page uses."""

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence
        self.term_pattern = compile_term_pattern(evidence.terms.values())
        self.terms_by_form = index_by_form(evidence.terms.values())

    def find(self, page: Page) -> PageDependencies:
        """What `page` uses of all knowledge."""
        known = self.evidence
        wanted = find_requested_fills(page.body)
        named = [
            i
            for i in find_shortcodes(page.body, 1)
            if i.kind != "no-claim" and i.argument in known.facts
        ]
        drawn = {name for name in known.facts if f"fact {name}" in wanted}
        names = drawn | {insert.argument for insert in named}
        facts = {name: known.facts[name] for name in sorted(names)}
        marked = set(find_cited_sources(page.body))
        marked |= {name for fact in facts.values() for name in fact.sources}
        lists = {name: one for name, one in known.lists.items() if f"signs {name}" in wanted}
        on_lists = {s for one in lists.values() for group in one.groups for s in group.signs}
        fills = {f"signs {name}": signs_markdown(known, name) for name in lists}
        said = {facts[insert.argument].text_for(insert.kind) for insert in named}
        knowledge = Evidence(
            facts=facts,
            sources={n: known.sources[n] for n in sorted(marked) if n in known.sources},
            terms=self.find_terms([page.body, *said, *fills.values()]),
            signs={n: known.signs[n] for n in sorted(on_lists) if n in known.signs},
            lists=lists,
        )
        fills |= {f"fact {name}": _format_icon_array(facts[name]) for name in sorted(drawn)}
        return PageDependencies(knowledge, fills, wanted)

    def find_terms(self, texts: Iterable[str]) -> dict[str, Term]:
        """The terms with a form that occurs in any of the texts."""
        if self.term_pattern is None:
            return {}
        forms = {form for text in texts for form in self.term_pattern.findall(text)}
        found = filter(None, (lookup_term(form, self.terms_by_form) for form in forms))
        return {term.name: term for term in sorted(found, key=lambda term: term.name)}


def find_requested_fills(body: str) -> frozenset[str]:
    """What the blocks of a body ask data for, as fills are named: `facts`, `fact tear`."""
    lines = lines_outside_code(body) if ":::" in body else ()
    found = (_FILL_REQUEST.fullmatch(line) for _, line in lines if ":" in line)
    return frozenset(f"{f['block'] or f['field']} {f['rest']}".strip() for f in found if f)


def _format_icon_array(fact: Fact) -> str:
    """The two numbers of an icon array; empty if a fact cannot be drawn as one."""
    whole = len(fact.value) == 1 and fact.value[0].isdecimal() and fact.of in _ICON_ARRAY_SIZES
    return f"{fact.value[0]} {fact.of}" if whole else ""


def check_fact_references(page: Page, evidence: Evidence) -> Iterable[Problem]:
    """Facts that a page names and that do not exist, and marks of no claim without a reason."""
    for slip in find_malformed_shortcodes(page.body, page.body_line):
        hint = "Write {fact NAME}, {short NAME}, {value NAME} or {no-claim WORDS | WHY}."
        message = f"'{slip.argument}' names no fact"
        line, column = slip.line, slip.column
        yield problem("unknown-fact", page.path, message, hint=hint, line=line, column=column)
    for insert in find_shortcodes(page.body, page.body_line):
        line, column = insert.line, insert.column
        if insert.kind == "no-claim":
            if not insert.reason:
                hint = "Write it as {no-claim 6 weeks | the reason}."
                message = f"'{insert.argument}' is marked as no claim without a reason"
                yield problem("claim", page.path, message, hint=hint, line=line, column=column)
            else:
                message = f"'{insert.argument}' is marked as no claim: {insert.reason}"
                yield problem("no-claim", page.path, message, line=line, column=column)
            continue
        fact = evidence.facts.get(insert.argument)
        if fact is None:
            near = closest_match(insert.argument, evidence.facts)
            hint = f"Did you mean '{near}'?" if near else "Add it to content/facts.yaml."
            message = f"there is no fact '{insert.argument}'"
            yield problem("unknown-fact", page.path, message, hint=hint, line=line, column=column)
        elif not fact.text_for(insert.kind):
            what = "short form" if insert.kind == "short" else "value"
            hint = f"Write {{fact {insert.argument}}}, or add '{insert.kind}:' to it in facts.yaml."
            message = f"the fact '{insert.argument}' has no {what}"
            yield problem("unknown-fact", page.path, message, hint=hint, line=line, column=column)
