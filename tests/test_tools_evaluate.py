"""What a form shows; and that reasoning about all states at once says the same of every one."""

from __future__ import annotations

import random
from itertools import chain, combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tool_kit import NAMES, TOOLS

from sitebuilder.clinical.decision_tools.decision_diagram import class_lines
from sitebuilder.clinical.decision_tools.evaluate import Evaluation, FormState, evaluate
from sitebuilder.clinical.decision_tools.form_model import FormModel
from sitebuilder.clinical.decision_tools.symbolic import Diagrams
from sitebuilder.core.decision_tool import (
    ALWAYS,
    SETTING_QUESTION,
    BodyLine,
    Condition,
    DecisionRule,
    Literal,
    Option,
    Outcome,
    Question,
    SafetyPart,
    Tool,
)
from sitebuilder.core.passage import Passage, TextRun

NOTHING = {
    "life": {"none"},
    "setting": {"none"},
    "pelvis": {"none"},
    "legs": {"none"},
    "soon": {"none"},
}
CLEAR = {**NOTHING, "who": {"a18"}}
BACK = {"place": {"back"}, "time": {"mid"}, "pattern": {"other"}, "limit": {"some"}}


def shows(tool: str, *states: FormState) -> str:
    state = {k: v for one in states for k, v in one.items()}
    shown = evaluate(TOOLS[tool], state)
    return shown.outcome or f"waits for {shown.waiting_for}"


# -- by example -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_a_911_sign_shows_at_once_and_all_else_waits(name: str) -> None:
    assert shows(name) == "waits for life"
    assert shows(name, {"legs": {"both"}}) == "EMERGENCY"
    assert shows(name, {"life": {"breath", "none"}}) == "EMERGENCY"
    assert shows(name, {"life": {"selfharm"}}) == "CRISIS"
    assert shows(name, {"life": {"selfharm"}, "legs": {"both"}}) == "EMERGENCY"
    assert shows(name, {"legs": {"pain2"}}) == "waits for life"
    assert shows(name, NOTHING, {"legs": {"pain2"}}) == "TODAY"
    assert shows(name, NOTHING, {"legs": {"pain2"}, "soon": set()}) == "waits for soon"
    assert shows(name, NOTHING, {"soon": {"rash"}}) == "waits for who"
    assert shows(name, CLEAR, {"soon": {"rash"}}) == "DAYS"
    assert shows(name, CLEAR, {"soon": {"rash"}, "who": {"kid"}}) == "YOUNG_TODAY"
    assert shows(name, CLEAR) == f"waits for {TOOLS[name].own_questions[0].id}"


@pytest.mark.parametrize("name", NAMES)
def test_what_counts_for_more_after_surgery_or_a_shot(name: str) -> None:
    after = {**NOTHING, "after": {"none"}}
    assert shows(name, NOTHING, {"legs": {"weak"}}) == "TODAY"
    for setting in ("op", "shot"):
        assert shows(name, {"setting": {setting}, "legs": {"weak"}}) == "EMERGENCY"
        assert shows(name, NOTHING, {"setting": {setting}}) == "waits for after"
    assert shows(name, after, {"setting": {"op"}}) == "RECENTOP"
    assert shows(name, after, {"setting": {"op"}, "legs": {"oldweak"}}) == "TODAY_OP"
    assert shows(name, after, {"setting": {"op"}, "soon": {"rash"}}) == "TODAY_OP"
    assert shows(name, after, {"setting": {"shot"}, "after": {"fever"}}) == "TODAY_SHOT"
    assert shows(name, after, {"setting": {"told"}}) == "TOLD"
    numb = {**after, "setting": {"shot"}, "after": {"shotnumb"}, "legs": set(), "who": {"a18"}}
    assert shows(name, numb) == "SHOT_NUMB"
    assert shows(name, numb, {"setting": {"shot", "op"}}) == "waits for after"


def test_milder_answers_that_make_an_emergency_together() -> None:
    for one, other in (
        ({"pelvis": {"unsure"}}, {"legs": {"numb"}}),
        ({"soon": {"cancer", "cord"}}, {}),
        ({"after": {"fever", "head"}}, {}),
        ({"setting": {"shot"}}, {"after": {"numbleg", "pain"}}),
        ({"soon": {"cord"}}, {"pelvis": {"recent"}}),
    ):
        assert shows("options", one, other) == "EMERGENCY"
        assert not other or shows("options", one) == "waits for life"
        assert not other or shows("options", other) == "waits for life"


