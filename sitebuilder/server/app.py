"""A folder of sources in, a live preview out. With `answers` the only door to livereload.

Every change is built by the same functions and kept in memory; the published folder is never
touched. If there is an error, the browser shows the same words as the terminal.

livereload is kept as the server and mended from outside: our watcher asks for one build a burst of
changes, and tells the browsers at once.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec
from livereload.handlers import LiveReloadHandler
from livereload.server import Server
from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop
from tornado.netutil import bind_sockets
from tornado.web import Application

from sitebuilder.build import report
from sitebuilder.content.loader import TEXT_SUFFIXES, source_dir
from sitebuilder.core.config import SOURCE_FOLDERS
from sitebuilder.core.problems import ADVICE, has_errors
from sitebuilder.output import headers
from sitebuilder.output.headers import CACHE_HEADER
from sitebuilder.server import error_page
from sitebuilder.server.handlers import LiveReloadScript, LiveReloadSocket, ServedSite, SiteHandler
from sitebuilder.server.inotify import InotifyWatcher
from sitebuilder.server.session import PreviewBuild, Session

DEBOUNCE: Final = 0.006
"""Seconds without another change after which a save is over."""

DEBOUNCE_SEVERAL: Final = 0.06
"""The same, if two sources have changed or one is new: a program may be at work, and save more."""

MAX_WAIT: Final = 1.0
"""Seconds after which a build is due even if files change without end."""

POLL_INTERVAL: Final = 0.1
WATCHED_POLL_INTERVAL: Final = 1.0
"""Seconds between two looks at the files: without a watch, and beside one, which may miss some
(folders of another computer)."""

POLL_PAUSE_FACTOR: Final = 50
"""Between two looks lies at least this many times what a look takes. A fifth without a watch."""

FETCH_GRACE: Final = 0.5
"""Seconds after a build in which browsers fetch what it made, and nothing else is to keep us."""

IDLE_DELAY: Final = 1.0
"""Seconds after a build until the next is prepared for: its pages have been fetched by then."""

_MAX_HEADER_SIZE: Final = 16 * 1024
"""Bytes of a request's first line and headers; the preview reads no body."""


def serve(session: Session, *, port: int, quiet: bool) -> None:
    """Build, serve on this computer, and go on until Ctrl-C.

    Raises:
        OSError: the port cannot be used.
    """
    server = _PreviewServer(watcher=_RebuildLoop(session, quiet=quiet))
    server.serve(port=port, host="127.0.0.1")


_SKIPPED_HEADERS: Final = (CACHE_HEADER, "Strict-Transport-Security")
"""The preview is never kept, and comes by an open line from this computer to itself."""


def make_served_site(build: PreviewBuild, report_text: str, build_number: int) -> ServedSite:
    """What the browser is to get of a build."""
    trouble = (
        error_page.render_error_page(report_text).encode() if has_errors(build.problems) else b""
    )
    sent = {n: v for n, v in build.headers.items() if n not in _SKIPPED_HEADERS}
    return ServedSite(
        build.files, build.policy, build.policies, sent, build.base, build_number, trouble
    )


