"""The finished page, read once more: its form, and that it can run and fetch nothing it may not.

Our own templates write plain tags, which one split and a memory of tags read in a tenth of the
time that a parser takes. A page with anything else in it goes through Python's parser.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from html.parser import HTMLParser
from typing import Final, cast

from msgspec.structs import replace

from sitebuilder.assets.css import check_css
from sitebuilder.assets.limits import UnsafeFileError
from sitebuilder.checks.html_allowlist import RAW, VOID, Tag, judge, leads_on, plain_tag
from sitebuilder.content.decode import decode
from sitebuilder.core.model import RenderedPage, Site, SitePage
from sitebuilder.core.problems import Problem, problem

_HINT: Final = "This comes from a template, or from a mistake that is reported beside it."
_HARMLESS: Final = "Take it out of the template. Pages hold only what is of this site."
_STATIC: Final = "Take it out. Pages run nothing, and hold only what is of this site."
_TAG: Final = re.compile(r"<[a-z][a-z0-9-]*")
_STYLE: Final = "<style>"
_NO_SIGNS: Final = bytes(code for code in range(256) if code not in b"<>")
_QUOTED: Final = re.compile(r"'([^']*)'")


class Walk:
    """What is counted and collected on the way through a page."""

    def __init__(self) -> None:
        self.open: list[str] = []
        self.headings: list[str] = []
        self.ids: list[str] = []
        self.said: list[str] = []
        self.unsafe: list[str] = []
        self.lang = ""
        self.titles = 0
        self.scripts = 0

    def start(self, tag: Tag) -> None:
        name = tag.name
        if tag.id:
            self.ids.append(tag.id)
        if tag.said:
            self.said += tag.said
        if tag.unsafe:
            self.unsafe += tag.unsafe
        if len(name) == 2 and name[0] == "h" and name[1].isdigit():  # noqa: PLR2004 - h1 to h6
            self.headings.append(name)
        elif name in RAW or name == "html":
            self.start_seldom(tag)
        if not tag.closed:
            self.open.append(name)

    def start_seldom(self, tag: Tag) -> None:
        if tag.name == "html":
            self.lang = tag.lang
        elif tag.name == "title" and "svg" not in self.open:
            self.titles += 1
        elif tag.name == "style" and "head" not in self.open:
            self.unsafe.append("<style> stands outside of the head")
        self.scripts += tag.script

    def end(self, name: str) -> None:
        if self.open and self.open[-1] == name:
            self.open.pop()
        elif name not in VOID:
            last = self.open[-1] if self.open else "nothing"
            self.said.append(f"</{name}> closes <{last}>")
            if name in self.open:
                while self.open.pop() != name:
                    pass


class _Parser(HTMLParser):
    """Python's parser, for pages that are not plain. It tells what browsers may read otherwise."""

    def __init__(self) -> None:
        super().__init__()
        self.walk = Walk()

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.started(tag, attrs, closed=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.started(tag, attrs, closed=False)

    def started(self, tag: str, attrs: list[tuple[str, str | None]], *, closed: bool) -> None:
        if self.walk.open and self.walk.open[-1] in {"title", "textarea"}:
            self.odd(f"a tag within <{self.walk.open[-1]}>")
        first: dict[str, str | None] = {}
        for name, value in attrs:  # of two with one name, browsers take the first
            first.setdefault(name, value)
        self.walk.start(judge(tag, list(first.items()), closed=closed))

    def handle_endtag(self, tag: str) -> None:
        self.walk.end(tag)

    def handle_data(self, data: str) -> None:
        if self.cdata_elem == "style":
            self.walk.unsafe += _of_style(data)
        if self.cdata_elem and ("<!--" in data or f"</{self.cdata_elem}" in data.lower()):
            self.odd(f"a comment or an end within <{self.cdata_elem}>")

    def handle_comment(self, data: str) -> None:
        if "<" in data or ">" in data or "--" in data or data.endswith("-"):
            self.odd("a comment with '<', '>' or '--' in it")

    def handle_decl(self, decl: str) -> None:
        if decl.lower() != "doctype html":
            self.odd(f"<!{decl[:40]}>")

    def unknown_decl(self, data: str) -> None:
        self.odd(f"<![{data[:40]}")

    def handle_pi(self, data: str) -> None:
        self.odd(f"<?{data[:40]}>")

    def odd(self, what: str) -> None:
        self.walk.unsafe.append(f"there is {what}, which not all browsers read alike")


@lru_cache(maxsize=1)
def plain_tags(html: str) -> tuple[Sequence[Tag], Sequence[str]] | None:
    """Every tag of a page but its doctype, if all are written plainly; None: ask a parser.

    Beside them, for each element of RAW, its start tag and text, without the first `<`. All checks
    of a page ask for them, so those of the last page are kept.
    """
    start = html.find(_STYLE) + len(_STYLE)
    end = html.find("<", start) if start >= len(_STYLE) else -1
    style = html[start:end] if end >= 0 else ""  # a third of a page, and no tag is in there
    html = html[:start] + html[end:] if style else html
    pieces = _cut(html)
    if pieces[0].strip() or [tag.lower() for tag in pieces[1:2]] != ["!doctype html"]:
        return None
    tags = list(map(plain_tag, pieces[3::2]))
    if not all(tags):
        return None
    known = cast("list[Tag]", tags)
    raw = [at for at, tag in enumerate(known) if tag.noted and not tag.closed and tag.name in RAW]
    for at in raw:
        after = known[at + 1 : at + 2]
        if after and not (after[0].ends and after[0].name == known[at].name):
            return None
    texts = [f"{pieces[2 * at + 3]}>{pieces[2 * at + 4]}" for at in raw]
    if style:
        texts[texts.index(_STYLE[1:])] += style
    return known, texts


def _cut(html: str) -> Sequence[str]:
    """Text and what stands in a tag, in turn; `<` stands for a tag that does not end."""
    signs = html.encode().translate(None, _NO_SIGNS)
    if signs == b"<>" * (len(signs) // 2):  # no `>` in a text, as on nearly all pages
        return html.replace(">", "<").split("<")
    before, *rest = html.split("<")
    pieces = [before]
    for piece in rest:
        tag, end, text = piece.partition(">")
        pieces += (tag if end else "<", text)
    return pieces


def read_plain(html: str) -> Walk | None:
    """The page, if every tag in it is written plainly; None: ask a parser."""
    found = plain_tags(html)
    if found is None:
        return None
    tags, pieces = found
    walk, raw = Walk(), iter(pieces)
    opened = walk.open
    for tag in tags:
        if tag.ends:
            if opened and opened[-1] == tag.name:
                opened.pop()
            else:
                walk.end(tag.name)
        elif not tag.noted:
            if not tag.closed:
                opened.append(tag.name)
        else:
            walk.start(tag)
            if tag.name in RAW and not tag.closed:
                text = next(raw).partition(">")[2]
                walk.unsafe += _of_style(text) if tag.name == "style" else ()
    return walk


def read_parsed(html: str) -> Walk:
    """The page, as Python's parser reads it."""
    parser = _Parser()
    parser.feed(html)
    parser.close()
    return parser.walk


@lru_cache(maxsize=64)
def _of_style(css: str) -> tuple[str, ...]:
    try:
        check_css(css)
    except UnsafeFileError as refused:
        return (f"<style>: {refused.message}",)
    return ()


def well_formed(place: SitePage, html: str) -> Iterator[Problem]:
    """One h1, one title, a language, ids once, all closed; and nothing that runs or fetches."""
    walk = read_plain(html) or read_parsed(html)
    path, said = place.page.path, walk.said
    if not walk.lang:
        said.append("no language is set")
    if walk.titles != 1:
        said.append(f"there are {walk.titles} <title> elements, not one")
    if walk.headings.count("h1") != 1:
        said.append(f"there are {walk.headings.count('h1')} page titles (h1), not one")
    if len(set(walk.ids)) < len(walk.ids):
        counts = {name: walk.ids.count(name) for name in walk.ids}
        said += [f"the id '{name}' is used {n} times" for name, n in counts.items() if n > 1]
    if walk.open:
        said.append(f"<{walk.open[-1]}> is never closed")
    for message in dict.fromkeys(said):
        yield problem("page-form", path, message, hint=_HINT)
    yield from _harmless(path, walk, scripts=1 if place.tool else 0)  # a tool's own comfort


def redirect_is_harmless(path: str, html: str, target: str) -> Iterator[Problem]:
    """The same of the small page at an old address, which sends readers on, but to `target` only.

    `target`: the new address of the page at `path`, as a link writes it.
    """
    walk = read_plain(html) or read_parsed(html)
    walk.unsafe = [said for said in walk.unsafe if said != leads_on(f"0; url={target}")]
    yield from _harmless(path, walk, scripts=0)


def static_is_harmless(site: Site, _rendered: Mapping[str, RenderedPage]) -> Iterator[Problem]:
    """The same of the pages that designers put into static/, which are published as they are."""
    for asset in site.assets:
        path = asset.file.path
        if path.lower().endswith(".html"):
            html, problems = decode(replace(asset.file, data=asset.file.load()))
            yield from problems
            for found in _harmless(path, read_parsed(html), scripts=0):
                yield replace(found, line=line_of(found.message, html), hint=_STATIC)


def line_of(message: str, text: str) -> int:
    """The first line of `text` with the tag and the words that a message names; 0: none."""
    tag = _TAG.match(message)
    words = [tag[0].lower(), *_QUOTED.findall(message)] if tag else []
    for number, line in enumerate(text.split("\n"), 1):
        if words and all(word in line for word in words):
            return number
    return 0


def _harmless(path: str, walk: Walk, scripts: int) -> Iterator[Problem]:
    if walk.scripts > scripts:
        walk.unsafe.append("there is a <script>, and pages run none")
    for message in dict.fromkeys(walk.unsafe):
        yield problem("unsafe-page", path, message, hint=_HARMLESS)
