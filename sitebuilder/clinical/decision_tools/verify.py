"""Verify a decision tool: find every way in which it could fail a reader.

It is verified in every state that its form can be in: blank, partial, out of order, contradictory.
What is safe is not taken from the tool but from content/emergency.yaml (`SafetyPolicy`). The
invariants are in docs/tool-invariants.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from sitebuilder.clinical.decision_tools.check_emergency import check_emergency, check_same_start
from sitebuilder.clinical.decision_tools.check_questions import check_questions
from sitebuilder.clinical.decision_tools.check_reachability import check_reachability
from sitebuilder.clinical.decision_tools.check_requirements import (
    check_requirements,
    check_stale_policy,
)
from sitebuilder.clinical.decision_tools.check_surgery import (
    check_choices,
    check_surgery_conditions,
)
from sitebuilder.clinical.decision_tools.check_wording import check_wording
from sitebuilder.clinical.decision_tools.counterexample import Counterexamples, safety_problem
from sitebuilder.clinical.decision_tools.form_model import FormModel
from sitebuilder.clinical.decision_tools.safety_policy import POLICY_PATH
from sitebuilder.clinical.decision_tools.symbolic import Diagrams
from sitebuilder.core.decision_tool import Tool
from sitebuilder.core.evidence import Evidence
from sitebuilder.core.problems import Problem
from sitebuilder.core.safety_policy import SafetyPolicy

_REQUIRED_PARTS: Final = (
    "questions",
    "settings",
    "crisis",
    "pairs",
    "requirements",
    "with_notes",
    "lines",
    "says",
    "tier_words",
    "commands",
    "softeners",
    "surgery_pages",
    "routes",
    "guarded",
)


class VerificationResult(msgspec.Struct, frozen=True):
    """What the verification of a tool found.

    Attributes:
        model: What its form shows in every state.
        state_count: Number of states that its form can be in.
    """

    model: FormModel
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


def verify_tool(
    tool: Tool, context: VerificationContext, diagrams: Diagrams | None = None
) -> VerificationResult:
    """Verify a tool in every state of its form. Without problems it meets the safety policy.

    Args:
        tool: The tool.
        context: What it is checked against.
        diagrams: Used for several tools, it builds what they share once.
    """
    policy = context.policy
    model = FormModel(tool, diagrams)
    examples = Counterexamples(model)
    problems = [
        *_check_policy(policy),
        *check_questions(examples, policy, context.evidence),
        *check_emergency(examples, policy),
        *check_requirements(examples, policy, context.emergency_number),
        *check_surgery_conditions(examples, policy),
        *check_choices(tool, policy, examples),
        *check_wording(
            tool,
            policy,
            examples,
            emergency_number=context.emergency_number,
            max_grade=context.max_grade,
            exempt=context.exempt,
        ),
        *check_reachability(examples),
    ]
    return VerificationResult(model, model.state_count, tuple(problems))


def verify_all(
    tools: Mapping[str, Tool], context: VerificationContext, *, complete: bool = True
) -> list[Problem]:
    """Return the problems of all tools; those of the safety part, which they share, once.

    Args:
        tools: The tools that can be parsed, by name.
        context: What they are checked against.
        complete: They are all tools. Else nobody can say what no tool asks.
    """
    diagrams = Diagrams()
    results = [verify_tool(tool, context, diagrams) for tool in tools.values()]
    problems: dict[tuple[str, int, str], Problem] = {}
    for result in results:
        for each in result.problems:
            problems.setdefault(
                (each.path, each.line, each.message.partition(". Answers:")[0]), each
            )
    return [
        *problems.values(),
        *check_same_start([Counterexamples(result.model) for result in results]),
        *(check_stale_policy(tools.values(), context.policy) if tools and complete else ()),
    ]


def _check_policy(policy: SafetyPolicy) -> Sequence[Problem]:
    """Report missing parts of the policy: without them nothing would be proven."""
    hint = "Tools are held against content/emergency.yaml. Put it back."
    return [
        safety_problem(POLICY_PATH, 1, f"content/emergency.yaml has no '{name}:'", hint, "")
        for name in _REQUIRED_PARTS
        if not getattr(policy, name)
    ]
