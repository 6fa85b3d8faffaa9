"""One accident before each single call of a publish that changes something on disk.

    python accidents.py SCENE ACCIDENT FOLDER [EVERY]
    python accidents.py record ACCIDENT FOLDER [EVERY]

Each try is a process of its own, made by fork, that really dies or really gets the error. After it
the live folder must be the old site or the new one, and the next publish must be as if nothing had
happened. EVERY 3: before each third call only. `record`: a whole build, before each call that
keeps its record. Prints how many calls there are.
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
from functools import partial
from pathlib import Path
from typing import NoReturn

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from sitebuilder.build.incremental import record
from sitebuilder.cli.main import main
from sitebuilder.core.digest import content_digest
from sitebuilder.core.model import Output
from sitebuilder.output import swap
from sitebuilder.output.manifest import INCOMPLETE_MARKER, MANIFEST_NAME
from sitebuilder.output.publish import publish, staging_path

Site = dict[str, bytes]
Tree = dict[str, tuple[int, bytes]]

OLD = {"index.html": b"1", "a/index.html": b"a", "b/c/index.html": b"b", "same.css": b"s"}
NEW = {"index.html": b"2", "b/c/index.html": b"b", "d/e/index.html": b"e", "same.css": b"s"}
ONE = {**OLD, "index.html": b"2"}
SWAPPED = {"index.html/x": b"1", "a": b"a", "b": b"b", "same.css/b/c": b"s"}


@dataclass
class Scene:
    """What was published before, what is published now, and what somebody else put there."""

    before: tuple[Site, ...]
    now: Site
    foreign: bool = False
    one_step: bool = True
    staging: str = ""
    """`half`: as a killed build leaves it. `none`: somebody took it away."""


SCENES = {
    "first": Scene((), NEW),
    "update": Scene(({"x": b"x"}, OLD), NEW),
    "files-and-folders": Scene(({"x": b"x"}, OLD), SWAPPED),
    "back-again": Scene((SWAPPED, OLD), SWAPPED),
    "foreign": Scene(({"x": b"x"}, OLD), NEW, foreign=True),
    "one": Scene(({"x": b"x"}, OLD), ONE, foreign=True),
    "one-half": Scene(({"x": b"x"}, OLD), ONE, staging="half"),
    "one-alone": Scene(({"x": b"x"}, OLD), ONE, staging="none"),
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
    return [
        Output(path, content_digest(data), partial(bytes, data)) for path, data in files.items()
    ]


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
    if scene.staging == "half":
        (staging_path(live) / INCOMPLETE_MARKER).write_bytes(b"{}")
        (staging_path(live) / MANIFEST_NAME).unlink()
    elif scene.staging == "none":
        shutil.rmtree(staging_path(live))
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


def try_at(
    work: Callable[[], int], act: Callable[[], object], at: int, place: str = ""
) -> tuple[int, bool]:
    """Work in a process that meets the accident before call number `at` whose path has `place`.

    How it ended, and whether there was such a call.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        left = at

        def hook(event: str, args: tuple[object, ...]) -> None:
            nonlocal left
            writes = (
                event == "open" and isinstance(args[2], int) and args[2] & (os.O_WRONLY | os.O_RDWR)
            )
            if (writes or event in CHANGES) and place in str(args[0]):
                left -= 1
                if left == -1:
                    os.write(writer, b"!")
                    act()

        sys.addaudithook(hook)
        os._exit(_ended(work))
    os.close(writer)
    met = os.read(reader, 1) == b"!"
    os.close(reader)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), met


def _ended(work: Callable[[], int]) -> int:
    try:
        return work()
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        return 1 if error.strerror else 98
    except BaseException:  # noqa: BLE001 - the parent is told
        traceback.print_exc()
        return 99


def run(scene: Scene, accident: str, place: Path, every: int = 1) -> int:
    """Try the accident before every call; how many there were."""
    live = prepare(scene, place)
    old = tree(live) if live.exists() else None
    publish(outputs(scene.now), live, live.parent)
    new, outside = tree(live), tree(place / "outside")

    def work() -> int:
        if not scene.one_step:
            swap.exchange_dirs = lambda *_: False
        return publish(outputs(scene.now), live, live.parent) * 0

    for at in range(0, 10_000, every):
        live = prepare(scene, place)
        code, met = try_at(work, ACCIDENTS[accident], at)
        check(scene, accident, live, code, (old, new))
        publish(outputs(scene.now), live, live.parent)
        assert tree(live) == new
        assert tree(place / "outside") == outside
        names = {path.name for path in live.parent.iterdir()} - {"content"}
        assert names <= {live.name, staging_path(live).name}, names
        assert publish(outputs(scene.now), live, live.parent) == 0
        publish(outputs({**scene.now, "later/index.html": b"l"}), live, live.parent)
        assert (live / "later" / "index.html").is_file()
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
    if found and old and scene.now is ONE and found == new | {MANIFEST_NAME: old[MANIFEST_NAME]}:
        found = new  # the marker follows in the next build
    aside = swap.backup_path(live)
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


def run_record(accident: str, place: Path, every: int = 1) -> int:
    """The accident before every call that keeps what the next build may use; how many there were.

    By then the new site is live. Whatever was kept, the builds that follow are right.
    """
    root, new, back = place / "site", tree_built("Two.", place), tree_built("One.", place)
    for at in range(0, 100, every):  # odd, so that both kinds below have their turn
        shutil.rmtree(root, ignore_errors=True)
        write_page(root, "One.")
        assert at % 2 or build(root) == 0  # the first record of all, or another one
        write_page(root, "Two.")
        code, met = try_at(lambda: build(root), ACCIDENTS[accident], at // 2, f"{root}/.cache")
        assert code == ({"kill": -signal.SIGKILL, "ctrl-c": 130}.get(accident, 0) if met else 0)
        assert tree(root / "public") == new
        for text, wanted in (("Two.", new), ("One.", back)):
            write_page(root, text)
            assert build(root) == 0
            assert tree(root / "public") == wanted
        names = {path.name for path in (root / record.RECORDS_DIR).iterdir()} - {".gitignore"}
        assert len(names) <= record.MAX_RECORDS, names
        if at % 2 and not met:
            return at // 2
    raise AssertionError("it does not end")


def build(root: Path) -> int:
    return main(["build", "--quiet", "--root", str(root), "--jobs", "1", "--today", "2026-11-22"])


def write_page(root: Path, text: str) -> None:
    (root / "content").mkdir(parents=True, exist_ok=True)
    (root / "config.yaml").write_text("name: Some site\n")
    for name in ("index", "other"):
        head = f"---\ntitle: {name}\ndescription: d\n---\n\n"
        (root / "content" / f"{name}.md").write_text(head + (text if name == "index" else "Text."))


def tree_built(text: str, place: Path) -> Tree:
    """What a build in a folder of its own makes."""
    root = place / text
    write_page(root, text)
    assert build(root) == 0
    return tree(root / "public")


if __name__ == "__main__":
    what, accident, folder, *rest = sys.argv[1:]
    if what == "record":
        print(run_record(accident, Path(folder), *map(int, rest)))
    else:
        print(run(SCENES[what], accident, Path(folder), *map(int, rest)))
