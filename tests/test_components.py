"""The parts of the design: each on the living page; those with arithmetic or words, closer."""

from __future__ import annotations

import re
from datetime import date

import pytest
from conftest import PROJECT, MakeSite, build, page_of, run_cli, said

from sitebuilder.build.pipeline import Build, build_site
from sitebuilder.content.loader import load_sources
from sitebuilder.markdown.block_specs import BLOCK_SPECS

PAGE = "---\ntitle: T\ndescription: d\n---\n\n"
FIGURE = '<svg viewBox="0 0 1 1"></svg>'


def page(make_site: MakeSite, body: str, **files: str) -> str:
    return page_of(build(make_site({"content/index.md": PAGE + body, **files})), "index.html")


def problems(make_site: MakeSite, body: str) -> list[str]:
    found = build(make_site({"content/index.md": PAGE + body})).problems
    return [f"{p.line}: {p.message}" for p in found if p.rule != "no-url"]


@pytest.mark.slow
def test_the_living_page_shows_every_block_and_is_never_published(ours: Build) -> None:
    source = (PROJECT / "templates" / "components.md").read_text()
    assert [name for name in BLOCK_SPECS if f"\n::: {name}" not in source] == []
    shown = build(PROJECT, preview=True)
    assert [p for p in shown.problems if p.path == "templates/components.md"] == []
    html = page_of(shown, "components/index.html")
    assert "Parts of the design" in html
    assert 'popovertarget="t-lamina"' in html
    assert 'id="about-this-page"' in html
    for kind in ("words", "sources"):
        assert re.search(rf'class="part flow {kind}">\s*<h\d', html), kind
    assert "components/index.html" not in {o.path for o in ours.outputs}


def test_the_living_page_is_without_fault_on_a_site_without_data(make_site: MakeSite) -> None:
    """Designers copy the templates to start a site of their own."""
    ours = {f"templates/{p.name}": p.read_text() for p in (PROJECT / "templates").iterdir()}
    shown = build(make_site({"content/index.md": PAGE, **ours}), preview=True)
    assert [p for p in shown.problems if p.path == "templates/components.md"] == []
    assert "components/index.html" in {o.path for o in shown.outputs}


@pytest.mark.parametrize(
    ("count", "of", "rows"), [(5, 100, 1), (33, 100, 2), (1, 10, 1), (0, 20, 0)]
)
def test_as_many_dots_as_people(make_site: MakeSite, count: int, of: int, rows: int) -> None:
    html = page(make_site, f"Lead.\n\n::: chance Some\ncount: {count}\nof: {of}\n:::\n")
    assert f'aria-label="{count} in {of}"' in html
    drawn = re.findall(r'<path class="(all|some)" d="([^"]*)"', html)
    dots = {
        name: sum(round(float(h) / 12) + 1 for h in re.findall(r"h([\d.]+)", d))
        for name, d in drawn
    }
    assert dots == {"all": of, "some": count}
    assert len(re.findall("h", dict(drawn)["some"])) == rows


@pytest.mark.parametrize(
    ("block", "message"),
    [
        ("::: chance Some\ncount: five\nof: 100\n:::", "9: 'count: five' is not a whole number"),
        ("::: chance Some\ncount: 5\n:::", "8: the block 'chance' has no 'of'"),
        ("::: chance Some\ncount: 101\nof: 100\n:::", "8: 'count: 101' is more than 'of: 100'"),
        ("::: chance\ncount: 5\nof: 100\n:::", "8: the block 'chance' needs a title"),
        ("::: chance Some\ncount: 1\nof: 30\n:::", "8: 'of: 30' is not 10, 20 or 100"),
        ("::: figure a.svg b.svg\nalt: One\ncaption: C\n:::", "8: 'alt' has 1 parts for 2 files"),
        ("::: more\nx\n:::", "8: the block 'more' needs a title"),
    ],
)
def test_a_wrong_number_is_told_at_its_line(make_site: MakeSite, block: str, message: str) -> None:
    assert message in problems(make_site, f"Lead.\n\n{block}\n")


def test_a_pair_of_pictures_has_a_name_and_words_for_each(make_site: MakeSite) -> None:
    block = (
        "::: figure a.svg b.svg\nalt: First | Second\nnames: One | Two\ncaption: C.\n\n"
        "1. Key\n\nLong.\n:::"
    )
    html = page(
        make_site,
        f"Lead.\n\n{block}\n",
        **{
            "static/favicon.svg": FIGURE,
            "static/inline/site.css": "",
            "static/inline/logo.svg": FIGURE,
            "static/inline/figures/a.svg": FIGURE,
            "static/inline/figures/b.svg": FIGURE,
        },
    )
    assert re.findall(r'role="img" aria-label="(\w+)"', html) == ["First", "Second"]
    assert re.findall(r'class="name">(\w+)<', html) == ["One", "Two"]
    assert html.index("<li>Key</li>") < html.index("<details>") < html.index("Long.")


