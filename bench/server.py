"""A web server that treats every site alike: brotli made beforehand, the same headers for all."""

from __future__ import annotations

import http.server
import mimetypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import brotli

TEXT = (".html", ".css", ".js", ".mjs", ".json", ".svg", ".xml", ".txt", ".map", ".wasm")
TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm"}


@dataclass
class Log:
    """What the server sent: it sees workers' requests too, which the page's own view leaves out."""

    sent: list[tuple[str, int]] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Site:
    """A served folder: its address and what was sent from it."""

    address: str
    log: Log


def answers(folder: Path) -> dict[str, tuple[bytes, bytes]]:
    """Every file by address, as head and body of the answer, compressed before the first visit."""
    found = {}
    for file in sorted(p for p in folder.rglob("*") if p.is_file()):
        path = "/" + file.relative_to(folder).as_posix()
        kind = TYPES.get(file.suffix) or mimetypes.guess_type(file.name)[0]
        body, encoding = file.read_bytes(), ""
        if file.suffix in TEXT:
            body, encoding = brotli.compress(body, quality=11), "Content-Encoding: br\r\n"
            kind = f"{kind or 'text/plain'}; charset=utf-8"
        head = (
            "HTTP/1.1 200 OK\r\n"
            f"Content-Type: {kind or 'application/octet-stream'}\r\n{encoding}"
            f"Content-Length: {len(body)}\r\nCache-Control: max-age=600\r\n\r\n"
        )
        answer = (head.encode(), body)
        found[path] = answer
        if path.endswith("/index.html"):
            found[path.removesuffix("index.html")] = answer
    return found


class Handler(http.server.BaseHTTPRequestHandler):
    """Sends what `answers` made; keeps the connection open, as real hosts do."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    files: ClassVar[dict[str, tuple[bytes, bytes]]]
    log: ClassVar[Log]

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        head, body = self.files.get(path, (b"", b""))
        if not head:
            self.log.missing.append(path)
            head = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
        self.log.sent.append((path, len(head) + len(body)))
        self.wfile.write(head + body)

    def log_message(self, *_arguments: object) -> None:
        pass


@contextmanager
def serve(folder: Path) -> Iterator[Site]:
    """The folder on a free port of this machine, for as long as the block lasts."""
    log = Log()
    handler = type("SiteHandler", (Handler,), {"files": answers(folder), "log": log})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield Site(f"http://127.0.0.1:{server.server_port}", log)
    finally:
        server.shutdown()
        server.server_close()
