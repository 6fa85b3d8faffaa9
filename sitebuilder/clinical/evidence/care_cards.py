"""Check care cards: each is as urgent as its signs, says so, and stands where it has to."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

import msgspec

from sitebuilder.clinical.evidence.phrases import find_phrase
from sitebuilder.clinical.evidence.sign_orders import CARD_TIERS, read_orders
from sitebuilder.content.schema import closest_match
from sitebuilder.core.config import CONFIG_PATH, CareCardItem, Config
from sitebuilder.core.evidence import SETTINGS, TIERS, Evidence, SignOrders
from sitebuilder.core.passage import Passage
from sitebuilder.core.problems import Problem, problem
from sitebuilder.markdown.code_lines import lines_outside_code

_FENCE: Final = re.compile(r" {0,3}:::+[ \t]*(?P<name>\S*)[ \t]*(?P<title>.*?)[ \t]*")
_SIGNS: Final = re.compile(r"signs:[ \t]+(?P<name>.*\S)[ \t]*")
_HEADING: Final = re.compile(r" {0,3}#{1,6}[ \t]")
_SECTION: Final = re.compile(r" {0,3}##(?!#)")

_FOLDING_BLOCKS: Final = frozenset({"more", "figure"})
"""Blocks whose text readers have to open."""

_MAX_SECTION: Final = 1
"""A page opens with a card that stands before its second heading."""


class CareCard(msgspec.Struct, frozen=True):
    """A care card as written.

    Attributes:
        kind: A key of `CARD_TIERS`.
        list_name: The list that it shows; empty if its lines are written by hand.
        is_folded: Readers have to open something to see it.
        section: Number of headings of the second level before it.
        heading: The last heading before it; empty without one.
        heading_line: The line of that heading.
    """

    kind: str
    title: str
    line: int
    list_name: str
    is_folded: bool
    section: int
    heading: str = ""
    heading_line: int = 0


def find_care_cards(body: str, first_line: int) -> Iterator[CareCard]:
    """Yield the care cards of a body, in order.

    Args:
        first_line: Line of the file on which the body starts.
    """
    lines = lines_outside_code(body) if ":::" in body else ()
    open_blocks: list[str] = []
    section, heading, heading_line = 0, "", 0
    texts = dict(lines)
    for number, line in lines:
        fence = _FENCE.fullmatch(line) if ":::" in line else None
        if fence is None:
            if _HEADING.match(line):
                heading, heading_line = line.strip(" #"), number + first_line
            section += not open_blocks and _SECTION.match(line) is not None
            continue
        if not fence["name"]:
            del open_blocks[-1:]
            continue
        if fence["name"] in CARD_TIERS:
            signs = _SIGNS.fullmatch(texts.get(number + 1, ""))
            yield CareCard(
                kind=fence["name"],
                title=fence["title"],
                line=number + first_line,
                list_name=signs["name"] if signs else "",
                is_folded=not _FOLDING_BLOCKS.isdisjoint(open_blocks),
                section=section,
                heading=heading,
                heading_line=heading_line,
            )
        open_blocks.append(fence["name"])


def check_care_cards(
    cards: Sequence[CareCard], passages: Sequence[Passage], evidence: Evidence, path: str
) -> Iterator[Problem]:
    """Report cards that are milder than their signs, in kind, title or text, or folded away."""
    for card in cards:
        tier = CARD_TIERS[card.kind]
        sign_list = evidence.lists.get(card.list_name)
        if sign_list and sign_list.tier != tier:
            kinds = {tier: kind for kind, tier in CARD_TIERS.items()}
            message = f"the list '{sign_list.name}' is '{sign_list.tier}', and this card is not"
            hint = f"Write '::: {kinds.get(sign_list.tier, 'emergency')}', or name another list."
            yield problem("card-tier", path, message, hint=hint, line=card.line)
        if card.is_folded and tier in TIERS[:2]:
            message = f"this '{card.kind}' card is folded away"
            hint = "Take it out of the block around it: no reader may have to open it."
            yield problem("missing-card", path, message, hint=hint, line=card.line)
        if evidence.orders and card.title:
            yield from _check_title(card, tier, evidence.orders, path)
        if evidence.orders and tier in TIERS[:2]:
            yield from _check_heading(card, tier, evidence.orders, path)
    for passage in passages if evidence.orders else ():
        if passage.block in CARD_TIERS and passage.kind != "title":
            yield from _check_text(passage, evidence.orders, path)


def _check_title(card: CareCard, tier: str, orders: SignOrders, path: str) -> Iterator[Problem]:
    found, fault = read_orders(card.title, orders)
    softener = find_phrase(orders.softeners, card.title)
    if fault or set(found) != {tier} or (softener and tier in TIERS[:2]):
        said = ", ".join(found) or "nothing"
        message = f"the title of this '{card.kind}' card does not say '{tier}' alone"
        words = orders.tiers.get(tier, (tier,))[0]
        hint = f"It says '{said}'. Leave the title out, or say '{words}' in it."
        if fault or softener:
            hint = f"{fault or repr(softener)}. Leave the title out, or say the order alone."
        yield problem("card-tier", path, message, hint=hint, line=card.line)


def _check_heading(card: CareCard, tier: str, orders: SignOrders, path: str) -> Iterator[Problem]:
    """Report a heading over a card that cannot wait if it says something milder."""
    found, fault = read_orders(card.heading, orders)
    word = fault or find_phrase(orders.softeners, card.heading)
    if word or set(found) - {tier, TIERS[0]}:
        message = f"the heading '{card.heading}' is milder than the '{card.kind}' card below it"
        hint = "Say what the signs are for, or the order of the card."
        yield problem("card-tier", path, message, hint=hint, line=card.heading_line)


def _check_text(passage: Passage, orders: SignOrders | None, path: str) -> Iterator[Problem]:
    """Report words of an editor in a card that change its order."""
    tier = CARD_TIERS[passage.block]
    text = "".join(run.text if run.origin == "page" else " " for run in passage.runs)
    if orders is None or tier == "visit" or not text.strip():
        return
    found, fault = read_orders(text, orders)
    softener = find_phrase(orders.softeners, text)
    milder = [each for each in found if each != tier and each != TIERS[0]]
    if fault or softener or milder:
        message = f"'{' '.join(text.split()[:8])}' changes the order of this '{passage.block}' card"
        hint = "Take it out of the card: the card holds its signs and nothing milder."
        yield problem("card-tier", path, message, hint=hint, line=passage.line)


def check_shown_lists(
    evidence: Evidence,
    config: Config,
    shown: Mapping[str, Collection[str]],
    handouts: Collection[str],
    path: str,
) -> Iterator[Problem]:
    """Report lists that no page shows, and what the help page and the handout lack.

    Args:
        evidence: The lists of the site.
        config: The help page, and the pages that open with care cards.
        shown: The lists that each page shows, by page id.
        handouts: Ids of the pages for print; they have no place for a card to open with.
        path: The file of the lists.
    """
    on_pages = {name for page, names in shown.items() if page not in handouts for name in names}
    for sign_list in evidence.lists.values():
        if sign_list.name not in on_pages:
            message = f"no page shows the warning signs '{sign_list.name}'"
            hint = f"Add a card with 'signs: {sign_list.name}' to the page for these people."
            yield problem("missing-card", path, message, hint=hint, line=sign_list.line)
    opening: dict[str, set[str]] = {}
    for item in config.care_cards:
        opening.setdefault(item.page, set()).update(item.lists)
        for name in item.lists:
            if name not in evidence.lists:
                near = closest_match(name, evidence.lists)
                hint = f"Did you mean '{near}'?" if near else "Name a list of emergency.yaml."
                message = f"care_cards: there is no list of signs '{name}'"
                yield problem("unknown-sign", CONFIG_PATH, message, hint=hint, line=item.line)
            elif item.page in handouts and name not in shown[item.page]:
                message = f"the handout has to show the warning signs '{name}'"
                hint = "Add the section of its card under 'handout:'."
                yield problem("missing-card", CONFIG_PATH, message, hint=hint, line=item.line)
        if item.page not in shown:
            message = f"care_cards: there is no page '{item.page}'"
            hint = "Name a page by its address without '/'."
            yield problem("unknown-page", CONFIG_PATH, message, hint=hint, line=item.line)
    for sign_list in evidence.lists.values() if config.help_page in shown else ():
        is_first = (sign_list.setting, sign_list.tier) == (SETTINGS[0], TIERS[0])
        if is_first and sign_list.name not in opening.get(config.help_page, ()):
            message = f"the help page does not have to open with '{sign_list.name}'"
            hint = f"Under 'care_cards:', name '{config.help_page}' with that list."
            line = config.lines.get("help_page", 1)
            yield problem("missing-card", CONFIG_PATH, message, hint=hint, line=line)


def check_required_cards(
    cards: Sequence[CareCard], item: CareCardItem, path: str, line: int
) -> Iterator[Problem]:
    """Report lists that a page has to show and does not, or not where it has to.

    Args:
        cards: The cards of the page.
        item: The lists.
        path: The path of the page.
        line: Line of the page for a card that is missing.
    """
    shown = {card.list_name: card for card in reversed(cards) if not card.is_folded}
    for name in item.lists:
        card = shown.get(name)
        if card is None:
            message = f"this page has to show the warning signs '{name}'"
            hint = f"Add a card with 'signs: {name}'."
            yield problem("missing-card", path, message, hint=hint, line=line)
        elif item.opens and card.section > _MAX_SECTION:
            message = f"the warning signs '{name}' stand too far down"
            hint = "Move the card up: before the second heading of the page."
            yield problem("missing-card", path, message, hint=hint, line=card.line)
