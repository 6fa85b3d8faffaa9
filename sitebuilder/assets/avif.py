"""An AVIF file in, checked, the same file out.

ISO/IEC 14496-12: boxes of length and type, in each other. Places in the file are written as
numbers, so nothing can be cut out of the middle: notes are a reason to refuse.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sitebuilder.assets.limits import MOST_PROFILE, Refused, check_size, cut_short

_TOP: Final = frozenset((b"ftyp", b"meta", b"mdat", b"free", b"skip"))
_MOST_BOXES: Final = 4_096
_NOTES: Final = frozenset((b"Exif", b"mime", b"uri "))
_HINT: Final = "Save it without metadata, or save it as WebP or JPEG: those are cleaned for you."


def clean_avif(data: bytes) -> tuple[bytes, tuple[str, ...]]:
    """The bytes to publish. Refused: broken, too large, moving, or with notes in it."""
    if data[4:8] != b"ftyp" or b"avif" not in (data[8:12], *_brands(data)):
        raise Refused("this is not an AVIF file", "Give it the ending of what it is, or export it.")
    clean, sized = bytearray(data), False
    for kind, start, end in _boxes(data, 0, len(data)):
        if kind == b"moov":
            raise Refused("the AVIF file is an animation", "Save it as WebP.")
        if kind not in _TOP:
            raise Refused("the AVIF file has a part that is not needed to show it", _HINT)
        if kind in {b"free", b"skip"}:
            clean[start:end] = bytes(end - start)
        if kind == b"meta":
            sized = _check_meta(data, start + 4, end) or sized
    if not sized:
        raise cut_short("AVIF")
    return bytes(clean), ()


def _brands(data: bytes) -> tuple[bytes, ...]:
    end = min(int.from_bytes(data[:4], "big"), 256, len(data))
    return tuple(data[n : n + 4] for n in range(16, end, 4))


def _boxes(data: bytes, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Kind, first byte and end of what each box holds."""
    for _ in range(_MOST_BOXES):
        if at == end:
            return
        length, kind, start = (
            int.from_bytes(data[at : at + 4], "big"),
            data[at + 4 : at + 8],
            at + 8,
        )
        if length == 1:
            length, start = int.from_bytes(data[at + 8 : at + 16], "big"), at + 16
        if at + length < start or at + length > end:
            raise cut_short("AVIF")
        at += length
        yield kind, start, at
    raise Refused("the AVIF file has too many parts")


def _check_meta(data: bytes, start: int, end: int) -> bool:
    """Whether a size was found."""
    sized = False
    for kind, at, stop in _boxes(data, start, end):
        if kind == b"iinf":
            wide = 4 if data[at : at + 1] != b"\0" else 2
            for _, entry, after in _boxes(data, at + 4 + wide, stop):
                _check_item(data[entry:after])
        elif kind == b"iprp":
            for inner, one, two in _boxes(data, at, stop):
                for name, first, last in _boxes(data, one, two) if inner == b"ipco" else ():
                    sized = _check_property(name, data[first:last]) or sized
        elif kind in {b"uuid", b"xml ", b"bxml"}:
            raise Refused("the AVIF file has notes in it", _HINT)
    return sized


def _check_item(entry: bytes) -> None:
    """An entry of the list of items: version 2 has a short number before the kind, 3 a long one."""
    at = 8 if entry[:1] == b"\x02" else 10
    if entry[at : at + 4] in _NOTES:
        raise Refused("the AVIF file has notes in it, maybe who took it and where", _HINT)


def _check_property(name: bytes, body: bytes) -> bool:
    if name == b"ispe":
        check_size(int.from_bytes(body[4:8], "big"), int.from_bytes(body[8:12], "big"))
        return True
    if name == b"colr" and len(body) > MOST_PROFILE:
        raise Refused("the colour profile of the AVIF file is too large")
    return False
