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

from sitebuilder.core.fingerprint import encode, fingerprint
from sitebuilder.core.package import PACKAGE_ROOT

RECORDS_DIR: Final = ".cache/site"
"""Where records are kept, below the site's root."""


MAX_RECORDS: Final = 4
"""Records kept at most: one for each way of calling, such as with another `--url`."""


_MAGIC: Final = b"sitebuilder record 2\n"


_DIGEST_SIZE: Final = 32


_LENGTH_SIZE: Final = 8
"""Bytes of the digest of all that follows, and of the length of the record without its rows."""


Raw = msgspec.Raw
"""A value that is decoded when somebody asks for it; few builds ask for many."""


class PageRecord(msgspec.Struct, frozen=True, array_like=True):
    """One page as it was built. Digests are raw bytes, but those of files.

    `file` is the digest of its source, `uses` of what its words draw on, `key` of all that it was
    made of, `links` of where its links lead, `html` of the finished page at `out`. `place` (without
    the body), `finished`, `problems` and `report` are the values themselves.
    """

    path: str
    source_digest: str
    dependencies_fingerprint: bytes
    fingerprint: bytes
    links_fingerprint: bytes
    output_path: str
    html_digest: str
    site_page: Raw
    rendered: Raw
    problems: Raw
    report: Raw


class BuildFacts(msgspec.Struct, frozen=True):
    """What is the same for all pages of a build, and said of it as a whole."""

    checks: Mapping[str, str]
    policy: str
    policies: Mapping[str, str]
    headers: Mapping[str, str]
    folder: str
    compress: bool


class BuildRecord(msgspec.Struct, frozen=True, array_like=True):
    """One build, and how to make one of its pages again.

    `program` is the digest of the generator that made it, `setting` that of all that it used but
    the pages in `sources`, whose files' digests stand there by path, `shared_key` that of what all
    pages share. `aimed` are the paths of pages that others link into the middle of, `bound` of
    those whose body shows on other pages too. `broken` counts the links that got a "did you mean".
    `problems` are those of no page; `outputs` has the digest of each published file. In a file the
    rows stand apart: see `save`.
    """

    generator: bytes
    inputs_fingerprint: bytes
    context_fingerprint: bytes
    sources: dict[str, str]
    link_targets: frozenset[str]
    shared_bodies: frozenset[str]
    suggestions: int
    facts: BuildFacts
    context: Raw
    evidence: Raw
    reviewers: Raw
    problems: Raw
    drafts: Raw
    outputs: dict[str, str]
    pages: tuple[PageRecord, ...] = ()


@cache
def _decoder(kind: Any) -> Any:
    return msgspec.msgpack.Decoder(kind)


def load_record(path: Path) -> BuildRecord | None:
    """The record in a file; None if there is none that is whole."""
    try:
        data = memoryview(path.read_bytes())
    except OSError:
        return None
    start = len(_MAGIC) + _DIGEST_SIZE
    if data[:start] != _MAGIC + sha256(data[start:]).digest():
        return None
    end = start + _LENGTH_SIZE + int.from_bytes(data[start : start + _LENGTH_SIZE], "little")
    try:
        record = _decoder(BuildRecord).decode(data[start + _LENGTH_SIZE : end])
        rows = _decoder(tuple[PageRecord, ...]).decode(data[end:])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return replace(record, pages=rows)  # type: ignore[no-any-return]


def save_record(record: BuildRecord, rows: Collection[PageRecord], path: Path) -> None:
    """Keep a record; if it cannot be kept, the next build makes all anew, and that is all.

    `rows` are written one by one, and never all in memory: there may be 100,000.
    """
    new = path.with_name(f"{path.name}.{os.getpid()}")
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        (path.parent / ".gitignore").write_text("*\n")
        try:
            with new.open("wb") as stream:
                _write_record(record, rows, stream)
            new.replace(path)
        finally:
            new.unlink(missing_ok=True)
        _delete_old(path.parent)


def _write_record(record: BuildRecord, rows: Collection[PageRecord], stream: BinaryIO) -> None:
    """The record, its length before it; its rows, as one list of msgpack; the digest of both."""
    stream.write(_MAGIC + bytes(_DIGEST_SIZE))
    whole, body = sha256(), encode(replace(record, pages=()))
    parts = (
        len(body).to_bytes(_LENGTH_SIZE, "little"),
        body,
        b"\xdd" + len(rows).to_bytes(4, "big"),  # msgpack's sign of a list, and of how many
    )
    for part in chain(parts, map(encode, rows)):
        whole.update(part)
        stream.write(part)
    stream.seek(len(_MAGIC))
    stream.write(whole.digest())


def _delete_old(folder: Path) -> None:
    kept = sorted(folder.glob("*.record*"), key=lambda p: p.stat().st_mtime_ns, reverse=True)
    for path in kept[MAX_RECORDS:]:
        path.unlink(missing_ok=True)


def record_path(root: Path, variant: object) -> Path:
    """Where the record for one way of calling is kept."""
    return root / RECORDS_DIR / f"{fingerprint(encode(variant)).hex()[:16]}.record"


@cache
def generator_fingerprint() -> bytes:
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
    return fingerprint(
        sys.version.encode(), "\n".join(names).encode(), *map(_read_bytes, sorted(found))
    )


def _read_bytes(path: str) -> bytes:
    with open(path, "rb", buffering=0) as stream:  # twice as fast as Path's, for 150 small files
        return stream.read()
