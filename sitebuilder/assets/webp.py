"""A WebP file in, the same without notes out. Pixels are not touched.

RFC 9649: a RIFF container of chunks, each of four letters, a length, and data of even length.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

from sitebuilder.assets.limits import (
    MOST_PROFILE,
    Refused,
    check_exif,
    check_frames,
    check_size,
    cut_short,
)

_KEPT: Final = frozenset((b"VP8 ", b"VP8L", b"VP8X", b"ICCP", b"ANIM", b"ANMF", b"ALPH"))
_IN_FRAME: Final = frozenset((b"VP8 ", b"VP8L", b"ALPH"))
_NOTE_FLAGS: Final = 0b1100
"""In the first byte of VP8X: there is Exif, there is XMP."""


def clean_webp(data: bytes) -> tuple[bytes, tuple[str, ...]]:  # noqa: C901 - one branch a kind
    """The bytes to publish, and what was left out that an editor should know of.

    Refused: broken, too large, or turned. What stands behind the end is cut off.
    """
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        raise Refused("this is not a WebP file", "Give it the ending of what it is, or export it.")
    end = 8 + int.from_bytes(data[4:8], "little")
    if end > len(data):
        raise cut_short("WebP")
    kept, frames, drawn = [], 0, False
    tells: tuple[str, ...] = ()
    for kind, body in _chunks(data, 12, end):
        if kind == b"EXIF":
            tells = check_exif(body)
        if kind not in _KEPT:
            continue
        chunk = body
        if kind == b"VP8X":
            if len(body) != 10:  # noqa: PLR2004 - flags, canvas
                raise cut_short("WebP")
            check_size(*(int.from_bytes(body[n : n + 3], "little") + 1 for n in (4, 7)))
            chunk = bytes((body[0] & ~_NOTE_FLAGS,)) + body[1:]
        elif kind == b"ANMF":
            frames += 1
            check_frames(frames)
            chunk, drawn = _frame(body), True
        elif kind in _IN_FRAME:
            _check_picture(kind, body)
            drawn = True
        elif kind == b"ICCP" and len(body) > MOST_PROFILE:
            raise Refused("the colour profile of the WebP file is too large")
        kept.append(_chunk(kind, chunk))
    if not drawn:
        raise cut_short("WebP")
    whole = b"WEBP" + b"".join(kept)
    return b"RIFF" + len(whole).to_bytes(4, "little") + whole, tells


def _frame(body: bytes) -> bytes:
    """A frame of an animation: where it stands, and its picture."""
    kept = [body[:16]]
    for kind, part in _chunks(body, 16, len(body)):
        if kind in _IN_FRAME:
            _check_picture(kind, part)
            kept.append(_chunk(kind, part))
    return b"".join(kept)


def _chunks(data: bytes, at: int, end: int) -> Iterator[tuple[bytes, bytes]]:
    while at < end:
        if at + 8 > end:
            raise cut_short("WebP")
        kind, length = struct.unpack_from("<4sI", data, at)
        if at + 8 + length > end:
            raise cut_short("WebP")
        yield kind, data[at + 8 : at + 8 + length]
        at += 8 + length + length % 2


def _chunk(kind: bytes, body: bytes) -> bytes:
    return kind + len(body).to_bytes(4, "little") + body + b"\0" * (len(body) % 2)


def _check_picture(kind: bytes, body: bytes) -> None:
    """Refused: a picture whose own header says that it is too large, or is no header."""
    if kind == b"VP8 ":
        if body[3:6] != b"\x9d\x01\x2a" or len(body) < 10:  # noqa: PLR2004 - RFC 6386, 9.1
            raise cut_short("WebP")
        check_size(*(int.from_bytes(body[n : n + 2], "little") & 0x3FFF for n in (6, 8)))
    elif kind == b"VP8L":
        if body[:1] != b"\x2f" or len(body) < 5:  # noqa: PLR2004 - RFC 9649, 3.4
            raise cut_short("WebP")
        bits = int.from_bytes(body[1:5], "little")
        check_size((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
