"""A folder and the files for it, in; why they may not be written, out.

Refused is better than sorry: what is refused here could cost somebody a folder of work.
"""

from __future__ import annotations

import os
import stat
import unicodedata
from collections.abc import Container, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from sitebuilder.content.loader import source_dir
from sitebuilder.core.config import SOURCE_FOLDERS
from sitebuilder.core.model import Output
from sitebuilder.core.package import PACKAGE_ROOT
from sitebuilder.output.manifest import (
    INCOMPLETE_MARKER,
    MANIFEST_NAME,
    is_incomplete,
    read_manifest,
)

_PROTECTED_DIRS: Final = (*SOURCE_FOLDERS, "sitebuilder", "tests")
"""Folders of a project that no output folder holds or lies in."""


class OutputRefusedError(Exception):
    """The output folder may not be written; the text says why."""


# -- the folder -----------------------------------------------------------------------------------


def resolve_dir(folder: Path) -> Path:
    """The folder's own path, with no link on the way to it. Refused: it cannot be told."""
    try:
        if folder.name == "..":
            return folder.resolve()
        if folder.is_symlink():
            raise OutputRefusedError(f"{folder} is a link; name the folder itself")
        return folder.parent.resolve() / folder.name
    except (RuntimeError, ValueError):  # links in a ring (Python 3.12 and older), a NUL
        raise OutputRefusedError(f"{folder} leads nowhere; name another folder") from None


def check_location(folder: Path, root: Path) -> None:
    """Refused, if `folder`, a real place, lies where no site may be, whatever is in it now."""
    place, project = _comparable_parts(folder), _comparable_parts(root.resolve())
    if _contains(place, project):
        raise OutputRefusedError(f"{folder} holds the project; name a folder of its own")
    home = os.path.expanduser("~")
    if os.path.isabs(home) and _contains(place, _comparable_parts(Path(os.path.realpath(home)))):
        raise OutputRefusedError(f"{folder} holds all that you have; name a folder of its own")
    if ".git" in place:
        raise OutputRefusedError(f"{folder} lies in a folder of git's own")
    borrowed = (source_dir(root, "templates"), source_dir(root, "static"), PACKAGE_ROOT)
    for source in (*(root / name for name in _PROTECTED_DIRS), *borrowed):
        kept = _comparable_parts(source.resolve())
        if _contains(place, kept) or _contains(kept, place):
            raise OutputRefusedError(f"{folder} and the source folder {source} lie in one another")
    if os.path.ismount(folder):
        raise OutputRefusedError(f"{folder} is a disk of its own; name a folder on it")


def check_inside_project(folder: Path, root: Path) -> None:
    """Refused, if `folder` is not below `root`: config names folders of the project only."""
    if not resolve_dir(folder).is_relative_to(root.resolve()):
        raise OutputRefusedError(
            f"{folder} leads out of the project; use --output for any other place"
        )


def _comparable_parts(path: Path) -> tuple[str, ...]:
    """The parts of a path, alike for names that some computers do not tell apart."""
    return tuple(unicodedata.normalize("NFC", part).casefold() for part in path.parts)


def _contains(outer: tuple[str, ...], inner: tuple[str, ...]) -> bool:
    """Whether one place is the other, or above it."""
    return inner[: len(outer)] == outer


def check_ownership(path: Path, *, allow_incomplete: bool = False) -> None:
    """Refused, if there is something that is not ours. `half`: half a site of ours is ours too."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if stat.S_ISLNK(mode):
        raise OutputRefusedError(f"{path} is a link; take it away")
    if not stat.S_ISDIR(mode):
        raise OutputRefusedError(f"{path} is a file")
    ours = read_manifest(path) is not None or (allow_incomplete and is_incomplete(path))
    if not ours and os.listdir(path):
        raise OutputRefusedError(
            f"{path} is not empty and was not made by this program; "
            "name another folder, or empty it yourself"
        )


# -- the files ------------------------------------------------------------------------------------


_DOT_SEGMENTS: Final = frozenset(("", ".", ".."))
"""Parts of a path that are no names."""


def safe_join(folder: Path, path: str) -> str:
    """Where a file of that name goes. Refused: that is not a file inside the folder."""
    check_output_path(path)
    return f"{folder}/{path}"


def check_output_path(path: str) -> None:
    """Refused: that is not the name of a file inside a folder."""
    parts = path.split("/")
    try:
        path.encode()
        strange = "\0" in path or "\\" in path
    except UnicodeEncodeError:
        strange = True
    if (
        strange
        or not _DOT_SEGMENTS.isdisjoint(parts)
        or parts[0] in {MANIFEST_NAME, INCOMPLETE_MARKER}
    ):
        raise OutputRefusedError(f"{path!r} cannot be the name of a published file")


def index_outputs(outputs: Iterable[Output]) -> dict[str, Output]:
    """The outputs by path. Refused: two of them want one place, or one a place outside."""
    wanted: dict[str, Output] = {}
    keys: set[str] = set()
    for output in outputs:
        check_output_path(output.path)
        path = output.path
        key = path if path.isascii() else unicodedata.normalize("NFC", path)
        key = key.casefold()
        if key in keys:
            raise OutputRefusedError(f"{output.path} would be published twice")
        keys.add(key)
        wanted[output.path] = output
    both = all_parent_dirs(wanted) & wanted.keys()
    for path in wanted if both else ():
        folder = _first_in(parent_dirs(path), both)
        if folder:
            raise OutputRefusedError(f"{folder} would be both a file and the folder of {path}")
    return wanted


def parent_dirs(path: str) -> list[str]:
    """The folders that a path goes through, outermost first."""
    parts = path.split("/")
    return ["/".join(parts[:n]) for n in range(1, len(parts))]


def all_parent_dirs(paths: Iterable[str]) -> set[str]:
    """All folders that these paths go through."""
    found: set[str] = set()
    for path in paths:
        folder = path.rpartition("/")[0]
        while folder and folder not in found:  # those above it are known, then
            found.add(folder)
            folder = folder.rpartition("/")[0]
    return found


def check_collisions(foreign: Mapping[str, os.stat_result], wanted: Mapping[str, Output]) -> None:
    """Refused, if something of somebody else's stands where we want to write, or cannot be kept."""
    folders = all_parent_dirs(wanted)
    for path, now in foreign.items():
        kinds = (stat.S_ISDIR, stat.S_ISREG, stat.S_ISLNK)
        if not any(is_kind(now.st_mode) for is_kind in kinds):
            raise OutputRefusedError(f"{path} in the output folder is no file; move it away first")
        if path in wanted or (path in folders and not stat.S_ISDIR(now.st_mode)):
            raise OutputRefusedError(f"{path} in the output folder is not ours; move it away first")
        above = _first_in(parent_dirs(path), wanted)
        if above:
            raise OutputRefusedError(
                f"{path} in the output folder is where {above} is to be; move it away"
            )


def _first_in(names: Sequence[str], container: Container[str]) -> str:
    return next((name for name in names if name in container), "")
