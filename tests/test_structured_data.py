"""What pages say to machines: valid words of schema.org, and nothing that readers are not told."""

from __future__ import annotations

import html.parser
import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from datetime import date
from html import escape
from pathlib import Path
from typing import Any

import brotli
import look
import pytest
from conftest import PROJECT, count_calls
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from sitebuilder.checks.structured_data import check_structured_data
from sitebuilder.core import model
from sitebuilder.core.passage import Subject
from sitebuilder.core.problems import Problem
from sitebuilder.render.structured_data import PageMetadata, render_json_ld

ADDRESS = "https://clinic.example/"
PLAIN_PAGE = PageMetadata(
    site_name="Our Clinic",
    site_url="",
    url="",
    title="Pain",
    description="",
    lang="en",
    is_clinical=False,
)
HOME = replace(
    PLAIN_PAGE,
    site_url=ADDRESS,
    url=ADDRESS,
    description="A guide.",
    is_clinical=True,
    is_home=True,
)
UNSIGNED = PageMetadata(
    site_name="Our Clinic",
    site_url=ADDRESS,
    url=ADDRESS + "procedure/",
    title="What happens & <why>",
    description="The operation, step by step.",
    lang="en",
    is_clinical=True,
    crumbs=(("Home", ADDRESS),),
    subject=Subject("procedure", "Microlaminectomy", ("Small-cut laminectomy",), "low back"),
    modified=date(2026, 10, 3),
    citations=("https://doi.org/10.1/a", "https://www.example.org/b?c=1&d=2"),
)
SIGNED = replace(
    UNSIGNED,
    last_reviewed=date(2026, 11, 1),
    reviewed_by="Ann Example, MD",
    reviewer_role="Spine surgeon",
)
CONDITION = replace(
    UNSIGNED,
    title="Synovial cyst",
    crumbs=(("Home", ADDRESS), ("Why it is done", ADDRESS + "why/")),
    subject=Subject("condition", "Synovial cyst", ("facet cyst", "joint cyst"), "spine"),
)
NO_ADDRESS = replace(PLAIN_PAGE, crumbs=(("Home", ""),))
BARE = replace(PLAIN_PAGE, is_clinical=True, subject=Subject("condition", "Pain"))
SAMPLES = {
    "home": HOME,
    "unsigned": UNSIGNED,
    "signed": SIGNED,
    "condition": CONDITION,
    "no-address": NO_ADDRESS,
    "bare": BARE,
}


def nodes(facts: PageMetadata) -> dict[str, dict[str, Any]]:
    """What is said, by class."""
    return {node["@type"]: node for node in json.loads(render_json_ld(facts))["@graph"]}


# -- the vocabulary -------------------------------------------------------------------------------

PLAIN = {"Text", "URL", "Date", "DateTime", "Time", "Number", "Integer", "Float", "Boolean"}


