"""The proof: our tools pass it in time, and it finds what is wrong, with the shortest answers."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import msgspec
import pytest
from conftest import PROJECT, build
from hypothesis import given
from hypothesis import strategies as st
from test_tools_evaluate import small_tools, states_of
from tool_kit import FOLDER, KNOWN, NAMES, STANDARD, TEXTS, TOOLS, file, known_from, read

from sitebuilder.clinical.decision_tools import check_gates
from sitebuilder.clinical.decision_tools.check_wording import compile_phrase
from sitebuilder.clinical.decision_tools.evaluate import (
    FormState,
    checked_options,
    evaluate,
    has_conflict,
)
from sitebuilder.clinical.decision_tools.load import load_verified_tools
from sitebuilder.clinical.decision_tools.snapshot import (
    check_snapshot,
    dump_snapshot,
    snapshot_path,
)
from sitebuilder.clinical.decision_tools.state_space import build_state_space, partition
from sitebuilder.clinical.decision_tools.verify import VerificationContext, verify_all, verify_tool
from sitebuilder.core.decision_tool import Gate, SafetyPolicy, Tool
from sitebuilder.core.evidence import Evidence, SignGroup, SignList, WarningSign
from sitebuilder.core.problems import Problem

EMERGENCY = (PROJECT / "content/emergency.yaml").read_text()


def proven(name: str, old: str = "", new: str = "", at: str = "") -> list[Problem]:
    """What the proof says of all tools after one change in the file `name`."""
    assert old in TEXTS[name]
    start = TEXTS[name].index(at) if at else 0
    changed = TEXTS[name][:start] + TEXTS[name][start:].replace(old, new, 1)
    tools, problems = read({**TEXTS, name: changed})
    assert problems == []
    return verify_all(tools, STANDARD)


# -- our own --------------------------------------------------------------------------------------


def test_our_tools_are_proven_in_two_seconds() -> None:
    start = time.perf_counter()
    tools, problems = read(TEXTS)
    assert [*problems, *verify_all(tools, STANDARD)] == []
    assert time.perf_counter() - start < 2


def test_the_number_of_states_is_told() -> None:
    counts = {name: verify_tool(TOOLS[name], STANDARD).state_count for name in NAMES}
    assert counts == {
        "next-step": 30_923_764_531_200,
        "options": 34_634_616_274_944,
        "get-ready": 50_665_495_807_918_080,
    }


def test_check_runs_the_proof() -> None:
    found = [p for p in build(PROJECT).problems if p.path.startswith(FOLDER)]
    assert {p.rule for p in found} <= {"no-claim"}


# -- the words of a problem -----------------------------------------------------------------------


def told(problems: list[Problem]) -> list[str]:
    return [f"{p.path.removeprefix(FOLDER)}:{p.line} {p.rule}: {p.message}" for p in problems]


def test_a_flag_that_is_gone_is_told_with_line_and_shortest_answers() -> None:
    found = proven("safety", "{id: sex, flag: emergency,", "{id: sex,")
    line = TEXTS["safety"].split("\n").index("      - {id: sex, flag: emergency, sign: sex}") + 1
    start = f"safety.yaml:{line} tool-safety: "
    way = 'Answers: now "New or worse loss of feeling during sex, or a new change in erection"'
    shown = f"{start}the form shows nothing yet; it has to show EMERGENCY. {way}"
    assert [one for one in told(found) if "the form shows" in one] == [shown]
    assert any(one.startswith(f"{start}the sign 'sex' has not the flag") for one in told(found))


def test_surgery_too_early_is_told_with_the_way_there() -> None:
    rule = "  - {when: {limit: [little]}, outcome: KEEP_ON}\n"
    found = proven("options", rule, "")
    early = [p for p in found if "T_STENOSIS offers surgery too early" in p.message]
    assert len(early) == 1
    assert "the condition 'limit'" in early[0].message
    assert early[0].message.endswith(
        'Answers: now "None of these"; soon "None of these"; age "18 or older"; '
        'pregnant "No, or this does not apply to me"; recentop "No"; '
        'cause "Yes. Narrowing of the spinal canal (spinal stenosis)"; '
        'main "Leg or buttock pain, or numbness"; time "6 to 12 weeks"; limit "A little"; '
        'tried "Keeping active or changing how I do things"'
    )
    text = TEXTS["options"].replace(rule, "").split("\n")
    assert "outcome: T_STENOSIS" in text[early[0].line - 1]


# -- net (a): what emergency.yaml says ------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("  saddle:\n    tier: emergency", "  saddle:\n    tier: same-day", "not the flag"),
        ("  calf:\n    tier: same-day", "  calf:\n    tier: emergency", "it has to show EMERGENCY"),
        ("signs:\n  saddle", "signs:\n  new:\n    tier: emergency\n    text: N\n  saddle", "'new'"),
        ("lets_on: {adult: ", "lets_on: {old: ", "does not know the answer 'adult'"),
        ("  age:\n    lets_on", "  height:\n    lets_on", "'height' is not asked"),
        ("      limit: [some, lot]", "      limit: [lot]", "too early"),
        ("  options:\n    only_if", "  chooser:\n    only_if", "no condition is given"),
        ("outcomes: [TALK, TALK_MORE]", "outcomes: [TALKS]", "the result 'TALKS'"),
        ("      scan: [pressure]", "      scan: [pressing]", "names 'pressing' of 'scan'"),
        ("routes: [find-a-doctor]", "routes: [risks]", "no way to reach a person"),
        ("surgery_pages: [procedure, ", "surgery_pages: [", "its page is not"),
        ('title: ["Call {number} now"]', 'title: ["Call {number} at once"]', "does not say"),
        ("  EMERGENCY:\n    level: emergency", "  EMERGENCY:\n    level: urgent", "is shown as"),
        ('  - "cure/', '  - "talk/', "which no tool may say"),
        ("gates:\n", "gatez:\n", "has no 'gates:'"),
        ("guarded:\n", "guard:\n", "has no 'guarded:'"),
    ],
)
def test_the_tools_are_held_against_emergency_yaml(old: str, new: str, message: str) -> None:
    assert old in EMERGENCY
    known, guard, _ = known_from(file("content/emergency.yaml", EMERGENCY.replace(old, new, 1)))
    found = verify_all(TOOLS, VerificationContext(guard, known))
    assert any(message in p.message for p in found), told(found)


def test_without_emergency_yaml_nothing_is_proven() -> None:
    found = verify_all(TOOLS, VerificationContext(SafetyPolicy(), KNOWN))
    assert len([p for p in found if "has no '" in p.message]) >= 5 * len(NAMES)


# -- words ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "said", "hit"),
    [
        ("you ... need/needs ... surgery", "you need surgery", True),
        ("you ... need/needs ... surgery", "you will soon need this kind of surgery", True),
        (
            "you ... need/needs ... surgery",
            "you may do well with care that needs no surgery",
            False,
        ),
        ("pain free", "a pain-free life", True),
        ("pain free", "a painfree life", False),
        ("cure/cures", "it cures", True),
        ("cure/cures", "be secure", False),
        ("nothing to worry about", "nothing to worry about", True),
    ],
)
def test_guarded_phrases(written: str, said: str, *, hit: bool) -> None:
    assert bool(compile_phrase(written).search(said)) == hit


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("safety", 'title: "Call 911 now"', 'title: "Do not call 911 now"', "title of EMERGENCY"),
        ("safety", 'title: "Call 911 now"', 'title: "Call 9111 now"', "title of EMERGENCY"),
        ("safety", "Call a doctor today", "Call a doctor", "title of URGENT"),
        ("next-step", "this week", "in 7 days", "'7 days' is a figure that comes from no fact"),
        ("next-step", "this week", "and score 7", "has the number 7 in words about the reader"),
        ("options", "{value therapy-crossed}", "57 in 100", "is a figure that comes from no fact"),
        ("next-step", "Plan a visit", "You have a herniated disc", "which no tool may say"),
        ("next-step", "A doctor can ask", "Pain-free: a doctor can ask", "'pain-free'"),
        (
            "next-step",
            "A doctor can ask",
            f"{'Multidisciplinary interventional rehabilitation ' * 3} can ask",
            "has reading grade",
        ),
        ("options", "It may ease pain for a while.", "It may. " * 30, "words; the middle one"),
    ],
)
def test_words_that_a_tool_may_not_have(name: str, old: str, new: str, message: str) -> None:
    found = proven(name, old, new)
    assert any(message in p.message for p in found), told(found)
    assert all(p.rule == "tool-safety" and p.line and p.hint for p in found)


# -- what is not reached --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        (
            "next-step",
            "rules:\n",
            "rules:\n  - {when: {place: [back, leg, both]}, outcome: WALK}\n",
            "the rule for BACK never matches",
        ),
        ("next-step", "outcome: WALK}", "outcome: BEND}", "no answers lead to the result 'WALK'"),
        (
            "next-step",
            "time: [mid, over12], limit: [lot]",
            "place: [numb, leg, both], time: [mid, over12], limit: [lot]",
            "the answer 'numb' of 'place' changes nothing in this rule",
        ),
        ("next-step", "    to_bring: true\n", "", "the answers to 'tried' change nothing"),
        ("get-ready", ", note: smoke", "", "no answer adds the note 'smoke'"),
        ("options", "microdisc, microlam]", "microlam]", "no result offers 'microdisc'"),
    ],
)
def test_what_no_answer_reaches_is_told(name: str, old: str, new: str, message: str) -> None:
    found = [p for p in proven(name, old, new) if p.rule == "tool-unreachable"]
    assert any(message in p.message and p.line and p.hint for p in found), told(found)


# -- net (b): what was accepted -------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_what_is_accepted_is_what_the_tool_does(name: str) -> None:
    tool = TOOLS[name]
    accepted = file(snapshot_path(tool))
    assert check_snapshot(tool, accepted) == []
    assert accepted.data.decode() == dump_snapshot(tool)
    assert len(accepted.data.splitlines()) < 120


def test_a_change_of_logic_is_told_with_its_class() -> None:
    tools, _ = read({**TEXTS, "next-step": TEXTS["next-step"].replace("[lot]", "[some, lot]")})
    (found,) = check_snapshot(tools["next-step"], file(f"{FOLDER}next-step.outcomes.yaml"))
    assert found.rule == "tool-outcomes"
    assert "limit little -> WALK'; accepted is 'place leg or both" in found.message
    line = (PROJECT / found.path).read_text().split("\n")[found.line - 1]
    assert "limit little or some -> WALK" in line


def test_rules_in_other_words_are_the_same() -> None:
    text = TEXTS["options"]
    two = "  - {when: {cause: [nottold]}, outcome: FIND_CAUSE}\n"
    below = "  - {when: {main: [back]}"
    moved = text.replace(two, "").replace(below, two + below)
    split = text.replace(
        "  - {when: {limit: [little]}, outcome: KEEP_ON}\n",
        "  - {when: {limit: [little], main: [leg]}, outcome: KEEP_ON}\n"
        "  - {when: {limit: [little], time: [mid, over12]}, outcome: KEEP_ON}\n",
    )
    for other in (moved, split):
        assert other != text
        tools, problems = read({**TEXTS, "options": other})
        assert problems == []
        assert dump_snapshot(tools["options"]) == dump_snapshot(TOOLS["options"])


def test_what_was_never_accepted_or_is_left_over_is_told() -> None:
    files = [file(f"{FOLDER}{name}.yaml") for name in TEXTS]
    pages = {path.stem for path in (PROJECT / "content").glob("*.md")}
    _, found = load_verified_tools(files, STANDARD, pages)
    missing = [p for p in found if p.rule == "tool-outcomes"]
    assert sorted(p.path for p in missing) == sorted(f"{FOLDER}{name}.yaml" for name in NAMES)
    stray = file(f"{FOLDER}gone.outcomes.yaml", "x")
    _, found = load_verified_tools([*files, stray], STANDARD, pages)
    assert [p.path for p in found if "that is not there" in p.message] == [stray.path]


# -- any tool, any gates: the sets find what walking each state finds ------------------------------

SIGNS = {
    "em": WarningSign("em", "emergency", "E"),
    "ur": WarningSign("ur", "same-day", "U"),
}
LISTS = {
    "emergency": SignList("emergency", "emergency", (SignGroup(("em",)),)),
    "same-day": SignList("same-day", "same-day", (SignGroup(("ur",)),)),
}
SMALL = Evidence(signs=SIGNS, lists=LISTS)


@st.composite
def guarded_tools(draw: st.DrawFn) -> tuple[Tool, SafetyPolicy]:
    """A small tool, some of its answers with signs, and gates that may or may not fit it."""
    tool = draw(small_tools())
    questions = []
    for question in tool.questions:
        options = [
            msgspec.structs.replace(o, sign=draw(st.sampled_from(["", "", "em", "ur"])))
            for o in question.options
        ]
        questions.append(msgspec.structs.replace(question, options=tuple(options)))
    found = []
    for question in draw(st.permutations(questions[: draw(st.integers(0, len(questions)))])):
        ids = [option.id for option in question.options]
        lets_on = draw(st.frozensets(st.sampled_from(ids)))
        signs, leads_to = draw(
            st.sampled_from(
                [("emergency", "EMERGENCY"), ("same-day", "URGENT"), ("", "STOP"), ("", "HALT")]
            )
        )
        found.append(Gate(question.id, dict.fromkeys(lets_on, ""), {}, leads_to, signs))
    safety = msgspec.structs.replace(tool.safety, questions=tuple(questions[: tool.safety_count]))
    tool = msgspec.structs.replace(tool, questions=tuple(questions), safety=safety)
    return tool, SafetyPolicy(gates=tuple(found))


def right(tool: Tool, guard: SafetyPolicy, state: FormState) -> str:
    """What has to show, straight from the words of the issue; 'own' for the tool's own part."""
    by_name = {gate.name: gate for gate in guard.gates}
    for tier, result in (("emergency", "EMERGENCY"), ("same-day", "URGENT")):
        for question in tool.questions:
            gate = by_name.get(question.id)
            for option in checked_options(question, state):
                if option.sign and SIGNS[option.sign].tier == tier:
                    return result
                if gate and gate.signs == tier and option.id not in gate.lets_on:
                    return result
    for gate in guard.gates:
        question = tool.question(gate.name)
        chosen = checked_options(question, state)
        if not chosen or has_conflict(question, state):
            return ""
        if any(option.id not in gate.lets_on for option in chosen):
            return gate.leads_to
    return "own"


def wrong(tool: Tool, guard: SafetyPolicy) -> Iterator[FormState]:
    for state in states_of(tool):
        shown = evaluate(tool, state).outcome
        wanted = right(tool, guard, state)
        done = all(
            checked_options(q, state) and not has_conflict(q, state) for q in tool.own_questions
        )
        fine = (
            (shown in "ABC" and done if shown else not done)
            if wanted == "own"
            else (shown == wanted)
        )
        if not fine:
            yield state


@given(guarded_tools())
def test_the_sets_find_each_fault_and_its_shortest_answers(
    drawn: tuple[Tool, SafetyPolicy],
) -> None:
    tool, guard = drawn
    space = build_state_space(tool, check_gates.watched_options(tool, guard, SMALL))
    found = [
        p.message for p in check_gates.check_gate_outcomes(space, partition(space), guard, SMALL)
    ]
    faults = [sum(map(len, state.values())) for state in wrong(tool, guard)]
    shortest = [len(re.findall(r'"[^"]*"', message.partition("Answers:")[2])) for message in found]
    assert bool(faults) == bool(found)
    if faults:
        assert min(faults) == min(shortest)
