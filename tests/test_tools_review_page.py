"""What reviewers of a tool are given: its words, its flow, and when each result shows."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping
from datetime import date
from html import unescape
from itertools import pairwise
from pathlib import Path
from typing import Any

import look
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nu import NuChecker
from tool_kit import GUARD, NAMES, TOOLS

from sitebuilder.clinical.decision_tools.answers import resolve_answer, tier_literals
from sitebuilder.clinical.decision_tools.conditions import (
    TIER_WORDS,
    ConditionWriter,
    describe_timing,
    numbered_rules,
    option_label,
)
from sitebuilder.clinical.decision_tools.evaluate import (
    count_ticks,
    evaluate,
    has_conflict,
    holds,
    in_view,
)
from sitebuilder.clinical.decision_tools.flowchart import (
    SHEET_HEIGHT,
    render_flowchart,
    render_flowchart_sheets,
)
from sitebuilder.clinical.decision_tools.review_html import escape_text
from sitebuilder.clinical.decision_tools.review_page import ReviewContext, render_review_page
from sitebuilder.clinical.decision_tools.signed_text import signed_tool_text
from sitebuilder.clinical.reviews.status import STATUS_LABELS
from sitebuilder.clinical.reviews.text_diff import diff_lines
from sitebuilder.core.decision_tool import Condition, Literal, Tool
from sitebuilder.core.passage import Passage, TextRun

ODD = "<b>&amp;\"'</b> </svg></title><script>x</script> ]]> \x00\u202e\u00ad é 漢字 {}"
CASE = {
    "Case": "X01",
    "Person": "A woman of 68.",
    "Answers": "limit: A lot",
    "Result": "TALK (visit): It makes sense to talk to a surgeon",
    "Never": "EMERGENCY",
    "Why": "The usual picture",
    "Sources": "judgment",
    "Or": "days",
}


def page_of(tool: Tool, status: str = "never-reviewed", **other: Any) -> str:
    return render_review_page(tool, ReviewContext(GUARD, status, **other))


def text_of(html: str) -> str:
    body = html[html.index("<body>") :]
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", body)).split())


# -- conditions in words --------------------------------------------------------------------------

PROPERTIES = {
    "answer with the clock “call back within hours”": "clock.hours",
    "answer with the clock “seen by tomorrow”": "clock.tomorrow",
    "answer with which somebody may drive the reader": "ride.ok",
    "answer with which nobody may drive the reader": "ride.never",
}
SETTINGS = {"after surgery": "op", "after a shot": "shot"}


def answers_in(tool: Tool, words: str) -> set[Literal]:
    """What the words of a clause stand for, read as a clinician would."""
    found: set[Literal] = set()
    for part in re.split(r"; (?:or )?(?=any |question )", words.removeprefix("none of these: ")):
        if part.startswith("any "):
            named, _, but = part.removeprefix("any ").partition(" except ")
            found |= set(resolve_answer(tool.questions, written_as(tool, named)))
            found -= answers_in(tool, but) if but else set()
            continue
        numbers, labels = re.fullmatch(r"question ([\d, or]+): (.*)", part).groups()  # type: ignore[union-attr]
        for number in re.findall(r"\d+", numbers):
            question = tool.questions[int(number) - 1]
            for quoted, note in re.findall(r"(“[^”]*”)(?: \(([^)]*)\))?", labels):
                (option,) = (o for o in question.options if option_label(o) == quoted)
                ids = [SETTINGS[w] for w in re.split(" or ", note.removeprefix("not ")) if w]
                field = "without" if note.startswith("not ") else "settings"
                found.add(Literal(question.id, option.id, **{field: tuple(ids)}))
    return found


def written_as(tool: Tool, named: str) -> str:
    if named in PROPERTIES:
        return PROPERTIES[named]
    tier, number = re.fullmatch(  # type: ignore[union-attr]
        r"answer of the tier “([^”]*)”(?: to question (\d+))?", named
    ).groups()
    key = next(k for k, words in TIER_WORDS.items() if words == tier)
    return f"{tool.questions[int(number) - 1].id}.tier.{key}" if number else f"tier.{key}"


def all_conditions(tool: Tool) -> Iterator[Condition]:
    yield from (rule.when for _, rule in numbered_rules(tool))
    for question in tool.questions:
        yield from (question.show_if, *(option.show_if for option in question.options))
    for outcome in tool.outcomes.values():
        yield from (line.shown_if for line in outcome.body)


@pytest.mark.parametrize("name", NAMES)
def test_the_words_of_a_condition_say_what_it_asks(name: str) -> None:
    tool = TOOLS[name]
    writer = ConditionWriter(tool.questions)
    for condition in all_conditions(tool):
        clauses = writer.clauses(condition)
        groups = [*condition.all_of, *[condition.none_of] * bool(condition.none_of)]
        assert [answers_in(tool, words) for words in clauses] == list(map(set, groups))
        assert [c.startswith("none of these: ") for c in clauses].count(True) == bool(
            condition.none_of
        )


LITERALS = {
    name: [
        literal
        for question in tool.questions
        for option in question.options
        for literal in (
            *(
                x
                for tier in set(option.tiers.values())
                for x in tier_literals(question, option, tier)
            ),
            Literal(question.id, option.id),
        )
    ]
    for name, tool in TOOLS.items()
}


@given(st.sampled_from(NAMES), st.data())
def test_so_do_the_words_of_any_condition(name: str, data: st.DataObject) -> None:
    tool = TOOLS[name]
    few = st.lists(st.sampled_from(LITERALS[name]), min_size=1, max_size=6, unique=True)
    tiers = st.sampled_from(["tier.911", "tier.today", "soon.tier.today", "clock.hours", "ride.ok"])
    group = [*data.draw(few), *resolve_answer(tool.questions, data.draw(tiers))]
    for left_out in data.draw(st.lists(st.sampled_from(group), max_size=2, unique=True)):
        group = [each for each in group if each != left_out]
    if group:
        (words,) = ConditionWriter(tool.questions).clauses(Condition((tuple(group),)))
        assert answers_in(tool, words) == set(group)


@pytest.mark.parametrize("name", NAMES)
def test_labels_of_answers_differ_within_a_question(name: str) -> None:
    for question in TOOLS[name].questions:
        labels = [option_label(option) for option in question.options]
        assert len(set(labels)) == len(labels), question.id


def test_tiers_in_words() -> None:
    tool = TOOLS["next-step"]
    writer = ConditionWriter(tool.questions)
    legs = tool.question("legs")
    assert writer.tiers(legs.option("weak")) == "today; after surgery or after a shot: 911"
    assert writer.tiers(legs.option("oldweak")) == "2 or 3 days; after surgery: today"
    assert writer.tiers(legs.option("none")) == ""


# -- when a reader gets somewhere -----------------------------------------------------------------


def states(tool: Tool, seed: int, count: int) -> Iterator[dict[str, set[str]]]:
    """Random ticks; in most, the lists of signs let on."""
    dice = random.Random(seed)
    for _ in range(count):
        ticks_signs, state = dice.random() < 0.5, {}
        for question in tool.questions:
            mild = [o.id for o in question.options if not o.is_sign]
            ids = [o.id for o in question.options] if ticks_signs and dice.random() < 0.2 else mild
            ticks = {dice.choice(ids)}
            if question.type == "many" and dice.random() < 0.3:
                ticks |= set(dice.sample(ids, dice.randint(1, min(3, len(ids)))))
            if dice.random() < 0.97:
                state[question.id] = ticks
        yield state


def rule_that_counts(tool: Tool, state: Mapping[str, set[str]]) -> str:
    """The number of the first rule that fits, read as the page says it."""
    counted = count_ticks(tool, state)
    own = {question.id for question in tool.own_questions}
    answered = [
        not in_view(q, counted)
        or bool(counted[q.id] and not (q.id in own and has_conflict(q, state)))
        for q in tool.questions
    ]
    for number, rule in numbered_rules(tool):
        timing = describe_timing(tool, rule)
        until = re.search(r"question (\d+)", timing)
        place = int(until[1]) if until else 0 if timing.startswith("at once") else len(answered)
        if all(answered[:place]) and holds(rule.when, counted):
            return number
    return ""


@pytest.mark.parametrize("name", NAMES)
def test_the_first_rule_that_fits_gives_the_result(name: str) -> None:
    tool = TOOLS[name]
    leads_to = {number: rule.outcome for number, rule in numbered_rules(tool)} | {"": ""}
    assert len(leads_to) == len(tool.safety.rules) + len(tool.rules) + 1
    met = set()
    for state in states(tool, 1, 4000):
        number = rule_that_counts(tool, state)
        assert leads_to[number] == evaluate(tool, state).outcome, (number, state)
        met.add(number)
    assert len(met) > 0.7 * len(leads_to), set(leads_to) - met


@pytest.mark.parametrize("name", NAMES)
def test_each_result_names_its_rules_and_those_before_them(name: str) -> None:
    tool = TOOLS[name]
    html = page_of(tool)
    numbers = [number for number, _ in numbered_rules(tool)]
    parts = re.findall(r'<section class="result tier-(\w+)">(.*?)</section>', html, re.DOTALL)
    assert len(parts) == len(tool.outcomes) == html.count("You get here when")
    writer = ConditionWriter(tool.questions)
    for (tier, part), outcome in zip(parts, tool.outcomes.values(), strict=True):
        text = text_of(f"<body>{part}")
        assert tier == outcome.tier
        rules = [(n, rule) for n, rule in numbered_rules(tool) if rule.outcome == outcome.name]
        assert re.findall(r"Rule (\w+),", text) == [n for n, _ in rules]
        for number, rule in rules:
            words = text[text.index(f"Rule {number}, {describe_timing(tool, rule)}:") :]
            assert all(clause in words for clause in writer.clauses(rule.when))
        for span in re.findall(r"no rule above it fits: (\w+)(?: to (\w+))?", text):
            assert all(n in numbers for n in span if n)
        for line in outcome.body:
            condition = "; and ".join(writer.clauses(line.shown_if))
            assert f"{condition and f'[only with {condition}] '}{line.text.text}" in text
    lead = text_of(html).partition("EARLY_50, tier")[2] if name == "next-step" else ""
    assert "no rule above it fits: G1 to N10 " in lead or name != "next-step"


def test_a_result_without_a_rule_says_so() -> None:
    tool = TOOLS["get-ready"]
    lost = msgspec.structs.replace(tool, rules=tuple(r for r in tool.rules if r.outcome != "TALK"))
    assert "Never: no rule leads here." in page_of(lost)
    assert "Never: no rule" not in page_of(tool)


# -- the rest of the page -------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_all_of_a_tool_stands_on_its_page(name: str) -> None:
    tool = TOOLS[name]
    text = text_of(page_of(tool, verification_lines=["All states: 12"]))
    passages = [tool.title, tool.disclaimer]
    for question in tool.questions:
        passages += [question.text, *(o.text for o in question.options)]
        passages += [question.help] if question.help else []
    for outcome in tool.outcomes.values():
        passages += outcome.passages
        assert all(word in text for word in (outcome.name, *outcome.links, *outcome.offer))
    for note in tool.notes.values():
        passages.append(note.text)
        assert all(fact in text for fact in note.facts)
    for choice in tool.catalog.values():
        passages += [choice.title, choice.good, choice.less_good]
        assert all(fact in text for fact in choice.facts)
    if tool.standing_list:
        passages += [tool.standing_list.title, *tool.standing_list.items]
        passages += [tool.standing_list.closing] if tool.standing_list.closing else []
    assert [p.text for p in passages if p.text not in text] == []
    for number, rule in numbered_rules(tool):
        assert f"{number} (line {rule.line})" in text
    for pair in GUARD.pairs:
        assert f"it may be: {pair.why}" in text
    assert "All states: 12" in text
    assert "the proof has not run" in text_of(page_of(tool))


@pytest.mark.parametrize("name", NAMES)
def test_each_answer_says_what_it_does(name: str) -> None:
    tool = TOOLS[name]
    html = page_of(tool)
    table = html[html.index("<h2>Questions and answers") : html.index("<h2>Points to bring up")]
    rows = re.findall(r"<tr><td>(.*?)</td><td>(.*?)</td><td>(.*?)</td></tr>", table)
    writer = ConditionWriter(tool.questions)
    options = [(q, o) for q in tool.questions for o in q.options]
    for (question, option), (written, words, does) in zip(options, rows, strict=False):
        effects = unescape(does)
        assert written == f"{question.id}.{option.id}"
        assert unescape(words) == option.text.text
        tiers = writer.tiers(option)
        assert effects.startswith(f"tier: {tiers}" if tiers else "goes on")
        assert ("stands alone" in effects) == option.exclusive
        assert ("somebody may drive" in effects) == (option.ride == "ok")
        assert ("nobody may drive" in effects) == (option.ride == "never")
        assert ("call back" in effects) == (option.clock == "hours")
        assert all(note in effects for note in option.notes)
        assert ("in view only with" in effects) == (not option.show_if.is_always)
    hidden = [q for q in tool.questions if not q.show_if.is_always]
    assert [q.id for q in hidden] == ["after", "legs", "who"]
    assert table.count("; asked only with ") == len(hidden)


def test_the_page_says_what_is_required_of_every_state() -> None:
    parts = {}
    for name in NAMES:
        html = page_of(TOOLS[name])
        part = html[html.index("<h2>What the proof showed") : html.index("<h2>People who")]
        parts[name] = dict(re.findall(r"<tr><td>(s[\w-]+)</td>(.*?)</tr>", part, re.DOTALL))
    assert "only EMERGENCY, CRISIS, TODAY_OP or RECENTOP" in parts["options"]["s5-surgery"]
    assert "as urgent as “2 or 3 days” or more" in parts["next-step"]["s8-max-next-step"]
    assert set(parts["next-step"]) == {requirement.name for requirement in GUARD.requirements}
    for requirement in GUARD.requirements:  # a tool shows what is required of it, and no more
        asked = not requirement.tools or "options" in requirement.tools
        assert (requirement.name in parts["options"]) == asked


def test_cases_and_open_questions_stand_on_the_page() -> None:
    tool = TOOLS["get-ready"]
    text = text_of(page_of(tool, case_rows=[CASE]))
    assert "led through this tool (1)" in text
    assert all(word in text for field, word in CASE.items() if field not in {"Never", "Or"})
    assert "never: EMERGENCY" in text
    assert "or: days" in text
    assert "None yet" in text_of(page_of(tool))
    assert len(tool.safety.open_questions) > 10
    for question in tool.safety.open_questions:
        assert question in text
    closed = msgspec.structs.replace(tool.safety, open_questions=())
    assert "Nothing is open" in page_of(msgspec.structs.replace(tool, safety=closed))


@pytest.mark.parametrize("name", NAMES)
def test_the_table_says_what_the_rules_say(name: str) -> None:
    tool = TOOLS[name]
    html = page_of(tool)
    table = html[html.index("<h2>The rules") :]
    rows = re.findall(r"<tr>(.*?)</tr>", table[: table.index("</table>")], re.DOTALL)
    rules = numbered_rules(tool)
    writer = ConditionWriter(tool.questions)
    assert len(rows) == 1 + len(rules)
    for row, (number, rule) in zip(rows[1:], rules, strict=True):
        text = text_of(f"<body>{row}")
        assert text.startswith(f"{number} (line {rule.line}) {describe_timing(tool, rule)}")
        assert all(c in text for c in writer.clauses(rule.when) or ["all the rest"])
        assert f"({rule.outcome}, {TIER_WORDS[tool.outcomes[rule.outcome].tier]})" in text


# -- the drawing ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_the_drawing_shows_each_question_rule_and_result(name: str) -> None:
    tool = TOOLS[name]
    sheets = render_flowchart_sheets(tool)
    for drawing in ([render_flowchart(tool)], sheets):
        text = " ".join(unescape(re.sub(r"<[^>]*>", " ", "".join(drawing))).split())
        for number, question in enumerate(tool.questions, 1):
            assert f"{number}. {question.text.text}" in text
        assert all(f"{outcome.name} (" in text for outcome in tool.outcomes.values())
        assert all(outcome.title.text in text for outcome in tool.outcomes.values())
        places = [text.index(f" {number}: ") for number, _ in numbered_rules(tool)]
        assert places == sorted(places)
        assert text.index("At once") < places[0] < text.index(" 1. ") < text.index(" G5: ")
        assert text.index(" 6. ") < text.index(" G5: ") < text.index(" 7. ") < text.index(" G10: ")
    assert len(sheets) > 1
    for sheet in sheets:  # the size of letters on A4, in points
        wide, high = map(int, re.findall(r'viewBox="0 0 (\d+) (\d+)"', sheet)[0])
        assert high <= SHEET_HEIGHT + 40
        assert 13 * min(186 / wide, 245 / high) / 25.4 * 72 >= 7, (wide, high)
    assert len(set(re.findall(r'id="([^"]*)"', "".join(sheets)))) == 2 * len(sheets)


def test_no_box_or_text_leaves_the_sheet() -> None:
    for sheet in render_flowchart_sheets(TOOLS["next-step"]):
        wide, high = map(int, re.findall(r'viewBox="0 0 (\d+) (\d+)"', sheet)[0])
        box = r'<rect x="(\d+)" y="(\d+)" width="(\d+)" height="(\d+)"'
        for x, y, width, height in (map(int, each) for each in re.findall(box, sheet)):
            assert x + width <= wide
            assert y + height <= high
        assert all(int(y) <= high for y in re.findall(r'<text x="\d+" y="(\d+)"', sheet))


def light(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def test_words_stand_out_sevenfold() -> None:
    drawing, page = render_flowchart(TOOLS["options"]), page_of(TOOLS["options"])
    ink = "#161616"
    assert f'fill="{ink}"' in drawing
    grounds = set(re.findall(r'fill="(#\w{6})"', drawing)) - {ink}
    grounds |= set(re.findall(r"background: (#\w{6})", page)) | {"#ffffff"}
    assert len(grounds) >= 6
    for ground in grounds:
        assert (light(ground) + 0.05) / (light(ink) + 0.05) >= 7, ground
    for colour in re.findall(r"[{ ]color: (#\w{6})", page):
        assert 1.05 / (light(colour) + 0.05) >= 7, colour


def test_the_banner_says_who_signed_and_what_changed() -> None:
    tool = TOOLS["options"]
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


def test_nothing_runs_and_nothing_leaves() -> None:
    html = page_of(TOOLS["next-step"])
    assert "default-src 'none'" in html
    assert "unsafe" not in html
    for forbidden in ("<script", "<link", "<form", "<a ", " style=", " on", "src="):
        assert forbidden not in re.sub(r">[^<]*<", "><", html[html.index("<body>") :])
    assert html == page_of(TOOLS["next-step"])


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
def test_every_change_of_a_tool_changes_its_words(name: str) -> None:
    tool = TOOLS[name]
    words = signed_tool_text(tool)
    count = 0
    for other in changed(tool):
        # who keeps a tool and what changed in it is told beside its words, as on every page
        if msgspec.structs.replace(other, owner=tool.owner, changes=tool.changes) == tool:
            continue
        # of the safety part, questions, results and notes stand in the tool itself
        kept = {"rules": tool.safety.rules, "version": tool.safety.version}
        if msgspec.structs.replace(other.safety, **kept) == tool.safety:
            count += 1
            assert signed_tool_text(other) != words
    assert count > 300
    moved = msgspec.structs.replace(tool, rules=(*tool.rules[1::-1], *tool.rules[2:]))
    assert signed_tool_text(moved) != words
    assert signed_tool_text(msgspec.structs.replace(tool, path="x", lines={})) == words


def test_words_are_plain_lines() -> None:
    lines = signed_tool_text(TOOLS["get-ready"]).splitlines()
    assert lines[0] == "Tool: get-ready"
    who = "Question who [one; unless setting.op or setting.told]: Who is this about?"
    assert f"{who} Choose the first line that fits." in lines
    assert "Answer who.u18: Any other child or teen under 18" in lines
    assert "Rule 11 leads to TALK [if (scan.pressure)]: R11" in lines
    assert "Rule 12 leads to NEED_FACTS [always]: R12" in lines
    assert all(line == " ".join(line.split()) for line in lines)
    assert all(a != b for a, b in pairwise(lines))


# -- odd characters, and the checker -----------------------------------------------------------


def odd(tool: Tool) -> Tool:
    """The tool with odd characters in every text."""

    def swap(value: Any, field: str = "") -> Any:
        if isinstance(value, Passage):
            return Passage("item", (TextRun(value.text + " " + ODD, 1, 1),))
        if isinstance(value, msgspec.Struct):
            names = {f: swap(getattr(value, f), f) for f in value.__struct_fields__}
            return msgspec.structs.replace(value, **names)
        if isinstance(value, str):
            free = {"version", "description", "path", "page", "open_questions"}
            return value + ODD if field in free else value
        if isinstance(value, tuple):
            return tuple(swap(one, field) for one in value)
        if isinstance(value, Mapping):
            return {k: swap(v) for k, v in value.items()}
        return value

    return swap(tool)  # type: ignore[no-any-return]


def test_odd_characters_are_text() -> None:
    assert escape_text("a\n <b>&'\"\x07\u202e") == "a &lt;b&gt;&amp;&#x27;&quot;U+0007U+202E"
    tool = odd(TOOLS["get-ready"])
    more = {"verification_lines": [ODD], "case_rows": [dict.fromkeys(CASE, ODD)]}
    html = page_of(tool, "changed", changes=(("gone", ODD), ("new", ODD)), **more)
    svg = render_flowchart(tool)
    for made in (html, svg):
        assert "<script" not in made
        assert "<b>&" not in made
        assert "\x00" not in made
        assert "\u202e" not in made
        assert "U+202E" in made
    assert "+ &lt;b&gt;&amp;amp;" in html
    assert html.count("</svg>") == len(render_flowchart_sheets(tool))
    assert svg.count("</svg>") == 1


def write_review_pages(folder: Path) -> None:
    """Write what reviewers are given, as page and as drawing; once with odd characters too."""
    for name, tool in TOOLS.items():
        changes = diff_lines("old\n" + signed_tool_text(tool), signed_tool_text(tool))
        page = page_of(tool, "changed", changes=changes, case_rows=[CASE])
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
