"""What a page uses of all that is known, what nothing uses, and the lists that name it all."""

from __future__ import annotations

import re

import pytest
from conftest import MakeSite, build, page_of

from sitebuilder.build.pipeline import Build
from sitebuilder.clinical.evidence.listings import (
    facts_markdown,
    glossary_markdown,
    references_markdown,
    signs_markdown,
)
from sitebuilder.clinical.evidence.unused import (
    check_fact_usage,
    check_source_usage,
    check_term_usage,
)
from sitebuilder.clinical.evidence.usage import (
    DependencyFinder,
    check_fact_references,
    find_requested_fills,
)
from sitebuilder.core.evidence import (
    SOURCE_GRADES,
    Evidence,
    Fact,
    SignGroup,
    SignList,
    Source,
    Term,
    WarningSign,
)
from sitebuilder.core.model import ConvertedBody, Link, Page
from sitebuilder.core.problems import RULES, Problem
from sitebuilder.markdown.convert import convert_page


def fact(name: str, sentence: str = "It is so.", **more: object) -> Fact:
    values = {"grade": "study", "sources": ("a",), "line": 7, **more}
    return Fact(name, sentence, **values)  # type: ignore[arg-type]


KNOWN = Evidence(
    facts={
        f.name: f
        for f in (
            fact("tear", "{figure} had a torn sac.", value=("9",), of=100, sources=("a", "b")),
            fact(
                "tear-swiss",
                "{figure} had it.",
                value=("9", "10"),
                of=100,
                sources=("c",),
                grade="clinic-page",
            ),
            fact("time", "{figure}.", value=("4",), unit="weeks", short="a lamina: {figure}"),
            fact("roof", "The lamina roofs the canal."),
        )
    },
    sources={
        s.name: s
        for s in (
            Source("a", "One", "S", "study", "full", line=3),
            Source("b", "Two", "S", "leaflet", "abstract", year=1990, line=4),
            Source("c", "Three", "S", "clinic-page", "part", year=1990, keep="why", line=5),
            Source("d", "Four", "S", "trial-or-review", "second-hand", year=2010, line=6),
        )
    },
    terms={
        t.name: t
        for t in (
            Term("lamina", "lamina", "A plate.", ("laminae",), "LAM", line=8),
            Term("sac", "sac", "A bag.", line=9),
            Term("canal", "canal", "A tunnel.", line=10),
        )
    },
    signs={
        s.name: s
        for s in (
            WarningSign("chest", "Chest", {"everybody": "911"}, named=("chest pain",)),
            WarningSign("leg", "Sac", {"everybody": "today"}),
        )
    },
    lists={
        "all": SignList("all", "911", (SignGroup(("chest",), "Heart"),)),
        "all-today": SignList("all-today", "today", (SignGroup(("leg", "lost")),)),
    },
)
FINDER = DependencyFinder(KNOWN)


def page(body: str, line: int = 1) -> Page:
    return Page("x", "content/x.md", "/x/", "T", body, line)


def slices(body: str) -> tuple[list[str], ...]:
    """Names of the facts, sources, terms, signs and lists that a page with this body uses."""
    found = FINDER.find(page(body)).evidence
    parts = (found.facts, found.sources, found.terms, found.signs, found.lists)
    for part, whole in zip(parts, (KNOWN.facts, KNOWN.sources, KNOWN.terms), strict=False):
        assert all(part[name] is whole[name] for name in part)
    return tuple(list(part) for part in parts)


