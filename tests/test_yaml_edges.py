"""Strict YAML at its edges: one slip costs one field, each limit counts, each answer has advice."""

from __future__ import annotations

import pytest
from test_yaml import faults, plain

from sitebuilder.content.yaml import (
    MAX_DEPTH,
    MAX_RECOVERIES,
    MAX_VALUES,
    MappingNode,
    SequenceNode,
    parse_yaml,
)
from sitebuilder.content.yaml_errors import MAX_PROBLEMS
from sitebuilder.core.problems import Problem


@pytest.mark.parametrize(
    ("text", "left", "lost", "places"),
    [
        ("a: 1\nb:\n  - x\n  - 'y\n  z\nc: 2", {"a": "1", "c": "2"}, ("b",), [(4, 5)]),
        ("a: 1\ntitle one\nb: 2", {"a": "1", "b": "2"}, (), [(2, 1)]),
        ("a:\n# note: x\n  - 'y\nb: 2", {"b": "2"}, ("a",), [(3, 5)]),
        ("a:\n- x\n- 'y\n- z\nb: 2", {"b": "2"}, ("a",), [(3, 3)]),
        ("a: [\n 1, 'y' z\n]\nb: 2", {"b": "2"}, ("a",), [(1, 4)]),
        ("a: {x: 1}\n}\nb: 2", {"b": "2"}, ("a",), [(2, 1)]),
        ("a: [x\n]]\nb: 2", {"b": "2"}, ("a",), [(2, 2)]),
        ("key with space : 'x\nb: 2", {"b": "2"}, ("key with space",), [(1, 18)]),
        ("a: 1\n\tb: 2\nc: 3", {"c": "3"}, ("a",), [(2, 1)]),
        ("a:\n b: 1\n  c: 2\n\n d: 4\ne: 5", {"e": "5"}, ("a",), [(3, 4)]),
        ("a: @x\nb: `y\nc: 3", {"c": "3"}, ("a", "b"), [(1, 4), (2, 4)]),
        ('a: "x\nb: 2\nc: 3', {"b": "2", "c": "3"}, ("a",), [(1, 4)]),
        ("a: [1, 2\nb: 2", {"b": "2"}, ("a",), [(1, 4)]),
        ("a: 'x' y\nb: &z 2\nc: 3", {"b": "2", "c": "3"}, ("a",), [(1, 8), (2, 4)]),
        ("a: &\nb: 1", {"b": "1"}, ("a",), [(1, 5)]),
        ("a: 1\nb: ", {"a": "1", "b": ""}, (), []),
        ("a:\n- x\n- y: @z\nb: 2", {"b": "2"}, ("a",), [(3, 6)]),
        ('a: "x\ny\n  z" w\nb: 2', {"b": "2"}, ("a",), [(3, 6)]),
        ("a: @x\nb:\n  - y\n  - z\nc: 3", {"b": ["y", "z"], "c": "3"}, ("a",), [(1, 4)]),
    ],
)
def test_one_slip_costs_one_field(
    text: str, left: object, lost: tuple[str, ...], places: list[tuple[int, int]]
) -> None:
    node, problems = parse_yaml(text, "x.md")
    assert isinstance(node, MappingNode)
    assert plain(node) == left
    assert node.unreadable_keys == lost
    assert [(p.line, p.column) for p in problems] == places


@pytest.mark.parametrize(
    "text", ["- a: 1\n- 'b\n", "'x", "- 'x", "a: b: c", "- a: @x\n- b: @y", "- @x\nb: 1\nc: 2"]
)
def test_a_slip_that_leaves_nothing_is_told_once(text: str) -> None:
    node, (found,) = parse_yaml(text, "x.md")
    assert node is None
    assert found.message


def test_lines_count_from_one_unless_told() -> None:
    assert faults("a: &x 1")[0].line == 1
    assert faults("a: &x 1", 5)[0].line == 5


def test_what_was_read_cannot_be_changed() -> None:
    node, _ = parse_yaml("a: 1\nb: [x]", "x.md")
    assert isinstance(node, MappingNode)
    for one in (node, node.entries[0][0], node.get("b")):
        with pytest.raises(AttributeError):
            one.line = 7  # type: ignore[misc, union-attr]  # frozen


def test_the_limits_are_those_that_the_documents_name() -> None:
    assert (MAX_DEPTH, MAX_VALUES, MAX_RECOVERIES, MAX_PROBLEMS) == (20, 50_000, 20, 100)


