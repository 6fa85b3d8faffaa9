"""What a publish does, step by step: what it keeps, makes, takes out, and what it stops at."""

from __future__ import annotations

import errno
import fcntl
import os
import re
import shutil
import signal
import stat
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from accidents import Site, outputs, tree

from sitebuilder.core.digest import content_digest
from sitebuilder.core.model import Output
from sitebuilder.output.manifest import INCOMPLETE_MARKER, MANIFEST_NAME, read_manifest
from sitebuilder.output.path_guards import OutputRefusedError
from sitebuilder.output.publish import PublishLockedError, _lock_holder_pid, publish, staging_path
from sitebuilder.output.staging import ensure_unchanged, is_public_dir, scan_tree, sync_staging
from sitebuilder.output.staging import verified_stat as state_of
from sitebuilder.output.swap import backup_path

SITE = {"index.html": b"1", "a/b/index.html": b"ab", "a/c/index.html": b"ac"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "root" / "content").mkdir(parents=True)
    return tmp_path / "root"


@pytest.fixture
def live(root: Path) -> Path:
    """A folder with a published site."""
    publish(outputs(SITE), root / "public", root)
    return root / "public"


def holds(path: Path, wanted: str) -> bool:
    return state_of(str(path), wanted) is not None


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def files_of(folder: Path) -> Site:
    """Every file but the mark."""
    found = {str(p.relative_to(folder)): p for p in folder.rglob("*") if p.is_file()}
    return {name: path.read_bytes() for name, path in found.items() if name != MANIFEST_NAME}


def when_asked(path: str, data: bytes, act: Callable[[], object]) -> Output:
    """A file; something happens at the moment when its bytes are asked for."""

    def load() -> bytes:
        act()
        return data

    return Output(path, content_digest(data), load)


def stamps(folder: Path) -> dict[str, tuple[int, int]]:
    return {name: (now.st_ino, now.st_mtime_ns) for name, now in scan_tree(folder).items()}


# -- looking --------------------------------------------------------------------------------------


def test_all_that_is_in_a_folder_is_seen_and_no_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "file").write_bytes(b"x")
    (tmp_path / "a" / "empty").mkdir()
    (tmp_path / "link").symlink_to("a")
    os.mkfifo(tmp_path / "pipe")
    found = scan_tree(tmp_path)
    assert found.keys() == {"a", "a/b", "a/b/file", "a/empty", "link", "pipe"}
    assert all(os.path.samestat(now, (tmp_path / name).lstat()) for name, now in found.items())


def test_another_disk_is_not_looked_into() -> None:
    mounted = [path for path in Path("/dev").iterdir() if path.is_dir() and os.path.ismount(path)]
    if not mounted:
        pytest.skip("no disk is mounted in /dev here")
    with pytest.raises(OSError, match="another disk is mounted there") as why:
        scan_tree(Path("/dev"))
    assert why.value.errno == 0
    assert Path(str(why.value.filename)) in mounted


def test_a_file_of_ours_has_its_bytes_its_mode_and_one_name(tmp_path: Path) -> None:
    file, wanted = tmp_path / "file", content_digest(b"x")
    assert not holds(file, wanted)
    file.write_bytes(b"x")
    file.chmod(0o644)
    assert holds(file, wanted)
    assert not holds(file, content_digest(b"y"))
    for mode in (0o600, 0o664, 0o755):
        file.chmod(mode)
        assert not holds(file, wanted)
    file.chmod(0o644)
    (tmp_path / "other").hardlink_to(file)
    assert not holds(file, wanted)
    (tmp_path / "other").unlink()
    assert holds(file, wanted)
    (tmp_path / "link").symlink_to("file")
    assert not holds(tmp_path / "link", wanted)
    assert not holds(tmp_path, wanted)
    assert not holds(file / "below", wanted)
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "pipe").chmod(0o644)
    assert not holds(tmp_path / "pipe", content_digest(b""))


