"""The types of what pages draw on, each kept once: facts, sources, terms, signs, sign-offs.

And of what a page says, cut up for the checks that read it: `Passage`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date as Date  # noqa: N812 - as in `model`

import msgspec

# -- evidence -------------------------------------------------------------------------------------


class Source(msgspec.Struct, frozen=True):
    """One entry of content/references.yaml: something that was read. `year` 0: it has no date."""

    name: str
    title: str
    source: str
    kind: str
    read: str
    authors: str = ""
    year: int = 0
    details: str = ""
    doi: str = ""
    pmid: str = ""
    url: str = ""
    keep: str = ""
    line: int = 1

    @property
    def address(self) -> str:
        """Where it can be read; empty if that is not known."""
        if self.doi:
            return f"https://doi.org/{self.doi}"
        return self.url or (f"https://pubmed.ncbi.nlm.nih.gov/{self.pmid}/" if self.pmid else "")


class Fact(msgspec.Struct, frozen=True):
    """One entry of content/facts.yaml. `value` has no, one or two (from, to) numbers."""

    name: str
    sentence: str
    grade: str
    sources: tuple[str, ...]
    short: str = ""
    value: tuple[str, ...] = ()
    of: int = 0
    unit: str = ""
    bound: str = ""
    who: str = ""
    where: str = ""
    year: int = 0
    not_covered: str = ""
    line: int = 1

    @property
    def figure(self) -> str:
        """The value as readers see it: `about 9 in 100`, `4 to 6 weeks`."""
        if not self.value:
            return ""
        number = " to ".join(_with_commas(value) for value in self.value)
        unit = f"in {self.of:,}" if self.of else self.unit
        return " ".join(part for part in (self.bound, number, unit) if part)

    def said(self, form: str) -> str:
        """The fact as a page shows it. `form`: fact (whole sentence), short or value."""
        text = {"fact": self.sentence, "short": self.short, "value": "{figure}"}[form]
        figure = self.figure
        if text.startswith("{figure}") and form == "fact":
            figure = figure[:1].upper() + figure[1:]
        return text.replace("{figure}", figure)


def _with_commas(value: str) -> str:
    return f"{int(value):,}" if value.isdecimal() else value


class Term(msgspec.Struct, frozen=True):
    """One entry of content/glossary.yaml. `also`: other forms that it explains."""

    name: str
    term: str
    means: str
    also: tuple[str, ...] = ()
    say: str = ""
    line: int = 1


class Sign(msgspec.Struct, frozen=True):
    """A warning sign, in the one wording that cards, paper and tools use."""

    name: str
    tier: str
    text: str
    setting: str = ""
    line: int = 1


class SignGroup(msgspec.Struct, frozen=True):
    """Signs that stand together on a card."""

    signs: tuple[str, ...]
    title: str = ""


class SignList(msgspec.Struct, frozen=True):
    """What one kind of card lists."""

    name: str
    tier: str
    groups: tuple[SignGroup, ...]
    line: int = 1


class Knowledge(msgspec.Struct, frozen=True, array_like=True):
    """All that pages draw on, or the part of it that one page uses, by name."""

    facts: Mapping[str, Fact] = {}
    sources: Mapping[str, Source] = {}
    terms: Mapping[str, Term] = {}
    signs: Mapping[str, Sign] = {}
    lists: Mapping[str, SignList] = {}


# -- what tools are held against ------------------------------------------------------------------


class Gate(msgspec.Struct, frozen=True):
    """A first question of every tool: its answers with their words, and the list of its signs."""

    name: str
    lets_on: Mapping[str, str]
    stops: Mapping[str, str]
    leads_to: str
    signs: str = ""
    line: int = 1


class Says(msgspec.Struct, frozen=True):
    """What the result of a gate has to say, word for word, and whether it may link."""

    name: str
    level: str
    title: tuple[str, ...]
    body: tuple[str, ...]
    links: str = "some"
    line: int = 1


class Surgery(msgspec.Struct, frozen=True):
    """The answers of one tool after which alone surgery may be offered, by question."""

    name: str
    only_if: Mapping[str, tuple[str, ...]]
    outcomes: tuple[str, ...] = ()
    line: int = 1


class Guard(msgspec.Struct, frozen=True):
    """All that decision tools are held against; it comes from content/emergency.yaml."""

    gates: tuple[Gate, ...] = ()
    says: Mapping[str, Says] = {}
    surgery: Mapping[str, Surgery] = {}
    surgery_pages: tuple[str, ...] = ()
    routes: tuple[str, ...] = ()
    guarded: tuple[str, ...] = ()


# -- governance -----------------------------------------------------------------------------------


class Reviewer(msgspec.Struct, frozen=True):
    """One entry of content/reviewers.yaml: who may sign."""

    id: str
    name: str
    role: str
    line: int = 1


class SignOff(msgspec.Struct, frozen=True):
    """One entry of reviews/PAGE.yaml. `kind` full: the whole page was read; change: a difference.

    `text` is the digest of what a reader saw; the name and role are as they were on that day.
    """

    by: str
    name: str
    role: str
    on: Date
    until: Date
    kind: str
    text: str
    line: int = 1


class Review(msgspec.Struct, frozen=True):
    """What is on record of one page: its sign-offs, oldest first, and the text last signed."""

    page: str
    path: str
    signed: tuple[SignOff, ...]
    text: str

    @property
    def full(self) -> SignOff:
        """The last sign-off of the whole page: whose name and dates the page shows."""
        return next(s for s in reversed(self.signed) if s.kind == "full")

    @property
    def last(self) -> SignOff:
        return self.signed[-1]


class Change(msgspec.Struct, frozen=True):
    """One line of a page's change log, for its readers."""

    on: Date
    what: str


class Claimed(msgspec.Struct, frozen=True):
    """What front matter says of a review; it has to agree with what is on record."""

    by: str
    role: str = ""
    on: Date | None = None
    until: Date | None = None


# -- what a page is about --------------------------------------------------------------------------


class Subject(msgspec.Struct, frozen=True):
    """What a page is about, for search engines: a procedure or a condition."""

    kind: str
    name: str
    also: tuple[str, ...] = ()
    body_part: str = ""


# -- what a page says -----------------------------------------------------------------------------


class Run(msgspec.Struct, frozen=True):
    """A stretch of plain words of one origin: `page`, `fact`, `sign` or `no-claim`."""

    text: str
    line: int
    column: int
    origin: str = "page"


class Passage(msgspec.Struct, frozen=True):
    """A heading, paragraph, list item, table cell, block title or field, without its markup.

    `kind`: heading, paragraph, item, cell, title, field, number. `block`: the innermost block
    around it, and `block_line` where that starts. Facts stand in it as readers see them.
    """

    kind: str
    runs: tuple[Run, ...]
    block: str = ""
    block_line: int = 0

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)

    @property
    def line(self) -> int:
        return self.runs[0].line

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column, both from 1, of what stands at an offset of `text`."""
        for run in self.runs:
            if offset < len(run.text):
                return run.line, run.column + (offset if run.origin == "page" else 0)
            offset -= len(run.text)
        last = self.runs[-1]
        return last.line, last.column


class Grade(msgspec.Struct, frozen=True):
    """How hard a text is to read, in US school grades.

    `flesch_kincaid`: list items and headings count as sentences; `prose`: paragraphs alone.
    """

    flesch_kincaid: float
    prose: float
    smog: float
    words: int
    sentences: int
