"""Draw a decision tool as a flowchart in SVG."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from textwrap import wrap
from typing import Final

from sitebuilder.clinical.decision_tools.conditions import Term, _quoted, lets_on, said
from sitebuilder.clinical.decision_tools.signed_text import _flat
from sitebuilder.core.decision_tool import FLAGS, Option, Outcome, Question, Tool

_WIDE: Final = 860


_MAIN: Final = (8, 480)


_SIDE: Final = (540, 312)
"""Where a column starts, and how wide it is."""


_LINE: Final = 17


_PAD: Final = 6


_STEP: Final = 22


_COLOURS: Final = {
    "emergency": ("#fde7e7", "#8a1010"),
    "urgent": ("#fff0dc", "#7a4300"),
    "clinician": ("#e6f0fb", "#0b4a86"),
    "discuss": ("#e8f5e9", "#1d5b2a"),
    "info": ("#f1f1f1", "#4a4a4a"),
}
"""Ground and frame of a result. The text on all of them is nearly black."""


_INK: Final = "#161616"


Text = tuple[str, bool]
"""Words, and whether they are bold."""


# -- words ----------------------------------------------------------------------------------------


def shown(text: str) -> str:
    """The text for HTML and SVG. Signs that nobody can see are shown by their numbers."""
    return escape("".join(c if c.isprintable() else f"U+{ord(c):04X}" for c in _flat(text)))


# -- drawing --------------------------------------------------------------------------------------


def flow_svg(tool: Tool, part: str = "whole") -> str:
    """The tool drawn: questions from the top, what ends it at the side, rules as a ladder.

    `part` may be `questions` or `rules`: each of them fits on a sheet of paper.
    """
    drawn, y = list[str](), 8
    if part != "rules":
        y = _draw_questions(drawn, y, tool, last=part == "questions")
    if part != "questions":
        y = _draw_rules(drawn, y, tool)
    start = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDE} {y + 8}" role="img"'
    font = 'font-family="Arial, Helvetica, sans-serif" font-size="13"'
    tip = 'viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"'
    rows = (
        f'{start} aria-labelledby="flow-{part}" {font} fill="{_INK}">',
        f'<title id="flow-{part}">The flow of “{shown(tool.title.text)}”: {part}</title>',
        f'<marker id="tip-{part}" {tip}><path d="M0 0 8 4 0 8z"/></marker>',
        f'<rect width="{_WIDE}" height="{y + 8}" fill="#ffffff"/>',
        *(row.replace("url(#tip)", f"url(#tip-{part})") for row in drawn),
        "</svg>",
    )
    return "\n".join(rows) + "\n"


def _draw_questions(drawn: list[str], y: int, tool: Tool, *, last: bool) -> int:
    for at, question in enumerate(tool.questions, 1):
        text: list[Text] = [(f"{at}. {question.text.text}", True)]
        ends = [([(words, False)], tool.outcomes[name]) for words, name in _ends(question)]
        if not ends:
            text.append((" · ".join(o.text.text for o in question.options), False))
        if question.to_bring:
            text.append(("For the doctor: it changes no result.", False))
        then = said(question, lets_on(question)) if ends else ""
        y = _stage(drawn, y, text, ends, then)
    to_come = ("All answered: the first rule that fits counts", True)
    return _stage(drawn, y, [to_come], [], None if last else "")


def _draw_rules(drawn: list[str], y: int, tool: Tool) -> int:
    for at, rule in enumerate(tool.rules, 1):
        asked = [
            (f"Question {n} is {said(q, Term(q.id, (rule.when[q.id],)))}", False)
            for n, q in enumerate(tool.questions, 1)
            if q.id in rule.when
        ]
        line = [(f"Rule {at}", True), *(asked or [("All the rest", False)])]
        then = "else" if at < len(tool.rules) else None
        y = _stage(drawn, y, [], [(line, tool.outcomes[rule.outcome])], then)
    return y


def _ends(question: Question) -> list[tuple[str, str]]:
    """The answers that end the tool, in words, by the result that they lead to."""
    by: dict[str, list[Option]] = {}
    for option in question.options:
        if option.flag or option.stop:
            by.setdefault(FLAGS.get(option.flag, option.stop), []).append(option)
    found = []
    for name, options in by.items():
        signs = [o for o in options if not o.exclusive]
        many = len(signs) > 2  # noqa: PLR2004 - two can be named
        named = [o.id for o in options if o.exclusive or not many]
        what = "signs" if options[0].flag else "answers"
        words = [f"any of {len(signs)} {what}"] * many + [_quoted(question, named)] * bool(named)
        found.append((" or ".join(words), name))
    return found


def _stage(
    drawn: list[str],
    y: int,
    text: Sequence[Text],
    rows: Sequence[tuple[Sequence[Text], Outcome]],
    then: str | None,
) -> int:
    """Add a box with its exits, and the way on if `then` is not None. Returns where that ends."""
    left, wide = _MAIN
    at, inside = y + _PAD, _lines(text, wide)
    frame = len(drawn)
    drawn += _words(left, at, inside)
    at += len(inside) * _LINE
    for words, outcome in rows:
        here = _lines(words, wide)
        there = _lines([(outcome.title.text, True), (outcome.name, False)], _SIDE[1])
        high = max(len(here), len(there)) * _LINE + 6
        drawn += _words(left, at + (high - len(here) * _LINE) // 2, here)
        drawn.append(_frame(_SIDE[0], at, _SIDE[1], high, *_COLOURS[outcome.level]))
        drawn += _words(_SIDE[0], at + (high - len(there) * _LINE) // 2, there)
        drawn.append(_arrow(left + wide, at + high // 2, _SIDE[0], at + high // 2))
        at += high + 4
    end = at + _PAD - 4 * bool(rows)
    drawn.insert(frame, _frame(left, y, wide, end - y, "#ffffff", _INK))
    if then is None:
        return end
    drawn.append(_arrow(left + 40, end, left + 40, end + _STEP))
    if then:
        drawn += _words(left + 44, end + 2, _lines([(then, False)], wide))
    return end + _STEP


def _frame(x: int, y: int, wide: int, high: int, fill: str, line: str) -> str:
    size = f'x="{x}" y="{y}" width="{wide}" height="{high}" rx="5"'
    return f'<rect {size} fill="{fill}" stroke="{line}" stroke-width="1.5"/>'


def _arrow(x: int, y: int, to_x: int, to_y: int) -> str:
    way = f'd="M{x} {y} {to_x} {to_y}"'
    return f'<path {way} stroke="{_INK}" stroke-width="1.5" marker-end="url(#tip)"/>'


def _words(x: int, y: int, lines: Iterable[Text]) -> list[str]:
    weight = {True: ' font-weight="bold"', False: ""}
    return [
        f'<text x="{x + 10}" y="{y + 13 + n * _LINE}"{weight[bold]}>{shown(words)}</text>'
        for n, (words, bold) in enumerate(lines)
    ]


def _lines(texts: Iterable[Text], wide: int) -> list[Text]:
    """The texts in lines that fit a column: a sign of plain English is narrower than 7.2."""
    fits = int((wide - 20) / 7.2)
    return [(line, bold) for text, bold in texts for line in wrap(text, fits)]
