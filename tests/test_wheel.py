"""The package: a wheel whose command builds a site that is not ours, in an empty folder."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from conftest import PROJECT, write_site

pytestmark = pytest.mark.process

SITE = {
    "config.yaml": "name: Another clinic\n",
    "content/index.md": "---\ntitle: Home\ndescription: The first page.\n---\n\nSome words.\n",
}


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    done = subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip = (sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation")
    run(*pip, "--wheel-dir", folder, PROJECT, cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("installed")
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index")
    run(*pip, "--target", folder, wheel, cwd=folder)
    return folder


@pytest.mark.parametrize("way", ["command", "module"])
def test_it_builds_a_site_in_the_folder_it_is_called_in(
    way: str, installed: Path, tmp_path: Path
) -> None:
    write_site(tmp_path, SITE)
    commands: dict[str, tuple[str | Path, ...]] = {
        "command": (installed / "bin" / "sitebuilder",),
        "module": (sys.executable, "-m", "sitebuilder"),
    }
    said = run(*commands[way], "build", cwd=tmp_path, PYTHONPATH=str(installed))
    assert "1 pages in public" in said or "1 page" in said
    page = (tmp_path / "public" / "index.html").read_text()
    assert "Some words." in page
    assert "<style>" in page
    assert "Another clinic" in page


def test_the_usage_names_the_command(installed: Path, tmp_path: Path) -> None:
    said = run(installed / "bin" / "sitebuilder", "--help", cwd=tmp_path, PYTHONPATH=str(installed))
    assert said.startswith("usage: sitebuilder ")


def test_it_holds_the_licence_and_nothing_of_the_clinic(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        logo = archive.read("sitebuilder/static/inline/logo.svg").decode()
    assert "sitebuilder/py.typed" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not [name for name in names if "figures" in name or name.startswith("content")]
    assert logo.strip() != (PROJECT / "static" / "inline" / "logo.svg").read_text().strip()
