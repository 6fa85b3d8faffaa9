"""Choices that a page sets side by side are told alike, and both sides of each."""

from __future__ import annotations

import pytest
from conftest import MakeSite, build
from hypothesis import given
from hypothesis import strategies as st

from sitebuilder.clinical.evidence.balance import check_option_balance
from sitebuilder.core.evidence import Evidence
from sitebuilder.core.problems import Problem
from sitebuilder.markdown.passages import extract_passages

GOOD, BAD = "May be good", "May be bad"


def option(title: str, *, words: int = 20, good: int = 2, bad: int = 2, what: str = "") -> str:
    """A choice of so many words, with so many good and bad points of two words each."""
    text = " ".join(["word"] * (words - 2 * good - 2 * bad))
    goods = "\n".join(["- good point"] * good)
    bads = "\n".join(["- bad point"] * bad)
    what = what or "What it is"
    return (
        f"::: option {title}\n### {what}\n{text}\n\n### {GOOD}\n{goods}\n\n### {BAD}\n{bads}\n:::"
    )


def check(*options: str, benefits: str = GOOD, harms: str = BAD) -> list[Problem]:
    body = "\n\n".join(options)
    return list(
        check_option_balance(extract_passages(body, 1, Evidence()), "content/x.md", benefits, harms)
    )


def told(*options: str) -> list[str]:
    found = check(*options)
    assert all(p.rule == "balance" and p.path == "content/x.md" and p.hint for p in found)
    return [f"{p.line} {p.message}" for p in found]


THREE = (option("A"), option("B"), option("C"))
SECOND = THREE[0].count("\n") + 3
"""The line on which the second choice starts."""


def test_choices_told_alike_are_right() -> None:
    assert told(*THREE) == []
    assert told(*THREE, "Words between.", option("D")) == []
    assert told("No choices here.\n\n- one\n- two") == []
    assert told("::: warning Title\n### A\nb\n:::") == []


@pytest.mark.parametrize("count", [1, 2])
def test_two_choices_are_a_push(count: int) -> None:
    assert told(*THREE[:count]) == [f"1 the choice 'A' is one of only {count}"]


@pytest.mark.parametrize(
    "other",
    [
        option("B", what="What that is"),
        option("B").replace("### What it is\n", ""),
        option("B").replace(BAD, "X", 1).replace(GOOD, BAD, 1).replace("X", GOOD, 1),
        option("B")
        .replace(":::\n### ", ":::\n### More\n\n### ", 1)
        .replace("\n:::", "\n\n### More\nso it is\n:::"),
    ],
)
def test_each_choice_has_the_same_headings_in_the_same_order(other: str) -> None:
    found = told(THREE[0], other, THREE[2])
    assert f"{SECOND} the choice 'B' has other headings than the first" in found
    hint = check(THREE[0], other, THREE[2])[0].hint
    assert f"What it is, {GOOD}, {BAD}" in hint


@pytest.mark.parametrize(
    ("words", "right"), [(150, True), (149, False), (250, True), (251, False), (200, True)]
)
def test_no_choice_is_told_far_longer_than_the_others(words: int, right: bool) -> None:  # noqa: FBT001
    others = [option(title, words=200) for title in "ABCD"]
    found = told(*others, option("Z", words=words))
    first = sum(one.count("\n") + 2 for one in others) + 1
    wanted = f"{first} the choice 'Z' has {words} words, where the middle one has 200"
    assert found == ([] if right else [wanted])


def test_the_hint_says_how_long_it_may_be() -> None:
    found = check(*(option(t, words=200) for t in "ABC"), option("D", words=60))
    assert found[0].hint == "Bring it to between 150 and 250 words."


def test_both_sides_of_each_choice_are_told() -> None:
    assert told(THREE[0], option("B", good=1), option("C", bad=0)) == [
        f"{SECOND} the choice 'B' says too little under '{GOOD}'",
        f"{2 * SECOND - 2} the choice 'C' says too little under '{BAD}'",
    ]
    renamed = tuple(one.replace(BAD, "Other") for one in THREE)
    assert [line.partition("says")[2] for line in told(*renamed)] == [
        f" too little under '{BAD}'"
    ] * 3
    assert check(*renamed, harms="") == []
    assert check(option("A", good=0), *THREE[1:], benefits="", harms="") == []


def test_points_are_list_items_not_paragraphs() -> None:
    prose = option("B", good=0).replace(f"### {GOOD}\n", f"### {GOOD}\ngood point\n\ngood point")
    assert told(THREE[0], prose, THREE[2]) == [
        f"{SECOND} the choice 'B' says too little under '{GOOD}'"
    ]


def site_with(body: str, checks: str = "") -> dict[str, str]:
    long = " ".join(["word"] * 40)
    return {
        "config.yaml": f"name: S\nbenefits: {GOOD}\nharms: {BAD}\n{checks}",
        "content/index.md": f"---\ntitle: T\ndescription: d\n---\n{body}\n",
        "content/facts.yaml": f"f:\n  sentence: {long}.\n  grade: study\n  sources: [a]\n",
        "content/references.yaml": "a:\n  title: T\n  source: S\n  kind: study\n  read: full\n",
    }


def test_facts_count_as_the_words_that_readers_see(make_site: MakeSite) -> None:
    body = "\n\n".join([*THREE[:2], THREE[2].replace("- bad point", "- {fact f}", 1)])
    found = [p.message for p in build(make_site(site_with(body))).problems if p.rule == "balance"]
    assert found == ["the choice 'C' has 58 words, where the middle one has 20"]


@pytest.mark.parametrize("others", ["", "  claim: error\n", "  passive: advice\n"])
def test_a_build_weighs_choices_whatever_else_it_checks(make_site: MakeSite, others: str) -> None:
    site = site_with(option("A", bad=1), f"checks:\n  description: off\n{others}")
    found = [p.message for p in build(make_site(site)).problems if p.rule == "balance"]
    assert len(found) == 2
    site["config.yaml"] += "  balance: off\n"
    assert [p for p in build(make_site(site)).problems if p.rule == "balance"] == []


def test_a_block_inside_a_choice_does_not_end_it() -> None:
    inside = "### What it is\n\n::: warning Mind\nthis\n:::\n"
    with_block = THREE[1].replace("### What it is\n", inside)
    assert told(THREE[0], with_block, THREE[2]) == []


@given(st.lists(st.sampled_from([*THREE, "::: option", "### A", "- b", ":::", "x", "\n"])))
def test_any_page_can_be_weighed(pieces: list[str]) -> None:
    body = "\n".join(pieces)
    for found in check(body):
        assert 1 <= found.line <= body.count("\n") + 1
