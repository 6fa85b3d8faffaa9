"""A content file in, a `Page` out.

A page with mistakes still gives a page, with stand-ins for what is wrong: then the later stages
can find the rest of its mistakes, and nothing is published anyway.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from typing import Any, Final

from sitebuilder.content import schema, yaml
from sitebuilder.content.decode import decode
from sitebuilder.content.schema import Field
from sitebuilder.core import urls
from sitebuilder.core.config import Config
from sitebuilder.core.lazy_regex import lazy_compile
from sitebuilder.core.model import File, Page
from sitebuilder.core.passage import Subject
from sitebuilder.core.problems import Problem, problem
from sitebuilder.core.review import Change, ClaimedReview

_REVIEWED: Final[Mapping[str, Field]] = {
    "by": Field(schema.text, "who signed it", required=True),
    "role": Field(schema.text, "their role"),
    "on": Field(schema.date, "the day it was signed", required=True),
    "until": Field(schema.date, "the day the next review is due"),
}
_CHANGE: Final[Mapping[str, Field]] = {
    "on": Field(schema.date, "the day of the change", required=True),
    "what": Field(schema.text, "what changed, for readers", required=True),
}
_ABOUT: Final[Mapping[str, Field]] = {
    "kind": Field(schema.one_of("procedure", "condition"), "what it is", required=True),
    "name": Field(schema.text, "its name, as the page says it", required=True),
    "also": Field(schema.list_of(schema.text), "other names that the page says"),
    "body_part": Field(schema.text, "where in the body, as the page says it"),
}

TABLE: Final[Mapping[str, Field]] = {
    "title": Field(schema.text, "the page's heading", required=True),
    "description": Field(schema.optional_text, "one sentence for search engines and lists"),
    "date": Field(schema.date, "the day the page was written"),
    "draft": Field(schema.flag, "true: only `serve` shows the page"),
    "order": Field(schema.number, "its place among the pages of its folder, low first"),
    "url": Field(schema.text, "its address, if not the one its file name gives"),
    "aliases": Field(schema.list_of(schema.text), "old addresses that lead here"),
    "template": Field(schema.text, "the template that shows it"),
    "lang": Field(schema.language, "its language, if not the site's"),
    "review": Field(schema.one_of("clinical", "none"), "who has to sign it"),
    "owner": Field(schema.text, "who keeps the page true"),
    "reviewed": Field(
        schema.part(_REVIEWED, ClaimedReview, "reviewed"), "the last review, as it is on record"
    ),
    "changes": Field(
        schema.list_of(schema.part(_CHANGE, Change, "a change")), "what changed, latest first"
    ),
    "about": Field(
        schema.part(_ABOUT, Subject, "about"), "the procedure or condition that the page is about"
    ),
}

_FRONT_ENDS: Final = re.compile(r"^---[^\S\n]*(?:\n|\Z)", re.MULTILINE)
MOST_OF_FRONT_MATTER: Final = 64 * 1024
LONGEST_LINE: Final = 10_000
LONGEST_ROW: Final = 20_000
"""Characters. Of a table's row, since it cannot be broken."""

MOST_ALIASES: Final = 100
_LONGEST_HEADING: Final = 1000
"""Characters of a heading in which Markdown is looked for."""

_FIRST_HEADING: Final = lazy_compile(
    r"\s*(?:#[ \t]+(?P<atx>\S.*)|(?P<underlined>[^\s#>*+-].*)\n=+[ \t]*)(?:\n|\Z)"
)
_MARKUP: Final = lazy_compile(
    r"\s*\{#[^}]*\}$|!?\[(?P<link>[^\]]*)\]\([^)]*\)|(?P<sign>\*{1,3}|`+|\b__?)(?=\S)(?P<words>.+?)"
    r"(?<=\S)(?P=sign)|\\(?P<escaped>[^\w\s])"
)


