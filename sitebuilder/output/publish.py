"""Publish a build: bring the output folder up to date, atomically.

The new site is built in a staging folder beside the live one, and then the two are swapped in one
step. So readers get the old site or the new one, never a mix, and a build that is killed leaves the
old one. If a single file has changed, a rename replaces just that file, which is one step as well.

The old folder is kept as the staging folder of the next build, so that only changed files are
written. A folder is written only if it is empty or has our manifest. Foreign files in it, which
somebody else put there, are carried over.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from sitebuilder.core.model import Output
from sitebuilder.output.manifest import INCOMPLETE_MARKER, MANIFEST_NAME, Manifest, read_manifest
from sitebuilder.output.path_guards import (
    OutputRefusedError,
    all_parent_dirs,
    check_collisions,
    check_location,
    check_ownership,
    index_outputs,
    resolve_dir,
)
from sitebuilder.output.staging import (
    STAGED_NAMES,
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

_NOT_WRITABLE: Final = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})

HeldLocks = dict[Path, int]
"""File descriptor of each folder that we have locked."""


class PublishLockedError(Exception):
    """Another build is writing the same folder.

    Attributes:
        pid: Id of its process; 0 if unknown.
    """

    def __init__(self, pid: int = 0) -> None:
        self.pid = pid


class OutdatedBuildError(Exception):
    """The sources have changed since the build read them."""


def publish(
    outputs: Sequence[Output],
    folder: Path,
    root: Path,
    is_outdated: Callable[[], bool] = lambda: False,
) -> int:
    """Make `folder` hold exactly `outputs` and the foreign files that are in it.

    Args:
        outputs: The files to publish.
        folder: The output folder. It and its parents are created if necessary.
        root: Root folder of the project, whose sources must not be overwritten.
        is_outdated: Asked while the folder is locked, right before it changes: whether the sources
            are no longer those that were built. Then nothing is published.

    Returns:
        The number of files that are new or changed.

    Raises:
        OutputRefusedError: The folder is not ours, overlaps the sources, or stands where nothing
            can be changed; or the path of an output is not allowed, or collides with another
            output or a foreign file.
        PublishLockedError: Another build is publishing there.
        OutdatedBuildError: `is_outdated` says so.
        OSError: Reading or writing failed.
    """
    folder = resolve_dir(folder)
    check_location(folder, root)
    wanted = index_outputs(outputs)
    folder.parent.mkdir(parents=True, exist_ok=True)
    staging = staging_path(folder)
    with _acquire_locks(staging, folder) as locks:
        check_ownership(folder)
        check_ownership(staging, allow_incomplete=True)
        manifest = read_manifest(folder)
        existing = scan_tree(folder) if folder in locks else {}
        foreign = _foreign_entries(existing, manifest)
        check_collisions(foreign, wanted)
        unchanged = _unchanged_files(folder, manifest, wanted)
        if _is_up_to_date(folder, manifest, wanted, unchanged, existing):
            return 0
        changed_path = _only_changed_file(manifest, wanted, unchanged)
        if changed_path and _dirs_are_public(folder, wanted, existing):
            place = staging if staging in locks else folder
            staged = stage_file(changed_path, wanted, place)
            _check_not_moved(locks)
            if is_outdated():
                raise OutdatedBuildError
            replace_file(changed_path, staged, folder)
            return 1
        if staging not in locks:
            raise _unwritable_error(folder)
        sync_staging(staging, wanted, folder, foreign)
        for path in unchanged:  # they keep the time at which these bytes were first published
            mtime = existing[path].st_mtime_ns
            if os.lstat(f"{staging}/{path}").st_mtime_ns != mtime:
                os.utime(staging / path, ns=(mtime, mtime))
        _check_not_moved(locks)
        if is_outdated():
            raise OutdatedBuildError
        if folder in locks:
            ensure_unchanged(folder, existing, foreign)
            _exchange(staging, folder)
        else:
            staging.rename(folder)
        return len(wanted) - len(unchanged)


def _exchange(staging: Path, folder: Path) -> None:
    try:
        swap_dirs(staging, folder)
    except OSError as error:
        raise _unwritable_error(folder) if error.errno in _NOT_WRITABLE else error from error


def _unwritable_error(folder: Path) -> OutputRefusedError:
    return OutputRefusedError(
        f"nothing can be changed in {folder.parent}, where the new site stands until it takes the "
        "place of the old one; let this user write there, or publish into a folder below: "
        f"{folder / 'site'}"
    )


def staging_path(folder: Path) -> Path:
    """Return the staging folder, beside the live one so that both are on one file system."""
    return folder.with_name(f".{folder.name}.next")


@contextmanager
def _acquire_locks(staging: Path, folder: Path) -> Iterator[HeldLocks]:
    """Lock the staging folder and, if it exists, the live one; repair an interrupted swap first.

    Without the right to make a staging folder only the live one is locked, which is enough for a
    site that has not changed, or in one file. The kernel releases the locks if the process is
    killed.
    """
    locks: HeldLocks = {}
    backup = backup_path(folder)
    try:
        if backup.exists():
            check_ownership(backup)
            _lock_dir(backup, locks)
            recover(folder, staging)
            os.close(locks.pop(backup))  # it has become one of the other two
        try:
            with suppress(FileExistsError):
                staging.mkdir(mode=0o755)
            _lock_dir(staging, locks)
        except OSError as error:
            if error.errno not in _NOT_WRITABLE:
                raise
            if not folder.exists():
                raise _unwritable_error(folder) from error
        if folder.exists():
            _lock_dir(folder, locks)
        yield locks
    finally:
        if staging in locks:
            with suppress(OSError):  # usually it is not empty
                staging.rmdir()  # while it is locked: later it could be another build's
        for descriptor in locks.values():
            os.close(descriptor)


def _lock_dir(path: Path, locks: HeldLocks) -> None:
    """Lock a folder and add it to `locks`.

    Raises:
        PublishLockedError: Another build holds it, or moved it while we opened it.
        OutputRefusedError: There is a file or a link at the path.
    """
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
    """Whether the open folder is still the one at `path`."""
    try:
        return os.path.samestat(os.fstat(fd), os.lstat(path))
    except FileNotFoundError:
        return False


def _lock_holder_pid(fd: int) -> int:
    """Return the id of the process that has locked a folder, from /proc/locks; 0 if unknown."""
    status = os.fstat(fd)
    file = f"{os.major(status.st_dev):02x}:{os.minor(status.st_dev):02x}:{status.st_ino}"
    with suppress(OSError, ValueError, IndexError), open("/proc/locks") as rows:
        for row in rows:
            words = row.split()
            if words[1] == "FLOCK" and file in words:
                return max(0, int(words[4]))
    return 0


def _check_not_moved(locks: HeldLocks) -> None:
    for path, descriptor in locks.items():
        if not _is_same_dir(descriptor, path):
            reason = "somebody moved it while it was being published"
            raise OSError(errno.ESTALE, reason, str(path))


def _foreign_entries(existing: Entries, manifest: Manifest | None) -> Entries:
    """Return the foreign entries of the live folder: files, and folders without files of ours."""
    files = manifest.files if manifest else {}
    ours = {MANIFEST_NAME, INCOMPLETE_MARKER, *STAGED_NAMES, *files}
    our_dirs = all_parent_dirs(files)
    return {
        path: status
        for path, status in existing.items()
        if path not in (our_dirs if stat.S_ISDIR(status.st_mode) else ours)
    }


def _unchanged_files(
    folder: Path, manifest: Manifest | None, wanted: Mapping[str, Output]
) -> list[str]:
    """Return the wanted files that are already live with the same bytes."""
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
    """Whether the folder already holds exactly the wanted files, in folders of the right mode."""
    if manifest is None or manifest.files.keys() != wanted.keys() or len(unchanged) != len(wanted):
        return False
    return _dirs_are_public(folder, wanted, existing)


def _only_changed_file(
    manifest: Manifest | None, wanted: Mapping[str, Output], unchanged: Sequence[str]
) -> str:
    """Return the path of the only changed file; empty if others changed, or any came or went."""
    if (
        manifest is None
        or manifest.files.keys() != wanted.keys()
        or len(unchanged) + 1 != len(wanted)
    ):
        return ""
    return next(iter(wanted.keys() - set(unchanged)))


def _dirs_are_public(folder: Path, wanted: Iterable[str], existing: Entries) -> bool:
    """Whether all folders of our files have the mode that hosts need."""
    return is_public_dir(folder.lstat()) and all(
        is_public_dir(existing.get(path)) for path in all_parent_dirs(wanted)
    )
