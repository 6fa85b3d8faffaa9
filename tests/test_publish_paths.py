"""Where a site may be written, and that nothing outside is, whatever stands in the way."""

from __future__ import annotations

import json
import os
import resource
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from accidents import outputs, tree
from conftest import PROJECT, MakeSite, run_cli
from hypothesis import given
from hypothesis import strategies as st
from modes import SOAK

from sitebuilder.core.digest import content_digest
from sitebuilder.output.manifest import INCOMPLETE_MARKER, MANIFEST_NAME
from sitebuilder.output.path_guards import OutputRefusedError, safe_join
from sitebuilder.output.publish import publish, staging_path
from sitebuilder.output.swap import backup_path

SITE = outputs({"index.html": b"1", "a/index.html": b"a"})
NEXT = outputs({"index.html": b"2", "b/index.html": b"b"})
MARK = b'{"sitebuilder":1,"files":{}}'


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Where the site goes; `outside` beside it holds what must not be touched."""
    (tmp_path / "root" / "content").mkdir(parents=True)
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "thesis").write_bytes(b"years of work")
    return tmp_path / "root" / "public"


def outside_of(place: Path) -> Path:
    return place.parent.parent / "outside"


# -- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "where",
    [
        *("/", "~", "~/..", ".", "..", "content", "content/x", "Content", "templates", "static"),
        *("reviews", "reviews/x", "tests", "tests/x", "sitebuilder", ".git", ".git/x", "a/.git/x"),
        *(
            "link/x",
            "up/root",
            "up/root/./content/x",
            "ring/x",
            str(PROJECT),
            f"{PROJECT}/templates",
        ),
        *(f"{PROJECT}/static/x", f"{PROJECT}/sitebuilder"),
    ],
)
def test_no_site_is_written_over_anything_of_worth(place: Path, where: str) -> None:
    root = place.parent
    (root / "link").symlink_to("content")
    (root / "up").symlink_to("..")
    (root / "ring").symlink_to("ring")
    before = tree(root.parent)
    with pytest.raises((OutputRefusedError, OSError)) as why:
        publish(SITE, root / Path(where).expanduser(), root)
    assert (
        isinstance(why.value, OutputRefusedError) or "ring" in where
    )  # Python 3.13: the system says it
    assert tree(root.parent) == before


def test_an_empty_home_is_refused_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    with pytest.raises(OutputRefusedError, match="all that you have"):
        publish(SITE, tmp_path / "home", tmp_path / "root")
    assert list((tmp_path / "home").iterdir()) == []


def make_git_root(at: Path) -> None:
    subprocess.run(["git", "init", "-q", str(at)], check=True)


def make_marker(data: bytes) -> Callable[[Path], None]:
    def make(at: Path) -> None:
        (at / "thesis").write_bytes(b"years of work")
        (at / MANIFEST_NAME).write_bytes(data)

    return make


def make_link(at: Path) -> None:
    at.rmdir()
    at.symlink_to("../outside")


def make_marker_link(at: Path) -> None:
    other = at.parent.parent / "outside" / MANIFEST_NAME
    other.write_bytes(MARK)
    (at / MANIFEST_NAME).symlink_to(other)


STRANGE: list[object] = [
    pytest.param(make_git_root, marks=pytest.mark.process),
    make_link,
    make_marker_link,
    lambda at: (at / MANIFEST_NAME).mkdir(),
    lambda at: os.mkfifo(at / MANIFEST_NAME),
    lambda at: os.mkfifo(at / INCOMPLETE_MARKER),
    lambda at: (at / INCOMPLETE_MARKER).symlink_to(at.parent / "content"),
    *map(
        make_marker,
        [
            b"",
            b"{}",
            b"[]",
            b'"x"',
            b"{" * 100_000,
            b'{"sitebuilder":1}',
            b'{"sitebuilder":1,"files":[]}',
            b'{"sitebuilder":1,"files":{"thesis":1}}',
            b'{"sitebuilder":2,"files":{"thesis":"x"}}',
            b'{"sitebuilder":"1","files":{}}',
            b'{"sitebuilder":1,"files":{"\xff":"x"}}',
            b'{"sitebuilder":1,"files":{},"x":' + b"[" * 100_000,
            b'{"made_by":"another program"}',
        ],
    ),
]


@pytest.mark.parametrize("make", STRANGE)
@pytest.mark.parametrize("which", ["live", "staging", "aside"])
def test_a_folder_without_our_own_mark_is_left_alone(
    place: Path, make: Callable[[Path], object], which: str
) -> None:
    at = {"live": place, "staging": staging_path(place), "aside": backup_path(place)}[which]
    at.mkdir()
    make(at)
    before = tree(place.parent.parent)
    with pytest.raises(OutputRefusedError):
        publish(SITE, place, place.parent)
    assert tree(place.parent.parent) == before


def test_a_hostile_mark_reaches_nothing_outside(place: Path) -> None:
    publish(SITE, place, place.parent)
    publish(NEXT, place, place.parent)
    names = ["../../outside/thesis", str(outside_of(place) / "thesis"), "..", "", "a\0b", "x\\y"]
    hostile = {"sitebuilder": 1, "files": dict.fromkeys(names, content_digest(b"1"))}
    before = tree(outside_of(place))
    for at in (place, staging_path(place)):
        (at / MANIFEST_NAME).write_text(json.dumps(hostile))
    publish(outputs({"new.html": b"n"}), place, place.parent)
    publish(outputs({"newer.html": b"n"}), place, place.parent)
    assert tree(outside_of(place)) == before


def test_a_mark_of_any_size_is_not_read(place: Path) -> None:
    place.mkdir()
    with (place / MANIFEST_NAME).open("wb") as stream:
        stream.write(MARK)
        stream.truncate(2**40)
    with pytest.raises(OutputRefusedError):
        publish(SITE, place, place.parent)


def test_what_config_names_lies_in_the_project(make_site: MakeSite, tmp_path: Path) -> None:
    pages = {"content/index.md": "---\ntitle: Home\n---\n"}
    root = make_site({**pages, "config.yaml": "name: Site\noutput: away/public\n"})
    (tmp_path / "outside").mkdir()
    (root / "away").symlink_to(tmp_path / "outside")
    done = run_cli("--root", str(root))
    assert done.returncode == 1
    assert "leads out of the project" in done.stderr
    assert list((tmp_path / "outside").iterdir()) == []
    assert run_cli("--root", str(root), "--output", str(root / "away/public")).returncode == 0


# -- names ----------------------------------------------------------------------------------------

WRONG = [
    *("", "/", "/etc/x", ".", "..", "../x", "a/../x", "a/..", "a//b", "a/", "./a", "a/./b"),
    *("a\0b", "a\\b", "..\\x", "\ud800", MANIFEST_NAME, INCOMPLETE_MARKER, f"{MANIFEST_NAME}/x"),
]


@pytest.mark.parametrize("path", WRONG)
def test_a_name_that_is_no_place_inside_is_refused(place: Path, path: str) -> None:
    publish(SITE, place, place.parent)
    before = tree(place.parent.parent)
    with pytest.raises(OutputRefusedError):
        publish([*SITE, *outputs({path: b"x"})], place, place.parent)
    with pytest.raises(OutputRefusedError):
        safe_join(place, path)
    assert {k: v for k, v in tree(place.parent.parent).items() if ".next" not in k} == before


@pytest.mark.parametrize(
    "paths", [["a", "a"], ["a", "A"], ["\xe9", "e\u0301"], ["a", "a/b"], ["a/b/c", "a"]]
)
def test_two_that_want_one_place_are_refused(place: Path, paths: list[str]) -> None:
    both = [output for path in paths for output in outputs({path: b"x"})]
    with pytest.raises(OutputRefusedError):
        publish(both, place, place.parent)
    assert not place.exists()


parts = st.sampled_from(
    ["..", ".", "", "a", "b.html", "C", "away", MANIFEST_NAME, "\\", "\0", "~", "é"]
)
anything = st.text(max_size=20) | st.lists(parts, max_size=5).map("/".join)


@given(st.lists(anything, max_size=4))
def test_any_names_at_all_write_nothing_outside(
    tmp_path_factory: pytest.TempPathFactory, paths: list[str]
) -> None:
    top = tmp_path_factory.mktemp("top")
    live = top / "root" / "public"
    (top / "root" / "content").mkdir(parents=True)
    (top / "outside").mkdir()
    publish(SITE, live, live.parent)
    (live / "away").symlink_to(top / "outside")
    before = tree(live)
    try:
        publish(outputs(dict.fromkeys(paths, b"x")), live, live.parent)
    except OutputRefusedError:
        assert tree(live) == before
    except OSError:  # a name that is too long for the disk
        assert tree(live) == before
    else:
        assert {path for path in paths if not (live / path).is_file()} == set()
    assert list((top / "outside").iterdir()) == []
    assert {path.name for path in top.iterdir()} == {"root", "outside"}
    names = {path.name for path in (top / "root").iterdir()}
    assert names <= {"content", "public", ".public.next"}
    shutil.rmtree(top)


# -- what others put there ------------------------------------------------------------------------


def make_socket(at: Path) -> None:
    here = Path.cwd()
    os.chdir(at.parent)  # the names of sockets must be short
    try:
        with socket.socket(socket.AF_UNIX) as door:
            door.bind(at.name)
    finally:
        os.chdir(here)


@pytest.mark.parametrize("make", [os.mkfifo, make_socket])
def test_what_is_no_file_is_refused_and_nothing_waits_for_it(
    place: Path, make: Callable[[Path], object]
) -> None:
    publish(SITE, place, place.parent)
    make(place / "odd")
    with pytest.raises(OutputRefusedError, match="odd"):
        publish(NEXT, place, place.parent)
    assert (place / "a" / "index.html").is_file()


def test_nothing_is_written_through_a_link_or_a_second_name(place: Path) -> None:
    outside = outside_of(place)
    publish(SITE, place, place.parent)
    (place / "away").symlink_to(outside)
    os.link(outside / "thesis", place / "thesis")
    os.link(place / "index.html", outside / "copy-of-index")
    publish(NEXT, place, place.parent)
    os.link(place / "index.html", outside / "copy-of-next")
    before = tree(outside), [p.stat().st_mtime_ns for p in sorted(outside.iterdir())]
    publish(SITE, place, place.parent)
    publish(NEXT, place, place.parent)
    with pytest.raises(OutputRefusedError, match="away"):
        publish(outputs({"away/thesis": b"ours"}), place, place.parent)
    (place / "away").unlink()
    publish(outputs({"away/thesis": b"ours"}), place, place.parent)
    (place / "thesis").unlink()
    publish(outputs({"thesis": b"ours"}), place, place.parent)
    assert (tree(outside), [p.stat().st_mtime_ns for p in sorted(outside.iterdir())]) == before


def test_what_is_published_has_one_name_and_is_no_link(place: Path) -> None:
    publish(SITE, place, place.parent)
    shutil.copytree(place, place.parent / "backup", copy_function=os.link)
    assert publish(SITE, place, place.parent) == 2
    for path in place.rglob("*"):
        assert not path.is_symlink()
        assert path.is_dir() or path.stat().st_nlink == 1, path


@pytest.mark.parametrize(("name", "mode"), [("index.html", 0o600), ("a", 0o700), ("", 0o777)])
def test_a_mode_that_somebody_changed_is_mended(place: Path, name: str, mode: int) -> None:
    publish(SITE, place, place.parent)
    (place / name).chmod(mode)
    publish(SITE, place, place.parent)
    assert (place / name).stat().st_mode & 0o777 == (0o644 if name == "index.html" else 0o755)


@pytest.mark.parametrize("foreign", ["a", "b/index.html/x", "b"])
def test_a_file_of_others_in_the_way_of_a_folder_is_never_overwritten(
    place: Path, foreign: str
) -> None:
    publish(outputs({"index.html": b"1"}), place, place.parent)
    (place / foreign).parent.mkdir(parents=True, exist_ok=True)
    (place / foreign).write_bytes(b"mine")
    with pytest.raises(OutputRefusedError, match="output folder"):
        publish([*SITE, *outputs({"b/index.html": b"b"})], place, place.parent)
    assert (place / foreign).read_bytes() == b"mine"


@pytest.mark.process
def test_a_git_folder_in_the_site_stays_a_git_folder(place: Path) -> None:
    publish(SITE, place, place.parent)
    make_git_root(place)
    before = tree(place / ".git")
    publish(NEXT, place, place.parent)
    publish(SITE, place, place.parent)
    assert tree(place / ".git") == before
    subprocess.run(["git", "-C", str(place), "status"], check=True, capture_output=True)


def as_somebody(program: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a program without the rights that root has beyond those of an owner."""
    bare = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.geteuid() == 0 else []
    return subprocess.run(
        [*bare, sys.executable, "-c", program, str(PROJECT), *words],
        capture_output=True,
        text=True,
        check=False,
    )


