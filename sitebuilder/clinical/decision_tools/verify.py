"""The proof: a tool in, every way in which it could fail a reader out.

Over every state that its form can be in: blank, partial, out of order, contradictory. What is safe
is not taken from the tool but from content/emergency.yaml (`Guard`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from sitebuilder.clinical.decision_tools import check_gates, check_surgery
from sitebuilder.clinical.decision_tools.check_reachability import check_reachability
from sitebuilder.clinical.decision_tools.check_wording import check_wording
from sitebuilder.clinical.decision_tools.counterexample import Counterexamples, safety_problem
from sitebuilder.clinical.decision_tools.state_space import (
    Region,
    StateSpace,
    build_state_space,
    partition,
)
from sitebuilder.core.decision_tool import SafetyPolicy, Tool
from sitebuilder.core.evidence import Evidence
from sitebuilder.core.problems import Problem


class VerificationResult(msgspec.Struct, frozen=True):
    """What was proven of a tool. `states`: how many its form can be in."""

    space: StateSpace
    regions: tuple[Region, ...]
    state_count: int
    problems: tuple[Problem, ...]


class VerificationContext(msgspec.Struct, frozen=True):
    """What tools are held against. `number`: the emergency number; `limit`: a reading grade."""

    policy: SafetyPolicy
    evidence: Evidence
    emergency_number: str = "911"
    max_grade: float = 8
    exempt: tuple[str, ...] = ()


def verify_tool(tool: Tool, context: VerificationContext) -> VerificationResult:
    """All that is wrong with a tool; nothing, if it is safe in every state."""
    guard, known = context.policy, context.evidence
    watched = [
        *check_gates.watched_options(tool, guard, known),
        *check_surgery.watched_options(tool, guard),
    ]
    space = build_state_space(tool, watched)
    found = partition(space)
    ways = Counterexamples(space, found)
    problems = [
        *_check_policy(tool, guard),
        *check_gates.check_gate_outcomes(space, found, guard, known),
        *check_gates.check_gate_structure(tool, guard, known, ways),
        *check_surgery.check_surgery_conditions(space, found, guard),
        *check_surgery.check_choices(tool, guard, ways),
        *check_wording(
            tool,
            guard,
            ways,
            emergency_number=context.emergency_number,
            max_grade=context.max_grade,
            exempt=context.exempt,
        ),
        *check_reachability(space, found),
    ]
    return VerificationResult(space, found, space.count_states(space.all_states), tuple(problems))


def verify_all(tools: Mapping[str, Tool], context: VerificationContext) -> list[Problem]:
    """All that is wrong with any of the tools; what is wrong with the safety part once."""
    found: dict[tuple[str, int, str], Problem] = {}
    for tool in tools.values():
        for one in verify_tool(tool, context).problems:
            found.setdefault((one.path, one.line, one.message.partition(". Answers:")[0]), one)
    return list(found.values())


def _check_policy(tool: Tool, policy: SafetyPolicy) -> Sequence[Problem]:
    """Without gates, routes or guarded words nothing would be proven."""
    empty = [
        name
        for name in ("gates", "says", "surgery_pages", "routes", "guarded")
        if not getattr(policy, name)
    ]
    hint = "Tools are held against content/emergency.yaml. Put it back."
    return [
        safety_problem(tool.path, 1, f"content/emergency.yaml has no '{name}:'", hint, "")
        for name in empty
    ]
