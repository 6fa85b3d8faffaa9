"""The text of a decision tool that a clinician signs."""

from __future__ import annotations

from sitebuilder.clinical.decision_tools.text_rows import (
    choice_rows,
    list_rows,
    note_row,
    outcome_rows,
    question_rows,
    row,
    rule_row,
    top_rows,
)
from sitebuilder.core.decision_tool import Tool


def signed_tool_text(tool: Tool) -> str:
    """Return everything that a clinician signs of a tool, line by line.

    Tools with equal texts say and do the same. Line numbers of the file are left out. The pairs of
    content/emergency.yaml are among the rules.
    """
    rows = [
        row("Tool", tool.name),
        row("Version", tool.version),
        row("Version of the first part", tool.safety.version),
        *top_rows(tool),
    ]
    for number, question in enumerate(tool.questions, 1):
        rows += question_rows(question)
        if number == tool.safety_count:
            rows.append(row("End of the first part", ""))
    for number, rule in enumerate(tool.safety.rules, 1):
        rows.append(rule_row(f"Rule {number} of the first part", rule))
    rows += [rule_row(f"Rule {number}", rule) for number, rule in enumerate(tool.rules, 1)]
    for outcome in tool.outcomes.values():
        rows += outcome_rows(outcome)
    for choice in tool.catalog.values():
        rows += choice_rows(choice)
    rows += map(note_row, tool.notes.values())
    rows += list_rows(tool.standing_list)
    return "".join(f"{each}\n" for each in rows)
