"""Run the plain-language checks of a page. The config decides on the severity of each rule."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Final

from sitebuilder.clinical.plain_language.chances import check_denominators, check_percentages
from sitebuilder.clinical.plain_language.location import (
    SentenceSpan,
    format_excerpt,
    iter_sentence_spans,
)
from sitebuilder.clinical.plain_language.readability import (
    GRADED_KINDS,
    grade_passages,
    measure_passages,
)
from sitebuilder.clinical.plain_language.sentences import split_words
from sitebuilder.clinical.plain_language.wording import (
    check_passive_voice,
    check_subjective_words,
    check_unexplained_terms,
)
from sitebuilder.core.evidence import Term
from sitebuilder.core.passage import Passage
from sitebuilder.core.problems import Problem, problem

LONG_SENTENCE_WORDS: Final = 20
VERY_LONG_SENTENCE_WORDS: Final = 25
MAX_PARAGRAPH_SENTENCES: Final = 3
MIN_BLOCK_WORDS: Final = 30  # a grade of fewer words says little
SHORTEN_HINT: Final = (
    "Use shorter sentences and shorter words. Put lists where there are many parts."
)


def check_page_grade(passages: Sequence[Passage], path: str, max_grade: float) -> Iterator[Problem]:
    """Report a page above the limit, in all of its text or in its paragraphs alone."""
    reading_grade = grade_passages(passages)
    overall, prose = round(reading_grade.flesch_kincaid, 1), round(reading_grade.prose, 1)
    if reading_grade.words and max(overall, prose) > max_grade:
        message = f"reading grade {overall} (paragraphs alone: {prose}); the limit is {max_grade:g}"
        line, column = passages[0].locate(0)
        yield problem("reading-grade", path, message, hint=SHORTEN_HINT, line=line, column=column)


def check_block_grades(
    passages: Sequence[Passage], path: str, max_grade: float
) -> Iterator[Problem]:
    """Report single blocks above the limit, which the average of a page would hide.

    Blocks of fewer than `MIN_BLOCK_WORDS` words are left out.
    """
    blocks: dict[tuple[int, str], list[Passage]] = {}
    for passage in passages:
        if passage.block and passage.kind in GRADED_KINDS:
            blocks.setdefault((passage.block_line, passage.block), []).append(passage)
    for (line, name), block_passages in blocks.items():
        stats = measure_passages(block_passages)
        grade = round(stats.flesch_kincaid, 1)
        if stats.words >= MIN_BLOCK_WORDS and grade > max_grade:
            excerpt = format_excerpt(next(p.text.strip() for p in block_passages if p.text.strip()))
            message = (
                f"the block '{name}' has reading grade {grade}; "
                f"the limit is {max_grade:g}: {excerpt}"
            )
            yield problem("hard-block", path, message, hint=SHORTEN_HINT, line=line, column=1)


def check_sentence_length(
    spans: Sequence[SentenceSpan], path: str, enabled_rules: Container[str]
) -> Iterator[Problem]:
    """Report long and very long sentences, each if its rule is enabled."""
    hint = (
        f"Make two sentences of it, or a list. {LONG_SENTENCE_WORDS} words are the most to aim for."
    )
    for span in spans:
        count = len(split_words(span.text)) if span.passage.kind in GRADED_KINDS else 0
        if count > LONG_SENTENCE_WORDS:
            rule = "very-long-sentence" if count > VERY_LONG_SENTENCE_WORDS else "long-sentence"
            if rule in enabled_rules:
                yield span.problem(rule, path, f"a sentence of {count} words", hint)


def check_paragraph_length(spans: Sequence[SentenceSpan], path: str) -> Iterator[Problem]:
    """Report paragraphs of more than three sentences."""
    first: SentenceSpan | None = None
    count = 0
    for span in [*spans, None]:
        if first and span and span.passage is first.passage:
            count += 1
            continue
        if first and first.passage.kind == "paragraph" and count > MAX_PARAGRAPH_SENTENCES:
            hint = (
                f"Start a new paragraph after {MAX_PARAGRAPH_SENTENCES} sentences at most, "
                "or make a list."
            )
            yield first.problem("long-paragraph", path, f"a paragraph of {count} sentences", hint)
        first, count = span, 1


def check_plain_language(
    passages: Sequence[Passage],
    terms: Mapping[str, Term],
    path: str,
    max_grade: float,
    enabled_rules: Container[str],
) -> Iterator[Problem]:
    """Report everything on a page that is hard to read.

    Args:
        terms: The glossary terms that the page can explain, by name.
        max_grade: Limit of the reading grade, a US school grade.
        enabled_rules: Names of the rules to check.
    """
    readable = [passage for passage in passages if passage.runs]
    if "reading-grade" in enabled_rules:
        yield from check_page_grade(readable, path, max_grade)
    if "hard-block" in enabled_rules:
        yield from check_block_grades(readable, path, max_grade)
    spans = list(iter_sentence_spans(readable))
    if "long-sentence" in enabled_rules or "very-long-sentence" in enabled_rules:
        yield from check_sentence_length(spans, path, enabled_rules)
    if "long-paragraph" in enabled_rules:
        yield from check_paragraph_length(spans, path)
    if "percentage" in enabled_rules:
        yield from check_percentages(spans, path)
    if "denominators" in enabled_rules:
        yield from check_denominators(spans, path)
    if "mood-word" in enabled_rules:
        yield from check_subjective_words(spans, path)
    if "passive" in enabled_rules:
        yield from check_passive_voice(spans, path)
    if "unexplained-term" in enabled_rules:
        yield from check_unexplained_terms(spans, terms, path)
