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
from sitebuilder.content.loader import TEXTS, folder_of
from sitebuilder.core.config import SOURCE_FOLDERS
from sitebuilder.core.problems import ADVICE, has_errors
from sitebuilder.output import headers
from sitebuilder.output.headers import CACHE
from sitebuilder.server import error_page
from sitebuilder.server.handlers import PageOrFile, Reloads, ReloadScript, Shown
from sitebuilder.server.inotify import Watch
from sitebuilder.server.session import Seen, Session

QUIET: Final = 0.006
"""Seconds without another change after which a save is over."""

QUIET_AFTER_SEVERAL: Final = 0.06
"""The same, if two sources have changed or one is new: a program may be at work, and save more."""

LONGEST: Final = 1.0
"""Seconds after which a build is due even if files change without end."""

LOOK_EVERY: Final = 0.1
LOOK_BESIDE_EVERY: Final = 1.0
"""Seconds between two looks at the files: without a watch, and beside one, which may miss some
(folders of another computer)."""

LOOK_SHARE: Final = 50
"""Between two looks lies at least this many times what a look takes. A fifth without a watch."""

FETCHING: Final = 0.5
"""Seconds after a build in which browsers fetch what it made, and nothing else is to keep us."""

REST: Final = 1.0
"""Seconds after a build until the next is prepared for: its pages have been fetched by then."""

_MOST_OF_A_REQUEST: Final = 16 * 1024
"""Bytes of a request's first line and headers; the preview reads no body."""


def serve(session: Session, *, port: int, quiet: bool) -> None:
    """Build, serve on this computer, and go on until Ctrl-C.

    Raises:
        OSError: the port cannot be used.
    """
    server = _Preview(watcher=_Watcher(session, quiet=quiet))
    server.serve(port=port, host="127.0.0.1")


_NOT_HERE: Final = (CACHE, "Strict-Transport-Security")
"""The preview is never kept, and comes by an open line from this computer to itself."""


def shown_of(seen: Seen, said: str, number: int) -> Shown:
    """What the browser is to get of a build."""
    trouble = error_page.trouble_page(said).encode() if has_errors(seen.problems) else b""
    sent = {n: v for n, v in seen.headers.items() if n not in _NOT_HERE}
    return Shown(seen.files, seen.policy, seen.policies, sent, seen.base, number, trouble)


class _Watcher:
    """Hears of changes in the sources, and builds; livereload takes it for its own."""

    def __init__(self, session: Session, *, quiet: bool) -> None:
        self.session, self.root, self.quiet = session, session.root, quiet
        self._tasks = {"": ""}  # livereload wants to see that something is watched
        self._changes: list[Any] = []
        self.filepath = "*"
        self.watch = self._watch()
        self.first = self.showed = 0.0
        self.names: dict[str, bool] = {}
        self.due: object = None
        number = int(time.time())  # so that pages of a preview that ended know it, too
        self.shown = Shown({}, "", {}, headers.ALWAYS, "/", number)
        session.look()
        self.rebuild()

    def _watch(self) -> Watch | None:
        try:
            return Watch(self._folders, [self.root])
        except OSError:
            return None

    def _folders(self) -> Iterator[Path]:
        return (folder_of(self.root, name) for name in SOURCE_FOLDERS)

    def start(self, _callback: object) -> bool:
        """Called by livereload: we look by ourselves, so that it need not."""
        self.loop = IOLoop.current()
        if self.watch:
            self.loop.add_handler(self.watch.handle, self.hear, IOLoop.READ)
        self.loop.call_later(LOOK_EVERY, self.patrol)
        self.loop.call_later(REST, self.rest)
        return True

    def hear(self, handle: int, _events: int) -> None:
        """Something has changed: build when the burst is over."""
        assert self.watch
        try:
            names = self.watch.changes()
        except OSError:  # no more watches for new folders: go on by looking
            self.loop.remove_handler(handle)
            self.watch, names = None, {"": True}
        now = self.loop.time()
        if self.due is None:
            self.first, self.names = now, {}
        else:
            self.loop.remove_timeout(self.due)
        self.names = {n: new for n, new in names.items() if n.endswith(TEXTS)} | self.names
        several = len(self.names) > 1 or any(self.names.values())
        quiet = QUIET_AFTER_SEVERAL if several else QUIET
        self.due = self.loop.call_at(max(now, min(now + quiet, self.first + LONGEST)), self.settled)

    def settled(self) -> None:
        """The burst is over. One saved page is shown at once; all files are looked at later."""
        self.due = None
        one = next(iter(self.names), "") if len(self.names) == 1 else ""
        if not self.session.take(one):
            self.session.look()
        if self.session.behind:
            self.show()

    def patrol(self) -> None:
        """Look at the files now and then; what two looks saw alike is not in the making."""
        began = self.loop.time()
        if self.due is not None or began - self.showed < FETCHING:
            self.loop.call_later(FETCHING, self.patrol)
            return
        changed = self.session.look()
        took = self.loop.time() - began
        pause = max(LOOK_EVERY, took * LOOK_SHARE / 5)
        if self.session.behind and not changed:
            self.show()
        elif self.watch and not changed:
            pause = max(LOOK_BESIDE_EVERY, took * LOOK_SHARE)
        self.loop.call_later(pause, self.patrol)

    def show(self) -> None:
        """Tell the browsers, and build while they make ready: they get no answer before."""
        LiveReloadHandler.reload_waiters("*")
        self.rebuild()
        self.showed = self.loop.time()
        self.loop.call_later(REST, self.rest)

    def rest(self) -> None:
        """Do what the next build gains from, while nobody waits.

        What is kept is taken out of the sight of Python's collector of garbage, which else would go
        through all of it in the middle of a build.
        """
        if self.due is None and self.session.remember():
            gc.unfreeze()
            gc.collect()
            gc.freeze()

    def rebuild(self) -> None:
        try:
            seen = self.session.build()
        except Exception as error:  # noqa: BLE001 - a fault of ours must not end the preview
            trouble = error_page.trouble_page(f"The generator itself failed: {error!r}").encode()
            number = self.shown.number + 1
            self.shown = msgspec.structs.replace(self.shown, trouble=trouble, number=number)
            print(f"preview: {error!r}", file=sys.stderr)
            return
        problems = [p for p in seen.problems if p.severity != ADVICE]
        said = report.as_text(problems, report.lines_below(self.root))
        self.shown = shown_of(seen, said, self.shown.number + 1)
        if said:
            print(said, file=sys.stderr)
        if not self.quiet:
            print(f"{report.summary(seen.problems)}.", flush=True)


class _Preview(Server):  # type: ignore[misc]  # livereload has no types
    """livereload's server with our handlers: files from memory, and nobody else let in."""

    def application(self, port: int, host: str, **_others: object) -> None:
        """Listen, and say where. Called by `Server.serve`."""
        LiveReloadHandler.watcher = self.watcher
        handlers: list[Any] = [
            (r"/livereload", Reloads, {"watcher": self.watcher}),
            (r"/livereload.js", ReloadScript),
            (r"/.*", PageOrFile, {"watcher": self.watcher}),
        ]
        sockets = bind_sockets(port, address=host)
        port = sockets[0].getsockname()[1]
        HTTPServer(
            Application(handlers, port=port),
            max_header_size=_MOST_OF_A_REQUEST,
            max_body_size=0,
        ).add_sockets(sockets)
        print(f"http://{host}:{port}{self.watcher.shown.base}  (Ctrl-C to stop)", flush=True)

    def _setup_logging(self) -> None:
        """Stay quiet: what an editor needs to know is printed after each build."""