@pytest.mark.skipif(sys.platform != "linux", reason="files that tell no size are Linux's own")
def test_a_file_that_has_more_than_it_tells_is_not_the_one_wanted() -> None:
    """As if it grew between the look at its size and the reading."""
    told_empty = Path("/proc/sys/kernel/hostname")
    assert told_empty.stat().st_size == 0
    assert not holds(told_empty, content_digest(b""))


def test_a_folder_of_ours_has_its_mode(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    assert is_public_dir(tmp_path.lstat())
    tmp_path.chmod(0o700)
    assert not is_public_dir(tmp_path.lstat())
    (tmp_path / "file").touch(0o755)
    (tmp_path / "file").chmod(0o755)
    assert not is_public_dir((tmp_path / "file").lstat())
    assert not is_public_dir(None)


@pytest.mark.parametrize(
    "change",
    [
        lambda at: (at / "new").write_bytes(b""),
        lambda at: (at / "theirs").unlink(),
        lambda at: (at / "theirs").write_bytes(b"longer"),
        lambda at: os.utime(at / "theirs", ns=(0, 1)),
        lambda at: (at / "theirs").chmod(0o600),
        lambda at: (
            ((at / "theirs").rename(at / "x"), (at / "ours").rename(at / "theirs"))
            and (at / "x").rename(at / "ours")
        ),
    ],
)
def test_what_others_do_meanwhile_is_noticed(
    tmp_path: Path, change: Callable[[Path], object]
) -> None:
    for name in ("theirs", "ours"):
        (tmp_path / name).write_bytes(b"x")
        (tmp_path / name).chmod(0o644)
        os.utime(tmp_path / name, ns=(0, 0))
    before = scan_tree(tmp_path)
    ensure_unchanged(tmp_path, before, {"theirs": before["theirs"]})
    change(tmp_path)
    with pytest.raises(OSError, match="somebody else changed files in it just now") as why:
        ensure_unchanged(tmp_path, before, {"theirs": before["theirs"]})
    assert why.value.errno == 0
    assert why.value.filename == str(tmp_path)


@pytest.mark.parametrize("at", range(5))
def test_each_sign_of_a_change_is_enough(tmp_path: Path, at: int) -> None:
    """A clock may stand still for longer than a change takes."""
    (tmp_path / "theirs").write_bytes(b"x")
    now = scan_tree(tmp_path)["theirs"]
    row = [*now[:10]]
    exact = {"st_mtime_ns": now.st_mtime_ns, "st_ctime_ns": now.st_ctime_ns}
    same = os.stat_result(row, exact)
    ensure_unchanged(tmp_path, {"theirs": same}, {"theirs": same})
    if at < 3:
        row[(stat.ST_MODE, stat.ST_INO, stat.ST_SIZE)[at]] += 1
    else:
        exact[("st_mtime_ns", "st_ctime_ns")[at - 3]] += 1
    other = os.stat_result(row, exact)
    with pytest.raises(OSError, match="somebody else changed files"):
        ensure_unchanged(tmp_path, {"theirs": other}, {"theirs": other})


# -- making ---------------------------------------------------------------------------------------


def made(staging: Path, files: Site, live: Path | None = None) -> Path:
    """`staging`, filled with `files` and with what others put into `live`."""
    sync_staging(
        staging,
        {o.path: o for o in outputs(files)},
        live or staging,
        scan_tree(live) if live else {},
    )
    return staging


@pytest.fixture
def staging(tmp_path: Path) -> Path:
    (tmp_path / "staging").mkdir()
    return tmp_path / "staging"


@pytest.mark.parametrize("umask", [0, 0o077])
def test_a_staging_folder_is_filled_in_full(staging: Path, umask: int) -> None:
    old = os.umask(umask)
    try:
        made(staging, SITE)
    finally:
        os.umask(old)
    assert files_of(staging) == SITE
    mark = read_manifest(staging)
    assert mark
    assert mark.files == {path: content_digest(data) for path, data in SITE.items()}
    for path in (staging, *staging.rglob("*")):
        assert mode_of(path) == (0o755 if path.is_dir() else 0o644), path
    assert not (staging / INCOMPLETE_MARKER).exists()


def test_only_what_changed_is_made_anew(staging: Path) -> None:
    made(staging, SITE)
    before = stamps(staging)
    made(staging, {**SITE, "index.html": b"2"})
    after = stamps(staging)
    assert [path for path in SITE if before[path] == after[path]] == [*SITE][1:]
    assert files_of(staging)["index.html"] == b"2"


def test_what_is_new_is_made_whatever_stays(staging: Path) -> None:
    made(staging, SITE)
    assert files_of(made(staging, {**SITE, "z/new": b"z"})) == {**SITE, "z/new": b"z"}


def test_what_is_no_longer_wanted_is_taken_out(staging: Path, tmp_path: Path) -> None:
    made(staging, {"a/b/c.html": b"c", "d": b"d", "e/f": b"f"})
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "thesis").write_bytes(b"years of work")
    (staging / "left" / "over").mkdir(parents=True)
    (staging / "away").symlink_to("../outside")
    (staging / "e" / "x").symlink_to("../../outside/thesis")
    os.mkfifo(staging / "pipe")
    (staging / "left").chmod(0o500)
    made(staging, {"a": b"a", "d/d": b"d", "e/f": b"f"})
    assert scan_tree(staging).keys() == {"a", "d", "d/d", "e", "e/f", MANIFEST_NAME}
    assert (tmp_path / "outside" / "thesis").read_bytes() == b"years of work"


