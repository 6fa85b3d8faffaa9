"""A folder of sources in, a live preview out. The only door to livereload.

Every change is built by the same `build_site` and kept in memory; the published folder is never
touched. If there is an error, the browser shows the same words as the terminal.

livereload is kept as the server and mended from outside: our watcher asks for one build a burst of
changes, only this computer may connect, and only pages from here may listen for reloads.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
from livereload.handlers import LiveReloadHandler, LiveReloadJSHandler
from livereload.server import Server
from tornado.httpserver import HTTPServer
from tornado.ioloop import PeriodicCallback
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from sitebuilder import preview, report
from sitebuilder.outputs import headers
from sitebuilder.outputs.headers import CACHE
from sitebuilder.pipeline import Build
from sitebuilder.problems import ADVICE, has_errors
from sitebuilder.read import folder_of
from sitebuilder.settings import PATH as CONFIG
from sitebuilder.settings import SOURCE_FOLDERS

LOOK_EVERY: Final = 100
"""Milliseconds between two looks at the files."""

_MOST_OF_A_REQUEST: Final = 16 * 1024
"""Bytes of a request's first line and headers; the preview reads no body."""

Stamp = Mapping[str, tuple[int, int, int]]


class Shown(msgspec.Struct, frozen=True):
    """What the browser gets: the bytes by address, or a page of problems for every address."""

    files: Mapping[str, bytes]
    policy: str
    policies: Mapping[str, str]
    headers: Mapping[str, str]
    base: str
    trouble: bytes = b""


def serve(root: Path, build: Callable[[], Build], *, port: int, quiet: bool) -> int:
    """Build, serve on this computer, and go on until Ctrl-C; the process's exit code."""
    watcher = _Watcher(root, build, quiet=quiet)
    server = _Preview(watcher=watcher)
    try:
        server.serve(port=port, host="127.0.0.1")
    except OSError as error:
        print(f"build.py: cannot use port {port}: {error.strerror}. Try --port 0.", file=sys.stderr)
        return 2
    return 0


_NOT_HERE: Final = (CACHE, "Strict-Transport-Security")
"""The preview is never kept, and comes by an open line from this computer to itself."""


def shown_of(build: Build, said: str) -> Shown:
    """What the browser is to get of a build."""
    trouble = preview.trouble_page(said).encode() if has_errors(build.problems) else b""
    files = {} if trouble else {output.path: output.load() for output in build.outputs}
    sent = {n: v for n, v in build.headers.items() if n not in _NOT_HERE}
    base = build.site.config.base
    return Shown(files, build.policy, build.policies, sent, base, trouble)


class _Watcher:
    """Looks at the sources; livereload asks it what has changed (`Server(watcher=...)`)."""

    def __init__(self, root: Path, build: Callable[[], Build], *, quiet: bool) -> None:
        self.root, self.build, self.quiet = root, build, quiet
        self._tasks = {"": ""}  # livereload wants to see that something is watched
        self._changes: list[Any] = []
        self.filepath = "*"
        self.stamp: Stamp = {}
        self.seen: Stamp = {}
        self.shown = Shown({}, "", {}, headers.ALWAYS, "/")
        self.rebuild()

    def start(self, _callback: object) -> bool:
        """Called by livereload: we look by ourselves, so that it need not."""
        PeriodicCallback(self.look, LOOK_EVERY).start()
        return True

    def look(self) -> None:
        """Build again if files have changed and no more are changing, and tell the browsers."""
        stamp, before = _stamp(self.root), self.seen
        self.seen = stamp
        if stamp == self.stamp or stamp != before:
            return
        self.rebuild()
        LiveReloadHandler.reload_waiters("*")

    def rebuild(self) -> None:
        # Before reading, so that a change meanwhile is seen at the next look.
        self.stamp = _stamp(self.root)
        try:
            build = self.build()
        except Exception as error:  # noqa: BLE001 - a fault of ours must not end the preview
            trouble = preview.trouble_page(f"The generator itself failed: {error!r}").encode()
            self.shown = msgspec.structs.replace(self.shown, trouble=trouble)
            print(f"build.py: {error!r}", file=sys.stderr)
            return
        problems = [p for p in build.problems if p.severity != ADVICE]
        said = report.as_text(problems, report.lines_below(self.root))
        self.shown = shown_of(build, said)
        if said:
            print(said, file=sys.stderr)
        if not self.quiet:
            print(f"{report.summary(build.problems)}.", flush=True)


def _stamp(root: Path) -> Stamp:
    """Time, size and number of every source file. A changed file changes one of them."""
    found = {}
    for path in _sources(root):
        try:
            now = path.stat()
        except OSError:
            continue
        found[str(path)] = (now.st_mtime_ns, now.st_size, now.st_ino)
    return found


