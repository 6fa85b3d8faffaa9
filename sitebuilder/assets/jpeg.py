"""A JPEG file in, the same without notes out. Pixels are not touched.

ITU-T T.81, annex B: segments that begin with a marker and, most of them, a length. After a start
of scan come packed bytes up to the next marker that is neither a restart nor a stuffed zero.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from sitebuilder.assets.limits import MOST_PROFILE, Refused, check_exif, check_size, cut_short

_END, _SCAN = 0xD9, 0xDA
_TABLES: Final = frozenset({0xC4, 0xCC, 0xDB, 0xDD})
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_NOTES: Final = frozenset({*range(0xE0, 0xF0), 0xFE})
_MOST_SCANS: Final = 100
"""A picture sent in steps has about ten. Thousands would keep a browser busy for minutes."""

_NEXT_MARKER: Final = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")


def clean_jpeg(data: bytes) -> tuple[bytes, tuple[str, ...]]:  # noqa: C901, PLR0912 - one branch a kind
    """The bytes to publish, and what was left out that an editor should know of.

    Refused: broken, too large, or turned. A second picture or anything else behind the end is cut.
    """
    if not data.startswith(b"\xff\xd8\xff"):
        raise Refused("this is not a JPEG file", "Give it the ending of what it is, or export it.")
    kept, scans, sized, profile = [data[:2]], 0, False, 0
    tells: tuple[str, ...] = ()
    for marker, body, packed in _segments(data):
        needed = body
        if marker in _FRAMES:
            if sized or len(body) < 6:  # noqa: PLR2004 - precision, height, width, parts
                raise cut_short("JPEG")
            check_size(int.from_bytes(body[3:5], "big"), int.from_bytes(body[1:3], "big"))
            sized = True
        elif marker == _SCAN:
            scans += 1
            if not sized:
                raise cut_short("JPEG")
            if scans > _MOST_SCANS:
                raise Refused(f"the picture is stored in more than {_MOST_SCANS} steps")
        elif marker in _NOTES:
            if body.startswith(b"Exif\0\0"):
                tells = check_exif(body) or tells
            needed = _needed(marker, body)
            profile += len(needed)
        elif marker not in _TABLES:
            raise cut_short("JPEG")
        if needed or marker not in _NOTES:
            kept += [bytes((0xFF, marker)), (len(needed) + 2).to_bytes(2, "big"), needed, packed]
    if not scans:
        raise cut_short("JPEG")
    if profile > MOST_PROFILE:
        raise Refused("the colour profile of the JPEG file is too large")
    return b"".join((*kept, b"\xff\xd9")), tells


def _segments(data: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Marker, what it holds, and for a scan the packed bytes, of each segment before the end."""
    at = 2
    while True:
        marker, start, at = _segment(data, at)
        if marker == _END:
            return
        body, packed = data[start:at], b""
        if marker == _SCAN:
            following = _NEXT_MARKER.search(data, at)
            if following is None:
                raise cut_short("JPEG")
            packed, at = data[at : following.start()], following.start()
        yield marker, body, packed


def _segment(data: bytes, at: int) -> tuple[int, int, int]:
    """The marker at a place, where what it holds begins, and where that ends."""
    if data[at : at + 1] != b"\xff":
        raise cut_short("JPEG")
    while data[at : at + 1] == b"\xff":
        at += 1
    if at >= len(data):
        raise cut_short("JPEG")
    marker, start = data[at], at + 3
    if marker == _END:
        return marker, at + 1, at + 1
    end = at + 1 + int.from_bytes(data[at + 1 : start], "big")
    if end < start or end > len(data):
        raise cut_short("JPEG")
    return marker, start, end


def _needed(marker: int, body: bytes) -> bytes:
    """What of a note changes how the picture looks: JFIF without thumbnail, colours, Adobe."""
    if marker == 0xE0 and body.startswith(b"JFIF\0") and len(body) >= 14:  # noqa: PLR2004
        return body[:12] + b"\0\0"
    if marker == 0xE2 and body.startswith(b"ICC_PROFILE\0"):  # noqa: PLR2004
        return body
    if marker == 0xEE and body.startswith(b"Adobe"):  # noqa: PLR2004
        return body[:12]
    return b""
