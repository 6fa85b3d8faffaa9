"""Build the decision diagram of a tool, in which equal subdiagrams are shared.

A question that makes no difference at some point of the diagram is left out there.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from sitebuilder.clinical.decision_tools.state_space import AnswerClasses, StateSpace


class Leaf(msgspec.Struct, frozen=True):
    """A leaf of the diagram; `outcome` is empty if no rule matches."""

    outcome: str


class Branch(msgspec.Struct, frozen=True):
    """A question that decides.

    Attributes:
        question_index: Index of the question.
        children: The subdiagram for each class of answers without conflict, by index of the class.
        id: Number of the branch in its diagram. Equal branches are one object.
    """

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
        """Build the diagram from the question `index` on, for the rules that can still match."""
        key = (index, candidates)
        if key not in self.memo:
            self.memo[key] = self._build(index, candidates)
        return self.memo[key]

    def _build(self, index: int, candidates: tuple[int, ...]) -> Diagram:
        rules = self.space.tool.rules
        if index == len(self.space.answer_classes):
            return Leaf(rules[candidates[0]].outcome if candidates else "")
        classes = self.space.answer_classes[index]
        name = classes.question.id
        masks = [
            classes.with_any(rules[i].when[name]) if name in rules[i].when else -1
            for i in candidates
        ]
        valid = classes.valid
        children = []
        for i, _ in enumerate(classes.classes):
            if valid >> i & 1:
                left = tuple(r for r, mask in zip(candidates, masks, strict=True) if mask >> i & 1)
                children.append((i, self.build(index + 1, self._drop_shadowed(left, index + 1))))
        if len({_node_key(child) for _, child in children}) == 1:
            return children[0][1]
        key = (index, tuple((i, _node_key(child)) for i, child in children))
        return self.branches.setdefault(key, Branch(index, tuple(children), len(self.branches)))

    def _drop_shadowed(self, candidates: tuple[int, ...], index: int) -> tuple[int, ...]:
        """Drop the rules below one that asks about none of the remaining questions."""
        later = {classes.question.id for classes in self.space.answer_classes[index:]}
        for count, rule_index in enumerate(candidates, 1):
            if not later & self.space.tool.rules[rule_index].when.keys():
                return candidates[:count]
        return candidates


def _node_key(diagram: Diagram) -> object:
    return diagram.outcome if isinstance(diagram, Leaf) else diagram.id


def build_diagram(space: StateSpace) -> Diagram:
    """Build the diagram of the tool's own questions."""
    builder = _DiagramBuilder(space)
    return builder.build(space.tool.safety_count, tuple(range(len(space.tool.rules))))


def deciding_questions(diagram: Diagram, seen: set[int] | None = None) -> set[int]:
    """Return the indexes of the questions that decide anything.

    Args:
        seen: Ids of the branches visited already. It is updated in place.
    """
    seen = set() if seen is None else seen
    if isinstance(diagram, Leaf) or diagram.id in seen:
        return set()
    seen.add(diagram.id)
    return {diagram.question_index}.union(
        *(deciding_questions(child, seen) for _, child in diagram.children)
    )


def iter_paths(space: StateSpace, diagram: Diagram) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the conditions of each path, one for each deciding question on it, and its outcome."""
    if isinstance(diagram, Leaf):
        yield (), diagram.outcome
        return
    classes = space.answer_classes[diagram.question_index]
    branches: dict[object, tuple[int, Diagram]] = {}
    for i, child in diagram.children:
        mask, _ = branches.get(_node_key(child), (0, child))
        branches[_node_key(child)] = (mask | 1 << i, child)
    for mask, child in sorted(
        branches.values(), key=lambda branch: _branch_sort_key(classes, branch[0])
    ):
        condition = f"{classes.question.id} {describe_classes(classes, mask)}"
        for conditions, outcome in iter_paths(space, child):
            yield (condition, *conditions), outcome


def _branch_sort_key(classes: AnswerClasses, mask: int) -> tuple[int, list[int]]:
    """Return the sort key of a branch: its shortest answers, by the order of the options."""
    names = [option.id for option in classes.question.options]
    examples = [
        [names.index(option) for option in answers.example]
        for i, answers in enumerate(classes.classes)
        if mask >> i & 1
    ]
    return min((len(example), example) for example in examples)


def describe_classes(classes: AnswerClasses, mask: int) -> str:
    """Describe classes without conflict: `walk or bend`, `without infection`, `exactly a+b`."""
    single = {
        option: mask >> i & 1
        for i, answers in enumerate(classes.classes)
        if len(answers.groups) == 1
        for option in classes.option_groups[answers.groups[0]]
    }
    names = [option.id for option in classes.question.options]
    inside = [name for name in names if single[name]]
    outside = [name for name in names if not single[name]]
    if classes.question.type == "one":
        return " or ".join(inside)
    descriptions = [
        (names, word)
        for names, word, holds in (
            (inside, "with", classes.with_any(inside) & classes.valid == mask),
            (outside, "without", classes.valid & ~classes.with_any(outside) == mask),
        )
        if holds
    ]
    if descriptions:
        fewest, word = min(descriptions, key=lambda description: len(description[0]))
        return f"{word} {' or '.join(fewest)}"
    examples = (a.example for i, a in enumerate(classes.classes) if mask >> i & 1)
    return "exactly " + " or ".join("+".join(example) for example in examples)
