"""What stands in the cache is never followed: somebody else may have put links or pipes there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from conftest import MakeSite, run_cli, tree_of

from sitebuilder.build.incremental.record import RECORDS_DIR
from sitebuilder.core.regular_file import read_regular_file

PAGE = {"content/index.md": "---\ntitle: T\ndescription: D.\n---\n\nSome words.\n"}
VICTIM = b"years of work"


def test_a_link_in_place_of_a_file_of_the_cache_is_replaced(make_site: MakeSite) -> None:
    root = make_site(PAGE)
    assert run_cli("--root", str(root)).returncode == 0
    cache = root / RECORDS_DIR
    (record,) = cache.glob("*.record")
    victim = root / "thesis"
    victim.write_bytes(VICTIM)
    for name in (record.name, ".gitignore"):
        (cache / name).unlink()
        (cache / name).symlink_to(victim)
    assert run_cli("--root", str(root)).returncode == 0
    assert victim.read_bytes() == VICTIM
    assert not any((cache / name).is_symlink() for name in (record.name, ".gitignore"))


@pytest.mark.parametrize("linked", [".cache", RECORDS_DIR])
def test_nothing_is_written_or_deleted_where_a_link_leads(make_site: MakeSite, linked: str) -> None:
    root = make_site(PAGE)
    elsewhere = root.parent / "elsewhere"
    place = elsewhere / "site" if linked == ".cache" else elsewhere
    place.mkdir(parents=True)
    for number in range(9):
        (place / f"{number}.record").write_bytes(VICTIM)
    before = tree_of(elsewhere)
    (root / linked).parent.mkdir(exist_ok=True)
    (root / linked).symlink_to(elsewhere)
    assert run_cli("--root", str(root)).returncode == 0
    assert (root / "public" / "index.html").exists()
    assert tree_of(elsewhere) == before


def test_old_records_that_are_links_are_deleted_and_their_targets_stay(make_site: MakeSite) -> None:
    root = make_site(PAGE)
    cache = root / RECORDS_DIR
    cache.mkdir(parents=True)
    victim = root / "thesis"
    victim.write_bytes(VICTIM)
    for number in range(9):
        (cache / f"{number}.record").symlink_to(victim)
    (cache / "nowhere.record").symlink_to("/nowhere/at/all")
    assert run_cli("--root", str(root)).returncode == 0
    assert len(list(cache.glob("*.record"))) == 4
    assert victim.read_bytes() == VICTIM


def test_what_is_no_file_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(VICTIM)
    (tmp_path / "link").symlink_to("file")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    (tmp_path / "device").symlink_to("/dev/zero")
    assert read_regular_file(tmp_path / "file") == VICTIM
    for name in ("link", "pipe", "folder", "device", "nothing"):
        assert read_regular_file(tmp_path / name) is None, name


def test_a_pipe_in_place_of_a_record_does_not_hold_the_build_up(make_site: MakeSite) -> None:
    root = make_site(PAGE)
    assert run_cli("--root", str(root)).returncode == 0
    (record,) = (root / RECORDS_DIR).glob("*.record")
    record.unlink()
    os.mkfifo(record)
    assert run_cli("--root", str(root)).returncode == 0
