"""An AVIF file in, checked, the same file out.

ISO/IEC 14496-12: boxes of length and type, in each other. Places in the file are written as
numbers, so nothing can be cut out of the middle: notes are a reason to refuse.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sitebuilder.assets.limits import (
    MAX_ICC_PROFILE_BYTES,
    UnsafeFileError,
    check_dimensions,
    truncated_error,
)

_TOP_LEVEL_BOXES: Final = frozenset((b"ftyp", b"meta", b"mdat", b"free", b"skip"))
_MAX_BOXES: Final = 4_096
_METADATA_ITEM_TYPES: Final = frozenset((b"Exif", b"mime", b"uri "))
_RESAVE_HINT: Final = (
    "Save it without metadata, or save it as WebP or JPEG: those are cleaned for you."
)


def clean_avif(data: bytes) -> tuple[bytes, tuple[str, ...]]:
    """The bytes to publish. Refused: broken, too large, moving, or with notes in it."""
    if data[4:8] != b"ftyp" or b"avif" not in (data[8:12], *_parse_brands(data)):
        raise UnsafeFileError(
            "this is not an AVIF file", "Give it the ending of what it is, or export it."
        )
    clean, sized = bytearray(data), False
    for kind, start, end in _iter_boxes(data, 0, len(data)):
        if kind == b"moov":
            raise UnsafeFileError("the AVIF file is an animation", "Save it as WebP.")
        if kind not in _TOP_LEVEL_BOXES:
            raise UnsafeFileError(
                "the AVIF file has a part that is not needed to show it", _RESAVE_HINT
            )
        if kind in {b"free", b"skip"}:
            clean[start:end] = bytes(end - start)
        if kind == b"meta":
            sized = _check_meta_box(data, start + 4, end) or sized
    if not sized:
        raise truncated_error("AVIF")
    return bytes(clean), ()


def _parse_brands(data: bytes) -> tuple[bytes, ...]:
    end = min(int.from_bytes(data[:4], "big"), 256, len(data))
    return tuple(data[n : n + 4] for n in range(16, end, 4))


def _iter_boxes(data: bytes, offset: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Kind, first byte and end of what each box holds."""
    for _ in range(_MAX_BOXES):
        if offset == end:
            return
        length, kind, start = (
            int.from_bytes(data[offset : offset + 4], "big"),
            data[offset + 4 : offset + 8],
            offset + 8,
        )
        if length == 1:
            length, start = int.from_bytes(data[offset + 8 : offset + 16], "big"), offset + 16
        if offset + length < start or offset + length > end:
            raise truncated_error("AVIF")
        offset += length
        yield kind, start, offset
    raise UnsafeFileError("the AVIF file has too many parts")


def _check_meta_box(data: bytes, start: int, end: int) -> bool:
    """Whether a size was found."""
    sized = False
    for kind, at, stop in _iter_boxes(data, start, end):
        if kind == b"iinf":
            wide = 4 if data[at : at + 1] != b"\0" else 2
            for _, entry, after in _iter_boxes(data, at + 4 + wide, stop):
                _check_item_type(data[entry:after])
        elif kind == b"iprp":
            for inner, one, two in _iter_boxes(data, at, stop):
                for name, first, last in _iter_boxes(data, one, two) if inner == b"ipco" else ():
                    sized = _check_property(name, data[first:last]) or sized
        elif kind in {b"uuid", b"xml ", b"bxml"}:
            raise UnsafeFileError("the AVIF file has notes in it", _RESAVE_HINT)
    return sized


def _check_item_type(entry: bytes) -> None:
    """An entry of the list of items: version 2 has a short number before the kind, 3 a long one."""
    at = 8 if entry[:1] == b"\x02" else 10
    if entry[at : at + 4] in _METADATA_ITEM_TYPES:
        raise UnsafeFileError(
            "the AVIF file has notes in it, maybe who took it and where", _RESAVE_HINT
        )


def _check_property(name: bytes, body: bytes) -> bool:
    if name == b"ispe":
        check_dimensions(int.from_bytes(body[4:8], "big"), int.from_bytes(body[8:12], "big"))
        return True
    if name == b"colr" and len(body) > MAX_ICC_PROFILE_BYTES:
        raise UnsafeFileError("the colour profile of the AVIF file is too large")
    return False
