"""What is wrong with a file that is published as it is, and the limits that all pictures share."""

from __future__ import annotations

import struct
from typing import Final

MOST_PIXELS: Final = 40_000_000
MOST_A_SIDE: Final = 16_384
MOST_FRAMES: Final = 1_000
MOST_PROFILE: Final = 4 * 1024 * 1024
"""Bytes of a colour profile, unpacked. Real ones are below one megabyte."""

SAVE_AGAIN: Final = "Open it in a picture editor, save it again, and put the new file here."
_ORIENTATION: Final = 0x0112
_PLACE: Final = 0x8825


class Refused(Exception):  # noqa: N818 - a file is refused; nothing of ours went wrong
    """Why a file cannot be published, and how to mend it. Stays inside this package."""

    def __init__(self, message: str, hint: str = SAVE_AGAIN, line: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.line = line


def check_size(width: int, height: int) -> None:
    """Refused: a browser would need too much memory for this many pixels, or there are none."""
    if not width or not height:
        raise Refused(f"the picture is {width} x {height} pixels large")
    if width * height > MOST_PIXELS or max(width, height) > MOST_A_SIDE:
        hint = (
            f"At most {MOST_PIXELS // 1_000_000} megapixels and {MOST_A_SIDE} pixels a side. "
            "Make it smaller: 2000 pixels a side are plenty for a page."
        )
        message = f"the picture is {width} x {height} pixels large, which is too large"
        raise Refused(message, hint)


def check_frames(frames: int) -> None:
    """Refused: an animation without a sensible end."""
    if frames > MOST_FRAMES:
        raise Refused(f"the picture has more than {MOST_FRAMES} frames", "Make it shorter.")


def cut_short(name: str) -> Refused:
    """The file ends too early, or a length in it is a lie."""
    return Refused(f"the {name} file is broken or cut short", "Fetch or export it once more.")


def check_exif(exif: bytes) -> tuple[str, ...]:
    """What a picture's notes give away, for the editor. Refused: they turn the picture.

    The notes are left out when the picture is published. If they turn it, it would then lie on
    its side. (Exif 3.0, 4.6: a TIFF header and a table of entries of 12 bytes.)
    """
    exif = exif.removeprefix(b"Exif\0\0")
    order = {b"II": "<", b"MM": ">"}.get(exif[:2])
    if order is None or len(exif) < 8:  # noqa: PLR2004 - the header
        return ()
    (start,) = struct.unpack_from(order + "I", exif, 4)
    if start + 2 > len(exif):
        return ()
    (count,) = struct.unpack_from(order + "H", exif, start)
    has_place = False
    for at in range(start + 2, min(start + 2 + 12 * count, len(exif) - 11), 12):
        tag, _, _, value = struct.unpack_from(order + "HHIH", exif, at)
        if tag == _ORIENTATION and value not in {0, 1}:
            hint = "Open it in a picture editor, turn it, turn it back, and save it again."
            raise Refused("the picture is stored turned, with a note to turn it back", hint)
        has_place = has_place or tag == _PLACE
    return ("the place where it was taken",) if has_place else ()
