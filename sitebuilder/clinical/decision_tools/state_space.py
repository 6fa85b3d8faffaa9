"""Sets of the states that a form can be in, on which the verification of a tool is based.

The sets of checked options of one question fall into a few classes that the tool treats alike. A
`Box` is a set of states: for each question, a bit mask of classes. What a form shows partitions all
states into disjoint boxes, which is I1 in docs/tool-invariants.md. None of this uses `evaluate`; a
test compares the two.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import reduce
from itertools import product
from math import prod

import msgspec

from sitebuilder.core.decision_tool import FLAG_OUTCOMES, Question, Tool

Box = tuple[int, ...]
"""For each question, the mask of the classes in the set. A mask of 0 makes the set empty."""

CheckedAnswers = tuple[tuple[str, tuple[str, ...]], ...]
"""Checked options by question, in order; questions without any are left out."""

WatchedOptions = Iterable[tuple[str, Collection[str]]]
"""Question ids, each with options that are asked about together."""


class AnswerClass(msgspec.Struct, frozen=True):
    """Sets of checked options of one question that the tool treats alike.

    Attributes:
        groups: Indexes of the option groups of which at least one option is checked.
        example: A set of checked options in the class, as small as any.
        count: Number of sets in the class.
        conflict: An exclusive option is checked beside another.
    """

    groups: tuple[int, ...]
    example: tuple[str, ...]
    count: int
    conflict: bool


class AnswerClasses(msgspec.Struct, frozen=True):
    """The classes of one question.

    Attributes:
        option_groups: Groups of options that the tool treats the same.
    """

    question: Question
    option_groups: tuple[tuple[str, ...], ...]
    classes: tuple[AnswerClass, ...]

    def mask(self, wanted: Iterable[bool]) -> int:
        """Return the mask of the classes whose value in `wanted`, one for each class, is true."""
        return sum(1 << i for i, is_wanted in enumerate(wanted) if is_wanted)

    @property
    def all_classes(self) -> int:
        return (1 << len(self.classes)) - 1

    @property
    def valid(self) -> int:
        """Mask of the classes with at least one checked option and no conflict."""
        return self.mask(bool(a.groups) and not a.conflict for a in self.classes)

    def with_any(self, options: Collection[str]) -> int:
        """Return the mask of the classes with at least one of these options.

        Raises:
            ValueError: The options cannot be told apart from others, as they were not watched.
        """
        wanted = self._group_membership(options)
        return self.mask(any(wanted[group] for group in a.groups) for a in self.classes)

    def with_only(self, options: Collection[str]) -> int:
        """Return the mask of the classes with at least one of these options and no other.

        Raises:
            ValueError: The options cannot be told apart from others, as they were not watched.
        """
        wanted = self._group_membership(options)
        return self.mask(
            bool(a.groups) and all(wanted[group] for group in a.groups) for a in self.classes
        )

    def _group_membership(self, options: Collection[str]) -> list[bool]:
        membership = []
        for group in self.option_groups:
            count = sum(option in options for option in group)
            if count not in {0, len(group)}:
                raise ValueError(f"{self.question.id}: {sorted(options)} are not watched")
            membership.append(count > 0)
        return membership


class StateSpace(msgspec.Struct, frozen=True):
    """All states of a tool's form.

    Attributes:
        answer_classes: The classes of each question, in order.
    """

    tool: Tool
    answer_classes: tuple[AnswerClasses, ...]

    @property
    def all_states(self) -> Box:
        return tuple(classes.all_classes for classes in self.answer_classes)

    def question_index(self, question: str) -> int:
        """Return the index of a question.

        Raises:
            StopIteration: No question has this id.
        """
        return next(
            i for i, classes in enumerate(self.answer_classes) if classes.question.id == question
        )

    def count_states(self, box: Box) -> int:
        """Count the states in a box."""
        return prod(
            sum(a.count for i, a in enumerate(classes.classes) if mask >> i & 1)
            for classes, mask in zip(self.answer_classes, box, strict=True)
        )

    def shortest_answers(self, box: Box) -> CheckedAnswers:
        """Return the fewest checked options that lead into a box.

        Raises:
            ValueError: The box is empty.
        """
        answers = []
        for classes, mask in zip(self.answer_classes, box, strict=True):
            candidates = (a for i, a in enumerate(classes.classes) if mask >> i & 1)
            best = min(candidates, key=lambda a: len(a.example))
            if best.example:
                answers.append((classes.question.id, best.example))
        return tuple(answers)


class Region(msgspec.Struct, frozen=True):
    """States with the same outcome.

    Attributes:
        outcome: Name of the outcome; empty if there is none yet.
        waiting_for: Id of the question that has to be answered next; empty if there is none.
        rule_index: Index of the rule that matched; -1 if none decides.
    """

    outcome: str
    waiting_for: str
    rule_index: int
    box: Box


# -- boxes ----------------------------------------------------------------------------------------


def intersect(one: Box, other: Box) -> Box | None:
    """Return the box of the states that are in both boxes; None if there are none."""
    overlap = tuple(a & b for a, b in zip(one, other, strict=True))
    return overlap if all(overlap) else None


def subtract(box: Box, removed: Box) -> Iterator[Box]:
    """Yield disjoint boxes that together hold the states in `box` that are not in `removed`."""
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
    """Return the box with the classes of one question limited to `mask`."""
    return (*box[:index], box[index] & mask, *box[index + 1 :])


# -- states of a tool -----------------------------------------------------------------------------


def build_state_space(tool: Tool, watched: WatchedOptions = ()) -> StateSpace:
    """Build the state space of a tool.

    Args:
        watched: Options that are asked about together, besides those of flags, stops and rules.
            Questions that the tool does not have are ignored.
    """
    watched_by_question: dict[str, list[frozenset[str]]] = {
        question.id: [] for question in tool.questions
    }
    for name, options in watched:
        watched_by_question.setdefault(name, []).append(frozenset(options))
    for rule in tool.rules:
        for name, options in rule.when.items():
            watched_by_question.setdefault(name, []).extend(
                frozenset([option]) for option in options
            )
    return StateSpace(
        tool,
        tuple(
            _answer_classes(question, watched_by_question[question.id])
            for question in tool.questions
        ),
    )


def _answer_classes(question: Question, watched: Sequence[frozenset[str]]) -> AnswerClasses:
    groups_by_signature: dict[object, list[str]] = {}
    for option in question.options:
        is_single = option.exclusive or question.type == "one"
        membership = tuple(option.id in options for options in watched)
        signature = (option.flag, option.stop, membership, is_single and option.id)
        groups_by_signature.setdefault(signature, []).append(option.id)
    groups = tuple(tuple(group) for group in groups_by_signature.values())
    return AnswerClasses(question, groups, tuple(_enumerate_classes(question, groups)))


def _enumerate_classes(
    question: Question, groups: Sequence[Sequence[str]]
) -> Iterator[AnswerClass]:
    if question.type == "one":
        yield AnswerClass((), (), 1, conflict=False)
        for i, (option,) in enumerate(groups):
            yield AnswerClass((i,), (option,), 1, conflict=False)
        return
    exclusive = {option.id for option in question.options if option.exclusive}
    for picked in product((False, True), repeat=len(groups)):
        used = tuple(i for i, is_used in enumerate(picked) if is_used)
        count = prod(2 ** len(groups[i]) - 1 for i in used)
        conflict = len(used) > 1 and any(groups[i][0] in exclusive for i in used)
        yield AnswerClass(used, tuple(groups[i][0] for i in used), count, conflict)


# -- what the form shows --------------------------------------------------------------------------


def partition(space: StateSpace) -> tuple[Region, ...]:
    """Return what the form shows in every state: disjoint regions that together hold all states."""
    regions: list[Region] = []
    left = space.all_states
    for flag, outcome in FLAG_OUTCOMES.items():
        for i, classes in enumerate(space.answer_classes):
            flagged = classes.with_any(_options_where(classes.question, "flag", flag))
            regions += _region_if_any(outcome, "", -1, restrict(left, i, flagged))
            left = restrict(left, i, ~flagged)
    for i, classes in enumerate(space.answer_classes):
        regions += _region_if_any("", classes.question.id, -1, restrict(left, i, ~classes.valid))
        left = restrict(left, i, classes.valid)
        for stop in dict.fromkeys(o.stop for o in classes.question.options if o.stop):
            stopped = classes.with_any(_options_where(classes.question, "stop", stop))
            regions += _region_if_any(stop, "", -1, restrict(left, i, stopped))
            left = restrict(left, i, ~stopped)
    return (*regions, *_rule_regions(space, left))


def _options_where(question: Question, field: str, value: str) -> set[str]:
    return {option.id for option in question.options if getattr(option, field) == value}


def _region_if_any(outcome: str, waiting_for: str, rule_index: int, box: Box) -> list[Region]:
    return [Region(outcome, waiting_for, rule_index, box)] if all(box) else []


def _rule_regions(space: StateSpace, answered: Box) -> Iterator[Region]:
    left = [answered] if all(answered) else []
    for number, rule in enumerate(space.tool.rules):
        match = matching_states(space, rule.when)
        remaining: list[Box] = []
        for box in left:
            overlap = intersect(box, match)
            if overlap is not None:
                yield Region(rule.outcome, "", number, overlap)
            remaining += subtract(box, match)
        left = remaining
    for box in left:
        yield Region("", "", -1, box)


def matching_states(space: StateSpace, when: Mapping[str, Collection[str]]) -> Box:
    """Return the box of the states in which, of each question, one of these options is checked.

    Args:
        when: Ids of options by question id.

    Raises:
        StopIteration: The tool does not have one of the questions.
        ValueError: The options cannot be told apart from others, as they were not watched.
    """
    masks = {
        name: space.answer_classes[space.question_index(name)].with_any(options)
        for name, options in when.items()
    }
    return reduce(
        lambda box, name: restrict(box, space.question_index(name), masks[name]),
        masks,
        space.all_states,
    )
