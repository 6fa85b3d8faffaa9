"""What surrounds a page's words: language, addresses, menus, help, and the policy."""

from __future__ import annotations

import re

import pytest
from conftest import MakeSite, build, page_of, without_data

CONFIG = """\
name: Some site
url: https://clinic.org/guide/
lang: en
emergency_number: "112"
help_page: help
nav:
  - page: a
    label: Short
  - b
footer: [help]
clinic:
  email: us@clinic.org
"""


def page(title: str, more: str = "") -> str:
    return f"---\ntitle: {title}\ndescription: About.\n{more}---\n\nWords.\n"


SITE = {
    "config.yaml": CONFIG,
    "content/index.md": page("Home"),
    "content/a/index.md": page("A long title", "aliases: /old/\n"),
    "content/a/größe.md": page("Größe", "lang: de\nreview: clinical\n"),
    "content/b.md": page("B & <C>"),
    "content/help.md": page("Help"),
}
PAGES = ["", "a/", "a/größe/", "b/", "help/"]


@pytest.fixture
def pages(make_site: MakeSite) -> dict[str, str]:
    made = build(make_site(SITE))
    assert [p for p in made.problems if p.severity != "advice"] == []
    html = {o.path: page_of(made, o.path) for o in made.outputs if o.path.endswith(".html")}
    # The German page marks words of the templates as English.
    marked = re.compile(r'<span lang="en">([^<]*)</span>')
    return {path: marked.sub(r"\1", text) for path, text in html.items()}


def test_each_page_says_its_language_and_its_own_address(pages: dict[str, str]) -> None:
    for address in PAGES:
        html = pages[f"{address}index.html"]
        assert f'<html lang="{"de" if "größe" in address else "en"}">' in html
        encoded = address.replace("größe", "gr%C3%B6%C3%9Fe")
        assert f'rel="canonical" href="https://clinic.org/guide/{encoded}"' in html
    assert "canonical" not in pages["404.html"]


def test_each_link_of_a_page_stands_below_the_base_path(pages: dict[str, str]) -> None:
    for path, html in pages.items():
        targets = re.findall(r'(?:href|src)="([^"]*)"', html)
        assert len(targets) > 1
        strange = [t for t in targets if not re.match(r"/guide/|#|https://clinic|mailto:|tel:", t)]
        assert strange == [], path


def test_menus_mark_where_the_reader_is(pages: dict[str, str]) -> None:
    html = pages["b/index.html"]
    assert '<a href="/guide/a/">Short</a>' in html
    assert '<a href="/guide/b/" aria-current="page">B &amp; &lt;C&gt;</a>' in html
    assert html.partition("<body")[2].count("aria-current") == 1
    assert pages["help/index.html"].count('<a href="/guide/help/" aria-current="page">') == 1


def test_every_page_has_the_same_way_to_help(pages: dict[str, str]) -> None:
    for path, html in pages.items():
        if path != "old/index.html":
            link = '<a class="wrap" href="/guide/help/">When to call 112</a>'
            assert link in html.partition("<main")[0], path
            assert "mailto:us@clinic.org?subject=" in html.partition("</main>")[2], path


def test_the_way_up_from_a_page(pages: dict[str, str]) -> None:
    crumbs = re.search(
        r'aria-label="Breadcrumb">(.*?)</nav>', pages["a/größe/index.html"], re.DOTALL
    )
    assert crumbs
    assert re.findall(r'href="([^"]*)">([^<]*)', crumbs[1]) == [
        ("/guide/", "Home"),
        ("/guide/a/", "A long title"),
    ]
    assert "Breadcrumb" not in pages["index.html"]


def test_a_page_that_nobody_signed_says_so_and_is_not_listed(pages: dict[str, str]) -> None:
    for path, html in pages.items():
        hidden = path in {"a/größe/index.html", "404.html", "old/index.html"}
        assert ('<meta name="robots" content="noindex">' in html) == hidden, path
        assert ("No clinician has checked this page." in html) == ("größe" in path)


def test_an_old_address_leads_to_the_new_one(pages: dict[str, str]) -> None:
    html = pages["old/index.html"]
    assert 'http-equiv="refresh" content="0; url=/guide/a/"' in html
    assert 'rel="canonical" href="https://clinic.org/guide/a/"' in html


def test_every_page_forbids_whatever_it_does_not_use(pages: dict[str, str]) -> None:
    for path, html in pages.items():
        policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', html)
        assert policy, path
        said = policy[1].replace("&#39;", "'")
        assert "default-src 'none'" in said
        assert "base-uri 'none'" in said
        assert "form-action 'none'" in said
        assert "unsafe" not in said
        assert "script-src" not in said
        assert "<script" not in without_data(html)
        assert " style=" not in html
