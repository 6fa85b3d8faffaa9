"""The shortest answers that show a thing, in words: for problems, and for reviewers of a tool."""

from __future__ import annotations

from collections.abc import Iterable

from sitebuilder.clinical.decision_tools.state_space import Region, Space, Ticks
from sitebuilder.core.decision_tool import Tool
from sitebuilder.core.problems import Problem, problem


def in_words(tool: Tool, ticks: Ticks) -> str:
    """`now "None of these"; age "Under 18"`."""
    said = []
    for name, chosen in ticks:
        question = tool.question(name)
        answers = " and ".join(f'"{question.option(answer).text.text}"' for answer in chosen)
        said.append(f"{name} {answers}")
    return "; ".join(said) or "none: nothing is ticked"


def length(ticks: Ticks) -> int:
    """How many answers that are."""
    return sum(len(chosen) for _, chosen in ticks)


class Ways:
    """Knows the shortest way to each result and question of a tool."""

    def __init__(self, space: Space, found: Iterable[Region]) -> None:
        self.space, self.tool = space, space.tool
        self.to: dict[str, Ticks] = {}
        for region in found:
            here = region.shows or f"?{region.waits}"
            ticks = space.shortest(region.box)
            if here not in self.to or length(ticks) < length(self.to[here]):
                self.to[here] = ticks

    def outcome(self, name: str) -> str:
        """The way to a result."""
        return in_words(self.tool, self.to[name]) if name in self.to else "no answers lead there"

    def question(self, name: str, *more: str) -> str:
        """The way to where a question is asked, and `more`: answers of it."""
        before = self.to.get(f"?{name}", ())
        ticks = tuple(one for one in before if one[0] != name)
        return in_words(self.tool, (*ticks, (name, more)) if more else ticks)

    def nearest(self, outcomes: Iterable[str]) -> str:
        """The way to the nearest of some results."""
        known = [name for name in outcomes if name in self.to]
        if not known:
            return "no answers lead there"
        return self.outcome(min(known, key=lambda name: length(self.to[name])))


def unsafe(path: str, line: int, message: str, hint: str, answers: str) -> Problem:
    """A broken invariant, with the answers that show it."""
    shown = f"{message}. Answers: {answers}" if answers else message
    return problem("tool-safety", path, shown, hint=hint, line=line)
