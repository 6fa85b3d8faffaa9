# ruff: noqa: E501 - a change is easier to read on one line
"""Every word of a tool is in a net: what sends readers somewhere by rules, the rest by acceptance."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from modes import chosen
from msgspec.structs import asdict, replace
from tool_kit import DATA, FOLDER, GUARD, KNOWN, PAGES, TEXTS, TOOLS, file, known_from

from sitebuilder.clinical.decision_tools.check_wording import check_wording
from sitebuilder.clinical.decision_tools.parse import parse_tools
from sitebuilder.clinical.decision_tools.signed_text import signed_tool_text
from sitebuilder.clinical.decision_tools.snapshot import (
    SAFETY_SNAPSHOT_PATH,
    check_safety_snapshot,
    check_snapshot,
    dump_safety_snapshot,
    dump_snapshot,
    snapshot_path,
)
from sitebuilder.clinical.decision_tools.text_rows import row
from sitebuilder.clinical.evidence.order_words import parse_sign_orders
from sitebuilder.core.decision_tool import Condition, Literal, Tool
from sitebuilder.core.evidence import Evidence
from sitebuilder.core.problems import Problem
from sitebuilder.core.safety_policy import SafetyPolicy

EMERGENCY = "content/emergency.yaml"
EMERGENCY_TEXT = file(EMERGENCY).data.decode()
TOOL = TOOLS["options"]
ACCEPTED = {name: file(snapshot_path(tool), dump_snapshot(tool)) for name, tool in TOOLS.items()}
ACCEPTED_SAFETY = file(SAFETY_SNAPSHOT_PATH, dump_safety_snapshot(TOOL, GUARD, KNOWN))


class NoExamples:
    """Stands for the shortest answers that lead to a text: they do not matter here."""

    def __getattr__(self, _name: str) -> Any:
        return lambda *_: ""


def rule_problems(tool: Tool, policy: SafetyPolicy = GUARD) -> list[Problem]:
    """What the wording rules report; nothing of it knows what was accepted."""
    examples = cast("Any", NoExamples())
    return list(check_wording(tool, policy, examples, emergency_number="911", max_grade=8))


def snapshot_problems(tool: Tool, policy: SafetyPolicy, evidence: Evidence) -> list[Problem]:
    return [
        *check_snapshot(tool, ACCEPTED[tool.name]),
        *check_safety_snapshot(tool, policy, evidence, ACCEPTED_SAFETY),
    ]


@lru_cache(maxsize=128)
def mutate(name: str, old: str, new: str) -> tuple[Tool, SafetyPolicy, Evidence]:
    """The tool that shows a change, and what it is checked against."""
    texts = {**TEXTS, "emergency": EMERGENCY_TEXT}
    assert old in texts[name]
    texts[name] = texts[name].replace(old, new, 1)
    evidence, policy = KNOWN, GUARD
    problems: list[Problem] = []
    if name == "emergency":
        evidence, policy, problems = known_from(file(EMERGENCY, texts[name]))
    files = [file(f"{FOLDER}{each}.yaml", texts[each]) for each in TEXTS]
    tools, more = parse_tools(files, evidence, policy, PAGES)
    assert [p.message for p in [*problems, *more] if p.severity == "error"] == []
    return tools[name if name in tools else "options"], policy, evidence


def test_the_site_itself_breaks_no_rule() -> None:
    assert [p.message for tool in TOOLS.values() for p in rule_problems(tool)] == []


def test_the_site_does_what_was_accepted() -> None:
    """What is on disk. If this alone fails, read the change and accept it."""
    orders, _ = parse_sign_orders(file(EMERGENCY), KNOWN.signs, KNOWN.lists, "911")
    known = replace(KNOWN, orders=orders)
    problems = check_safety_snapshot(TOOL, GUARD, known, file(SAFETY_SNAPSHOT_PATH))
    for tool in TOOLS.values():
        problems += check_snapshot(tool, file(snapshot_path(tool)))
    assert problems == []


WEAKER = {
    # A title or a first line that loses its tier.
    "911 title without 911": ("safety", "Get help now: call 911", "Get help now"),
    "911 title turned round": ("safety", "help now: call 911", "help now: no need to call 911"),
    "911 title tomorrow": ("safety", "help now: call 911", "help now: call 911 tomorrow"),
    "911 title may": ("safety", "Get help now: call 911", "You may call 911 now"),
    "today title next week": ("safety", "Call your surgery team today", "Call your team next week"),
    "today title if you like": (
        "safety",
        '"Call your surgery team today"',
        '"Call your surgery team today, if you like"',
    ),
    "today title can wait": ("safety", "and say it cannot wait", "or see if it can wait"),
    "days title without days": ("safety", "See a doctor in the next 2 or 3 days", "See a doctor"),
    "own days title in 2 weeks": (
        "next-step",
        "See a doctor this week about",
        "See a doctor in some weeks about",
    ),
    "hours title": ("safety", "Watch it closely", "It will pass"),
    "first line may drive": ("safety", "Call 911. Do not drive", "Call 911. You may drive"),
    "first line of all": (
        "safety",
        '"Call 911. Do not drive yourself."',
        '"Stay calm. Call 911. Do not drive yourself."',
    ),
    "first line conditional": (
        "safety",
        '- "Call 911. Do not drive yourself."',
        '- {if: [crash], text: "Call 911. Do not drive yourself."}',
    ),
    "988 later": ("safety", "Call or text 988 now, day", "Call or text 988 later, day"),
    "988 gone": ("safety", "Call or text 988 now, day or night.", "Call a friend."),
    # It can wait.
    "wait under 911": ("safety", "need 911 together. Say if", "need 911 together. It can wait. Say if"),
    "until tomorrow under 911": (
        "safety",
        "    links: []",
        '      - "It can wait until tomorrow."\n    links: []',
    ),
    "tomorrow under today": (
        "safety",
        "Call now, at night and on weekends too.",
        "Call tomorrow if you want.",
    ),
    "next month under days": ("safety", "should be looked at soon", "can be seen next month"),
    # An order that loses its force, in a line, a note, a help text, a choice, the list.
    "do not call": ("safety", 'when-911: "Call 911', 'when-911: "Do not call 911'),
    "call 911 tomorrow if": ("safety", 'when-911: "Call 911 if', 'when-911: "Call 911 tomorrow if'),
    "call 911 only if": ("safety", 'when-911: "Call 911 if', 'when-911: "Call 911 only if'),
    "call 911 if time": ("safety", "or keeps getting weaker.", "or keeps getting weaker and you have time, or if you have time."),
    "you can call 911": ("safety", 'when-911: "Call 911 if', 'when-911: "You can call 911 if'),
    "numb for days": ("safety", "between the legs, cannot pee, leak pee or poop, or a leg goes", "between the legs for 3 days, or a leg goes"),
    "no 911 line": ("next-step", '      - "Call 911 if a leg or foot turns cold, white, blue or gray all at once."\n    links', "    links"),
    "911 line with a condition": ("options", "      - use: when-911\n    offer: [active, pt, drugs, wait]\n    links: [tests", "      - {if: [calf], use: when-911}\n    offer: [active, pt, drugs, wait]\n    links: [tests"),
    "30 minutes": ("safety", "cannot reach one in 30 minutes, or", "cannot reach one, or"),
    "2 hours to 2 days": ("safety", "talked with you in 2 hours", "talked with you in 2 days"),
    "2 hours to 12 hours": ("safety", "talked with you in 2 hours", "talked with you in 12 hours"),
    "1 hour to 8 hours": ("safety", "calls back in 1 hour, go", "calls back in 8 hours, go"),
    "call right then": ("safety", "call the clinic right then", "call the clinic the next day"),
    "not today in own result": ("next-step", "Call today for a sore", "Do not call today for a sore"),
    "may call today": ("next-step", "Call today if you cannot put", "You may call today if you cannot put"),
    "note weakened": ("get-ready", "In a crisis, call or text 988.", "In a crisis, you can call or text 988 if you want."),
    "safety note weakened": ("safety", "Call right away if your belly", "Do not call right away if your belly"),
    "help weakens": ("safety", "One is enough. You can stop", "No need to call 911 for one. You can stop"),
    "choice weakens": ("options", "It may ease pain for a while.", "It may ease pain. Then do not call 911."),
    "list weakens": ("get-ready", "Which signs mean 911?", "May I call 911 later?"),
    "disclaimer weakens": ("options", "does not choose a treatment for you.", "is not a doctor. You could call 911 later."),
    "988 gone from own result": ("options", '      - "If you feel you cannot go on, call or text 988, day or night."\n', ""),
    # Nobody is sent to 911 for what is ordinary.
    "visit title claims 911": ("next-step", '"Plan a visit with your doctor"', '"Plan a visit, or call 911"'),
    "visit title claims today": ("next-step", '"Plan a visit with your doctor"', '"Call your doctor today"'),
    "visit line sends to 911": ("next-step", "Keep moving as you can until your visit.", "Call 911."),
    "home line sends today": ("options", "Keeping active, exercise and pain relief for", "Call a doctor today. Exercise for"),
    # Tier and title apart.
    "tier of EMERGENCY": ("safety", '    tier: 911\n    title: "Get', '    tier: today\n    title: "Get'),
    "tier of PAIN_SOON": ("options", "PAIN_SOON:\n    tier: days", "PAIN_SOON:\n    tier: visit"),
    "a link under 911": ("safety", "    links: []", "    links: [risks]"),
    # Figures, grade, guarded phrases, a list that is not there.
    "figure of our own": ("next-step", "Most new back or leg pain eases in some weeks.", "About 90 in 100 are well in 4 weeks."),
    "guarded": ("next-step", "Plan a visit with your doctor", "You need surgery"),
    "hard to read": ("next-step", "Your answers do not fit one clear path, and that is common.", "Considerable heterogeneity characterizes individual symptomatology, necessitating comprehensive multidisciplinary evaluation."),
    "list below": ("options", "First, find the cause", "First, find the cause. Your list is below"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "old", "new"), WEAKER.values(), ids=WEAKER)
def test_what_weakens_a_tier_fails_without_the_snapshot(name: str, old: str, new: str) -> None:
    tool, policy, evidence = mutate(name, old, new)
    found = rule_problems(tool, policy)
    assert found
    assert {p.rule for p in found} == {"tool-safety"}
    assert all(p.severity == "error" and p.line > 0 and p.hint for p in found)
    # And by the second net too.
    assert snapshot_problems(tool, policy, evidence)


ONLY_ACCEPTED = {
    # A sign, an answer or a question that turns round.
    "sign turned round": ("emergency", "New: you cannot pee when", "New: you can pee when"),
    "sign of other people": ("emergency", "blood, or you throw up blood", "water, or you throw up"),
    "answer turned round": ("safety", "Not sure. I can walk", "Sure. I can walk"),
    "answer of an own question": ("next-step", "A little", "A lot, but I manage"),
    "question turned round": ("safety", "Which of these fit?", "Which of these do not fit?"),
    "when weak is weak": ("safety", "Too sore to move is not weak", "Too sore to move is weak"),
    "new since": ("safety", "New means it began or got worse in the past 2 weeks", "New means it began today"),
    # Words of results, notes and choices that no rule can judge.
    "swapped lines": ("safety", "Ask someone to sit with you, and to keep your pills", "Tell the person how bad the pain is"),
    "condition of a line": ("safety", "{if: [wake], paper", "{if: [crash], paper"),
    "words on paper": ("safety", "If you ticked the calf or thigh:", "If you ticked the rash:"),
    "naloxone": ("safety", "give it again", "do not give it again"),
    "drive": ("safety", "Do not drive. Have someone near", "Do not drive. Have no one near"),
    "blood thinner turned round": ("get-ready", "do not stop it on your own", "stop it on your own"),
    "note of another": ("get-ready", "Opioid pills: tell the dose", "Opioid pills: hide the dose"),
    "good side": ("options", "It may ease pain for a while.", "It eases pain."),
    "less good side": ("options", "Serious harm is rare but can occur.", "It is safe."),
    "less good side of surgery": ("options", "Surgery has harms, such as a tear or an infection.", "Surgery has few harms."),
    "side swapped": ("options", 'less_good: "It can stay the same or get worse."', 'less_good: "There is no harm from a treatment. You can change your mind at any time."'),
    "list item": ("get-ready", "What happens if I wait 3 months?", "What happens if I wait 12 weeks?"),
    "closing": ("get-ready", "Write your own 3 questions here.", "Do not ask more."),
    "description": ("options", "each with its good and less good side", "each with its good side"),
    "disclaimer": ("options", "does not choose a treatment for you", "chooses a treatment for you"),
    "offer": ("options", "offer: [wait, active, pt, drugs, shots, microdisc, microlam]", "offer: [wait, active, pt, drugs, microdisc, microlam]"),
    "link": ("next-step", "links: [herniated-disc, care-without-surgery", "links: [risks, care-without-surgery"),
    "fact": ("options", "facts: [same-without-surgery, worse-without-surgery]", "facts: [same-without-surgery]"),
    # The guards of emergency.yaml.
    "guarded phrase gone": ("emergency", '  - "you are fine/safe/healthy"\n', ""),
    "guarded phrase narrower": ("emergency", "no need to worry/call/see/wait", "no need to worry"),
    "softener gone": ("emergency", '    - "no need/hurry/rush/reason"\n', ""),
    "one more allowed": ("emergency", '  - "cannot pee"\n', '  - "cannot pee"\n  - "tomorrow"\n'),
    "command gone": ("emergency", '"call/text 988", ', ""),
    "says less": ("emergency", '"right away", "call {number} first", ', ""),
    "says links": ("emergency", "    links: none\n", "    links: some\n"),
    "tier word more": ("emergency", 'today: ["today", "now", ', 'today: ["today", "now", "soon", '),
    "figure more": ("emergency", '  "2 hours": "how', '  "2 days": "why not"\n  "2 hours": "how'),
    "route more": ("emergency", "routes: [find-a-doctor]", "routes: [find-a-doctor, risks]"),
    "surgery page gone": ("emergency", "surgery_pages: [procedure, ", "surgery_pages: ["),
    "surgery sooner": ("emergency", "time: [mid, over12]", "time: [under6, mid, over12]"),
    "pair gone": ("emergency", "    all: [[after.fever], [after.head]]", "    all: [[after.fever], [after.head], [after.pain]]"),
    "requirement looser": ("emergency", "    at_least: days\n", "    at_least: visit\n"),
    "clock slower": ("emergency", "    clock: hours\n", "    clock: tomorrow\n"),
    "ride": ("emergency", "    ride: never\n", "    ride: ok\n"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "old", "new"), ONLY_ACCEPTED.values(), ids=ONLY_ACCEPTED)
def test_every_other_word_and_guard_needs_an_accepted_difference(
    name: str, old: str, new: str
) -> None:
    tool, policy, evidence = mutate(name, old, new)
    found = snapshot_problems(tool, policy, evidence)
    assert found
    assert all(p.rule == "tool-outcomes" and p.severity == "error" and p.line > 0 for p in found)
    if name != "emergency":  # no rule judges these words: the second net is what catches them
        assert [p.message for p in rule_problems(tool, policy)] == []


# -- differences ----------------------------------------------------------------------------------


def test_every_difference_is_reported_at_its_line_with_both_texts() -> None:
    lines = ACCEPTED["options"].data.decode().split("\n")
    changed = [n for n, line in enumerate(lines) if line.startswith('  - "Choice pt')]
    assert len(changed) == 3
    for number in changed:
        lines[number] = lines[number][:-1] + ' once more"'
    gone = next(n for n, line in enumerate(lines) if "T_CYST says" in line)
    line_gone = lines.pop(gone)
    assert gone < changed[0]
    lines.insert(2, '  - "Question extra: Why?"')
    found = check_snapshot(TOOL, file(snapshot_path(TOOL), "\n".join(lines)))
    assert {p.line for p in found} >= {number + 1 for number in changed}
    messages = [p.message for p in found]
    assert "'Question extra: Why?' was accepted, and is gone" in messages
    said = line_gone.removeprefix('  - "').removesuffix('"')
    assert f"'{said}' is new, and was never accepted" in messages
    both = [m for m in messages if m.startswith("it is now 'Choice pt") and "once more" in m]
    assert len(both) == 3
    assert len(found) == 5


def test_a_changed_sign_is_reported_in_one_file_only() -> None:
    tool, policy, evidence = mutate("emergency", "New: you cannot pee when", "New: you pee when")
    assert check_snapshot(tool, ACCEPTED[tool.name]) == []
    found = snapshot_problems(tool, policy, evidence)
    assert {p.path for p in found} == {SAFETY_SNAPSHOT_PATH}


def test_what_tools_share_is_the_same_from_each() -> None:
    assert len({dump_safety_snapshot(tool, GUARD, KNOWN) for tool in TOOLS.values()}) == 1


def test_what_was_never_accepted_is_reported() -> None:
    assert [p.line for p in check_snapshot(TOOL, None)] == [1]
    assert [p.line for p in check_safety_snapshot(TOOL, GUARD, KNOWN, None)] == [1]


# -- completeness ---------------------------------------------------------------------------------

_TEXT_KEYS = frozenset(
    ("text", "help", "title", "disclaimer", "description", "good", "less_good", "closing", "paper")
)


def texts_of(data: Any, key: str = "") -> Iterator[str]:
    """Every text of a file, as written."""
    if isinstance(data, dict):
        for name, value in data.items():
            yield from texts_of(value, "text" if key == "lines" else name)
    elif isinstance(data, list):
        for value in data:
            yield from texts_of(value, "text" if key in {"body", "items"} else key)
    elif key in _TEXT_KEYS:
        yield data


@pytest.mark.parametrize("name", TEXTS)
def test_every_text_of_a_file_is_accepted_and_signed(name: str) -> None:
    """As a whole, with no other text in its row. Facts in it are expanded."""
    tool = TOOLS.get(name, TOOL)
    accepted = dump_safety_snapshot(tool, GUARD, KNOWN) if name == "safety" else dump_snapshot(tool)
    signed = signed_tool_text(tool)
    texts = list(texts_of({k: v for k, v in DATA[name].items() if k != "changes"}))
    assert len(texts) > 40
    for text in texts:
        pattern = r"[^\n]+".join(map(re.escape, re.split(r"\{[^}]*\}", text)))
        assert re.search(rf"[\w\]]: {pattern}\n", signed), text
        quoted = pattern.replace('"', r"\\\"")
        assert re.search(rf'[\w\]]: {quoted}"\n', accepted), text


@pytest.mark.parametrize("field", [name for name, value in asdict(GUARD).items() if value])
def test_every_part_of_the_policy_is_accepted(field: str) -> None:
    empty = type(getattr(GUARD, field))()
    assert check_safety_snapshot(TOOL, replace(GUARD, **{field: empty}), KNOWN, ACCEPTED_SAFETY)


@pytest.mark.parametrize(
    ("field", "value"),
    [("text", "x"), ("clock", "x"), ("ride", "x"), ("asked_in", ("x",)), ("tiers", {"x": "911"})],
)
def test_every_sign_is_accepted(field: str, value: object) -> None:
    share = [each for n, each in enumerate(KNOWN.signs.items()) if chosen(n, 5)]
    for name, sign in share:
        signs = {**KNOWN.signs, name: replace(sign, **{field: value})}
        changed = dump_safety_snapshot(TOOL, GUARD, replace(KNOWN, signs=signs))
        assert changed.encode() != ACCEPTED_SAFETY.data, name


# -- what a clinician signs -----------------------------------------------------------------------

SOME = Condition(((Literal("legs", "weak"),),))


def change_question(tool: Tool, **values: object) -> Tool:
    first, *others = tool.questions
    return replace(tool, questions=(replace(first, **values), *others))


def change_option(tool: Tool, **values: object) -> Tool:
    first, *others = tool.questions[0].options
    return change_question(tool, options=(replace(first, **values), *others))


def change_rule(tool: Tool, **values: object) -> Tool:
    first, *others = tool.safety.rules
    return replace(tool, safety=replace(tool.safety, rules=(replace(first, **values), *others)))


def change_outcome(tool: Tool, **values: object) -> Tool:
    outcome = tool.outcomes["TODAY"]
    return replace(tool, outcomes={**tool.outcomes, "TODAY": replace(outcome, **values)})


def change_line(tool: Tool, **values: object) -> Tool:
    first, *others = tool.outcomes["TODAY"].body
    return change_outcome(tool, body=(replace(first, **values), *others))


@pytest.mark.parametrize(
    ("change", "values"),
    [
        (change_question, {"type": "one"}),
        (change_question, {"to_bring": True}),
        (change_question, {"show_if": SOME}),
        (change_question, {"id": "other"}),
        (change_option, {"sign": "wake"}),
        (change_option, {"tiers": {"": "today"}}),
        (change_option, {"tiers": {"": "911", "op": "today"}}),
        (change_option, {"clock": "hours"}),
        (change_option, {"ride": "ok"}),
        (change_option, {"exclusive": True}),
        (change_option, {"show_if": SOME}),
        (change_option, {"notes": ("old",)}),
        (change_rule, {"outcome": "TODAY"}),
        (change_rule, {"after": "soon"}),
        (change_rule, {"name": "G2"}),
        (change_rule, {"when": SOME}),
        (change_rule, {"when": Condition((), (Literal("legs", "weak"),))}),
        (change_rule, {"when": Condition(((Literal("legs", "weak", ("op",)),),))}),
        (change_rule, {"when": Condition(((Literal("legs", "weak", (), ("op",)),),))}),
        (change_outcome, {"tier": "days"}),
        (change_outcome, {"with_notes": True}),
        (change_outcome, {"links": ()}),
        (change_outcome, {"offer": ("wait",)}),
        (change_line, {"shown_if": SOME}),
        (change_line, {"paper": TOOL.title}),
        (replace, {"version": "other"}),
        (replace, {"standing_list": TOOLS["get-ready"].standing_list}),
        (replace, {"notes": {}}),
        (replace, {"catalog": {}}),
        (replace, {"rules": TOOL.rules[::-1]}),
    ],
)
def test_all_that_a_tool_does_is_signed(change: Any, values: dict[str, object]) -> None:
    assert signed_tool_text(change(TOOL, **values)) != signed_tool_text(TOOL)


def test_where_the_first_part_ends_is_signed() -> None:
    safety = replace(TOOL.safety, questions=TOOL.safety.questions[:-1])
    assert signed_tool_text(replace(TOOL, safety=safety)) != signed_tool_text(TOOL)


NAME = st.from_regex(r"[A-Za-z_.-]{1,5}", fullmatch=True)
TEXT = st.text(st.sampled_from("ab:;[]\n \t\"'-911"), max_size=12)


@given(NAME, TEXT, st.lists(NAME, max_size=2), NAME, TEXT, st.lists(NAME, max_size=2))
def test_no_text_can_pass_for_a_name(
    label: str, text: str, details: list[str], label2: str, text2: str, details2: list[str]
) -> None:
    one, two = row(label, text, *details), row(label2, text2, *details2)
    assert "\n" not in one
    same = (label, " ".join(text.split()), details) == (label2, " ".join(text2.split()), details2)
    assert (one == two) == same
