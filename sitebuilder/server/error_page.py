"""The error page of the preview, and checks of the requests that the preview gets."""

from __future__ import annotations

import re
from html import escape
from typing import Final
from urllib.parse import unquote

from sitebuilder.render.csp import build_csp

_STYLE: Final = """
body{font:1.125rem/1.5 system-ui,sans-serif;margin:0;background:#fff;color:#14262b}
header{background:#8c1220;color:#fff;padding:1rem 1.5rem}
h1{font-size:1.5rem;margin:0}
main{padding:1.5rem}
pre{font:1rem/1.5 ui-monospace,monospace;white-space:pre-wrap;overflow-wrap:anywhere}
"""

ERROR_PAGE_CSP: Final = build_csp(_STYLE)


def render_error_page(report_text: str) -> str:
    """Render a page with the report of problems, worded as on the terminal."""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Something needs fixing</title><style>{_STYLE}</style></head><body>"
        "<header><h1>Something needs fixing</h1></header>"
        "<main><p>Fix it and save: this page will then show the site again.</p>"
        f"<pre>{escape(report_text)}</pre></main></body></html>\n"
    )


_ALLOWED_HOSTS: Final = ("127.0.0.1", "localhost", "[::1]")


def is_allowed_host(host: str, port: int) -> bool:
    """Return whether a `Host` header names this computer, and the port of the preview."""
    name, colon, host_port = host.rpartition(":")
    if not colon or "]" in host_port:  # no port: `[::1]` has colons of its own
        name, host_port = host, "80"
    return name.lower().removesuffix(".") in _ALLOWED_HOSTS and host_port == str(port)


def decode_path(request_path: str) -> str | None:
    """Decode the percent-encoded path of a request.

    Returns:
        The path; None if it is malformed, has control characters or leads out of the site (`..`).
    """
    if re.search(r"%(?![0-9a-fA-F]{2})", request_path):
        return None
    try:
        path = unquote(request_path, errors="strict")
    except UnicodeDecodeError:
        return None
    has_parent_step = ".." in re.split(r"[/\\]", path)
    return None if has_parent_step or re.search(r"[\x00-\x1f\x7f]", path) else path
