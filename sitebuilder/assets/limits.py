"""What is wrong with a file that is published as it is, and the limits that all pictures share."""

from __future__ import annotations

import struct
from typing import Final

MAX_PIXELS: Final = 40_000_000
MAX_SIDE_PIXELS: Final = 16_384
MAX_FRAMES: Final = 1_000
MAX_ICC_PROFILE_BYTES: Final = 4 * 1024 * 1024
"""Bytes of a colour profile, unpacked. Real ones are below one megabyte."""

RESAVE_HINT: Final = "Open it in a picture editor, save it again, and put the new file here."
_EXIF_ORIENTATION_TAG: Final = 0x0112
_EXIF_GPS_TAG: Final = 0x8825


class UnsafeFileError(Exception):
    """Why a file cannot be published, and how to mend it. Stays inside this package."""

    def __init__(self, message: str, hint: str = RESAVE_HINT, line: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.line = line


def check_dimensions(width: int, height: int) -> None:
    """Refused: a browser would need too much memory for this many pixels, or there are none."""
    if not width or not height:
        raise UnsafeFileError(f"the picture is {width} x {height} pixels large")
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE_PIXELS:
        hint = (
            f"At most {MAX_PIXELS // 1_000_000} megapixels and {MAX_SIDE_PIXELS} pixels a side. "
            "Make it smaller: 2000 pixels a side are plenty for a page."
        )
        message = f"the picture is {width} x {height} pixels large, which is too large"
        raise UnsafeFileError(message, hint)


def check_frame_count(count: int) -> None:
    """Refused: an animation without a sensible end."""
    if count > MAX_FRAMES:
        raise UnsafeFileError(f"the picture has more than {MAX_FRAMES} frames", "Make it shorter.")


def truncated_error(format_name: str) -> UnsafeFileError:
    """The file ends too early, or a length in it is a lie."""
    return UnsafeFileError(
        f"the {format_name} file is broken or cut short", "Fetch or export it once more."
    )


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
        if tag == _EXIF_ORIENTATION_TAG and value not in {0, 1}:
            hint = "Open it in a picture editor, turn it, turn it back, and save it again."
            raise UnsafeFileError("the picture is stored turned, with a note to turn it back", hint)
        has_place = has_place or tag == _EXIF_GPS_TAG
    return ("the place where it was taken",) if has_place else ()
