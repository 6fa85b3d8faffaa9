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


_MAIN_COLUMN: Final = (8, 480)


_SIDE_COLUMN: Final = (540, 312)
"""Where a column starts, and how wide it is."""


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
"""Ground and frame of a result. The text on all of them is nearly black."""


_INK: Final = "#161616"


StyledText = tuple[str, bool]
"""Words, and whether they are bold."""


# -- words ----------------------------------------------------------------------------------------


def escape_text(text: str) -> str:
    """The text for HTML and SVG. Signs that nobody can see are shown by their numbers."""
    return escape(
        "".join(c if c.isprintable() else f"U+{ord(c):04X}" for c in collapse_whitespace(text))
    )


# -- drawing --------------------------------------------------------------------------------------


def render_flowchart(tool: Tool, part: str = "whole") -> str:
    """The tool drawn: questions from the top, what ends it at the side, rules as a ladder.

    `part` may be `questions` or `rules`: each of them fits on a sheet of paper.
    """
    drawn, y = list[str](), 8
    if part != "rules":
        y = _draw_questions(drawn, y, tool, last=part == "questions")
    if part != "questions":
        y = _draw_rules(drawn, y, tool)
    start = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {y + 8}" role="img"'
    font = 'font-family="Arial, Helvetica, sans-serif" font-size="13"'
    tip = 'viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"'
    rows = (
        f'{start} aria-labelledby="flow-{part}" {font} fill="{_INK}">',
        f'<title id="flow-{part}">The flow of “{escape_text(tool.title.text)}”: {part}</title>',
        f'<marker id="tip-{part}" {tip}><path d="M0 0 8 4 0 8z"/></marker>',
        f'<rect width="{_WIDTH}" height="{y + 8}" fill="#ffffff"/>',
        *(row.replace("url(#tip)", f"url(#tip-{part})") for row in drawn),
        "</svg>",
    )
    return "\n".join(rows) + "\n"


def _draw_questions(elements: list[str], y: int, tool: Tool, *, last: bool) -> int:
    for at, question in enumerate(tool.questions, 1):
        text: list[StyledText] = [(f"{at}. {question.text.text}", True)]
        ends = [([(words, False)], tool.outcomes[name]) for words, name in _find_exits(question)]
        if not ends:
            text.append((" · ".join(o.text.text for o in question.options), False))
        if question.to_bring:
            text.append(("For the doctor: it changes no result.", False))
        then = describe_clause(question, pass_clause(question)) if ends else ""
        y = _draw_stage(elements, y, text, ends, then)
    to_come = ("All answered: the first rule that fits counts", True)
    return _draw_stage(elements, y, [to_come], [], None if last else "")


def _draw_rules(elements: list[str], y: int, tool: Tool) -> int:
    for at, rule in enumerate(tool.rules, 1):
        asked = [
            (f"Question {n} is {describe_clause(q, Clause(q.id, (rule.when[q.id],)))}", False)
            for n, q in enumerate(tool.questions, 1)
            if q.id in rule.when
        ]
        line = [(f"Rule {at}", True), *(asked or [("All the rest", False)])]
        then = "else" if at < len(tool.rules) else None
        y = _draw_stage(elements, y, [], [(line, tool.outcomes[rule.outcome])], then)
    return y


def _find_exits(question: Question) -> list[tuple[str, str]]:
    """The answers that end the tool, in words, by the result that they lead to."""
    by: dict[str, list[Option]] = {}
    for option in question.options:
        if option.flag or option.stop:
            by.setdefault(FLAG_OUTCOMES.get(option.flag, option.stop), []).append(option)
    found = []
    for name, options in by.items():
        signs = [o for o in options if not o.exclusive]
        many = len(signs) > 2  # noqa: PLR2004 - two can be named
        named = [o.id for o in options if o.exclusive or not many]
        what = "signs" if options[0].flag else "answers"
        words = [f"any of {len(signs)} {what}"] * many + [quote_options(question, named)] * bool(
            named
        )
        found.append((" or ".join(words), name))
    return found


def _draw_stage(
    elements: list[str],
    y: int,
    text: Sequence[StyledText],
    exits: Sequence[tuple[Sequence[StyledText], Outcome]],
    next_label: str | None,
) -> int:
    """Add a box with its exits, and the way on if `then` is not None. Returns where that ends."""
    left, wide = _MAIN_COLUMN
    at, inside = y + _PADDING, _wrap_text(text, wide)
    frame = len(elements)
    elements += _text_svg(left, at, inside)
    at += len(inside) * _LINE_HEIGHT
    for words, outcome in exits:
        here = _wrap_text(words, wide)
        there = _wrap_text([(outcome.title.text, True), (outcome.name, False)], _SIDE_COLUMN[1])
        high = max(len(here), len(there)) * _LINE_HEIGHT + 6
        elements += _text_svg(left, at + (high - len(here) * _LINE_HEIGHT) // 2, here)
        elements.append(
            _rect_svg(_SIDE_COLUMN[0], at, _SIDE_COLUMN[1], high, *_LEVEL_COLORS[outcome.level])
        )
        elements += _text_svg(_SIDE_COLUMN[0], at + (high - len(there) * _LINE_HEIGHT) // 2, there)
        elements.append(_arrow_svg(left + wide, at + high // 2, _SIDE_COLUMN[0], at + high // 2))
        at += high + 4
    end = at + _PADDING - 4 * bool(exits)
    elements.insert(frame, _rect_svg(left, y, wide, end - y, "#ffffff", _INK))
    if next_label is None:
        return end
    elements.append(_arrow_svg(left + 40, end, left + 40, end + _ARROW_LENGTH))
    if next_label:
        elements += _text_svg(left + 44, end + 2, _wrap_text([(next_label, False)], wide))
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
        f'<text x="{x + 10}" y="{y + 13 + n * _LINE_HEIGHT}"{weight[bold]}>{escape_text(words)}</text>'
        for n, (words, bold) in enumerate(lines)
    ]


def _wrap_text(texts: Iterable[StyledText], width: int) -> list[StyledText]:
    """The texts in lines that fit a column: a sign of plain English is narrower than 7.2."""
    fits = int((width - 20) / 7.2)
    return [(line, bold) for text, bold in texts for line in wrap(text, fits)]
