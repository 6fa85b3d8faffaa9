"""Markdown: headings, links, tables, sources, code; nothing that could run, no word lost."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from sitebuilder.content.decode import decode_text
from sitebuilder.core.model import Block, ConvertedBody, File, Page, Part
from sitebuilder.core.problems import ERROR, Problem, apply_severities
from sitebuilder.markdown.blocks import NO_FILLS, Fills
from sitebuilder.markdown.convert import convert_page

FIRST = 5
"""The line of the file on which bodies start here."""


DATA_RULES = {"own-source": ERROR, "loose-signs": ERROR}
"""For a site that keeps its sources and signs as data; they are off where nobody asks for them."""


def made(
    body: str, fills: Fills = NO_FILLS, checks: dict[str, str] | None = None
) -> tuple[ConvertedBody, list[Problem]]:
    clean, _ = decode_text(File("content/x.md", "", "", body.encode()))
    found, problems = convert_page(Page("x", "content/x.md", "/x/", "T", clean, FIRST), fills=fills)
    return found, list(apply_severities(problems, checks or {}))


def strings(parts: tuple[Part, ...]) -> Iterator[str]:
    for part in parts:
        if isinstance(part, Block):
            yield from (part.title, *part.fields.values())
            yield from strings(part.parts)
            yield from strings(part.items)
        else:
            yield part


def html(body: str) -> str:
    found, _ = made(body)
    return "".join(strings(found.parts)) + found.sources


def said(body: str, checks: dict[str, str] | None = None) -> list[str]:
    problems = made(body, checks=checks)[1]
    assert all(p.hint for p in problems)
    return [f"{p.line}:{p.column} {p.rule}" for p in problems]


# -- headings -------------------------------------------------------------------------------------


def test_headings_get_ids_from_their_words_and_numbers_if_taken() -> None:
    body, problems = made("## Über uns\n\n### Sub\n\n## Über uns\n\n## ★\n\n## Main\n")
    assert problems == []
    assert [(h.level, h.id) for h in body.headings] == [
        (2, "über-uns"),
        (3, "sub"),
        (2, "über-uns-2"),
        (2, "section"),
        (2, "main-2"),
    ]
    assert {h.id for h in body.headings} <= body.anchors


def test_an_editor_may_name_an_id_once() -> None:
    body, problems = made("## Long words {#short}\n\n## Other *words* {#short}\n")
    assert [(h.id, h.text) for h in body.headings] == [
        ("short", "Long words"),
        ("other-words", "Other words"),
    ]
    assert [(p.line, p.rule) for p in problems] == [(7, "heading")]


@pytest.mark.parametrize(
    ("line", "text", "name"),
    [
        ("A &copy; B &amp; C", "A © B & C", "a-b-c"),
        ("1\\. First *x* `c`", "1. First x c", "1-first-x-c"),
        ("Note[^1]", "Note", "note"),
        ("A [link](x.md) end", "A link end", "a-link-end"),
        ("a < b", "a < b", "a-b"),
    ],
)
def test_the_words_of_a_heading_are_plain(line: str, text: str, name: str) -> None:
    (heading,) = made(f"## {line}\n\n[^1]: s\n")[0].headings
    assert (heading.text, heading.id) == (text, name)


def test_headings_that_skip_and_second_titles_are_told() -> None:
    assert said("# Again\n\n## A\n\n#### B\n\n## C\n\n### D\n") == ["5:1 heading", "9:1 heading"]


def test_a_heading_never_takes_an_id_that_the_page_itself_uses() -> None:
    body, _ = made("## Main\n\n## On this page\n\n## Sources\n\nx[^1]\n\n[^1]: s\n")
    assert not {h.id for h in body.headings} & {"main", "on-this-page", "sources"}
    assert "sources" in body.anchors


# -- links ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("See [a](x.md).", [("x.md", 5, 9)]),
        ('[a](x.md "T") [b]( <y z.md> )', [("x.md", 5, 5), ("y z.md", 5, 21)]),
        ("[a][r]\n\n[r]: x.md", [("x.md", 7, 6)]),
        ("<https://x.org/a> <a@b.org>", [("https://x.org/a", 5, 2), ("mailto:a@b.org", 5, 20)]),
        ("[a](x.md)\n\n[b](x.md) [c](x.md)", [("x.md", 5, 5), ("x.md", 7, 5), ("x.md", 7, 15)]),
        ("- a\n\n    [b](x.md)\n\n    - [c](y.md)", [("x.md", 7, 9), ("y.md", 9, 11)]),
        ("[a](x_(y).md)", [("x_(y).md", 5, 5)]),
        ("[a](?a=1&b=2)", [("?a=1&b=2", 5, 5)]),
        ("x[^1]\n\n[^1]: [s](x.md)", [("x.md", 7, 11)]),
        ("| a |\n|---|\n| [b](x.md) |", [("x.md", 7, 7)]),
        ("::: do [t](x.md)\n- [a](y.md)\n- b\n:::", [("x.md", 5, 12), ("y.md", 6, 7)]),
    ],
)
def test_links_stand_at_their_line_and_column(
    body: str, expected: list[tuple[str, int, int]]
) -> None:
    assert [(r.target, r.line, r.column) for r in made(body)[0].references] == expected


def test_pictures_are_told_from_links() -> None:
    references = made("[![alt](p.png)](x.md)")[0].references
    assert {(r.target, r.picture) for r in references} == {("p.png", True), ("x.md", False)}


@pytest.mark.parametrize(
    "code",
    ['`<a href="x.md">`', '```\n<img src="x.md">\n```', "    [a](x.md)\n", 'say href="x.md" here'],
)
def test_code_and_prose_are_not_links(code: str) -> None:
    body, problems = made(code)
    assert (body.references, problems) == ((), [])
    assert "x.md" in html(code)


@pytest.mark.parametrize(
    "target",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "&#106;avascript:alert(1)",
        "java&Tab;script:alert(1)",
        "java&#9;script:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "javascript\\:alert(1)",
        "file:///etc/passwd",
    ],
)
@pytest.mark.parametrize("form", ["[a]({})", "![a]({})", "[a][r]\n\n[r]: {}"])
def test_a_link_that_could_run_is_taken_out(target: str, form: str) -> None:
    out = html(form.format(target))
    assert not re.search(r'(href|src)="(?!#)', out), out


@pytest.mark.parametrize("target", ["//x.org/p.png", "/\\x.org/p.png", "\\\\\\\\x.org/p.png"])
def test_a_link_that_hides_another_site_is_taken_out_and_noted(target: str) -> None:
    for form, picture in (("[a]({})", False), ("![a]({})", True)):
        body = form.format(target)
        assert not re.search(r"(href|src)=", html(body))
        assert [r.picture for r in made(body)[0].references] == [picture]


def test_a_picture_on_another_site_is_taken_out_and_noted() -> None:
    body = "![a](https://x.org/p.png) [a](https://x.org/)"
    assert re.findall('(?:href|src)="([^"]*)"', html(body)) == ["https://x.org/"]
    assert {(r.target, r.picture, r.column) for r in made(body)[0].references} == {
        ("https://x.org/p.png", True, 6),
        ("https://x.org/", False, 31),
    }


def test_a_target_in_angle_brackets_is_not_html() -> None:
    assert said("[a](<b c.md>) ![a](<b c.png>) [a]( <b c.md> ) [r]\n\n[r]: <b.md>\n") == []


def test_a_script_link_is_told_at_its_line() -> None:
    (reference,) = made("one\n\n[a](javascript:alert(1))")[0].references
    assert (reference.target, reference.line, reference.column) == ("javascript:alert(1)", 7, 5)


# -- what is not allowed --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ("a <b>c</b>", "5:3"),
        ("one\n\n<div>x</div>", "7:1"),
        ("- a\n\n    <script>x</script>", "7:5"),
        ("see <img\nsrc=x.png\nonerror=alert(1)> now", "5:5"),
        ("Word's <o:p>x</o:p>", "5:8"),
        ("call <tel:555-0100> now", "5:6"),
        ("see <www.example.org>", "5:5"),
        ("<größe>", "5:1"),
        ("<SCRIPT SRC=x>", "5:1"),
        ("<form action=https://x.org>", "5:1"),
        ("<base href=//x.org>", "5:1"),
        ("[a](<b c.md>) <i>x</i>", "5:15"),
        ("<svg/onload=alert(1)>", "5:1"),
    ],
)
def test_html_is_refused_at_its_place_and_runs_nothing(body: str, place: str) -> None:
    assert f"{place} raw-html" in said(body)
    assert not re.search(
        r"<(script|form|base|svg|o:p|tel)|onerror|onload", html(body), re.IGNORECASE
    )


@pytest.mark.parametrize(
    "body", ["a < b", "<3", "a <= b > c", "\\<b>", "`<b>`", "x <-- y", "a<b", "5 <6> 7"]
)
def test_a_sign_less_than_is_only_a_sign(body: str) -> None:
    assert said(body) == []
    assert "<" in html(body).replace("&lt;", "<")


@pytest.mark.parametrize("number", ["&#27;", "&#x1b;", "&#xE000;B0&#xE001;", "&#57344;", "&#0;"])
def test_hidden_characters_written_as_numbers_are_refused(number: str) -> None:
    body = f"x\n\n{number}B0&#xE001; y\n"
    assert "7:1 control-character" in said(body)
    assert not re.search("[\x00-\x08\x0b-\x1f\ue000\ue001\ufffd]", html(body))


# -- tables, sources, code ------------------------------------------------------------------------


def test_tables_say_what_heads_what_and_how_it_is_set() -> None:
    out = html("| a | b | c |\n|---|--:|:-:|\n| 1 | 2 | 3 |\n")
    assert '<th scope="col">a</th>' in out
    assert 'class="right" scope="col"' in out or 'scope="col" class="right"' in out
    assert '<td class="center">3</td>' in out
    assert "style" not in out


def test_a_cell_too_many_is_told_since_it_would_not_be_shown() -> None:
    assert said("| a | b |\n|---|---|\n| 1 | 2 |\n| 1 | 2 | 3 |\n") == ["8:1 block"]
    assert said("| a | b |\n|---|---|\n| `x|y` | z \\| w |\n| 1 |\n") == []


def test_sources_are_numbered_and_come_apart_from_the_text() -> None:
    body, problems = made("One.[^a] Two.[^b]\n\n[^a]: First.\n[^b]: Second.\n")
    assert problems == []
    assert "First." in body.sources
    assert "Second." in body.sources
    assert 'href="#fn:a"' in "".join(strings(body.parts))
    assert 'aria-label="Source 1"' in "".join(strings(body.parts))


def test_marks_without_sources_and_sources_without_marks_are_told() -> None:
    assert said("a[^1]\n\n[^2]: b\n") == ["5:2 source-mark", "7:1 source-mark"]
    assert said("`a[^1]`\n\n    [^2]\n") == []


def test_a_source_written_in_a_page_is_told_where_sources_are_data() -> None:
    body = "a[^1] b[^2]\n\n[^1]: b\n[^2]: c\n"
    assert said(body, DATA_RULES) == ["7:1 own-source", "8:1 own-source"]
    assert said(body) == []


CODE = "<b> {{ x }} ::: do [^1] [a](b.md) **c** &amp;"


@pytest.mark.parametrize(
    "form",
    [
        "```\n{}\n```",
        "~~~ python\n{}\n~~~~",
        "  ```js title=a {{1}}\n  {}\n  ```",
        "    {}",
        "`{}`",
    ],
)
def test_code_stays_literal(form: str) -> None:
    body = form.format(CODE)
    out = html(body)
    assert said(body) == []
    assert "&lt;b&gt; {{ x }} ::: do [^1] [a](b.md) **c** &amp;amp;" in out
    assert "<code" in out


def test_code_that_is_never_closed_is_told() -> None:
    assert said("x\n\n```\n<b>\n\n::: do\n") == ["7:0 block"]


@pytest.mark.parametrize("line", ["<?php a ?>", "<![CDATA[a]]>", "<!DOCTYPE html> a", "b <?a b?>"])
def test_what_markdown_takes_out_whole_is_told(line: str) -> None:
    assert f"5:{line.index('<') + 1} raw-html" in said(line)


def test_notes_and_what_only_looks_like_markup_are_fine() -> None:
    assert said("a <!-- note --> b `<?a?>` 5 <! 6") == []
