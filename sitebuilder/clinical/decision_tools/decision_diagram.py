"""Describe what a tool does, one line for each class of answers: `place back; time mid -> BACK`.

The lines are computed from the functions of a `FormModel`, so tools that do the same have the same
lines, whatever their rules look like, and others have others. Only the order of the results of the
safety part is that of its rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from sitebuilder.clinical.decision_tools.form_model import FormModel
from sitebuilder.clinical.decision_tools.symbolic import FALSE, TRUE, Cube, Function
from sitebuilder.core.decision_tool import ALWAYS, Condition, Question, Tool

Choices = frozenset[str]
"""Checked options of one question, of those that matter."""

Outcomes = tuple[Function, ...]
"""Where each outcome is shown, in the order of their names."""


def class_lines(tool: Tool) -> list[str]:
    """Return what a tool does: the lines of the safety part, then those of its own rules."""
    return [*safety_class_lines(tool), *own_class_lines(tool)]


def safety_class_lines(tool: Tool) -> list[str]:
    """Return what is in view, and what the safety part does: the same for all tools.

    Of the lines with results, an earlier one stands over a later one.
    """
    counting = FormModel(_always_in_view(tool))
    return [*_view_lines(counting, tool.questions), *_safety_lines(counting)]


def own_class_lines(tool: Tool) -> list[str]:
    """Return what the rules of a tool's own do."""
    return list(_OwnRules(FormModel(tool)).lines())


def _always_in_view(tool: Tool) -> Tool:
    """Return the tool with every question and option in view: what is checked there counts."""
    questions = tuple(
        replace(
            question,
            show_if=ALWAYS,
            options=tuple(replace(option, show_if=ALWAYS) for option in question.options),
        )
        for question in tool.questions
    )
    return replace(tool, questions=questions)


# -- conditions of the safety part ----------------------------------------------------------------


def _view_lines(model: FormModel, questions: Iterable[Question]) -> Iterator[str]:
    """Yield when questions and options come into view that are not always there."""
    for question in questions:
        parts: list[tuple[str, Condition]] = [(question.id, question.show_if)]
        parts += [(f"{question.id} {option.id}", option.show_if) for option in question.options]
        for name, shown_if in parts:
            for described in _describe(model, model.condition(shown_if)) or ["no answers"]:
                if described:
                    yield f"{described} -> asks {name}"


def _safety_lines(model: FormModel) -> Iterator[str]:
    """Yield what leads to the outcomes of the safety part, with the question that they wait for."""
    diagrams = model.diagrams
    left, earlier = TRUE, diagrams.negate(model.possible)
    for stage in ("", *(question.id for question in model.tool.safety.questions)):
        found: dict[str, Function] = {}
        for rule in model.tool.safety.rules:
            if rule.after == stage:
                match = diagrams.both(left, model.condition(rule.when))
                found[rule.outcome] = diagrams.either(found.get(rule.outcome, FALSE), match)
                left = diagrams.without(left, match)
        for outcome, states in found.items():
            for described in _describe(model, states, earlier):
                yield f"{f'after {stage}' if stage else 'at once'}; {described} -> {outcome}"
            earlier = diagrams.either(earlier, states)


def _describe(model: FormModel, states: Function, optional: Function = FALSE) -> list[str]:
    """Describe where a function holds, in parts: `setting shot; after fever or head`.

    Args:
        model: The model.
        states: The function.
        optional: Where it does not matter.
    """
    order = [question.id for question in model.tool.questions]
    cubes = {_by_question(model, cube) for cube in model.diagrams.cover(states, optional)}
    for name in reversed(order):
        cubes = _merge(cubes, name)
    names = [option for _, option in model.options]

    def sort_key(cube: frozenset[tuple[str, str, Choices]]) -> list[tuple[int, str, list[int]]]:
        return sorted((order.index(q), how, sorted(map(names.index, o))) for q, how, o in cube)

    lines = []
    for cube in sorted(cubes, key=sort_key):
        parts = []
        for question, how, options in sorted(
            cube, key=lambda part: (order.index(part[0]), part[1])
        ):
            ids = [o.id for o in model.tool.question(question).options if o.id in options]
            word = " and " if how == "all" else " or "
            parts.append(f"{question} {'without ' if how == 'none' else ''}{word.join(ids)}")
        lines.append("; ".join(parts))
    return lines


_Part = tuple[str, str, Choices]
"""A question, whether `any`, `all` or `none` of some options is checked, and these options."""


def _by_question(model: FormModel, cube: Cube) -> frozenset[_Part]:
    found: dict[tuple[str, bool], list[str]] = {}
    for index, value in cube:
        question, option = model.options[index]
        found.setdefault((question, value), []).append(option)
    return frozenset(
        (question, ("any" if len(options) == 1 else "all") if value else "none", frozenset(options))
        for (question, value), options in found.items()
    )


