"""Draw a decision tool as a flowchart in SVG, on sheets of paper."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from textwrap import wrap
from typing import Final

import msgspec

from sitebuilder.clinical.decision_tools.conditions import (
    TIER_WORDS,
    ConditionWriter,
    numbered_rules,
    question_number,
)
from sitebuilder.clinical.decision_tools.review_html import TIER_COLORS, escape_text
from sitebuilder.core.decision_tool import DecisionRule, Outcome, Question, Tool

_WIDTH: Final = 860
SHEET_HEIGHT: Final = 1240
"""At this height the letters on a sheet of A4 are about 7 points high."""

# x and width of the columns
_MAIN_COLUMN: Final = (8, 480)
_SIDE_COLUMN: Final = (540, 312)
_LINE_HEIGHT: Final = 17
_PADDING: Final = 6
_ARROW_LENGTH: Final = 18

_INK: Final = "#161616"

StyledText = tuple[str, bool]
"""Text, and whether it is bold."""


class _Stage(msgspec.Struct, frozen=True):
    """A box, with the exits from it at its side."""

    text: Sequence[StyledText] = ()
    exits: Sequence[tuple[Sequence[StyledText], Outcome]] = ()


def render_flowchart(tool: Tool) -> str:
    """Return one SVG of the whole tool, for a screen."""
    return _render_sheet(tool, list(_stages(tool)), "whole", goes_on=False)


def render_flowchart_sheets(tool: Tool) -> list[str]:
    """Return SVGs that each fit on a sheet of paper, in order."""
    sheets: list[list[_Stage]] = [[]]
    for stage in _stages(tool):
        if sheets[-1] and _measure([*sheets[-1], stage]) > SHEET_HEIGHT:
            sheets.append([])
        sheets[-1].append(stage)
    return [
        _render_sheet(
            tool, stages, f"sheet {number} of {len(sheets)}", goes_on=number < len(sheets)
        )
        for number, stages in enumerate(sheets, 1)
    ]


# -- what is drawn --------------------------------------------------------------------------------


def _stages(tool: Tool) -> Iterator[_Stage]:
    """Yield the boxes from top to bottom: at-once rules, questions with rules, own rules."""
    writer = ConditionWriter(tool.questions)
    after: dict[str, list[tuple[str, DecisionRule]]] = {}
    for number, rule in numbered_rules(tool):
        place = tool.questions[-1].id if rule in tool.rules else rule.after
        after.setdefault(place, []).append((number, rule))
    yield _Stage([("At once, whatever else is ticked or left blank:", True)])
    yield from _rule_stages(tool, writer, after.get("", ()))
    for question in tool.questions:
        yield _Stage([*_question_text(writer, tool, question)])
        rules = after.get(question.id, ())
        if rules:
            at = question_number(tool, question.id)
            words = f"All in view up to question {at} answered. The first rule that fits:"
            yield _Stage([(words, True)])
            yield from _rule_stages(tool, writer, rules)


def _rule_stages(
    tool: Tool, writer: ConditionWriter, rules: Iterable[tuple[str, DecisionRule]]
) -> Iterator[_Stage]:
    for number, rule in rules:
        first, *others = writer.clauses(rule.when) or ["all the rest"]
        words = [(f"{number}: {first}", False), *((f"and {clause}", False) for clause in others)]
        yield _Stage(exits=[(words, tool.outcomes[rule.outcome])])


def _question_text(writer: ConditionWriter, tool: Tool, question: Question) -> Iterator[StyledText]:
    yield f"{question_number(tool, question.id)}. {question.text.text}", True
    yield from ((f"Asked only with {c}", False) for c in writer.clauses(question.show_if))
    signs = Counter(option.tiers[""] for option in question.options if "" in option.tiers)
    counts = [f"{TIER_WORDS[t]}: {signs[t]} answers" for t in TIER_WORDS if signs[t]]
    others = [option.text.text for option in question.options if not option.tiers]
    yield " · ".join([*counts, *others]), False
    if question.to_bring:
        yield "For the doctor: it changes no result.", False


# -- drawing --------------------------------------------------------------------------------------


def _render_sheet(tool: Tool, stages: Sequence[_Stage], name: str, *, goes_on: bool) -> str:
    elements: list[str] = []
    y = 8
    for index, stage in enumerate(stages):
        y = _draw_stage(elements, y, stage, last=not goes_on and index == len(stages) - 1)
    key = name.replace(" ", "-")
    svg_tag = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {y + 8}" role="img"'
    font = 'font-family="Arial, Helvetica, sans-serif" font-size="13"'
    marker = 'viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"'
    lines = (
        f'{svg_tag} aria-labelledby="flow-{key}" {font} fill="{_INK}">',
        f'<title id="flow-{key}">The flow of “{escape_text(tool.title.text)}”: {name}</title>',
        f'<marker id="tip-{key}" {marker}><path d="M0 0 8 4 0 8z"/></marker>',
        f'<rect width="{_WIDTH}" height="{y + 8}" fill="#ffffff"/>',
        *(element.replace("url(#tip)", f"url(#tip-{key})") for element in elements),
        "</svg>",
    )
    return "\n".join(lines) + "\n"


def _measure(stages: Iterable[_Stage]) -> int:
    y = 16
    for stage in stages:
        y = _draw_stage([], y, stage, last=False)
    return y


def _draw_stage(elements: list[str], y: int, stage: _Stage, *, last: bool) -> int:
    """Draw a box with its exits, and an arrow to the next stage.

    Returns:
        The y coordinate where the stage ends.
    """
    left, width = _MAIN_COLUMN
    top, lines = y + _PADDING, _wrap_text(stage.text, width)
    frame_index = len(elements)
    elements += _text_svg(left, top, lines)
    top += len(lines) * _LINE_HEIGHT
    for words, outcome in stage.exits:
        top = _draw_exit(elements, top, words, outcome)
    end = top + _PADDING - 4 * bool(stage.exits)
    elements.insert(frame_index, _rect_svg(left, y, width, end - y, "#ffffff", _INK))
    if not last:
        elements.append(_arrow_svg(left + 40, end, left + 40, end + _ARROW_LENGTH))
    return end + _ARROW_LENGTH * (not last)


def _draw_exit(elements: list[str], y: int, words: Sequence[StyledText], outcome: Outcome) -> int:
    (left, width), (side, side_width) = _MAIN_COLUMN, _SIDE_COLUMN
    name = f"{outcome.name} ({TIER_WORDS[outcome.tier]})"
    texts = (
        _wrap_text(words, width),
        _wrap_text([(outcome.title.text, True), (name, False)], side_width),
    )
    height = max(map(len, texts)) * _LINE_HEIGHT + 6
    elements.append(_rect_svg(side, y, side_width, height, *TIER_COLORS[outcome.tier]))
    for x, lines in zip((left, side), texts, strict=True):
        elements += _text_svg(x, y + (height - len(lines) * _LINE_HEIGHT) // 2, lines)
    elements.append(_arrow_svg(left + width, y + height // 2, side, y + height // 2))
    return y + height + 4


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
