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
from sitebuilder.checks.html_allowlist import (
    RAW_TEXT_ELEMENTS,
    VOID_ELEMENTS,
    Tag,
    audit_tag,
    meta_refresh_error,
    parse_plain_tag,
)
from sitebuilder.content.decode import decode_text
from sitebuilder.core.model import RenderedPage, Site, SitePage
from sitebuilder.core.problems import Problem, problem

_FORM_HINT: Final = "This comes from a template, or from a mistake that is reported beside it."
_UNSAFE_HINT: Final = "Take it out of the template. Pages hold only what is of this site."
_UNSAFE_STATIC_HINT: Final = "Take it out. Pages run nothing, and hold only what is of this site."
_TAG_START: Final = re.compile(r"<[a-z][a-z0-9-]*")
_STYLE_TAG: Final = "<style>"
_NON_BRACKET_BYTES: Final = bytes(code for code in range(256) if code not in b"<>")
_QUOTED_TEXT: Final = re.compile(r"'([^']*)'")


class HtmlAudit:
    """What is counted and collected on the way through a page."""

    def __init__(self) -> None:
        self.open_elements: list[str] = []
        self.headings: list[str] = []
        self.ids: list[str] = []
        self.form_errors: list[str] = []
        self.safety_errors: list[str] = []
        self.lang = ""
        self.title_count = 0
        self.script_count = 0

    def start_element(self, tag: Tag) -> None:
        name = tag.name
        if tag.id:
            self.ids.append(tag.id)
        if tag.form_errors:
            self.form_errors += tag.form_errors
        if tag.safety_errors:
            self.safety_errors += tag.safety_errors
        if len(name) == 2 and name[0] == "h" and name[1].isdigit():  # noqa: PLR2004 - h1 to h6
            self.headings.append(name)
        elif name in RAW_TEXT_ELEMENTS or name == "html":
            self.start_rare_element(tag)
        if not tag.closed:
            self.open_elements.append(name)

    def start_rare_element(self, tag: Tag) -> None:
        if tag.name == "html":
            self.lang = tag.lang
        elif tag.name == "title" and "svg" not in self.open_elements:
            self.title_count += 1
        elif tag.name == "style" and "head" not in self.open_elements:
            self.safety_errors.append("<style> stands outside of the head")
        self.script_count += tag.is_script

    def end_element(self, name: str) -> None:
        if self.open_elements and self.open_elements[-1] == name:
            self.open_elements.pop()
        elif name not in VOID_ELEMENTS:
            last = self.open_elements[-1] if self.open_elements else "nothing"
            self.form_errors.append(f"</{name}> closes <{last}>")
            if name in self.open_elements:
                while self.open_elements.pop() != name:
                    pass


