"""Serve a live preview: rebuild when a source changes, and reload the browsers.

The preview is built by the same pipeline as the site, and kept in memory; the published folder is
never touched. If there is an error, the browser shows the same report as the terminal.

livereload is the server. Its watcher is replaced by ours, which starts one build for each burst of
changes and reloads the browsers at once. Only this module and `handlers` import livereload.
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
from sitebuilder.output.headers import CACHE_HEADER, SECURITY_HEADERS
from sitebuilder.server.error_page import render_error_page
from sitebuilder.server.handlers import LiveReloadScript, LiveReloadSocket, ServedSite, SiteHandler
from sitebuilder.server.inotify import InotifyWatcher
from sitebuilder.server.session import PreviewBuild, Session

DEBOUNCE: Final = 0.006
"""Seconds without another change after which a burst of changes is over."""

DEBOUNCE_SEVERAL: Final = 0.06
"""The same if several sources changed or one is new: a program may be about to save more."""

MAX_WAIT: Final = 1.0
"""Seconds after which a build starts even if files keep changing."""

POLL_INTERVAL: Final = 0.1
WATCHED_POLL_INTERVAL: Final = 1.0
"""Seconds between two scans of the sources, without and with inotify.

inotify misses what another computer changes in a network folder, so scans go on beside it.
"""

POLL_PAUSE_FACTOR: Final = 50
"""The pause between two scans in multiples of the time a scan takes; a fifth without inotify."""

FETCH_GRACE: Final = 0.5
"""Seconds after a build in which no scan runs: browsers fetch its pages, and must not wait."""

IDLE_DELAY: Final = 1.0
"""Seconds after a build until the next one is prepared: its pages have been fetched by then."""

_MAX_HEADER_SIZE: Final = 16 * 1024
"""Bytes of the first line and the headers of a request; the preview reads no body."""

_SKIPPED_HEADERS: Final = (CACHE_HEADER, "Strict-Transport-Security")
"""The preview must not be cached, and is served over plain HTTP."""


def serve(session: Session, *, port: int, quiet: bool) -> None:
    """Build the site and serve it to this computer until Ctrl-C.

    Args:
        port: The port to listen on; 0: any that is free.
        quiet: Print only the address and problems, no summary of each build.

    Raises:
        OSError: The port cannot be used.
    """
    server = _PreviewServer(watcher=_RebuildLoop(session, quiet=quiet))
    server.serve(port=port, host="127.0.0.1")


def make_served_site(build: PreviewBuild, report_text: str, build_number: int) -> ServedSite:
    """Return what to serve of a build: its files, or an error page if it has errors."""
    headers = {n: v for n, v in build.headers.items() if n not in _SKIPPED_HEADERS}
    failed = has_errors(build.problems)
    return ServedSite(
        files=build.files,
        policy=build.policy,
        policies=build.policies,
        headers=headers,
        base=build.base,
        build_number=build_number,
        error_page=render_error_page(report_text).encode() if failed else b"",
    )


class _RebuildLoop:
    """Rebuilds the preview when sources change.

    It replaces livereload's watcher, so it has `start`, `filepath`, `_tasks` and `_changes`, too.
    """

    def __init__(self, session: Session, *, quiet: bool) -> None:
        self.session, self.root, self.quiet = session, session.root, quiet
        self._tasks = {"": ""}  # not empty, or livereload would watch the current folder
        self._changes: list[Any] = []
        self.filepath = "*"
        self.inotify = self._open_inotify()
        self.first_change_at = self.reloaded_at = 0.0
        self.changed_files: dict[str, bool] = {}
        self.pending_build: object = None
        build_number = int(time.time())  # so that pages of an earlier preview are outdated, too
        self.current = ServedSite({}, "", {}, SECURITY_HEADERS, "/", build_number)
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
        """Start to watch. livereload calls this; True means that it need not poll."""
        self.loop = IOLoop.current()
        if self.inotify:
            self.loop.add_handler(self.inotify.fd, self.on_event, IOLoop.READ)
        self.loop.call_later(POLL_INTERVAL, self.poll)
        self.loop.call_later(IDLE_DELAY, self.on_idle)
        return True

    def on_event(self, fd: int, _events: int) -> None:
        """Read inotify events; (re)schedule the build for the end of the burst."""
        assert self.inotify
        try:
            names = self.inotify.read_changes()
        except OSError:  # no more watches for new folders: fall back to polling
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
        debounce = DEBOUNCE_SEVERAL if several else DEBOUNCE
        due = max(now, min(now + debounce, self.first_change_at + MAX_WAIT))
        self.pending_build = self.loop.call_at(due, self.on_quiet)

    def on_quiet(self) -> None:
        """Rebuild after a burst of changes.

        If one page was saved, only that page is read; `poll` scans the others later.
        """
        self.pending_build = None
        location = next(iter(self.changed_files)) if len(self.changed_files) == 1 else ""
        if not self.session.reload_page(location):
            self.session.scan()
        if self.session.is_stale:
            self.reload()

    def poll(self) -> None:
        """Scan the sources; rebuild once two scans agree, so that no half-written file is used."""
        started = self.loop.time()
        if self.pending_build is not None or started - self.reloaded_at < FETCH_GRACE:
            self.loop.call_later(FETCH_GRACE, self.poll)
            return
        changed = self.session.scan()
        scan_seconds = self.loop.time() - started
        pause = max(POLL_INTERVAL, scan_seconds * POLL_PAUSE_FACTOR / 5)
        if self.session.is_stale and not changed:
            self.reload()
        elif self.inotify and not changed:
            pause = max(WATCHED_POLL_INTERVAL, scan_seconds * POLL_PAUSE_FACTOR)
        self.loop.call_later(pause, self.poll)

    def reload(self) -> None:
        """Make the browsers reload, and build while they connect.

        The build blocks the event loop, so their requests are answered after it.
        """
        LiveReloadHandler.reload_waiters("*")
        self.rebuild()
        self.reloaded_at = self.loop.time()
        self.loop.call_later(IDLE_DELAY, self.on_idle)

    def on_idle(self) -> None:
        """Prepare the next build while nobody waits.

        What is stored for it is frozen: the garbage collector would otherwise traverse all of it in
        the middle of a build.
        """
        if self.pending_build is None and self.session.save_record():
            gc.unfreeze()
            gc.collect()
            gc.freeze()

    def rebuild(self) -> None:
        """Build the site, print the report and serve the result."""
        build_number = self.current.build_number + 1
        try:
            build = self.session.build()
        except Exception as error:  # noqa: BLE001 - a fault of ours must not end the preview
            html = render_error_page(f"The generator itself failed: {error!r}")
            self.current = msgspec.structs.replace(
                self.current, error_page=html.encode(), build_number=build_number
            )
            print(f"preview: {error!r}", file=sys.stderr)
            return
        problems = [p for p in build.problems if p.severity != ADVICE]
        report_text = report.format_text(problems, report.source_lines(self.root))
        self.current = make_served_site(build, report_text, build_number)
        if report_text:
            print(report_text, file=sys.stderr)
        if not self.quiet:
            print(f"{report.format_summary(build.problems)}.", flush=True)


class _PreviewServer(Server):  # type: ignore[misc]  # livereload has no types
    """livereload's server with our handlers, which serve from memory and to this computer only."""

    def application(self, port: int, host: str, **_others: object) -> None:
        """Listen on the port and print the address. Called by `Server.serve`."""
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
        """Set up no log: what an author needs to know is printed after each build."""
