"""Where static files and the files beside pages are published."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from sitebuilder.core import urls
from sitebuilder.core.model import Asset, File

INLINE_DIR: Final = "static/inline/"
"""Files that templates write into the page; they have no address of their own."""


FINGERPRINTED_EXTENSIONS: Final = frozenset("css js svg png jpg jpeg webp avif gif woff2".split())
"""Kinds of files of static/ whose published names change with their bytes."""


# -- assets ---------------------------------------------------------------------------------------


def with_url(static: Iterable[File]) -> Iterable[File]:
    return (file for file in static if not file.path.startswith(INLINE_DIR))


def static_asset(file: File) -> Asset:
    """A file of static/ at the top of the site.

    `static/logo.svg` is `/logo.0123456789.svg`: the name changes with the bytes, so browsers may
    keep it for ever. Kinds that need their own name (`favicon.ico`, `.txt`) keep it.
    """
    stem, _, kind = file.path.removeprefix("static/").rpartition(".")
    mark = f".{file.digest[:10]}" if kind.lower() in FINGERPRINTED_EXTENSIONS else ""
    return Asset(file, f"/{stem}{mark}.{kind}")


def page_asset(file: File) -> Asset:
    """A file beside pages is published beside them, below the address that the folder gives."""
    folder, _, name = file.path.removeprefix("content/").rpartition("/")
    stem, _, kind = name.rpartition(".")
    parts = [urls.slugify(part) for part in folder.split("/") if part]
    return Asset(file, "/" + "/".join([*parts, f"{urls.slugify(stem)}.{kind.lower()}"]))


def authored_url(asset: Asset) -> str:
    """The address that authors and templates write; the published one may have a fingerprint."""
    path = asset.file.path
    return path.removeprefix("static") if path.startswith("static/") else asset.address
