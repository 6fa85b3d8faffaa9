"""Find figures and comparisons in the text of a page that come without a source.

A figure is a percentage, "N in M", "N times as", or a number with a clinical unit or a duration.
Vertebra names, phone numbers and years have no such form; `not_claims:` in the config lists phrases
that are not claims.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from sitebuilder.core.passage import Passage
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
_FRACTION: Final = (
    r"(?:third|quarter|half|fifth|sixth|seventh|eighth|ninth|tenth|twentieth|hundredth|"
    r"thousandth)s?"
)
_FRACTION_SIGN: Final = "[\u00bc-\u00be\u2150-\u215e]"
_PEOPLE: Final = r"(?:people|patients|persons|adults|women|men)"
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
    rf"{_RANGE}\s*(?:%|\u2030|percent\b|per\s+cent\b|per\s+mille\b)"
    rf"|\d*\s?{_FRACTION_SIGN}\s+(?:of|in)\b"
    rf"|(?!one\b){_NUMBER}\s+of\s+(?:all\s+|the\s+)?{_PEOPLE}\b"
    rf"|{_NUMBER}[\s-]+{_FRACTION}\s+of\b"
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
    """Report every figure that was typed by hand instead of inserted from a fact.

    Args:
        exempt: Phrases whose figures are not claims. Case and the amount of white
            space are ignored.
    """
    hint = "Put it into content/facts.yaml with its source, and write {fact NAME} here."
    exempt_patterns = [
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
        text = passage.typed_text
        exempt_spans = [
            [span.span() for span in pattern.finditer(text)] for pattern in exempt_patterns
        ]
        for match in _FIGURE.finditer(text):
            if any(_is_covered(spans, *match.span()) for spans in exempt_spans):
                continue
            line, column = passage.locate(match.start())
            message = f"'{' '.join(match[0].split())}' is a figure that comes from no fact"
            yield problem("claim", path, message, hint=hint, line=line, column=column)


def _is_covered(spans: list[tuple[int, int]], start: int, end: int) -> bool:
    """Whether one of the spans, which are sorted and disjoint, holds `start` to `end`."""
    index = bisect_right(spans, start, key=lambda span: span[0])
    return index > 0 and spans[index - 1][1] >= end


def find_unsourced_comparisons(passages: Sequence[Passage], path: str) -> Iterator[Problem]:
    """Report comparisons in passages without a source mark or a fact.

    This is advice: only people can judge whether a comparison needs a source.
    """
    for passage in passages:
        if any(run.origin in {"source", "fact"} for run in passage.runs):
            continue
        for sentence in _SENTENCE.finditer(passage.text):
            match = _COMPARISON.search(sentence[0])
            if match:
                line, column = passage.locate(sentence.start() + match.start())
                message = f"'{' '.join(match[0].split())}' compares without a source"
                hint = "Add a source mark, or use a fact, if this is more than advice."
                yield problem("comparison", path, message, hint=hint, line=line, column=column)
