"""Where the bytes of finished pages are between rendering and publishing.

New pages go to a spool; those that did not change still lie where the last build published them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

import msgspec

from sitebuilder.build.incremental.record import BuildRecord
from sitebuilder.core.digest import content_digest as digest_of


class ArtifactMissingError(Exception):
    """The bytes of a page that should be on the shelf are not: make all anew."""


class ArtifactStore(Protocol):
    """Finished pages of an earlier build."""

    @property
    def files(self) -> Mapping[str, str]:
        """The digest of each file by its path."""

    def read(self, path: str, digest: str) -> bytes:
        """The bytes of a file. Lost: it is not there with this digest."""


class PreviousBuild(msgspec.Struct, frozen=True):
    """An earlier build: what is on record of it, and where its pages are."""

    record: BuildRecord
    artifacts: ArtifactStore


class PublishedArtifacts(msgspec.Struct, frozen=True):
    """The shelf that a published folder is. `files` is what its marker says."""

    folder: Path
    files: Mapping[str, str]

    def read(self, path: str, digest: str) -> bytes:
        """See `Shelf`."""
        try:
            data = (self.folder / path).read_bytes()
        except OSError as error:
            raise ArtifactMissingError(path) from error
        if digest_of(data) != digest:
            raise ArtifactMissingError(path)
        return data


class MemoryArtifacts(msgspec.Struct, frozen=True):
    """The shelf that a preview keeps, with the way to the bytes of each file by its path."""

    files: Mapping[str, str]
    loads: Mapping[str, Callable[[], bytes]]

    def read(self, path: str, digest: str) -> bytes:
        """See `Shelf`."""
        if self.files.get(path) != digest:
            raise ArtifactMissingError(path)
        return self.loads[path]()
