"""Blocks: each kind, what it must hold, and what is said of each slip, at its line."""

from __future__ import annotations

import pytest
from test_markdown import DATA_RULES, html, made, said, strings

from sitebuilder.core.model import Block, Page
from sitebuilder.core.problems import apply_severities
from sitebuilder.markdown.block_specs import BLOCK_SPECS
from sitebuilder.markdown.blocks import MAX_BLOCK_DEPTH
from sitebuilder.markdown.convert import convert_page

FILLS = {
    "signs calls": "**Legs:**\n\n- New weakness\n\n**Chest:**\n\n- Chest pain",
    "fact tear": "9 100",
    "fact weeks": "",
    "glossary": "\n## L\n\n- **Lamina**: a thin plate of bone.",
    "weakness": "Weak means.\n\n- New: **call 911.**",
    "together everybody": "- A fever, and a weak leg",
    "references": "## Patient leaflet\n\n- A leaflet. Read in part.",
    "facts": "## Patient leaflet\n\n- A fact.",
    "facts study": "- Another fact.",
}
"""What data puts into the blocks here, as `equip` and `evidence.uses` make it."""

GOOD = {
    "key-facts": "::: key-facts\n- a\n- b\n:::",
    "emergency": "::: emergency Call now\nsigns: calls\n:::",
    "same-day": "::: same-day\nsigns: calls\n:::",
    "soon": "::: soon\nsigns: calls\n:::",
    "watch": "::: watch\nsigns: calls\n:::",
    "routine": "::: routine\n- a\n:::",
    "weakness": "::: weakness\n:::",
    "together": "::: together everybody\n:::",
    "warning": "::: warning Mind *this*\ntext\n:::",
    "do": "::: do\n- a\n- b\n:::",
    "do-not": "::: do-not\n- do not a\n- **Do not** b\n:::",
    "steps": "::: steps\n### A\na\n\n### B\nb\n:::",
    "timeline": "::: timeline\n### A\na\n\n***\n\n### B\nb\n:::",
    "figure": "::: figure x.svg\nalt: An *x*\ncaption: An X.\n\ntext\n:::",
    "chance": "::: chance Some\ncount: 1\nof: 10\n:::",
    "option": "::: option Wait\n### What it is\na\n\n### Good\n- b\n\n### Bad\n- c\n:::",
    "more": "::: more Detail\ntext\n:::",
    "compare": "::: compare T\n| a | b |\n|---|---|\n| 1 | 2 |\n:::",
    "glossary": "::: glossary\n:::",
    "references": "::: references\n:::",
    "facts": "::: facts\n:::",
}


def blocks(body: str) -> list[Block]:
    return [part for part in made(body, FILLS)[0].parts if isinstance(part, Block)]


def messages(body: str) -> list[str]:
    return [f"{p.line} {p.message}" for p in made(body, FILLS, DATA_RULES)[1]]


def test_every_kind_is_tried() -> None:
    assert set(GOOD) == set(BLOCK_SPECS)


@pytest.mark.parametrize("name", BLOCK_SPECS)
def test_each_block_as_it_should_be_is_taken_without_a_word(name: str) -> None:
    body = f"Before.\n\n{GOOD[name]}\n\nAfter.\n"
    assert messages(body) == []
    (block,) = blocks(body)
    assert (block.name, block.line) == (name, 7)
    assert made(body, FILLS)[0].parts[0] == "<p>Before.</p>\n"
    assert made(body)[0].parts[-1] == "<p>After.</p>\n"


@pytest.mark.parametrize("name", BLOCK_SPECS)
def test_each_block_with_nothing_in_it_is_told(name: str) -> None:
    """Words are missing, or the data for a list that is made of it."""
    title = " T" if BLOCK_SPECS[name].title == "required" else ""
    found = made(f"::: {name}{title}\n:::\n")[1]
    assert {(p.line, p.rule) for p in found} == {(5, "block")}


