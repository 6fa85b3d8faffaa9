"""Everything that a tool says and asks, row by row: for signatures and for snapshots.

A row is a label, a colon and a text. Labels hold names alone, and no row begins with a text, so
that no text can pass for a name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sitebuilder.core.decision_tool import (
    Choice,
    Condition,
    DecisionRule,
    Literal,
    Note,
    Option,
    Outcome,
    Question,
    StandingList,
    Tool,
)


def collapse_whitespace(text: str) -> str:
    """Replace each run of white space by one space, and strip the ends."""
    return " ".join(text.split())


def row(label: str, text: str, *details: str) -> str:
    """Return a row; empty details are left out."""
    shown = "; ".join(filter(None, details))
    return collapse_whitespace(f"{label}{f' [{shown}]' if shown else ''}: {text}")


def detail(name: str, values: str | Iterable[str]) -> str:
    """Return a detail of a label: its name and one value or several; empty if there is none."""
    joined = values if isinstance(values, str) else ", ".join(values)
    return f"{name} {joined}" if joined else ""


def top_rows(tool: Tool) -> Iterator[str]:
    """Yield the texts above the questions."""
    yield row("Title", tool.title.text)
    yield row("Description", tool.description)
    yield row("Disclaimer", tool.disclaimer.text)


def question_rows(question: Question) -> Iterator[str]:
    """Yield a question and its options."""
    bring = "to bring" * question.to_bring
    view = format_condition(question.show_if)
    name = question.id
    yield row(f"Question {name}", question.text.text, question.type, bring, view)
    if question.help is not None:
        yield row(f"Help {name}", question.help.text)
    for option in question.options:
        yield row(f"Answer {name}.{option.id}", option.text.text, *_option_details(option))


def _option_details(option: Option) -> Iterator[str]:
    yield detail("sign", option.sign)
    for setting, tier in option.tiers.items():
        yield f"tier {tier}" + (f" with {setting}" if setting else "")
    yield detail("clock", option.clock)
    yield detail("ride", option.ride)
    yield "stands alone" * option.exclusive
    yield detail("note", option.notes)
    yield format_condition(option.show_if)


def rule_row(place: str, rule: DecisionRule) -> str:
    """Return a rule. Its number in the specification is free text, so it comes last."""
    after = f"after {rule.after}" if rule.after else ""
    label = f"{place} leads to {rule.outcome}"
    return row(label, rule.name, after, format_condition(rule.when) or "always")


def outcome_rows(outcome: Outcome) -> Iterator[str]:
    """Yield an outcome, with its lines and their conditions."""
    name = outcome.name
    notes = "with notes" * outcome.with_notes
    yield row(f"Result {name}", outcome.title.text, outcome.tier, notes)
    for line in outcome.body:
        yield row(f"{name} says", line.text.text, format_condition(line.shown_if))
        if line.paper is not None:
            yield row(f"{name} on paper, before that", line.paper.text)
    if outcome.offer:
        yield row(f"{name} offers", ", ".join(outcome.offer))
    yield row(f"{name} links to", ", ".join(outcome.links) or "none")


def note_row(note: Note) -> str:
    """Return a note."""
    return row(f"Note {note.name}", note.text.text, detail("rests on", note.facts))


def choice_rows(choice: Choice) -> Iterator[str]:
    """Yield a choice and both its sides."""
    name = f"Choice {choice.name}"
    rests_on = detail("rests on", choice.facts)
    yield row(name, choice.title.text, choice.kind, f"page {choice.page}", rests_on)
    yield row(f"{name}, good", choice.good.text)
    yield row(f"{name}, less good", choice.less_good.text)


def list_rows(standing: StandingList | None) -> Iterator[str]:
    """Yield the questions for the visit."""
    if standing is None:
        return
    yield row("List for the visit", standing.title.text)
    for item in standing.items:
        yield row("List item", item.text)
    if standing.closing is not None:
        yield row("Below the list", standing.closing.text)


# -- conditions -----------------------------------------------------------------------------------


def format_condition(condition: Condition) -> str:
    """Return a condition; empty if it always holds."""
    groups = [" or ".join(map(_format_literal, group)) for group in condition.all_of]
    required = detail("if", " and ".join(f"({group})" for group in groups))
    excluded = detail("unless", " or ".join(map(_format_literal, condition.none_of)))
    return " ".join(filter(None, (required, excluded)))


def _format_literal(literal: Literal) -> str:
    name = f"{literal.question}.{literal.option}"
    settings = f" with {'/'.join(literal.settings)}" if literal.settings else ""
    without = f" without {'/'.join(literal.without)}" if literal.without else ""
    return name + settings + without
