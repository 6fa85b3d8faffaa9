"""The results of a tool on its review page: when a reader gets there, and what each says."""

from __future__ import annotations

from collections.abc import Iterator

from sitebuilder.clinical.decision_tools.conditions import (
    TIER_WORDS,
    ConditionWriter,
    describe_timing,
    numbered_rules,
)
from sitebuilder.clinical.decision_tools.review_html import bullet_list, escape_text, paragraph
from sitebuilder.core.decision_tool import BodyLine, Outcome, Tool


def render_results(tool: Tool) -> Iterator[str]:
    """Yield each result with its tier, its lines, and the rules that lead to it."""
    writer = ConditionWriter(tool.questions)
    for outcome in tool.outcomes.values():
        facts = f"{outcome.name}, tier: {TIER_WORDS[outcome.tier]}"
        rows = [
            f'<section class="result tier-{outcome.tier}">',
            f"<h3>{escape_text(outcome.title.text)}</h3>",
            paragraph(f"{facts} ({outcome.path}, line {outcome.line})"),
            bullet_list(_line_text(writer, line) for line in outcome.body),
            *_below(tool, outcome),
            '<div class="when">\n<p><b>You get here when</b></p>',
            "\n<p><b>or when</b></p>\n".join(_render_ways(tool, writer, outcome))
            or paragraph("Never: no rule leads here."),
            "</div>\n</section>",
        ]
        yield "\n".join(rows)


def _line_text(writer: ConditionWriter, line: BodyLine) -> str:
    shown = [*writer.clauses(line.shown_if)]
    condition = f"[only with {'; and '.join(shown)}] " if shown else ""
    on_paper = f" [on paper it begins: {line.paper.text}]" if line.paper else ""
    return f"{condition}{line.text.text}{on_paper}"


def _below(tool: Tool, outcome: Outcome) -> Iterator[str]:
    """Yield what stands below the lines of a result."""
    if outcome.with_notes or outcome.name in tool.own_outcomes:
        extras = ["the points from what is ticked"] * bool(tool.notes)
        extras += ["the list for the visit"] * (tool.standing_list is not None)
        yield paragraph(f"Below it: {' and '.join(extras) or 'nothing'}")
    if outcome.offer:
        yield paragraph(f"Choices: {', '.join(outcome.offer)}")
    yield paragraph(f"Links: {', '.join(outcome.links) or 'none'}")


def _render_ways(tool: Tool, writer: ConditionWriter, outcome: Outcome) -> Iterator[str]:
    others: list[str] = []  # rules above that lead elsewhere
    for number, rule in numbered_rules(tool):
        if rule.outcome != outcome.name:
            others.append(number)
            continue
        clauses = writer.clauses(rule.when) or ["any answers"]
        if others:
            span = others[0] if len(others) == 1 else f"{others[0]} to {others[-1]}"
            clauses.append(f"no rule above it fits: {span}")
        lead = f"Rule {number}, {describe_timing(tool, rule)}:"
        yield f"{paragraph(lead)}\n{bullet_list(clauses)}"
