"""The same sources give the same bytes, on any machine, at any time."""

from __future__ import annotations

import itertools
import os
import shutil
from pathlib import Path

from conftest import PROJECT, run_cli, tree_of

SOURCES = ("build.py", "config.yaml", "content", "reviews", "sitebuilder", "static", "templates")


def copy_project(to: Path) -> Path:
    for name in SOURCES:
        source = PROJECT / name
        if not source.exists():  # nobody has signed a page yet, so there are no reviews
            assert name == "reviews"
            continue
        if source.is_dir():
            shutil.copytree(source, to / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            to.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, to / name)
    return to


def test_place_zone_locale_seed_umask_and_processes_change_nothing(tmp_path: Path):
    zones = ["Pacific/Kiritimati", "America/Los_Angeles"]
    locales = ["C", "C.UTF-8", "tr_TR.UTF-8"]
    seeds, umasks, jobs = ["0", "2"], [0o077, 0o000], ["1", "2"]
    trees = []
    combinations = list(
        itertools.zip_longest(zones * 3, locales * 2, seeds * 3, umasks * 3, jobs * 3)
    )
    for n, (zone, language, seed, umask, job) in enumerate(combinations):
        project = copy_project(tmp_path / f"place {n}" / ("deep" * n) / "project")
        environment = {**os.environ, "TZ": zone, "LC_ALL": language, "PYTHONHASHSEED": seed}
        old = os.umask(umask)
        try:
            done = run_cli(
                "build",
                "--root",
                str(project),
                "--today",
                "2026-11-22",
                "--jobs",
                job,
                **environment,
            )
        finally:
            os.umask(old)
        assert done.returncode == 0, done.stderr
        trees.append(tree_of(project / "public"))
    assert len(trees) == 6
    assert all(tree == trees[0] for tree in trees)


def test_the_clock_changes_nothing_when_the_day_is_given(tmp_path: Path):
    for n, epoch in enumerate(("0", "1700000000", "4000000000")):
        out = str(tmp_path / str(n))
        flags = ("build", "--output", out, "--today", "2026-11-22")
        assert run_cli(*flags, SOURCE_DATE_EPOCH=epoch).returncode == 0
    assert tree_of(tmp_path / "0") == tree_of(tmp_path / "1") == tree_of(tmp_path / "2")


def test_line_ends_of_another_system_change_nothing(tmp_path: Path):
    project = copy_project(tmp_path / "project")
    records = [*(project / "reviews").rglob("*.yaml"), *(project / "reviews").rglob("*.txt")]
    pages = [*(project / "content").rglob("*.md"), *(project / "content").rglob("*.yaml")]
    for path in [project / "config.yaml", *pages, *records]:
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert run_cli("build", "--root", str(project)).returncode == 0
    assert run_cli("build", "--output", str(tmp_path / "plain")).returncode == 0
    assert tree_of(project / "public") == tree_of(tmp_path / "plain")


def test_no_link_and_no_machine_path_is_published(public: Path):
    for path in public.rglob("*"):
        assert not path.is_symlink()
        if path.is_file():
            assert str(PROJECT).encode() not in path.read_bytes(), path
