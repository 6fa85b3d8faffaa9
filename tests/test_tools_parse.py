"""Tools are read whole, and each mistake in their files is told with its line."""

from __future__ import annotations

import re
from copy import deepcopy
from typing import Any

import pytest
import yaml
from conftest import PROJECT
from hypothesis import given
from hypothesis import strategies as st
from tool_kit import (
    DATA,
    FOLDER,
    GUARD,
    KNOWN,
    NAMES,
    PAGES,
    STANDARD,
    TEXTS,
    TOOLS,
    as_text,
    file,
    known_from,
    read,
)

from sitebuilder.clinical.decision_tools import (
    parse,
    parse_parts,
    parse_questions,
    safety_policy,
)
from sitebuilder.clinical.decision_tools.evaluate import evaluate
from sitebuilder.clinical.decision_tools.load import load_verified_tools
from sitebuilder.clinical.decision_tools.parse import parse_tools
from sitebuilder.clinical.decision_tools.parse_questions import sign_tiers
from sitebuilder.core.decision_tool import Literal
from sitebuilder.core.evidence import WarningSign
from sitebuilder.core.problems import RULES

SAFETY_QUESTIONS = ["life", "setting", "pelvis", "after", "legs", "soon", "who"]


def test_every_tool_has_the_safety_part_first() -> None:
    assert tuple(sorted(TOOLS)) == tuple(sorted(NAMES))
    for tool in TOOLS.values():
        assert [q.id for q in tool.questions[: tool.safety_count]] == SAFETY_QUESTIONS
        assert tool.questions[0].path == f"{FOLDER}safety.yaml"
        assert tool.own_questions[0].path == tool.path == f"{FOLDER}{tool.name}.yaml"
        assert list(tool.outcomes)[:2] == ["EMERGENCY", "CRISIS"]
        assert [r.name for r in tool.safety.rules][:8] == ["G1", *(f"K{n}" for n in range(1, 8))]


def test_parts_know_their_line_and_signs_take_their_one_wording() -> None:
    lines = TEXTS["safety"].split("\n")
    saddle = TOOLS["options"].question("pelvis").option("saddle")
    assert "sign: saddle" in lines[saddle.line - 1]
    assert saddle.text.text == KNOWN.signs["saddle"].text
    assert saddle.text.runs[0].origin == "sign"
    for rule in TOOLS["options"].safety.rules:
        assert rule.outcome in lines[rule.line - 1]
    own = TEXTS["options"].split("\n")
    for rule in TOOLS["options"].rules:
        assert f"name: {rule.name}," in own[rule.line - 1]
    for choice in TOOLS["options"].catalog.values():
        assert own[choice.line - 1].strip() == f"{choice.name}:"
        assert own[choice.good.line - 1].strip().startswith("good:")
    with pytest.raises(KeyError):
        TOOLS["options"].question("nobody")
    with pytest.raises(KeyError):
        TOOLS["options"].question("life").option("nobody")


def test_a_question_of_another_tool_is_asked_in_the_same_words() -> None:
    own = {name: {q.id: q for q in TOOLS[name].own_questions} for name in NAMES}
    assert own["options"]["time"] == own["next-step"]["time"]
    assert own["get-ready"]["main"] == own["options"]["main"]
    assert own["options"]["time"].path == f"{FOLDER}next-step.yaml"
    assert [q.id for q in TOOLS["options"].own_questions] == [
        *("cause", "main", "time", "limit", "tried")
    ]


def test_a_line_stands_once_and_is_used_by_name() -> None:
    line = TOOLS["options"].outcomes["EARLY"].body[-1].text
    assert line.text.startswith("Call 911 if you get numb between the legs")
    assert line.line == TEXTS["safety"].split("\n").index(f'  when-911: "{line.text}"') + 1