def test_the_deepest_that_is_read() -> None:
    assert len(faults("[" * 30 + "]" * 30)) == 1
    deep = "[" * MAX_DEPTH + "x" + "]" * MAX_DEPTH
    assert faults(deep) == []
    (found,) = faults(f"a: 1\nb: {deep}")
    assert "nested too deep" in found.message
    assert (found.line, found.column) == (2, MAX_DEPTH + 3)
    assert str(MAX_DEPTH) in found.hint


def test_so_many_slips_and_no_more() -> None:
    slips = "".join(f"k{n}: @x\n" for n in range(MAX_RECOVERIES - 1))
    node, problems = parse_yaml(slips + "z: 1\n", "x.md")
    assert plain(node) == {"z": "1"}
    assert len(problems) == MAX_RECOVERIES - 1
    node, problems = parse_yaml(slips + "y: @x\nz: 1\n", "x.md")
    assert node is None
    assert len(problems) == MAX_RECOVERIES


def test_a_file_of_slips_is_read_again_up_to_two_million_signs() -> None:
    """Each slip costs one more reading of the whole file."""

    def left(slips: int, size: int) -> object:
        lines = "".join(f"k{n}: @x\n" for n in range(slips)) + "z: 1\n# "
        return plain(parse_yaml(lines + "x" * (size - len(lines)), "x.md")[0])

    assert left(2, 1_000_000) == {"z": "1"}
    assert left(3, 666_667) is None
    assert left(4, 500_001) is None
    assert left(1, 1_500_000) == {"z": "1"}


def test_so_many_values_and_no_more() -> None:
    enough = MAX_VALUES - 6  # stream, document and list begin and end
    assert faults("- x\n" * enough) == []
    (found,) = faults("- x\n" * (enough + 1))
    assert found.message == "too many values; the file is read no further"
    assert found.hint
    node, _ = parse_yaml("- x\n" * MAX_VALUES, "x.md")
    assert node is None


def test_so_many_mistakes_and_no_more() -> None:
    problems = faults("- &a x\n" * (MAX_PROBLEMS + 50))
    assert len(problems) == MAX_PROBLEMS + 1
    assert problems[-1].message == "too many mistakes; the file is read no further"
    assert problems[-1].line == MAX_PROBLEMS


def test_an_alias_stands_for_nothing() -> None:
    node, _ = parse_yaml("a: *x\nb: [*y, z]", "x.md")
    assert plain(node) == {"a": "", "b": ["", "z"]}


@pytest.mark.parametrize("name", ["[x]", "{x: y}", "? - x\n", "''", '""', "null", "~", "? {}\n"])
def test_a_field_without_a_name_is_told_and_hides_nothing(name: str) -> None:
    node, problems = parse_yaml(f"a: 1\n{name}: y\nb: 1", "x.md")
    assert plain(node) == {"a": "1", "b": "1"}
    (found,) = problems
    assert found.message == "a field without a name"
    assert "quotes round a name" in found.hint
    assert (found.line, found.column) == (2, 3 if name[0] == "?" else 1)
    assert faults(f"{name}: y\n{name}: z")[-1].message == "a field without a name"
    assert isinstance(parse_yaml("- a\n- [b]", "x.md")[0], SequenceNode)


def test_the_rest_of_the_file_is_not_read_behind_a_second_document() -> None:
    node, problems = parse_yaml("a: 1\n---\nb: &x 2", "x.md")
    assert plain(node) == {"a": "1"}
    assert len(problems) == 1


@pytest.mark.parametrize("half", ["\\uD800", "\\uDABC", "\\uDFFF"])
def test_halves_of_signs_are_refused(half: str) -> None:
    (found,) = faults(f'a: "x{half}y"')
    assert found.message.endswith("cannot be written")
    assert found.hint.startswith("Delete it")
    assert faults('a: "\\uD7FF\\uF900"') == []


def test_control_characters_are_told_one_by_one_and_taken_out() -> None:
    node, problems = parse_yaml('a: "x\\0y\\ez\\x07\\x01\\x0b\\x02\\0"', "x.md")
    assert plain(node) == {"a": "xyz"}
    assert [p.message for p in problems] == [
        f"control character U+{n:04X} cannot be written" for n in (0, 1, 2, 7, 0xB, 0x1B)
    ]
    assert all((p.line, p.column) == (1, 4) and p.hint for p in problems)


