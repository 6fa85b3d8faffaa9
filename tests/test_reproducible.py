"""The same sources give the same bytes, on any machine, at any time."""

from __future__ import annotations

import itertools
import os
import random
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from conftest import PROJECT, run_cli, tree_of, write_site
from modes import SOAK

pytestmark = pytest.mark.process

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


WORLDS = {
    "TZ": ["Pacific/Kiritimati", "America/Los_Angeles", "UTC"],
    "LC_ALL": ["C", "C.UTF-8", "tr_TR.UTF-8", "de_DE.UTF-8"],
    "PYTHONHASHSEED": ["0", "1", "2", "random"],
    "umask": ["077", "000", "022"],
    "place": ["a", "an other/deep/place"],
    "jobs": ["1", "2", "4"],
    "order": ["0", "1", "2"],
    "clock": ["", "+400d"],
    "times": ["", "1000000000"],
    "epoch": ["", "0", "4000000000"],
}
World = dict[str, str]


MOST_UNLIKE = {
    "TZ": "Pacific/Kiritimati",
    "LC_ALL": "tr_TR.UTF-8",
    "PYTHONHASHSEED": "random",
    "umask": "077",
    "place": "an other/deep/place",
    "jobs": "2",
    "order": "1",
    "clock": "+400d",
    "times": "1000000000",
    "epoch": "4000000000",
}
"""A world that shares nothing with that of an ordinary build."""


def few_worlds() -> list[World]:
    """Those that bring most pairs of values together: each value is there, and most pairs."""
    chance, worlds = random.Random(6), [MOST_UNLIKE]
    kinds = list(itertools.combinations(WORLDS, 2))
    left = {(a, x, b, y) for a, b in kinds for x in WORLDS[a] for y in WORLDS[b]}
    left -= pairs_of(MOST_UNLIKE)
    while len(worlds) < 5:
        tries = [{kind: chance.choice(WORLDS[kind]) for kind in WORLDS} for _ in range(300)]
        best = max(tries, key=lambda world: len(left & pairs_of(world)))
        worlds.append(best)
        left -= pairs_of(best)
    assert all({world[kind] for world in worlds} == set(WORLDS[kind]) for kind in WORLDS)
    return worlds


def pairs_of(world: World) -> set[tuple[str, str, str, str]]:
    return {(a, world[a], b, world[b]) for a, b in itertools.combinations(WORLDS, 2)}


def all_worlds() -> list[World]:
    """Each zone with each locale with each seed; the rest by chance."""
    chance = random.Random(6)
    main = itertools.product(*(WORLDS[kind] for kind in list(WORLDS)[:3]))
    return [
        {kind: chance.choice(WORLDS[kind]) for kind in WORLDS}
        | dict(zip(list(WORLDS)[:3], three, strict=True))
        for three in main
    ]


@pytest.fixture(scope="session")
def locales() -> Path:
    """Turkish and German, whose letters and numbers are unlike: made here, installed nowhere.

    They are kept for the next run: making them takes seconds.
    """
    folder = PROJECT / ".cache" / "tests" / "locales"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("tr_TR", "de_DE"):
        kept = folder / f"{name}.UTF-8"
        if shutil.which("localedef") and not kept.is_dir():
            with tempfile.TemporaryDirectory(dir=folder) as unfinished:
                made = Path(unfinished) / kept.name
                words = ["localedef", "-i", name, "-f", "UTF-8", str(made)]
                subprocess.run(words, check=False, capture_output=True)
                if made.is_dir():
                    made.rename(kept)
    return folder


def clock_at(offset: str) -> dict[str, str]:
    """What makes a program believe in another time, if that is to be had."""
    found = [str(path) for path in Path("/usr/lib").glob("*/faketime/libfaketime.so.1")]
    if not offset or not found:
        return {}
    return {"LD_PRELOAD": found[0], "FAKETIME": offset, "DONT_FAKE_MONOTONIC": "1"}


def build_in(world: World, project: Path, locales: Path, *words: str) -> dict[str, object]:
    environment = {
        **{
            key: value
            for key, value in os.environ.items()
            if not key.startswith(("LC_", "SOURCE_"))
        },
        **{kind: world[kind] for kind in ("TZ", "LC_ALL", "PYTHONHASHSEED")},
        **clock_at(world["clock"]),
        "LOCPATH": str(locales),
        **({"SOURCE_DATE_EPOCH": world["epoch"]} if world["epoch"] else {}),
    }
    for path in project.rglob("*"):
        if world["times"]:
            os.utime(path, (int(world["times"]),) * 2)
    done = subprocess.run(
        [
            *(sys.executable, "-B", str(PROJECT / "tests" / "other_world.py"), world["order"]),
            *(str(PROJECT / "build.py"), "build", "--root", str(project), "--jobs", world["jobs"]),
            *words,
        ],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        umask=int(world["umask"], 8),
    )
    assert done.returncode == 0, done.stderr
    return dict(tree_of(project / "public"))


