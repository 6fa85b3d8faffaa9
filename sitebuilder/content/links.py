"""Resolve the target of a link or image, as an author wrote it, to an address.

The renderer and the link checker both use this module, so that they cannot disagree.
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
"""Folder in `static/inline/` for drawings that are embedded in the page."""

DEFAULT_HINT: Final = "Check the name, or make that page first."

_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


class ResolvedLink(msgspec.Struct, frozen=True):
    """What a link resolves to. All fields are empty for a valid external link.

    Attributes:
        address: Address on this site; empty for external, broken and embedded targets.
        path: Source path, if the target is a page.
        fragment: Decoded, without `#`.
        broken_rule: The rule that the link breaks; empty if it is valid.
        message: What is wrong with the link.
        hint: How to fix it; if it is empty for a broken link, `suggest_target` gives one.
    """

    address: str = ""
    path: str = ""
    fragment: str = ""
    broken_rule: str = ""
    message: str = ""
    hint: str = ""


def resolve_link(site_index: SiteIndex, page: Page, reference: Reference) -> ResolvedLink:
    """Resolve a reference on a page.

    Pages may be named by source path, relative to the page, or by address; assets likewise.
    A `figure` block may also name a drawing by its path below `FIGURES_DIR`.
    """
    target = reference.target
    scheme = _SCHEME.match(target) if ":" in target else None
    if scheme or target.startswith("//"):
        return _resolve_external(target, scheme.group().lower() if scheme else "//", reference)
    if reference.figure and FIGURES_DIR + target in site_index.assets:
        return ResolvedLink(address=site_index.assets[FIGURES_DIR + target])
    path, _, fragment = target.partition("#")
    path = unquote(path.partition("?")[0])
    if not path:
        return ResolvedLink(page.address, page.path, unquote(fragment))
    if path.startswith("/"):
        resolved = _resolve_absolute(site_index, path, fragment, target)
    else:
        resolved = _resolve_relative(site_index, page, path, fragment)
    if reference.picture and resolved.path:
        hint = "Name the file of a picture, or take out the '!' before the link."
        return ResolvedLink(
            broken_rule="broken-link", message=f"'{target}' is a page, no picture", hint=hint
        )
    return resolved


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
    if not relative_path.endswith(".md"):
        # As a browser would resolve it: relative to the address of the page.
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


def suggest_target(site_index: SiteIndex, target: str) -> str:
    """Return a hint for a broken link. Slow: it compares the target with every page."""
    path = target.partition("#")[0]
    if path.startswith("/"):
        near = closest_match(path, site_index.addresses)
    else:
        stem = path.rpartition("/")[2].removesuffix(".md")
        stems = {p.rpartition("/")[2].removesuffix(".md") for p in site_index.paths}
        near = closest_match(stem, stems) if path.endswith(".md") else ""
        near = near and f"{near}.md"
    return f"Did you mean '{near}'?" if near else DEFAULT_HINT
