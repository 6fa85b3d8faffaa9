"""Verify a decision tool: find every way in which it could fail a reader.

It is verified in every state that its form can be in: blank, partial, out of order, contradictory.
What is safe is not taken from the tool but from content/emergency.yaml (`SafetyPolicy`). The
invariants are in docs/tool-invariants.md.
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
    """What the verification of a tool found.

    Attributes:
        state_count: Number of states that its form can be in.
    """

    space: StateSpace
    regions: tuple[Region, ...]
    state_count: int
    problems: tuple[Problem, ...]


class VerificationContext(msgspec.Struct, frozen=True):
    """What tools are checked against.

    Attributes:
        max_grade: Limit of the reading grade, a US school grade.
        exempt: Phrases whose figures are not claims and need no source.
    """

    policy: SafetyPolicy
    evidence: Evidence
    emergency_number: str = "911"
    max_grade: float = 8
    exempt: tuple[str, ...] = ()


def verify_tool(tool: Tool, context: VerificationContext) -> VerificationResult:
    """Verify a tool in every state of its form. Without problems it meets the safety policy."""
    policy, evidence = context.policy, context.evidence
    watched = [
        *check_gates.watched_options(tool, policy, evidence),
        *check_surgery.watched_options(tool, policy),
    ]
    space = build_state_space(tool, watched)
    regions = partition(space)
    examples = Counterexamples(space, regions)
    problems = [
        *_check_policy(tool, policy),
        *check_gates.check_gate_outcomes(space, regions, policy, evidence),
        *check_gates.check_gate_structure(tool, policy, evidence, examples),
        *check_surgery.check_surgery_conditions(space, regions, policy),
        *check_surgery.check_choices(tool, policy, examples),
        *check_wording(
            tool,
            policy,
            examples,
            emergency_number=context.emergency_number,
            max_grade=context.max_grade,
            exempt=context.exempt,
        ),
        *check_reachability(space, regions),
    ]
    return VerificationResult(space, regions, space.count_states(space.all_states), tuple(problems))


def verify_all(tools: Mapping[str, Tool], context: VerificationContext) -> list[Problem]:
    """Return the problems of all tools; those of the safety part, which they share, once."""
    problems: dict[tuple[str, int, str], Problem] = {}
    for tool in tools.values():
        for each in verify_tool(tool, context).problems:
            problems.setdefault(
                (each.path, each.line, each.message.partition(". Answers:")[0]), each
            )
    return list(problems.values())


def _check_policy(tool: Tool, policy: SafetyPolicy) -> Sequence[Problem]:
    """Report missing parts of the policy: without them nothing would be proven."""
    missing = [
        name
        for name in ("gates", "says", "surgery_pages", "routes", "guarded")
        if not getattr(policy, name)
    ]
    hint = "Tools are held against content/emergency.yaml. Put it back."
    return [
        safety_problem(tool.path, 1, f"content/emergency.yaml has no '{name}:'", hint, "")
        for name in missing
    ]
