"""Render evidence as Markdown lists: glossary, sources, facts and warning signs.

They fill the blocks `glossary`, `references` and `facts`, and the cards of warning signs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sitebuilder.core.evidence import READ_DEPTHS, SOURCE_GRADES, Evidence, Fact, SignOrders, Source
from sitebuilder.core.model import Link
from sitebuilder.markdown.citations import escape_markdown, format_citation, format_short_citation


def signs_markdown(evidence: Evidence, name: str) -> str:
    """Render the warning signs of one list, in their groups. Unknown signs are left out.

    Raises:
        KeyError: There is no list of this name.
    """
    parts = []
    for group in evidence.lists[name].groups:
        signs = [evidence.signs[sign] for sign in group.signs if sign in evidence.signs]
        title = f"**{escape_markdown(group.title)}:**\n\n" if group.title else ""
        parts.append(title + "\n".join(f"- {escape_markdown(sign.text)}" for sign in signs))
    return "\n\n".join(parts)


def weakness_markdown(orders: SignOrders) -> str:
    """Render the one rule for a weak leg, each line with the order of its signs."""
    lines = [
        f"- {escape_markdown(line.text)}: **{escape_markdown(orders.tiers[line.tier][0])}.**"
        for line in orders.weakness
        if line.tier in orders.tiers
    ]
    return "\n".join([f"{escape_markdown(orders.weakness_text)}\n", *lines])


def together_markdown(orders: SignOrders, setting: str) -> str:
    """List the milder signs that need the emergency number together, for one of `SETTINGS`."""
    lines = [each.text for each in orders.together if setting in each.settings]
    return "\n".join(f"- {escape_markdown(text)}" for text in lines)


def glossary_markdown(evidence: Evidence) -> str:
    """Render every term in alphabetical order, under its first letter."""
    terms = sorted(evidence.terms.values(), key=lambda term: term.term.casefold())
    lines: list[str] = []
    letter = ""
    for term in terms:
        initial = term.term[:1].upper()
        if initial != letter:
            letter = initial
            lines.append(f"\n## {escape_markdown(letter)}\n")
        say = f" (say {escape_markdown(term.say)})" if term.say else ""
        name = term.term[:1].upper() + term.term[1:]
        also = f" Also: {escape_markdown(', '.join(term.also))}." if term.also else ""
        lines.append(f"- **{escape_markdown(name)}**{say}: {escape_markdown(term.means)}{also}")
    return "\n".join(lines)


def references_markdown(
    evidence: Evidence, cited_by: Mapping[str, Sequence[Link]], min_year: int = 0
) -> str:
    """Render every source, the strongest grade first, with the pages that cite it.

    Args:
        cited_by: Pages by the name of the source.
        min_year: Sources from before it are said to be old.
    """
    lines: list[str] = []
    for kind, title in SOURCE_GRADES.items():
        of_kind = [s for s in evidence.sources.values() if s.kind == kind]
        if of_kind:
            lines.append(f"## {title}\n")
        for source in sorted(of_kind, key=lambda s: format_citation(s).casefold()):
            pages = _format_page_links(cited_by.get(source.name, ()))
            age = " This source is old; we look for a newer one." if source.is_old(min_year) else ""
            lines.append(
                f"- {format_citation(source)} {READ_DEPTHS[source.read].capitalize()}.{age}{pages}"
            )
        lines.append("")
    return "\n".join(lines)


def facts_markdown(
    evidence: Evidence, used_by: Mapping[str, Sequence[Link]], grades: Sequence[str]
) -> str:
    """Render every fact of these grades that a page uses, with its limits, sources and pages.

    Args:
        used_by: Pages by the name of the fact.
        grades: Keys of `SOURCE_GRADES`, in the order of the list.
    """
    lines: list[str] = []
    for kind in grades:
        of_kind = [f for f in evidence.facts.values() if f.grade == kind and f.name in used_by]
        if of_kind:
            lines.append(f"## {SOURCE_GRADES[kind]}\n")
        for fact in of_kind:
            sources = [evidence.sources[n] for n in fact.sources if n in evidence.sources]
            about = " ".join(_describe_fact(fact, sources, used_by[fact.name]))
            lines.append(f"- **{escape_markdown(fact.text_for('fact'))}**  \n  {about}")
        lines.append("")
    return "\n".join(lines)


def _describe_fact(fact: Fact, sources: Sequence[Source], pages: Sequence[Link]) -> Iterator[str]:
    about = [fact.who, fact.where, str(fact.year or "")]
    if any(about):
        yield f"About: {escape_markdown(', '.join(part for part in about if part))}."
    if fact.not_covered:
        yield escape_markdown(fact.not_covered)
    yield f"Source: {'; '.join(map(format_short_citation, sources))}."
    yield _format_page_links(pages).strip()


def _format_page_links(links: Sequence[Link]) -> str:
    if not links:
        return ""
    named = ", ".join(f"[{escape_markdown(link.title)}]({link.address})" for link in links)
    return f" On: {named}."
