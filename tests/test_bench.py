"""The benchmark itself: its corpus, its arithmetic, and that a short run comes to an end."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import bars
import clock
import corpus
import pytest
import rounds
import sections
from clock import Taken
from conftest import PROJECT, run_cli

from sitebuilder.content.loader import load_sources


def taken(wall: float, cpu: float = 1.0, memory: int = 10**9) -> Taken:
    return Taken(wall, cpu, memory, memory, 0.0)


def plain(text: str) -> list[str]:
    """A page's words: without what dialects differ in."""
    body = text.partition("\nbody:\n")[2] or text.split("---\n", 2)[2]
    return re.sub(r"\]\([^)]*\)", "]", body).split()


def test_the_words_are_the_same_in_every_dialect() -> None:
    dialects = (corpus.BY_FILE, corpus.BY_ADDRESS, corpus.HUGO, corpus.PELICAN, corpus.LEKTOR)
    shape = corpus.Shape(300)
    for number in (0, 7, 299):
        words = {tuple(plain(corpus.page_text(shape, d, number))) for d in dialects}
        assert len(words) == 1
        assert 600 < len(words.pop()) < 700


def test_a_ratio_is_of_medians_and_its_spread_of_the_rounds() -> None:
    ours, hugo = ("ours", 1_000, "edit"), ("hugo", 1_000, "edit")
    runs = {
        ours: [taken(1.0), taken(2.0), taken(3.0)],
        hugo: [taken(4.0), taken(4.0), taken(5.0)],
    }
    bar = bars.ratio(runs, ours, hugo)
    assert (bar.found, bar.least, bar.most) == (0.5, 0.25, 0.6)
    found = {bar.what: bar for bar in bars.all_bars(runs)}
    asked = found["ours, 1,000 pages, edit / hugo, 1,000 pages, edit"]
    assert (asked.limit, asked.verdict) == (0.5, "PASS")
    runs[ours][1] = taken(2.1)
    assert {b.what: b for b in bars.all_bars(runs)}[asked.what].verdict == "behind"
    assert found["ours, 10 pages, unchanged"].verdict == "not run"


def test_cold_is_held_against_the_fastest_python_peer() -> None:
    runs = {(name, 1_000, "cold"): [taken(wall)] for name, wall in (("ours", 2.0), ("hugo", 1.0))}
    runs |= {("mkdocs", 1_000, "cold"): [taken(6.0)], ("lektor", 1_000, "cold"): [taken(3.0)]}
    found = {bar.what: bar for bar in bars.all_bars(runs)}
    assert found["ours, 1,000 pages, cold / lektor, 1,000 pages, cold"].verdict == "behind"


def test_the_work_of_a_page_is_compared_between_sizes() -> None:
    runs = {
        ("ours", 100_000, "cold"): [taken(9.0, cpu=240.0)],
        ("ours scaled", 1_000, "cold"): [taken(9.0, cpu=2.0)],
    }
    work, memory = bars.all_bars(runs)[-5:-3]
    assert work.found == pytest.approx(1.2)
    assert work.verdict == memory.verdict == "PASS"
    assert memory.found == pytest.approx(1.0)


def test_a_section_leaves_the_others_alone(tmp_path: Path) -> None:
    document = tmp_path / "b.md"
    sections.put(document, "pages", "## Pages\n\nlight")
    sections.put(document, "builds", "## Builds\n")
    once = document.read_text()
    sections.put(document, "builds", "## Builds\n\nfast")
    assert document.read_text() == once.replace("## Builds\n", "## Builds\n\nfast\n")
    assert once.index("Builds") < once.index("Pages"), "in their order, not that of writing"


def test_no_two_edits_are_alike_and_none_has_a_figure() -> None:
    said = {rounds.sentence(number) for number in range(2000)}
    assert len(said) == 2000
    assert not re.search(r"\d", "".join(said))
    assert rounds.edited("Lead.\n\n## One\n\n## Two\n", 0) == (
        f"Lead.\n\n{rounds.sentence(0)}\n\n## One\n\n## Two\n"
    )


# Makes one page of one source; a second build leaves what is there, and so shows no edit.
STALE = """
from pathlib import Path
page = Path("out/p.html")
page.parent.mkdir(exist_ok=True)
page.exists() or page.write_text(Path("p.md").read_text())
"""
SOURCE = "Lead.\n\n## One\n"


