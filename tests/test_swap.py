"""Two folders change places, or nothing happens; and the mark that makes a folder known as ours."""

from __future__ import annotations

import ctypes
import errno
import os
import socket
import sys
from pathlib import Path

import pytest
from accidents import Tree, tree

from sitebuilder.output import swap
from sitebuilder.output.manifest import (
    INCOMPLETE_MARKER,
    MANIFEST_NAME,
    Manifest,
    dump_manifest,
    is_incomplete,
    read_manifest,
)

MARK = b'{"sitebuilder":1,"files":{"a":"b"}}'


@pytest.fixture
def new_and_live(tmp_path: Path) -> tuple[Path, Path]:
    """Two folders, each with a file that tells which it is."""
    for name in ("new", "live"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "index.html").write_text(name)
    return tmp_path / "new", tmp_path / "live"


def said(folder: Path) -> str:
    return (folder / "index.html").read_text()


# -- in one step ----------------------------------------------------------------------------------

needs_exchange = pytest.mark.skipif(
    sys.platform not in {"linux", "darwin"}, reason="this system does not know the exchange"
)


@needs_exchange
def test_two_folders_change_places_in_one_step(new_and_live: tuple[Path, Path]) -> None:
    new, live = new_and_live
    assert swap.exchange_dirs(new, live) is True
    assert (said(new), said(live)) == ("live", "new")


