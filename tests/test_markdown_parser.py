"""The parser with shortcuts gives what Python-Markdown gives, to the byte."""

from __future__ import annotations

import site
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import PROJECT
from hypothesis import example, given
from hypothesis import strategies as st
from markdown import Markdown
from modes import SOAK

from sitebuilder.markdown.fast_path import INLINE_TRIGGERS, LINE_BREAK, MARKUP_CHARS
from sitebuilder.markdown.parser import BLOCK_TRIGGERS, FastMarkdown, make_parser

STOCK, QUICK = make_parser(Markdown), make_parser(FastMarkdown)
FOLDERS = (
    PROJECT / "content",
    PROJECT / "docs",
    PROJECT / "tests" / "sites",
    *map(Path, site.getsitepackages()),
    # Some of our bad inputs take Markdown seconds, and the 657 READMEs of npm packages five.
    *([PROJECT / "tests" / "bad-inputs", PROJECT / "tests" / "node_modules"] if SOAK else []),
)


def html_of(engine: Markdown, text: str) -> str:
    engine.reset().parser.state.clear()  # Markdown's own `reset` forgets it after an error
    try:
        return engine.convert(text)
    except RecursionError:
        return "nested too deep"


def bodies() -> Iterator[tuple[Path, str]]:
    """Real Markdown: ours, and what the packages that the tests need have to say of themselves."""
    for folder in FOLDERS:
        for path in sorted(folder.rglob("*")):
            ours = path.suffix == ".txt" and folder.name == "sites"
            if path.is_file() and (path.suffix == ".md" or path.name == "METADATA" or ours):
                text = path.read_text("utf-8", errors="replace")
                if len(text) < 100_000 or SOAK:
                    yield path, text


def test_real_markdown_gives_the_same_bytes() -> None:
    """With SOAK=1 on all READMEs of npm packages too: do so after a change of `markdown/`.

    Meanwhile the tests below make up Markdown that has all that these READMEs have, on each run.
    """
    seen = 0
    for path, text in bodies():
        assert html_of(QUICK, text) == html_of(STOCK, text), path
        seen += 1
    assert seen > (300 if SOAK else 100)


SIGN = st.sampled_from(
    [
        *"* ** *** _ __ ___ ` `` ``` [ ] ( ) ![ ]( [^1] [^1]: *[ ]: ][ ] : :: | ||".split(),
        *"\\ \\* \\` < > <b> </b> <div> </div> <!-- --> <? & &amp; &#65; &#x41".split(),
        *"# ## ######## = === - --- 1. 2. + ~~~ ! \" ' <https://e.org> <a@e.org>".split(),
        *"[a]: [a] [a][] /b . , {#a} \u00e9 \u0661. klzzwxh:0000 wzxhzdk:0".split(),
        *"\t \u0002 \u0003 \u0000 \u00a0 \u2028 \r".split(" "),
        "///Footnotes Go Here///",
    ]
)
WORD = st.sampled_from(
    ["a", "words", "HTML", " ", "  ", "    ", "\n", "\n\n", "  \n", "\n    ", "\n> "]
)
TEXT = st.lists(SIGN | WORD | WORD, max_size=60).map("".join)
LINE = st.builds(
    "".join,
    st.tuples(
        st.sampled_from(["", "", " ", "    ", "        ", "> ", "- ", "1. ", ": ", "[^1]: ", "| "]),
        st.lists(SIGN | WORD, max_size=8).map(" ".join),
    ),
)


@given(TEXT | st.lists(LINE, max_size=30).map("\n".join))
@example("a\\*b*c\\**d `*` **e *f* g** [h\\](i)](j\\)k 'l') ![m*n*](o)")
@example(
    "[a]\n\n*b [c][a] d* ![e][a]\n\n[a]: /f 'g'\n*[HTML]: h\n\nHTML[^1] HTML[^1]\n\n[^1]: i [a]"
)
@example("///Footnotes Go Here///\n\na[^1]\n\n[^1]: b")
@example("a\n: b\n\n    c\n\n- d\n\n    - e\n\n    f\n---\n\n| g | h |\n|---|--:|\n| `|` | i |")
@example("**" * 400 + "a" + "**" * 400)
def test_made_up_markdown_gives_the_same_bytes(text: str) -> None:
    assert html_of(QUICK, text) == html_of(STOCK, text)


