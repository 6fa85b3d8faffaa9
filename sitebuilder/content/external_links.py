"""Check addresses outside of the site: those that no browser, phone or mail program can open."""

from __future__ import annotations

import ipaddress
import re
from typing import Final
from urllib.parse import unquote, urlsplit

_EMAIL: Final = re.compile(r"[^@\s,;]+@[^@\s,;.]+(?:\.[^@\s,;.]+)+")
_PHONE_SEPARATORS: Final = re.compile(r"[ ().-]")
_PHONE: Final = re.compile(r"\+?[0-9]{3,15}(?:(?:;ext=|x|,)[0-9]{1,8})?")
_HOST_LABEL: Final = re.compile(r"(?!-)[\w-]{1,63}(?<!-)")
_LOCAL_SUFFIXES: Final = (".localhost", ".local", ".internal", ".lan", ".test")

Mistake = tuple[str, str]
"""What is wrong, and how to mend it."""


def check_external(target: str, scheme: str) -> Mistake | None:
    """Return what is wrong with an address of the schemes http, https, mailto or tel."""
    rest = target[len(scheme) :]
    if scheme == "mailto:":
        addresses = unquote(rest.partition("?")[0])
        if all(_EMAIL.fullmatch(each.strip()) for each in addresses.split(",")):
            return None
        return f"'{target}' has no e-mail address", "Write it as mailto:name@place.org."
    if scheme == "tel:":
        if _PHONE.fullmatch(_PHONE_SEPARATORS.sub("", unquote(rest))):
            return None
        return f"'{target}' has no number to call", "Write it as tel:+1-555-010-0100."
    return _check_web_address(target)


def _check_web_address(target: str) -> Mistake | None:
    if re.search(r"\s", target.strip()):
        return f"'{target}' has a space in it", "Take the space out, or write %20 for it."
    hint = "Copy the address from the browser's address bar."
    try:
        parts = urlsplit(target)
        host, _ = parts.hostname or "", parts.port  # that of no port is a ValueError
    except ValueError:
        return f"no browser can open '{target}'", hint
    if not target[len(parts.scheme) + 1 :].startswith("//") or not host:
        return f"'{target}' names no site", hint
    labels = host.rstrip(".").split(".")
    is_name = ":" in host or all(map(_HOST_LABEL.fullmatch, labels))
    if not is_name or (len(labels) == 1 and not is_local(target)):
        return f"'{host}' cannot be the name of a site", hint
    return None


def is_local(target: str) -> bool:
    """Return whether a web address leads to the reader's own computer or network."""
    try:
        host = urlsplit(target).hostname or ""
    except ValueError:
        return False
    if host == "localhost" or host.endswith(_LOCAL_SUFFIXES):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return not address.is_global


def path_below(target: str, site_url: str) -> str | None:
    """Return the path of an address below the base of the site; None if it is on another site."""
    own, theirs = urlsplit(site_url), urlsplit(target)
    if not site_url or (own.hostname, own.port) != (theirs.hostname, theirs.port):
        return None
    path = theirs.path or "/"
    return f"/{path[len(own.path) :]}" if path.startswith(own.path) else None
