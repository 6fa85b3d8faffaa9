"""Targets of links and pictures in the tree that Markdown makes: which are taken out, and told."""

from __future__ import annotations

from xml.etree.ElementTree import Element

import pytest
from markdown import Markdown

from sitebuilder.markdown.tree import DocumentOutline, PageTreeprocessor


def kept(tag: str, name: str, target: str) -> bool:
    """Whether the target stays; if not, it has to be noted."""
    processor = PageTreeprocessor(Markdown())
    processor.outline = DocumentOutline([], set())
    element = Element(tag, {name: target, "title": "x"})
    processor.remove_unsafe_target(element, name)
    if name in element.attrib:
        assert element.get(name) == target
        assert processor.outline.refused_targets == []
        return True
    ((told, is_picture),) = processor.outline.refused_targets
    assert told == told.strip() != ""
    assert is_picture == (tag == "img")
    assert element.get("title") == "x"
    return False


SCRIPT = [
    "javascript:x",
    "JavaScript:x",
    " \x01javascript:x",
    "java\tscript:x",
    "java\nscript:x",
    "java\rscript:x",
    "&#106;avascript:x",
    "javascript&colon;x",
    "\x02106\x03avascript:x",  # as Markdown keeps an escaped sign
    "vbscript:x",
    "data:text/html,x",
    "file:///x",
    "x-unknown:y",
    "git+ssh:y",
    "a.b-c+d1:y",
    ":x",
]
ELSEWHERE = [
    "/\t/x.org",
    "/\n/x.org",
    "\\\r/x.org",
    "//x.org/a",
    "\\\\x.org/a",
    "/\\x.org/a",
    "\\/x.org/a",
    "  //x.org/a",
    "\x01//x.org/",
]
OUT = ["https://x.org/a.png", "http://x.org/a.png", "HTTPS://x.org/a.png", " Http:x.org", "https:a"]
HERE = ["", "a.md", "../a/b.png", "/a/", "#part", "?q", "/a//b", "a\\b", "http/a.png", "httpsx/a"]


@pytest.mark.parametrize("target", SCRIPT + ELSEWHERE)
def test_what_could_run_or_goes_elsewhere_unseen_is_taken_out(target: str) -> None:
    assert not kept("a", "href", target)
    assert not kept("img", "src", target)


@pytest.mark.parametrize("target", OUT)
def test_links_lead_out_but_no_picture_comes_from_elsewhere(target: str) -> None:
    assert kept("a", "href", target)
    assert not kept("img", "src", target)


@pytest.mark.parametrize("target", HERE)
def test_what_is_on_the_site_stays(target: str) -> None:
    assert kept("a", "href", target)
    assert kept("img", "src", target)


@pytest.mark.parametrize("target", ["mailto:a@b.c", "MAILTO:a@b.c", "tel:+1-555", "Tel:911"])
def test_mail_and_telephone(target: str) -> None:
    assert kept("a", "href", target)
    assert not kept("img", "src", target)


@pytest.mark.parametrize("sign", "/?#[]@!$&'()*,;= ")
def test_a_colon_behind_a_sign_that_no_scheme_has_is_only_a_colon(sign: str) -> None:
    assert kept("a", "href", f"a{sign}b:c")


def test_addresses_of_mail_as_markdown_hides_them() -> None:
    hidden = "".join(f"\x02amp\x03#{ord(sign)};" for sign in "mailto:a@b.c")
    assert kept("a", "href", hidden)
    assert not kept("a", "href", "\x02klzzwxh:0001\x03javascript:x")
    assert kept("a", "href", "a\x02klzzwxh:0001\x03b")