def test_a_source_mark_in_a_title_is_no_part_of_its_id(make_site: MakeSite) -> None:
    html = page(make_site, "Lead.\n\n::: warning Mind *this*[^s]\nx\n:::\n\n[^s]: S\n")
    assert 'id="mind-this"' in html
    assert 'href="#fn:s"' in html


def test_a_picture_that_is_not_there_is_told(make_site: MakeSite) -> None:
    block = "::: figure a.svg b.svg\nalt: A | B\ncaption: C.\n:::"
    root = make_site({"content/index.md": PAGE + f"Lead.\n\n{block}\n"})
    assert said(build(root)).count("content/index.md:8 broken-link") == 2


def test_every_cell_of_a_comparison_says_its_column_without_marks(make_site: MakeSite) -> None:
    table = "| Q | Small[^s] | *Large* |\n|---|---|---|\n| Cut | 1 | **2** |\n"
    html = page(make_site, f"Lead.\n\n::: compare C\n{table}:::\n\n[^s]: S\n")
    assert '<td><span class="column">Small: </span>1</td>' in html
    assert '<td><span class="column">Large: </span><strong>2</strong></td>' in html
    assert '<th scope="row">Cut</th>' in html


def handout(make_site: MakeSite, config: str, **pages: str) -> tuple[str, list[str]]:
    files = {f"content/{name}.md": text for name, text in pages.items()}
    built = build(make_site({"config.yaml": f"name: S\nhandout:\n{config}", **files}))
    made = {o.path for o in built.outputs}
    html = page_of(built, "handout/index.html") if "handout/index.html" in made else ""
    return re.sub(r"<style>.*?</style>", "", html), [
        f"{p.path}:{p.line} {p.message}" for p in built.problems
    ]


ONE = (
    PAGE
    + """\
Lead of one.[^s]

::: emergency
- a sign
:::

## First part

Words with a [link](two.md).

### Deep

Deeper.

## Second part

More.

::: figure x.svg
alt: A
caption: C

Long.
:::

After.

[^s]: Source.
"""
)


def test_the_hand_out_is_made_of_the_pages_own_words(make_site: MakeSite) -> None:
    html, _ = handout(make_site, "  - one\n", one=ONE, index=PAGE, two=PAGE)
    assert '<h2 id="t">T</h2>' in html
    for words in ("Lead of one.", "a sign", "Words with a link.", "Deeper.", "More.", "After."):
        assert words in html, words
    assert '<h3 id="first-part">First part</h3>' in html
    assert '<h4 id="deep">Deep</h4>' in html
    for gone in ("Source.", "Long.", "<figure", 'href="/two/"', "footnote"):
        assert gone not in html.partition("<main")[2], gone


def test_only_the_sections_that_are_listed_are_on_it(make_site: MakeSite) -> None:
    html, _ = handout(make_site, "  - page: one\n    sections: [second-part]\n", one=ONE, two=PAGE)
    assert "a sign" in html
    assert "More." in html
    assert "First part" not in html


def test_what_is_listed_and_not_there_is_told(make_site: MakeSite) -> None:
    lines = "  - nobody\n  - page: one\n    sections: [secnd-part]\n"
    html, told = handout(make_site, lines, one=ONE, two=PAGE)
    assert "config.yaml:3 handout: there is no page 'nobody'" in told
    assert "config.yaml:4 handout: the page 'one' has no section 'secnd-part'" in told
    assert html


def test_without_a_list_there_is_no_hand_out(make_site: MakeSite) -> None:
    built = build(make_site({"content/index.md": PAGE}))
    assert "handout/index.html" not in {o.path for o in built.outputs}


def test_an_unsigned_page_makes_the_hand_out_unsigned(make_site: MakeSite) -> None:
    html, _ = handout(
        make_site, "  - one\n", one=ONE.replace("---\n\n", "review: clinical\n---\n\n", 1)
    )
    assert "No clinician has checked this page" in html
    assert 'content="noindex"' in html


@pytest.mark.parametrize(
    ("day", "words", "said"),
    [
        ("2026-11-23", "Words.", ""),
        ("2026-11-23", "Other words.", "Changed since review"),
        ("2029-01-01", "Words.", "Review overdue"),
    ],
)
def test_the_hand_out_says_the_worst_state_of_its_pages(
    make_site: MakeSite, day: str, words: str, said: str
) -> None:
    clinical = PAGE.replace("description", "review: clinical\ndescription")
    files = {
        "config.yaml": "name: S\nhandout:\n  - one\n  - two\n",
        "content/reviewers.yaml": "ann:\n  name: Test Reviewer\n  role: Test role\n",
        "content/one.md": clinical + "Words.",
        "content/two.md": clinical + "More.",
    }
    root = make_site(files)
    for name in ("one", "two"):
        done = run_cli("review", name, "--by", "ann", "--root", str(root), "--today", "2026-11-22")
        assert done.returncode == 0, done.stderr
    (root / "content/one.md").write_text(clinical + words)
    built = build_site(load_sources(root), date.fromisoformat(day))
    html = page_of(built, "handout/index.html")
    assert {w for w in ("Changed since review", "Review overdue") if w in html} == {said} - {""}
    assert "No clinician has checked" not in html
