"""A GIF file in, the same without notes out. Pixels are not touched.

GIF89a: a screen, then blocks: extensions (0x21), pictures (0x2c), and the end (0x3b).
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
    """The bytes to publish. Refused: broken or too large. What stands behind the end is cut off."""
    if data[:6] not in {b"GIF87a", b"GIF89a"}:
        raise UnsafeFileError(
            "this is not a GIF file", "Give it the ending of what it is, or export it."
        )
    if len(data) < 13:  # noqa: PLR2004 - the header
        raise truncated_error("GIF")
    check_dimensions(_read_uint16(data, 6), _read_uint16(data, 8))
    at = 13 + _color_table_size(data[10])
    kept, frames = [data[:at]], 0
    while data[at : at + 1] != b"\x3b":
        start, kind = at, data[at : at + 1]
        if kind == b"\x2c" and at + 11 < len(data):
            frames += 1
            check_frame_count(frames)
            left, top, width, height = (_read_uint16(data, at + n) for n in (1, 3, 5, 7))
            check_dimensions(left + width, top + height)
            at = _skip_sub_blocks(data, at + 11 + _color_table_size(data[at + 9]))
            kept.append(data[start:at])
        elif kind == b"\x21" and at + 2 < len(data):
            label, at = data[at + 1], _skip_sub_blocks(data, at + 2)
            extension = data[start:at]
            if label == _GRAPHIC_CONTROL_LABEL or (
                label == _APPLICATION_LABEL and extension[2:14] in _LOOP_EXTENSIONS
            ):
                kept.append(extension)
        else:
            raise truncated_error("GIF")
    if not frames:
        raise truncated_error("GIF")
    return b"".join((*kept, b"\x3b")), ()


def _read_uint16(data: bytes, offset: int) -> int:
    return int.from_bytes(data[offset : offset + 2], "little")


def _color_table_size(flags: int) -> int:
    """Bytes of the colour table that these flags announce."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _skip_sub_blocks(data: bytes, offset: int) -> int:
    """Where a row of blocks, each with its length before it, ends."""
    while offset < len(data):
        length = data[offset]
        offset += 1 + length
        if not length:
            return offset
    raise truncated_error("GIF")
