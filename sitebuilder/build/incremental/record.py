"""What one build leaves for the next: a file that is used whole, or not at all.

A `Record` says of every page what it was made of and what came out, but not the finished bytes:
those lie in the published folder, under the digests that stand here. msgpack and no pickle, so
that reading it runs nothing; a digest over all of it, so that a spoilt file is no file.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Mapping
from contextlib import suppress
from functools import cache
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO, Final

import msgspec
from msgspec.structs import replace

from sitebuilder.core.fingerprint import digest, encode
from sitebuilder.core.package import PACKAGE_ROOT

FOLDER: Final = ".cache/site"
"""Where records are kept, below the site's root."""


MOST: Final = 4
"""Records kept at most: one for each way of calling, such as with another `--url`."""


_HEAD: Final = b"sitebuilder record 2\n"


_DIGEST: Final = 32


_LENGTH: Final = 8
"""Bytes of the digest of all that follows, and of the length of the record without its rows."""


Raw = msgspec.Raw
"""A value that is decoded when somebody asks for it; few builds ask for many."""


class Row(msgspec.Struct, frozen=True, array_like=True):
    """One page as it was built. Digests are raw bytes, but those of files.

    `file` is the digest of its source, `uses` of what its words draw on, `key` of all that it was
    made of, `links` of where its links lead, `html` of the finished page at `out`. `place` (without
    the body), `finished`, `problems` and `report` are the values themselves.
    """

    path: str
    file: str
    uses: bytes
    key: bytes
    links: bytes
    out: str
    html: str
    place: Raw
    finished: Raw
    problems: Raw
    report: Raw


class Kept(msgspec.Struct, frozen=True):
    """What is the same for all pages of a build, and said of it as a whole."""

    checks: Mapping[str, str]
    policy: str
    policies: Mapping[str, str]
    headers: Mapping[str, str]
    folder: str
    compress: bool


class Record(msgspec.Struct, frozen=True, array_like=True):
    """One build, and how to make one of its pages again.

    `program` is the digest of the generator that made it, `setting` that of all that it used but
    the pages in `sources`, whose files' digests stand there by path, `shared_key` that of what all
    pages share. `aimed` are the paths of pages that others link into the middle of, `bound` of
    those whose body shows on other pages too. `broken` counts the links that got a "did you mean".
    `problems` are those of no page; `outputs` has the digest of each published file. In a file the
    rows stand apart: see `save`.
    """

    program: bytes
    setting: bytes
    shared_key: bytes
    sources: dict[str, str]
    aimed: frozenset[str]
    bound: frozenset[str]
    broken: int
    kept: Kept
    shared: Raw
    knowledge: Raw
    reviewers: Raw
    problems: Raw
    drafts: Raw
    outputs: dict[str, str]
    rows: tuple[Row, ...] = ()


@cache
def _decoder(kind: Any) -> Any:
    return msgspec.msgpack.Decoder(kind)


def load(path: Path) -> Record | None:
    """The record in a file; None if there is none that is whole."""
    try:
        data = memoryview(path.read_bytes())
    except OSError:
        return None
    start = len(_HEAD) + _DIGEST
    if data[:start] != _HEAD + sha256(data[start:]).digest():
        return None
    end = start + _LENGTH + int.from_bytes(data[start : start + _LENGTH], "little")
    try:
        record = _decoder(Record).decode(data[start + _LENGTH : end])
        rows = _decoder(tuple[Row, ...]).decode(data[end:])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return replace(record, rows=rows)  # type: ignore[no-any-return]


def save(record: Record, rows: Collection[Row], path: Path) -> None:
    """Keep a record; if it cannot be kept, the next build makes all anew, and that is all.

    `rows` are written one by one, and never all in memory: there may be 100,000.
    """
    new = path.with_name(f"{path.name}.{os.getpid()}")
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        (path.parent / ".gitignore").write_text("*\n")
        try:
            with new.open("wb") as stream:
                _write(record, rows, stream)
            new.replace(path)
        finally:
            new.unlink(missing_ok=True)
        _forget_old(path.parent)


def _write(record: Record, rows: Collection[Row], stream: BinaryIO) -> None:
    """The record, its length before it; its rows, as one list of msgpack; the digest of both."""
    stream.write(_HEAD + bytes(_DIGEST))
    whole, body = sha256(), encode(replace(record, rows=()))
    parts = (
        len(body).to_bytes(_LENGTH, "little"),
        body,
        b"\xdd" + len(rows).to_bytes(4, "big"),  # msgpack's sign of a list, and of how many
    )
    for part in chain(parts, map(encode, rows)):
        whole.update(part)
        stream.write(part)
    stream.seek(len(_HEAD))
    stream.write(whole.digest())


def _forget_old(folder: Path) -> None:
    kept = sorted(folder.glob("*.record*"), key=lambda p: p.stat().st_mtime_ns, reverse=True)
    for path in kept[MOST:]:
        path.unlink(missing_ok=True)


def path_of(root: Path, way: object) -> Path:
    """Where the record for one way of calling is kept."""
    return root / FOLDER / f"{digest(encode(way)).hex()[:16]}.record"


@cache
def program() -> bytes:
    """The digest of the generator itself, its libraries and Python: what else makes the bytes."""
    waiting, found = [str(PACKAGE_ROOT)], []
    while waiting:
        for entry in os.scandir(waiting.pop()):
            if not entry.is_dir():
                found.append(entry.path)
            elif entry.name != "__pycache__":
                waiting.append(entry.path)
    libraries = Path(msgspec.__file__).parent.parent
    names = sorted(entry.name for entry in os.scandir(libraries) if "info" in entry.name)
    return digest(sys.version.encode(), "\n".join(names).encode(), *map(_bytes_of, sorted(found)))


def _bytes_of(path: str) -> bytes:
    with open(path, "rb", buffering=0) as stream:  # twice as fast as Path's, for 150 small files
        return stream.read()
