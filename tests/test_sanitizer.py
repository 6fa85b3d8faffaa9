"""The sanitiser by itself: what Markdown makes comes through, and nothing else does.

Other checks stand before it, and tell editors what is wrong. Here none of them is asked.
"""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitebuilder.markdown import convert as converting
from sitebuilder.markdown.blocks import mark_fences
from sitebuilder.markdown.sanitizer import (
    ALLOWED_ATTRIBUTES,
    ALLOWED_CLASSES,
    ALLOWED_SCHEMES,
    ALLOWED_TAGS,
    sanitize,
)
from sitebuilder.markdown.tree import DocumentOutline

Made = set[tuple[str, str, str]]
"""Elements, their attributes, and the names in their classes."""


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.made: Made = set()
        self.targets: set[str] = set()
        self.others: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.made.add((tag, "", ""))
        for name, value in attrs:
            if name == "class":
                self.made |= {(tag, name, part) for part in (value or "").split()}
            else:
                self.made.add((tag, name, ""))
            if name in {"href", "src"}:
                self.targets.add(value or "")

    def handle_comment(self, data: str) -> None:
        self.others.append(data)

    handle_pi = unknown_decl = handle_comment

    def handle_decl(self, decl: str) -> None:
        self.others.append(decl)


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader


def words(html: str) -> str:
    return unescape(re.sub("<[^>]*>", "", html))


ALLOWED: Made = (
    {(tag, "", "") for tag in ALLOWED_TAGS}
    | {(tag, name, "") for tag, names in ALLOWED_ATTRIBUTES.items() for name in names}
    | {(tag, "class", part) for tag, parts in ALLOWED_CLASSES.items() for part in parts}
)

EVERYTHING = """
# One
## Two
### Three
#### Four
##### Five
###### Six

**Strong**, *emphasis*, `code`, a [link](https://x.org "Title"), ![a picture](a.png "Title"),
one word of HTML, a source[^1], the same[^1], a line\u0020\u0020
that ends, <mail@x.org>.

---

> Quoted

- [alone](b.md)
- not alone

7. seven
9. nine

Word
:   its meaning

    code

```
more code
```

| Left | Right | Middle |
|------|------:|:------:|
| a    | b     | c      |

::: compare Two ways
| Question       | One | Other |
|----------------|----:|:-----:|
| [alone](b.md)  | b   | c     |
:::

*[HTML]: a language
[^1]: Where it stands.
"""


def made_by_markdown(body: str) -> str:
    marked, fences, _ = mark_fences(body, "content/x.md", 1, {})
    engine = converting._get_parser()
    engine.treeprocessors["outline"].outline = DocumentOutline(fences, set())
    engine.reset()
    html: str = engine.convert(marked)
    return html


def test_all_that_markdown_makes_comes_through_and_no_more_is_on_the_lists() -> None:
    raw = made_by_markdown(EVERYTHING)
    made = read(raw).made
    assert ALLOWED - made == set(), "on the lists, but nothing makes it"
    assert made - ALLOWED == set(), "made, but not on the lists"
    assert read(sanitize(raw)).made == made
    assert words(sanitize(raw)) == words(raw)
    assert "rel=" not in sanitize(raw)


@pytest.mark.parametrize("scheme", ["https", "http", "mailto", "tel"])
def test_schemes_of_links(scheme: str) -> None:
    assert sanitize(f'<a href="{scheme}:x">x</a>') == f'<a href="{scheme}:x">x</a>'


@pytest.mark.parametrize(
    "target",
    [
        "javascript:x", "JaVaScRiPt:x", " javascript:x", "java\tscript:x", "java&#10;script:x",
        "&#106;avascript:x", "&#x6A;avascript&colon;x", "\x01javascript:x", "vbscript:x",
        "data:text/html,x", "data:image/svg+xml,x", "ftp://x.org/", "file:///x", "blob:x",
        "view-source:x", "intent:x", "sms:1", "x-unknown:x",
    ],
)  # fmt: skip
def test_no_other_scheme_comes_through(target: str) -> None:
    for html in (f'<a href="{target}">x</a>', f"<a href='{target}'>x</a>", f'<img src="{target}">'):
        assert read(sanitize(html)).targets == set()


