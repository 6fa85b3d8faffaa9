"""Fill the staging folder with the new site and the foreign files of the live one.

Foreign entries are those that somebody else put into the output folder.

Nothing here follows a link or opens an existing file for writing: what is in the way is deleted and
created again. So nothing outside the folder can be changed through its contents.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

from sitebuilder.core.digest import content_digest
from sitebuilder.core.model import Output
from sitebuilder.core.regular_file import nofollow_opener
from sitebuilder.output.manifest import (
    INCOMPLETE_MARKER,
    MANIFEST_NAME,
    dump_manifest,
    is_incomplete,
    read_manifest,
)
from sitebuilder.output.path_guards import all_parent_dirs, parent_dirs, safe_join

Entries = Mapping[str, os.stat_result]
"""Entries of a folder, of any kind and at any depth, by relative path with `/`."""

STAGED_NAMES: Final = (f"{INCOMPLETE_MARKER}.file", f"{INCOMPLETE_MARKER}.mark")
"""Names of a single changed file, and of the new manifest, until they replace the old ones."""

_FILE_MODE: Final = 0o644
_DIR_MODE: Final = 0o755
_PRIVATE_DIR_MODE: Final = 0o700


def scan_tree(folder: Path) -> dict[str, os.stat_result]:
    """Return the stat data of all entries below a folder, by relative path.

    Raises:
        OSError: A folder cannot be listed, or another file system is mounted in it.
    """
    entries: dict[str, os.stat_result] = {}
    device = folder.lstat().st_dev
    pending = [""]
    while pending:
        prefix = pending.pop()
        with os.scandir(f"{folder}/{prefix}") as rows:
            for row in rows:
                path = prefix + row.name
                entries[path] = status = row.stat(follow_symlinks=False)
                if row.is_dir(follow_symlinks=False):
                    if status.st_dev != device:
                        raise OSError(0, "another disk is mounted there", str(folder / path))
                    pending.append(f"{path}/")
    return entries


def verified_stat(path: str, digest: str) -> os.stat_result | None:
    """Return the stat data of a file if it is as we would write it, else None.

    It is a regular file without other hard links, with our mode, and with the bytes of the digest.
    """
    try:
        descriptor = nofollow_opener(path, os.O_RDONLY)
    except OSError:
        return None
    try:
        status = os.fstat(descriptor)
        is_plain = stat.S_ISREG(status.st_mode) and status.st_nlink == 1
        if not is_plain or stat.S_IMODE(status.st_mode) != _FILE_MODE:
            return None
        data = os.read(descriptor, status.st_size + 1)  # a file that has grown is another one
        return status if content_digest(data) == digest else None
    except OSError:
        return None
    finally:
        os.close(descriptor)


def is_public_dir(stat_result: os.stat_result | None) -> bool:
    """Whether this is a folder with the mode that hosts need."""
    return (
        stat_result is not None
        and stat.S_ISDIR(stat_result.st_mode)
        and stat.S_IMODE(stat_result.st_mode) == _DIR_MODE
    )


def sync_staging(staging: Path, wanted: Mapping[str, Output], live: Path, foreign: Entries) -> None:
    """Make `staging` hold the wanted files, the foreign entries of `live`, and nothing else.

    At every moment the folder has a manifest or the marker of an incomplete folder, so that it
    stays recognizable as ours if the build is killed.

    Raises:
        OSError: Reading or writing failed, or another process changed the folder meanwhile.
    """
    os.chmod(staging, _DIR_MODE)  # somebody may have made it read-only while it was live
    old_manifest = read_manifest(staging)
    if not is_incomplete(staging):
        _write(staging / INCOMPLETE_MARKER, b"")
    _remove_stale(staging, set(wanted))
    verified: dict[str, os.stat_result] = {}
    created_dirs: set[str] = set()
    for path, output in wanted.items():
        is_listed = old_manifest is not None and old_manifest.files.get(path) == output.digest
        status = verified_stat(f"{staging}/{path}", output.digest) if is_listed else None
        if status:
            verified[path] = status
            continue
        target = safe_join(staging, path)
        if path.rpartition("/")[0] not in created_dirs:
            _make_parent_dirs(staging, path)
            created_dirs.update(parent_dirs(path))
        with suppress(FileNotFoundError):
            os.unlink(target)
        _write(target, _load_verified(output))
    _copy_foreign(live, staging, foreign)
    _verify(staging, wanted, foreign, verified)
    _write(
        staging / MANIFEST_NAME,
        dump_manifest({path: output.digest for path, output in wanted.items()}),
    )
    (staging / INCOMPLETE_MARKER).unlink()


def stage_file(path: str, wanted: Mapping[str, Output], staging: Path) -> tuple[Path, Path]:
    """Write one changed file and the new manifest into `staging`, which is ours or empty.

    It may be the live folder itself, if there can be none beside it.

    Returns:
        The paths of the file and of the manifest, for `replace_file`.

    Raises:
        OSError: Reading or writing failed.
    """
    os.chmod(staging, _DIR_MODE)  # somebody may have made it read-only while it was live
    if not os.listdir(staging):
        _write(staging / INCOMPLETE_MARKER, b"")
    manifest = dump_manifest({name: output.digest for name, output in wanted.items()})
    staged_file, staged_manifest = (staging / name for name in STAGED_NAMES)
    for target, data in ((staged_file, _load_verified(wanted[path])), (staged_manifest, manifest)):
        target.unlink(missing_ok=True)
        _write(target, data)
    return staged_file, staged_manifest


def replace_file(path: str, staged: tuple[Path, Path], live: Path) -> None:
    """Replace one file of the live folder, then its manifest.

    If the manifest cannot be replaced, it has the digest of the old bytes; the next build notices
    that they differ and writes the file again.

    Raises:
        OSError: The file could not be replaced, and nothing has changed.
    """
    staged_file, staged_manifest = staged
    os.rename(staged_file, live / path)
    with suppress(OSError):  # the new file is live, so publishing has succeeded
        os.rename(staged_manifest, live / MANIFEST_NAME)


def _remove_stale(staging: Path, keep: set[str]) -> None:
    """Delete everything but the files to keep and the folders that they are in.

    The manifest goes too: it is only true of the complete folder.
    """
    needed_dirs = all_parent_dirs(keep)
    folders, pending = [], [""]
    while pending:
        parent = pending.pop()
        with os.scandir(staging / parent) as rows:
            entries = list(rows)
        for entry in entries:
            path = f"{parent}/{entry.name}" if parent else entry.name
            status = entry.stat(follow_symlinks=False)
            if stat.S_ISDIR(status.st_mode):
                if stat.S_IMODE(status.st_mode) != _DIR_MODE:
                    os.chmod(entry.path, _DIR_MODE)  # else its contents could not be deleted
                folders.append(path)
                pending.append(path)
            elif path not in keep and path != INCOMPLETE_MARKER:
                os.unlink(entry.path)
    for path in reversed(folders):
        if path not in needed_dirs:
            os.rmdir(staging / path)


def _make_parent_dirs(staging: Path, path: str) -> None:
    """Create the folders above a path. A file or a link in their place is an OSError."""
    for folder in parent_dirs(path):
        target = f"{staging}/{folder}"
        if not _is_dir(target):
            os.mkdir(target, _DIR_MODE)


def _is_dir(path: str | Path) -> bool:
    """Whether there is a folder at the path, not a link to one."""
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except FileNotFoundError:
        return False


def _load_verified(output: Output) -> bytes:
    try:
        data = output.load()
    except OSError as error:
        reason = f"its source cannot be read: {error.strerror}"
        raise OSError(error.errno, reason, output.path) from error
    if content_digest(data) != output.digest:
        raise OSError(0, "its source changed during the build; build again", output.path)
    return data


def _write(target: str | Path, data: bytes) -> None:
    _create_file(target, lambda stream: stream.write(data))


def _create_file(target: str | Path, write: Callable[[BinaryIO], object]) -> None:
    """Create a file and fill it with `write`. An existing file or link is an OSError."""
    try:
        with open(target, "xb", opener=_new_file_opener) as stream:
            write(stream)
            os.fchmod(stream.fileno(), _FILE_MODE)
    except OSError as error:  # the error of a full disk does not name the file
        raise OSError(error.errno, error.strerror, str(target)) from error


def _new_file_opener(path: str, flags: int) -> int:
    # Others must not be able to write it, not even until `fchmod`.
    return os.open(path, flags, _FILE_MODE)


def _copy_foreign(live: Path, staging: Path, foreign: Entries) -> None:
    """Copy the foreign entries, unchanged: files, links, and folders, including empty ones."""
    import shutil  # noqa: PLC0415 - slow to load, seldom needed

    for path in foreign:
        source, target, mode = live / path, staging / path, foreign[path].st_mode
        _make_parent_dirs(staging, path)
        if stat.S_ISDIR(mode):
            if not _is_dir(target):
                os.mkdir(target, _PRIVATE_DIR_MODE)
        elif stat.S_ISLNK(mode):
            os.symlink(os.readlink(source), target)
        else:
            with open(source, "rb", opener=nofollow_opener) as stream:
                _create_file(target, lambda to, stream=stream: shutil.copyfileobj(stream, to))  # type: ignore[misc]
            shutil.copystat(source, target, follow_symlinks=False)


def _verify(
    staging: Path, wanted: Mapping[str, Output], foreign: Entries, verified: Entries
) -> None:
    """Check before the site goes live that every file is complete and that there are no others.

    Files in `verified` were read a moment ago; they are read again only if their stat data has
    changed since. Folders that hold our files get the mode that hosts need; foreign folders keep
    theirs.

    Raises:
        OSError: A file is missing or has changed, or there is another one.
    """
    entries = scan_tree(staging)
    our_dirs = all_parent_dirs(wanted)
    for path, status in entries.items():
        if stat.S_ISDIR(status.st_mode):
            mode = stat.S_IMODE(foreign[path].st_mode) if path in foreign else _DIR_MODE
            mode = _DIR_MODE if path in our_dirs else mode
            if stat.S_IMODE(status.st_mode) != mode:
                os.chmod(staging / path, mode)
        elif path not in wanted and path not in foreign and path != INCOMPLETE_MARKER:
            raise OSError(0, "somebody else put it there just now; build again", path)
    for path, output in wanted.items():
        if (
            path in verified
            and path in entries
            and _stat_key(entries[path]) == _stat_key(verified[path])
        ):
            continue
        if not verified_stat(f"{staging}/{path}", output.digest):
            raise OSError(0, "it was changed while it was being published", str(staging / path))


def ensure_unchanged(live: Path, previous: Entries, foreign: Entries) -> None:
    """Check that nobody changed the live folder since its foreign entries were copied.

    Raises:
        OSError: Entries were added or deleted, or a foreign one has changed.
    """
    current = scan_tree(live)
    if current.keys() != previous.keys() or any(
        _stat_key(current[path]) != _stat_key(status) for path, status in foreign.items()
    ):
        raise OSError(0, "somebody else changed files in it just now; build again", str(live))


def _stat_key(stat_result: os.stat_result) -> tuple[int, ...]:
    return (
        stat_result.st_mode,
        stat_result.st_ino,
        stat_result.st_size,
        stat_result.st_mtime_ns,
        stat_result.st_ctime_ns,
    )