def test_figures_are_put_in_from_facts() -> None:
    fact = next(name for name, each in KNOWN.facts.items() if each.value)
    text = TEXTS["options"].replace("It takes time and", f"Of them {{value {fact}}} and")
    tool = read({**TEXTS, "options": text})[0]["options"]
    runs = tool.catalog["active"].less_good.runs
    assert runs[0].text == "Of them "
    assert [run.origin for run in runs] == ["page", "fact", "page"]
    assert runs[1].text == KNOWN.facts[fact].figure
    column = text.split("\n")[runs[1].line - 1].index("{value") + 1
    assert runs[1].column == column
    assert fact in tool.facts


def test_the_tier_of_a_sign_goes_by_setting() -> None:
    settings = {"after-surgery": "op", "after-shot": "shot"}

    def tiers(**by_setting: str) -> dict[str, str]:
        named = {name.replace("_", "-"): tier for name, tier in by_setting.items()}
        return sign_tiers(WarningSign("x", "X", named), settings)

    assert tiers(everybody="911", after_surgery="911", after_shot="911") == {"": "911"}
    assert tiers(everybody="today", after_surgery="911", after_shot="today") == {
        "": "today",
        "op": "911",
        "shot": "today",
    }
    assert tiers(everybody="today", after_shot="days") == {
        "": "today",
        "op": "today",
        "shot": "days",
    }
    assert tiers(after_surgery="today", after_shot="911") == {
        "": "911",
        "op": "today",
        "shot": "911",
    }
    assert tiers(opioids="today") == {}


def test_conditions_take_answers_signs_and_what_they_have_in_common() -> None:
    tool = TOOLS["next-step"]
    told = next(rule for rule in tool.safety.rules if rule.name == "G5")
    assert told.when.all_of[0] == (Literal("setting", "op"),)
    assert Literal("legs", "weak", without=("op", "shot")) in told.when.all_of[1]
    assert Literal("legs", "oldweak", settings=("op",)) in told.when.all_of[1]
    emergency = tool.safety.rules[0].when.all_of[0]
    assert Literal("legs", "weak", settings=("op", "shot")) in emergency
    assert Literal("life", "selfharm") not in emergency
    clot = next(line for line in tool.outcomes["TODAY"].body if "Do not rub" in line.text.text)
    assert clot.shown_if.all_of == ((Literal("after", "calf"), Literal("soon", "calf")),)


# -- mistakes -------------------------------------------------------------------------------------

