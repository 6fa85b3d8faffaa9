"""Tools are read whole, and each mistake in their files is told with its line."""

from __future__ import annotations

import pytest
from conftest import PROJECT
from tool_kit import DATA, FOLDER, NAMES, TEXTS, TOOLS, as_text, file, known_from, read

from sitebuilder.core.decision_tool import Option
from sitebuilder.core.problems import RULES


def test_every_tool_has_the_safety_part_first() -> None:
    assert tuple(sorted(TOOLS)) == tuple(sorted(NAMES))
    for tool in TOOLS.values():
        assert [q.id for q in tool.questions[: tool.safety_count]] == [
            *("now", "soon", "age", "pregnant", "recentop")
        ]
        assert tool.questions[0].path == f"{FOLDER}safety.yaml"
        assert tool.own_questions[0].path == tool.path == f"{FOLDER}{tool.name}.yaml"
        assert list(tool.outcomes)[:2] == ["EMERGENCY", "URGENT"]


def test_parts_know_their_line_and_signs_take_their_one_wording() -> None:
    lines = TEXTS["safety"].split("\n")
    saddle = TOOLS["options"].question("now").option("saddle")
    assert isinstance(saddle, Option)
    assert "id: saddle" in lines[saddle.line - 1]
    assert saddle.text.text.startswith("New or worse numbness")
    assert saddle.text.runs[0].origin == "sign"
    own = TEXTS["options"].split("\n")
    for rule in TOOLS["options"].rules:
        assert rule.outcome in own[rule.line - 1]
    for choice in TOOLS["options"].catalog.values():
        assert own[choice.line - 1].strip() == f"{choice.name}:"
        assert own[choice.good.line - 1].strip().startswith("good:")
    with pytest.raises(KeyError):
        TOOLS["options"].question("nobody")
    with pytest.raises(KeyError):
        TOOLS["options"].question("now").option("nobody")


def test_figures_are_put_in_from_facts() -> None:
    tool = TOOLS["options"]
    text = tool.catalog["pt"].less_good
    assert text.text == "In that trial, 57 in 100 went on to have surgery."
    assert [run.origin for run in text.runs] == ["page", "fact", "page"]
    assert text.runs[2].line == tool.catalog["pt"].line + 5
    assert {"therapy-crossed", "small-open-same", "other-care-weeks"} <= set(tool.facts)
    asked = tool.question("time").option("under6").text
    assert [run.origin for run in asked.runs] == ["page", "no-claim"]
    column = TEXTS["options"].split("\n")[asked.line - 1].index("{no-claim") + 1
    assert asked.runs[1].column == column


EDITS = [
    # file, what stands there, what stands there instead, what is told
    ("safety", "sign: saddle", "sign: sadle", "there is no sign 'sadle'"),
    ("safety", "sign: saddle}", "sign: saddle, text: x}", "has a text and a sign, or neither"),
    ("safety", ", sign: saddle}", "}", "has a text and a sign, or neither"),
    ("safety", "stop: YOUNG", "stop: YONG", "there is no result 'YONG'"),
    ("safety", "{id: saddle,", "{id: bladder,", "the answer 'bladder' is there twice"),
    ("safety", "stop: YOUNG,", "stop: YOUNG, exclusive: true,", "is exclusive in a question of"),
    ("safety", "  - id: soon", "  - id: now", "the question 'now' is there twice"),
    ("safety", "stop: YOUNG,", "stop: YOUNG, flag: urgent,", "has a flag and a stop"),
    ("safety", "flag: emergency, sign: sex", "flag: amber, sign: sex", "is not one of the words"),
    ("safety", "links: [when-to-get-help]", "links: [when-to-get-hepl]", "there is no page"),
    ("safety", "  URGENT:", "  URGENTS:", "has no result 'URGENT'"),
    ("safety", "  EMERGENCY:\n", "  emergency:\n", "is not the name of a result"),
    ("safety", "type: many", "type: some", "is not one of the words"),
    ("next-step", "tool: next-step", "tool: next-stop", "holds the tool 'next-stop'"),
    ("next-step", "include: safety", "include: nothing", "is not one of the words"),
    ("next-step", "include: safety\n", "", "the tool has no 'include'"),
    ("next-step", "disclaimer:", "disclaimed:", "has no field 'disclaimed'"),
    ("next-step", "when: {place: [numb]}", "when: {plaice: [numb]}", "the question 'plaice'"),
    ("next-step", "when: {place: [numb]}", "when: {now: [none]}", "the question 'now', which"),
    ("next-step", "when: {place: [numb]}", "when: {place: [nub]}", "has no answer 'nub'"),
    ("next-step", "when: {place: [numb]}", "when: {place: []}", "names no answer of 'place'"),
    ("next-step", "place: [numb]", "place: [numb, numb]", "the answer 'numb' is there twice"),
    ("next-step", "when: {place: [numb]}", "when: {tried: [pt]}", "marked 'to_bring'"),
    ("next-step", "outcome: SEE_SOON", "outcome: SEE_SON", "no result 'SEE_SON' of its own"),
    ("next-step", "outcome: SEE_SOON", "outcome: URGENT", "no result 'URGENT' of its own"),
    ("next-step", "when: {}", "when: {limit: [lot]}", "no rule is for all the rest"),
    ("next-step", "  - id: place", "  - id: soon", "the question 'soon' is in the safety part too"),
    ("next-step", "  WALK:", "  YOUNG:", "the result 'YOUNG' is in the safety part too"),
    ("next-step", "level: info", "level: urgent", "has a level that is for the safety part"),
    ("next-step", "{id: back,", "{id: back, flag: urgent,", "is for the safety part"),
    ("next-step", "{id: back,", "{id: back, stop: YOUNG,", "is for the safety part"),
    (
        "next-step",
        "{no-claim 6 weeks | a choice of answer}",
        "{value nothing}",
        "no fact 'nothing'",
    ),
    ("next-step", "{no-claim 6 weeks | a choice of answer}", "{value glp1-change}", "has no value"),
    ("next-step", " | a choice of answer}", "}", "is marked as no claim without a reason"),
    ("next-step", ", exclusive: true", "", "does not stand alone"),
    (
        "next-step",
        "{id: none, exclusive: true",
        "{id: no, exclusive: false",
        "does not stand alone",
    ),
    (
        "next-step",
        '"None of these yet"',
        '"Nothing"}\n      - {id: x, text: X',
        "does not end with",
    ),
    ("next-step", "  SEE_SOON:\n    level: clinician", "  SEE_SOON:", "has no 'level'"),
    ("options", "offer: [active, pt, drugs, wait]", "offer: [actve, wait]", "no choice 'actve'"),
    ("options", "offer: [active,", "offer: [active, active,", "the choice 'active' is there twice"),
    ("options", "page: watch-and-wait", "page: watch-and-see", "there is no page 'watch-and-see'"),
    ("options", "kind: wait", "kind: waiting", "is not one of the words"),
    ("options", "facts: [first-care]", "facts: [first-car]", "there is no fact 'first-car'"),
    ("options", "    less_good: ", "    bad: ", "has no field 'bad'"),
    ("get-ready", "note: smoke", "note: smok", "there is no note 'smok'"),
    ("get-ready", "  smoke:\n", "  Smoke:\n", "'Smoke' is not a name"),
]


