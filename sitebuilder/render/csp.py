"""What a page holds in, the content security policy that lets it do just that out."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from hashlib import sha256


def build_csp(style: str, script: str = "") -> str:
    """The policy of a page with this style and, if it has one, this script.

    Its own style, its own pictures, nothing else. A page with a script takes answers: it may not
    speak to anybody, its own site included.
    """
    allowed = f"script-src {_hash_source(script)}; " if script else ""
    speak = "'none'" if script else "'self'"
    return (
        f"default-src 'none'; style-src {_hash_source(style)}; {allowed}img-src 'self'; "
        f"font-src 'self'; connect-src {speak}; base-uri 'none'; form-action 'none'"
    )


def _hash_source(text: str) -> str:
    """How a policy names a style or a script that stands in the page."""
    return f"'sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}'"


def merge_csp(policies: Iterable[str]) -> str:
    """The policy that allows just what one of these allows, each of which begins with nothing.

    A page is held by its own policy too, so what this one allows for another page does no harm.
    """
    union: dict[str, dict[str, None]] = {}
    for policy in dict.fromkeys(policies):
        for directive in policy.split("; "):
            name, *sources = directive.split(" ")
            union.setdefault(name, {}).update(dict.fromkeys(sources))
    return "; ".join(
        " ".join([name, *(s for s in sources if s != "'none'" or len(sources) == 1)])
        for name, sources in union.items()
    )
