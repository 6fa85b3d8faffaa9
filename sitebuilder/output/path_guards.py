"""Guards against writing to the wrong folder, or to the wrong paths in it.

They refuse in case of doubt: a mistake here could delete somebody's work. The `check_` functions
raise `OutputRefusedError`.
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
"""Folders of a project that the output folder must neither contain nor lie in."""


class OutputRefusedError(Exception):
    """The output folder must not be written. The message gives the reason and a remedy."""


# -- the folder -----------------------------------------------------------------------------------


def resolve_dir(folder: Path) -> Path:
    """Return the absolute path of a folder, with the links above it resolved.

    Raises:
        OutputRefusedError: The folder itself is a link, or the path cannot be resolved.
    """
    try:
        if folder.name == "..":
            return folder.resolve()
        if folder.is_symlink():
            raise OutputRefusedError(f"{folder} is a link; name the folder itself")
        return folder.parent.resolve() / folder.name
    except (RuntimeError, ValueError):  # a loop of links (Python 3.12 and older), a NUL
        raise OutputRefusedError(f"{folder} leads nowhere; name another folder") from None


def check_location(folder: Path, root: Path) -> None:
    """Check that no site is published over the project, its sources, or the home folder.

    A folder inside `.git` and the root of a mounted disk are refused, too.

    Args:
        folder: The output folder, resolved. What it contains does not matter here.
        root: Root folder of the project.
    """
    parts, project_parts = _comparable_parts(folder), _comparable_parts(root.resolve())
    if _contains(parts, project_parts):
        raise OutputRefusedError(f"{folder} holds the project; name a folder of its own")
    home = os.path.expanduser("~")
    if os.path.isabs(home) and _contains(parts, _comparable_parts(Path(os.path.realpath(home)))):
        raise OutputRefusedError(f"{folder} holds all that you have; name a folder of its own")
    if ".git" in parts:
        raise OutputRefusedError(f"{folder} lies in a folder of git's own")
    defaults = (source_dir(root, "templates"), source_dir(root, "static"), PACKAGE_ROOT)
    for source in (*(root / name for name in _PROTECTED_DIRS), *defaults):
        source_parts = _comparable_parts(source.resolve())
        if _contains(parts, source_parts) or _contains(source_parts, parts):
            raise OutputRefusedError(f"{folder} and the source folder {source} lie in one another")
    if os.path.ismount(folder):
        raise OutputRefusedError(f"{folder} is a disk of its own; name a folder on it")


def check_inside_project(folder: Path, root: Path) -> None:
    """Check that the output folder of the config, unlike `--output`, lies in the project."""
    if not resolve_dir(folder).is_relative_to(root.resolve()):
        raise OutputRefusedError(
            f"{folder} leads out of the project; use --output for any other place"
        )


def _comparable_parts(path: Path) -> tuple[str, ...]:
    """Return the parts of a path, equal for names that some file systems do not distinguish."""
    return tuple(unicodedata.normalize("NFC", part).casefold() for part in path.parts)


def _contains(outer: tuple[str, ...], inner: tuple[str, ...]) -> bool:
    """Whether `outer` is the same path as `inner`, or an ancestor of it."""
    return inner[: len(outer)] == outer


def check_ownership(path: Path, *, allow_incomplete: bool = False) -> None:
    """Check that whatever is at the path is ours: an empty folder, or one with our manifest.

    Args:
        path: The folder, which need not exist.
        allow_incomplete: Whether an incomplete staging folder counts as ours too.
    """
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
"""Parts of a path that are not names."""


def safe_join(folder: Path, path: str) -> str:
    """Join a folder and the path of an output, after `check_output_path`."""
    check_output_path(path)
    return f"{folder}/{path}"


def check_output_path(path: str) -> None:
    """Check that a relative path names a file in the output folder, and no reserved one."""
    parts = path.split("/")
    try:
        path.encode()
        is_malformed = "\0" in path or "\\" in path
    except UnicodeEncodeError:
        is_malformed = True
    if (
        is_malformed
        or not _DOT_SEGMENTS.isdisjoint(parts)
        or parts[0] in {MANIFEST_NAME, INCOMPLETE_MARKER}
    ):
        raise OutputRefusedError(f"{path!r} cannot be the name of a published file")


def index_outputs(outputs: Iterable[Output]) -> dict[str, Output]:
    """Return the outputs by path.

    Raises:
        OutputRefusedError: A path is not inside the output folder; or two paths are equal on some
            file systems; or one is both a file and a folder.
    """
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
    """Return the folders above a relative path, outermost first."""
    parts = path.split("/")
    return ["/".join(parts[:n]) for n in range(1, len(parts))]


def all_parent_dirs(paths: Iterable[str]) -> set[str]:
    """Return the folders above any of these relative paths."""
    folders: set[str] = set()
    for path in paths:
        folder = path.rpartition("/")[0]
        while folder and folder not in folders:  # else those above it are in the set too
            folders.add(folder)
            folder = folder.rpartition("/")[0]
    return folders


def check_collisions(foreign: Mapping[str, os.stat_result], wanted: Mapping[str, Output]) -> None:
    """Check that no foreign entry is in the way of an output, and that all can be carried over."""
    folders = all_parent_dirs(wanted)
    for path, status in foreign.items():
        kinds = (stat.S_ISDIR, stat.S_ISREG, stat.S_ISLNK)
        if not any(is_kind(status.st_mode) for is_kind in kinds):
            raise OutputRefusedError(f"{path} in the output folder is no file; move it away first")
        if path in wanted or (path in folders and not stat.S_ISDIR(status.st_mode)):
            raise OutputRefusedError(f"{path} in the output folder is not ours; move it away first")
        parent = _first_in(parent_dirs(path), wanted)
        if parent:
            raise OutputRefusedError(
                f"{path} in the output folder is where {parent} is to be; move it away"
            )


def _first_in(names: Sequence[str], container: Container[str]) -> str:
    return next((name for name in names if name in container), "")
