"""Find the shortest answers that lead to an outcome or question, and describe them in words.

Problems show them as counterexamples, and reviewers of a tool read them.
"""

from __future__ import annotations

from collections.abc import Iterable

from sitebuilder.clinical.decision_tools.form_model import CheckedAnswers, FormModel
from sitebuilder.clinical.decision_tools.symbolic import Function
from sitebuilder.core.decision_tool import Tool
from sitebuilder.core.problems import Problem, problem


def describe_answers(tool: Tool, ticks: CheckedAnswers) -> str:
    """Describe checked options: `setting "None of these"; who "Someone 18 to 49"`."""
    parts = []
    for name, options in ticks:
        question = tool.question(name)
        answers = " and ".join(f'"{question.option(option).text.text}"' for option in options)
        parts.append(f"{name} {answers}")
    return "; ".join(parts) or "none: nothing is ticked"


class Counterexamples:
    """The shortest answers that lead to each outcome and question of a tool."""

    def __init__(self, model: FormModel) -> None:
        self.model, self.tool = model, model.tool
        self._shortest: dict[Function, CheckedAnswers | None] = {}

    def shortest(self, function: Function) -> CheckedAnswers | None:
        """Return the fewest checked options with which a function holds; None if there are none."""
        if function not in self._shortest:
            possible = self.model.is_possible(function)
            self._shortest[function] = self.model.shortest_answers(function) if possible else None
        return self._shortest[function]

    def for_outcome(self, name: str) -> str:
        """Describe the shortest answers that lead to an outcome, or say that there are none."""
        return self.for_nearest([name])

    def for_question(self, name: str, *answers: str) -> str:
        """Describe the shortest answers that lead to a question.

        Args:
            answers: Options of that question to add.
        """
        before = self.shortest(self.model.waiting[name]) or ()
        earlier = tuple((asked, options) for asked, options in before if asked != name)
        return describe_answers(self.tool, (*earlier, (name, answers)) if answers else earlier)

    def for_nearest(self, outcomes: Iterable[str]) -> str:
        """Describe the answers that lead to whichever of these outcomes takes the fewest."""
        shown = self.model.diagrams.any_of(self.model.shown[name] for name in outcomes)
        answers = self.shortest(shown)
        return "no answers lead there" if answers is None else describe_answers(self.tool, answers)


def safety_problem(path: str, line: int, message: str, hint: str, answers: str) -> Problem:
    """Build a problem about a broken invariant.

    Args:
        answers: Answers that show it, in words; empty if it does not depend on any.
    """
    shown = f"{message}. Answers: {answers}" if answers else message
    return problem("tool-safety", path, shown, hint=hint, line=line)


def state_problem(
    examples: Counterexamples, states: Function, message: str, hint: str
) -> Problem | None:
    """Build a problem about states in which the form does not show what it has to.

    It has the line of the rule that decides in the shortest of them, or else of what is checked.

    Args:
        examples: Those of the tool.
        states: The states.
        message: What is wrong. `{shown}` stands for what the form shows in the shortest state.
        hint: How to mend it.

    Returns:
        The problem, or None if the form can be in none of the states.
    """
    answers = examples.shortest(states)
    if answers is None:
        return None
    tool = examples.tool
    rule = examples.model.deciding_rule(answers)
    path, line = tool.path, tool.lines.get("rules", 1)
    if rule is not None:
        own = any(rule is each for each in tool.rules)
        path, line = (tool.path if own else tool.safety.path), rule.line
    elif answers:
        name, options = answers[-1]
        option = tool.question(name).option(options[-1])
        path, line = option.path, option.line
    message = message.replace("{shown}", rule.outcome if rule else "no result")
    return safety_problem(path, line, message, hint, describe_answers(tool, answers))
