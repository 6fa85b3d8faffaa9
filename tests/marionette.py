"""Firefox, driven by the protocol that it brings itself; for the tests of what pages show.

with firefox() as tab:
    tab.go("http://127.0.0.1:8000/")
    tab.evaluate("return document.title")
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PREFERENCES = {
    "marionette.port": 0,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.telemetry.enabled": False,
    "app.update.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
}


def firefox_path() -> str | None:
    """The Firefox to test with; None: there is none."""
    return os.environ.get("FIREFOX") or shutil.which("firefox-esr") or shutil.which("firefox")


class Tab:
    """The one tab of a Firefox that was started for the tests."""

    def __init__(self, line: socket.socket) -> None:
        self.line, self.left, self.count = line, b"", 0
        self._read()
        self._ask("WebDriver:NewSession", {"capabilities": {}})
        self._ask("WebDriver:SetTimeouts", {"script": 300_000})

    def go(self, address: str) -> None:
        self._ask("WebDriver:Navigate", {"url": address})

    def back(self) -> None:
        self._ask("WebDriver:Back", {})

    def evaluate(self, script: str, *arguments: Any) -> Any:
        """What the body of a function returns; `arguments` are its arguments."""
        asked = {"script": script, "args": arguments, "sandbox": None}
        return self._ask("WebDriver:ExecuteScript", asked)["value"]

    def press(self, key: str) -> None:
        """A key, pressed where the focus is."""
        keys = [{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]
        action = {"type": "key", "id": "keys", "actions": keys}
        self._ask("WebDriver:PerformActions", {"actions": [action]})

    def _ask(self, command: str, parameters: dict[str, Any]) -> Any:
        self.count += 1
        data = json.dumps([0, self.count, command, parameters]).encode()
        self.line.sendall(f"{len(data)}:".encode() + data)
        _, _, error, result = self._read()
        assert error is None, error
        return result

    def _read(self) -> Any:
        while b":" not in self.left:
            self._more()
        length, _, self.left = self.left.partition(b":")
        while len(self.left) < int(length):
            self._more()
        data, self.left = self.left[: int(length)], self.left[int(length) :]
        return json.loads(data)

    def _more(self) -> None:
        data = self.line.recv(1 << 16)
        assert data, "Firefox has gone"
        self.left += data


@contextmanager
def firefox() -> Iterator[Tab]:
    """A Firefox with a fresh profile and one tab."""
    path = firefox_path()
    assert path
    with tempfile.TemporaryDirectory() as profile:
        lines = [f'user_pref("{name}", {json.dumps(v)});' for name, v in PREFERENCES.items()]
        Path(profile, "user.js").write_text("\n".join(lines))
        arguments = [path, "--headless", "--marionette", "--no-remote", "--profile", profile]
        quiet = subprocess.DEVNULL
        with subprocess.Popen(arguments, stdout=quiet, stderr=quiet) as process:
            try:
                with socket.create_connection(("127.0.0.1", _port(Path(profile))), 300) as line:
                    yield Tab(line)
            finally:
                process.terminate()


def _port(profile: Path) -> int:
    told = profile / "MarionetteActivePort"
    for _ in range(600):
        if told.is_file() and told.read_text().strip():
            return int(told.read_text())
        time.sleep(0.1)
    message = "Firefox did not start"
    raise TimeoutError(message)