SLIPS = {
    "a: b: c": ("':' inside", '"Stroke: what to do"'),
    "a: 1\n\tb: 2": ("tab", "spaces"),
    "a: @x": ("sign that has a meaning", "quotes"),
    "a: %x": ("sign that has a meaning|cannot be read", "quotes|Compare"),
    "a: 1\ntitle one\nb: 2": ("'name: value'", "line of its own"),
    'a: "x': ("never closed", "Close it"),
    "a: *": ("'*' or '&'", "quotes"),
    "a: 'x' y": ("do not fit together", "Check quotes"),
    'a: "\\q"': ("cannot be read as YAML", "Compare it"),
    "a: “b: c”": ("curly quotes", "straight"),
    "a: 1\na: 2": ("already set on line 1", "Keep one"),
    "a: &x 1": ("anchors and aliases (&)", "quotes"),
    "a: !x 1": ("tag !x", "quotes"),
    "<<: x": ("merge keys", "one by one"),
}


@pytest.mark.parametrize(("text", "answer"), SLIPS.items())
def test_each_answer_says_what_is_wrong_and_what_to_do(text: str, answer: tuple[str, str]) -> None:
    found: Problem = faults(text)[0]
    assert any(part in found.message for part in answer[0].split("|")), found.message
    assert any(part in found.hint for part in answer[1].split("|")), found.hint
    assert found.path == "x.md"
    assert found.column >= 1


def test_a_note_in_the_last_line_and_after_several() -> None:
    (found,) = faults("a: one\nb: two\n  and three # lost")
    assert (found.line, found.column) == (2, 4)
    assert '"two and three # lost"' in found.hint
    assert faults("a: one\nb: 'two # kept'\nc: [x] # harmless") == []


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        *(("“b”", True), ("‘b’", True), ("“”", True), ("‘b”", False), ("“b’", False)),  # noqa: RUF001
        *(("“b” and “c”", False), ("‘b’ and ‘c’", False), ("“b” or c”", False)),  # noqa: RUF001
        *(("“b “c”", False), ("‘b’ c’", False), ("‘b ‘c’", False), ("“b", False)),  # noqa: RUF001
        *(("‘’tis’", False), ("“it’s”", True), ("‘so “b”’", True)),  # noqa: RUF001
    ],
)
def test_only_one_pair_of_curly_quotes_round_the_whole_is_told(text: str, quoted: bool) -> None:  # noqa: FBT001
    found = faults(f"a: {text}")
    assert [p.message for p in found] == (
        ["the curly quotes round the value would be part of it"] if quoted else []
    )
    if quoted:
        assert f'Use straight ones: "{text[1:-1]}".' in found[0].hint
        assert "To show the curly ones, put straight ones round them." in found[0].hint
        assert (found[0].line, found[0].column) == (1, 4)


def test_line_ends_that_only_yaml_counts_lead_to_no_line_that_is_not_there() -> None:
    for text in ("a: 1\u2028\u2028b: &x d", "a: b\u2028", "a: b\u2028c", "a: b\u2028\u2028\u2028"):
        _, problems = parse_yaml(text, "x.md", 7)
        assert {found.line for found in problems} <= {7}
    assert len(faults("a: 1\u2028\u2028b: &x d")) == 1


def test_a_note_behind_nothing_loses_nothing() -> None:
    assert faults("a: # note\nb: 1") == []
    assert faults("a:  # note\n  - b\nc: 1") == []


def test_answers_are_whole_sentences() -> None:
    (found,) = faults("a: 1\n--- \nb: 2")
    assert found.message == "a second document starts here"
    assert found.hint == "Delete the '---' line."
    (found,) = faults("a: !!set {}")
    assert found.message == "YAML tag !!set is not allowed"
    assert 'if it starts with "!"' in found.hint
    for sign, value in (("&", "&x 1"), ("*", "*x")):
        (found,) = faults(f"a: {value}")
        assert found.message == f"YAML anchors and aliases ({sign}) are not allowed"
        assert f'put quotes round it if it starts with "{sign}"' in found.hint
    (found,) = faults("a: one # two  ")
    assert found.message == "text after ' #' would be lost"
    assert found.hint == (
        'Put quotes round the whole value: "one # two". A note needs a line of its own.'
    )
    (found,) = faults("[" * 21 + "]" * 21)
    assert found.hint == "Use at most 20 levels."
    (found,) = faults("a: 1\n<<: x")
    assert (found.line, found.column) == (2, 1)
