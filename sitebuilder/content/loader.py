"""Scan the source folders of a site and read its files.

All later stages work on the result; none of them looks for further files.
"""

from __future__ import annotations

import os
import re
import stat
import time
from collections.abc import Mapping
from operator import attrgetter
from pathlib import Path
from typing import Final

from sitebuilder.content.decode import FORBIDDEN_CHARACTERS
from sitebuilder.content.stat_cache import StatCache, StatKey, stat_key
from sitebuilder.core.config import CONFIG_PATH
from sitebuilder.core.digest import content_digest
from sitebuilder.core.model import File, Sources
from sitebuilder.core.package import default_sources
from sitebuilder.core.problems import Problem, problem
from sitebuilder.core.spool import Spool

PUBLISHED_EXTENSIONS: Final = frozenset(
    "avif css csv gif ico jpeg jpg json pdf png svg txt webmanifest webp woff2 xml".split()
)
"""Extensions of files that may be published. Others (secrets, office files, backups) are left out,
except as in `_DIR_BY_EXTENSION`."""

_DIR_BY_EXTENSION: Final = {"html": "static/", "js": "static/inline/"}
"""Extensions that are accepted below one folder only. HTML in static/ has to pass the checks of
rendered pages (`checks/html`). Scripts are inlined into the pages of decision tools; no page loads
one from a file."""

TEXT_SUFFIXES: Final = (".md", ".yaml", ".html", ".css", ".js", ".svg", ".json", ".txt")
"""Files that later stages read as text. Pages are spooled; all others are kept in memory."""

MAX_BYTES_BY_SUFFIX: Final = {".md": 512 * 1024}
"""Limits for some kinds of text files. A page of this size is a book; the limit bounds the time
that rendering it takes."""

MAX_TEXT_BYTES: Final = 1024 * 1024

MAX_FILE_BYTES: Final = 50 * 1024 * 1024
"""Limit for pictures and other files that are not text."""

MAX_DIR_DEPTH: Final = 20

_MAX_MEMORY: Final = 32 * 2**20
"""Bytes of pages to hold in memory, about 7,000 pages. The rest is spooled to a file."""

_OF_PROGRAMS: Final = re.compile(
    r".+~|#.+#|~\$.+|4913|.+\.(?:swp|swo|swx|tmp|crdownload)|thumbs\.db|ehthumbs\.db|desktop\.ini"
    r"|icon\r|__macosx",
    re.IGNORECASE,
)
"""Names of files that editors and systems leave beside those of people. They are skipped, as are
names that start with a dot."""

_MISNAMED_PAGE_EXTENSIONS: Final = ("markdown", "mdown", "mkd", "mdx")
_MISNAMED_CONFIG_FILES: Final = ("config.yml", "config.json", "config.toml")


