"""Fingerprints of values: what a page was rendered from, in 32 bytes."""

from __future__ import annotations

from hashlib import sha256
from typing import Final

import msgspec


def encode(value: object) -> bytes:
    """A value in the form that is kept and that digests are made of."""
    return msgspec.msgpack.encode(value)


_deterministic: Final = msgspec.msgpack.Encoder(order="deterministic")


def canonical_fingerprint(value: object) -> bytes:
    """The digest of a value in which the order of sets and of names says nothing."""
    return fingerprint(_deterministic.encode(value))


def fingerprint(*parts: bytes) -> bytes:
    """A short name for some values; no two lists of parts share one."""
    name = sha256()
    for part in parts:
        name.update(len(part).to_bytes(8, "little"))
        name.update(part)
    return name.digest()
