"""Outputs in, the public folder brought up to date. The only output.

The new site is made whole in a staging folder beside the live one, and the two change places in one
step. So a reader meets the old site or the new one, never a mix, and a build that is killed leaves
the old one. If one file alone is new it takes the place of the old one, which is one step as well.
The folder that came out is kept for the next build, so that only what changed is
written. A folder is touched only if it is empty or holds our marker; files in it that are not ours
are carried along.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from sitebuilder.core.model import Output
from sitebuilder.output.manifest import HALF, MARKER, Manifest, manifest_of
from sitebuilder.output.path_guards import (
    folders_of,
    real_place,
    refuse_clash,
    refuse_names,
    refuse_strange,
    refuse_unsafe,
)
from sitebuilder.output.staging import (
    Entries,
    entries,
    fill,
    holds,
    is_folder_of_ours,
    make_one,
    put_one,
    refuse_changed,
)
from sitebuilder.output.swap import aside_of, repair, swap

Locks = dict[Path, int]
"""The open handle of each folder that we hold."""


class Busy(Exception):  # noqa: N818 - an answer to the editor, not a fault of ours
    """Another build is writing the same folder. `pid`: its number; 0 if that cannot be told."""

    def __init__(self, pid: int = 0) -> None:
        self.pid = pid


def publish(outputs: Sequence[Output], folder: Path, root: Path) -> int:
    """Make `folder` hold `outputs` and what others put there. `root` holds the sources.

    Returns how many files are new or changed.
    Refused: not ours, or where the sources are. Busy: another build. OSError: the disk's.
    """
    folder = real_place(folder)
    refuse_unsafe(folder, root)
    wanted = refuse_names(outputs)
    folder.parent.mkdir(parents=True, exist_ok=True)
    staging = staging_of(folder)
    with _lock(staging, folder) as held:
        refuse_strange(folder)
        refuse_strange(staging, half=True)
        live = manifest_of(folder)
        there = entries(folder) if folder in held else {}
        foreign = _foreign(there, live)
        refuse_clash(foreign, wanted)
        same = _same(folder, live, wanted)
        if _is_current(folder, live, wanted, same, there):
            return 0
        one = _one_other(live, wanted, same)
        if one and _has_our_folders(folder, wanted, there):
            made = make_one(one, wanted, staging)
            _refuse_moved(held)
            put_one(one, made, folder)
            return 1
        fill(staging, wanted, folder, foreign)
        for path in same:  # the time at which these bytes were first published
            time = there[path].st_mtime_ns
            if os.lstat(f"{staging}/{path}").st_mtime_ns != time:
                os.utime(staging / path, ns=(time, time))
        _refuse_moved(held)
        if folder in held:
            refuse_changed(folder, there, foreign)
            swap(staging, folder)
        else:
            staging.rename(folder)
        return len(wanted) - len(same)


def staging_of(folder: Path) -> Path:
    """Where the next site is made: beside the live one, so that both are on one file system."""
    return folder.with_name(f".{folder.name}.next")


@contextmanager
def _lock(staging: Path, folder: Path) -> Iterator[Locks]:
    """Hold both folders. The kernel lets go of them if we are killed."""
    held: Locks = {}
    aside = aside_of(folder)
    try:
        if aside.exists():
            refuse_strange(aside)
            _hold(aside, held)
            repair(folder, staging)
            os.close(held.pop(aside))  # it is one of the other two now
        with suppress(FileExistsError):
            staging.mkdir(mode=0o755)
        _hold(staging, held)
        if folder.exists():
            _hold(folder, held)
        yield held
    finally:
        if staging in held:
            with suppress(OSError):  # it is not empty, as a rule
                staging.rmdir()  # while we hold it: else it could be another build's by now
        for handle in held.values():
            os.close(handle)


def _hold(place: Path, held: Locks) -> None:
    """Lock a folder. Busy: another build has it, or moved it while we opened it."""
    try:
        held[place] = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except FileNotFoundError:
        raise Busy from None
    except NotADirectoryError:  # a file, or a link
        refuse_strange(place)
        raise
    try:
        fcntl.flock(held[place], fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        pid = _holder(held[place])
        os.close(held.pop(place))
        raise Busy(pid) from None
    if not _is_at(held[place], place):
        os.close(held.pop(place))
        raise Busy


def _is_at(handle: int, place: Path) -> bool:
    """Whether the folder that we hold is still the one of that name."""
    try:
        return os.path.samestat(os.fstat(handle), os.lstat(place))
    except FileNotFoundError:
        return False


def _holder(handle: int) -> int:
    """The number of the process that holds a folder, where the system says so; else 0."""
    now = os.fstat(handle)
    file = f"{os.major(now.st_dev):02x}:{os.minor(now.st_dev):02x}:{now.st_ino}"
    with suppress(OSError, ValueError, IndexError), open("/proc/locks") as rows:
        for row in rows:
            words = row.split()
            if words[1] == "FLOCK" and file in words:
                return max(0, int(words[4]))
    return 0


def _refuse_moved(held: Locks) -> None:
    for place, handle in held.items():
        if not _is_at(handle, place):
            reason = "somebody moved it while it was being published"
            raise OSError(errno.ESTALE, reason, str(place))


def _foreign(there: Entries, live: Manifest | None) -> Entries:
    """What somebody else put into the live folder: files, and folders with no file of ours."""
    files = live.files if live else {}
    ours = {MARKER, HALF, *files}
    folders = folders_of(files)
    return {
        path: now
        for path, now in there.items()
        if path not in (folders if stat.S_ISDIR(now.st_mode) else ours)
    }


def _same(folder: Path, live: Manifest | None, wanted: Mapping[str, Output]) -> list[str]:
    """The files that are live already, just as they are wanted."""
    return [
        path
        for path, output in wanted.items()
        if live
        and live.files.get(path) == output.digest
        and holds(f"{folder}/{path}", output.digest)
    ]


def _is_current(
    folder: Path,
    live: Manifest | None,
    wanted: Mapping[str, Output],
    same: Sequence[str],
    there: Entries,
) -> bool:
    """Whether the folder already holds just this, untouched since we wrote it."""
    if live is None or live.files.keys() != wanted.keys() or len(same) != len(wanted):
        return False
    return _has_our_folders(folder, wanted, there)


def _one_other(live: Manifest | None, wanted: Mapping[str, Output], same: Sequence[str]) -> str:
    """The one file that is not as it is wanted; nothing if there are more, or others besides."""
    if live is None or live.files.keys() != wanted.keys() or len(same) + 1 != len(wanted):
        return ""
    return next(iter(wanted.keys() - set(same)))


def _has_our_folders(folder: Path, wanted: Iterable[str], there: Entries) -> bool:
    """Whether the folders of our files have the mode that hosts want."""
    return is_folder_of_ours(folder.lstat()) and all(
        is_folder_of_ours(there.get(path)) for path in folders_of(wanted)
    )
