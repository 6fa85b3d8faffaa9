"""Format the review sheet of a page: plain text, for a reviewer to print."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Final

from sitebuilder.clinical.reviews.records import CHANGE_SIGN_OFF, normalize_lines
from sitebuilder.clinical.reviews.status import STATUS_LABELS, format_date, sign_command
from sitebuilder.clinical.reviews.text_diff import ADDED, GAP, REMOVED, UNCHANGED, diff_lines
from sitebuilder.content.decode import FORBIDDEN_CHARACTERS
from sitebuilder.core.evidence import Fact, Source
from sitebuilder.core.review import Review, SignOff

WIDTH: Final = 78

_GRADE_LABELS: Final = {
    "trial-or-review": "a trial, or a review of studies",
    "study": "a study that is no trial",
    "leaflet": "a leaflet for patients",
    "clinic-page": "a clinic's web page",
}

_READ_LABELS: Final = {
    "full": "read in full",
    "abstract": "only its abstract was read",
    "part": "read in part",
    "second-hand": "not read itself: known from another text",
}

_SIGNING_STATEMENT: Final = """\
By signing you say: I read this text, and on that day I held it to be right, fair and fit for
patients. Pages show your name, your role, the day, and until when the review holds.

It covers the words of this sheet, and the pictures that the text names by digest. It does not
cover how the page looks, the menus and other words around it, or what other sites say behind its
links. It is no advice to any one patient. It holds until its last day, and for this text only.

