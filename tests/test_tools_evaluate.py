"""What a form shows; and that reasoning about sets of states says the same of every one of them."""

from __future__ import annotations

from itertools import chain, combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tool_kit import GUARD, KNOWN, NAMES, TOOLS

from sitebuilder.clinical.decision_tools import check_gates, check_surgery
from sitebuilder.clinical.decision_tools.counterexample import count_answers
from sitebuilder.clinical.decision_tools.decision_diagram import (
    Leaf,
    build_diagram,
    deciding_questions,
)
from sitebuilder.clinical.decision_tools.evaluate import FormState, evaluate
from sitebuilder.clinical.decision_tools.state_space import (
    AnswerClasses,
    Box,
    StateSpace,
    build_state_space,
    intersect,
    partition,
    subtract,
)
from sitebuilder.core.decision_tool import DecisionRule, Option, Outcome, Question, SafetyPart, Tool
from sitebuilder.core.passage import Passage, TextRun

CLEAR = {
    "now": {"none"},
    "soon": {"none"},
    "age": {"adult"},
    "pregnant": {"no"},
    "recentop": {"no"},
}
NUMB = {"place": {"numb"}, "time": {"mid"}, "pattern": {"walk"}, "limit": {"lot"}, "tried": {"pt"}}


def shows(tool: str, *states: FormState) -> str:
    state = {k: v for one in states for k, v in one.items()}
    shown = evaluate(TOOLS[tool], state)
    return shown.outcome or f"waits for {shown.waiting_for}"


# -- by example -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_the_safety_part(name: str) -> None:
    assert shows(name) == "waits for now"
    assert shows(name, {"now": {"saddle"}}) == "EMERGENCY"
    assert shows(name, {"now": {"saddle", "none"}}) == "EMERGENCY"
    assert shows(name, {"now": {"unsure", "none"}}) == "EMERGENCY"
    assert shows(name, CLEAR, {"now": {"chest"}}) == "EMERGENCY"
    assert shows(name, {"now": {"chest"}, "soon": {"calf"}, "age": {"under18"}}) == "EMERGENCY"
    assert shows(name, {"soon": {"calf"}}) == "URGENT"
    assert shows(name, {"soon": {"calf", "none"}, "age": {"under18"}}) == "URGENT"
    assert shows(name, {"now": {"none"}, "soon": {"unsure"}}) == "URGENT"
    assert shows(name, {"age": {"under18"}}) == "waits for now"
    assert shows(name, {"now": {"none"}, "age": {"under18"}}) == "waits for soon"
    assert shows(name, CLEAR, {"age": {"under18"}}) == "YOUNG"
    assert shows(name, CLEAR, {"age": {"under18"}, "pregnant": {"yes"}}) == "YOUNG"
    assert shows(name, CLEAR, {"pregnant": {"unsure"}}) == "PREGNANT"
    assert shows(name, CLEAR, {"pregnant": set(), "recentop": {"yes"}}) == "waits for pregnant"
    assert shows(name, CLEAR, {"recentop": {"yes"}}) == "RECENTOP"
    assert shows(name, CLEAR) == f"waits for {TOOLS[name].own_questions[0].id}"


def test_own_results_need_every_answer_and_no_conflict() -> None:
    assert shows("next-step", CLEAR, NUMB) == "SEE_SOON"
    for question in NUMB:
        assert shows("next-step", CLEAR, NUMB, {question: set()}) == f"waits for {question}"
    assert shows("next-step", CLEAR, NUMB, {"tried": {"pt", "none"}}) == "waits for tried"
    for question in CLEAR:
        assert shows("next-step", CLEAR, NUMB, {question: set()}) == f"waits for {question}"


def test_what_is_in_view_and_what_conflicts() -> None:
    tool = TOOLS["next-step"]
    shown = evaluate(tool, {"soon": {"calf", "none"}, "tried": {"pt", "none"}})
    assert shown.visible_questions == ("now", "soon")
    assert shown.conflicts == ("soon",)
    assert shown.waiting_for == ""
    shown = evaluate(tool, {**CLEAR, **NUMB, "tried": {"pt", "none"}})
    assert shown.conflicts == ("tried",)
    assert shown.visible_questions == tuple(q.id for q in tool.questions)


