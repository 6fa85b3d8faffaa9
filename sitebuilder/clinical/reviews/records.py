"""reviews/PAGE.yaml and reviews/PAGE.txt in, a `Review` out; and back to YAML.

A record holds who signed and when. The text file beside it holds, line by line, what was signed, so
that a later reader can be shown the difference. The digest in the record ties the two together.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from sitebuilder.clinical.reviews.reviewers import is_id, person
from sitebuilder.content import schema, yaml
from sitebuilder.content.decode import decode
from sitebuilder.content.schema import Field, Wrong
from sitebuilder.content.yaml import Fields, Items, Node
from sitebuilder.core.model import File
from sitebuilder.core.problems import Problem, problem
from sitebuilder.core.review import Review, SignOff

FOLDER: Final = "reviews"
FULL: Final = "full"
CHANGE: Final = "change"

_PAGE_ID: Final = re.compile(r"[a-z0-9]+(-+[a-z0-9]+)*(/[a-z0-9]+(-+[a-z0-9]+)*)*")


def is_page_id(text: str) -> bool:
    """Whether a record of this page can be kept. Such an id cannot lead out of the folder."""
    return bool(_PAGE_ID.fullmatch(text))


def path_of(page_id: str) -> str:
    """Where the record of a page is kept: `reviews/tools/next-step.yaml`."""
    return f"{FOLDER}/{page_id}.yaml"


def text_path_of(page_id: str) -> str:
    """Where the text last signed is kept: `reviews/tools/next-step.txt`."""
    return f"{FOLDER}/{page_id}.txt"


# -- text -----------------------------------------------------------------------------------------


def lines_of(text: str) -> list[str]:
    """The lines that count: white space collapsed, empty ones dropped."""
    rows = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return [row for row in (" ".join(row.split()) for row in rows) if row]


def normalised(text: str) -> str:
    """The text as it is kept and hashed: the lines that count, each with a line end."""
    return "".join(f"{line}\n" for line in lines_of(text))


def digest_of(text: str) -> str:
    """The name of a text: SHA-256, in hex, of its lines. Layout of white space does not count.

    Of a text that `sign` put on record it is what `sha256sum reviews/PAGE.txt` says.
    """
    return hashlib.sha256(normalised(text).encode()).hexdigest()


# -- reading --------------------------------------------------------------------------------------


def _reviewer_id(node: Node) -> str:
    value = schema.text(node)
    if not is_id(value):
        raise Wrong(node, f"'{value}' is not the id of a reviewer", "See content/reviewers.yaml.")
    return value


def _digest(node: Node) -> str:
    value = schema.text(node)
    if not re.fullmatch(r"[0-9a-f]{64}", value):
        raise Wrong(node, "this is not a digest of a text", "Sign the page again.")
    return value


TABLE: Final[Mapping[str, Field]] = {
    "page": Field(schema.text, "the id of the page", required=True),
    "signed": Field(schema.as_it_is, "the list of sign-offs, oldest first", required=True),
}

SIGN_OFF: Final[Mapping[str, Field]] = {
    "by": Field(_reviewer_id, "the reviewer's id", required=True),
    "name": Field(person, "the reviewer's name on that day", required=True),
    "role": Field(person, "the reviewer's role on that day", required=True),
    "on": Field(schema.date, "the day of the sign-off", required=True),
    "until": Field(schema.date, "the last day that it holds", required=True),
    "kind": Field(schema.one_of(FULL, CHANGE), "full or change", required=True),
    "text": Field(_digest, "the digest of the text", required=True),
}

_RESTORE: Final = "Records are written by 'build.py review'. Bring back the committed file: "


def parse_review(file: File, text: File | None) -> tuple[Review | None, list[Problem]]:
    """What reviews/PAGE.yaml says, and all that is wrong with it. `text` is reviews/PAGE.txt.

    None, if there is any problem: a record that cannot be true counts for nothing. `text` has to
    come with its bytes in `data`.
    """
    page_id = file.path.removeprefix(f"{FOLDER}/").removesuffix(".yaml")
    source, problems = decode(file)
    node, found = yaml.load(source, file.path)
    problems += found
    if node is None and problems:
        return None, problems
    values, lines, found = schema.read(node, TABLE, file.path, "record")
    problems += map(_of_record, found)
    if "page" in values and (values["page"] != page_id or not is_page_id(page_id)):
        message = f"this record is of the page '{values['page']}', not of '{page_id}'"
        problems.append(_wrong(file.path, message, lines["page"]))
    signed: tuple[SignOff, ...] = ()
    if "signed" in values:
        signed, found = _sign_offs(values["signed"], file.path)
        problems += found
    if not problems:
        problems += [*_order_problems(signed, file.path), *_text_problems(signed[-1], file, text)]
    if problems or text is None:
        return None, problems
    return Review(page_id, file.path, signed, normalised(text.data.decode())), []


def _sign_offs(node: Any, path: str) -> tuple[tuple[SignOff, ...], list[Problem]]:
    if not isinstance(node, Items) or not node.values:
        return (), [_wrong(path, "'signed' is not a list of sign-offs", node.line)]
    signed: list[SignOff] = []
    problems: list[Problem] = []
    for entry in node.values:
        if not isinstance(entry, Fields):
            problems.append(_wrong(path, "a sign-off is not made of fields", entry.line))
            continue
        values, _, found = schema.read(entry, SIGN_OFF, path, "sign-off")
        problems += map(_of_record, found)
        if not found:
            signed.append(SignOff(**values, line=entry.line))
    return tuple(signed), problems


def _order_problems(signed: tuple[SignOff, ...], path: str) -> list[Problem]:
    """What cannot be true of the days and kinds of sign-offs that are each well formed."""
    problems = []
    if signed[0].kind != FULL:
        message = "the first sign-off is of a change, so nobody has signed the whole page"
        problems.append(_wrong(path, message, signed[0].line))
    for at, entry in enumerate(signed):
        if entry.until <= entry.on:
            message = f"signed on {entry.on} until {entry.until}, which is not later"
            problems.append(_wrong(path, message, entry.line))
        if at and entry.on < signed[at - 1].on:
            message = f"signed on {entry.on}, before the entry above it ({signed[at - 1].on})"
            problems.append(_wrong(path, message, entry.line))
    return problems


def _text_problems(last: SignOff, file: File, text: File | None) -> list[Problem]:
    path = file.path.removesuffix(".yaml") + ".txt"
    if text is None:
        return [_wrong(file.path, f"the signed text, {path}, is missing", last.line, path)]
    try:
        same = digest_of(text.data.decode()) == last.text
    except UnicodeDecodeError:
        same = False
    if same:
        return []
    message = f"this is not the text that {last.name} signed: it was changed by hand"
    return [
        _wrong(text.path, message, 0),
        _wrong(file.path, f"the digest is not that of {path}", last.line, path),
    ]


def _wrong(path: str, message: str, line: int, restore: str = "") -> Problem:
    hint = f"{_RESTORE}git restore {restore or path}"
    return problem("review-record", path, message, hint=hint, line=line)


def _of_record(found: Problem) -> Problem:
    """A mistake in a field, under the rule that config has no say over."""
    as_ours = problem("review-record", found.path, "")
    return msgspec.structs.replace(found, rule=as_ours.rule, severity=as_ours.severity)


# -- writing --------------------------------------------------------------------------------------


def as_yaml(review: Review) -> str:
    """The record as YAML that `parse_review` reads back. Equal records give equal bytes."""
    rows = [
        "# Written by 'build.py review'. Do not edit it: the build compares it with the text.",
        f"page: {_quoted(review.page)}",
        "signed:",
    ]
    for entry in review.signed:
        rows += [
            f"  - by: {_quoted(entry.by)}",
            f"    name: {_quoted(entry.name)}",
            f"    role: {_quoted(entry.role)}",
            f"    on: {entry.on.isoformat()}",
            f"    until: {entry.until.isoformat()}",
            f"    kind: {entry.kind}",
            f"    text: {_quoted(entry.text)}",
        ]
    return "\n".join(rows) + "\n"


def _quoted(text: str) -> str:
    """A double-quoted YAML scalar. What cannot be seen is written as its number."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\U{ord(c):08X}" for c in escaped) + '"'
