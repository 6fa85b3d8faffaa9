"""The data that pages draw on: what is right is read, what is wrong is told with its line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from conftest import PROJECT
from hypothesis import given
from hypothesis import strategies as st

from sitebuilder.clinical.evidence.facts import parse_facts, parse_sources
from sitebuilder.clinical.evidence.glossary import parse_terms
from sitebuilder.clinical.evidence.warning_signs import parse_warning_signs
from sitebuilder.content.entries import ENTRY_NAME
from sitebuilder.core.evidence import (
    READ_DEPTHS,
    SETTINGS,
    SOURCE_GRADES,
    TIERS,
    Fact,
    SignGroup,
    SignList,
    Source,
    Term,
    WarningSign,
)
from sitebuilder.core.model import File
from sitebuilder.core.problems import RULES, Problem

PARSERS: dict[str, Callable[[File | None], tuple[Any, ...]]] = {
    "facts": parse_facts,
    "references": parse_sources,
    "glossary": parse_terms,
    "emergency": parse_warning_signs,
}


def file(text: str | bytes, path: str = "content/x.yaml") -> File:
    return File(path, "", "", text.encode() if isinstance(text, str) else text)


def told(problems: list[Problem]) -> list[str]:
    assert all(p.hint and p.message and p.path == "content/x.yaml" for p in problems)
    return [f"{p.line} {p.rule}: {p.message}" for p in problems]


def with_line(text: str, wanted: str) -> int:
    """The number of the one line of `text` that holds `wanted`."""
    (number,) = [n for n, line in enumerate(text.split("\n"), 1) if wanted in line]
    return number


# -- facts ----------------------------------------------------------------------------------------

FACT = """\
tear-swiss:
  sentence: "In a Swiss study (2016), {figure} had a small tear."
  short: "{figure} had a tear"
  value: 9
  of: 100
  bound: about
  who: "people with a narrow canal"
  where: Switzerland
  year: 2016
  grade: study
  not_covered: "Not counted for surgery called microlaminectomy."
  sources: [ulrich2016, usc]
