"""Each refusal by itself: where no site may be written, and the words that say so."""

from __future__ import annotations

import os
import re
import sys
import unicodedata
from pathlib import Path

import pytest
from accidents import outputs, tree
from conftest import PROJECT

from sitebuilder.output.manifest import INCOMPLETE_MARKER, MANIFEST_NAME
from sitebuilder.output.path_guards import (
    OutputRefusedError,
    all_parent_dirs,
    check_collisions,
    check_inside_project,
    check_location,
    check_ownership,
    index_outputs,
    parent_dirs,
    resolve_dir,
    safe_join,
)
from sitebuilder.output.publish import publish

MARK = b'{"sitebuilder":1,"files":{}}'


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose owner has a home of their own, beside it."""
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "site" / "content").mkdir(parents=True)
    return tmp_path / "site"


def why_not(folder: Path, root: Path) -> str:
    """Why no site may be written there; nothing, if it may."""
    try:
        check_location(folder, root)
    except OutputRefusedError as why:
        return str(why)
    return ""


# -- where a folder really is ---------------------------------------------------------------------


def test_a_place_is_told_without_the_links_on_the_way(root: Path) -> None:
    (root.parent / "short").symlink_to(root / "content")
    assert resolve_dir(root.parent / "short" / "x") == root / "content" / "x"
    assert resolve_dir(root.parent / "short" / "..") == root
    assert resolve_dir(root / "public") == root / "public"


@pytest.mark.parametrize("name", ["", ".", "public", "../site/public"])
def test_a_place_is_seen_from_the_folder_that_one_is_in(
    root: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root)
    assert resolve_dir(Path(name)) == root / name.removeprefix("../site/")


def test_a_link_is_never_the_folder_itself(root: Path) -> None:
    for target in ("content", "nowhere"):
        (root / f"to-{target}").symlink_to(target)
        with pytest.raises(
            OutputRefusedError, match=f"to-{target} is a link; name the folder itself"
        ):
            resolve_dir(root / f"to-{target}")


def test_a_name_that_leads_nowhere_is_answered_in_words(root: Path) -> None:
    with pytest.raises(OutputRefusedError, match="leads nowhere; name another folder"):
        resolve_dir(root / "a\0b" / "c")
    if sys.version_info < (3, 13):  # newer ones leave it to the system to say so
        (root / "ring").symlink_to("ring")
        with pytest.raises(OutputRefusedError, match="leads nowhere; name another folder"):
            resolve_dir(root / "ring" / "x")


# -- where no site may be -------------------------------------------------------------------------


def test_a_folder_of_its_own_may_be_written(root: Path) -> None:
    places = ["public", "Public", "contents", "my-content", "tests-output", "git", "a/b/c"]
    assert [name for name in places if why_not(root / name, root)] == []
    assert why_not(root.parent / "elsewhere", root) == ""


def test_what_holds_the_project_is_refused_however_it_is_named(root: Path) -> None:
    assert why_not(root, root) == f"{root} holds the project; name a folder of its own"
    assert "holds the project" in why_not(root.parent, root)
    assert "holds the project" in why_not(Path("/"), root)
    (root.parent / "way-in").symlink_to(root)
    assert "holds the project" in why_not(root, root.parent / "way-in")


def test_names_that_some_computers_do_not_tell_apart_are_one_place(root: Path) -> None:
    root = root.rename(root.with_name("Caf\xe9"))
    for name in ("CAF\xc9", "cafe\u0301"):
        assert "holds the project" in why_not(root.with_name(name), root)
        assert "lie in one another" in why_not(root.with_name(name) / "Content", root)
    assert unicodedata.normalize("NFC", "cafe\u0301") == "caf\xe9"


def test_what_holds_the_home_is_refused(root: Path) -> None:
    home = root.parent / "home"
    assert why_not(home, root) == f"{home} holds all that you have; name a folder of its own"
    assert why_not(home / "public", root) == ""


def test_a_home_behind_a_link_is_refused_too(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root.parent / "way-home").symlink_to("home")
    monkeypatch.setenv("HOME", str(root.parent / "way-home"))
    assert "all that you have" in why_not(root.parent / "home", root)


def test_without_a_home_that_can_be_told_there_is_none_to_lose(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a container whose user has no name: `~` stays as it is, and is no place."""
    (root / "public").mkdir()
    monkeypatch.chdir(root / "public")
    monkeypatch.setenv("HOME", "~")
    assert why_not(root / "public", root) == ""


