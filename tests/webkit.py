"""WebKit, the engine of every iPhone, driven by WebDriver; for the tests of what pages show.

with webkit() as tab:
    tab.go("http://127.0.0.1:8000/")
    tab.evaluate("return document.title")

It is Debian's package `webkit2gtk-driver` on a screen in memory (`xvfb`): the nearest to Safari
that runs on Linux.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

BROWSERS = "/usr/lib/*/webkit2gtk-4*/MiniBrowser"
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
"""Name by which WebDriver tells of an element."""


def browser_path() -> str | None:
    """The browser that the driver starts; None: there is none."""
    return next(map(str, sorted(Path("/").glob(BROWSERS[1:]), reverse=True)), None)


def has_webkit() -> bool:
    """Whether there is all that WebKit needs: driver, browser, screen."""
    return bool(shutil.which("WebKitWebDriver") and shutil.which("Xvfb") and browser_path())


class Tab:
    """The one tab of a WebKit that was started for the tests."""

    def __init__(self, driver: str) -> None:
        options = {"binary": browser_path(), "args": ["--automation"]}
        wanted = {"webkitgtk:browserOptions": options, "timeouts": {"script": 300_000}}
        self.at = f"{driver}/session"
        made = self._ask("POST", "", {"capabilities": {"alwaysMatch": wanted}})
        self.at += f"/{made['sessionId']}"

    def go(self, address: str) -> None:
        self._ask("POST", "/url", {"url": address})

    def evaluate(self, script: str, *arguments: Any) -> Any:
        """What the body of a function returns; `arguments` are its arguments."""
        return self._ask("POST", "/execute/sync", {"script": script, "args": arguments})

    def click(self, selector: str) -> None:
        """A click with the mouse, where an element is."""
        into_view = """const root = document.documentElement;
            root.style.scrollBehavior = 'auto';  // or it is clicked on its way
            document.querySelector(arguments[0]).scrollIntoView({block: 'center'});"""
        self.evaluate(into_view, selector)
        found = self._ask("POST", "/element", {"using": "css selector", "value": selector})
        self._ask("POST", f"/element/{found[ELEMENT]}/click", {})

    def press(self, key: str) -> None:
        """A key, pressed where the focus is."""
        keys = [{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]
        self._ask("POST", "/actions", {"actions": [{"type": "key", "id": "k", "actions": keys}]})

    def picture(self) -> str:
        """What the screen shows, as PNG in base 64."""
        picture: str = self._ask("GET", "/screenshot")
        return picture

    def close(self) -> None:
        self._ask("DELETE", "")

    def _ask(self, method: str, path: str, parameters: dict[str, Any] | None = None) -> Any:
        data = None if parameters is None else json.dumps(parameters).encode()
        request = urllib.request.Request(self.at + path, data, method=method)
        try:
            with urllib.request.urlopen(request, timeout=300) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(error.read().decode()) from None


@contextmanager
def webkit() -> Iterator[Tab]:
    """A WebKit with nothing kept from before, and one tab."""
    port, quiet = _free_port(), subprocess.DEVNULL
    with _screen() as display:
        environment = {**os.environ, "DISPLAY": display, "GDK_BACKEND": "x11"}
        command = ["WebKitWebDriver", f"--port={port}"]
        with subprocess.Popen(command, stdout=quiet, stderr=quiet, env=environment) as driver:
            try:
                _wait_for(port)
                tab = Tab(f"http://127.0.0.1:{port}")
                yield tab
                tab.close()
            finally:
                driver.terminate()


@contextmanager
def _screen() -> Iterator[str]:
    """A screen in memory, by its name."""
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1280x1024x24", "-nolisten", "tcp"]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, stdout=quiet, stderr=quiet, pass_fds=[write]) as process:
        os.close(write)
        try:
            with os.fdopen(read) as told:
                yield f":{told.readline().strip()}"
        finally:
            process.terminate()


def _free_port() -> int:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        port: int = line.getsockname()[1]
        return port


def _wait_for(port: int) -> None:
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    message = "WebKit's driver did not start"
    raise TimeoutError(message)
