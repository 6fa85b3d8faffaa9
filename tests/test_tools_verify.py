"""The proof: our tools pass it in time, and it finds what is wrong, with the shortest answers."""

from __future__ import annotations

import time

import pytest
from conftest import PROJECT, build
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from test_tools_evaluate import small_tools, states_of
from tool_kit import FOLDER, GUARD, KNOWN, NAMES, STANDARD, TEXTS, TOOLS, file, known_from, read

from sitebuilder.clinical.decision_tools.answers import resolve_group
from sitebuilder.clinical.decision_tools.check_emergency import check_same_start
from sitebuilder.clinical.decision_tools.check_requirements import check_requirements
from sitebuilder.clinical.decision_tools.counterexample import Counterexamples
from sitebuilder.clinical.decision_tools.decision_diagram import class_lines
from sitebuilder.clinical.decision_tools.evaluate import count_ticks, evaluate, holds
from sitebuilder.clinical.decision_tools.form_model import FormModel
from sitebuilder.clinical.decision_tools.symbolic import Diagrams
from sitebuilder.clinical.decision_tools.verify import VerificationContext, verify_all, verify_tool
from sitebuilder.core.decision_tool import Condition, Tool
from sitebuilder.core.problems import Problem
from sitebuilder.core.safety_policy import Requirement, SafetyPolicy

EMERGENCY = (PROJECT / "content/emergency.yaml").read_text()


def proven(name: str, old: str = "", new: str = "", at: str = "") -> list[Problem]:
    """What the proof says of all tools after one change in the file `name`."""
    assert old in TEXTS[name]
    start = TEXTS[name].index(at) if at else 0
    changed = TEXTS[name][:start] + TEXTS[name][start:].replace(old, new, 1)
    tools, problems = read({**TEXTS, name: changed})
    assert problems == []
    return verify_all(tools, STANDARD)


def told(problems: list[Problem]) -> list[str]:
    return [f"{p.path.removeprefix(FOLDER)}:{p.line} {p.rule}: {p.message}" for p in problems]


# -- our own --------------------------------------------------------------------------------------


def test_our_tools_are_proven_in_two_seconds() -> None:
    tools, problems = read(TEXTS)
    start = time.process_time()
    assert [*problems, *verify_all(tools, STANDARD)] == []
    assert time.process_time() - start < 2


def test_the_number_of_states_is_told() -> None:
    counts = {name: verify_tool(TOOLS[name], STANDARD).state_count for name in NAMES}
    for name, count in counts.items():
        expected = 1
        for question in TOOLS[name].questions:
            size = len(question.options)
            expected *= size + 1 if question.type == "one" else 2**size
        assert count == expected > 10**23


def test_check_runs_the_proof() -> None:
    found = [p for p in build(PROJECT).problems if p.path.startswith(FOLDER)]
    assert not [p for p in found if p.rule in {"tool", "tool-safety", "tool-unreachable"}]


def names_of(written: str) -> set[str]:
    return {f"{one.question}.{one.option}" for one in resolve_group(QUESTIONS, [written])}


QUESTIONS = TOOLS["options"].questions


def test_clocks_and_rides_are_those_of_the_specification() -> None:
    assert names_of("clock.hours") == {
        *("life.ask", "pelvis.unsure", "after.unsure", "legs.unsure", "soon.unsure"),
        *("soon.fever0", "soon.germs", "soon.needle", "legs.weak", "legs.pain2", "after.calf"),
        *(
            "soon.calf",
            "soon.scar",
            "after.fever",
            "after.wound",
            "after.head",
            "after.pain",
            "after.numbleg",
        ),
        *("after.bowel", "after.fall"),
    }
    assert names_of("ride.ok") == {
        *("pelvis.saddle", "pelvis.pee", "pelvis.leak", "legs.both", "legs.worse", "legs.weak"),
        *("pelvis.unsure", "pelvis.erect", "pelvis.recent"),
    }
    life = "breath wake stroke belly cold crash confused ill stiff gut selfharm unsure"
    assert names_of("ride.never") == {
        *(f"life.{name}" for name in life.split()),
        *("after.fierce", "after.bleed", "after.fever", "after.head"),
        *("soon.aorta", "soon.cordfast", "soon.fever0", "soon.germs", "soon.needle"),
    }


