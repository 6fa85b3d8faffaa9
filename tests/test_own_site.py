"""The project's own site, as a patient meets it: built, served, opened in a real Chromium."""

from __future__ import annotations

import html.parser
import re
from collections import Counter
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import pytest
from conftest import PROJECT, run_cli, serve_folder
from modes import SOAK

from sitebuilder.clinical.evidence.sign_orders import CARD_TIERS
from sitebuilder.clinical.library import SiteData, load_site_data
from sitebuilder.content.loader import load_sources
from sitebuilder.core.evidence import SETTINGS

TOPICS = ("procedure", "candidacy", "recovery", "indications", "risks")
OPERATIONS = ("kinds-of-surgery", "open-laminectomy", "microdiscectomy", "fusion")
CONDITIONS = ("spinal-stenosis", "herniated-disc", "spondylolisthesis", "synovial-cyst")
CHOICES = tuple(
    "your-options care-without-surgery watch-and-wait staying-active physical-therapy "
    "pain-medicine spinal-injections what-microlaminectomy-can-and-cannot-help".split()
)
GUIDE = tuple(
    "tests-and-scans questions-to-ask find-a-doctor getting-ready day-of-surgery "
    "after-surgery-warning-signs when-to-get-help".split()
)
LISTS = ("words", "sources", "facts", "facts-studies", "facts-leaflets")
OTHERS = (*LISTS, "about", "privacy", "accessibility")
PAPER = ("handout", "handout-large")
CLINICAL = (*TOPICS, *OPERATIONS, *CONDITIONS, *CHOICES, *GUIDE, ".")
TOOLS = ("tools/next-step", "tools/options", "tools/get-ready")
TO_SIGN = (*CLINICAL, *TOOLS, "tools")
ALL = (*TO_SIGN, *OTHERS, *PAPER)
SIGNED = {
    str(path.relative_to(PROJECT / "reviews").with_suffix("")).replace("index", ".")
    for path in (PROJECT / "reviews").rglob("*.yaml")
}
"""Clinical pages with a review on record: none yet."""