def _sources(root: Path) -> Iterator[Path]:
    yield root / CONFIG
    for name in SOURCE_FOLDERS:
        for here, folders, names in os.walk(folder_of(root, name)):
            folders[:] = [f for f in folders if not f.startswith(".")]
            yield from (Path(here) / n for n in names if not n.startswith("."))


class _Preview(Server):  # type: ignore[misc]  # livereload has no types
    """livereload's server with our handlers: files from memory, and nobody else let in."""

    def application(self, port: int, host: str, **_others: object) -> None:
        """Listen, and say where. Called by `Server.serve`."""
        LiveReloadHandler.watcher = self.watcher
        handlers: list[Any] = [
            (r"/livereload", _Reloads),
            (r"/livereload.js", _ReloadScript),
            (r"/.*", _Page, {"watcher": self.watcher}),
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


class _Local(RequestHandler):
    """Answers only pages from here, and people who ask for this computer by its own name.

    Any other name may be one that a stranger has made to lead here (DNS rebinding).
    """

    def prepare(self) -> None:
        host, origin = self.request.host, self.request.headers.get("Origin")
        if not preview.is_ours(host, self.settings["port"]):
            self.refuse(421, "This preview is for one computer only.")
        elif origin is not None and origin.lower() != f"http://{host.lower()}":
            self.refuse(403, "This preview is for its own pages only.")

    def refuse(self, status: int, why: str) -> None:
        self.set_status(status)
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(f"{why}\n")

    def set_default_headers(self) -> None:
        self.clear_header("Server")
        for name, value in headers.ALWAYS.items():
            self.set_header(name, value)
        self.set_header("Cache-Control", "no-store")

    def write_error(self, status_code: int, **_others: Any) -> None:
        self.refuse(status_code, f"{status_code} {self._reason}")


class _ReloadScript(_Local, LiveReloadJSHandler):  # type: ignore[misc]
    """livereload's own script."""


class _Reloads(LiveReloadHandler):  # type: ignore[misc]
    """The socket that tells a page to reload; only for pages that came from here."""

    async def get(self, *arguments: Any, **names: Any) -> None:
        """A browser always says where a page is from; who does not say is none."""
        if not self.check_origin(self.request.headers.get("Origin", "")):
            self.set_status(403)
            await self.finish("This preview is for its own pages only.\n")
            return
        await super().get(*arguments, **names)

    def check_origin(self, origin: str) -> bool:
        host = self.request.host
        return (
            preview.is_ours(host, self.settings["port"])
            and origin.lower() == f"http://{host.lower()}"
        )


class _Page(_Local):
    """A file from memory, or the page of problems."""

    def initialize(self, watcher: _Watcher) -> None:
        self.watcher = watcher

    def head(self) -> None:
        """As `get`; tornado leaves the body out."""
        self.get()

    def get(self) -> None:
        shown = self.watcher.shown
        path = preview.path_of(self.request.path)
        if path is None:
            self.refuse(400, "There can be no such address.")
            return
        for header, value in shown.headers.items():
            self.set_header(header, value)
        name = path.removeprefix(shown.base) if path.startswith(shown.base) else "\0"
        if name.endswith("/") or not name:
            name += "index.html"
        if shown.trouble:
            self.page(shown.trouble, preview.POLICY)
        elif f"{name}/index.html" in shown.files:
            self.redirect(self.request.path + "/")
        elif name in shown.files:
            self.file(name, shown)
        else:
            self.set_status(404)
            self.page(shown.files.get("404.html", b"Not found"), shown.policy)

    def file(self, name: str, shown: Shown) -> None:
        if name.endswith(".html"):
            self.page(shown.files[name], shown.policies.get(name, shown.policy))
            return
        policy = headers.for_file(name, shown.headers).get(headers.POLICY, "")
        self.set_header(headers.POLICY, policy)
        self.set_header("Content-Type", headers.kind_of(name))
        self.finish(shown.files[name])

    def page(self, html: bytes, policy: str) -> None:
        """A page with the policy as a header, and the script that reloads it."""
        host = self.request.host.lower()
        self.set_header(headers.POLICY, _with_reload(policy, host))
        self.set_header("Content-Type", "text/html; charset=utf-8")
        script = f'<script src="/livereload.js?port={self.settings["port"]}"></script>'.encode()
        before, body, after = html.rpartition(b"</body>")
        self.finish(before + script + body + after if body else html)


def _with_reload(policy: str, host: str) -> str:
    """A page's policy, and leave for the script that reloads it, with its socket."""
    speak = policy.replace("connect-src 'self'", f"connect-src 'self' ws://{host}")
    speak = speak.replace("connect-src 'none'", f"connect-src ws://{host}")
    script = f"http://{host}/livereload.js"
    if "script-src " in speak:
        speak = speak.replace("script-src ", f"script-src {script} ")
    else:
        speak += f"; script-src {script}"
    return f"{speak}; {headers.ONLY_IN_A_HEADER}"
