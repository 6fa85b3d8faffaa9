"""An ICO file in, the same without notes and gaps out.

A head, a table of pictures, and the pictures: whole PNG files, or bitmaps without a file head.
"""

from __future__ import annotations

import struct
from typing import Final

from sitebuilder.assets.limits import UnsafeFileError, check_dimensions, truncated_error
from sitebuilder.assets.png import PNG_SIGNATURE, clean_png

_MAX_IMAGES: Final = 64


def clean_ico(data: bytes) -> tuple[bytes, tuple[str, ...]]:
    """The bytes to publish. Refused: broken or too large. What no entry names is left out."""
    if data[:4] != b"\0\0\1\0":
        raise UnsafeFileError(
            "this is not an ICO file", "Give it the ending of what it is, or export it."
        )
    count = int.from_bytes(data[4:6], "little")
    if not 0 < count <= _MAX_IMAGES or len(data) < 6 + 16 * count:
        raise truncated_error("ICO")
    heads, pictures, place = [], [], 6 + 16 * count
    for at in range(6, 6 + 16 * count, 16):
        length, start = struct.unpack_from("<II", data, at + 8)
        if start + length > len(data) or length < 40:  # noqa: PLR2004 - the least head
            raise truncated_error("ICO")
        picture = data[start : start + length]
        picture = (
            clean_png(picture)[0] if picture.startswith(PNG_SIGNATURE) else _trim_bitmap(picture)
        )
        heads.append(data[at : at + 8] + struct.pack("<II", len(picture), place))
        pictures.append(picture)
        place += len(picture)
    return b"".join((data[:6], *heads, *pictures)), ()


def _trim_bitmap(data: bytes) -> bytes:
    """A bitmap as it is: its colours, and a mask below them that doubles the height it names."""
    head, width, height, _, depth, packing = struct.unpack_from("<IiiHHI", data)
    if head != 40 or packing or depth not in {1, 4, 8, 24, 32} or height % 2:  # noqa: PLR2004
        raise truncated_error("ICO")
    check_dimensions(max(width, 0), max(height, 0))
    colours = struct.unpack_from("<I", data, 32)[0] or (1 << depth if depth <= 8 else 0)  # noqa: PLR2004
    rows = ((width * depth + 31) // 32 + (width + 31) // 32) * 4
    whole = head + 4 * colours + rows * (height // 2)
    least = whole - (width + 31) // 32 * 4 * (height // 2)  # the mask is often left out
    if len(data) < least:
        raise truncated_error("ICO")
    return data[:whole]
