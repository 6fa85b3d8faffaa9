"""Validate AVIF files.

ISO/IEC 14496-12: a tree of boxes, each with a length and a type. Offsets in the file are absolute,
so metadata cannot be cut out of the middle; a file that has some is refused.
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
    """Validate an AVIF file and blank its padding.

    Returns:
        The bytes to publish, and no disclosures.

    Raises:
        UnsafeFileError: The file is broken, too large, an animation, or contains metadata or an
            unknown top-level box.
    """
    if data[4:8] != b"ftyp" or b"avif" not in (data[8:12], *_parse_brands(data)):
        raise UnsafeFileError(
            "this is not an AVIF file", "Give it the ending of what it is, or export it."
        )
    clean, has_size = bytearray(data), False
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
            has_size = _check_meta_box(data, start + 4, end) or has_size
    if not has_size:
        raise truncated_error("AVIF")
    return bytes(clean), ()


def _parse_brands(data: bytes) -> tuple[bytes, ...]:
    end = min(int.from_bytes(data[:4], "big"), 256, len(data))
    return tuple(data[offset : offset + 4] for offset in range(16, end, 4))


def _iter_boxes(data: bytes, offset: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield the type of each box, and where its payload starts and ends."""
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
    """Check the items and their properties; return whether one of them is an image size."""
    has_size = False
    for kind, body, body_end in _iter_boxes(data, start, end):
        if kind == b"iinf":
            count_size = 4 if data[body : body + 1] != b"\0" else 2
            for _, entry, entry_end in _iter_boxes(data, body + 4 + count_size, body_end):
                _check_item_type(data[entry:entry_end])
        elif kind == b"iprp":
            for child, first, last in _iter_boxes(data, body, body_end):
                if child != b"ipco":
                    continue
                for name, value, value_end in _iter_boxes(data, first, last):
                    has_size = _check_property(name, data[value:value_end]) or has_size
        elif kind in {b"uuid", b"xml ", b"bxml"}:
            raise UnsafeFileError("the AVIF file has notes in it", _RESAVE_HINT)
    return has_size


def _check_item_type(entry: bytes) -> None:
    """Refuse an item that is metadata. The item's ID is 2 bytes in version 2, 4 in version 3."""
    type_offset = 8 if entry[:1] == b"\x02" else 10
    if entry[type_offset : type_offset + 4] in _METADATA_ITEM_TYPES:
        raise UnsafeFileError(
            "the AVIF file has notes in it, maybe who took it and where", _RESAVE_HINT
        )


def _check_property(name: bytes, body: bytes) -> bool:
    """Check one property; return whether it is an image size."""
    if name == b"ispe":
        check_dimensions(int.from_bytes(body[4:8], "big"), int.from_bytes(body[8:12], "big"))
        return True
    if name == b"colr" and len(body) > MAX_ICC_PROFILE_BYTES:
        raise UnsafeFileError("the colour profile of the AVIF file is too large")
    return False
