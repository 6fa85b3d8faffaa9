"""Types for the safety policy of content/emergency.yaml, which decision tools are held against."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class Pair(msgspec.Struct, frozen=True):
    """Milder answers that make an emergency together.

    Attributes:
        all_of: Groups of answers as written, `QUESTION.ANSWER`; one of each is ticked.
        why: What it may be.
    """

    name: str
    all_of: tuple[tuple[str, ...], ...]
    why: str
    line: int = 1


class Requirement(msgspec.Struct, frozen=True):
    """What must hold in every state of a tool in which a result shows.

    Attributes:
        name: Its number in docs/tool-invariants.md.
        tools: Names of the tools that it is for; empty for all.
        when: Groups of answers as written; it holds where one of each counts. Answers that a tool
            does not ask are left out.
        unless: Answers as written of which none counts.
        only: Names of the outcomes that may show; empty for any.
        never: Names of outcomes that must not show. `own` stands for those of the tool's own.
        at_least: The mildest tier that may show beside those of `only`; empty for any.
        own: It is about outcomes of the tool's own alone.
    """

    name: str
    why: str
    tools: tuple[str, ...] = ()
    when: tuple[tuple[str, ...], ...] = ()
    unless: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    at_least: str = ""
    own: bool = False
    line: int = 1


class RequiredWording(msgspec.Struct, frozen=True):
    """Wording that an outcome must contain verbatim.

    Attributes:
        name: Name of the outcome.
        tier: Tier that the outcome must have.
        title: Phrases that its title must contain.
        first: Phrases that its first line must contain; empty for any.
        body: Phrases that its body must contain.
        links: `some` if it may link to pages, or `none`.
        own: It is for outcomes of that name of tools' own; without, for one of the safety part.
    """

    name: str
    tier: str
    title: tuple[str, ...]
    body: tuple[str, ...]
    first: tuple[str, ...] = ()
    links: str = "some"
    own: bool = False
    line: int = 1


class RequiredLine(msgspec.Struct, frozen=True):
    """Words that results say exactly when certain answers count.

    Attributes:
        says: The words.
        results: Names of the outcomes. Those that a tool lacks are left out.
        notes: Names of notes that always say them.
        shown_if: Answers as written of which one counts; empty for always.
        unless: Answers as written of which none counts.
    """

    name: str
    says: str
    results: tuple[str, ...]
    notes: tuple[str, ...] = ()
    shown_if: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    line: int = 1


class SurgeryCondition(msgspec.Struct, frozen=True):
    """The condition under which a tool may offer surgery.

    Attributes:
        name: Name of the tool.
        only_if: Ids of options by question id; only these may be checked, and one of each question.
        needs: Ids of options by question id; one of each question is checked.
        outcomes: Further outcomes that suggest surgery in words only, which code cannot detect.
    """

    name: str
    only_if: Mapping[str, tuple[str, ...]]
    needs: Mapping[str, tuple[str, ...]] = {}
    outcomes: tuple[str, ...] = ()
    line: int = 1


class SafetyPolicy(msgspec.Struct, frozen=True):
    """The rules of content/emergency.yaml that every decision tool is verified against.

    Attributes:
        questions: Ids of the questions that every tool asks first, in order.
        settings: Answer of `SETTING_QUESTION` by name of the setting, such as `after-surgery`.
        crisis: The answer, as written, that leads to the crisis line.
        pairs: Milder answers that make an emergency together.
        requirements: What must hold in every state.
        with_notes: Names of the outcomes of the safety part that show the notes and the standing
            list.
        lines: Words that results say exactly when certain answers count.
        says: Required wording, by outcome name.
        tier_words: Phrases by tier; the title of an outcome contains one of its tier, and none of a
            more urgent one.
        commands: Phrases by tier that send readers somewhere, in any text.
        softeners: Phrases by tier that take the urgency out of texts of that tier, or of a more
            urgent one.
        allowed: Phrases that contain a negation or a softener and are right.
        surgery: Conditions for surgery, by tool name. Other tools may not offer surgery.
        surgery_pages: Ids of the pages about one operation.
        routes: Ids of the pages that lead to a person.
        guarded: Phrases that no tool may use.
        figures: Phrases with a number that tools may say without a fact, with the reason.
    """

    questions: tuple[str, ...] = ()
    settings: Mapping[str, str] = {}
    crisis: str = ""
    pairs: tuple[Pair, ...] = ()
    requirements: tuple[Requirement, ...] = ()
    with_notes: tuple[str, ...] = ()
    lines: tuple[RequiredLine, ...] = ()
    says: Mapping[str, RequiredWording] = {}
    tier_words: Mapping[str, tuple[str, ...]] = {}
    commands: Mapping[str, tuple[str, ...]] = {}
    softeners: Mapping[str, tuple[str, ...]] = {}
    allowed: tuple[str, ...] = ()
    surgery: Mapping[str, SurgeryCondition] = {}
    surgery_pages: tuple[str, ...] = ()
    routes: tuple[str, ...] = ()
    guarded: tuple[str, ...] = ()
    figures: Mapping[str, str] = {}
