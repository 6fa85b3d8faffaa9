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

from sitebuilder.core.digest import digest as digest_of
from sitebuilder.core.model import Output
from sitebuilder.output.manifest import HALF, MARKER, as_it_is, is_half_made, manifest_of, text_of
from sitebuilder.output.path_guards import folders_above, folders_of, inside

Entries = Mapping[str, os.stat_result]
"""What is in a folder, at any depth, by path with `/`: files, folders, links and all else."""

_FILE: Final = 0o644
_FOLDER: Final = 0o755
_OWNER: Final = 0o700


def entries(folder: Path) -> dict[str, os.stat_result]:
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


def holds(path: str, wanted: str) -> os.stat_result | None:
    """The state of the plain file of ours that stands there, with these bytes and this mode.

    None: there is none such, or it has another name besides.
    """
    try:
        handle = as_it_is(path, os.O_RDONLY)
    except OSError:
        return None
    try:
        now = os.fstat(handle)
        plain = stat.S_ISREG(now.st_mode) and now.st_nlink == 1
        if not plain or stat.S_IMODE(now.st_mode) != _FILE:
            return None
        data = os.read(handle, now.st_size + 1)  # a file that grew meanwhile is not the one wanted
        return now if digest_of(data) == wanted else None
    except OSError:
        return None
    finally:
        os.close(handle)


def is_folder_of_ours(now: os.stat_result | None) -> bool:
    """Whether a folder has the mode that hosts want."""
    return now is not None and stat.S_ISDIR(now.st_mode) and stat.S_IMODE(now.st_mode) == _FOLDER


def fill(staging: Path, wanted: Mapping[str, Output], live: Path, foreign: Entries) -> None:
    """Make `staging` hold `wanted`, and what of `live` is not ours.

    One of its two marks is there at each moment: it is ours, whatever happens.
    OSError: the disk refuses, or somebody else changes the folder meanwhile.
    """
    os.chmod(staging, _FOLDER)  # whoever made it read-only while it was live
    old = manifest_of(staging)
    if not is_half_made(staging):
        _write(staging / HALF, b"")
    _clear(staging, set(wanted))
    kept: dict[str, os.stat_result] = {}
    folders: set[str] = set()
    for path, output in wanted.items():
        there = old is not None and old.files.get(path) == output.digest
        now = holds(f"{staging}/{path}", output.digest) if there else None
        if now:
            kept[path] = now
            continue
        target = inside(staging, path)
        if path.rpartition("/")[0] not in folders:
            _make_folders(staging, path)
            folders.update(folders_above(path))
        with suppress(FileNotFoundError):
            os.unlink(target)
        _write(target, _bytes_of(output))
    _carry(live, staging, foreign)
    _verify(staging, wanted, foreign, kept)
    _write(staging / MARKER, text_of({path: output.digest for path, output in wanted.items()}))
    (staging / HALF).unlink()


def make_one(path: str, wanted: Mapping[str, Output], staging: Path) -> tuple[Path, Path]:
    """Make one new file, and the marker that goes with it, in `staging`; where they are.

    Staging, which is ours or empty, keeps its mark. OSError: the disk refuses.
    """
    os.chmod(staging, _FOLDER)  # whoever made it read-only while it was live
    if not os.listdir(staging):
        _write(staging / HALF, b"")
    marker = text_of({name: output.digest for name, output in wanted.items()})
    file, mark = staging / f"{HALF}.file", staging / f"{HALF}.mark"
    for target, data in ((file, _bytes_of(wanted[path])), (mark, marker)):
        target.unlink(missing_ok=True)
        _write(target, data)
    return file, mark


def put_one(path: str, made: tuple[Path, Path], live: Path) -> None:
    """Put one new file in the place of an old one; the marker follows.

    If the marker cannot follow, it names the old bytes; the next build sees that the file has
    others, and makes it anew. OSError: the disk refuses, and all is as it was.
    """
    file, mark = made
    os.rename(file, live / path)
    with suppress(OSError):  # the new file is live: this has not failed any more
        os.rename(mark, live / MARKER)