def test_notes_stand_beside_results_of_the_tools_own_only() -> None:
    own = {"scan": {"pressure"}, "main": {"leg"}, "tried": {"yes"}, "limit": {"lot"}}
    many = {"health": {"smoke", "sugar"}, "spine": {"unsure"}}
    tool = TOOLS["get-ready"]
    shown = evaluate(tool, {**CLEAR, **own, **many})
    assert (shown.outcome, shown.notes) == ("TALK_MORE", ("smoke", "sugar", "unsure"))
    none: set[str] = set()
    for more in ({"now": {"sex"}}, {"soon": {"calf"}}, {"age": {"under18"}}, {"spine": none}):
        assert evaluate(tool, {**CLEAR, **own, **many, **more}).notes == ()


# -- sets against single states -------------------------------------------------------------------


def subsets(question: Question) -> list[frozenset[str]]:
    ids = [option.id for option in question.options]
    most = 1 if question.type == "one" else len(ids)
    return [
        frozenset(one) for one in chain.from_iterable(combinations(ids, n) for n in range(most + 1))
    ]


def class_of(face: AnswerClasses, ticks: frozenset[str]) -> int:
    kinds = tuple(i for i, kind in enumerate(face.option_groups) if ticks & set(kind))
    (found,) = [i for i, answers in enumerate(face.classes) if answers.groups == kinds]
    return found


def is_in(space: StateSpace, box: Box, state: FormState) -> bool:
    faces = zip(space.answer_classes, box, strict=True)
    return all(m >> class_of(f, frozenset(state.get(f.question.id, ()))) & 1 for f, m in faces)


def states_of(tool: Tool) -> list[dict[str, frozenset[str]]]:
    every = [subsets(question) for question in tool.questions]
    names = [question.id for question in tool.questions]
    return [dict(zip(names, one, strict=True)) for one in product(*every)]


def fits(space: StateSpace, state: FormState) -> None:
    """Exactly one region holds the state, and says what the evaluator says."""
    (region,) = [one for one in partition(space) if is_in(space, one.box, state)]
    shown = evaluate(space.tool, state)
    assert (region.outcome, region.waiting_for) == (shown.outcome, shown.waiting_for)


SPACES = {
    name: build_state_space(
        tool,
        [
            *check_gates.watched_options(tool, GUARD, KNOWN),
            *check_surgery.watched_options(tool, GUARD),
        ],
    )
    for name, tool in TOOLS.items()
}


@st.composite
def states(draw: st.DrawFn) -> tuple[str, dict[str, frozenset[str]]]:
    """A state of one of our forms: blank, partial, contradictory, or walked far on purpose."""
    name = draw(st.sampled_from(NAMES))
    tool = TOOLS[name]
    clear = draw(st.integers(0, len(tool.questions)))
    state = {}
    for place, question in enumerate(tool.questions):
        if place < clear and question.id in CLEAR:
            state[question.id] = frozenset(CLEAR[question.id])
            continue
        ids = [option.id for option in question.options]
        most = 1 if question.type == "one" else draw(st.sampled_from([1, 2, len(ids)]))
        least = 1 if place < clear else 0
        ticks = st.frozensets(st.sampled_from(ids), min_size=least, max_size=most)
        state[question.id] = draw(ticks)
    return name, state


@settings(max_examples=600)
@given(states())
def test_sets_say_the_same_as_the_evaluator(drawn: tuple[str, dict[str, frozenset[str]]]) -> None:
    name, state = drawn
    fits(SPACES[name], state)


@pytest.mark.parametrize("name", NAMES)
def test_together_the_sets_are_all_states(name: str) -> None:
    space = SPACES[name]
    count = 1
    for question in space.tool.questions:
        count *= (
            len(subsets(question)) if len(question.options) < 11 else 2 ** len(question.options)
        )
    assert space.count_states(space.all_states) == count
    found = partition(space)
    assert sum(space.count_states(region.box) for region in found) == count
    assert not [1 for a, b in combinations(found, 2) if intersect(a.box, b.box)]


@pytest.mark.parametrize("name", NAMES)
def test_each_answer_alone_with_every_other_and_every_triple_of_trouble(name: str) -> None:
    space = SPACES[name]
    for question in space.tool.questions:
        ids = [option.id for option in question.options]
        for pair in [*((one,) for one in ids), *combinations(ids, 2)]:
            if question.type == "many" or len(pair) == 1:
                fits(space, {question.id: frozenset(pair)})
                fits(space, {**CLEAR, question.id: frozenset(pair)})
    first = space.tool.questions
    stops = [(q.id, o.id) for q in first for o in q.options if o.stop]
    for em, ur, (asked, stop) in product(first[0].options, first[1].options, stops):
        fits(space, {"now": {em.id}, "soon": {ur.id}, asked: {stop}})


