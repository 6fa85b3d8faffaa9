"""The command line: its flags, its exit codes, its report. Other programs rely on them.

What other programs see, the exit codes and the two streams, is held in real processes; the rest
within this one, and with SOAK=1 in real ones too.
"""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path

import pytest
from conftest import PROJECT, MakeSite, run_cli, tree_of

GOOD = {"content/index.md": "---\ntitle: Home\ndescription: Home.\n---\n\nText.\n"}
BAD = {"content/index.md": "---\ntitel: Home\n---\n\n[x](nowhere.md)\n"}


@pytest.mark.process
def test_clean_is_0_and_says_where(make_site: MakeSite) -> None:
    root = make_site(GOOD)
    done = run_cli("--root", str(root), "--url", "https://clinic.org/", process=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert "1 pages in" in done.stdout
    assert (root / "public" / "index.html").is_file()


def test_warnings_only_is_0(make_site: MakeSite) -> None:
    done = run_cli("build", "--root", str(make_site(GOOD)))
    assert done.returncode == 0
    assert "no-url" in done.stderr


@pytest.mark.process
def test_errors_are_1_and_nothing_is_written(make_site: MakeSite) -> None:
    root = make_site(BAD)
    done = run_cli("--root", str(root), process=True)
    assert done.returncode == 1
    assert not (root / "public").exists()
    assert "content/index.md:2:1: error" in done.stderr
    assert "content/index.md:5:5: error" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(["--nonsense"], marks=pytest.mark.process),
        ["bild"],
        ["--today", "tomorrow"],
        ["--url", "not an address"],
        ["--jobs", "-1"],
        ["--format", "xml"],
        ["--root", "/nowhere/at/all"],
        ["new", "../escape"],
        ["new", "???"],
    ],
)
def test_wrong_usage_is_2(make_site: MakeSite, wrong: list[str]) -> None:
    root = make_site(GOOD)
    before = tree_of(root)
    flags = [] if "--root" in wrong else ["--root", str(root)]
    done = run_cli(*flags, *wrong, process="--nonsense" in wrong)
    assert done.returncode == 2, done
    assert done.stderr
    assert tree_of(root) == before


def test_flags_may_stand_before_or_after_the_command(make_site: MakeSite, tmp_path: Path) -> None:
    root = make_site(GOOD)
    for n, order in enumerate((["--root", str(root), "build"], ["build", "--root", str(root)])):
        out = tmp_path / f"out{n}"
        assert run_cli("--output", str(out), *order).returncode == 0
        assert (out / "index.html").is_file()


