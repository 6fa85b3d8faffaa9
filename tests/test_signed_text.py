"""What a clinician signs: each word and picture that a reader sees, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from sitebuilder.clinical.evidence.usage import DependencyFinder
from sitebuilder.clinical.reviews.records import digest_text
from sitebuilder.core.evidence import Evidence, Fact, SignGroup, SignList, Source, Term, WarningSign
from sitebuilder.core.model import Page
from sitebuilder.markdown.convert import convert_page
from sitebuilder.markdown.plain_text import signed_page_text

FACT = Fact("tear", "{figure} had a tear.", "study", ("swiss",), value=("9",), of=100)
SOURCE = Source("swiss", "A study", "Spine J", "study", "abstract", doi="10.1234/a")
TERM = Term("lamina", "lamina", "A plate of bone.", say="LAM-ih-nuh")
SIGN = WarningSign("chest", "Chest pain")
KNOWN = Evidence(
    facts={"tear": FACT},
    sources={"swiss": SOURCE},
    terms={"lamina": TERM},
    signs={"chest": SIGN},
    lists={"all": SignList("all", "911", (SignGroup(("chest",), "Heart"),))},
)
PICTURES = {"spine.svg": "abc"}
BODY = """\
The surgeon takes out part of the lamina. {fact tear} See [the risks](risks.md).

## How it goes

- first point
- second *point*, with `code`

1. step

::: figure spine.svg
alt: A spine from the side
caption: The low back

Long words about it.
:::

::: warning Take care
Do not lift.
:::

::: emergency
signs: all
:::

::: steps
### One
Lie down.

### Two
Get up.
:::

| Name | Meaning |
|---|---|
| disc | a cushion |

