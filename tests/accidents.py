"""One accident before each single call of a publish that changes something on disk.

    python accidents.py SCENE ACCIDENT FOLDER [EVERY]

Each try is a process of its own, made by fork, that really dies or really gets the error. After it
the live folder must be the old site or the new one, and the next publish must be as if nothing had
happened. EVERY 3: before each third call only. Prints how many calls there are.
"""

from __future__ import annotations

import errno
import os
import shutil
import signal
import stat
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from sitebuilder import exchange
from sitebuilder.model import Output
from sitebuilder.publish import publish, staging_of
from sitebuilder.read import digest

Site = dict[str, bytes]
Tree = dict[str, tuple[int, bytes]]

OLD = {"index.html": b"1", "a/index.html": b"a", "b/c/index.html": b"b", "same.css": b"s"}
NEW = {"index.html": b"2", "b/c/index.html": b"b", "d/e/index.html": b"e", "same.css": b"s"}
SWAPPED = {"index.html/x": b"1", "a": b"a", "b": b"b", "same.css/b/c": b"s"}


@dataclass
class Scene:
    """What was published before, what is published now, and what somebody else put there."""

    before: tuple[Site, ...]
    now: Site
    foreign: bool = False
    one_step: bool = True


SCENES = {
    "first": Scene((), NEW),
    "update": Scene(({"x": b"x"}, OLD), NEW),
    "files-and-folders": Scene(({"x": b"x"}, OLD), SWAPPED),
    "back-again": Scene((SWAPPED, OLD), SWAPPED),
    "foreign": Scene(({"x": b"x"}, OLD), NEW, foreign=True),
    "renames": Scene(({"x": b"x"}, OLD), NEW, foreign=True, one_step=False),
}


def _raise(error: BaseException) -> Callable[[], NoReturn]:
    def act() -> NoReturn:
        raise error

    return act


ACCIDENTS: dict[str, Callable[[], object]] = {
    "kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "ctrl-c": _raise(KeyboardInterrupt()),
    **{
        name: _raise(OSError(getattr(errno, name), os.strerror(getattr(errno, name))))
        for name in ("ENOSPC", "EIO", "EMFILE", "EACCES", "EROFS", "EDQUOT")
    },
}

CHANGES = {
    *("os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.chmod", "os.utime", "os.symlink"),
    *("os.setxattr", "os.link", "os.truncate", "ctypes.dlsym"),  # the last: just before an exchange
}


def outputs(files: Site) -> list[Output]:
    return [Output(path, digest(data), lambda data=data: data) for path, data in files.items()]


def tree(folder: Path) -> Tree:
    """All that is in a folder: modes, bytes, where links lead."""
    found = {}
    for path in sorted([folder, *folder.rglob("*")]):
        now = path.lstat()
        data = path.read_bytes() if stat.S_ISREG(now.st_mode) else b""
        data = os.fsencode(path.readlink()) if path.is_symlink() else data
        found[str(path.relative_to(folder))] = (now.st_mode, data)
    return found


def prepare(scene: Scene, place: Path) -> Path:
    """A fresh folder with the site as it was; the live folder in it."""
    shutil.rmtree(place, ignore_errors=True)
    (place / "root" / "content").mkdir(parents=True)
    (place / "outside").mkdir()
    (place / "outside" / "thesis").write_bytes(b"years of work")
    live = place / "root" / "public"
    for site in scene.before:
        publish(outputs(site), live, live.parent)
        if scene.foreign and site is scene.before[0]:
            put_foreign(live, place / "outside")
    return live


def put_foreign(live: Path, outside: Path) -> None:
    (live / "CNAME").write_bytes(b"clinic.org")
    (live / "CNAME").chmod(0o600)
    (live / "notes" / "empty").mkdir(parents=True)
    (live / "notes" / "empty").chmod(0o700)
    (live / "b").mkdir(exist_ok=True)
    (live / "b" / "mine").write_bytes(b"mine")
    (live / "away").symlink_to(outside)
    os.link(outside / "thesis", live / "thesis")
    Path(os.fsdecode(os.fsencode(live) + b"/caf\xe9")).write_bytes(b"latin")


def try_at(scene: Scene, act: Callable[[], object], live: Path, at: int) -> tuple[int, bool]:
    """Publish in a process that meets the accident before call number `at`; how it ended."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os._exit(_child(scene, act, live, at, writer))
    os.close(writer)
    met = os.read(reader, 1) == b"!"
    os.close(reader)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), met


def _child(scene: Scene, act: Callable[[], object], live: Path, at: int, writer: int) -> int:
    left = at
    if not scene.one_step:
        exchange.exchange = lambda *_: False

    def hook(event: str, args: tuple[object, ...]) -> None:
        nonlocal left
        writes = (
            event == "open" and isinstance(args[2], int) and args[2] & (os.O_WRONLY | os.O_RDWR)
        )
        if writes or event in CHANGES:
            left -= 1
            if left == -1:
                os.write(writer, b"!")
                act()

    sys.addaudithook(hook)
    try:
        publish(outputs(scene.now), live, live.parent)
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        return 1 if error.strerror else 98
    except BaseException:  # noqa: BLE001 - the parent is told
        traceback.print_exc()
        return 99
    return 0


def run(scene: Scene, accident: str, place: Path, every: int = 1) -> int:
    """Try the accident before every call; how many there were."""
    live = prepare(scene, place)
    old = tree(live) if live.exists() else None
    publish(outputs(scene.now), live, live.parent)
    new, outside = tree(live), tree(place / "outside")
    for at in range(0, 10_000, every):
        live = prepare(scene, place)
        code, met = try_at(scene, ACCIDENTS[accident], live, at)
        check(scene, accident, live, code, (old, new))
        publish(outputs(scene.now), live, live.parent)
        assert tree(live) == new
        assert tree(place / "outside") == outside
        names = {path.name for path in live.parent.iterdir()} - {"content"}
        assert names <= {live.name, staging_of(live).name}, names
        assert publish(outputs(scene.now), live, live.parent) == 0
        if not met:
            assert code == 0, code
            return at
    raise AssertionError("it does not end")


def check(
    scene: Scene, accident: str, live: Path, code: int, sites: tuple[Tree | None, Tree]
) -> None:
    """Just after the accident: the old site or the new one."""
    old, new = sites
    found = tree(live) if live.exists() else None
    aside = exchange.aside_of(live)
    if code == 0:
        assert found == new
    elif accident == "kill":
        assert code == -signal.SIGKILL, code
        between = not scene.one_step and found is None and tree(aside) == old
        assert found in sites or between
    elif accident == "ctrl-c":
        assert code == 130, code
        assert found in sites
    else:
        assert code == 1, code
        assert found == old, "it said that it failed, and is published"


if __name__ == "__main__":
    print(run(SCENES[sys.argv[1]], sys.argv[2], Path(sys.argv[3]), *map(int, sys.argv[4:])))
