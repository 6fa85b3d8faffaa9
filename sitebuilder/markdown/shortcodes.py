"""What an editor names in braces, put into a Markdown body: `{fact tear-swiss}`.

In: a body and what its page draws on. Out: the same body, line for line, with the words of each
fact in place of its name, a source mark behind them, and the sources at its end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from sitebuilder.core.evidence import Evidence, Fact
from sitebuilder.core.lazy_regex import lazy_compile
from sitebuilder.markdown.blocks import lines_outside_code
from sitebuilder.markdown.citations import escape_markdown, format_citation, format_evidence_label

SHORTCODE: Final = lazy_compile(
    r"(?P<code>(?<![\\`])(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`))"
    r"|\{(?P<form>fact|short|value|no-claim)[ \t]+(?P<rest>[^{}]+?)[ \t]*\}"
)
_MALFORMED_SHORTCODE: Final = lazy_compile(
    r"\{\s*(?:facts?|shorts?|values?|no[ -]?claims?|figure)\b[^{}]*\}?", re.IGNORECASE
)
_FOOTNOTE_REFERENCE: Final = lazy_compile(
    r"(?<![\\`])(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`)"
    r"|(?P<defined>^ {0,3})?(?<!\\)\[\^(?P<name>[^\[\]\s]+)\](?(defined)(?P<colon>:)?)"
)
_SIMPLE_FOOTNOTE_REFERENCE: Final = lazy_compile(
    r"\[(?<!\\\[)\^(?P<name>[^\[\]\s]+)\](?P<colon>:)?"
)
"""The same for lines without code: what begins with a sign of its own is found far sooner."""
_CODE_INDENT: Final = 4


class Shortcode(msgspec.Struct, frozen=True):
    """One pair of braces. `name` is a fact's, or the words that are no claim; `why` says why."""

    kind: str
    argument: str
    reason: str
    line: int
    column: int


def find_shortcodes(body: str, first_line: int) -> Iterator[Shortcode]:
    """Every pair of braces with a meaning, outside code."""
    for number, line in lines_outside_code(body) if "{" in body else ():
        for found in SHORTCODE.finditer(line) if "{" in line else ():
            if found["form"]:
                name, _, why = found["rest"].partition("|")
                yield Shortcode(
                    found["form"],
                    name.strip(),
                    why.strip(),
                    number + first_line,
                    found.start() + 1,
                )


def find_malformed_shortcodes(body: str, first_line: int) -> Iterator[Shortcode]:
    """Every pair of braces that is meant to be one of `inserts`, and is not: readers would see it.

    `name` is the pair as it is written.
    """
    for number, line in lines_outside_code(body) if "{" in body else ():
        rest = SHORTCODE.sub(lambda found: " " * len(found[0]), line) if "{" in line else ""
        for found in _MALFORMED_SHORTCODE.finditer(rest):
            yield Shortcode("", found[0], "", number + first_line, found.start() + 1)


def find_cited_sources(body: str) -> dict[str, bool]:
    """The sources that a body marks, in order; whether it says itself what each of them is."""
    used: dict[str, bool] = {}
    defined: set[str] = set()
    whole = "`" not in body and "~~~" not in body  # no code: no need to go line by line
    lines = [(0, body)] if whole else lines_outside_code(body)
    for _, line in lines if "[^" in body else ():
        if "[^" not in line:
            continue
        if "`" not in line:
            for found in _SIMPLE_FOOTNOTE_REFERENCE.finditer(line):
                name, colon = found.groups()
                if colon and _is_line_start(line, found.start()):
                    defined.add(name)
                else:
                    used[name] = False
            continue
        for found in _FOOTNOTE_REFERENCE.finditer(line):
            if found["colon"]:
                defined.add(found["name"])
            elif found["name"]:
                used[found["name"]] = False
    return {name: name in defined for name in used}


def _is_line_start(text: str, offset: int) -> bool:
    """Whether a line begins there, but for a few spaces."""
    before = text[text.rfind("\n", 0, offset) + 1 : offset]
    return len(before) < _CODE_INDENT and not before.strip(" ")


def expand_shortcodes(body: str, evidence: Evidence, *, with_citations: bool = True) -> str:
    """The body with facts put in. Without `marks` it names no sources: for paper."""
    if "{" in body:
        lines = body.split("\n")
        for number, line in lines_outside_code(body):
            if "{" in line:
                lines[number] = SHORTCODE.sub(
                    lambda m: _expand_match(m, evidence.facts, with_citations), line
                )
        body = "\n".join(lines)
    if not with_citations:
        return body
    missing = [name for name, defined in find_cited_sources(body).items() if not defined]
    known = [evidence.sources[name] for name in missing if name in evidence.sources]
    sources = [
        f"[^{source.name}]: {format_citation(source)} {format_evidence_label(source)}"
        for source in known
    ]
    return "\n\n".join([body, "\n".join(sources)]) if sources else body


def _expand_match(match: re.Match[str], facts: Mapping[str, Fact], with_citations: bool) -> str:  # noqa: FBT001
    if not match["form"]:
        return match[0]
    name = match["rest"].partition("|")[0].strip()
    if match["form"] == "no-claim":
        return name
    fact = facts.get(name)
    if fact is None:
        return match[0]
    said = fact.text_for(match["form"])
    return escape_markdown(said) + "".join(f"[^{name}]" for name in fact.sources if with_citations)
