"""The public folder is the old site or the new one, and what is not ours stays."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import accidents
import pytest
from accidents import outputs
from conftest import PROJECT, MakeSite, build, run_cli, tree_of
from hypothesis import given
from hypothesis import strategies as st
from modes import SOAK

from sitebuilder.core.digest import content_digest
from sitebuilder.core.model import Output
from sitebuilder.output import swap
from sitebuilder.output.manifest import MANIFEST_NAME
from sitebuilder.output.path_guards import OutputRefusedError
from sitebuilder.output.publish import PublishLockedError, publish, staging_path

ONE = {"content/index.md": "---\ntitle: One\n---\n", "content/a.md": "---\ntitle: A\n---\n"}
TWO = {"content/index.md": "---\ntitle: Two\n---\n", "content/b.md": "---\ntitle: B\n---\n"}


def files_of(folder: Path) -> dict[str, bytes]:
    return {path: data for path, (data, _) in tree_of(folder).items() if (folder / path).is_file()}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "root" / "content").mkdir(parents=True)
    return tmp_path / "root" / "public"


def test_what_is_wanted_is_there_and_nothing_else_of_ours(place: Path) -> None:
    publish(outputs({"index.html": b"1", "a/index.html": b"a"}), place, place.parent)
    publish(outputs({"index.html": b"2", "b/index.html": b"b"}), place, place.parent)
    files = files_of(place)
    assert files.pop(MANIFEST_NAME)
    assert files == {"index.html": b"2", "b/index.html": b"b"}
    assert not (place / "a").exists()


def test_second_publish_writes_nothing_and_moves_nothing(place: Path) -> None:
    wanted = outputs({"index.html": b"1", "a/index.html": b"a"})
    assert publish(wanted, place, place.parent) == 2
    before = {p: (p.stat().st_ino, p.stat().st_mtime_ns) for p in [place, *place.rglob("*")]}
    assert publish(wanted, place, place.parent) == 0
    after = {p: (p.stat().st_ino, p.stat().st_mtime_ns) for p in [place, *place.rglob("*")]}
    assert before == after


def test_a_file_keeps_the_time_at_which_its_bytes_were_first_published(place: Path) -> None:
    publish(outputs({"same.html": b"s", "other.html": b"1"}), place, place.parent)
    os.utime(place / "same.html", ns=(10**18, 10**18))
    for text in (b"2", b"3", b"1"):
        assert publish(outputs({"same.html": b"s", "other.html": text}), place, place.parent) == 1
        assert (place / "same.html").stat().st_mtime_ns == 10**18


def test_a_published_file_that_somebody_changed_is_mended(place: Path) -> None:
    wanted = outputs({"index.html": b"right"})
    publish(wanted, place, place.parent)
    (place / "index.html").write_bytes(b"wrong")
    assert publish(wanted, place, place.parent) == 1
    assert (place / "index.html").read_bytes() == b"right"


def test_files_of_others_are_carried_along(place: Path) -> None:
    publish(outputs({"index.html": b"1"}), place, place.parent)
    (place / "CNAME").write_text("clinic.org")
    (place / "notes" / "deep").mkdir(parents=True)
    (place / "notes" / "deep" / "x").write_bytes(b"x")
    (place / "link").symlink_to("notes")
    for text in (b"2", b"3", b"4"):
        publish(outputs({"index.html": text}), place, place.parent)
        assert (place / "CNAME").read_text() == "clinic.org"
        assert (place / "notes" / "deep" / "x").read_bytes() == b"x"
        assert (place / "link").is_symlink()
    (place / "CNAME").unlink()
    publish(outputs({"index.html": b"5"}), place, place.parent)
    publish(outputs({"index.html": b"6"}), place, place.parent)
    assert not (place / "CNAME").exists(), "what its owner deleted came back"


def test_a_file_of_others_is_never_overwritten(place: Path) -> None:
    publish(outputs({"index.html": b"1"}), place, place.parent)
    (place / "a.html").write_bytes(b"mine")
    with pytest.raises(OutputRefusedError, match=r"a\.html"):
        publish(outputs({"index.html": b"1", "a.html": b"ours"}), place, place.parent)
    assert (place / "a.html").read_bytes() == b"mine"


@pytest.mark.parametrize("where", [".", "..", "content", "content/x", "templates", "../root"])
def test_folders_that_hold_or_are_sources_are_refused(place: Path, where: str) -> None:
    before = tree_of(place.parent)
    with pytest.raises(OutputRefusedError):
        publish(outputs({"index.html": b"1"}), place.parent / where, place.parent)
    assert tree_of(place.parent) == before


def test_a_folder_that_is_not_ours_is_refused(place: Path) -> None:
    place.mkdir()
    (place / "thesis.txt").write_text("years of work")
    with pytest.raises(OutputRefusedError, match="not made by this program"):
        publish(outputs({"index.html": b"1"}), place, place.parent)
    assert files_of(place) == {"thesis.txt": b"years of work"}


def test_a_half_written_marker_makes_no_folder_ours(place: Path) -> None:
    place.mkdir()
    (place / "thesis.txt").write_text("years of work")
    (place / f"{MANIFEST_NAME}.new").write_text("{}")
    with pytest.raises(OutputRefusedError):
        publish(outputs({"index.html": b"1"}), place, place.parent)
    assert (place / "thesis.txt").read_text() == "years of work"


def test_a_staging_folder_that_is_not_ours_is_refused(place: Path) -> None:
    staging_path(place).mkdir()
    (staging_path(place) / "thesis.txt").write_text("years of work")
    with pytest.raises(OutputRefusedError):
        publish(outputs({"index.html": b"1"}), place, place.parent)
    assert files_of(staging_path(place)) == {"thesis.txt": b"years of work"}


def test_a_link_and_a_file_are_refused(place: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    place.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OutputRefusedError, match="link"):
        publish(outputs({"index.html": b"1"}), place, place.parent)
    place.unlink()
    place.write_text("a file")
    with pytest.raises(OutputRefusedError, match="file"):
        publish(outputs({"index.html": b"1"}), place, place.parent)


def test_an_empty_folder_may_be_used(place: Path) -> None:
    place.mkdir()
    assert publish(outputs({"index.html": b"1"}), place, place.parent) == 1


@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_modes_do_not_depend_on_the_umask(place: Path, umask: int) -> None:
    old = os.umask(umask)
    try:
        publish(outputs({"index.html": b"1", "a/b/c.html": b"c"}), place, place.parent)
        publish(outputs({"index.html": b"2", "a/b/d.html": b"c"}), place, place.parent)
    finally:
        os.umask(old)
    for path in [place, *place.rglob("*")]:
        assert path.stat().st_mode & 0o777 == (0o755 if path.is_dir() else 0o644), path


def test_while_one_build_writes_another_says_busy(place: Path) -> None:
    inside, go_on = threading.Event(), threading.Event()

    def slow() -> bytes:
        inside.set()
        assert go_on.wait(10)
        return b"slow"

    first = [Output("index.html", content_digest(b"slow"), slow)]
    thread = threading.Thread(target=publish, args=(first, place, place.parent))
    thread.start()
    assert inside.wait(10)
    with pytest.raises(PublishLockedError):
        publish(outputs({"index.html": b"fast"}), place, place.parent)
    go_on.set()
    thread.join()
    assert (place / "index.html").read_bytes() == b"slow"


def test_where_folders_cannot_be_exchanged_renames_do_and_a_crash_is_mended(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(swap, "exchange_dirs", lambda *_: False)
    publish(outputs({"index.html": b"1"}), place, place.parent)
    publish(outputs({"index.html": b"2"}), place, place.parent)
    assert (place / "index.html").read_bytes() == b"2"
    place.rename(swap.backup_path(place))  # as if killed between the renames
    publish(outputs({"index.html": b"3"}), place, place.parent)
    assert (place / "index.html").read_bytes() == b"3"
    assert not swap.backup_path(place).exists()


FEW = [  # in every run of the tests; all others in the long one
    ("foreign", "kill", 1),
    ("renames", "ENOSPC", 3),
    ("files-and-folders", "ctrl-c", 3),
    ("first", "EIO", 4),
    ("one-half", "kill", 1),
    ("one-alone", "ENOSPC", 1),
]
ALL = [(scene, accident, 1) for scene in accidents.SCENES for accident in accidents.ACCIDENTS]


@pytest.mark.process
@pytest.mark.parametrize(("scene", "accident", "every"), ALL if SOAK else FEW)
def test_whatever_happens_before_a_change_the_site_is_the_old_or_the_new(
    tmp_path: Path, scene: str, accident: str, every: int
) -> None:
    """One real accident before each call that changes something on disk."""
    script = [sys.executable, str(PROJECT / "tests" / "accidents.py")]
    words = [*script, scene, accident, str(tmp_path / "place"), str(every)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 5, "no accident happened"


@pytest.mark.process
@pytest.mark.parametrize("accident", accidents.ACCIDENTS if SOAK else ["kill"])
def test_whatever_happens_to_the_record_the_site_is_the_new_one(
    tmp_path: Path, accident: str
) -> None:
    """A record that is half kept, or not, is no reason for a wrong page in the builds to come."""
    script = [sys.executable, str(PROJECT / "tests" / "accidents.py")]
    every = "1" if SOAK else "3"
    words = [*script, "record", accident, str(tmp_path / "place"), every]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 3, "no accident happened"


@given(st.lists(st.dictionaries(st.sampled_from("abcdef"), st.binary(max_size=3)), max_size=5))
def test_any_sequence_of_publishes_ends_like_one(
    tmp_path_factory: pytest.TempPathFactory, sequence: list[dict[str, bytes]]
) -> None:
    root = tmp_path_factory.mktemp("root")
    for files in sequence:
        wanted = {f"{name}/index.html": data for name, data in files.items()}
        publish(outputs(wanted), root / "public", root)
        found = files_of(root / "public")
        found.pop(MANIFEST_NAME)
        assert found == wanted


def test_a_build_with_an_error_leaves_the_last_good_site(make_site: MakeSite) -> None:
    root = make_site(ONE)
    assert run_cli("--root", str(root)).returncode == 0
    before = tree_of(root / "public")
    make_site({**TWO, "content/index.md": "---\ntitel: Two\n---\n"})
    assert run_cli("--root", str(root)).returncode == 1
    assert tree_of(root / "public") == before
    assert not staging_path(root / "public").exists()
    assert build(root).problems
