"""HTTP headers of published files: the single source for every host and for the preview.

`output.hosts` converts them into the configuration of each host. The content security policy is
the union of the policies of all pages, since hosts send one for all; each page also carries its
own, and browsers enforce both.
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
"""Directives that only the header has: no other site may frame a page, and no script may turn text
into markup. `frame-ancestors` has no effect in a `<meta>`."""

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
"""Headers of every response. `Permissions-Policy` names only features that browsers know: an
unknown one would log a warning in the console on every page."""

HSTS: Final = "max-age=63072000; includeSubDomains"
"""Two years. No `preload`, which would bind the domain for longer than anybody could undo."""

REVALIDATE: Final = "public, max-age=0, must-revalidate"
"""Browsers revalidate their cache on each visit, so that corrected advice arrives at once."""

IMMUTABLE: Final = "public, max-age=31536000, immutable"
"""For files whose name contains a fingerprint of their bytes."""

FINGERPRINTED_PATTERN: Final = rf"\.[0-9a-f]{{10}}\.({'|'.join(sorted(FINGERPRINTED_EXTENSIONS))})$"
"""Regular expression for the end of such a name, for example `logo.0123456789.svg`."""

SVG_CSP: Final = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""The policy of an SVG that is opened as a page: it may use its own styles, and nothing else."""

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
"""Media types of all published files, by extension. Hosts do not know all of them."""

TEXT_EXTENSIONS: Final = frozenset("html css js json webmanifest xml txt csv svg".split())
"""Extensions of UTF-8 text, which is served with its charset and is worth compressing."""


def site_headers(config: Config, policies: Iterable[str]) -> dict[str, str]:
    """Return the headers of every response, by name. `headers_for` adapts them to single files.

    HSTS is included if the site has a host of its own, reached by https. A site in a folder of a
    host (`https://x.org/site/`) must not decide that for its neighbors.

    Args:
        config: The configuration of the site.
        policies: The content security policies of all pages.
    """
    headers = {CSP_HEADER: f"{merge_csp(policies)}; {HEADER_ONLY_DIRECTIVES}", **SECURITY_HEADERS}
    if config.url.startswith("https://") and config.base == "/":
        headers["Strict-Transport-Security"] = HSTS
    return {**headers, CACHE_HEADER: REVALIDATE}


def headers_for(path: str, headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers of the file at `path`, given those of every response."""
    file_headers = dict(headers)
    if path.endswith(".svg"):
        file_headers[CSP_HEADER] = SVG_CSP
    if re.search(FINGERPRINTED_PATTERN, path):
        file_headers[CACHE_HEADER] = IMMUTABLE
    return file_headers


def content_type(path: str) -> str:
    """Return the `Content-Type` of the file at `path`."""
    extension = path.rpartition(".")[2].lower()
    media_type = MEDIA_TYPES.get(extension, "application/octet-stream")
    return f"{media_type}; charset=utf-8" if extension in TEXT_EXTENSIONS else media_type
