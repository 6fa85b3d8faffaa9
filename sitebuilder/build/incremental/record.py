"""The record of a build: what the next build may reuse, in one file.

A `BuildRecord` says what each page was rendered from and what came out. It does not hold the HTML:
that is in the published folder, under the digests that the record names. The format is msgpack, not
pickle, so reading a record runs nothing; it ends in a digest of itself, so a damaged record is
ignored.
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

from sitebuilder.core.atomic_write import atomic_write, atomic_writer
from sitebuilder.core.fingerprint import encode, fingerprint
from sitebuilder.core.package import PACKAGE_ROOT
from sitebuilder.core.regular_file import read_regular_file

RECORDS_DIR: Final = ".cache/site"
"""Where records are kept, below the site's root."""

MAX_RECORDS: Final = 4
"""Records to keep: one for each variant of a build, such as one with another `--url`."""

_MAGIC: Final = b"sitebuilder record 2\n"

_DIGEST_SIZE: Final = 32
_LENGTH_SIZE: Final = 8
"""Bytes of the digest of what follows, and of the length of the record without its pages."""

Raw = msgspec.Raw
"""An encoded value that is decoded on demand: most builds need few of them."""


class PageRecord(msgspec.Struct, frozen=True, array_like=True):
    """One page of a build. Fingerprints are raw bytes, digests of files are text.

    Attributes:
        path: its source path.
        source_digest: the digest of its source file.
        dependencies_fingerprint: the fingerprint of what its text uses.
        fingerprint: the fingerprint of everything that it was rendered from.
        links_fingerprint: the fingerprint of where its links lead.
        output_path: the path of its HTML in the output folder.
        html_digest: the digest of its HTML.
        site_page: the `SitePage`, without its body.
        rendered: the `RenderedPage`, as `render_pages.pack` encodes it.
        problems: its problems.
        report: its `PageReport`.
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


class BuildSummary(msgspec.Struct, frozen=True):
    """What a `BuildResult` says about all pages. See there for the fields.

    Attributes:
        checks: the severity of each rule that config changes. `BuildResult` has no such field.
    """

    checks: Mapping[str, str]
    policy: str
    policies: Mapping[str, str]
    headers: Mapping[str, str]
    folder: str
    compress: bool


class BuildRecord(msgspec.Struct, frozen=True, array_like=True):
    """One build, and what it takes to render one of its pages again.

    Attributes:
        generator: the fingerprint of the generator that ran it.
        inputs_fingerprint: the fingerprint of everything it used but the pages' source files.
        context_fingerprint: the fingerprint of what all pages were rendered with.
        sources: the digest of each page's source file, by path.
        link_targets: the paths of pages that others link into by an anchor.
        shared_bodies: the paths of pages whose body shows on other pages, too.
        suggestion_count: the number of broken links that got a "did you mean".
        summary: what is the same for all pages.
        context: the `RenderContext`.
        evidence: all facts, sources, terms and warning signs.
        reviewers: the reviewers by id.
        problems: the problems that belong to no page.
        drafts: the reports of the drafts.
        outputs: the digest of each published file, by output path.
        pages: the pages. They are written separately, see `save_record`.
    """

    generator: bytes
    inputs_fingerprint: bytes
    context_fingerprint: bytes
    sources: dict[str, str]
    link_targets: frozenset[str]
    shared_bodies: frozenset[str]
    suggestion_count: int
    summary: BuildSummary
    context: Raw
    evidence: Raw
    reviewers: Raw
    problems: Raw
    drafts: Raw
    outputs: dict[str, str]
    pages: tuple[PageRecord, ...] = ()


@cache
def _decoder(value_type: Any) -> Any:
    return msgspec.msgpack.Decoder(value_type)


def load_record(path: Path) -> BuildRecord | None:
    """Load a record; None if there is none, or if it is damaged."""
    data = memoryview(read_regular_file(path) or b"")
    start = len(_MAGIC) + _DIGEST_SIZE
    if data[:start] != _MAGIC + sha256(data[start:]).digest():
        return None
    end = start + _LENGTH_SIZE + int.from_bytes(data[start : start + _LENGTH_SIZE], "little")
    try:
        record = _decoder(BuildRecord).decode(data[start + _LENGTH_SIZE : end])
        pages = _decoder(tuple[PageRecord, ...]).decode(data[end:])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return replace(record, pages=pages)  # type: ignore[no-any-return]


def save_record(record: BuildRecord, pages: Collection[PageRecord], path: Path) -> None:
    """Save a record. If that fails, the next build renders every page, and nothing else is lost.

    Args:
        record: the record.
        pages: its pages. They are written one by one and never held in memory together: there may
            be 100,000.
        path: the file.
    """
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        if _is_elsewhere(path.parent):
            return
        atomic_write(path.parent / ".gitignore", "*\n")
        with atomic_writer(path) as stream:
            _write_record(record, pages, stream)
        _delete_old(path.parent)


def _is_elsewhere(folder: Path) -> bool:
    """Whether a link leads the folder of records out of the project: nothing is deleted there."""
    return folder.is_symlink() or folder.parent.is_symlink()


def _write_record(record: BuildRecord, pages: Collection[PageRecord], stream: BinaryIO) -> None:
    """Write the record with its length before it, its pages as a list, and a digest of both."""
    stream.write(_MAGIC + bytes(_DIGEST_SIZE))
    digest, body = sha256(), encode(replace(record, pages=()))
    parts = (
        len(body).to_bytes(_LENGTH_SIZE, "little"),
        body,
        b"\xdd" + len(pages).to_bytes(4, "big"),  # msgpack's array32, and its length
    )
    for part in chain(parts, map(encode, pages)):
        digest.update(part)
        stream.write(part)
    stream.seek(len(_MAGIC))
    stream.write(digest.digest())


def _delete_old(folder: Path) -> None:
    records = sorted(folder.glob("*.record*"), key=lambda p: p.lstat().st_mtime_ns, reverse=True)
    for path in records[MAX_RECORDS:]:
        path.unlink(missing_ok=True)


def record_path(root: Path, variant: object) -> Path:
    """Return the file for the record of one variant of a site's build."""
    return root / RECORDS_DIR / f"{fingerprint(encode(variant)).hex()[:16]}.record"


@cache
def generator_fingerprint() -> bytes:
    """Return the fingerprint of the package's files and of the versions of libraries and Python."""
    waiting, files = [str(PACKAGE_ROOT)], []
    while waiting:
        for entry in os.scandir(waiting.pop()):
            if not entry.is_dir():
                files.append(entry.path)
            elif entry.name != "__pycache__":
                waiting.append(entry.path)
    libraries = Path(msgspec.__file__).parent.parent
    versions = sorted(entry.name for entry in os.scandir(libraries) if "info" in entry.name)
    contents = map(_read_bytes, sorted(files))
    return fingerprint(sys.version.encode(), "\n".join(versions).encode(), *contents)


def _read_bytes(path: str) -> bytes:
    with open(path, "rb", buffering=0) as stream:  # twice as fast as Path's, for 180 small files
        return stream.read()
