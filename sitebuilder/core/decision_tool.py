"""Types for decision tools: questions, rules and outcomes, each with its file and line.

Texts are `Passage` values: `text` is what readers see, with facts expanded.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from sitebuilder.core.passage import Passage
from sitebuilder.core.review import Change

TOOLS_DIR: Final = "content/tools/"

EMERGENCY_OUTCOME: Final = "EMERGENCY"
URGENT_OUTCOME: Final = "URGENT"

FLAG_OUTCOMES: Final[Mapping[str, str]] = {"emergency": EMERGENCY_OUTCOME, "urgent": URGENT_OUTCOME}
"""The outcome of a checked option with a flag, whatever else is checked. The first wins."""

OUTCOME_LEVELS: Final = ("emergency", "urgent", "clinician", "discuss", "info")
"""How an outcome is shown. The first two are reserved for EMERGENCY and URGENT."""

CHOICE_KINDS: Final = ("wait", "care", "surgery")


class Option(msgspec.Struct, frozen=True):
    """An answer to a question.

    Attributes:
        flag: A key of `FLAG_OUTCOMES`, in the safety part only; else empty.
        sign: Name of the warning sign that the text comes from; empty if it has its own.
        stop: Name of the outcome that ends the tool; empty if the tool goes on.
        exclusive: "None of these" and the like: a conflict if checked beside another option.
        note: Name of the note that it adds to the outcome.
    """

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
    """A question of a tool.

    Attributes:
        type: `one` (radio buttons) or `many` (checkboxes).
        to_bring: The answers change no outcome; they are printed for the doctor.
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
        """Return the option with that id.

        Raises:
            KeyError: No option has this id.
        """
        for option in self.options:
            if option.id == name:
                return option
        raise KeyError(name)


class DecisionRule(msgspec.Struct, frozen=True):
    """A rule that leads to an outcome. The first matching rule of a tool wins.

    Attributes:
        when: Ids of options by question id. The rule matches if, of each question in it, at least
            one of these options is checked; an empty mapping always matches.
        outcome: Name of the outcome.
    """

    when: Mapping[str, tuple[str, ...]]
    outcome: str
    line: int = 1


class Outcome(msgspec.Struct, frozen=True):
    """A result of a tool.

    Attributes:
        level: One of `OUTCOME_LEVELS`.
        links: Page ids, in order.
        offer: Names of choices in the catalog, in order.
        lines: Line of each field.
    """

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
    """A point to bring up with the doctor, added to any outcome outside the safety part.

    Attributes:
        facts: Names of the facts that it rests on.
    """

    name: str
    text: Passage
    facts: tuple[str, ...] = ()
    line: int = 1


class Choice(msgspec.Struct, frozen=True):
    """A treatment of the catalog, with its benefits and harms.

    Attributes:
        kind: One of `CHOICE_KINDS`.
        page: Id of the page about it.
        facts: Names of the facts that it rests on.
    """

    name: str
    kind: str
    page: str
    title: Passage
    good: Passage
    less_good: Passage
    facts: tuple[str, ...] = ()
    line: int = 1


class SafetyPart(msgspec.Struct, frozen=True):
    """The questions and outcomes that come first in every tool."""

    path: str
    version: str
    questions: tuple[Question, ...]
    outcomes: Mapping[str, Outcome]


class Tool(msgspec.Struct, frozen=True):
    """A decision tool, including the safety part that it starts with.

    Attributes:
        questions: All questions; those of the safety part first.
        rules: In order of precedence.
        outcomes: All outcomes, including those of the safety part.
        facts: Names of the facts that the tool rests on.
        owner: Who keeps the tool correct.
        lines: Line of each top-level field.
    """

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
        """Number of questions in the safety part."""
        return len(self.safety.questions)

    @property
    def own_questions(self) -> tuple[Question, ...]:
        """The questions after the safety part."""
        return self.questions[self.safety_count :]

    @property
    def own_outcomes(self) -> Mapping[str, Outcome]:
        """The outcomes that are not in the safety part."""
        return {k: v for k, v in self.outcomes.items() if k not in self.safety.outcomes}

    def question(self, name: str) -> Question:
        """Return the question with that id.

        Raises:
            KeyError: No question has this id.
        """
        for question in self.questions:
            if question.id == name:
                return question
        raise KeyError(name)


# -- Safety policy --------------------------------------------------------------------------------


class Gate(msgspec.Struct, frozen=True):
    """A question that every tool has to start with.

    Attributes:
        name: Id of the question.
        lets_on: Texts of the options that lead to the next question, by option id.
        stops: Texts of the options that end the tool, by option id.
        leads_to: Name of the outcome for all other options.
        signs: Name of the list of warning signs that the question asks about; empty if none.
    """

    name: str
    lets_on: Mapping[str, str]
    stops: Mapping[str, str]
    leads_to: str
    signs: str = ""
    line: int = 1


class RequiredWording(msgspec.Struct, frozen=True):
    """Wording that the outcome of a gate must contain verbatim.

    Attributes:
        name: Name of the outcome.
        level: Level that the outcome must have.
        title: Phrases that its title must contain.
        body: Phrases that its body must contain.
        links: `some` if it may link to pages, or `none`.
    """

    name: str
    level: str
    title: tuple[str, ...]
    body: tuple[str, ...]
    links: str = "some"
    line: int = 1


class SurgeryCondition(msgspec.Struct, frozen=True):
    """The condition under which a tool may offer surgery.

    Attributes:
        name: Name of the tool.
        only_if: Ids of options by question id; one of each question must be checked.
        outcomes: Further outcomes that suggest surgery in words only, which code cannot detect.
    """

    name: str
    only_if: Mapping[str, tuple[str, ...]]
    outcomes: tuple[str, ...] = ()
    line: int = 1


class SafetyPolicy(msgspec.Struct, frozen=True):
    """The rules of content/emergency.yaml that every decision tool is verified against.

    Attributes:
        gates: In the order in which tools must ask them.
        says: Required wording, by outcome name.
        surgery: Conditions for surgery, by tool name. Other tools may not offer surgery.
        surgery_pages: Ids of the pages about one operation.
        routes: Ids of the pages that lead to a person.
        guarded: Phrases that no tool may use.
    """

    gates: tuple[Gate, ...] = ()
    says: Mapping[str, RequiredWording] = {}
    surgery: Mapping[str, SurgeryCondition] = {}
    surgery_pages: tuple[str, ...] = ()
    routes: tuple[str, ...] = ()
    guarded: tuple[str, ...] = ()