def parse_page(file: File, config: Config) -> tuple[Page, list[Problem]]:
    """Read one page. `file.path` starts with `content/` and ends with `.md`."""
    text, problems = decode(file)
    text, found = _without_long_lines(text, file.path)
    problems += found
    front, front_line, body, body_line, found = _split(text, file.path)
    problems += found
    node, found = yaml.load(front, file.path, front_line)
    problems += found
    unreadable = node is None and bool(found)
    values, lines, found = schema.read(node, TABLE, file.path, "page")
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
        id=urls.page_id(address),
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
    heading = heading.rstrip()
    heading = heading.rstrip("#").rstrip() or heading  # some close it with the same signs
    if len(heading) > _LONGEST_HEADING:
        return heading
    words = _MARKUP.sub(lambda m: m["link"] or m["words"] or m["escaped"] or "", heading)
    return unescape(words).strip() or heading


def _without_long_lines(text: str, path: str) -> tuple[str, list[Problem]]:
    """The text without lines that are no prose; some would take for ever to read as Markdown."""
    if len(text) <= LONGEST_LINE:
        return text, []
    problems = []
    lines = text.split("\n")
    for at, line in enumerate(lines):
        if len(line) <= LONGEST_LINE:
            continue
        most = LONGEST_ROW if line.lstrip().startswith("|") else LONGEST_LINE
        if len(line) > most:
            message = f"line too long: it has {len(line)} characters; {most} is the most"
            hint = "Break it into several lines. A picture is a file of its own beside the page."
            problems.append(problem("too-large", path, message, hint=hint, line=at + 1))
            lines[at] = ""
    return ("\n".join(lines) if problems else text), problems


def _without_empty(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _split(text: str, path: str) -> tuple[str, int, str, int, list[Problem]]:
    """Front matter, its first line, the body, its first line, problems."""
    opening, _, rest = text.partition("\n")
    if opening.rstrip() == "---":
        end = _FRONT_ENDS.search(rest)
        if end is None:
            hint = "Put a line '---' after the last field."
            found = problem("front-matter", path, "no closing '---'", hint=hint, line=1)
            return rest, 2, "", 1, [found]
        front, body = rest[: end.start()].removesuffix("\n"), rest[end.end() :]
        body_line = rest.count("\n", 0, end.start()) + 3
        if len(front) > MOST_OF_FRONT_MATTER:
            message = f"the front matter is longer than {MOST_OF_FRONT_MATTER} characters"
            hint = "It tells of the page; its text stands below the second '---'."
            found = problem("too-large", path, message, hint=hint, line=1)
            return "", 2, body, body_line, [found]
        return front, 2, body, body_line, []
    lines = text.split("\n")
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


def _address(path: str, url: str | None, lines: Mapping[str, int]) -> tuple[str, list[Problem]]:
    """The page's address, or a stand-in that takes nobody else's."""
    if url is not None:
        why = urls.validate_page_url(url)
        if not why:
            return url, []
        hint = "Write it as /recovery/: small letters, digits and '-', with '/' at both ends."
        found = problem("address", path, f"url: {why}", hint=hint, line=lines["url"])
        return _address(path, None, lines)[0], [found]
    address, why = urls.url_for_file(path.removeprefix("content/"))
    if not why:
        return address, []
    hint = "Rename the file, or set 'url:'."
    found = problem("address", path, f"the file name gives no address: {why}", hint=hint, line=1)
    return f"/{urls.slugify(path)}/", [found]


def _aliases(
    path: str, aliases: tuple[str, ...], lines: Mapping[str, int]
) -> tuple[tuple[str, ...], list[Problem]]:
    good: list[str] = []
    problems: list[Problem] = []
    if len(aliases) > MOST_ALIASES:
        message = f"aliases: there are {len(aliases)}; {MOST_ALIASES} is the most"
        hint = "Keep those that people still use."
        return (), [problem("too-large", path, message, hint=hint, line=lines["aliases"])]
    for alias in aliases:
        why = urls.validate_page_url(alias)
        if why:
            hint = "Write the old address as /old-name/."
            problems.append(
                problem("address", path, f"alias: {why}", hint=hint, line=lines["aliases"])
            )
        else:
            good.append(alias)
    return tuple(good), problems
