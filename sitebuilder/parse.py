"""A content file in, a `Page` out.

A page with mistakes still gives a page, with stand-ins for what is wrong: then the later stages
can find the rest of its mistakes, and nothing is published anyway.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from typing import Any, Final

from sitebuilder import addresses, fields, yaml_strict
from sitebuilder.fields import Field
from sitebuilder.knowledge import Change, Claimed, Subject
from sitebuilder.model import File, Page
from sitebuilder.problems import Problem, problem
from sitebuilder.settings import Config
from sitebuilder.text import decode

_REVIEWED: Final[Mapping[str, Field]] = {
    "by": Field(fields.text, "who signed it", required=True),
    "role": Field(fields.text, "their role"),
    "on": Field(fields.date, "the day it was signed", required=True),
    "until": Field(fields.date, "the day the next review is due"),
}
_CHANGE: Final[Mapping[str, Field]] = {
    "on": Field(fields.date, "the day of the change", required=True),
    "what": Field(fields.text, "what changed, for readers", required=True),
}
_ABOUT: Final[Mapping[str, Field]] = {
    "kind": Field(fields.one_of("procedure", "condition"), "what it is", required=True),
    "name": Field(fields.text, "its name, as the page says it", required=True),
    "also": Field(fields.list_of(fields.text), "other names that the page says"),
    "body_part": Field(fields.text, "where in the body, as the page says it"),
}

TABLE: Final[Mapping[str, Field]] = {
    "title": Field(fields.text, "the page's heading", required=True),
    "description": Field(fields.optional_text, "one sentence for search engines and lists"),
    "date": Field(fields.date, "the day the page was written"),
    "draft": Field(fields.flag, "true: only `serve` shows the page"),
    "order": Field(fields.number, "its place among the pages of its folder, low first"),
    "url": Field(fields.text, "its address, if not the one its file name gives"),
    "aliases": Field(fields.list_of(fields.text), "old addresses that lead here"),
    "template": Field(fields.text, "the template that shows it"),
    "lang": Field(fields.language, "its language, if not the site's"),
    "review": Field(fields.one_of("clinical", "none"), "who has to sign it"),
    "owner": Field(fields.text, "who keeps the page true"),
    "reviewed": Field(
        fields.part(_REVIEWED, Claimed, "reviewed"), "the last review, as it is on record"
    ),
    "changes": Field(
        fields.list_of(fields.part(_CHANGE, Change, "a change")), "what changed, latest first"
    ),
    "about": Field(
        fields.part(_ABOUT, Subject, "about"), "the procedure or condition that the page is about"
    ),
}

_MERGE_MARK: Final = re.compile(r"^(<{7} .*|={7}|>{7} .*)$", re.MULTILINE)
_FIRST_HEADING: Final = re.compile(
    r"\s*(?:#[ \t]+(?P<atx>.+?)[ \t]*#*[ \t]*|(?P<underlined>[^\s#>*+-].*)\n=+[ \t]*)(?:\n|\Z)"
)
_MARKUP: Final = re.compile(
    r"\s*\{#[^}]*\}$|!?\[(?P<link>[^\]]*)\]\([^)]*\)|(?P<sign>\*{1,3}|`+|\b__?)(?=\S)(?P<words>.+?)"
    r"(?<=\S)(?P=sign)|\\(?P<escaped>[^\w\s])"
)


def parse_page(file: File, config: Config) -> tuple[Page, list[Problem]]:
    """Read one page. `file.path` starts with `content/` and ends with `.md`."""
    text, problems = decode(file)
    problems += _merge_marks(text, file.path)
    front, front_line, body, body_line, found = _split(text, file.path)
    problems += found
    node, found = yaml_strict.load(front, file.path, front_line)
    problems += found
    unreadable = node is None and bool(found)
    values, lines, found = fields.read(node, TABLE, file.path, "page")
    if "title" not in lines:
        heading = _FIRST_HEADING.match(body)
        if heading:  # a page as other generators have it: the title is its first heading
            values["title"] = _plain(heading["atx"] or heading["underlined"])
            body_line += heading.group().count("\n")
            body = body[heading.end() :]
    titled = "title" in values or unreadable or (not text and problems)
    problems += [p for p in found if not (titled and p.rule == "missing-field")]
    address, found = _address(file.path, values.pop("url", None), lines)
    problems += found
    aliases, found = _aliases(file.path, values.pop("aliases", ()), lines)
    problems += found
    values.setdefault("title", file.path.rpartition("/")[2].removesuffix(".md"))
    values.setdefault("review", config.review)
    if "description" in lines:
        values.setdefault("description", "?")  # there, but not readable: that is said already
    page = Page(
        id=addresses.page_id(address),
        path=file.path,
        address=address,
        body=body,
        body_line=body_line,
        aliases=aliases,
        lines=lines,
        **_without_empty(values),
    )
    return page, problems


def _plain(heading: str) -> str:
    """The words of a heading: a title is text, not Markdown."""
    words = _MARKUP.sub(lambda m: m["link"] or m["words"] or m["escaped"] or "", heading)
    return unescape(words).strip() or heading


def _without_empty(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _split(text: str, path: str) -> tuple[str, int, str, int, list[Problem]]:
    """Front matter, its first line, the body, its first line, problems."""
    lines = text.split("\n")
    if lines[0].rstrip() == "---":
        end = next((i for i, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), None)
        if end is not None:
            return "\n".join(lines[1:end]), 2, "\n".join(lines[end + 1 :]), end + 2, []
        hint = "Put a line '---' after the last field."
        found = problem("front-matter", path, "no closing '---'", hint=hint, line=1)
        return "\n".join(lines[1:]), 2, "", 1, [found]
    for number, line in enumerate(lines, 1):
        if line.rstrip() == "---":
            hint = "Delete the empty lines above it."
            message = "'---' must be the first line of the file"
            found = problem("front-matter", path, message, hint=hint, line=number)
            front, first, body, body_line, more = _split("\n".join(lines[number - 1 :]), path)
            return front, first + number - 1, body, body_line + number - 1, [found, *more]
        if line.strip():
            break
    return "", 1, text, 1, []


def _merge_marks(text: str, path: str) -> list[Problem]:
    hint = "Keep the version that is right and delete the marks."
    return [
        problem(
            "merge-mark",
            path,
            "merge conflict marker",
            hint=hint,
            line=text.count("\n", 0, found.start()) + 1,
        )
        for found in _MERGE_MARK.finditer(text)
        if found.group()[0] != "="  # a line of seven = is also a heading's underline
    ]


def _address(path: str, url: str | None, lines: Mapping[str, int]) -> tuple[str, list[Problem]]:
    """The page's address, or a stand-in that takes nobody else's."""
    if url is not None:
        why = addresses.fault_of_page_address(url)
        if not why:
            return url, []
        hint = "Write it as /recovery/: small letters, digits and '-', with '/' at both ends."
        found = problem("address", path, f"url: {why}", hint=hint, line=lines["url"])
        return _address(path, None, lines)[0], [found]
    address, why = addresses.of_page(path.removeprefix("content/"))
    if not why:
        return address, []
    hint = "Rename the file, or set 'url:'."
    found = problem("address", path, f"the file name gives no address: {why}", hint=hint, line=1)
    return f"/{addresses.slug(path)}/", [found]


def _aliases(
    path: str, aliases: tuple[str, ...], lines: Mapping[str, int]
) -> tuple[tuple[str, ...], list[Problem]]:
    good, problems = [], []
    for alias in aliases:
        why = addresses.fault_of_page_address(alias)
        if why:
            hint = "Write the old address as /old-name/."
            problems.append(
                problem("address", path, f"alias: {why}", hint=hint, line=lines["aliases"])
            )
        else:
            good.append(alias)
    return tuple(good), problems
