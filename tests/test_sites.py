"""Whole sites, one in a text file each: what goes in, what is said, what comes out.

    -- content/index.md --      files of the site
    -- flags --                 optional: release, preview, url ADDRESS
    -- problems --              each as `path:line:column severity rule: message (hint)`
    -- pages --                 each as `id address state`
    -- public/x/index.html --   what stands between <main> and </main>, or the whole of another file

`pytest tests/test_sites.py --update` writes what the sites say now; read the diff then.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from conftest import PROJECT, build, write_site

SITES = sorted((PROJECT / "tests" / "sites").glob("*.txt"))


def sections(text: str) -> dict[str, str]:
    parts = re.split(r"^-- (.+) --\n", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def flags(text: str) -> dict[str, object]:
    options: dict[str, object] = {}
    for word, _, value in (line.partition(" ") for line in text.split("\n") if line):
        options[word] = value or True
    return options


def observed(root: Path, wanted: dict[str, str]) -> dict[str, str]:
    built = build(root, **flags(wanted.get("flags", "")))
    files = {f"public/{o.path}": o.load().decode() for o in built.outputs if wanted}
    now = {
        "problems": "".join(
            f"{p.path}:{p.line}:{p.column} {p.severity} {p.rule}: {p.message} ({p.hint})\n"
            for p in built.problems
        ),
        "pages": "".join(f"{p.id} {p.url} {p.state}\n" for p in built.pages),
    }
    for name in wanted:
        if name.startswith("public/"):
            text = files.get(name, "(not there)\n")
            main = re.search(r"<main[^>]*>\n?(.*)</main>", text, re.DOTALL)
            now[name] = re.sub(r"\n{2,}", "\n", main[1]) if main else text
    return {name: now[name] for name in wanted if name in now}


@pytest.mark.parametrize("case", SITES, ids=lambda path: path.stem)
def test_site(case: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    text = case.read_text()
    wanted = sections(text)
    sources = {
        name: value
        for name, value in wanted.items()
        if name not in {"flags", "problems", "pages"} and not name.startswith("public/")
    }
    root = write_site(tmp_path, sources)
    now = observed(root, wanted)
    if request.config.getoption("--update"):
        heading = text.partition("-- ")[0]
        case.write_text(
            heading + "".join(f"-- {name} --\n{now.get(name, wanted[name])}" for name in wanted)
        )
        return
    for name, value in now.items():
        assert value == wanted[name], f"{case.name}: {name}"


def test_there_are_sites() -> None:
    assert len(SITES) >= 15
