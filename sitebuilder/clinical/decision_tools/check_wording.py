"""Check the words of a tool: required and forbidden wording, figures and reading grade.

Invariants: I8, I11 to I13, I19 and I20 in docs/tool-invariants.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final

import msgspec

from sitebuilder.clinical.decision_tools.counterexample import Counterexamples, safety_problem
from sitebuilder.clinical.evidence.claims import find_unsourced_figures
from sitebuilder.clinical.plain_language.readability import measure_passages
from sitebuilder.clinical.plain_language.sentences import split_sentences
from sitebuilder.core.decision_tool import Outcome, RequiredWording, SafetyPolicy, Tool
from sitebuilder.core.passage import Passage
from sitebuilder.core.problems import Problem

_DIGITS: Final = re.compile(r"(?<![\w-])\d[\d.,]*(?!\w)")
_NEGATION: Final = re.compile(r"\b(?:not|never|no)\b|n't\b")
_WORD_GAP: Final = r"(?:\W+[\w']+){0,3}?"


class TextBlock(msgspec.Struct, frozen=True):
    """Texts that a reader sees together.

    Attributes:
        label: What the texts are, for messages.
        example: The shortest answers that lead there, in words.
        is_advice: The texts are about the reader or the choices; they are not what a reader says.
    """

    label: str
    path: str
    passages: tuple[Passage, ...]
    example: str
    is_advice: bool = True


def collect_text_blocks(tool: Tool, examples: Counterexamples) -> Iterator[TextBlock]:
    """Yield the texts of a tool in blocks; a note once for each option that adds it."""
    before = "before any answer"
    yield TextBlock("the title", tool.path, (tool.title, tool.disclaimer), before, is_advice=False)
    for question in tool.questions:
        texts = [question.text, *([question.help] if question.help else [])]
        texts += [option.text for option in question.options]
        example = examples.for_question(question.id)
        yield TextBlock(f"'{question.id}'", question.path, tuple(texts), example, is_advice=False)
        for option in question.options:
            if option.note in tool.notes:
                example = examples.for_question(question.id, option.id)
                note = tool.notes[option.note]
                yield TextBlock(f"the note '{note.name}'", tool.path, (note.text,), example)
    for outcome in tool.outcomes.values():
        texts = [outcome.title, *outcome.body]
        yield TextBlock(
            outcome.name, outcome.path, tuple(texts), examples.for_outcome(outcome.name)
        )
    for choice in tool.catalog.values():
        example = examples.for_nearest(
            o.name for o in tool.own_outcomes.values() if choice.name in o.offer
        )
        sides = (choice.title, choice.good, choice.less_good)
        yield TextBlock(f"the choice '{choice.name}'", tool.path, sides, example)


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
        max_grade: Limit of the reading grade, a US school grade.
        exempt: Phrases whose figures are not claims and need no source.
    """
    for block in collect_text_blocks(tool, examples):
        yield from _check_forbidden_phrases(block, policy)
        yield from _check_figures(block, emergency_number, exempt)
        grade = round(measure_passages(block.passages).flesch_kincaid, 1)
        if grade > max_grade:
            message = f"{block.label} has reading grade {grade}; the limit is {max_grade:g}"
            hint = "Use shorter sentences and shorter words."
            yield safety_problem(block.path, block.passages[0].line, message, hint, block.example)
    for required in policy.says.values():
        outcome = tool.safety.outcomes.get(required.name)
        if outcome is None:
            message = f"there is no result '{required.name}'"
            hint = "content/emergency.yaml asks for it under 'says:'."
            yield safety_problem(tool.safety.path, 1, message, hint, "")
        else:
            yield from _check_required_wording(outcome, required, examples, emergency_number)


# -- forbidden in every text (I11, I12, I20) ------------------------------------------------------


@lru_cache(maxsize=256)
def compile_phrase(text: str) -> re.Pattern[str]:
    """Compile a phrase of `guarded:` to a pattern for case-folded text.

    `/` separates words that are equivalent; `...` is a gap of up to three words.
    """
    pattern = ""
    for word in text.casefold().split():
        if word == "...":
            pattern += _WORD_GAP
        else:
            alternatives = "|".join(re.escape(each) for each in word.split("/"))
            pattern += (r"\W+" if pattern else r"\b") + f"(?:{alternatives})"
    return re.compile(pattern + r"\b")


def _normalize(text: str) -> str:
    return " ".join(text.casefold().replace("\u2019", "'").split())


def _check_forbidden_phrases(block: TextBlock, policy: SafetyPolicy) -> Iterator[Problem]:
    for passage in block.passages:
        typed = "".join(run.text if run.origin != "sign" else " " for run in passage.runs)
        for sentence in (_normalize(text) for _, text in split_sentences(typed)):
            for phrase in policy.guarded:
                match = compile_phrase(phrase).search(sentence)
                if match:
                    message = f"{block.label} says '{match[0]}', which no tool may say"
                    hint = "Say 'ask', 'talk about', 'may', 'some people'."
                    yield safety_problem(block.path, passage.line, message, hint, block.example)


def _check_figures(
    block: TextBlock, emergency_number: str, exempt: Sequence[str]
) -> Iterator[Problem]:
    hint = "Put it into content/facts.yaml with its source, and write {fact NAME} here."
    for figure in find_unsourced_figures(block.passages, block.path, exempt):
        yield safety_problem(block.path, figure.line, figure.message, hint, block.example)
    for passage in block.passages if block.is_advice else ():
        for run in passage.runs:
            digits = _DIGITS.search(run.text) if run.origin == "page" else None
            if digits and digits[0].rstrip(".,") != emergency_number:
                message = f"{block.label} has the number {digits[0]} in words about the reader"
                yield safety_problem(block.path, passage.line, message, hint, block.example)


# -- required of the outcomes of the gates (I8, I13) ----------------------------------------------


def _check_required_wording(
    outcome: Outcome, required: RequiredWording, examples: Counterexamples, emergency_number: str
) -> Iterator[Problem]:
    example = examples.for_outcome(outcome.name)
    path = outcome.path
    if outcome.level != required.level:
        line = outcome.lines.get("level", outcome.line)
        message = f"{outcome.name} is shown as '{outcome.level}'"
        yield safety_problem(path, line, message, f"Write 'level: {required.level}'.", example)
    if required.links == "none" and outcome.links:
        line = outcome.lines.get("links", outcome.line)
        message = f"{outcome.name} links to {', '.join(outcome.links)}"
        yield safety_problem(path, line, message, "Write 'links: []': help comes first.", example)
    for template in required.title:
        words = template.format(number=emergency_number)
        if not _asserts([outcome.title], words):
            message = f"the title of {outcome.name} does not say '{words}'"
            yield safety_problem(
                path, outcome.title.line, message, "Say it, word for word.", example
            )
    for template in required.body:
        words = template.format(number=emergency_number)
        if not _asserts(outcome.body, words):
            message = f"{outcome.name} does not say '{words}'"
            line = outcome.lines.get("body", outcome.line)
            yield safety_problem(path, line, message, "Say it, word for word.", example)


def _asserts(texts: Iterable[Passage], words: str) -> bool:
    """Whether any text holds these words, with no negation before them in the sentence."""
    pattern = re.compile(rf"(?<!\w){re.escape(_normalize(words))}(?!\w)")
    for passage in texts:
        for _, text in split_sentences(passage.text):
            sentence = _normalize(text)
            match = pattern.search(sentence)
            if match and not _NEGATION.search(sentence[: match.start()]):
                return True
    return False
