"""Folders in, `Inputs` out. The only input: all later stages work on what is read here."""

from __future__ import annotations

import os
from hashlib import blake2b
from pathlib import Path
from typing import Final

from sitebuilder.config import PATH as CONFIG
from sitebuilder.model import File, Inputs
from sitebuilder.problems import Problem, problem

PUBLISHED_KINDS: Final = frozenset(
    "avif css csv gif ico jpeg jpg json pdf png svg txt webmanifest webp woff2 xml".split()
)
"""What may be published as it is. Everything else (secrets, office files, backups) stays home."""

DESIGNERS_KINDS: Final = frozenset({"html", "js"})
"""What may be published from static/ only: these can hold script, and no check reads them."""

_TEXTS: Final = (".md", ".yaml", ".html", ".css", ".js", ".svg", ".json", ".txt")
"""Files whose bytes are kept, since later stages read them as text."""

_PROJECT: Final = Path(__file__).resolve().parent.parent


def digest(data: bytes) -> str:
    """A short name for some bytes: equal bytes, equal name."""
    return blake2b(data, digest_size=16).hexdigest()


def read_inputs(root: Path) -> Inputs:
    """Read the site in `root`. A site without templates or static files uses the project's own.

    NotADirectoryError: there is no such folder.
    """
    if not root.is_dir():
        raise NotADirectoryError(root)
    problems: list[Problem] = []
    if not any((root / "content").glob("**/*.md")):
        hint = "Make a file content/index.md, or name the right folder with --root."
        problems.append(problem("no-pages", "content", "there is no page in content/", hint=hint))
    content = _read_folder(root / "content", "content", problems)
    config = root / CONFIG
    return Inputs(
        config=_read_file(config, CONFIG) if config.is_file() else None,
        pages=tuple(f for f in content if f.path.endswith(".md")),
        page_files=_published(content, problems),
        templates=_read_folder(folder_of(root, "templates"), "templates", problems),
        static=_published(_read_folder(folder_of(root, "static"), "static", problems), problems),
        data=tuple(f for f in content if f.path.endswith(".yaml")),
        reviews=_read_folder(folder_of(root, "reviews"), "reviews", problems),
        problems=tuple(problems),
        designed=(root / "templates").is_dir(),
    )


def folder_of(root: Path, name: str) -> Path:
    """A source folder: the site's own, or for templates and static files the project's."""
    own = root / name
    return own if own.is_dir() or name in {"content", "reviews"} else _PROJECT / name


def _read_folder(folder: Path, name: str, problems: list[Problem]) -> tuple[File, ...]:
    """Every file below a folder, in order of path. Hidden names are left out, links refused."""
    files: list[File] = []
    waiting = [(folder, name)]
    while waiting:
        here, here_name = waiting.pop()
        try:
            entries = sorted(os.scandir(here), key=lambda entry: entry.name)
        except (FileNotFoundError, NotADirectoryError):
            continue
        for entry in entries:
            path = f"{here_name}/{entry.name}"
            if entry.name.startswith(".") and (name, entry.name) != ("static", ".well-known"):
                continue
            if not _is_text(path):
                shown = path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
                message = "the name of the file is not UTF-8"
                problems.append(problem("encoding", shown, message, hint="Rename the file."))
            elif entry.is_symlink():
                hint = "Put the file itself there."
                problems.append(problem("link-on-disk", path, "this is a link", hint=hint))
            elif entry.is_dir():
                waiting.append((Path(entry.path), path))
            elif entry.is_file():
                try:
                    files.append(_read_file(Path(entry.path), path))
                except OSError as error:
                    hint = "Let the account that builds the site read it."
                    message = f"the file cannot be read: {error.strerror}"
                    problems.append(problem("unreadable", path, message, hint=hint))
    return tuple(sorted(files, key=lambda file: file.path))


def _is_text(path: str) -> bool:
    """Whether a name is text; one in another encoding comes with bytes that are not."""
    return not any("\ud800" <= sign <= "\udfff" for sign in path)


def _read_file(location: Path, path: str) -> File:
    data = location.read_bytes()
    keep = path.endswith(_TEXTS)
    return File(path, digest(data), str(location), data if keep else b"")


def _published(files: tuple[File, ...], problems: list[Problem]) -> tuple[File, ...]:
    """The files of kinds that may be published; the rest is reported, but for our own sources."""
    good = []
    for file in files:
        kind = file.path.rpartition(".")[2].lower()
        if kind in PUBLISHED_KINDS or (kind in DESIGNERS_KINDS and file.path.startswith("static/")):
            good.append(file)
        elif not (file.path.startswith("content/") and file.path.endswith((".md", ".yaml"))):
            hint = "Take it out of this folder, or save it as a kind that browsers show."
            if kind in {"md", "markdown"}:
                hint = "Pages lie in content/ and end with '.md', in small letters."
            problems.append(
                problem("file-type", file.path, "a file of this kind is not published", hint=hint)
            )
    return tuple(good)
