"""Conditions and rules of a decision tool, in words for clinicians."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from sitebuilder.clinical.decision_tools.answers import UnknownAnswerError, resolve_answer
from sitebuilder.core.decision_tool import (
    OUTCOME_TIERS,
    Condition,
    DecisionRule,
    Group,
    Literal,
    Option,
    Question,
    Tool,
)

TIER_WORDS: Final = {
    "911": "911",
    "today": "today",
    "days": "2 or 3 days",
    "hours": "watch for some hours",
    "visit": "a visit",
    "home": "home",
}
"""What reviewers read for a key of `TIERS`."""

SETTING_WORDS: Final = {"op": "after surgery", "shot": "after a shot"}
"""What reviewers read for an answer of the setting question; others are quoted."""

_PROPERTY_WORDS: Final = {
    "clock.hours": "answer with the clock “call back within hours”",
    "clock.tomorrow": "answer with the clock “seen by tomorrow”",
    "ride.ok": "answer with which somebody may drive the reader",
    "ride.never": "answer with which nobody may drive the reader",
}
_LABEL_LENGTH: Final = 60
_MIN_NAMED: Final = 3
"""Fewer answers are quoted one by one."""


def option_label(option: Option) -> str:
    """Quote an answer, cut to a length at which those of a question still differ."""
    text = option.text.text
    if len(text) > _LABEL_LENGTH:
        text = text[: _LABEL_LENGTH - 2].rpartition(" ")[0].rstrip(",.") + " …"
    return f"“{text}”"


def join_words(words: Sequence[str], last: str = "or") -> str:
    """Join words as a sentence does: `A, B or C`."""
    head, tail = words[:-1], words[-1:]
    return f" {last} ".join(filter(None, (", ".join(head), *tail)))


class ConditionWriter:
    """Writes conditions on the answers to some questions, which it calls by their numbers."""

    def __init__(self, questions: Sequence[Question]) -> None:
        self._numbers = {question.id: number for number, question in enumerate(questions, 1)}
        self._questions = {question.id: question for question in questions}
        named = [(words, _members(questions, written)) for words, written in self._names()]
        self._named = sorted(named, key=lambda each: -len(each[1]))

    def _names(self) -> Iterator[tuple[str, str]]:
        """Yield how answers that have something in common are called, and how they are written."""
        for tier in OUTCOME_TIERS:
            yield f"answer of the tier “{TIER_WORDS[tier]}”", f"tier.{tier}"
        for name, number in self._numbers.items():
            for tier in OUTCOME_TIERS:
                words = f"answer of the tier “{TIER_WORDS[tier]}” to question {number}"
                yield words, f"{name}.tier.{tier}"
        yield from ((words, written) for written, words in _PROPERTY_WORDS.items())

    def clauses(self, condition: Condition) -> list[str]:
        """Describe a condition, one clause for each thing that has to hold."""
        rows = ["; or ".join(self._parts(group)) for group in condition.all_of]
        if condition.none_of:
            rows.append(f"none of these: {'; '.join(self._parts(condition.none_of))}")
        return rows

    def _parts(self, group: Group) -> Iterator[str]:
        left = list(group)
        for words, members in self._named:
            missing = [each for each in members if each not in group]
            if len(missing) <= 1 and sum(each in left for each in members) >= _MIN_NAMED:
                but = f" except {'; '.join(self._answers(missing))}" if missing else ""
                yield f"any {words}{but}"
                left = [each for each in left if each not in members]
        yield from self._answers(left)

    def _answers(self, group: Iterable[Literal]) -> Iterator[str]:
        """Quote answers, by question; the same answers to several questions once."""
        by_question: dict[str, list[str]] = {}
        for literal in group:
            by_question.setdefault(literal.question, []).append(self._label(literal))
        numbers: dict[str, list[str]] = {}
        for question, labels in by_question.items():
            numbers.setdefault(join_words(labels), []).append(f"{self._numbers[question]}")
        for words, asked in numbers.items():
            yield f"question {join_words(asked)}: {words}"

    def _label(self, literal: Literal) -> str:
        label = option_label(self._questions[literal.question].option(literal.option))
        if literal.settings:
            label += f" ({join_words([*map(self.setting, literal.settings)])})"
        if literal.without:
            label += f" (not {join_words([*map(self.setting, literal.without)])})"
        return label

    def setting(self, option: str) -> str:
        """Name an answer of the setting question: `after surgery`."""
        return SETTING_WORDS.get(option, f"with “{option}”")

    def tiers(self, option: Option) -> str:
        """Name the tiers of an answer: `today; after surgery or after a shot: 911`."""
        by_tier: dict[str, list[str]] = {}
        for setting, tier in option.tiers.items():
            if setting and tier != option.tiers.get(""):
                by_tier.setdefault(tier, []).append(self.setting(setting))
        general = [TIER_WORDS[option.tiers[""]]] if "" in option.tiers else []
        return "; ".join(
            [*general, *(f"{join_words(w)}: {TIER_WORDS[tier]}" for tier, w in by_tier.items())]
        )


def _members(questions: Sequence[Question], written: str) -> Group:
    try:
        return resolve_answer(questions, written)
    except UnknownAnswerError:
        return ()


def numbered_rules(tool: Tool) -> tuple[tuple[str, DecisionRule], ...]:
    """Return all rules in the order in which they count, each with its number."""
    rules = (*tool.safety.rules, *tool.rules)
    return tuple((rule.name or f"{place}", rule) for place, rule in enumerate(rules, 1))


def describe_timing(tool: Tool, rule: DecisionRule) -> str:
    """Say how much has to be answered before a rule counts."""
    if rule in tool.rules:
        return "once every question in view is answered"
    if not rule.after:
        return "at once, whatever else is ticked or left blank"
    number = question_number(tool, rule.after)
    return f"once every question in view up to question {number} is answered"


def question_number(tool: Tool, name: str) -> int:
    """Return the place of a question in the form, from 1."""
    return 1 + [question.id for question in tool.questions].index(name)