@pytest.mark.parametrize("kind", ["link", "second name", "mode", "bytes", "folder", "pipe"])
def test_what_only_looks_like_a_file_of_ours_is_made_anew(
    staging: Path, tmp_path: Path, kind: str
) -> None:
    made(staging, SITE)
    file, other = staging / "index.html", tmp_path / "other"
    other.write_bytes(b"1")
    other.chmod(0o644)
    file.unlink()
    if kind == "link":
        file.symlink_to(other)
    elif kind == "second name":
        file.hardlink_to(other)
    elif kind == "folder":
        (file / "deep").mkdir(parents=True)
    elif kind == "pipe":
        os.mkfifo(file)
    else:
        file.write_bytes(b"1" if kind == "mode" else b"x")
        file.chmod(0o600 if kind == "mode" else 0o644)
    made(staging, SITE)
    assert files_of(staging) == SITE
    assert holds(file, content_digest(b"1"))
    assert other.read_bytes() == b"1"


def test_one_of_the_two_marks_is_there_at_each_moment(staging: Path) -> None:
    seen = []

    def look() -> None:
        seen.append(((staging / MANIFEST_NAME).exists(), (staging / INCOMPLETE_MARKER).is_file()))

    for data in (b"1", b"2"):
        sync_staging(staging, {"a": when_asked("a", data, look)}, staging, {})
        assert (staging / MANIFEST_NAME).exists()
    assert seen == [(False, True), (False, True)]


def test_a_half_made_site_is_made_whole(staging: Path) -> None:
    (staging / INCOMPLETE_MARKER).write_bytes(b"{}")
    (staging / "index.html").write_bytes(b"1")
    assert files_of(made(staging, SITE)) == SITE


def test_what_others_have_comes_along_as_it_is(staging: Path, tmp_path: Path) -> None:
    live = tmp_path / "live"
    (live / "a" / "empty").mkdir(parents=True)
    (live / "notes").mkdir()
    (live / "notes" / "secret").write_bytes(b"x")
    (live / "notes" / "secret").chmod(0o600)
    os.utime(live / "notes" / "secret", ns=(10**18, 10**18))
    (live / "away").symlink_to("../nowhere")
    (live / "notes").chmod(0o700)
    (live / "a" / "empty").chmod(0o770)
    (live / "a").chmod(0o700)
    made(staging, {"a/index.html": b"a"}, live)
    assert {**tree(live), ".": 0} == {
        name: row
        for name, row in {**tree(staging), ".": 0, "a": tree(live)["a"]}.items()
        if name not in {MANIFEST_NAME, "a/index.html"}
    }
    assert (staging / "notes" / "secret").stat().st_mtime_ns == 10**18
    assert mode_of(staging / "a") == 0o755, "a folder with a file of ours is for the host to read"


