"""Colours and style: contrast is proven at build time, and squeezing changes no meaning."""

from __future__ import annotations

import json

import pytest
from conftest import PROJECT, MakeSite, build, page_of, said

from sitebuilder.assets.stylesheet import build_stylesheet, contrast_ratio, minify_css, parse_tokens

TOKENS = (PROJECT / "static" / "inline" / "tokens.json").read_text()


def changed(**colours: str) -> str:
    tokens = json.loads(TOKENS)
    for name, value in colours.items():
        scheme, _, colour = name.partition("_")
        tokens[scheme][colour] = value
    return json.dumps(tokens, indent=2)


def test_contrast_is_that_of_wcag() -> None:
    assert contrast_ratio("#000000", "#ffffff") == pytest.approx(21)
    assert contrast_ratio("#ffffff", "#000000") == pytest.approx(21)
    assert contrast_ratio("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)
    assert contrast_ratio("#123456", "#123456") == pytest.approx(1)


def test_every_pair_of_the_site_is_strong_enough_in_light_and_dark() -> None:
    schemes, problems = parse_tokens(TOKENS)
    assert problems == []
    assert set(schemes) == {"light", "dark"}
    assert len(json.loads(TOKENS)["pairs"]) > 50


@pytest.mark.parametrize(
    ("tokens", "message"),
    [
        (changed(light_ink="#777777"), "body text: ink on page is 4.3"),
        (changed(dark_link="#446677"), "link: link on page is 2.8"),
        (changed(light_ink="red"), "ink: 'red' is not a colour"),
        (changed(light_extra="#000000"), "'extra' is in one scheme only"),
        (TOKENS.replace('"text": "ink", "on": "page"', '"text": "inc", "on": "page"'), "no colour"),
        (TOKENS.replace('"needs": "7"', '"needs": "2"', 1), "not a contrast that a rule asks for"),
        (TOKENS.replace('"pairs"', '"pears"'), "has no field 'pears'"),
        ("{", "[yaml]"),
    ],
)
def test_a_faint_pair_and_every_slip_is_a_problem(tokens: str, message: str) -> None:
    _, problems = parse_tokens(tokens)
    texts = [f"{p.message} [{p.rule}]" for p in problems]
    assert any(message in text for text in texts), texts
    assert all(p.path == "static/inline/tokens.json" for p in problems)


def test_a_faint_pair_stops_the_build_at_its_line(make_site: MakeSite) -> None:
    tokens = changed(light_ink="#777777")
    files = {
        f"static/{name}": (PROJECT / "static" / name).read_text()
        for name in ("favicon.svg", "inline/site.css", "inline/logo.svg")
    }
    page = "---\ntitle: T\ndescription: d\n---\n"
    root = make_site({**files, "static/inline/tokens.json": tokens, "content/index.md": page})
    line = next(n for n, row in enumerate(tokens.split("\n"), 1) if '"for": "body text"' in row) - 4
    assert f"static/inline/tokens.json:{line} contrast" in said(build(root))


def test_only_colours_that_the_sheet_uses_are_written() -> None:
    sheet = "@layer a;/* tokens */p{color:var(--ink)}"
    css, problems = build_stylesheet({"site.css": sheet, "tokens.json": TOKENS})
    assert problems == []
    assert css == (
        "@layer a;:root{--ink:#14262b}@supports (color:light-dark(#000,#fff))"
        "{:root{--ink:light-dark(#14262b,#e9f1f0)}}p{color:var(--ink)}"
    )


@pytest.mark.parametrize(
    ("css", "squeezed"),
    [
        ("a { color : red ; }", "a{color :red}"),
        ('a { content: "x: y ; }  z" }', 'a{content:"x: y ; }  z"}'),
        ("/* note: { */ a{}", "a{}"),
        ("a  b > c , d:hover e { }", "a b>c,d:hover e{}"),
        ('a::before { content: "/" / "" }', 'a::before{content:"/" / ""}'),
        (
            "@media (min-width: 64rem) { a { b: calc(1px + 2px) } }",
            "@media (min-width:64rem){a{b:calc(1px + 2px)}}",
        ),
    ],
)
def test_squeezing_keeps_the_meaning(css: str, squeezed: str) -> None:
    assert minify_css(css) == squeezed


def test_the_policy_names_the_style_that_the_page_has(make_site: MakeSite) -> None:
    import base64
    import hashlib
    import re

    html = page_of(build(make_site({"content/index.md": "---\ntitle: T\n---\n"})), "index.html")
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"'sha256-{digest}'" in html.replace("&#39;", "'")