# -- the words of a problem -----------------------------------------------------------------------


def test_a_broken_requirement_is_told_with_its_rule_and_the_shortest_answers() -> None:
    rule = "{name: N4, when: {limit: [max]}, outcome: PAIN_SOON}"
    found = proven("next-step", f"  - {rule}\n")
    (one,) = [p for p in found if p.message.startswith("s8-max-next-step")]
    answers = 'life "None of these"; setting "None of these"; pelvis '
    assert f"Answers: {answers}" in one.message
    assert "it has to show a result no milder than 'days'" in one.message
    assert one.message.endswith('limit "So much that I cannot sleep, work or walk across a room"')
    shown = one.message.split("the form shows ")[1].split(";")[0]
    text = TEXTS["next-step"].replace(f"  - {rule}\n", "").split("\n")
    assert f"outcome: {shown}" in text[one.line - 1]
    assert "line" in one.hint


def test_a_rule_that_is_too_late_is_told_at_the_sign_or_at_what_shows_instead() -> None:
    found = proven(
        "safety", "  - {name: G1, all: [[tier.911]]", "  - {name: G1, all: [[legs.both]]"
    )
    (one,) = [p for p in found if "(S1)" in p.message]
    assert one.message == (
        "a sign that needs 911 shows no result, not EMERGENCY (S1). Answers: "
        'life "Chest pain, pain in the jaw or between the shoulder blades with a cold sweat, '
        'new trouble breathing, or coughing up blood"'
    )
    assert "sign: breath" in TEXTS["safety"].split("\n")[one.line - 1]


def test_surgery_too_early_is_told_with_the_way_there() -> None:
    rule = "  - {name: O10, when: {limit: [little]}, outcome: KEEP_ON}\n"
    found = proven("options", rule)
    early = [p for p in found if "T_STENOSIS offers surgery too early" in p.message]
    assert len(early) == 1
    assert "the condition 'limit'" in early[0].message
    assert 'limit "A little"' in early[0].message
    text = TEXTS["options"].replace(rule, "").split("\n")
    assert "outcome: T_STENOSIS" in text[early[0].line - 1]


# -- what emergency.yaml says ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("crisis: life.selfharm", "crisis: life.stiff", "not CRISIS (S30)"),
        ("crisis: life.selfharm", "crisis: life.harm", "'crisis' names the answer 'life.harm'"),
        ("[[after.fever], [after.head]]", "[[after.fever], [after.pain]]", "the pair 'k5'"),
        ("[[after.fever], [after.head]]", "[[after.fever], [after.pain]]", "(S2)"),
        (
            "after-surgery: op, after-shot: shot",
            "after-surgery: shot, after-shot: op",
            "another tier",
        ),
        ("asked_in: [pelvis]", "asked_in: [legs]", "does not ask for the sign 'old'"),
        ("asked_in: [pelvis]", "asked_in: [legs]", "which is not asked there"),
        ("    at_least: today", "    at_least: 911", "s7-told: the form shows"),
        ("when: [[setting.told]]", "when: [[setting.tolled]]", "'setting.tolled', which no tool"),
        ("only: [ARTERY]", "only: [ARTERIES]", "'ARTERIES', which no tool has"),
        ("with_notes: [RECENTOP, TOLD]", "with_notes: [RECENTOP]", "TOLD shows the notes"),
        ("with_notes: [RECENTOP, TOLD]", "with_notes: [RECENTOP, TODAY, TOLD]", "TODAY does not"),
        ("if: [wake]", "if: [wake, stroke]", "does not say 'call 911 first"),
        ("if: [wake]", "if: [confused]", "must not say 'call 911 first"),
        ("notes: [mood]", "notes: [alone]", "the note 'alone' does not say"),
        ("      limit: [some, lot, max]", "      limit: [lot, max]", "too early"),
        ("    needs:\n      scan: [pressure]", "    needs:\n      scan: [slip]", "too early"),
        ("  options:\n    only_if", "  chooser:\n    only_if", "no condition is given"),
        ("outcomes: [TALK, TALK_HELP]", "outcomes: [TALKS]", "the result 'TALKS'"),
        ("routes: [find-a-doctor]", "routes: [risks]", "no way to reach a person"),
        ("surgery_pages: [procedure, ", "surgery_pages: [", "its page is not"),
        ("guarded:\n", "guard:\n", "has no 'guarded:'"),
        ("requirements:\n", "required:\n", "has no 'requirements:'"),
    ],
)
def test_the_tools_are_held_against_emergency_yaml(old: str, new: str, message: str) -> None:
    assert old in EMERGENCY
    known, guard, _ = known_from(file("content/emergency.yaml", EMERGENCY.replace(old, new, 1)))
    found = verify_all(TOOLS, VerificationContext(guard, known))
    assert any(message in p.message for p in found), told(found)