"""


def facts(text: str) -> tuple[dict[str, Fact], list[str]]:
    found, problems = parse_facts(file(text))
    return found, told(problems)


def test_a_fact_is_read_whole_with_its_line() -> None:
    text = (
        "# a note\n\n" + FACT + "roof:\n  sentence: It roofs it.\n  grade: leaflet\n  sources: a\n"
    )
    found, problems = facts(text)
    assert problems == []
    assert found == {
        "tear-swiss": Fact(
            "tear-swiss",
            "In a Swiss study (2016), {figure} had a small tear.",
            "study",
            ("ulrich2016", "usc"),
            "{figure} had a tear",
            ("9",),
            100,
            "",
            "about",
            "people with a narrow canal",
            "Switzerland",
            2016,
            "Not counted for surgery called microlaminectomy.",
            3,
        ),
        "roof": Fact("roof", "It roofs it.", "leaflet", ("a",), line=15),
    }


@pytest.mark.parametrize(
    ("value", "counted", "bound", "figure"),
    [
        ("9", "of: 100", "", "9 in 100"),
        ("[2, 3]", "of: 1000", "", "2 to 3 in 1,000"),
        ("[4, 6]", "unit: weeks", "", "4 to 6 weeks"),
        ("2", "unit: times as likely", "", "2 times as likely"),
        ("1500", "unit: people", "about", "about 1,500 people"),
        ("10", "of: 100000", "up to", "up to 10 in 100,000"),
        ('"2.5"', "unit: cm", "", "2.5 cm"),
    ],
)
def test_a_figure_is_said_in_one_way(value: str, counted: str, bound: str, figure: str) -> None:
    more = f"  bound: {bound}\n" if bound else ""
    text = f"f:\n  sentence: '{{figure}} here.'\n  value: {value}\n  {counted}\n{more}"
    found, problems = facts(text + "  grade: study\n  sources: [a]\n  short: 'so {figure}'\n")
    assert problems == []
    fact = found["f"]
    assert fact.figure == figure
    assert fact.text_for("value") == figure
    assert fact.text_for("short") == f"so {figure}"
    assert fact.text_for("fact") == f"{figure[0].upper()}{figure[1:]} here."


@pytest.mark.parametrize(
    ("old", "new", "at", "message"),
    [
        ("  value: 9\n", "  value: nine\n", "value:", "'nine' is not a number"),
        ("  value: 9\n", "  value: [9]\n  value: 8\n", "value: 8", "already set"),
        ("  value: 9\n", "  value: [1, 2, 3]\n", "value:", "one number or two"),
        ("  value: 9\n", "  value: [3, 2]\n", "value:", "not below"),
        ("  value: 9\n", "  value: [3, 3]\n", "value:", "not below"),
        ("  value: 9\n", "  value: 12345678\n", "value:", "not a number"),
        ("  value: 9\n", "  value: 1,000\n", "value:", "not a number"),
        ("  value: 9\n", "  value: 9%\n", "value:", "not a number"),
        ("  value: 9\n", "  value: 101\n", "value:", "more than 100"),
        ("  value: 9\n", "  value: [9, 101]\n", "value:", "more than 100"),
        ("  value: 9\n", "  value:\n", "value:", "one number or two"),
        ("  of: 100\n", "  of: 30\n", "of:", "not a number of people"),
        ("  of: 100\n", "  of: some\n", "of:", "not a number of people"),
        ("  of: 100\n", "", "value:", "either 'of' or 'unit'"),
        ("  of: 100\n", "  of: 100\n  unit: weeks\n", "value:", "either 'of' or 'unit'"),
        ("{figure} had a small", "9 had a small", "sentence:", "{figure} 0 times"),
        ("{figure} had a small", "{figure} {figure}", "sentence:", "{figure} 2 times"),
        ("{figure} had a tear", "some had a tear", "short:", "{figure} 0 times"),
        ("year: 2016", "year: 16", "year:", "not a year"),
        ("year: 2016", "year: 2116", "year:", "not a year"),
        ("grade: study", "grade: studies", "grade:", "not one of the words"),
        ("sources: [ulrich2016, usc]", "sources: []", "sources:", "no source"),
        ("sources: [ulrich2016, usc]", "sources:", "sources:", "no source"),
        ("sources: [ulrich2016, usc]", "sources: [Ulrich 2016]", "sources:", "is not a name"),
        ("who: ", "whom: ", "whom:", "no field 'whom'"),
        ("where: Switzerland", "where: [a]", "where:", "is a list"),
        ("where: Switzerland", "where:", "where:", "is empty"),
        ("tear-swiss:", "Tear_Swiss:", "Tear_Swiss:", "cannot be the name of a fact"),
        ("tear-swiss:", "tear--swiss:", "tear--swiss:", "cannot be the name of a fact"),
    ],
)
def test_a_wrong_fact_is_told_on_its_line(old: str, new: str, at: str, message: str) -> None:
    text = "# first\n" + FACT.replace(old, new)
    _, (problem,) = facts(text)
    assert problem.startswith(f"{with_line(text, at)} ")
    assert message in problem


@pytest.mark.parametrize("field", ["sentence", "grade", "sources"])
def test_what_a_fact_must_have_is_asked_for(field: str) -> None:
    lines = [line for line in FACT.split("\n") if not line.startswith(f"  {field}:")]
    _, problems = facts("\n".join(lines))
    assert f"2 missing-field: the fact 'tear-swiss' has no '{field}'" in problems


@pytest.mark.parametrize("field", ["of: 100", "unit: weeks", "bound: about"])
def test_what_belongs_to_a_value_is_not_without_one(field: str) -> None:
    text = f"f:\n  sentence: Yes.\n  grade: study\n  sources: [a]\n  {field}\n"
    assert facts(text)[1] == ["5 bad-value: f: there is no value"]


def test_all_mistakes_are_told_at_once_and_the_rest_is_read() -> None:
    half = "b:\n  sentence: S.\n  x: y\n"
    wrong = FACT.replace("9\n", "x\n").replace("2016\n", "then\n")
    found, problems = facts(wrong + half + FACT.replace("tear-swiss", "c"))
    assert [line.partition(":")[0] for line in problems] == [
        "4 bad-value",
        "9 bad-value",
        "15 unknown-field",
        "14 missing-field",
        "14 missing-field",
    ]
    assert list(found) == ["tear-swiss", "b", "c"]
    assert found["c"].figure == "about 9 in 100"


def test_a_name_given_twice_is_told() -> None:
    found, problems = facts(FACT + FACT)
    assert problems == ["13 yaml: key 'tear-swiss' is already set on line 1"]
    assert list(found) == ["tear-swiss"]


# -- sources --------------------------------------------------------------------------------------

SOURCE = """\
katz2022:
  authors: "Katz JN and others"
  title: "Lumbar spinal stenosis: a review"
  source: JAMA
  year: 2022
  details: "327:1688-1699"
  doi: 10.1001/jama.2022.5921
  pmid: 35503342
  url: https://example.org/a
  kind: trial-or-review
  read: abstract
  keep: "It is still the best."
