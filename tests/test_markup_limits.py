"""Markdown of any kind: answered soon, nothing let through that could run, no word lost."""

from __future__ import annotations

import re
import time
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_markup import FIRST, html, made, strings

from sitebuilder.markup.clean import ATTRIBUTES, CLASSES, TAGS


@pytest.mark.parametrize(
    "body",
    [
        "* " * 500 + "a",
        "\n".join("    " * n + "- a" for n in range(300)),
        "> " * 400 + "a",
        "[" * 8000,
        "<a " * 8000,
        "```" + " " * 20000 + "x",
        "![" * 4000,
        "::: do\n" * 2000,
    ],
    ids=["stars", "lists", "quotes", "brackets", "tags", "fence", "pictures", "blocks"],
)
def test_what_would_take_for_ever_is_answered_soon(body: str):
    start = time.perf_counter()
    assert "block" in {p.rule for p in made(body)[1]}
    assert time.perf_counter() - start < 4


# -- whatever is written --------------------------------------------------------------------------

PIECES = st.sampled_from(
    "\n|\n\n| |    |- |1. |# |## |> |::: do|::: steps|::: figure x.svg|:::|alt: x|```|~~~|`|``|["
    "|]|(|)|[a]: x.md|[^1]|[^1]: s|<b>|</div>|<div>|<p>|<!--|-->|<script>|<a href=x.md onclick=y>"
    "|<p class=care>|<https://x.org>|<a@b.c>|&amp;|&#27;|&#xE000;|\\*|*|**|_|word|: def|*[ab]: c"
    "|ab|{#x}|![|<|<!|<?|---|===|javascript:|{{ x }}|wzxhzdk:0|Größe".split("|")
)


class Allowed(HTMLParser):
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS
        assert {name for name, _ in attrs} <= ATTRIBUTES.get(tag, set()) | {"class"}
        classes = (dict(attrs).get("class") or "").split()
        assert set(classes) <= CLASSES.get(tag, set())
        for name, value in attrs:
            if name in {"href", "src"}:
                assert not re.match(
                    r"\s*(?!https?:|mailto:|tel:)[a-z]+:", value or "", re.IGNORECASE
                )


@given(st.lists(PIECES, max_size=25).map("".join))
def test_what_comes_out_is_what_is_allowed_and_problems_lie_inside(body: str):
    result, problems = made(body)
    last = FIRST + body.count("\n")
    assert all(FIRST <= p.line <= last for p in problems)
    assert all(FIRST <= r.line <= last for r in result.references)
    for part in (*strings(result.parts), result.sources):
        Allowed().feed(part)
        assert not re.search("[\ue000\ue001\x02\x03]", part)


SENTENCES = st.lists(
    st.sampled_from("walk rest 5-10 mg/kg naïve x<y a&b 10⁻³ ½ 你好".split()), min_size=1
)
LINES = st.tuples(st.sampled_from(["", "- ", "1. ", "## ", "> ", "    ", "**"]), SENTENCES)


@given(st.lists(LINES, min_size=1, max_size=12))
def test_no_word_is_lost(lines: list[tuple[str, list[str]]]):
    body = "\n\n".join(sign + " ".join(words) + sign.strip("-1.#> ") for sign, words in lines)
    out = re.sub("<[^>]*>", " ", html(body)).replace("&lt;", "<").replace("&amp;", "&")
    assert out.split() == [word for _, words in lines for word in words]
