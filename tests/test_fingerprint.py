"""An edit in any file of the generator makes the next build start anew."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from conftest import PROJECT, run_cli, write_site

from sitebuilder.build.incremental import record
from sitebuilder.core.package import PACKAGE_ROOT

pytestmark = pytest.mark.process

FILES = sorted(
    path.relative_to(PACKAGE_ROOT)
    for path in PACKAGE_ROOT.rglob("*")
    if path.is_file() and "__pycache__" not in path.parts
)


def copy_package(to: Path) -> Path:
    return shutil.copytree(PACKAGE_ROOT, to, ignore=shutil.ignore_patterns("__pycache__"))


def test_it_covers_every_file_of_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied = copy_package(tmp_path / "sitebuilder")
    monkeypatch.setattr(record, "PACKAGE_ROOT", copied)
    fingerprint = record.generator_fingerprint.__wrapped__
    before = fingerprint()
    assert len(FILES) > 150
    for name in FILES:
        data = (copied / name).read_bytes()
        (copied / name).write_bytes(data + b"\n")
        assert fingerprint() != before, name
        (copied / name).write_bytes(data)
    assert fingerprint() == before


@pytest.mark.parametrize(
    "edited", ["clinical/plain_language/syllables.txt", "markdown/parser.py", "core/urls.py"]
)
def test_the_next_build_renders_every_page(edited: str, tmp_path: Path) -> None:
    copied = copy_package(tmp_path / "project" / "sitebuilder")
    shutil.copy(PROJECT / "build.py", copied.parent)
    for name in ("templates", "static"):
        shutil.copytree(PROJECT / name, copied.parent / name)
    page = "---\ntitle: Page {}\ndescription: About {}.\n---\n\nWords.\n"
    write_site(copied.parent, {f"content/p{n}.md": page.format(n, n) for n in range(3)})

    def explain() -> str:
        done = run_cli("build", "--explain", "--root", str(copied.parent), program=copied.parent)
        assert done.returncode == 0, done.stderr
        return done.stderr

    explain()
    assert ": rendered: " not in explain()
    with (copied / edited).open("a") as stream:
        stream.write("\n")
    assert explain().count(": rendered: ") >= 3