PUBLISH = """
import sys
sys.path[:0] = [sys.argv[1], sys.argv[1] + "/tests"]
from pathlib import Path
from accidents import outputs
from sitebuilder.output.publish import publish
place = Path(sys.argv[2])
files = {"index.html": sys.argv[3].encode(), "other.html": sys.argv[-1].encode()}
print(publish(outputs(files), place, place.parent))
"""

needs_setpriv = pytest.mark.skipif(
    os.geteuid() == 0 and not shutil.which("setpriv"), reason="needs setpriv: root may do all"
)


@pytest.mark.process
@needs_setpriv
def test_a_folder_that_cannot_be_read_stops_the_build_and_loses_nothing(place: Path) -> None:
    publish(SITE, place, place.parent)
    (place / "private").mkdir()
    (place / "private" / "thesis").write_bytes(b"years of work")
    (place / "private").chmod(0)
    done = as_somebody(PUBLISH, str(place), "new")
    (place / "private").chmod(0o700)
    assert "PermissionError" in done.stderr
    assert "private" in done.stderr
    assert (place / "private" / "thesis").read_bytes() == b"years of work"
    assert (place / "index.html").read_bytes() == b"1"


@pytest.mark.process
@needs_setpriv
def test_folders_that_somebody_made_read_only(place: Path) -> None:
    publish(SITE, place, place.parent)
    for folder in (place / "a", place):
        folder.chmod(0o555)
    for text in ("2", "3", "4"):  # the second has to clear the read-only folders
        assert as_somebody(PUBLISH, str(place), text).returncode == 0
        assert (place / "index.html").read_text() == text
    staging_path(place).chmod(0o555)
    assert as_somebody(PUBLISH, str(place), "one", "4").returncode == 0
    assert (place / "index.html").read_text() == "one"
    assert as_somebody(PUBLISH, str(place), "4", "4").returncode == 0


