"""Validate and clean every file that is published without rendering.

These are pictures, drawings, style sheets, fonts and documents. A file is refused if its content
does not match its extension, if it could run code, or if it could exhaust a reader's browser.
Metadata about who took a picture and where is removed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Final

from msgspec.structs import replace

from sitebuilder.assets.avif import clean_avif
from sitebuilder.assets.css import check_css
from sitebuilder.assets.gif import clean_gif
from sitebuilder.assets.ico import clean_ico
from sitebuilder.assets.jpeg import clean_jpeg
from sitebuilder.assets.limits import UnsafeFileError
from sitebuilder.assets.pdf import clean_pdf
from sitebuilder.assets.png import clean_png
from sitebuilder.assets.svg import clean_svg, clean_xml
from sitebuilder.assets.webp import clean_webp
from sitebuilder.core.digest import content_digest
from sitebuilder.core.model import File, Sources
from sitebuilder.core.problems import Problem, problem

Cleaner = Callable[[bytes], tuple[bytes, tuple[str, ...]]]
"""Takes the bytes of a file; returns the bytes to publish, and what the file discloses.

Raises UnsafeFileError if the file must not be published.
"""


def _clean_css(data: bytes) -> tuple[bytes, tuple[str, ...]]:
    check_css(data.decode("utf-8", "replace"))
    return data, ()


def _clean_woff2(data: bytes) -> tuple[bytes, tuple[str, ...]]:
    if not data.startswith(b"wOF2"):
        raise UnsafeFileError("this is not a WOFF2 font", "Fetch it once more.")
    return data, ()


CLEANERS: Final[Mapping[str, Cleaner]] = {
    "png": clean_png,
    "jpg": clean_jpeg,
    "jpeg": clean_jpeg,
    "webp": clean_webp,
    "gif": clean_gif,
    "avif": clean_avif,
    "ico": clean_ico,
    "svg": clean_svg,
    "xml": clean_xml,
    "css": _clean_css,
    "pdf": clean_pdf,
    "woff2": _clean_woff2,
}
"""Cleaners by file extension. All other files are plain text or data, which browsers only show."""

_PLACEHOLDERS: Final[Mapping[Cleaner, bytes]] = {
    clean_svg: b'<svg xmlns="http://www.w3.org/2000/svg"></svg>',
    _clean_css: b"/* refused */",
}
"""Content for a refused file, where a page may inline it."""


def clean_assets(sources: Sources) -> tuple[Sources, list[Problem]]:
    """Clean every file that is published without rendering.

    Files whose data is not in memory yet are loaded one at a time and not kept; one that cleaning
    changes is cleaned again when it is published.

    Returns:
        The sources with clean files and the paths of unsafe ones, and the problems.
    """
    problems: list[Problem] = []

    def clean(files: Iterable[File]) -> tuple[File, ...]:
        cleaned = [_clean_file(file) for file in files]
        problems.extend(problem for _, found in cleaned for problem in found)
        return tuple(file for file, _ in cleaned)

    page_files, static = clean(sources.page_files), clean(sources.static)
    unsafe = frozenset(problem.path for problem in problems if problem.rule == "unsafe-file")
    return replace(sources, page_files=page_files, static=static, unsafe=unsafe), problems


def _clean_file(file: File) -> tuple[File, list[Problem]]:
    """Return a cleaned file, or a placeholder if it is unsafe, and its problems."""
    cleaner = CLEANERS.get(file.path.rpartition(".")[2].lower())
    if cleaner is None:
        return file, []
    try:
        data = file.load()
        clean, disclosures = cleaner(data)
    except OSError as error:
        hint = "Build once more; it may be just being saved."
        message = f"the file cannot be read: {error.strerror}"
        return file, [problem("unreadable", file.path, message, hint=hint)]
    except UnsafeFileError as refused:
        message, hint, line = refused.message, refused.hint, refused.line
        # Emptied too, so that no page inlines it.
        placeholder = replace(file, data=_PLACEHOLDERS.get(cleaner, b""))
        return placeholder, [problem("unsafe-file", file.path, message, hint=hint, line=line)]
    hint = "It is not published, but who sees the source of the site can see it."
    if cleaner is clean_pdf:
        hint = "It is published with the file. Remove it if nobody should know."
    problems = [
        problem("telling-file", file.path, f"the file says {disclosure}", hint=hint)
        for disclosure in disclosures
    ]
    if clean == data:
        return file, problems
    if file.data:
        return replace(file, digest=content_digest(clean), data=clean), problems
    load = partial(_load_clean, file.location, cleaner)
    return replace(file, digest=content_digest(clean), load_stored=load), problems


def _load_clean(location: str, cleaner: Cleaner) -> bytes:
    with open(location, "rb") as stream:
        return cleaner(stream.read())[0]