def a_site(folder: Path, script: str, *, peer: bool) -> rounds.Built:
    folder.mkdir(parents=True)
    (folder / "p.md").write_text(SOURCE)
    command = (sys.executable, "-c", script)
    sources = frozenset({"p.md"})
    return rounds.Built(
        folder.name, 10, folder, command, (), "p.md", "out/p.html", 1, sources, peer=peer
    )


def in_turn(tmp_path: Path) -> rounds.Rounds:
    (tmp_path / "attic").mkdir()
    return rounds.Rounds(rounds.Results(tmp_path / "runs.jsonl"), tmp_path / "attic")


@pytest.mark.process
def test_a_page_that_does_not_show_its_edit_does_not_count(tmp_path: Path) -> None:
    good = a_site(tmp_path / "good", STALE.replace("page.exists() or ", ""), peer=True)
    stale = a_site(tmp_path / "stale", STALE, peer=True)
    turns = in_turn(tmp_path)
    turns.cold([good, stale])
    turns.unchanged([good, stale])
    turns.edited([good, stale])
    turns.cold([good, stale])
    assert turns.results.failed == {("stale", 10)}
    assert len(turns.results.runs["good", 10, "cold"]) == 2
    assert len(turns.results.runs["stale", 10, "cold"]) == 1
    assert (good.folder / "p.md").read_text() == SOURCE
    assert len((tmp_path / "runs.jsonl").read_text().splitlines()) == 7
    ours = a_site(tmp_path / "ours", STALE, peer=False)
    turns.cold([ours])
    with pytest.raises(rounds.Stale, match="does not show the edit"):
        turns.edited([ours])


@pytest.mark.process
def test_a_cold_build_finds_nothing_of_the_one_before(tmp_path: Path) -> None:
    script = """
from pathlib import Path
assert not Path(".kept").exists() and not Path("out").exists()
Path(".kept").mkdir(), Path("out").mkdir()
Path("out/p.html").touch()
"""
    site, turns = a_site(tmp_path / "x", script, peer=False), in_turn(tmp_path)
    turns.cold([site, site])
    with pytest.raises(clock.Failed, match="AssertionError"):
        turns.unchanged([site])


@pytest.mark.process
def test_a_build_that_leaves_pages_out_does_not_count(tmp_path: Path) -> None:
    script = "from pathlib import Path; Path('out').mkdir()"
    with pytest.raises(rounds.Stale, match="0 of 1 pages"):
        in_turn(tmp_path).cold([a_site(tmp_path / "x", script, peer=False)])


@pytest.mark.process
def test_a_process_is_measured_with_its_children(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    work = "x = bytearray(80_000_000); import time; time.sleep(.5); sum(range(3_000_000))"
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {work!r}], check=True)"
    found = clock.take([sys.executable, "-c", child], tmp_path / "site", os.environ)
    assert found.wall > 0.5
    assert 0.02 < found.cpu < found.wall
    assert found.largest > 80_000_000
    if hasattr(os, "pidfd_open"):
        assert found.together > 60_000_000
    with pytest.raises(clock.Failed, match="went wrong"):
        clock.take(
            [sys.executable, "-c", "raise SystemExit('went wrong')"], tmp_path / "site", os.environ
        )


@pytest.mark.process
def test_a_short_run_of_ours_is_reported(tmp_path: Path) -> None:
    report = tmp_path / "report.md"
    command = [sys.executable, str(PROJECT / "bench" / "builds.py")]
    flags = ["--only", "ours", "--pages", "10", "--runs", "1"]
    places = ["--cache", str(tmp_path / "cache"), "--write", str(report), "--venv", sys.prefix]
    done = subprocess.run([*command, *flags, *places], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    table = report.read_text().partition("### 10 pages")[2].partition("###")[0]
    assert re.search(r"^\| Ours \| \d+\.\d+ s \| \d+\.\d+ s \| \d+\.\d+ s \| ", table, re.MULTILINE)
    root = tmp_path / "cache" / "sites" / "ours-10"
    checked = run_cli("check", "--root", str(root))
    assert "no problems" in checked.stdout, "the corpus is in good order"
    assert len(load_sources(root).pages) == corpus.Shape(10).html_files
