"""Outputs and the files of others, in; a folder that holds both, and nothing else, out.

No link is ever followed in here, and no file that exists is opened for writing: what stands in the
way is taken out and made anew. So nothing outside the folder can be reached through what is in it.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

from sitebuilder.core.digest import content_digest as digest_of
from sitebuilder.core.model import Output
from sitebuilder.output.manifest import (
    INCOMPLETE_MARKER,
    MANIFEST_NAME,
    dump_manifest,
    is_incomplete,
    nofollow_opener,
    read_manifest,
)
from sitebuilder.output.path_guards import all_parent_dirs, parent_dirs, safe_join

Entries = Mapping[str, os.stat_result]
"""What is in a folder, at any depth, by path with `/`: files, folders, links and all else."""

_FILE_MODE: Final = 0o644
_DIR_MODE: Final = 0o755
_PRIVATE_DIR_MODE: Final = 0o700


def scan_tree(folder: Path) -> dict[str, os.stat_result]:
    """All that is in a folder. OSError: a folder in it cannot be listed, or is another disk."""
    found: dict[str, os.stat_result] = {}
    device = folder.lstat().st_dev
    waiting = [""]
    while waiting:
        here = waiting.pop()
        with os.scandir(f"{folder}/{here}") as rows:
            for row in rows:
                path = here + row.name
                found[path] = now = row.stat(follow_symlinks=False)
                if row.is_dir(follow_symlinks=False):
                    if now.st_dev != device:
                        raise OSError(0, "another disk is mounted there", str(folder / path))
                    waiting.append(f"{path}/")
    return found


def verified_stat(path: str, digest: str) -> os.stat_result | None:
    """The state of the plain file of ours that stands there, with these bytes and this mode.

    None: there is none such, or it has another name besides.
    """
    try:
        handle = nofollow_opener(path, os.O_RDONLY)
    except OSError:
        return None
    try:
        now = os.fstat(handle)
        plain = stat.S_ISREG(now.st_mode) and now.st_nlink == 1
        if not plain or stat.S_IMODE(now.st_mode) != _FILE_MODE:
            return None
        data = os.read(handle, now.st_size + 1)  # a file that grew meanwhile is not the one wanted
        return now if digest_of(data) == digest else None
    except OSError:
        return None
    finally:
        os.close(handle)


def is_public_dir(stat_result: os.stat_result | None) -> bool:
    """Whether a folder has the mode that hosts want."""
    return (
        stat_result is not None
        and stat.S_ISDIR(stat_result.st_mode)
        and stat.S_IMODE(stat_result.st_mode) == _DIR_MODE
    )


def sync_staging(staging: Path, wanted: Mapping[str, Output], live: Path, foreign: Entries) -> None:
    """Make `staging` hold `wanted`, and what of `live` is not ours.

    One of its two marks is there at each moment: it is ours, whatever happens.
    OSError: the disk refuses, or somebody else changes the folder meanwhile.
    """
    os.chmod(staging, _DIR_MODE)  # whoever made it read-only while it was live
    old = read_manifest(staging)
    if not is_incomplete(staging):
        _write(staging / INCOMPLETE_MARKER, b"")
    _remove_stale(staging, set(wanted))
    kept: dict[str, os.stat_result] = {}
    folders: set[str] = set()
    for path, output in wanted.items():
        there = old is not None and old.files.get(path) == output.digest
        now = verified_stat(f"{staging}/{path}", output.digest) if there else None
        if now:
            kept[path] = now
            continue
        target = safe_join(staging, path)
        if path.rpartition("/")[0] not in folders:
            _make_parent_dirs(staging, path)
            folders.update(parent_dirs(path))
        with suppress(FileNotFoundError):
            os.unlink(target)
        _write(target, _load_verified(output))
    _copy_foreign(live, staging, foreign)
    _verify(staging, wanted, foreign, kept)
    _write(
        staging / MANIFEST_NAME,
        dump_manifest({path: output.digest for path, output in wanted.items()}),
    )
    (staging / INCOMPLETE_MARKER).unlink()


def stage_file(path: str, wanted: Mapping[str, Output], staging: Path) -> tuple[Path, Path]:
    """Make one new file, and the marker that goes with it, in `staging`; where they are.

    Staging, which is ours or empty, keeps its mark. OSError: the disk refuses.
    """
    os.chmod(staging, _DIR_MODE)  # whoever made it read-only while it was live
    if not os.listdir(staging):
        _write(staging / INCOMPLETE_MARKER, b"")
    marker = dump_manifest({name: output.digest for name, output in wanted.items()})
    file, mark = staging / f"{INCOMPLETE_MARKER}.file", staging / f"{INCOMPLETE_MARKER}.mark"
    for target, data in ((file, _load_verified(wanted[path])), (mark, marker)):
        target.unlink(missing_ok=True)
        _write(target, data)
    return file, mark


def replace_file(path: str, staged: tuple[Path, Path], live: Path) -> None:
    """Put one new file in the place of an old one; the marker follows.

    If the marker cannot follow, it names the old bytes; the next build sees that the file has
    others, and makes it anew. OSError: the disk refuses, and all is as it was.
    """
    file, mark = staged
    os.rename(file, live / path)
    with suppress(OSError):  # the new file is live: this has not failed any more
        os.rename(mark, live / MANIFEST_NAME)


def _remove_stale(staging: Path, keep: set[str]) -> None:
    """Take out all but folders that are needed and what has the name of a wanted file.

    The marker goes too: it says what the whole folder holds.
    """
    needed = all_parent_dirs(keep)
    folders, waiting = [], [""]
    while waiting:
        here = waiting.pop()
        with os.scandir(staging / here) as rows:
            found = list(rows)
        for row in found:
            path = f"{here}/{row.name}" if here else row.name
            now = row.stat(follow_symlinks=False)
            if stat.S_ISDIR(now.st_mode):
                if stat.S_IMODE(now.st_mode) != _DIR_MODE:
                    os.chmod(row.path, _DIR_MODE)  # else what is in it could not be taken out
                folders.append(path)
                waiting.append(path)
            elif path not in keep and path != INCOMPLETE_MARKER:
                os.unlink(row.path)
    for path in reversed(folders):
        if path not in needed:
            os.rmdir(staging / path)


def _make_parent_dirs(staging: Path, path: str) -> None:
    """Make the folders above a path. OSError: there is a file, or a link to who knows where."""
    for folder in parent_dirs(path):
        place = f"{staging}/{folder}"
        if not _is_dir(place):
            os.mkdir(place, _DIR_MODE)


def _is_dir(path: str | Path) -> bool:
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
    if digest_of(data) != output.digest:
        raise OSError(0, "its source changed during the build; build again", output.path)
    return data


def _write(target: str | Path, data: bytes) -> None:
    _create_file(target, lambda stream: stream.write(data))


def _create_file(target: str | Path, write: Callable[[BinaryIO], object]) -> None:
    """Make a new file; one that is there, or a link, is an error. OSError names it."""
    try:
        with open(target, "xb", opener=_new_file_opener) as stream:
            write(stream)
            os.fchmod(stream.fileno(), _FILE_MODE)
    except OSError as error:  # a full disk does not say which file it was
        raise OSError(error.errno, error.strerror, str(target)) from error


def _new_file_opener(path: str, flags: int) -> int:
    return os.open(
        path, flags, _FILE_MODE
    )  # never for others to write, not even until the next call


def _copy_foreign(live: Path, staging: Path, foreign: Entries) -> None:
    """Bring along what is not ours, as it is: files, links, and folders even if they are empty."""
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
    """Look once more before the site goes live: every file with all its bytes, and no other.

    What was `kept` was read a moment ago: it is the same if nobody has touched it since. Folders
    that hold files of ours get the mode that hosts want; those of others keep theirs.
    """
    found = scan_tree(staging)
    ours = all_parent_dirs(wanted)
    for path, now in found.items():
        if stat.S_ISDIR(now.st_mode):
            mode = stat.S_IMODE(foreign[path].st_mode) if path in foreign else _DIR_MODE
            mode = _DIR_MODE if path in ours else mode
            if stat.S_IMODE(now.st_mode) != mode:
                os.chmod(staging / path, mode)
        elif path not in wanted and path not in foreign and path != INCOMPLETE_MARKER:
            raise OSError(0, "somebody else put it there just now; build again", path)
    for path, output in wanted.items():
        if (
            path in verified
            and path in found
            and _stat_key(found[path]) == _stat_key(verified[path])
        ):
            continue
        if not verified_stat(f"{staging}/{path}", output.digest):
            raise OSError(0, "it was changed while it was being published", str(staging / path))


def ensure_unchanged(live: Path, previous: Entries, foreign: Entries) -> None:
    """OSError: files of others came, went or changed since they were carried along."""
    now = scan_tree(live)
    if now.keys() != previous.keys() or any(
        _stat_key(now[path]) != _stat_key(was) for path, was in foreign.items()
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
