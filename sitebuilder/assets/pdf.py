"""A PDF file in: whether it does things by itself, and what it says of its maker."""

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
    """The same bytes, and what they say of their maker. Refused: it can act by itself.

    No part of a PDF can be cut out without a full reader, so this looks for what may not be in it.
    """
    if not data.startswith(b"%PDF-"):
        raise UnsafeFileError("this is not a PDF file", "Export it as PDF once more.")
    tells = False
    for text in _iter_plain_objects(data):
        found = _ACTIVE_CONTENT.search(text)
        if found:
            raise UnsafeFileError(
                f"the PDF file can act by itself (/{found[1].decode()})", _REPRINT_HINT
            )
        if re.search(rb"/Encrypt(?![A-Za-z0-9])", text):
            raise UnsafeFileError(
                "the PDF file is locked, so nobody can see what is in it", _REPRINT_HINT
            )
        for opens in _OPEN_ACTION.finditer(text):
            _check_open_action(text, opens)
        tells = tells or bool(_AUTHOR.search(text))
    return data, ("who made it",) if tells else ()


def _iter_plain_objects(data: bytes) -> Iterator[bytes]:
    """The file without its streams, and the objects that are packed in streams; names in plain."""
    plain, at, left = [], 0, _MAX_UNPACKED_BYTES
    while found := _STREAM_START.search(data, at):
        head, end = data[at : found.end()], data.find(b"endstream", found.end())
        if end < 0:
            break
        plain.append(head)
        if b"/ObjStm" in _decode_names(head[-_MAX_DICTIONARY_BYTES:]):
            text = _decompress(data[found.end() : end], left)
            left -= len(text)
            yield _decode_names(text)
        at = end
    plain.append(data[at:])
    yield _decode_names(b"".join(plain))


def _decompress(stream: bytes, max_bytes: int) -> bytes:
    unpack = zlib.decompressobj()
    try:
        text = unpack.decompress(stream, max_bytes)
    except zlib.error:
        text = b""
    if not unpack.eof:
        raise UnsafeFileError("the PDF file has parts that cannot be read", _REPRINT_HINT)
    return text


def _decode_names(data: bytes) -> bytes:
    return (
        _NAME_ESCAPE.sub(lambda found: bytes((int(found[1], 16),)), data) if b"#" in data else data
    )


def _check_open_action(text: bytes, match: re.Match[bytes]) -> None:
    """What happens when it is opened may only be: to go to one of its own pages."""
    if match[0].endswith(b"["):
        return
    start = match.end()
    if match[1]:
        found = re.search(rb"(?<!\d)" + match[1] + rb"\s+\d+\s+obj\s*", text)
        start = found.end() if found else len(text)
    action = text[start : start + 300].partition(b"endobj")[0]
    if not action.startswith(b"[") and not re.search(rb"/S\s*/GoTo(?![A-Z])", action):
        raise UnsafeFileError(
            "the PDF file does something when it is opened (/OpenAction)", _REPRINT_HINT
        )