# file, what stands there, what stands there instead, what is told, lines further down
EDITS: list[tuple[str, str, str, str, int]] = [
    # answers and signs
    ("safety", "sign: saddle", "sign: sadle", "there is no sign 'sadle'", 0),
    ("safety", "{sign: saddle}", "{sign: saddle, text: x}", "a text and a sign, or neither", 0),
    ("safety", "{sign: saddle}", "{id: saddle}", "has a text and a sign, or neither", 0),
    ("safety", "{sign: saddle}", "{sign: saddle, tier: today}", "has a sign and a 'tier'", 0),
    ("safety", "{sign: saddle}", "{sign: saddle, ride: never}", "has a sign and a 'ride'", 0),
    ("safety", "{sign: saddle}", "{sign: pee}", "the answer 'pee' is there twice", 1),
    ("safety", "{sign: saddle}", "saddle", "the answer is not made of fields", 0),
    ("safety", "{id: op,", "{id: op, clock: hours,", "a clock or a ride, but no tier", 0),
    ("safety", "{id: op,", "{id: op, tier: 912,", "'912' is not one of the words", 0),
    ("safety", "{id: op,", "{id: op, flag: emergency,", "the answer has no field 'flag'", 0),
    ("safety", "clock: hours, ride: ok, text", "clock: soon, text", "'soon' is not one of", 0),
    ("safety", "{id: a18,", "{id: a18, exclusive: true,", "is exclusive in a question of type", 0),
    (
        "safety",
        "{id: none, exclusive: true",
        "{id: none",
        "'none' of 'life' does not stand alone",
        0,
    ),
    ("safety", "note: old}", "note: olde}", "there is no note 'olde'", 0),
    ("safety", "note: old}", "note: slip}", "there is no note 'slip'", 0),
    # questions, and when they are in view
    ("safety", "  - id: pelvis", "  - id: life", "the question 'life' is there twice", 0),
    ("safety", "type: many", "type: some", "'some' is not one of the words", 0),
    ("safety", "    type: one\n", "    type: one\n    to_bring: true\n", "is to bring, in", -1),
    (
        "safety",
        "if: {setting: [op, shot]}",
        "if: {seting: [op]}",
        "'seting' is not asked before",
        0,
    ),
    ("safety", "if: {setting: [op, shot]}", "if: {setting: [opp]}", "no answer 'setting.opp'", 0),
    ("safety", "if: {setting: [op, shot]}", "if: {setting: []}", "names no answer of 'setting'", 0),
    ("safety", "if: {setting: [op, shot]}", "if: {legs: [weak]}", "'legs' is not asked before", 0),
    ("safety", "if: {setting: [op, shot]}", "if: setting", "has no fields of its own", 0),
    ("safety", "show_if: {setting: [op, shot]}", "show: {}", "has no field 'show'", 0),
    (
        "safety",
        "hide_if: {after: [shotnumb]}",
        "hide_if: {after: [shot]}",
        "no answer 'after.shot'",
        0,
    ),
    # rules of the safety part
    ("safety", "[[tier.911]]", "[[tier.912]]", "there is no answer 'tier.912'", 0),
    ("safety", "[[tier.911]]", "[[]]", "the condition names no answer", 0),
    ("safety", "[[tier.911]]", "[]", "the rule has no condition", 0),
    ("safety", "all: [[tier.911]], ", "", "the rule has no condition", 0),
    ("safety", "[life.selfharm]", "[life.selfharn]", "no answer 'life.selfharn'", 0),
    ("safety", "pairs: true,", "pairs: true, all: [[wake]],", "'pairs' and answers of its own", 0),
    ("safety", "pairs: true,", "pairs: false,", "the rule has no condition", 0),
    ("safety", "name: G4", "name: G1", "the rule 'G1' is there twice", 0),
    ("safety", "name: G4", "name: K1", "the rule 'K1' is there twice", 0),
    ("safety", "name: G5, after: soon", "name: G5, after: son", "there is no question 'son'", 0),
    (
        "safety",
        "name: G5, after: soon",
        "name: G5, after: who",
        "counts before the one above it",
        1,
    ),
    ("safety", "outcome: TOLD}", "outcome: TOLED}", "there is no result 'TOLED'", 0),
    ("safety", ", outcome: TOLD}", "}", "the rule has no 'outcome'", 0),
    (
        "safety",
        "[[setting.told]], outcome: TOLD",
        "[[who.kid]], outcome: DAYS",
        "leads to 'TOLD'",
        98,
    ),
    ("safety", "all: [[who.kid]]", "all: [[kid]]", "there is no answer 'kid'", 0),
    ("safety", "all: [[who.kid]]", "when: {who: [kid]}", "the rule has no field 'when'", 0),
    # results and their lines
    ("safety", "[clock.hours]", "[clock.hour]", "there is no answer 'clock.hour'", 0),
    ("safety", "if: [wake]", "if: [wakes]", "there is no answer 'wakes'", 0),
    ("safety", "if: [wake]", "if: [wake, wake]", "the answer 'wake' is there twice", 0),
    ("safety", "if: [wake]", "if: []", "the condition names no answer", 0),
    ("safety", "if: [wake]", "iff: [wake]", "the line has no field 'iff'", 0),
    ("safety", "unless: [ride.never]", "unless: [ride.newer]", "no answer 'ride.newer'", 0),
    ("safety", "use: when-911", "use: when-912", "there is no line 'when-912'", 0),
    ("safety", "- use: when-911", "- {use: when-911, text: x}", "'text' and 'use', or neither", 0),
    ("safety", "  when-911:", "  When 911:", "'When 911' is not a name", 0),
    ("safety", "use: when-911", 'text: "{fact nothing}"', "there is no fact 'nothing'", 0),
    (
        "safety",
        "[when-to-get-help]",
        "[when-to-get-hepl]",
        "there is no page 'when-to-get-hepl'",
        0,
    ),
    ("safety", "links: [when-to-get-help]\n", "offer: [x]\n    links: []\n", "offers choices", -16),
    ("safety", "    tier: today\n", "    tier: tody\n", "'tody' is not one of the words", 0),
    ("safety", "    tier: today\n", "", "the result 'TODAY' has no 'tier'", 0),
    ("safety", "  EMERGENCY:\n", "  emergency:\n", "is not the name of a result", 0),
    ("safety", "with_notes: true", "with_notes: yes", "'yes' is neither true nor false", 0),
    ("safety", "open_questions:", "open_question:", "has no field 'open_question'", 0),
    # a tool's own
    ("next-step", "tool: next-step", "tool: next-stop", "holds the tool 'next-stop'", 0),
    ("next-step", "include: safety", "include: nothing", "is not one of the words", 0),
    ("next-step", "include: safety\n", "", "the tool has no 'include'", -5),
    ("next-step", "disclaimer:", "disclaimed:", "has no field 'disclaimed'", 0),
    ("next-step", "{place: [feet]}", "{plaice: [feet]}", "'plaice' is not asked before this", 0),
    ("next-step", "{place: [feet]}", "{place: [feat]}", "there is no answer 'place.feat'", 0),
    ("next-step", "{place: [feet]}", "{place: []}", "names no answer of 'place'", 0),
    ("next-step", "{place: [feet]}", "{place: [feet, feet]}", "'place.feet' is there twice", 0),
    ("next-step", "{legs: [numb], ", "{legs: [num], ", "there is no answer 'legs.num'", 0),
    ("next-step", "when: {place: [feet]}", "all: [[place.feet]]", "the rule has no field 'all'", 0),
    ("next-step", "when: {place: [feet]}", "when: [place]", "has no fields of its own", 0),
    ("next-step", "name: N5", "name: N4", "the rule 'N4' is there twice", 0),
    ("next-step", "name: N5", "name: G4", "the rule 'G4' is there twice", 0),
    ("next-step", "name: N5", "after: time", "the rule has no field 'after'", 0),
    ("next-step", "outcome: FEET", "outcome: FEAT", "the tool has no result 'FEAT' of its own", 0),
    ("next-step", "outcome: FEET", "outcome: TODAY", "has no result 'TODAY' of its own", 0),
    ("next-step", "when: {}", "when: {limit: [lot]}", "no rule is for all the rest", 0),
    ("next-step", "  - id: place", "  - id: legs", "'legs' is in the safety part too", 0),
    ("next-step", "  WALK:", "  YOUNG:", "the result 'YOUNG' is in the safety part too", 0),
    ("next-step", "{id: back,", "{id: back, tier: today,", "is for the safety part", 0),
    ("next-step", "{id: back,", "{sign: calf}\n      - {id: back,", "is for the safety part", 0),
    ("next-step", "{id: back,", "{sign: sleepier}\n      - {id: back,", "for the safety part", 0),
    ("next-step", "{id: back,", "{id: back, hide_if: {setting: [op]},", "for the safety part", 0),
    (
        "next-step",
        "  - id: time\n",
        "  - id: time\n    hide_if: {place: [leg]}\n",
        "not always in",
        0,
    ),
    ("next-step", "  - id: time\n", "  - id: time\n    to_bring: true\n", "marked 'to_bring'", 28),
    ("next-step", "{id: back,", "{id: back, note: slip,", "there is no note 'slip'", 0),
    ("next-step", "  FEET:\n    tier: visit", "  FEET:", "the result 'FEET' has no 'tier'", 1),
    ("next-step", "  FEET:\n", "  FEET:\n    level: info\n", "has no field 'level'", 1),
    ("next-step", "Less than 6 weeks", "{no-claim 6 weeks}", "as no claim without a reason", 0),
    ("options", "use: next-step.time", "use: next-stap.time", "there is no tool 'next-stap'", 0),
    ("options", "use: next-step.time", "use: next-step.tim", "has no question 'tim' of its own", 0),
    ("options", "use: next-step.time", "use: safety.life", "there is no tool 'safety'", 0),
    ("options", "use: next-step.time", "use: get-ready.main", "has no question 'main' of its", 0),
    ("options", "use: next-step.time", "use: options.main", "'main' is there twice", -7),
    ("options", "- use: next-step.time", "- {use: next-step.time, text: x}", "no field 'text'", 0),
    ("options", "  - use: next-step.time\n", "", "'time' is not asked before this", 12),
    ("options", ", exclusive: true", "", "'none' of 'tried' does not stand alone", 0),
    (
        "options",
        '"None of these yet"',
        '"N"}\n      - {id: x, text: X',
        "does not end with a way",
        -9,
    ),
    ("options", "offer: [drugs, active, pt", "offer: [drags, active, pt", "no choice 'drags'", 0),
    ("options", "offer: [drugs, active,", "offer: [drugs, drugs,", "'drugs' is there twice", 0),
    (
        "options",
        "page: watch-and-wait",
        "page: watch-and-see",
        "there is no page 'watch-and-see'",
        0,
    ),
    ("options", "kind: wait", "kind: waiting", "is not one of the words", 0),
    ("options", "    less_good: ", "    bad: ", "the choice 'wait' has no field 'bad'", 0),
    ("get-ready", "note: slip", "note: slipp", "there is no note 'slipp'", 0),
    ("get-ready", "note: [smoke, weight]", "note: [smoke, wait]", "there is no note 'wait'", 0),
    ("get-ready", "  smoke:\n", "  Smoke:\n", "'Smoke' is not a name", 0),
    ("get-ready", "  smoke:\n", "  old:\n", "the note 'old' is in the safety part too", 0),
    (
        "get-ready",
        "  items:\n",
        "  items: []\n  things:\n",
        "the list for the visit has no lines",
        -1,
    ),
    ("get-ready", "standing_list:", "standing_lists:", "has no field 'standing_lists'", 0),
]


