"""Words for a tool on paper, where nothing is shown or hidden by answers.

Readers of the worksheet choose the outcome themselves. Each answer tells how soon to act, each
question and answer when it is asked, and each rule when it fits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from string import ascii_lowercase
from typing import Final

from sitebuilder.clinical.decision_tools.answers import tier_literals
from sitebuilder.clinical.decision_tools.conditions import (
    SETTING_WORDS,
    join_words,
    option_label,
)
from sitebuilder.core.decision_tool import (
    SETTING_QUESTION,
    SIGN_TIERS,
    Condition,
    Group,
    Literal,
    Option,
    Question,
    Tool,
)

_TIER_MARKS: Final = {"911": "911", "today": "today", "days": "2 or 3 days"}
_MIN_LINES: Final = 3
"""Fewer signs of a tier are quoted one by one."""


def mark_tier(option: Option) -> str:
    """Return how soon to act on an answer: `today; 911 after surgery or a shot`; empty if none."""
    by_tier: dict[str, list[str]] = {}
    general = option.tiers.get("", "")
    for setting, tier in option.tiers.items():
        if setting and tier != general and tier in _TIER_MARKS:
            by_tier.setdefault(tier, []).append(setting)
    marks = [_tier_mark(option, general)] if general in _TIER_MARKS else []
    marks += [f"{_tier_mark(option, t)} {_after(settings)}" for t, settings in by_tier.items()]
    return "; ".join(marks)


def _tier_mark(option: Option, tier: str) -> str:
    calls_now = tier == "today" and option.clock == "hours"
    return _TIER_MARKS[tier] + ", call now" * calls_now


def _after(settings: Sequence[str]) -> str:
    """Return `after surgery or a shot`."""
    words = [SETTING_WORDS.get(name, name).removeprefix("after ") for name in settings]
    return f"after {join_words(words)}"


class PaperWords:
    """Writes conditions on the answers to a tool, by the numbers of its questions."""

    def __init__(self, tool: Tool) -> None:
        self._tool = tool
        self._numbers = {question.id: number for number, question in enumerate(tool.questions, 1)}
        self._named = list(self._named_groups())

    def when_asked(self, question: Question) -> str:
        """Say when a question is answered; empty if always."""
        condition = question.show_if
        asked = [f"Answer this only {self._when(group)}." for group in condition.all_of]
        skipped = condition.none_of and [f"Skip this {self._when(condition.none_of)}."]
        return " ".join([*asked, *skipped])

    def when_ticked(self, option: Option) -> str:
        """Say when an answer may be ticked; empty if always."""
        condition = option.show_if
        ticked = [f"only {self._when(group)}" for group in condition.all_of]
        skipped = condition.none_of and [f"not {self._when(condition.none_of)}"]
        return ", ".join([*ticked, *skipped])

    def _when(self, group: Group) -> str:
        """Return `after surgery or a shot`, or `if you ticked A in question 2`."""
        if all(o.question == SETTING_QUESTION and o.option in SETTING_WORDS for o in group):
            return _after([each.option for each in group])
        return f"if you ticked {self._any_of(group)}"

    def condition(self, condition: Condition) -> str:
        """Say when a condition holds: `you ticked (a) A in question 3, and (b) B in question 5`."""
        parts = [self._any_of(group) for group in condition.all_of]
        if len(parts) > 1:  # the letters tell where an "or" ends
            parts = [
                f"({letter}) {part}" for letter, part in zip(ascii_lowercase, parts, strict=False)
            ]
        ticked = f"you ticked {', and '.join(parts)}" * bool(parts)
        left_out = f"you did not tick {self._any_of(condition.none_of)}" * bool(condition.none_of)
        return ", and ".join(filter(None, (ticked, left_out)))

    def _any_of(self, group: Group) -> str:
        return "; or ".join(self._parts(group))

    def _parts(self, group: Group) -> Iterator[str]:
        left = list(group)
        for words, members in self._named:
            missing = [each for each in members if each not in group]
            if len(missing) <= 1 and sum(each in left for each in members) >= _MIN_LINES:
                but = f" other than {' and '.join(self._quoted(missing))}" if missing else ""
                yield words + but
                left = [each for each in left if each not in members]
        yield from self._quoted(left)

    def _named_groups(self) -> Iterator[tuple[str, Group]]:
        """Yield how the lines of a tier are called, and what they are; the largest groups first."""
        for tier in SIGN_TIERS:
            words = f"any line that is “{_TIER_MARKS[tier]}” for you"
            yield words, tuple(_tier_literals(self._tool.questions, tier))
        for question in self._tool.questions:
            for tier in SIGN_TIERS:
                at = f"any line of question {self._numbers[question.id]}"
                members = tuple(_tier_literals([question], tier))
                yield f"{at} that is “{_TIER_MARKS[tier]}” for you", members

    def _quoted(self, group: Iterable[Literal]) -> Iterator[str]:
        """Quote answers, by question; the same answers to several questions once."""
        by_question: dict[str, list[str]] = {}
        for literal in group:
            by_question.setdefault(literal.question, []).append(self._label(literal))
        numbers: dict[str, list[str]] = {}
        for question, labels in by_question.items():
            numbers.setdefault(join_words(labels), []).append(f"{self._numbers[question]}")
        for words, asked in numbers.items():
            yield f"{words} in question {join_words(asked)}"

    def _label(self, literal: Literal) -> str:
        label = option_label(self._tool.question(literal.question).option(literal.option))
        if literal.settings:
            label += f" ({_after(literal.settings)})"
        if literal.without:
            label += f" (not {_after(literal.without)})"
        return label


def _tier_literals(questions: Iterable[Question], tier: str) -> Iterator[Literal]:
    for question in questions:
        for option in question.options:
            yield from tier_literals(question, option, tier)
