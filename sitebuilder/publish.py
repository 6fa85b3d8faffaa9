"""Outputs in, the public folder brought up to date. The only output.

The new site is made whole in a staging folder beside the live one, and the two change places in one
step. So a reader meets the old site or the new one, never a mix, and a build that is killed leaves
the old one. The folder that came out is kept for the next build, so that only what changed is
written. A folder is touched only if it is empty or holds our marker; files in it that are not ours
are carried along.
"""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import msgspec

from sitebuilder.config import SOURCE_FOLDERS
from sitebuilder.exchange import aside_of, repair, swap
from sitebuilder.model import Output
from sitebuilder.read import digest as digest_of

MARKER: Final = ".sitebuilder.json"
_VERSION: Final = 1


class Refused(Exception):  # noqa: N818 - it is an answer to the editor, not a fault of ours
    """The output folder may not be written; the text says why."""


class Busy(Exception):  # noqa: N818 - as above
    """Another build is writing the same folder."""


class Manifest(msgspec.Struct, frozen=True):
    """What a build wrote into a folder: the digest of each file by its path.

    It proves that the folder is ours. It holds no times, so that equal sites are equal trees.
    """

    sitebuilder: int
    files: dict[str, str]


def publish(outputs: Sequence[Output], folder: Path, root: Path) -> int:
    """Make `folder` hold `outputs` and what others put there. `root` holds the sources.

    Returns how many files are new or changed.
    Refused: not ours, or where the sources are. Busy: another build. OSError: the disk's.
    """
    folder = Path(os.path.abspath(folder))
    refuse_unsafe(folder, root)
    folder.parent.mkdir(parents=True, exist_ok=True)
    staging = staging_of(folder)
    with _lock(staging, folder):
        live = _manifest(folder)
        wanted = {output.path: output for output in outputs}
        foreign = _foreign(folder, live)
        _refuse_clash(foreign, wanted)
        if _is_current(folder, live, wanted):
            return 0
        written = _stage(staging, folder, live, wanted, foreign)
        if folder.exists():
            swap(staging, folder)
        else:
            staging.rename(folder)
        return written


def staging_of(folder: Path) -> Path:
    """Where the next site is made: beside the live one, so that both are on one file system."""
    return folder.with_name(f".{folder.name}.next")


def refuse_unsafe(folder: Path, root: Path) -> None:
    """Refused, if writing to `folder` could harm something."""
    real, root = folder.resolve(), root.resolve()
    if folder.is_symlink():
        raise Refused(f"{folder} is a link; name the folder itself")
    if real in (root, *root.parents):
        raise Refused(f"{folder} holds the project; name a folder of its own")
    for name in SOURCE_FOLDERS:
        source = root / name
        if real == source or source in real.parents or real in source.parents:
            raise Refused(f"{folder} and the source folder {source} lie in one another")
    staging = staging_of(folder)
    for place in (folder, staging):
        if not place.exists():
            continue
        if not place.is_dir():
            raise Refused(f"{place} is a file")
        ours = _manifest(place) is not None or (place == staging and _half_made(place))
        if any(place.iterdir()) and not ours:
            raise Refused(
                f"{place} is not empty and was not made by this program; "
                "name another folder, or empty it yourself"
            )


def _half_made(staging: Path) -> bool:
    """Whether a killed build left this staging folder: it is marked from its first moment."""
    return (staging / (MARKER + ".new")).is_file()


def _manifest(folder: Path) -> Manifest | None:
    try:
        return msgspec.json.decode((folder / MARKER).read_bytes(), type=Manifest)
    except (OSError, msgspec.DecodeError):
        return None


@contextmanager
def _lock(staging: Path, folder: Path) -> Iterator[None]:
    """Hold both folders. The kernel lets go of them if we are killed."""
    held: list[int] = []
    try:
        if aside_of(folder).exists():
            _hold(aside_of(folder), held)
            repair(folder, staging)
            os.close(held.pop())  # it is one of the other two now
        staging.mkdir(mode=0o755, exist_ok=True)
        _hold(staging, held)
        if folder.exists():
            _hold(folder, held)
        yield
    finally:
        for handle in held:
            os.close(handle)
        with suppress(OSError):  # it is not empty, as a rule
            staging.rmdir()