"""


def sources(text: str) -> tuple[dict[str, Source], list[str]]:
    found, problems = parse_sources(file(text))
    return found, told(problems)


def test_a_source_is_read_whole_with_its_line() -> None:
    found, problems = sources("\n" + SOURCE)
    assert problems == []
    assert found["katz2022"] == Source(
        "katz2022",
        "Lumbar spinal stenosis: a review",
        "JAMA",
        "trial-or-review",
        "abstract",
        "Katz JN and others",
        2022,
        "327:1688-1699",
        "10.1001/jama.2022.5921",
        "35503342",
        "https://example.org/a",
        "It is still the best.",
        2,
    )


def test_a_source_is_found_by_doi_then_by_address_then_in_pubmed() -> None:
    def address(*without: str) -> str:
        lines = [x for x in SOURCE.split("\n") if not x.strip().startswith(without or "-")]
        return sources("\n".join(lines))[0]["katz2022"].href

    assert address() == "https://doi.org/10.1001/jama.2022.5921"
    assert address("doi") == "https://example.org/a"
    assert address("doi", "url") == "https://pubmed.ncbi.nlm.nih.gov/35503342/"
    assert address("doi", "url", "pmid") == ""


@pytest.mark.parametrize(
    ("old", "new", "at", "message"),
    [
        ("10.1001/jama.2022.5921", "https://doi.org/10.1001/x", "doi:", "not a DOI"),
        ("10.1001/jama.2022.5921", "10.1001/<b>", "doi:", "not a DOI"),
        ("10.1001/jama.2022.5921", "10.1001", "doi:", "not a DOI"),
        ("35503342", "PMC35", "pmid:", "not a PubMed number"),
        ("https://example.org/a", "javascript:alert(1)", "url:", "not a web address"),
        ("https://example.org/a", "example.org", "url:", "not a web address"),
        ("https://example.org/a", "https://a b", "url:", "not a web address"),
        ("https://example.org/a", "https://a.org/>x", "url:", "not a web address"),
        ("year: 2022", "year: 22", "year:", "not a year"),
        ("kind: trial-or-review", "kind: trial", "kind:", "not one of the words"),
        ("read: abstract", "read: yes", "read:", "not one of the words"),
        ("details: ", "detail: ", "detail:", "no field 'detail'"),
        ("katz2022:", "Katz:", "Katz:", "cannot be the name of a source"),
    ],
)
def test_a_wrong_source_is_told_on_its_line(old: str, new: str, at: str, message: str) -> None:
    text = SOURCE.replace(old, new)
    _, (problem,) = sources(text)
    assert problem.startswith(f"{with_line(text, at)} ")
    assert message in problem


@pytest.mark.parametrize("field", ["title", "source", "kind", "read"])
def test_what_a_source_must_have_is_asked_for(field: str) -> None:
    lines = [line for line in SOURCE.split("\n") if not line.startswith(f"  {field}:")]
    found, problems = sources("\n".join(lines))
    assert problems == [f"2 missing-field: the source 'katz2022' has no '{field}'"]
    assert "katz2022" in found


# -- terms ----------------------------------------------------------------------------------------

TERM = """\
lamina:
  term: lamina
  also: [laminae, roof bone]
  say: LAM-ih-nuh
  means: "The thin plate of bone. It roofs the canal."
