"""A sentence in its passage, and problems that point at it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from sitebuilder.clinical.plain_language.sentences import split_sentences
from sitebuilder.core.passage import Passage
from sitebuilder.core.problems import Problem, problem

EXCERPT_WORDS: Final = 6  # words of a sentence that a message repeats: enough to find it by


class SentenceSpan(msgspec.Struct, frozen=True):
    """A sentence, and where in its passage it starts."""

    passage: Passage
    offset: int
    text: str

    def origin_at(self, index: int) -> str:
        """The origin of what stands `at` characters into the sentence."""
        left = self.offset + index
        for run in self.passage.runs:
            if left < len(run.text):
                return run.origin
            left -= len(run.text)
        return ""

    def problem(self, rule: str, path: str, message: str, hint: str, index: int = 0) -> Problem:
        """A problem at a place in this sentence, whose first words the message carries."""
        line, column = self.passage.locate(self.offset + index)
        told = f"{message}: {format_excerpt(self.text)}"
        return problem(rule, path, told, hint=hint, line=line, column=column)


def format_excerpt(text: str) -> str:
    """The first words of a sentence, in quotes."""
    parts = text.split()
    more = " ..." if len(parts) > EXCERPT_WORDS else ""
    return f'"{" ".join(parts[:EXCERPT_WORDS])}{more}"'


def iter_sentence_spans(passages: Sequence[Passage]) -> Iterator[SentenceSpan]:
    """Every sentence of what is read, table cells too; not fields such as alt."""
    for passage in passages:
        if passage.kind != "field":
            for offset, text in split_sentences(passage.text):
                yield SentenceSpan(passage, offset, text)
