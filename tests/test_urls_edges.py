"""Addresses at their edges: the longest that is taken, each form of each trick."""

from __future__ import annotations

import posixpath
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitebuilder.build.routes import RouteTable
from sitebuilder.core import urls


def test_the_longest_address_and_the_longest_part() -> None:
    assert urls.url_error(f"/{'a' * urls.MAX_PART_LENGTH}/") == ""
    assert "longer than" in urls.url_error(f"/{'a' * (urls.MAX_PART_LENGTH + 1)}/")
    whole = "/abcd" * (urls.MAX_LENGTH // 5)
    assert len(whole) == urls.MAX_LENGTH
    assert urls.url_error(whole) == ""
    assert "longer than" in urls.url_error(whole + "e")


@pytest.mark.parametrize("slash", ["/", "\\", "%2f", "%2F", "%5c", "%5C"])
@pytest.mark.parametrize("dots", ["..", ".%2e", "%2e.", "%2E%2E", "%2e%2E"])
def test_the_way_out_in_every_spelling(slash: str, dots: str) -> None:
    for address in (f"/a{slash}{dots}{slash}b/", f"/{dots}{slash}b", f"/a{slash}{dots}"):
        assert "'..'" in urls.url_error(address), address


@pytest.mark.parametrize(
    "name",
    [f"{port}{n}" for port in ("com", "lpt") for n in range(10)]
    + ["con", "prn", "aux", "nul", "clock$"],
)
def test_each_device_of_windows(name: str) -> None:
    assert urls.url_error(f"/{name}/")
    assert urls.url_error(f"/a/{name}.txt")
    assert "Windows" in urls.url_error(f"/{name}/") or "$" in name


@pytest.mark.parametrize(
    "near", ["/com/", "/com10/", "/console/", "/lpt/", "/auxiliary/", "/a.con/"]
)
def test_names_that_only_resemble_devices_are_fine(near: str) -> None:
    assert urls.url_error(near) == ""


@pytest.mark.parametrize("code", [0xD800, 0xDFFF, 0, 0x7F, 0x9F, 0x200B, 0x2066])
def test_signs_that_are_not_seen(code: int) -> None:
    sign = chr(code)
    assert f"U+{ord(sign):04X}" in urls.url_error(f"/a{sign}/")


def test_pages_have_no_empty_part_and_other_reasons_are_told() -> None:
    assert "'//'" in urls.page_url_error("/a//")
    assert "another site" in urls.page_url_error("//a/")
    assert "capital" in urls.page_url_error("/A/")
    assert "capital" in urls.page_url_error("/A")
    assert urls.page_url_error("/") == ""


def test_a_name_without_a_letter_makes_no_address_at_all() -> None:
    assert urls.url_for_file("★.md") == ("", "no letter or digit is left to make an address from")
    assert urls.url_for_file("a/★/b.md")[0] == ""


def test_signs_that_a_link_may_hold_stay_as_they_are() -> None:
    assert urls.href("/", "/a-b.c_d~e!f/") == "/a-b.c_d~e!f/"
    assert urls.href("/x/", "/½/ä") == "/x/%C2%BD/%C3%A4"


@pytest.mark.parametrize(
    ("path", "target", "found"),
    [
        ("content/a/b.md", "c.md", "content/a/c.md"),
        ("content/a/b.md", "../c.md", "content/c.md"),
        ("content/a.md", "./x/../c.png", "content/c.png"),
        ("content/a.md", "../../etc/passwd", "../etc/passwd"),
        ("a.md", "b.md", "b.md"),
    ],
)
def test_what_a_link_beside_a_file_points_at(path: str, target: str, found: str) -> None:
    assert urls.resolve_relative(path, target) == found


def test_slugs_are_of_one_form() -> None:
    assert urls.slugify("e\u0301") == urls.slugify("\u00e9") == "\u00e9"
    assert urls.slugify("A\u030a\u0323") == urls.slugify("\u1ea0\u030a")
    assert urls.slugify("İ") == urls.slugify("İ".lower())


# -- the registry ---------------------------------------------------------------------------------


def added(*entries: tuple[str, str]) -> RouteTable:
    registry = RouteTable()
    for address, path in entries:
        registry.claim(address, path)
    return registry


def test_a_refusal_names_the_address_the_reason_and_what_to_do() -> None:
    (found,) = added(("/con/", "content/con.md")).problems
    assert (found.rule, found.path, found.line) == ("address", "content/con.md", 0)
    assert "'/con/'" in found.message
    assert "Windows" in found.message
    assert "Rename" in found.hint
    (found,) = added(("/a/", "content/a.md"), ("/a/", "content/b.md")).problems
    assert (found.rule, found.path, found.line) == ("address-taken", "content/b.md", 0)
    assert "'/a/'" in found.message
    assert "content/a.md" in found.message
    assert "url:" in found.hint


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("/a/b/c.txt", "/a/b"),
        ("/a/b", "/a/b/c/d.txt"),
        ("/a", "/a/"),
        ("/x/é/", "/X/É/index.html"),
        ("/\u017f.txt", "/s.txt"),
        ("/ﬁ.txt", "/fi.txt"),
        ("/μ.txt", "/µ.txt"),
    ],
)
def test_what_a_computer_takes_for_one_file(first: str, second: str) -> None:
    for one, other in ((first, second), (second, first)):
        assert len(added((one, "static/1"), (other, "static/2")).problems) >= 1


