"""The rules of a tool as a diagram in which equal parts are one: equal tools, equal diagrams.

From question to question the answers that lead to the same place are one branch, and a question
that decides nothing at a place is left out there.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from sitebuilder.clinical.decision_tools.state_space import AnswerClasses, StateSpace


class Leaf(msgspec.Struct, frozen=True):
    """A result."""

    outcome: str


class Branch(msgspec.Struct, frozen=True):
    """A question that decides: for each of its classes of clean answers, where that leads."""

    question_index: int
    children: tuple[tuple[int, Diagram], ...]
    id: int


Diagram = Leaf | Branch


class _DiagramBuilder:
    def __init__(self, space: StateSpace) -> None:
        self.space = space
        self.memo: dict[tuple[int, tuple[int, ...]], Diagram] = {}
        self.branches: dict[tuple[int, tuple[tuple[int, object], ...]], Branch] = {}

    def build(self, index: int, candidates: tuple[int, ...]) -> Diagram:
        """What the rules that may still match make of the questions from `at` on."""
        key = (index, candidates)
        if key not in self.memo:
            self.memo[key] = self._build(index, candidates)
        return self.memo[key]

    def _build(self, index: int, candidates: tuple[int, ...]) -> Diagram:
        rules = self.space.tool.rules
        if index == len(self.space.answer_classes):
            return Leaf(rules[candidates[0]].outcome if candidates else "")
        face = self.space.answer_classes[index]
        name = face.question.id
        hits = [
            face.with_any(rules[i].when[name]) if name in rules[i].when else -1 for i in candidates
        ]
        clean = face.valid
        to = []
        for i, _ in enumerate(face.classes):
            if clean >> i & 1:
                left = tuple(r for r, mask in zip(candidates, hits, strict=True) if mask >> i & 1)
                to.append((i, self.build(index + 1, self._drop_shadowed(left, index + 1))))
        if len({_node_key(child) for _, child in to}) == 1:
            return to[0][1]
        shape = (index, tuple((i, _node_key(child)) for i, child in to))
        return self.branches.setdefault(shape, Branch(index, tuple(to), len(self.branches)))

    def _drop_shadowed(self, candidates: tuple[int, ...], index: int) -> tuple[int, ...]:
        """Without the rules below one that asks nothing more."""
        later = {face.question.id for face in self.space.answer_classes[index:]}
        for place, rule in enumerate(candidates):
            if not later & self.space.tool.rules[rule].when.keys():
                return candidates[: place + 1]
        return candidates


def _node_key(diagram: Diagram) -> object:
    return diagram.outcome if isinstance(diagram, Leaf) else diagram.id


def build_diagram(space: StateSpace) -> Diagram:
    """The diagram of a tool's own questions."""
    grower = _DiagramBuilder(space)
    return grower.build(space.tool.safety_count, tuple(range(len(space.tool.rules))))


def deciding_questions(diagram: Diagram, seen: set[int] | None = None) -> set[int]:
    """The places of the questions that decide anything."""
    seen = set() if seen is None else seen
    if isinstance(diagram, Leaf) or diagram.id in seen:
        return set()
    seen.add(diagram.id)
    return {diagram.question_index}.union(
        *(deciding_questions(child, seen) for _, child in diagram.children)
    )


def iter_paths(space: StateSpace, diagram: Diagram) -> Iterator[tuple[tuple[str, ...], str]]:
    """Each class of answers, as one condition for each question that decides, and its result."""
    if isinstance(diagram, Leaf):
        yield (), diagram.outcome
        return
    face = space.answer_classes[diagram.question_index]
    branches: dict[object, tuple[int, Diagram]] = {}
    for i, child in diagram.children:
        mask, _ = branches.get(_node_key(child), (0, child))
        branches[_node_key(child)] = (mask | 1 << i, child)
    for mask, child in sorted(
        branches.values(), key=lambda branch: _branch_sort_key(face, branch[0])
    ):
        here = f"{face.question.id} {describe_classes(face, mask)}"
        for more, outcome in iter_paths(space, child):
            yield (here, *more), outcome


def _branch_sort_key(classes: AnswerClasses, mask: int) -> tuple[int, list[int]]:
    """Where a branch stands among its likes: by its shortest answers, in the question's order."""
    names = [option.id for option in classes.question.options]
    places = [
        [names.index(tick) for tick in answers.example]
        for i, answers in enumerate(classes.classes)
        if mask >> i & 1
    ]
    return min((len(one), one) for one in places)


def describe_classes(classes: AnswerClasses, mask: int) -> str:
    """A set of classes of clean answers in words: `walk or bend`, `without infection`."""
    alone = {
        option: mask >> i & 1
        for i, answers in enumerate(classes.classes)
        if len(answers.groups) == 1
        for option in classes.option_groups[answers.groups[0]]
    }
    names = [option.id for option in classes.question.options]
    inside = [name for name in names if alone[name]]
    outside = [name for name in names if not alone[name]]
    if classes.question.type == "one":
        return " or ".join(inside)
    ways = [
        (names, word)
        for names, word, holds in (
            (inside, "with", classes.with_any(inside) & classes.valid == mask),
            (outside, "without", classes.valid & ~classes.with_any(outside) == mask),
        )
        if holds
    ]
    if ways:
        fewest, word = min(ways, key=lambda way: len(way[0]))
        return f"{word} {' or '.join(fewest)}"
    ticked = (a.example for i, a in enumerate(classes.classes) if mask >> i & 1)
    return "exactly " + " or ".join("+".join(ticks) for ticks in ticked)
