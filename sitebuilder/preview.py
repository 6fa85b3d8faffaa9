"""What the preview shows besides the site itself: the page of problems, and kinds of files."""

from __future__ import annotations

import base64
import hashlib
import mimetypes
from html import escape
from typing import Final

_STYLE: Final = """
body{font:1.125rem/1.5 system-ui,sans-serif;margin:0;background:#fff;color:#14262b}
header{background:#8c1220;color:#fff;padding:1rem 1.5rem}
h1{font-size:1.5rem;margin:0}
main{padding:1.5rem}
pre{font:1rem/1.5 ui-monospace,monospace;white-space:pre-wrap;overflow-wrap:anywhere}
"""

POLICY: Final = (
    "default-src 'none'; style-src 'sha256-"
    + base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    + "'; connect-src 'self'; base-uri 'none'; form-action 'none'"
)


def trouble_page(said: str) -> str:
    """The problems, in the same words as on the terminal."""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Something needs mending</title><style>{_STYLE}</style></head><body>"
        "<header><h1>Something needs mending</h1></header>"
        "<main><p>Mend it and save: this page will show the site again by itself.</p>"
        f"<pre>{escape(said)}</pre></main></body></html>\n"
    )


def kind_of(name: str) -> str:
    """The media type that a file is sent as."""
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind
