"""What an editor typed is what a reader reads, or a problem says where it is not."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest
from conftest import PROJECT, MakeSite, build
from hypothesis import example, given
from hypothesis import strategies as st
from test_markdown import FIRST, html, made, strings

from sitebuilder.markdown.lint_output import MAX_LEFTOVERS

MEANING, STRAY = "meaning", "stray-markup"


def told(body: str) -> list[tuple[int, str]]:
    problems = [p for p in made(body)[1] if p.rule in {MEANING, STRAY}]
    assert all(p.hint for p in problems)
    return [(p.line - FIRST, p.rule) for p in problems]


# -- signs that Markdown takes --------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    ["> 180 mmHg", ">180", ">= 5 mg", "> > 5", ">½ tablet", "> .5 mg", "- > 5 mg", "1. >5", "> $5"],
)
def test_a_sign_before_a_number_is_not_lost_as_a_quotation(line: str) -> None:
    assert (1, MEANING) in told(f"Call if the top number is\n{line}\n")


@pytest.mark.parametrize("body", ["For 2\n- 3 days", "For 2\n* 3 days", "From 10\n+ \u00bd pill"])
def test_a_dash_between_two_numbers_is_not_lost_as_the_mark_of_a_list(body: str) -> None:
    assert told(body) == [(1, MEANING)]


@pytest.mark.parametrize("line", ["< 5 mg", "more > 5", "\\> 180", "> I walked.", "`> 5`", "5 > 3"])
def test_other_signs_of_less_and_more_are_fine(line: str) -> None:
    assert told(f"{line}\n") == []


def numbers(body: str) -> list[str]:
    return Numbers.of(html(body))


class Numbers(HTMLParser):
    """The numbers that a browser shows before list items."""

    next: list[int]
    seen: list[str]

    @classmethod
    def of(cls, page: str) -> list[str]:
        reader = cls()
        reader.next = []
        reader.seen = []
        reader.feed(page)
        return reader.seen

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in {"ol", "ul"}:
            self.next.append(int(given.get("start") or 1) if tag == "ol" else -1)
        elif tag == "li" and self.next and self.next[-1] >= 0:
            self.next[-1] = int(given.get("value") or self.next[-1])
            self.seen.append(str(self.next[-1]))
            self.next[-1] += 1

    def handle_endtag(self, tag: str) -> None:
        if tag in {"ol", "ul"}:
            self.next.pop()


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ("10. a\n20. b\n30. c", "10 20 30"),
        ("10. a\n\n20. b\n\n21. c", "10 20 21"),
        ("1. a\n2. b\n3. c", "1 2 3"),
        ("1. a\n1. b\n1. c", "1 2 3"),
        ("0. a\n1. b", "0 1"),
        ("1986. A year", "1986"),
        ("1. a\n\n    5. b\n    7. c\n\n2. d", "1 5 7 2"),
        ("3) a\n4) b", "3 4"),
        ("1. a\n   1. b\n   2. c\n2. d", "1 1 2 2"),
        ("1. a\n\n    text\n\n4. b", "1 4"),
        ("> 3. a\n> 2. b", "3 2"),
        ("- 4. a\n- b", "4"),
        ("1. a\n2. b\n2. c\n3. d", "1 2 2 3"),
    ],
)
def test_a_list_shows_the_numbers_it_was_given(body: str, shown: str) -> None:
    assert numbers(body) == shown.split()
    assert told(body) == []


@pytest.mark.parametrize("line", ["007. a", "99999999999. a", "٣. a"])
def test_a_number_that_a_list_cannot_show_is_told(line: str) -> None:
    assert told(f"a\n\n{line}\n") == [(2, MEANING)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("#1 reason to call", [(0, MEANING)]),
        ("##Heading", [(0, STRAY)]),
        ("## C#", [(0, MEANING)]),
        ("5*3*2", [(0, MEANING)]),
        ("5*3 mg\nand 2*4 mg", [(1, MEANING)]),
        ("5*3 mg\n\nand 2*4 mg", []),
        ("## C #", []),
        ("## C\\#", []),
        ("We are #1", []),
        ("5 mg\n-", [(1, MEANING)]),
        ("a\n=", [(1, MEANING)]),
        ("Take 5 mg.\n---", [(1, STRAY)]),
        ("A heading\n---", []),
        ("a\n\n---\n\nb", []),
        ("[Warning]: stop", [(0, MEANING)]),
        ("[Warning]: do not stop", []),
        ("[r]: x.md", [(0, MEANING)]),
        ("[a][r]\n\n[r]: x.md", []),
        ("- a\n- [Warning]: stop", [(1, MEANING)]),
        ("> 1. [Warning]: stop", [(0, MEANING)]),
        ("- [a][r]\n- [r]: x.md", []),
        ("* [Warning]: stop\n* Warning", [(0, MEANING)]),
        ("- 5 mg\n- *[mg]: milligram", []),
        ("[r]\n\n[R]: x.md", []),
        ("*[mg]: milligram", [(0, MEANING)]),
        ("5 mg\n\n*[mg]: milligram", []),
        ("5 &notit; 6", [(0, MEANING)]),
        ("5 &lt5; 6", [(0, MEANING)]),
        ("&copy; &frac12; &#189; AT&T R&D; a&b", [(0, MEANING)]),
        ("&copy; &frac12; &#189; AT&T a&b &copy", []),
    ],
)
def test_what_markdown_would_take_is_told(body: str, expected: list[tuple[int, str]]) -> None:
    assert told(body) == expected


# -- signs that Markdown leaves behind ------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "Do **not* take this.",
        "Do *not** take this.",
        "Do ** not ** take this.",
        "Do **not take this.",
        "Do __not_ take this.",
        "Do _not take this.",
        "Do not take* this.",
        "Take `5 mg now.",
        "See [the page](recovery.md now.",
        "See [the page] (recovery.md) now.",
        "See [the page] (https://x.org) now.",
        "See [the page][missing] now.",
        "See ![a picture](x.png now.",
        '*Press*{: onclick="alert(1)" }',
        "Words {.warning}",
        "Words {#name} and more",
        "Do ~~not~~ stop.",
        "Words ::: warning",
        "| a | b |",
    ],
)
def test_signs_that_are_left_behind_are_told_where_they_stand(line: str) -> None:
    lines = told(f"First *words* and **more**.\n\n- An item\n\n{line}\n")
    assert set(lines) == {(4, MEANING)}


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("Text\n2. a\n3. b", 1),
        ("{{ x }} {% y %}", 0),
        ("- [ ] a", 0),
        ("a ==b== c", 0),
        ("a\\\nb", 0),
        ("Text\n\n    You should call the clinic today.", 2),
    ],
)
def test_forms_that_have_no_effect_are_warned_of(body: str, line: int) -> None:
    assert (line, STRAY) in told(body)
    assert MEANING not in {rule for _, rule in told(body)}


@pytest.mark.parametrize(
    "line",
    [
        "5 * 3 = 15 and 5*3",
        "\\*a \\_b \\`c \\[d](e)",
        "a_b_c snake_case ____",
        "**bold** *em* ***both*** __b__ _e_ `c*d` ``a`b``",
        "a [sic] b [1] (see below)",
        "a~b ~5 ~ 6 a = b == c",
        "HLA-B*27 and O\\*NET",
        "Note*: see below.\n\n\\* a note",
        "Text\n- `a`\n- `b`",
        "a | b",
        "C:\\temp and 5\\6",
        "10-20 mg - not more",
        "| a |\n|---|\n| b * c |",
        "- a\n- b\n\n1. c\n\n    - d",
        "Text\n\n    if (a) { b(); }",
        "::: do *Well*\n- a\n- b\n:::",
    ],
)
def test_signs_that_mean_themselves_are_left_in_peace(line: str) -> None:
    assert told(line) == []


def test_one_mistake_that_leaves_much_behind_is_told_in_bounds() -> None:
    assert 0 < len(told("**a* " * 2000)) <= 50


def test_units_and_fractions_stay_as_they_are_to_the_byte() -> None:
    line = "5 µg, 5 μg, 5 ㎍, ½ tablet, 10⁻³, 1\u20442, ±5, 3\u00d75, Å, e\u0301"
    assert line in html(line)


# -- nothing is lost without a word ---------------------------------------------------------------

SIGNS = "<>=±%½µ^~&$°/+#|"
WORD = re.compile(r"[^\W_]+")
PIECES = st.sampled_from(
    "walk|rest|naïve|5|10|2.5|1,000|½|µg|mg/kg|°C|10⁻³|<|>|<=|>=|=|±|%|/|*|_|~|^|&|#|+|-|.|(|)|[|]|{|}"
    "|!|:|`|**|__|~~|==|\\|\\*|*a*|**b**|`c`|[d](e.md)|a*b|a_b|5*3|>5|<5|a<b|5%|&lt;|&copy|R&D;|#1|x"
    "|[e]|[f]:|[^1]|![|](|{:|{#|:::|---|$5".split("|")
)
STARTS = st.sampled_from(
    "|||- |* |+ |1. |2. |10. |1) |# |## |##|> |>|    |  |\t|: |[a]: |*[a]: |---|===|```|- [ ] || |#"
    "|::: do |:::|-|=|| a | b |\n|---|---|\n| ".split("|")
)
LINES = st.tuples(
    STARTS,
    st.lists(PIECES, max_size=5).map(" ".join) | st.lists(PIECES, max_size=3).map("".join),
    st.sampled_from(["\n", "\n\n"]),
).map("".join)


class Seen(HTMLParser):
    """The text of a page with what its attributes say, and the numbers of its lists."""

    def __init__(self) -> None:
        super().__init__()
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.text += [f" {v} " for name, v in attrs if name in {"href", "src", "alt", "title"}]
        if tag in {"em", "strong", "code", "a"}:
            self.text.append("\0")
        if tag in {"p", "li", "td", "th", "br", "div", "tr", "h2", "h3", "h4", "h5", "h6"}:
            self.text.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in {"em", "strong", "code", "a"}:
            self.text.append("\0")

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def seen(body: str) -> str:
    found, _ = made(body)
    page = "\n".join(strings(found.parts)) + found.sources
    reader = Seen()
    reader.feed(page)
    reader.close()
    text = re.sub(r"(?<=\d)\0+(?=\d)", "", "".join(reader.text))  # two numbers are seen as one
    return " ".join([text, *Numbers.of(page)])


def expected(body: str) -> tuple[Counter[str], Counter[str]]:
    """The words and the signs that have to be seen: without the signs that shape a page."""
    words: Counter[str] = Counter()
    signs: Counter[str] = Counter()
    for line in body.split("\n"):
        if re.fullmatch(r"\s*(-+|=+|`{3,}.*|~{3,}|[ |:-]+)\s*", line):
            continue
        text = re.sub(
            r"^[\s>]*(?:(?:[-*+]|:|>|1\.|#{1,6})\s+)*(?:#{1,6}\s*$|:::\s*(?:do\b)?)?", "", line
        )
        text = re.sub(r"&[a-z]+;|^ {0,3}\*?\[[^\]]*\]:", "", text.replace("|", " "))
        words.update(WORD.findall(text))
        signs.update(c for c in text if c in SIGNS and c not in "#~=|")
    return words, signs


@given(st.lists(LINES, max_size=8).map("".join))
@example("10. walk\n20. rest\n")
@example("Call if\n> 180\n")
@example("[a]: walk\n")
@example("- [a]: walk\n")
@example("1. a\n\n    > [a]: walk\n")
@example("a\n=\n")
@example("a*b 5*3\n")
@example("*b 5*3\n")
@example("walk\n*[a]: short\n")
def test_nothing_is_lost_without_a_word(body: str) -> None:
    if made(body)[1]:
        return
    words, signs = expected(body)
    shown = seen(body)
    assert not words - Counter(WORD.findall(shown)), shown
    assert not signs - Counter(shown), shown


@pytest.mark.parametrize("path", sorted((PROJECT / "content").glob("*.md")), ids=lambda p: p.stem)
def test_nothing_is_lost_of_our_own_pages(path: Path) -> None:
    body = path.read_text(encoding="utf-8").split("\n---\n", 1)[1]
    body = re.sub(r"\{(?:fact|short|value) [a-z0-9-]+\}|\[\^[\w-]+\]", "", body)
    body = re.sub(r"\{no-claim ([^|{}]*)\|[^{}]*\}|\{#[\w-]+\}", r"\1", body)
    body = re.sub(r"(?m)^(:::.*|[a-z]+: .*)$", "", body)
    words, signs = expected(body)
    shown = seen(body)
    assert not words - Counter(WORD.findall(shown))
    assert not signs - Counter(shown)


def test_what_is_left_is_capped_after_many_code_blocks_too(make_site: MakeSite) -> None:
    count = MAX_LEFTOVERS + 5
    blocks = "".join(f"Words {n}.\n\n    some more words here\n\n" for n in range(count))
    stars = "".join(f"An *open star {n}.\n\n" for n in range(20))
    page = f"---\ntitle: T\ndescription: D.\n---\n\n{blocks}{stars}"
    found = build(make_site({"content/index.md": page})).problems
    assert any(p.message == "these lines are shown as code" for p in found)
    assert sum(p.message == "a '*' is left in the text" for p in found) <= 1
