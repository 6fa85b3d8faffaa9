"""Types for facts, sources, glossary terms and warning signs."""

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
"""How far a source can be trusted, strongest first, with the label that readers see."""

READ_DEPTHS: Final[Mapping[str, str]] = {
    "full": "read in full",
    "abstract": "abstract read",
    "part": "read in part",
    "second-hand": "read through another text",
}
"""How much of a source the editors have read, with the label that readers see."""


class Source(msgspec.Struct, frozen=True):
    """A published source: an entry of content/references.yaml.

    Attributes:
        source: The journal, publisher or site.
        kind: A key of `SOURCE_GRADES`.
        read: A key of `READ_DEPTHS`.
        year: Year of publication; 0 if unknown.
        details: Volume and pages.
        keep: Why an old source is still used; empty if there is no reason.
    """

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

    def is_old(self, min_year: int) -> bool:
        """Return whether it is from before `min_year`, without a reason to keep it."""
        return 0 < self.year < min_year and not self.keep

    @property
    def href(self) -> str:
        """Link to the source: its DOI, else its URL, else its PubMed entry; empty without any."""
        if self.doi:
            return f"https://doi.org/{self.doi}"
        return self.url or (f"https://pubmed.ncbi.nlm.nih.gov/{self.pmid}/" if self.pmid else "")


class Fact(msgspec.Struct, frozen=True):
    """A sourced statement: an entry of content/facts.yaml.

    Attributes:
        sentence: The whole statement, with `{figure}` where the value goes.
        grade: A key of `SOURCE_GRADES`.
        sources: Names of `Source` entries.
        short: A shorter form, for tables and lists.
        value: Empty, one number, or a range of two numbers, as digits.
        of: Number of people that the value counts among; 0 if it does not count people.
        unit: What the value counts, if not people.
        bound: Word before the value, such as "about".
        who: The people that the fact is about.
        where: The country that it is about.
        not_covered: What the fact leaves open.
    """

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
        """The value as readers see it: `about 9 in 100`, `4 to 6 weeks`; empty without one."""
        if not self.value:
            return ""
        number = " to ".join(_format_thousands(value) for value in self.value)
        unit = f"in {self.of:,}" if self.of else self.unit
        return " ".join(part for part in (self.bound, number, unit) if part)

    def text_for(self, form: str) -> str:
        """Render the fact for a page.

        Args:
            form: Name of the shortcode: `fact` for the sentence, `short` or `value`.

        Raises:
            KeyError: There is no such form.
        """
        text = {"fact": self.sentence, "short": self.short, "value": "{figure}"}[form]
        figure = self.figure
        if text.startswith("{figure}") and form == "fact":
            figure = figure[:1].upper() + figure[1:]
        return text.replace("{figure}", figure)


def _format_thousands(value: str) -> str:
    return f"{int(value):,}" if value.isdecimal() else value


class Term(msgspec.Struct, frozen=True):
    """A medical word and its meaning: an entry of content/glossary.yaml.

    Attributes:
        term: The word as it is written inside a sentence.
        also: Other forms that the entry explains.
        say: Pronunciation.
    """

    name: str
    term: str
    means: str
    also: tuple[str, ...] = ()
    say: str = ""
    line: int = 1


TIERS: Final = ("911", "today", "days", "hours", "visit", "home")
"""How soon somebody has to act, the most urgent first. `days` is 2 or 3 days, `hours` is to watch
for some hours, `visit` is a visit in office hours."""

SETTINGS: Final = ("everybody", "after-surgery", "after-shot", "opioids")
"""Who a warning sign is for: anybody else, after spine surgery, after a shot in the spine, and
people who take opioids."""


class WarningSign(msgspec.Struct, frozen=True):
    """A warning sign, in the one wording that cards, handouts and decision tools share.

    Attributes:
        tiers: One of `TIERS` for each of `SETTINGS` in which the sign counts.
        asked_in: Ids of the questions of decision tools that ask for it; empty if only pages list
            it.
        why: What it may mean.
        excludes: The ordinary thing that it must not catch.
        sources: Names of `Source` entries; empty if it rests on judgment alone.
        clock: How long to wait for a call back: `hours` or `tomorrow`; empty if it does not apply.
        ride: Whether somebody may drive the person to an emergency room: `ok` or `never`.
        named: Phrases by which sentences name it; see `evidence.phrases`.
        unless_named: Signs that a sentence is about instead if it names them too.
    """

    name: str
    text: str
    tiers: Mapping[str, str] = {}
    asked_in: tuple[str, ...] = ()
    why: str = ""
    excludes: str = ""
    sources: tuple[str, ...] = ()
    clock: str = ""
    ride: str = ""
    named: tuple[str, ...] = ()
    unless_named: tuple[str, ...] = ()
    line: int = 1


class SignGroup(msgspec.Struct, frozen=True):
    """Warning signs, by name, that are listed together under an optional title."""

    signs: tuple[str, ...]
    title: str = ""
    line: int = 1


class SignList(msgspec.Struct, frozen=True):
    """The warning signs on one kind of care card: those of one tier in one setting.

    Attributes:
        tier: One of `TIERS`.
        setting: One of `SETTINGS`.
    """

    name: str
    tier: str
    groups: tuple[SignGroup, ...]
    setting: str = "everybody"
    line: int = 1


class WeaknessLine(msgspec.Struct, frozen=True):
    """A line of the card about weak legs. Its order is the tier of its signs in its settings."""

    text: str
    signs: tuple[str, ...]
    settings: tuple[str, ...] = ("everybody",)
    tier: str = ""


class TogetherLine(msgspec.Struct, frozen=True):
    """Milder signs that need the emergency number together, and the people whom it is for."""

    pair: str
    text: str
    settings: tuple[str, ...]


class SignOrders(msgspec.Struct, frozen=True):
    """The words that carry an order, and the one rule for weak legs. All are phrases.

    Attributes:
        tiers: Words that say how soon to act, by tier; the first of each is shown.
        untimed: Orders without a time.
        not_orders: Words that hold an order and give none.
        any_sign: Words for any sign of a tier, by tier.
        never: Words that no page says, except after "do not".
        settings: Words that say whom a sentence is about, by setting.
        softeners: Words that take the force out of an order or a sign.
        negations: The only words in which a sign that cannot wait may be negative.
        watched: Words that may name a sign.
        weakness_text: What weak means.
    """

    tiers: Mapping[str, tuple[str, ...]] = {}
    untimed: tuple[str, ...] = ()
    not_orders: tuple[str, ...] = ()
    any_sign: Mapping[str, tuple[str, ...]] = {}
    never: tuple[str, ...] = ()
    settings: Mapping[str, tuple[str, ...]] = {}
    softeners: tuple[str, ...] = ()
    negations: tuple[str, ...] = ()
    watched: tuple[str, ...] = ()
    weakness_text: str = ""
    weakness: tuple[WeaknessLine, ...] = ()
    together: tuple[TogetherLine, ...] = ()


class Evidence(msgspec.Struct, frozen=True, array_like=True):
    """All evidence of the site, or the part of it that one page uses, keyed by name.

    Attributes:
        accepted: Sentences about warning signs that a person has accepted, by page id. Empty for a
            site that keeps no such file.
    """

    facts: Mapping[str, Fact] = {}
    sources: Mapping[str, Source] = {}
    terms: Mapping[str, Term] = {}
    signs: Mapping[str, WarningSign] = {}
    lists: Mapping[str, SignList] = {}
    orders: SignOrders | None = None
    accepted: Mapping[str, tuple[str, ...]] = {}
