"""View models: what templates see as `site` and `page`, and macros as `block`.

Their fields are a public interface, documented in docs/templates.md.
"""

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
    """A day.

    Attributes:
        date: In ISO format, for `<time datetime>`.
        words: As people write it.
    """

    date: str
    words: str


class ChangeView(msgspec.Struct, frozen=True):
    """An entry in a page's change log."""

    on: DayView
    what: str


class PanelView(msgspec.Struct, frozen=True):
    """`page.panel` in a template: who checked the page, until when that holds, what changed.

    Attributes:
        changed: Whether the text has changed since it was last signed.
        by: Who signed the last full review. Without one, `by` and `role` are empty, and `on` and
            `until` are None.
        grade: The reading grade, from 1 up; 0 if it was not computed.
    """

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
    """`page` in a template.

    Attributes:
        lang: The language of the page, or else of the site; never empty.
        rtl: Whether that is written from right to left.
        canonical: Absolute URL; empty for the 404 page, and if the site has no public URL.
        state: Status of the review; `none` if the page needs none, `draft` for a draft.
        hidden: Whether search engines are asked not to list the page.
        contents: The headings for the table of contents.
        lead: What comes before the table of contents; may be empty.
        data: JSON-LD; empty for some pages.
        policy: The content security policy; empty if the server sends it.
    """

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
    rtl: bool = False


class PictureView(msgspec.Struct, frozen=True):
    """One of the pictures of a figure, and the label above it."""

    name: str
    html: Markup


class BlockView(msgspec.Struct, frozen=True):
    """`block` in a macro of templates/blocks.html.

    Attributes:
        level: Heading level of the title.
        items: The sub-blocks, if the block has any, as steps do.
        key: For a figure, the list that explains the numbers in its pictures; else empty.
    """

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
    """Split a page into what comes before its table of contents, and the rest.

    Before it come the first paragraph and the emergency cards that directly follow it, since
    nothing may push those off the first screen. A page that starts otherwise has no lead.
    """
    first = parts[0] if parts else ""
    if not isinstance(first, str) or not first.startswith("<p>"):
        return (), parts
    lead, end, rest = first.partition("</p>")
    if rest.strip():
        return (lead + end,), (rest.lstrip(), *parts[1:])
    count = 1
    while count < len(parts) and getattr(parts[count], "name", "") == "emergency":
        count += 1
    return (lead + end, *parts[1:count]), parts[count:]