class _AuditParser(HTMLParser):
    """Python's parser, for pages that are not plain. It tells what browsers may read otherwise."""

    def __init__(self) -> None:
        super().__init__()
        self.audit = HtmlAudit()

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.audit_start_tag(tag, attrs, closed=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.audit_start_tag(tag, attrs, closed=False)

    def audit_start_tag(
        self, tag: str, attrs: list[tuple[str, str | None]], *, closed: bool
    ) -> None:
        if self.audit.open_elements and self.audit.open_elements[-1] in {"title", "textarea"}:
            self.report_ambiguity(f"a tag within <{self.audit.open_elements[-1]}>")
        first: dict[str, str | None] = {}
        for name, value in attrs:  # of two with one name, browsers take the first
            first.setdefault(name, value)
        self.audit.start_element(audit_tag(tag, list(first.items()), closed=closed))

    def handle_endtag(self, tag: str) -> None:
        self.audit.end_element(tag)

    def handle_data(self, data: str) -> None:
        if self.cdata_elem == "style":
            self.audit.safety_errors += _find_style_errors(data)
        if self.cdata_elem and ("<!--" in data or f"</{self.cdata_elem}" in data.lower()):
            self.report_ambiguity(f"a comment or an end within <{self.cdata_elem}>")

    def handle_comment(self, data: str) -> None:
        if "<" in data or ">" in data or "--" in data or data.endswith("-"):
            self.report_ambiguity("a comment with '<', '>' or '--' in it")

    def handle_decl(self, decl: str) -> None:
        if decl.lower() != "doctype html":
            self.report_ambiguity(f"<!{decl[:40]}>")

    def unknown_decl(self, data: str) -> None:
        self.report_ambiguity(f"<![{data[:40]}")

    def handle_pi(self, data: str) -> None:
        self.report_ambiguity(f"<?{data[:40]}>")

    def report_ambiguity(self, what: str) -> None:
        self.audit.safety_errors.append(f"there is {what}, which not all browsers read alike")


@lru_cache(maxsize=1)
def parse_plain_tags(html: str) -> tuple[Sequence[Tag], Sequence[str]] | None:
    """Every tag of a page but its doctype, if all are written plainly; None: ask a parser.

    Beside them, for each element of RAW, its start tag and text, without the first `<`. All checks
    of a page ask for them, so those of the last page are kept.
    """
    start = html.find(_STYLE_TAG) + len(_STYLE_TAG)
    end = html.find("<", start) if start >= len(_STYLE_TAG) else -1
    style = html[start:end] if end >= 0 else ""  # a third of a page, and no tag is in there
    html = html[:start] + html[end:] if style else html
    pieces = _split_at_tags(html)
    if pieces[0].strip() or [tag.lower() for tag in pieces[1:2]] != ["!doctype html"]:
        return None
    tags = list(map(parse_plain_tag, pieces[3::2]))
    if not all(tags):
        return None
    known = cast("list[Tag]", tags)
    raw = [
        at
        for at, tag in enumerate(known)
        if tag.needs_audit and not tag.closed and tag.name in RAW_TEXT_ELEMENTS
    ]
    for at in raw:
        after = known[at + 1 : at + 2]
        if after and not (after[0].is_end and after[0].name == known[at].name):
            return None
    texts = [f"{pieces[2 * at + 3]}>{pieces[2 * at + 4]}" for at in raw]
    if style:
        texts[texts.index(_STYLE_TAG[1:])] += style
    return known, texts


def _split_at_tags(html: str) -> Sequence[str]:
    """Text and what stands in a tag, in turn; `<` stands for a tag that does not end."""
    signs = html.encode().translate(None, _NON_BRACKET_BYTES)
    if signs == b"<>" * (len(signs) // 2):  # no `>` in a text, as on nearly all pages
        return html.replace(">", "<").split("<")
    before, *rest = html.split("<")
    pieces = [before]
    for piece in rest:
        tag, end, text = piece.partition(">")
        pieces += (tag if end else "<", text)
    return pieces


def audit_plain(html: str) -> HtmlAudit | None:
    """The page, if every tag in it is written plainly; None: ask a parser."""
    found = parse_plain_tags(html)
    if found is None:
        return None
    tags, pieces = found
    walk, raw = HtmlAudit(), iter(pieces)
    opened = walk.open_elements
    for tag in tags:
        if tag.is_end:
            if opened and opened[-1] == tag.name:
                opened.pop()
            else:
                walk.end_element(tag.name)
        elif not tag.needs_audit:
            if not tag.closed:
                opened.append(tag.name)
        else:
            walk.start_element(tag)
            if tag.name in RAW_TEXT_ELEMENTS and not tag.closed:
                text = next(raw).partition(">")[2]
                walk.safety_errors += _find_style_errors(text) if tag.name == "style" else ()
    return walk


def audit_parsed(html: str) -> HtmlAudit:
    """The page, as Python's parser reads it."""
    parser = _AuditParser()
    parser.feed(html)
    parser.close()
    return parser.audit


@lru_cache(maxsize=64)
def _find_style_errors(css: str) -> tuple[str, ...]:
    try:
        check_css(css)
    except UnsafeFileError as refused:
        return (f"<style>: {refused.message}",)
    return ()


def check_html(site_page: SitePage, html: str) -> Iterator[Problem]:
    """One h1, one title, a language, ids once, all closed; and nothing that runs or fetches."""
    walk = audit_plain(html) or audit_parsed(html)
    path, said = site_page.page.path, walk.form_errors
    if not walk.lang:
        said.append("no language is set")
    if walk.title_count != 1:
        said.append(f"there are {walk.title_count} <title> elements, not one")
    if walk.headings.count("h1") != 1:
        said.append(f"there are {walk.headings.count('h1')} page titles (h1), not one")
    if len(set(walk.ids)) < len(walk.ids):
        counts = {name: walk.ids.count(name) for name in walk.ids}
        said += [f"the id '{name}' is used {n} times" for name, n in counts.items() if n > 1]
    if walk.open_elements:
        said.append(f"<{walk.open_elements[-1]}> is never closed")
    for message in dict.fromkeys(said):
        yield problem("page-form", path, message, hint=_FORM_HINT)
    yield from _check_safety(
        path, walk, max_scripts=1 if site_page.tool else 0
    )  # a tool's own comfort


def check_redirect(path: str, html: str, target: str) -> Iterator[Problem]:
    """The same of the small page at an old address, which sends readers on, but to `target` only.

    `target`: the new address of the page at `path`, as a link writes it.
    """
    walk = audit_plain(html) or audit_parsed(html)
    walk.safety_errors = [
        said for said in walk.safety_errors if said != meta_refresh_error(f"0; url={target}")
    ]
    yield from _check_safety(path, walk, max_scripts=0)


def check_static_html(site: Site, _rendered: Mapping[str, RenderedPage]) -> Iterator[Problem]:
    """The same of the pages that designers put into static/, which are published as they are."""
    for asset in site.assets:
        path = asset.file.path
        if path.lower().endswith(".html"):
            html, problems = decode_text(replace(asset.file, data=asset.file.load()))
            yield from problems
            for found in _check_safety(path, audit_parsed(html), max_scripts=0):
                yield replace(
                    found, line=find_message_line(found.message, html), hint=_UNSAFE_STATIC_HINT
                )


def find_message_line(message: str, text: str) -> int:
    """The first line of `text` with the tag and the words that a message names; 0: none."""
    tag = _TAG_START.match(message)
    words = [tag[0].lower(), *_QUOTED_TEXT.findall(message)] if tag else []
    for number, line in enumerate(text.split("\n"), 1):
        if words and all(word in line for word in words):
            return number
    return 0


def _check_safety(path: str, audit: HtmlAudit, max_scripts: int) -> Iterator[Problem]:
    if audit.script_count > max_scripts:
        audit.safety_errors.append("there is a <script>, and pages run none")
    for message in dict.fromkeys(audit.safety_errors):
        yield problem("unsafe-page", path, message, hint=_UNSAFE_HINT)
