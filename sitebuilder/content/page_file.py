"""Parse Markdown files with front matter into `Page` values.

A file with errors still gives a page, with defaults for what is invalid, so that later stages can
find the rest of its errors. Nothing is published then anyway.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Any, Final

from sitebuilder.content import schema, yaml
from sitebuilder.content.comments import remove_comments
from sitebuilder.content.decode import decode_text
from sitebuilder.content.schema import FieldSpec
from sitebuilder.core import urls
from sitebuilder.core.config import Config
from sitebuilder.core.lazy_regex import lazy_compile
from sitebuilder.core.model import File, Page
from sitebuilder.core.passage import Subject
from sitebuilder.core.problems import Problem, problem
from sitebuilder.core.review import Change, ClaimedReview

_REVIEWED_FIELDS: Final[Mapping[str, FieldSpec]] = {
    "by": FieldSpec(schema.text, "who signed it", required=True),
    "role": FieldSpec(schema.text, "their role"),
    "on": FieldSpec(schema.date, "the day it was signed", required=True),
    "until": FieldSpec(schema.date, "the day the next review is due"),
}
_CHANGE_FIELDS: Final[Mapping[str, FieldSpec]] = {
    "on": FieldSpec(schema.date, "the day of the change", required=True),
    "what": FieldSpec(schema.text, "what changed, for readers", required=True),
}
_ABOUT_FIELDS: Final[Mapping[str, FieldSpec]] = {
    "kind": FieldSpec(schema.one_of("procedure", "condition"), "what it is", required=True),
    "name": FieldSpec(schema.text, "its name, as the page says it", required=True),
    "also": FieldSpec(schema.list_of(schema.text), "other names that the page says"),
    "body_part": FieldSpec(schema.text, "where in the body, as the page says it"),
}

FRONT_MATTER_FIELDS: Final[Mapping[str, FieldSpec]] = {
    "title": FieldSpec(schema.text, "the page's heading", required=True),
    "description": FieldSpec(schema.optional_text, "one sentence for search engines and lists"),
    "date": FieldSpec(schema.date, "the day the page was written"),
    "draft": FieldSpec(schema.boolean, "true: only `serve` shows the page"),
    "order": FieldSpec(schema.integer, "its place among the pages of its folder, low first"),
    "url": FieldSpec(schema.text, "its address, if not the one its file name gives"),
    "aliases": FieldSpec(schema.list_of(schema.text), "old addresses that lead here"),
    "template": FieldSpec(schema.text, "the template that shows it"),
    "lang": FieldSpec(schema.language_tag, "its language, if not the site's"),
    "review": FieldSpec(schema.one_of("clinical", "none"), "who has to sign it"),
    "owner": FieldSpec(schema.text, "who keeps the page true"),
    "reviewed": FieldSpec(
        schema.nested(_REVIEWED_FIELDS, ClaimedReview, "reviewed"),
        "the last review, as it is on record",
    ),
    "changes": FieldSpec(
        schema.list_of(schema.nested(_CHANGE_FIELDS, Change, "a change")),
        "what changed, latest first",
    ),
    "about": FieldSpec(
        schema.nested(_ABOUT_FIELDS, Subject, "about"),
        "the procedure or condition that the page is about",
    ),
}

_MAY_BE_MARKUP: Final = lazy_compile(r"[*_`\[<&{]")
_MARKUP_IN_PLAIN_TEXT: Final = lazy_compile(
    r"(?<!\w)(?P<marker>\*{1,3}|_{1,3}|`+)(?=[^\s*_`])[^*_`]*(?<=\S)(?P=marker)(?!\w)"
    r"|!?\[[^\[\]]+\]\([^()]*\)|\{#[\w-]+\}|</?(?:b|i|em|strong|br|u|su[bp]|span|p|div|small|code)\b[^<>]*>|(?P<entity>&#?\w+;)"
)
_TAG: Final = lazy_compile(r"</?[a-zA-Z][^<>]*>")
_FRONT_MATTER_END: Final = re.compile(r"^---[^\S\n]*(?:\n|\Z)", re.MULTILINE)

MAX_FRONT_MATTER_LENGTH: Final = 64 * 1024
"""Characters."""

MAX_LINE_LENGTH: Final = 10_000
"""Characters."""

MAX_TABLE_ROW_LENGTH: Final = 20_000
"""Characters; more than for other lines, as a table row cannot be wrapped."""

MAX_ALIASES: Final = 100

_MAX_HEADING_LENGTH: Final = 1000
"""Characters of a heading that markup is removed from."""

_FIRST_HEADING: Final = lazy_compile(
    r"\s*(?:#[ \t]+(?P<atx>\S.*)|(?P<underlined>[^\s#>*+-].*)\n=+[ \t]*)(?:\n|\Z)"
)
_INLINE_MARKUP: Final = lazy_compile(
    r"\s*\{#[^}]*\}$|!?\[(?P<link>[^\]]*)\]\([^)]*\)|(?P<marker>\*{1,3}|`+|\b__?)(?=\S)(?P<words>.+?)"
    r"(?<=\S)(?P=marker)|\\(?P<escaped>[^\w\s])"
)


def parse_page(file: File, config: Config) -> tuple[Page, list[Problem]]:
    """Parse a Markdown file of content/.

    The title is that of the front matter, else a level 1 heading that the body starts with (which
    is then removed from the body), else the file name.
    """
    text, problems = decode_text(file)
    text, errors = _remove_long_lines(text, file.path)
    problems += errors
    front, front_line, body, body_line, errors = _split_front_matter(text, file.path)
    problems += errors
    node, errors = yaml.parse_yaml(front, file.path, front_line)
    problems += errors
    unreadable = node is None and bool(errors)
    values, lines, errors = schema.parse_fields(node, FRONT_MATTER_FIELDS, file.path, "page")
    if "title" not in lines:
        heading = _FIRST_HEADING.match(body)
        if heading:  # as in other generators, the title is the first heading
            values["title"] = _strip_heading_markup(heading["atx"] or heading["underlined"])
            body_line += heading.group().count("\n")
            body = body[heading.end() :]
    has_title = "title" in values or unreadable or (not text and problems)
    problems += [p for p in errors if not (has_title and p.rule == "missing-field")]
    body, errors = remove_comments(body, file.path, body_line)
    problems += errors
    problems += _check_plain_texts(values, lines, file.path)
    address, errors = _page_address(file.path, values.pop("url", None), lines)
    problems += errors
    aliases, errors = _check_aliases(file.path, values.pop("aliases", ()), lines)
    problems += errors
    values.setdefault("title", file.path.rpartition("/")[2].removesuffix(".md"))
    values.setdefault("review", config.review)
    if "description" in lines:
        values.setdefault("description", "?")  # invalid, so not to be reported as missing
    page = Page(
        id=urls.page_id(address),
        path=file.path,
        address=address,
        body=body,
        body_line=body_line,
        aliases=aliases,
        lines=lines,
        **_drop_none_values(values),
    )
    return page, problems


def _check_plain_texts(
    values: Mapping[str, Any], lines: Mapping[str, int], path: str
) -> Iterator[Problem]:
    """Report Markdown and HTML in a title or description: both are plain text everywhere."""
    for name in ("title", "description"):
        value = values.get(name) if name in lines else None
        match = (
            _MARKUP_IN_PLAIN_TEXT.search(value) if value and _MAY_BE_MARKUP.search(value) else None
        )
        if match and (match["entity"] is None or unescape(match[0]) != match[0]):
            message = f"{name}: readers would see '{match[0]}' as typed"
            plain = _strip_heading_markup(unescape(_TAG.sub("", value or ""))).strip()
            hint = f"Write plain text: {plain}" if plain else "Write plain text."
            yield problem("meaning", path, message, hint=hint, line=lines[name])


def _strip_heading_markup(heading: str) -> str:
    """Return the plain text of a heading, as titles hold no Markdown."""
    heading = heading.rstrip()
    heading = heading.rstrip("#").rstrip() or heading  # an optional closing sequence
    if len(heading) > _MAX_HEADING_LENGTH:
        return heading
    words = _INLINE_MARKUP.sub(lambda m: m["link"] or m["words"] or m["escaped"] or "", heading)
    return unescape(words).strip() or heading


def _remove_long_lines(text: str, path: str) -> tuple[str, list[Problem]]:
    """Blank lines that are too long for prose; some would take the Markdown parser forever."""
    if len(text) <= MAX_LINE_LENGTH:
        return text, []
    problems = []
    lines = text.split("\n")
    for index, line in enumerate(lines):
        if len(line) <= MAX_LINE_LENGTH:
            continue
        limit = MAX_TABLE_ROW_LENGTH if line.lstrip().startswith("|") else MAX_LINE_LENGTH
        if len(line) > limit:
            message = f"line too long: it has {len(line)} characters; {limit} is the most"
            hint = "Break it into several lines. A picture is a file of its own beside the page."
            problems.append(problem("too-large", path, message, hint=hint, line=index + 1))
            lines[index] = ""
    return ("\n".join(lines) if problems else text), problems


def _drop_none_values(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _split_front_matter(text: str, path: str) -> tuple[str, int, str, int, list[Problem]]:
    """Split a file into front matter and body.

    Returns:
        The front matter, its first line, the body, its first line, and the problems.
    """
    opening, _, rest = text.partition("\n")
    if opening.rstrip() == "---":
        end = _FRONT_MATTER_END.search(rest)
        if end is None:
            hint = "Put a line '---' after the last field."
            error = problem("front-matter", path, "no closing '---'", hint=hint, line=1)
            return rest, 2, "", 1, [error]
        front, body = rest[: end.start()].removesuffix("\n"), rest[end.end() :]
        body_line = rest.count("\n", 0, end.start()) + 3
        if len(front) > MAX_FRONT_MATTER_LENGTH:
            message = f"the front matter is longer than {MAX_FRONT_MATTER_LENGTH} characters"
            hint = "It describes the page; its text goes below the second '---'."
            error = problem("too-large", path, message, hint=hint, line=1)
            return "", 2, body, body_line, [error]
        return front, 2, body, body_line, []
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        if line.rstrip() == "---":
            hint = "Delete the empty lines above it."
            message = "'---' must be the first line of the file"
            error = problem("front-matter", path, message, hint=hint, line=number)
            skipped = number - 1
            front, front_line, body, body_line, more = _split_front_matter(
                "\n".join(lines[skipped:]), path
            )
            return front, front_line + skipped, body, body_line + skipped, [error, *more]
        if line.strip():
            break
    return "", 1, text, 1, []


def _page_address(
    path: str, url: str | None, lines: Mapping[str, int]
) -> tuple[str, list[Problem]]:
    """Return the address of the page (a made-up one if it has no valid one) and the problems."""
    if url is not None:
        reason = urls.page_url_error(url)
        if not reason:
            return url, []
        hint = "Write it as /recovery/: small letters, digits and '-', with '/' at both ends."
        error = problem("address", path, f"url: {reason}", hint=hint, line=lines["url"])
        return _page_address(path, None, lines)[0], [error]
    address, reason = urls.url_for_file(path.removeprefix("content/"))
    if not reason:
        return address, []
    hint = "Rename the file, or set 'url:'."
    error = problem("address", path, f"the file name gives no address: {reason}", hint=hint, line=1)
    return f"/{urls.slugify(path)}/", [error]


def _check_aliases(
    path: str, aliases: tuple[str, ...], lines: Mapping[str, int]
) -> tuple[tuple[str, ...], list[Problem]]:
    valid: list[str] = []
    problems: list[Problem] = []
    if len(aliases) > MAX_ALIASES:
        message = f"aliases: there are {len(aliases)}; {MAX_ALIASES} is the most"
        hint = "Keep those that people still use."
        return (), [problem("too-large", path, message, hint=hint, line=lines["aliases"])]
    for alias in aliases:
        reason = urls.alias_error(alias)
        if reason:
            hint = "Write the old address as /old-name/ or /old.html."
            problems.append(
                problem("address", path, f"alias: {reason}", hint=hint, line=lines["aliases"])
            )
        else:
            valid.append(alias)
    return tuple(valid), problems
