"""Locate sentences within passages, and build problems that point at them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from sitebuilder.clinical.plain_language.sentences import split_sentences
from sitebuilder.core.passage import Passage
from sitebuilder.core.problems import Problem, problem

EXCERPT_WORDS: Final = 6  # enough to find the sentence by


class SentenceSpan(msgspec.Struct, frozen=True):
    """A sentence of a passage.

    Attributes:
        offset: Start of the sentence within the text of the passage.
    """

    passage: Passage
    offset: int
    text: str

    def origin_at(self, index: int) -> str:
        """Return the origin of the character at this index; empty if it is past the end."""
        remaining = self.offset + index
        for run in self.passage.runs:
            if remaining < len(run.text):
                return run.origin
            remaining -= len(run.text)
        return ""

    def problem(self, rule: str, path: str, message: str, hint: str, index: int = 0) -> Problem:
        """Build a problem at an index of this sentence. The message gets an excerpt of it."""
        line, column = self.passage.locate(self.offset + index)
        message_with_excerpt = f"{message}: {format_excerpt(self.text)}"
        return problem(rule, path, message_with_excerpt, hint=hint, line=line, column=column)


def format_excerpt(text: str) -> str:
    """Return the first words of a sentence, in quotes."""
    words = text.split()
    ellipsis = " ..." if len(words) > EXCERPT_WORDS else ""
    return f'"{" ".join(words[:EXCERPT_WORDS])}{ellipsis}"'


def iter_sentence_spans(passages: Sequence[Passage]) -> Iterator[SentenceSpan]:
    """Yield every sentence, including those of table cells but not of fields such as alt."""
    for passage in passages:
        if passage.kind != "field":
            for offset, text in split_sentences(passage.text):
                yield SentenceSpan(passage, offset, text)
