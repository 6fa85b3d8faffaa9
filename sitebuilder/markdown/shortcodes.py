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

INSERT: Final = lazy_compile(
    r"(?P<code>(?<![\\`])(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`))"
    r"|\{(?P<form>fact|short|value|no-claim)[ \t]+(?P<rest>[^{}]+?)[ \t]*\}"
)
_SLIP: Final = lazy_compile(
    r"\{\s*(?:facts?|shorts?|values?|no[ -]?claims?|figure)\b[^{}]*\}?", re.IGNORECASE
)
_MARK: Final = lazy_compile(
    r"(?<![\\`])(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`)"
    r"|(?P<defined>^ {0,3})?(?<!\\)\[\^(?P<name>[^\[\]\s]+)\](?(defined)(?P<colon>:)?)"
)
_PLAIN_MARK: Final = lazy_compile(r"\[(?<!\\\[)\^(?P<name>[^\[\]\s]+)\](?P<colon>:)?")
"""The same for lines without code: what begins with a sign of its own is found far sooner."""
_INDENT: Final = 4


class Insert(msgspec.Struct, frozen=True):
    """One pair of braces. `name` is a fact's, or the words that are no claim; `why` says why."""

    form: str
    name: str
    why: str
    line: int
    column: int


def inserts(body: str, first_line: int) -> Iterator[Insert]:
    """Every pair of braces with a meaning, outside code."""
    for number, line in lines_outside_code(body) if "{" in body else ():
        for found in INSERT.finditer(line) if "{" in line else ():
            if found["form"]:
                name, _, why = found["rest"].partition("|")
                yield Insert(
                    found["form"],
                    name.strip(),
                    why.strip(),
                    number + first_line,
                    found.start() + 1,
                )


def slips(body: str, first_line: int) -> Iterator[Insert]:
    """Every pair of braces that is meant to be one of `inserts`, and is not: readers would see it.

    `name` is the pair as it is written.
    """
    for number, line in lines_outside_code(body) if "{" in body else ():
        rest = INSERT.sub(lambda found: " " * len(found[0]), line) if "{" in line else ""
        for found in _SLIP.finditer(rest):
            yield Insert("", found[0], "", number + first_line, found.start() + 1)


def cited(body: str) -> dict[str, bool]:
    """The sources that a body marks, in order; whether it says itself what each of them is."""
    used: dict[str, bool] = {}
    defined: set[str] = set()
    whole = "`" not in body and "~~~" not in body  # no code: no need to go line by line
    lines = [(0, body)] if whole else lines_outside_code(body)
    for _, line in lines if "[^" in body else ():
        if "[^" not in line:
            continue
        if "`" not in line:
            for found in _PLAIN_MARK.finditer(line):
                name, colon = found.groups()
                if colon and _begins(line, found.start()):
                    defined.add(name)
                else:
                    used[name] = False
            continue
        for found in _MARK.finditer(line):
            if found["colon"]:
                defined.add(found["name"])
            elif found["name"]:
                used[found["name"]] = False
    return {name: name in defined for name in used}


def _begins(text: str, at: int) -> bool:
    """Whether a line begins there, but for a few spaces."""
    before = text[text.rfind("\n", 0, at) + 1 : at]
    return len(before) < _INDENT and not before.strip(" ")


def fill(body: str, knowledge: Evidence, *, marks: bool = True) -> str:
    """The body with facts put in. Without `marks` it names no sources: for paper."""
    if "{" in body:
        lines = body.split("\n")
        for number, line in lines_outside_code(body):
            if "{" in line:
                lines[number] = INSERT.sub(lambda m: _words(m, knowledge.facts, marks), line)
        body = "\n".join(lines)
    if not marks:
        return body
    missing = [name for name, defined in cited(body).items() if not defined]
    known = [knowledge.sources[name] for name in missing if name in knowledge.sources]
    sources = [
        f"[^{source.name}]: {format_citation(source)} {format_evidence_label(source)}"
        for source in known
    ]
    return "\n\n".join([body, "\n".join(sources)]) if sources else body


def _words(found: re.Match[str], facts: Mapping[str, Fact], marks: bool) -> str:  # noqa: FBT001
    if not found["form"]:
        return found[0]
    name = found["rest"].partition("|")[0].strip()
    if found["form"] == "no-claim":
        return name
    fact = facts.get(name)
    if fact is None:
        return found[0]
    said = fact.text_for(found["form"])
    return escape_markdown(said) + "".join(f"[^{name}]" for name in fact.sources if marks)
