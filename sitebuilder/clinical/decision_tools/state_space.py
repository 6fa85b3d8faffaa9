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

from sitebuilder.core.decision_tool import FLAGS, Question, Tool

Box = tuple[int, ...]
"""For each question the classes that are in the set. No states, if one of them is 0."""

Ticks = tuple[tuple[str, tuple[str, ...]], ...]
"""Ticked answers by question, in order; questions without any are left out."""

Watched = Iterable[tuple[str, Collection[str]]]
"""Answers of a question that something asks about together."""


class Answers(msgspec.Struct, frozen=True):
    """A class of tick sets of one question. `kinds`: the kinds of option that occur in it.

    `ticks` is its shortest tick set, `count` says how many there are.
    """

    kinds: tuple[int, ...]
    ticks: tuple[str, ...]
    count: int
    conflict: bool


class Face(msgspec.Struct, frozen=True):
    """The classes of one question. `kinds`: options that nothing tells apart."""

    question: Question
    kinds: tuple[tuple[str, ...], ...]
    answers: tuple[Answers, ...]

    def mask(self, wanted: Iterable[bool]) -> int:
        """The classes for which `wanted` is true."""
        return sum(1 << i for i, yes in enumerate(wanted) if yes)

    @property
    def every(self) -> int:
        return (1 << len(self.answers)) - 1

    @property
    def blank(self) -> int:
        return self.mask(not a.kinds for a in self.answers)

    @property
    def clean(self) -> int:
        """Answered, and free of conflict."""
        return self.mask(bool(a.kinds) and not a.conflict for a in self.answers)

    def hits(self, options: Collection[str]) -> int:
        """The classes with at least one of these options. ValueError: they were not watched."""
        inside = self._inside(options)
        return self.mask(any(inside[k] for k in a.kinds) for a in self.answers)

    def within(self, options: Collection[str]) -> int:
        """The classes with at least one of these options and no other. ValueError: as `hits`."""
        inside = self._inside(options)
        return self.mask(bool(a.kinds) and all(inside[k] for k in a.kinds) for a in self.answers)

    def _inside(self, options: Collection[str]) -> list[bool]:
        inside = []
        for kind in self.kinds:
            found = sum(option in options for option in kind)
            if found not in {0, len(kind)}:
                raise ValueError(f"{self.question.id}: {sorted(options)} are not watched")
            inside.append(found > 0)
        return inside


class Space(msgspec.Struct, frozen=True):
    """All states of a tool's form."""

    tool: Tool
    faces: tuple[Face, ...]

    @property
    def every(self) -> Box:
        return tuple(face.every for face in self.faces)

    def index(self, question: str) -> int:
        """The place of a question. StopIteration: there is none."""
        return next(i for i, face in enumerate(self.faces) if face.question.id == question)

    def count(self, box: Box) -> int:
        """How many states are in a box."""
        return prod(
            sum(a.count for i, a in enumerate(face.answers) if mask >> i & 1)
            for face, mask in zip(self.faces, box, strict=True)
        )

    def shortest(self, box: Box) -> Ticks:
        """The fewest answers that lead into a box that is not empty."""
        found = []
        for face, mask in zip(self.faces, box, strict=True):
            inside = (a for i, a in enumerate(face.answers) if mask >> i & 1)
            best = min(inside, key=lambda a: len(a.ticks))
            if best.ticks:
                found.append((face.question.id, best.ticks))
        return tuple(found)


class Region(msgspec.Struct, frozen=True):
    """States with one result. `shows`: empty while there is none and the form `waits`.

    `rule`: the place of the rule that matched, or -1.
    """

    shows: str
    waits: str
    rule: int
    box: Box


# -- boxes ----------------------------------------------------------------------------------------


def both(one: Box, other: Box) -> Box | None:
    """What is in both; None if nothing is."""
    met = tuple(a & b for a, b in zip(one, other, strict=True))
    return met if all(met) else None


def minus(box: Box, away: Box) -> Iterator[Box]:
    """What is in the first and not in the second, in disjoint boxes."""
    if both(box, away) is None:
        yield box
        return
    rest = list(box)
    for i, mask in enumerate(away):
        left = rest[i] & ~mask
        if left:
            yield (*rest[:i], left, *rest[i + 1 :])
        rest[i] &= mask


