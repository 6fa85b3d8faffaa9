"""Read and write review records: reviews/PAGE.yaml and reviews/PAGE.txt.

The YAML file holds who signed and when. The text file beside it holds, line by line, what was
signed, so that a later reader can be shown the difference. The digest in the record ties the two
together.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from sitebuilder.clinical.reviews.reviewers import is_reviewer_id, parse_name_or_role
from sitebuilder.content import schema, yaml
from sitebuilder.content.schema import FieldError, FieldSpec
from sitebuilder.content.yaml import MappingNode, Node, SequenceNode
from sitebuilder.core.model import File
from sitebuilder.core.problems import Problem, problem
from sitebuilder.core.review import MAX_REVIEW_DAYS, Review, SignOff

REVIEWS_DIR: Final = "reviews"
FULL_SIGN_OFF: Final = "full"
CHANGE_SIGN_OFF: Final = "change"

_PAGE_ID: Final = re.compile(r"[a-z0-9]+(-+[a-z0-9]+)*(/[a-z0-9]+(-+[a-z0-9]+)*)*")


def is_page_id(text: str) -> bool:
    """Whether a page with this id can have a record. Such an id cannot lead out of the folder."""
    return bool(_PAGE_ID.fullmatch(text))


def review_path(page_id: str) -> str:
    """Path of the record of a page: `reviews/tools/next-step.yaml`."""
    return f"{REVIEWS_DIR}/{page_id}.yaml"


def review_text_path(page_id: str) -> str:
    """Path of the text that was signed last: `reviews/tools/next-step.txt`."""
    return f"{REVIEWS_DIR}/{page_id}.txt"


# -- text -----------------------------------------------------------------------------------------


def normalize_lines(text: str) -> list[str]:
    """Split a text into the lines that count: white space collapsed, empty lines dropped."""
    rows = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return [row for row in (" ".join(row.split()) for row in rows) if row]


def normalize_text(text: str) -> str:
    """Return the text as it is stored and hashed: its normalized lines, each with a line end."""
    return "".join(f"{line}\n" for line in normalize_lines(text))


def digest_text(text: str) -> str:
    """SHA-256, in hex, of the normalized text. Differences of white space do not count.

    For the text of a record it equals what `sha256sum reviews/PAGE.txt` prints.
    """
    return hashlib.sha256(normalize_text(text).encode()).hexdigest()


# -- parsing --------------------------------------------------------------------------------------


def _parse_reviewer_id(node: Node) -> str:
    value = schema.text(node)
    if not is_reviewer_id(value):
        raise FieldError(
            node, f"'{value}' is not the id of a reviewer", "See content/reviewers.yaml."
        )
    return value


def _parse_digest(node: Node) -> str:
    value = schema.text(node)
    if not re.fullmatch(r"[0-9a-f]{64}", value):
        raise FieldError(node, "this is not a digest of a text", "Sign the page again.")
    return value


RECORD_FIELDS: Final[Mapping[str, FieldSpec]] = {
    "page": FieldSpec(schema.text, "the id of the page", required=True),
    "signed": FieldSpec(schema.raw, "the list of sign-offs, oldest first", required=True),
}

SIGN_OFF_FIELDS: Final[Mapping[str, FieldSpec]] = {
    "by": FieldSpec(_parse_reviewer_id, "the reviewer's id", required=True),
    "name": FieldSpec(parse_name_or_role, "the reviewer's name on that day", required=True),
    "role": FieldSpec(parse_name_or_role, "the reviewer's role on that day", required=True),
    "on": FieldSpec(schema.date, "the day of the sign-off", required=True),
    "until": FieldSpec(schema.date, "the last day that it holds", required=True),
    "kind": FieldSpec(
        schema.one_of(FULL_SIGN_OFF, CHANGE_SIGN_OFF), "full or change", required=True
    ),
    "text": FieldSpec(_parse_digest, "the digest of the text", required=True),
}

_RESTORE_HINT: Final = "Records are written by 'build.py review'. Bring back the committed file: "


def parse_review(file: File, text_file: File | None) -> tuple[Review | None, list[Problem]]:
    """Parse reviews/PAGE.yaml and check it against the text that was signed.

    Args:
        file: The record.
        text_file: reviews/PAGE.txt with its bytes in `data`, or None if it is missing.

    Returns:
        The record and no problems; or None and the problems, as an invalid record is not used.
    """
    page_id = file.path.removeprefix(f"{REVIEWS_DIR}/").removesuffix(".yaml")
    node, problems = yaml.load_yaml_file(file)
    if node is None and problems:
        return None, problems
    values, lines, errors = schema.parse_fields(node, RECORD_FIELDS, file.path, "record")
    problems += map(_as_record_problem, errors)
    if "page" in values and (values["page"] != page_id or not is_page_id(page_id)):
        message = f"this record is of the page '{values['page']}', not of '{page_id}'"
        problems.append(_record_problem(file.path, message, lines["page"]))
    sign_offs: tuple[SignOff, ...] = ()
    if "signed" in values:
        sign_offs, errors = _parse_sign_offs(values["signed"], file.path)
        problems += errors
    if not problems:
        problems += [
            *_check_order(sign_offs, file.path),
            *_check_text(sign_offs[-1], file, text_file),
        ]
    if problems or text_file is None:
        return None, problems
    return Review(page_id, file.path, sign_offs, normalize_text(text_file.data.decode())), []


def _parse_sign_offs(node: Any, path: str) -> tuple[tuple[SignOff, ...], list[Problem]]:
    if not isinstance(node, SequenceNode) or not node.values:
        return (), [_record_problem(path, "'signed' is not a list of sign-offs", node.line)]
    sign_offs: list[SignOff] = []
    problems: list[Problem] = []
    for entry in node.values:
        if not isinstance(entry, MappingNode):
            problems.append(_record_problem(path, "a sign-off is not made of fields", entry.line))
            continue
        values, _, errors = schema.parse_fields(entry, SIGN_OFF_FIELDS, path, "sign-off")
        problems += map(_as_record_problem, errors)
        if not errors:
            sign_offs.append(SignOff(**values, line=entry.line))
    return tuple(sign_offs), problems


def _check_order(signed: tuple[SignOff, ...], path: str) -> list[Problem]:
    """Report impossible days and kinds of sign-offs that are each well formed."""
    problems = []
    if signed[0].kind != FULL_SIGN_OFF:
        message = "the first sign-off is of a change, so nobody has signed the whole page"
        problems.append(_record_problem(path, message, signed[0].line))
    for index, entry in enumerate(signed):
        if entry.until <= entry.on:
            message = f"signed on {entry.on} until {entry.until}, which is not later"
            problems.append(_record_problem(path, message, entry.line))
        elif (entry.until - entry.on).days > MAX_REVIEW_DAYS:
            message = f"signed on {entry.on} until {entry.until}, which is too long"
            problems.append(_record_problem(path, message, entry.line))
        if index and entry.on < signed[index - 1].on:
            message = f"signed on {entry.on}, before the entry above it ({signed[index - 1].on})"
            problems.append(_record_problem(path, message, entry.line))
    return problems


def _check_text(last: SignOff, file: File, text_file: File | None) -> list[Problem]:
    path = file.path.removesuffix(".yaml") + ".txt"
    if text_file is None:
        return [_record_problem(file.path, f"the signed text, {path}, is missing", last.line, path)]
    try:
        same = digest_text(text_file.data.decode()) == last.text
    except UnicodeDecodeError:
        same = False
    if same:
        return []
    message = f"this is not the text that {last.name} signed: it was changed by hand"
    return [
        _record_problem(text_file.path, message, 0),
        _record_problem(file.path, f"the digest is not that of {path}", last.line, path),
    ]


def _record_problem(path: str, message: str, line: int, restore_path: str = "") -> Problem:
    hint = f"{_RESTORE_HINT}git restore {restore_path or path}"
    return problem("review-record", path, message, hint=hint, line=line)


def _as_record_problem(error: Problem) -> Problem:
    """Turn the problem of a field into a `review-record` problem, whose severity is fixed."""
    template = problem("review-record", error.path, "")
    return msgspec.structs.replace(error, rule=template.rule, severity=template.severity)


# -- writing --------------------------------------------------------------------------------------


def dump_review(review: Review) -> str:
    """Format the record as YAML that `parse_review` reads back. Equal records give equal bytes."""
    rows = [
        "# Written by 'build.py review'. Do not edit it: the build compares it with the text.",
        f"page: {_quote(review.page)}",
        "signed:",
    ]
    for entry in review.sign_offs:
        rows += [
            f"  - by: {_quote(entry.by)}",
            f"    name: {_quote(entry.name)}",
            f"    role: {_quote(entry.role)}",
            f"    on: {entry.on.isoformat()}",
            f"    until: {entry.until.isoformat()}",
            f"    kind: {entry.kind}",
            f"    text: {_quote(entry.text)}",
        ]
    return "\n".join(rows) + "\n"


def _quote(text: str) -> str:
    """Return a double-quoted YAML scalar, with unprintable characters as escapes."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\U{ord(c):08X}" for c in escaped) + '"'