def test_without_emergency_yaml_nothing_is_proven() -> None:
    found = verify_all(TOOLS, VerificationContext(SafetyPolicy(), KNOWN))
    assert len([p for p in found if "has no '" in p.message]) == 14


def test_the_same_answers_lead_to_the_same_in_all_tools() -> None:
    one, other = TOOLS["options"], TOOLS["next-step"]
    rules = tuple(rule for rule in other.safety.rules if rule.name != "G12")
    other = replace(other, safety=replace(other.safety, rules=rules))
    diagrams = Diagrams()
    pair = [Counterexamples(FormModel(tool, diagrams)) for tool in (one, other)]
    messages = [p.message for p in check_same_start(pair)]
    assert any(message.startswith("the same answers show DAYS") for message in messages)
    assert not list(check_same_start(pair[:1] * 2))


# -- what is not reached, or asked too often ------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        (
            "next-step",
            "rules:\n",
            "rules:\n  - {when: {place: [back]}, outcome: BACK}\n",
            "the rule N13 for BACK never matches",
        ),
        ("next-step", "outcome: WALK}", "outcome: BEND}", "no answers lead to the result 'WALK'"),
        (
            "next-step",
            "{limit: [lot]}",
            "{limit: [lot, max]}",
            "the answer 'max' of 'limit' changes nothing in this rule",
        ),
        ("get-ready", "note: anesth, ", "", "no answer adds the note 'anesth'"),
        ("options", "microdisc, microlam]", "microlam]", "no result offers 'microdisc'"),
        (
            "safety",
            '      - "Call or text 988 now',
            '      - {if: [life.wake], text: "X"}\n      - "Call or text 988 now',
            "no answers show line",
        ),
    ],
)
def test_what_no_answer_reaches_is_told(name: str, old: str, new: str, message: str) -> None:
    found = [p for p in proven(name, old, new) if p.rule == "tool-unreachable"]
    assert any(message in p.message and p.line and p.hint for p in found), told(found)


QUESTION = """  - id: more
    type: one
    text: "And this?"
    options:
      - {id: "yes", text: "Yes"}
      - {id: "no", text: "No"}
"""


def test_a_question_without_effect_and_one_too_many_are_told() -> None:
    found = told(proven("get-ready", "rules:\n", f"{QUESTION}rules:\n"))
    assert any("the answers to 'more' change nothing" in each for each in found)
    assert any("a reader is asked more than 12 questions" in each for each in found)
    bring = QUESTION.replace("    options", "    to_bring: true\n    options")
    assert proven("next-step", "rules:\n", f"{bring}rules:\n") == []


