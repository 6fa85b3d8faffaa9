"""Facts put into pages: the words that stand in facts.yaml, their sources, and nothing else."""

from __future__ import annotations

import re
from html import unescape

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sitebuilder.content.decode import FORBIDDEN_CHARACTERS
from sitebuilder.core.evidence import Evidence, Fact, Source
from sitebuilder.core.model import Block, ConvertedBody, Page
from sitebuilder.markdown.citations import (
    escape_markdown,
    format_citation,
    format_evidence_label,
    format_short_citation,
)
from sitebuilder.markdown.convert import convert_page
from sitebuilder.markdown.shortcodes import expand_shortcodes, find_cited_sources, find_shortcodes

TEAR = Fact(
    "tear",
    "{figure} had a tear.",
    "study",
    ("swiss", "usc"),
    short="{figure} (Swiss study)",
    value=("9",),
    of=100,
    bound="about",
)
ROOF = Fact("roof", "It roofs the canal.", "leaflet", ("usc",))
LOST = Fact("lost", "It is so.", "leaflet", ("nobody",))
SWISS = Source(
    "swiss", "A study", "Spine J", "study", "abstract", "Ulrich N and others", 2016, doi="10.1234/a"
)
USC = Source("usc", "Surgery", "USC", "leaflet", "full", url="https://example.org/a_b_c")
KNOWN = Evidence(
    facts={f.name: f for f in (TEAR, ROOF, LOST)}, sources={s.name: s for s in (SWISS, USC)}
)
OF_SWISS = f"[^swiss]: {format_citation(SWISS)} {format_evidence_label(SWISS)}"
OF_USC = f"[^usc]: {format_citation(USC)} {format_evidence_label(USC)}"


def page(body: str) -> Page:
    return Page("x", "content/x.md", "/x/", "T", body, 1)


def html_of(body: ConvertedBody) -> str:
    parts = []
    for part in body.parts:
        if isinstance(part, Block):
            parts += [part.title, *part.fields.values()]
            parts += [inner for inner in part.parts if isinstance(inner, str)]
        else:
            parts.append(part)
    return "".join(parts)


def shown(body: str, knowledge: Evidence = KNOWN) -> str:
    """The words of the finished page, without its sources and their marks."""
    html = html_of(convert_page(page(body), knowledge)[0])
    html = re.sub(r"<sup\b.*?</sup>", "", html)
    return " ".join(unescape(re.sub(r"<[^>]*>", "", html)).split())


# -- forms ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "filled"),
    [
        ("{fact tear}", "About 9 in 100 had a tear.[^swiss][^usc]"),
        ("{short tear}", "about 9 in 100 (Swiss study)[^swiss][^usc]"),
        ("{value tear}", "about 9 in 100[^swiss][^usc]"),
        ("{fact roof}", "It roofs the canal.[^usc]"),
        ("Yes: {fact\troof } No.", "Yes: It roofs the canal.[^usc] No."),
        (
            "{fact roof}{value tear}",
            "It roofs the canal.[^usc]about 9 in 100[^swiss][^usc]",
        ),
        ("{no-claim 6 weeks | a question}", "6 weeks"),
        ("{no-claim 6 weeks}", "6 weeks"),
        ("{no-claim *6* weeks | why}", "*6* weeks"),
        ("| {short tear} | b |", "| about 9 in 100 (Swiss study)[^swiss][^usc] | b |"),
    ],
)
def test_each_form_says_what_it_is_for(written: str, filled: str) -> None:
    assert expand_shortcodes(written, KNOWN).split("\n\n[^")[0] == filled
    assert expand_shortcodes(written, KNOWN, with_citations=False) == re.sub(
        r"\[\^\w+\]", "", filled
    )


