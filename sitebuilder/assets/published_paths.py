"""URLs of static files and of the files next to pages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from sitebuilder.core import urls
from sitebuilder.core.model import Asset, File

INLINE_DIR: Final = "static/inline/"
"""Files that templates inline into pages; they have no URL of their own."""

FINGERPRINTED_EXTENSIONS: Final = frozenset("css js svg png jpg jpeg webp avif gif woff2".split())
"""Extensions of files in `static/` whose published names contain a digest of their bytes."""


def exclude_inline(static_files: Iterable[File]) -> Iterable[File]:
    """Return the files without those that are only inlined."""
    return (file for file in static_files if not file.path.startswith(INLINE_DIR))


def static_asset(file: File) -> Asset:
    """Return the asset for a file of `static/`, which is published at the top of the site.

    `static/logo.svg` becomes `/logo.0123456789.svg`: the name changes with the bytes, so browsers
    may cache it forever. Files that need a fixed name (`favicon.ico`, `.txt`) keep theirs.
    """
    stem, _, extension = file.path.removeprefix("static/").rpartition(".")
    digest = f".{file.digest[:10]}" if extension.lower() in FINGERPRINTED_EXTENSIONS else ""
    return Asset(file, f"/{stem}{digest}.{extension}")


def page_asset(file: File) -> Asset:
    """Return the asset for a file of `content/`, published next to the pages of its folder."""
    folder, _, name = file.path.removeprefix("content/").rpartition("/")
    stem, _, extension = name.rpartition(".")
    parts = [urls.slugify(part) for part in folder.split("/") if part]
    return Asset(file, "/" + "/".join([*parts, f"{urls.slugify(stem)}.{extension.lower()}"]))


def authored_url(asset: Asset) -> str:
    """Return the URL that authors and templates write, which has no digest in it."""
    path = asset.file.path
    return path.removeprefix("static") if path.startswith("static/") else asset.address
