"""Medical words are explained where they first stand in running text, and nowhere else."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitebuilder.clinical.evidence.usage import DependencyFinder
from sitebuilder.core.evidence import Evidence, SignGroup, SignList, Term, WarningSign
from sitebuilder.core.model import Block, Page, Part
from sitebuilder.markdown.convert import convert_page
from sitebuilder.markdown.glossary import annotate_terms

TERMS = {
    term.name: term
    for term in (
        Term("lamina", "lamina", "A plate of bone.", ("laminae", "roof bone"), "LAM-ih-nuh"),
        Term("canal", "spinal canal", "A tunnel & <more>."),
        Term("stenosis", "stenosis", "A narrow tunnel."),
        Term("spinal-stenosis", "spinal stenosis", "A narrow tunnel of the spine."),
        Term("mri", "MRI", "A scan."),
        Term("baker", "Baker's cyst", "A lump."),
        Term("r-and-r", "rest & recovery", "Time off."),
        Term("disc", "disc", "A cushion."),
        Term("bulge", "disc bulge", "A worn disc."),
        Term("amp", "amp", "A unit."),
    )
}
NOTE = re.compile(
    r'<button type="button" class="term" popovertarget="t-([a-z-]+)">([^<]*)</button>'
    r'<span popover(?:="")? id="t-\1" class="gloss"><b>[^<]*: </b>[^<]*</span>'
)


def explained(html: str) -> list[tuple[str, str]]:
    """Each word that is explained, with the name of its term."""
    made = annotate_terms(html, TERMS, frozenset())
    assert NOTE.sub(r"\2", made) == html
    return [(word, name) for name, word in NOTE.findall(made)]


# -- which words ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ("<p>The lamina, a lamina.</p><p>Lamina.</p>", [("lamina", "lamina")]),
        ("<p>Lamina and laminae, roof bone.</p>", [("Lamina", "lamina")]),
        ("<p>A roof bone. A lamina.</p>", [("roof bone", "lamina")]),
        ("<p>LAMINA</p>", [("LAMINA", "lamina")]),
        (
            "<p>Spinal stenosis. Stenosis.</p>",
            [("Spinal stenosis", "spinal-stenosis"), ("Stenosis", "stenosis")],
        ),
        ("<p>A disc bulge, a disc.</p>", [("disc bulge", "bulge"), ("disc", "disc")]),
        ("<p>An MRI, not mri or Mri.</p>", [("MRI", "mri")]),
        ("<p>mri</p>", []),
        ("<p>laminas, interlamina, lamina-like, pre-lamina, lamina_x</p>", []),
        ("<p>(lamina)</p>", [("lamina", "lamina")]),
        ("<p>a <em>lamina</em> b</p>", [("lamina", "lamina")]),
        ("<p>the spinal\ncanal</p>", [("spinal\ncanal", "canal")]),
        ("<p>the spinal&nbsp;canal</p>", []),
        ("<p>Baker's cyst</p>", [("Baker's cyst", "baker")]),
        ("<p>Rest &amp; recovery</p>", [("Rest &amp; recovery", "r-and-r")]),
        ("<p>a &amp; b, an amp</p>", [("amp", "amp")]),
        ("<ul><li>lamina</li><li>disc</li></ul>", [("lamina", "lamina"), ("disc", "disc")]),
        ("<table><tr><td>disc</td></tr></table>", [("disc", "disc")]),
        ("<dl><dt>disc</dt><dd>disc</dd></dl>", [("disc", "disc")]),
        ("<p>D\u0130SC d\u0131sc</p>", []),
        ("<p>no word of it</p>", []),
        ("", []),
    ],
)
def test_the_first_use_of_a_term_is_explained(html: str, found: list[tuple[str, str]]) -> None:
    assert explained(html) == found


@pytest.mark.parametrize("tag", "h2 h3 h6 a code pre kbd th dt sup caption".split())
def test_words_that_lead_or_name_are_not_explained(tag: str) -> None:
    inside = f"<{tag}>a lamina <em>lamina</em></{tag}>"
    assert explained(inside) == []
    assert explained(f"{inside}<p>The lamina.</p>") == [("lamina", "lamina")]
    assert explained(f"<p>{inside} lamina</p>") == [("lamina", "lamina")]


@pytest.mark.parametrize(
    "html",
    [
        '<p><img alt="a lamina" src="lamina.png"></p>',
        '<p><img alt="1 > 0, a lamina" src="x.png"></p>',
        '<p><a href="lamina" title="> lamina">x</a></p>',
        '<p class="lamina" id="disc">x</p>',
    ],
)
def test_tags_stay_as_they_are(html: str) -> None:
    assert explained(html) == []


def test_a_note_says_the_term_how_it_is_said_and_what_it_means() -> None:
    made = annotate_terms("<p>Laminae. Spinal canal.</p>", TERMS, frozenset())
    assert made == (
        '<p><button type="button" class="term" popovertarget="t-lamina">Laminae</button>'
        '<span popover id="t-lamina" class="gloss"><b>lamina: </b>say LAM-ih-nuh. '
        "A plate of bone.</span>. "
        '<button type="button" class="term" popovertarget="t-canal">Spinal canal</button>'
        '<span popover id="t-canal" class="gloss"><b>spinal canal: </b>'
        "A tunnel &amp; &lt;more&gt;.</span>.</p>"
    )


def test_without_terms_nothing_changes() -> None:
    assert annotate_terms("<p>lamina</p>", {}, frozenset()) == "<p>lamina</p>"


# -- on a page ------------------------------------------------------------------------------------

KNOWN = Evidence(terms=TERMS)


def html_of(parts: tuple[Part, ...]) -> str:
    text = ""
    for part in parts:
        if isinstance(part, Block):
            text += f"[{part.title}]" + "".join(f"[{v}]" for v in part.fields.values())
            text += html_of((*part.parts, *part.items))
        else:
            text += part
    return text


def on_page(body: str, fills: dict[str, str] | None = None) -> list[tuple[str, str]]:
    made, _ = convert_page(Page("x", "content/x.md", "/x/", "T", body, 1), KNOWN, fills or {})
    return [(word, name) for name, word in NOTE.findall(html_of(made.parts))]


@pytest.mark.parametrize(
    "body",
    [
        "## A lamina",
        "Lamina\n======",
        "[lamina](a.md)",
        "`lamina`",
        "```\nlamina\n```",
        "    lamina\n",
        "![lamina](a.png)",
        "![a > lamina](a.png)",
        '[x](a.md "> lamina")',
        "| lamina |\n|---|\n",
        "lamina\n:   x",
        "x[^a]\n\n[^a]: Lamina",
        "::: warning A lamina\nx\n:::",
        "::: figure a.svg\nalt: lamina\ncaption: disc\n:::",
        "::: emergency\n- lamina\n:::",
        "::: emergency\nx\n\n::: warning A\nlamina\n:::\n\nlamina\n:::",
        "::: warning A\nx\n\n::: emergency\nlamina\n:::\n:::",
        "::: steps\n### Lamina\nx\n### Disc\ny\n:::",
        "::: compare The lamina\n| lamina | disc |\n|---|---|\n| lamina | x |\n:::",
    ],
)
def test_what_is_read_in_a_hurry_or_leads_on_is_left_alone(body: str) -> None:
    assert on_page(body) == []
    assert on_page(f"{body}\n\nThe lamina.") == [("lamina", "lamina")]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("::: emergency\n- lamina\n:::\n\nA disc.", ["disc"]),
        ("::: warning A lamina\nThe lamina.\n:::", ["lamina"]),
        ("::: more A\nThe disc.\n:::\n\nThe disc, a lamina.", ["disc", "lamina"]),
        ("::: emergency\n- lamina\n\nA disc\n\n## never closed", []),
        ("- a lamina\n- a disc\n", ["lamina", "disc"]),
        ("> A lamina", ["lamina"]),
        ("**Lamina** and *disc*", ["Lamina", "disc"]),
        ("::: figure a.svg\nalt: lamina\ncaption: disc\n\nA lamina.\n:::", ["lamina"]),
    ],
)
def test_running_text_is_explained_in_order(body: str, found: list[str]) -> None:
    assert [word for word, _ in on_page(body)] == found


def test_a_list_of_all_words_explains_none_of_them() -> None:
    fills = {"glossary": "- **Lamina**: a plate, no disc\n"}
    assert on_page("::: glossary\n:::\n\nA disc.", fills) == [("disc", "disc")]


def test_signs_for_today_are_explained_those_for_911_are_not() -> None:
    sign = "- A disc hurts"
    for name, found in (("emergency", []), ("same-day", [("disc", "disc")])):
        assert on_page(f"::: {name}\nsigns: all\n:::", {"signs all": sign}) == found


def test_a_page_is_given_the_terms_of_its_signs() -> None:
    known = Evidence(
        terms=TERMS,
        signs={"s": WarningSign("s", "A disc hurts")},
        lists={"all": SignList("all", "today", (SignGroup(("s",), "The lamina"),))},
    )
    page = Page("x", "content/x.md", "/x/", "T", "::: same-day\nsigns: all\n:::", 1)
    assert list(DependencyFinder(known).find(page).evidence.terms) == ["disc", "lamina"]


def test_ids_are_unique_on_the_page() -> None:
    body = "## T lamina\n\nA lamina.\n\n### T disc {#t-disc}\n\nA disc, a spinal canal."
    made, _ = convert_page(Page("x", "content/x.md", "/x/", "T", body, 1), KNOWN)
    ids = re.findall(r' id="([^"]*)"', html_of(made.parts))
    assert len(ids) == len(set(ids)) == 5


# -- any page -------------------------------------------------------------------------------------

WORDS = st.sampled_from(
    """
    lamina Laminae spinal canal stenosis Spinal MRI disc roof bone amp rest & recovery x y, z. (
    <script> &amp; * ** _ ` [a](b.md) [ ] ![lamina](c.png) disc-like
    """.split()
)
LINES = st.lists(WORDS, min_size=1, max_size=8).map(" ".join)
PIECES = st.one_of(
    LINES,
    LINES.map(lambda t: f"## {t}"),
    LINES.map(lambda t: f"- {t}\n- {t}"),
    LINES.map(lambda t: f"| {t} | b |\n|---|---|\n| {t} | c |"),
    LINES.map(lambda t: f"::: emergency\n- {t}\n:::"),
    LINES.map(lambda t: f"::: more {t}\n{t}\n:::"),
    LINES.map(lambda t: f"::: figure a.svg\nalt: {t}\ncaption: {t}\n\n{t}\n:::"),
    LINES.map(lambda t: f"```\n{t}\n```"),
)
VOID = {"br", "hr", "img", "input"}


class Nesting(HTMLParser):
    """What is open; fails where a tag does not close what was opened last."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - its name is given
        assert tag != "button" or not {"button", "a"} & set(self.open)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@given(st.lists(PIECES, min_size=1, max_size=5).map("\n\n".join))
def test_notes_only_add(body: str) -> None:
    page = Page("x", "content/x.md", "/x/", "T", body, 1)
    plain, before = convert_page(page, Evidence())
    with_notes, after = convert_page(page, KNOWN)
    html = html_of(with_notes.parts)
    assert NOTE.sub(r"\2", html) == html_of(plain.parts)
    assert (before, plain.headings, plain.sources) == (
        after,
        with_notes.headings,
        with_notes.sources,
    )
    names = [name for name, _ in NOTE.findall(html)]
    assert len(names) == len(set(names))
    nesting = Nesting()
    nesting.feed(html)
    assert nesting.open == []


@given(st.text(st.sampled_from("disc lamina\u0130\u0131\u017f<>&;/\n\"'p")))
def test_any_words_can_be_explained(text: str) -> None:
    body, _ = convert_page(Page("x", "content/x.md", "/x/", "T", text, 1), KNOWN)
    Nesting().feed(html_of(body.parts))
    DependencyFinder(KNOWN).find_terms([text])