class Reader(html.parser.HTMLParser):
    """Tags in order with their attributes, and the text without tags."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.silent = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.silent += tag in {"style", "svg", "head"}

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in {"style", "svg", "head"}

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.words.append(data)

    def all(self, tag: str, **attributes: str) -> list[dict[str, str | None]]:
        return [
            found
            for name, found in self.tags
            if name == tag and all(found.get(k) == v for k, v in attributes.items())
        ]


def plain(text: str) -> str:
    """The words alone: without tags, source marks and the notes on words."""
    text = re.sub(r"<sup.*?</sup>|<span popover.*?</span>", "", text, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]*>", "", text)).split())


@pytest.fixture(scope="module")
def library() -> SiteData:
    found, problems = load_site_data(load_sources(PROJECT))
    assert problems == []
    return found


def pages(public: Path) -> Iterator[tuple[str, Reader]]:
    for path in sorted(public.rglob("*.html")):
        yield str(path.relative_to(public)), Reader(path.read_text())


def test_there_is_one_page_for_each_topic(public: Path) -> None:
    found = {str(path.parent.relative_to(public)) for path in public.rglob("index.html")}
    assert found == set(ALL)
    for name in ("index.html", "404.html", "robots.txt", "sitemap.xml"):
        assert (public / name).is_file(), name


def test_every_page_has_one_h1_a_title_a_description_and_a_language(public: Path) -> None:
    titles = set()
    for path, page in pages(public):
        assert len(page.all("h1")) == 1, path
        assert page.all("html")[0]["lang"] == "en", path
        assert len(page.all("title")) == 1, path
        titles.add(re.sub(r"\s+", " ", " ".join(page.words[:40])))
        if path != "404.html":
            description = page.all("meta", name="description")[0]["content"] or ""
            assert 50 <= len(description) <= 155, path
    assert len(titles) == len(ALL) + 1


def test_every_page_has_canonical_open_graph_and_policy(public: Path) -> None:
    for path, page in pages(public):
        policy = page.all("meta", **{"http-equiv": "Content-Security-Policy"})[0]["content"] or ""
        assert policy.startswith("default-src 'none'; style-src 'sha256-"), path
        scripts = page.all("script")
        if str(Path(path).parent) in TOOLS:  # a script of their own, and no data
            assert scripts == [{}], path
        else:
            assert scripts in ([], [{"type": "application/ld+json"}]), path
        assert page.all("meta", property="og:title"), path
        if path != "404.html":
            address = "https://www.example.org/" + path.removesuffix("index.html")
            assert page.all("link", rel="canonical") == [{"rel": "canonical", "href": address}]


def test_a_page_with_facts_has_its_sources_at_the_foot(public: Path) -> None:
    for name in CLINICAL:
        page = Reader((public / name / "index.html").read_text())
        marks = page.all("a", **{"class": "footnote-ref"})
        assert len(marks) >= 5, name
        assert {"id": "sources"} in page.all("h2"), name
        ids = {attributes.get("id") for _, attributes in page.tags}
        assert {(mark["href"] or "")[1:] for mark in marks} <= ids, name


def test_an_unsigned_clinical_page_says_so_and_is_kept_from_search_engines(public: Path) -> None:
    sitemap = (public / "sitemap.xml").read_text()
    unsigned = set(TO_SIGN) - SIGNED
    for path, page in pages(public):
        name = str(Path(path).parent)
        clinical = name in unsigned or (name in PAPER and bool(unsigned))
        clinical = clinical and path != "404.html"
        text = " ".join(" ".join(page.words).split())
        said = "No clinician has checked this page" in text
        hidden = bool(page.all("meta", name="robots", content="noindex"))
        assert said == clinical, path
        assert ("Checked by a clinician Not yet" in text) == (name in unsigned and clinical), path
        assert hidden == (clinical or path == "404.html"), path
        address = "https://www.example.org/" + path.removesuffix("index.html")
        assert (f"<loc>{address}</loc>" in sitemap) != hidden, path


def test_every_page_says_who_keeps_it_and_what_changed(public: Path) -> None:
    for name in (*TO_SIGN, *OTHERS):
        text = (public / name / "index.html").read_text()
        panel = text.partition('id="about-this-page"')[2]
        assert "<dt>Kept by</dt>\n<dd>Integrated Spine Institute</dd>" in panel, name
        assert re.search(r"Reading level</dt>\s*<dd>US school grade [1-8]\b", panel), name
        assert re.search(r"Last change</dt>\s*<dd><time datetime=", panel), name


def test_every_fact_source_and_word_is_on_the_lists(public: Path, library: SiteData) -> None:
    known = library.evidence
    text = {
        name: plain((public / name / "index.html").read_text().partition("<main")[2])
        for name in LISTS
    }
    facts = " ".join(text[name] for name in LISTS if name.startswith("facts"))
    assert len(known.facts) > 100
    assert [f.name for f in known.facts.values() if plain(f.text_for("fact")) not in facts] == []
    sources = [s.name for s in known.sources.values() if plain(s.title) not in text["sources"]]
    assert sources == []
    words = [t.name for t in known.terms.values() if plain(t.means) not in text["words"]]
    assert words == []


def test_every_card_has_every_sign_of_its_tier_for_its_people_in_the_one_wording(
    public: Path, library: SiteData
) -> None:
    """A sign that one page leaves out can cost somebody a bladder or a life."""
    signs, cards = library.evidence.signs.values(), Counter[str]()
    for path in public.rglob("*.html"):
        text = path.read_text()
        for kind, tier in CARD_TIERS.items():
            pattern = rf'class="part care {kind}".*?</div>\n</div>'
            for card in re.findall(pattern, text, re.DOTALL) if kind != "routine" else ():
                items = {plain(item) for item in re.findall(r"<li>(.*?)</li>", card, re.DOTALL)}
                whole = [
                    {plain(s.text) for s in signs if s.tiers.get(setting) == tier}
                    for setting in SETTINGS
                ]
                assert items in whole, path
                cards[kind] += 1
    assert cards["emergency"] > 8
    assert set(cards) == set(CARD_TIERS) - {"routine"}


def test_every_word_that_can_be_pressed_opens_a_note_on_its_page(public: Path) -> None:
    for path, page in pages(public):
        opened = [b["popovertarget"] for b in page.all("button") if "popovertarget" in b]
        notes = [a["id"] for tag, a in page.tags if "popover" in a]
        assert opened == notes, path
        assert len(set(notes)) == len(notes), path


def test_the_way_to_help_is_on_every_page_in_the_same_place(public: Path) -> None:
    for path, page in pages(public):
        text = " ".join(" ".join(page.words).split())
        assert "When to call 911" in text.partition("Integrated Spine Institute")[2][:300], path
        assert page.all("a", href="/when-to-get-help/"), path


def test_an_input_with_two_labels_has_one_name(public: Path) -> None:
    """The button "None of these" above a list is a label of the box below, which has its own."""
    seen = 0
    for path, page in pages(public):
        for label in page.all("label"):
            target = label.get("for")
            if target:
                (box,) = page.all("input", id=target)
                assert box["aria-labelledby"] == f"{target}_t", path
                assert len(page.all("span", id=f"{target}_t")) == 1, path
                seen += 1
    assert seen


def test_nothing_is_claimed_that_the_clinic_has_not_given(public: Path) -> None:
    for path, page in pages(public):
        numbers = {link["href"] for link in page.all("a") if (link["href"] or "")[:4] == "tel:"}
        assert numbers <= {"tel:911", "tel:988"}, path  # 988 is the national crisis line
        assert not [a for a in page.all("a") if (a["href"] or "").startswith("mailto:")], path


def test_the_pages_read_well_without_styles(public: Path) -> None:
    """In the order of the source: name, way to help, title, lead, then the rest; words for all."""
    for path, page in pages(public):
        text = " ".join(" ".join(page.words).split())
        assert not re.search(r":::|\[\^|\*\*|\]\(|\{\{|\{%", text), path
        order = [text.index(s) for s in ("Skip to main content", "When to call 911")]
        assert order == sorted(order), path
        for picture in page.all("svg"):
            assert picture.get("aria-hidden") == "true" or picture.get("aria-label"), path


def test_no_sentence_of_the_clinics_old_page_is_used(public: Path) -> None:
    """Eight words in a row would be somebody else's sentence: part stands on another site."""
    old = re.findall(r"[a-z]+", OLD_SENTENCES.lower())
    runs = {" ".join(old[n : n + 8]) for n in range(len(old) - 7)}
    for path, page in pages(public):
        words = re.findall(r"[a-z]+", " ".join(page.words).lower())
        found = {" ".join(words[n : n + 8]) for n in range(len(words) - 7)} & runs
        assert not found, path