def values(data: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Each text, number or truth value of the data, with the name of its property."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield from values(value, key)
    elif isinstance(data, list):
        for value in data:
            yield from values(value, name)
    else:
        yield name, data


def against_the_vocabulary(texts: Mapping[str, str], folder: Path) -> list[str]:
    """What schema.org does not know, as TypeScript finds it: `page what`.

    Its types let a plain text stand for a thing, so the ranges that they were made from are asked
    for that; and they let any text stand for a date.
    """
    types = look.modules("schema-dts", "dist", "schema.d.ts")
    ranges: dict[str, set[str]] = {"@graph": {"Thing"}}
    for name, kinds in re.findall(r'"(\w+)"\?: SchemaValue<([^,]+), "\1">', types.read_text()):
        ranges.setdefault(name, set()).update(kinds.split(" | "))
    assert len(ranges) > 1000
    said = []
    for page, text in texts.items():
        for name, value in values(json.loads(text)):
            kinds = ranges.get(name, {"Text"})  # @type and the like; tsc finds what is unknown
            if isinstance(value, str) and not kinds & PLAIN:
                said.append(f"{page} has a text where {name} wants a thing")
            if "Date" in kinds and not re.fullmatch(r"\d{4}-\d\d-\d\d", str(value)):
                said.append(f"{page} has a {name} that is no date")
    lines = [f'import type {{ Graph }} from "{types.with_suffix("").with_suffix("")}.js";']
    lines += [f"export const page{n}: Graph = {text};" for n, text in enumerate(texts.values())]
    program = folder / "pages.ts"
    program.write_text("\n".join(lines))
    compiler = look.modules("typescript", "bin", "tsc")
    options = "--noEmit --strict --pretty false --module nodenext".split()
    # schema-dts itself is a locked package, as is the library: neither is what is judged here.
    options += "--skipLibCheck --lib es5".split()
    done = subprocess.run(
        ["node", compiler, *options, "--ignoreConfig", program.name],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    pages = list(texts)
    found = re.findall(r"^pages\.ts\((\d+),\d+\): (error .*)$", done.stdout, re.MULTILINE)
    assert (done.returncode == 0) == (not found), done.stdout + done.stderr
    # Nothing is wrong but in the texts: neither the types nor the program itself.
    assert done.stdout.count("error TS") == len(found), done.stdout
    return said + [f"{pages[int(line) - 2]} {message[:300]}" for line, message in found]


MISTAKES: dict[str, Any] = {
    "unknown-class": {"@type": "MedicalWebsite"},
    "unknown-property": {"@type": "WebPage", "reviewer": "x"},
    "property-of-another-class": {"@type": "WebPage", "medicalAudience": {"@type": "Patient"}},
    "unknown-property-within": {
        "@type": "MedicalWebPage",
        "about": {"@type": "MedicalCondition", "bodyLocation": "spine"},
    },
    "number-for-a-text": {"@type": "WebPage", "name": 7},
    "text-for-a-truth-value": {"@type": "WebPage", "isAccessibleForFree": "yes"},
    "wrong-thing": {"@type": "WebPage", "publisher": {"@type": "MedicalCondition"}},
    "text-for-a-thing": {"@type": "WebPage", "about": "Microlaminectomy"},
    "text-for-a-node": "WebPage",
    "person-for-an-audience": {
        "@type": "MedicalWebPage",
        "medicalAudience": {"@type": "Person", "name": "x"},
    },
    "no-date": {"@type": "WebPage", "lastReviewed": "yesterday"},
}


@pytest.fixture(scope="module")
def judged(
    pages: Mapping[str, Page], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[str, list[str]]]:
    """What is wrong with samples, mistakes and the site's pages, by name; one start of TypeScript.

    Its start takes longer than all texts; that it judges each, the mistakes among them show.
    """
    context = '{"@context":"https://schema.org","@graph":[%s]}'
    texts = {
        "sample": {name: render_json_ld(facts) for name, facts in SAMPLES.items()},
        "mistake": {name: context % json.dumps(node) for name, node in MISTAKES.items()},
        "page": {path: page.data[0] for path, page in pages.items()},
    }
    texts["mistake"]["other-context"] = '{"@context":"https://schema.example","@graph":[]}'
    texts["mistake"]["right"] = render_json_ld(SIGNED)
    flat = {f"{kind}:{name}": text for kind, some in texts.items() for name, text in some.items()}
    found: dict[str, dict[str, list[str]]] = {
        kind: {name: [] for name in some} for kind, some in texts.items()
    }
    for said in against_the_vocabulary(flat, tmp_path_factory.mktemp("tsc")):
        key, _, what = said.partition(" ")
        kind, _, name = key.partition(":")
        found[kind][name].append(f"{name} {what}")
    return found


Judged = Mapping[str, Mapping[str, list[str]]]


@pytest.mark.node
def test_every_kind_of_page_is_in_the_words_of_schema_org(judged: Judged) -> None:
    assert set(judged["sample"]) == set(SAMPLES)
    look.nothing([said for found in judged["sample"].values() for said in found])


@pytest.mark.node
def test_the_vocabulary_check_judges_classes_properties_and_values(judged: Judged) -> None:
    right = {name for name, found in judged["mistake"].items() if not found}
    assert right == {"right"}
    assert len(judged["mistake"]) == len(MISTAKES) + 2


# -- what is said ---------------------------------------------------------------------------------


def test_a_signed_page_names_its_subject_its_reviewer_and_its_sources() -> None:
    page = nodes(SIGNED)["MedicalWebPage"]
    assert page == {
        "@type": "MedicalWebPage",
        "name": "What happens & <why>",
        "description": "The operation, step by step.",
        "url": "https://clinic.example/procedure/",
        "inLanguage": "en",
        "isAccessibleForFree": True,
        "medicalAudience": {"@type": "Patient"},
        "about": {
            "@type": "MedicalProcedure",
            "name": "Microlaminectomy",
            "alternateName": ["Small-cut laminectomy"],
            "bodyLocation": "low back",
        },
        "dateModified": "2026-10-03",
        "lastReviewed": "2026-11-01",
        "reviewedBy": {
            "@type": "Person",
            "name": "Ann Example, MD",
            "jobTitle": "Spine surgeon",
        },
        "publisher": {"@type": "Organization", "name": "Our Clinic", "url": ADDRESS},
        "citation": [
            {"@type": "CreativeWork", "url": "https://doi.org/10.1/a"},
            {"@type": "CreativeWork", "url": "https://www.example.org/b?c=1&d=2"},
        ],
    }


@pytest.mark.parametrize("half", ["last_reviewed", "reviewed_by", "reviewer_role", ""])
def test_half_a_sign_off_is_none(half: str) -> None:
    facts = replace(UNSIGNED, **({half: getattr(SIGNED, half)} if half else {}))
    assert nodes(facts) == nodes(UNSIGNED)
    text = render_json_ld(facts)
    assert "lastReviewed" not in text
    assert "reviewedBy" not in text


def test_a_condition_and_a_page_that_is_not_clinical() -> None:
    assert nodes(CONDITION)["MedicalWebPage"]["about"] == {
        "@type": "MedicalCondition",
        "name": "Synovial cyst",
        "alternateName": ["facet cyst", "joint cyst"],
        "associatedAnatomy": {"@type": "AnatomicalStructure", "name": "spine"},
    }
    bare = {"@type": "MedicalCondition", "name": "Pain"}
    assert nodes(BARE)["MedicalWebPage"]["about"] == bare
    plain = nodes(replace(SIGNED, is_clinical=False))
    assert set(plain) == {"WebPage", "BreadcrumbList"}
    medical = {"medicalAudience", "about", "citation", "lastReviewed", "reviewedBy"}
    assert not medical & set(plain["WebPage"])


def test_the_way_to_a_page_ends_with_it_and_the_home_page_has_none() -> None:
    assert nodes(CONDITION)["BreadcrumbList"]["itemListElement"] == [
        {"@type": "ListItem", "position": 1, "name": "Home", "item": {"@id": ADDRESS}},
        {
            "@type": "ListItem",
            "position": 2,
            "name": "Why it is done",
            "item": {"@id": ADDRESS + "why/"},
        },
        {"@type": "ListItem", "position": 3, "name": "Synovial cyst"},
    ]
    assert set(nodes(HOME)) == {"MedicalWebPage", "WebSite"}
    assert nodes(HOME)["WebSite"] == {"@type": "WebSite", "name": "Our Clinic", "url": ADDRESS}


def test_without_a_public_address_there_is_no_address() -> None:
    for facts in (NO_ADDRESS, replace(PLAIN_PAGE, is_home=True)):
        said = {name for name, _ in values(json.loads(render_json_ld(facts)))}
        assert not {"url", "item", "@id"} & said


words = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=12)


@given(words, words, words, words)
def test_whatever_it_says_the_text_is_safe_in_a_page(
    name: str, title: str, also: str, part: str
) -> None:
    subject = Subject("procedure", name, (also,), part)
    facts = replace(BARE, site_name=name, title=title, description=also, subject=subject)
    text = render_json_ld(replace(facts, crumbs=((part, ""),)))
    assert not set(text) & set("<>&\u2028\u2029\n")
    assert json.loads(text)["@graph"][0]["name"] == title
    shown = "".join(f"<p>{escape(said)}</p>" for said in (name, title, also, part))
    assert not list(said_of(page_with(text, shown)))


def test_the_same_facts_give_the_same_text() -> None:
    text = render_json_ld(SIGNED)
    assert text == render_json_ld(SIGNED)
    names = [list(node) for node in json.loads(text)["@graph"]]
    assert names == [sorted(node) for node in names]


# -- the check of a build -------------------------------------------------------------------------


def said_of(html: str) -> Iterator[Problem]:
    page = model.Page("x", "content/x.md", "/x/", "T", "", 1)
    return check_structured_data(model.SitePage(page, "none"), html)


def page_with(data: str, shown: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><title>A</title>'
        '<meta name="description" content="The operation, step by step.">'
        f'<script type="application/ld+json">{data}</script></head><body>{shown}</body></html>'
    )


SHOWN = (
    '<a href="/">Home</a><h1>What happens &amp;\n&lt;why&gt;</h1><p>A micro<em>laminectomy</em>'
    "<sup>1</sup>, or small-cut <b> laminectomy</b>, of the <a href='#low'>low</a>&nbsp;back.</p>"
    '<p>Ann Example, MD</p><p>spine surgeon, <time datetime="2026-11-01">1 November</time></p>'
    '<p>Changed: <time datetime="2026-10-03">3 October</time></p><footer>Our Clinic</footer>'
    '<a href="https://doi.org/10.1/a">a</a><a href="https://www.example.org/b?c=1&amp;d=2">b</a>'
)


def found(data: str, shown: str) -> list[str]:
    problems = list(said_of(page_with(data, shown)))
    assert {(p.rule, p.path) for p in problems} <= {("structured-data", "content/x.md")}
    return [problem.message for problem in problems]


def test_a_page_that_says_it_all_passes_and_one_without_data_too() -> None:
    assert found(render_json_ld(SIGNED), SHOWN) == []
    assert list(said_of("<p>&lt;script type=application/ld+json></p>")) == []


@pytest.mark.parametrize(
    ("said", "instead", "missing"),
    [
        ("<em>laminectomy</em>", "laminotomy", "'Microlaminectomy' as 'name'"),
        ("<em>laminectomy</em>", "<em>laminectomys</em>", "'Microlaminectomy' as 'name'"),
        ("small-cut <b> lam", "small-cut</p><p>lam", "'Small-cut laminectomy' as 'alternateName'"),
        ("&nbsp;back", "&nbsp;backs", "'low back' as 'bodyLocation'"),
        ("&nbsp;back", "<!-- back -->", "'low back' as 'bodyLocation'"),
        ("Ann Example, MD", "<svg><text>Ann Example, MD</text></svg>", "'Ann Example, MD' as"),
        ("surgeon", "nurse", "'Spine surgeon' as 'jobTitle'"),
        ('"2026-11-01"', '"2026-11-02"', "'2026-11-01' as 'lastReviewed'"),
        ("<time datetime=", "<span title=", "'2026-10-03' as 'dateModified'"),
        ("&lt;why", "&lt;when", "'What happens & <why>' as 'name'"),
        ("Our Clinic", "<p title='Our Clinic'></p>", "'Our Clinic' as 'name'"),
        ("d=2", "d=3", "'https://www.example.org/b?c=1&d=2' as 'url'"),
    ],
)
def test_what_the_page_does_not_say_is_found(said: str, instead: str, missing: str) -> None:
    assert said in SHOWN
    messages = found(render_json_ld(SIGNED), SHOWN.replace(said, instead))
    assert any(missing in message for message in messages), messages


def test_a_description_that_the_page_does_not_give_is_found() -> None:
    html = page_with(render_json_ld(UNSIGNED), SHOWN).replace('content="The', 'content="An')
    (problem,) = said_of(html)
    assert "'The operation, step by step.' as 'description'" in problem.message


def test_data_that_is_broken_or_there_twice_is_found() -> None:
    data = render_json_ld(UNSIGNED)
    assert ["is not JSON" in message for message in found(data[:-1], SHOWN)] == [True]
    twice = SHOWN + f"<script type='application/ld+json'>{data}</script>"
    assert ["2 times" in message for message in found(data, twice)] == [True]


def test_the_check_takes_little_work_on_a_long_page() -> None:
    html = page_with(render_json_ld(SIGNED), SHOWN + "<p>Some <b>words</b> more.</p>\n" * 4000)
    assert list(said_of(html)) == []
    assert count_calls(lambda: list(said_of(html))) < 10 * 4000


# -- the site itself ------------------------------------------------------------------------------

PIECES = [
    *(
        "disc",
        "Disc",
        "a disc",
        " ",
        "\n",
        "&",
        "<p>disc</p>",
        "<svg>",
        "</svg>",
        "<style>",
        "</style>",
    ),
    *(
        "<p>",
        "</p>",
        "<b>disc</b>",
        "<svg>disc</svg>",
        "<svg><text>disc</text></SVG>",
        "x>disc<br>",
    ),
    *('<meta name="description" content="disc">', '<a title="&lt;p&gt;disc&lt;/p&gt;">', "<title>"),
    *("<!-->disc<-->", "<a title='<p>disc</p>'>", '<a title="<p>disc</p>">', "</title>", "discs"),
    *("<script>", "</script>", '<a class="disc">', '<div name="description" content="disc">'),
]


@given(st.lists(st.sampled_from(PIECES), max_size=8), st.sampled_from(["disc", "a disc", "&", "x"]))
@example(["<svg>disc</svg>"], "disc")
@example(['<a title="<p>disc</p>">'], "disc")
@example(['<meta name="description" content="a\ndisc">'], "a\ndisc")
def test_the_quick_look_finds_what_the_long_look_finds(pieces: list[str], value: str) -> None:
    page = page_with(json.dumps({"name": value}), "".join(pieces))
    unsaid = '<a title="<p>disc</p>">', "<svg>disc</svg>"
    if value == "disc" and not {p for p in pieces if "disc" in p.lower()}.difference(unsaid):
        assert list(said_of(page))
    with_sign = f"\u00a7{page}"  # what stands before the doctype: such a page is not plain
    assert [p.message for p in said_of(page)] == [p.message for p in said_of(with_sign)]


LARGEST = 450  # of a page with some 35 sources
"""Bytes, as sent, that data may add to a page: measured, and a sign-off besides."""


class Page(html.parser.HTMLParser):
    """A page's data and what its readers see, by a parser that the check does not use."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.silent: list[str] = []
        self.data: list[str] = []
        self.words: list[str] = []
        self.links: set[str] = set()
        self.days: set[str] = set()
        self.feed(text)
        self.close()
        self.text = " ".join("".join(self.words).split()).casefold()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "script" and given.get("type") == "application/ld+json":
            self.data.append("")
        if tag in {"script", "style", "svg"}:
            self.silent.append(tag)
        self.links.add(given.get("href") or "")
        if tag == "time":
            self.days.add(given.get("datetime") or "")
        if tag == "meta" and given.get("name") == "description":
            self.words.append(f" {given['content']} ")

    def handle_endtag(self, tag: str) -> None:
        if self.silent and self.silent[-1] == tag:
            self.silent.pop()

    def handle_data(self, data: str) -> None:
        if self.silent == ["script"] and self.data:
            self.data[-1] += data
        elif not self.silent:
            self.words.append(data)


@pytest.fixture(scope="module")
def pages(public: Path) -> dict[str, Page]:
    """The pages that have data, by address."""
    read = {path: Page(look.file_of(public, path).read_text()) for path in look.paths(public)}
    return {path: page for path, page in read.items() if page.data}


def test_pages_have_data_each_once(pages: Mapping[str, Page]) -> None:
    assert "/" in pages
    look.nothing([f"{path} has data twice" for path, p in pages.items() if len(p.data) > 1])


@pytest.mark.node
def test_every_page_is_in_the_words_of_schema_org(
    judged: Judged, pages: Mapping[str, Page]
) -> None:
    assert set(judged["page"]) == set(pages)
    look.nothing([said for found in judged["page"].values() for said in found])


def test_data_says_nothing_that_the_page_does_not(pages: Mapping[str, Page]) -> None:
    said = []
    for path, page in pages.items():
        for name, value in values(json.loads(page.data[0])):
            if name in {"url", "@id"}:
                # An address of this site stands in the page without its host.
                local = "/" + value.partition("://")[2].partition("/")[2]
                there = value in page.links or local in page.links
            elif name == "lastReviewed" or name.startswith("date"):
                there = value in page.days
            elif name[0] == "@" or name == "inLanguage" or not isinstance(value, str):
                there = True
            else:
                there = " ".join(value.split()).casefold() in page.text
            if not there:
                said.append(f"{path} does not say '{value}' ({name})")
    look.nothing(said)


def test_no_page_claims_a_review_that_is_not_on_record(pages: Mapping[str, Page]) -> None:
    said = []
    for path, page in pages.items():
        claims = [name for name in ("lastReviewed", "reviewedBy") if name in page.data[0]]
        record = PROJECT / "reviews" / f"{path.strip('/') or 'index'}.yaml"
        unsigned = not record.is_file() or "no clinician has checked this page" in page.text
        said += [f"{path} has {name}, and nobody signed it" for name in claims if unsigned]
        if len(claims) == 1:
            said.append(f"{path} has half a review")
    look.nothing(said)


def test_data_adds_little_to_a_page(public: Path, pages: Mapping[str, Page]) -> None:
    said = []
    for path in pages:
        html = look.file_of(public, path).read_bytes()
        without = re.sub(rb'<script type="application/ld\+json">.*?</script>', b"", html)
        assert without != html
        more = len(brotli.compress(html, quality=11)) - len(brotli.compress(without, quality=11))
        if more > LARGEST:
            said.append(f"{path} has {more} bytes of data, over {LARGEST}")
    look.nothing(said)
