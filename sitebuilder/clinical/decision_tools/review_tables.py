"""The tables of the review page: rules, requirements, questions, choices, points and cases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from sitebuilder.clinical.decision_tools.answers import UnknownAnswerError, resolve_answer
from sitebuilder.clinical.decision_tools.conditions import (
    TIER_WORDS,
    ConditionWriter,
    describe_timing,
    join_words,
    numbered_rules,
)
from sitebuilder.clinical.decision_tools.review_html import (
    Cell,
    bullet_list,
    escape_text,
    paragraph,
    table,
)
from sitebuilder.core.decision_tool import Condition, Group, Option, Question, Tool
from sitebuilder.core.safety_policy import Requirement, SafetyPolicy

_CLOCK_WORDS: Final = {"hours": "wait hours for a call back", "tomorrow": "seen by tomorrow"}
_RIDE_WORDS: Final = {"ok": "somebody may drive", "never": "nobody may drive"}


def render_rules(tool: Tool, policy: SafetyPolicy) -> Iterator[str]:
    """Yield the rules, the first that fits first, each pair with what it may be."""
    writer = ConditionWriter(tool.questions)
    reasons = {pair.name.upper(): pair.why for pair in policy.pairs}
    yield "<h2>The rules, in order</h2>"
    yield paragraph(
        "The first rule that fits gives the result. K1 to K7 are pairs of milder signs."
    )
    rows: list[tuple[Cell, ...]] = []
    for number, rule in numbered_rules(tool):
        when = writer.clauses(rule.when) or ["all the rest"]
        when += [f"it may be: {reasons[number]}"] if number in reasons else []
        outcome = tool.outcomes[rule.outcome]
        result = f"{outcome.title.text} ({rule.outcome}, {TIER_WORDS[outcome.tier]})"
        rows.append((f"{number} (line {rule.line})", describe_timing(tool, rule), when, result))
    yield table(("Rule", "Counts", "When all of this fits", "Result"), rows)


def render_requirements(tool: Tool, policy: SafetyPolicy) -> Iterator[str]:
    """Yield what content/emergency.yaml requires of every state of this tool."""
    writer = ConditionWriter(tool.questions)
    rows = []
    for requirement in policy.requirements:
        condition = _condition(tool.questions, requirement)
        if condition is not None and tool.name in (requirement.tools or (tool.name,)):
            when = writer.clauses(condition) or ["whatever is ticked"]
            rows.append((requirement.name, when, _demand(requirement), requirement.why))
    if rows:
        yield table(("Name", "When all of this fits", "What may show", "Why"), rows)


def _condition(questions: Sequence[Question], requirement: Requirement) -> Condition | None:
    """Return when a requirement holds; None if the tool does not ask what it is about."""
    groups = [_known_answers(questions, written) for written in requirement.when]
    if not all(groups):
        return None
    return Condition(tuple(groups), _known_answers(questions, requirement.unless))


def _known_answers(questions: Sequence[Question], written: Iterable[str]) -> Group:
    found: Group = ()
    for each in written:
        try:
            found += resolve_answer(questions, each)
        except UnknownAnswerError:
            continue
    return tuple(dict.fromkeys(found))


def _demand(requirement: Requirement) -> str:
    allowed = [*requirement.only]
    if requirement.at_least:
        allowed.append(f"a result as urgent as “{TIER_WORDS[requirement.at_least]}” or more")
    parts = [f"only {join_words(allowed)}"] if allowed else []
    never = ["a result of the tool's own" if n == "own" else n for n in requirement.never]
    parts += [f"never {join_words(never)}"] if never else []
    scope = "of the tool's own results " * requirement.own
    return scope + ", ".join(parts)


def render_questions(tool: Tool) -> Iterator[str]:
    """Yield each question with its answers, and what each of them does."""
    writer = ConditionWriter(tool.questions)
    yield "<h2>Questions and answers</h2>"
    yield paragraph(
        "An answer of the tier 911, today or 2 or 3 days counts wherever it is ticked. Any other "
        "counts only while it and its question are in view."
    )
    for number, question in enumerate(tool.questions, 1):
        yield f"<h3>{escape_text(f'{number}. {question.text.text}')}</h3>"
        yield paragraph(question.help.text) if question.help else ""
        kind = "One answer" if question.type == "one" else "All that fit"
        kind += "; for the doctor, it changes no result" * question.to_bring
        asked = (f"; asked only with {c}" for c in writer.clauses(question.show_if))
        yield paragraph(f"{kind}{''.join(asked)}.")
        rows = [
            (f"{question.id}.{option.id}", option.text.text, "; ".join(_effects(writer, option)))
            for option in question.options
        ]
        yield table(("Answer", "Its words", "What it does"), rows)


def _effects(writer: ConditionWriter, option: Option) -> Iterator[str]:
    yield f"tier: {writer.tiers(option)}" if option.tiers else "goes on"
    if option.clock:
        yield _CLOCK_WORDS[option.clock]
    if option.ride:
        yield _RIDE_WORDS[option.ride]
    if option.exclusive:
        yield "stands alone"
    if option.notes:
        yield f"adds the point {join_words(option.notes, 'and')}"
    yield from (f"in view only with {clause}" for clause in writer.clauses(option.show_if))


def render_catalog_and_notes(tool: Tool) -> Iterator[str]:
    """Yield the choices, the points to bring up and the list for the visit."""
    if tool.catalog:
        header = ("Choice", "Good side", "Less good side", "Kind, page", "Rests on")
        sides = [
            (c.title.text, c.good.text, c.less_good.text, f"{c.kind}, {c.page}", ", ".join(c.facts))
            for c in tool.catalog.values()
        ]
        yield f"<h2>Choices to talk about</h2>\n{table(header, sides)}"
    if tool.notes:
        notes = [(n.name, n.text.text, ", ".join(n.facts)) for n in tool.notes.values()]
        yield f"<h2>Points to bring up</h2>\n{table(('Point', 'Text', 'Rests on'), notes)}"
    if tool.standing_list:
        closing = tool.standing_list.closing
        yield f"<h2>{escape_text(tool.standing_list.title.text)}</h2>"
        yield bullet_list(item.text for item in tool.standing_list.items)
        yield paragraph(closing.text) if closing else ""


def render_cases(rows: Sequence[Mapping[str, str]]) -> Iterator[str]:
    """Yield the people of content/cases.yaml that are led through this tool on each build.

    Args:
        rows: From `cases.case_rows`.
    """
    yield f"<h2>People who are led through this tool ({len(rows)})</h2>"
    cells = [
        (
            row["Case"],
            [row["Person"], row["Answers"]],
            [
                row["Result"],
                *(f"{name.lower()}: {row[name]}" for name in ("Or", "Never") if row[name]),
            ],
            [row["Why"], row["Sources"]],
        )
        for row in rows
    ]
    if cells:
        yield table(("Case", "Person and answers", "What must come out", "Why"), cells)
    else:
        yield paragraph("None yet. A clinician can add them to content/cases.yaml.")


def render_open_questions(questions: Sequence[str]) -> Iterator[str]:
    """Yield what no source settles, with room for an answer."""
    yield "<h2>For a surgeon to decide</h2>"
    if questions:
        yield paragraph("All of these are open. Each tool does for now what the tables above say.")
        yield table(
            ("Open question", "Yes, as it is", "No: what instead?"),
            [(f"{number}. {question}", "[ ]", "") for number, question in enumerate(questions, 1)],
        )
    else:
        yield paragraph("Nothing is open.")