def test_rules_in_other_words_do_the_same() -> None:
    text = TEXTS["options"]
    two = "  - {name: O4, when: {cause: [other]}, outcome: ASK_OWN}\n"
    three = "  - {name: O3, when: {cause: [nottold]}, outcome: FIND_CAUSE}\n"
    split = text.replace(
        "  - {name: O10, when: {limit: [little]}, outcome: KEEP_ON}\n",
        "  - {when: {limit: [little], main: [leg]}, outcome: KEEP_ON}\n"
        "  - {when: {limit: [little], time: [mid, over12]}, outcome: KEEP_ON}\n",
    )
    for other in (text.replace(three + two, two + three), split):
        assert other != text
        tools, problems = read({**TEXTS, "options": other})
        assert problems == []
        assert class_lines(tools["options"]) == class_lines(TOOLS["options"])
    tools, _ = read({**TEXTS, "options": text.replace("limit: [little]", "limit: [some]")})
    assert class_lines(tools["options"]) != class_lines(TOOLS["options"])


@pytest.mark.parametrize("name", NAMES)
def test_what_a_tool_does_can_be_read(name: str) -> None:
    lines = class_lines(TOOLS[name])
    assert len(lines) < 150
    assert len(set(lines)) == len(lines)
    assert "at once; setting op or shot; legs weak -> EMERGENCY" in lines
    assert "setting op or shot -> asks after" in lines


# -- any tool, any requirement: what walking each state finds -------------------------------------


@st.composite
def required_tools(draw: st.DrawFn) -> tuple[Tool, Requirement, Condition]:
    """A small tool and a requirement that it may or may not meet; when it is about a state."""
    tool = draw(small_tools())
    answers = [f"{q.id}.{o.id}" for q in tool.questions for o in q.options]
    group = st.lists(st.sampled_from(answers), min_size=1, max_size=2, unique=True).map(tuple)
    when = tuple(draw(st.lists(group, max_size=2)))
    unless = draw(st.sampled_from([(), draw(group)]))
    names = st.lists(st.sampled_from([*tool.outcomes]), max_size=2, unique=True).map(tuple)
    required = Requirement(
        "r",
        "Why.",
        when=when,
        unless=unless,
        only=draw(names),
        never=draw(st.sampled_from([(), ("own",), draw(names)])),
        at_least=draw(st.sampled_from(["", "911", "today", "visit"])),
        own=draw(st.booleans()),
    )
    groups = tuple(resolve_group(tool.questions, each) for each in when)
    return tool, required, Condition(groups, resolve_group(tool.questions, unless))


def breaks(tool: Tool, required: Requirement, outcome: str) -> bool:
    """Straight from the words of the issue."""
    own = outcome in "ABC"
    if not outcome or (required.own and not own):
        return False
    if outcome in required.never or ("own" in required.never and own):
        return True
    tiers = ["911", "today", "days", "hours", "visit", "home"]
    urgent = bool(required.at_least) and (
        tiers.index(tool.outcomes[outcome].tier) <= tiers.index(required.at_least)
    )
    asked = bool(required.only or required.at_least)
    return asked and outcome not in required.only and not urgent


@given(required_tools())
def test_the_functions_find_each_fault_and_its_shortest_answers(
    drawn: tuple[Tool, Requirement, Condition],
) -> None:
    tool, required, concerned = drawn
    policy = replace(GUARD, requirements=(required,), lines=(), with_notes=())
    found = [
        p.message
        for p in check_requirements(Counterexamples(FormModel(tool)), policy, "911")
        if p.message.startswith("r: ")
    ]
    faults = [
        sum(map(len, state.values()))
        for state in states_of(tool)
        if holds(concerned, count_ticks(tool, state))
        and breaks(tool, required, evaluate(tool, state).outcome)
    ]
    assert bool(faults) == bool(found)
    if faults:
        assert found[0].partition("Answers:")[2].count('"O') == min(faults)
