"""All texts of a tool, in the blocks in which readers see them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from sitebuilder.core.decision_tool import Outcome, Tool
from sitebuilder.core.passage import Passage, TextRun

if TYPE_CHECKING:
    from sitebuilder.clinical.decision_tools.counterexample import Counterexamples


class TextBlock(msgspec.Struct, frozen=True):
    """Texts that a reader sees together.

    Attributes:
        label: What the texts are, for messages.
        example: The shortest answers that lead there, in words.
        outcome: The outcome whose texts they are.
        is_advice: The texts are about the reader or the choices; they are not what a reader says.
    """

    label: str
    path: str
    passages: tuple[Passage, ...]
    example: str
    outcome: Outcome | None = None
    is_advice: bool = True


def collect_text_blocks(tool: Tool, examples: Counterexamples) -> Iterator[TextBlock]:
    """Yield the texts of a tool in blocks."""
    before = "before any answer"
    line = tool.lines.get("description", 1)
    top = (tool.title, Passage("field", (TextRun(tool.description, line, 1),)), tool.disclaimer)
    yield TextBlock("the title", tool.path, top, before, is_advice=False)
    yield from _question_blocks(tool, examples)
    for outcome in tool.outcomes.values():
        papers = (line.paper for line in outcome.body if line.paper is not None)
        example = examples.for_outcome(outcome.name)
        texts = (*outcome.passages, *papers)
        yield TextBlock(outcome.name, outcome.path, texts, example, outcome)
    for choice in tool.catalog.values():
        offering = (o.name for o in tool.own_outcomes.values() if choice.name in o.offer)
        sides = (choice.title, choice.good, choice.less_good)
        label = f"the choice '{choice.name}'"
        yield TextBlock(label, tool.path, sides, examples.for_nearest(offering))
    standing = tool.standing_list
    if standing is not None:
        closing = () if standing.closing is None else (standing.closing,)
        texts = (standing.title, *standing.items, *closing)
        example = examples.for_nearest(tool.own_outcomes)
        yield TextBlock("the list for the visit", tool.path, texts, example)


def _question_blocks(tool: Tool, examples: Counterexamples) -> Iterator[TextBlock]:
    """Yield the texts of each question, and the notes that its options add, each note once."""
    noted: set[str] = set()
    for question in tool.questions:
        helps = () if question.help is None else (question.help,)
        texts = (question.text, *helps, *(option.text for option in question.options))
        example = examples.for_question(question.id)
        yield TextBlock(f"'{question.id}'", question.path, texts, example, is_advice=False)
        for option in question.options:
            for name in option.notes:
                if name in tool.notes and name not in noted:
                    noted.add(name)
                    note = tool.notes[name]
                    example = examples.for_question(question.id, option.id)
                    label = f"the note '{name}'"
                    yield TextBlock(label, note.path or tool.path, (note.text,), example)
