"""Resolve the target of a link or image, as an author wrote it, to an address.

The renderer and the link checker both use this module, so that they cannot disagree.
"""

from __future__ import annotations

import posixpath
import re
from typing import Final
from urllib.parse import unquote, urlsplit

import msgspec

from sitebuilder.content.external_links import check_external, is_local, path_below
from sitebuilder.content.schema import closest_match
from sitebuilder.core import urls
from sitebuilder.core.model import Page, Reference, SiteIndex

FIGURES_DIR: Final = "figures/"
"""Folder in `static/inline/` for drawings that are embedded in the page."""

DEFAULT_HINT: Final = "Check the name, or make that page first."

_INDEX_SUFFIXES: Final = re.compile(r"(?:/index)?(?:\.(?:html?|md|markdown|php|aspx?))?/?$")
_SUFFIX: Final = re.compile(r"(?:[?#].*)?$", re.DOTALL)
_EMAIL: Final = re.compile(r"[^@\s/]+@[^@\s/]+\.[^@\s/]+")
_PHONE: Final = re.compile(r"\+?[0-9][0-9 ().-]{5,}")
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


class ResolvedLink(msgspec.Struct, frozen=True):
    """What a link resolves to. All fields are empty for a valid external link.

    Attributes:
        address: Address on this site; empty for external, broken and embedded targets.
        suffix: The query, and the fragment if it is of no page, as written.
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
    suffix: str = ""


def resolve_link(site_index: SiteIndex, page: Page, reference: Reference) -> ResolvedLink:
    """Resolve a reference on a page.

    Pages may be named by source path, relative to the page, or by address; assets likewise.
    A `figure` block may also name a drawing by its path below `FIGURES_DIR`.
    """
    target = reference.target
    if reference.dropped:
        message = f"no browser can open '{target}'"
        return _resolve_scheme(site_index, page, reference) or _broken(message)
    return _resolve_scheme(site_index, page, reference) or _resolve_own(site_index, page, reference)


def _broken(message: str, hint: str = "") -> ResolvedLink:
    return ResolvedLink(broken_rule="broken-link", message=message, hint=hint)


def _resolve_own(site_index: SiteIndex, page: Page, reference: Reference) -> ResolvedLink:
    """Resolve a target on this site."""
    target = reference.target
    if reference.figure and FIGURES_DIR + target in site_index.assets:
        return ResolvedLink(address=site_index.assets[FIGURES_DIR + target])
    path, _, fragment = target.partition("#")
    path = unquote(path.partition("?")[0])
    if not path:
        if reference.picture or not target:
            what = "picture has no file" if reference.picture else "link leads nowhere"
            return _broken(f"this {what}", "Write its target in the round brackets, or delete it.")
        return ResolvedLink(page.address, page.path, unquote(fragment))
    if path.startswith("/"):
        resolved = _resolve_absolute(site_index, path, fragment, target)
    else:
        resolved = _resolve_relative(site_index, page, path, fragment)
    if reference.picture and resolved.path:
        hint = "Name the file of a picture, or take out the '!' before the link."
        return _broken(f"'{target}' is a page, no picture", hint)
    if resolved.address and ("?" in target or not resolved.path):
        suffix = _SUFFIX.search(target)[0]  # type: ignore[index]  # always matches
        if resolved.path:
            suffix = suffix.partition("#")[0]
        return msgspec.structs.replace(resolved, suffix=suffix)
    return resolved


def _resolve_scheme(site_index: SiteIndex, page: Page, reference: Reference) -> ResolvedLink | None:
    """Resolve a target with a scheme or a host; None if it has neither."""
    target = reference.target
    match = _SCHEME.match(target) if ":" in target else None
    if match is None and not target.startswith("//"):
        return None
    scheme = match.group().lower() if match else "//"
    if scheme not in {"https:", "http:", "mailto:", "tel:"}:
        hint = "A link may be https, http, mailto, tel, or lead to a page of this site."
        message = f"a link of the kind '{scheme}'"
        return ResolvedLink(broken_rule="link-scheme", message=message, hint=hint)
    if reference.picture:
        hint = "Save the picture beside the page and name that file."
        message = f"the picture '{target}' is on another site"
        return ResolvedLink(broken_rule="remote-image", message=message, hint=hint)
    mistake = check_external(target, scheme)
    if mistake:
        return _broken(*mistake)
    if scheme in {"https:", "http:"}:
        return _resolve_own_url(site_index, page, target)
    return None if reference.dropped else ResolvedLink()


def _resolve_own_url(site_index: SiteIndex, page: Page, target: str) -> ResolvedLink:
    """Resolve a web address that may be one of this site, or of the preview."""
    path = urlsplit(target).path or "/"
    if is_local(target):
        own = path_below(path, urlsplit(site_index.url).path) or path  # the preview has no base
        addresses = site_index.addresses
        source = next(filter(None, map(addresses.get, (path, f"{path}/", own, f"{own}/"))), "")
        hint = f"Write {_relative_to(page, source)}." if source else "Write the page's file name."
        return _broken(f"'{target}' leads to your own computer, where no reader gets", hint)
    own_path = path_below(target, site_index.url)
    if own_path is None:
        return ResolvedLink()
    resolved = _resolve_absolute(site_index, unquote(own_path), "", target)
    is_generated = own_path in {"/sitemap.xml", "/robots.txt"}
    return ResolvedLink() if is_generated or not resolved.broken_rule else resolved


def _relative_to(page: Page, path: str) -> str:
    """Return how a page names another source file."""
    return posixpath.relpath(path, posixpath.dirname(page.path))


def _resolve_absolute(site_index: SiteIndex, path: str, fragment: str, target: str) -> ResolvedLink:
    for address in (path, path + "/"):
        if address in site_index.addresses:
            return ResolvedLink(address, site_index.addresses[address], unquote(fragment))
    if path in site_index.assets:
        return ResolvedLink(site_index.assets[path])
    if path in site_index.drafts.values():
        return _draft_link(path)
    return _broken(f"there is no page or file '{target}'")


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
    return _broken(f"there is no file '{relative_path}' beside this page")


def _draft_link(target: str) -> ResolvedLink:
    hint = "Take out the link, or take 'draft: true' out of that page."
    return ResolvedLink(broken_rule="draft-link", message=f"'{target}' is a draft", hint=hint)


class TargetSuggester:
    """Finds what broken links may mean. Slow: it compares a target with every page and file."""

    def __init__(self, site_index: SiteIndex) -> None:
        self.aliases = site_index.aliases
        files = [path for path in site_index.assets if path.startswith("content/")]
        self.names = {_stem(path): path for path in (*files, *site_index.paths)}
        self.by_last_part: dict[str, str] = {}
        for stem, path in self.names.items():
            self.by_last_part.setdefault(stem.rpartition("/")[2], path)

    def suggest(self, page: Page, target: str) -> str:
        """Return a hint for a broken link on a page."""
        typed = unquote(_SUFFIX.sub("", target))
        if _EMAIL.fullmatch(typed):
            return f"Write mailto:{typed}."
        if _PHONE.fullmatch(typed):
            return f"Write tel:{typed}."
        if typed.startswith("www."):
            return f"Write https://{typed}."
        found = self._find(page, typed)
        suggestion = _relative_to(page, found) if found else ""
        if not suggestion or suggestion == typed:
            return DEFAULT_HINT
        return f"Did you mean '{suggestion}'?"

    def _find(self, page: Page, typed: str) -> str:
        is_absolute = typed.startswith("/")
        path = f"content{typed}" if is_absolute else urls.resolve_relative(page.path, typed)
        stem = _stem(path)
        address = f"/{stem.partition('/')[2]}/"
        last = stem.rpartition("/")[2]
        near = closest_match(last, self.by_last_part)
        found = (
            self.names.get(stem)
            or self.aliases.get(address, "")
            or self.by_last_part.get(last, "")
            or (self.by_last_part[near] if near else "")
        )
        return found if _is_media(found) or not _is_media(typed) else ""


def _stem(path: str) -> str:
    """Return a path by which a page is found, however it is written: `q`, `q/` or `Q.html`."""
    return _INDEX_SUFFIXES.sub("", path.rpartition(".")[0] if _is_media(path) else path).lower()


def _is_media(path: str) -> bool:
    return re.search(r"\.(?:png|jpe?g|gif|svg|webp|avif|pdf)$", path, re.IGNORECASE) is not None
