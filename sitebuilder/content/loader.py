"""Folders in, `Inputs` out. The only input: all later stages work on what is read here."""

from __future__ import annotations

import os
import re
import stat
from operator import attrgetter
from pathlib import Path
from typing import Final

from sitebuilder.content.decode import FORBIDDEN_CHARACTERS
from sitebuilder.content.stat_cache import StatCache
from sitebuilder.core.config import CONFIG_PATH as CONFIG
from sitebuilder.core.digest import content_digest
from sitebuilder.core.model import File, Sources
from sitebuilder.core.package import default_sources
from sitebuilder.core.problems import Problem, problem
from sitebuilder.core.spool import Spool

PUBLISHED_EXTENSIONS: Final = frozenset(
    "avif css csv gif ico jpeg jpg json pdf png svg txt webmanifest webp woff2 xml".split()
)
"""What may be published as it is. Everything else (secrets, office files, backups) stays home."""


_DIR_BY_EXTENSION: Final = {"html": "static/", "js": "static/inline/"}
"""Kinds that have a place in one folder only. Pages in static/ are held to what pages may hold
(`checks/finished`). Script is written into pages of tools; no page takes any from a file."""


TEXT_SUFFIXES: Final = (".md", ".yaml", ".html", ".css", ".js", ".svg", ".json", ".txt")
"""Files whose bytes are kept, since later stages read them as text."""


MAX_BYTES_BY_SUFFIX: Final = {".md": 512 * 1024}
"""Bytes of a file by its ending. A page of this size is a book; its cost is bounded by this."""


MAX_TEXT_BYTES: Final = 1024 * 1024


MAX_FILE_BYTES: Final = 50 * 1024 * 1024
"""Bytes of a picture or another file that is published as it is."""


MAX_DIR_DEPTH: Final = 20
"""Folders in folders."""


_MAX_MEMORY: Final = 32 * 2**20
"""Bytes of pages that are held in memory; 7,000 pages or so. What is more waits in a file."""


_MISNAMED_PAGE_EXTENSIONS: Final = ("markdown", "mdown", "mkd", "mdx")


_MISNAMED_CONFIG_FILES: Final = ("config.yml", "config.json", "config.toml")


def load_sources(root: Path, stat_cache: StatCache | None = None) -> Sources:
    """Read the site in `root`. A site without templates or static files uses the project's own.

    NotADirectoryError: there is no such folder.
    """
    if not root.is_dir():
        raise NotADirectoryError(root)
    if stat_cache:
        stat_cache.start_scan()
    problems: list[Problem] = []
    reader = _SourceReader(problems, stat_cache, Spool(_MAX_MEMORY))
    content = reader.read_dir(root / "content", "content")
    if not any(f.path.endswith(".md") for f in content) and not problems:
        hint = "Make a file content/index.md, or name the right folder with --root."
        problems.append(problem("no-pages", "content", "there is no page in content/", hint=hint))
    for name in _MISNAMED_CONFIG_FILES:
        if (root / name).exists():
            message, hint = "this config is not read", f"Name the file {CONFIG}."
            problems.append(problem("unreadable", name, message, hint=hint))
    return Sources(
        config=reader.read_file(str(root / CONFIG), CONFIG),
        pages=tuple(f for f in content if f.path.endswith(".md")),
        page_files=_select_published(content, problems),
        templates=reader.read_dir(source_dir(root, "templates"), "templates"),
        static=_select_published(reader.read_dir(source_dir(root, "static"), "static"), problems),
        data=tuple(f for f in content if f.path.endswith(".yaml")),
        reviews=reader.read_dir(source_dir(root, "reviews"), "reviews"),
        problems=tuple(problems),
        custom_templates=(root / "templates").is_dir(),
    )


def reload_file(file: File) -> File | None:
    """A text as it is now; None: it cannot be had."""
    return _SourceReader([], None, Spool(MAX_TEXT_BYTES)).read_file(file.location, file.path)


def source_dir(root: Path, name: str) -> Path:
    """A source folder: the site's own, or for templates and static files the project's."""
    own = root / name
    return own if own.is_dir() or name in {"content", "reviews"} else default_sources() / name


