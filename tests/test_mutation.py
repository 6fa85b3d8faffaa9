"""The maker of slips, and the guard that mutants run under."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from code_mutants import mutants
from conftest import PROJECT


def slips(text: str) -> set[str]:
    return {mutant.after for mutant in mutants(text + "\n")}


@pytest.mark.parametrize(
    ("text", "slip"),
    [
        ("a = 1 < b", "a = 1 <= b"),
        ("a = b in c", "a = b not in c"),
        ("a = b and c", "a = ((b) or (c))"),
        ("a = b and c", "a = ((c))"),
        ("a = not b", "a = (b)"),
        ("a = b + c", "a = b - c"),
        ("a = 20", "a = 21"),
        ("a = True", "a = False"),
        ("a = 'é', 'b'", "a = 'b'"),
        ("a = {'x', 'y'}", "a = {'x'}"),
        ("a = 'p div'.split()", "a = 'p '.split()"),
        ("a = {'k': 1, 'l': 2}", "a = {'k': 1, }"),
        ("a = re.compile(r'[a-z_]+')", "a = re.compile(r'[_]+')"),
        ("a = re.compile('[é“-”x]')", "a = re.compile('[éx]')"),
        ("a = re.compile(r'x|y$')", "a = re.compile(r'x|y')"),
        ("a = re.compile(b, re.IGNORECASE)", "a = re.compile(b, 0)"),
        ("a = f(b, c=d)", "a = f(b)"),
        ("a = b.lower()", "a = (b)"),
        ("if a: b()", "if (not (a)): b()"),
        ("if a: b()", "if a: pass"),
        ("def f(): return a", "def f(): return None"),
        ("for a in b: continue", "for a in b: break"),
        ("def f():\n raise A", "pass"),
        ("try: a()\nexcept (B, C): d()", "except ( C): d()"),
        ("try: a()\nfinally: b()", "finally: pass"),
    ],
)
def test_each_kind_of_slip_is_made(text: str, slip: str) -> None:
    assert slip in slips(text)


def test_words_for_people_that_do_nothing_are_left_alone() -> None:
    assert slips('"""About it."""\nfrom __future__ import annotations\na: Final["x"]\n') == set()


@pytest.mark.parametrize("name", ["core/urls", "output/swap"])
def test_each_slip_is_one_change_that_can_run(name: str) -> None:
    text = (PROJECT / "sitebuilder" / f"{name}.py").read_text()
    made = mutants(text)
    assert len(made) > 30
    assert len({mutant.text for mutant in made}) == len(made)
    for mutant in made:
        assert mutant.text != text
        assert mutant.before != mutant.after


@pytest.mark.process
def test_under_the_guard_nothing_outside_is_changed(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    outside.mkdir()
    (outside / "kept").write_text("kept")
    program = f"""if True:
        import os, shutil, subprocess, sys
        from pathlib import Path
        sys.path.insert(0, {str(PROJECT / "tests")!r})
        from mutation_guard import hold
        hold(({str(inside)!r},))
        Path({str(inside)!r}, "fine").write_text("x")
        out = Path({str(outside)!r})
        tries = [
            lambda: (out / "new").write_text("x"),
            lambda: (out / "kept").unlink(),
            lambda: (out / "kept").chmod(0),
            lambda: (out / "kept").rename(Path({str(inside)!r}, "taken")),
            lambda: Path({str(inside)!r}, "fine").rename(out / "kept"),
            lambda: Path({str(inside)!r}, "..", "out", "new").write_text("x"),
            lambda: (out / "folder").mkdir(),
            lambda: shutil.rmtree(out),
            lambda: (out / "link").symlink_to("kept"),
        ]
        for n, attempt in enumerate(tries):
            try:
                attempt()
            except PermissionError:
                continue
            sys.exit(f"try {{n}} got through")
    """
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert [path.name for path in outside.iterdir()] == ["kept"]
    assert (outside / "kept").read_text() == "kept"


@pytest.mark.process
def test_the_fuzzer_still_fits_the_program(tmp_path: Path) -> None:
    """It stands on much of the program's inside, and runs once a week only."""
    (tmp_path / "found").write_bytes(b"page\n---\ntitle: T\n---\n\nWords. \x1b")
    words = [sys.executable, "tests/fuzz.py", "--again", str(tmp_path / "found")]
    path = os.pathsep.join((str(PROJECT), str(PROJECT / "tests")))
    done = subprocess.run(
        words,
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "control" in done.stdout


def test_a_change_that_changes_nothing_is_no_slip() -> None:
    assert slips('a = f(b"")') == set()
