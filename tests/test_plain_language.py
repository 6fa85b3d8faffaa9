"""Plain language: each rule finds what it is for, lets be what is fine, and says where and how."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitebuilder.clinical.plain_language.rules import check_plain_language
from sitebuilder.core.evidence import Term
from sitebuilder.core.passage import Passage, TextRun
from sitebuilder.core.problems import RULES, Problem

ALL = frozenset(
    """
    reading-grade hard-block very-long-sentence long-sentence long-paragraph percentage
    denominators mood-word passive unexplained-term
    """.split()
)
TERMS = {
    "laminectomy": Term("laminectomy", "laminectomy", "bone is taken out", also=("laminectomies",)),
    "mri": Term("mri", "MRI", "a scan"),
    "cauda": Term("cauda", "cauda equina", "a bundle of nerves"),
}
HARD = "Multidisciplinary rehabilitation necessitates considerable institutional collaboration. "


def para(text: str, kind: str = "paragraph", line: int = 7, block: str = "") -> Passage:
    return Passage(kind, (TextRun(text, line, 1),), block, 5 if block else 0)


def check(*passages: Passage | str, on: frozenset[str] | set[str] = ALL) -> list[Problem]:
    page = [para(p) if isinstance(p, str) else p for p in passages]
    return list(check_plain_language(page, TERMS, "content/a.md", 7.0, on))


def one(rule: str, *passages: Passage | str) -> Problem:
    (found,) = check(*passages, on={rule})
    assert found.rule == rule
    assert found.path == "content/a.md"
    assert found.hint
    assert found.message
    assert found.line
    assert found.column
    return found


def test_all_rules_are_known() -> None:
    assert set(RULES) >= ALL


def test_only_rules_that_are_on_are_looked_for() -> None:
    page = para(HARD * 6 + "It was done in 30% by laminotomy, just so.", block="chance")
    for rule in ("reading-grade", "hard-block", "long-paragraph", "percentage", "mood-word"):
        assert {p.rule for p in check(page, on={rule})} == {rule}
    assert {p.rule for p in check(page, on={"passive", "percentage"})} == {"passive", "percentage"}
    assert check(page, on=set()) == []


def test_reading_grade_says_both_figures() -> None:
    easy = [para("We can help you", "item", line=9)] * 40
    found = one("reading-grade", *easy, para(HARD, line=60))
    assert found.line == 9
    assert "paragraphs alone: " in found.message
    assert "limit is 7" in found.message
    assert check("We help you. You can call us.", on={"reading-grade"}) == []
    assert check(on={"reading-grade"}) == []


def test_hard_block() -> None:
    long = para(HARD * 6, block="outcome", line=6)
    found = one("hard-block", para("We help you."), long)
    assert found.line == 5
    assert "'outcome'" in found.message
    assert '"Multidisciplinary rehabilitation' in found.message
    assert check(para(HARD * 3, block="outcome"), on={"hard-block"}) == []  # too few words to tell
    assert check(para(HARD * 6), on={"hard-block"}) == []
    assert check(para("We can help you now. " * 9, block="outcome"), on={"hard-block"}) == []


@pytest.mark.parametrize(
    ("count", "rules"),
    [
        (20, []),
        (21, ["long-sentence"]),
        (25, ["long-sentence"]),
        (26, ["very-long-sentence"]),
    ],
)
def test_long_sentences(count: int, rules: list[str]) -> None:
    both = {"long-sentence", "very-long-sentence"}
    text = "Go. " + "Walk " + "on " * (count - 2) + "well. Rest."
    found = check(text, on=both)
    assert [p.rule for p in found] == rules
    assert all((p.line, p.column) == (7, 5) and f"{count} words" in p.message for p in found)
    assert [p.rule for p in check(text, on={"long-sentence"})] == [
        r for r in rules if r == "long-sentence"
    ]
    assert check(para(text, "cell"), on=both) == []


def test_long_paragraph() -> None:
    found = one(
        "long-paragraph", "One. Two.", para("Dr. A comes. He sits. He asks. He goes.", line=9)
    )
    assert found.line == 9
    assert "4 sentences" in found.message
    assert check("Dr. A comes. He sits. He goes.", on={"long-paragraph"}) == []
    assert check(para("Go. Sit. Ask. Rest.", "item"), on={"long-paragraph"}) == []


@pytest.mark.parametrize(
    "text", ["About 6% had it.", "6 percent had it.", "6 per cent had it.", "It takes 1.5 hours."]
)
def test_percentages(text: str) -> None:
    assert '"' in one("percentage", text).message


@pytest.mark.parametrize(
    "text",
    [
        "About 6% (6 in 100) had it.",
        "About 0.1%, or 1 in 1,000, had it.",
        "Of 1,500 people, 6 had it.",
        "It is 6.",
        "See 1.2.3 and L4.",
    ],
)
def test_what_is_no_percentage(text: str) -> None:
    assert check(text, on={"percentage"}) == []


def test_a_figure_that_is_no_claim_is_left_alone() -> None:
    page = Passage(
        "paragraph", (TextRun("We aim for ", 1, 1), TextRun("WCAG 2.2", 1, 12, "no-claim"))
    )
    assert check(page, on={"percentage"}) == []
    again = Passage("paragraph", (TextRun("Take ", 1, 1), TextRun("1 in 3", 1, 6, "no-claim")))
    assert check(again, "It is 6 in 100.", on={"denominators"}) == []


def test_denominators() -> None:
    found = one(
        "denominators", "About 6 in 100.", "Then 2 to 3 in 1,000 had it. Or 1 in 1000.", "9 in 100"
    )
    assert (found.line, found.column) == (7, 6)
    assert "'2 to 3 in 1,000' counts among 1,000; chances on this page are in 100" in found.message


@pytest.mark.parametrize(
    "text",
    [
        "About 6 in 100 and 9 in 100.",
        "1 in 1,000 and 2 in 1000.",
        "13 in 100 within 4 years (54 of 413 people).",
        "6 in 100 had it, 1 in 30 days, and 15 in 2016.",
        "6 in 100, out of 75,878 cases.",
    ],
)
def test_chances_that_can_be_compared(text: str) -> None:
    assert check(text, on={"denominators"}) == []


@pytest.mark.parametrize(
    "text",
    [
        "This is rare.",
        "It commonly helps.",
        "There is a good chance.",
        "Healing is quick.",
        "It is a safe operation.",
        "You just rest.",
        "This is a minor cut.",
        "It is simply done.",
    ],
)
def test_words_of_mood(text: str) -> None:
    found = one("mood-word", text)
    assert text.split(maxsplit=1)[0] in found.message


@pytest.mark.parametrize(
    "text",
    [
        "How common is it?",
        "This is rare: 1 in 1,000.",
        "It is not safe to drive. A cane is safer. It is safe to walk.",
        "They have it in common.",
        "Rest just after you eat.",
        "Justice is done in a minority.",
    ],
)
def test_what_is_no_word_of_mood(text: str) -> None:
    assert check(text, on={"mood-word"}) == []


@pytest.mark.parametrize(
    "text",
    [
        "The wound is checked by a nurse.",
        "It has been done.",
        "You will be given a pill.",
        "The cut was then carefully sewn.",
        "The tests aren't taken here.",
    ],
)
def test_passives(text: str) -> None:
    assert f'"{text[:6]}' in one("passive", text).message


@pytest.mark.parametrize(
    "text",
    [
        "You are tired.",
        "You may be worried.",
        "The clinic is closed.",
        "The list is based on it.",
        "You are used to it.",
        "We need to feed him.",
        "It is red, and 100 is a hundred.",
        "They are hard-wired.",
        "He has walked.",
    ],
)
def test_what_is_no_passive(text: str) -> None:
    assert check(text, on={"passive"}) == []


@pytest.mark.parametrize(
    "text",
    [
        "A laminotomy helps.",
        "You have arthritis.",
        "The lumbar part.",
        "A DVT is a clot.",
        "An L4-laminotomy helps.",
        "The equina.",
    ],
)
def test_terms_that_nobody_explains(text: str) -> None:
    one("unexplained-term", text)


@pytest.mark.parametrize(
    "text",
    [
        "A Laminectomy and laminectomies, a laminectomy's risk, an MRI, two MRIs.",
        "At L4, S1, T12 and L4-L5 in the US, UK, OK.",
        "The cauda equina.",
        "A coma, a diploma and an aroma.",
        "DO NOT DRIVE, WAIT.",
        "Do NOT drive.",
    ],
)
def test_terms_that_are_fine(text: str) -> None:
    assert check(text, on={"unexplained-term"}) == []


def test_each_term_once_a_page() -> None:
    found = check("A stenosis.", "Stenosis is one.", "A DVT. DVTs again.", on={"unexplained-term"})
    assert [(p.column, p.message.split("'")[1]) for p in found] == [(3, "stenosis"), (3, "DVT")]


def test_the_place_is_that_of_the_marker_when_a_fact_says_it() -> None:
    runs = (
        TextRun("We know: ", 3, 1),
        TextRun("It is rare.", 3, 10, "fact"),
        TextRun(" So rest.", 4, 2),
    )
    (found,) = check(Passage("item", runs), on={"mood-word"})
    assert (found.line, found.column) == (3, 10)


def test_fields_such_as_alt_are_not_read() -> None:
    assert check(para("The stenosis was cut in 5% of cases, rare.", "field")) == []


KINDS = st.sampled_from("heading paragraph item cell title field".split())
WORDS = "the 6% in 100 1 1,000 was done rare DVT stenosis . ! ? - L4 is 2.5 out of' \n".split(" ")
TEXT = st.text() | st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join)
RUNS = st.lists(
    st.builds(
        TextRun, TEXT, st.integers(1, 99), st.integers(1, 99), st.sampled_from(["page", "fact"])
    ),
    min_size=1,
    max_size=3,
).map(tuple)
PASSAGES = st.lists(
    st.builds(Passage, KINDS, RUNS, st.sampled_from(["", "chance"]), st.just(3)), max_size=5
)


@given(PASSAGES)
def test_any_page_can_be_read(passages: list[Passage]) -> None:
    lines = {run.line for p in passages for run in p.runs} | {3}
    for found in check_plain_language(passages, TERMS, "a.md", 7, ALL):
        assert found.line in lines
        assert found.column >= 1
        assert found.hint
        assert found.rule in ALL