@pytest.mark.parametrize("name", BLOCK_SPECS)
def test_each_block_that_is_not_closed_is_told_at_its_opening(name: str) -> None:
    body = "Before.\n\n" + GOOD[name].removesuffix(":::") + "\nAfter.\n"
    assert f"7 the block '{name}' is never closed" in messages(body)
    assert "After." in html(body)


def test_titles_that_are_missing_or_too_many_are_told() -> None:
    assert messages("::: warning\ntext\n:::") == ["5 the block 'warning' needs a title"]
    assert messages(GOOD["steps"].replace("steps", "steps T")) == [
        "5 the block 'steps' has no title"
    ]


@pytest.mark.parametrize(
    ("name", "near"), [("emergancy", "emergency"), ("keyfacts", "key-facts"), ("Do", "do")]
)
def test_a_misspelt_block_is_told_with_what_was_meant(name: str, near: str) -> None:
    (found,) = made(f"x\n\n::: {name}\nwords\n:::\n")[1]
    assert (found.line, found.hint) == (7, f"Did you mean '{near}'?")
    assert "words" in html(f"::: {name}\nwords\n:::\n")


def test_a_stray_end_is_told() -> None:
    assert messages("a\n\n:::\n") == ["7 ':::' closes a block that was never opened"]


def test_blocks_stand_in_blocks() -> None:
    (outer,) = blocks("::: steps\n### A\n::: warning W\nx\n:::\n### B\ny\n:::\n")
    assert [item.title for item in outer.items] == ["A", "B"]
    (inner,) = [part for part in outer.items[0].parts if isinstance(part, Block)]
    assert (inner.name, inner.title) == ("warning", "W")
    assert "x" in "".join(strings(inner.parts))


def test_blocks_too_deep_are_told_and_a_few_levels_are_not() -> None:
    fine = "::: warning T\n" * MAX_BLOCK_DEPTH + "x\n" + ":::\n" * MAX_BLOCK_DEPTH
    assert messages(fine) == []
    assert "13 nested too deep" in messages("::: warning T\n" + fine)


@pytest.mark.parametrize("form", ["```\n{}\n```", "~~~~\n{}\n~~~~"])
def test_a_block_in_code_is_code(form: str) -> None:
    body = form.format(GOOD["do"])
    assert (blocks(body), messages(body)) == ([], [])
    assert "::: do" in html(body)


def test_the_fields_of_a_figure() -> None:
    (figure,) = blocks(GOOD["figure"])
    assert figure.title == "x.svg"
    assert figure.fields == {"alt": "An <em>x</em>", "caption": "An X.", "names": ""}
    assert made(GOOD["figure"])[0].references[0].picture


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("::: figure x.svg\nalt: a\n\nt\n:::", ["5 the block 'figure' has no 'caption'"]),
        (
            "::: figure x.svg\nalt: a\ncaptoin: b\ncaption: c\n\nt\n:::",
            ["7 the block 'figure' has no field 'captoin'"],
        ),
        ("::: do\n- a\n:::", ["5 'do' needs at least 2 list items"]),
        ("::: steps\n### A\na\n:::", ["5 'steps' needs at least 2 headings"]),
        ("::: compare T\nno table\n:::", ["5 'compare' needs at least 1 table"]),
        (
            "::: steps\n***\n### A\na\n\n### B\nb\n:::",
            ["5 'steps' starts without a heading"],
        ),
        (
            "::: do-not\n- do not a\n- lift a kettle full of water\n:::",
            ["5 the line 'lift a kettle full o...' does not start with 'do not'"],
        ),
    ],
)
def test_what_a_block_lacks_is_told(body: str, expected: list[str]) -> None:
    assert messages(body) == expected


