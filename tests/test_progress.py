"""How far a build has come: on a terminal, when it takes long, and nowhere else."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

import pytest
from conftest import PROJECT, MakeSite, run_cli

from sitebuilder.cli import progress

PAGE = "---\ntitle: Page {0}\ndescription: Said.\n---\n\nWords of page {0}.\n"


def on_a_terminal(*arguments: str, **environment: str) -> str:
    """What a command writes to a terminal."""
    ours, theirs = pty.openpty()
    command = [sys.executable, *arguments]
    done = subprocess.Popen(
        command, stderr=theirs, stdout=subprocess.DEVNULL, env={**os.environ, **environment}
    )
    os.close(theirs)
    said = b""
    while True:
        try:
            part = os.read(ours, 4096)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        said += part
    os.close(ours)
    assert done.wait(timeout=60) == 0, said
    return said.decode()


SLOWLY = """\
import sys
sys.path.insert(0, sys.argv.pop(1))
from sitebuilder.cli import progress
from sitebuilder.cli.main import main
progress.SHOW_DELAY = progress._MIN_INTERVAL = 0.0
sys.exit(main(sys.argv[1:]))
"""


def test_a_line_says_how_far_how_fast_and_how_long() -> None:
    assert progress.format_progress(250, 1000, 2.0) == "250 of 1,000 pages, 125 a second, 6 s left"
    assert progress.format_progress(0, 1000, 2.0) == "0 of 1,000 pages, 0 a second"


@pytest.mark.process
def test_a_long_build_shows_it_on_a_terminal_and_takes_it_away(make_site: MakeSite) -> None:
    root = make_site({f"content/p{n}.md": PAGE.format(n) for n in range(20)})
    said = on_a_terminal("-c", SLOWLY, str(PROJECT), "--root", str(root), "--jobs", "1")
    assert "of 22 pages" in said
    assert said.rstrip().endswith("\x1b[K") or "\x1b[K" in said.rpartition("pages, ")[2]
    said = on_a_terminal("-c", SLOWLY, str(PROJECT), "--root", str(root), "--no-cache", "--quiet")
    assert "pages" not in said


@pytest.mark.process
def test_a_short_build_and_one_that_nobody_watches_show_nothing(make_site: MakeSite) -> None:
    root = make_site({f"content/p{n}.md": PAGE.format(n) for n in range(3)})
    assert "\x1b" not in on_a_terminal(str(PROJECT / "build.py"), "--root", str(root))
    assert "\x1b" not in run_cli("--root", str(root), "--no-cache", process=True).stderr


def test_profile_lists_the_stages_in_order() -> None:
    stages = {"parse_config": 0.1234, "render_pages": 1.5}
    pages = [("content/a.md", "page", 0.002)]
    lines = progress.profile_table(stages, pages).split("\n")
    assert lines[:4] == [
        "Stages:",
        "    123.4 ms  parse config",
        "   1500.0 ms  render pages",
        "1 pages rendered. The slowest:",
    ]
    assert lines[4].endswith("  content/a.md")
    assert "Stages" not in progress.profile_table({}, [])


def test_profile_shows_stages_unless_the_previous_build_was_reused(make_site: MakeSite) -> None:
    root = make_site({"content/p1.md": PAGE.format(1)})
    report = run_cli("--root", str(root), "--profile").stderr
    stages = report.split("Stages:\n")[1].split("pages rendered")[0]
    assert stages.split("\n")[0].endswith(" ms  parse config")
    assert " ms  render pages\n" in stages
    assert "Stages:" not in run_cli("--root", str(root), "--profile").stderr


def test_profile_names_the_slowest_pages_and_templates(make_site: MakeSite) -> None:
    long = PAGE.format(0) + "\n\n".join(f"Word {n} and **more** [here](/p1/)." for n in range(400))
    root = make_site({"content/p0.md": long, "content/p1.md": PAGE.format(1)})
    done = run_cli("--root", str(root), "--profile")
    rows = done.stderr.split("The slowest:\n")[1].split("\n")
    assert rows[0].endswith("  content/p0.md")
    assert any(row.endswith("  page.html") for row in rows)
    assert "No page was rendered." in run_cli("--root", str(root), "--profile").stderr


def test_what_was_kept_is_told_and_can_be_left_out(make_site: MakeSite) -> None:
    root = make_site({f"content/part/p{n}.md": PAGE.format(n) for n in range(3)})
    assert "there is no record" in run_cli("--root", str(root), "--explain").stderr
    (root / "content/part/p1.md").write_text(PAGE.format(1) + "More.\n")
    said = run_cli("--root", str(root), "--explain").stderr
    assert "content/part/p1.md: rendered: its text has changed\n" in said
    assert "5 pages reused" in said
    (root / "content/part/p2.md").write_text(PAGE.format("two"))
    said = run_cli("--root", str(root), "--explain").stderr
    assert "content/part/p2.md: rendered: its front matter has changed" in said
    assert "content/part/p0.md" not in said
    (root / "config.yaml").write_text("name: Another\n")
    assert "what all pages share has changed" in run_cli("--root", str(root), "--explain").stderr
    assert "there is no record" in run_cli("--root", str(root), "--explain", "--no-cache").stderr
    assert "6 pages reused" in run_cli("--root", str(root), "--explain").stderr
