"""What readers read of a page, as passages: each word once, with its place in the file."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitebuilder.core.evidence import Evidence, Fact, SignGroup, SignList, Source, WarningSign
from sitebuilder.core.model import Block, Page, Part
from sitebuilder.core.passage import Passage, TextRun
from sitebuilder.markdown.convert import convert_page
from sitebuilder.markdown.passages import extract_passages, make_passage

FIRST = 7
"""The line of the file on which bodies start here."""

KNOWN = Evidence(
    facts={
        "tear": Fact(
            "tear", "{figure} had a tear.", "study", ("a",), "{figure} here", ("9",), of=100
        )
    },
    sources={"a": Source("a", "A", "S", "study", "full")},
    signs={
        "chest": WarningSign("chest", "Chest pain"),
        "leg": WarningSign("leg", "Weak leg"),
    },
    lists={
        "all": SignList("all", "911", (SignGroup(("chest",), "Chest"), SignGroup(("leg", "lost"))))
    },
)


def read(body: str) -> tuple[Passage, ...]:
    return extract_passages(body, FIRST, KNOWN, {"glossary": "- **Lamina**: bone\n"})


def kinds(body: str) -> list[tuple[str, str]]:
    return [(p.kind, p.text) for p in read(body)]


def places_are_true(body: str) -> None:
    """Every word that an editor typed stands where the passage says, facts at their braces."""
    lines = body.split("\n")
    for passage in read(body):
        for word in re.finditer(r"\S+", passage.text):
            line, column = passage.locate(word.start())
            there = lines[line - FIRST][column - 1 :]
            run = run_at(passage, word.start())
            if run.origin == "page":
                assert there[0] in {word[0][0], "&"}
            else:
                assert there.startswith("{") or run.origin == "sign"


def run_at(passage: Passage, offset: int) -> TextRun:
    for run in passage.runs:
        if offset < len(run.text):
            return run
        offset -= len(run.text)
    raise AssertionError(offset)


# -- kinds ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("One two.\nThree.\n\nFour.", [("paragraph", "One two. Three."), ("paragraph", "Four.")]),
        ("# One\n## Two {#id}\n### Three ###\nFour", [
            ("heading", "One"), ("heading", "Two"), ("heading", "Three"), ("paragraph", "Four"),
        ]),
        ("##Two", [("heading", "Two")]),
        ("One\n===\n\nTwo\n---\n\nThree\n-", [
            ("heading", "One"), ("heading", "Two"), ("heading", "Three"),
        ]),
        ("One\n\n---\n\nTwo\n\n***\n", [("paragraph", "One"), ("paragraph", "Two")]),
        ("- one\n- two\n  more\n\n    - three", [
            ("item", "one"), ("item", "two more"), ("item", "three"),
        ]),
        ("1. one\n2. two\n\n* x\n\n+ y", [
            ("item", "one"), ("item", "two"), ("item", "x"), ("item", "y"),
        ]),
        ("Word\n:   Its meaning.", [("paragraph", "Word"), ("item", "Its meaning.")]),
        ("| A | B |\n|---|---|\n| c `x` | *d* |\n| e | |\n\nAfter | all", [
            ("cell", "A"), ("cell", "B"), ("cell", "c x"), ("cell", "d"), ("cell", "e"),
            ("paragraph", "After | all"),
        ]),
        ("A | B\n- | -\nc | d\\|e\nf", [
            ("cell", "A"), ("cell", "B"), ("cell", "c"), ("cell", "d|e"), ("cell", "f"),
        ]),
        ("Text\nA | B\n--|--\n", [("paragraph", "Text A | B")]),
        ("> Said\n> so.\n>\n> - one\n>\n> ## Two", [
            ("paragraph", "Said so."), ("item", "one"), ("heading", "Two"),
        ]),
        ("```\ncode\n```\n\n    code\n\nWords", [("paragraph", "Words")]),
        ("Words.[^a]\n\n[^a]: Not read.\n[b]: https://x.org\n*[AB]: not read", [
            ("paragraph", "Words."),
        ]),
        ("See ![A spine](a.svg) now.", [("paragraph", "See  now."), ("field", "A spine")]),
        ("![A spine](a.svg)", [("field", "A spine")]),
        ("| ![A spine](a.svg) | B |\n|---|---|\n", [("field", "A spine"), ("cell", "B")]),
        ("", []),
        ("\n \n", []),
    ],
)  # fmt: skip
def test_each_kind_is_known(body: str, found: list[tuple[str, str]]) -> None:
    assert kinds(body) == found
    places_are_true(body)


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("a *b* **c** ***d*** _e_ __f__", "a b c d e f"),
        ("a_b_c and 2 \\* 3", "a_b_c and 2 * 3"),
        ("[a b](c.md) [d][e] [f] [g](h_(i).md#j)", "a b d f g"),
        ('[a](b "c") <https://example.org> d', "a  d"),
        ("`a b` ``c``", "a b c"),
        ("5&nbsp;weeks &amp; &#53; a&b", "5\xa0weeks & 5 a&b"),
        ("so.[^a] And[^b]", "so. And"),
        ("x {fact tear} y", "x 9 in 100 had a tear. y"),
        ("{short tear}, {value tear}", "9 in 100 here, 9 in 100"),
        ("{no-claim 6 weeks | a question} on", "6 weeks on"),
        ("`{fact tear}` {fact lost}", "{fact tear} lost"),
        ("a \\[b\\] c", "a [b] c"),
    ],
)
def test_markup_is_left_out_and_facts_are_put_in(written: str, read_as: str) -> None:
    [passage] = read(written)
    assert passage.text == read_as
    places_are_true(written)


def test_each_run_knows_where_its_words_come_from() -> None:
    [passage] = read("Up to {value tear}[^a] in {no-claim 6 weeks | why}.")
    assert [run.text for run in passage.runs] == ["Up to ", "9 in 100", "", " in ", "6 weeks", "."]
    assert [r.origin for r in passage.runs] == "page fact source page no-claim page".split()


# -- blocks ---------------------------------------------------------------------------------------


def test_each_passage_knows_its_block() -> None:
    body = """\
