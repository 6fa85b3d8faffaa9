"""What is hard to read or take in on a page. States facts; config decides how bad each is."""

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
MIN_BLOCK_WORDS: Final = 30  # words; of fewer, a grade says little
SHORTEN_HINT: Final = (
    "Use shorter sentences and shorter words. Put lists where there are many parts."
)


def check_page_grade(passages: Sequence[Passage], path: str, max_grade: float) -> Iterator[Problem]:
    """A page above the limit, as a whole or in its paragraphs alone. Graded as it is shown."""
    found = grade_passages(passages)
    whole, prose = round(found.flesch_kincaid, 1), round(found.prose, 1)
    if found.words and max(whole, prose) > max_grade:
        message = f"reading grade {whole} (paragraphs alone: {prose}); the limit is {max_grade:g}"
        line, column = passages[0].locate(0)
        yield problem("reading-grade", path, message, hint=SHORTEN_HINT, line=line, column=column)


def check_block_grades(
    passages: Sequence[Passage], path: str, max_grade: float
) -> Iterator[Problem]:
    """Blocks above the limit: the average of a page hides them."""
    blocks: dict[tuple[int, str], list[Passage]] = {}
    for passage in passages:
        if passage.block and passage.kind in GRADED_KINDS:
            blocks.setdefault((passage.block_line, passage.block), []).append(passage)
    for (line, name), inside in blocks.items():
        counts = measure_passages(inside)
        found = round(counts.flesch_kincaid, 1)
        if counts.words >= MIN_BLOCK_WORDS and found > max_grade:
            start = format_excerpt(next(p.text.strip() for p in inside if p.text.strip()))
            message = (
                f"the block '{name}' has reading grade {found}; the limit is {max_grade:g}: {start}"
            )
            yield problem("hard-block", path, message, hint=SHORTEN_HINT, line=line, column=1)


def check_sentence_length(
    spans: Sequence[SentenceSpan], path: str, enabled_rules: Container[str]
) -> Iterator[Problem]:
    """Sentences that are too long to hold in mind."""
    hint = (
        f"Make two sentences of it, or a list. {LONG_SENTENCE_WORDS} words are the most to aim for."
    )
    for spot in spans:
        count = len(split_words(spot.text)) if spot.passage.kind in GRADED_KINDS else 0
        if count > LONG_SENTENCE_WORDS:
            rule = "very-long-sentence" if count > VERY_LONG_SENTENCE_WORDS else "long-sentence"
            if rule in enabled_rules:
                yield spot.problem(rule, path, f"a sentence of {count} words", hint)


def check_paragraph_length(spans: Sequence[SentenceSpan], path: str) -> Iterator[Problem]:
    """Paragraphs of more than three sentences."""
    first: SentenceSpan | None = None
    count = 0
    for spot in [*spans, None]:
        if first and spot and spot.passage is first.passage:
            count += 1
            continue
        if first and first.passage.kind == "paragraph" and count > MAX_PARAGRAPH_SENTENCES:
            hint = f"Start a new paragraph after {MAX_PARAGRAPH_SENTENCES} sentences at most, or make a list."
            yield first.problem("long-paragraph", path, f"a paragraph of {count} sentences", hint)
        first, count = spot, 1


def check_plain_language(
    passages: Sequence[Passage],
    terms: Mapping[str, Term],
    path: str,
    max_grade: float,
    enabled_rules: Container[str],
) -> Iterator[Problem]:
    """Everything on a page that is hard to read, by the rules named in `on`. `limit`: a grade."""
    read = [passage for passage in passages if passage.runs]
    if "reading-grade" in enabled_rules:
        yield from check_page_grade(read, path, max_grade)
    if "hard-block" in enabled_rules:
        yield from check_block_grades(read, path, max_grade)
    all_spots = list(iter_sentence_spans(read))
    if "long-sentence" in enabled_rules or "very-long-sentence" in enabled_rules:
        yield from check_sentence_length(all_spots, path, enabled_rules)
    if "long-paragraph" in enabled_rules:
        yield from check_paragraph_length(all_spots, path)
    if "percentage" in enabled_rules:
        yield from check_percentages(all_spots, path)
    if "denominators" in enabled_rules:
        yield from check_denominators(all_spots, path)
    if "mood-word" in enabled_rules:
        yield from check_subjective_words(all_spots, path)
    if "passive" in enabled_rules:
        yield from check_passive_voice(all_spots, path)
    if "unexplained-term" in enabled_rules:
        yield from check_unexplained_terms(all_spots, terms, path)
