"""Validate PNG and APNG files and remove their metadata. Pixels are not changed.

PNG, third edition (W3C 2025): a signature, then chunks of length, type, data and CRC.
"""

from __future__ import annotations

import struct
import zlib
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

PNG_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_KEPT_CHUNKS: Final = frozenset(
    b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP cICP sBIT bKGD pHYs acTL fcTL fdAT".split()
)
_CRITICAL_CHUNKS: Final = frozenset(b"IHDR PLTE IDAT IEND".split())
_ANCILLARY_BIT: Final = 0x20
"""The bit of a chunk type's first letter that marks chunks which decoders may skip."""


def clean_png(data: bytes) -> tuple[bytes, tuple[str, ...]]:  # noqa: C901 - one branch a kind
    """Validate a PNG file; remove its metadata and whatever follows the last chunk.

    Returns:
        The bytes to publish, and what the removed metadata disclosed.

    Raises:
        UnsafeFileError: The file is broken, too large, stored rotated, or has a critical chunk that
            decoders do not know.
    """
    if not data.startswith(PNG_SIGNATURE):
        raise UnsafeFileError(
            "this is not a PNG file", "Give it the ending of what it is, or export it."
        )
    chunks, frame_count, seen = [PNG_SIGNATURE], 0, set[bytes]()
    disclosures: tuple[str, ...] = ()
    for kind, chunk in _iter_chunks(data):
        if (kind == b"IHDR") == bool(seen):
            raise truncated_error("PNG")
        if kind == b"IHDR":
            check_dimensions(*struct.unpack_from(">II", chunk, 8))
        elif kind == b"fcTL":
            frame_count += 1
            check_frame_count(frame_count)
        elif kind == b"iCCP":
            _check_icc_profile(chunk[8:-4])
        elif kind == b"eXIf":
            disclosures = check_exif(chunk[8:-4])
        elif not kind[0] & _ANCILLARY_BIT and kind not in _CRITICAL_CHUNKS:
            raise UnsafeFileError("the PNG file has a part that browsers do not know")
        if kind in _KEPT_CHUNKS:
            chunks.append(chunk)
        seen.add(kind)
    if b"IDAT" not in seen:
        raise truncated_error("PNG")
    return b"".join(chunks), disclosures


def _iter_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the type and all bytes of each chunk, up to IEND."""
    offset, kind = len(PNG_SIGNATURE), b""
    while kind != b"IEND":
        if offset + 12 > len(data):
            raise truncated_error("PNG")
        length, kind = struct.unpack_from(">I4s", data, offset)
        chunk = data[offset : offset + 12 + length]
        if len(chunk) < 12 + length or (kind == b"IHDR" and length != 13):  # noqa: PLR2004
            raise truncated_error("PNG")
        if zlib.crc32(memoryview(chunk)[4:-4]) != int.from_bytes(chunk[-4:], "big"):
            raise truncated_error("PNG")
        yield kind, chunk
        offset += len(chunk)


def _check_icc_profile(chunk: bytes) -> None:
    """Check the size of a color profile. It is compressed: a small one can grow to gigabytes."""
    decompressor = zlib.decompressobj()
    try:
        decompressor.decompress(chunk.partition(b"\0")[2][1:], MAX_ICC_PROFILE_BYTES)
    except zlib.error:
        raise truncated_error("PNG") from None
    if not decompressor.eof:
        raise UnsafeFileError("the colour profile of the PNG file is broken or too large")
