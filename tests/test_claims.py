"""Figures that come from no fact are found; what only looks like one is left alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitebuilder.clinical.evidence.claims import (
    find_unsourced_comparisons,
    find_unsourced_figures,
)
from sitebuilder.clinical.evidence.fractions import check_fractions, find_wrong_fractions
from sitebuilder.core.evidence import Evidence, Fact, Source
from sitebuilder.core.problems import Problem
from sitebuilder.markdown.passages import extract_passages, make_passage

KNOWN = Evidence(
    facts={
        "tear": Fact(
            "tear",
            "In 6 weeks {figure} of 400 people did 2 times as well.",
            "study",
            ("a",),
            "{figure} had it",
            ("9",),
            of=100,
        )
    },
    sources={"a": Source("a", "A", "S", "study", "full")},
)


def check(body: str, *exempt: str) -> list[Problem]:
    return list(find_unsourced_figures(extract_passages(body, 5, KNOWN), "content/x.md", exempt))


def figures(body: str, *exempt: str) -> list[str]:
    return [p.message.split("'")[1] for p in check(body, *exempt)]


# -- what is a figure -----------------------------------------------------------------------------

FIGURES = """
About [6%] had it.
About [6 %] had it.
[6 percent] had it, or [six per cent].
[0.1%], [1.5 percent]
[10 to 20%]
[9 in 100] people
[2 to 3 in 1,000] people
[2-3 in 100], [2\u20133 in 100], [17 or 18 in 100]
[one in four] people
[One in a hundred], [1 in a thousand]
[1 in every 3] people
[9 out of 10]
[nine out of every ten]
[54 of 413] people
[nine of ten] people
[9 of every ten]
[2 times as] likely
[3 to 4 times more] often
[two times the] risk
[3 times higher]
[3 times likelier]
[twice as] likely
[twice the] risk
[half as] many
[half of] them
[half the] people
It [doubles the] risk and [halved their] pain.
It is [doubling your] risk.
[a third of] people
[one third of] people
[one-third of] them
[a quarter of] them
[two thirds] had it
[two-thirds] had it
[three quarters] did
a [3-fold] rise, a [threefold] rise, [10 fold]
[2x] as much, [3\u00d7]
[6 weeks]
[six weeks]
[sixteen weeks]
[twenty-five days]
[4 to 6 weeks]
[4-6 weeks]
[four to six weeks]
a [6-week] course
a [two-day] stay
[2 more weeks]
[3 full days]
[10 working days]
[one year]
[1.5 hours], [90 minutes], [45 to 60 minutes]
[half an hour]
[half a day]
a [half-inch] cut
[two nights]
[48 hours]
[2 yrs], [3 mins], [6 wks]
[1 inch], [2.5 cm], [2 to 3 cm], [18 mm], [5 feet], [2 miles], [3 meters]
[10 pounds], [5-pound] bag, [10 lb], [2 kg]
[500 mg] a day, [5 mL]
[101 \u00b0F], [38.5\u00b0C], [20 degrees]
[4 points] on a scale
[about a week], [up to a year], [within an hour], [at least a month]
people [70 years] after it
**[5]** [weeks]
[1 in 2000], [1 in 2,016]
[\u00bd of] people, [2 \u00bd in] ten, [\u00be of] them
[3 \u2030] had it, [3\u2030], [3 per mille]
[ninety of people], [Ninety of the people], [forty of all patients]
[two fifths of] people, [nine tenths of] them, [a seventh of] the men
([6 weeks]), [6 weeks]-
"""


@pytest.mark.parametrize("line", FIGURES.strip().split("\n"))
def test_figures_are_found(line: str) -> None:
    wanted = line.replace("[weeks]", "").replace("**[5]**", "[5 weeks]").split("[")[1:]
    assert figures(line.replace("[", "").replace("]", "")) == [w.split("]")[0] for w in wanted]


NO_FIGURES = """
The bones L1 to L5, S1, T12 and L4-L5 are in one piece.
L4 in the low back, level L5 in front of S1.
A study of 2016, and one in 2022, in May 2016.
A review in 2022 looked at 5 trials in 2019.
The trial ended on May 3 in 2016.
Call 911. Do not drive to 911.
Call 555-010-0199 or (555) 010 0199 now.
1. First, then 2. second.
Step 2 in the list, picture 3 in the row, level 4 of the plan
one of the nerves, one of two ways, two of them, both of us
in one piece, one by one, one in the back, one on top
Many over 70 gained, at age 65 and over, aged 18 to 40.
a 70-year-old, 65 years old, 65 years of age, 65 years or older
See the doctor at 8 am, at 8:30, from 9 to 5.
3 times a day, two times, a few times
twice a day, three walks
Half-way there, on the one half
A second opinion, one second opinion
Take it for a day. Once a week. Twice a month. Every year.
A few weeks, some days, several months, a couple of hours
WCAG 2.2, version 3, item 4.1.3, GLP-1 drugs, B12, COVID-19
2 surgeons may give you 2 plans, 5 trials, 643 people
Choose 3 questions. It has 4 parts.
the first day, the third part, first of all
the second of three parts
one more than that, ten or more
See part 1/2 and 4/5.
a100 in b100
L5 points to the foot, B12 days, 1/2 hours, part 4.1.3 in 10
in and out of it
one of the people who help you, one of the patients, some of the people, both of the women
Fold it in half. \u00bd cup, a \u00bc turn
"""


@pytest.mark.parametrize("line", NO_FIGURES.strip().split("\n"))
def test_what_is_no_figure_is_left_alone(line: str) -> None:
    assert figures(line) == []


@pytest.mark.parametrize(
    "body",
    [
        "{fact tear}",
        "{short tear}, {value tear} people.",
        "Up to {value tear} people. {fact tear} [^a]",
        "What if I wait {no-claim 3 months | a question}?",
        "- {short tear}\n\n| {value tear} | b |\n|-|-|\n| {no-claim 6 weeks | x} | {fact tear} |",
        "::: chance About {value tear}\nfact: tear\n:::",
        "## {short tear}",
        "```\n6 weeks\n```\n",
        "    9 in 100\n",
        "[a](b-6-weeks.md) ![a](6%20weeks.svg)",
        "A.[^9]\n\n[^9]: In 6 weeks 9 in 100.",
    ],
)
def test_a_fact_is_never_a_claim(body: str) -> None:
    assert figures(body) == []


def test_figures_around_a_fact_are_still_found() -> None:
    assert figures("In 2 days {value tear} and 3 in 10.") == ["2 days", "3 in 10"]
    assert figures("{no-claim 6 weeks | why} or 6 weeks") == ["6 weeks"]
    assert figures("1 {value tear} weeks") == []


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("## In 6 weeks", "6 weeks"),
        ("- item of 6 weeks", "6 weeks"),
        ("| A | 6 weeks |\n|---|---|\n| b | c |", "6 weeks"),
        ("| A | B |\n|---|---|\n| b | 6 weeks |", "6 weeks"),
        ("> 6 weeks", "6 weeks"),
        ("::: warning Not for 6 weeks\nx\n:::", "6 weeks"),
        ("::: warning Title\nhint: for 6 weeks\n:::", "6 weeks"),
        ("::: figure a.svg\nalt: After 6 weeks\ncaption: c\n\nWords\n:::", "6 weeks"),
        ("::: figure a.svg\nalt: a\ncaption: After 6 weeks\n\nWords\n:::", "6 weeks"),
        ("![After 6 weeks](a.svg)", "6 weeks"),
        ("[6 weeks](a.md)", "6 weeks"),
        ("6\nweeks", "6 weeks"),
        ("6&nbsp;weeks", "6 weeks"),
        ("&#54; weeks", "6 weeks"),
        ("**6** *weeks*", "6 weeks"),
        ("6[^a] weeks", "6 weeks"),
        ("6 we\\eks 5 \\% x", "5 %"),
    ],
)
def test_a_figure_is_found_wherever_it_stands(body: str, found: str) -> None:
    assert figures(body) == [found]


def test_a_number_of_a_chance_comes_from_a_fact_too() -> None:
    found = check("::: chance Some\ncount: 9\nof: 100\n:::")
    assert [(p.line, p.column, p.hint) for p in found] == [
        (6, 8, "Write 'fact: NAME'."),
        (7, 5, "Write 'fact: NAME'."),
    ]


def test_a_figure_is_told_with_its_place() -> None:
    [problem] = check("First\nsecond *about* 6\nweeks.")
    assert (problem.rule, problem.path, problem.line, problem.column) == (
        "claim",
        "content/x.md",
        6,
        16,
    )
    assert "content/facts.yaml" in problem.hint
    title = make_passage("After 6 weeks", 2, "title")
    assert [(p.line, p.column) for p in find_unsourced_figures([title], "content/x.md", [])] == [
        (2, 7)
    ]


# -- phrases that config lets be ------------------------------------------------------------------


def test_phrases_of_config_are_left_alone() -> None:
    text = "Call 24 hours a day. Open\n24 Hours\na Day. After 24 hours a nurse comes. 6 weeks."
    assert figures(text, "24 hours a day") == ["24 hours", "6 weeks"]
    assert figures("7 days a week", "24 hours a day", "7 days a week") == []
    assert figures("24 hours a day", "hours a day") == ["24 hours"]
    assert figures("24 hours a day 24 hours a day", "24 hours a day") == []
    assert figures("\u0130\u0130\u0130\u0130 24 hours a day, 5 days", "24 hours a day") == [
        "5 days"
    ]


@given(st.text(max_size=8), st.text(max_size=8), st.sampled_from(["6 weeks", "9 in 100"]))
def test_a_phrase_frees_only_itself(before: str, after: str, figure: str) -> None:
    text = f"{before} {figure} {after}"
    [passage] = [make_passage(text, 1)]
    free = list(find_unsourced_figures([passage], "x", [text]))
    assert free == []
    other = f"zz {figure}"
    assert list(find_unsourced_figures([passage], "x", [other])) == list(
        find_unsourced_figures([passage], "x", [])
    )


# -- comparisons ----------------------------------------------------------------------------------


def compared(body: str) -> list[str]:
    found = list(find_unsourced_comparisons(extract_passages(body, 5, KNOWN), "content/x.md"))
    assert all(p.rule == "comparison" and p.hint for p in found)
    return [f"{p.line}:{p.column} {p.message.split(chr(39))[1]}" for p in found]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("It helps leg pain more than back pain.", ["5:19 more than"]),
        ("First. It heals faster\nthan before. Second.", ["5:17 faster than"]),
        ("It is a safer way to do it than that.", ["5:9 safer way to do it than"]),
        ("More. Less than that. Better than so.", ["5:7 Less than", "5:23 Better than"]),
        ("- shorter stays than then", ["5:3 shorter stays than"]),
    ],
)
def test_comparisons_without_a_source_are_found(body: str, found: list[str]) -> None:
    assert compared(body) == found


@pytest.mark.parametrize(
    "body",
    [
        "It helps leg pain more than back pain.[^a]",
        "More than so. {value tear} did.",
        "{fact tear} It is more than that.",
        "You may need more. Ask rather than wait.",
        "There is more to it. Then wait.",
        "It is better.",
    ],
)
def test_what_is_no_comparison_or_has_a_source_is_left_alone(body: str) -> None:
    assert compared(body) == []


@given(st.text())
def test_any_text_can_be_looked_through(text: str) -> None:
    for found in [*check(text), *find_unsourced_comparisons(extract_passages(text, 5, KNOWN), "x")]:
        assert 5 <= found.line <= 5 + text.count("\n")
        assert found.column >= 1


# -- a fraction beside a chance -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("About 86 in 100 (54 of 413) had it.", "about 13 in 100"),
        ("About 13 in 100 people had it in one study (54 of 41).", "about 132 in 100"),
        ("2 to 3 in 1,000 (54 of 413)", "about 131 in 1,000"),
        ("1 in 10 people (2 of 413)", "about 0.0 in 10"),
        ("9 out of 10 (9 out of 100)", "about 0.9 in 10"),
    ],
)
def test_a_fraction_that_is_not_the_chance_beside_it_is_found(text: str, share: str) -> None:
    ((offset, message),) = find_wrong_fractions(text)
    assert text[offset] == "("
    assert share in message


@pytest.mark.parametrize(
    "text",
    [
        "About 13 in 100 (54 of 413) had it.",
        "10 to 15 in 100 (54 of 413)",
        "About 90 in 100 (54 of 60). Another study: 5 in 100 (3 of 60).",
        "1 in 4 (13 of 54)",
        "3 in 1,000 (3 of 1,100)",
        "2 in 100 (one study of 413 people)",
        "86 in 100. In another (54 of 413)",
    ],
)
def test_a_fraction_that_fits_is_left_alone(text: str) -> None:
    assert list(find_wrong_fractions(text)) == []


def test_a_wrong_fraction_is_reported_where_it_stands() -> None:
    body = "Words.\n\nAbout 86 in 100 (54 of 413) had it.[^one]\n"
    found = list(check_fractions(extract_passages(body, 5, KNOWN), "content/x.md"))
    assert [(p.rule, p.line, p.column) for p in found] == [("wrong-fraction", 7, 17)]
