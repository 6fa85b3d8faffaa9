"""The error for unsafe files, and the limits that all picture formats share."""

from __future__ import annotations

import struct
from typing import Final

MAX_PIXELS: Final = 40_000_000
MAX_SIDE_PIXELS: Final = 16_384
MAX_FRAMES: Final = 1_000
MAX_ICC_PROFILE_BYTES: Final = 4 * 1024 * 1024
"""Bytes of a color profile after decompression. Real ones are below one megabyte."""

RESAVE_HINT: Final = "Open it in a picture editor, save it again, and put the new file here."
_EXIF_ORIENTATION_TAG: Final = 0x0112
_EXIF_GPS_TAG: Final = 0x8825


class UnsafeFileError(Exception):
    """A file, or a style in a page, is unsafe or broken and must not be published.

    Attributes:
        message: What is wrong, for the report.
        hint: How to fix it.
        line: Line of the fault, from 1; 0 in binary files.
    """

    def __init__(self, message: str, hint: str = RESAVE_HINT, line: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.line = line


def check_dimensions(width: int, height: int) -> None:
    """Check that a picture has pixels, and not more than a browser has memory for.

    Raises:
        UnsafeFileError: It is empty or too large.
    """
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
    """Check that an animation has a sensible length.

    Raises:
        UnsafeFileError: It has more than `MAX_FRAMES` frames.
    """
    if count > MAX_FRAMES:
        raise UnsafeFileError(f"the picture has more than {MAX_FRAMES} frames", "Make it shorter.")


def truncated_error(format_name: str) -> UnsafeFileError:
    """Return the error for a file that is cut short or does not follow its format."""
    return UnsafeFileError(
        f"the {format_name} file is broken or cut short", "Fetch or export it once more."
    )


def check_exif(exif: bytes) -> tuple[str, ...]:
    """Check Exif metadata (Exif 3.0, 4.6: a TIFF header and a table of 12-byte entries).

    Returns:
        What the metadata discloses, for the report. Empty if it cannot be read.

    Raises:
        UnsafeFileError: It rotates or mirrors the picture, which would look wrong without it.
    """
    exif = exif.removeprefix(b"Exif\0\0")
    byte_order = {b"II": "<", b"MM": ">"}.get(exif[:2])
    if byte_order is None or len(exif) < 8:  # noqa: PLR2004 - the header
        return ()
    (table,) = struct.unpack_from(byte_order + "I", exif, 4)
    if table + 2 > len(exif):
        return ()
    (count,) = struct.unpack_from(byte_order + "H", exif, table)
    has_location = False
    for entry in range(table + 2, min(table + 2 + 12 * count, len(exif) - 11), 12):
        tag, _, _, value = struct.unpack_from(byte_order + "HHIH", exif, entry)
        if tag == _EXIF_ORIENTATION_TAG and value not in {0, 1}:
            hint = "Open it in a picture editor, turn it, turn it back, and save it again."
            raise UnsafeFileError("the picture is stored turned, with a note to turn it back", hint)
        has_location = has_location or tag == _EXIF_GPS_TAG
    return ("the place where it was taken",) if has_location else ()
