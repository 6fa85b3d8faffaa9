"""The packages of `sitebuilder` import only downward, and each library is used in few modules."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import PROJECT

pytestmark = pytest.mark.process

LIBRARIES = {
    "yaml": {"content.yaml"},
    "markdown": {"markdown.parser", "markdown.fast_path", "markdown.tree"},
    "nh3": {"markdown.sanitizer"},
    "jinja2": {"render.sandbox", "render.templates", "render.renderer"},
    "livereload": {"server.handlers", "server.app"},
    "tornado": {"server.handlers", "server.app"},
    "brotli": {"output.precompress"},
}
"""The modules that may import a library."""

MAX_ROOT_NAMES = 13
MAX_LINES, MAX_FUNCTION_LINES = 400, 50


def modules() -> dict[str, ast.Module]:
    folder = PROJECT / "sitebuilder"
    return {
        ".".join(path.relative_to(folder).with_suffix("").parts): ast.parse(path.read_text())
        for path in folder.rglob("*.py")
    }


def imports(tree: ast.Module) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return names


def test_packages_import_downward():
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-logo"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "1 kept, 0 broken" in done.stdout


def test_the_root_is_a_dozen_names():
    names = {path.stem for path in (PROJECT / "sitebuilder").glob("*.py")}
    names |= {path.parent.name for path in (PROJECT / "sitebuilder").glob("*/__init__.py")}
    assert len(names) <= MAX_ROOT_NAMES


def test_no_import_circle():
    graph = {
        name.removesuffix(".__init__"): {
            used.removeprefix("sitebuilder.")
            for node in tree.body
            if isinstance(node, ast.Import | ast.ImportFrom)
            for used in imports(ast.Module([node], []))
        }
        for name, tree in modules().items()
    }
    while leaves := {name for name, used in graph.items() if not used & set(graph)}:
        graph = {name: used for name, used in graph.items() if name not in leaves}
    assert not graph


def test_each_library_is_used_where_it_belongs():
    for name, tree in modules().items():
        for used in {n.partition(".")[0] for n in imports(tree)} & set(LIBRARIES):
            assert name in LIBRARIES[used], f"{name} imports {used}"


def test_only_one_module_asks_where_the_program_is():
    found = {
        name
        for name, tree in modules().items()
        if any(isinstance(node, ast.Name) and node.id == "__file__" for node in ast.walk(tree))
    }
    assert found == {"core.package"}


def test_nothing_is_long():
    for path in (PROJECT / "sitebuilder").rglob("*.py"):
        assert len(path.read_text().splitlines()) <= MAX_LINES, path
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1
                assert lines <= MAX_FUNCTION_LINES, f"{path}: {node.name} has {lines} lines"


def test_templates_hold_no_word_of_this_clinic():
    for path in Path(PROJECT / "templates").iterdir():
        text = path.read_text().lower()
        assert not {w for w in ("institute", "laminectomy", "911") if w in text}, path
