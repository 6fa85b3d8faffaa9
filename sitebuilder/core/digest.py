"""The digest that names the bytes of a file."""

from __future__ import annotations

from hashlib import sha256


def content_digest(data: bytes) -> str:
    """A short name for some bytes: equal bytes, equal name."""
    return sha256(data).hexdigest()[:32]
