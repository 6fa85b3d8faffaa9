"""Refuse PDF files with active content; report files that name their author."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from typing import Final

from sitebuilder.assets.limits import UnsafeFileError
from sitebuilder.core.lazy_regex import lazy_compile

_ACTIVE_CONTENT: Final = lazy_compile(
    rb"/(JavaScript|JS|Launch|SubmitForm|ImportData|GoToR|GoToE|EmbeddedFiles?|RichMedia|Movie"
    rb"|Rendition|XFA)(?![A-Za-z0-9_.-])"
)
_OPEN_ACTION: Final = lazy_compile(rb"/OpenAction\s*(?:(\d+)\s+\d+\s+R|<<|\[)")
_NAME_ESCAPE: Final = lazy_compile(rb"#([0-9A-Fa-f]{2})")
_STREAM_START: Final = lazy_compile(rb">>\s*stream\r?\n")
_AUTHOR: Final = lazy_compile(rb"/Author\s*(?:\((?!\))|<(?!>))")
_MAX_UNPACKED_BYTES: Final = 64 * 1024 * 1024
_MAX_DICTIONARY_BYTES: Final = 1_000
_REPRINT_HINT: Final = "Print it to a new PDF file, and put that one here."


def clean_pdf(data: bytes) -> tuple[bytes, tuple[str, ...]]:
    """Check that a PDF file is not encrypted and has no active content.

    Removing parts of a PDF would take a complete parser, so this only looks for what is forbidden.

    Returns:
        The same bytes, and what they disclose.

    Raises:
        UnsafeFileError: The file can run something, is encrypted, or cannot be checked.
    """
    if not data.startswith(b"%PDF-"):
        raise UnsafeFileError("this is not a PDF file", "Export it as PDF once more.")
    has_author = False
    for text in _iter_plain_objects(data):
        match = _ACTIVE_CONTENT.search(text)
        if match:
            raise UnsafeFileError(
                f"the PDF file can act by itself (/{match[1].decode()})", _REPRINT_HINT
            )
        if re.search(rb"/Encrypt(?![A-Za-z0-9])", text):
            raise UnsafeFileError(
                "the PDF file is locked, so nobody can see what is in it", _REPRINT_HINT
            )
        for open_action in _OPEN_ACTION.finditer(text):
            _check_open_action(text, open_action)
        has_author = has_author or bool(_AUTHOR.search(text))
    return data, ("who made it",) if has_author else ()


def _iter_plain_objects(data: bytes) -> Iterator[bytes]:
    """Yield the text of each object stream, then of the rest of the file without its streams.

    Escapes in names are decoded.
    """
    chunks, offset, budget = [], 0, _MAX_UNPACKED_BYTES
    while match := _STREAM_START.search(data, offset):
        head, end = data[offset : match.end()], data.find(b"endstream", match.end())
        if end < 0:
            break
        chunks.append(head)
        if b"/ObjStm" in _decode_names(head[-_MAX_DICTIONARY_BYTES:]):
            text = _decompress(data[match.end() : end], budget)
            budget -= len(text)
            yield _decode_names(text)
        offset = end
    chunks.append(data[offset:])
    yield _decode_names(b"".join(chunks))


def _decompress(stream: bytes, max_bytes: int) -> bytes:
    decompressor = zlib.decompressobj()
    try:
        text = decompressor.decompress(stream, max_bytes)
    except zlib.error:
        text = b""
    if not decompressor.eof:
        raise UnsafeFileError("the PDF file has parts that cannot be read", _REPRINT_HINT)
    return text


def _decode_names(data: bytes) -> bytes:
    return (
        _NAME_ESCAPE.sub(lambda match: bytes((int(match[1], 16),)), data) if b"#" in data else data
    )


def _check_open_action(text: bytes, match: re.Match[bytes]) -> None:
    """Refuse an action on opening, except going to a page of the same file."""
    if match[0].endswith(b"["):
        return
    start = match.end()
    if match[1]:
        target = re.search(rb"(?<!\d)" + match[1] + rb"\s+\d+\s+obj\s*", text)
        start = target.end() if target else len(text)
    action = text[start : start + 300].partition(b"endobj")[0]
    if not action.startswith(b"[") and not re.search(rb"/S\s*/GoTo(?![A-Z])", action):
        raise UnsafeFileError(
            "the PDF file does something when it is opened (/OpenAction)", _REPRINT_HINT
        )
