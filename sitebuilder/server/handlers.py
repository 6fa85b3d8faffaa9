"""What is shown and a request in, the answer out. With `serve` the only door to livereload.

Only this computer may connect, and only pages from here may listen for reloads.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import msgspec
from livereload.handlers import LiveReloadHandler, LiveReloadJSHandler
from tornado.escape import json_decode
from tornado.web import RequestHandler

from sitebuilder.output import headers
from sitebuilder.server import error_page


class ServedSite(msgspec.Struct, frozen=True):
    """What the browser gets: each file by its address, or a page of problems for every address.

    `number` is another after each build: a page knows by it that it is not the newest.
    """

    files: Mapping[str, Callable[[], bytes]]
    policy: str
    policies: Mapping[str, str]
    headers: Mapping[str, str]
    base: str
    build_number: int
    error_page: bytes = b""


class SiteProvider(Protocol):
    """Whoever knows what is to be shown now."""

    current: ServedSite


class LocalhostHandler(RequestHandler):
    """Answers only pages from here, and people who ask for this computer by its own name.

    Any other name may be one that a stranger has made to lead here (DNS rebinding).
    """

    def prepare(self) -> None:
        host, origin = self.request.host, self.request.headers.get("Origin")
        if not error_page.is_allowed_host(host, self.settings["port"]):
            self.reject(421, "This preview is for one computer only.")
        elif origin is not None and origin.lower() != f"http://{host.lower()}":
            self.reject(403, "This preview is for its own pages only.")

    def reject(self, status: int, reason: str) -> None:
        self.set_status(status)
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(f"{reason}\n")

    def set_default_headers(self) -> None:
        self.clear_header("Server")
        for name, value in headers.SECURITY_HEADERS.items():
            self.set_header(name, value)
        self.set_header("Cache-Control", "no-store")

    def write_error(self, status_code: int, **_others: Any) -> None:
        self.reject(status_code, f"{status_code} {self._reason}")


class LiveReloadScript(LocalhostHandler, LiveReloadJSHandler):  # type: ignore[misc]
    """livereload's own script."""


class LiveReloadSocket(LiveReloadHandler):  # type: ignore[misc]
    """The socket that tells a page to reload; only for pages that came from here."""

    async def get(self, *arguments: Any, **names: Any) -> None:
        """A browser always says where a page is from; who does not say is none."""
        if not self.check_origin(self.request.headers.get("Origin", "")):
            self.set_status(403)
            await self.finish("This preview is for its own pages only.\n")
            return
        await super().get(*arguments, **names)

    def initialize(self, provider: SiteProvider) -> None:
        self.provider, self.build_number = provider, 0

    def on_message(self, message: str | bytes) -> None:
        """livereload's, and one more: a page that was sent before the newest build learns it.

        It may have been on its way, without a socket, when the others were told to reload.
        """
        super().on_message(message)
        said = json_decode(message)
        if said["command"] == "hello":
            self.build_number = said.get("snipver", 0)
        elif said["command"] == "info" and self.build_number not in {
            0,
            self.provider.current.build_number,
        }:
            self.send_message({"command": "reload", "path": "*"})

    def check_origin(self, origin: str) -> bool:
        host = self.request.host
        return (
            error_page.is_allowed_host(host, self.settings["port"])
            and origin.lower() == f"http://{host.lower()}"
        )


class SiteHandler(LocalhostHandler):
    """A file from memory, or the page of problems."""

    def initialize(self, provider: SiteProvider) -> None:
        self.provider = provider

    def head(self) -> None:
        """As `get`; tornado leaves the body out."""
        self.get()

    def get(self) -> None:
        shown = self.provider.current
        path = error_page.decode_path(self.request.path)
        if path is None:
            self.reject(400, "There can be no such address.")
            return
        for header, value in shown.headers.items():
            self.set_header(header, value)
        name = path.removeprefix(shown.base) if path.startswith(shown.base) else "\0"
        if name.endswith("/") or not name:
            name += "index.html"
        if shown.error_page:
            self.send_page(shown.error_page, error_page.ERROR_PAGE_CSP)
        elif f"{name}/index.html" in shown.files:
            self.redirect(self.request.path + "/")
        elif name in shown.files:
            self.send_file(name, shown)
        else:
            self.set_status(404)
            self.send_page(shown.files.get("404.html", _not_found)(), shown.policy)

    def send_file(self, name: str, current: ServedSite) -> None:
        if name.endswith(".html"):
            self.send_page(current.files[name](), current.policies.get(name, current.policy))
            return
        policy = headers.headers_for(name, current.headers).get(headers.CSP_HEADER, "")
        self.set_header(headers.CSP_HEADER, policy)
        self.set_header("Content-Type", headers.content_type(name))
        self.finish(current.files[name]())

    def send_page(self, html: bytes, policy: str) -> None:
        """A page with the policy as a header, and the script that reloads it."""
        host = self.request.host.lower()
        self.set_header(headers.CSP_HEADER, _allow_live_reload(policy, host))
        self.set_header("Content-Type", "text/html; charset=utf-8")
        asked = f"port={self.settings['port']}&amp;snipver={self.provider.current.build_number}"
        script = f'<script src="/livereload.js?{asked}"></script>'.encode()
        before, body, after = html.rpartition(b"</body>")
        self.finish(before + script + body + after if body else html)


def _allow_live_reload(policy: str, host: str) -> str:
    """A page's policy, and leave for the script that reloads it, with its socket."""
    speak = policy.replace("connect-src 'self'", f"connect-src 'self' ws://{host}")
    speak = speak.replace("connect-src 'none'", f"connect-src ws://{host}")
    script = f"http://{host}/livereload.js"
    if "script-src " in speak:
        speak = speak.replace("script-src ", f"script-src {script} ")
    else:
        speak += f"; script-src {script}"
    return f"{speak}; {headers.HEADER_ONLY_DIRECTIVES}"


def _not_found() -> bytes:
    return b"Not found"