# -- what a page uses -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("Words.", ([], [], [], [], [])),
        ("", ([], [], [], [], [])),
        ("{fact tear}", (["tear"], ["a", "b"], ["sac"], [], [])),
        ("{value tear}", (["tear"], ["a", "b"], [], [], [])),
        ("{fact tear-swiss}", (["tear-swiss"], ["c"], [], [], [])),
        ("{short time}", (["time"], ["a"], ["lamina"], [], [])),
        ("{fact time} {fact roof}", (["roof", "time"], ["a"], ["canal", "lamina"], [], [])),
        ("`{fact tear}`", ([], [], [], [], [])),
        ("```\n{fact roof}[^a]\n```", ([], [], [], [], [])),
        ("{fact lost} {no-claim tear | x}", ([], [], [], [], [])),
        ("Own.[^b] {fact roof} [^lost]", (["roof"], ["a", "b"], ["canal", "lamina"], [], [])),
        ("Two LAMINAE.", ([], [], ["lamina"], [], [])),
        ("::: chance x\nfact: tear\n:::", (["tear"], ["a", "b"], [], [], [])),
        ("::: chance x\nfact:   tear-swiss \n:::", (["tear-swiss"], ["c"], [], [], [])),
        ("::: emergency\nsigns: all\n:::", ([], [], [], ["chest"], ["all"])),
        ("::: same-day\nsigns: all-today\n:::", ([], [], ["sac"], ["leg"], ["all-today"])),
        ("If you have **chest\npain**, call 911.", ([], [], [], ["chest"], [])),
        ("See fact: tear and signs: all.", ([], [], [], [], [])),
        ("```\n::: chance x\nfact: tear\n:::\n```", ([], [], [], [], [])),
    ],
)
def test_a_page_is_given_what_it_uses_and_no_more(body: str, found: tuple[list[str], ...]) -> None:
    assert slices(body) == found


def test_what_blocks_show_comes_with_the_page() -> None:
    def fills(body: str) -> dict[str, str]:
        return dict(FINDER.find(page(body)).fills)

    assert fills("::: chance x\nfact: tear\n:::") == {"fact tear": "9 100"}
    assert fills("::: chance x\nfact: tear-swiss\n:::") == {"fact tear-swiss": ""}
    assert fills("::: chance x\nfact: time\n:::") == {"fact time": ""}
    assert fills("::: emergency\nsigns: all\n:::") == {"signs all": "**Heart:**\n\n- Chest"}
    assert fills("{fact tear}") == {}


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("::: facts", "facts"),
        (":::facts", "facts"),
        ("::::  facts  study ", "facts study"),
        ("   ::: glossary", "glossary"),
        ("::: chance x\nfact: a-b", "fact a-b"),
        ("::: emergency\nsigns:  all ", "signs all"),
    ],
)
def test_what_blocks_ask_for_is_known_however_it_is_spaced(line: str, name: str) -> None:
    assert name in find_requested_fills(f"a\n\n{line}\n:::\n")
    assert find_requested_fills(f"```\n{line}\n```") == frozenset()


@pytest.mark.parametrize("fence", [":::glossary", "::: glossary ", "::::   glossary"])
def test_a_list_is_shown_however_its_fence_is_spaced(make_site: MakeSite, fence: str) -> None:
    site = {
        "content/index.md": f"---\ntitle: T\ndescription: d\n---\nA sac.\n\n{fence}\n:::\n",
        "content/glossary.yaml": "sac:\n  term: sac\n  means: A bag of nerves.\n",
    }
    assert "<strong>Sac</strong>: A bag of nerves." in page_of(build(make_site(site)), "index.html")


def test_a_slice_does_not_change_with_what_a_page_does_not_use() -> None:
    body = "{fact tear} A sac.\n\n::: emergency\nsigns: all\n:::"
    more = Evidence(
        facts={**KNOWN.facts, "new": fact("new"), "roof": fact("roof", "Another.")},
        sources={**KNOWN.sources, "new": Source("new", "N", "S", "study", "full")},
        terms={**KNOWN.terms, "new": Term("new", "newword", "N.")},
        signs={**KNOWN.signs, "new": WarningSign("new", "New", {"everybody": "today"})},
        lists={**KNOWN.lists, "new": SignList("new", "today", (SignGroup(("new",)),))},
    )
    assert DependencyFinder(more).find(page(body)) == FINDER.find(page(body))


# -- what is unknown ------------------------------------------------------------------------------


