"""Every state that a form can be in, as sets. The proof reasons about these, never one by one.

The tick sets of one question fall into a few classes that nothing can tell apart; a `Box` is a set
of states: for each question, the classes that are in it (one bit each). What a form shows cuts all
states into disjoint boxes. None of this uses `meaning`; a test holds the two against each other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import reduce
from itertools import product
from math import prod

import msgspec

from sitebuilder.core.decision_tool import FLAG_OUTCOMES, Question, Tool

Box = tuple[int, ...]
"""For each question the classes that are in the set. No states, if one of them is 0."""

CheckedAnswers = tuple[tuple[str, tuple[str, ...]], ...]
"""Ticked answers by question, in order; questions without any are left out."""

WatchedOptions = Iterable[tuple[str, Collection[str]]]
"""Answers of a question that something asks about together."""


class AnswerClass(msgspec.Struct, frozen=True):
    """A class of tick sets of one question. `kinds`: the kinds of option that occur in it.

    `ticks` is its shortest tick set, `count` says how many there are.
    """

    groups: tuple[int, ...]
    example: tuple[str, ...]
    count: int
    conflict: bool


class AnswerClasses(msgspec.Struct, frozen=True):
    """The classes of one question. `kinds`: options that nothing tells apart."""

    question: Question
    option_groups: tuple[tuple[str, ...], ...]
    classes: tuple[AnswerClass, ...]

    def mask(self, wanted: Iterable[bool]) -> int:
        """The classes for which `wanted` is true."""
        return sum(1 << i for i, yes in enumerate(wanted) if yes)

    @property
    def all_classes(self) -> int:
        return (1 << len(self.classes)) - 1

    @property
    def unanswered(self) -> int:
        return self.mask(not a.groups for a in self.classes)

    @property
    def valid(self) -> int:
        """Answered, and free of conflict."""
        return self.mask(bool(a.groups) and not a.conflict for a in self.classes)

    def with_any(self, options: Collection[str]) -> int:
        """The classes with at least one of these options. ValueError: they were not watched."""
        inside = self._group_membership(options)
        return self.mask(any(inside[k] for k in a.groups) for a in self.classes)

    def with_only(self, options: Collection[str]) -> int:
        """The classes with at least one of these options and no other. ValueError: as `hits`."""
        inside = self._group_membership(options)
        return self.mask(bool(a.groups) and all(inside[k] for k in a.groups) for a in self.classes)

    def _group_membership(self, options: Collection[str]) -> list[bool]:
        inside = []
        for kind in self.option_groups:
            found = sum(option in options for option in kind)
            if found not in {0, len(kind)}:
                raise ValueError(f"{self.question.id}: {sorted(options)} are not watched")
            inside.append(found > 0)
        return inside


class StateSpace(msgspec.Struct, frozen=True):
    """All states of a tool's form."""

    tool: Tool
    answer_classes: tuple[AnswerClasses, ...]

    @property
    def all_states(self) -> Box:
        return tuple(face.all_classes for face in self.answer_classes)

    def question_index(self, question: str) -> int:
        """The place of a question. StopIteration: there is none."""
        return next(i for i, face in enumerate(self.answer_classes) if face.question.id == question)

    def count_states(self, box: Box) -> int:
        """How many states are in a box."""
        return prod(
            sum(a.count for i, a in enumerate(face.classes) if mask >> i & 1)
            for face, mask in zip(self.answer_classes, box, strict=True)
        )

    def shortest_answers(self, box: Box) -> CheckedAnswers:
        """The fewest answers that lead into a box that is not empty."""
        found = []
        for face, mask in zip(self.answer_classes, box, strict=True):
            inside = (a for i, a in enumerate(face.classes) if mask >> i & 1)
            best = min(inside, key=lambda a: len(a.example))
            if best.example:
                found.append((face.question.id, best.example))
        return tuple(found)


class Region(msgspec.Struct, frozen=True):
    """States with one result. `shows`: empty while there is none and the form `waits`.

    `rule`: the place of the rule that matched, or -1.
    """

    outcome: str
    waiting_for: str
    rule_index: int
    box: Box


# -- boxes ----------------------------------------------------------------------------------------


def intersect(one: Box, other: Box) -> Box | None:
    """What is in both; None if nothing is."""
    met = tuple(a & b for a, b in zip(one, other, strict=True))
    return met if all(met) else None


def subtract(box: Box, removed: Box) -> Iterator[Box]:
    """What is in the first and not in the second, in disjoint boxes."""
    if intersect(box, removed) is None:
        yield box
        return
    rest = list(box)
    for i, mask in enumerate(removed):
        left = rest[i] & ~mask
        if left:
            yield (*rest[:i], left, *rest[i + 1 :])
        rest[i] &= mask


