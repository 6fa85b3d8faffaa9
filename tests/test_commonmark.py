"""A page has the words, lists, headings, tables and links that CommonMark gives, or a problem."""

from __future__ import annotations

import pytest
from commonmark_judge import judge, outline, silent_differences
from conftest import PROJECT
from hypothesis import given, settings
from hypothesis import strategies as st
from modes import SOAK
from test_markdown import FIRST, html, made

from sitebuilder.markdown.commonmark import to_python_markdown


def silent(body: str) -> list[str]:
    converted, problems = made(body)
    lines = {p.line - FIRST + 1 for p in problems}
    return silent_differences(body, html(body), lines, [r.target for r in converted.references])


# -- blocks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        # a list right below a line
        "Bring:\n* your card\n* a list",
        "Bring:\n- `card`\n- `list`",
        "Bring:\n+ a\n+ b\n\nThen come.",
        "Bring:\n1. a\n2. b",
        "Bring\nwith you:\n1. a\n2. b",
        "## Bring\n- a\n- b",
        # nested by what the text of the item asks for, or by more
        "- a\n  - b\n  - c\n- d",
        "- a\n  - b\n    - c\n      - d\n- e",
        "1. a\n   - b\n   - c\n2. d",
        "1. a\n   1. b\n      1. c\n2. d",
        "- a\n\t- b\n\t\t- c",
        "- a\n    - b\n        - c",
        "* a\n  1. b\n  2. c\n* d",
        "10. a\n    - b",
        # more in an item than its line
        "- a\n\n  more\n- b",
        "- a\n\n  more\n\n  - b\n\n    more of b\n\n  and of a",
        "1. a\n\n   more\n2. b",
        "- a\n\n  > quote\n- b",
        "- a\n  > quote\n- b",
        "- a\n\n  ## Heading\n\n  text",
        "- a\n\n  | x | y |\n  |---|---|\n  | 1 | 2 |\n- b",
        "- a\n\n  ```\n  code\n  ```\n- b",
        "- a\n  ```\n  code\n\n  more\n  ```\n- b",
        "1. a\n\n       code\n2. b",
        "- ## Heading\n- b",
        "- - a\n  - b\n- c",
        "- 1. a\n  2. b",
        "- > quote\n- b",
        "-\n  a\n- b",
        "- a\n-\n- c",
        # numbers
        "1) a\n2) b",
        "7) a\n8) b",
        "Do:\n\n1) a\n   - b\n2) c",
        # another list right below
        "- a\n1. b",
        "- a\n* b\n+ c",
        "1. a\n- b",
        "1. a\n1) b",
        # indented by one to three
        " ## Heading\n\ntext",
        "   ## Heading",
        "  - a\n  - b",
        " 1. a\n 2. b",
        "   text",
        " > quote",
        "  | a | b |\n  |---|---|\n  | 1 | 2 |",
        # right below a table
        "| a | b |\n|---|---|\n| 1 | 2 |\n## Heading",
        "| a | b |\n|---|---|\n| 1 | 2 |\n- x\n- y",
        "| a | b |\n|---|---|\n| 1 | 2 |\n> quote",
        "| a | b |\n|---|---|\n| 1 | 2 |\n1. x",
        "| a | b |\n|---|---|\n| 1 | 2 |\n---",
        "| a | b |\n|---|---|\n| 1 | 2 |\n```\ncode\n```",
        "a | b\n---|---\n1 | 2\n## Heading",
        # a table right below a line
        "Doses:\n| a | b |\n|---|---|\n| 1 | 2 |",
        "- a\n- b\n\n| a | b |\n|---|---|\n| 1 | 2 |",
        # headings and rules
        "A heading\nof two lines\n---",
        "A heading\nof two lines\n===",
        "- a\n  ---",
        "text\n***\ntext",
        "text\n- - -\ntext",
        "- a\n***\n- b",
        # quotes
        "> - a\n>   - b\n> - c",
        "> text\ngoes on",
        "> ## Heading\n> text\n\ntext",
        "text\n> quote",
        "> > a\n> b",
        ">- a\n>- b",
        # code after a list
        "- a\n\ntext\n\n    code",
        "2. a\n\n  text",
    ],
)
def test_blocks_are_read_as_commonmark_reads_them(body: str) -> None:
    entries, _ = outline(html(body))
    expected, _ = judge(body)
    assert entries == expected


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("Text\n2. a\n3. b", 2),
        ("- Text\n  2. a", 2),
        ("> Text\n> 5) a", 2),
        ("Text\ngoes on\n12. a", 3),
        ("Text words\n\nOther words\n3. a", 4),
    ],
)
def test_a_number_that_begins_no_list_is_told(body: str, line: int) -> None:
    problems = [p for p in made(body)[1] if "begins no list" in p.message]
    assert [p.line - FIRST + 1 for p in problems][:1] == [line]
    assert outline(html(body))[0] == judge(body)[0]


def test_most_pages_stay_as_they_are() -> None:
    for path in sorted((PROJECT / "content").glob("*.md")):
        body = path.read_text().split("\n---\n", 1)[1]
        assert to_python_markdown(body).lines == body.split("\n"), path.name


WORDS = st.sampled_from(
    ["word", "Other words", "a *b* c", "`code` and", "**Bold:** more", "1 pill"]
)


@st.composite
def blocks(draw: st.DrawFn, depth: int = 0) -> list[list[str]]:
    """Lines of blocks in the styles that people write, without empty lines between them."""
    kinds = ["text", "text", "list", "list", "heading", "table", "quote", "code"]
    made_of = [
        draw(st.sampled_from(kinds if depth < 3 else ["text"])) for _ in range(3 - depth or 1)
    ]
    return [draw(block(kind, depth)) for kind in made_of]


@st.composite
def block(draw: st.DrawFn, kind: str, depth: int) -> list[str]:
    if kind == "text":
        return draw(st.lists(WORDS, min_size=1, max_size=2))
    if kind == "heading":
        return [f"## {draw(WORDS)}"]
    if kind == "table":
        return ["| a | b |", "|---|---|", "| 1 | 2 |"]
    if kind == "code":
        return ["```", "x - y", "```"]
    inner = [line for part in draw(blocks(depth + 1)) for line in (*part, *draw(GAP))]
    if kind == "quote":
        return [f"> {line}" if line else ">" for line in inner]
    mark = draw(st.sampled_from(["-", "*", "+", "1.", "1)", "-  ", "1.  "]))
    lines = []
    for _ in range(draw(st.integers(1, 2))):
        first, *rest = [draw(WORDS), *draw(st.sampled_from([[], [""]])), *inner]
        lines += [f"{mark} {first}", *(" " * (len(mark) + 1) * bool(line) + line for line in rest)]
    return lines


GAP = st.sampled_from([[], [""], [""]])


@st.composite
def bodies(draw: st.DrawFn) -> str:
    return "\n".join(line for part in draw(blocks()) for line in (*part, *draw(GAP)))


@settings(max_examples=5000 if SOAK else 150, deadline=None)
@given(bodies())
def test_any_blocks_are_read_as_commonmark_reads_them_or_told(body: str) -> None:
    assert silent(body) == []
