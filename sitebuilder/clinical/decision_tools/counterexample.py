"""Find the shortest answers that lead to an outcome or question, and describe them in words.

Problems show them as counterexamples, and reviewers of a tool read them.
"""

from __future__ import annotations

from collections.abc import Iterable

from sitebuilder.clinical.decision_tools.state_space import CheckedAnswers, Region, StateSpace
from sitebuilder.core.decision_tool import Tool
from sitebuilder.core.problems import Problem, problem


def describe_answers(tool: Tool, ticks: CheckedAnswers) -> str:
    """Describe checked options: `now "None of these"; age "Under 18"`."""
    parts = []
    for name, options in ticks:
        question = tool.question(name)
        answers = " and ".join(f'"{question.option(option).text.text}"' for option in options)
        parts.append(f"{name} {answers}")
    return "; ".join(parts) or "none: nothing is ticked"


def count_answers(ticks: CheckedAnswers) -> int:
    """Count the checked options."""
    return sum(len(options) for _, options in ticks)


class Counterexamples:
    """The shortest answers that lead to each outcome and question of a tool."""

    def __init__(self, space: StateSpace, regions: Iterable[Region]) -> None:
        self.space, self.tool = space, space.tool
        self.shortest: dict[str, CheckedAnswers] = {}
        for region in regions:
            key = region.outcome or f"?{region.waiting_for}"
            answers = space.shortest_answers(region.box)
            best = self.shortest.get(key)
            if best is None or count_answers(answers) < count_answers(best):
                self.shortest[key] = answers

    def for_outcome(self, name: str) -> str:
        """Describe the shortest answers that lead to an outcome, or say that there are none."""
        return (
            describe_answers(self.tool, self.shortest[name])
            if name in self.shortest
            else "no answers lead there"
        )

    def for_question(self, name: str, *answers: str) -> str:
        """Describe the shortest answers that lead to a question.

        Args:
            answers: Options of that question to add.
        """
        before = self.shortest.get(f"?{name}", ())
        earlier = tuple((asked, options) for asked, options in before if asked != name)
        return describe_answers(self.tool, (*earlier, (name, answers)) if answers else earlier)

    def for_nearest(self, outcomes: Iterable[str]) -> str:
        """Describe the answers that lead to whichever of these outcomes takes the fewest."""
        reachable = [name for name in outcomes if name in self.shortest]
        if not reachable:
            return "no answers lead there"
        return self.for_outcome(min(reachable, key=lambda name: count_answers(self.shortest[name])))


def safety_problem(path: str, line: int, message: str, hint: str, answers: str) -> Problem:
    """Build a problem about a broken invariant.

    Args:
        answers: Answers that show it, in words; empty if it does not depend on any.
    """
    shown = f"{message}. Answers: {answers}" if answers else message
    return problem("tool-safety", path, shown, hint=hint, line=line)
