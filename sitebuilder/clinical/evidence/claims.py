"""Passages in; the figures in them that come from no fact out, each with its place.

A figure is a percentage, "N in M", "N times as", or a number with a clinical unit or a duration.
Vertebra names, phone numbers and years have no such form; config names phrases that are none.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from sitebuilder.core.passage import Passage, TextRun
from sitebuilder.core.problems import Problem, problem

_NUMBER_WORDS: Final = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety "
    "hundred thousand million a\\s+hundred a\\s+thousand a\\s+million"
).split()
_DIGITS: Final = r"\d+(?:,\d+)*(?:\.\d+)?"
_NUMBER: Final = rf"(?:{_DIGITS}|{'|'.join(_NUMBER_WORDS)}|half(?:[\s-]+an?)?)"
_RANGE: Final = rf"{_NUMBER}(?:\s*(?:to|or|and|-|\u2013|\u2014)\s*{_NUMBER})?"
_YEAR: Final = r"(?:19|20)(?!00)\d\d(?!\d|,\d)"
_FRACTION: Final = r"(?:third|quarter|half|fifth|sixth|tenth|hundredth)s?"
_TIME_UNIT: Final = "(?:minute|hour|day|night|week|month|year|decade)"
_UNITS: Final = (
    "seconds? minutes? hours? days? nights? weeks? months? years? decades? mins? hrs? wks? yrs? "
    "mm cm km millimet(?:er|re)s? centimet(?:er|re)s? kilomet(?:er|re)s? met(?:er|re)s? "
    "inch(?:es)? feet yards miles? lbs? pounds? ounces? oz kg kilograms? kilos? grams? "
    "mg milligrams? mcg micrograms? ml millilit(?:er|re)s? lit(?:er|re)s? mmhg degrees? points? "
    "°\\s?[fc]"
).split()
_NOT_DURATION: Final = (  # an age, or the second of several
    r"(?![\s-]+(?:olds?|of\s+age|(?:or|and)\s+(?:older|over|up|above|younger)|opinions?)\b)"
)
_FIGURE: Final = re.compile(
    rf"(?<![\w.,/])(?:"
    rf"{_RANGE}\s*(?:%|percent\b|per\s+cent\b)"
    rf"|{_RANGE}\s+(?:in|out\s+of)\s+(?:every\s+|an?\s+)?(?!{_YEAR}){_NUMBER}(?!\w)"
    rf"|{_DIGITS}\s+of\s+(?:every\s+)?{_NUMBER}(?!\w)"
    rf"|(?!one\b){_NUMBER}\s+of\s+(?:every\s+|an?\s+)?(?:{_DIGITS}|ten|twenty|hundred)(?!\w)"
    rf"|{_RANGE}\s+times\s+(?:as|more|less|fewer|the|\w+er)\b"
    rf"|{_RANGE}[\s-]?fold\b|(?:two|three|four|five|ten)fold\b|\d+(?:\.\d+)?\s?[x\u00d7](?!\w)"
    rf"|twice\s+(?:as|the|more)\b|half\s+(?:as|of|the|their)\b"
    rf"|(?:doubl|tripl|halv)(?:es?|ed|ing)\s+(?:the|your|their)\b"
    rf"|(?:an?|one)[\s-]+{_FRACTION}\s+of\b|(?:two|three)[\s-]+{_FRACTION}\b"
    rf"|{_RANGE}(?:\s+(?:more|full|whole|extra|straight|working|long))?[\s-]*"
    rf"(?:{'|'.join(_UNITS)})(?!\w){_NOT_DURATION}"
    rf"|(?:up\s+to|within|about|almost|nearly|over|under|at\s+least|(?:more|less)\s+than)"
    rf"\s+an?\s+{_TIME_UNIT}\b"
    rf")",
    re.IGNORECASE,
)
_COMPARISON: Final = re.compile(
    r"\b(?:more|less|fewer|better|worse|higher|lower|safer|faster|larger|smaller|bigger|sooner"
    r"|longer|shorter|stronger|weaker|likelier)\b[^.!?]{0,60}?\bthan\b",
    re.IGNORECASE,
)
_SENTENCE: Final = re.compile(r"[^.!?]*[.!?]?")


def find_unsourced_figures(
    passages: Sequence[Passage], path: str, exempt: Iterable[str]
) -> Iterator[Problem]:
    """Every figure that was typed by hand."""
    hint = "Put it into content/facts.yaml with its source, and write {fact NAME} here."
    free = [
        re.compile(r"\s+".join(map(re.escape, phrase.split())), re.IGNORECASE) for phrase in exempt
    ]
    for passage in passages:
        if passage.kind == "number":
            message = f"'{passage.text}' is a figure that comes from no fact"
            line, column = passage.locate(0)
            yield problem(
                "claim", path, message, hint="Write 'fact: NAME'.", line=line, column=column
            )
            continue
        text = "".join(map(_mask_inserted_text, passage.runs))
        spans = [[span.span() for span in phrase.finditer(text)] for phrase in free]
        for found in _FIGURE.finditer(text):
            if any(_is_covered(row, *found.span()) for row in spans):
                continue
            line, column = passage.locate(found.start())
            message = f"'{' '.join(found[0].split())}' is a figure that comes from no fact"
            yield problem("claim", path, message, hint=hint, line=line, column=column)


def _mask_inserted_text(run: TextRun) -> str:
    """The words of a run, blanked out unless an editor typed them as they stand."""
    return run.text if run.origin == "page" else "\0" * len(run.text)


def _is_covered(spans: list[tuple[int, int]], start: int, end: int) -> bool:
    """Whether one of the spans, which are in order and apart, holds all from `start` to `end`."""
    at = bisect_right(spans, start, key=lambda span: span[0])
    return at > 0 and spans[at - 1][1] >= end


def find_unsourced_comparisons(passages: Sequence[Passage], path: str) -> Iterator[Problem]:
    """Comparisons without a source mark in their passage: advice, since only people can judge."""
    for passage in passages:
        if any(run.origin in {"source", "fact"} for run in passage.runs):
            continue
        for sentence in _SENTENCE.finditer(passage.text):
            found = _COMPARISON.search(sentence[0])
            if found:
                line, column = passage.locate(sentence.start() + found.start())
                message = f"'{' '.join(found[0].split())}' compares without a source"
                hint = "Add a source mark, or use a fact, if this is more than advice."
                yield problem("comparison", path, message, hint=hint, line=line, column=column)