@pytest.mark.parametrize(("name", "old", "new", "message", "below"), EDITS)
def test_a_mistake_is_told_at_its_line(
    name: str, old: str, new: str, message: str, below: int
) -> None:
    text = TEXTS[name]
    assert old in text
    tools, problems = read({**TEXTS, name: text.replace(old, new, 1)})
    assert name not in tools
    assert tools == {} or name != "safety"
    found = [p for p in problems if message in p.message]
    assert found, [p.message for p in problems]
    line = text[: text.index(old)].count("\n") + 1
    assert found[0].line == line + below
    assert found[0].path == f"{FOLDER}{name}.yaml"
    assert all(p.rule == "tool" and p.severity == "error" and p.hint for p in problems)


@pytest.mark.parametrize(
    ("name", "old", "new", "hint"),
    [
        ("safety", "sign: saddle", "sign: sadle", "Did you mean 'saddle'?"),
        ("safety", "outcome: TOLD}", "outcome: TOLED}", "Did you mean 'TOLD'?"),
        ("safety", "if: [wake]", "if: [wakes]", "Did you mean 'wake'?"),
        ("safety", "[clock.hours]", "[clock.hour]", "Did you mean 'clock.hours'?"),
        ("safety", "[[tier.911]]", "[[tier.912]]", "Did you mean 'tier.911'?"),
        ("safety", "all: [[who.kid]]", "all: [[kid]]", "Did you mean 'who.kid'?"),
        ("next-step", "{place: [feet]}", "{place: [feat]}", "Did you mean 'place.feet'?"),
        ("options", "use: next-step.time", "use: next-stap.time", "Did you mean 'next-step'?"),
    ],
)
def test_the_hint_names_what_was_meant(name: str, old: str, new: str, hint: str) -> None:
    _, problems = read({**TEXTS, name: TEXTS[name].replace(old, new, 1)})
    assert problems[0].hint == hint


