"""Build and merge content security policies."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from hashlib import sha256


def build_csp(style: str, script: str = "") -> str:
    """Return the policy of a page with this inline style and, if not empty, this inline script.

    It allows these two by hash, images and fonts of the site, connections to the site if there is
    no script, and nothing else. A page with a script takes answers from the reader, so it may not
    connect to any host, not even its own site.
    """
    script_src = f"script-src {_hash_source(script)}; " if script else ""
    connect_src = "'none'" if script else "'self'"
    return (
        f"default-src 'none'; style-src {_hash_source(style)}; {script_src}img-src 'self'; "
        f"font-src 'self'; connect-src {connect_src}; base-uri 'none'; form-action 'none'"
    )


def _hash_source(text: str) -> str:
    """Return the source expression for an inline style or script."""
    return f"'sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}'"


def merge_csp(policies: Iterable[str]) -> str:
    """Return the union of policies: it allows a source if any of them does.

    Every page carries its own policy too, so what the union allows for other pages does no harm.

    Args:
        policies: Policies as `build_csp` returns them, which deny everything by default.
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
