"""Build what templates/tool.html shows of a tool: values only, no markup.

The worksheet is for paper, browsers without `:has()` and pages that nobody signed. It cannot pick
an outcome, so it lists the whole tool in words: the `ladder`, of which the first line that fits
counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from sitebuilder.clinical.decision_tools.compile_css import (
    PENDING_TIERS,
    exclusive_options,
    line_classes,
    option_id,
    question_id,
)
from sitebuilder.clinical.decision_tools.paper import PaperWords, mark_tier
from sitebuilder.core.decision_tool import (
    BodyLine,
    Choice,
    DecisionRule,
    Option,
    Outcome,
    Question,
    StandingList,
    Tool,
)
from sitebuilder.core.evidence import SETTINGS, TIERS, Evidence, SignList
from sitebuilder.core.model import Link

CARD_CLASSES: Final[Mapping[str, str]] = {
    "911": "emergency",
    "today": "same-day",
    "days": "same-day days",
}
"""The classes of the card of an outcome, by its tier; all others are `routine`."""

CRISIS_LINE: Final = "988"
"""Number of the crisis line. An outcome whose title names it offers it before all else."""

PENDING_TEXTS: Final[Mapping[str, str]] = {
    "today": "So far: call today. Please answer the rest.",
    "days": "So far: see a doctor in 2 or 3 days. Please answer the rest.",
}
"""What a reader is told by tier while the first part of a tool is not answered."""


class OptionView(msgspec.Struct, frozen=True):
    """An option.

    Attributes:
        classes: The classes that the rules of `compile_css` select.
        mark: How soon to act on it, on paper; empty if it is no sign.
        asked: When it may be ticked, on paper; empty if always.
    """

    id: str
    text: str
    classes: str
    mark: str
    asked: str


class QuestionView(msgspec.Struct, frozen=True):
    """A question.

    Attributes:
        id: Id of the question on the page, and the name of its inputs.
        number: Number of the question, from 1.
        type: Type of its inputs: `checkbox` or `radio`.
        asked: When it is to be answered, on paper; empty if always.
        none: Id of the option "None of these" that a label above the list ticks too; or empty.
        alone: Texts of the exclusive options.
        waits: The form does not go on while answers contradict each other.
    """

    id: str
    number: int
    type: str
    text: str
    help: str
    asked: str
    options: tuple[OptionView, ...]
    none: str
    alone: tuple[str, ...]
    waits: bool


class ChoiceView(msgspec.Struct, frozen=True):
    """A choice to talk about, with both sides."""

    title: str
    good: str
    less_good: str
    address: str


class LineView(msgspec.Struct, frozen=True):
    """A line of an outcome.

    Attributes:
        css_class: Class by which rules hide it; empty if it is always shown.
        paper: What stands before it on paper.
    """

    text: str
    css_class: str = ""
    paper: str = ""


class OutcomeView(msgspec.Struct, frozen=True):
    """An outcome.

    Attributes:
        name: Its class.
        card: Classes of its card.
        urgent: Its tier is the most urgent one.
        crisis: The crisis line comes before the emergency number.
        when_text: The lines of the ladder that lead to it, in words.
    """

    name: str
    card: str
    urgent: bool
    crisis: bool
    title: str
    body: tuple[LineView, ...]
    links: tuple[Link, ...]
    offer: tuple[ChoiceView, ...]
    when_text: str


class NoteView(msgspec.Struct, frozen=True):
    """A point to bring up. `name` is its class."""

    name: str
    text: str


class PendingView(msgspec.Struct, frozen=True):
    """What a reader is told before the first part is answered. `name` is its class."""

    name: str
    card: str
    text: str


class ListView(msgspec.Struct, frozen=True):
    """Questions to take to the visit, with a line below."""

    title: str
    items: tuple[str, ...]
    closing: str


class StepView(msgspec.Struct, frozen=True):
    """A line of the ladder: a condition in words, and the title of its outcome.

    Attributes:
        when: Empty in the last line, which always fits.
    """

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
    pending: tuple[PendingView, ...]
    choices: tuple[ChoiceView, ...]
    notes: tuple[NoteView, ...]
    standing_list: ListView | None
    ladder: tuple[StepView, ...]
    signs: tuple[SignsView, ...]
    crisis_line: str
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
    words = PaperWords(tool)
    ladder = build_ladder(tool)
    tiers = {tool.outcomes[rule.outcome].tier for rule in tool.safety.rules if rule.after}
    return ToolView(
        name=tool.name,
        disclaimer=tool.disclaimer.text,
        questions=tuple(
            _question_view(tool, question, n, words) for n, question in enumerate(tool.questions, 1)
        ),
        outcomes=tuple(
            _outcome_view(tool, tool.outcomes[name], words, links)
            for name in dict.fromkeys(rule.outcome for rule in ladder)
        ),
        pending=tuple(
            PendingView(f"pd-{tier}", CARD_CLASSES[tier], PENDING_TEXTS[tier])
            for tier in PENDING_TIERS
            if tier in tiers
        ),
        choices=tuple(_choice_view(choice, links) for choice in tool.catalog.values()),
        notes=tuple(NoteView(f"n_{note.name}", note.text.text) for note in tool.notes.values()),
        standing_list=_list_view(tool.standing_list) if tool.standing_list else None,
        ladder=tuple(
            StepView(words.condition(rule.when), tool.outcomes[rule.outcome].title.text)
            for rule in ladder
        ),
        signs=_sign_groups(evidence),
        crisis_line=CRISIS_LINE,
        locked=locked,
    )


def build_ladder(tool: Tool) -> Sequence[DecisionRule]:
    """Return all rules of a tool, up to the one that always fits.

    Once all questions are answered, the first that fits counts.
    """
    rules = (*tool.safety.rules, *tool.rules)
    last = next((n for n, rule in enumerate(rules) if rule.when.is_always), len(rules))
    return rules[: last + 1]


def emergency_lists(evidence: Evidence) -> list[SignList]:
    """Return the lists of signs for everybody for which to call at once."""
    return [
        sign_list
        for sign_list in evidence.lists.values()
        if (sign_list.setting, sign_list.tier) == (SETTINGS[0], TIERS[0])
    ]


# -- parts ----------------------------------------------------------------------------------------


def _question_view(tool: Tool, question: Question, number: int, words: PaperWords) -> QuestionView:
    exclusive = exclusive_options(question)
    none = [option_id(question, o) for o in exclusive if o.id == "none" and not o.is_sign]
    return QuestionView(
        id=question_id(question),
        number=number,
        type="checkbox" if question.type == "many" else "radio",
        text=question.text.text,
        help=question.help.text if question.help else "",
        asked=words.when_asked(question),
        options=tuple(_option_view(question, option, words) for option in question.options),
        none=none[0] if none and question.is_sign_list else "",
        alone=tuple(option.text.text for option in exclusive),
        waits=question in tool.own_questions,
    )


def _option_view(question: Question, option: Option, words: PaperWords) -> OptionView:
    exclusive = exclusive_options(question)
    classes = [
        "sg" if option.is_sign else "",
        f"x{exclusive.index(option)}" if option.exclusive else "",
    ]
    return OptionView(
        id=option_id(question, option),
        text=option.text.text,
        classes=" ".join(filter(None, classes)),
        mark=mark_tier(option),
        asked=words.when_ticked(option),
    )


def _outcome_view(
    tool: Tool, outcome: Outcome, words: PaperWords, links: Mapping[str, Link]
) -> OutcomeView:
    numbers = [
        str(n) for n, rule in enumerate(build_ladder(tool), 1) if rule.outcome == outcome.name
    ]
    classes = line_classes(tool)
    return OutcomeView(
        name=outcome.name,
        card=CARD_CLASSES.get(outcome.tier, "routine"),
        urgent=outcome.tier == TIERS[0],
        crisis=CRISIS_LINE in outcome.title.text,
        title=outcome.title.text,
        body=tuple(
            _line_view(line, classes.get(line.shown_if, ""), words) for line in outcome.body
        ),
        links=tuple(links[page] for page in outcome.links),
        offer=tuple(_choice_view(tool.catalog[name], links) for name in outcome.offer),
        when_text=f"If line {_spans(numbers)} of the list is the first that fits.",
    )


def _line_view(line: BodyLine, css_class: str, words: PaperWords) -> LineView:
    if line.shown_if.is_always:
        return LineView(line.text.text)
    paper = line.paper.text if line.paper else f"If {words.condition(line.shown_if)}:"
    return LineView(line.text.text, css_class, paper)


def _choice_view(choice: Choice, links: Mapping[str, Link]) -> ChoiceView:
    return ChoiceView(
        title=choice.title.text,
        good=choice.good.text,
        less_good=choice.less_good.text,
        address=links[choice.page].address,
    )


def _list_view(standing_list: StandingList) -> ListView:
    return ListView(
        standing_list.title.text,
        tuple(item.text for item in standing_list.items),
        standing_list.closing.text if standing_list.closing else "",
    )


def _spans(numbers: Sequence[str]) -> str:
    *first, last = numbers
    return f"{', '.join(first)} or {last}" if first else last


def _sign_groups(evidence: Evidence) -> tuple[SignsView, ...]:
    """Return the groups of the 911 card, as on the help page."""
    return tuple(
        SignsView(
            group.title,
            tuple(evidence.signs[name].text for name in group.signs if name in evidence.signs),
        )
        for sign_list in emergency_lists(evidence)
        for group in sign_list.groups
    )
