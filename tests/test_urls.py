"""Addresses: whatever a file is called, what is published stays inside the site and is found."""

from __future__ import annotations

import unicodedata
from pathlib import PurePosixPath
from urllib.parse import unquote, urljoin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitebuilder.build.routes import RouteTable
from sitebuilder.core import urls


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Recovery at home", "recovery-at-home"),
        ("snake_case--and  dots.v2", "snake-case-and-dots-v2"),
        ("Größe & Maß", "größe-maß"),
        ("Cafe\u0301", "caf\u00e9"),
        ("Восстановление", "восстановление"),
        ("脊椎手术", "脊椎手术"),
        ("हिन्दी", "हिन्दी"),
        ("العربية", "العربية"),
        ("ภาษาไทย", "ภาษาไทย"),
        ("½ dose", "½-dose"),
        ("a\x00b\u200bc", "a-b-c"),
        ("..", ""),
        ("★ !", ""),
    ],
)
def test_names_of_all_scripts_make_addresses(name: str, slug: str) -> None:
    assert urls.slugify(name) == slug


@pytest.mark.parametrize("address", ["/", "/a/", "/a/b.css", "/.well-known/x.txt", "/脊椎/", "/½/"])
def test_good_addresses(address: str) -> None:
    assert urls.url_error(address) == ""


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("a/", "start"),
        ("//a/", "another site"),
        ("/cafe\u0301/", "two-part"),
        ("/a\x00/", "U+0000"),
        ("/a\n/", "U+000A"),
        ("/a\u202e/", "U+202E"),
        ("/a/../b/", "'..'"),
        ("/a/%2E%2e/b/", "'..'"),
        ("/a%2f..%5cb/", "'..'"),
        ("/a\\..\\b/", "'..'"),
        *((f"/a{sign}b/", "sign") for sign in "\\:%?#*\"'<>|&;`{}$ \u00a0\u2028"),
        ("/A/", "capital"),
        ("/É/", "capital"),
        (f"/{'a' * 101}/", "100 bytes"),
        (f"/{'脊' * 34}/", "100 bytes"),
        ("/" + "abcd/" * 81, "400 bytes"),
        *((f"/x/{name}/", "Windows") for name in ("con", "nul", "aux", "com1", "lpt0", "prn.txt")),
        ("/index/", "home page"),
        *((f"/{name}/", "reserved") for name in ("_redirects", ".git", "-x", ".", "...")),
        ("/a./", "ends with a dot"),
    ],
)
def test_each_fault_is_named(address: str, why: str) -> None:
    assert why in urls.url_error(address)


def test_the_address_of_a_page_ends_with_a_slash_and_has_no_empty_part() -> None:
    assert urls.page_url_error("/a/") == ""
    assert "end" in urls.page_url_error("/a")
    assert "'//'" in urls.page_url_error("/a//b/")


def test_where_an_address_is_kept() -> None:
    assert urls.output_path("/") == "index.html"
    assert urls.output_path("/a/b/") == "a/b/index.html"
    assert urls.output_path("/404.html") == "404.html"


def test_links_stand_below_the_base_path_and_are_encoded() -> None:
    assert urls.href("/", "/a/") == "/a/"
    assert urls.href("/repo/", "/") == "/repo/"
    assert urls.href("/repo/", "/größe 1/") == "/repo/gr%C3%B6%C3%9Fe%201/"


def test_ids_are_addresses() -> None:
    assert urls.page_id("/") == "index"
    assert urls.page_id("/a/b/") == "a/b"


@given(st.lists(st.text(max_size=12), min_size=1, max_size=4).map("/".join))
def test_any_file_name_has_a_fault_or_an_address_that_stays_inside(name: str) -> None:
    address, why = urls.url_for_file(name + ".md")
    if why:
        return
    assert urls.page_url_error(address) == ""
    file = PurePosixPath(urls.output_path(address))
    assert not file.is_absolute()
    assert ".." not in file.parts
    assert all(len(part.encode()) < 255 for part in file.parts)
    assert unicodedata.is_normalized("NFC", address)
    for base in ("/", "/some/base/"):
        absolute = urljoin("https://x.org" + base, urls.href(base, address))
        assert absolute.isascii()
        assert unquote(absolute) == "https://x.org" + base[:-1] + address
    assert urls.url_for_file(str(file.with_suffix(".md"))) == (address, "")


@given(st.text(max_size=30))
def test_any_text_without_a_fault_is_a_path_inside(text: str) -> None:
    if urls.url_error(text) == "":
        assert text.startswith("/")
        assert not text.startswith("//")
        assert ".." not in PurePosixPath(urls.output_path(text)).parts
        assert not set(text) & set(" \t\r\n\0\\\"'<>")


# -- who has which address ------------------------------------------------------------------------


def taken(first: str, second: str) -> bool:
    registry = RouteTable()
    assert registry.claim(first, "content/first.md")
    had = registry.claim(second, "content/second.md", 7)
    if had:
        assert registry.problems == []
        return False
    (found,) = registry.problems
    assert (found.rule, found.path, found.line) == ("address-taken", "content/second.md", 7)
    assert "content/first.md" in found.message
    return True


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("/a/", "/a/"),
        ("/a/", "/a/index.html"),
        ("/a/", "/a/INDEX.html"),
        ("/Logo.svg", "/logo.svg"),
        ("/é.txt", "/É.txt"),
        ("/ß.txt", "/SS.txt"),
        ("/a.txt", "/a.txt/"),
        ("/a/b/", "/a"),
        ("/a", "/a/b/c/"),
    ],
)
def test_what_a_disk_would_mix_up_is_one_address(first: str, second: str) -> None:
    assert taken(first, second)


@pytest.mark.parametrize(("first", "second"), [("/a/", "/b/"), ("/a/", "/a/b/"), ("/a/", "/ab/")])
def test_different_addresses_live_together(first: str, second: str) -> None:
    assert not taken(first, second)
    assert not taken(second, first)


@pytest.mark.parametrize(
    "address",
    ["/404.html", "/404.HTML", "/sitemap.xml", "/robots.txt", "/robots.txt/", "/404.html/x/"],
)
def test_what_the_generator_writes_itself_is_taken(address: str) -> None:
    registry = RouteTable()
    assert not registry.claim(address, "static/x")
    assert [p.rule for p in registry.problems] == ["address-taken"]


@pytest.mark.parametrize(
    "address", ["/_headers", "/cafe\u0301.png", "/a/../b.png", "/con.png", "/a b"]
)
def test_a_file_with_a_name_of_no_use_is_refused(address: str) -> None:
    registry = RouteTable()
    assert not registry.claim(address, "static/x")
    assert [p.rule for p in registry.problems] == ["address"]