OLD_SENTENCES = """
Most patients return home one to two days after surgery. They typically can begin light work several
weeks after the procedure and normal activities four to six weeks after the procedure.
"""


def test_every_internal_link_leads_somewhere(public: Path) -> None:
    """In the files, for no script makes a link.

    `test_hosts` asks real servers for every link of our site; with SOAK=1 a browser follows them.
    """
    found = {
        "/" + name.removesuffix("index.html"): page
        for name, page in pages(public)
        if name != "404.html"
    }
    ids = {path: {attributes.get("id") for _, attributes in p.tags} for path, p in found.items()}
    site = "https://site.invalid"
    waiting, seen = ["/"], set()
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        assert path in found, f"{path} is no page: without its slash, or not there"
        for link in found[path].all("a"):
            address, fragment = urldefrag(urljoin(site + path, link.get("href") or ""))
            if address.startswith(site):
                to = urlsplit(address).path
                waiting.append(to)
                assert not fragment or unquote(fragment) in ids.get(to, ()), f"{path} {link}"
    assert seen == set(found)
    assert len(seen) == len(ALL)


@pytest.mark.browser
@pytest.mark.skipif(not SOAK, reason="make soak; the same in the files is a test above")
def test_a_browser_finds_a_page_behind_every_internal_link(website: str, browser: Any) -> None:
    page = browser.new_page()
    waiting, seen, anchors, topics = ["/"], set(), set(), set()
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        response = page.goto(website + path)
        assert response.status == 200, path
        assert response.url == website + path, f"{path} was redirected"
        topics |= {t for t in TOPICS if path == f"/{t}/" and page.inner_text("h1")}
        for href in page.eval_on_selector_all("a[href]", "links => links.map(a => a.href)"):
            address, fragment = urldefrag(href)
            if address.startswith(website):
                path_to = urlsplit(address).path
                waiting.append(path_to)
                anchors |= {(path_to, fragment)} if fragment else set()
    for path, fragment in sorted(anchors):
        if page.url != website + path:
            page.goto(website + path)
        found = page.evaluate("id => !!document.getElementById(id)", fragment)
        assert found, f"{path}#{fragment}"
    assert topics == set(TOPICS)
    assert len(seen) == len(ALL)
    page.close()


