"""The proof: a tool in, every way in which it could fail a reader out.

Over every state that its form can be in: blank, partial, out of order, contradictory. What is safe
is not taken from the tool but from content/emergency.yaml (`Guard`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from sitebuilder.clinical.decision_tools import check_gates, check_surgery
from sitebuilder.clinical.decision_tools.check_reachability import reach
from sitebuilder.clinical.decision_tools.check_wording import wording
from sitebuilder.clinical.decision_tools.counterexample import Ways, unsafe
from sitebuilder.clinical.decision_tools.state_space import Region, Space, regions, space_of
from sitebuilder.core.decision_tool import Guard, Tool
from sitebuilder.core.evidence import Knowledge
from sitebuilder.core.problems import Problem


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
    watched = [*check_gates.watched(tool, guard, known), *check_surgery.watched(tool, guard)]
    space = space_of(tool, watched)
    found = regions(space)
    ways = Ways(space, found)
    problems = [
        *_armed(tool, guard),
        *check_gates.differences(space, found, guard, known),
        *check_gates.structure(tool, guard, known, ways),
        *check_surgery.too_early(space, found, guard),
        *check_surgery.lists(tool, guard, ways),
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