def test_folders_are_shared_by_their_files_and_their_names_are_whole() -> None:
    pairs = [("/a/b/c/", "/a/b/d/"), ("/ab/c", "/a/bc"), ("/a/b.txt", "/a/c.txt"), ("/ab", "/a/b")]
    for first, second in pairs:
        assert added((first, "static/1"), (second, "static/2")).problems == []


@pytest.mark.parametrize("name", ["/CNAME", "/vercel.json", "/web.config", "/Index.HTML"])
def test_files_that_a_host_takes_for_orders_come_from_designers_only(name: str) -> None:
    (found,) = added((name, "content" + name)).problems
    assert found.rule == "address"
    assert "orders" in found.message
    assert added(("/a" + name, "content/a" + name)).problems == [] or "Index" in name
    assert added((name, "static" + name)).problems == []


def test_an_address_that_cannot_be_keeps_its_own_reason() -> None:
    (found,) = added(("/con/", "content/con.md")).problems
    assert "orders" not in found.message


def test_forms_of_one_letter_are_one_address() -> None:
    assert added(("/\ufe80.txt", "static/1"), ("/\u0621.txt", "static/2")).problems


# -- look-alikes, and names that hosts keep -------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("index.md", "/"),
        ("a.md", "/a/"),
        ("Care at home/Day 1.md", "/care-at-home/day-1/"),
        ("a/index.md", "/a/"),
        ("Cafe\u0301.md", "/caf\u00e9/"),
        ("x\u00b2 \uff21.md", "/x2-a/"),
    ],
)
def test_the_address_of_a_page_comes_from_its_path(path: str, address: str) -> None:
    assert urls.url_for_file(path) == (address, "")


@pytest.mark.parametrize(
    ("sign", "like"), [("\uff0e", "."), ("\uff21", "A"), ("\u00b2", "2"), ("\uff0f", "/")]
)
def test_what_looks_like_plain_signs_is_told_with_both(sign: str, like: str) -> None:
    why = urls.url_error(f"/a{sign}b/")
    assert f"'{sign}' (U+{ord(sign):04X})" in why
    assert f"looks like '{like}'" in why


@pytest.mark.parametrize("dots", ["\uff0e\uff0e", ".\uff0e", "\u2025"])
@pytest.mark.parametrize("slash", ["/", "\uff0f", "\uff3c"])
def test_the_way_out_in_wide_signs(dots: str, slash: str) -> None:
    assert "'..'" in urls.url_error(f"/é{slash}{dots}{slash}b")


@pytest.mark.parametrize("code", [0x2215, 0x2044, 0x29F8, 0x3002, 0x2024 + 0x100, 0x1F600, 0x20AC])
def test_signs_that_are_no_part_of_a_word_are_told(code: int) -> None:
    assert f"'{chr(code)}' (U+{code:04X})" in urls.url_error(f"/a{chr(code)}b/")


@pytest.mark.parametrize("code", [0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0])
def test_letters_that_are_not_seen_are_told(code: int) -> None:
    assert urls.url_error(f"/a{chr(code)}b/")
    assert urls.url_error(f"/a{chr(code)}b/") == urls.url_error(f"/{chr(code)}/")


HOSTS = (
    "cname now.json vercel.json firebase.json staticwebapp.config.json routes.json web.config "
    "wrangler.json index.html index.htm default.htm default.html"
).split()


@pytest.mark.parametrize("name", HOSTS)
def test_each_name_that_a_host_keeps(name: str) -> None:
    assert urls.is_host_control_file(f"/{name}")
    assert urls.is_host_control_file(f"/{name.upper()}")
    assert f"'{name}'" in urls.page_url_error(f"/{name}/")
    assert f"'{name}'" in urls.page_url_error(f"/a/{name}/b/")


def test_other_names_are_nobodys() -> None:
    assert not urls.is_host_control_file("/a/cname")
    assert not urls.is_host_control_file("/name")
    assert urls.page_url_error("/a/b.c/") == ""
    assert "'.well-known'" in urls.page_url_error("/.well-known/")
    assert urls.url_error("/.well-known/x.txt") == ""
    assert "'//'" in urls.page_url_error("/a//b/")
    assert "'//'" in urls.page_url_error("///a/")


STEP = st.sampled_from(["..", ".", "", "a", "b.md", ".c", "...", "d e", "..f", "\u00e9"])
WAY = st.lists(STEP, max_size=6).map("/".join)


@given(WAY, WAY)
def test_what_stands_beside_a_file_is_found_as_paths_are_joined(path: str, target: str) -> None:
    joined = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
    assert urls.resolve_relative(path, target) == joined


PART = st.sampled_from(["con", "aux", "com1", "index", "a", "b-c", "-d", "E", "", "..", "f" * 101])


@given(st.lists(PART, max_size=4).map(lambda parts: "/" + "".join(f"{p}/" for p in parts)))
def test_a_plain_address_has_just_the_faults_that_any_has(address: str) -> None:
    quick = urls.url_error(address)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(urls, "_PLAIN_URL", re.compile("(?!)"))
        assert quick == urls.url_error(address)