def test_a_mistake_in_a_pair_is_told_where_the_pairs_stand() -> None:
    text = (PROJECT / "content/emergency.yaml").read_text()
    known, guard, _ = known_from(
        file("content/emergency.yaml", text.replace("[after.head]", "[x]"))
    )
    files = [file(f"{FOLDER}{name}.yaml") for name in TEXTS]
    tools, problems = parse_tools(files, known, guard, PAGES)
    assert tools == {}
    (found,) = (p for p in problems if p.severity == "error")
    assert (found.path, found.message) == ("content/emergency.yaml", "there is no answer 'x'")
    assert found.line == text[: text.index("  k5:")].count("\n") + 1


def test_all_mistakes_are_told_at_once() -> None:
    text = TEXTS["next-step"]
    for old, new in (
        ("[feet]", "[feat]"),
        ("[bend]", "[band]"),
        ("id: limit\n", "id: limit\n    x: y\n"),
    ):
        assert old in text
        text = text.replace(old, new, 1)
    _, problems = read({**TEXTS, "next-step": text})
    assert len({p.line for p in problems}) == 3


def test_of_a_file_that_is_no_yaml_only_that_is_told() -> None:
    text = TEXTS["next-step"].replace('"In the back"', '"In the back', 1)
    _, problems = read({**TEXTS, "next-step": text})
    assert {p.line for p in problems if p.path.endswith("next-step.yaml")} == {19}