NEAR = st.sampled_from(
    [
        *"a b_c **b** *c* **d* *e** ***f*** [^1] [^no] ![^1] [g](h.md) [i](j_k*l)".split(),
        *"[o]( [p](q 'r') [s](t) [u](v&w=x&amp;) [^y](z) [^1](a) [b](c\"d) [e]((f))".split(),
        *"*i, **j. [k [l](m)] [n] *[o](p)* **q*r*s** t**u** &amp; ` \\* < : # | ! ,".split(),
        *"( ) > x*y*z ![m](n.png) [*g*](h)".split(),
        *(" ", " ", "  ", "\n", "  \n", "*a b*", "** c**", "**d **", "**e\nf**", "[g h](i  )"),
        "\u00a0",
    ]
)


@given(st.lists(NEAR, max_size=12).map("".join), st.sampled_from(["", "\n[a]: /c"]))
@example("a **b** *c*[^1] [d](e_f.md), *g*[^2]", "")
@example("[a](b.md) **c**", "\n[a]: /c")
def test_simple_words_give_the_same_bytes(text: str, defined: str) -> None:
    body = f"{text}\n\n[^1]: {text}\n[^2]: b\n{defined}"
    assert html_of(QUICK, body) == html_of(STOCK, body)


BLOCKS = st.sampled_from(
    [
        *"word # ## ### ####### #a a# #\\# | a|b |-|-| - -- === : 1. > ```".split(),
        *"[a]: *[a]: [^1]: [a](b) **c** *d* ![ ( \" ' *** * - + _".split(),
        *("\n", "\n", "\n\n", " ", "    ", "- ", "# b\n", "`|`", "\\|", "\u00e9", "\u00b2"),
    ]
)


@given(st.lists(BLOCKS, max_size=16).map("".join))
@example("word\n|a|b|\n|-|-|\n|`|`|\\||")
@example("a|b\n-|-\nc|d")
@example("word\n# b\nword\n===\nword\n: b")
@example("[a](b)\n: c\n\n- [d](e)\n- **f**\n  g\n- *h*\n\n- i\n# j\nk")
@example("- # a #\n- ##\n- ####### b\n- # c\\#")
def test_short_ways_to_blocks_give_the_same_bytes(text: str) -> None:
    assert html_of(QUICK, text) == html_of(STOCK, text)


def test_a_page_nested_too_deep_does_no_harm_to_the_next() -> None:
    with pytest.raises(RecursionError):
        QUICK.reset().convert("- " * 2000 + "a")
    assert QUICK.reset().convert("**a**") == "<p><strong>a</strong></p>"


def test_every_part_of_markdown_is_known() -> None:
    patterns, processors = STOCK.inlinePatterns, STOCK.parser.blockprocessors
    assert {patterns.get_index_for_name(name) for name in INLINE_TRIGGERS} == set(
        range(len(patterns))
    )
    assert {processors.get_index_for_name(n) for n in BLOCK_TRIGGERS} == set(range(len(processors)))
    # What `QuickInline` leaves out, because nothing asks for it.
    assert not any(pattern.ANCESTOR_EXCLUDES for pattern in patterns)


@pytest.mark.parametrize("name", INLINE_TRIGGERS)
@given(data=st.data())
def test_an_inline_pattern_matches_nowhere_else(name: str, data: st.DataObject) -> None:
    text = data.draw(st.from_regex(STOCK.inlinePatterns[name].compiled_re))
    assert INLINE_TRIGGERS[name] in text
    assert MARKUP_CHARS.search(text) or LINE_BREAK in text


@pytest.mark.parametrize(
    "name", [n for n in BLOCK_TRIGGERS if hasattr(STOCK.parser.blockprocessors[n], "RE")]
)
@given(data=st.data())
def test_a_block_processor_takes_nothing_else(name: str, data: st.DataObject) -> None:
    text = data.draw(st.from_regex(STOCK.parser.blockprocessors[name].RE))
    assert BLOCK_TRIGGERS[name] in text
