"""What a link in a page leads to.

In: the target as its author wrote it. Out: a `Target`: an address of this site, somewhere else, or
what is wrong with it. The renderer writes what this says; the link check reports what this says.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote

import msgspec

from sitebuilder.content.schema import closest_match
from sitebuilder.core import urls
from sitebuilder.core.model import Page, Reference, SiteIndex

FIGURES_DIR: Final = "figures/"
"""Where in `static/inline/` the pictures live that are drawn into the page."""


_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


class ResolvedLink(msgspec.Struct, frozen=True):
    """Where a link leads. `address` is set for places on this site, `path` if it is a page.

    `fault` is the rule that it breaks, or empty.
    """

    address: str = ""
    path: str = ""
    fragment: str = ""
    broken_rule: str = ""
    message: str = ""
    hint: str = ""


def resolve_link(site_index: SiteIndex, page: Page, reference: Reference) -> ResolvedLink:
    """Where `reference`, written on `page`, leads."""
    written = reference.target
    scheme = _SCHEME.match(written) if ":" in written else None
    if scheme or written.startswith("//"):
        return _resolve_external(written, scheme.group().lower() if scheme else "//", reference)
    if reference.figure and FIGURES_DIR + written in site_index.assets:
        return ResolvedLink(address=site_index.assets[FIGURES_DIR + written])
    place, _, fragment = written.partition("#")
    place = unquote(place.partition("?")[0])
    if not place:
        return ResolvedLink(page.address, page.path, unquote(fragment))
    if place.startswith("/"):
        found = _resolve_absolute(site_index, place, fragment, written)
    else:
        found = _resolve_relative(site_index, page, place, fragment)
    if reference.picture and found.path:
        hint = "Name the file of a picture, or take out the '!' before the link."
        return ResolvedLink(
            broken_rule="broken-link", message=f"'{written}' is a page, no picture", hint=hint
        )
    return found


def _resolve_external(target: str, scheme: str, reference: Reference) -> ResolvedLink:
    if scheme not in {"https:", "http:", "mailto:", "tel:"}:
        hint = "A link may be https, http, mailto, tel, or lead to a page of this site."
        return ResolvedLink(
            broken_rule="link-scheme", message=f"a link of the kind '{scheme}'", hint=hint
        )
    if reference.picture:
        hint = "Save the picture beside the page and name that file."
        message = f"the picture '{target}' is on another site"
        return ResolvedLink(broken_rule="remote-image", message=message, hint=hint)
    return ResolvedLink()


def _resolve_absolute(site_index: SiteIndex, path: str, fragment: str, target: str) -> ResolvedLink:
    for address in (path, path + "/"):
        if address in site_index.addresses:
            return ResolvedLink(address, site_index.addresses[address], unquote(fragment))
    if path in site_index.assets:
        return ResolvedLink(site_index.assets[path])
    if path in site_index.drafts.values():
        return _draft_link(path)
    return ResolvedLink(broken_rule="broken-link", message=f"there is no page or file '{target}'")


def _resolve_relative(
    site_index: SiteIndex, page: Page, relative_path: str, fragment: str
) -> ResolvedLink:
    path = urls.resolve_relative(page.path, relative_path)
    if path in site_index.paths:
        return ResolvedLink(site_index.paths[path], path, unquote(fragment))
    if path in site_index.assets:
        return ResolvedLink(site_index.assets[path])
    if path in site_index.drafts:
        return _draft_link(relative_path)
    if not relative_path.endswith(
        ".md"
    ):  # as a browser would read it: beside the page's own address
        address = urls.resolve_relative(page.address + "x", relative_path)
        for candidate in (address.rstrip("/") + "/", address):
            if candidate in site_index.addresses:
                return ResolvedLink(candidate, site_index.addresses[candidate], unquote(fragment))
    return ResolvedLink(
        broken_rule="broken-link", message=f"there is no file '{relative_path}' beside this page"
    )


def _draft_link(target: str) -> ResolvedLink:
    hint = "Take out the link, or take 'draft: true' out of that page."
    return ResolvedLink(broken_rule="draft-link", message=f"'{target}' is a draft", hint=hint)


DEFAULT_HINT: Final = "Check the name, or make that page first."


def suggest_target(site_index: SiteIndex, target: str) -> str:
    """What to do about a link that leads nowhere. It looks at every page, so it is slow."""
    place = target.partition("#")[0]
    if place.startswith("/"):
        near = closest_match(place, site_index.addresses)
    else:
        stem = place.rpartition("/")[2].removesuffix(".md")
        known = {p.rpartition("/")[2].removesuffix(".md") for p in site_index.paths}
        near = closest_match(stem, known) if place.endswith(".md") else ""
        near = near and f"{near}.md"
    return f"Did you mean '{near}'?" if near else DEFAULT_HINT