@pytest.mark.parametrize(("name", "old", "new", "message"), EDITS)
def test_a_mistake_is_told_at_its_line(name: str, old: str, new: str, message: str) -> None:
    text = TEXTS[name]
    assert old in text
    changed = text.replace(old, new, 1)
    tools, problems = read({**TEXTS, name: changed})
    assert name not in tools
    found = [p for p in problems if message in p.message]
    assert found, [p.message for p in problems]
    assert all(p.rule == "tool" and p.hint and p.path == f"{FOLDER}{name}.yaml" for p in found)
    at = text[: text.index(old)].count("\n") + 1
    if "twice" in message:  # told at the second of the two
        assert any(at <= p.line <= at + 16 for p in found), (at, found)
    elif "does not end" in message or "has no '" in message:  # told of the whole
        assert found[0].line <= at + 1
    else:
        assert {p.line for p in found} & {at, 1}, (at, found)


def test_all_mistakes_are_told_at_once() -> None:
    text = TEXTS["next-step"]
    for old, new in (("[numb]", "[nub]"), ("[walk]", "[wok]"), ("type: many", "type: sum")):
        text = text.replace(old, new, 1)
    _, problems = read({**TEXTS, "next-step": text})
    assert len({p.line for p in problems}) >= 3


def test_a_faulty_safety_part_leaves_no_tool_standing() -> None:
    tools, problems = read({**TEXTS, "safety": TEXTS["safety"].replace("sign: sex", "sign: sx")})
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
    tools, problems = read({name: as_text(data) for name, data in DATA.items()})
    assert problems == []
    assert {n: [q.id for q in t.questions] for n, t in tools.items()} == {
        n: [q.id for q in t.questions] for n, t in TOOLS.items()
    }


# -- what they are held against -------------------------------------------------------------------

EMERGENCY = (PROJECT / "content/emergency.yaml").read_text()


def test_gates_keep_their_order_and_know_their_line() -> None:
    _, guard, problems = known_from(file("content/emergency.yaml"))
    assert problems == []
    assert [gate.name for gate in guard.gates] == ["now", "soon", "age", "pregnant", "recentop"]
    lines = EMERGENCY.split("\n")
    assert all(lines[gate.line - 1] == f"  {gate.name}:" for gate in guard.gates)
    assert set(guard.surgery) == {"options", "get-ready"}
    assert len(guard.guarded) > 15


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("    signs: emergency\n", "    signs: emergencies\n", "there is no list 'emergencies'"),
        ("leads_to: YOUNG", "leads_to: OLD", "nothing says what 'OLD' has to say"),
        ("leads_to: YOUNG", "leads: YOUNG", "has no field 'leads'"),
        ("    level: urgent\n", "    level: later\n", "is not one of the words"),
        ("routes: [find-a-doctor]", "routes: [Find a doctor]", "is not a name"),
    ],
)
def test_what_tools_are_held_against_cannot_crumble_unseen(
    old: str, new: str, message: str
) -> None:
    assert old in EMERGENCY
    text = EMERGENCY.replace(old, new, 1)
    _, _, problems = known_from(file("content/emergency.yaml", text))
    assert any(message in p.message for p in problems)
    assert all(RULES[p.rule].fixed and p.severity == "error" and p.line for p in problems)
