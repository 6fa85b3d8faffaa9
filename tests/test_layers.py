"""The packages of `sitebuilder` import only downward, and each library is used in few modules."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import PROJECT

LIBRARIES = {
    "yaml": {"content.yaml"},
    "markdown": {
        "markdown.parser",
        "markdown.fast_path",
        "markdown.references",
        "markdown.tree",
    },
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


@pytest.mark.process
def test_packages_import_downward() -> None:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-logo"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "1 kept, 0 broken" in done.stdout


def test_the_root_is_a_dozen_names() -> None:
    names = {path.stem for path in (PROJECT / "sitebuilder").glob("*.py")}
    names |= {path.parent.name for path in (PROJECT / "sitebuilder").glob("*/__init__.py")}
    assert len(names) <= MAX_ROOT_NAMES


def test_no_import_circle() -> None:
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


def test_each_library_is_used_where_it_belongs() -> None:
    for name, tree in modules().items():
        for used in {n.partition(".")[0] for n in imports(tree)} & set(LIBRARIES):
            assert name in LIBRARIES[used], f"{name} imports {used}"


def test_only_one_module_asks_where_the_program_is() -> None:
    found = {
        name
        for name, tree in modules().items()
        if any(isinstance(node, ast.Name) and node.id == "__file__" for node in ast.walk(tree))
    }
    assert found == {"core.package"}


def length(function: ast.FunctionDef) -> int:
    """The lines of its body without its docstring: telling what it does makes it no harder."""
    is_told = ast.get_docstring(function, clean=False) is not None
    body = function.body[is_told:]
    return (function.end_lineno or 0) - body[0].lineno + 1 if body else 0


def test_nothing_is_long() -> None:
    for path in (PROJECT / "sitebuilder").rglob("*.py"):
        assert len(path.read_text().splitlines()) <= MAX_LINES, path
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                lines = length(node)
                assert lines <= MAX_FUNCTION_LINES, f"{path}: {node.name} has {lines} lines"


def test_templates_hold_no_word_of_this_clinic() -> None:
    for path in Path(PROJECT / "templates").iterdir():
        text = path.read_text().lower()
        assert not {w for w in ("institute", "laminectomy", "911") if w in text}, path


READ_CALLS = {"open", "read_bytes", "read_text", "scandir", "listdir", "iterdir", "glob", "rglob"}
WRITE_CALLS = {"write_text", "write_bytes", "mkdir", "mkstemp", "unlink", "rename", "rmdir", "link"}
NOT_THE_DISK = {
    "cli.process": "/dev/null",
    "markdown.passages": "read_text is a function of its own",
    "output.path_guards": "only looks",
}


def test_the_architecture_says_who_touches_the_disk() -> None:
    text = (PROJECT / "docs" / "architecture.md").read_text()
    section = text.partition("## Who touches the disk")[2].partition("\n## ")[0]
    listed = set(re.findall(r"`(?:\w+/)*(\w+)\.py`", section))
    for name, tree in modules().items():
        calls = {
            node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute)
        }
        if calls & (READ_CALLS | WRITE_CALLS) and name not in NOT_THE_DISK:
            assert name.rpartition(".")[2] in listed, name
