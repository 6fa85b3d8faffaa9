"""Check the form and the safety of a rendered page.

The pages that our own templates produce contain plain tags only. They are split at `<` and `>` and
their tags are looked up in a cache, which takes a tenth of the time of a parser. Any other page
goes through Python's `HTMLParser`.
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
_UNSAFE_HINT: Final = "Remove it from the template. Pages hold only what is of this site."
_UNSAFE_STATIC_HINT: Final = "Remove it. Pages run nothing, and hold only what is of this site."
_TAG_START: Final = re.compile(r"<[a-z][a-z0-9-]*")
_STYLE_TAG: Final = "<style>"
_NON_BRACKET_BYTES: Final = bytes(code for code in range(256) if code not in b"<>")
_QUOTED_TEXT: Final = re.compile(r"'([^']*)'")


class HtmlAudit:
    """What is known about a page from its tags so far.

    Attributes:
        open_elements: Names of the elements that are open, outermost first.
        headings: Names of the heading elements, in order.
        ids: Values of `id`, in order, with duplicates.
        form_errors: Messages about the form of the page.
        safety_errors: Messages about what the page would run or fetch.
        lang: Language of the `<html>` element; empty without one.
        title_count: Number of `<title>` elements outside of SVGs.
        script_count: Number of elements that run script.
    """

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
    """Audits pages that are not plain, and reports what browsers may parse differently."""

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
        for name, value in attrs:  # browsers take the first of two attributes with one name
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
    """Parse the tags of a page if all of them are plain, as `parse_plain_tag` defines it.

    The last result is cached, since all checks of a page need it.

    Returns:
        The tags without the doctype, and for each raw text element in the page its start tag,
        without the leading `<`, and its text. None if the page needs a real parser: if a tag is not
        plain, a raw text element contains a tag, or the doctype does not come first.
    """
    start = html.find(_STYLE_TAG) + len(_STYLE_TAG)
    end = html.find("<", start) if start >= len(_STYLE_TAG) else -1
    style = html[start:end] if end >= 0 else ""  # a third of a page, and it contains no tag
    html = html[:start] + html[end:] if style else html
    pieces = _split_at_tags(html)
    if pieces[0].strip() or [tag.lower() for tag in pieces[1:2]] != ["!doctype html"]:
        return None
    parsed = list(map(parse_plain_tag, pieces[3::2]))
    if not all(parsed):
        return None
    tags = cast("list[Tag]", parsed)
    raw_indexes = [
        index
        for index, tag in enumerate(tags)
        if tag.needs_audit and not tag.closed and tag.name in RAW_TEXT_ELEMENTS
    ]
    for index in raw_indexes:
        following = tags[index + 1 : index + 2]
        if following and not (following[0].is_end and following[0].name == tags[index].name):
            return None
    raw_texts = [f"{pieces[2 * index + 3]}>{pieces[2 * index + 4]}" for index in raw_indexes]
    if style:
        raw_texts[raw_texts.index(_STYLE_TAG[1:])] += style
    return tags, raw_texts


def _split_at_tags(html: str) -> Sequence[str]:
    """Split HTML into text and the inside of tags, alternating. An unclosed tag is given as `<`."""
    brackets = html.encode().translate(None, _NON_BRACKET_BYTES)
    if brackets == b"<>" * (len(brackets) // 2):  # no `>` in a text, as on nearly all pages
        return html.replace(">", "<").split("<")
    before, *rest = html.split("<")
    pieces = [before]
    for piece in rest:
        tag, end, text = piece.partition(">")
        pieces += (tag if end else "<", text)
    return pieces


def audit_plain(html: str) -> HtmlAudit | None:
    """Return the audit of a page, made without a parser, or None if the page needs one."""
    parsed = parse_plain_tags(html)
    if parsed is None:
        return None
    tags, raw_texts = parsed
    audit, remaining_texts = HtmlAudit(), iter(raw_texts)
    open_elements = audit.open_elements
    for tag in tags:
        if tag.is_end:
            if open_elements and open_elements[-1] == tag.name:
                open_elements.pop()
            else:
                audit.end_element(tag.name)
        elif not tag.needs_audit:
            if not tag.closed:
                open_elements.append(tag.name)
        else:
            audit.start_element(tag)
            if tag.name in RAW_TEXT_ELEMENTS and not tag.closed:
                text = next(remaining_texts).partition(">")[2]
                audit.safety_errors += _find_style_errors(text) if tag.name == "style" else ()
    return audit


def audit_parsed(html: str) -> HtmlAudit:
    """Audit any page, with Python's parser."""
    parser = _AuditParser()
    parser.feed(html)
    parser.close()
    return parser.audit


@lru_cache(maxsize=64)
def _find_style_errors(css: str) -> tuple[str, ...]:
    try:
        check_css(css)
    except UnsafeFileError as error:
        return (f"<style>: {error.message}",)
    return ()


def check_html(site_page: SitePage, html: str) -> Iterator[Problem]:
    """Check that a page is well-formed, and that it runs and fetches nothing it may not.

    It must have exactly one h1, one title and a language, no id may occur twice, and every element
    must be closed.
    """
    audit = audit_plain(html) or audit_parsed(html)
    path, errors = site_page.page.path, audit.form_errors
    if not audit.lang:
        errors.append("no language is set")
    if audit.title_count != 1:
        errors.append(f"there are {audit.title_count} <title> elements, not one")
    if audit.headings.count("h1") != 1:
        errors.append(f"there are {audit.headings.count('h1')} page titles (h1), not one")
    if len(set(audit.ids)) < len(audit.ids):
        counts = {name: audit.ids.count(name) for name in audit.ids}
        errors += [f"the id '{name}' is used {n} times" for name, n in counts.items() if n > 1]
    if audit.open_elements:
        errors.append(f"<{audit.open_elements[-1]}> is never closed")
    for message in dict.fromkeys(errors):
        yield problem("page-form", path, message, hint=_FORM_HINT)
    # The script of a decision tool is an enhancement; the tool works without it.
    yield from _check_safety(path, audit, max_scripts=1 if site_page.tool else 0)


def check_redirect(path: str, html: str, target: str) -> Iterator[Problem]:
    """Check the safety of a redirect page, which may redirect to `target` only.

    Args:
        path: Source path of the page that has moved.
        html: The redirect page at its old address.
        target: The new address, as links to it are written.
    """
    audit = audit_plain(html) or audit_parsed(html)
    expected = meta_refresh_error(f"0; url={target}")
    audit.safety_errors = [error for error in audit.safety_errors if error != expected]
    yield from _check_safety(path, audit, max_scripts=0)


def check_static_html(site: Site, _rendered: Mapping[str, RenderedPage]) -> Iterator[Problem]:
    """Check the safety of HTML files in static/, which are published without changes."""
    for asset in site.assets:
        path = asset.file.path
        if path.lower().endswith(".html"):
            html, problems = decode_text(replace(asset.file, data=asset.file.load()))
            yield from problems
            for unsafe in _check_safety(path, audit_parsed(html), max_scripts=0):
                line = find_message_line(unsafe.message, html)
                yield replace(unsafe, line=line, hint=_UNSAFE_STATIC_HINT)


def find_message_line(message: str, text: str) -> int:
    """Return the number of the first line with the tag and quoted words of a message, or 0."""
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