def _clear(staging: Path, keep: set[str]) -> None:
    """Take out all but folders that are needed and what has the name of a wanted file.

    The marker goes too: it says what the whole folder holds.
    """
    needed = folders_of(keep)
    folders, waiting = [], [""]
    while waiting:
        here = waiting.pop()
        with os.scandir(staging / here) as rows:
            found = list(rows)
        for row in found:
            path = f"{here}/{row.name}" if here else row.name
            now = row.stat(follow_symlinks=False)
            if stat.S_ISDIR(now.st_mode):
                if stat.S_IMODE(now.st_mode) != _FOLDER:
                    os.chmod(row.path, _FOLDER)  # else what is in it could not be taken out
                folders.append(path)
                waiting.append(path)
            elif path not in keep and path != HALF:
                os.unlink(row.path)
    for path in reversed(folders):
        if path not in needed:
            os.rmdir(staging / path)


def _make_folders(staging: Path, path: str) -> None:
    """Make the folders above a path. OSError: there is a file, or a link to who knows where."""
    for folder in folders_above(path):
        place = f"{staging}/{folder}"
        if not _is_folder(place):
            os.mkdir(place, _FOLDER)


def _is_folder(place: str | Path) -> bool:
    try:
        return stat.S_ISDIR(os.lstat(place).st_mode)
    except FileNotFoundError:
        return False


def _bytes_of(output: Output) -> bytes:
    try:
        data = output.load()
    except OSError as error:
        reason = f"its source cannot be read: {error.strerror}"
        raise OSError(error.errno, reason, output.path) from error
    if digest_of(data) != output.digest:
        raise OSError(0, "its source changed during the build; build again", output.path)
    return data


def _write(target: str | Path, data: bytes) -> None:
    _make(target, lambda stream: stream.write(data))


def _make(target: str | Path, write: Callable[[BinaryIO], object]) -> None:
    """Make a new file; one that is there, or a link, is an error. OSError names it."""
    try:
        with open(target, "xb", opener=_new) as stream:
            write(stream)
            os.fchmod(stream.fileno(), _FILE)
    except OSError as error:  # a full disk does not say which file it was
        raise OSError(error.errno, error.strerror, str(target)) from error


def _new(path: str, flags: int) -> int:
    return os.open(path, flags, _FILE)  # never for others to write, not even until the next call


def _carry(live: Path, staging: Path, foreign: Entries) -> None:
    """Bring along what is not ours, as it is: files, links, and folders even if they are empty."""
    import shutil  # noqa: PLC0415 - slow to load, seldom needed

    for path in foreign:
        source, target, mode = live / path, staging / path, foreign[path].st_mode
        _make_folders(staging, path)
        if stat.S_ISDIR(mode):
            if not _is_folder(target):
                os.mkdir(target, _OWNER)
        elif stat.S_ISLNK(mode):
            os.symlink(os.readlink(source), target)
        else:
            with open(source, "rb", opener=as_it_is) as stream:
                _make(target, lambda to, stream=stream: shutil.copyfileobj(stream, to))  # type: ignore[misc]
            shutil.copystat(source, target, follow_symlinks=False)


def _verify(staging: Path, wanted: Mapping[str, Output], foreign: Entries, kept: Entries) -> None:
    """Look once more before the site goes live: every file with all its bytes, and no other.

    What was `kept` was read a moment ago: it is the same if nobody has touched it since. Folders
    that hold files of ours get the mode that hosts want; those of others keep theirs.
    """
    found = entries(staging)
    ours = folders_of(wanted)
    for path, now in found.items():
        if stat.S_ISDIR(now.st_mode):
            mode = stat.S_IMODE(foreign[path].st_mode) if path in foreign else _FOLDER
            mode = _FOLDER if path in ours else mode
            if stat.S_IMODE(now.st_mode) != mode:
                os.chmod(staging / path, mode)
        elif path not in wanted and path not in foreign and path != HALF:
            raise OSError(0, "somebody else put it there just now; build again", path)
    for path, output in wanted.items():
        if path in kept and path in found and _stamp(found[path]) == _stamp(kept[path]):
            continue
        if not holds(f"{staging}/{path}", output.digest):
            raise OSError(0, "it was changed while it was being published", str(staging / path))


def refuse_changed(live: Path, before: Entries, foreign: Entries) -> None:
    """OSError: files of others came, went or changed since they were carried along."""
    now = entries(live)
    if now.keys() != before.keys() or any(
        _stamp(now[path]) != _stamp(was) for path, was in foreign.items()
    ):
        raise OSError(0, "somebody else changed files in it just now; build again", str(live))


def _stamp(now: os.stat_result) -> tuple[int, ...]:
    return now.st_mode, now.st_ino, now.st_size, now.st_mtime_ns, now.st_ctime_ns