def _hold(place: Path, held: list[int]) -> None:
    """Lock a folder. Busy: another build has it, or moved it while we opened it."""
    try:
        held.append(os.open(place, os.O_RDONLY | os.O_DIRECTORY))
        fcntl.flock(held[-1], fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(held[-1]).st_ino != os.stat(place).st_ino:
            raise Busy
    except (BlockingIOError, FileNotFoundError):
        raise Busy from None


def _is_current(folder: Path, live: Manifest | None, wanted: Mapping[str, Output]) -> bool:
    """Whether the folder already holds just this, untouched since we wrote it."""
    if live is None or live.files.keys() != wanted.keys():
        return False
    return all(
        digest == wanted[path].digest and _holds(folder / path, digest)
        for path, digest in live.files.items()
    )


def _holds(path: Path, wanted: str) -> bool:
    """Whether a file stands there with just these bytes."""
    try:
        return stat.S_ISREG(path.lstat().st_mode) and digest_of(path.read_bytes()) == wanted
    except OSError:
        return False


def _walk(folder: Path) -> Iterator[str]:
    """Paths of all files below a folder, with `/`."""
    for here, folders, names in os.walk(folder):
        base = Path(here).relative_to(folder)
        links = [name for name in folders if (Path(here) / name).is_symlink()]
        for name in (*names, *links):
            yield (base / name).as_posix()


def _foreign(folder: Path, live: Manifest | None) -> list[str]:
    """Files that somebody else put into the live folder."""
    ours = {MARKER, MARKER + ".new", *(live.files if live else ())}
    return [path for path in _walk(folder) if path not in ours]


def _refuse_clash(foreign: Sequence[str], wanted: Mapping[str, Output]) -> None:
    for path in foreign:
        if path in wanted:
            raise Refused(f"{path} in the output folder is not ours; move it away first")


def _stage(
    staging: Path,
    folder: Path,
    live: Manifest | None,
    wanted: Mapping[str, Output],
    foreign: Sequence[str],
) -> int:
    """Make `staging` hold all of the new site; how many files differ from the live one."""
    old = _manifest(staging)
    (staging / (MARKER + ".new")).write_bytes(b"{}")  # ours, whatever happens next
    (staging / MARKER).unlink(missing_ok=True)
    keep = {*wanted, *foreign}
    for path in list(_walk(staging)):
        if path not in keep and path != MARKER + ".new":
            (staging / path).unlink()
    _remove_empty_folders(staging)
    written = 0
    for path, output in wanted.items():
        target = staging / path
        if not (old and old.files.get(path) == output.digest and _holds(target, output.digest)):
            _write(target, output.load())
        if live and live.files.get(path) == output.digest and _holds(folder / path, output.digest):
            time = (folder / path).stat().st_mtime_ns
            os.utime(target, ns=(time, time))  # the time at which these bytes were first published
        else:
            written += 1
    for path in foreign:
        _copy(folder / path, staging / path)
    _verify(staging, wanted)
    manifest = Manifest(_VERSION, {path: wanted[path].digest for path in sorted(wanted)})
    (staging / (MARKER + ".new")).write_bytes(msgspec.json.encode(manifest))
    (staging / (MARKER + ".new")).chmod(0o644)
    (staging / (MARKER + ".new")).rename(staging / MARKER)
    _set_folder_modes(staging)
    return written


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    with os.fdopen(handle, "wb") as stream:
        stream.write(data)
    path.chmod(0o644)


def _copy(source: Path, target: Path) -> None:
    """Carry a file along that is not ours, as it is."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    if source.is_symlink():
        target.symlink_to(os.readlink(source))
        return
    target.write_bytes(source.read_bytes())
    now = source.stat()
    target.chmod(stat.S_IMODE(now.st_mode))
    os.utime(target, ns=(now.st_atime_ns, now.st_mtime_ns))


def _verify(staging: Path, wanted: Mapping[str, Output]) -> None:
    """Look once more before the site goes live: every file is there, with all its bytes."""
    for path, output in wanted.items():
        if not _holds(staging / path, output.digest):
            raise OSError(f"{staging / path} was changed while it was being published")


def _remove_empty_folders(folder: Path) -> None:
    for here, _, _ in os.walk(folder, topdown=False):
        if Path(here) != folder and not os.listdir(here):
            os.rmdir(here)


def _set_folder_modes(folder: Path) -> None:
    for here, _, _ in os.walk(folder):
        os.chmod(here, 0o755)