def test_a_tool_that_is_left_out_is_not_told_of_again() -> None:
    """The policy names answers that only this tool asks."""
    texts = {**TEXTS, "next-step": TEXTS["next-step"].replace("outcome: FEET", "outcome: FEAT")}
    files = [file(f"{FOLDER}{name}.yaml", text) for name, text in texts.items()]
    tools, problems = load_verified_tools(files, STANDARD, PAGES)
    assert set(tools) == {"options", "get-ready"}
    assert [p.line for p in problems if p.rule in {"tool", "tool-safety"}] == [55]


def test_a_faulty_safety_part_leaves_no_tool_standing() -> None:
    tools, problems = read({**TEXTS, "safety": TEXTS["safety"].replace("sign: wake", "sign: wke")})
    assert tools == {}
    assert {p.path for p in problems} == {f"{FOLDER}safety.yaml"}


def test_a_tool_needs_a_safety_part() -> None:
    tools, _ = read({"next-step": TEXTS["next-step"]})
    assert tools == {}


@pytest.mark.parametrize("text", ["", "- a", "x", "questions: {}", "rules: x\noutcomes: [a]"])
@pytest.mark.parametrize("name", ["safety", "next-step"])
def test_nothing_that_is_no_tool_breaks_the_reader(name: str, text: str) -> None:
    tools, problems = read({**TEXTS, name: text})
    assert name not in tools
    assert problems


def test_what_yaml_makes_of_it_is_the_same() -> None:
    tools, problems = read({name: as_text(DATA[name]) for name in TEXTS})
    assert problems == []
    assert {n: [q.id for q in t.questions] for n, t in tools.items()} == {
        n: [q.id for q in t.questions] for n, t in TOOLS.items()
    }


# -- any input ------------------------------------------------------------------------------------

ODD: list[Any] = [
    "",
    "none",
    "911",
    "tier.911",
    "life",
    "use",
    [],
    {},
    [[]],
    [{}],
    {"x": "y"},
    None,
]