def _merge(cubes: Iterable[frozenset[_Part]], name: str) -> set[frozenset[_Part]]:
    """Put conditions that differ in one answer of a question together."""
    merged: set[frozenset[_Part]] = set()
    by_rest: dict[frozenset[_Part], Choices] = {}
    for cube in cubes:
        parts = [part for part in cube if part[0] == name]
        if len(parts) == 1 and parts[0][1] == "any":
            rest = cube - set(parts)
            by_rest[rest] = by_rest.get(rest, frozenset()) | parts[0][2]
        else:
            merged.add(cube)
    return merged | {rest | {(name, "any", options)} for rest, options in by_rest.items()}


# -- own rules ------------------------------------------------------------------------------------


class _OwnRules:
    """The outcomes of own rules as a tree of questions; one that decides nothing is left out."""

    def __init__(self, model: FormModel) -> None:
        self.model = model
        self.names = sorted({rule.outcome for rule in model.tool.rules})
        self.known: dict[tuple[int, Outcomes], list[tuple[tuple[str, ...], str]]] = {}

    def lines(self) -> Iterator[str]:
        """Yield a line for each class of answers."""
        outcomes, indexes = self._project()
        tool = self.model.tool
        self.questions = [
            (question, [i for i in indexes if self.model.options[i][0] == question.id])
            for question in (*tool.own_questions, *tool.safety.questions)
        ]
        for conditions, outcome in self._paths(0, outcomes):
            yield f"{'; '.join(conditions) or 'all other answers'} -> {outcome}"

    def _project(self) -> tuple[Outcomes, list[int]]:
        """Return where each outcome is shown, by the options that matter, and these.

        Options are left out one by one, as long as the rest still tells the outcomes apart.
        """
        model, diagrams = self.model, self.model.diagrams
        outcomes = tuple(diagrams.both(model.shown[name], model.possible) for name in self.names)
        kept: list[int] = []
        start = 0
        for question in model.tool.questions:
            indexes = list(range(start, start + len(question.options)))
            start += len(question.options)
            for unit in [indexes, *([index] for index in indexes if question.type == "many")]:
                fewer = tuple(diagrams.exists(states, unit) for states in outcomes)
                if self._are_disjoint(fewer):
                    outcomes = fewer
                    indexes = [index for index in indexes if index not in unit]
            kept += indexes
        return outcomes, kept

    def _are_disjoint(self, functions: Outcomes) -> bool:
        seen = FALSE
        for function in functions:
            if self.model.diagrams.both(seen, function) != FALSE:
                return False
            seen = self.model.diagrams.either(seen, function)
        return True

    def _paths(self, number: int, outcomes: Outcomes) -> list[tuple[tuple[str, ...], str]]:
        """Return the conditions on each path from a question on, and its outcome."""
        key = number, outcomes
        if key not in self.known:
            self.known[key] = list(self._branch(number, outcomes))
        return self.known[key]

    def _branch(self, number: int, outcomes: Outcomes) -> Iterator[tuple[tuple[str, ...], str]]:
        if number == len(self.questions):
            yield (), self.names[outcomes.index(TRUE)]
            return
        question, indexes = self.questions[number]
        by_choices = dict(self._split(indexes, outcomes))
        groups: dict[Outcomes, list[Choices]] = {}
        for choices, left in by_choices.items():
            groups.setdefault(left, []).append(choices)
        for left, group in groups.items():
            condition = (
                () if len(groups) == 1 else (_describe_choices(question, group, by_choices),)
            )
            for conditions, outcome in self._paths(number + 1, left):
                yield (*condition, *conditions), outcome

    def _split(
        self, indexes: Sequence[int], outcomes: Outcomes, checked: Choices = frozenset()
    ) -> Iterator[tuple[Choices, Outcomes]]:
        """Yield the choices of one question that are possible, and what each leaves."""
        if not any(outcomes):
            return
        if not indexes:
            yield checked, outcomes
            return
        index, *rest = indexes
        for value in (True, False):
            left = tuple(self.model.diagrams.fixed(f, index, value=value) for f in outcomes)
            more = {self.model.options[index][1]} if value else set()
            yield from self._split(rest, left, checked | more)


def _describe_choices(question: Question, group: list[Choices], every: Iterable[Choices]) -> str:
    """Describe some of the possible choices of a question: `scan with pressure`, `limit lot`."""
    names = [option.id for option in question.options]
    if question.type == "one":
        return f"{question.id} {_join(names, frozenset().union(*group))}"
    inside = set(group)
    outside = [choices for choices in every if choices not in inside]
    always = frozenset().union(*group).difference(*outside)
    never = frozenset().union(*outside).difference(*group)
    if all(choices & always for choices in group):
        return f"{question.id} with {_join(names, always)}"
    if all(choices & never for choices in outside):
        return f"{question.id} without {_join(names, never)}"
    rest = [choices for choices in outside if not choices & never]
    always = frozenset().union(*group).difference(*rest)
    if all(choices & always for choices in group):
        return f"{question.id} with {_join(names, always)}, without {_join(names, never)}"
    kinds = (" and ".join(n for n in names if n in choices) or "others" for choices in group)
    return f"{question.id} exactly {' or '.join(kinds)}"


def _join(names: Sequence[str], chosen: Choices) -> str:
    return " or ".join(name for name in names if name in chosen)