@needs_exchange
def test_names_are_seen_from_the_folder_that_one_is_in(
    new_and_live: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    new, live = new_and_live
    monkeypatch.chdir(new.parent)
    assert swap.exchange_dirs(Path("new"), Path("live")) is True
    assert (said(new), said(live)) == ("live", "new")


@needs_exchange
def test_what_stops_the_exchange_is_told_and_changes_nothing(
    new_and_live: tuple[Path, Path],
) -> None:
    new, live = new_and_live
    with pytest.raises(FileNotFoundError) as why:
        swap.exchange_dirs(new.with_name("none"), live)
    assert why.value.errno == errno.ENOENT
    assert why.value.strerror == os.strerror(errno.ENOENT)
    assert why.value.filename == str(live)
    assert said(live) == "live"


class System:
    """The C library of a system that we do not have here, and what it answers."""

    def __init__(self, function: str, error: int) -> None:
        self.error = error
        self.asked: tuple[object, ...] = ()
        if function:
            setattr(self, function, self.answer)

    def answer(self, *words: object) -> int:
        self.asked = words
        ctypes.set_errno(self.error)
        return -1 if self.error else 0


CALLS = {
    ("linux", "renameat2"): (-100, b"/new", -100, b"/live", 2),
    ("darwin", "renamex_np"): (b"/new", b"/live", 2),
}


def asked(
    monkeypatch: pytest.MonkeyPatch, platform: str, function: str, error: int = 0
) -> tuple[bool, System]:
    system = System(function, error)
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(ctypes, "CDLL", lambda *_, **__: system)
    ctypes.set_errno(0)
    return swap.exchange_dirs(Path("/new"), Path("/live")), system


@pytest.mark.parametrize(("call", "words"), CALLS.items())
def test_each_system_is_asked_in_its_own_words(
    monkeypatch: pytest.MonkeyPatch, call: tuple[str, str], words: tuple[object, ...]
) -> None:
    done, system = asked(monkeypatch, *call)
    assert done is True
    assert system.asked == words


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("error", ["EINVAL", "ENOSYS", "ENOTSUP"])
def test_a_file_system_that_cannot_is_no_error(
    monkeypatch: pytest.MonkeyPatch, call: tuple[str, str], error: str
) -> None:
    assert asked(monkeypatch, *call, error=getattr(errno, error))[0] is False


@pytest.mark.parametrize("call", CALLS)
def test_any_other_answer_is_one(monkeypatch: pytest.MonkeyPatch, call: tuple[str, str]) -> None:
    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        asked(monkeypatch, *call, error=errno.EIO)


@pytest.mark.parametrize(
    ("platform", "function"),
    [
        *(("linux", ""), ("linux", "renamex_np"), ("darwin", ""), ("darwin", "renameat2")),
        *(("freebsd14", ""), ("freebsd14", "renameat2"), ("sunos5", "renamex_np")),
    ],
)
def test_a_system_that_does_not_know_it_is_not_asked(
    monkeypatch: pytest.MonkeyPatch, platform: str, function: str
) -> None:
    done, system = asked(monkeypatch, platform, function)
    assert done is False
    assert system.asked == ()


# -- by renames -----------------------------------------------------------------------------------


@pytest.fixture
def one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a file system that cannot do it in one step."""
    monkeypatch.setattr(swap, "exchange_dirs", lambda *_: False)


def beside(live: Path) -> Tree:
    return tree(live.parent)


@pytest.mark.usefixtures("one_by_one")
def test_renames_do_the_same(new_and_live: tuple[Path, Path]) -> None:
    new, live = new_and_live
    swap.swap_dirs(new, live)
    assert (said(new), said(live)) == ("live", "new")
    assert not swap.backup_path(live).exists()


@pytest.mark.usefixtures("one_by_one")
def test_when_the_second_rename_fails_the_first_is_taken_back(
    new_and_live: tuple[Path, Path],
) -> None:
    _, live = new_and_live
    before = beside(live)
    with pytest.raises(FileNotFoundError):
        swap.swap_dirs(live.with_name("none"), live)
    assert beside(live) == before


@pytest.mark.usefixtures("one_by_one")
def test_when_the_first_rename_fails_nothing_has_moved(new_and_live: tuple[Path, Path]) -> None:
    new, live = new_and_live
    swap.backup_path(live).mkdir()
    (swap.backup_path(live) / "thesis").write_bytes(b"years of work")
    before = beside(live)
    with pytest.raises(OSError, match=os.strerror(errno.ENOTEMPTY)):
        swap.swap_dirs(new, live)
    assert beside(live) == before


@pytest.mark.parametrize("killed_before", ["second", "third"])
def test_what_a_crash_cut_short_is_finished_or_undone(
    new_and_live: tuple[Path, Path], killed_before: str
) -> None:
    new, live = new_and_live
    live.rename(swap.backup_path(live))
    if killed_before == "third":
        new.rename(live)
    swap.recover(live, new)
    assert said(live) == ("new" if killed_before == "third" else "live")
    assert said(new) == ("live" if killed_before == "third" else "new")
    assert not swap.backup_path(live).exists()


def test_where_nothing_was_cut_short_nothing_is_done(new_and_live: tuple[Path, Path]) -> None:
    new, live = new_and_live
    before = beside(live)
    swap.recover(live, new)
    assert beside(live) == before


# -- the mark -------------------------------------------------------------------------------------


def test_a_mark_says_what_was_written(tmp_path: Path) -> None:
    (tmp_path / MANIFEST_NAME).write_bytes(MARK)
    found = read_manifest(tmp_path)
    assert found == Manifest(1, {"a": "b"})
    with pytest.raises(AttributeError):
        found.sitebuilder = 2  # type: ignore[misc]  # frozen


def test_a_mark_is_the_same_for_the_same_files(tmp_path: Path) -> None:
    assert dump_manifest({"a": "1", "b": "2"}) == dump_manifest({"b": "2", "a": "1"})
    (tmp_path / MANIFEST_NAME).write_bytes(dump_manifest({"b": "2", "a": "1"}))
    assert read_manifest(tmp_path) == Manifest(1, {"a": "1", "b": "2"})


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"{}", MARK[:-1], MARK.replace(b"1", b"2"), b"\xff"),
        MARK[:-1] + b',"x":' + b"[" * 100_000,
    ],
)
def test_what_is_not_in_the_form_of_a_mark_is_none(tmp_path: Path, data: bytes) -> None:
    (tmp_path / MANIFEST_NAME).write_bytes(data)
    assert read_manifest(tmp_path) is None


def test_a_mark_of_64_mebibytes_is_the_largest(tmp_path: Path) -> None:
    with (tmp_path / MANIFEST_NAME).open("wb") as stream:
        stream.write(MARK + b" " * (64 * 2**20 - len(MARK)))
        stream.flush()
        assert read_manifest(tmp_path)
        stream.write(b" ")
        stream.flush()
        assert read_manifest(tmp_path) is None


def test_what_stands_where_the_mark_would_is_not_followed_or_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # the names of sockets must be short
    mark = Path(MANIFEST_NAME)
    assert read_manifest(tmp_path) is None
    Path("real").write_bytes(MARK)
    mark.symlink_to("real")
    assert read_manifest(tmp_path) is None
    mark.unlink()
    mark.mkdir()
    assert read_manifest(tmp_path) is None
    mark.rmdir()
    os.mkfifo(mark)
    assert read_manifest(tmp_path) is None
    pipe = os.open(mark, os.O_RDWR)
    os.write(pipe, MARK)
    assert read_manifest(tmp_path) is None, "another program said so"
    os.close(pipe)
    assert read_manifest(tmp_path / "real") is None, "a file has no mark in it"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems answer in other words")
def test_a_door_to_another_program_is_no_mark(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(MANIFEST_NAME)
        assert read_manifest(tmp_path) is None


def test_a_folder_that_cannot_be_looked_into_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=os.strerror(errno.ENAMETOOLONG)):
        read_manifest(tmp_path / ("x" * 300))


def test_half_a_site_is_known_by_a_plain_file(tmp_path: Path) -> None:
    half = tmp_path / INCOMPLETE_MARKER
    (tmp_path / MANIFEST_NAME).write_bytes(MARK)
    assert not is_incomplete(tmp_path)
    half.symlink_to("nowhere")
    assert not is_incomplete(tmp_path)
    half.unlink()
    half.mkdir()
    assert not is_incomplete(tmp_path)
    half.rmdir()
    half.write_bytes(b"{}")
    assert is_incomplete(tmp_path)
