"""The words of a tool: what results have to say, what no text may say, figures, reading grade."""

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
    """Texts that a reader meets together, what they are, and the way there.

    `judged`: they are about the reader or the choices, not what the reader says.
    """

    label: str
    path: str
    passages: tuple[Passage, ...]
    example: str
    is_advice: bool = True


def collect_text_blocks(tool: Tool, examples: Counterexamples) -> Iterator[TextBlock]:
    """Every text of a tool."""
    before = "before any answer"
    yield TextBlock("the title", tool.path, (tool.title, tool.disclaimer), before, is_advice=False)
    for question in tool.questions:
        texts = [question.text, *([question.help] if question.help else [])]
        texts += [option.text for option in question.options]
        way = examples.for_question(question.id)
        yield TextBlock(f"'{question.id}'", question.path, tuple(texts), way, is_advice=False)
        for option in question.options:
            if option.note in tool.notes:
                way = examples.for_question(question.id, option.id)
                note = tool.notes[option.note]
                yield TextBlock(f"the note '{note.name}'", tool.path, (note.text,), way)
    for outcome in tool.outcomes.values():
        texts = [outcome.title, *outcome.body]
        yield TextBlock(
            outcome.name, outcome.path, tuple(texts), examples.for_outcome(outcome.name)
        )
    for choice in tool.catalog.values():
        way = examples.for_nearest(
            o.name for o in tool.own_outcomes.values() if choice.name in o.offer
        )
        three = (choice.title, choice.good, choice.less_good)
        yield TextBlock(f"the choice '{choice.name}'", tool.path, three, way)


def check_wording(
    tool: Tool,
    policy: SafetyPolicy,
    examples: Counterexamples,
    *,
    emergency_number: str,
    max_grade: float,
    exempt: Sequence[str] = (),
) -> Iterator[Problem]:
    """Everything wrong with the words of a tool. `number`: the emergency number."""
    for said in collect_text_blocks(tool, examples):
        yield from _check_forbidden_phrases(said, policy)
        yield from _check_figures(said, emergency_number, exempt)
        grade = round(measure_passages(said.passages).flesch_kincaid, 1)
        if grade > max_grade:
            message = f"{said.label} has reading grade {grade}; the limit is {max_grade:g}"
            hint = "Use shorter sentences and shorter words."
            yield safety_problem(said.path, said.passages[0].line, message, hint, said.example)
    for says in policy.says.values():
        outcome = tool.safety.outcomes.get(says.name)
        if outcome is None:
            message = f"there is no result '{says.name}'"
            hint = "content/emergency.yaml asks for it under 'says:'."
            yield safety_problem(tool.safety.path, 1, message, hint, "")
        else:
            yield from _check_required_wording(outcome, says, examples, emergency_number)


# -- what no text may say (I11, I12, I20) ---------------------------------------------------------


@lru_cache(maxsize=256)
def compile_phrase(text: str) -> re.Pattern[str]:
    """A phrase of `guarded:` as a pattern. `/` parts words that count alike, `...` is a gap."""
    pattern = ""
    for word in text.casefold().split():
        if word == "...":
            pattern += _WORD_GAP
        else:
            ways = "|".join(re.escape(one) for one in word.split("/"))
            pattern += (r"\W+" if pattern else r"\b") + f"(?:{ways})"
    return re.compile(pattern + r"\b")


def _normalize(text: str) -> str:
    return " ".join(text.casefold().replace("\u2019", "'").split())


def _check_forbidden_phrases(block: TextBlock, policy: SafetyPolicy) -> Iterator[Problem]:
    for passage in block.passages:
        typed = "".join(run.text if run.origin != "sign" else " " for run in passage.runs)
        for plain in (_normalize(sentence) for _, sentence in split_sentences(typed)):
            for written in policy.guarded:
                found = compile_phrase(written).search(plain)
                if found:
                    message = f"{block.label} says '{found[0]}', which no tool may say"
                    hint = "Say 'ask', 'talk about', 'may', 'some people'."
                    yield safety_problem(block.path, passage.line, message, hint, block.example)


def _check_figures(
    block: TextBlock, emergency_number: str, exempt: Sequence[str]
) -> Iterator[Problem]:
    hint = "Put it into content/facts.yaml with its source, and write {fact NAME} here."
    for found in find_unsourced_figures(block.passages, block.path, exempt):
        yield safety_problem(block.path, found.line, found.message, hint, block.example)
    for passage in block.passages if block.is_advice else ():
        for run in passage.runs:
            digits = _DIGITS.search(run.text) if run.origin == "page" else None
            if digits and digits[0].rstrip(".,") != emergency_number:
                message = f"{block.label} has the number {digits[0]} in words about the reader"
                yield safety_problem(block.path, passage.line, message, hint, block.example)


# -- what the results of the gates have to say (I8, I13) ------------------------------------------


def _check_required_wording(
    outcome: Outcome, required: RequiredWording, examples: Counterexamples, emergency_number: str
) -> Iterator[Problem]:
    way = examples.for_outcome(outcome.name)
    path = outcome.path
    if outcome.level != required.level:
        line = outcome.lines.get("level", outcome.line)
        message = f"{outcome.name} is shown as '{outcome.level}'"
        yield safety_problem(path, line, message, f"Write 'level: {required.level}'.", way)
    if required.links == "none" and outcome.links:
        line = outcome.lines.get("links", outcome.line)
        message = f"{outcome.name} links to {', '.join(outcome.links)}"
        yield safety_problem(path, line, message, "Write 'links: []': help comes first.", way)
    for words in required.title:
        if not _asserts([outcome.title], words.format(number=emergency_number)):
            message = f"the title of {outcome.name} does not say '{words.format(number=emergency_number)}'"
            yield safety_problem(path, outcome.title.line, message, "Say it, word for word.", way)
    for words in required.body:
        if not _asserts(outcome.body, words.format(number=emergency_number)):
            message = f"{outcome.name} does not say '{words.format(number=emergency_number)}'"
            line = outcome.lines.get("body", outcome.line)
            yield safety_problem(path, line, message, "Say it, word for word.", way)


def _asserts(texts: Iterable[Passage], words: str) -> bool:
    """Whether a text says these words and nothing before them in the sentence takes them back."""
    wanted = re.compile(rf"(?<!\w){re.escape(_normalize(words))}(?!\w)")
    for passage in texts:
        for _, sentence in split_sentences(passage.text):
            found = wanted.search(_normalize(sentence))
            if found and not _NEGATION.search(_normalize(sentence)[: found.start()]):
                return True
    return False
