"""What a link in a page leads to.

In: the target as its author wrote it. Out: a `Target`: an address of this site, somewhere else, or
what is wrong with it. The renderer writes what this says; the link check reports what this says.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote

import msgspec

from sitebuilder.content.schema import nearest
from sitebuilder.core import urls
from sitebuilder.core.model import Page, Reference, SiteIndex

FIGURES: Final = "figures/"
"""Where in `static/inline/` the pictures live that are drawn into the page."""


_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


class Target(msgspec.Struct, frozen=True):
    """Where a link leads. `address` is set for places on this site, `path` if it is a page.

    `fault` is the rule that it breaks, or empty.
    """

    address: str = ""
    path: str = ""
    fragment: str = ""
    fault: str = ""
    message: str = ""
    hint: str = ""


def resolve(outline: SiteIndex, page: Page, reference: Reference) -> Target:
    """Where `reference`, written on `page`, leads."""
    written = reference.target
    scheme = _SCHEME.match(written) if ":" in written else None
    if scheme or written.startswith("//"):
        return _elsewhere(written, scheme.group().lower() if scheme else "//", reference)
    if reference.figure and FIGURES + written in outline.assets:
        return Target(address=outline.assets[FIGURES + written])
    place, _, fragment = written.partition("#")
    place = unquote(place.partition("?")[0])
    if not place:
        return Target(page.address, page.path, unquote(fragment))
    if place.startswith("/"):
        found = _at_address(outline, place, fragment, written)
    else:
        found = _beside(outline, page, place, fragment)
    if reference.picture and found.path:
        hint = "Name the file of a picture, or take out the '!' before the link."
        return Target(fault="broken-link", message=f"'{written}' is a page, no picture", hint=hint)
    return found


def _elsewhere(written: str, scheme: str, reference: Reference) -> Target:
    if scheme not in {"https:", "http:", "mailto:", "tel:"}:
        hint = "A link may be https, http, mailto, tel, or lead to a page of this site."
        return Target(fault="link-scheme", message=f"a link of the kind '{scheme}'", hint=hint)
    if reference.picture:
        hint = "Save the picture beside the page and name that file."
        message = f"the picture '{written}' is on another site"
        return Target(fault="remote-image", message=message, hint=hint)
    return Target()


def _at_address(outline: SiteIndex, place: str, fragment: str, written: str) -> Target:
    for address in (place, place + "/"):
        if address in outline.addresses:
            return Target(address, outline.addresses[address], unquote(fragment))
    if place in outline.assets:
        return Target(outline.assets[place])
    if place in outline.drafts.values():
        return _draft(place)
    return Target(fault="broken-link", message=f"there is no page or file '{written}'")


def _beside(outline: SiteIndex, page: Page, place: str, fragment: str) -> Target:
    path = urls.resolve_relative(page.path, place)
    if path in outline.paths:
        return Target(outline.paths[path], path, unquote(fragment))
    if path in outline.assets:
        return Target(outline.assets[path])
    if path in outline.drafts:
        return _draft(place)
    if not place.endswith(".md"):  # as a browser would read it: beside the page's own address
        address = urls.resolve_relative(page.address + "x", place)
        for candidate in (address.rstrip("/") + "/", address):
            if candidate in outline.addresses:
                return Target(candidate, outline.addresses[candidate], unquote(fragment))
    return Target(fault="broken-link", message=f"there is no file '{place}' beside this page")


def _draft(place: str) -> Target:
    hint = "Take out the link, or take 'draft: true' out of that page."
    return Target(fault="draft-link", message=f"'{place}' is a draft", hint=hint)


CHECK: Final = "Check the name, or make that page first."


def suggest(outline: SiteIndex, written: str) -> str:
    """What to do about a link that leads nowhere. It looks at every page, so it is slow."""
    place = written.partition("#")[0]
    if place.startswith("/"):
        near = nearest(place, outline.addresses)
    else:
        stem = place.rpartition("/")[2].removesuffix(".md")
        known = {p.rpartition("/")[2].removesuffix(".md") for p in outline.paths}
        near = nearest(stem, known) if place.endswith(".md") else ""
        near = near and f"{near}.md"
    return f"Did you mean '{near}'?" if near else CHECK
