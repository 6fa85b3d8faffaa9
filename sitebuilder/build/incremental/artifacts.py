"""Where the HTML of rendered pages is kept between builds.

They are read from the folder that the last build published, or, in a preview, from its loaders.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

import msgspec

from sitebuilder.build.incremental.record import BuildRecord
from sitebuilder.core.digest import content_digest


class ArtifactMissingError(Exception):
    """An artifact that the record names is missing or has changed; a full rebuild is needed."""


class ArtifactStore(Protocol):
    """The rendered pages of a previous build."""

    @property
    def files(self) -> Mapping[str, str]:
        """The digest of each file by its path."""

    def read(self, path: str, digest: str) -> bytes:
        """Return the bytes of a file.

        Raises:
            ArtifactMissingError: there is no such file with this digest.
        """


class PreviousBuild(msgspec.Struct, frozen=True):
    """A previous build: its record, and where its pages are."""

    record: BuildRecord
    artifacts: ArtifactStore


class PublishedArtifacts(msgspec.Struct, frozen=True):
    """The artifacts in a published folder.

    Attributes:
        folder: the folder.
        files: the digest of each file by its path, from the manifest.
    """

    folder: Path
    files: Mapping[str, str]

    def read(self, path: str, digest: str) -> bytes:
        """See `ArtifactStore.read`."""
        try:
            data = (self.folder / path).read_bytes()
        except OSError as error:
            raise ArtifactMissingError(path) from error
        if content_digest(data) != digest:
            raise ArtifactMissingError(path)
        return data


class MemoryArtifacts(msgspec.Struct, frozen=True):
    """The artifacts that a preview holds.

    Attributes:
        files: the digest of each file by its path.
        loaders: loads the bytes of each file, by its path.
    """

    files: Mapping[str, str]
    loaders: Mapping[str, Callable[[], bytes]]

    def read(self, path: str, digest: str) -> bytes:
        """See `ArtifactStore.read`."""
        if self.files.get(path) != digest:
            raise ArtifactMissingError(path)
        return self.loaders[path]()
