"""Render the page for the reviewer of a tool, to open in a browser or to print and sign."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final

import msgspec

from sitebuilder.clinical.decision_tools.flowchart import render_flowchart_sheets
from sitebuilder.clinical.decision_tools.review_html import (
    bullet_list,
    escape_text,
    paragraph,
    render_head,
)
from sitebuilder.clinical.decision_tools.review_results import render_results
from sitebuilder.clinical.decision_tools.review_tables import (
    render_cases,
    render_catalog_and_notes,
    render_open_questions,
    render_questions,
    render_requirements,
    render_rules,
)
from sitebuilder.clinical.decision_tools.signed_text import signed_tool_text
from sitebuilder.clinical.reviews.records import digest_text
from sitebuilder.clinical.reviews.status import (
    CHANGED,
    NEVER_REVIEWED,
    STATUS_LABELS,
    format_date,
    sign_command,
)
from sitebuilder.clinical.reviews.text_diff import ADDED, GAP, REMOVED, UNCHANGED
from sitebuilder.core.decision_tool import Tool
from sitebuilder.core.safety_policy import SafetyPolicy

_UNSIGNED: Final = frozenset((NEVER_REVIEWED, "draft"))
_CHECKLIST: Final = (
    "Each sign has the right tier: before surgery, after surgery and after a shot. None is missing",
    "Old and long-standing trouble sounds no alarm; new trouble on top of it does",
    "The pairs K1 to K7 are right as 911",
    "It is right who gets a result of their own: children, pregnancy, surgery not long ago",
    "Each result is right for every way that leads to it, and its words are plain",
    "Each result says what to do, by when, and which signs mean 911",
    "Choices tell the good and the less good side fairly",
    "The people who are led through this tool get what they should",
    "The open questions for a surgeon are answered, or may stay open for now",
)


class ReviewContext(msgspec.Struct, frozen=True):
    """What a reviewer has to know besides the tool.

    Attributes:
        status: A key of `STATUS_LABELS`.
        changes: Rows of `text_diff.diff_lines` between the text signed last and that of today.
        verification_lines: What the verification showed; empty if it has not run.
        case_rows: The cases of this tool, from `cases.case_rows`.
        generated: The date to show on the page; None to leave it out.
    """

    policy: SafetyPolicy
    status: str
    changes: Sequence[tuple[str, str]] = ()
    verification_lines: Sequence[str] = ()
    case_rows: Sequence[Mapping[str, str]] = ()
    generated: date | None = None


def render_review_page(tool: Tool, context: ReviewContext) -> str:
    """Render an HTML page to open or print: the tool as a reviewer has to see it.

    Raises:
        KeyError: The status is unknown.
    """
    is_changed = bool(context.changes)
    rows = (
        *render_head(tool.title.text),
        _render_banner(context.status, changed=is_changed),
        *_render_summary(tool, context.status, context.generated),
        "<h2>The results, and when a reader gets there</h2>",
        *render_results(tool),
        *render_rules(tool, context.policy),
        "<h2>The drawing</h2>",
        "".join(render_flowchart_sheets(tool)),
        *render_questions(tool),
        *render_catalog_and_notes(tool),
        "<h2>What changed since the last sign-off</h2>",
        *_render_changes(context.changes, context.status),
        "<h2>What the proof showed</h2>",
        bullet_list(context.verification_lines) or paragraph("Nothing: the proof has not run."),
        *render_requirements(tool, context.policy),
        *render_cases(context.case_rows),
        *render_open_questions(tool.safety.open_questions),
        *_render_sign_off(tool, changed=is_changed),
        "</main>\n</body>\n</html>\n",
    )
    return "\n".join(filter(None, rows))


def _render_banner(status: str, *, changed: bool) -> str:
    if status in _UNSIGNED:
        words = "DRAFT. Nobody has signed this tool. Not for public use until a clinician signs it."
    elif changed or status == CHANGED:
        words = "CHANGED since the last sign-off. What is new here was signed by nobody."
    else:
        return '<p class="banner signed">Nothing changed since the last sign-off.</p>'
    return f'<p class="banner">{words}</p>'


def _render_summary(tool: Tool, status: str, generated: date | None) -> Iterator[str]:
    printed = f" Printed: {format_date(generated)}." if generated else ""
    yield paragraph(
        f"Tool {tool.name}, version {tool.version}; first part, version {tool.safety.version}."
    )
    yield paragraph(f"State: {STATUS_LABELS[status]}.{printed}")
    yield paragraph(f"What it says of itself: {tool.disclaimer.text}")
    yield paragraph(f"For search results: {tool.description}")


def _render_changes(changes: Sequence[tuple[str, str]], status: str) -> Iterator[str]:
    if not changes:
        yield paragraph("Nobody has signed yet: all is new." if status in _UNSIGNED else "Nothing.")
        return
    yield paragraph("Lines with - are gone, lines with + are new.")
    marks = {UNCHANGED: "{}", GAP: "[...]", REMOVED: "<del>- {}</del>", ADDED: "<ins>+ {}</ins>"}
    for kind, line in changes:
        yield f"<p>{marks[kind].replace('{}', escape_text(line))}</p>"


def _render_sign_off(tool: Tool, *, changed: bool) -> Iterator[str]:
    page_id = f"tools/{tool.name}"
    yield "<h2>Sign</h2>\n" + bullet_list(f"[ ] {item}" for item in _CHECKLIST)
    yield from (f'<p class="line">{name}</p>' for name in ("Name", "Role", "Date"))
    change_command = (
        f" (if only the difference was read: {sign_command(page_id, change=True)})" * changed
    )
    yield paragraph(f"To put it on record: {sign_command(page_id)}{change_command}")
    yield paragraph(f"Digest of the words that are signed: {digest_text(signed_tool_text(tool))}")