# ruff: noqa: E501 - each line is one whole attempt
HOSTILE = r"""
<script>alert(1)</script>
<SCRIPT SRC=//x.org></SCRIPT>
<scr<script>ipt>alert(1)</script>
<img src=x onerror=alert(1)>
<img/src="x"/onerror=alert(1)>
<img src="x" OnErRoR="alert(1)">
<img src=x:x srcset="//x.org 1x">
<a href="https://x.org" onclick="alert(1)" style="position:fixed" target=_blank ping=//x.org>x</a>
<p style="background:url(//x.org)" class="care emergency" id=main hidden contenteditable>x</p>
<svg onload=alert(1)><animate onbegin=alert(1) attributeName=x></svg>
<svg><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>
<svg><style><img src=x onerror=alert(1)></style></svg>
<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=x onerror=alert(1)&gt;">
<math><annotation-xml encoding="text/html"><p><script>alert(1)</script></annotation-xml></math>
<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>
<template><script>alert(1)</script></template>
<iframe src=//x.org srcdoc="<script>alert(1)</script>"></iframe>
<object data=//x.org><embed src=//x.org></object>
<form action=//x.org><input name=a autofocus onfocus=alert(1)><button formaction=javascript:x>b</button></form>
<textarea><img title="</textarea><img src=x onerror=alert(1)>"></textarea>
<base href=//x.org/><link rel=stylesheet href=//x.org><meta http-equiv=refresh content="0;url=//x.org">
<style>@import "//x.org";</style>
<title><img title="</title><img src=x onerror=alert(1)>"></title>
<xmp><img title="</xmp><img src=x onerror=alert(1)>"></xmp>
<video src=x onerror=alert(1)><source onerror=alert(1)></video>
<audio src=//x.org autoplay></audio>
<details ontoggle=alert(1) open>x</details>
<marquee onstart=alert(1)>x</marquee>
<div class="footnote care" id=x role=alert>x</div>
<!-- <script>alert(1)</script> --><!--><img src=x onerror=alert(1)>-->
<?xml version="1.0"?><!DOCTYPE x><![CDATA[<script>alert(1)</script>]]>
<a href="//x.org" id="main" name="x" accesskey=x download>x</a>
<table background=//x.org><td background=//x.org onmouseover=alert(1) class="right care">x</table>
<h2 id=a onclick=alert(1)><span class="column care" style=x>x</span></h2>
<kbd><b><i><del><s><sub><u><font color=red>x</font></u></sub></s></del></i></b></kbd>
<plaintext><script>alert(1)</script>
""".strip().split("\n")


def is_clean(html: str) -> None:
    """Allowed things only, and so once more when it is read and cleaned again."""
    once = sanitize(html)
    reader = read(once)
    assert reader.made <= ALLOWED
    assert reader.others == []
    for target in reader.targets:
        scheme = re.match(r"[\x00-\x20]*([a-z][a-z0-9+.-]*):", target, re.IGNORECASE)
        assert scheme is None or scheme[1].lower() in ALLOWED_SCHEMES
    assert sanitize(once) == once


@pytest.mark.parametrize("html", HOSTILE)
def test_nothing_hostile_comes_through(html: str) -> None:
    is_clean(html)


def test_no_attribute_stands_anywhere() -> None:
    for tag in sorted(ALLOWED_TAGS - {"a", "abbr", "img"}):
        assert "title" not in sanitize(f'<table><{tag} title="x" lang="y">a')
        assert "lang" not in sanitize(f'<table><{tag} title="x" lang="y">a')


def test_words_of_what_is_taken_out_stay_but_not_programs() -> None:
    assert (
        sanitize("<u>one</u> <kbd>two</kbd><script>three</script><style>four</style>") == "one two"
    )


@given(
    st.lists(
        st.sampled_from([part for line in HOSTILE for part in re.split(r"(?=[<> ])", line)]),
        max_size=20,
    )
)
def test_no_joining_of_hostile_parts_comes_through(parts: list[str]) -> None:
    is_clean("".join(parts))


@given(st.text(alphabet="<>/='\"!-?& apscriptonx:;\t\n\x00", max_size=60))
def test_no_text_comes_through_as_what_it_should_not_be(text: str) -> None:
    is_clean(text)
