"""Folders in, `Inputs` out. The only input: all later stages work on what is read here."""

from __future__ import annotations

import os
import re
import stat
from operator import attrgetter
from pathlib import Path
from typing import Final

from sitebuilder.content.decode import HIDDEN
from sitebuilder.content.stat_cache import Known
from sitebuilder.core.config import CONFIG_PATH as CONFIG
from sitebuilder.core.digest import content_digest
from sitebuilder.core.model import File, Sources
from sitebuilder.core.package import default_sources
from sitebuilder.core.problems import Problem, problem
from sitebuilder.core.spool import Spool

PUBLISHED_KINDS: Final = frozenset(
    "avif css csv gif ico jpeg jpg json pdf png svg txt webmanifest webp woff2 xml".split()
)
"""What may be published as it is. Everything else (secrets, office files, backups) stays home."""


_DESIGNERS: Final = {"html": "static/", "js": "static/inline/"}
"""Kinds that have a place in one folder only. Pages in static/ are held to what pages may hold
(`checks/finished`). Script is written into pages of tools; no page takes any from a file."""


TEXTS: Final = (".md", ".yaml", ".html", ".css", ".js", ".svg", ".json", ".txt")
"""Files whose bytes are kept, since later stages read them as text."""


MOST_BYTES: Final = {".md": 512 * 1024}
"""Bytes of a file by its ending. A page of this size is a book; its cost is bounded by this."""


MOST_OF_A_TEXT: Final = 1024 * 1024


MOST_OF_A_FILE: Final = 50 * 1024 * 1024
"""Bytes of a picture or another file that is published as it is."""


DEEPEST: Final = 20
"""Folders in folders."""


_IN_MEMORY: Final = 32 * 2**20
"""Bytes of pages that are held in memory; 7,000 pages or so. What is more waits in a file."""


_PAGES_MISNAMED: Final = ("markdown", "mdown", "mkd", "mdx")


_CONFIG_MISNAMED: Final = ("config.yml", "config.json", "config.toml")


def read_inputs(root: Path, known: Known | None = None) -> Sources:
    """Read the site in `root`. A site without templates or static files uses the project's own.

    NotADirectoryError: there is no such folder.
    """
    if not root.is_dir():
        raise NotADirectoryError(root)
    if known:
        known.begin()
    problems: list[Problem] = []
    reader = _Reader(problems, known, Spool(_IN_MEMORY))
    content = reader.folder(root / "content", "content")
    if not any(f.path.endswith(".md") for f in content) and not problems:
        hint = "Make a file content/index.md, or name the right folder with --root."
        problems.append(problem("no-pages", "content", "there is no page in content/", hint=hint))
    for name in _CONFIG_MISNAMED:
        if (root / name).exists():
            message, hint = "this config is not read", f"Name the file {CONFIG}."
            problems.append(problem("unreadable", name, message, hint=hint))
    return Sources(
        config=reader.file(str(root / CONFIG), CONFIG),
        pages=tuple(f for f in content if f.path.endswith(".md")),
        page_files=_published(content, problems),
        templates=reader.folder(folder_of(root, "templates"), "templates"),
        static=_published(reader.folder(folder_of(root, "static"), "static"), problems),
        data=tuple(f for f in content if f.path.endswith(".yaml")),
        reviews=reader.folder(folder_of(root, "reviews"), "reviews"),
        problems=tuple(problems),
        custom_templates=(root / "templates").is_dir(),
    )


def read_again(file: File) -> File | None:
    """A text as it is now; None: it cannot be had."""
    return _Reader([], None, Spool(MOST_OF_A_TEXT)).file(file.location, file.path)


def folder_of(root: Path, name: str) -> Path:
    """A source folder: the site's own, or for templates and static files the project's."""
    own = root / name
    return own if own.is_dir() or name in {"content", "reviews"} else default_sources() / name