"""


def terms(text: str) -> tuple[dict[str, Term], list[str]]:
    found, problems = parse_terms(file(text))
    return found, told(problems)


def test_a_term_is_read_whole_with_its_line() -> None:
    found, problems = terms(TERM + "mri:\n  term: MRI\n  means: A scan.\n")
    assert problems == []
    assert found == {
        "lamina": Term(
            "lamina",
            "lamina",
            "The thin plate of bone. It roofs the canal.",
            ("laminae", "roof bone"),
            "LAM-ih-nuh",
            1,
        ),
        "mri": Term("mri", "MRI", "A scan.", line=6),
    }


@pytest.mark.parametrize(
    ("also", "line"), [("also: [Roof Bone]", 8), ("also: LAMINA", 8), ("say: x", 6)]
)
def test_no_form_of_a_word_stands_for_two_terms(also: str, line: int) -> None:
    word = "laminae" if also.startswith("say") else "other"
    text = TERM + f"other:\n  term: {word}\n  {also}\n  means: M.\n"
    _, (problem,) = terms(text)
    assert problem.startswith(f"{line} bad-value: other: '")
    assert problem.endswith("already belongs to 'lamina'")


def test_a_term_may_name_a_form_twice() -> None:
    assert terms(TERM.replace("laminae,", "laminae, Lamina,"))[1] == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("  term: lamina\n", "", "2 missing-field: the term 'lamina' has no 'term'"),
        ("  means: ", "  meaning: ", "5 unknown-field: the term 'lamina' has no field 'meaning'"),
        ("say: LAM-ih-nuh", "say:", "4 bad-value: say: is empty"),
        ("lamina:\n", "la mina:\n", "1 bad-value: 'la mina' cannot be the name of a term"),
    ],
)
def test_a_wrong_term_is_told_on_its_line(old: str, new: str, problem: str) -> None:
    assert terms(TERM.replace(old, new, 1))[1] == [problem]


# -- signs ----------------------------------------------------------------------------------------

SIGNS = """\
signs:
  saddle:
    tier: 911
    text: "New numbness between your legs"
    named: ["numb ... legs"]
  weak:
    tier: {everybody: today, after-surgery: 911}
    text: A leg got weak
    unless_named: [saddle]
  wound:
    tier: {after-surgery: 911}
    text: Wound bursts
lists:
  first:
    tier: 911
    setting: everybody
    groups:
      - title: Nerves
        signs: [saddle]
  weak-today:
    tier: today
    setting: everybody
    groups:
      - signs: [weak]
  after:
    tier: 911
    setting: after-surgery
    groups:
      - signs: [saddle, weak]
      - signs: [wound]
  shot:
    tier: 911
    setting: after-shot
    groups:
      - signs: [saddle]
