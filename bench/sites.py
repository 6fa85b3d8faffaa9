"""The sites to compare: ours, and the same pages under four default themes.

A peer is a folder `bench/peers/NAME` with its pinned versions and the few lines it cannot do
without. It is copied into the cache, where its packages are installed once.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import yaml
from words import write_pages

BENCH = Path(__file__).resolve().parent
PROJECT = BENCH.parent

# Nobody is told that we build, and nobody is asked for news.
QUIET = {
    "ASTRO_TELEMETRY_DISABLED": "1",
    "DO_NOT_TRACK": "1",
    "NO_UPDATE_NOTIFIER": "1",
    "NO_MKDOCS_2_WARNING": "1",
    "CI": "1",
    "NODE_ENV": "production",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
}


@dataclass(frozen=True)
class Peer:
    """A generator with its default theme: what to run, and where pages go in and come out."""

    name: str
    label: str
    packages: tuple[str, ...]  # the versions to name in the report
    pages: str
    output: str
    command: tuple[str, ...]
    by_address: bool = False  # links between pages must be addresses, not file names


PEERS = (
    Peer(
        "material",
        "Material for MkDocs",
        ("mkdocs-material", "mkdocs"),
        "docs",
        "site",
        ("venv/bin/mkdocs", "build", "--quiet", "--clean"),
    ),
    Peer(
        "zensical",
        "Zensical",
        ("zensical",),
        "docs",
        "site",
        ("venv/bin/zensical", "build", "--clean"),
    ),
    Peer(
        "starlight",
        "Starlight",
        ("@astrojs/starlight", "astro"),
        "src/content/docs",
        "dist",
        ("node_modules/.bin/astro", "build", "--silent"),
        by_address=True,
    ),
    Peer(
        "docusaurus",
        "Docusaurus classic",
        ("@docusaurus/core", "@docusaurus/preset-classic"),
        "docs",
        "build",
        ("node_modules/.bin/docusaurus", "build"),
    ),
)


def run(command: tuple[str | Path, ...], folder: Path) -> str:
    """Run a program to its end; its words are shown only if it fails."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env={**os.environ, **QUIET},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=900,
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))}: exit {done.returncode}\n{done.stdout}")
    return done.stdout


def install(peer: Peer, cache: Path) -> Path:
    """Bring the peer into the cache; its packages are fetched only if its pins have changed."""
    folder, source = cache / peer.name, BENCH / "peers" / peer.name
    shutil.copytree(source, folder, dirs_exist_ok=True)
    pins = next(p for p in map(folder.joinpath, ("requirements.txt", "package.json")) if p.exists())
    stamp = folder / "installed"
    if stamp.is_file() and stamp.read_bytes() == pins.read_bytes():
        return folder
    print(f"installing {peer.label} into {folder}", flush=True)
    if pins.name == "requirements.txt":
        run((sys.executable, "-m", "venv", "--clear", "venv"), folder)
        run(("venv/bin/python", "-m", "pip", "install", "--no-input", "-r", pins), folder)
    else:
        flags = ("--ignore-scripts", "--no-audit", "--no-fund", "--package-lock=false")
        run(("npm", "install", *flags), folder)
    stamp.write_bytes(pins.read_bytes())
    return folder


def versions(peer: Peer, folder: Path) -> list[str]:
    """What is installed, as `name version`: the report says what was run, not asked for."""
    if (folder / "package.json").exists():
        manifests = {p: folder / "node_modules" / p / "package.json" for p in peer.packages}
        return [f"{p} {yaml.safe_load(m.read_bytes())['version']}" for p, m in manifests.items()]
    tell = "import sys; from importlib.metadata import version; print(version(sys.argv[1]))"
    python = folder / "venv/bin/python"
    return [f"{p} {run((python, '-c', tell, p), folder).strip()}" for p in peer.packages]


def build_peer(peer: Peer, folder: Path, content: Path, review: str) -> Path:
    """Convert our pages for the peer and build them; gives the folder to serve."""
    pages = folder / peer.pages
    names = list(write_pages(content, pages, by_address=peer.by_address, review=review))
    if peer.name == "docusaurus":
        _home_address(pages / "index.md")
    print(f"building {peer.label} from {len(names)} pages", flush=True)
    run(peer.command, folder)
    return folder / peer.output


def _home_address(page: Path) -> None:
    """Docusaurus is told that index.md is the home page of the site (its own way to say so)."""
    text = page.read_text(encoding="utf-8")
    page.write_text(text.replace("---\n", "---\nslug: /\n", 1), encoding="utf-8")


def build_ours(output: Path) -> Path:
    """Build our site as `make` does, into a folder of its own."""
    run((sys.executable, "build.py", "build", "--quiet", "--output", output), PROJECT)
    return output


def default_review() -> str:
    """Who signs a page that does not say: it decides which pages carry the draft notice."""
    config = yaml.safe_load((PROJECT / "config.yaml").read_bytes())
    return str(config.get("review", "none"))
