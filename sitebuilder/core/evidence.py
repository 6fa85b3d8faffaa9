"""Facts, sources, glossary terms and warning signs, as types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

SOURCE_GRADES: Final[Mapping[str, str]] = {
    "trial-or-review": "Trial, review or guideline",
    "study": "One study or register",
    "leaflet": "Patient leaflet",
    "clinic-page": "Clinic or commercial page (weak)",
}
"""How far a source can be trusted, strongest first, in words for readers."""


READ_DEPTHS: Final[Mapping[str, str]] = {
    "full": "read in full",
    "summary": "summary read",
    "part": "read in part",
    "second-hand": "read through another text",
}
"""What of a source was read."""


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
    def href(self) -> str:
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
        number = " to ".join(_format_thousands(value) for value in self.value)
        unit = f"in {self.of:,}" if self.of else self.unit
        return " ".join(part for part in (self.bound, number, unit) if part)

    def text_for(self, form: str) -> str:
        """The fact as a page shows it. `form`: fact (whole sentence), short or value."""
        text = {"fact": self.sentence, "short": self.short, "value": "{figure}"}[form]
        figure = self.figure
        if text.startswith("{figure}") and form == "fact":
            figure = figure[:1].upper() + figure[1:]
        return text.replace("{figure}", figure)


def _format_thousands(value: str) -> str:
    return f"{int(value):,}" if value.isdecimal() else value


class Term(msgspec.Struct, frozen=True):
    """One entry of content/glossary.yaml. `also`: other forms that it explains."""

    name: str
    term: str
    means: str
    also: tuple[str, ...] = ()
    say: str = ""
    line: int = 1


class WarningSign(msgspec.Struct, frozen=True):
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


class Evidence(msgspec.Struct, frozen=True, array_like=True):
    """All that pages draw on, or the part of it that one page uses, by name."""

    facts: Mapping[str, Fact] = {}
    sources: Mapping[str, Source] = {}
    terms: Mapping[str, Term] = {}
    signs: Mapping[str, WarningSign] = {}
    lists: Mapping[str, SignList] = {}