@pytest.mark.process
def test_another_build_running_is_75(make_site: MakeSite) -> None:
    root = make_site(GOOD)
    assert run_cli("--root", str(root), process=True).returncode == 0
    handle = os.open(root / "public", os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    make_site({**GOOD, "content/b.md": "---\ntitle: B\n---\n"})
    assert run_cli("--root", str(root), process=True).returncode == 75
    os.close(handle)
    assert run_cli("--root", str(root), process=True).returncode == 0


def test_check_writes_nothing_at_all(make_site: MakeSite) -> None:
    root = make_site(GOOD)
    before = tree_of(root)
    assert run_cli("check", "--root", str(root)).returncode == 0
    assert tree_of(root) == before
    assert run_cli("check", "--root", str(make_site(BAD))).returncode == 1


@pytest.mark.process
def test_json_stands_alone_on_stdout_in_the_promised_form(make_site: MakeSite) -> None:
    pages = {**BAD, "content/d.md": "---\ntitle: D\ndraft: true\n---\n"}
    done = run_cli("check", "--root", str(make_site(pages)), "--format", "json", process=True)
    report = json.loads(done.stdout)
    assert list(report) == ["version", "problems", "pages", "reused", "written", "seconds"]
    assert report["version"] == 1
    keys = ["path", "line", "column", "rule", "severity", "message", "hint"]
    assert all(list(p) == keys for p in report["problems"])
    assert report["problems"] == sorted(
        report["problems"], key=lambda p: (p["path"], p["line"] or 0, p["column"] or 0)
    )
    assert {"config.yaml", "content/index.md"} == {p["path"] for p in report["problems"]}
    assert next(p for p in report["problems"] if p["path"] == "config.yaml")["line"] is None
    keys = ["id", "path", "url", "state", "grade", "facts", "references", "reviewed", "until"]
    assert all(list(page) == keys for page in report["pages"])
    first = [{key: page[key] for key in keys[:4]} for page in report["pages"]]
    assert first == [
        {"id": "index", "path": "content/index.md", "url": "/", "state": "none"},
        {"id": "d", "path": "content/d.md", "url": "/d/", "state": "draft"},
    ]
    nothing: dict[str, object] = {
        "grade": None,
        "facts": [],
        "references": [],
        "reviewed": None,
        "until": None,
    }
    assert all({key: page[key] for key in nothing} == nothing for page in report["pages"])
    assert isinstance(report["seconds"], float)
    assert (report["reused"], report["written"]) == (0, 0)
    assert "content/index.md:2:1: error" in done.stderr


def test_json_counts_what_was_written(make_site: MakeSite) -> None:
    root = str(make_site(GOOD))
    written = [
        json.loads(run_cli("build", "--root", root, "--format", "json").stdout)["written"]
        for _ in range(2)
    ]
    assert written[0] > 0
    assert written[1] == 0


def test_github_annotations_name_file_and_line(make_site: MakeSite) -> None:
    done = run_cli("check", "--root", str(make_site(BAD)), "--format", "github")
    assert "::error file=content/index.md,line=2,col=1,title=unknown-field::" in done.stdout


def test_quiet_prints_problems_only(make_site: MakeSite) -> None:
    done = run_cli("--root", str(make_site(GOOD)), "--url", "https://clinic.org/", "--quiet")
    assert (done.stdout, done.stderr) == ("", "")


def test_release_refuses_unsigned_pages_and_the_example_address(make_site: MakeSite) -> None:
    config = "name: Some site\nreview: clinical\nurl: https://www.example.org/\n"
    root = make_site({**GOOD, "config.yaml": config})
    assert run_cli("check", "--root", str(root)).returncode == 0
    done = run_cli("check", "--root", str(root), "--release")
    assert done.returncode == 1
    assert "[unsigned]" in done.stderr
    assert "config.yaml:3: error: no real public address [placeholder-url]" in done.stderr


def test_release_in_config_is_as_good_as_the_flag(make_site: MakeSite) -> None:
    config = "name: Some site\nrelease: true\nurl: https://www.example.org/\n"
    assert run_cli("check", "--root", str(make_site({**GOOD, "config.yaml": config}))).returncode


@pytest.mark.process
def test_the_day_comes_from_the_flag_or_the_epoch(make_site: MakeSite) -> None:
    page = "---\ntitle: Home\ndescription: d\ndate: 2026-01-02\n---\n"
    root = str(make_site({"content/index.md": page}))
    early, late = ["check", "--root", root, "--today", "2026-01-01"], ["check", "--root", root]
    assert "[future-date]" in run_cli(*early).stderr
    assert "[future-date]" in run_cli(*late, SOURCE_DATE_EPOCH="0").stderr
    assert "[future-date]" not in run_cli(*late, SOURCE_DATE_EPOCH="1800000000").stderr


def test_output_in_a_source_folder_is_an_error_with_a_reason(make_site: MakeSite) -> None:
    root = make_site(GOOD)
    before = tree_of(root)
    done = run_cli("build", "--root", str(root), "--output", str(root / "content" / "x"))
    assert done.returncode == 1
    assert "lie in one another" in done.stderr
    assert tree_of(root) == before


def test_new_starts_a_page_that_builds_as_a_draft(make_site: MakeSite) -> None:
    root = make_site(GOOD)
    done = run_cli(
        "new", "after/going-home", "--title", "Going home: what to do", "--root", str(root)
    )
    assert done.returncode == 0, done.stderr
    text = (root / "content" / "after" / "going-home.md").read_text()
    assert 'title: "Going home: what to do"' in text
    checked = run_cli("check", "--root", str(root))
    assert checked.returncode == 0, checked.stderr
    assert "1 draft left out" in checked.stdout
    assert run_cli("new", "after/going-home", "--root", str(root)).returncode == 2


@pytest.mark.process
def test_a_foreign_site_builds_with_the_projects_own_templates(tmp_path: Path) -> None:
    site, out = tmp_path / "site", tmp_path / "out"
    (site / "content").mkdir(parents=True)
    (site / "config.yaml").write_text("name: Some site\n")
    for name in ("index", "two"):
        (site / "content" / f"{name}.md").write_text(f"---\ntitle: Page {name}\n---\n")
    assert run_cli("build", "--root", str(site), "--output", str(out), process=True).returncode == 0
    assert "<h1>Page two</h1>" in (out / "two" / "index.html").read_text()


@pytest.mark.slow
@pytest.mark.parametrize("jobs", ["1", pytest.param("2", marks=pytest.mark.process)])
def test_a_thousand_pages_in_nested_folders(tmp_path: Path, jobs: str) -> None:
    site, out = tmp_path / "site", tmp_path / "out"
    for n in range(1000):
        page = site / "content" / f"part-{n % 10}" / f"Section {n // 10 % 10}" / f"page {n}.md"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(f"---\ntitle: Page {n}\n---\n\nText of page {n}.\n")
    (site / "config.yaml").write_text("name: Some site\n")
    done = run_cli(
        "build", "--root", str(site), "--output", str(out), "--jobs", jobs, process=jobs != "1"
    )
    assert done.returncode == 0, done.stderr
    pages = list(out.rglob("index.html"))
    assert len(pages) == 1000 + 100 + 10 + 1  # and a listing for each folder
    assert (out / "part-3" / "section-4" / "page-43" / "index.html").is_file()


def test_build_py_is_only_a_door() -> None:
    assert len((PROJECT / "build.py").read_text().splitlines()) < 20
