"""Find and expand shortcodes in Markdown, such as `{fact tear-swiss}`.

A fact is replaced by its text, followed by footnote references to its sources; the sources
themselves are appended to the body. Line numbers do not change.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from sitebuilder.core.evidence import Evidence, Fact
from sitebuilder.core.lazy_regex import lazy_compile
from sitebuilder.markdown.citations import escape_markdown, format_citation, format_evidence_label
from sitebuilder.markdown.code_lines import lines_outside_code

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
"""The same for lines without code: a pattern that starts with a literal is far faster."""

_CODE_INDENT: Final = 4


class Shortcode(msgspec.Struct, frozen=True):
    """A shortcode in a body.

    Attributes:
        kind: `fact`, `short`, `value` or `no-claim`; empty if it is malformed.
        argument: Name of a fact; for `no-claim`, the words that are not a claim; for a
            malformed shortcode, its whole text.
        reason: Why the words of a `no-claim` are not a claim.
        line: Line in the file, from 1.
        column: Column of the opening brace, from 1.
    """

    kind: str
    argument: str
    reason: str
    line: int
    column: int


def find_shortcodes(body: str, first_line: int) -> Iterator[Shortcode]:
    """Yield the valid shortcodes outside of code."""
    for number, line in lines_outside_code(body) if "{" in body else ():
        for match in SHORTCODE.finditer(line) if "{" in line else ():
            if match["form"]:
                name, _, reason = match["rest"].partition("|")
                yield Shortcode(
                    match["form"],
                    name.strip(),
                    reason.strip(),
                    number + first_line,
                    match.start() + 1,
                )


def find_malformed_shortcodes(body: str, first_line: int) -> Iterator[Shortcode]:
    """Yield what is meant as a shortcode but is not valid, so that readers would see the braces."""
    for number, line in lines_outside_code(body) if "{" in body else ():
        rest = SHORTCODE.sub(lambda match: " " * len(match[0]), line) if "{" in line else ""
        for match in _MALFORMED_SHORTCODE.finditer(rest):
            yield Shortcode("", match[0], "", number + first_line, match.start() + 1)


def find_cited_sources(body: str) -> dict[str, bool]:
    """Map the name of each source that a body cites to whether the body defines it itself."""
    cited: dict[str, bool] = {}
    defined: set[str] = set()
    has_code = "`" in body or "~~~" in body
    lines = lines_outside_code(body) if has_code else ((0, body),)
    for _, line in lines if "[^" in body else ():
        if "[^" not in line:
            continue
        if "`" not in line:
            for match in _SIMPLE_FOOTNOTE_REFERENCE.finditer(line):
                name, colon = match.groups()
                if colon and _is_line_start(line, match.start()):
                    defined.add(name)
                else:
                    cited[name] = False
            continue
        for match in _FOOTNOTE_REFERENCE.finditer(line):
            if match["colon"]:
                defined.add(match["name"])
            elif match["name"]:
                cited[match["name"]] = False
    return {name: name in defined for name in cited}


def _is_line_start(text: str, offset: int) -> bool:
    """Return whether only a few spaces precede an offset on its line."""
    before = text[text.rfind("\n", 0, offset) + 1 : offset]
    return len(before) < _CODE_INDENT and not before.strip(" ")


def expand_shortcodes(body: str, evidence: Evidence, *, with_citations: bool = True) -> str:
    """Expand the shortcodes of a body; leave those with unknown facts as they are.

    Args:
        with_citations: Cite the sources of the facts, and append the cited sources that the body
            does not define itself. Printed handouts have no citations.
    """
    if "{" in body:
        lines = body.split("\n")
        for number, line in lines_outside_code(body):
            if "{" in line:
                lines[number] = SHORTCODE.sub(
                    lambda match: _expand_match(match, evidence.facts, with_citations), line
                )
        body = "\n".join(lines)
    if not with_citations:
        return body
    missing = [name for name, defined in find_cited_sources(body).items() if not defined]
    sources = [evidence.sources[name] for name in missing if name in evidence.sources]
    definitions = [
        f"[^{source.name}]: {format_citation(source)} {format_evidence_label(source)}"
        for source in sources
    ]
    return "\n\n".join([body, "\n".join(definitions)]) if definitions else body


def _expand_match(match: re.Match[str], facts: Mapping[str, Fact], with_citations: bool) -> str:  # noqa: FBT001
    if not match["form"]:
        return match[0]
    name = match["rest"].partition("|")[0].strip()
    if match["form"] == "no-claim":
        return name
    fact = facts.get(name)
    if fact is None:
        return match[0]
    citations = "".join(f"[^{name}]" for name in fact.sources if with_citations)
    return escape_markdown(fact.text_for(match["form"])) + citations
