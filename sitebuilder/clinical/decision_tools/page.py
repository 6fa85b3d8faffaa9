"""Build the pages of decision tools."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sitebuilder.clinical.decision_tools.view import emergency_lists
from sitebuilder.clinical.evidence.usage import PageDependencies
from sitebuilder.core.decision_tool import Tool
from sitebuilder.core.evidence import Evidence
from sitebuilder.core.model import Page
from sitebuilder.core.passage import Passage

TOOL_TEMPLATE: Final = "tool"
TOOL_STYLESHEET: Final = "tool.css"
TOOL_SCRIPT: Final = "tool.js"
"""Files of static/inline/ for the pages of tools."""


def build_tool_page(tool: Tool) -> Page:
    """Build the page of a tool. Its words come from the tool, so it has no body."""
    return Page(
        id=tool_page_id(tool),
        path=tool.path,
        address=f"/{tool_page_id(tool)}/",
        title=tool.title.text,
        body="",
        body_line=1,
        description=tool.description,
        template=TOOL_TEMPLATE,
        review="clinical",
        owner=tool.owner,
        changes=tool.changes,
        lines=tool.lines,
    )


def tool_page_id(tool: Tool) -> str:
    """Return the id of the page of a tool."""
    return f"tools/{tool.name}"


def linked_page_ids(tool: Tool | None) -> Iterator[str]:
    """Yield the ids of the pages that a tool links to; nothing if `tool` is None."""
    if tool is not None:
        for outcome in tool.outcomes.values():
            yield from outcome.links
        for choice in tool.catalog.values():
            yield choice.page


def tool_dependencies(tool: Tool, evidence: Evidence) -> PageDependencies:
    """Return what a tool uses: its facts, their sources, and the signs."""
    facts = {name: evidence.facts[name] for name in sorted(tool.facts) if name in evidence.facts}
    cited = {name for fact in facts.values() for name in fact.sources}
    lists = {sign_list.name: sign_list for sign_list in emergency_lists(evidence)}
    listed = {s for sign_list in lists.values() for group in sign_list.groups for s in group.signs}
    used = Evidence(
        facts=facts,
        sources={
            name: evidence.sources[name] for name in sorted(cited) if name in evidence.sources
        },
        signs={
            name: sign for name, sign in evidence.signs.items() if sign.asked_in or name in listed
        },
        lists=lists,
        orders=evidence.orders,
    )
    return PageDependencies(used, {}, frozenset())


def tool_passages(tool: Tool) -> Iterator[Passage]:
    """Yield everything that a reader of a tool reads."""
    yield from (tool.title, tool.disclaimer)
    for question in tool.questions:
        yield question.text
        if question.help:
            yield question.help
        yield from (option.text for option in question.options)
    for outcome in tool.outcomes.values():
        yield from outcome.passages
        yield from (line.paper for line in outcome.body if line.paper)
    yield from (note.text for note in tool.notes.values())
    if tool.standing_list:
        yield from (tool.standing_list.title, *tool.standing_list.items)
        if tool.standing_list.closing:
            yield tool.standing_list.closing
    for choice in tool.catalog.values():
        yield from (choice.title, choice.good, choice.less_good)
