"""Check the words of a tool: required and forbidden wording, figures and reading grade.

Invariants: S16, S17, I8, I11, I12, I19, I20 and I23 to I26 in docs/tool-invariants.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from sitebuilder.clinical.decision_tools.check_commands import (
    TierPhrases,
    check_commands,
    check_required_wording,
    check_tier_wording,
)
from sitebuilder.clinical.decision_tools.counterexample import safety_problem
from sitebuilder.clinical.decision_tools.phrases import compile_phrases, normalize
from sitebuilder.clinical.decision_tools.text_blocks import TextBlock, collect_text_blocks
from sitebuilder.clinical.evidence.claims import find_unsourced_figures
from sitebuilder.clinical.plain_language.readability import measure_passages
from sitebuilder.clinical.plain_language.sentences import split_sentences
from sitebuilder.core.decision_tool import Tool
from sitebuilder.core.problems import Problem
from sitebuilder.core.safety_policy import SafetyPolicy

if TYPE_CHECKING:
    from sitebuilder.clinical.decision_tools.counterexample import Counterexamples

GRADED_WORDS: Final = 30
"""Words from which on a block has to meet `MAX_GRADE`; in fewer, one long word weighs too much."""

MAX_GRADE: Final = 6.0
"""Limit of the reading grade of a tool's longer blocks, a US school grade."""

_DIGITS: Final = re.compile(r"(?<![\w-])\d[\d.,]*(?!\w)")
_LIST_BELOW: Final = re.compile(r"\blist\b.*\bbelow\b")


def check_wording(
    tool: Tool,
    policy: SafetyPolicy,
    examples: Counterexamples,
    *,
    emergency_number: str,
    max_grade: float,
    exempt: Sequence[str] = (),
) -> Iterator[Problem]:
    """Report everything that is wrong with the words of a tool.

    Args:
        tool: The tool.
        policy: Required and forbidden wording.
        examples: The shortest answers that lead to each text.
        emergency_number: What `{number}` stands for in the policy.
        max_grade: Limit of the reading grade of blocks of less than `GRADED_WORDS`.
        exempt: Further phrases whose figures are not claims and need no source.
    """
    phrases = TierPhrases(policy, emergency_number)
    figures = (*policy.figures, *exempt)
    for block in collect_text_blocks(tool, examples):
        yield from _check_forbidden_phrases(block, policy)
        yield from _check_figures(block, emergency_number, figures)
        yield from _check_grade(block, max_grade)
        yield from check_commands(block, phrases)
        if block.outcome is not None:
            yield from check_tier_wording(block.outcome, phrases, block.example)
            yield from _check_list_below(block, tool)
    yield from check_required_wording(tool, policy, phrases, examples)


def _check_forbidden_phrases(block: TextBlock, policy: SafetyPolicy) -> Iterator[Problem]:
    pattern = compile_phrases(policy.guarded)
    for passage in block.passages:
        typed = "".join(run.text if run.origin != "sign" else " " for run in passage.runs)
        for sentence in (normalize(text) for _, text in split_sentences(typed)):
            for match in pattern.finditer(sentence):
                message = f"{block.label} says '{match[0]}', which no tool may say"
                hint = "Say 'ask', 'talk about', 'may', 'some people'."
                yield safety_problem(block.path, passage.line, message, hint, block.example)


def _check_figures(
    block: TextBlock, emergency_number: str, exempt: Iterable[str]
) -> Iterator[Problem]:
    hint = (
        "Put it into content/facts.yaml with its source, and write {fact NAME} here. If it claims "
        "nothing, it may stand under 'figures:' in content/emergency.yaml, with the reason."
    )
    phrases = (*exempt, emergency_number)
    for figure in find_unsourced_figures(block.passages, block.path, phrases):
        yield safety_problem(block.path, figure.line, figure.message, hint, block.example)
    allowed = re.compile("|".join(rf"(?<!\w){re.escape(each)}" for each in phrases), re.IGNORECASE)
    for passage in block.passages if block.is_advice else ():
        for run in passage.runs:
            typed = run.text if run.origin == "page" else ""
            digits = _DIGITS.search(allowed.sub(lambda match: "_" * len(match[0]), typed))
            if digits:
                message = f"{block.label} has the number {digits[0]} in words about the reader"
                yield safety_problem(block.path, passage.line, message, hint, block.example)


def _check_grade(block: TextBlock, max_grade: float) -> Iterator[Problem]:
    stats = measure_passages(block.passages)
    limit = MAX_GRADE if stats.words >= GRADED_WORDS else max_grade
    grade = round(stats.flesch_kincaid, 1)
    if grade > limit:
        message = f"{block.label} has reading grade {grade}; the limit is {limit:g}"
        hint = "Use shorter sentences and shorter words."
        yield safety_problem(block.path, block.passages[0].line, message, hint, block.example)


def _check_list_below(block: TextBlock, tool: Tool) -> Iterator[Problem]:
    """Report a line that points to the list for the visit where none is shown."""
    outcome = block.outcome
    assert outcome is not None
    if tool.standing_list and (outcome.with_notes or outcome.name in tool.own_outcomes):
        return
    for passage in block.passages:
        if _LIST_BELOW.search(normalize(passage.text)):
            message = f"{block.label} points to a list below, and there is none"
            hint = "Take it out, or write 'standing_list:' into the tool."
            yield safety_problem(block.path, passage.line, message, hint, block.example)