def restrict(box: Box, index: int, mask: int) -> Box:
    """The box with one question cut down."""
    return (*box[:index], box[index] & mask, *box[index + 1 :])


# -- from a tool ----------------------------------------------------------------------------------


def build_state_space(tool: Tool, watched: WatchedOptions = ()) -> StateSpace:
    """All states of a tool. `watched`: what is asked about, besides flags, stops and rules."""
    asked: dict[str, list[frozenset[str]]] = {question.id: [] for question in tool.questions}
    for name, options in watched:
        asked.setdefault(name, []).append(frozenset(options))
    for rule in tool.rules:
        for name, options in rule.when.items():
            asked.setdefault(name, []).extend(frozenset([option]) for option in options)
    return StateSpace(
        tool, tuple(_answer_classes(question, asked[question.id]) for question in tool.questions)
    )


def _answer_classes(question: Question, watched: Sequence[frozenset[str]]) -> AnswerClasses:
    kinds: dict[object, list[str]] = {}
    for option in question.options:
        alone = option.exclusive or question.type == "one"
        sign = tuple(option.id in options for options in watched)
        kinds.setdefault((option.flag, option.stop, sign, alone and option.id), []).append(
            option.id
        )
    groups = tuple(tuple(kind) for kind in kinds.values())
    return AnswerClasses(question, groups, tuple(_enumerate_classes(question, groups)))


def _enumerate_classes(
    question: Question, groups: Sequence[Sequence[str]]
) -> Iterator[AnswerClass]:
    if question.type == "one":
        yield AnswerClass((), (), 1, conflict=False)
        for i, (option,) in enumerate(groups):
            yield AnswerClass((i,), (option,), 1, conflict=False)
        return
    excluding = {option.id for option in question.options if option.exclusive}
    for picked in product((False, True), repeat=len(groups)):
        used = tuple(i for i, yes in enumerate(picked) if yes)
        count = prod(2 ** len(groups[i]) - 1 for i in used)
        conflict = len(used) > 1 and any(groups[i][0] in excluding for i in used)
        yield AnswerClass(used, tuple(groups[i][0] for i in used), count, conflict)


# -- what the form shows --------------------------------------------------------------------------


def partition(space: StateSpace) -> tuple[Region, ...]:
    """What the form shows, over every state: disjoint, and together all of them."""
    found: list[Region] = []
    left = space.all_states
    for flag, outcome in FLAG_OUTCOMES.items():
        for i, face in enumerate(space.answer_classes):
            flagged = face.with_any(_options_where(face.question, "flag", flag))
            found += _region_if_any(outcome, "", -1, restrict(left, i, flagged))
            left = restrict(left, i, ~flagged)
    for i, face in enumerate(space.answer_classes):
        found += _region_if_any("", face.question.id, -1, restrict(left, i, ~face.valid))
        left = restrict(left, i, face.valid)
        for stop in dict.fromkeys(o.stop for o in face.question.options if o.stop):
            stopped = face.with_any(_options_where(face.question, "stop", stop))
            found += _region_if_any(stop, "", -1, restrict(left, i, stopped))
            left = restrict(left, i, ~stopped)
    return (*found, *_rule_regions(space, left))


def _options_where(question: Question, field: str, value: str) -> set[str]:
    return {option.id for option in question.options if getattr(option, field) == value}


def _region_if_any(outcome: str, waiting_for: str, rule_index: int, box: Box) -> list[Region]:
    return [Region(outcome, waiting_for, rule_index, box)] if all(box) else []


def _rule_regions(space: StateSpace, answered: Box) -> Iterator[Region]:
    left = [answered] if all(answered) else []
    for number, rule in enumerate(space.tool.rules):
        match = matching_states(space, rule.when)
        kept: list[Box] = []
        for box in left:
            met = intersect(box, match)
            if met is not None:
                yield Region(rule.outcome, "", number, met)
            kept += subtract(box, match)
        left = kept
    for box in left:
        yield Region("", "", -1, box)


def matching_states(space: StateSpace, when: Mapping[str, Collection[str]]) -> Box:
    """The states in which each of these questions holds one of the answers."""
    masks = {
        name: space.answer_classes[space.question_index(name)].with_any(options)
        for name, options in when.items()
    }
    return reduce(
        lambda box, name: restrict(box, space.question_index(name), masks[name]),
        masks,
        space.all_states,
    )
