"""What is said of YAML that cannot be read: where, what is wrong, what to do."""

from __future__ import annotations

import pytest
from test_yaml import faults, plain

from sitebuilder.content.yaml import MappingNode, ScalarNode, parse_yaml
from sitebuilder.core.problems import Problem

TAB = ("a tab is used as a space", "Use spaces, never tabs, at the start of a line.")
COLON = (
    "a ':' inside the value confuses the reader",
    'Put quotes round the value: title: "Stroke: what to do".',
)
SIGN = ("the value starts with a sign that has a meaning of its own", "Put quotes round the value.")
FORM = (
    "a line is not of the form 'name: value'",
    "Write each field as 'name: value' on a line of its own.",
)
CHARACTER = ("this character cannot be written", "Delete it, or type the character itself.")
OPEN = ("a quote or bracket is opened and never closed", "Close it on the line where it starts.")
STAR = (
    "a value that starts with '*' or '&' has a meaning of its own",
    "Put quotes round the value.",
)
FIT = (
    "the lines do not fit together here",
    "Check quotes, brackets and the spaces at the start of the line.",
)
NO_ADVICE = ("this cannot be read as YAML", "Compare it with a page that works.")
CURLY = ("curly quotes do not hold a value together", 'Use straight quotes: ".')


@pytest.mark.parametrize(
    ("text", "answer", "line", "column"),
    [
        ("a: b: c", COLON, 1, 5),
        ("a: 1\n\tb: 2", TAB, 2, 1),
        ("a: 1\n\n  \tb: x: y", TAB, 3, 5),
        ("\t", TAB, 1, 1),
        ("a: @x", SIGN, 1, 4),
        ("a: %x", SIGN, 1, 4),
        ("`a", SIGN, 1, 1),
        ("a: 1\ntitle one\nb: 2", FORM, 2, 1),
        ("? a\nb", FORM, 2, 1),
        ('a: "\\U00110000"', CHARACTER, 1, 4),
        ('a: 1\nb: "x\nc: 2', OPEN, 2, 4),
        ("a: 1\nb: 'x\n\n", OPEN, 2, 4),
        ('a: "x\\\n', OPEN, 1, 4),
        ("a: *", STAR, 1, 5),
        ("a: 1\nb: &", STAR, 2, 5),
        ("a: 'x' y", FIT, 1, 8),
        ("a: [x\nb: 1", FIT, 1, 4),
        ("a: 1\nb: {x: 1\nc: 2", FIT, 2, 4),
        ("- a\nb: c", FIT, 2, 1),
        ("a: 1\nb:\n  - c\n d: e", FIT, 4, 2),
        ('a: "\\q"', NO_ADVICE, 1, 4),
        ("%x", NO_ADVICE, 1, 3),
        ("a: - b", NO_ADVICE, 1, 4),
        ("a: “b: c”", CURLY, 1, 6),
        ("  - a: „b: c“", CURLY, 1, 10),
        ("a: ‘b: c", CURLY, 1, 6),  # noqa: RUF001
        ("a:  ’b: c", CURLY, 1, 7),  # noqa: RUF001
        ("a: ”b: c", CURLY, 1, 6),
        ("two words: “b: c”", CURLY, 1, 14),
        ("a: b: “c", COLON, 1, 5),
        ("a: b “c”: d", COLON, 1, 9),
    ],
)
def test_each_slip_is_answered_at_its_place(
    text: str, answer: tuple[str, str], line: int, column: int
) -> None:
    for first_line in (1, 40):
        found: Problem = faults(text, first_line)[0]
        assert (found.message, found.hint) == answer
        assert (found.line, found.column) == (first_line + line - 1, column)
        assert (found.rule, found.path) == ("yaml", "x.md")


def test_what_the_reader_gives_no_place_for_is_told_at_the_start() -> None:
    """Such signs are taken out of files before; this is the reader's own answer to them."""
    for text in ("a: b\nc: \x01", "\ta: b\nc: \x01"):
        found = faults(text, 7)[0]
        assert (found.message, found.hint) == NO_ADVICE
        assert (found.line, found.column) == (7, 1)


def test_line_ends_that_only_yaml_counts_lead_to_no_line_that_is_not_there() -> None:
    for text in ("a: 1\u2028\u2028b: c: d", "a: 1\u2028\u2028b: &x d", "a: 1\u2028b: c: d"):
        assert {found.line for found in faults(text, 7)} == {7}


ODD = [0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000]


@pytest.mark.parametrize("odd", [chr(sign) for sign in ODD])
def test_every_space_that_only_looks_like_one_is_told_and_read_as_one(odd: str) -> None:
    sign = f"U+{ord(odd):04X}"
    for text, value, column in (
        (f"a:{odd}b", {"a": "b"}, 3),
        (f"a-B_c:{odd}{odd} b", {"a-B_c": "b"}, 7),
        (f"a:\n -{odd}b", {"a": ["b"]}, 3),
        (f"a:\n{odd}b: c", {"a": {"b": "c"}}, 1),
        (f"a:\n  - b:{odd}c", {"a": [{"b": "c"}]}, 7),
    ):
        node, (found,) = parse_yaml(text, "x.md", 5)
        assert plain(node) == value
        assert found.message == f"the space here is {sign}, which only looks like a space"
        assert found.hint == (
            "Delete it and type it again. It often comes with text pasted from a browser."
        )
        assert (found.line, found.column) == (5 + text.count("\n"), column)
        assert (found.rule, found.path) == ("yaml", "x.md")


def test_places_behind_an_odd_space_are_as_they_were() -> None:
    node, _ = parse_yaml("a:\u00a0 \u2003b", "x.md")
    assert isinstance(node, MappingNode)
    assert node.get("a") == ScalarNode("b", 1, 6)


def test_a_colon_that_only_looks_like_one_is_told_and_read_as_one() -> None:
    node, (found,) = parse_yaml("x: 1\n  \nab-C_d\uff1ae", "x.md", 5)
    assert plain(node) == {"x": "1", "ab-C_d": "e"}
    assert found.message == "the colon here is U+FF1A, which only looks like a colon"
    assert (found.line, found.column) == (7, 7)
    node, (found,) = parse_yaml("x: é\ny:\n  - ab\uff1ac", "x.md")
    assert plain(node) == {"x": "é", "y": [{"ab": "c"}]}
    assert found.column == 7


@pytest.mark.parametrize(
    "text", ["a: x\u00a0y", "a: x\uff1ay", "größe\uff1a", "a: é", "a: b\u00a0"]
)
def test_what_stands_in_a_value_is_the_editors_own(text: str) -> None:
    assert [p for p in faults(text) if "only looks like" in p.message] == []


def test_all_are_mended_and_the_first_hundred_told() -> None:
    rows = "".join(f"{chr(97 + n // 26)}{chr(97 + n % 26)}:\u00a0v\n" for n in range(130))
    node, problems = parse_yaml(rows, "x.md")
    assert isinstance(node, MappingNode)
    assert len(node.entries) == 130
    assert [p.line for p in problems] == [*range(1, 101)]