def test_what_became_a_link_meanwhile_is_not_followed(staging: Path, tmp_path: Path) -> None:
    live = tmp_path / "live"
    live.mkdir()
    (tmp_path / "secret").write_bytes(b"of somebody else")
    (live / "notes").write_bytes(b"x")
    before = scan_tree(live)
    (live / "notes").unlink()
    (live / "notes").symlink_to(tmp_path / "secret")
    with pytest.raises(OSError, match=os.strerror(errno.ELOOP)):
        sync_staging(staging, {}, live, before)
    assert not (staging / MANIFEST_NAME).exists()


def refused(staging: Path, *files: Output) -> OSError:
    """Why the staging folder was not finished; it has no mark then."""
    with pytest.raises(OSError) as why:  # noqa: PT011 - each caller looks at its words
        sync_staging(staging, {file.path: file for file in files}, staging, {})
    assert not (staging / MANIFEST_NAME).exists()
    assert (staging / INCOMPLETE_MARKER).exists()
    return why.value


def test_a_source_that_cannot_be_read_is_named(staging: Path, tmp_path: Path) -> None:
    why = refused(staging, Output("a.png", "", (tmp_path / "none").read_bytes))
    assert why.errno == errno.ENOENT
    assert why.strerror == f"its source cannot be read: {os.strerror(errno.ENOENT)}"
    assert why.filename == "a.png"


def test_a_source_that_changed_is_named(staging: Path) -> None:
    why = refused(staging, Output("a.png", content_digest(b"before"), lambda: b"after"))
    assert why.strerror == "its source changed during the build; build again"
    assert (why.errno, why.filename) == (0, "a.png")


def test_what_somebody_puts_into_the_staging_folder_is_named(staging: Path) -> None:
    why = refused(staging, when_asked("a", b"a", lambda: (staging / "alien").write_bytes(b"x")))
    assert why.strerror == "somebody else put it there just now; build again"
    assert (why.errno, why.filename) == (0, "alien")


@pytest.mark.parametrize("kept", ["", "b", "ab"])
def test_what_somebody_changes_in_the_staging_folder_is_named(staging: Path, kept: str) -> None:
    """Whether the file was made just now or before: `kept` are those of the last site."""
    made(staging, dict.fromkeys(kept, b"b"))
    first = outputs({"a": b"b", "b": b"b"})
    change = when_asked("c", b"c", lambda: (staging / "b").write_bytes(b"x"))
    why = refused(staging, *first, change)
    assert why.strerror == "it was changed while it was being published"
    assert (why.errno, why.filename) == (0, str(staging / "b"))


def test_what_somebody_takes_out_of_the_staging_folder_is_named(staging: Path) -> None:
    made(staging, {"a": b"a"})
    change = when_asked("c", b"c", (staging / "a").unlink)
    assert refused(staging, *outputs({"a": b"a"}), change).filename == str(staging / "a")


def test_what_somebody_puts_in_the_way_is_not_written_over_or_through(
    staging: Path, tmp_path: Path
) -> None:
    (tmp_path / "thesis").write_bytes(b"years of work")
    target = staging / "a"
    why = refused(staging, when_asked("a", b"a", lambda: target.symlink_to(tmp_path / "thesis")))
    assert why.errno == errno.EEXIST
    assert why.filename == str(target)
    assert (tmp_path / "thesis").read_bytes() == b"years of work"


# -- publishing -----------------------------------------------------------------------------------


