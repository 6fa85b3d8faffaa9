"""The text of a decision tool that a clinician signs."""

from __future__ import annotations

from collections.abc import Iterator

from sitebuilder.core.decision_tool import Question, Rule, Tool


def _flat(text: str) -> str:
    return " ".join(text.split())


def tool_words(tool: Tool) -> str:
    """All that a clinician signs of a tool, line by line: equal words, equal tool.

    Where a thing stands in its file is left out. Names come before texts, so no text can pass for
    a name.
    """
    rows = [
        f"Tool: {tool.name}",
        f"Version: {tool.version}",
        f"Version of the first part: {tool.safety.version}",
        f"Title: {tool.title.text}",
        f"Description: {tool.description}",
        f"Disclaimer: {tool.disclaimer.text}",
    ]
    for at, question in enumerate(tool.questions, 1):
        rows += _of_question(at, question, first=at <= tool.first)
    rows += [f"Rule {at}: {_of_rule(tool, rule)}" for at, rule in enumerate(tool.rules, 1)]
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
    return "".join(f"{_flat(row)}\n" for row in rows)


def _of_question(at: int, question: Question, *, first: bool) -> Iterator[str]:
    kind = ", first part" * first + ", to bring" * question.to_bring
    yield f"Question {at} [{question.id}, {question.type}{kind}]: {question.text.text}"
    if question.help is not None:
        yield f"Help: {question.help.text}"
    for option in question.options:
        parts = [option.id, *["stands alone"] * option.exclusive]
        fields = ("flag", "sign", "stop", "note")
        parts += [f"{name} {getattr(option, name)}" for name in fields if getattr(option, name)]
        yield f"- [{', '.join(parts)}] {option.text.text}"


def _of_rule(tool: Tool, rule: Rule) -> str:
    named = [question for question in tool.own if question.id in rule.when]
    when = [f"{q.id} [{', '.join(rule.when[q.id])}]" for q in named]
    return f"{rule.outcome}, if {'; '.join(when) or 'nothing above fits'}"