# -- any tool at all ------------------------------------------------------------------------------


def text(words: str) -> Passage:
    return Passage("item", (TextRun(words, 1, 1),))


def outcome(name: str) -> Outcome:
    return Outcome(name, "info", text(name), (text(name),))


@st.composite
def small_tools(draw: st.DrawFn) -> Tool:
    """A tool that no clinic would use: flags, stops and exclusives anywhere, rules at random."""
    questions = []
    for number in range(draw(st.integers(1, 4))):
        many = draw(st.booleans())
        options = []
        for place in range(draw(st.integers(1, 3))):
            flag = draw(st.sampled_from(["", "", "", "emergency", "urgent"]))
            stop = "" if many or flag else draw(st.sampled_from(["", "", "STOP", "HALT"]))
            options.append(
                Option(
                    f"o{place}",
                    text(f"O{place}"),
                    flag=flag,
                    stop=stop,
                    exclusive=many and draw(st.booleans()),
                )
            )
        kind = "many" if many else "one"
        questions.append(Question(f"q{number}", kind, text("Q"), tuple(options)))
    first = draw(st.integers(0, len(questions)))
    rules = []
    for _ in range(draw(st.integers(0, 4))):
        when = {}
        for question in questions[first:]:
            if draw(st.booleans()):
                ids = [option.id for option in question.options]
                when[question.id] = tuple(
                    sorted(draw(st.frozensets(st.sampled_from(ids), min_size=1)))
                )
        rules.append(DecisionRule(when, draw(st.sampled_from("ABC"))))
    rules.append(DecisionRule({}, "C"))
    safe = {name: outcome(name) for name in ("EMERGENCY", "URGENT", "STOP", "HALT")}
    own = {name: outcome(name) for name in "ABC"}
    safety = SafetyPart("s", "1", tuple(questions[:first]), safe)
    said = text("T")
    return Tool("t", "t", "1", said, said, tuple(questions), tuple(rules), {**safe, **own}, safety)


@given(small_tools())
def test_of_any_tool_each_state_is_in_one_set_and_shows_what_it_says(tool: Tool) -> None:
    space = build_state_space(tool)
    for state in states_of(tool):
        fits(space, state)


@given(small_tools())
def test_no_answers_are_shorter_than_the_shortest(tool: Tool) -> None:
    space = build_state_space(tool)
    every = states_of(tool)
    for region in partition(space):
        inside = [state for state in every if is_in(space, region.box, state)]
        assert len(inside) == space.count_states(region.box)
        ticks = space.shortest_answers(region.box)
        assert count_answers(ticks) == min(sum(map(len, state.values())) for state in inside)
        assert is_in(space, region.box, {name: frozenset(chosen) for name, chosen in ticks})


@given(small_tools())
def test_the_diagram_leads_where_the_rules_lead(tool: Tool) -> None:
    space = build_state_space(tool)
    diagram = build_diagram(space)
    found = set()
    for state in states_of(tool):
        here = diagram
        shown = evaluate(tool, state)
        if shown.outcome not in {"A", "B", "C"}:
            continue
        while not isinstance(here, Leaf):
            face = space.answer_classes[here.question_index]
            here = dict(here.children)[class_of(face, state[face.question.id])]
        assert here.outcome == shown.outcome
        found.add(here.outcome)
    assert all(at >= tool.safety_count for at in deciding_questions(diagram))


boxes = st.tuples(*(st.integers(0, 7) for _ in range(3)))


@given(boxes, boxes)
def test_the_arithmetic_of_boxes(one: Box, other: Box) -> None:
    def points(box: Box) -> set[tuple[int, ...]]:
        return set(product(*([i for i in range(3) if mask >> i & 1] for mask in box)))

    met = intersect(one, other)
    assert (points(met) if met else set()) == points(one) & points(other)
    rest = [points(box) for box in subtract(one, other)]
    assert set().union(*rest) == points(one) - points(other)
    assert sum(map(len, rest)) == len(points(one) - points(other))


def test_what_is_not_watched_cannot_be_asked() -> None:
    space = build_state_space(TOOLS["options"])
    with pytest.raises(ValueError, match="not watched"):
        space.answer_classes[0].with_any({"saddle"})