@pytest.mark.parametrize(
    "written",
    [
        "{fact nothing}",
        "{facts tear}",
        "{fact}",
        "{fact }",
        "{Fact tear}",
        "{fact tear",
        "fact tear}",
        "{{fact tear",
        "{#an-id}",
        "{ fact tear}",
    ],
)
def test_what_names_no_fact_is_left_as_it_is(written: str) -> None:
    assert expand_shortcodes(f"a {written} b", KNOWN) == f"a {written} b"


@pytest.mark.parametrize(
    "written",
    [
        "`{fact tear}`",
        "a ``{fact tear} ` x`` b",
        "```\n{fact tear}\n```",
        "~~~ text\n{fact tear}\n```\n{value tear}\n~~~",
        "   ````\n{fact tear}\n```\n````",
        "`[^usc]`",
        "```\nx[^usc]\n```",
    ],
)
def test_code_is_left_as_it_is(written: str) -> None:
    body = f"Before.\n\n{written}\n\nAfter."
    assert expand_shortcodes(body, KNOWN) == body
    assert list(find_shortcodes(body, 1)) == []
    assert list(find_cited_sources(body)) == []


def test_beside_code_facts_are_put_in() -> None:
    assert expand_shortcodes("`a` {value tear} `{fact tear}`", KNOWN, with_citations=False) == (
        "`a` about 9 in 100 `{fact tear}`"
    )
    assert (
        expand_shortcodes(r"\`{value tear}\`", KNOWN, with_citations=False) == r"\`about 9 in 100\`"
    )
    assert expand_shortcodes("```\na\n```\n{fact roof}", KNOWN, with_citations=False).endswith(
        "\nIt roofs the canal."
    )


def test_inserts_are_told_with_their_places() -> None:
    body = "One\n{fact tear} and {no-claim 6 weeks | a | b}\n`{fact x}` {short y }"
    found = [(i.kind, i.argument, i.reason, i.line, i.column) for i in find_shortcodes(body, 10)]
    assert found == [
        ("fact", "tear", "", 11, 1),
        ("no-claim", "6 weeks", "a | b", 11, 17),
        ("short", "y", "", 12, 12),
    ]


# -- sources --------------------------------------------------------------------------------------


def test_sources_stand_once_at_the_end_in_order_of_use() -> None:
    body = "Own.[^usc]\n\n{fact tear} {fact roof} {fact tear}"
    *before, last = expand_shortcodes(body, KNOWN).split("\n\n")
    assert last == f"{OF_USC}\n{OF_SWISS}"
    assert len(before) == 2
    first = expand_shortcodes("{value tear}.[^usc]", KNOWN).split("\n\n")[-1]
    assert first == f"{OF_SWISS}\n{OF_USC}"


def test_a_source_written_in_the_page_is_not_written_again() -> None:
    body = "A.[^usc] {fact roof}\n\n[^usc]: My own words."
    assert expand_shortcodes(body, KNOWN).count("[^usc]:") == 1
    assert OF_USC not in expand_shortcodes(body, KNOWN)
    in_code = "A.[^usc]\n\n```\n[^usc]: Not mine.\n```"
    assert expand_shortcodes(in_code, KNOWN).endswith(OF_USC)


def test_an_unknown_source_is_left_to_the_checks() -> None:
    assert expand_shortcodes("A.[^who] {fact lost}", KNOWN) == "A.[^who] It is so.[^nobody]"
    _, problems = convert_page(page("A.[^who]"), KNOWN)
    assert [(p.rule, p.line, p.column) for p in problems] == [("source-mark", 1, 3)]


def test_marks_and_sources_agree_on_the_page() -> None:
    body, problems = convert_page(page("{fact roof} {fact tear}\n\n{value tear}"), KNOWN)
    assert problems == []
    assert re.findall(r'href="#fn:(\w+)"', html_of(body)) == "usc swiss usc swiss usc".split()
    assert re.findall(r'<li id="fn:(\w+)"', body.sources) == ["usc", "swiss"]
    assert '<a href="https://example.org/a_b_c">' in body.sources


