"""What reviewers of a tool are given: its words, its flow, and when each result shows."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping
from datetime import date
from html import unescape
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import look
import msgspec
import pytest
from conftest import PROJECT
from hypothesis import given
from hypothesis import strategies as st
from nu import NuChecker

from sitebuilder.clinical.decision_tools.conditions import Clause, describe_clause, path_matches
from sitebuilder.clinical.decision_tools.evaluate import evaluate
from sitebuilder.clinical.decision_tools.flowchart import escape_text, render_flowchart
from sitebuilder.clinical.decision_tools.parse import parse_tools
from sitebuilder.clinical.decision_tools.review_page import outcome_paths, render_review_page
from sitebuilder.clinical.decision_tools.signed_text import signed_tool_text
from sitebuilder.clinical.library import load_site_data
from sitebuilder.clinical.reviews.status import STATUS_LABELS
from sitebuilder.clinical.reviews.text_diff import diff_lines
from sitebuilder.content.loader import load_sources
from sitebuilder.core.decision_tool import DecisionRule, Option, Outcome, Question, Tool
from sitebuilder.core.passage import Passage, TextRun

NAMES = ("get-ready", "next-step", "options")
ODD = "<b>&amp;\"'</b> </svg></title><script>x</script> ]]> \x00\u202e\u00ad é 漢字 {}"


@pytest.fixture(scope="module")
def tools() -> dict[str, Tool]:
    return read_tools()


def read_tools() -> dict[str, Tool]:
    inputs = load_sources(PROJECT)
    known = load_site_data(inputs)[0].evidence
    pages = set(re.findall(r"[a-z0-9-]+", "".join(f.data.decode() for f in inputs.data)))
    found, problems = parse_tools(inputs.data, known, pages)
    assert set(found) == set(NAMES), problems
    return found


def page_of(tool: Tool, state: str = "never-reviewed", **other: Any) -> str:
    given = {"changes": (), "verification_lines": ["All states: 12"], "generated": None, **other}
    return render_review_page(tool, tool.title.text, status=state, **given)


def text_of(html: str) -> str:
    body = html[html.index("<body>") :]
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", body)).split())


def states(tool: Tool, seed: int, count: int, *, full: bool) -> Iterator[dict[str, set[str]]]:
    """Random ticks; most let on. `full`: every question is answered, free of conflict."""
    dice = random.Random(seed)
    for _ in range(count):
        state = {}
        for at, question in enumerate(tool.questions):
            ids = [option.id for option in question.options]
            on = [o.id for o in question.options if not o.flag and not o.stop]
            alone = [o.id for o in question.options if o.exclusive]
            ticks = {dice.choice(ids)}
            if question.type == "many":
                some = [i for i in ids if i not in alone] if full else ids
                if some and dice.random() < 0.7:
                    ticks = set(dice.sample(some, dice.randint(1, len(some))))
            if at < tool.safety_count and on and dice.random() < 0.9:
                ticks = {dice.choice(on)}
            if full or dice.random() < 0.95:
                state[question.id] = ticks
        yield state


@pytest.mark.parametrize("full", [True, False])
@pytest.mark.parametrize("name", NAMES)
def test_you_get_here_exactly_when_the_page_says(
    tools: dict[str, Tool], name: str, *, full: bool
) -> None:
    tool = tools[name]
    every = outcome_paths(tool)
    met = set()
    for state in states(tool, 1, 2500, full=full):
        shows = evaluate(tool, state).outcome
        here = {n for n, each in every.items() if any(path_matches(tool, w, state) for w in each)}
        assert here == ({shows} - {""}), state
        met.add(shows)
    assert set(tool.outcomes) <= met


def passage(text: str) -> Passage:
    return Passage("item", (TextRun(text, 1, 1),))


def tool_with(tool: Tool, questions: tuple[Question, ...], rules: tuple[DecisionRule, ...]) -> Tool:
    outcomes = dict(tool.safety.outcomes)
    for rule in rules:
        outcomes[rule.outcome] = Outcome(rule.outcome, "info", passage("T"), (passage("b"),))
    return msgspec.structs.replace(
        tool,
        questions=(*tool.safety.questions, *questions),
        rules=rules,
        outcomes=outcomes,
    )


@st.composite
def odd_rules(draw: st.DrawFn) -> tuple[tuple[Question, ...], tuple[DecisionRule, ...]]:
    questions = []
    for name in "abc"[: draw(st.integers(1, 3))]:
        kind = draw(st.sampled_from(["one", "many"]))
        count = draw(st.integers(2, 4))
        alone = draw(st.integers(0, 2)) if kind == "many" else 0
        options = tuple(
            Option(f"{name}{i}", passage(f"{name}{i}"), exclusive=i >= count - alone)
            for i in range(count)
        )
        questions.append(Question(name, kind, passage(name), options))
    rules = []
    for _ in range(draw(st.integers(0, 6))):
        when = {}
        for question in questions:
            ids = [option.id for option in question.options]
            chosen = draw(st.lists(st.sampled_from(ids), unique=True, max_size=3))
            if chosen:
                when[question.id] = tuple(chosen)
        rules.append(DecisionRule(when, draw(st.sampled_from(["X", "Y", "Z"]))))
    return tuple(questions), (*rules, DecisionRule({}, "X"))


@given(odd_rules(), st.integers(0, 10**6))
def test_ways_hold_for_any_rules(
    tools: dict[str, Tool], made: tuple[tuple[Question, ...], tuple[DecisionRule, ...]], seed: int
) -> None:
    tool = tool_with(tools["options"], *made)
    every = outcome_paths(tool)
    for state in [*states(tool, seed, 40, full=True), *states(tool, seed, 20, full=False)]:
        shows = evaluate(tool, state).outcome
        here = {n for n, each in every.items() if any(path_matches(tool, w, state) for w in each)}
        assert here == ({shows} - {""}), (state, made)


@given(odd_rules())
def test_no_way_is_idle(
    tools: dict[str, Tool], made: tuple[tuple[Question, ...], tuple[DecisionRule, ...]]
) -> None:
    questions = tuple(
        msgspec.structs.replace(
            q,
            type="one",
            options=tuple(msgspec.structs.replace(o, exclusive=False) for o in q.options),
        )
        for q in made[0]
    )
    tool = tool_with(tools["options"], questions, made[1])
    first = {"now": {"none"}, "soon": {"none"}, "age": {"adult"}, "pregnant": {"no"}}
    alone = set()
    every = [(name, way) for name in "XYZ" for way in outcome_paths(tool).get(name, ())]
    for chosen in product(*(q.options for q in questions)):
        own = {q.id: {o.id} for q, o in zip(questions, chosen, strict=True)}
        state = {**first, "recentop": {"no"}, **own}
        here = [i for i, (_, way) in enumerate(every) if path_matches(tool, way, state)]
        assert here
        alone |= set(here) if len(here) == 1 else set()
    assert alone == set(range(len(every)))


def test_ways_are_as_few_as_can_be(tools: dict[str, Tool]) -> None:
    tool = tools["next-step"]
    (early,) = outcome_paths(tool)["EARLY"]  # two rules lead there
    assert early.clauses == (
        Clause("place", (("back", "leg", "both"),)),
        Clause("time", (("under6",),)),
    )
    for name in NAMES:
        assert all(len(outcome_paths(tools[name])[o]) == 1 for o in tools[name].own_outcomes)
    (more,) = outcome_paths(tools["get-ready"])["TALK_MORE"]
    assert more.clauses[-2:] == (
        Clause("health", (), ("infection",)),
        Clause("spine", (("slip", "curve", "levels", "pastop", "unsure"),)),
    )


def test_a_way_that_two_others_cover_is_left_out(tools: dict[str, Tool]) -> None:
    def asked(name: str) -> Question:
        options = tuple(Option(f"{name}{i}", passage(f"{name}{i}")) for i in range(2))
        return Question(name, "one", passage(name), options)

    rules = (
        DecisionRule({"b": ("b1",), "c": ("c1",)}, "X"),
        DecisionRule({"a": ("a0",), "b": ("b1",)}, "X"),
        DecisionRule({"a": ("a1",), "c": ("c1",)}, "X"),
        DecisionRule({}, "Y"),
    )
    found = outcome_paths(tool_with(tools["options"], tuple(map(asked, "abc")), rules))["X"]
    assert [way.clauses for way in found] == [
        (Clause("a", (("a0",),)), Clause("b", (("b1",),))),
        (Clause("a", (("a1",),)), Clause("c", (("c1",),))),
    ]


def test_a_condition_reads_as_a_sentence(tools: dict[str, Tool]) -> None:
    tool = tools["get-ready"]
    (more,) = outcome_paths(tool)["TALK_MORE"]
    assert describe_clause(tool.question("health"), more.clauses[-2]) == (
        "not “I have an infection now, or I am on an antibiotic”"
    )
    (urgent,) = outcome_paths(tool)["URGENT"]
    assert (
        describe_clause(tool.question("now"), urgent.clauses[-1])
        == "no answer that leads to EMERGENCY"
    )
    assert describe_clause(tool.question("main"), Clause("main")) == "any answer"


@pytest.mark.parametrize("name", NAMES)
def test_all_of_a_tool_stands_on_its_page(tools: dict[str, Tool], name: str) -> None:
    tool = tools[name]
    text = text_of(page_of(tool))
    passages = [tool.title, tool.disclaimer]
    for question in tool.questions:
        passages += [question.text, *(o.text for o in question.options)]
        passages += [question.help] if question.help else []
    for outcome in tool.outcomes.values():
        passages += [outcome.title, *outcome.body]
        assert all(word in text for word in (outcome.name, *outcome.links, *outcome.offer))
    for note in tool.notes.values():
        passages.append(note.text)
        assert all(fact in text for fact in note.facts)
    for choice in tool.catalog.values():
        passages += [choice.title, choice.good, choice.less_good]
        assert all(fact in text for fact in choice.facts)
    missing = [p.text for p in passages if p.text not in text]
    assert not missing
    for at, rule in enumerate(tool.rules, 1):
        assert f"{at} (line {rule.line})" in text
        assert f"Rule {at}" in text
    assert "All states: 12" in text
    assert text.count("You get here when") == len(tool.outcomes)


def test_each_answer_says_what_it_does(tools: dict[str, Tool]) -> None:
    tool = tools["get-ready"]
    html = page_of(tool)
    table = html[html.index("<h2>Questions and answers") :]
    found = re.findall(r"<tr>(.*?)</tr>", table[: table.index("</table>")])
    rows = [[unescape(c) for c in re.findall(r"<td>(.*?)</td>", row)] for row in found[1:]]
    options = [(n, o) for n, q in enumerate(tool.questions, 1) for o in q.options]
    for (at, option), (question, answer, does) in zip(options, rows, strict=True):
        assert question.startswith(f"{at}.")
        assert answer == option.text.text
        leads = {"emergency": "leads to EMERGENCY", "urgent": "leads to URGENT"}.get(option.flag)
        leads = leads or (f"stops at {option.stop}" if option.stop else "goes on")
        assert does.split("; ")[0] == leads
        assert ("cannot stand beside" in does) == option.exclusive
        assert (f"adds the point {option.note}" in does) == bool(option.note)


def test_the_decision_table_says_what_the_rules_say(tools: dict[str, Tool]) -> None:
    tool = tools["options"]
    html = page_of(tool)
    table = html[html.index("<h2>The rules") :]
    rows = re.findall(r"<tr>(.*?)</tr>", table[: table.index("</table>")])
    assert len(rows) == 1 + len(tool.rules)
    for row, rule in zip(rows[1:], tool.rules, strict=True):
        _, *cells, result = (unescape(c) for c in re.findall(r"<td>(.*?)</td>", row))
        for question, cell in zip(tool.own_questions, cells, strict=True):
            named = rule.when.get(question.id, ())
            texts = [o.text.text for o in question.options if f"“{o.text.text}”" in cell]
            assert texts == [question.option(i).text.text for i in named]
            assert named or cell == "any"
        assert result.endswith(f"({rule.outcome})")


@pytest.mark.parametrize("name", NAMES)
def test_the_drawing_shows_each_question_rule_and_result(tools: dict[str, Tool], name: str) -> None:
    tool = tools[name]
    whole = render_flowchart(tool)
    text = " ".join(unescape(re.sub(r"<[^>]*>", " ", whole)).split())
    for question in tool.questions:
        assert question.text.text in text
    assert all(outcome in text for outcome in tool.outcomes)
    assert all(outcome.title.text in text for outcome in tool.outcomes.values())
    assert all(f"Rule {n}" in text for n in range(1, len(tool.rules) + 1))
    for part in ("questions", "rules"):  # the size of letters on A4, in points
        wide, high = map(
            int, re.findall(r'viewBox="0 0 (\d+) (\d+)"', render_flowchart(tool, part))[0]
        )
        scale = min(186 / wide, 245 / high) / 25.4 * 72
        assert 13 * scale >= 7, (part, wide, high)


def light(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def test_words_stand_out_sevenfold(tools: dict[str, Tool]) -> None:
    drawing, page = render_flowchart(tools["options"]), page_of(tools["options"])
    ink = "#161616"
    assert f'fill="{ink}"' in drawing
    grounds = set(re.findall(r'fill="(#\w{6})"', drawing)) - {ink}
    grounds |= set(re.findall(r"background: (#\w{6})", page)) | {"#ffffff"}
    assert len(grounds) >= 5
    for ground in grounds:
        assert (light(ground) + 0.05) / (light(ink) + 0.05) >= 7, ground
    for colour in re.findall(r"[{ ]color: (#\w{6})", page):
        assert 1.05 / (light(colour) + 0.05) >= 7, colour


def test_the_banner_says_who_signed_and_what_changed(tools: dict[str, Tool]) -> None:
    tool = tools["options"]
    changes = diff_lines("old\n" + signed_tool_text(tool), signed_tool_text(tool))
    assert "DRAFT" in page_of(tool)
    assert "all is new" in page_of(tool)
    changed = page_of(tool, "changed", changes=changes)
    assert "CHANGED since" in changed
    assert "<del>- old</del>" in changed
    assert "--change" in changed
    overdue = page_of(tool, "overdue", changes=changes)
    assert "CHANGED since" in overdue
    assert "State: overdue." in overdue
    current = page_of(tool, "current", generated=date(2026, 11, 22))
    assert "DRAFT" not in current
    assert "CHANGED" not in current
    assert "Printed: November 22, 2026" in current
    assert all("<h2>Sign</h2>" in page_of(tool, state) for state in STATUS_LABELS)
    with pytest.raises(KeyError):
        page_of(tool, "signed")


def test_nothing_runs_and_nothing_leaves(tools: dict[str, Tool]) -> None:
    html = page_of(tools["next-step"])
    assert "default-src 'none'" in html
    assert "unsafe" not in html
    for forbidden in ("<script", "<link", "<form", "<a ", " style=", " on", "src="):
        assert forbidden not in re.sub(r">[^<]*<", "><", html[html.index("<body>") :])
    assert html == page_of(tools["next-step"])


# -- words that are signed ---------------------------------------------------------------------


NO_WORDS = {"line", "lines", "path", "column", "origin", "block", "block_line"}
"""Where things stand. The facts of a whole tool are those of its parts."""


def changed(value: Any) -> Iterator[Any]:
    """Each value that differs from this in one place."""
    match value:
        case msgspec.Struct():
            skipped = NO_WORDS | {Tool: {"facts"}, Passage: {"kind"}}.get(type(value), set())
            for field in set(value.__struct_fields__) - skipped:
                for other in changed(getattr(value, field)):
                    yield msgspec.structs.replace(value, **{field: other})
        case bool() | str():
            yield not value if isinstance(value, bool) else f"{value}x"
        case tuple():
            for i, one in enumerate(value):
                yield (*value[:i], *value[i + 1 :])
                yield from ((*value[:i], other, *value[i + 1 :]) for other in changed(one))
        case Mapping():
            for key, one in value.items():
                yield {k: v for k, v in value.items() if k != key}
                yield from ({**value, key: other} for other in changed(one))


@pytest.mark.parametrize("name", NAMES)
def test_every_change_of_a_tool_changes_its_words(tools: dict[str, Tool], name: str) -> None:
    tool = tools[name]
    words = signed_tool_text(tool)
    count = 0
    for other in changed(tool):
        # who keeps a tool and what changed in it is told beside its words, as on every page
        if msgspec.structs.replace(other, owner=tool.owner, changes=tool.changes) == tool:
            continue
        # of the safety part, questions and results stand in the tool itself
        if other.safety == tool.safety or other.safety.version != tool.safety.version:
            count += 1
            assert signed_tool_text(other) != words
    assert count > 300
    moved = msgspec.structs.replace(tool, rules=(*tool.rules[1::-1], *tool.rules[2:]))
    assert signed_tool_text(moved) != words
    assert signed_tool_text(msgspec.structs.replace(tool, path="x", lines={})) == words


def test_words_are_plain_lines(tools: dict[str, Tool]) -> None:
    lines = signed_tool_text(tools["get-ready"]).splitlines()
    assert lines[0] == "Tool: get-ready"
    assert "Question 3 [age, one, first part]: How old are you?" in lines
    assert "- [under18, stop YOUNG] Under 18" in lines
    assert "Rule 1: NEED_FACTS, if scan [noscan, unsure]" in lines
    assert "Rule 9: TALK, if nothing above fits" in lines
    assert all(line == " ".join(line.split()) for line in lines)
    assert all(a != b for a, b in pairwise(lines) if not a.startswith("Rests on"))


# -- odd characters, and the checker -----------------------------------------------------------


def odd(tool: Tool) -> Tool:
    """The tool with odd characters in every text."""

    def swap(value: Any, field: str = "") -> Any:
        if isinstance(value, Passage):
            return Passage("item", (TextRun(value.text + " " + ODD, 1, 1),))
        if isinstance(value, msgspec.Struct):
            kept = {"id", "type", "flag", "stop", "level", "name", "kind", "when", "outcome"}
            fields = [f for f in value.__struct_fields__ if f not in kept]
            names = {f: swap(getattr(value, f), f) for f in fields}
            return msgspec.structs.replace(value, **names)
        if isinstance(value, str):
            return value + ODD if field in {"version", "description", "path", "page"} else value
        if isinstance(value, tuple):
            return tuple(swap(one) for one in value)
        if isinstance(value, Mapping):
            return {k: swap(v) for k, v in value.items()}
        return value

    return swap(tool)  # type: ignore[no-any-return]


def test_odd_characters_are_text(tools: dict[str, Tool]) -> None:
    assert escape_text("a\n <b>&'\"\x07\u202e") == "a &lt;b&gt;&amp;&#x27;&quot;U+0007U+202E"
    tool = odd(tools["get-ready"])
    html = page_of(tool, "changed", changes=(("gone", ODD), ("new", ODD)), verification_lines=[ODD])
    svg = render_flowchart(tool)
    for made in (html, svg):
        assert "<script" not in made
        assert "<b>&" not in made
        assert "\x00" not in made
        assert "\u202e" not in made
        assert "U+202E" in made
    assert "+ &lt;b&gt;&amp;amp;" in html
    assert html.count("</svg>") == 2
    assert svg.count("</svg>") == 1


def write_review_pages(folder: Path) -> None:
    """Write what reviewers are given, as page and as drawing; once with odd characters too."""
    for name, tool in read_tools().items():
        changes = diff_lines("old\n" + signed_tool_text(tool), signed_tool_text(tool))
        page = page_of(tool, "changed", changes=changes)
        (folder / f"{name}.html").write_text(page)
        (folder / f"{name}.svg").write_text(render_flowchart(tool))
        if name == NAMES[-1]:
            (folder / "odd.svg").write_text(render_flowchart(odd(tool)))
            (folder / "odd.html").write_text(page_of(odd(tool)))


@pytest.mark.java
@pytest.mark.node
@pytest.mark.xdist_group("java")
def test_page_and_drawing_are_valid(nu_checker: NuChecker) -> None:
    """Checked by the one start of Java that test_look_markup uses too."""
    for ending in (".html", ".svg"):
        look.nothing(nu_checker.found(nu_checker.reviews, ending))
