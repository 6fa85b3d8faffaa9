"""The text of a decision tool that a clinician signs."""

from __future__ import annotations

from collections.abc import Iterator

from sitebuilder.core.decision_tool import DecisionRule, Question, Tool


def collapse_whitespace(text: str) -> str:
    """Replace each run of white space by one space, and strip the ends."""
    return " ".join(text.split())


def signed_tool_text(tool: Tool) -> str:
    """Return everything that a clinician signs of a tool, line by line.

    Tools with equal texts behave the same. Line numbers of the file are left out. Names come before
    texts, so that no text can pass for a name.
    """
    rows = [
        f"Tool: {tool.name}",
        f"Version: {tool.version}",
        f"Version of the first part: {tool.safety.version}",
        f"Title: {tool.title.text}",
        f"Description: {tool.description}",
        f"Disclaimer: {tool.disclaimer.text}",
    ]
    for number, question in enumerate(tool.questions, 1):
        rows += _format_question(number, question, first=number <= tool.safety_count)
    rows += [
        f"Rule {number}: {_format_rule(tool, rule)}" for number, rule in enumerate(tool.rules, 1)
    ]
    for outcome in tool.outcomes.values():
        rows.append(f"Result {outcome.name} [{outcome.level}]: {outcome.title.text}")
        rows += [f"- {line.text}" for line in outcome.body]
        rows += [f"Offers: {', '.join(outcome.offer)}"] * bool(outcome.offer)
        rows.append(f"Links: {', '.join(outcome.links) or 'none'}")
    for choice in tool.catalog.values():
        rows.append(
            f"Choice {choice.name} [{choice.kind}, page {choice.page}]: {choice.title.text}"
        )
        rows += [f"Good: {choice.good.text}", f"Less good: {choice.less_good.text}"]
        rows.append(f"Rests on: {', '.join(choice.facts) or 'no fact'}")
    for note in tool.notes.values():
        rows.append(f"Note {note.name}: {note.text.text}")
        rows.append(f"Rests on: {', '.join(note.facts) or 'no fact'}")
    return "".join(f"{collapse_whitespace(row)}\n" for row in rows)


def _format_question(number: int, question: Question, *, first: bool) -> Iterator[str]:
    kind = ", first part" * first + ", to bring" * question.to_bring
    yield f"Question {number} [{question.id}, {question.type}{kind}]: {question.text.text}"
    if question.help is not None:
        yield f"Help: {question.help.text}"
    for option in question.options:
        parts = [option.id, *["stands alone"] * option.exclusive]
        fields = ("flag", "sign", "stop", "note")
        parts += [f"{name} {getattr(option, name)}" for name in fields if getattr(option, name)]
        yield f"- [{', '.join(parts)}] {option.text.text}"


def _format_rule(tool: Tool, rule: DecisionRule) -> str:
    asked = [question for question in tool.own_questions if question.id in rule.when]
    when = [f"{q.id} [{', '.join(rule.when[q.id])}]" for q in asked]
    return f"{rule.outcome}, if {'; '.join(when) or 'nothing above fits'}"