def test_a_reason_in_a_table_is_no_cell() -> None:
    table = "| A | B |\n|---|---|\n| {no-claim 6 weeks | why} | {short tear} |"
    assert convert_page(page(table), KNOWN)[1] == []
    assert shown(table) == "A B 6 weeks about 9 in 100 (Swiss study)"


def test_a_page_for_paper_names_no_sources() -> None:
    body = "{fact tear} {value tear}, {short tear}."
    assert expand_shortcodes(body, KNOWN, with_citations=False) == (
        "About 9 in 100 had a tear. about 9 in 100, about 9 in 100 (Swiss study)."
    )


def test_a_page_without_facts_stays_as_it_is() -> None:
    for body in ("", "\n", "Words.\n\n- a [b](c.md)\n", "{", "a } b { c"):
        assert expand_shortcodes(body, KNOWN) == body


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (SWISS, "Ulrich N and others. A study. Spine J. 2016. <https://doi.org/10.1234/a>"),
        (USC, "Surgery. USC. No date. <https://example.org/a_b_c>"),
        (
            Source("a", "Is it so?", "J. Sp.", "study", "full", "A B", 1999, "3:4-5"),
            "A B. Is it so? J. Sp. 1999;3:4-5.",
        ),
        (
            Source("a", "A *b* [c](d) <e> & f", "S_T_", "study", "full"),
            r"A \*b\* \[c\](d) &lt;e> &amp; f. S\_T\_. No date.",
        ),
    ],
)
def test_a_source_is_cited_in_plain_words(source: Source, text: str) -> None:
    assert format_citation(source) == text


def test_a_source_is_named_in_few_words() -> None:
    assert format_short_citation(SWISS) == "Ulrich N and others, Spine J, 2016"
    assert format_short_citation(USC) == "Surgery, USC"
    assert format_evidence_label(SWISS) == "One study or register; abstract read."


# -- any fact -------------------------------------------------------------------------------------

TRICKS = [
    "<script>alert(1)</script>",
    "</p><img src=x onerror=alert(1)>",
    "&lt;script&gt;",
    "AT&T &amp; &#60;b&#62;",
    "[a](javascript:alert(1))",
    "![a](x.png)",
    "[^usc] and [^usc]: b",
    "`code` ``more``",
    "*a* **b** _c_ __d__",
    "a | b | c",
    "{fact tear} {no-claim 5 weeks} {figure",
    "::: emergency Call",
    ":::",
    ": so it is",
    "# big",
    "## big ##",
    "- item",
    "+ item",
    "* item",
    "> said",
    "1. first",
    "12. first",
    "2016. A year.",
    "~~~",
    "```",
    "---",
    "===",
    "- - -",
    "\\",
    "a\\*b",
    "a  b",
    "<https://example.org>",
    "<a@example.org>",
    "*[HTML]: words",
    "[a]: https://example.org",
    "\u0130 \u00df \u202f x",
    "{#id}",
    "a {#id}",
    "x #",
    "fact: tear",
    "a&",
    "&",
    "&copy",
    "-",
    "1.",
]
WORDS = st.lists(
    st.sampled_from([*TRICKS, *"< > & * _ [ ] ( ) ` \\ # : ! | { } ^ ~ = + - . 1 a".split()]),
    min_size=1,
    max_size=6,
)
SENTENCES = (
    (
        WORDS.map(" ".join)
        | WORDS.map("".join)
        | st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]), min_size=1)
    )
    .map(lambda text: " ".join(FORBIDDEN_CHARACTERS.sub("", text).split()).replace("{figure}", ""))
    .filter(bool)
)
PLACES = [
    "{fact f}",
    "Before {fact f} after.",
    "Before\n{fact f}\nafter.",
    "- {fact f}",
    "- one\n- {fact f}\n",
    "1. {fact f}",
    "> {fact f}",
    "## {fact f}",
    "| A | B |\n|---|---|\n| {fact f} | b |",
    "**{fact f}**",
    "::: warning {fact f}\nWords.\n:::",
    "::: more Title\n{fact f}\n:::",
    "::: figure a.svg\nalt: {fact f}\ncaption: C\n:::",
]


