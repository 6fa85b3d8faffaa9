"""Check that a page treats the choices it sets side by side (`option` blocks) alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median
from typing import Final

import msgspec

from sitebuilder.core.passage import Passage
from sitebuilder.core.problems import Problem, problem

MIN_OPTIONS: Final = 3
"""Fewest choices on a page that has any: two alone steer readers (IPDAS, qualifying criteria)."""

MAX_LENGTH_DEVIATION: Final = 0.25
"""How far the word count of a choice may be from the median, as a fraction of it."""

MIN_POINTS: Final = 2
"""Fewest list items under each of the headings for benefits and harms."""


class _Option(msgspec.Struct):
    title: str
    line: int
    word_count: int = 0
    points: dict[str, int] = {}


def check_option_balance(
    passages: Sequence[Passage], path: str, benefits: str, harms: str
) -> Iterator[Problem]:
    """Report choices that are too few, differ in headings or length, or say too little on a side.

    Args:
        benefits: Heading of the benefits of a choice; if empty, none is required.
        harms: Heading of the harms of a choice; if empty, none is required.
    """
    options = list(_parse_options(passages))
    if not options:
        return

    def balance_problem(option: _Option, message: str, hint: str) -> Problem:
        full_message = f"the choice '{option.title}' {message}"
        return problem("balance", path, full_message, hint=hint, line=option.line)

    if len(options) < MIN_OPTIONS:
        hint = f"Set at least {MIN_OPTIONS} side by side. To have no operation is one of them."
        yield balance_problem(options[0], f"is one of only {len(options)}", hint)
    headings = list(options[0].points)
    median_words = median(option.word_count for option in options)
    for option in options:
        if list(option.points) != headings:
            hint = f"Use these, in this order: {', '.join(headings)}."
            yield balance_problem(option, "has other headings than the first", hint)
        if abs(option.word_count - median_words) > MAX_LENGTH_DEVIATION * median_words:
            low, high = 0.75 * median_words, 1.25 * median_words
            hint = f"Bring it to between {low:.0f} and {high:.0f} words."
            message = f"has {option.word_count} words, where the middle one has {median_words:.0f}"
            yield balance_problem(option, message, hint)
        for heading in filter(None, (benefits, harms)):
            if option.points.get(heading, 0) < MIN_POINTS:
                hint = f"List at least {MIN_POINTS} points under it."
                yield balance_problem(option, f"says too little under '{heading}'", hint)


def _parse_options(passages: Sequence[Passage]) -> Iterator[_Option]:
    """Yield each `option` block: its title, its words, and the list items under each heading."""
    option: _Option | None = None
    heading = ""
    for passage in passages:
        if passage.block != "option":
            continue
        if option is None or passage.block_line != option.line:
            if option is not None:
                yield option
            option, heading = _Option("", passage.block_line, points={}), ""
        if passage.kind == "title":
            option.title = passage.text
        elif passage.kind == "heading":
            heading = passage.text
            option.points[heading] = 0
        else:
            option.word_count += len(passage.text.split())
            if heading and passage.kind == "item":
                option.points[heading] += 1
    if option is not None:
        yield option
