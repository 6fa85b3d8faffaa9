"""What templates see: `site`, `page`, and in a macro `block`. docs/templates.md lists it."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from markupsafe import Markup

from sitebuilder.clinical.decision_tools.view import ToolView
from sitebuilder.core.config import Clinic
from sitebuilder.core.model import Heading, Link, Part


class SiteView(msgspec.Struct, frozen=True):
    """`site` in a template."""

    name: str
    lang: str
    emergency_number: str
    clinic: Clinic
    nav: tuple[Link, ...]
    footer: tuple[Link, ...]
    help: Link | None


class DayView(msgspec.Struct, frozen=True):
    """A day: `date` for machines, `words` for people."""

    date: str
    words: str


class ChangeView(msgspec.Struct, frozen=True):
    """One line of a page's change log."""

    on: DayView
    what: str


class PanelView(msgspec.Struct, frozen=True):
    """`page.panel` in a template: what a page says of itself. `grade` 0: not counted."""

    state: str
    changed: bool
    by: str
    role: str
    on: DayView | None
    until: DayView | None
    owner: str
    grade: int
    changes: tuple[ChangeView, ...]


class PageView(msgspec.Struct, frozen=True):
    """`page` in a template. `canonical` is empty where there is none."""

    id: str
    title: str
    description: str
    lang: str
    address: str
    canonical: str
    state: str
    draft: bool
    hidden: bool
    crumbs: tuple[Link, ...]
    previous: Link | None
    next: Link | None
    children: tuple[Link, ...]
    guide: tuple[Link, ...]
    contents: tuple[Heading, ...]
    lead: Markup
    body: Markup
    sources: Markup
    clinical: bool
    panel: PanelView
    data: Markup
    style: Markup
    policy: str
    tool: ToolView | None


class PictureView(msgspec.Struct, frozen=True):
    """One of a figure's pictures, and the name that stands over it."""

    name: str
    html: Markup


class BlockView(msgspec.Struct, frozen=True):
    """`block` in a macro of templates/blocks.html."""

    name: str
    id: str
    level: int
    title: Markup
    fields: Mapping[str, Markup]
    body: Markup
    items: tuple[BlockView, ...]
    pictures: tuple[PictureView, ...]
    key: Markup


def split_lead(parts: tuple[Part, ...]) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    """What stands above the contents list, and the rest.

    Above it: the first paragraph, and an emergency card that follows at once, since nothing may
    push that off the first screen.
    """
    first = parts[0] if parts else ""
    if not isinstance(first, str) or not first.startswith("<p>"):
        return (), parts
    lead, end, rest = first.partition("</p>")
    if rest.strip():
        return (lead + end,), (rest.lstrip(), *parts[1:])
    above = 1
    while above < len(parts) and getattr(parts[above], "name", "") == "emergency":
        above += 1
    return (lead + end, *parts[1:above]), parts[above:]