def test_a_first_site_is_made_with_the_folders_above_it(root: Path) -> None:
    place = root / "build" / "deep" / "public"
    assert publish(outputs(SITE), place, root) == len(SITE)
    assert files_of(place) == SITE
    assert [path.name for path in place.parent.iterdir()] == ["public"]
    place.chmod(0o700)
    assert publish(outputs(SITE), place, root) == 0
    assert mode_of(place) == 0o755


def test_what_is_new_or_changed_is_counted(live: Path) -> None:
    assert publish(outputs(SITE), live, live.parent) == 0
    assert publish(outputs({**SITE, "index.html": b"2"}), live, live.parent) == 1
    assert publish(outputs({**SITE, "d": b"d", "e": b"e"}), live, live.parent) == 3
    assert publish(outputs({"d": b"d"}), live, live.parent) == 0
    assert files_of(live) == {"d": b"d"}


def test_one_file_that_is_new_takes_the_place_of_the_old_one(live: Path) -> None:
    publish(outputs({**SITE, "a/c/index.html": b"x"}), live, live.parent)
    for text in (b"2", b"3"):
        before = stamps(live)
        staging_path(live).mkdir(exist_ok=True)
        staging_path(live).chmod(0o500)
        assert publish(outputs({**SITE, "a/c/index.html": text}), live, live.parent) == 1
        assert files_of(live) == {**SITE, "a/c/index.html": text}
        mark = read_manifest(live)
        assert mark
        assert mark.files["a/c/index.html"] == content_digest(text)
        after = stamps(live)
        changed = {path for path in before if before[path] != after[path]}
        assert changed == {"a/c/index.html", "a/c", MANIFEST_NAME}, "all else was touched"
    assert publish(outputs({**SITE, "d": b"d"}), live, live.parent) == 2
    assert files_of(live) == {**SITE, "d": b"d"}


def test_one_file_that_cannot_be_made_leaves_all_as_it_was(live: Path) -> None:
    before = tree(live)
    one = Output("index.html", content_digest(b"2"), lambda: b"no")
    with pytest.raises(OSError, match="its source changed during the build"):
        publish([*outputs(SITE)[1:], one], live, live.parent)
    assert tree(live) == before
    assert publish(outputs({**SITE, "index.html": b"3"}), live, live.parent) == 1
    assert files_of(live) == {**SITE, "index.html": b"3"}


def test_one_file_that_cannot_take_its_place_is_tried_again(live: Path) -> None:
    def block() -> None:
        (live / "index.html").unlink()
        (live / "index.html" / "x").mkdir(parents=True)

    for _ in range(2):
        with pytest.raises(IsADirectoryError):
            publish([*outputs(SITE)[1:], when_asked("index.html", b"2", block)], live, live.parent)
        (live / "index.html" / "x").rmdir()
        (live / "index.html").rmdir()
        (live / "index.html").write_bytes(b"1")
    assert publish(outputs({**SITE, "index.html": b"2"}), live, live.parent) == 1
    assert files_of(live) == {**SITE, "index.html": b"2"}


def test_one_file_is_live_even_if_the_mark_cannot_follow(live: Path) -> None:
    def block() -> None:
        (live / MANIFEST_NAME).unlink()
        (live / MANIFEST_NAME / "x").mkdir(parents=True)

    one = when_asked("index.html", b"2", block)
    assert publish([*outputs(SITE)[1:], one], live, live.parent) == 1
    assert (live / "index.html").read_bytes() == b"2"


@pytest.mark.parametrize("kind", ["none", "link", "folder"])
def test_one_file_that_is_no_file_any_more_is_made_anew(live: Path, kind: str) -> None:
    (live / "index.html").unlink()
    if kind == "link":
        (live / "index.html").symlink_to("a")
        publish(outputs(SITE), live, live.parent)
    elif kind == "folder":
        (live / "index.html").mkdir()
        with pytest.raises(
            OutputRefusedError, match=r"index\.html in the output folder is not ours"
        ):
            publish(outputs(SITE), live, live.parent)
        (live / "index.html").rmdir()
    assert publish(outputs(SITE), live, live.parent) == (0 if kind == "link" else 1)
    assert files_of(live) == SITE
    assert not (live / "index.html").is_symlink()


