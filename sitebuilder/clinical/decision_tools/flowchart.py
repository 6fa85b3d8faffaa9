"""Draw a decision tool as a flowchart in SVG."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from textwrap import wrap
from typing import Final

from sitebuilder.clinical.decision_tools.conditions import (
    Clause,
    describe_clause,
    pass_clause,
    quote_options,
)
from sitebuilder.clinical.decision_tools.signed_text import collapse_whitespace
from sitebuilder.core.decision_tool import FLAG_OUTCOMES, Option, Outcome, Question, Tool

_WIDTH: Final = 860
# x and width of the columns
_MAIN_COLUMN: Final = (8, 480)
_SIDE_COLUMN: Final = (540, 312)
_LINE_HEIGHT: Final = 17
_PADDING: Final = 6
_ARROW_LENGTH: Final = 22

_LEVEL_COLORS: Final = {
    "emergency": ("#fde7e7", "#8a1010"),
    "urgent": ("#fff0dc", "#7a4300"),
    "clinician": ("#e6f0fb", "#0b4a86"),
    "discuss": ("#e8f5e9", "#1d5b2a"),
    "info": ("#f1f1f1", "#4a4a4a"),
}
"""Fill and stroke of an outcome, by its level. The text on all of them is nearly black."""

_INK: Final = "#161616"

StyledText = tuple[str, bool]
"""Text, and whether it is bold."""


# -- text -----------------------------------------------------------------------------------------


def escape_text(text: str) -> str:
    """Escape text for HTML and SVG.

    White space is collapsed, and characters that cannot be printed become `U+` and their number.
    """
    return escape(
        "".join(c if c.isprintable() else f"U+{ord(c):04X}" for c in collapse_whitespace(text))
    )


# -- drawing --------------------------------------------------------------------------------------


def render_flowchart(tool: Tool, part: str = "whole") -> str:
    """Return an SVG of the tool: questions from the top, outcomes at the side, rules as a ladder.

    Args:
        part: `whole`, `questions` or `rules`. The last two each fit on a sheet of paper.
    """
    elements, y = list[str](), 8
    if part != "rules":
        y = _draw_questions(elements, y, tool, last=part == "questions")
    if part != "questions":
        y = _draw_rules(elements, y, tool)
    svg_tag = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {y + 8}" role="img"'
    font = 'font-family="Arial, Helvetica, sans-serif" font-size="13"'
    marker = 'viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"'
    lines = (
        f'{svg_tag} aria-labelledby="flow-{part}" {font} fill="{_INK}">',
        f'<title id="flow-{part}">The flow of “{escape_text(tool.title.text)}”: {part}</title>',
        f'<marker id="tip-{part}" {marker}><path d="M0 0 8 4 0 8z"/></marker>',
        f'<rect width="{_WIDTH}" height="{y + 8}" fill="#ffffff"/>',
        *(element.replace("url(#tip)", f"url(#tip-{part})") for element in elements),
        "</svg>",
    )
    return "\n".join(lines) + "\n"


def _draw_questions(elements: list[str], y: int, tool: Tool, *, last: bool) -> int:
    for number, question in enumerate(tool.questions, 1):
        text: list[StyledText] = [(f"{number}. {question.text.text}", True)]
        exits = [([(words, False)], tool.outcomes[name]) for words, name in _find_exits(question)]
        if not exits:
            text.append((" · ".join(o.text.text for o in question.options), False))
        if question.to_bring:
            text.append(("For the doctor: it changes no result.", False))
        next_label = describe_clause(question, pass_clause(question)) if exits else ""
        y = _draw_stage(elements, y, text, exits, next_label)
    closing = ("All answered: the first rule that fits counts", True)
    return _draw_stage(elements, y, [closing], [], None if last else "")


def _draw_rules(elements: list[str], y: int, tool: Tool) -> int:
    for number, rule in enumerate(tool.rules, 1):
        conditions = [
            (f"Question {n} is {describe_clause(q, Clause(q.id, (rule.when[q.id],)))}", False)
            for n, q in enumerate(tool.questions, 1)
            if q.id in rule.when
        ]
        text = [(f"Rule {number}", True), *(conditions or [("All the rest", False)])]
        next_label = "else" if number < len(tool.rules) else None
        y = _draw_stage(elements, y, [], [(text, tool.outcomes[rule.outcome])], next_label)
    return y


def _find_exits(question: Question) -> list[tuple[str, str]]:
    """Return the options that end the tool, in words, with the outcome that they lead to."""
    by_outcome: dict[str, list[Option]] = {}
    for option in question.options:
        if option.flag or option.stop:
            by_outcome.setdefault(FLAG_OUTCOMES.get(option.flag, option.stop), []).append(option)
    exits = []
    for name, options in by_outcome.items():
        signs = [o for o in options if not o.exclusive]
        is_long = len(signs) > 2  # noqa: PLR2004 - two can be named
        named = [o.id for o in options if o.exclusive or not is_long]
        noun = "signs" if options[0].flag else "answers"
        words = [f"any of {len(signs)} {noun}"] * is_long
        words += [quote_options(question, named)] * bool(named)
        exits.append((" or ".join(words), name))
    return exits


def _draw_stage(
    elements: list[str],
    y: int,
    text: Sequence[StyledText],
    exits: Sequence[tuple[Sequence[StyledText], Outcome]],
    next_label: str | None,
) -> int:
    """Draw a box with its exits, and an arrow to the next stage unless `next_label` is None.

    Returns:
        The y coordinate where the stage ends.
    """
    left, width = _MAIN_COLUMN
    top, lines = y + _PADDING, _wrap_text(text, width)
    frame_index = len(elements)
    elements += _text_svg(left, top, lines)
    top += len(lines) * _LINE_HEIGHT
    for words, outcome in exits:
        exit_lines = _wrap_text(words, width)
        outcome_lines = _wrap_text(
            [(outcome.title.text, True), (outcome.name, False)], _SIDE_COLUMN[1]
        )
        height = max(len(exit_lines), len(outcome_lines)) * _LINE_HEIGHT + 6
        elements += _text_svg(
            left, top + (height - len(exit_lines) * _LINE_HEIGHT) // 2, exit_lines
        )
        elements.append(
            _rect_svg(_SIDE_COLUMN[0], top, _SIDE_COLUMN[1], height, *_LEVEL_COLORS[outcome.level])
        )
        elements += _text_svg(
            _SIDE_COLUMN[0], top + (height - len(outcome_lines) * _LINE_HEIGHT) // 2, outcome_lines
        )
        elements.append(
            _arrow_svg(left + width, top + height // 2, _SIDE_COLUMN[0], top + height // 2)
        )
        top += height + 4
    end = top + _PADDING - 4 * bool(exits)
    elements.insert(frame_index, _rect_svg(left, y, width, end - y, "#ffffff", _INK))
    if next_label is None:
        return end
    elements.append(_arrow_svg(left + 40, end, left + 40, end + _ARROW_LENGTH))
    if next_label:
        elements += _text_svg(left + 44, end + 2, _wrap_text([(next_label, False)], width))
    return end + _ARROW_LENGTH


def _rect_svg(x: int, y: int, width: int, height: int, fill: str, stroke: str) -> str:
    size = f'x="{x}" y="{y}" width="{width}" height="{height}" rx="5"'
    return f'<rect {size} fill="{fill}" stroke="{stroke}" stroke-width="1.5"/>'


def _arrow_svg(x: int, y: int, to_x: int, to_y: int) -> str:
    way = f'd="M{x} {y} {to_x} {to_y}"'
    return f'<path {way} stroke="{_INK}" stroke-width="1.5" marker-end="url(#tip)"/>'


def _text_svg(x: int, y: int, lines: Iterable[StyledText]) -> list[str]:
    weight = {True: ' font-weight="bold"', False: ""}
    return [
        f'<text x="{x + 10}" y="{y + 13 + n * _LINE_HEIGHT}"{weight[bold]}>'
        f"{escape_text(words)}</text>"
        for n, (words, bold) in enumerate(lines)
    ]


def _wrap_text(texts: Iterable[StyledText], width: int) -> list[StyledText]:
    """Wrap texts to the lines of a column. A character of plain English is narrower than 7.2 px."""
    characters = int((width - 20) / 7.2)
    return [(line, bold) for text, bold in texts for line in wrap(text, characters)]
