"""Orders for warning signs: how sentences are read, and what they stand under."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitebuilder.clinical.evidence.care_cards import check_care_cards, find_care_cards
from sitebuilder.clinical.evidence.emergency_numbers import (
    check_emergency_numbers,
    check_phone_links,
)
from sitebuilder.clinical.evidence.order_words import parse_sign_orders
from sitebuilder.clinical.evidence.phrases import compile_phrases, find_phrase, fold, may_match
from sitebuilder.clinical.evidence.sign_orders import find_ordered_signs, read_orders
from sitebuilder.clinical.evidence.warning_signs import parse_warning_signs
from sitebuilder.core.evidence import Evidence, SignOrders
from sitebuilder.core.model import File
from sitebuilder.core.problems import Problem
from sitebuilder.markdown.passages import extract_passages, make_passage

DATA = """\
signs:
  pee:
    tier: 911
    text: You cannot pee
    named: ["cannot/can't pee"]
  worse:
    tier: {everybody: 911}
    text: It gets weaker
    named: ["gets weaker"]
  weak:
    tier: {everybody: today, after-surgery: 911}
    text: A weak leg
    named: ["leg ... weak/weaker"]
    unless_named: [worse]
  numb:
    tier: {everybody: visit}
    text: A numb leg
    named: ["numb leg"]
pairs:
  k1: {all: [[legs.weak], [legs.numb]], why: Both}
together:
  - {pair: k1, text: "A weak leg, and a numb leg", settings: [everybody]}
weakness:
  text: What weak means.
  lines:
    - {text: "Any", signs: [weak]}
    - {text: "After surgery", signs: [weak], settings: [after-surgery]}
orders:
  tiers:
    "911": ["call {number}", "{number}"]
    today: ["be seen today", "today"]
    days: ["today or tomorrow"]
    visit: ["say it at your visit", "at ... visit", "can wait"]
  untimed: ["call/tell ... doctor"]
  not_orders: ["{number} list", "not wait ... visit"]
  settings:
    after-surgery: ["after surgery"]
  softeners: ["can wait", "if it lasts", "tomorrow"]
  negations: ["cannot pee"]
