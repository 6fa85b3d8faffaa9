"""Resolve link targets, and write the resolved addresses into the HTML of a page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from hashlib import sha256
from html import escape, unescape
from typing import Final

import msgspec

from sitebuilder.content.links import resolve_link
from sitebuilder.core import urls
from sitebuilder.core.model import Page, Reference, SiteIndex
from sitebuilder.markdown.source_map import LINK_OR_IMAGE


def resolve_links(
    page: Page, references: Iterable[Reference], site_index: SiteIndex, base: str
) -> tuple[Mapping[str, str], frozenset[str], tuple[Reference, ...]]:
    """Resolve the references of a page.

    Returns:
        The URL to write for each target that leads to this site, by the target as written; the
        addresses of other pages and files among them; and the unresolved references: those that
        are broken, or that name a heading, which only the link checker can look up.
    """
    links, linked, unresolved = {}, set(), []
    for reference in references:
        target = resolve_link(site_index, page, reference)
        if target.broken_rule or target.fragment:
            unresolved.append(reference)
        if target.address:
            fragment = f"#{target.fragment}" if target.fragment else ""
            is_same_page = target.path == page.path and fragment
            linked.add(target.address)
            address = urls.href(base, target.address)
            links[reference.target] = (
                fragment if is_same_page else address + target.suffix + fragment
            )
    return links, frozenset(linked - {page.address}), tuple(unresolved)


def fingerprint_links(links: Mapping[str, str]) -> bytes:
    """Return a fingerprint of where the links of a page lead."""
    return sha256(msgspec.msgpack.encode(links)).digest()


_URL_ATTRIBUTE: Final = re.compile(r' (href|src)="([^"]*)"')


def rewrite_links(html: str, links: Mapping[str, str]) -> str:
    """Replace the targets of links and images, never text, with the addresses in `links`."""

    def rewrite_attribute(match: re.Match[str]) -> str:
        address = links.get(unescape(match[2]))
        return match[0] if address is None else f' {match[1]}="{escape(address)}"'

    def rewrite_tag(match: re.Match[str]) -> str:
        return _URL_ATTRIBUTE.sub(rewrite_attribute, match[0])

    return LINK_OR_IMAGE.sub(rewrite_tag, html) if "<a " in html or "<img " in html else html


def tel_uri(number: str) -> str:
    """Return the `tel:` URI of a phone number, which may end in `x` and an extension."""
    main, _, extension = number.partition("x")
    dialed = re.sub(r"[^0-9+]", "", main)
    return f"tel:{dialed};ext={extension}" if extension else f"tel:{dialed}"
