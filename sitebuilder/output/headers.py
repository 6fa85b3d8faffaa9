"""A build in, the headers that a host should send with its files out: the one table of them.

What stands here holds for every form that `outputs.hosts` writes, and for the preview. The policy
is the union of the policies of all pages, since hosts send one for all; each page carries its own
as well, and browsers hold it to both.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from sitebuilder.assets.published_paths import FINGERPRINTED_EXTENSIONS
from sitebuilder.core.config import Config
from sitebuilder.render.csp import merge_csp

CSP_HEADER: Final = "Content-Security-Policy"
CACHE_HEADER: Final = "Cache-Control"

HEADER_ONLY_DIRECTIVES: Final = (
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
"""What a policy says besides: no other site may frame a page, and no script of ours may make
markup out of text. The first does not work in a page."""

SECURITY_HEADERS: Final[Mapping[str, str]] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "accelerometer=(), autoplay=(), camera=(), display-capture=(), fullscreen=(), "
        "geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), "
        "usb=()"
    ),
}
"""What every response says, whatever it is. Browsers know each feature that is named here: one that
they do not know is a message on the console of every page."""

HSTS: Final = "max-age=63072000; includeSubDomains"
"""Two years. Never `preload`: that binds the domain for longer than any of us can undo."""

REVALIDATE: Final = "public, max-age=0, must-revalidate"
"""A browser asks each time whether what it kept still holds: corrected advice arrives at once."""

IMMUTABLE: Final = "public, max-age=31536000, immutable"
"""For files whose name changes with their bytes."""

FINGERPRINTED_PATTERN: Final = rf"\.[0-9a-f]{{10}}\.({'|'.join(sorted(FINGERPRINTED_EXTENSIONS))})$"
"""The end of such a name: `logo.0123456789.svg`."""

SVG_CSP: Final = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""The policy of a drawing that is opened by itself: it has its own style and may do nothing."""

MEDIA_TYPES: Final[Mapping[str, str]] = {
    "html": "text/html",
    "css": "text/css",
    "js": "text/javascript",
    "json": "application/json",
    "webmanifest": "application/manifest+json",
    "xml": "text/xml",
    "txt": "text/plain",
    "csv": "text/csv",
    "svg": "image/svg+xml",
    "ico": "image/x-icon",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "avif": "image/avif",
    "woff2": "font/woff2",
    "pdf": "application/pdf",
}
"""The media type of each kind of file that is published. Hosts do not know all of them."""

TEXT_EXTENSIONS: Final = frozenset("html css js json webmanifest xml txt csv svg".split())
"""Kinds that are UTF-8 text: they say so, and are worth compressing."""


def site_headers(config: Config, policies: Iterable[str]) -> dict[str, str]:
    """The headers of every response, by name; `for_file` says what differs for some files.

    `policies` are those of the pages.
    A site that has its own host, reached by https, asks browsers never to come by another way. One
    in a folder of a host (`https://x.org/site/`) does not decide that for its neighbours.
    """
    headers = {CSP_HEADER: f"{merge_csp(policies)}; {HEADER_ONLY_DIRECTIVES}", **SECURITY_HEADERS}
    if config.url.startswith("https://") and config.base == "/":
        headers["Strict-Transport-Security"] = HSTS
    return {**headers, CACHE_HEADER: REVALIDATE}


def headers_for(path: str, headers: Mapping[str, str]) -> dict[str, str]:
    """The headers of the file at `path`, of those that all have."""
    found = dict(headers)
    if path.endswith(".svg"):
        found[CSP_HEADER] = SVG_CSP
    if re.search(FINGERPRINTED_PATTERN, path):
        found[CACHE_HEADER] = IMMUTABLE
    return found


def content_type(path: str) -> str:
    """The `Content-Type` of the file at `path`."""
    suffix = path.rpartition(".")[2].lower()
    kind = MEDIA_TYPES.get(suffix, "application/octet-stream")
    return f"{kind}; charset=utf-8" if suffix in TEXT_EXTENSIONS else kind
