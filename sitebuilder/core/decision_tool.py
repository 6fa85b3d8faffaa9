"""Types for decision tools: questions, rules and outcomes, each with its file and line.

Texts are `Passage` values: `text` is what readers see, with facts expanded. `evaluate` in
`sitebuilder.clinical.decision_tools` says what the values mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from sitebuilder.core.evidence import TIERS
from sitebuilder.core.passage import Passage
from sitebuilder.core.review import Change

TOOLS_DIR: Final = "content/tools/"

SETTING_QUESTION: Final = "setting"
"""Id of the question whose answers change the tier of signs: recent surgery, a recent shot."""

SIGN_TIERS: Final = TIERS[:3]
"""Tiers of answers that always count, also when their question is out of view."""

OUTCOME_TIERS: Final = TIERS
"""How soon a result asks the reader to act, the most urgent first."""

CHOICE_KINDS: Final = ("wait", "care", "surgery")


class Literal(msgspec.Struct, frozen=True):
    """An answer that a condition asks for.

    Attributes:
        settings: If not empty, the answer counts only with one of these answers to
            `SETTING_QUESTION`.
        without: The answer counts only with none of these answers to `SETTING_QUESTION`.
    """

    question: str
    option: str
    settings: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


Group = tuple[Literal, ...]
"""Answers of which at least one counts."""


class Condition(msgspec.Struct, frozen=True):
    """A condition on the answers.

    Attributes:
        all_of: Groups. At least one answer of each counts.
        none_of: Answers of which none counts.
    """

    all_of: tuple[Group, ...] = ()
    none_of: Group = ()

    @property
    def is_always(self) -> bool:
        """Whether the condition asks for nothing."""
        return not self.all_of and not self.none_of


ALWAYS: Final = Condition()


class Option(msgspec.Struct, frozen=True):
    """An answer to a question.

    Attributes:
        sign: Name of the warning sign that the text comes from; empty if it has its own.
        tiers: One of `OUTCOME_TIERS` by answer to `SETTING_QUESTION`. The key "" is for readers who
            gave none of the other keys. Who gave two of them has both tiers. Empty for answers that
            are no signs.
        clock: How long a reader may wait for a call back: `hours` or `tomorrow`; empty if not
            given.
        ride: Whether somebody may drive the reader to an emergency room: `ok` or `never`; empty if
            not given.
        exclusive: "None of these" and the like: a conflict if checked beside another option.
        show_if: When the answer is in view.
        notes: Names of the notes that it adds to the outcome.
    """

    id: str
    text: Passage
    sign: str = ""
    tiers: Mapping[str, str] = {}
    clock: str = ""
    ride: str = ""
    exclusive: bool = False
    show_if: Condition = ALWAYS
    notes: tuple[str, ...] = ()
    path: str = ""
    line: int = 1

    @property
    def is_sign(self) -> bool:
        """Whether the answer counts wherever it is ticked: it asks for a call within days."""
        return any(tier in SIGN_TIERS for tier in self.tiers.values())


class Question(msgspec.Struct, frozen=True):
    """A question of a tool.

    Attributes:
        type: `one` (radio buttons) or `many` (checkboxes).
        show_if: When the question is in view.
        to_bring: The answers change no outcome; they are printed for the doctor.
    """

    id: str
    type: str
    text: Passage
    options: tuple[Option, ...]
    help: Passage | None = None
    show_if: Condition = ALWAYS
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

    @property
    def is_sign_list(self) -> bool:
        """Whether any answer is a sign."""
        return any(option.is_sign for option in self.options)


class DecisionRule(msgspec.Struct, frozen=True):
    """A rule that leads to an outcome. The first matching rule wins.

    Attributes:
        name: Its number in the clinical specification, such as `G1`; empty if it has none.
        after: In the safety part, the question up to which everything in view has to be answered;
            empty if the rule counts at once. Rules of a tool's own count after its last question.
    """

    when: Condition
    outcome: str
    name: str = ""
    after: str = ""
    line: int = 1


class BodyLine(msgspec.Struct, frozen=True):
    """A line of an outcome.

    Attributes:
        shown_if: When the line is shown.
        paper: What stands before it on paper, where all lines are printed.
    """

    text: Passage
    shown_if: Condition = ALWAYS
    paper: Passage | None = None


class Outcome(msgspec.Struct, frozen=True):
    """A result of a tool.

    Attributes:
        tier: One of `OUTCOME_TIERS`.
        links: Page ids, in order.
        offer: Names of choices in the catalog, in order.
        with_notes: The notes and the standing list are shown below it. Always so for outcomes of a
            tool's own.
        lines: Line of each field.
    """

    name: str
    tier: str
    title: Passage
    body: tuple[BodyLine, ...]
    links: tuple[str, ...] = ()
    offer: tuple[str, ...] = ()
    with_notes: bool = False
    path: str = ""
    line: int = 1
    lines: Mapping[str, int] = {}

    @property
    def passages(self) -> tuple[Passage, ...]:
        """The title and every line."""
        return (self.title, *(line.text for line in self.body))


class Note(msgspec.Struct, frozen=True):
    """A point to bring up with the doctor.

    Attributes:
        facts: Names of the facts that it rests on.
    """

    name: str
    text: Passage
    facts: tuple[str, ...] = ()
    path: str = ""
    line: int = 1


class StandingList(msgspec.Struct, frozen=True):
    """Questions to take to the visit, whatever the answers are.

    Attributes:
        closing: The line below it.
    """

    title: Passage
    items: tuple[Passage, ...]
    closing: Passage | None = None
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
    """The questions, rules and outcomes that come first in every tool.

    Attributes:
        open_questions: What the sources leave to a surgeon; only reviewers see it.
    """

    path: str
    version: str
    questions: tuple[Question, ...]
    rules: tuple[DecisionRule, ...]
    outcomes: Mapping[str, Outcome]
    notes: Mapping[str, Note] = {}
    open_questions: tuple[str, ...] = ()


class Tool(msgspec.Struct, frozen=True):
    """A decision tool, including the safety part that it starts with.

    Attributes:
        questions: All questions; those of the safety part first.
        rules: Those of the tool's own, in order of precedence.
        outcomes: All outcomes, including those of the safety part.
        notes: All notes, including those of the safety part.
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
    standing_list: StandingList | None = None
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
