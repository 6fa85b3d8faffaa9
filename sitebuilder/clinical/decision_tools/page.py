"""Tools in; the pages that they stand on out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sitebuilder.clinical.evidence.usage import Uses
from sitebuilder.clinical.evidence.warning_signs import EMERGENCY
from sitebuilder.core.decision_tool import Tool
from sitebuilder.core.evidence import Knowledge
from sitebuilder.core.model import Page
from sitebuilder.core.passage import Passage

TEMPLATE: Final = "tool"
SHEET: Final = "tool.css"
SCRIPT: Final = "tool.js"
"""What stands in static/inline/ for the pages of tools."""


def page_of(tool: Tool) -> Page:
    """The page of a tool: its words are the tool's, so it has no body."""
    return Page(
        id=page_id(tool),
        path=tool.path,
        address=f"/{page_id(tool)}/",
        title=tool.title.text,
        body="",
        body_line=1,
        description=tool.description,
        template=TEMPLATE,
        review="clinical",
        owner=tool.owner,
        changes=tool.changes,
        lines=tool.lines,
    )


def page_id(tool: Tool) -> str:
    """The id of the page of a tool."""
    return f"tools/{tool.name}"


def named_by(tool: Tool | None) -> Iterator[str]:
    """The ids of the pages that a tool leads to."""
    if tool is not None:
        for outcome in tool.outcomes.values():
            yield from outcome.links
        for choice in tool.catalog.values():
            yield choice.page


def uses_of_tool(tool: Tool, known: Knowledge) -> Uses:
    """What a tool draws on: its facts, their sources, and the signs of its 911 card."""
    facts = {name: known.facts[name] for name in sorted(tool.facts) if name in known.facts}
    cited = {name for fact in facts.values() for name in fact.sources}
    lists = {EMERGENCY: known.lists[EMERGENCY]} if EMERGENCY in known.lists else {}
    on_card = {s for one in lists.values() for group in one.groups for s in group.signs}
    knowledge = Knowledge(
        facts=facts,
        sources={name: known.sources[name] for name in sorted(cited) if name in known.sources},
        signs={name: known.signs[name] for name in sorted(on_card) if name in known.signs},
        lists=lists,
    )
    return Uses(knowledge, {}, frozenset())


def passages_of(tool: Tool) -> Iterator[Passage]:
    """All that a reader of a tool reads."""
    yield from (tool.title, tool.disclaimer)
    for question in tool.questions:
        yield question.text
        if question.help:
            yield question.help
        yield from (option.text for option in question.options)
    for outcome in tool.outcomes.values():
        yield from (outcome.title, *outcome.body)
    yield from (note.text for note in tool.notes.values())
    for choice in tool.catalog.values():
        yield from (choice.title, choice.good, choice.less_good)