def add_more(place: Path, text: str) -> subprocess.CompletedProcess[str]:
    """Publish a file more, which takes an exchange of the whole folder."""
    return as_somebody(PUBLISH.replace("files = {", "files = {'more.html': b'',"), str(place), text)


@pytest.mark.process
@needs_setpriv
@pytest.mark.parametrize("staging", ["none", "kept"])
def test_the_folder_above_has_to_be_writable_for_an_exchange_alone(
    place: Path, staging: str
) -> None:
    assert as_somebody(PUBLISH, str(place), "1").returncode == 0
    if staging == "kept":
        publish(SITE, place, place.parent)
        assert as_somebody(PUBLISH, str(place), "1").returncode == 0
        assert staging_path(place).is_dir()
    place.parent.chmod(0o555)
    same, other, one = (as_somebody(PUBLISH, str(place), *w) for w in (("1",), ("2",), ("1", "3")))
    names = sorted(path.name for path in place.iterdir())
    more = add_more(place, "5")
    place.parent.chmod(0o755)
    assert (same.stdout, same.stderr) == ("0\n", "")
    assert (one.stdout, one.stderr) == ("1\n", "")
    assert (place / "other.html").read_text() == "3"
    assert not [name for name in names if ".new" in name]
    assert "OutputRefusedError: nothing can be changed in " in more.stderr, other.stderr
    assert "let this user write there, or publish into a folder below: " in more.stderr
    assert not (place / "more.html").exists()
    assert add_more(place, "5").returncode == 0
    assert (place / "index.html").read_text() == "5"