def small_site(at: Path) -> Path:
    """Enough of everything whose order could show: folders, redirects, letters of all kinds."""
    pages = {
        f"content/{folder}/{name}.md": f"---\ntitle: {name} İı ß\ndescription: d\n---\n\n{text}\n"
        for folder in ("b", "a/deep")
        for name in ("one", "two", "ISSIZ straße")
        for text in [f"## Heading {name}\n\n[home](/)"]
    }
    index = "---\ntitle: Home\ndescription: d\naliases: [/old/, /older/]\n---\n\n"
    index += "![A dot](b/picture.svg)\n"
    return write_site(
        at,
        {
            **pages,
            "content/index.md": index,
            "content/b/picture.svg": '<svg xmlns="http://www.w3.org/2000/svg"/>',
            "config.yaml": "name: Some site\nurl: https://www.clinic.org/\n",
        },
    )


def test_no_world_changes_a_byte_of_a_small_site(tmp_path: Path, locales: Path) -> None:
    worlds = all_worlds() if SOAK else few_worlds()
    trees = []
    for n, world in enumerate(worlds):
        site = small_site(tmp_path / str(n) / world["place"])
        trees.append(build_in(world, site, locales, "--today", "2026-11-22"))
    assert len(trees[0]) > 10
    for world, tree in zip(worlds, trees, strict=True):
        assert tree == trees[0], world


def test_no_world_changes_a_byte_of_our_site(tmp_path: Path, locales: Path, public: Path) -> None:
    worlds = all_worlds() if SOAK else [MOST_UNLIKE]
    today = ("--today", datetime.now(UTC).date().isoformat())
    for n, world in enumerate(worlds):
        site = copy_project(tmp_path / str(n) / world["place"])
        assert build_in(world, site, locales, *today) == tree_of(public), world
        shutil.rmtree(tmp_path / str(n))


def test_a_later_day_changes_only_pages_whose_review_is_another_now(
    tmp_path: Path, locales: Path
) -> None:
    """Signed for a year; 400 days on it is over. What nobody has to sign stays as it was."""
    site = small_site(tmp_path / "site")
    write_site(
        site,
        {
            "config.yaml": "name: Some site\nurl: https://www.clinic.org/\nreview: clinical\n",
            "content/reviewers.yaml": "any-one:\n  name: Any One\n  role: Test reader\n",
            "content/plain.md": "---\ntitle: P\ndescription: d\nreview: none\n---\n\nText.\n",
        },
    )
    signing = ("--by", "any-one", "--until", "2027-11-21", "--today", "2026-11-22")
    for page in ("b/one", "a/deep/two"):
        done = run_cli("review", page, *signing, "--root", str(site), process=True)
        assert done.returncode == 0, done.stderr
    world = {kind: values[0] for kind, values in WORLDS.items()}
    first = str(int(datetime(2026, 11, 23, tzinfo=UTC).timestamp()))
    later = str(int(datetime(2027, 12, 28, tzinfo=UTC).timestamp()))
    trees = []
    for epoch in (first, later):
        done = run_cli("build", "--root", str(site), SOURCE_DATE_EPOCH=epoch)
        assert done.returncode == 0, done.stderr
        trees.append(dict(tree_of(site / "public")))
    told = {"b/one/index.html", "a/deep/two/index.html", ".sitebuilder.json"}
    assert {p for p in trees[0] | trees[1] if trees[0].get(p) != trees[1].get(p)} == told
    if clock_at("+1d"):
        clocks = [
            build_in({**world, "clock": f"@{day} 12:00:00"}, site, locales)
            for day in ("2026-11-23", "2027-12-28")
        ]
        assert clocks == trees


def test_built_again_nothing_is_written(tmp_path: Path) -> None:
    site = small_site(tmp_path / "site")
    seen = []
    for _ in range(2):
        assert run_cli("build", "--root", str(site), process=True).returncode == 0
        files = [site / "public", *(site / "public").rglob("*")]
        seen.append({path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in files})
    assert seen[0] == seen[1]


def test_line_ends_of_another_system_change_nothing(tmp_path: Path, public: Path) -> None:
    project = copy_project(tmp_path / "project")
    records = [*(project / "reviews").rglob("*.yaml"), *(project / "reviews").rglob("*.txt")]
    pages = [*(project / "content").rglob("*.md"), *(project / "content").rglob("*.yaml")]
    for path in [project / "config.yaml", *pages, *records]:
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert run_cli("build", "--root", str(project), process=True).returncode == 0
    assert tree_of(project / "public") == tree_of(public)


def test_no_link_and_no_machine_path_is_published(public: Path) -> None:
    for path in public.rglob("*"):
        assert not path.is_symlink()
        if path.is_file():
            assert str(PROJECT).encode() not in path.read_bytes(), path