Before.

::: warning Watch *out*
Inside.

::: more Detail
- deep
:::

## Again
:::

After."""
    assert [(p.kind, p.text, p.block, p.block_line, p.line) for p in read(body)] == [
        ("paragraph", "Before.", "", 0, 7),
        ("title", "Watch out", "warning", 9, 9),
        ("paragraph", "Inside.", "warning", 9, 10),
        ("title", "Detail", "more", 12, 12),
        ("item", "deep", "more", 12, 13),
        ("heading", "Again", "warning", 9, 16),
        ("paragraph", "After.", "", 0, 19),
    ]
    places_are_true(body)


def test_fields_are_read_apart() -> None:
    body = "::: figure a.svg b.svg\nalt: One | Two\ncaption: A *drawing*\n\nLong words.\n:::"
    assert kinds(body) == [
        ("field", "One | Two"),
        ("field", "A drawing"),
        ("paragraph", "Long words."),
    ]
    places_are_true(body)
    body = "::: chance Up to {value tear}\ncount: 9\nof: 100\n:::"
    assert kinds(body) == [("title", "Up to 9 in 100"), ("number", "9"), ("number", "100")]
    assert [p.locate(0) for p in read(body)] == [(7, 12), (8, 8), (9, 5)]
    assert kinds("::: chance Some\nfact: tear\n:::") == [("title", "Some")]


def test_a_line_like_a_field_is_read_where_a_block_has_none() -> None:
    body = "::: warning Watch out\nimportant: it takes 6 weeks.\n:::"
    assert kinds(body)[1] == ("paragraph", "important: it takes 6 weeks.")
    body = "::: figure a.svg\ncaption: C\n\nalt: no field here\n:::"
    assert kinds(body)[1] == ("paragraph", "alt: no field here")


def test_signs_are_read_on_the_line_that_names_them() -> None:
    found = read("::: emergency\nsigns: all\n:::")
    assert [(p.kind, p.text, p.line, p.runs[0].origin, p.block) for p in found] == [
        ("paragraph", "Chest", 8, "sign", "emergency"),
        ("item", "Chest pain", 8, "sign", "emergency"),
        ("item", "Weak leg", 8, "sign", "emergency"),
    ]
    assert kinds("::: emergency\nsigns: none\n- a\n:::") == [("item", "a")]


def test_lists_made_of_data_are_read_where_they_stand() -> None:
    [passage] = read("\n::: glossary\n:::")
    assert (passage.kind, passage.text, passage.line) == ("item", "Lamina: bone", 8)
    assert passage.runs[0].origin == "fact"


def test_a_reason_in_a_table_is_no_cell() -> None:
    body = "| A | B |\n|---|---|\n| {no-claim 6 weeks | why} | b |"
    assert [p.text for p in read(body)] == ["A", "B", "6 weeks", "b"]


def test_front_matter_is_a_passage_of_its_own() -> None:
    passage = make_passage("A title", 3, "title")
    assert (passage.kind, passage.text, passage.locate(2)) == ("title", "A title", (3, 3))


# -- places ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "word", "place"),
    [
        ("one\ntwo three", "three", (8, 5)),
        ("  one\n   two", "two", (8, 4)),
        ("- one\n  two", "two", (8, 3)),
        ("12. one *two*", "two", (7, 10)),
        ("## A [two](b.md) {#x}", "two", (7, 7)),
        ("> one\n> two", "two", (8, 3)),
        ("| a | two |\n|---|---|\n| c | d |", "two", (7, 7)),
        ("| a | b |\n|---|---|\n| c |  two |", "two", (9, 8)),
        ("::: warning one **two**\nx\n:::", "two", (7, 19)),
        ("::: figure a.svg\nalt: one two\n:::", "two", (8, 10)),
        ("`one` ``two``", "two", (7, 9)),
        ("\\*two", "*two", (7, 2)),
        ("x {fact tear} [two](a)", "two", (7, 16)),
        ("x {fact tear} y", "tear.", (7, 3)),
        ("x {no-claim 6 weeks | y}", "weeks", (7, 3)),
        ("![two](a.svg)", "two", (7, 3)),
        ("a\n{fact tear}\n*two*", "two", (9, 2)),
    ],
)
def test_a_word_is_found_where_it_stands(body: str, word: str, place: tuple[int, int]) -> None:
    found = [p.locate(p.text.index(word)) for p in read(body) if word in p.text]
    assert found == [place]
    places_are_true(body)


def test_what_stands_behind_the_last_word_is_at_the_last_run() -> None:
    [passage] = read("one *two*")
    assert passage.locate(99) == (7, 6)


# -- any page -------------------------------------------------------------------------------------

# Pages are written with the word W in all places; each W then gets a number of its own.
INLINE = st.sampled_from(
    [
        *["W"] * 6,
        *"*W* **W** _W_ `W` [W](a.md) [W*W*](b.md#c) W, W. (W) W-W W/W W[^a] ![W](a.svg)".split(),
        "{fact tear}",
        "{no-claim W | W-no}",
        "W&amp;W",
        "\\[W\\]",
        "2 * W",
        "**W W**",
        "[W W](x.md)",
        "W {value tear}",
    ]
)
LINE = st.lists(INLINE, min_size=1, max_size=5).map(lambda words: "W " + " ".join(words))
LINES = st.lists(LINE, min_size=1, max_size=3).map("\n".join)
CELLS = st.tuples(LINE, LINE).map(lambda row: f"| {row[0]} | {row[1]} |")
PIECES = st.one_of(
    LINES,
    LINES.map(lambda text: "  " + text),
    LINE.map(lambda text: f"## {text}"),
    LINE.map(lambda text: f"### {text} {{#own}}"),
    LINE.map(lambda text: f"{text}\n---"),
    st.lists(LINE, min_size=1, max_size=3).map(lambda items: "- " + "\n- ".join(items)),
    st.lists(LINE, min_size=1, max_size=3).map(lambda items: "1. " + "\n2. ".join(items)),
    st.tuples(LINE, LINE).map(lambda two: f"- {two[0]}\n\n    - {two[1]}"),
    st.tuples(LINE, LINE).map(lambda two: f"- {two[0]}\n\n    {two[1]}"),
    LINES.map(lambda text: "> " + text.replace("\n", "\n> ")),
    st.lists(CELLS, min_size=2, max_size=3).map(
        lambda rows: "\n".join([rows[0], "|---|---|", *rows[1:]])
    ),
    st.just("```\nW-code\n```"),
    st.just("## W\n\n    W-code"),
    st.just("\n\n"),
)
BLOCKS = st.one_of(
    PIECES,
    st.tuples(LINE, PIECES, PIECES).map(lambda t: f"::: warning {t[0]}\n{t[1]}\n\n{t[2]}\n:::"),
    st.tuples(LINE, LINE, PIECES).map(
        lambda t: f"::: figure a.svg\nalt: {t[0]}\ncaption: {t[1]}\n\n{t[2]}\n:::"
    ),
    st.tuples(PIECES, LINE, PIECES).map(
        lambda t: f"::: do\n{t[0]}\n\n::: more {t[1]}\n{t[2]}\n:::\n:::"
    ),
)


def numbered(body: str) -> str:
    """The body with a number in place of each W, so that no word comes twice."""
    parts = body.split("W")
    return "".join(part + (f"w{n}w" if n < len(parts) - 1 else "") for n, part in enumerate(parts))


def shown(parts: tuple[Part, ...]) -> str:
    text = ""
    for part in parts:
        if isinstance(part, Block):
            text += " ".join([part.title, *part.fields.values(), shown((*part.parts, *part.items))])
        else:
            alts = " ".join(re.findall(r'alt="([^"]*)"', part))
            text += re.sub(r"<(?:pre>.*?</pre>|[^>]*>)", "", part, flags=re.DOTALL) + alts
    return text


@given(st.lists(BLOCKS, min_size=1, max_size=6).map(lambda pieces: numbered("\n\n".join(pieces))))
def test_every_word_is_read_once_on_its_line(body: str) -> None:
    lines = body.split("\n")
    expected = {}
    for number, text in enumerate(lines, FIRST):
        for word in re.findall(r"w\d+w(?!-code|-no)", text):
            expected[word] = number
    found: dict[str, int] = {}
    for passage in read(body):
        for word in re.finditer(r"w\d+w", passage.text):
            assert word[0] not in found
            line, column = passage.locate(word.start())
            found[word[0]] = line
            there = lines[line - FIRST][column - 1 :]
            assert there.startswith((word[0], "{no-claim"))
    assert found == expected
    made, _ = convert_page(Page("x", "content/x.md", "/x/", "T", body, FIRST), KNOWN)
    assert set(re.findall(r"w\d+w", shown(made.parts))) == set(expected)


SIGNS = st.sampled_from("- # | ::: > \n \n\n ``` : --- === {".split(" "))


@given(st.text() | st.lists(INLINE | SIGNS, max_size=20).map("".join))
def test_any_text_can_be_read(body: str) -> None:
    lines = body.split("\n")
    for passage in read(body):
        assert passage.text.strip()
        for offset in range(len(passage.text)):
            line, column = passage.locate(offset)
            assert 0 <= line - FIRST < len(lines)
            assert 1 <= column <= len(lines[line - FIRST]) + 1