def put(box: Box, at: int, mask: int) -> Box:
    """The box with one question cut down."""
    return (*box[:at], box[at] & mask, *box[at + 1 :])


# -- from a tool ----------------------------------------------------------------------------------


def space_of(tool: Tool, watched: Watched = ()) -> Space:
    """All states of a tool. `watched`: what is asked about, besides flags, stops and rules."""
    asked: dict[str, list[frozenset[str]]] = {question.id: [] for question in tool.questions}
    for name, options in watched:
        asked.setdefault(name, []).append(frozenset(options))
    for rule in tool.rules:
        for name, options in rule.when.items():
            asked.setdefault(name, []).extend(frozenset([option]) for option in options)
    return Space(tool, tuple(_face(question, asked[question.id]) for question in tool.questions))


def _face(question: Question, watched: Sequence[frozenset[str]]) -> Face:
    kinds: dict[object, list[str]] = {}
    for option in question.options:
        alone = option.exclusive or question.type == "one"
        sign = tuple(option.id in options for options in watched)
        kinds.setdefault((option.flag, option.stop, sign, alone and option.id), []).append(
            option.id
        )
    groups = tuple(tuple(kind) for kind in kinds.values())
    return Face(question, groups, tuple(_answers(question, groups)))


def _answers(question: Question, groups: Sequence[Sequence[str]]) -> Iterator[Answers]:
    if question.type == "one":
        yield Answers((), (), 1, conflict=False)
        for i, (option,) in enumerate(groups):
            yield Answers((i,), (option,), 1, conflict=False)
        return
    excluding = {option.id for option in question.options if option.exclusive}
    for picked in product((False, True), repeat=len(groups)):
        used = tuple(i for i, yes in enumerate(picked) if yes)
        count = prod(2 ** len(groups[i]) - 1 for i in used)
        conflict = len(used) > 1 and any(groups[i][0] in excluding for i in used)
        yield Answers(used, tuple(groups[i][0] for i in used), count, conflict)


# -- what the form shows --------------------------------------------------------------------------


def regions(space: Space) -> tuple[Region, ...]:
    """What the form shows, over every state: disjoint, and together all of them."""
    found: list[Region] = []
    left = space.every
    for flag, outcome in FLAGS.items():
        for i, face in enumerate(space.faces):
            flagged = face.hits(_with(face.question, "flag", flag))
            found += _region(outcome, "", -1, put(left, i, flagged))
            left = put(left, i, ~flagged)
    for i, face in enumerate(space.faces):
        found += _region("", face.question.id, -1, put(left, i, ~face.clean))
        left = put(left, i, face.clean)
        for stop in dict.fromkeys(o.stop for o in face.question.options if o.stop):
            stopped = face.hits(_with(face.question, "stop", stop))
            found += _region(stop, "", -1, put(left, i, stopped))
            left = put(left, i, ~stopped)
    return (*found, *_by_rules(space, left))


def _with(question: Question, field: str, value: str) -> set[str]:
    return {option.id for option in question.options if getattr(option, field) == value}


def _region(shows: str, waits: str, rule: int, box: Box) -> list[Region]:
    return [Region(shows, waits, rule, box)] if all(box) else []


def _by_rules(space: Space, answered: Box) -> Iterator[Region]:
    left = [answered] if all(answered) else []
    for number, rule in enumerate(space.tool.rules):
        match = matching(space, rule.when)
        kept: list[Box] = []
        for box in left:
            met = both(box, match)
            if met is not None:
                yield Region(rule.outcome, "", number, met)
            kept += minus(box, match)
        left = kept
    for box in left:
        yield Region("", "", -1, box)


def matching(space: Space, when: Mapping[str, Collection[str]]) -> Box:
    """The states in which each of these questions holds one of the answers."""
    masks = {name: space.faces[space.index(name)].hits(options) for name, options in when.items()}
    return reduce(lambda box, name: put(box, space.index(name), masks[name]), masks, space.every)