def test_headings_in_blocks_sit_below_what_holds_them() -> None:
    body = "## A\n\n::: warning W\n# deep\n:::\n\n" + GOOD["steps"]
    warning, steps = blocks(body)
    assert warning.level == 3
    assert '<h4 id="deep">' in "".join(strings(warning.parts))
    assert [item.level for item in steps.items] == [3, 3]
    assert [h.text for h in made(body)[0].headings] == ["A"]


def test_each_block_has_an_id_of_its_own() -> None:
    found = blocks("\n\n".join([GOOD["do"]] * 3))
    assert [block.id for block in found] == ["do", "do-2", "do-3"]


def test_slips_in_several_blocks_are_all_told() -> None:
    assert said("::: warning\nx\n:::\n\n::: wat\n:::\n\n::: do\n- a\n:::\n") == [
        "5:0 block",
        "9:0 block",
        "12:0 block",
    ]


# -- what data puts into blocks -------------------------------------------------------------------


def shown(body: str) -> str:
    return "".join(strings(made(body, FILLS)[0].parts))


@pytest.mark.parametrize("name", ["emergency", "same-day"])
def test_the_signs_of_a_card_come_from_data_in_their_groups(name: str) -> None:
    (card,) = blocks(f"::: {name}\nsigns: calls\n:::")
    text = "".join(strings(card.parts))
    order = [
        text.index(w) for w in ("<strong>Legs:", "New weakness", "<strong>Chest:", "Chest pain")
    ]
    assert order == sorted(order)
    assert text.count("<li>") == 2
    assert "signs:" not in text


def test_signs_written_by_hand_are_told_where_signs_are_data() -> None:
    body = "::: same-day\n- a\n:::\n\n::: routine\n- a\n:::\n"
    assert said(body, DATA_RULES) == ["5:0 loose-signs"]
    assert said(body) == []


def test_a_list_of_signs_that_does_not_exist_is_told_with_what_was_meant() -> None:
    (found,) = made("::: emergency\nsigns: cals\n- a\n:::", FILLS, DATA_RULES)[1]
    assert (found.rule, found.line) == ("unknown-sign", 6)
    assert found.hint == "Did you mean 'calls'?"


def test_a_drawing_of_a_chance_takes_its_numbers_from_the_fact() -> None:
    (chance,) = blocks("::: chance Some\nfact: tear\n:::")
    assert (chance.fields["count"], chance.fields["of"]) == ("9", "100")
    assert messages("::: chance Some\nfact: tear\n:::") == []


@pytest.mark.parametrize(
    ("fact", "expected"),
    [
        ("tears", [("unknown-fact", 6, "there is no fact 'tears'")]),
        ("weeks", [("block", 6, "the fact 'weeks' cannot be drawn")]),
    ],
)
def test_a_fact_that_cannot_be_drawn_is_told_once(
    fact: str, expected: list[tuple[str, int, str]]
) -> None:
    found = made(f"::: chance Some\nfact: {fact}\n:::", FILLS)[1]
    assert [(p.rule, p.line, p.message) for p in found] == expected


def test_lists_made_of_data_stand_in_the_page() -> None:
    assert "Lamina</strong>: a thin plate" in shown(GOOD["glossary"])
    assert "A leaflet. Read in part." in shown(GOOD["references"])
    assert "A fact." in shown(GOOD["facts"])
    assert "Another fact." in shown("::: facts study\n:::")
    assert "A fact." not in shown("::: facts study\n:::")


def test_a_list_of_facts_of_a_misspelt_grade_is_told_and_never_silently_empty() -> None:
    assert messages("::: facts studdy\n:::") == [
        "5 there is nothing to show in the block 'facts studdy'"
    ]


def test_the_living_page_is_held_to_no_rule_about_data() -> None:
    """A site may borrow our templates and have no facts, signs or glossary of its own."""
    body = "::: emergency\n- a\n:::\n\n::: glossary\n:::\n\na[^1]\n\n[^1]: b\n"
    page = Page("components", "templates/components.md", "/components/", "T", body, 1)
    assert apply_severities(convert_page(page)[1], DATA_RULES) == ()