@pytest.mark.browser
def test_a_lost_reader_gets_a_way_on_at_any_depth(website: str, browser: Any) -> None:
    """The page that they get is alone and silent too; as `/404.html` test_look_pages judges it."""
    page = browser.new_page()
    requests, messages = [], []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: messages.append(message.text))
    page.on("pageerror", lambda error: messages.append(str(error)))
    lost = website + "/a/deep/place/that/is/not/there/"
    response = page.goto(lost)
    assert response.status == 404
    assert page.evaluate("document.cookie + localStorage.length + sessionStorage.length") == "00"
    page.click("text=The home page")
    page.wait_for_url(website + "/")
    assert [url for url in requests if not url.endswith(".svg")] == [lost, website + "/"]
    assert all(url.startswith(website + "/") for url in requests)
    assert len(messages) == 1
    assert "404 (Not Found)" in messages[0]
    page.close()


@pytest.mark.browser
def test_below_a_folder_all_links_still_lead_somewhere(tmp_path: Path, browser: Any) -> None:
    out = tmp_path / "host" / "spine"
    done = run_cli("build", "--output", str(out), "--url", "https://host.org/spine/", process=True)
    assert done.returncode == 0, done.stderr
    for address in serve_folder(tmp_path / "host"):
        page = browser.new_page()
        page.goto(address + "/spine/")
        links = page.eval_on_selector_all("a[href], link[rel=icon]", "all => all.map(a => a.href)")
        assert links
        for link in {urldefrag(link)[0] for link in links if link.startswith(address)}:
            assert page.request.get(urljoin(address, link)).status == 200, link
        page.close()


def test_the_readme_shows_the_site() -> None:
    readme = (PROJECT / "README.md").read_text()
    for image in re.findall(r"!\[[^\]]+\]\(([^)]+)\)", readme):
        assert (PROJECT / image).is_file(), image
    assert 0 < readme.index("\n    make  ") < readme.index("\n    make test  ") < 500


@pytest.mark.browser
def test_on_a_wide_screen_the_text_of_all_pages_starts_at_one_place(
    website: str, browser: Any
) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    places = {}
    for path in ("", "recovery/", "facts/", "tools/", "tools/next-step/"):
        page.goto(f"{website}/{path}")
        places[path] = page.evaluate("document.querySelector('h1').getBoundingClientRect().left")
    page.close()
    assert len(set(places.values())) == 1, places
