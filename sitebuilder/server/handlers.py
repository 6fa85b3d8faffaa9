"""The HTTP and WebSocket handlers of the preview.

They answer this computer only, and only pages of the preview may listen for reloads.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import msgspec
from livereload.handlers import LiveReloadHandler, LiveReloadJSHandler
from tornado.web import RequestHandler

from sitebuilder.output import headers
from sitebuilder.server import error_page


class ServedSite(msgspec.Struct, frozen=True):
    """What the preview serves after a build.

    Attributes:
        files: Loads the bytes of each file, by its path.
        policy: The content security policy of pages that have none of their own.
        policies: The policies of other pages, by path.
        headers: Sent with every response.
        base: The base path of the site.
        build_number: Increases with each build, so that a page can find out that it is outdated.
        error_page: Served for every path instead of `files`; empty if there is no error.
    """

    files: Mapping[str, Callable[[], bytes]]
    policy: str
    policies: Mapping[str, str]
    headers: Mapping[str, str]
    base: str
    build_number: int
    error_page: bytes = b""


class SiteProvider(Protocol):
    """Holds what to serve now."""

    current: ServedSite


class LocalhostHandler(RequestHandler):
    """Rejects requests that name another host or come from a page of another origin.

    Another host name may belong to a stranger who lets it resolve to this computer (DNS rebinding).
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
    """Serves livereload's own script."""


class _ClientMessage(msgspec.Struct):
    """What a page may send. livereload itself trusts that it is this."""

    command: str
    url: str | None = None
    snipver: int | str | None = 0


class LiveReloadSocket(LiveReloadHandler):  # type: ignore[misc]
    """The socket that makes a page reload; only for pages of this preview."""

    async def get(self, *args: Any, **kwargs: Any) -> None:
        """Open the socket if the request has the `Origin` of a page of this preview.

        tornado accepts a missing `Origin`, but every browser sends one.
        """
        if not self.check_origin(self.request.headers.get("Origin", "")):
            self.set_status(403)
            await self.finish("This preview is for its own pages only.\n")
            return
        await super().get(*args, **kwargs)

    def initialize(self, provider: SiteProvider) -> None:
        self.provider: SiteProvider = provider
        self.build_number: int | str | None = 0

    def on_message(self, message: str | bytes) -> None:
        """Handle a message as livereload does, and make an outdated page reload.

        A page that was sent before the newest build may have had no socket yet when the others were
        reloaded.
        """
        try:
            hello = msgspec.json.decode(message, type=_ClientMessage)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            self.close(1003, "This is not the livereload protocol.")
            return
        super().on_message(message)
        newest = self.provider.current.build_number
        if hello.command == "hello":
            self.build_number = hello.snipver
        elif hello.command == "info" and self.build_number not in {0, newest}:
            self.send_message({"command": "reload", "path": "*"})

    def check_origin(self, origin: str) -> bool:
        host = self.request.host
        return (
            error_page.is_allowed_host(host, self.settings["port"])
            and origin.lower() == f"http://{host.lower()}"
        )


class SiteHandler(LocalhostHandler):
    """Serves the files of the preview, or the error page while there is an error."""

    def initialize(self, provider: SiteProvider) -> None:
        self.provider = provider

    def head(self) -> None:
        """Handle as `get`; tornado leaves the body out."""
        self.get()

    def get(self) -> None:
        site = self.provider.current
        path = error_page.decode_path(self.request.path)
        if path is None:
            self.reject(400, "There can be no such address.")
            return
        for header, value in site.headers.items():
            self.set_header(header, value)
        name = path.removeprefix(site.base) if path.startswith(site.base) else "\0"
        if name.endswith("/") or not name:
            name += "index.html"
        if site.error_page:
            self.send_page(site.error_page, error_page.ERROR_PAGE_CSP)
        elif f"{name}/index.html" in site.files:
            self.redirect(self.request.path + "/")
        elif name in site.files:
            self.send_file(name, site)
        else:
            self.set_status(404)
            self.send_page(site.files.get("404.html", _not_found)(), site.policy)

    def send_file(self, name: str, current: ServedSite) -> None:
        if name.endswith(".html"):
            self.send_page(current.files[name](), current.policies.get(name, current.policy))
            return
        policy = headers.headers_for(name, current.headers).get(headers.CSP_HEADER, "")
        self.set_header(headers.CSP_HEADER, policy)
        self.set_header("Content-Type", headers.content_type(name))
        self.finish(current.files[name]())

    def send_page(self, html: bytes, policy: str) -> None:
        """Send a page with its policy as a header and the script that reloads it."""
        host = self.request.host.lower()
        self.set_header(headers.CSP_HEADER, _allow_live_reload(policy, host))
        self.set_header("Content-Type", "text/html; charset=utf-8")
        query = f"port={self.settings['port']}&amp;snipver={self.provider.current.build_number}"
        script = f'<script src="/livereload.js?{query}"></script>'.encode()
        before, body, after = html.rpartition(b"</body>")
        self.finish(before + script + body + after if body else html)


def _allow_live_reload(policy: str, host: str) -> str:
    """Extend a page's policy to allow the script that reloads it, and its socket.

    The directives that work only in a header are added, too.
    """
    extended = policy.replace("connect-src 'self'", f"connect-src 'self' ws://{host}")
    extended = extended.replace("connect-src 'none'", f"connect-src ws://{host}")
    script = f"http://{host}/livereload.js"
    if "script-src " in extended:
        extended = extended.replace("script-src ", f"script-src {script} ")
    else:
        extended += f"; script-src {script}"
    return f"{extended}; {headers.HEADER_ONLY_DIRECTIVES}"


def _not_found() -> bytes:
    return b"Not found"
