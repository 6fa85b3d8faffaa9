"""The rules of a tool as a diagram in which equal parts are one: equal tools, equal diagrams.

From question to question the answers that lead to the same place are one branch, and a question
that decides nothing at a place is left out there.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from sitebuilder.clinical.decision_tools.state_space import Face, Space


class Leaf(msgspec.Struct, frozen=True):
    """A result."""

    outcome: str


class Fork(msgspec.Struct, frozen=True):
    """A question that decides: for each of its classes of clean answers, where that leads."""

    at: int
    to: tuple[tuple[int, Diagram], ...]
    id: int


Diagram = Leaf | Fork


class _Grower:
    def __init__(self, space: Space) -> None:
        self.space = space
        self.known: dict[tuple[int, tuple[int, ...]], Diagram] = {}
        self.forks: dict[tuple[int, tuple[tuple[int, object], ...]], Fork] = {}

    def grow(self, at: int, alive: tuple[int, ...]) -> Diagram:
        """What the rules that may still match make of the questions from `at` on."""
        key = (at, alive)
        if key not in self.known:
            self.known[key] = self._grow(at, alive)
        return self.known[key]

    def _grow(self, at: int, alive: tuple[int, ...]) -> Diagram:
        rules = self.space.tool.rules
        if at == len(self.space.faces):
            return Leaf(rules[alive[0]].outcome if alive else "")
        face = self.space.faces[at]
        name = face.question.id
        hits = [face.hits(rules[i].when[name]) if name in rules[i].when else -1 for i in alive]
        clean = face.clean
        to = []
        for i, _ in enumerate(face.answers):
            if clean >> i & 1:
                left = tuple(r for r, mask in zip(alive, hits, strict=True) if mask >> i & 1)
                to.append((i, self.grow(at + 1, self._cut(left, at + 1))))
        if len({_key(child) for _, child in to}) == 1:
            return to[0][1]
        shape = (at, tuple((i, _key(child)) for i, child in to))
        return self.forks.setdefault(shape, Fork(at, tuple(to), len(self.forks)))

    def _cut(self, alive: tuple[int, ...], at: int) -> tuple[int, ...]:
        """Without the rules below one that asks nothing more."""
        later = {face.question.id for face in self.space.faces[at:]}
        for place, rule in enumerate(alive):
            if not later & self.space.tool.rules[rule].when.keys():
                return alive[: place + 1]
        return alive


def _key(diagram: Diagram) -> object:
    return diagram.outcome if isinstance(diagram, Leaf) else diagram.id


def diagram_of(space: Space) -> Diagram:
    """The diagram of a tool's own questions."""
    grower = _Grower(space)
    return grower.grow(space.tool.first, tuple(range(len(space.tool.rules))))


def decides(diagram: Diagram, seen: set[int] | None = None) -> set[int]:
    """The places of the questions that decide anything."""
    seen = set() if seen is None else seen
    if isinstance(diagram, Leaf) or diagram.id in seen:
        return set()
    seen.add(diagram.id)
    return {diagram.at}.union(*(decides(child, seen) for _, child in diagram.to))


def paths(space: Space, diagram: Diagram) -> Iterator[tuple[tuple[str, ...], str]]:
    """Each class of answers, as one condition for each question that decides, and its result."""
    if isinstance(diagram, Leaf):
        yield (), diagram.outcome
        return
    face = space.faces[diagram.at]
    branches: dict[object, tuple[int, Diagram]] = {}
    for i, child in diagram.to:
        mask, _ = branches.get(_key(child), (0, child))
        branches[_key(child)] = (mask | 1 << i, child)
    for mask, child in sorted(branches.values(), key=lambda branch: _first(face, branch[0])):
        here = f"{face.question.id} {label(face, mask)}"
        for more, outcome in paths(space, child):
            yield (here, *more), outcome


def _first(face: Face, mask: int) -> tuple[int, list[int]]:
    """Where a branch stands among its likes: by its shortest answers, in the question's order."""
    names = [option.id for option in face.question.options]
    places = [
        [names.index(tick) for tick in answers.ticks]
        for i, answers in enumerate(face.answers)
        if mask >> i & 1
    ]
    return min((len(one), one) for one in places)


def label(face: Face, mask: int) -> str:
    """A set of classes of clean answers in words: `walk or bend`, `without infection`."""
    alone = {
        option: mask >> i & 1
        for i, answers in enumerate(face.answers)
        if len(answers.kinds) == 1
        for option in face.kinds[answers.kinds[0]]
    }
    names = [option.id for option in face.question.options]
    inside = [name for name in names if alone[name]]
    outside = [name for name in names if not alone[name]]
    if face.question.type == "one":
        return " or ".join(inside)
    ways = [
        (names, word)
        for names, word, holds in (
            (inside, "with", face.hits(inside) & face.clean == mask),
            (outside, "without", face.clean & ~face.hits(outside) == mask),
        )
        if holds
    ]
    if ways:
        fewest, word = min(ways, key=lambda way: len(way[0]))
        return f"{word} {' or '.join(fewest)}"
    ticked = (a.ticks for i, a in enumerate(face.answers) if mask >> i & 1)
    return "exactly " + " or ".join("+".join(ticks) for ticks in ticked)
