"""Strict YAML: text stays text, what YAML would do in silence is said, one slip hides no other."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitebuilder.content import yaml
from sitebuilder.content.yaml import (
    MAX_DEPTH,
    MAX_RECOVERIES,
    MappingNode,
    Node,
    ScalarNode,
    SequenceNode,
    parse_yaml,
)
from sitebuilder.content.yaml_errors import MAX_PROBLEMS
from sitebuilder.core.problems import Problem


def plain(node: Node | None) -> object:
    """What a node says, without its places."""
    if isinstance(node, MappingNode):
        return {key.value: plain(value) for key, value in node.entries}
    if isinstance(node, SequenceNode):
        return [plain(value) for value in node.values]
    return node.value if node else None


def read(text: str) -> object:
    node, problems = parse_yaml(text, "x.md")
    assert problems == []
    return plain(node)


def faults(text: str, first_line: int = 1) -> list[Problem]:
    return parse_yaml(text, "x.md", first_line)[1]


def only_fault(text: str) -> Problem:
    (found,) = faults(text)
    assert found.rule == "yaml"
    assert found.path == "x.md"
    assert found.hint
    return found


@pytest.mark.parametrize(
    "word",
    "12:30 1:30:00 no yes on off true False 0123 010 1.10 1e3 0x1F 2024-02-30 2024-01-01T00:00 "
    ".inf 1_000 = ½ 10⁻³ 555-010-0100 Nein NULLE https://x.org/a#b C# a:b 100% a&b".split(),
)
def test_a_value_means_what_it_looks_like(word: str) -> None:
    assert read(f"x: {word}") == {"x": word}
    assert read(f"- {word}\n- {word}") == [word, word]


@pytest.mark.parametrize("word", ["", "~", "null", "Null", "NULL"])
def test_nothing_is_empty_text_but_quoted_it_is_a_word(word: str) -> None:
    assert read(f"x: {word}") == {"x": ""}
    assert read(f"x: '{word}'") == {"x": word}


@pytest.mark.parametrize("word", ["no", "on", "12", "1.10", "'null'", '"~"'])
def test_a_key_is_text_too(word: str) -> None:
    assert read(f"{word}: a") == {word.strip("'\""): "a"}


def test_nothing_at_all_is_no_value() -> None:
    assert parse_yaml("", "x.md") == (None, [])
    assert parse_yaml("\n# only a note\n\n", "x.md") == (None, [])


def test_lists_fields_and_their_places() -> None:
    node, problems = parse_yaml("a: one\nb:\n  - x\n  - c: y\n", "x.md", 10)
    assert problems == []
    assert isinstance(node, MappingNode)
    b = node.get("b")
    assert isinstance(b, SequenceNode)
    assert node.get("a") == ScalarNode("one", 10, 4)
    assert b.values[0] == ScalarNode("x", 12, 5)
    assert isinstance(b.values[1], MappingNode)
    assert b.values[1].get("c") == ScalarNode("y", 13, 8)
    assert node.get("z") is None


def test_columns_count_characters_not_bytes() -> None:
    (found,) = faults("größe: [é, 你好, &a x]")
    assert (found.line, found.column) == (1, 16)


def test_a_key_twice_is_told_with_both_lines_and_the_first_stays() -> None:
    node, (found,) = parse_yaml("a: 1\nb: 2\na: 3", "x.md", 2)
    assert (found.line, found.column) == (4, 1)
    assert "'a' is already set on line 2" in found.message
    assert plain(node) == {"a": "1", "b": "2"}


def test_a_key_three_times_is_told_twice() -> None:
    assert [f.line for f in faults("a: 1\na: 2\na: 3")] == [2, 3]


def test_a_key_twice_is_seen_at_any_depth() -> None:
    assert [f.line for f in faults("x:\n  - a: 1\n    a: 2\n")] == [3]


@pytest.mark.parametrize(
    ("text", "sign", "line"),
    [
        ("a: &x 1\nb: 2", "(&)", 1),
        ("a: 1\nb: *x", "(*)", 2),
        ("a: *emphasis* at the start", "'*'", 1),
        ("a: !!set {x, y}", "!!set", 1),
        ("a: !!python/object/apply:os.system ['id']", "!!python", 1),
        ("a: !important", "!important", 1),
        ("<<: {a: 1}", "<<", 1),
        ("a: 1\n--- \nb: 2", "second document", 2),
        ("a: 1\n...\n---\nb: 2", "second document", 3),
        ("a: one # two", "' #'", 1),
        ("a: one\nb: two   # three", "' #'", 2),
        ('a: "x\\uD83D"', "cannot be written", 1),
        ('a: "x\\0"', "control character U+0000", 1),
        ('a: "x\\e]0;x"', "control character U+001B", 1),
        ('a: "\\u202Egnp.exe"', "control character U+202E", 1),
        ('a:\n  - {"\\uE000": b}', "control character U+E000", 2),
        ('a: "\\U000E0041"', "control character U+E0041", 1),
        ("a: “b: c”", "curly quotes do not hold", 1),
        ("a: “b”", "curly quotes round the value", 1),
        ("a:\n  - ‘b’", "curly quotes round the value", 2),  # noqa: RUF001
        ("a: 1\n\u00a0b: 2", "U+00A0, which only looks like a space", 2),
        ("a:\u00a0b", "U+00A0, which only looks like a space", 1),
        ("a:\n \u2003- b", "U+2003, which only looks like a space", 2),
        ("a: 1\nb\uff1ac", "U+FF1A, which only looks like a colon", 2),
    ],
)
def test_tricks_are_refused_with_their_line(text: str, sign: str, line: int) -> None:
    found = faults(text)
    assert found, text
    assert sign in found[0].message
    assert found[0].line == line
    assert found[0].hint


def test_the_hint_for_a_lost_note_is_the_line_to_write() -> None:
    assert '"A #1 doctor"' in only_fault("a: A #1 doctor").hint


@pytest.mark.parametrize(
    "text", ['a: "one # two"', "a: one#two", "# note\na: b", "a: b\n  # note\n"]
)
def test_notes_that_lose_nothing_are_fine(text: str) -> None:
    assert faults(text) == []


def test_an_alias_bomb_is_answered_at_its_anchors() -> None:
    bomb = "a: &a [x,x]\n" + "".join(f"b{n}: &b{n} [*a, *a]\n" for n in range(40))
    assert {f.rule for f in faults(bomb)} == {"yaml"}
    assert len(faults(bomb)) >= 41


@pytest.mark.parametrize(
    "deep",
    ["a: " + "[" * 3000, "[" * 3000 + "]" * 3000, "- " * 3000, "{a: " * 3000, "? " * 3000],
)
def test_depth_is_answered_without_exhausting_the_stack(deep: str) -> None:
    assert "nested too deep" in [f.message for f in faults(deep)]


def test_depth_has_a_limit_that_honest_files_do_not_meet() -> None:
    assert faults("[" * MAX_DEPTH + "]" * MAX_DEPTH) == []
    assert only_fault("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1)).message == "nested too deep"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("title: Stroke: what to do", 1, "':' inside the value"),
        ("a: 1\n\tb: 2", 2, "a tab"),
        ("a:\n\t- b", 2, "a tab"),
        ('a: 1\nb: "open\nc: 3', 2, "never closed"),
        ("a: 1\nb: [x, y\nc: 3", 2, ""),
        ("a: @b", 1, "sign that has a meaning"),
        ("a: `b`", 1, "sign that has a meaning"),
        ("a: 1\njust words\nb: 2", 2, "not of the form"),
        ("a: 'it's'", 1, ""),
        ("a: 1\n  b: 2", 2, ""),
    ],
)
def test_a_slip_is_told_at_its_line_in_words_that_help(text: str, line: int, words: str) -> None:
    found = faults(text)
    assert found[0].line == line
    assert words in found[0].message
    assert "mapping" not in found[0].message  # no word of the parser's own


def test_every_slip_is_told_and_the_rest_is_read() -> None:
    text = 'a: "open\nb: fine\nc: one: two\nd: [x\ne: also\nf: `code`\n'
    node, found = parse_yaml(text, "x.md", 2)
    assert [f.line for f in found] == [2, 4, 5, 7]
    assert plain(node) == {"b": "fine", "e": "also"}
    assert isinstance(node, MappingNode)
    assert node.unreadable_keys == ("a", "c", "d", "f")


def test_slips_and_tricks_are_told_together() -> None:
    found = faults("a: 1\na: 2\nb: x: y\nc: *d\n")
    assert sorted(f.line for f in found) == [2, 3, 4]


def test_a_file_of_slips_ends() -> None:
    assert 1 <= len(faults("\n".join(f"a{n}: b: c" for n in range(200)))) <= 20


@pytest.mark.parametrize("text", ["a: “b” and “c”", "a: the “b”", "a: '“b”'", "a: x\u00a0y"])
def test_curly_quotes_and_hard_spaces_within_a_value_are_fine(text: str) -> None:
    assert faults(text) == []


NASTY = {
    "one long flow list": "a: [" + "x," * 400_000 + "]",
    "one long flow list of lists": "a: [" + "[]," * 300_000 + "]",
    "many short lines": "- a\n" * 250_000,
    "many names": "".join(f"a{n}:\n" for n in range(100_000)),
    "one name again and again": "a: b\n" * 200_000,
    "a slip on each line": "a: b: c\n" * 120_000,
    "quotes that nothing closes": "a: 'b\n" * 150_000,
    "brackets that nothing closes": "a: [b\n" * 150_000,
    "one line of brackets": "[" * 1_000_000,
    "one line of braces": "{" * 1_000_000,
    "anchors": "a: &a\n" * 150_000,
    "notes": "a: b #c\n" * 120_000,
    "spaces": "a: b" + " " * 1_000_000 + "c",
    "spaces before a note": ("a: b" + " " * 5_000 + "\n") * 200,
    "hard spaces": "\u00a0a: b\n" * 100_000,
    "escapes": 'a: "' + "\\e" * 400_000 + '"',
    "question marks": "? " * 400_000,
    "a block of text": "a: |\n" + " x\n" * 300_000,
    "tabs": "\t" * 1_000_000,
    "dashes": "- " * 500_000,
    "documents": "---\n" * 200_000,
    "colons": ":" * 1_000_000,
    "stars": "*" * 1_000_000,
}


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
def test_the_largest_file_of_any_shape_is_answered_at_once(text: str) -> None:
    assert len(text) <= 1_500_000
    started = time.process_time()
    _, problems = parse_yaml(text, "x.yaml")
    assert time.process_time() - started < 3
    assert len(problems) <= 2 * MAX_PROBLEMS + MAX_RECOVERIES + 1


def test_lines_count_from_where_the_text_stands() -> None:
    assert [f.line for f in faults("a: b: c", 40)] == [40]
    assert [f.line for f in faults("a: 1\na: 2", 40)] == [41]


WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).filter(str.strip)


@given(WORDS)
def test_quoted_text_comes_back_letter_by_letter(text: str) -> None:
    quoted = text.replace("'", "''")
    node, problems = parse_yaml(f"x: '{quoted}'", "x.md")
    if not problems:  # a few signs cannot be written in YAML at all, and that is said
        assert isinstance(node, MappingNode)
        value = plain(node.get("x"))
        assert value == text or set(text) & set("\x85\u2028\u2029")


@given(st.text(st.sampled_from("ab:-#\"'[]{}&*!|>%@`\t\n ,?.<=~0"), max_size=60))
def test_any_text_is_answered_with_lines_inside_it(text: str) -> None:
    _, problems = parse_yaml(text, "x.md", 5)
    assert all(5 <= f.line <= 5 + text.count("\n") for f in problems)


KEY = st.sampled_from(["a", "b_c", "null", "A", "a b", "'d'", "<<", "", "- e", "y" * 70])
VALUE = st.sampled_from(
    [
        *"a 12:30 null ~ Null no 1.10 -1 - ? | > & * ! % @ ` # a#b :a a: a:b {a} [a]".split(),
        *("a b", "a, b", "a #b", "a: b", " a ", "a ", "a\t", "(a)", "a)", "a.", "...", "a/b", ""),
        *(
            '"a"',
            '""',
            '" a "',
            '"a" ',
            '"a" # b',
            '"a\\n"',
            '"a"b"',
            '"a',
            "'a'",
            '"\x7f"',
            "a\\b",
        ),
        *("\n  b", "a\n  b", '"a\n  b"', '"\u2019"', '"a: #b"', "a\n---", "a\n"),
    ]
)
ENTRY = st.builds("{}:{}{}".format, KEY, st.sampled_from([" ", " ", "  ", "", "\t"]), VALUE)


@given(st.lists(ENTRY, max_size=4).map("\n".join))
def test_simple_fields_are_read_as_the_parser_reads_them(text: str) -> None:
    quick = parse_yaml(text, "x.md", 2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(yaml, "_parse_simple_fields", lambda *_: None)
        assert quick == parse_yaml(text, "x.md", 2)
