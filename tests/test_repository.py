"""The workshop itself: lint, types, the documents."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from conftest import PROJECT

BIN = Path(sys.executable).parent


def run(*command: str) -> str:
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.process
def test_lint_finds_nothing_with_every_rule_on() -> None:
    run(str(BIN / "ruff"), "check", ".")
    run(str(BIN / "ruff"), "format", "--check", ".")
    settings = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    assert settings["tool"]["ruff"]["lint"]["select"] == ["ALL"]


@pytest.mark.process
def test_types_hold_strictly() -> None:
    run(str(BIN / "mypy"))
    assert tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["mypy"]["strict"] is True


def test_no_link_in_the_documents_is_broken() -> None:
    for page in [*PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md")]:
        text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
        text = re.sub(r"`[^`]*`|^(?:    |\t).*$", "", text, flags=re.MULTILINE)
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
            if not target.startswith(("http", "mailto:")):
                assert (page.parent / target).exists(), f"{page.name}: {target}"


@pytest.mark.process
def test_nothing_names_a_path_of_one_machine() -> None:
    listed = run("git", "ls-files").split("\n")
    for name in filter(None, listed):
        if name.startswith("tests/bad-inputs/"):
            continue  # hostile on purpose, and not all of it is text
        path = PROJECT / name
        if path.is_file() and path.suffix in {".py", ".md", ".yaml", ".yml", ".toml", ".html", ""}:
            assert not re.search(
                r"/(root|home|work|Users)/[a-z]", path.read_text("utf-8", "replace")
            ), name


def test_the_documents_name_every_rule_field_and_block() -> None:
    from sitebuilder.content import config_file, page_file
    from sitebuilder.core.problems import RULES
    from sitebuilder.markdown.block_specs import BLOCK_SPECS

    checks = (PROJECT / "docs" / "checks.md").read_text()
    for name, rule in RULES.items():
        off = "fixed" if rule.fixed else "no" if rule.locked else "yes"
        assert f"| `{name}` | {rule.severity} | {off} |" in checks, name
    editing = (PROJECT / "docs" / "editing.md").read_text()
    names = [*page_file.FRONT_MATTER_FIELDS, *config_file.CONFIG_FIELDS, *config_file.CLINIC_FIELDS]
    assert [name for name in names if f"`{name}" not in editing] == []
    assert [name for name in BLOCK_SPECS if f"::: {name}" not in editing] == []


def test_every_block_has_a_macro() -> None:
    from sitebuilder.markdown.block_specs import BLOCK_SPECS

    macros = (PROJECT / "templates" / "blocks.html").read_text()
    assert [n for n in BLOCK_SPECS if f"macro {n.replace('-', '_')}(" not in macros] == []