def told(problems: object) -> list[str]:
    found: list[Problem] = list(problems)  # type: ignore[call-overload]
    assert all(p.rule in RULES and (p.hint or p.rule == "no-claim") for p in found)
    return [f"{p.line}:{p.column} {p.rule}: {p.message}" for p in found]


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("{fact tear} {value tear} {short time}", None),
        ("`{fact lost}`", None),
        ("{fact taer}", "6:3 unknown-fact: there is no fact 'taer'"),
        ("{short roof}", "6:3 unknown-fact: the fact 'roof' has no short form"),
        ("{value roof}", "6:3 unknown-fact: the fact 'roof' has no value"),
        ("{no-claim 6 weeks}", "6:3 claim: '6 weeks' is marked as no claim without a reason"),
        ("{no-claim 6 weeks | }", "6:3 claim: '6 weeks' is marked as no claim without a reason"),
        ("{facts tear}", "6:3 unknown-fact: '{facts tear}' names no fact"),
        ("{Fact tear}", "6:3 unknown-fact: '{Fact tear}' names no fact"),
        ("{fact: tear}", "6:3 unknown-fact: '{fact: tear}' names no fact"),
        ("{ fact tear}", "6:3 unknown-fact: '{ fact tear}' names no fact"),
        ("{fact}", "6:3 unknown-fact: '{fact}' names no fact"),
        ("{fact tear", "6:3 unknown-fact: '{fact tear' names no fact"),
        ("{figure}", "6:3 unknown-fact: '{figure}' names no fact"),
        ("{no claim 6 weeks}", "6:3 unknown-fact: '{no claim 6 weeks}' names no fact"),
        ("`{facts tear}` {#fact} {factor} {a} {", None),
        ("{no-claim 6 weeks | ask}", "6:3 no-claim: '6 weeks' is marked as no claim: ask"),
    ],
)
def test_what_is_named_wrongly_is_told_with_its_place(written: str, problem: str | None) -> None:
    assert told(check_fact_references(page(f"Lead.\na {written}", 5), KNOWN)) == (
        [problem] if problem else []
    )


def test_a_slip_of_the_pen_is_told_what_it_may_have_meant() -> None:
    [found] = check_fact_references(page("{fact taer}"), KNOWN)
    assert found.hint == "Did you mean 'tear'?"
    [found] = check_fact_references(page("{fact qqqqqqq}"), KNOWN)
    assert "content/facts.yaml" in found.hint
    [found] = check_fact_references(page("{short roof}"), KNOWN)
    assert "{fact roof}" in found.hint


# -- what nothing uses ----------------------------------------------------------------------------


def test_facts_that_no_page_uses_and_sources_that_do_not_exist_are_told() -> None:
    known = Evidence(
        facts={"a": fact("a", line=3), "b": fact("b", sources=("a", "aa"), line=9)},
        sources=KNOWN.sources,
    )
    assert told(check_fact_usage(known, {"a"}, "f.yaml")) == [
        "9:0 unknown-reference: b: there is no source 'aa'",
        "9:0 unused-fact: no page uses the fact 'b'",
    ]
    assert told(check_fact_usage(KNOWN, set(KNOWN.facts), "f.yaml")) == []


def test_sources_that_nothing_uses_or_that_are_old_are_told() -> None:
    found = told(check_source_usage(KNOWN, {"a"}, "r.yaml", 2006))
    assert found == [
        "4:0 uncited-reference: no page cites the source 'b'",
        "4:0 old-reference: the source 'b' is of 1990, which is old",
        "5:0 uncited-reference: no page cites the source 'c'",
        "6:0 unused-reference: nothing uses the source 'd'",
    ]
    everything = set(KNOWN.sources)
    assert told(check_source_usage(KNOWN, everything, "r.yaml", 1990)) == []
    assert len(told(check_source_usage(KNOWN, everything, "r.yaml", 1991))) == 1
    assert len(told(check_source_usage(KNOWN, everything, "r.yaml", 2011))) == 2


def test_terms_that_no_page_uses_are_told() -> None:
    assert told(check_term_usage(KNOWN.terms.values(), {"lamina", "canal"}, "g.yaml")) == [
        "9:0 unused-term: no page uses the term 'sac'"
    ]