@pytest.mark.parametrize("name", [".git", ".git/x", "a/.git/b", ".GIT"])
def test_a_folder_of_gits_own_is_refused(root: Path, name: str) -> None:
    assert why_not(root / name, root) == f"{root / name} lies in a folder of git's own"


@pytest.mark.parametrize(
    "name", ["content", "templates", "static", "reviews", "sitebuilder", "tests"]
)
def test_each_source_folder_is_refused_and_so_is_all_in_it(root: Path, name: str) -> None:
    for place in (root / name, root / name / "deep" / "er", root / name.upper()):
        assert why_not(place, root) == (
            f"{place} and the source folder {root / name} lie in one another"
        )


def test_sources_that_lie_elsewhere_are_refused_there(root: Path) -> None:
    away = root.parent / "away"
    (away / "pages").mkdir(parents=True)
    (root / "static").symlink_to(away / "pages")
    for place in (away, away / "pages", away / "pages" / "x"):
        assert "lie in one another" in why_not(place, root)
    assert why_not(away / "other", root) == ""


@pytest.mark.parametrize("name", ["templates", "static", "sitebuilder"])
def test_what_the_program_is_made_of_is_refused_for_every_project(root: Path, name: str) -> None:
    for place in (PROJECT / name, PROJECT / name / "x"):
        assert f"the source folder {PROJECT / name} lie" in why_not(place, root)


def test_a_disk_of_its_own_is_refused() -> None:
    assert os.path.ismount("/dev")
    assert why_not(Path("/dev"), PROJECT) == "/dev is a disk of its own; name a folder on it"


def test_what_config_names_is_below_the_project(root: Path) -> None:
    (root.parent / "way-in").symlink_to(root)
    check_inside_project(root / "public", root)
    check_inside_project(root / "public", root.parent / "way-in")
    check_inside_project(root.parent / "way-in" / "public", root)
    (root / "way-out").symlink_to("..")
    for place in (root.parent / "public", root / "../public", root / "way-out/public"):
        with pytest.raises(
            OutputRefusedError, match="leads out of the project; use --output for any other"
        ):
            check_inside_project(place, root)


# -- what is in it --------------------------------------------------------------------------------


def test_what_is_not_there_or_empty_or_ours_may_be_used(tmp_path: Path) -> None:
    check_ownership(tmp_path / "none")
    check_ownership(tmp_path)
    (tmp_path / "thesis").write_bytes(b"years of work")
    (tmp_path / MANIFEST_NAME).write_bytes(MARK)
    check_ownership(tmp_path)


def test_half_a_site_is_ours_only_where_sites_are_made(tmp_path: Path) -> None:
    (tmp_path / INCOMPLETE_MARKER).write_bytes(b"{}")
    check_ownership(tmp_path, allow_incomplete=True)
    with pytest.raises(
        OutputRefusedError, match=f"{tmp_path} is not empty and was not made by this program"
    ):
        check_ownership(tmp_path)


def test_a_folder_of_others_is_refused_with_the_two_ways_out(tmp_path: Path) -> None:
    (tmp_path / "thesis").write_bytes(b"years of work")
    for half in (False, True):
        with pytest.raises(OutputRefusedError, match="name another folder, or empty it yourself"):
            check_ownership(tmp_path, allow_incomplete=half)


def test_a_link_and_a_file_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / MANIFEST_NAME).write_bytes(MARK)
    (tmp_path / "link").symlink_to("ours")
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputRefusedError, match=r"/link is a link; take it away$"):
        check_ownership(tmp_path / "link")
    with pytest.raises(OutputRefusedError, match=r"/file is a file$"):
        check_ownership(tmp_path / "file")


