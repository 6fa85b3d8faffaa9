"""A decision tool as types: questions, rules, results. Each part knows its file and line.

A text is a `Passage` (`.text`: what readers see, facts put in; `.line`: where it stands).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from sitebuilder.core.passage import Passage
from sitebuilder.core.review import Change

TOOLS_DIR: Final = "content/tools/"
"""Where the files of tools are."""


EMERGENCY_OUTCOME: Final = "EMERGENCY"


URGENT_OUTCOME: Final = "URGENT"


FLAG_OUTCOMES: Final[Mapping[str, str]] = {"emergency": EMERGENCY_OUTCOME, "urgent": URGENT_OUTCOME}
"""What a ticked flag leads to, whatever else is ticked. The first beats the second."""


OUTCOME_LEVELS: Final = ("emergency", "urgent", "clinician", "discuss", "info")
"""How a result is shown. The first two are for EMERGENCY and URGENT alone."""


CHOICE_KINDS: Final = ("wait", "care", "surgery")
"""What a choice of the catalog is."""


class Option(msgspec.Struct, frozen=True):
    """One answer. An `exclusive` one ("None of these") beside another is a conflict."""

    id: str
    text: Passage
    flag: str = ""
    sign: str = ""
    stop: str = ""
    exclusive: bool = False
    note: str = ""
    path: str = ""
    line: int = 1


class Question(msgspec.Struct, frozen=True):
    """One question: `one` is radios, `many` is checkboxes.

    Answers `to_bring` change no result; they stand on the paper that a reader takes along.
    """

    id: str
    type: str
    text: Passage
    options: tuple[Option, ...]
    help: Passage | None = None
    to_bring: bool = False
    path: str = ""
    line: int = 1

    def option(self, name: str) -> Option:
        """The answer of that id. KeyError: there is none."""
        for option in self.options:
            if option.id == name:
                return option
        raise KeyError(name)


class DecisionRule(msgspec.Struct, frozen=True):
    """It matches if of each question in `when` at least one of the answers is ticked."""

    when: Mapping[str, tuple[str, ...]]
    outcome: str
    line: int = 1


class Outcome(msgspec.Struct, frozen=True):
    """A result. `links` are page ids, `offer` are names of the catalog, in order."""

    name: str
    level: str
    title: Passage
    body: tuple[Passage, ...]
    links: tuple[str, ...] = ()
    offer: tuple[str, ...] = ()
    path: str = ""
    line: int = 1
    lines: Mapping[str, int] = {}


class Note(msgspec.Struct, frozen=True):
    """A point to bring up, added to any result of the tool's own. `facts`: what it rests on."""

    name: str
    text: Passage
    facts: tuple[str, ...] = ()
    line: int = 1


class Choice(msgspec.Struct, frozen=True):
    """An option to talk about, with both sides. `facts`: what it rests on."""

    name: str
    kind: str
    page: str
    title: Passage
    good: Passage
    less_good: Passage
    facts: tuple[str, ...] = ()
    line: int = 1


class SafetyPart(msgspec.Struct, frozen=True):
    """The first part of every tool."""

    path: str
    version: str
    questions: tuple[Question, ...]
    outcomes: Mapping[str, Outcome]


class Tool(msgspec.Struct, frozen=True):
    """A tool, its safety part first: `questions[:first]` and the outcomes of `safety`."""

    name: str
    path: str
    version: str
    title: Passage
    disclaimer: Passage
    questions: tuple[Question, ...]
    rules: tuple[DecisionRule, ...]
    outcomes: Mapping[str, Outcome]
    safety: SafetyPart
    description: str = ""
    notes: Mapping[str, Note] = {}
    catalog: Mapping[str, Choice] = {}
    facts: tuple[str, ...] = ()
    owner: str = ""
    changes: tuple[Change, ...] = ()
    lines: Mapping[str, int] = {}

    @property
    def safety_count(self) -> int:
        """How many questions the safety part has."""
        return len(self.safety.questions)

    @property
    def own_questions(self) -> tuple[Question, ...]:
        """The questions after the safety part."""
        return self.questions[self.safety_count :]

    @property
    def own_outcomes(self) -> Mapping[str, Outcome]:
        """The results that rules lead to."""
        return {k: v for k, v in self.outcomes.items() if k not in self.safety.outcomes}

    def question(self, name: str) -> Question:
        """The question of that id. KeyError: there is none."""
        for question in self.questions:
            if question.id == name:
                return question
        raise KeyError(name)


# -- what tools are held against ------------------------------------------------------------------


class Gate(msgspec.Struct, frozen=True):
    """A first question of every tool: its answers with their words, and the list of its signs."""

    name: str
    lets_on: Mapping[str, str]
    stops: Mapping[str, str]
    leads_to: str
    signs: str = ""
    line: int = 1


class RequiredWording(msgspec.Struct, frozen=True):
    """What the result of a gate has to say, word for word, and whether it may link."""

    name: str
    level: str
    title: tuple[str, ...]
    body: tuple[str, ...]
    links: str = "some"
    line: int = 1


class SurgeryCondition(msgspec.Struct, frozen=True):
    """The answers of one tool after which alone surgery may be offered, by question."""

    name: str
    only_if: Mapping[str, tuple[str, ...]]
    outcomes: tuple[str, ...] = ()
    line: int = 1


class SafetyPolicy(msgspec.Struct, frozen=True):
    """All that decision tools are held against; it comes from content/emergency.yaml."""

    gates: tuple[Gate, ...] = ()
    says: Mapping[str, RequiredWording] = {}
    surgery: Mapping[str, SurgeryCondition] = {}
    surgery_pages: tuple[str, ...] = ()
    routes: tuple[str, ...] = ()
    guarded: tuple[str, ...] = ()
