"""All knowledge in; the lists that pages show of it out, as Markdown: words, sources, facts, signs.

They are filled into the blocks `glossary`, `references`, `facts`, and into the cards.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sitebuilder.core.evidence import KINDS, READ, Fact, Knowledge, Source
from sitebuilder.core.model import Link
from sitebuilder.markdown.citations import brief, cite, plain


def signs_markdown(knowledge: Knowledge, name: str) -> str:
    """The signs of one list, in their groups, in the one wording."""
    parts = []
    for group in knowledge.lists[name].groups:
        signs = [knowledge.signs[sign] for sign in group.signs if sign in knowledge.signs]
        title = f"**{plain(group.title)}:**\n\n" if group.title else ""
        parts.append(title + "\n".join(f"- {plain(sign.text)}" for sign in signs))
    return "\n\n".join(parts)


def glossary_markdown(knowledge: Knowledge) -> str:
    """Every word, in order of the alphabet, under its first letter."""
    rows = sorted(knowledge.terms.values(), key=lambda term: term.term.casefold())
    lines: list[str] = []
    letter = ""
    for term in rows:
        first = term.term[:1].upper()
        if first != letter:
            letter = first
            lines.append(f"\n## {plain(letter)}\n")
        say = f" (say {plain(term.say)})" if term.say else ""
        name = term.term[:1].upper() + term.term[1:]
        also = f" Also: {plain(', '.join(term.also))}." if term.also else ""
        lines.append(f"- **{plain(name)}**{say}: {plain(term.means)}{also}")
    return "\n".join(lines)


def references_markdown(knowledge: Knowledge, cited_by: Mapping[str, Sequence[Link]]) -> str:
    """Every source, the strongest kind first, and the pages that use it."""
    lines: list[str] = []
    for kind, title in KINDS.items():
        of_kind = [s for s in knowledge.sources.values() if s.kind == kind]
        if of_kind:
            lines.append(f"## {title}\n")
        for source in sorted(of_kind, key=lambda s: cite(s).casefold()):
            pages = _pages(cited_by.get(source.name, ()))
            lines.append(f"- {cite(source)} {READ[source.read].capitalize()}.{pages}")
        lines.append("")
    return "\n".join(lines)


def facts_markdown(
    knowledge: Knowledge, used_by: Mapping[str, Sequence[Link]], kinds: Sequence[str]
) -> str:
    """Every fact of these kinds that a page uses: what it says, of whom, what it leaves out."""
    lines: list[str] = []
    for kind in kinds:
        of_kind = [f for f in knowledge.facts.values() if f.grade == kind and f.name in used_by]
        if of_kind:
            lines.append(f"## {KINDS[kind]}\n")
        for fact in of_kind:
            sources = [knowledge.sources[n] for n in fact.sources if n in knowledge.sources]
            about = " ".join(_about(fact, sources, used_by[fact.name]))
            lines.append(f"- **{plain(fact.said('fact'))}**  \n  {about}")
        lines.append("")
    return "\n".join(lines)


def _about(fact: Fact, sources: Sequence[Source], pages: Sequence[Link]) -> Iterator[str]:
    about = [fact.who, fact.where, str(fact.year or "")]
    if any(about):
        yield f"About: {plain(', '.join(part for part in about if part))}."
    if fact.not_covered:
        yield plain(fact.not_covered)
    yield f"Source: {'; '.join(map(brief, sources))}."
    yield _pages(pages).strip()


def _pages(links: Sequence[Link]) -> str:
    """The pages that use something, as links."""
    if not links:
        return ""
    named = ", ".join(f"[{plain(link.title)}]({link.address})" for link in links)
    return f" On: {named}."
