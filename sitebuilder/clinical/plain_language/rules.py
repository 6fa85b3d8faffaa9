"""What is hard to read or take in on a page. States facts; config decides how bad each is."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Final

from sitebuilder.clinical.plain_language.chances import denominators, percentages
from sitebuilder.clinical.plain_language.location import Spot, opening, spots
from sitebuilder.clinical.plain_language.readability import GRADED, grade, tally_of
from sitebuilder.clinical.plain_language.sentences import words
from sitebuilder.clinical.plain_language.wording import moods, passives, terms_unexplained
from sitebuilder.core.evidence import Term
from sitebuilder.core.passage import Passage
from sitebuilder.core.problems import Problem, problem

LONG_SENTENCE: Final = 20
VERY_LONG_SENTENCE: Final = 25
LONG_PARAGRAPH: Final = 3
SMALL_BLOCK: Final = 30  # words; of fewer, a grade says little
SHORTER: Final = "Use shorter sentences and shorter words. Put lists where there are many parts."


def too_hard(passages: Sequence[Passage], path: str, limit: float) -> Iterator[Problem]:
    """A page above the limit, as a whole or in its paragraphs alone. Graded as it is shown."""
    found = grade(passages)
    whole, prose = round(found.flesch_kincaid, 1), round(found.prose, 1)
    if found.words and max(whole, prose) > limit:
        message = f"reading grade {whole} (paragraphs alone: {prose}); the limit is {limit:g}"
        line, column = passages[0].place(0)
        yield problem("reading-grade", path, message, hint=SHORTER, line=line, column=column)


def hard_blocks(passages: Sequence[Passage], path: str, limit: float) -> Iterator[Problem]:
    """Blocks above the limit: the average of a page hides them."""
    blocks: dict[tuple[int, str], list[Passage]] = {}
    for passage in passages:
        if passage.block and passage.kind in GRADED:
            blocks.setdefault((passage.block_line, passage.block), []).append(passage)
    for (line, name), inside in blocks.items():
        counts = tally_of(inside)
        found = round(counts.flesch_kincaid, 1)
        if counts.words >= SMALL_BLOCK and found > limit:
            start = opening(next(p.text.strip() for p in inside if p.text.strip()))
            message = (
                f"the block '{name}' has reading grade {found}; the limit is {limit:g}: {start}"
            )
            yield problem("hard-block", path, message, hint=SHORTER, line=line, column=1)


def long_sentences(all_spots: Sequence[Spot], path: str, on: Container[str]) -> Iterator[Problem]:
    """Sentences that are too long to hold in mind."""
    hint = f"Make two sentences of it, or a list. {LONG_SENTENCE} words are the most to aim for."
    for spot in all_spots:
        count = len(words(spot.text)) if spot.passage.kind in GRADED else 0
        if count > LONG_SENTENCE:
            rule = "very-long-sentence" if count > VERY_LONG_SENTENCE else "long-sentence"
            if rule in on:
                yield spot.problem(rule, path, f"a sentence of {count} words", hint)


def long_paragraphs(all_spots: Sequence[Spot], path: str) -> Iterator[Problem]:
    """Paragraphs of more than three sentences."""
    first: Spot | None = None
    count = 0
    for spot in [*all_spots, None]:
        if first and spot and spot.passage is first.passage:
            count += 1
            continue
        if first and first.passage.kind == "paragraph" and count > LONG_PARAGRAPH:
            hint = (
                f"Start a new paragraph after {LONG_PARAGRAPH} sentences at most, or make a list."
            )
            yield first.problem("long-paragraph", path, f"a paragraph of {count} sentences", hint)
        first, count = spot, 1


def plain_language(
    passages: Sequence[Passage],
    terms: Mapping[str, Term],
    path: str,
    limit: float,
    on: Container[str],
) -> Iterator[Problem]:
    """Everything on a page that is hard to read, by the rules named in `on`. `limit`: a grade."""
    read = [passage for passage in passages if passage.runs]
    if "reading-grade" in on:
        yield from too_hard(read, path, limit)
    if "hard-block" in on:
        yield from hard_blocks(read, path, limit)
    all_spots = list(spots(read))
    if "long-sentence" in on or "very-long-sentence" in on:
        yield from long_sentences(all_spots, path, on)
    if "long-paragraph" in on:
        yield from long_paragraphs(all_spots, path)
    if "percentage" in on:
        yield from percentages(all_spots, path)
    if "denominators" in on:
        yield from denominators(all_spots, path)
    if "mood-word" in on:
        yield from moods(all_spots, path)
    if "passive" in on:
        yield from passives(all_spots, path)
    if "unexplained-term" in on:
        yield from terms_unexplained(all_spots, terms, path)
