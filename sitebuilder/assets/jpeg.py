"""A JPEG file in, the same without notes out. Pixels are not touched.

ITU-T T.81, annex B: segments that begin with a marker and, most of them, a length. After a start
of scan come packed bytes up to the next marker that is neither a restart nor a stuffed zero.
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
"""A picture sent in steps has about ten. Thousands would keep a browser busy for minutes."""

_NEXT_MARKER: Final = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")


def clean_jpeg(data: bytes) -> tuple[bytes, tuple[str, ...]]:  # noqa: C901, PLR0912 - one branch a kind
    """The bytes to publish, and what was left out that an editor should know of.

    Refused: broken, too large, or turned. A second picture or anything else behind the end is cut.
    """
    if not data.startswith(b"\xff\xd8\xff"):
        raise UnsafeFileError(
            "this is not a JPEG file", "Give it the ending of what it is, or export it."
        )
    kept, scans, sized, profile = [data[:2]], 0, False, 0
    tells: tuple[str, ...] = ()
    for marker, body, packed in _iter_segments(data):
        needed = body
        if marker in _START_OF_FRAME_MARKERS:
            if sized or len(body) < 6:  # noqa: PLR2004 - precision, height, width, parts
                raise truncated_error("JPEG")
            check_dimensions(int.from_bytes(body[3:5], "big"), int.from_bytes(body[1:3], "big"))
            sized = True
        elif marker == _START_OF_SCAN:
            scans += 1
            if not sized:
                raise truncated_error("JPEG")
            if scans > _MAX_SCANS:
                raise UnsafeFileError(f"the picture is stored in more than {_MAX_SCANS} steps")
        elif marker in _METADATA_MARKERS:
            if body.startswith(b"Exif\0\0"):
                tells = check_exif(body) or tells
            needed = _essential_metadata(marker, body)
            profile += len(needed)
        elif marker not in _TABLE_MARKERS:
            raise truncated_error("JPEG")
        if needed or marker not in _METADATA_MARKERS:
            kept += [bytes((0xFF, marker)), (len(needed) + 2).to_bytes(2, "big"), needed, packed]
    if not scans:
        raise truncated_error("JPEG")
    if profile > MAX_ICC_PROFILE_BYTES:
        raise UnsafeFileError("the colour profile of the JPEG file is too large")
    return b"".join((*kept, b"\xff\xd9")), tells


def _iter_segments(data: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Marker, what it holds, and for a scan the packed bytes, of each segment before the end."""
    at = 2
    while True:
        marker, start, at = _read_segment(data, at)
        if marker == _END_OF_IMAGE:
            return
        body, packed = data[start:at], b""
        if marker == _START_OF_SCAN:
            following = _NEXT_MARKER.search(data, at)
            if following is None:
                raise truncated_error("JPEG")
            packed, at = data[at : following.start()], following.start()
        yield marker, body, packed


def _read_segment(data: bytes, offset: int) -> tuple[int, int, int]:
    """The marker at a place, where what it holds begins, and where that ends."""
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
    """What of a note changes how the picture looks: JFIF without thumbnail, colours, Adobe."""
    if marker == 0xE0 and body.startswith(b"JFIF\0") and len(body) >= 14:  # noqa: PLR2004
        return body[:12] + b"\0\0"
    if marker == 0xE2 and body.startswith(b"ICC_PROFILE\0"):  # noqa: PLR2004
        return body
    if marker == 0xEE and body.startswith(b"Adobe"):  # noqa: PLR2004
        return body[:12]
    return b""