def load_sources(
    root: Path, stat_cache: StatCache | None = None, stats: dict[str, StatKey] | None = None
) -> Sources:
    """Read all source files of a site.

    Args:
        root: Folder of the site. If it has no folder templates/ or static/, the default one is
            used.
        stat_cache: Files of an earlier scan, to reuse those that have not changed.
        stats: Gets what the file system says of each file and folder before it is read, by
            location, for `stats_changed`.

    Raises:
        NotADirectoryError: `root` is not a folder.
        OSError: The temporary file for pages cannot be written.
    """
    if not root.is_dir():
        raise NotADirectoryError(root)
    if stat_cache:
        stat_cache.start_scan()
    problems: list[Problem] = []
    reader = _SourceReader(problems, stat_cache, Spool(_MAX_MEMORY), stats)
    content = reader.read_dir(root / "content", "content")
    if not any(f.path.endswith(".md") for f in content) and not problems:
        hint = "Make a file content/index.md, or name the right folder with --root."
        problems.append(problem("no-pages", "content", "there is no page in content/", hint=hint))
    for name in _MISNAMED_CONFIG_FILES:
        if (root / name).exists():
            message, hint = "this config is not read", f"Name the file {CONFIG_PATH}."
            problems.append(problem("unreadable", name, message, hint=hint))
    return Sources(
        config=reader.read_file(str(root / CONFIG_PATH), CONFIG_PATH),
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
    """Read a text file again and return it; None if it is gone, unreadable or too large."""
    return _SourceReader([], None, Spool(MAX_TEXT_BYTES)).read_file(file.location, file.path)


def source_dir(root: Path, name: str) -> Path:
    """Return a source folder of the site, or the default one if it lacks templates/ or static/."""
    directory = root / name
    if directory.is_dir() or name in {"content", "reviews"}:
        return directory
    return default_sources() / name


SETTLE_NS: Final = 50_000_000
"""Nanoseconds after which a file that was written is taken to be complete."""


def stats_changed(stats: Mapping[str, StatKey]) -> bool:
    """Return whether a file or folder is no longer as it was when `load_sources` read it.

    It waits until the newest is `SETTLE_NS` old: a program that saves a file in two steps may be
    between them.
    """
    newest = max((key[0] for key in stats.values()), default=0)
    remaining = newest + SETTLE_NS - time.time_ns()
    if 0 < remaining <= SETTLE_NS:
        time.sleep(remaining / 1e9)
    for location, key in stats.items():
        try:
            if stat_key(os.lstat(location)) != key:
                return True
        except OSError:
            return True
    return False


class _SourceReader:
    """Reads files and folders, and collects the problems with them.

    Attributes:
        stats: What the file system said of each file and folder before it was read.
    """

    def __init__(
        self,
        problems: list[Problem],
        stat_cache: StatCache | None,
        spool: Spool,
        stats: dict[str, StatKey] | None = None,
    ) -> None:
        self.problems, self.stat_cache, self.spool = problems, stat_cache, spool
        self.stats = {} if stats is None else stats

    def read_dir(self, directory: Path, name: str) -> tuple[File, ...]:
        """Read all files below a folder, in order of path.

        Hidden files and folders are skipped, symbolic links are refused.

        Args:
            directory: The folder on disk.
            name: Its path in the site, which the paths of the files start with.
        """
        files: list[File] = []
        pending = [(str(directory), name)]
        while pending:
            current, current_name = pending.pop()
            try:
                self.stats[current] = stat_key(os.lstat(current))
                entries = sorted(os.scandir(current), key=attrgetter("name"))
            except (FileNotFoundError, NotADirectoryError):
                continue
            except OSError as error:
                self.problems.append(_unreadable_problem(current_name, error))
                continue
            for entry in entries:
                unchanged = self.stat_cache.find_unchanged(entry) if self.stat_cache else None
                if unchanged:
                    files.append(unchanged)
                    continue
                path = f"{current_name}/{entry.name}"
                is_hidden = entry.name.startswith(".") or _OF_PROGRAMS.fullmatch(entry.name)
                if is_hidden and (name, entry.name) != ("static", ".well-known"):
                    continue
                name_problem = _check_file_name(path, entry.name)
                if name_problem:
                    self.problems.append(name_problem)
                elif entry.is_dir(follow_symlinks=False):
                    if path.count("/") > MAX_DIR_DEPTH:
                        message = f"folders are nested more than {MAX_DIR_DEPTH} deep"
                        self.problems.append(
                            problem("unreadable", path, message, hint="Use fewer.")
                        )
                    else:
                        pending.append((entry.path, path))
                else:
                    file = self.read_file(entry.path, path)
                    files += [file] if file else []
        return tuple(sorted(files, key=attrgetter("path")))

    def read_file(self, location: str, path: str) -> File | None:
        """Read a file; None if it does not exist, or if it is refused and reported.

        Only regular files up to a size limit are read. Type and size are those of the open
        file, so that it cannot be swapped between check and reading; a pipe does not block.
        """
        try:
            handle = os.open(location, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        except OSError as error:
            if os.path.islink(location):  # noqa: PTH114 - there may be 100,000 files
                message, hint = "this is a link", "Put the file itself there."
                self.problems.append(problem("link-on-disk", path, message, hint=hint))
            else:
                self.problems.append(_unreadable_problem(path, error))
            return None
        try:
            stat_result = os.fstat(handle)
            if not stat.S_ISREG(stat_result.st_mode):
                message = "this is neither a file nor a folder, but a pipe, device or the like"
                self.problems.append(problem("unreadable", path, message, hint="Remove it."))
                return None
            limit, size = _max_bytes(path), stat_result.st_size
            self.stats[location] = stat_key(stat_result)
            data = _read_at_most(handle, size, limit) if size <= limit else b""
        except OSError as error:
            self.problems.append(_unreadable_problem(path, error))
            return None
        finally:
            os.close(handle)
        if max(size, len(data)) > limit:
            message = f"the file has {_format_size(size)}; {_format_size(limit)} is the most"
            hint = "Make it smaller, or keep it elsewhere."
            hint = "Split it into several." if path.endswith(TEXT_SUFFIXES) else hint
            self.problems.append(problem("too-large", path, message, hint=hint))
            return None
        file = self._make_file(path, location, data)
        if self.stat_cache:
            self.stat_cache.remember(file, stat_result)
        return file

    def _make_file(self, path: str, location: str, data: bytes) -> File:
        if path.endswith(".md"):
            return File(path, content_digest(data), location, load_stored=self.spool.add(data))
        kept_data = data if path.endswith(TEXT_SUFFIXES) else b""
        return File(path, content_digest(data), location, kept_data)


def _max_bytes(path: str) -> int:
    default = MAX_TEXT_BYTES if path.endswith(TEXT_SUFFIXES) else MAX_FILE_BYTES
    return MAX_BYTES_BY_SUFFIX.get(path[path.rfind(".") :], default)


def _read_at_most(fd: int, size: int, max_bytes: int) -> bytes:
    """Read an open file, which may grow meanwhile; stop one byte after the limit."""
    data = os.read(fd, size + 1)  # asking for `max_bytes` at once would allocate them
    while len(data) != size and len(data) <= max_bytes:
        chunk = os.read(fd, max_bytes + 1 - len(data))
        if not chunk:
            break
        data += chunk
    return data


def _check_file_name(path: str, name: str) -> Problem | None:
    if name.isascii() and name.isprintable():
        return None
    if any("\ud800" <= c <= "\udfff" for c in name):  # surrogates stand for undecodable bytes
        shown = path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        message = "the name of the file is not UTF-8"
        return problem("encoding", shown, message, hint="Rename the file.")
    control = not name.isprintable() and (
        FORBIDDEN_CHARACTERS.search(name) or re.search(r"[\t\n]", name)
    )
    if control:
        message = f"the name of the file has the control character U+{ord(control.group()):04X}"
        return problem("control-character", path, message, hint="Rename the file.")
    return None


def _unreadable_problem(path: str, error: OSError) -> Problem:
    message = f"this cannot be read: {error.strerror or error}"
    hint = "Let the account that builds the site read it."
    return problem("unreadable", path, message, hint=hint)


def _format_size(count: int) -> str:
    return f"{count / 1024 / 1024:.1f} MB" if count >= 1024 * 1024 else f"{count / 1024:.0f} KB"


def _select_published(files: tuple[File, ...], problems: list[Problem]) -> tuple[File, ...]:
    """Return the files that may be published; report all others except pages and data."""
    published = []
    for file in files:
        if file.path.startswith("content/") and file.path.endswith((".md", ".yaml")):
            continue
        extension = file.path.rpartition(".")[2].lower()
        directory = _DIR_BY_EXTENSION.get(extension, "\0")
        if extension in PUBLISHED_EXTENSIONS or file.path.startswith(directory):
            published.append(file)
        else:
            problems.append(_unpublished_problem(file.path, extension))
    return tuple(published)


def _unpublished_problem(path: str, extension: str) -> Problem:
    """Return the problem for an unpublished file: an error if it was meant as page or data."""
    message = "a file of this kind is not published"
    hint = "Remove it from this folder, or save it as a kind that browsers show."
    if not path.startswith("content/"):
        if extension in {"md", *_MISNAMED_PAGE_EXTENSIONS}:
            hint = "Pages belong in content/ and end with '.md', in small letters."
        if extension in {"js", "mjs"}:
            hint = "Remove it from this folder. No page may run a script from a file."
        return problem("file-type", path, message, hint=hint)
    if extension == "md" or extension in _MISNAMED_PAGE_EXTENSIONS:
        message, hint = "this page would be left out", "Pages end with '.md', in small letters."
    elif extension in {"yaml", "yml"}:
        message = "this data would be left out"
        hint = "Data files end with '.yaml', in small letters."
    else:
        return problem("file-type", path, message, hint=hint)
    return problem("unreadable", path, message, hint=hint)
