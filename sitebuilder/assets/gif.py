"""Validate GIF files and remove their metadata. Pixels are not changed.

GIF89a: a header, then blocks: extensions (0x21), images (0x2c) and the trailer (0x3b).
"""

from __future__ import annotations

from typing import Final

from sitebuilder.assets.limits import (
    UnsafeFileError,
    check_dimensions,
    check_frame_count,
    truncated_error,
)

_GRAPHIC_CONTROL_LABEL, _APPLICATION_LABEL = 0xF9, 0xFF
_LOOP_EXTENSIONS: Final = (b"\x0bNETSCAPE2.0", b"\x0bANIMEXTS1.0")


def clean_gif(data: bytes) -> tuple[bytes, tuple[str, ...]]:
    """Validate a GIF file; remove its metadata and whatever follows the trailer.

    Returns:
        The bytes to publish, and no disclosures.

    Raises:
        UnsafeFileError: The file is broken or too large.
    """
    if data[:6] not in {b"GIF87a", b"GIF89a"}:
        raise UnsafeFileError(
            "this is not a GIF file", "Give it the ending of what it is, or export it."
        )
    if len(data) < 13:  # noqa: PLR2004 - the header
        raise truncated_error("GIF")
    check_dimensions(_read_uint16(data, 6), _read_uint16(data, 8))
    offset = 13 + _color_table_size(data[10])
    chunks, frames = [data[:offset]], 0
    while data[offset : offset + 1] != b"\x3b":
        start, kind = offset, data[offset : offset + 1]
        if kind == b"\x2c" and offset + 11 < len(data):
            frames += 1
            check_frame_count(frames)
            left, top, width, height = (
                _read_uint16(data, offset + field) for field in (1, 3, 5, 7)
            )
            check_dimensions(left + width, top + height)
            offset = _skip_sub_blocks(data, offset + 11 + _color_table_size(data[offset + 9]))
            chunks.append(data[start:offset])
        elif kind == b"\x21" and offset + 2 < len(data):
            label, offset = data[offset + 1], _skip_sub_blocks(data, offset + 2)
            extension = data[start:offset]
            if label == _GRAPHIC_CONTROL_LABEL or (
                label == _APPLICATION_LABEL and extension[2:14] in _LOOP_EXTENSIONS
            ):
                chunks.append(extension)
        else:
            raise truncated_error("GIF")
    if not frames:
        raise truncated_error("GIF")
    return b"".join((*chunks, b"\x3b")), ()


def _read_uint16(data: bytes, offset: int) -> int:
    return int.from_bytes(data[offset : offset + 2], "little")


def _color_table_size(flags: int) -> int:
    """Return the number of bytes of the color table that these flags announce."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _skip_sub_blocks(data: bytes, offset: int) -> int:
    """Return the offset after a sequence of sub-blocks."""
    while offset < len(data):
        length = data[offset]
        offset += 1 + length
        if not length:
            return offset
    raise truncated_error("GIF")
