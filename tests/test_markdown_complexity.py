"""Markdown of any kind: answered soon, nothing let through that could run, no word lost."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from functools import partial
from html.parser import HTMLParser
from itertools import permutations
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from modes import SOAK
from test_markdown import FIRST, html, made, strings

from sitebuilder.build import workers
from sitebuilder.clinical.evidence.balance import check_option_balance
from sitebuilder.clinical.evidence.claims import find_unsourced_comparisons, find_unsourced_figures
from sitebuilder.clinical.plain_language.rules import check_plain_language
from sitebuilder.core.evidence import Evidence
from sitebuilder.core.model import Page
from sitebuilder.core.problems import RULES
from sitebuilder.markdown.complexity import limit_complexity
from sitebuilder.markdown.convert import convert_page
from sitebuilder.markdown.passages import extract_passages
from sitebuilder.markdown.plain_text import signed_page_text
from sitebuilder.markdown.sanitizer import ALLOWED_ATTRIBUTES, ALLOWED_CLASSES, ALLOWED_TAGS

NOTHING_KNOWN = Evidence()


# -- cost -----------------------------------------------------------------------------------------


def filled(unit: str, size: int) -> str:
    return (unit * (size // len(unit) + 1))[:size]


SHAPES: dict[str, Callable[[int], str]] = {
    "stars": lambda n: "* " * (n // 2) + "a",
    "stairs": lambda n: "\n".join("    " * at + "- a" for at in range(int((n / 2) ** 0.5))),
    "wide stairs": lambda n: "\n".join(" " * (4 * (at % 15)) + "- a" for at in range(n // 34)),
    "deep quotes": lambda n: "> " * (n // 2) + "a",
    "even quotes": lambda n: ("> " * 15 + "a\n") * (n // 32),
    "nested brackets": lambda n: "[" * (n // 2) + "]" * (n // 2),
    "nested links": lambda n: "[" * (n // 5) + "a" + "](b)" * (n // 5),
    "nested pictures": lambda n: "![" * (n // 6) + "a" + "](b)" * (n // 6),
    "fence": lambda n: "```" + " " * n + "x",
    "ticks": lambda n: " ".join("`" * at for at in range(1, int((2 * n) ** 0.5))),
    "ticks back": lambda n: " ".join("`" * at for at in range(int((2 * n) ** 0.5), 0, -1)),
    "star runs": lambda n: " ".join("*" * at + "a" for at in range(1, int((2 * n) ** 0.5))),
    "spaces": lambda n: "a" + " " * n + "b",
    "wide table": lambda n: "|" + "a|" * 2000 + "\n|" + "-|" * 2000 + "\n" + filled("|a", n),
    "long table": lambda n: "|a|b|\n|-|-|\n" + "|[a](b.md)|**b** `c`|\n" * (n // 24),
    "abbreviations": lambda n: (
        "\n\n".join(f"*[a{at}]: b" for at in range(n // 20))
        + "\n\n"
        + " ".join(f"a{at}" for at in range(n // 14))
    ),
    "sources in a ring": lambda n: (
        "\n".join(f"[^{at}]: b[^{(at + 1) % (n // 20)}]" for at in range(n // 20)) + "\n\na[^0]"
    ),
    "references": lambda n: (
        "\n".join(f"[a{at}]: b" for at in range(n // 20))
        + "\n\n"
        + " ".join(f"[a{at}]" for at in range(n // 14))
    ),
    "one heading": lambda n: "## a\n\n" * (n // 6),
    "deep blocks": lambda n: "::: more T\na\n" * 7 + "b\n\n" * (n // 3) + ":::\n" * 7,
    "short words": lambda n: "walk to the hospital. " * (n // 22),
}
UNITS = (
    "[|![|[a](|[a][|[[a]|[a](b '|[a](<b|[a](b(|[]((|\\[|](|<|<a |<a@|<http://a |<!--|<![CDATA[|<?"
    "|*a_ |*a **b |**a* |_a __b |***a |`a ``b |`a` |[^a] |[a]: b\n|[^a]: b\n\n|[a]:\n|*[a]: b\n"
    "|- a\n|- a\n\n|1. a\n|> a\n|> a\n\n|a\n: b\n|a\n\n: b\n\n|# a\n|##a\n|a\n---\n|a\n=\n|***\n"
    "|{no-claim a | |::: do\n|::: do\n- a\n- b\n:::\n|```\na\n```\n|{fact |1%|1 to |1,|1. "
    "|more |less a than |is not |half a |A. |e.g. |    a\n|a\n\n|&a;|&#1;|<b>a</b> |<div>\n"
).split("|")
SIGNS = [sign for sign in map(chr, range(32, 127)) if not sign.isalnum()] + list("a1\n\té")
SHAPES |= {repr(unit): partial(filled, unit) for unit in [*UNITS, *SIGNS] if unit}
PAIRS = {
    repr(one + two): partial(filled, one + two)
    for one, two in permutations("*_`[]()!<>\\#&|~:-+{}.,'\"1 a\n", 2)
}
EVERY_CHECK = frozenset(RULES)


def seconds_to_make(body: str) -> float:
    """Processor time that a page takes from its body to all that is checked of its words."""
    start = time.process_time()
    page, _ = limit_complexity(Page("x", "content/x.md", "/x/", "T", body, FIRST))
    found, _ = convert_page(page)
    signed_page_text(page, found, {})
    said = extract_passages(page.body, FIRST, NOTHING_KNOWN)
    list(find_unsourced_figures(said, page.path, ["a b", "1"]))
    list(find_unsourced_comparisons(said, page.path))
    list(check_option_balance(said, page.path, "Good", "Bad"))
    list(check_plain_language(said, {}, page.path, 8, EVERY_CHECK))
    return time.process_time() - start


SIZE = 64_000 if SOAK else 3_000


@pytest.mark.parametrize("shape", SHAPES)
def test_no_shape_of_text_takes_long(shape: str) -> None:
    assert seconds_to_make(SHAPES[shape](SIZE)) < 10


if SOAK:  # hundreds of tests, whose skips would hide others

    @pytest.mark.parametrize("shape", PAIRS)
    def test_no_pair_of_signs_takes_long(shape: str) -> None:
        assert seconds_to_make(PAIRS[shape](64_000)) < 10

    @pytest.mark.parametrize("shape", SHAPES)
    def test_four_times_the_text_takes_no_more_than_about_four_times_as_long(shape: str) -> None:
        small, large = (seconds_to_make(SHAPES[shape](size)) for size in (10_000, 40_000))
        assert large < 0.3 or large < 6.5 * max(small, 0.05)


@pytest.mark.parametrize(
    ("body", "line", "message"),
    [
        ("a\n\n" + "* " * 500 + "a", 2, "nested too deep"),
        ("\n".join("    " * n + "- a" for n in range(300)), 20, "nested too deep"),
        ("\n" + "> " * 400 + "a", 1, "nested too deep"),
        ("\n" + "[" * 8000, 1, "the page is too complex from here on"),
        ("a\n\n\n" + "[a](" * 4000, 3, "the page is too complex from here on"),
        ("a\n\n" + "<a " * 8000, 2, "the page is too complex from here on"),
        ("a\n\n" + "# a\n" * 9000, 2, "the page is too complex from here on"),
        ("a\n\n" + "a " * 20_000, 2, "a paragraph of 40,000 characters; 30,000 are the most"),
        ("a\n\n" + "` " * 900, 2, "too complex: very many '`' on one line"),
    ],
)
def test_what_costs_too_much_is_told_where_it_stands_and_not_read(
    body: str, line: int, message: str
) -> None:
    page, (told,) = limit_complexity(Page("x", "content/x.md", "/x/", "T", body, FIRST))
    assert page.body == ""
    assert (told.rule, told.line, told.message) == ("too-complex", FIRST + line, message)
    assert told.hint


def test_a_long_page_of_ordinary_text_is_read() -> None:
    line = "Walk a *little* more each day[^1]; see [the guide](recovery.md) & rest.\n"
    body = "## A part\n\n" + (line * 6 + "\n- " + "- ".join([line] * 5) + "\n\n") * 600
    assert 450_000 < len(body) < 524_288
    page = Page("x", "content/x.md", "/x/", "T", body, FIRST)
    assert limit_complexity(page) == (page, [])


def test_code_costs_nothing() -> None:
    page = Page("x", "content/x.md", "/x/", "T", "```\n" + "* " * 500 + "[" * 9000 + "\n```", FIRST)
    assert limit_complexity(page) == (page, [])


@pytest.mark.parametrize(
    ("mistake", "message"),
    [
        (lambda: [None for _ in iter(int, 1)], "was not done after 0.05 seconds of work"),
        (lambda: bytearray(1 << 46), "needs more memory than there is"),
    ],
)
def test_the_belt_ends_a_page_that_nothing_else_ends(
    mistake: Callable[[], object], message: str
) -> None:
    class Renderer:
        def render(self, _place: object) -> None:
            mistake()

    place = SimpleNamespace(page=Page("x", "content/x.md", "/x/", "T", "", FIRST))
    rendered, _ = workers.render_with_limits(Renderer(), place, cpu_seconds=0.05)  # type: ignore[arg-type]
    assert [(p.rule, p.path, p.line) for p in rendered.problems] == [
        ("too-complex", "content/x.md", FIRST)
    ]
    assert rendered.problems[0].message.endswith(message)
    assert rendered.html == b""


# -- whatever is written --------------------------------------------------------------------------

PIECES = st.sampled_from(
    "\n|\n\n| |    |- |1. |# |## |> |::: do|::: steps|::: figure x.svg|:::|alt: x|```|~~~|`|``|["
    "|]|(|)|[a]: x.md|[^1]|[^1]: s|<b>|</div>|<div>|<p>|<!--|-->|<script>|<a href=x.md onclick=y>"
    "|<p class=care>|<https://x.org>|<a@b.c>|&amp;|&#27;|&#xE000;|\\*|*|**|_|word|: def|*[ab]: c"
    "|ab|{#x}|![|<|<!|<?|---|===|javascript:|{{ x }}|wzxhzdk:0|Größe".split("|")
)


class Allowed(HTMLParser):
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ALLOWED_TAGS
        assert {name for name, _ in attrs} <= ALLOWED_ATTRIBUTES.get(tag, set()) | {"class"}
        classes = (dict(attrs).get("class") or "").split()
        assert set(classes) <= ALLOWED_CLASSES.get(tag, set())
        for name, value in attrs:
            if name in {"href", "src"}:
                assert not re.match(
                    r"\s*(?!https?:|mailto:|tel:)[a-z]+:", value or "", re.IGNORECASE
                )


@given(st.lists(PIECES, max_size=25).map("".join))
def test_what_comes_out_is_what_is_allowed_and_problems_lie_inside(body: str) -> None:
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
def test_no_word_is_lost(lines: list[tuple[str, list[str]]]) -> None:
    body = "\n\n".join(sign + " ".join(words) + sign.strip("-1.#> ") for sign, words in lines)
    out = re.sub("<[^>]*>", " ", html(body)).replace("&lt;", "<").replace("&amp;", "&")
    assert out.split() == [word for _, words in lines for word in words]