"""


def signs(text: str) -> tuple[dict[str, WarningSign], dict[str, SignList], list[str]]:
    found, lists, problems = parse_warning_signs(file(text))
    return found, lists, told(problems)


def test_signs_and_lists_are_read_with_their_lines() -> None:
    found, lists, problems = signs(SIGNS)
    assert problems == []
    everywhere = dict.fromkeys(("everybody", "after-surgery", "after-shot"), "911")
    assert list(found) == ["saddle", "weak", "wound"]
    assert found["saddle"] == WarningSign(
        "saddle", "New numbness between your legs", everywhere, named=("numb ... legs",), line=2
    )
    assert found["weak"] == WarningSign(
        "weak",
        "A leg got weak",
        {"everybody": "today", "after-surgery": "911"},
        unless_named=("saddle",),
        line=6,
    )
    assert lists == {
        "first": SignList("first", "911", (SignGroup(("saddle",), "Nerves", 19),), "everybody", 14),
        "weak-today": SignList(
            "weak-today", "today", (SignGroup(("weak",), "", 24),), "everybody", 20
        ),
        "after": SignList(
            "after",
            "911",
            (SignGroup(("saddle", "weak"), "", 29), SignGroup(("wound",), "", 30)),
            "after-surgery",
            25,
        ),
        "shot": SignList("shot", "911", (SignGroup(("saddle",), "", 35),), "after-shot", 31),
    }


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            "        signs: [saddle]",
            "        signs: [sadle]",
            "19 unknown-sign: first: there is no",
        ),
        ("[saddle, weak]", "[saddle]", "25 missing-sign: after: the sign 'weak' is left out"),
        ("- signs: [weak]", "- signs: [weak, saddle]", "24 unknown-sign: weak-today: 'saddle' is"),
        ("- signs: [wound]", "- signs: [wound, weak]", "30 unknown-sign: after: the sign 'weak'"),
        ("[saddle, weak]", "[saddle, weak, wuond]", "29 unknown-sign: after: there is no sign"),
        (
            "setting: after-shot",
            "setting: opioids",
            "13 missing-sign: no list has setting 'after-s",
        ),
        ("{after-surgery: 911}", "{after-shot: 911}", "31 missing-sign: shot: the sign 'wound'"),
        (
            "tier: today\n    setting",
            "tier: days\n    setting",
            "24 unknown-sign: weak-today: 'weak'",
        ),
        ("[saddle]\n  wound", "[sadle]\n  wound", "6 unknown-sign: weak: there is no sign 'sadle'"),
        ("tier: 911\n    text", "tier: soon\n    text", "3 bad-value: tier: 'soon' is not"),
        ("    text: Wound bursts\n", "", "11 missing-field: the sign 'wound' has no 'text'"),
        ("setting: everybody", "setting: All", "16 bad-value: setting: 'All' is not"),
        ("{after-surgery: 911}", "{after: 911}", "11 bad-value: tier: 'after' is not"),
        (
            "      - title: Nerves\n        signs",
            "      - titel: N\n        signs",
            "18 bad-value: ",
        ),
        ("- signs: [wound]", "- [wound]", "30 bad-value: groups: a group has 'title' and 'signs'"),
        ("- signs: [wound]", "- title: A", "30 bad-value: groups: a group has 'title' and 'signs'"),
        ("  wound:\n", "  Wound!:\n", "10 bad-value: 'Wound!' cannot be the name of a sign"),
        ("lists:\n", "list:\n", "13 unknown-field: emergency has no field 'list'"),
    ],
)
def test_a_wrong_sign_or_list_is_told_on_its_line(old: str, new: str, problem: str) -> None:
    assert any(line.startswith(problem) for line in signs(SIGNS.replace(old, new, 1))[2])


def test_a_list_holds_known_signs_alone() -> None:
    """Whatever shows a list need not look."""
    lists = signs(SIGNS.replace("[wound]", "[wuond]"))[1]
    assert lists["after"].groups[1].signs == ()


def test_a_group_is_short_enough_to_be_read() -> None:
    names = [f"s{n}" for n in range(8)]
    tier = "tier: {everybody: 911}\n"
    each = "".join(f"  {n}:\n    {tier}    text: {n}\n" for n in names)
    head = f"signs:\n{each}lists:\n  all:\n    tier: 911\n    setting: everybody\n    groups:\n"
    whole = head + f"      - signs: [{', '.join(names)}]\n"
    line = whole.count("\n")
    assert signs(whole)[2] == [f"{line} bad-value: groups: 8 signs in one group"]
    halves = f"      - signs: [{', '.join(names[:7])}]\n      - signs: [s7]\n"
    assert signs(head + halves)[2] == []


def test_every_sign_is_on_every_list_of_its_tier_and_setting() -> None:
    """What the rule is for: a new sign cannot be forgotten on one of several lists."""
    text = SIGNS.replace("  wound:\n", "  new:\n    tier: 911\n    text: N\n  wound:\n", 1)
    assert [p.partition(":")[2].strip() for p in signs(text)[2]] == [
        "first: the sign 'new' is left out",
        "after: the sign 'new' is left out",
        "shot: the sign 'new' is left out",
    ]


# -- any file -------------------------------------------------------------------------------------


@pytest.mark.parametrize("parse", PARSERS.values(), ids=PARSERS)
@pytest.mark.parametrize("text", ["", "\n", "# nothing yet\n", "---\n", "~\n"])
def test_no_file_and_an_empty_file_hold_nothing(parse: Any, text: str) -> None:
    assert all(not part for part in parse(None))
    assert all(not part for part in parse(file(text)))


@pytest.mark.parametrize("parse", PARSERS.values(), ids=PARSERS)
@pytest.mark.parametrize("text", ["words", "- a\n- b\n", "[a]"])
def test_a_file_that_holds_no_entries_is_told(parse: Any, text: str) -> None:
    assert told(parse(file(text))[-1])[0].startswith("1 bad-value")


@pytest.mark.parametrize("parse", PARSERS.values(), ids=PARSERS)
def test_a_file_that_is_no_text_is_told(parse: Any) -> None:
    assert told(parse(file(b"a:\n\xff"))[-1])[0].startswith("2 encoding")


@pytest.mark.parametrize("text", ["?", "a:\n  ?", "a:\n  - ?"])
def test_what_is_empty_at_the_end_is_told_on_the_last_line(text: str) -> None:
    assert {p.line for p in parse_facts(file(text))[1]} <= {1, text.count("\n") + 1}


@pytest.mark.parametrize("name", PARSERS)
def test_the_projects_own_files_are_right(name: str) -> None:
    path = f"content/{name}.yaml"
    data = File(path, "", "", (PROJECT / path).read_bytes())
    *values, problems = PARSERS[name](data)
    assert problems == []
    assert all(values)


FIELDS = (
    "signs lists groups tier text setting title sentence short value of unit bound who where year "
    "grade not_covered sources source kind read authors details doi pmid url keep term means also "
    "say"
).split()
NAMES = st.sampled_from([*FIELDS, "a", "b-c", "A", "", "~"])
VALUES = st.sampled_from(
    [
        *SOURCE_GRADES,
        *READ_DEPTHS,
        *TIERS,
        *SETTINGS,
        *"9 100 [4,6] [a,b] {figure} 2016 09 [] ~ -1 1.5 [[a]] {a:b} ''".split(),
        "\u0661\u0660",
        "\u00b2",
    ]
)
TREES = st.recursive(
    VALUES | st.text(max_size=5),
    lambda inner: (
        st.dictionaries(NAMES, inner, max_size=6)
        | st.lists(inner, max_size=4)
        | st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS, inner))
    ),
    max_leaves=30,
)


def written(tree: Any, indent: int = 0) -> str:
    """A tree as YAML, though not always right."""
    pad = "  " * indent
    if isinstance(tree, dict):
        return "".join(f"\n{pad}{name}: {written(v, indent + 1)}" for name, v in tree.items())
    if isinstance(tree, list):
        return "".join(f"\n{pad}- {written(value, indent + 1).lstrip()}" for value in tree)
    return str(tree)


TEXTS = (
    st.text()
    | st.binary()
    | st.lists(NAMES | VALUES | st.sampled_from(": - # \n \n\x20\x20 ' \" [ ] { }".split(" "))).map(
        " ".join
    )
    | TREES.map(written)
    | st.dictionaries(st.just("signs") | st.just("lists"), TREES).map(written)
)


@pytest.mark.parametrize("parse", PARSERS.values(), ids=PARSERS)
@given(TEXTS)
def test_any_text_gives_values_or_problems(parse: Any, text: str | bytes) -> None:
    data = file(text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text)
    *values, problems = parse(data)
    last = data.data.count(b"\n") + 1
    for problem in problems:
        assert problem.rule in RULES
        assert 1 <= problem.line <= last
        assert problem.hint
    for entry in (entry for named in values for entry in named.values()):
        assert 1 <= entry.line <= last
        if not problems:
            assert ENTRY_NAME.fullmatch(entry.name)
        if isinstance(entry, Fact):
            said = [entry.text_for(form) for form in ("fact", "short", "value")]
            assert problems or (said[0] and "{figure}" not in "".join(said))