![A nerve > a disc](nerve.png) And the end.
"""


def words(
    body: str = BODY,
    known: Evidence = KNOWN,
    pictures: dict[str, str] = PICTURES,
    title: str = "A title",
) -> str:
    page = Page("x", "content/x.md", "/x/", title, body, 1)
    uses = DependencyFinder(known).find(page)
    made, problems = convert_page(page, uses.evidence, uses.fills)
    assert [p for p in problems if p.severity == "error"] == []
    return signed_page_text(page, made, pictures)


def digest(body: str = BODY, known: Evidence = KNOWN) -> str:
    return digest_text(words(body, known))


def test_all_that_a_reader_sees_is_there_a_line_each() -> None:
    assert words().split("\n") == [
        "# A title",
        (
            "The surgeon takes out part of the lamina (lamina: say LAM-ih-nuh. A plate of bone.). "
            "9 in 100 had a tear.[1] See the risks."
        ),
        "## How it goes",
        "- first point",
        "- second point, with code",
        "- step",
        "[figure]",
        "[picture spine.svg abc]",
        "alt: A spine from the side",
        "caption: The low back",
        "Long words about it.",
        "[end of figure]",
        "[warning] Take care",
        "Do not lift.",
        "[end of warning]",
        "[emergency]",
        "Heart:",
        "- Chest pain",
        "[end of emergency]",
        "[steps]",
        "### One",
        "Lie down.",
        "### Two",
        "Get up.",
        "[end of steps]",
        "| Name",
        "| Meaning",
        "| disc",
        "| a cushion",
        "[picture A nerve > a disc nerve.png] And the end.",
        (
            "- A study. Spine J. No date. https://doi.org/10.1234/a "
            "One study or register; abstract read."
        ),
        "",
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("\n", "\r\n"),
        ("out part of", "out\npart of"),
        ("out part of", "out   part\tof"),
        ("out part of", "out part \nof"),
        ("\n## How", "\n\n\n\n## How"),
        ("- first", "-   first"),
        ("- first", "* first"),
        ("*point*", "_point_"),
        ("*point*", "**point**"),
        ("(risks.md)", "(recovery.md#heal)"),
        ("(risks.md)", "(https://example.org)"),
        ("## How it goes", "## How it goes {#own}"),
        ("## How it goes", "How it goes\n-----------"),
        ("| disc |", "|   disc   |"),
        ("::: warning Take", ":::  warning   Take"),
        ("caption: The", "caption:   The"),
        ("Do not lift.\n", "\nDo not lift.\n\n"),
        ("{fact tear}", "9 in 100 had a tear.[^swiss]"),
        ("signs: all", "signs:  all "),
    ],
)
def test_what_no_reader_sees_changes_nothing(old: str, new: str) -> None:
    assert old in BODY
    body = BODY.replace(old, new).replace("\r\n", "\n")  # line ends are read so: see text.decode
    assert digest(body) == digest()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("part of", "all of"),
        ("takes", "Takes"),
        ("lamina.", "lamina!"),
        ("[the risks]", "[the harms]"),
        ("{fact tear} ", ""),
        ("## How it goes", "## How it ends"),
        ("## How it goes", "### How it goes"),
        ("- first point\n", ""),
        ("second", "third"),
        ("`code`", "`codes`"),
        ("figure spine.svg", "figure other.svg"),
        ("alt: A spine from", "alt: The spine from"),
        ("caption: The low", "caption: A low"),
        ("Long words", "Short words"),
        ("::: warning Take", "::: more Take"),
        ("warning Take care", "warning Mind"),
        ("### One", "### First"),
        ("Lie down", "Sit down"),
        ("| disc |", "| joint |"),
        ("Meaning |", "Sense |"),
        ("![A nerve >", "![The nerve >"),
        ("(nerve.png)", "(other.png)"),
        ("signs: all\n", "signs: all\n\n- and this\n"),
        ("Do not lift.", "Do not lift.\n\nNot at all."),
        ("- first point\n- second", "- second point\n- first"),
        ("Do not lift.\n:::", "Do not lift.\n\n::: more Why\nIt hurts.\n:::\n:::"),
    ],
)
def test_what_a_reader_sees_changes_it(old: str, new: str) -> None:
    assert old in BODY
    assert digest(BODY.replace(old, new, 1)) != digest()


@pytest.mark.parametrize(
    ("part", "field", "value"),
    [
        ("facts", "sentence", "{figure} had a small tear."),
        ("facts", "value", ("10",)),
        ("facts", "of", 1000),
        ("facts", "bound", "about"),
        ("sources", "title", "Another study"),
        ("sources", "year", 2016),
        ("sources", "doi", "10.1234/b"),
        ("sources", "read", "full"),
        ("terms", "means", "A thin plate of bone."),
        ("terms", "say", "LAM"),
        ("signs", "text", "Bad chest pain"),
    ],
)
def test_changed_data_changes_the_page_that_shows_it(part: str, field: str, value: object) -> None:
    entries = getattr(KNOWN, part)
    changed = {name: replace(entry, **{field: value}) for name, entry in entries.items()}
    known = replace(KNOWN, **{part: changed})
    assert digest(known=known) != digest()
    assert digest("Other words.", known) == digest("Other words.")


@pytest.mark.parametrize(
    ("part", "field", "value"),
    [("facts", "who", "adults"), ("facts", "short", "{figure}"), ("sources", "keep", "yes")],
)
def test_data_that_the_page_does_not_show_changes_nothing(
    part: str, field: str, value: object
) -> None:
    entries = getattr(KNOWN, part)
    changed = {name: replace(entry, **{field: value}) for name, entry in entries.items()}
    assert digest(known=replace(KNOWN, **{part: changed})) == digest()


def test_a_sign_that_moves_to_another_group_changes_the_page() -> None:
    groups = (SignGroup(("chest",), "Lungs"),)
    known = replace(KNOWN, lists={"all": replace(KNOWN.lists["all"], groups=groups)})
    assert digest(known=known) != digest()


def test_a_changed_picture_and_a_changed_title_change_it() -> None:
    assert words(pictures={"spine.svg": "abd"}) != words()
    assert words(title="Another") != words()


PLAIN = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=6)


@given(st.lists(PLAIN, min_size=1, max_size=12), st.data())
def test_where_lines_break_changes_nothing(texts: list[str], data: st.DataObject) -> None:
    gaps = [data.draw(st.sampled_from([" ", "\n", "  ", " \n", "\n  ", "\t"])) for _ in texts]
    words_ = [f"w{text}" for text in texts]
    broken = "".join(word + gap for word, gap in zip(words_, gaps, strict=True)).strip()
    assert words(broken) == words(" ".join(words_))
    assert words(broken) == f"# A title\n{' '.join(words_)}\n"