def test_what_the_bar_points_to_meanwhile() -> None:
    tool = TOOLS["next-step"]
    assert evaluate(tool, {"legs": {"pain2"}}).pending == "TODAY"
    assert evaluate(tool, {"soon": {"rash"}}).pending == "DAYS"
    assert evaluate(tool, {"setting": {"op"}, "soon": {"rash"}}).pending == "TODAY_OP"
    assert evaluate(tool, {}).pending == ""
    assert evaluate(tool, {**NOTHING, "legs": {"pain2"}}).pending == ""
    assert evaluate(tool, {**CLEAR, "place": {"back"}}).pending == ""


def test_own_results_need_every_answer_and_no_conflict() -> None:
    assert shows("next-step", CLEAR, BACK) == "BACK"
    for question in (*CLEAR, *BACK):
        assert shows("next-step", CLEAR, BACK, {question: set()}) == f"waits for {question}"
    clash = {**CLEAR, "legs": {"numb", "none"}}
    assert evaluate(TOOLS["next-step"], clash).conflicts == ("legs",)
    full = {"cause": {"disc"}, "main": {"leg"}, "time": {"mid"}, "limit": {"lot"}, "tried": {"pt"}}
    assert shows("options", CLEAR, full) == "T_DISC"
    assert shows("options", CLEAR, full, {"tried": {"pt", "none"}}) == "waits for tried"
    assert shows("options", CLEAR, full, {"legs": {"none", "known"}}) == "T_DISC"


def test_a_sign_out_of_view_counts_and_brings_its_question_into_view() -> None:
    tool = TOOLS["next-step"]
    numb = {"setting": {"shot"}, "after": {"shotnumb"}}
    assert "legs" not in evaluate(tool, numb).visible_questions
    assert "legs" in evaluate(tool, {**numb, "legs": {"oldweak"}}).visible_questions
    assert shows("next-step", CLEAR, numb, {"legs": {"oldweak"}}) == "DAYS"
    assert shows("next-step", CLEAR, numb, {"legs": {"known"}}) == "SHOT_NUMB"
    assert shows("next-step", CLEAR, {"after": {"fever"}}) == "TODAY"
    assert shows("next-step", CLEAR, {"after": {"thigh"}}) == "waits for place"


def lines(name: str, state: FormState) -> str:
    tool = TOOLS["next-step"]
    shown = evaluate(tool, state)
    assert shown.outcome == name
    return " ".join(tool.outcomes[name].body[index].text.text for index in shown.lines)


def test_lines_hang_on_what_is_ticked() -> None:
    assert "someone may drive you" in lines("EMERGENCY", {"pelvis": {"saddle"}})
    assert "may drive" not in lines("EMERGENCY", {"pelvis": {"saddle"}, "life": {"breath"}})
    assert "naloxone" in lines("EMERGENCY", {"life": {"wake"}})
    assert "naloxone" not in lines("EMERGENCY", {"life": {"breath"}})
    today = lines("TODAY", {**NOTHING, "soon": {"calf"}})
    assert "2 hours" in today
    assert "tomorrow" not in today
    assert "chest pain" in today
    today = lines("TODAY", {**NOTHING, "soon": {"cancer"}})
    assert "2 hours" not in today
    assert "tomorrow" in today
    assert "chest pain" not in today


def test_notes_and_the_list_stand_beside_own_results_and_two_more() -> None:
    own = {"scan": {"pressure"}, "main": {"leg"}, "tried": {"yes"}, "limit": {"lot"}}
    many = {"points": {"smoke", "mood"}, "legs": {"known"}}
    tool = TOOLS["get-ready"]
    shown = evaluate(tool, {**CLEAR, **own, **many})
    assert (shown.outcome, shown.shows_list) == ("TALK", True)
    assert shown.notes == ("known", "smoke", "weight", "mood")
    told = evaluate(tool, {**CLEAR, **many, "setting": {"told"}})
    assert (told.outcome, told.notes, told.shows_list) == (
        "TOLD",
        ("known", "smoke", "weight", "mood"),
        True,
    )
    none: set[str] = set()
    for more in ({"soon": {"rash"}}, {"soon": {"calf"}}, {"who": {"kid"}}, {"points": none}):
        shown = evaluate(tool, {**CLEAR, **own, **many, **more})
        assert (shown.notes, shown.shows_list) == ((), False)


# -- all states at once against single states ------------------------------------------------------


def subsets(question: Question) -> list[frozenset[str]]:
    ids = [option.id for option in question.options]
    most = 1 if question.type == "one" else len(ids)
    return [
        frozenset(one) for one in chain.from_iterable(combinations(ids, n) for n in range(most + 1))
    ]