class _SourceReader:
    """Reads files, notes what is wrong with them, and keeps the bytes of texts."""

    def __init__(self, problems: list[Problem], stat_cache: StatCache | None, spool: Spool) -> None:
        self.problems, self.stat_cache, self.spool = problems, stat_cache, spool

    def read_dir(self, directory: Path, name: str) -> tuple[File, ...]:
        """Every file below it, in order of path. Hidden names are left out, links refused."""
        files: list[File] = []
        waiting = [(str(directory), name)]
        while waiting:
            here, here_name = waiting.pop()
            try:
                entries = sorted(os.scandir(here), key=attrgetter("name"))
            except (FileNotFoundError, NotADirectoryError):
                continue
            except OSError as error:
                self.problems.append(_unreadable_problem(here_name, error))
                continue
            for entry in entries:
                same = self.stat_cache.find_unchanged(entry) if self.stat_cache else None
                if same:
                    files.append(same)
                    continue
                path = f"{here_name}/{entry.name}"
                if entry.name.startswith(".") and (name, entry.name) != ("static", ".well-known"):
                    continue
                wrong = _check_file_name(path, entry.name)
                if wrong:
                    self.problems.append(wrong)
                elif entry.is_dir(follow_symlinks=False):
                    if path.count("/") > MAX_DIR_DEPTH:
                        message = f"folders lie in one another more than {MAX_DIR_DEPTH} deep"
                        found = problem("unreadable", path, message, hint="Use fewer.")
                        self.problems.append(found)
                    else:
                        waiting.append((entry.path, path))
                else:
                    file = self.read_file(entry.path, path)
                    files += [file] if file else []
        return tuple(sorted(files, key=attrgetter("path")))

    def read_file(self, location: str, path: str) -> File | None:
        """One file; None if it cannot be had, or is no plain file of a sane size.

        Its size is asked before a byte is read. What it is is asked of the open file, so that no
        other can take its place in between; a pipe is not waited for.
        """
        try:
            handle = os.open(location, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        except OSError as error:
            if os.path.islink(location):  # noqa: PTH114 - a name of one of 100,000 files
                message, hint = "this is a link", "Put the file itself there."
                self.problems.append(problem("link-on-disk", path, message, hint=hint))
            else:
                self.problems.append(_unreadable_problem(path, error))
            return None
        try:
            state = os.fstat(handle)
            if not stat.S_ISREG(state.st_mode):
                message = "this is neither a file nor a folder, but a pipe, device or the like"
                self.problems.append(problem("unreadable", path, message, hint="Take it out."))
                return None
            most = _max_bytes(path)
            data = _read_at_most(handle, state.st_size, most) if state.st_size <= most else b""
        except OSError as error:
            self.problems.append(_unreadable_problem(path, error))
            return None
        finally:
            os.close(handle)
        if max(state.st_size, len(data)) > most:
            message = (
                f"the file has {_format_size(state.st_size)}; {_format_size(most)} is the most"
            )
            hint = "Make it smaller, or keep it elsewhere."
            hint = "Part it into several." if path.endswith(TEXT_SUFFIXES) else hint
            self.problems.append(problem("too-large", path, message, hint=hint))
            return None
        file = self._make_file(path, location, data)
        if self.stat_cache:
            self.stat_cache.remember(file, state)
        return file

    def _make_file(self, path: str, location: str, data: bytes) -> File:
        if path.endswith(".md"):
            return File(path, content_digest(data), location, load_stored=self.spool.add(data))
        return File(
            path, content_digest(data), location, data if path.endswith(TEXT_SUFFIXES) else b""
        )


def _max_bytes(path: str) -> int:
    """The bytes that a file may have."""
    most = MAX_TEXT_BYTES if path.endswith(TEXT_SUFFIXES) else MAX_FILE_BYTES
    return MAX_BYTES_BY_SUFFIX.get(path[path.rfind(".") :], most)


def _read_at_most(fd: int, size: int, max_bytes: int) -> bytes:
    """What is in an open file, but not more than a byte over the most."""
    data = os.read(fd, size + 1)  # to ask for the most at once would cost its memory
    while len(data) != size and len(data) <= max_bytes:
        more = os.read(fd, max_bytes + 1 - len(data))
        if not more:
            break
        data += more
    return data


def _check_file_name(path: str, name: str) -> Problem | None:
    """What is wrong with the name of a file, if anything."""
    if name.isascii() and name.isprintable():
        return None
    if any("\ud800" <= sign <= "\udfff" for sign in name):  # bytes that are not UTF-8 come as these
        shown = path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        message = "the name of the file is not UTF-8"
        return problem("encoding", shown, message, hint="Rename the file.")
    hidden = not name.isprintable() and (
        FORBIDDEN_CHARACTERS.search(name) or re.search(r"[\t\n]", name)
    )
    if hidden:
        message = f"the name of the file has the control character U+{ord(hidden.group()):04X}"
        return problem("control-character", path, message, hint="Rename the file.")
    return None


def _unreadable_problem(path: str, error: OSError) -> Problem:
    message = f"this cannot be read: {error.strerror or error}"
    hint = "Let the account that builds the site read it."
    return problem("unreadable", path, message, hint=hint)


def _format_size(count: int) -> str:
    return f"{count / 1024 / 1024:.1f} MB" if count >= 1024 * 1024 else f"{count / 1024:.0f} KB"


def _select_published(files: tuple[File, ...], problems: list[Problem]) -> tuple[File, ...]:
    """The files of kinds that may be published; the rest is reported, but for our own sources."""
    good = []
    for file in files:
        if file.path.startswith("content/") and file.path.endswith((".md", ".yaml")):
            continue
        kind = file.path.rpartition(".")[2].lower()
        if kind in PUBLISHED_EXTENSIONS or file.path.startswith(_DIR_BY_EXTENSION.get(kind, "\0")):
            good.append(file)
        else:
            problems.append(_unpublished_problem(file.path, kind))
    return tuple(good)


def _unpublished_problem(path: str, extension: str) -> Problem:
    """That a file stays home. One that was meant as a page or as data is never left out quietly."""
    message = "a file of this kind is not published"
    hint = "Take it out of this folder, or save it as a kind that browsers show."
    if not path.startswith("content/"):
        if extension in {"md", *_MISNAMED_PAGE_EXTENSIONS}:
            hint = "Pages lie in content/ and end with '.md', in small letters."
        if extension in {"js", "mjs"}:
            hint = "Take it out of this folder. No page may run a script from a file."
        return problem("file-type", path, message, hint=hint)
    if extension == "md" or extension in _MISNAMED_PAGE_EXTENSIONS:
        message, hint = "this page would be left out", "Pages end with '.md', in small letters."
    elif extension in {"yaml", "yml"}:
        message = "this data would be left out"
        hint = "Data files end with '.yaml', in small letters."
    else:
        return problem("file-type", path, message, hint=hint)
    return problem("unreadable", path, message, hint=hint)
