"""Digests of all that the generator makes, to hold a refactoring against what was there before.

    python tests/output_digest.py [--project DIR] [--pages N]

Builds with the command line of a checkout (by default this one): its own site, every site of
`tests/sites`, every input of `tests/bad-inputs` in a small site, and a reference corpus. Prints one
digest of all published bytes and one of all JSON reports, per group, as a JSON object. `message`
and `hint` of problems are left out of the reports: they are words for people and may change.

A generator that is refactored prints the same before and after. This file uses nothing of
`sitebuilder`, so one copy of it measures any two checkouts.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
TODAY = "2026-11-22"
LEFT_OUT = ("message", "hint", "seconds")
SOURCE_FOLDERS = ("content/", "templates/", "static/", "reviews/", "config.yaml")
FOLDER_OF_KIND = {"config": "", "tools": "content/tools/", "templates": "templates/"}


class Digests(NamedTuple):
    """What one site came to."""

    public: str
    report: str


def main() -> int:
    """Print the digests of every group."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--project", type=Path, default=HERE.parent)
    parser.add_argument("--pages", type=int, default=200, help="pages of the reference corpus")
    flags = parser.parse_args()
    project = flags.project.resolve()
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as pool:
        sites = {
            "own": [project],
            "sites": list(write_example_sites(Path(folder, "sites"))),
            "bad-inputs": list(write_bad_inputs(Path(folder, "bad"))),
            "corpus": [write_corpus(Path(folder, "corpus"), flags.pages)],
        }
        found = {
            group: combine(list(pool.map(lambda root: digest_site(project, root), roots)))
            for group, roots in sites.items()
        }
    print(json.dumps({group: digests._asdict() for group, digests in found.items()}, indent=2))
    return 0


def combine(digests: list[Digests]) -> Digests:
    """One pair of digests for a group of sites."""
    return Digests(*(sha256("\n".join(column).encode()) for column in zip(*digests, strict=True)))


def digest_site(project: Path, root: Path) -> Digests:
    """Build a site from nothing, and digest its published files and its report."""
    with tempfile.TemporaryDirectory() as folder:
        public = Path(folder, "public")
        command = [sys.executable, str(project / "build.py"), "build", "--no-cache"]
        command += ["--root", str(root), "--output", str(public), "--today", TODAY]
        done = subprocess.run(
            [*command, "--format", "json"], capture_output=True, text=True, check=False, cwd=root
        )
        report = json.loads(done.stdout or "{}")
        report["exit code"] = done.returncode
        text = json.dumps(without_words(report), sort_keys=True).replace(folder, "")
        return Digests(digest_tree(public), sha256(text.encode()))


def without_words(value: object) -> object:
    """A report without the texts that only people read, and without how long it took."""
    if isinstance(value, dict):
        return {k: without_words(v) for k, v in value.items() if k not in LEFT_OUT}
    return [without_words(item) for item in value] if isinstance(value, list) else value


def digest_tree(folder: Path) -> str:
    """The digest of every file below a folder, with its path and mode."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    lines = [
        f"{path.relative_to(folder)} {path.stat().st_mode:o} {sha256(path.read_bytes())}"
        for path in files
    ]
    return sha256("\n".join(lines).encode())


def sha256(data: bytes) -> str:
    """A short hexadecimal digest."""
    return hashlib.sha256(data).hexdigest()[:32]


def write_example_sites(folder: Path) -> Iterator[Path]:
    """The sites of `tests/sites`, each in a folder of its own."""
    for case in sorted((HERE / "sites").glob("*.txt")):
        parts = re.split(r"^-- (.+) --\n", case.read_text(), flags=re.MULTILINE)
        root = folder / case.stem
        write(root / "config.yaml", b"name: Some site\n")
        for name, text in zip(parts[1::2], parts[2::2], strict=True):
            if name.startswith(SOURCE_FOLDERS):
                write(root / name, text.encode())
        yield root


def write_bad_inputs(folder: Path) -> Iterator[Path]:
    """The inputs of `tests/bad-inputs`, each in a small site of its own."""
    for case in sorted((HERE / "bad-inputs").rglob("*")):
        kind = case.relative_to(HERE / "bad-inputs").parts[0]
        if not case.is_file() or kind in {"sites", "EXPECTED.tsv"}:
            continue
        root = folder / kind / case.name
        write(root / "config.yaml", b"name: Some site\n")
        write(root / "content/index.md", b"---\ntitle: Home\n---\n\nWords.\n")
        target = root / FOLDER_OF_KIND.get(kind, "content/") / case.name
        write(root / "config.yaml" if kind == "config" else target, case.read_bytes())
        yield root
    for case in sorted((HERE / "bad-inputs" / "sites").iterdir()):
        root = folder / "sites" / case.name
        shutil.copytree(case, root)
        yield root


def write_corpus(root: Path, pages: int) -> Path:
    """The reference corpus of the benchmarks."""
    sys.path.insert(0, str(HERE.parent / "bench"))
    import corpus

    corpus.write(corpus.Shape(pages), corpus.BY_FILE, root / "content")
    write(root / "content/img/diagram.png", corpus.picture())
    write(root / "config.yaml", b"name: Corpus\n")
    return root


def write(path: Path, data: bytes) -> None:
    """Write a file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


if __name__ == "__main__":
    sys.exit(main())