class _Reader:
    """Reads files, notes what is wrong with them, and keeps the bytes of texts."""

    def __init__(self, problems: list[Problem], known: Known | None, spool: Spool) -> None:
        self.problems, self.known, self.spool = problems, known, spool

    def folder(self, folder: Path, name: str) -> tuple[File, ...]:
        """Every file below it, in order of path. Hidden names are left out, links refused."""
        files: list[File] = []
        waiting = [(str(folder), name)]
        while waiting:
            here, here_name = waiting.pop()
            try:
                entries = sorted(os.scandir(here), key=attrgetter("name"))
            except (FileNotFoundError, NotADirectoryError):
                continue
            except OSError as error:
                self.problems.append(_unreadable(here_name, error))
                continue
            for entry in entries:
                same = self.known.same(entry) if self.known else None
                if same:
                    files.append(same)
                    continue
                path = f"{here_name}/{entry.name}"
                if entry.name.startswith(".") and (name, entry.name) != ("static", ".well-known"):
                    continue
                wrong = _wrong_name(path, entry.name)
                if wrong:
                    self.problems.append(wrong)
                elif entry.is_dir(follow_symlinks=False):
                    if path.count("/") > DEEPEST:
                        message = f"folders lie in one another more than {DEEPEST} deep"
                        found = problem("unreadable", path, message, hint="Use fewer.")
                        self.problems.append(found)
                    else:
                        waiting.append((entry.path, path))
                else:
                    file = self.file(entry.path, path)
                    files += [file] if file else []
        return tuple(sorted(files, key=attrgetter("path")))

    def file(self, location: str, path: str) -> File | None:
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
                self.problems.append(_unreadable(path, error))
            return None
        try:
            state = os.fstat(handle)
            if not stat.S_ISREG(state.st_mode):
                message = "this is neither a file nor a folder, but a pipe, device or the like"
                self.problems.append(problem("unreadable", path, message, hint="Take it out."))
                return None
            most = _most(path)
            data = _all_of(handle, state.st_size, most) if state.st_size <= most else b""
        except OSError as error:
            self.problems.append(_unreadable(path, error))
            return None
        finally:
            os.close(handle)
        if max(state.st_size, len(data)) > most:
            message = f"the file has {_size(state.st_size)}; {_size(most)} is the most"
            hint = "Make it smaller, or keep it elsewhere."
            hint = "Part it into several." if path.endswith(TEXTS) else hint
            self.problems.append(problem("too-large", path, message, hint=hint))
            return None
        file = self._kept(path, location, data)
        if self.known:
            self.known.keep(file, state)
        return file

    def _kept(self, path: str, location: str, data: bytes) -> File:
        if path.endswith(".md"):
            return File(path, content_digest(data), location, load_stored=self.spool.add(data))
        return File(path, content_digest(data), location, data if path.endswith(TEXTS) else b"")


def _most(path: str) -> int:
    """The bytes that a file may have."""
    most = MOST_OF_A_TEXT if path.endswith(TEXTS) else MOST_OF_A_FILE
    return MOST_BYTES.get(path[path.rfind(".") :], most)


def _all_of(handle: int, size: int, most: int) -> bytes:
    """What is in an open file, but not more than a byte over the most."""
    data = os.read(handle, size + 1)  # to ask for the most at once would cost its memory
    while len(data) != size and len(data) <= most:
        more = os.read(handle, most + 1 - len(data))
        if not more:
            break
        data += more
    return data


def _wrong_name(path: str, name: str) -> Problem | None:
    """What is wrong with the name of a file, if anything."""
    if name.isascii() and name.isprintable():
        return None
    if any("\ud800" <= sign <= "\udfff" for sign in name):  # bytes that are not UTF-8 come as these
        shown = path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        message = "the name of the file is not UTF-8"
        return problem("encoding", shown, message, hint="Rename the file.")
    hidden = not name.isprintable() and (HIDDEN.search(name) or re.search(r"[\t\n]", name))
    if hidden:
        message = f"the name of the file has the control character U+{ord(hidden.group()):04X}"
        return problem("control-character", path, message, hint="Rename the file.")
    return None


def _unreadable(path: str, error: OSError) -> Problem:
    message = f"this cannot be read: {error.strerror or error}"
    hint = "Let the account that builds the site read it."
    return problem("unreadable", path, message, hint=hint)


def _size(count: int) -> str:
    return f"{count / 1024 / 1024:.1f} MB" if count >= 1024 * 1024 else f"{count / 1024:.0f} KB"


def _published(files: tuple[File, ...], problems: list[Problem]) -> tuple[File, ...]:
    """The files of kinds that may be published; the rest is reported, but for our own sources."""
    good = []
    for file in files:
        if file.path.startswith("content/") and file.path.endswith((".md", ".yaml")):
            continue
        kind = file.path.rpartition(".")[2].lower()
        if kind in PUBLISHED_KINDS or file.path.startswith(_DESIGNERS.get(kind, "\0")):
            good.append(file)
        else:
            problems.append(_not_published(file.path, kind))
    return tuple(good)


def _not_published(path: str, kind: str) -> Problem:
    """That a file stays home. One that was meant as a page or as data is never left out quietly."""
    message = "a file of this kind is not published"
    hint = "Take it out of this folder, or save it as a kind that browsers show."
    if not path.startswith("content/"):
        if kind in {"md", *_PAGES_MISNAMED}:
            hint = "Pages lie in content/ and end with '.md', in small letters."
        if kind in {"js", "mjs"}:
            hint = "Take it out of this folder. No page may run a script from a file."
        return problem("file-type", path, message, hint=hint)
    if kind == "md" or kind in _PAGES_MISNAMED:
        message, hint = "this page would be left out", "Pages end with '.md', in small letters."
    elif kind in {"yaml", "yml"}:
        message = "this data would be left out"
        hint = "Data files end with '.yaml', in small letters."
    else:
        return problem("file-type", path, message, hint=hint)
    return problem("unreadable", path, message, hint=hint)