def test_one_file_alone_mends_no_folder(live: Path) -> None:
    (live / "a").chmod(0o700)
    assert publish(outputs({**SITE, "index.html": b"2"}), live, live.parent) == 1
    assert mode_of(live / "a") == 0o755
    assert files_of(live) == {**SITE, "index.html": b"2"}


def test_a_file_less_is_a_change(live: Path) -> None:
    publish(outputs({"index.html": b"1"}), live, live.parent)
    assert files_of(live) == {"index.html": b"1"}
    assert not (live / "a").exists()


def test_an_empty_folder_becomes_the_site(root: Path) -> None:
    (root / "public").mkdir()
    assert publish(outputs(SITE), root / "public", root) == len(SITE)
    assert files_of(root / "public") == SITE


def test_the_same_site_again_touches_nothing(live: Path) -> None:
    publish(outputs({**SITE, "index.html": b"2"}), live, live.parent)
    before = stamps(live.parent)
    publish(outputs({**SITE, "index.html": b"2"}), live, live.parent)
    assert stamps(live.parent) == before


def test_what_is_as_it_was_keeps_its_time(live: Path) -> None:
    for name in SITE:
        os.utime(live / name, ns=(10**18, 10**18))
    two = {**SITE, "index.html": b"2", "a/b/index.html": b"2"}
    for _ in range(2):
        publish(outputs(two), live, live.parent)
        assert (live / "a/c/index.html").stat().st_mtime_ns == 10**18
        (live / "index.html").write_bytes(b"x")
        (live / "a/b/index.html").write_bytes(b"x")
    times = {name: (live / name).stat().st_mtime_ns == 10**18 for name in SITE}
    assert times == {"index.html": False, "a/b/index.html": False, "a/c/index.html": True}


def test_a_folder_of_ours_that_somebody_closed_is_opened_again(live: Path) -> None:
    for folder in ("a", "a/b"):
        (live / folder).chmod(0o700)
        publish(outputs(SITE), live, live.parent)
        assert mode_of(live / folder) == 0o755


def test_folders_of_ours_go_with_their_files_and_those_of_others_stay(live: Path) -> None:
    (live / "theirs").mkdir()
    (live / "a" / "b" / "mine").write_bytes(b"mine")
    publish(outputs({"index.html": b"1"}), live, live.parent)
    assert scan_tree(live).keys() == {
        *("index.html", MANIFEST_NAME, "theirs", "a", "a/b", "a/b/mine"),
    }


def test_a_half_mark_in_the_live_folder_is_not_taken_for_a_file_of_others(live: Path) -> None:
    (live / INCOMPLETE_MARKER).write_bytes(b"{}")
    publish(outputs({"index.html": b"2"}), live, live.parent)
    assert files_of(live) == {"index.html": b"2"}


# -- one at a time --------------------------------------------------------------------------------


@pytest.fixture
def locked() -> Iterator[Callable[[Path], None]]:
    """Holds folders as another build would."""
    handles = []

    def lock(place: Path) -> None:
        handles.append(os.open(place, os.O_RDONLY))
        fcntl.flock(handles[-1], fcntl.LOCK_EX | fcntl.LOCK_NB)

    yield lock
    for handle in handles:
        os.close(handle)


@pytest.mark.parametrize("place_of", [Path, staging_path, backup_path])
def test_a_folder_that_another_build_holds_is_left_alone_and_its_number_told(
    live: Path, locked: Callable[[Path], None], place_of: Callable[[Path], Path]
) -> None:
    held = place_of(live)
    held.mkdir(exist_ok=True)
    locked(held)
    before = tree(live.parent)
    with pytest.raises(PublishLockedError) as why:
        publish(outputs({"index.html": b"2"}), live, live.parent)
    assert why.value.pid == (os.getpid() if sys.platform == "linux" else 0)
    assert tree(live.parent) == before


