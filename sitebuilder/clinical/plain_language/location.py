"""A sentence in its passage, and problems that point at it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from sitebuilder.clinical.plain_language.sentences import sentences
from sitebuilder.core.passage import Passage
from sitebuilder.core.problems import Problem, problem

SHOWN: Final = 6  # words of a sentence that a message repeats: enough to find it by


class Spot(msgspec.Struct, frozen=True):
    """A sentence, and where in its passage it starts."""

    passage: Passage
    offset: int
    text: str

    def origin(self, at: int) -> str:
        """The origin of what stands `at` characters into the sentence."""
        left = self.offset + at
        for run in self.passage.runs:
            if left < len(run.text):
                return run.origin
            left -= len(run.text)
        return ""

    def problem(self, rule: str, path: str, message: str, hint: str, at: int = 0) -> Problem:
        """A problem at a place in this sentence, whose first words the message carries."""
        line, column = self.passage.place(self.offset + at)
        told = f"{message}: {opening(self.text)}"
        return problem(rule, path, told, hint=hint, line=line, column=column)


def opening(text: str) -> str:
    """The first words of a sentence, in quotes."""
    parts = text.split()
    more = " ..." if len(parts) > SHOWN else ""
    return f'"{" ".join(parts[:SHOWN])}{more}"'


def spots(passages: Sequence[Passage]) -> Iterator[Spot]:
    """Every sentence of what is read, table cells too; not fields such as alt."""
    for passage in passages:
        if passage.kind != "field":
            for offset, text in sentences(passage.text):
                yield Spot(passage, offset, text)