@pytest.mark.process
@needs_setpriv
def test_a_first_build_below_a_folder_that_is_not_writable_says_what_to_do(place: Path) -> None:
    place.parent.chmod(0o555)
    done = as_somebody(PUBLISH, str(place), "1")
    place.parent.chmod(0o755)
    assert "OutputRefusedError: nothing can be changed in " in done.stderr
    assert not place.exists()


@pytest.mark.process
@pytest.mark.parametrize("most", [0, 1, 100, 2000] if SOAK else [2000])
def test_a_file_that_grows_too_large_is_an_error_that_names_it(
    make_site: MakeSite, most: int
) -> None:
    """A real write that really fails in its middle, as on a full disk."""
    page = {"content/index.md": "---\ntitle: Home\ndescription: d\n---\n\nText.\n"}
    root = make_site(page)
    assert run_cli("--root", str(root)).returncode == 0
    before = tree(root / "public")
    make_site({"content/index.md": page["content/index.md"] + "\nMore.\n"})
    words = [sys.executable, "-B", str(PROJECT / "build.py"), "--root", str(root)]
    done = subprocess.run(
        words,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most)),
    )
    assert done.returncode == 1, done.stderr
    assert f"could not write {staging_path(root / 'public')}/" in done.stderr
    assert "File too large" in done.stderr
    assert tree(root / "public") == before
    assert run_cli("--root", str(root)).returncode == 0


@pytest.mark.process
@pytest.mark.skipif(not SOAK, reason="mounts a disk: only in the long run")
def test_a_disk_that_is_really_full(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(disk)], check=False
    )
    if mounted.returncode:
        pytest.skip("disks cannot be mounted here")
    try:
        (disk / "content").mkdir()
        publish(outputs({"a.html": b"a" * 100_000}), disk / "public", disk)
        before = tree(disk / "public")
        for size in (300_000, 210_000, 204_000):
            with pytest.raises(OSError, match="No space left") as why:
                publish(outputs({"b.html": b"b" * size}), disk / "public", disk)
            assert why.value.filename == str(staging_path(disk / "public") / "b.html")
            assert tree(disk / "public") == before
        publish(outputs({"c.html": b"c"}), disk / "public", disk)
        with pytest.raises(OutputRefusedError, match="disk of its own"):
            publish(SITE, disk, tmp_path / "root")
    finally:
        subprocess.run(["umount", str(disk)], check=True)