# -- names ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        *("", "/", "/etc/x", ".", "..", "../x", "a/../x", "a/..", "a//b", "a/", "./a", "a/./b"),
        *(
            "a\0b",
            "a\\b",
            "..\\x",
            "\ud800",
            MANIFEST_NAME,
            INCOMPLETE_MARKER,
            f"{MANIFEST_NAME}/x",
        ),
    ],
)
def test_a_name_that_is_no_place_inside_is_named_in_the_refusal(tmp_path: Path, path: str) -> None:
    words = re.escape(f"{path!r} cannot be the name of a published file")
    with pytest.raises(OutputRefusedError, match=f"^{words}$"):
        safe_join(tmp_path, path)
    with pytest.raises(OutputRefusedError, match=f"^{words}$"):
        index_outputs(outputs({path: b"x"}))


@pytest.mark.parametrize(
    "path", ["a", "a/b.html", "...", "a/..b", f"a/{MANIFEST_NAME}", "é", "~", "-"]
)
def test_a_name_inside_is_a_place_inside(tmp_path: Path, path: str) -> None:
    assert safe_join(tmp_path, path) == f"{tmp_path}/{path}"
    wanted = outputs({path: b"x"})
    assert index_outputs(wanted) == {path: wanted[0]}


@pytest.mark.parametrize("other", ["b/A.html", "B/a.html", "b/a.html"])
def test_two_of_one_name_are_told(other: str) -> None:
    both = outputs({"b/a.html": b"1"}) + outputs({other: b"2"})
    with pytest.raises(OutputRefusedError, match=f"^{other} would be published twice$"):
        index_outputs(both)
    with pytest.raises(OutputRefusedError, match="twice"):
        index_outputs(outputs({"\xe9": b"1", "e\u0301": b"2"}))


@pytest.mark.parametrize("order", [["a/b", "a/b/c/d"], ["a/b/c/d", "a/b"]])
def test_a_file_that_would_be_a_folder_too_is_told_with_both_names(order: list[str]) -> None:
    with pytest.raises(
        OutputRefusedError, match="a/b would be both a file and the folder of a/b/c/d"
    ):
        index_outputs(outputs(dict.fromkeys(order, b"x")))


def test_the_folders_above_a_path() -> None:
    assert parent_dirs("a/b/c.html") == ["a", "a/b"]
    assert parent_dirs("c.html") == []


# -- what others put there ------------------------------------------------------------------------


def test_what_stands_where_we_want_to_write_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"mine")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("folder")
    os.mkfifo(tmp_path / "pipe")
    is_like = {path.name: path.lstat() for path in tmp_path.iterdir()}

    def refused(path: str, kind: str, *wanted: str) -> str:
        try:
            check_collisions(
                {path: is_like[kind]}, index_outputs(outputs(dict.fromkeys(wanted, b"x")))
            )
        except OutputRefusedError as why:
            return str(why)
        return ""

    not_ours = "a in the output folder is not ours; move it away first"
    for kind in ("file", "folder", "link"):
        assert refused("a", kind, "b", "c/a") == ""
        assert refused("a", kind, "b", "a") == not_ours
    assert refused("a", "folder", "a/b") == ""
    assert refused("a", "file", "a/b") == not_ours
    assert refused("a", "link", "a/b/c") == not_ours
    assert refused("a/b/c", "file", "x", "a/b") == (
        "a/b/c in the output folder is where a/b is to be; move it away"
    )
    assert refused("a/b/c", "file", "a/d", "b") == ""
    assert refused("p", "pipe", "x") == "p in the output folder is no file; move it away first"


def test_a_file_of_others_in_a_folder_that_becomes_a_file_is_kept(root: Path) -> None:
    public = root / "public"
    publish(outputs({"a/index.html": b"a"}), public, root)
    (public / "a" / "mine").write_bytes(b"mine")
    before = tree(public)
    with pytest.raises(OutputRefusedError, match="a/mine in the output folder is where a is to be"):
        publish(outputs({"a": b"a"}), public, root)
    assert tree(public) == before


def test_the_folders_of_some_paths_are_those_that_they_go_through() -> None:
    assert all_parent_dirs(["a/b/c", "a/b/d", "a/e", "f"]) == {"a", "a/b"}
