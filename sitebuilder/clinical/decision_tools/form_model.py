"""What the form of a tool shows, as Boolean functions of its checked options.

Each function says in which states something is so. Together they say of all states at once what
`evaluate` says of one; neither uses the other, and tests compare them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sitebuilder.clinical.decision_tools.symbolic import FALSE, TRUE, Diagrams, Function
from sitebuilder.core.decision_tool import (
    SETTING_QUESTION,
    Condition,
    DecisionRule,
    Group,
    Literal,
    Question,
    Tool,
)

CheckedAnswers = tuple[tuple[str, tuple[str, ...]], ...]
"""Checked options by question, in order; questions without any are left out."""


class FormModel:
    """The functions of one tool. Their variables are its options, in order.

    Attributes:
        options: Question id and option id of each variable.
        possible: States that the form can be in: of radio buttons at most one is checked.
        checked: Where an option is checked, by question id and option id.
        counts: Where it counts.
        signs: Where a sign of a question is checked, by question id.
        asked: Where a question is in view if nothing before it ended the tool.
        answered: Where an option of a question counts.
        conflicts: Where an exclusive option of a question is checked beside another.
        at_once: Where a rule that counts at once wins.
        reached: Where the walk through the questions comes to a question that is asked.
        waiting: Where the form waits for a question.
        won: Where each rule decides, in the order of `rules`.
        shown: Where each outcome is shown.
    """

    def __init__(self, tool: Tool, diagrams: Diagrams | None = None) -> None:
        self.tool = tool
        self.diagrams = diagrams or Diagrams()
        self.rules = (*tool.safety.rules, *tool.rules)
        self.options = tuple((q.id, o.id) for q in tool.questions for o in q.options)
        self.checked = {
            key: self.diagrams.variable(index) for index, key in enumerate(self.options)
        }
        self.possible = self._possible()
        self.counts: dict[tuple[str, str], Function] = {}
        self.asked: dict[str, Function] = {}
        self.answered: dict[str, Function] = {}
        for question in tool.questions:
            self._add_question(question)
        self.signs = {
            q.id: self.diagrams.any_of(self.checked[q.id, o.id] for o in q.options if o.is_sign)
            for q in tool.questions
        }
        self.conflicts = {q.id: self._conflict(q) for q in tool.questions}
        self.reached: dict[str, Function] = {}
        self.waiting: dict[str, Function] = {}
        self.won: list[Function] = [FALSE] * len(self.rules)
        self.at_once = FALSE
        self._walk()
        self.shown = dict.fromkeys(tool.outcomes, FALSE)
        for rule, function in zip(self.rules, self.won, strict=True):
            self.shown[rule.outcome] = self.diagrams.either(self.shown[rule.outcome], function)

    # -- parts of a form --------------------------------------------------------------------------

    def _possible(self) -> Function:
        diagrams = self.diagrams
        result = TRUE
        for question in reversed(self.tool.questions):
            if question.type == "one":
                none, at_most_one = TRUE, TRUE
                for option in reversed(question.options):
                    checked = self.checked[question.id, option.id]
                    at_most_one = diagrams.choose(checked, none, at_most_one)
                    none = diagrams.without(none, checked)
                result = diagrams.both(at_most_one, result)
        return result

    def _add_question(self, question: Question) -> None:
        diagrams = self.diagrams
        shown = self.condition(question.show_if)
        found: dict[tuple[str, str], Function] = {}
        for option in question.options:
            key = question.id, option.id
            if option.is_sign:
                found[key] = self.checked[key]
            else:
                in_view = diagrams.both(shown, self.condition(option.show_if))
                found[key] = diagrams.both(self.checked[key], in_view)
        self.counts |= found
        self.answered[question.id] = diagrams.any_of(found.values())
        self.asked[question.id] = diagrams.either(shown, self.answered[question.id])

    def _conflict(self, question: Question) -> Function:
        diagrams = self.diagrams
        checked = {option.id: self.checked[question.id, option.id] for option in question.options}
        return diagrams.any_of(
            diagrams.both(
                checked[option.id],
                diagrams.any_of(each for name, each in checked.items() if name != option.id),
            )
            for option in question.options
            if option.exclusive
        )

    # -- conditions -------------------------------------------------------------------------------

    def condition(self, condition: Condition) -> Function:
        """Return where a condition holds."""
        diagrams = self.diagrams
        required = diagrams.all_of(self.group(group) for group in condition.all_of)
        return diagrams.without(required, self.group(condition.none_of))

    def group(self, group: Group) -> Function:
        """Return where one answer of a group counts."""
        return self.diagrams.any_of(map(self.literal, group))

    def literal(self, literal: Literal) -> Function:
        """Return where an answer counts, with the settings that it asks for."""
        diagrams = self.diagrams
        result = self.counts.get((literal.question, literal.option), FALSE)
        if literal.settings:
            result = diagrams.both(result, self._any_setting(literal.settings))
        if literal.without:
            result = diagrams.without(result, self._any_setting(literal.without))
        return result

    def _any_setting(self, names: Iterable[str]) -> Function:
        return self.diagrams.any_of(
            self.counts.get((SETTING_QUESTION, name), FALSE) for name in names
        )

    # -- what the form shows ----------------------------------------------------------------------

    def _walk(self) -> None:
        diagrams, safety = self.diagrams, self.tool.safety.rules
        stages: dict[str, list[int]] = {}
        for index, rule in enumerate(safety):
            stages.setdefault(rule.after, []).append(index)
        self.at_once = diagrams.negate(self._decide(TRUE, stages.get("", ())))
        here = TRUE
        own = {question.id for question in self.tool.own_questions}
        for question in self.tool.questions:
            self.reached[question.id] = asked = diagrams.both(here, self.asked[question.id])
            missing = diagrams.negate(self.answered[question.id])
            if question.id in own:
                missing = diagrams.either(missing, self.conflicts[question.id])
            stuck = diagrams.both(asked, missing)
            self.waiting[question.id] = diagrams.without(stuck, self.at_once)
            here = self._decide(diagrams.without(here, stuck), stages.get(question.id, ()))
        self._decide(here, range(len(safety), len(self.rules)))

    def _decide(self, here: Function, rules: Iterable[int]) -> Function:
        """Let rules decide in some states, the first that matches; return where none does."""
        diagrams = self.diagrams
        for index in rules:
            match = diagrams.both(here, self.condition(self.rules[index].when))
            self.won[index] = diagrams.without(match, self.at_once)
            here = diagrams.without(here, match)
        return here

    @property
    def visible(self) -> Mapping[str, Function]:
        """Where each question is in view."""
        return {
            name: self.diagrams.either(reached, self.signs[name])
            for name, reached in self.reached.items()
        }

    def pending(self) -> dict[str, Function]:
        """Return where each outcome of the safety part is what things point to meanwhile."""
        diagrams = self.diagrams
        left = diagrams.any_of(self.waiting[q.id] for q in self.tool.safety.questions)
        found = dict.fromkeys(self.tool.safety.outcomes, FALSE)
        for rule in self.tool.safety.rules:
            match = diagrams.both(left, self.condition(rule.when))
            found[rule.outcome] = diagrams.either(found[rule.outcome], match)
            left = diagrams.without(left, match)
        return found

    def lines(self, outcome: str) -> list[Function]:
        """Return where each line of an outcome is shown."""
        return [
            self.diagrams.both(self.shown[outcome], self.condition(line.shown_if))
            for line in self.tool.outcomes[outcome].body
        ]

    # -- states -----------------------------------------------------------------------------------

    @property
    def state_count(self) -> int:
        """Number of states that the form can be in."""
        return self.diagrams.count(self.possible, len(self.options))

    def is_possible(self, function: Function) -> bool:
        """Whether a function holds in any state that the form can be in."""
        return function != FALSE and self.diagrams.both(function, self.possible) != FALSE

    def shortest_answers(self, function: Function) -> CheckedAnswers:
        """Return the fewest checked options with which a function holds.

        Raises:
            ValueError: There are none.
        """
        true = self.diagrams.shortest(self.diagrams.both(function, self.possible))
        found: dict[str, list[str]] = {}
        for index in true:
            question, option = self.options[index]
            found.setdefault(question, []).append(option)
        return tuple((question, tuple(options)) for question, options in found.items())

    def deciding_rule(self, answers: CheckedAnswers) -> DecisionRule | None:
        """Return the rule that decides for these checked options; None if none does."""
        checked = {(question, option) for question, options in answers for option in options}
        true = {index for index, key in enumerate(self.options) if key in checked}
        for rule, function in zip(self.rules, self.won, strict=True):
            if self.diagrams.holds(function, true):
                return rule
        return None