FRONT = "---\ntitle: {}\ndescription: d\n---\n"
SITE = {
    "content/index.md": FRONT.format("Home") + "Lead.\n\n{fact tear} [^own] A *sac*.\n",
    "content/risks.md": FRONT.format("The [risks] & more")
    + "Lead.\n\n{value tear} and {fact roof}\n",
    "content/all.md": FRONT.format("All")
    + "Lead.\n\n::: glossary\n:::\n\n::: references\n:::\n\n::: facts\n:::\n",
    "content/facts.yaml": """\
tear:
  sentence: "{figure} had a tear."
  value: 9
  of: 100
  who: "people with a narrow canal"
  where: Switzerland
  year: 2016
  grade: study
  not_covered: "Not counted for small cuts."
  sources: [swiss]
roof:
  sentence: It roofs it.
  grade: leaflet
  sources: [usc]
spare:
  sentence: Nobody shows it.
  grade: study
  sources: [late]
""",
    "content/references.yaml": "".join(
        f"{name}:\n  title: Title of {name}\n  source: S\n  kind: {kind}\n  read: part\n"
        for name, kind in (
            ("usc", "leaflet"),
            ("swiss", "study"),
            ("own", "trial-or-review"),
            ("late", "study"),
            ("idle", "study"),
        )
    ),
    "content/glossary.yaml": """\
sac:
  term: sac
  say: SAK
  also: [sacs]
  means: A bag.
idle:
  term: zebra
  means: A word.
""",
}


def words_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", "", html).replace("&amp;", "&").split())


@pytest.fixture
def built(make_site: MakeSite) -> Build:
    return build(make_site(SITE))


def test_a_build_tells_what_is_unused(built: Build) -> None:
    found = [f"{p.path}:{p.line} {p.rule}" for p in built.problems if p.rule != "no-url"]
    assert found == [
        "content/facts.yaml:15 unused-fact",
        "content/references.yaml:16 uncited-reference",
        "content/references.yaml:21 unused-reference",
    ]  # a list of all terms shows each of them, so none is unused


def test_a_build_tells_which_term_no_page_uses(make_site: MakeSite) -> None:
    site = {**SITE, "content/all.md": FRONT.format("All") + "Nothing.\n"}
    found = [f"{p.path}:{p.line} {p.rule}" for p in build(make_site(site)).problems]
    assert "content/glossary.yaml:6 unused-term" in found
    assert "content/glossary.yaml:1 unused-term" not in found


def test_the_lists_of_a_site_name_every_entry_and_lead_back(built: Build) -> None:
    html = page_of(built, "all/index.html")
    words = words_of(html)
    assert "Sac (say SAK): A bag. Also: sacs." in words
    assert "Zebra: A word." in words
    for name in ("usc", "swiss", "own", "late", "idle"):
        assert f"Title of {name}. S. No date. Read in part." in words
    assert (
        "9 in 100 had a tear. About: people with a narrow canal, Switzerland, 2016. "
        "Not counted for small cuts. Source: Title of swiss, S. On: Home, The [risks] & more."
    ) in words
    assert "It roofs it. Source: Title of usc, S. On: The [risks] & more." in words
    assert "Nobody shows it" not in words
    assert "Title of swiss. S. No date. Read in part. On: Home, The [risks] & more." in words
    assert 'On: <a href="/">Home</a>, <a href="/risks/">The [risks] &amp; more</a>.' in html


def test_reports_name_what_each_page_uses(built: Build) -> None:
    by_id = {one.id: one for one in built.pages}
    assert by_id["index"].facts == ("tear",)
    assert by_id["index"].references == ("own", "swiss")
    assert by_id["risks"].facts == ("roof", "tear")
    assert by_id["all"].facts == ()


def test_a_changed_fact_makes_only_its_pages_anew(make_site: MakeSite) -> None:
    before = {o.path: o.digest for o in build(make_site(SITE)).outputs}
    facts = SITE["content/facts.yaml"].replace("It roofs it.", "It roofs the canal.")
    after = {
        o.path: o.digest for o in build(make_site({**SITE, "content/facts.yaml": facts})).outputs
    }
    changed = {path for path in before if before[path] != after[path]}
    assert changed == {"all/index.html", "risks/index.html"}


