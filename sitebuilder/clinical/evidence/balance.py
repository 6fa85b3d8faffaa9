"""The choices that a page sets side by side (`option` blocks) in; what is told unlike out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median
from typing import Final

import msgspec

from sitebuilder.core.passage import Passage
from sitebuilder.core.problems import Problem, problem

MIN_OPTIONS: Final = 3
"""Choices on a page that has any: two are a push (IPDAS, qualifying criteria)."""

MAX_LENGTH_DEVIATION: Final = 0.25
"""How far the words of one choice may be from the median."""

MIN_POINTS: Final = 2
"""Good and less good points of each choice."""


class _Option(msgspec.Struct):
    title: str
    line: int
    word_count: int = 0
    points: dict[str, int] = {}


def check_option_balance(
    passages: Sequence[Passage], path: str, benefits: str, harms: str
) -> Iterator[Problem]:
    """Same headings, like length, and both sides for each choice.

    `benefits` and `harms` are the headings for both sides; empty: not asked for.
    """
    options = list(_parse_options(passages))
    if not options:
        return

    def say(option: _Option, message: str, hint: str) -> Problem:
        text = f"the choice '{option.title}' {message}"
        return problem("balance", path, text, hint=hint, line=option.line)

    if len(options) < MIN_OPTIONS:
        hint = f"Set at least {MIN_OPTIONS} side by side. To have no operation is one of them."
        yield say(options[0], f"is one of only {len(options)}", hint)
    first = list(options[0].points)
    middle = median(option.word_count for option in options)
    for option in options:
        if list(option.points) != first:
            hint = f"Use these, in this order: {', '.join(first)}."
            yield say(option, "has other headings than the first", hint)
        if abs(option.word_count - middle) > MAX_LENGTH_DEVIATION * middle:
            hint = f"Bring it to between {0.75 * middle:.0f} and {1.25 * middle:.0f} words."
            message = f"has {option.word_count} words, where the middle one has {middle:.0f}"
            yield say(option, message, hint)
        for heading in filter(None, (benefits, harms)):
            if option.points.get(heading, 0) < MIN_POINTS:
                hint = f"List at least {MIN_POINTS} points under it."
                yield say(option, f"says too little under '{heading}'", hint)


def _parse_options(passages: Sequence[Passage]) -> Iterator[_Option]:
    """Each `option` block: its title, and the list items under each of its headings."""
    now: _Option | None = None
    heading = ""
    for passage in passages:
        if passage.block != "option":
            continue
        if now is None or passage.block_line != now.line:
            if now is not None:
                yield now
            now, heading = _Option("", passage.block_line, points={}), ""
        if passage.kind == "title":
            now.title = passage.text
        elif passage.kind == "heading":
            heading = passage.text
            now.points[heading] = 0
        else:
            now.word_count += len(passage.text.split())
            if heading and passage.kind == "item":
                now.points[heading] += 1
    if now is not None:
        yield now
