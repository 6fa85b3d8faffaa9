"""Build what templates/tool.html shows of a tool: values only, no markup.

The worksheet is for paper, browsers without `:has()` and pages that nobody signed. It cannot pick
an outcome, so it lists the whole tool in words: the `ladder`, of which the first line that matches
counts.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from sitebuilder.clinical.decision_tools.compile_css import (
    FLAG_CLASSES,
    exclusive_options,
    option_id,
    question_id,
)
from sitebuilder.core.decision_tool import (
    EMERGENCY_OUTCOME,
    FLAG_OUTCOMES,
    Choice,
    DecisionRule,
    Option,
    Outcome,
    Question,
    Tool,
)
from sitebuilder.core.evidence import Evidence
from sitebuilder.core.model import Link

CARD_CLASSES: Mapping[str, str] = {"emergency": "emergency", "urgent": "same-day"}
"""The class of the card of an outcome, by its level; all others are `routine`."""


class OptionView(msgspec.Struct, frozen=True):
    """An option.

    Attributes:
        flag: `emergency`, `urgent` or empty.
        classes: The classes that the rules of `compile_css` select.
    """

    id: str
    text: str
    flag: str
    classes: str


class QuestionView(msgspec.Struct, frozen=True):
    """A question.

    Attributes:
        id: Id of the question on the page, and the name of its inputs.
        number: Number of the question, from 1.
        type: Type of its inputs: `checkbox` or `radio`.
        alone: Texts of the exclusive options.
        flagged: At least one of its options has a flag.
    """

    id: str
    number: int
    type: str
    text: str
    help: str
    options: tuple[OptionView, ...]
    alone: tuple[str, ...]
    flagged: bool


class ChoiceView(msgspec.Struct, frozen=True):
    """A choice to talk about, with both sides."""

    title: str
    good: str
    less_good: str
    address: str


class OutcomeView(msgspec.Struct, frozen=True):
    """An outcome.

    Attributes:
        name: Its class.
        card: Class of its card.
        when_text: The lines of the ladder that lead to it, in words.
    """

    name: str
    level: str
    card: str
    title: str
    body: tuple[str, ...]
    links: tuple[Link, ...]
    offer: tuple[ChoiceView, ...]
    when_text: str


class NoteView(msgspec.Struct, frozen=True):
    """A point to bring up. `name` is its class."""

    name: str
    text: str


class StepView(msgspec.Struct, frozen=True):
    """A line of the ladder: a condition, and the title of the outcome that it leads to.

    Attributes:
        flag: The flag that some checked option has to have; empty if `when` is the condition.
        when: The condition in words; empty in the last line, which always matches.
    """

    flag: str
    when: str
    title: str


class SignsView(msgspec.Struct, frozen=True):
    """A group of warning signs on the 911 card."""

    title: str
    signs: tuple[str, ...]


class ToolView(msgspec.Struct, frozen=True):
    """`page.tool` in templates.

    Attributes:
        outcomes: The outcomes in the order of the ladder, the most urgent first.
        locked: No answers are taken; the page is the emergency card and a worksheet for paper.
    """

    name: str
    disclaimer: str
    questions: tuple[QuestionView, ...]
    outcomes: tuple[OutcomeView, ...]
    notes: tuple[NoteView, ...]
    ladder: tuple[StepView, ...]
    signs: tuple[SignsView, ...]
    locked: bool


def build_tool_view(
    tool: Tool, links: Mapping[str, Link], evidence: Evidence, *, locked: bool = False
) -> ToolView:
    """Build what the page of a tool shows.

    Args:
        links: Links to the pages of the site, by page id.

    Raises:
        KeyError: `links` lacks a page that the tool links to.
    """
    steps = build_ladder(tool)
    return ToolView(
        name=tool.name,
        disclaimer=tool.disclaimer.text,
        questions=tuple(_question_view(q, n) for n, q in enumerate(tool.questions, 1)),
        outcomes=tuple(
            _outcome_view(tool, tool.outcomes[name], steps, links)
            for name in dict.fromkeys(outcome for _, outcome in steps)
        ),
        notes=tuple(NoteView(f"n_{note.name}", note.text.text) for note in tool.notes.values()),
        ladder=tuple(_step_view(tool, condition, outcome) for condition, outcome in steps),
        signs=_sign_groups(evidence),
        locked=locked,
    )


# -- the ladder -----------------------------------------------------------------------------------

Condition = str | Mapping[str, tuple[str, ...]]
"""A flag that some checked option has; or, by question, options of which one is checked."""


def build_ladder(tool: Tool) -> list[tuple[Condition, str]]:
    """Return the tool as a list of conditions and outcomes.

    Once all questions are answered, the first condition that holds counts.
    """
    stops = [
        ({question.id: tuple(o.id for o in question.options if o.stop == stop)}, stop)
        for question in tool.questions
        for stop in dict.fromkeys(o.stop for o in question.options if o.stop)
    ]
    return [
        *FLAG_OUTCOMES.items(),
        *stops,
        *((rule.when, rule.outcome) for rule in _reachable_rules(tool.rules)),
    ]


def _reachable_rules(rules: tuple[DecisionRule, ...]) -> tuple[DecisionRule, ...]:
    """Return the rules up to the default, which matches everything."""
    last = next((n for n, rule in enumerate(rules) if not rule.when), len(rules))
    return rules[: last + 1]


def _step_view(tool: Tool, condition: Condition, outcome: str) -> StepView:
    title = tool.outcomes[outcome].title.text
    if isinstance(condition, str):
        return StepView(condition, "", title)
    parts = [
        _describe_condition(tool, question_id, option_ids)
        for question_id, option_ids in condition.items()
    ]
    return StepView("", " and ".join(parts), title)


def _describe_condition(tool: Tool, question_id: str, option_ids: tuple[str, ...]) -> str:
    """Describe the options of a question of which one is checked."""
    question = tool.question(question_id)
    number = tool.questions.index(question) + 1
    texts = [f"“{option.text.text}”" for option in question.options if option.id in option_ids]
    *first, last = texts
    answer = f"{', '.join(first)} or {last}" if first else last
    return f"your answer to question {number} is {answer}"


# -- parts ----------------------------------------------------------------------------------------


def _question_view(question: Question, number: int) -> QuestionView:
    return QuestionView(
        id=question_id(question),
        number=number,
        type="checkbox" if question.type == "many" else "radio",
        text=question.text.text,
        help=question.help.text if question.help else "",
        options=tuple(_option_view(question, option) for option in question.options),
        alone=tuple(option.text.text for option in exclusive_options(question)),
        flagged=any(option.flag for option in question.options),
    )


def _option_view(question: Question, option: Option) -> OptionView:
    exclusive = exclusive_options(question)
    classes = [
        FLAG_CLASSES.get(option.flag, ""),
        "st" if option.stop else "",
        f"x{exclusive.index(option)}" if option.exclusive else "",
        "n" if option.note else "",
    ]
    return OptionView(
        id=option_id(question, option),
        text=option.text.text,
        flag=option.flag,
        classes=" ".join(filter(None, classes)),
    )


def _outcome_view(
    tool: Tool,
    outcome: Outcome,
    steps: list[tuple[Condition, str]],
    links: Mapping[str, Link],
) -> OutcomeView:
    numbers = [str(n) for n, (_, led_to) in enumerate(steps, 1) if led_to == outcome.name]
    return OutcomeView(
        name=outcome.name,
        level=outcome.level,
        card=CARD_CLASSES.get(outcome.level, "routine"),
        title=outcome.title.text,
        body=tuple(line.text for line in outcome.body),
        links=tuple(links[page] for page in outcome.links),
        offer=tuple(_choice_view(tool.catalog[name], links) for name in outcome.offer),
        when_text=f"If line {' or '.join(numbers)} of the list is the first that fits.",
    )


def _choice_view(choice: Choice, links: Mapping[str, Link]) -> ChoiceView:
    return ChoiceView(
        title=choice.title.text,
        good=choice.good.text,
        less_good=choice.less_good.text,
        address=links[choice.page].address,
    )


def _sign_groups(evidence: Evidence) -> tuple[SignsView, ...]:
    """Return the groups of the 911 card, as on the help page."""
    card = evidence.lists.get(EMERGENCY_OUTCOME.lower())
    return tuple(
        SignsView(group.title, tuple(evidence.signs[name].text for name in group.signs))
        for group in (card.groups if card else ())
    )
