"""Validate JPEG files and remove their metadata. Pixels are not changed.

ITU-T T.81, annex B: segments that begin with a marker and, most of them, a length. A start of scan
is followed by entropy-coded bytes, up to the next marker that is not a restart. In them, 0xFF 0x00
is a data byte 0xFF, not a marker.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from sitebuilder.assets.limits import (
    MAX_ICC_PROFILE_BYTES,
    UnsafeFileError,
    check_dimensions,
    check_exif,
    truncated_error,
)

_END_OF_IMAGE, _START_OF_SCAN = 0xD9, 0xDA
_TABLE_MARKERS: Final = frozenset({0xC4, 0xCC, 0xDB, 0xDD})
_START_OF_FRAME_MARKERS: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_METADATA_MARKERS: Final = frozenset({*range(0xE0, 0xF0), 0xFE})
_MAX_SCANS: Final = 100
"""A progressive picture has about ten. Thousands would keep a browser busy for minutes."""

_NEXT_MARKER: Final = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")


def clean_jpeg(data: bytes) -> tuple[bytes, tuple[str, ...]]:  # noqa: C901, PLR0912 - one branch a kind
    """Validate a JPEG file; remove its metadata and whatever follows the end of the image.

    Returns:
        The bytes to publish, and what the removed metadata disclosed.

    Raises:
        UnsafeFileError: The file is broken, too large, stored rotated, or has too many scans.
    """
    if not data.startswith(b"\xff\xd8\xff"):
        raise UnsafeFileError(
            "this is not a JPEG file", "Give it the ending of what it is, or export it."
        )
    chunks, scan_count, has_size, profile_bytes = [data[:2]], 0, False, 0
    disclosures: tuple[str, ...] = ()
    for marker, body, coded in _iter_segments(data):
        kept_body = body
        if marker in _START_OF_FRAME_MARKERS:
            if has_size or len(body) < 6:  # noqa: PLR2004 - precision, height, width, parts
                raise truncated_error("JPEG")
            check_dimensions(int.from_bytes(body[3:5], "big"), int.from_bytes(body[1:3], "big"))
            has_size = True
        elif marker == _START_OF_SCAN:
            scan_count += 1
            if not has_size:
                raise truncated_error("JPEG")
            if scan_count > _MAX_SCANS:
                raise UnsafeFileError(f"the picture is stored in more than {_MAX_SCANS} steps")
        elif marker in _METADATA_MARKERS:
            if body.startswith(b"Exif\0\0"):
                disclosures = check_exif(body) or disclosures
            kept_body = _essential_metadata(marker, body)
            profile_bytes += len(kept_body)
        elif marker not in _TABLE_MARKERS:
            raise truncated_error("JPEG")
        if kept_body or marker not in _METADATA_MARKERS:
            chunks += [
                bytes((0xFF, marker)),
                (len(kept_body) + 2).to_bytes(2, "big"),
                kept_body,
                coded,
            ]
    if not scan_count:
        raise truncated_error("JPEG")
    if profile_bytes > MAX_ICC_PROFILE_BYTES:
        raise UnsafeFileError("the colour profile of the JPEG file is too large")
    return b"".join((*chunks, b"\xff\xd9")), disclosures


def _iter_segments(data: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield the marker, body and (after a start of scan) coded bytes of each segment."""
    offset = 2
    while True:
        marker, start, offset = _read_segment(data, offset)
        if marker == _END_OF_IMAGE:
            return
        body, coded = data[start:offset], b""
        if marker == _START_OF_SCAN:
            next_marker = _NEXT_MARKER.search(data, offset)
            if next_marker is None:
                raise truncated_error("JPEG")
            coded, offset = data[offset : next_marker.start()], next_marker.start()
        yield marker, body, coded


def _read_segment(data: bytes, offset: int) -> tuple[int, int, int]:
    """Return the marker at an offset, and where its body starts and ends."""
    if data[offset : offset + 1] != b"\xff":
        raise truncated_error("JPEG")
    while data[offset : offset + 1] == b"\xff":
        offset += 1
    if offset >= len(data):
        raise truncated_error("JPEG")
    marker, start = data[offset], offset + 3
    if marker == _END_OF_IMAGE:
        return marker, offset + 1, offset + 1
    end = offset + 1 + int.from_bytes(data[offset + 1 : start], "big")
    if end < start or end > len(data):
        raise truncated_error("JPEG")
    return marker, start, end


def _essential_metadata(marker: int, body: bytes) -> bytes:
    """Return the part of a metadata segment that affects the display; empty if there is none.

    That is: JFIF without its thumbnail, a color profile, or the Adobe color transform.
    """
    if marker == 0xE0 and body.startswith(b"JFIF\0") and len(body) >= 14:  # noqa: PLR2004
        return body[:12] + b"\0\0"
    if marker == 0xE2 and body.startswith(b"ICC_PROFILE\0"):  # noqa: PLR2004
        return body
    if marker == 0xEE and body.startswith(b"Adobe"):  # noqa: PLR2004
        return body[:12]
    return b""
