"""Cases: people of content/cases.yaml, put through the tools."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
from conftest import PROJECT, TODAY, build, count_calls, run_cli

from sitebuilder.cli.reviews import build_review_sheet
from sitebuilder.clinical.decision_tools.cases import case_rows, check_cases
from sitebuilder.clinical.decision_tools.parse import parse_tools
from sitebuilder.clinical.decision_tools.parse_cases import CASE_FIELDS, CASES_PATH, parse_cases
from sitebuilder.clinical.decision_tools.safety_policy import parse_safety_policy
from sitebuilder.clinical.evidence.facts import parse_facts, parse_sources
from sitebuilder.clinical.evidence.warning_signs import parse_warning_signs
from sitebuilder.core.decision_case import Case
from sitebuilder.core.decision_tool import Tool
from sitebuilder.core.evidence import TIERS, Evidence
from sitebuilder.core.model import File
from sitebuilder.core.problems import Problem

NAMES = ("get-ready", "next-step", "options")
PAGES = {path.stem for path in (PROJECT / "content").glob("*.md")}
TEXTS = {
    path: (PROJECT / path).read_text()
    for path in ("content/tools/safety.yaml", *(f"content/tools/{name}.yaml" for name in NAMES))
}
CASES_TEXT = (PROJECT / CASES_PATH).read_text()
DOCUMENT = (PROJECT / "docs/cases.md").read_text()


def file(path: str, text: str | None = None) -> File:
    data = (PROJECT / path).read_bytes() if text is None else text.encode()
    return File(path, "", "", data)


EMERGENCY = file("content/emergency.yaml")
SIGNS, LISTS, _ = parse_warning_signs(EMERGENCY)
EVIDENCE = Evidence(facts=parse_facts(file("content/facts.yaml"))[0], signs=SIGNS, lists=LISTS)
POLICY, _ = parse_safety_policy(EMERGENCY)
SOURCES, _ = parse_sources(file("content/references.yaml"))


def read_tools(changes: Mapping[str, str] = {}) -> dict[str, Tool]:
    files = [file(path, text) for path, text in {**TEXTS, **changes}.items()]
    return parse_tools(files, EVIDENCE, POLICY, PAGES)[0]


TOOLS = read_tools()
CASES, _ = parse_cases(file(CASES_PATH))


def check(cases: Mapping[str, Case], tools: Mapping[str, Tool] = TOOLS) -> list[Problem]:
    return check_cases(cases, tools, NAMES, SOURCES)


def with_rule_swapped(path: str, first: str, second: str) -> dict[str, Tool]:
    """The real tools with two neighboring rules of a file in the other order."""
    lines = TEXTS[path].split("\n")
    at = [
        next(n for n, line in enumerate(lines) if f"name: {name}," in line)
        for name in (first, second)
    ]
    assert at[1] == at[0] + 1
    lines[at[0]], lines[at[1]] = lines[at[1]], lines[at[0]]
    return read_tools({path: "\n".join(lines)})


def case_text(**fields: str) -> str:
    """The case of W09, some fields changed; those without a value are left out."""
    lines = {
        "person": '"A man of 60. His foot began to drag 2 days ago."',
        "tool": "all",
        "answers": "{life: none, setting: op, pelvis: none, after: none, legs: weak, soon: none}",
        "tier": "911",
        "outcome": "EMERGENCY",
        "never": "[TODAY, TODAY_OP]",
        "why": '"Hours count"',
        "sources": "[hema14]",
    }
    return "A1:\n" + "".join(f"  {k}: {v}\n" for k, v in (lines | fields).items() if v)


def problems_of(text: str) -> list[Problem]:
    cases, problems = parse_cases(file(CASES_PATH, text))
    return problems or [p for p in check(cases) if p.rule == "case"]


# -- the cases of the site ------------------------------------------------------------------------


def test_every_case_comes_out_and_every_result_has_one() -> None:
    assert set(TOOLS) == set(NAMES)
    assert parse_cases(file(CASES_PATH))[1] == []
    assert len(CASES) >= 224
    assert check(CASES) == []


def test_the_people_of_the_first_walks_are_there() -> None:
    walked = {name[:3] for name in CASES if re.match(r"W\d\d", name)}
    assert walked == {f"W{number:02}" for number in range(1, 33)}
    for name in ("W01n", "W01o", "W01g", "W09"):
        assert CASES[name].line == CASES_TEXT[: CASES_TEXT.index(f"\n{name}:") + 1].count("\n") + 1


@pytest.mark.parametrize(
    ("answers", "name"),
    [
        ("life: none, setting: none, pelvis: none, after: fever, legs: none", "after: fever"),
        ("life: none, setting: shot, pelvis: none, after: shotnumb, legs: weak", "legs: weak"),
        ("life: none, setting: op, pelvis: none, after: none, legs: weak, soon: none, who: a70",
         "who: a70"),
        ("life: none, setting: op, pelvis: none, after: shotnumb, legs: none", "after: shotnumb"),
    ],
)  # fmt: skip
def test_an_answer_that_the_person_is_not_asked_is_an_error(answers: str, name: str) -> None:
    """A sign counts out of view, too: the case would hold for a form that nobody can see."""
    (found,) = problems_of(case_text(answers="{" + answers + "}"))
    assert found.line == 4
    assert found.message == f"case A1: this person is not asked '{name}'"


def test_answers_that_exclude_each_other_are_named() -> None:
    text = case_text(
        tool="get-ready",
        answers="{life: none, setting: none, pelvis: none, legs: none, soon: none, who: a50, "
        "scan: [noscan, pastop]}",
    )
    (found,) = problems_of(text)
    assert "get-ready shows no result: in 'scan', 'noscan' cannot be ticked beside" in found.message


def test_a_result_of_another_tool_is_said_to_be_of_that_tool() -> None:
    (first, *_) = problems_of(case_text(tool="options", outcome="NUMB_NEW"))
    assert first.message == "case A1: there is no result 'NUMB_NEW' in options"
    assert first.hint == "It is a result of next-step: write them at 'tool'."


def test_a_case_takes_little_work() -> None:
    """Calls, which no busy machine adds to; a thousand of them are a tenth of a millisecond."""
    assert count_calls(lambda: check(CASES)) < 10_000 * len(CASES)


# -- a wrong tool ---------------------------------------------------------------------------------


def test_a_wrong_rule_of_a_tool_is_reported_by_the_name_of_the_case() -> None:
    tools = with_rule_swapped("content/tools/next-step.yaml", "N13", "N14")
    found = {p.message.split()[1]: p for p in check(CASES, tools) if p.rule == "case"}
    assert set(found) == {"E06", "BB05a"}
    line = CASES_TEXT[: CASES_TEXT.index("\nE06:") + 1].count("\n") + 1
    assert (found["E06"].path, found["E06"].line, found["E06"].severity) == (
        CASES_PATH,
        line,
        "error",
    )
    assert found["E06"].message == (
        "case E06 (A man of 49. For 2 years he has had back pain that stops him a lot.): "
        "next-step shows ASK_SPECIALIST (visit); it must be BACK (visit)"
    )
    assert found["E06"].hint == (
        "Answers: who: a18 (Someone 18 to 49) | place: back (In the back) | "
        "time: over12 (More than 12 weeks) | "
        "pattern: other (Something else, or nothing changes it) | limit: lot (A lot) | "
        "life, setting, pelvis, legs, soon: None of these. Mend the tool or the case."
    )


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("{name: G1, all: [[tier.911]],", "{name: G1, all: [[life.tier.911]],", "W09"),
        ("  - {name: G3, pairs: true, outcome: EMERGENCY}\n", "", "K13"),
        ("[setting.op], [tier.today, tier.days,", "[setting.op], [tier.days,", "P07"),
        ("[[setting.shot], [after.tier.today]]", "[[setting.shot], [after.fever]]", "S10"),
    ],
)
def test_a_wrong_rule_of_the_safety_part_is_reported_once_for_all_tools(
    old: str, new: str, named: str
) -> None:
    path = "content/tools/safety.yaml"
    assert old in TEXTS[path]
    tools = read_tools({path: TEXTS[path].replace(old, new)})
    found = [p.message for p in check(CASES, tools) if f"case {named} " in p.message]
    assert len(found) == 1
    assert "): get-ready, next-step and options show" in found[0]


def test_what_must_never_show_is_named() -> None:
    emergency = (PROJECT / "content/emergency.yaml").read_text()
    weak = "{everybody: today, after-surgery: 911, after-shot: 911}"
    assert emergency.count(weak) == 1
    signs, _, _ = parse_warning_signs(file(EMERGENCY.path, emergency.replace(weak, "today")))
    files = [file(path, text) for path, text in TEXTS.items()]
    evidence = Evidence(facts=EVIDENCE.facts, signs=signs)
    tools = parse_tools(files, evidence, POLICY, PAGES)[0]
    (found,) = [p for p in check(CASES, tools) if "case W09 " in p.message]
    assert found.message.endswith(
        "show TODAY_OP (today); it must be EMERGENCY (911), and never TODAY_OP"
    )
    assert f": error: {found.message} [case]\n        {found.hint}\n" in DOCUMENT


def test_a_tool_that_cannot_be_read_leaves_its_cases_alone() -> None:
    rest = {name: tool for name, tool in TOOLS.items() if name != "options"}
    assert check(CASES, rest) == []
    assert check(CASES, {}) == []


def test_the_document_tells_every_field_and_shows_a_case_of_the_site() -> None:
    assert [name for name in (*CASE_FIELDS, *TIERS) if f"| `{name}` |" not in DOCUMENT] == []
    example = re.search(r"^W09:\n(?:  .*\n)+", DOCUMENT, re.MULTILINE)
    assert example
    assert example[0] in CASES_TEXT


# -- a wrong case ---------------------------------------------------------------------------------


def test_a_good_case_has_no_problem() -> None:
    assert problems_of(case_text()) == []
    assert problems_of(case_text(never="", sources="")) == []
    assert problems_of(case_text(tool="[next-step, options]", agreed="[911, today]")) == []


@pytest.mark.parametrize(
    ("fields", "line", "message", "hint"),
    [
        ({"person": ""}, 2, "the case 'A1' has no 'person'", "age, sex and story"),
        ({"why": ""}, 2, "the case 'A1' has no 'why'", "the reason"),
        ({"outcom": "TODAY"}, 10, "the case 'A1' has no field 'outcom'", "'outcome'"),
        ({"tier": "todey"}, 5, "tier: 'todey' is not one of the words", "'today'"),
        ({"outcome": "emergency"}, 6, "'emergency' is not the name of a result", "capitals"),
        ({"outcome": "EMERGENCI"}, 6, "there is no result 'EMERGENCI' in next-step", "'EMERGENCY'"),
        ({"never": "[TODAY_OPP]"}, 7, "there is no result 'TODAY_OPP'", "'TODAY_OP'"),
        ({"never": "[EMERGENCY]"}, 7, "EMERGENCY must show, and must never show", "'never'"),
        ({"tool": "next-stp"}, 3, "there is no tool 'next-stp'", "'next-step'"),
        ({"sources": "[hema41]"}, 9, "there is no source 'hema41'", "'hema14'"),
        ({"answers": "{lgs: weak}"}, 4, "there is no question 'lgs'", "'legs'"),
        ({"answers": "{place: leg}", "tool": "options"}, 4, "there is no question 'place'", ""),
        ({"answers": "{legs: week}"}, 4, "there is no answer 'week' to 'legs'", "'weak'"),
        ({"answers": "{who: [a18, a50]}"}, 4, "'who' has 2 answers, and takes one", "others"),
        ({"answers": "legs"}, 4, "answers: has no fields", "name: value"),
        ({"tier": "today"}, 5, "its tier is today, and EMERGENCY is 911", "tier"),
    ],
)
def test_a_wrong_case_is_reported_at_its_line(
    fields: dict[str, str], line: int, message: str, hint: str
) -> None:
    found = [p for p in problems_of(case_text(**fields)) if message in p.message]
    assert [(p.line, p.rule, p.severity, hint in p.hint) for p in found][:1] == [
        (line, "case", "error", True)
    ]


def test_the_line_of_an_answer_is_that_of_its_question() -> None:
    answers = "\n    setting: op\n    legs: week"
    assert [p.line for p in problems_of(case_text(answers=answers))] == [6]


def test_answers_that_lead_to_no_result_name_the_next_question() -> None:
    (found,) = problems_of(case_text(answers="{life: none, setting: none, legs: weak}"))
    assert "no result: the next question is 'pelvis' (Pee, poop and private parts" in found.message


def test_two_cases_with_the_same_answers_cannot_have_different_results() -> None:
    other = case_text(
        answers="{life: none, setting: op, pelvis: none, after: none, legs: weak}",
        tier="today",
        outcome="TODAY",
        never="",
    ).replace("A1:", "A2:")
    alike = case_text().replace(", soon: none}", "}")
    messages = [p.message for p in problems_of(alike + other)]
    assert len(messages) == 2
    assert messages[0].startswith("case A2 (")
    assert messages[1] == (
        "case A2 has the same answers as A1 (line 1), and another result: TODAY, not EMERGENCY"
    )
    assert problems_of(alike + alike.replace("A1:", "A2:")) == []


@pytest.mark.parametrize("text", ["", "- a\n", "A 1:\n  person: x\n", "A1: x\n", "A1:\n  a: [\n"])
def test_a_file_without_a_readable_case_is_an_error(text: str) -> None:
    cases, problems = parse_cases(file(CASES_PATH, text))
    assert cases == {}
    assert [p for p in problems if p.severity == "error"]


def test_tools_without_any_case_are_an_error() -> None:
    assert [(p.rule, p.severity, p.path) for p in check({})] == [("case", "error", CASES_PATH)]
    assert parse_cases(None) == ({}, [])


def test_a_result_that_no_case_shows_is_advice_at_its_line() -> None:
    found = check({name: case for name, case in CASES.items() if case.outcome != "SHOT_NUMB"})
    line = TEXTS["content/tools/safety.yaml"].split("\n  SHOT_NUMB:")[0].count("\n") + 2
    assert [(p.rule, p.severity, p.path, p.line, p.message) for p in found] == [
        ("case-missing", "advice", "content/tools/safety.yaml", line, "no case shows SHOT_NUMB")
    ]


# -- for reviewers --------------------------------------------------------------------------------


def test_the_cases_of_a_tool_are_told_in_its_words() -> None:
    rows = {row["Case"]: row for row in case_rows(TOOLS["options"], CASES, SOURCES)}
    assert "W09" in rows
    assert "W01o" in rows
    assert "W01n" not in rows
    row = rows["W09"]
    assert row["Person"].startswith("A man of 60. Three weeks after a laminectomy")
    assert "setting: Spine surgery in the past 3 months | legs: New: a leg" in row["Answers"]
    assert row["Answers"].endswith("life, pelvis, after, soon: None of these")
    assert row["Result"] == "EMERGENCY (911): Get help now: call 911"
    assert row["Never"] == "TODAY, TODAY_OP, RECENTOP"
    assert SOURCES["hema14"].title in row["Sources"]
    assert rows["W13"]["Sources"] == "judgment"
    assert rows["W13"]["Never"] == "EARLY, KEEP_ON, FIND_CAUSE"  # those that this tool has
    assert rows["BB40a"]["Or"] == "home"


# -- on the site ----------------------------------------------------------------------------------


@pytest.fixture
def site(tmp_path: Path) -> Path:
    for name in ("content", "templates", "static"):
        shutil.copytree(PROJECT / name, tmp_path / name)
    shutil.copy(PROJECT / "config.yaml", tmp_path)
    return tmp_path


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))


@pytest.mark.slow
def test_each_build_puts_the_cases_through_the_tools(site: Path) -> None:
    """Also after an edit of a case alone, of a page while a case fails, and of a tool."""

    def found() -> list[tuple[str, str]]:
        out = run_cli("build", "--root", str(site), "--format", "json", "--jobs", "1").stdout
        problems = [p for p in json.loads(out)["problems"] if p["rule"] == "case"]
        return [(p["path"], p["message"].split()[1]) for p in problems]

    assert found() == []
    cases, tool = site / CASES_PATH, site / "content/tools/next-step.yaml"
    edit(cases, "never: [TODAY, TODAY_OP, RECENTOP]", "never: [EMERGENCY]")
    assert found() == [(CASES_PATH, "W09:")]
    with (site / "content/recovery.md").open("a") as page:
        page.write("\nAsk your team.\n")
    assert found() == [(CASES_PATH, "W09:")]
    cases.write_text(CASES_TEXT)
    edit(tool, "place: [groin]}, outcome: HIP}", "place: [groin]}, outcome: FEET}")
    assert (CASES_PATH, "W21n") in found()


@pytest.mark.slow
def test_the_review_sheet_of_a_tool_shows_its_cases(site: Path) -> None:
    built = build(site)
    text = build_review_sheet(built, "tools/get-ready", TODAY)
    count = len(case_rows(TOOLS["get-ready"], CASES, SOURCES))
    assert f"PEOPLE THAT THE TOOL IS TRIED WITH ({count})" in text
    assert "W01g: A woman of 68. For a year both her legs" in text
    assert "W01n:" not in text
    assert "PEOPLE THAT THE TOOL" not in build_review_sheet(built, "recovery", TODAY)
    unused = {p.message.split("'")[1] for p in built.problems if p.rule == "unused-reference"}
    assert not unused & {name for case in CASES.values() for name in case.sources}
