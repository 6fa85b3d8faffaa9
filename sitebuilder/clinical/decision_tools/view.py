"""A tool in, what templates/tool.html shows of it out: values only, no markup.

The worksheet (a browser without `:has()`, paper, a page that nobody signed) cannot pick a result,
so it holds the table in words: `ladder`, of which the first line that fits counts.
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
"""The class of a card by the level of its result; all others are `routine`."""


class OptionView(msgspec.Struct, frozen=True):
    """One answer. `flag`: emergency, urgent or nothing. `classes` is what the rules look for."""

    id: str
    text: str
    flag: str
    classes: str


class QuestionView(msgspec.Struct, frozen=True):
    """One question, `number` from 1. `type` is that of its inputs; they are named as its `id`.

    `alone` are the answers that exclude others; `flagged`: some answer of it is a warning sign.
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
    """One choice to talk about, with both sides."""

    title: str
    good: str
    less_good: str
    address: str


class OutcomeView(msgspec.Struct, frozen=True):
    """A result. `name` is its class, `card` how it looks; `when_text` names lines of the ladder."""

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
    """One line of the ladder. `flag` if it asks for a marked answer, else `when` in words.

    `when` is empty in the last line, which fits all that is left.
    """

    flag: str
    when: str
    title: str


class SignsView(msgspec.Struct, frozen=True):
    """Warning signs that stand together on the card of when to call."""

    title: str
    signs: tuple[str, ...]


class ToolView(msgspec.Struct, frozen=True):
    """`page.tool` in a template. `outcomes` are in the order of the ladder, the gravest first.

    `locked`: no answers are taken; the page is the emergency card and a worksheet for paper.
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
    """What the page of a tool shows. `links`: each page of the site by its id."""
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
"""A flag that some answer has; or, by question, answers of which one is ticked."""


def build_ladder(tool: Tool) -> list[tuple[Condition, str]]:
    """The table as a list of which the first line that fits counts, when all is answered."""
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
    """The rules up to the one for all the rest: nothing gets past that."""
    last = next((n for n, rule in enumerate(rules) if not rule.when), len(rules))
    return rules[: last + 1]


def _step_view(tool: Tool, condition: Condition, outcome: str) -> StepView:
    title = tool.outcomes[outcome].title.text
    if isinstance(condition, str):
        return StepView(condition, "", title)
    parts = [_describe_condition(tool, asked, names) for asked, names in condition.items()]
    return StepView("", " and ".join(parts), title)


def _describe_condition(tool: Tool, asked: str, names: tuple[str, ...]) -> str:
    """In words: the answers of a question of which one is ticked."""
    question = tool.question(asked)
    number = tool.questions.index(question) + 1
    texts = [f"“{option.text.text}”" for option in question.options if option.id in names]
    *first, last = texts
    said = f"{', '.join(first)} or {last}" if first else last
    return f"your answer to question {number} is {said}"


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
    single = exclusive_options(question)
    classes = [
        FLAG_CLASSES.get(option.flag, ""),
        "st" if option.stop else "",
        f"x{single.index(option)}" if option.exclusive else "",
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
    """The card of when to call, as the help page has it."""
    card = evidence.lists.get(EMERGENCY_OUTCOME.lower())
    return tuple(
        SignsView(group.title, tuple(evidence.signs[name].text for name in group.signs))
        for group in (card.groups if card else ())
    )