def states_of(tool: Tool) -> list[dict[str, frozenset[str]]]:
    every = [subsets(question) for question in tool.questions]
    names = [question.id for question in tool.questions]
    return [dict(zip(names, one, strict=True)) for one in product(*every)]


def checked(model: FormModel, state: FormState) -> set[int]:
    return {i for i, (q, o) in enumerate(model.options) if o in state.get(q, ())}


def fits(model: FormModel, state: FormState) -> Evaluation:
    """The model says of a state what the evaluator says."""
    true = checked(model, state)

    def those(functions: dict[str, int]) -> tuple[str, ...]:
        return tuple(name for name, f in functions.items() if model.diagrams.holds(f, true))

    def one(name: str) -> tuple[str, ...]:
        return (name,) if name else ()

    shown = evaluate(model.tool, state)
    assert model.diagrams.holds(model.possible, true)
    assert those(model.shown) == one(shown.outcome)
    assert those(model.waiting) == one(shown.waiting_for)
    assert those(dict(model.visible)) == shown.visible_questions
    conflicts = set(those(model.conflicts)) & set(shown.visible_questions)
    assert conflicts == set(shown.conflicts)
    assert those(model.pending()) == one(shown.pending)
    if shown.outcome:
        said = enumerate(model.lines(shown.outcome))
        assert tuple(n for n, f in said if model.diagrams.holds(f, true)) == shown.lines
    answers = tuple((q, tuple(chosen)) for q, chosen in state.items())
    rule = model.deciding_rule(answers)
    assert (rule.outcome if rule else "") == shown.outcome
    return shown


MODELS = {name: FormModel(tool) for name, tool in TOOLS.items()}


@st.composite
def states(draw: st.DrawFn) -> tuple[str, dict[str, frozenset[str]]]:
    """A state of one of our forms: blank, partial, contradictory, or walked far on purpose."""
    name = draw(st.sampled_from(NAMES))
    tool = TOOLS[name]
    clear = draw(st.integers(0, len(tool.questions)))
    state = {}
    for place, question in enumerate(tool.questions):
        if place < clear and question.id in CLEAR and draw(st.integers(0, 4)):
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
def test_the_model_says_the_same_as_the_evaluator(
    drawn: tuple[str, dict[str, frozenset[str]]],
) -> None:
    name, state = drawn
    fits(MODELS[name], state)


@pytest.mark.parametrize("name", NAMES)
def test_each_answer_alone_and_with_every_other_in_each_setting(name: str) -> None:
    model = MODELS[name]
    for question in model.tool.questions:
        ids = [option.id for option in question.options]
        for pair in [*((one,) for one in ids), *combinations(ids, 2)]:
            if question.type == "many" or len(pair) == 1:
                fits(model, {question.id: frozenset(pair)})
                for setting in ("none", "op", "shot", "told"):
                    start = {**CLEAR, "setting": frozenset({setting}), "after": frozenset({"none"})}
                    fits(model, {**start, question.id: frozenset(pair)})


@pytest.mark.parametrize("name", NAMES)
def test_every_state_shows_one_result_or_waits_for_one_question(name: str) -> None:
    model = MODELS[name]
    diagrams = model.diagrams
    functions = [*model.shown.values(), *model.waiting.values()]
    assert diagrams.any_of(functions) == 1
    seen = 0
    for function in functions:
        assert diagrams.both(seen, function) == 0
        seen = diagrams.either(seen, function)
    counts = [diagrams.count(diagrams.both(f, model.possible), 200) for f in functions]
    assert sum(counts) == diagrams.count(model.possible, 200)
    expected = 1
    for question in model.tool.questions:
        size = len(question.options)
        expected *= size + 1 if question.type == "one" else 2**size
    assert model.state_count == expected


# -- any tool at all ------------------------------------------------------------------------------


def text(words: str) -> Passage:
    return Passage("item", (TextRun(words, 1, 1),))


@st.composite
def conditions(draw: st.DrawFn, questions: list[Question], *, may_be_always: bool) -> Condition:
    """A condition on some questions, with or without settings."""
    literals = [Literal(q.id, o.id) for q in questions for o in q.options]
    if not literals:
        return ALWAYS
    chosen = [o.id for q in questions if q.id == SETTING_QUESTION for o in q.options]
    if chosen:
        names = st.frozensets(st.sampled_from(chosen)).map(lambda one: tuple(sorted(one)))
        literals += [replace(one, settings=draw(names), without=draw(names)) for one in literals]
    group = st.lists(st.sampled_from(literals), min_size=1, max_size=3).map(tuple)
    least = 0 if may_be_always else 1
    all_of = tuple(draw(st.lists(group, min_size=least, max_size=2)))
    return Condition(all_of, draw(st.sampled_from([(), (), draw(group)])))