The program does not know who you are. Your account at the place where the project's history is
kept is what shows that it was you.
""".split("\n\n")

_CHECKLIST: Final = (
    "Facts and figures are right, and their sources say so",
    "Risks, benefits and other choices (also no operation) are told fairly",
    "Warning signs are right, complete, and say whom to call",
    "Words are plain, and nobody can misread them in a way that does harm",
)


def format_review_sheet(  # noqa: PLR0913 - all that a reviewer has to see
    page_title: str,
    page_id: str,
    address: str,
    *,
    status: str,
    review: Review | None,
    text: str,
    facts: Sequence[tuple[Fact, tuple[Source, ...]]],
    today: date,
    cases: Sequence[Mapping[str, str]] = (),
) -> str:
    """Format the review sheet, wrapped to `WIDTH` characters except for the commands to sign.

    Args:
        status: A key of `STATUS_LABELS`.
        text: The text of the page as a reader sees it.
        facts: What the page uses of content/facts.yaml, each with its sources.
        cases: The cases of a decision tool, each by the names of its fields.

    Raises:
        KeyError: The status, or the `grade` or `read` of a fact or source, is unknown.
    """
    changes = diff_lines(review.text, text) if review is not None else ()
    rows: list[str] = [
        *_wrap(f"REVIEW SHEET: {page_title}"),
        "=" * WIDTH,
        *_wrap(f"Page:     {page_id}", "", " " * 10),
        *_wrap(f"Address:  {address}", "", " " * 10),
        f"State:    {STATUS_LABELS[status]}",
        f"Printed:  {format_date(today)}",
        *_history(review),
        *_heading("What signing means"),
        *(row for part in _SIGNING_STATEMENT for row in (*_wrap(part), "")),
    ]
    if review is not None:
        rows += [
            *_heading(f"What changed since {format_date(review.last.on)}"),
            *_change_lines(changes),
        ]
    rows += [*_heading("The text, as a reader sees it"), *_text_lines(text)]
    rows += [*_heading(f"Facts on this page ({len(facts)})"), *_fact_lines(facts)]
    if cases:
        heading = f"People that the tool is tried with ({len(cases)}). Signing does not cover them"
        rows += [*_heading(heading), *_case_lines(cases)]
    rows += [*_heading("Tick what you found"), *(f"[ ]  {item}" for item in _CHECKLIST)]
    rows += [*_heading("Sign"), *_signature_block(page_id, change=bool(changes))]
    return "\n".join(row.rstrip() for row in rows) + "\n"


def _heading(words: str) -> list[str]:
    return ["", words.upper(), "-" * WIDTH]


def _wrap(text: str, initial_indent: str = "", subsequent_indent: str = "") -> list[str]:
    """Wrap a paragraph. Characters that hide or reorder text are shown by their numbers."""
    shown = FORBIDDEN_CHARACTERS.sub(lambda match: f"U+{ord(match.group()):04X}", text)
    return textwrap.wrap(
        shown,
        WIDTH,
        initial_indent=initial_indent,
        subsequent_indent=subsequent_indent,
        break_on_hyphens=False,  # keeps addresses in one piece if they fit
    )


def _history(review: Review | None) -> list[str]:
    if review is None:
        return ["Signed:   by nobody yet"]
    rows: list[str] = []
    for entry in reversed(review.sign_offs):
        rows += _wrap(_format_sign_off(entry), "Signed:   " if not rows else " " * 10, " " * 12)
    return rows


def _format_sign_off(entry: SignOff) -> str:
    what = "a change" if entry.kind == CHANGE_SIGN_OFF else "the whole page"
    until = "" if entry.kind == CHANGE_SIGN_OFF else f", until {format_date(entry.until)}"
    return f"{format_date(entry.on)}: {what}, by {entry.name}, {entry.role}{until}"


def _text_lines(text: str) -> Iterator[str]:
    for line in normalize_lines(text):
        yield from _wrap(line, "  ", "  ")
        yield ""


def _change_lines(changes: Sequence[tuple[str, str]]) -> Iterator[str]:
    if not changes:
        yield "Nothing: this is the text that was signed last."
        return
    yield "Lines with - are gone, lines with + are new."
    yield ""
    for kind, line in changes:
        mark = {UNCHANGED: "  ", REMOVED: "- ", ADDED: "+ ", GAP: "  "}[kind]
        yield from _wrap(line or "[...]", mark, mark)


def _fact_lines(facts: Sequence[tuple[Fact, tuple[Source, ...]]]) -> Iterator[str]:
    if not facts:
        yield "The page takes nothing from facts.yaml."
    for number, (fact, sources) in enumerate(facts, 1):
        yield from _wrap(fact.text_for("fact"), f"{number:>2}. ", "    ")
        where = ", ".join(part for part in (fact.where, str(fact.year or "")) if part)
        fields = (
            ("Name", fact.name),
            ("Figure", fact.figure),
            ("Who", fact.who),
            ("Where, when", where),
            ("Strength", _GRADE_LABELS[fact.grade]),
            ("Not covered", fact.not_covered),
            *(("Source", _format_source(source)) for source in sources),
        )
        yield from _fields(fields)


def _case_lines(cases: Iterable[Mapping[str, str]]) -> Iterator[str]:
    for number, case in enumerate(cases, 1):
        (_, name), (_, person), *fields = case.items()
        yield from _wrap(f"{name}: {person}", f"{number:>2}. ", "    ")
        yield from _fields(fields)


def _fields(fields: Iterable[tuple[str, str]]) -> Iterator[str]:
    for name, value in fields:
        if value:
            yield from _wrap(f"{name + ':':<13}{value}", "    ", " " * 17)
    yield "    [ ] right   [ ] wrong: " + "_" * 45
    yield ""


def _format_source(source: Source) -> str:
    year = f" ({source.year})" if source.year else ""
    names = f"{source.authors}. " if source.authors else ""
    details = f", {source.details}" if source.details else ""
    where = f" {source.href}" if source.href else ""
    read = _READ_LABELS[source.read]
    return f"{names}{source.title}. {source.source}{details}{year}.{where} [{read}]"


def _signature_block(page_id: str, *, change: bool) -> list[str]:
    rows = ["[ ]  I have read the whole page"]
    if change:
        rows.append("[ ]  I have read the difference")
    for name in ("Name", "Role", "Date"):
        rows += ["", f"{name:<6}" + "_" * 60]
    rows.append("")
    rows += ["To put it on record:", f"    {sign_command(page_id)}"]
    if change:
        rows += [
            "or, if only the difference was read:",
            f"    {sign_command(page_id, change=True)}",
        ]
    return rows