class _RebuildLoop:
    """Hears of changes in the sources, and builds; livereload takes it for its own."""

    def __init__(self, session: Session, *, quiet: bool) -> None:
        self.session, self.root, self.quiet = session, session.root, quiet
        self._tasks = {"": ""}  # livereload wants to see that something is watched
        self._changes: list[Any] = []
        self.filepath = "*"
        self.inotify = self._open_inotify()
        self.first_change_at = self.reloaded_at = 0.0
        self.changed_files: dict[str, bool] = {}
        self.pending_build: object = None
        number = int(time.time())  # so that pages of a preview that ended know it, too
        self.current = ServedSite({}, "", {}, headers.SECURITY_HEADERS, "/", number)
        session.scan()
        self.rebuild()

    def _open_inotify(self) -> InotifyWatcher | None:
        try:
            return InotifyWatcher(self._source_dirs, [self.root])
        except OSError:
            return None

    def _source_dirs(self) -> Iterator[Path]:
        return (source_dir(self.root, name) for name in SOURCE_FOLDERS)

    def start(self, _callback: object) -> bool:
        """Called by livereload: we look by ourselves, so that it need not."""
        self.loop = IOLoop.current()
        if self.inotify:
            self.loop.add_handler(self.inotify.fd, self.on_event, IOLoop.READ)
        self.loop.call_later(POLL_INTERVAL, self.poll)
        self.loop.call_later(IDLE_DELAY, self.on_idle)
        return True

    def on_event(self, fd: int, _events: int) -> None:
        """Something has changed: build when the burst is over."""
        assert self.inotify
        try:
            names = self.inotify.read_changes()
        except OSError:  # no more watches for new folders: go on by looking
            self.loop.remove_handler(fd)
            self.inotify, names = None, {"": True}
        now = self.loop.time()
        if self.pending_build is None:
            self.first_change_at, self.changed_files = now, {}
        else:
            self.loop.remove_timeout(self.pending_build)
        self.changed_files = {
            n: new for n, new in names.items() if n.endswith(TEXT_SUFFIXES)
        } | self.changed_files
        several = len(self.changed_files) > 1 or any(self.changed_files.values())
        quiet = DEBOUNCE_SEVERAL if several else DEBOUNCE
        self.pending_build = self.loop.call_at(
            max(now, min(now + quiet, self.first_change_at + MAX_WAIT)), self.on_quiet
        )

    def on_quiet(self) -> None:
        """The burst is over. One saved page is shown at once; all files are looked at later."""
        self.pending_build = None
        one = next(iter(self.changed_files), "") if len(self.changed_files) == 1 else ""
        if not self.session.reload_page(one):
            self.session.scan()
        if self.session.is_stale:
            self.reload()

    def poll(self) -> None:
        """Look at the files now and then; what two looks saw alike is not in the making."""
        began = self.loop.time()
        if self.pending_build is not None or began - self.reloaded_at < FETCH_GRACE:
            self.loop.call_later(FETCH_GRACE, self.poll)
            return
        changed = self.session.scan()
        took = self.loop.time() - began
        pause = max(POLL_INTERVAL, took * POLL_PAUSE_FACTOR / 5)
        if self.session.is_stale and not changed:
            self.reload()
        elif self.inotify and not changed:
            pause = max(WATCHED_POLL_INTERVAL, took * POLL_PAUSE_FACTOR)
        self.loop.call_later(pause, self.poll)

    def reload(self) -> None:
        """Tell the browsers, and build while they make ready: they get no answer before."""
        LiveReloadHandler.reload_waiters("*")
        self.rebuild()
        self.reloaded_at = self.loop.time()
        self.loop.call_later(IDLE_DELAY, self.on_idle)

    def on_idle(self) -> None:
        """Do what the next build gains from, while nobody waits.

        What is kept is taken out of the sight of Python's collector of garbage, which else would go
        through all of it in the middle of a build.
        """
        if self.pending_build is None and self.session.save_record():
            gc.unfreeze()
            gc.collect()
            gc.freeze()

    def rebuild(self) -> None:
        try:
            seen = self.session.build()
        except Exception as error:  # noqa: BLE001 - a fault of ours must not end the preview
            trouble = error_page.render_error_page(
                f"The generator itself failed: {error!r}"
            ).encode()
            number = self.current.build_number + 1
            self.current = msgspec.structs.replace(
                self.current, error_page=trouble, build_number=number
            )
            print(f"preview: {error!r}", file=sys.stderr)
            return
        problems = [p for p in seen.problems if p.severity != ADVICE]
        said = report.format_text(problems, report.source_lines(self.root))
        self.current = make_served_site(seen, said, self.current.build_number + 1)
        if said:
            print(said, file=sys.stderr)
        if not self.quiet:
            print(f"{report.format_summary(seen.problems)}.", flush=True)


class _PreviewServer(Server):  # type: ignore[misc]  # livereload has no types
    """livereload's server with our handlers: files from memory, and nobody else let in."""

    def application(self, port: int, host: str, **_others: object) -> None:
        """Listen, and say where. Called by `Server.serve`."""
        LiveReloadHandler.watcher = self.watcher
        handlers: list[Any] = [
            (r"/livereload", LiveReloadSocket, {"provider": self.watcher}),
            (r"/livereload.js", LiveReloadScript),
            (r"/.*", SiteHandler, {"provider": self.watcher}),
        ]
        sockets = bind_sockets(port, address=host)
        port = sockets[0].getsockname()[1]
        HTTPServer(
            Application(handlers, port=port),
            max_header_size=_MAX_HEADER_SIZE,
            max_body_size=0,
        ).add_sockets(sockets)
        print(f"http://{host}:{port}{self.watcher.current.base}  (Ctrl-C to stop)", flush=True)

    def _setup_logging(self) -> None:
        """Stay quiet: what an editor needs to know is printed after each build."""