def skeleton(body: str, sentence: str) -> tuple[list[str], str]:
    """The tags of a page with this fact, and its words."""
    knowledge = Evidence(facts={"f": Fact("f", sentence, "study", ())})
    found, problems = convert_page(page(body), knowledge)
    told = {"block", "meaning", "stray-markup"}  # that a fact looks like markup
    assert not [p for p in problems if p.rule not in told]
    html = html_of(found)
    tags = re.findall(r"<[^>]*>", re.sub(r' id="[^"]*"', "", html))
    return tags, shown(body, knowledge)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("sentence", TRICKS)
def test_tricks_in_a_fact_are_only_words(place: str, sentence: str) -> None:
    tags, words = skeleton(place, sentence)
    plain_tags, plain_words = skeleton(place, "WORDS")
    assert tags == plain_tags
    assert words == plain_words.replace("WORDS", " ".join(sentence.split()))


@given(st.sampled_from(PLACES), SENTENCES)
def test_no_sign_in_a_fact_becomes_markup(place: str, sentence: str) -> None:
    tags, words = skeleton(place, sentence)
    plain_tags, plain_words = skeleton(place, "WORDS")
    assert tags == plain_tags
    assert words == plain_words.replace("WORDS", sentence)


@given(SENTENCES)
def test_a_citation_shows_just_the_words_of_its_source(text: str) -> None:
    source = Source("s", text, text, "study", "full", authors=text)
    knowledge = Evidence(sources={"s": source})
    found, _ = convert_page(page("Yes.[^s]"), knowledge)
    words = " ".join(unescape(re.sub(r"<[^>]*>", "", found.sources)).split())
    end = "" if text.endswith((".", "?", "!")) else "."
    assert words.startswith(" ".join([text + end] * 3) + " No date. One study")
    assert re.findall(r"<(\w+)", found.sources) == ["ol", "li", "p", "a"]


def test_plain_text_stays_readable_in_the_source() -> None:
    text = "In a study (2016), 9 to 10 in 100 had it. It's 2.5 cm - so!"
    assert escape_markdown(text) == text


BODIES = st.lists(
    st.sampled_from(
        [
            *"{fact tear}|{value tear}|{short tear}|{fact roof}|{fact lost}|{fact x}".split("|"),
            "{no-claim a b | c}",
            "[^usc]",
            "[^usc]: own",
            *"```|~~~|`|\n|\n\n| |a|::: more T|:::|- |# |> ".split("|"),
        ]
    )
    | st.text(max_size=4),
    max_size=20,
).map("".join)


@example("{fact tear}\n```\n{fact roof}\n```\n[^usc]: x")
@given(BODIES)
def test_every_line_keeps_its_number(body: str) -> None:
    filled = expand_shortcodes(body, KNOWN)
    lines = body.split("\n")
    assert expand_shortcodes(body, KNOWN, with_citations=False).count("\n") == body.count("\n")
    assert len(filled.split("\n")) >= len(lines)
    for before, after in zip(lines, filled.split("\n"), strict=False):
        assert before == after or "{" in before
    rest = filled.split("\n")[len(lines) :]
    assert all(line == "" or line.startswith("[^") for line in rest)
    assert len(set(rest) - {""}) == len([line for line in rest if line])


@given(
    st.lists(
        st.sampled_from(
            ["[^a]", "[^b]:", "[^a]: ", "\\[^c]", "[[^d]]", " ", "   ", "    ", "\n", "word"]
        ),
        max_size=12,
    ).map("".join)
)
def test_marks_are_the_same_beside_code_and_without(body: str) -> None:
    assert list(find_cited_sources(body).items()) == list(
        find_cited_sources(f"{body}\n\n`code`").items()
    )
