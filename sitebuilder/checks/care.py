"""Check what a page says of warning signs: its care cards, its orders, the number to call."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from sitebuilder.clinical.evidence.accepted_sentences import check_accepted
from sitebuilder.clinical.evidence.care_cards import (
    check_care_cards,
    check_required_cards,
    find_care_cards,
)
from sitebuilder.clinical.evidence.emergency_numbers import (
    check_emergency_numbers,
    check_phone_links,
)
from sitebuilder.clinical.evidence.sign_orders import (
    OrderedSign,
    find_ordered_signs,
    find_watched_sentences,
)
from sitebuilder.core.config import Config
from sitebuilder.core.decision_tool import Tool
from sitebuilder.core.evidence import Evidence
from sitebuilder.core.model import SitePage
from sitebuilder.core.passage import Passage
from sitebuilder.core.problems import Problem, problem
from sitebuilder.markdown.passages import extract_passages


class PageText(msgspec.Struct, frozen=True):
    """Texts that readers see together.

    Attributes:
        title: What they stand under; it may say whom they are about.
        setting: Whom they are about unless they say so; empty for a tool, which asks.
    """

    title: str
    path: str
    passages: Sequence[Passage]
    setting: str = ""


def page_texts(site_page: SitePage) -> Iterator[PageText]:
    """Yield the texts of a page; for a tool, those of each result, question, note and choice."""
    page, tool = site_page.page, site_page.tool
    if tool is not None:
        yield from _tool_texts(tool)
        return
    passages = extract_passages(page.body, page.body_line, site_page.evidence, site_page.fills)
    yield PageText(page.title, page.path, passages, "everybody")


def _tool_texts(tool: Tool) -> Iterator[PageText]:
    for question in tool.questions:
        helps = () if question.help is None else (question.help,)
        yield PageText("", question.path, (question.text, *helps))
        for option in question.options:
            yield PageText("", question.path, (option.text,))
    for outcome in tool.outcomes.values():
        yield PageText(outcome.title.text, outcome.path, outcome.passages)
    for note in tool.notes.values():
        yield PageText("", note.path or tool.path, (note.text,))
    for choice in tool.catalog.values():
        yield PageText(choice.title.text, tool.path, (choice.good, choice.less_good))
    if tool.standing_list:
        yield PageText("", tool.path, tool.standing_list.items)


def find_orders(text: PageText, evidence: Evidence) -> Iterator[OrderedSign]:
    """Yield every sentence of a text that names a warning sign and gives an order."""
    return find_ordered_signs(text.title, text.passages, evidence, text.setting)


def check_care(site_page: SitePage, config: Config) -> Iterator[Problem]:
    """Check a page of a site that keeps its warning signs as data.

    Args:
        site_page: The page, with the signs that it lists or names.
        config: The emergency number, and the cards that pages have to open with.
    """
    page, evidence = site_page.page, site_page.evidence
    texts = tuple(page_texts(site_page))
    if (page.lang or config.lang).startswith("en"):
        for text in texts:
            yield from _check_sentences(text, site_page)
            yield from check_emergency_numbers(text.passages, text.path, config.emergency_number)
    if site_page.tool is None:
        yield from check_phone_links(page.body, page.body_line, page.path, config.emergency_number)
        cards = tuple(find_care_cards(page.body, page.body_line))
        yield from check_care_cards(cards, texts[0].passages, evidence, page.path)
        line = page.lines.get("title", 1)
        for item in config.care_cards:
            if item.page == page.id:
                yield from check_required_cards(cards, item, page.path, line)


def _check_sentences(text: PageText, site_page: SitePage) -> Iterator[Problem]:
    """Report sentences that give another order for a sign than it has, and unaccepted ones."""
    hint = "Use the words of its card, link to the card instead, or ask a clinician."
    faulty = {(f.line, f.column): f.fault for f in find_orders(text, site_page.evidence) if f.fault}
    for (line, column), fault in faulty.items():
        yield problem("sign-order", text.path, fault, hint=hint, line=line, column=column)
    if site_page.tool is None:  # what tools say has snapshots of its own
        page, evidence = site_page.page, site_page.evidence
        sentences = tuple(find_watched_sentences(text.passages, evidence))
        for unaccepted in check_accepted(sentences, evidence, page):
            if (unaccepted.line, unaccepted.column) not in faulty:  # told already
                yield unaccepted
