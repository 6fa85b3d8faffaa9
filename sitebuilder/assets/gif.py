"""A GIF file in, the same without notes out. Pixels are not touched.

GIF89a: a screen, then blocks: extensions (0x21), pictures (0x2c), and the end (0x3b).
"""

from __future__ import annotations

from typing import Final

from sitebuilder.assets.limits import Refused, check_frames, check_size, cut_short

_CONTROL, _APPLICATION = 0xF9, 0xFF
_LOOPS: Final = (b"\x0bNETSCAPE2.0", b"\x0bANIMEXTS1.0")


def clean_gif(data: bytes) -> tuple[bytes, tuple[str, ...]]:
    """The bytes to publish. Refused: broken or too large. What stands behind the end is cut off."""
    if data[:6] not in {b"GIF87a", b"GIF89a"}:
        raise Refused("this is not a GIF file", "Give it the ending of what it is, or export it.")
    if len(data) < 13:  # noqa: PLR2004 - the header
        raise cut_short("GIF")
    check_size(_number(data, 6), _number(data, 8))
    at = 13 + _table(data[10])
    kept, frames = [data[:at]], 0
    while data[at : at + 1] != b"\x3b":
        start, kind = at, data[at : at + 1]
        if kind == b"\x2c" and at + 11 < len(data):
            frames += 1
            check_frames(frames)
            left, top, width, height = (_number(data, at + n) for n in (1, 3, 5, 7))
            check_size(left + width, top + height)
            at = _blocks(data, at + 11 + _table(data[at + 9]))
            kept.append(data[start:at])
        elif kind == b"\x21" and at + 2 < len(data):
            label, at = data[at + 1], _blocks(data, at + 2)
            extension = data[start:at]
            if label == _CONTROL or (label == _APPLICATION and extension[2:14] in _LOOPS):
                kept.append(extension)
        else:
            raise cut_short("GIF")
    if not frames:
        raise cut_short("GIF")
    return b"".join((*kept, b"\x3b")), ()


def _number(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 2], "little")


def _table(flags: int) -> int:
    """Bytes of the colour table that these flags announce."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _blocks(data: bytes, at: int) -> int:
    """Where a row of blocks, each with its length before it, ends."""
    while at < len(data):
        length = data[at]
        at += 1 + length
        if not length:
            return at
    raise cut_short("GIF")