"""


def known(text: str = DATA, number: str = "911") -> tuple[Evidence, list[Problem]]:
    file = File("content/emergency.yaml", "", "", text.encode())
    signs, lists, _ = parse_warning_signs(file)
    orders, problems = parse_sign_orders(file, signs, lists, number)
    return Evidence(signs=signs, lists=lists, orders=orders), problems


KNOWN, NO_PROBLEMS = known()
ORDERS = KNOWN.orders or SignOrders()


def found(body: str, title: str = "Title", setting: str = "everybody") -> list[str]:
    passages = extract_passages(body, 1, KNOWN)
    return [
        f"{each.line} {','.join(each.signs)} {','.join(each.orders)}{' !' if each.fault else ''}"
        for each in find_ordered_signs(title, passages, KNOWN, setting)
    ]


def test_the_data_here_is_in_order() -> None:
    assert NO_PROBLEMS == []
    assert [line.tier for line in ORDERS.weakness] == ["today", "911"]


@pytest.mark.parametrize(
    ("body", "title", "expected"),
    [
        ("If you cannot pee, call 911.", "T", ["1 pee 911"]),
        ("If you can\u2019t\npee, call your doctor.", "T", ["1 pee no time !"]),
        ("Call 911 if a leg gets weaker.", "T", ["1 worse 911"]),
        ("If a leg is weak, be seen today.", "T", ["1 weak today"]),
        ("If a leg is weak, call 911.", "T", ["1 weak 911 !"]),
        ("After surgery, call 911 if a leg is weak.", "T", ["1 weak 911"]),
        ("If a leg is weak, call 911.", "Life after surgery", ["1 weak 911"]),
        ("## After surgery\n\nIs a leg weak? Call 911.", "T", ["3 weak 911"]),
        ("## After surgery\n\nx\n\n## Else\n\nIs a leg weak? Call 911.", "T", ["7 weak 911 !"]),
        ("After surgery? If a leg is weak, call 911.", "T", ["1 weak 911"]),
        ("Call 911 for:\n\n- a leg that is weak", "T", ["3 weak 911 !"]),
        ("## Call today\n\n- you cannot pee", "T", ["3 pee today !"]),
        ("::: routine\n- you cannot pee\n:::", "T", ["2 pee visit !"]),
        ("::: routine\n- a numb leg\n:::", "T", ["2 numb visit"]),
        ("Tell your doctor of a numb leg.", "T", ["1 numb no time"]),
        ("You cannot pee. It hurts. Call 911.", "T", []),
        ("You cannot pee. Call a doctor today.", "T", ["1 pee today !"]),
        ("A numb leg, or you cannot pee: today.", "T", ["1 pee,numb today !"]),
        ("You cannot pee: see the 911 list.", "T", []),
        ("Do not wait for a visit. Call today if a leg is weak.", "T", ["1 weak today"]),
        ("Do not call 911.", "T", ["1   !"]),
        ("You do not need to call 911 for this.", "T", ["1   !"]),
        ("Call 911 if it lasts.", "T", ["1  911 !"]),
        ("It can wait.", "T", []),
        ("Nothing here.", "T", []),
    ],
)
def test_a_sentence_is_read_with_what_it_stands_under(
    body: str, title: str, expected: list[str]
) -> None:
    assert found(body, title) == expected


def test_a_tool_may_mean_any_setting() -> None:
    assert found("If a leg is weak, call 911.", setting="") == ["1 weak 911"]
    assert found("If a leg is weak, say it at your visit.", setting="") == ["1 weak visit !"]


@pytest.mark.parametrize(
    ("sentence", "tiers"),
    [
        ("Call 911 now.", ("911",)),
        ("Call today or tomorrow.", ("days",)),
        ("Be seen today, or at your next visit.", ("today", "visit")),
        ("Call your own doctor.", ("no time",)),
        ("Call your own doctor today.", ("today",)),
        ("See the 911 list.", ()),
    ],
)
def test_orders_are_read_by_tier(sentence: str, tiers: tuple[str, ...]) -> None:
    assert read_orders(sentence, ORDERS) == (tiers, "")


def test_the_number_of_the_config_is_filled_in() -> None:
    orders = known(number="112")[0].orders or SignOrders()
    assert read_orders("Call 112.", orders)[0] == ("911",)
    assert read_orders("Call 911.", orders)[0] == ()


def cards(body: str) -> Iterator[str]:
    found_cards = tuple(find_care_cards(body, 1))
    passages = extract_passages(body, 1, KNOWN)
    for each in check_care_cards(found_cards, passages, KNOWN, "content/x.md"):
        assert each.hint
        yield f"{each.line} {each.rule}"


@pytest.mark.parametrize(
    ("body", "problems"),
    [
        ("::: emergency\nsigns: x\n:::", []),
        ("::: emergency Call 911 for these:\nsigns: x\n:::", []),
        ("x\n\n::: emergency Call us for these:\nsigns: x\n:::", ["3 card-tier"]),
        ("::: emergency Call 911 if it lasts:\nsigns: x\n:::", ["1 card-tier"]),
        ("::: same-day Call today, it can wait:\nsigns: x\n:::", ["1 card-tier"]),
        ("::: more T\n::: emergency\nsigns: x\n:::\n:::", ["2 missing-card"]),
        ("::: more T\n::: routine\nsigns: x\n:::\n:::", []),
        ("::: emergency\nsigns: x\n\nIt can wait.\n:::", ["4 card-tier"]),
        ("::: routine\n- it can wait\n:::", []),
        ("```\n::: emergency Call us\n:::\n```", []),
    ],
)
def test_a_card_is_as_urgent_as_its_kind(body: str, problems: list[str]) -> None:
    assert list(cards(body)) == problems


@pytest.mark.parametrize(
    ("text", "is_told"),
    [
        ("Call 911 now.", False),
        ("Call or text 988.", False),
        ("Call 112.", True),
        ("Call the number 999.", True),
        ("Call 9-1-1.", True),
        ("Dial nine one one.", True),
        ("It needs 112.", True),
        ("See the 999 list.", True),
        ("Call 555-010-0100.", False),
        ("Of 112 people, 110 were well.", False),
        ("Call in 2 hours.", False),
        ("L1 1 1", False),
    ],
)
def test_another_emergency_number_is_told(text: str, is_told: bool) -> None:  # noqa: FBT001
    assert bool(list(check_emergency_numbers([make_passage(text, 1)], "x", "911"))) == is_told


@pytest.mark.parametrize(
    ("body", "lines"), [("[a](tel:911)", []), ("x\n[a](tel:112)", [2]), ("tel:555-010-0100", [])]
)
def test_a_link_that_dials_another_number_is_told(body: str, lines: list[int]) -> None:
    assert [p.line for p in check_phone_links(body, 1, "x", "911")] == lines


WORDS = st.sampled_from("a leg is weak numb pee cannot call 911 today . , not".split())
PHRASE = st.lists(WORDS.filter(str.isalnum), min_size=1, max_size=3).map(" ... ".join)


@given(st.lists(PHRASE, max_size=3).map(tuple), st.lists(WORDS, max_size=9).map(" ".join))
def test_the_fast_search_misses_nothing(phrases: tuple[str, ...], text: str) -> None:
    if compile_phrases(phrases).search(fold(text)):
        assert may_match(phrases, fold(text))
        assert find_phrase(phrases, text) in text


@given(st.lists(WORDS, max_size=12).map(" ".join))
def test_no_text_is_too_odd_to_be_read(text: str) -> None:
    for each in find_ordered_signs("T", extract_passages(text, 1, KNOWN), KNOWN):
        assert each.fault or (each.signs and each.orders)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("    text: You cannot pee", "    text: You never pee", "weak-sign: pee: 'never'"),
        (
            "    text: A weak leg",
            "    text: A weak leg that can wait",
            "weak-sign: weak: 'can wait",
        ),
        (", settings: [after-surgery]", "", "missing-sign: weakness: no line says what 'weak'"),
        ("signs: [weak]}", "signs: [weak, numb]}", "missing-sign: weakness: the line 'Any'"),
        ("signs: [weak]}", "signs: [weka]}", "unknown-sign: weakness: there is no sign 'weka'"),
        ("    today: [", "    soon: [", "bad-value: tiers: 'soon' is not"),
        ("  tiers:", "  tears:", "unknown-field: orders has no field 'tears'"),
        ("  text: What weak means.\n", "", "missing-field: weakness has no 'text'"),
        ("pair: k1", "pair: k2", "missing-sign: pairs: no line under 'together' tells"),
        ("  k1: {all", "  k3: {all", "unknown-sign: together: there is no pair 'k1'"),
        ("settings: [everybody]}\nweak", "settings: [all]}\nweak", "bad-value: together: 'all'"),
    ],
)
def test_wrong_words_of_orders_are_told(old: str, new: str, message: str) -> None:
    assert old in DATA
    problems = known(DATA.replace(old, new, 1))[1]
    assert any(f"{p.rule}: {p.message}".startswith(message) and p.line for p in problems), problems
