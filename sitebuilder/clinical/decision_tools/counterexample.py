"""The shortest answers that show a thing, in words: for problems, and for reviewers of a tool."""

from __future__ import annotations

from collections.abc import Iterable

from sitebuilder.clinical.decision_tools.state_space import CheckedAnswers, Region, StateSpace
from sitebuilder.core.decision_tool import Tool
from sitebuilder.core.problems import Problem, problem


def describe_answers(tool: Tool, ticks: CheckedAnswers) -> str:
    """`now "None of these"; age "Under 18"`."""
    said = []
    for name, chosen in ticks:
        question = tool.question(name)
        answers = " and ".join(f'"{question.option(answer).text.text}"' for answer in chosen)
        said.append(f"{name} {answers}")
    return "; ".join(said) or "none: nothing is ticked"


def count_answers(ticks: CheckedAnswers) -> int:
    """How many answers that are."""
    return sum(len(chosen) for _, chosen in ticks)


class Counterexamples:
    """Knows the shortest way to each result and question of a tool."""

    def __init__(self, space: StateSpace, regions: Iterable[Region]) -> None:
        self.space, self.tool = space, space.tool
        self.shortest: dict[str, CheckedAnswers] = {}
        for region in regions:
            here = region.outcome or f"?{region.waiting_for}"
            ticks = space.shortest_answers(region.box)
            if here not in self.shortest or count_answers(ticks) < count_answers(
                self.shortest[here]
            ):
                self.shortest[here] = ticks

    def for_outcome(self, name: str) -> str:
        """The way to a result."""
        return (
            describe_answers(self.tool, self.shortest[name])
            if name in self.shortest
            else "no answers lead there"
        )

    def for_question(self, name: str, *answers: str) -> str:
        """The way to where a question is asked, and `more`: answers of it."""
        before = self.shortest.get(f"?{name}", ())
        ticks = tuple(one for one in before if one[0] != name)
        return describe_answers(self.tool, (*ticks, (name, answers)) if answers else ticks)

    def for_nearest(self, outcomes: Iterable[str]) -> str:
        """The way to the nearest of some results."""
        known = [name for name in outcomes if name in self.shortest]
        if not known:
            return "no answers lead there"
        return self.for_outcome(min(known, key=lambda name: count_answers(self.shortest[name])))


def safety_problem(path: str, line: int, message: str, hint: str, answers: str) -> Problem:
    """A broken invariant, with the answers that show it."""
    shown = f"{message}. Answers: {answers}" if answers else message
    return problem("tool-safety", path, shown, hint=hint, line=line)