# -- lists ----------------------------------------------------------------------------------------

ODD = "a *b* [c](d) <e> & `f` | #"


def test_words_are_listed_by_letter() -> None:
    terms = {
        t.term: t
        for t in (Term("z", "zebra", "Z."), Term("a", "Apple", "A."), Term("b", "art", "B."))
    }
    text = glossary_markdown(Evidence(terms=terms))
    assert [line for line in text.split("\n") if line] == [
        "## A",
        "- **Apple**: A.",
        "- **Art**: B.",
        "## Z",
        "- **Zebra**: Z.",
    ]
    assert glossary_markdown(Evidence()) == ""
    [block] = shown(glossary_markdown(Evidence(terms={"u": Term("u", "#", "A sign.")}))).parts
    assert ">#</h" in "".join(map(str, getattr(block, "parts", ())))


def test_sources_are_listed_with_the_strongest_first() -> None:
    text = references_markdown(KNOWN, {"a": [Link("P", "/p/"), Link("Q", "/q/")]})
    assert [line for line in text.split("\n") if line] == [
        "## Trial, review or guideline",
        "- Four. S. 2010. Read through another text.",
        "## One study or register",
        "- One. S. No date. Read in full. On: [P](/p/), [Q](/q/).",
        "## Patient leaflet",
        "- Two. S. 1990. Abstract read.",
        "## Clinic or commercial page (weak)",
        "- Three. S. 1990. Read in part.",
    ]


def test_facts_are_listed_by_how_strong_they_are() -> None:
    used = {name: [Link("P", "/p/")] for name in KNOWN.facts}
    text = facts_markdown(KNOWN, used, list(SOURCE_GRADES))
    assert text.count("\n- ") == 4
    assert text.strip().startswith("## One study or register\n\n- ")
    words = words_of("".join(map(str, getattr(shown(text).parts[0], "parts", ()))))
    assert "9 in 100 had a torn sac. Source: One, S; Two, S, 1990. On: P." in words
    assert facts_markdown(KNOWN, used, ["leaflet"]).strip() == ""
    assert facts_markdown(KNOWN, {}, list(SOURCE_GRADES)).strip() == ""


def test_signs_are_listed_in_their_groups() -> None:
    assert signs_markdown(KNOWN, "all") == "**Heart:**\n\n- Chest"
    assert signs_markdown(KNOWN, "all-today") == "- Sac"


def shown(markdown: str) -> ConvertedBody:
    body, problems = convert_page(page("::: facts\n:::"), fills={"facts": markdown})
    assert problems == []
    return body


def test_odd_signs_in_data_are_shown_as_they_are() -> None:
    odd = Evidence(
        facts={"f": Fact("f", ODD, "study", ("s",), who=ODD, where=ODD, not_covered=ODD)},
        sources={"s": Source("s", ODD, ODD, "study", "full", authors=ODD)},
        terms={"t": Term("t", ODD, ODD, (ODD,), ODD), "u": Term("u", "#", "A sign.")},
        signs={"s": WarningSign("s", ODD)},
        lists={"l": SignList("l", "911", (SignGroup(("s",), ODD),))},
    )
    link = [Link(ODD, "/p/")]
    for markdown, times in (
        (facts_markdown(odd, {"f": link}, list(SOURCE_GRADES)), 7),
        (references_markdown(odd, {"s": link}), 4),
        (glossary_markdown(odd).replace("A \\*b", "a \\*b"), 4),
        (signs_markdown(odd, "l"), 2),
    ):
        [block] = shown(markdown).parts
        html = "".join(part for part in block.parts if isinstance(part, str))  # type: ignore[union-attr]
        assert set(re.findall(r"<(\w+)", html)) <= set("h2 h3 ul li p strong a br".split())
        words = words_of(html).replace("&lt;", "<").replace("&gt;", ">")
        assert words.count(ODD) == times
