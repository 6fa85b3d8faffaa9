"""Fingerprints of values, such as everything that a page was rendered from.

A fingerprint is a SHA-256 digest of 32 bytes. The incremental build compares fingerprints instead
of the values themselves.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final

import msgspec


def encode(value: object) -> bytes:
    """Serialize a value with MessagePack, for the build cache and for fingerprints."""
    return msgspec.msgpack.encode(value)


_deterministic: Final = msgspec.msgpack.Encoder(order="deterministic")


def canonical_fingerprint(value: object) -> bytes:
    """Return a fingerprint that does not depend on the order of sets and mappings."""
    return fingerprint(_deterministic.encode(value))


def fingerprint(*parts: bytes) -> bytes:
    """Return one fingerprint for several byte strings.

    Each part is hashed with its length, so that moving a byte from one part to the next changes
    the result.
    """
    digest = sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return digest.digest()
