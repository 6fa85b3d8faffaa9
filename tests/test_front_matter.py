"""Front matter and file names: what a page is, and every mistake in saying so."""

from __future__ import annotations

from datetime import date

import pytest
from test_schema import page, places


@pytest.mark.parametrize(
    ("path", "address", "page_id"),
    [
        ("index.md", "/", "index"),
        ("recovery.md", "/recovery/", "recovery"),
        ("Über Uns.md", "/über-uns/", "über-uns"),
        ("a/index.md", "/a/", "a"),
        ("A b/c_d.md", "/a-b/c-d/", "a-b/c-d"),
    ],
)
def test_a_file_name_gives_the_address_and_the_id(path: str, address: str, page_id: str) -> None:
    made, problems = page("---\ntitle: T\n---\n", f"content/{path}")
    assert problems == []
    assert (made.address, made.id) == (address, page_id)


@pytest.mark.parametrize("name", ["con.md", "★.md", "a" * 101 + ".md", "x/nul.md"])
def test_a_file_name_that_gives_no_address_is_told(name: str) -> None:
    made, problems = page("---\ntitle: T\n---\n", f"content/{name}")
    assert places(problems) == ["1 address"]
    assert made.address.startswith("/")


def test_url_and_aliases_are_taken() -> None:
    made, problems = page("---\ntitle: T\nurl: /b/c/\naliases: [/old/, /older/x/]\n---\n")
    assert problems == []
    assert (made.address, made.id, made.aliases) == ("/b/c/", "b/c", ("/old/", "/older/x/"))


@pytest.mark.parametrize(
    "url",
    [
        *"../../etc/x /../x/ /a/../b/ /%2e%2e/x/ //evil.example/x/ /con/ /_redirects/ /a//b/ a/ /a "
        "/A/ /a?b/ /.git/ /../public-evil/x/ /a\\b/ /{x}/ /a./".split(),
        "/a b/",
        '"/x\\0y/"',
        '"/x\\n/evil/"',
        f"/{'a' * 300}/",
        "/" + "a/" * 250,
    ],
)
def test_an_address_that_leads_astray_is_refused_at_its_line(url: str) -> None:
    made, problems = page(f"---\ntitle: T\nurl: {url}\n---\n")
    assert [p.line for p in problems] == [3]
    assert made.address == ("/xy/" if "\\0" in url else "/a/")  # NUL is out before it is read
    _, problems = page(f"---\ntitle: T\naliases:\n  - {url}\n  - /fine/\n---\n")
    assert problems or url == "/A/"  # an old address of a page may have capitals


def test_wrong_aliases_leave_the_right_ones() -> None:
    made, problems = page("---\ntitle: T\naliases: [/x /evil/ 302/, /fine/]\n---\n")
    assert places(problems) == ["3 address"]
    assert made.aliases == ("/fine/",)


@pytest.mark.parametrize(
    ("text", "title", "body", "line"),
    [
        ("# First\n\nWords.\n", "First", "\nWords.\n", 2),
        ("\n\n# First #\nWords.\n", "First", "Words.\n", 4),
        ("---\norder: 1\n---\n# First\nWords.", "First", "Words.", 5),
        ("First\n=====\nWords.", "First", "Words.", 3),
        ("# The *best* `code` of [all](x.md) {#id}\n", "The best code of all", "", 2),
        ("# A \\* b &amp; snake_case_x __c__\n", "A * b & snake_case_x c", "", 2),
        ("# 2 * 3 * 4", "2 * 3 * 4", "", 1),
        ("# `", "`", "", 1),
    ],
)
def test_a_page_without_a_title_takes_its_first_heading(
    text: str, title: str, body: str, line: int
) -> None:
    made, problems = page(text)
    assert problems == []
    assert (made.title, made.body, made.body_line) == (title, body, line)


def test_a_title_in_front_matter_leaves_the_body_alone() -> None:
    made, _ = page("---\ntitle: T\n---\n# First\n")
    assert (made.title, made.body, made.body_line) == ("T", "# First\n", 4)


@pytest.mark.parametrize("text", ["", "Words.\n", "---\n---\n", "---\norder: 1\n---\n", "## Two\n"])
def test_a_page_with_no_title_at_all_is_told(text: str) -> None:
    made, problems = page(text)
    assert [p.rule for p in problems] == ["missing-field"]
    assert made.title == "a"


@pytest.mark.parametrize("value", ["", "~", "null", '""', "[a]"])
def test_a_title_that_says_nothing_is_told_and_is_never_none(value: str) -> None:
    made, problems = page(f"---\ntitle: {value}\n---\n# H\n")
    assert places(problems) == ["2 bad-value"]
    assert made.title == "a"


def test_line_ends_and_byte_order_marks_change_nothing() -> None:
    text = "---\ntitle: T\nlang: no\n---\n\n# H\n\n- a\n- b\n"
    plain = page(text)
    assert page(text.replace("\n", "\r\n")) == plain
    assert page(b"\xef\xbb\xbf" + text.encode()) == plain
    assert plain[1] == []


def test_front_matter_that_is_not_closed_publishes_nothing_of_itself() -> None:
    made, problems = page("---\ntitle: T\norder: 3\n\nWords.\n")
    assert places(problems)[0] == "1 front-matter"
    assert made.body == ""


def test_an_empty_line_above_front_matter_is_told_where_it_starts() -> None:
    made, problems = page("\n\n---\ntitle: T\norder: x\n---\nWords.")
    assert places(problems) == ["3 front-matter", "5 bad-value"]
    assert (made.title, made.body, made.body_line) == ("T", "Words.", 7)


def test_a_line_of_dashes_further_down_is_text() -> None:
    made, problems = page("# T\n\nWords.\n\n---\n\nMore.\n")
    assert problems == []
    assert "---" in made.body


def test_marks_of_a_merge_are_told_each() -> None:
    text = "# T\n\n<<<<<<< HEAD\nFive.\n=======\nSix.\n>>>>>>> branch\n"
    assert places(page(text)[1]) == ["3 merge-mark", "7 merge-mark"]
    assert page("# T\n\nHeading\n=======\n")[1] == []


def test_marks_of_a_merge_in_front_matter_are_told() -> None:
    text = "---\n<<<<<<< HEAD\ntitle: A\n=======\ntitle: B\n>>>>>>> b\n---\n"
    rules = {p.rule for p in page(text)[1]}
    assert {"merge-mark", "yaml"} <= rules


def test_dates_drafts_and_the_rest() -> None:
    made, problems = page(
        "---\ntitle: T\ndate: 2026-01-02\ndraft: true\norder: 3\ntemplate: wide\n"
        "lang: es\nreview: clinical\ndescription: D.\n---\n"
    )
    assert problems == []
    assert (made.date, made.draft, made.order) == (date(2026, 1, 2), True, 3)
    assert (made.template, made.lang, made.review) == ("wide", "es", "clinical")
    assert (made.description, made.lines["date"]) == ("D.", 3)


def test_control_characters_are_told_and_taken_out() -> None:
    made, problems = page("---\ntitle: T\n---\nA\x00b\x1b[31m \u202ec\n")
    assert places(problems) == ["4 control-character"] * 3
    assert [p.column for p in problems] == [2, 4, 10]
    assert made.body == "Ab[31m c\n"


def test_another_encoding_is_told_once_and_the_rest_is_read() -> None:
    made, problems = page("---\ntitle: Caf\xe9\n---\nWords.".encode("latin-1"))
    assert places(problems) == ["2 encoding"]
    assert "0xE9" in problems[0].message
    assert (made.title, made.body) == ("Caf\xe9", "Words.")