def places(value: Any, where: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where each value stands in data."""
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    if not isinstance(value, dict | list):
        return [where]
    return [where, *(p for key, each in inner for p in places(each, (*where, key)))][
        bool(not where) :
    ]


PLACES = {name: places(DATA[name]) for name in TEXTS}


@st.composite
def damaged(draw: st.DrawFn) -> dict[str, str]:
    """The files, with values taken out, doubled, moved or replaced by odd ones."""
    name = draw(st.sampled_from(sorted(TEXTS)))
    data = deepcopy(DATA[name])
    for _ in range(draw(st.integers(1, 3))):
        *way, last = draw(st.sampled_from(PLACES[name]))
        parent = data
        try:
            for key in way:
                parent = parent[key]
            kind = draw(st.sampled_from(["remove", "odd", "move", "rename"]))
            if kind == "remove":
                del parent[last]
            elif kind == "odd":
                parent[last] = deepcopy(draw(st.sampled_from(ODD)))
            elif kind == "move":
                parent[last] = deepcopy(parent[draw(st.sampled_from(list(range(len(parent)))))])
            else:
                parent[draw(st.text("abe-_ .", max_size=3))] = parent.pop(last)
        except (KeyError, IndexError, TypeError, AttributeError):
            continue  # it is gone already
    return {**{n: TEXTS[n] for n in TEXTS}, name: as_text(data)}


def assert_told(texts: dict[str, str]) -> None:
    """No traceback, and each problem has a line of its file; tools that are left work."""
    files = [file(f"{FOLDER}{name}.yaml", text) for name, text in texts.items()]
    tools, problems = parse_tools(files, KNOWN, GUARD, PAGES)
    for each in problems:
        ours = each.path.removeprefix(FOLDER).removesuffix(".yaml")
        lines = texts[ours].count("\n") + 1 if ours in texts else 10_000
        assert 0 <= each.line <= lines, each
        assert each.message
        assert each.hint or each.severity == "advice", each
    assert len(tools) == len(NAMES) or any(p.severity == "error" for p in problems)
    for tool in tools.values():
        evaluate(tool, {"life": frozenset({"none"}), "setting": frozenset({"op"})})


@given(damaged())
def test_no_damage_breaks_the_reader(texts: dict[str, str]) -> None:
    assert_told(texts)


@given(st.sampled_from(sorted(TEXTS)), st.data())
def test_no_torn_text_breaks_the_reader(name: str, data: st.DataObject) -> None:
    lines = TEXTS[name].split("\n")
    at = data.draw(st.integers(0, len(lines) - 1))
    column = data.draw(st.integers(0, len(lines[at])))
    put = data.draw(
        st.sampled_from(["", " ", "\t", "[", "}", '"', ": ", "- ", "#", "\n", "&a ", "*a", "\x00"])
    )
    lines[at] = lines[at][:column] + put + lines[at][column + data.draw(st.integers(0, 3)) :]
    assert_told({**TEXTS, name: "\n".join(lines)})


# -- what they are held against -------------------------------------------------------------------

EMERGENCY = (PROJECT / "content/emergency.yaml").read_text()


def test_the_policy_is_read_whole_and_knows_its_lines() -> None:
    _, guard, problems = known_from(file("content/emergency.yaml"))
    assert problems == []
    assert list(guard.questions) == SAFETY_QUESTIONS
    assert [pair.name for pair in guard.pairs] == [f"k{n}" for n in range(1, 8)]
    lines = EMERGENCY.split("\n")
    parts: list[Any] = [*guard.pairs, *guard.requirements]
    for part in (*parts, *guard.says.values(), *guard.surgery.values()):
        assert lines[part.line - 1] == f"  {part.name}:"
    assert set(guard.surgery) == {"options", "get-ready"}
    assert len(guard.guarded) > 15
    keys = yaml.load(EMERGENCY, yaml.BaseLoader)
    assert len(guard.requirements) == len(keys["requirements"])
    assert set(guard.says) == set(keys["says"])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("    at_least: today\n", "    at_least: later\n", "is not one of the words"),
        ("    only: [EMERGENCY]\n", "    only: [emergency]\n", "is not the name of a result"),
        ("    when: [[setting.told]]\n", "    wen: [[setting.told]]\n", "has no field 'wen'"),
        ('    why: "A doctor said not to wait."\n', "", "has no 'why'"),
        ("    all: [[after.fever], [after.head]]\n", "", "has no 'all'"),
        ("  DAYS:\n    tier: days\n", "  DAYS:\n    tier: soon\n", "is not one of the words"),
        ("    links: none\n", "    links: no\n", "is not one of the words"),
        ("routes: [find-a-doctor]", "routes: [Find a doctor]", "is not a name"),
        ("      main: [leg, both]\n", "      main: {leg: both}\n", "is"),
    ],
)
def test_what_tools_are_held_against_cannot_crumble_unseen(
    old: str, new: str, message: str
) -> None:
    assert old in EMERGENCY
    at = EMERGENCY[: EMERGENCY.index(old)].count("\n") + 1
    _, _, problems = known_from(file("content/emergency.yaml", EMERGENCY.replace(old, new, 1)))
    found = [p for p in problems if message in p.message]
    assert found, problems
    assert any(at - 12 <= p.line <= at + 1 for p in found)
    assert all(RULES[p.rule].fixed and p.severity == "error" and p.line and p.hint for p in found)


# -- the documents --------------------------------------------------------------------------------

DOCUMENT = (PROJECT / "docs/tools.md").read_text()
CODE = PROJECT / "sitebuilder/clinical/decision_tools"


def test_the_document_tells_every_field_and_module() -> None:
    fields = {
        *parse.SAFETY_FIELDS,
        *parse.TOOL_FIELDS,
        *parse_questions.QUESTION_FIELDS,
        *parse_questions.OPTION_FIELDS,
        *parse_parts.RULE_FIELDS,
        *parse_parts.SAFETY_RULE_FIELDS,
        *parse_parts.OUTCOME_FIELDS,
        *parse_parts.LINE_FIELDS,
        *safety_policy.POLICY_FIELDS,
        *safety_policy.REQUIREMENT_FIELDS,
        *("pairs", "requirements", "lines", "says", "surgery", "signs", "lists"),
        *(path.stem for path in CODE.glob("[a-z]*.py")),
    }
    assert [name for name in sorted(fields) if f"`{name}`" not in DOCUMENT] == []
    shown = {*parse_parts.NOTE_FIELDS, *parse_parts.LIST_FIELDS, *parse_parts.CHOICE_FIELDS}
    assert [name for name in sorted(shown) if f"    {name}:" not in DOCUMENT] == []


def test_every_invariant_has_its_number_and_what_enforces_it() -> None:
    table = (PROJECT / "docs/tool-invariants.md").read_text()
    rows = dict(re.findall(r"^\| ([SI]\d+) \|(.*)$", table, re.MULTILINE))
    assert {f"S{number}" for number in range(1, 34)} <= set(rows)
    assert table.count("\n| S") + table.count("\n| I") == len(rows)
    for path in CODE.glob("*.py"):
        said = re.findall(r"\b[SI]\d{1,2}\b", path.read_text())
        assert set(said) <= set(rows), path.name
    for name, row in rows.items():
        by = row.split("|")[1]
        assert re.match(r" (build|test|by construction)", by), name
        for file_name in re.findall(r"`([\w/]+\.py)`", by):
            places = (CODE, PROJECT / "sitebuilder", PROJECT / "tests")
            assert any((place / file_name).exists() for place in places), file_name
    names = [*(r.name for r in GUARD.requirements), *(line.name for line in GUARD.lines)]
    assert {name.partition("-")[0].upper() for name in names} <= set(rows)