def test_without_a_number_it_is_none(tmp_path: Path) -> None:
    assert PublishLockedError().pid == 0
    assert PublishLockedError(7).pid == 7
    handle = os.open(tmp_path, os.O_RDONLY)
    assert _lock_holder_pid(handle) == 0, "nobody holds it"
    os.close(handle)


@pytest.mark.process
@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not say who it is")
def test_the_number_is_of_who_holds_this_folder(live: Path, locked: Callable[[Path], None]) -> None:
    """Others hold other files: one was first, one comes later."""
    (live.parent / "first").touch()
    (live.parent / "later").touch()
    children = [child_that_holds(live.parent / "first")]
    locked(live)
    children.append(child_that_holds(live.parent / "later"))
    try:
        with pytest.raises(PublishLockedError) as why:
            publish(outputs(SITE), live, live.parent)
    finally:
        for child in children:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
    assert why.value.pid == os.getpid()


def child_that_holds(file: Path) -> int:
    """A process that has locked a file, and waits."""
    told, tell = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])  # whose locks are listed first
            fcntl.flock(os.open(file, os.O_RDONLY), fcntl.LOCK_EX)
            os.write(tell, b"!")
            signal.pause()
        finally:
            os._exit(1)  # nothing of the tests may go on in it
    os.read(told, 1)
    os.close(told)
    os.close(tell)
    return child


Act = tuple[str, Path, Callable[[], object]]
WAITING: list[Act] = []
"""What happens just before a call of the system for a folder, once."""


def _happen(event: str, words: tuple[object, ...]) -> None:
    if not WAITING or event != WAITING[0][0]:
        return
    _, place, act = WAITING[0]
    if str(words[0]) == str(place) or (
        isinstance(words[0], int) and os.path.samestat(os.fstat(words[0]), place.lstat())
    ):
        WAITING.clear()
        act()


@pytest.fixture(scope="module")
def before_a_call() -> list[Act]:
    sys.addaudithook(_happen)  # it stays for good, and does nothing while nothing waits
    return WAITING


@pytest.mark.parametrize("place_of", [Path, staging_path, backup_path])
def test_a_folder_that_another_build_took_away_just_now_is_its_own(
    live: Path, place_of: Callable[[Path], Path], before_a_call: list[Act]
) -> None:
    """Before it is opened, and between opening and locking it."""
    place, taken = place_of(live), live.parent / "taken"

    def replaced() -> None:
        place.rename(taken)
        place.mkdir()

    calls: dict[str, Callable[[], object]] = {
        "open": lambda: place.rename(taken),
        "fcntl.flock": replaced,
    }
    for call, act in calls.items():
        place.mkdir(exist_ok=True)
        open_now = len(list(Path("/dev/fd").iterdir()))
        before_a_call.append((call, place, act))
        with pytest.raises(PublishLockedError) as why:
            publish(outputs({"x": b"x", "y": b"y"}), live, live.parent)
        assert why.value.pid == 0
        assert len(list(Path("/dev/fd").iterdir())) == open_now
        if call == "fcntl.flock":
            place.rmdir()  # that of the other build: it has to be there still
        taken.rename(place)
    publish(outputs({"x": b"x", "y": b"y"}), live, live.parent)
    assert files_of(live) == {"x": b"x", "y": b"y"}


def test_a_build_that_ended_holds_nothing_any_more(live: Path) -> None:
    for text in (b"2", b"3"):
        assert publish(outputs({"index.html": text}), live, live.parent) == 1
    open_now = len(list(Path("/dev/fd").iterdir()))
    for text in (b"4", b"4", b"5"):
        publish(outputs({"index.html": text}), live, live.parent)
        with pytest.raises(OSError, match="changed during the build"):
            publish([Output("x", "no", lambda: b"x")], live, live.parent)
        with pytest.raises(OutputRefusedError):
            publish(outputs({"..": b"x"}), live, live.parent)
    assert len(list(Path("/dev/fd").iterdir())) == open_now


