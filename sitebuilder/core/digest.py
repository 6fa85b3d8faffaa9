"""Content digest of source and output files."""

from __future__ import annotations

from hashlib import sha256


def content_digest(data: bytes) -> str:
    """Return the first 128 bits of the SHA-256 digest, as 32 hex digits."""
    return sha256(data).hexdigest()[:32]
