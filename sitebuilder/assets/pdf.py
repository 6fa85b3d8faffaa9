"""A PDF file in: whether it does things by itself, and what it says of its maker."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from typing import Final

from sitebuilder.assets.limits import Refused
from sitebuilder.core.lazy_regex import lazy_compile

_ACTS: Final = lazy_compile(
    rb"/(JavaScript|JS|Launch|SubmitForm|ImportData|GoToR|GoToE|EmbeddedFiles?|RichMedia|Movie"
    rb"|Rendition|XFA)(?![A-Za-z0-9_.-])"
)
_OPENS: Final = lazy_compile(rb"/OpenAction\s*(?:(\d+)\s+\d+\s+R|<<|\[)")
_ESCAPED: Final = lazy_compile(rb"#([0-9A-Fa-f]{2})")
_STREAM: Final = lazy_compile(rb">>\s*stream\r?\n")
_AUTHOR: Final = lazy_compile(rb"/Author\s*(?:\((?!\))|<(?!>))")
_MOST_UNPACKED: Final = 64 * 1024 * 1024
_MOST_HEAD: Final = 1_000
_HINT: Final = "Print it to a new PDF file, and put that one here."


def clean_pdf(data: bytes) -> tuple[bytes, tuple[str, ...]]:
    """The same bytes, and what they say of their maker. Refused: it can act by itself.

    No part of a PDF can be cut out without a full reader, so this looks for what may not be in it.
    """
    if not data.startswith(b"%PDF-"):
        raise Refused("this is not a PDF file", "Export it as PDF once more.")
    tells = False
    for text in _texts(data):
        found = _ACTS.search(text)
        if found:
            raise Refused(f"the PDF file can act by itself (/{found[1].decode()})", _HINT)
        if re.search(rb"/Encrypt(?![A-Za-z0-9])", text):
            raise Refused("the PDF file is locked, so nobody can see what is in it", _HINT)
        for opens in _OPENS.finditer(text):
            _check_opening(text, opens)
        tells = tells or bool(_AUTHOR.search(text))
    return data, ("who made it",) if tells else ()


def _texts(data: bytes) -> Iterator[bytes]:
    """The file without its streams, and the objects that are packed in streams; names in plain."""
    plain, at, left = [], 0, _MOST_UNPACKED
    while found := _STREAM.search(data, at):
        head, end = data[at : found.end()], data.find(b"endstream", found.end())
        if end < 0:
            break
        plain.append(head)
        if b"/ObjStm" in _plain(head[-_MOST_HEAD:]):
            text = _unpacked(data[found.end() : end], left)
            left -= len(text)
            yield _plain(text)
        at = end
    plain.append(data[at:])
    yield _plain(b"".join(plain))


def _unpacked(stream: bytes, most: int) -> bytes:
    unpack = zlib.decompressobj()
    try:
        text = unpack.decompress(stream, most)
    except zlib.error:
        text = b""
    if not unpack.eof:
        raise Refused("the PDF file has parts that cannot be read", _HINT)
    return text


def _plain(data: bytes) -> bytes:
    return _ESCAPED.sub(lambda found: bytes((int(found[1], 16),)), data) if b"#" in data else data


def _check_opening(text: bytes, opens: re.Match[bytes]) -> None:
    """What happens when it is opened may only be: to go to one of its own pages."""
    if opens[0].endswith(b"["):
        return
    start = opens.end()
    if opens[1]:
        found = re.search(rb"(?<!\d)" + opens[1] + rb"\s+\d+\s+obj\s*", text)
        start = found.end() if found else len(text)
    action = text[start : start + 300].partition(b"endobj")[0]
    if not action.startswith(b"[") and not re.search(rb"/S\s*/GoTo(?![A-Z])", action):
        raise Refused("the PDF file does something when it is opened (/OpenAction)", _HINT)