@pytest.mark.parametrize("files", [{"index.html": b"2"}, {"index.html": b"2", "x": b"x"}])
def test_one_that_was_moved_meanwhile_is_not_written_to(live: Path, files: Site) -> None:
    """Neither as a whole, nor for one file alone."""

    def change() -> None:
        live.rename(live.parent / "moved")
        shutil.copytree(live.parent / "moved", live)
        (live / MANIFEST_NAME).unlink()

    rest = outputs({**SITE, **files})
    with pytest.raises(OSError, match="somebody moved it while it was being published"):
        publish([when_asked("index.html", b"2", change), *rest[1:]], live, live.parent)
    assert files_of(live) == SITE


@pytest.mark.parametrize("place_of", [Path, staging_path])
def test_a_folder_that_was_changed_for_another_meanwhile_stops_the_publish(
    live: Path, place_of: Callable[[Path], Path]
) -> None:
    place, moved = place_of(live), live.parent / "moved"

    def change() -> None:
        place.rename(moved)
        shutil.copytree(moved, place)

    with pytest.raises(OSError, match="somebody moved it while it was being published") as why:
        publish([when_asked("x", b"x", change)], live, live.parent)
    assert why.value.errno == errno.ESTALE
    assert why.value.filename == str(place)
    assert files_of(live) == SITE


def test_a_folder_that_is_gone_meanwhile_stops_the_publish(live: Path) -> None:
    act = when_asked("x", b"x", lambda: live.rename(live.parent / "moved"))
    with pytest.raises(OSError, match="somebody moved it"):
        publish([act], live, live.parent)
    assert files_of(live.parent / "moved") == SITE
    assert not live.exists()


def test_a_file_of_others_that_comes_meanwhile_stops_the_publish(live: Path) -> None:
    act = when_asked("x", b"x", lambda: (live / "mine").write_bytes(b"mine"))
    with pytest.raises(OSError, match="somebody else changed files in it just now"):
        publish([act], live, live.parent)
    assert files_of(live) == {**SITE, "mine": b"mine"}
    publish(outputs({"x": b"x"}), live, live.parent)
    assert files_of(live) == {"x": b"x", "mine": b"mine"}


@pytest.mark.parametrize("place_of", [Path, staging_path, backup_path])
def test_a_file_where_a_folder_of_ours_would_be_is_refused(
    root: Path, place_of: Callable[[Path], Path]
) -> None:
    at = place_of(root / "public")
    at.write_bytes(b"mine")
    with pytest.raises(OutputRefusedError, match=re.escape(f"{at} is a file")):
        publish(outputs(SITE), root / "public", root)
    assert at.read_bytes() == b"mine"
    at.unlink()
    at.symlink_to("content")
    with pytest.raises(OutputRefusedError, match="is a link"):
        publish(outputs(SITE), root / "public", root)
    assert at.is_symlink()


def test_half_a_site_waits_for_the_next_build(root: Path) -> None:
    with pytest.raises(OSError, match="changed during the build"):
        publish([Output("x", "no", lambda: b"x")], root / "public", root)
    assert staging_path(root / "public").exists()
    publish(outputs(SITE), root / "public", root)
    assert files_of(root / "public") == SITE
    assert not staging_path(root / "public").exists()


def test_a_site_that_a_crash_left_aside_is_put_back_first(live: Path) -> None:
    live.rename(backup_path(live))
    assert publish(outputs(SITE), live, live.parent) == 0
    assert files_of(live) == SITE
    assert not backup_path(live).exists()


def test_builds_that_start_together_never_mix(root: Path) -> None:
    """Each is done or says that another is running; what is there is the site of one of them."""
    said: list[object] = []

    def one(number: int) -> None:
        files = dict.fromkeys(("a", "b/c", "d/e/f"), b"%d" % number)
        try:
            said.append(publish(outputs(files), root / "public", root))
        except PublishLockedError as busy:
            said.append(busy)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(said) == 8
    assert len(set(files_of(root / "public").values())) == 1
