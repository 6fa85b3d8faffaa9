"""Validate ICO files; remove metadata and gaps.

A header, a directory of images, and the images: complete PNG files, or bitmaps without their file
header.
"""

from __future__ import annotations

import struct
from typing import Final

from sitebuilder.assets.limits import UnsafeFileError, check_dimensions, truncated_error
from sitebuilder.assets.png import PNG_SIGNATURE, clean_png

_MAX_IMAGES: Final = 64


def clean_ico(data: bytes) -> tuple[bytes, tuple[str, ...]]:
    """Validate an ICO file; keep only what the entries of its directory refer to.

    Returns:
        The bytes to publish, and no disclosures.

    Raises:
        UnsafeFileError: The file is broken or too large.
    """
    if data[:4] != b"\0\0\1\0":
        raise UnsafeFileError(
            "this is not an ICO file", "Give it the ending of what it is, or export it."
        )
    count = int.from_bytes(data[4:6], "little")
    if not 0 < count <= _MAX_IMAGES or len(data) < 6 + 16 * count:
        raise truncated_error("ICO")
    entries, images, image_offset = [], [], 6 + 16 * count
    for entry in range(6, 6 + 16 * count, 16):
        length, start = struct.unpack_from("<II", data, entry + 8)
        if start + length > len(data) or length < 40:  # noqa: PLR2004 - the smallest header
            raise truncated_error("ICO")
        image = data[start : start + length]
        image = clean_png(image)[0] if image.startswith(PNG_SIGNATURE) else _trim_bitmap(image)
        entries.append(data[entry : entry + 8] + struct.pack("<II", len(image), image_offset))
        images.append(image)
        image_offset += len(image)
    return b"".join((data[:6], *entries, *images)), ()


def _trim_bitmap(data: bytes) -> bytes:
    """Check a bitmap and cut off what follows it.

    It is a header, a palette, pixels and a mask. The stated height counts pixels and mask, so it is
    twice the height of the picture. The mask may be missing.
    """
    header_size, width, height, _, depth, compression = struct.unpack_from("<IiiHHI", data)
    if header_size != 40 or compression or depth not in {1, 4, 8, 24, 32} or height % 2:  # noqa: PLR2004
        raise truncated_error("ICO")
    check_dimensions(max(width, 0), max(height, 0))
    color_count = struct.unpack_from("<I", data, 32)[0] or (1 << depth if depth <= 8 else 0)  # noqa: PLR2004
    row_size = ((width * depth + 31) // 32 + (width + 31) // 32) * 4
    full_size = header_size + 4 * color_count + row_size * (height // 2)
    min_size = full_size - (width + 31) // 32 * 4 * (height // 2)  # the mask is often left out
    if len(data) < min_size:
        raise truncated_error("ICO")
    return data[:full_size]
