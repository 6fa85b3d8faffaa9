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
from sitebuilder.output.manifest import INCOMPLETE_MARKER, MANIFEST_NAME, Manifest, read_manifest
from sitebuilder.output.path_guards import (
    all_parent_dirs,
    check_collisions,
    check_location,
    check_ownership,
    index_outputs,
    resolve_dir,
)
from sitebuilder.output.staging import (
    Entries,
    ensure_unchanged,
    is_public_dir,
    replace_file,
    scan_tree,
    stage_file,
    sync_staging,
    verified_stat,
)
from sitebuilder.output.swap import backup_path, recover, swap_dirs

HeldLocks = dict[Path, int]
"""The open handle of each folder that we hold."""


class PublishLockedError(Exception):
    """Another build is writing the same folder. `pid`: its number; 0 if that cannot be told."""

    def __init__(self, pid: int = 0) -> None:
        self.pid = pid


def publish(outputs: Sequence[Output], folder: Path, root: Path) -> int:
    """Make `folder` hold `outputs` and what others put there. `root` holds the sources.

    Returns how many files are new or changed.
    Refused: not ours, or where the sources are. Busy: another build. OSError: the disk's.
    """
    folder = resolve_dir(folder)
    check_location(folder, root)
    wanted = index_outputs(outputs)
    folder.parent.mkdir(parents=True, exist_ok=True)
    staging = staging_path(folder)
    with _acquire_locks(staging, folder) as held:
        check_ownership(folder)
        check_ownership(staging, allow_incomplete=True)
        live = read_manifest(folder)
        there = scan_tree(folder) if folder in held else {}
        foreign = _foreign_entries(there, live)
        check_collisions(foreign, wanted)
        same = _unchanged_files(folder, live, wanted)
        if _is_up_to_date(folder, live, wanted, same, there):
            return 0
        one = _only_changed_file(live, wanted, same)
        if one and _dirs_are_public(folder, wanted, there):
            made = stage_file(one, wanted, staging)
            _check_not_moved(held)
            replace_file(one, made, folder)
            return 1
        sync_staging(staging, wanted, folder, foreign)
        for path in same:  # the time at which these bytes were first published
            time = there[path].st_mtime_ns
            if os.lstat(f"{staging}/{path}").st_mtime_ns != time:
                os.utime(staging / path, ns=(time, time))
        _check_not_moved(held)
        if folder in held:
            ensure_unchanged(folder, there, foreign)
            swap_dirs(staging, folder)
        else:
            staging.rename(folder)
        return len(wanted) - len(same)


def staging_path(folder: Path) -> Path:
    """Where the next site is made: beside the live one, so that both are on one file system."""
    return folder.with_name(f".{folder.name}.next")


@contextmanager
def _acquire_locks(staging: Path, folder: Path) -> Iterator[HeldLocks]:
    """Hold both folders. The kernel lets go of them if we are killed."""
    held: HeldLocks = {}
    aside = backup_path(folder)
    try:
        if aside.exists():
            check_ownership(aside)
            _lock_dir(aside, held)
            recover(folder, staging)
            os.close(held.pop(aside))  # it is one of the other two now
        with suppress(FileExistsError):
            staging.mkdir(mode=0o755)
        _lock_dir(staging, held)
        if folder.exists():
            _lock_dir(folder, held)
        yield held
    finally:
        if staging in held:
            with suppress(OSError):  # it is not empty, as a rule
                staging.rmdir()  # while we hold it: else it could be another build's by now
        for handle in held.values():
            os.close(handle)


def _lock_dir(path: Path, locks: HeldLocks) -> None:
    """Lock a folder. Busy: another build has it, or moved it while we opened it."""
    try:
        locks[path] = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except FileNotFoundError:
        raise PublishLockedError from None
    except NotADirectoryError:  # a file, or a link
        check_ownership(path)
        raise
    try:
        fcntl.flock(locks[path], fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        pid = _lock_holder_pid(locks[path])
        os.close(locks.pop(path))
        raise PublishLockedError(pid) from None
    if not _is_same_dir(locks[path], path):
        os.close(locks.pop(path))
        raise PublishLockedError


def _is_same_dir(fd: int, path: Path) -> bool:
    """Whether the folder that we hold is still the one of that name."""
    try:
        return os.path.samestat(os.fstat(fd), os.lstat(path))
    except FileNotFoundError:
        return False


def _lock_holder_pid(fd: int) -> int:
    """The number of the process that holds a folder, where the system says so; else 0."""
    now = os.fstat(fd)
    file = f"{os.major(now.st_dev):02x}:{os.minor(now.st_dev):02x}:{now.st_ino}"
    with suppress(OSError, ValueError, IndexError), open("/proc/locks") as rows:
        for row in rows:
            words = row.split()
            if words[1] == "FLOCK" and file in words:
                return max(0, int(words[4]))
    return 0


def _check_not_moved(locks: HeldLocks) -> None:
    for place, handle in locks.items():
        if not _is_same_dir(handle, place):
            reason = "somebody moved it while it was being published"
            raise OSError(errno.ESTALE, reason, str(place))


def _foreign_entries(existing: Entries, manifest: Manifest | None) -> Entries:
    """What somebody else put into the live folder: files, and folders with no file of ours."""
    files = manifest.files if manifest else {}
    ours = {MANIFEST_NAME, INCOMPLETE_MARKER, *files}
    folders = all_parent_dirs(files)
    return {
        path: now
        for path, now in existing.items()
        if path not in (folders if stat.S_ISDIR(now.st_mode) else ours)
    }


def _unchanged_files(
    folder: Path, manifest: Manifest | None, wanted: Mapping[str, Output]
) -> list[str]:
    """The files that are live already, just as they are wanted."""
    return [
        path
        for path, output in wanted.items()
        if manifest
        and manifest.files.get(path) == output.digest
        and verified_stat(f"{folder}/{path}", output.digest)
    ]


def _is_up_to_date(
    folder: Path,
    manifest: Manifest | None,
    wanted: Mapping[str, Output],
    unchanged: Sequence[str],
    existing: Entries,
) -> bool:
    """Whether the folder already holds just this, untouched since we wrote it."""
    if manifest is None or manifest.files.keys() != wanted.keys() or len(unchanged) != len(wanted):
        return False
    return _dirs_are_public(folder, wanted, existing)


def _only_changed_file(
    manifest: Manifest | None, wanted: Mapping[str, Output], unchanged: Sequence[str]
) -> str:
    """The one file that is not as it is wanted; nothing if there are more, or others besides."""
    if (
        manifest is None
        or manifest.files.keys() != wanted.keys()
        or len(unchanged) + 1 != len(wanted)
    ):
        return ""
    return next(iter(wanted.keys() - set(unchanged)))


def _dirs_are_public(folder: Path, wanted: Iterable[str], existing: Entries) -> bool:
    """Whether the folders of our files have the mode that hosts want."""
    return is_public_dir(folder.lstat()) and all(
        is_public_dir(existing.get(path)) for path in all_parent_dirs(wanted)
    )
