"""The type for cases: people who are put through the decision tools."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class Case(msgspec.Struct, frozen=True):
    """A person, and what each tool has to tell them: an entry of content/cases.yaml.

    Attributes:
        person: Age, sex and story, in a line or two.
        tools: Names of the tools; empty for all.
        answers: Ids of the options ticked, by question id.
        tier: One of `TIERS`.
        outcome: Name of the outcome that must show.
        never: Names of outcomes that must not show, however the tools change.
        why: The reason.
        sources: Names of `Source` entries; empty if it rests on judgment alone.
        agreed: Tiers that a reader who has not seen the tools would accept; empty if none was
            asked.
        lines: Line of each field, and of each question of `answers` as `answers.QUESTION`.
    """

    name: str
    person: str
    answers: Mapping[str, tuple[str, ...]]
    tier: str
    outcome: str
    why: str
    tools: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    agreed: tuple[str, ...] = ()
    line: int = 1
    lines: Mapping[str, int] = {}
