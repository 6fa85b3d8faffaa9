"""The proof: a tool in, every way in which it could fail a reader out.

Over every state that its form can be in: blank, partial, out of order, contradictory. What is safe
is not taken from the tool but from content/emergency.yaml (`Guard`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from sitebuilder.knowledge import Guard, Knowledge
from sitebuilder.problems import Problem
from sitebuilder.tools import gates, offers
from sitebuilder.tools.model import Tool
from sitebuilder.tools.reach import reach
from sitebuilder.tools.sets import Region, Space, regions, space_of
from sitebuilder.tools.ways import Ways, unsafe
from sitebuilder.tools.wording import wording


class Proof(msgspec.Struct, frozen=True):
    """What was proven of a tool. `states`: how many its form can be in."""

    space: Space
    regions: tuple[Region, ...]
    states: int
    problems: tuple[Problem, ...]


class Standard(msgspec.Struct, frozen=True):
    """What tools are held against. `number`: the emergency number; `limit`: a reading grade."""

    guard: Guard
    known: Knowledge
    number: str = "911"
    limit: float = 8
    exempt: tuple[str, ...] = ()


def prove(tool: Tool, standard: Standard) -> Proof:
    """All that is wrong with a tool; nothing, if it is safe in every state."""
    guard, known = standard.guard, standard.known
    watched = [*gates.watched(tool, guard, known), *offers.watched(tool, guard)]
    space = space_of(tool, watched)
    found = regions(space)
    ways = Ways(space, found)
    problems = [
        *_armed(tool, guard),
        *gates.differences(space, found, guard, known),
        *gates.structure(tool, guard, known, ways),
        *offers.too_early(space, found, guard),
        *offers.lists(tool, guard, ways),
        *wording(
            tool,
            guard,
            ways,
            number=standard.number,
            limit=standard.limit,
            exempt=standard.exempt,
        ),
        *reach(space, found),
    ]
    return Proof(space, found, space.count(space.every), tuple(problems))


def prove_all(tools: Mapping[str, Tool], standard: Standard) -> list[Problem]:
    """All that is wrong with any of the tools; what is wrong with the safety part once."""
    found: dict[tuple[str, int, str], Problem] = {}
    for tool in tools.values():
        for one in prove(tool, standard).problems:
            found.setdefault((one.path, one.line, one.message.partition(". Answers:")[0]), one)
    return list(found.values())


def _armed(tool: Tool, guard: Guard) -> Sequence[Problem]:
    """Without gates, routes or guarded words nothing would be proven."""
    empty = [
        name
        for name in ("gates", "says", "surgery_pages", "routes", "guarded")
        if not getattr(guard, name)
    ]
    hint = "Tools are held against content/emergency.yaml. Put it back."
    return [
        unsafe(tool.path, 1, f"content/emergency.yaml has no '{name}:'", hint, "") for name in empty
    ]
