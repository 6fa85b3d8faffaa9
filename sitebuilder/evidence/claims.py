"""Passages in; the figures in them that come from no fact out, each with its place.

A figure is a percentage, "N in M", "N times as", or a number with a clinical unit or a duration.
Vertebra names, phone numbers and years have no such form; config names phrases that are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from sitebuilder.knowledge import Passage, Run
from sitebuilder.problems import Problem, problem

_WORDS: Final = (
    "one two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty "
    "fifty sixty seventy eighty ninety hundred"
).split()
_NUMBER: Final = rf"(?:\d[\d,]*(?:\.\d+)?|{'|'.join(_WORDS)}|half an?)"
_RANGE: Final = rf"{_NUMBER}(?:\s*(?:to|or|and|-|\u2013|\u2014)\s*{_NUMBER})?"
_UNITS: Final = (
    "seconds? minutes? hours? days? weeks? months? years? mm cm millimeters? centimeters? inch "
    "inches feet lbs? pounds? kg kilograms? kilos? mg milligrams? mcg micrograms? ml milliliters? "
    "liters? mmhg degrees? points? °[fc]"
).split()
_CLAIM: Final = re.compile(
    rf"(?<![\w.,/])(?:"
    rf"{_RANGE}\s*(?:%|percent\b|per\s+cent\b)"
    rf"|{_RANGE}\s+(?:in|out\s+of)\s+(?:every\s+)?{_NUMBER}(?!\w)"
    rf"|\d[\d,]*\s+of\s+(?:every\s+)?\d[\d,]*(?!\w)"
    rf"|{_RANGE}\s+times\s+(?:as|more|less|higher|lower|greater|the)\b"
    rf"|(?:twice|half)\s+as\b"
    rf"|(?:doubles?|doubled|triples?|tripled|halves|halved)\s+(?:the|your|their)\b"
    rf"|(?:an?|one)\s+(?:third|quarter|half|fifth|tenth)\s+of\b"
    rf"|(?:two\s+thirds|three\s+quarters|half\s+of)\b"
    rf"|{_RANGE}(?:\s+(?:more|full|whole))?[\s-]*(?:{'|'.join(_UNITS)})(?!\w)"
    rf")",
    re.IGNORECASE,
)
_COMPARED: Final = re.compile(
    r"\b(?:more|less|fewer|better|worse|higher|lower|safer|faster|larger|smaller|bigger|sooner"
    r"|longer|shorter|stronger|weaker|likelier)\b[^.!?]{0,60}?\bthan\b",
    re.IGNORECASE,
)
_SENTENCE: Final = re.compile(r"[^.!?]*[.!?]?")


def claims(passages: Sequence[Passage], path: str, exempt: Iterable[str]) -> Iterator[Problem]:
    """Every figure that was typed by hand."""
    hint = "Put it into content/facts.yaml with its source, and write {fact NAME} here."
    free = [phrase.casefold() for phrase in exempt]
    for passage in passages:
        if passage.kind == "number":
            message = f"'{passage.text}' is a figure that comes from no fact"
            line, column = passage.place(0)
            yield problem(
                "claim", path, message, hint="Write 'fact: NAME'.", line=line, column=column
            )
            continue
        text = "".join(map(_by_hand, passage.runs))
        for found in _CLAIM.finditer(text):
            if _is_free(text, found, free):
                continue
            line, column = passage.place(found.start())
            message = f"'{' '.join(found[0].split())}' is a figure that comes from no fact"
            yield problem("claim", path, message, hint=hint, line=line, column=column)


def _by_hand(run: Run) -> str:
    """The words of a run, blanked out unless an editor typed them as they stand."""
    return run.text if run.origin == "page" else "\0" * len(run.text)


def _is_free(text: str, found: re.Match[str], phrases: Iterable[str]) -> bool:
    """Whether a figure stands in one of the phrases that are no claims."""
    folded = text.casefold()
    for phrase in phrases:
        start = folded.find(phrase, max(0, found.start() - len(phrase)))
        if 0 <= start <= found.start() and start + len(phrase) >= found.end():
            return True
    return False


def comparisons(passages: Sequence[Passage], path: str) -> Iterator[Problem]:
    """Comparisons without a source mark in their passage: advice, since only people can judge."""
    for passage in passages:
        if any(run.origin in {"source", "fact"} for run in passage.runs):
            continue
        for sentence in _SENTENCE.finditer(passage.text):
            found = _COMPARED.search(sentence[0])
            if found:
                line, column = passage.place(sentence.start() + found.start())
                message = f"'{' '.join(found[0].split())}' compares without a source"
                hint = "Add a source mark, or use a fact, if this is more than advice."
                yield problem("comparison", path, message, hint=hint, line=line, column=column)
