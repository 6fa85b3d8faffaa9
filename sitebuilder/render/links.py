"""Targets as authors write them in; the addresses that stand in the finished page out."""

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
) -> tuple[Mapping[str, str], tuple[Reference, ...]]:
    """What each target that leads to this site is written as, by the target as written.

    Beside them the references that are wrong, or right only if another page has that heading.
    """
    links, unsettled = {}, []
    for reference in references:
        target = resolve_link(site_index, page, reference)
        if target.broken_rule or target.fragment:
            unsettled.append(reference)
        if target.address:
            fragment = f"#{target.fragment}" if target.fragment else ""
            here = target.path == page.path and fragment
            address = urls.href(base, target.address)
            links[reference.target] = fragment if here else address + fragment
    return links, tuple(unsettled)


def fingerprint_links(links: Mapping[str, str]) -> bytes:
    """The digest of where the links of a page lead."""
    return sha256(msgspec.msgpack.encode(links)).digest()


_URL_ATTRIBUTE: Final = re.compile(r' (href|src)="([^"]*)"')


def rewrite_links(html: str, links: Mapping[str, str]) -> str:
    """The same HTML with the targets that `links` knows replaced; only in tags, never in text."""

    def attribute(found: re.Match[str]) -> str:
        target = links.get(unescape(found[2]))
        return found[0] if target is None else f' {found[1]}="{escape(target)}"'

    def element(found: re.Match[str]) -> str:
        return _URL_ATTRIBUTE.sub(attribute, found[0])

    return LINK_OR_IMAGE.sub(element, html) if "<a " in html or "<img " in html else html


def tel_uri(number: str) -> str:
    """A phone number as a link dials it: digits, and a `+` before them."""
    digits, _, extension = number.partition("x")
    called = re.sub(r"[^0-9+]", "", digits)
    return f"tel:{called};ext={extension}" if extension else f"tel:{called}"
