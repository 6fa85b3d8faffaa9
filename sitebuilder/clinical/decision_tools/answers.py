"""Answers as they are written in conditions, and the options that they stand for.

| Written | Stands for |
|---|---|
| `legs.weak` | the answer `weak` of the question `legs` |
| `calf` | the warning sign `calf`, in every question that asks for it |
| `tier.today` | every answer of the tier `today` |
| `after.tier.today` | every answer of that tier in the question `after` |
| `clock.hours`, `ride.never` | every answer with that clock or ride |
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sitebuilder.core.decision_tool import Group, Literal, Option, Question

_MAX_PARTS = 3


class UnknownAnswerError(ValueError):
    """What is written stands for no answer.

    Attributes:
        candidates: What could have been written instead.
    """

    def __init__(self, written: str, candidates: Iterable[str]) -> None:
        super().__init__(written)
        self.candidates = tuple(candidates)


def resolve_group(questions: Sequence[Question], written: Iterable[str]) -> Group:
    """Return the answers that any of these stand for, without repetitions.

    Raises:
        UnknownAnswerError: One of them stands for no answer.
    """
    literals = [literal for each in written for literal in resolve_answer(questions, each)]
    return tuple(dict.fromkeys(literals))


def resolve_answer(questions: Sequence[Question], written: str) -> tuple[Literal, ...]:
    """Return the answers that one of them stands for.

    Raises:
        UnknownAnswerError: It stands for no answer.
    """
    found = tuple(dict.fromkeys(_matches(questions, written)))
    if not found:
        raise UnknownAnswerError(written, _candidates(questions, written))
    return found


def _matches(questions: Sequence[Question], written: str) -> Iterator[Literal]:
    parts = written.split(".")
    within = [question for question in questions if question.id == parts[0]]
    if within and len(parts) > 1:
        parts = parts[1:]
    if len(parts) >= _MAX_PARTS:
        return
    for question in within or questions:
        for option in question.options:
            if len(parts) > 1:
                yield from _property_literals(question, option, *parts)
            elif option.id == parts[0] if within else option.sign == parts[0]:
                yield Literal(question.id, option.id)


def _property_literals(
    question: Question, option: Option, name: str, value: str
) -> Iterator[Literal]:
    """Yield the option if a property of it has this value, with the settings where it has."""
    if name == "tier":
        yield from tier_literals(question, option, value)
    elif name in {"clock", "ride"} and getattr(option, name) == value:
        yield Literal(question.id, option.id)


def tier_literals(question: Question, option: Option, tier: str) -> Iterator[Literal]:
    """Yield the literals that say that an option counts with a tier."""
    others = tuple(setting for setting in option.tiers if setting)
    settings = tuple(setting for setting in others if option.tiers[setting] == tier)
    everybody = option.tiers.get("") == tier
    if everybody and settings == others:
        yield Literal(question.id, option.id)
        return
    if settings:
        yield Literal(question.id, option.id, settings=settings)
    if everybody:
        yield Literal(question.id, option.id, without=others)


def _candidates(questions: Sequence[Question], written: str) -> Iterator[str]:
    """Yield what could have been meant: answers to the question named, else all that there is."""
    name = written.partition(".")[0]
    within = [question for question in questions if question.id == name]
    for question in within or questions:
        for option in question.options:
            yield f"{question.id}.{option.id}"
            if not within:
                yield from filter(None, (option.sign,))
                yield from (f"tier.{tier}" for tier in option.tiers.values())
                yield from (f"clock.{clock}" for clock in filter(None, (option.clock,)))
                yield from (f"ride.{ride}" for ride in filter(None, (option.ride,)))