@st.composite
def small_tools(draw: st.DrawFn) -> Tool:
    """A tool that no clinic would use: signs, views and exclusives anywhere, rules at random."""
    questions: list[Question] = []
    for number in range(draw(st.integers(1, 4))):
        name = SETTING_QUESTION if number == 1 else f"q{number}"
        many = draw(st.booleans())

        def view() -> Condition:
            rare = draw(st.integers(0, 2))
            return ALWAYS if rare else draw(conditions(questions, may_be_always=True))

        options = [
            Option(
                f"o{place}",
                text(f"O{place}"),
                tiers=draw(st.sampled_from([{}, {}, {"": "911"}, {"": "home", "o0": "today"}])),
                exclusive=many and draw(st.booleans()),
                show_if=view(),
            )
            for place in range(draw(st.integers(1, 3)))
        ]
        kind = "many" if many else "one"
        questions.append(Question(name, kind, text("Q"), tuple(options), show_if=view()))
    first = draw(st.integers(0, len(questions)))
    safety_rules = []
    for after in ("", *(question.id for question in questions[:first])):
        for _ in range(draw(st.integers(0, 2)) if first else 0):
            when = draw(conditions(questions[:first], may_be_always=False))
            outcome = draw(st.sampled_from(["NOW", "LATER", "STOP"]))
            safety_rules.append(DecisionRule(when, outcome, after=after))
    own = [
        DecisionRule(draw(conditions(questions, may_be_always=True)), draw(st.sampled_from("ABC")))
        for _ in range(draw(st.integers(0, 4)))
    ]

    def outcome_of(name: str, tier: str) -> Outcome:
        line = BodyLine(text(name), draw(conditions(questions, may_be_always=True)))
        return Outcome(name, tier, text(name), (BodyLine(text(name)), line))

    tiers = {"NOW": "911", "LATER": "today", "STOP": "visit"}
    safe = {name: outcome_of(name, tier) for name, tier in tiers.items()}
    others = {name: outcome_of(name, "home") for name in "ABC"}
    part = SafetyPart("s", "1", tuple(questions[:first]), tuple(safety_rules), safe)
    rules = (*own, DecisionRule(ALWAYS, "C"))
    return Tool(
        "t", "t", "1", text("T"), text("T"), tuple(questions), rules, {**safe, **others}, part
    )


@given(small_tools())
def test_of_any_tool_the_model_says_what_each_state_shows(tool: Tool) -> None:
    model = FormModel(tool)
    for state in states_of(tool)[::3]:
        fits(model, state)


@given(small_tools())
def test_no_answers_are_shorter_than_the_shortest(tool: Tool) -> None:
    model = FormModel(tool)
    every = states_of(tool)
    assert model.state_count == len(every)
    fewest: dict[str, int] = {}
    for state in every:
        shown = evaluate(tool, state).outcome
        size = sum(map(len, state.values()))
        fewest[shown] = min(fewest.get(shown, size), size)
    for name, function in model.shown.items():
        assert model.is_possible(function) == (name in fewest)
        if name in fewest:
            answers = model.shortest_answers(function)
            state = {question: frozenset(chosen) for question, chosen in answers}
            assert evaluate(tool, state).outcome == name
            assert sum(map(len, state.values())) == fewest[name]


def does(tool: Tool, every: list[dict[str, frozenset[str]]]) -> list[tuple[str, str]]:
    found = [evaluate(tool, state) for state in every]
    return [(shown.outcome, shown.waiting_for) for shown in found]


@given(small_tools(), st.data())
def test_other_own_rules_have_the_same_lines_if_they_do_the_same(
    tool: Tool, data: st.DataObject
) -> None:
    """And other lines if they do anything else, in any state."""
    rules: list[DecisionRule] = list(data.draw(st.permutations(tool.rules[:-1])))
    for place, rule in enumerate(rules):
        if not data.draw(st.integers(0, 3)):
            when = data.draw(conditions(list(tool.questions), may_be_always=True))
            rules[place] = replace(rule, when=when)
    other = replace(tool, rules=(*rules, tool.rules[-1]))
    every = states_of(tool)
    same = does(tool, every) == does(other, every)
    assert (class_lines(tool) == class_lines(other)) == same


