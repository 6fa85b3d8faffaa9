"""The words of a tool: what results have to say, what no text may say, figures, reading grade."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final

import msgspec

from sitebuilder.clinical.decision_tools.counterexample import Ways, unsafe
from sitebuilder.clinical.evidence.claims import claims
from sitebuilder.clinical.plain_language.readability import tally_of
from sitebuilder.clinical.plain_language.sentences import sentences
from sitebuilder.core.decision_tool import Guard, Outcome, Says, Tool
from sitebuilder.core.passage import Passage
from sitebuilder.core.problems import Problem

_DIGITS: Final = re.compile(r"(?<![\w-])\d[\d.,]*(?!\w)")
_NOT: Final = re.compile(r"\b(?:not|never|no)\b|n't\b")
_GAP: Final = r"(?:\W+[\w']+){0,3}?"


class Said(msgspec.Struct, frozen=True):
    """Texts that a reader meets together, what they are, and the way there.

    `judged`: they are about the reader or the choices, not what the reader says.
    """

    what: str
    path: str
    texts: tuple[Passage, ...]
    way: str
    judged: bool = True


def blocks(tool: Tool, ways: Ways) -> Iterator[Said]:
    """Every text of a tool."""
    before = "before any answer"
    yield Said("the title", tool.path, (tool.title, tool.disclaimer), before, judged=False)
    for question in tool.questions:
        texts = [question.text, *([question.help] if question.help else [])]
        texts += [option.text for option in question.options]
        way = ways.question(question.id)
        yield Said(f"'{question.id}'", question.path, tuple(texts), way, judged=False)
        for option in question.options:
            if option.note in tool.notes:
                way = ways.question(question.id, option.id)
                note = tool.notes[option.note]
                yield Said(f"the note '{note.name}'", tool.path, (note.text,), way)
    for outcome in tool.outcomes.values():
        texts = [outcome.title, *outcome.body]
        yield Said(outcome.name, outcome.path, tuple(texts), ways.outcome(outcome.name))
    for choice in tool.catalog.values():
        way = ways.nearest(o.name for o in tool.own_outcomes.values() if choice.name in o.offer)
        three = (choice.title, choice.good, choice.less_good)
        yield Said(f"the choice '{choice.name}'", tool.path, three, way)


def wording(
    tool: Tool,
    guard: Guard,
    ways: Ways,
    *,
    number: str,
    limit: float,
    exempt: Sequence[str] = (),
) -> Iterator[Problem]:
    """Everything wrong with the words of a tool. `number`: the emergency number."""
    for said in blocks(tool, ways):
        yield from _guarded(said, guard)
        yield from _figures(said, number, exempt)
        grade = round(tally_of(said.texts).flesch_kincaid, 1)
        if grade > limit:
            message = f"{said.what} has reading grade {grade}; the limit is {limit:g}"
            hint = "Use shorter sentences and shorter words."
            yield unsafe(said.path, said.texts[0].line, message, hint, said.way)
    for says in guard.says.values():
        outcome = tool.safety.outcomes.get(says.name)
        if outcome is None:
            message = f"there is no result '{says.name}'"
            hint = "content/emergency.yaml asks for it under 'says:'."
            yield unsafe(tool.safety.path, 1, message, hint, "")
        else:
            yield from _has_to_say(outcome, says, ways, number)


# -- what no text may say (I11, I12, I20) ---------------------------------------------------------


@lru_cache(maxsize=256)
def phrase(written: str) -> re.Pattern[str]:
    """A phrase of `guarded:` as a pattern. `/` parts words that count alike, `...` is a gap."""
    pattern = ""
    for word in written.casefold().split():
        if word == "...":
            pattern += _GAP
        else:
            ways = "|".join(re.escape(one) for one in word.split("/"))
            pattern += (r"\W+" if pattern else r"\b") + f"(?:{ways})"
    return re.compile(pattern + r"\b")


def _plain(text: str) -> str:
    return " ".join(text.casefold().replace("\u2019", "'").split())


def _guarded(said: Said, guard: Guard) -> Iterator[Problem]:
    for passage in said.texts:
        typed = "".join(run.text if run.origin != "sign" else " " for run in passage.runs)
        for plain in (_plain(sentence) for _, sentence in sentences(typed)):
            for written in guard.guarded:
                found = phrase(written).search(plain)
                if found:
                    message = f"{said.what} says '{found[0]}', which no tool may say"
                    hint = "Say 'ask', 'talk about', 'may', 'some people'."
                    yield unsafe(said.path, passage.line, message, hint, said.way)


def _figures(said: Said, number: str, exempt: Sequence[str]) -> Iterator[Problem]:
    hint = "Put it into content/facts.yaml with its source, and write {fact NAME} here."
    for found in claims(said.texts, said.path, exempt):
        yield unsafe(said.path, found.line, found.message, hint, said.way)
    for passage in said.texts if said.judged else ():
        for run in passage.runs:
            digits = _DIGITS.search(run.text) if run.origin == "page" else None
            if digits and digits[0].rstrip(".,") != number:
                message = f"{said.what} has the number {digits[0]} in words about the reader"
                yield unsafe(said.path, passage.line, message, hint, said.way)


# -- what the results of the gates have to say (I8, I13) ------------------------------------------


def _has_to_say(outcome: Outcome, says: Says, ways: Ways, number: str) -> Iterator[Problem]:
    way = ways.outcome(outcome.name)
    path = outcome.path
    if outcome.level != says.level:
        line = outcome.lines.get("level", outcome.line)
        message = f"{outcome.name} is shown as '{outcome.level}'"
        yield unsafe(path, line, message, f"Write 'level: {says.level}'.", way)
    if says.links == "none" and outcome.links:
        line = outcome.lines.get("links", outcome.line)
        message = f"{outcome.name} links to {', '.join(outcome.links)}"
        yield unsafe(path, line, message, "Write 'links: []': help comes first.", way)
    for words in says.title:
        if not _says([outcome.title], words.format(number=number)):
            message = f"the title of {outcome.name} does not say '{words.format(number=number)}'"
            yield unsafe(path, outcome.title.line, message, "Say it, word for word.", way)
    for words in says.body:
        if not _says(outcome.body, words.format(number=number)):
            message = f"{outcome.name} does not say '{words.format(number=number)}'"
            line = outcome.lines.get("body", outcome.line)
            yield unsafe(path, line, message, "Say it, word for word.", way)


def _says(texts: Iterable[Passage], words: str) -> bool:
    """Whether a text says these words and nothing before them in the sentence takes them back."""
    wanted = re.compile(rf"(?<!\w){re.escape(_plain(words))}(?!\w)")
    for passage in texts:
        for _, sentence in sentences(passage.text):
            found = wanted.search(_plain(sentence))
            if found and not _NOT.search(_plain(sentence)[: found.start()]):
                return True
    return False
