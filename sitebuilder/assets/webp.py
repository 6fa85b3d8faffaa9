"""Validate WebP files and remove their metadata. Pixels are not changed.

RFC 9649: a RIFF container of chunks, each a type of four letters, a length, and data padded to an
even length.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

from sitebuilder.assets.limits import (
    MAX_ICC_PROFILE_BYTES,
    UnsafeFileError,
    check_dimensions,
    check_exif,
    check_frame_count,
    truncated_error,
)

_KEPT_CHUNKS: Final = frozenset((b"VP8 ", b"VP8L", b"VP8X", b"ICCP", b"ANIM", b"ANMF", b"ALPH"))
_FRAME_CHUNKS: Final = frozenset((b"VP8 ", b"VP8L", b"ALPH"))
_METADATA_FLAGS: Final = 0b1100
"""Bits in the first byte of VP8X that announce Exif and XMP."""


def clean_webp(data: bytes) -> tuple[bytes, tuple[str, ...]]:  # noqa: C901 - one branch a kind
    """Validate a WebP file; remove its metadata and whatever follows the container.

    Returns:
        The bytes to publish, and what the removed metadata disclosed.

    Raises:
        UnsafeFileError: The file is broken, too large, or stored rotated.
    """
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        raise UnsafeFileError(
            "this is not a WebP file", "Give it the ending of what it is, or export it."
        )
    end = 8 + int.from_bytes(data[4:8], "little")
    if end > len(data):
        raise truncated_error("WebP")
    chunks, frame_count, has_image = [], 0, False
    disclosures: tuple[str, ...] = ()
    for kind, body in _iter_chunks(data, 12, end):
        if kind == b"EXIF":
            disclosures = check_exif(body)
        if kind not in _KEPT_CHUNKS:
            continue
        chunk = body
        if kind == b"VP8X":
            if len(body) != 10:  # noqa: PLR2004 - flags, canvas
                raise truncated_error("WebP")
            check_dimensions(
                *(int.from_bytes(body[offset : offset + 3], "little") + 1 for offset in (4, 7))
            )
            chunk = bytes((body[0] & ~_METADATA_FLAGS,)) + body[1:]
        elif kind == b"ANMF":
            frame_count += 1
            check_frame_count(frame_count)
            chunk, has_image = _clean_frame(body), True
        elif kind in _FRAME_CHUNKS:
            _check_image_header(kind, body)
            has_image = True
        elif kind == b"ICCP" and len(body) > MAX_ICC_PROFILE_BYTES:
            raise UnsafeFileError("the colour profile of the WebP file is too large")
        chunks.append(_encode_chunk(kind, chunk))
    if not has_image:
        raise truncated_error("WebP")
    payload = b"WEBP" + b"".join(chunks)
    return b"RIFF" + len(payload).to_bytes(4, "little") + payload, disclosures


def _clean_frame(body: bytes) -> bytes:
    """Return the header and the image of an animation frame, without its other chunks."""
    chunks = [body[:16]]
    for kind, part in _iter_chunks(body, 16, len(body)):
        if kind in _FRAME_CHUNKS:
            _check_image_header(kind, part)
            chunks.append(_encode_chunk(kind, part))
    return b"".join(chunks)


def _iter_chunks(data: bytes, offset: int, end: int) -> Iterator[tuple[bytes, bytes]]:
    while offset < end:
        if offset + 8 > end:
            raise truncated_error("WebP")
        kind, length = struct.unpack_from("<4sI", data, offset)
        if offset + 8 + length > end:
            raise truncated_error("WebP")
        yield kind, data[offset + 8 : offset + 8 + length]
        offset += 8 + length + length % 2


def _encode_chunk(kind: bytes, body: bytes) -> bytes:
    return kind + len(body).to_bytes(4, "little") + body + b"\0" * (len(body) % 2)


def _check_image_header(kind: bytes, body: bytes) -> None:
    """Check the dimensions in an image's own header."""
    if kind == b"VP8 ":
        if body[3:6] != b"\x9d\x01\x2a" or len(body) < 10:  # noqa: PLR2004 - RFC 6386, 9.1
            raise truncated_error("WebP")
        check_dimensions(
            *(int.from_bytes(body[offset : offset + 2], "little") & 0x3FFF for offset in (6, 8))
        )
    elif kind == b"VP8L":
        if body[:1] != b"\x2f" or len(body) < 5:  # noqa: PLR2004 - RFC 9649, 3.4
            raise truncated_error("WebP")
        bits = int.from_bytes(body[1:5], "little")
        check_dimensions((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