@given(small_tools(), st.data())
def test_other_safety_rules_or_views_have_other_lines_if_they_do_anything_else(
    tool: Tool, data: st.DataObject
) -> None:
    questions, rules = list(tool.questions), list(tool.safety.rules)
    change_rule: bool = data.draw(st.booleans())
    if rules and change_rule:
        place = data.draw(st.integers(0, len(rules) - 1))
        when = data.draw(conditions(list(tool.safety.questions), may_be_always=False))
        outcome = data.draw(st.sampled_from(["NOW", "LATER", "STOP"]))
        rules[place] = replace(rules[place], when=when, outcome=outcome)
    else:
        place = data.draw(st.integers(0, len(questions) - 1))
        view = data.draw(conditions(questions[:place], may_be_always=True))
        questions[place] = replace(questions[place], show_if=view)
    first = tuple(questions[: tool.safety_count])
    safety = replace(tool.safety, questions=first, rules=tuple(rules))
    other = replace(tool, questions=tuple(questions), safety=safety)
    every = states_of(tool)
    if does(tool, every) != does(other, every):
        assert class_lines(tool) != class_lines(other)


# -- Boolean functions ----------------------------------------------------------------------------

COUNT = 4
POINTS = [
    {i for i, value in enumerate(values) if value} for values in product((0, 1), repeat=COUNT)
]


def made_of(diagrams: Diagrams, table: list[bool]) -> int:
    """The function with these values."""
    return diagrams.any_of(
        diagrams.all_of(
            diagrams.variable(i) if i in point else diagrams.negate(diagrams.variable(i))
            for i in range(COUNT)
        )
        for point, value in zip(POINTS, table, strict=True)
        if value
    )


tables = st.lists(st.booleans(), min_size=len(POINTS), max_size=len(POINTS))


@given(tables, tables, tables)
def test_the_connectives(one: list[bool], two: list[bool], three: list[bool]) -> None:
    diagrams = Diagrams()
    f, g, h = (made_of(diagrams, table) for table in (one, two, three))
    rows = list(zip(one, two, three, strict=True))

    def same(function: int, table: list[bool]) -> bool:
        values = [diagrams.holds(function, point) for point in POINTS]
        return values == table and function == made_of(diagrams, table)

    assert same(f, one)
    assert same(diagrams.choose(f, g, h), [b if a else c for a, b, c in rows])
    assert same(diagrams.both(f, g), [a and b for a, b, _ in rows])
    assert same(diagrams.either(f, g), [a or b for a, b, _ in rows])
    assert same(diagrams.without(f, g), [a and not b for a, b, _ in rows])
    assert same(diagrams.negate(f), [not a for a in one])


@given(tables, tables, st.integers(0, COUNT - 1), st.frozensets(st.integers(0, COUNT - 1)))
def test_what_a_function_is(
    table: list[bool], other: list[bool], index: int, some: frozenset[int]
) -> None:
    diagrams = Diagrams()
    f, optional = made_of(diagrams, table), made_of(diagrams, other)
    true = [point for point, value in zip(POINTS, table, strict=True) if value]
    assert diagrams.count(f, COUNT) == len(true)
    assert diagrams.count(f, COUNT + 2) == 4 * len(true)
    for point in POINTS:
        set_on = diagrams.holds(diagrams.fixed(f, index, value=True), point)
        assert set_on == diagrams.holds(f, point | {index})
        found = diagrams.holds(diagrams.exists(f, some), point)
        assert found == any(each - some == point - some for each in true)
    assert (index in diagrams.variables(f)) == any(
        diagrams.holds(f, point) != diagrams.holds(f, point ^ {index}) for point in POINTS
    )
    falls = any(point | {index} not in true for point in true)
    assert (index in diagrams.falling(f)) == falls
    if true:
        shortest = set(diagrams.shortest(f))
        assert shortest in true
        assert len(shortest) == min(map(len, true))
    else:
        with pytest.raises(ValueError, match="never"):
            diagrams.shortest(f)
    cover = diagrams.cover(f, optional)
    assert list(cover) == sorted(cover)
    for point in POINTS:
        covered = any(all((i in point) == value for i, value in cube) for cube in cover)
        if not diagrams.holds(optional, point) or point in true:
            assert covered == (point in true)


def test_a_function_has_one_number_whatever_it_is_made_from() -> None:
    chance = random.Random(7)
    diagrams = Diagrams()
    a, b, c = map(diagrams.variable, range(3))
    left = diagrams.either(diagrams.both(a, b), diagrams.both(a, c))
    assert left == diagrams.both(a, diagrams.either(b, c))
    assert diagrams.negate(diagrams.negate(left)) == left
    parts = [left, a, b, c]
    chance.shuffle(parts)
    assert diagrams.any_of(parts) == diagrams.any_of([a, b, c])
