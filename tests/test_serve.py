"""The preview: what an editor sees in a real browser while working."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import PROJECT, build, tree_of

pytestmark = pytest.mark.browser


# A shell that runs the tests in the background has Ctrl-C ignored by all its children.
HEAR_CTRL_C = f"""
import runpy, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.path.insert(0, {str(PROJECT)!r})
runpy.run_path({str(PROJECT / "build.py")!r}, run_name="__main__")
"""


class Preview:
    """`build.py serve` on a copy of the project's content, as a process of its own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-c",
                HEAR_CTRL_C,
                "serve",
                "--root",
                str(root),
                "--port",
                "0",
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        assert self.process.stdout
        assert self.process.stderr
        self.said: list[str] = []
        found = None
        while found is None:
            line = self.process.stdout.readline()
            assert line, self.process.stderr.read()
            found = re.search(r"http://127\.0\.0\.1:\d+", line)
        self.address = found.group()
        threading.Thread(target=self.listen, args=[self.process.stderr], daemon=True).start()
        threading.Thread(target=self.process.stdout.read, daemon=True).start()

    def listen(self, stream: Any) -> None:
        for line in stream:
            self.said.append(line)

    def status_of_socket(self, origin: str) -> int:
        """What the server answers to a page of `origin` that wants to hear of reloads."""
        connection = http.client.HTTPConnection(self.address.removeprefix("http://"), timeout=10)
        headers = {
            "Origin": origin,
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
        }
        connection.request("GET", "/livereload", headers=headers)
        status = connection.getresponse().status
        connection.close()
        return status

    def get(self, path: str, host: str | None = None) -> Any:
        request = urllib.request.Request(self.address + path)
        if host:
            request.add_header("Host", host)
        try:
            return urllib.request.urlopen(request, timeout=10)
        except urllib.error.HTTPError as error:
            return error

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(10)
        for stream in (self.process.stdout, self.process.stderr):
            if stream:
                stream.close()
        return code


@pytest.fixture
def preview(tmp_path: Path) -> Iterator[Preview]:
    for name in ("content", "static", "templates"):
        shutil.copytree(PROJECT / name, tmp_path / name)
    shutil.copyfile(PROJECT / "config.yaml", tmp_path / "config.yaml")
    running = Preview(tmp_path)
    yield running
    running.stop()


def test_a_change_is_seen_a_mistake_is_told_and_mending_it_brings_the_page_back(
    preview: Preview, browser: Any
):
    source = preview.root / "content" / "recovery.md"
    good = source.read_text()
    page = browser.new_page()
    messages: list[str] = []
    page.on("console", lambda message: messages.append(message.text))
    with page.expect_websocket():
        page.goto(preview.address + "/recovery/")
    page.wait_for_timeout(300)

    source.write_text(good.replace("\n## ", "\nA brand new sentence.\n\n## ", 1))
    page.wait_for_selector("text=A brand new sentence.", timeout=10_000)

    source.write_text(good.replace("title:", "titel:", 1))
    page.wait_for_selector("text=Something needs mending", timeout=10_000)
    shown = page.inner_text("pre")
    assert "content/recovery.md:2:1: error: page has no field 'titel' [unknown-field]" in shown
    assert "Did you mean 'title'?" in shown
    page.wait_for_timeout(200)
    terminal = "".join(preview.said)
    assert shown.strip() in terminal, "the browser and the terminal use the same words"

    source.write_text(good)
    page.wait_for_selector("h1:has-text('Recovery')", timeout=10_000)
    assert messages == []
    page.close()


def test_a_broken_template_and_a_new_page_are_seen_too(preview: Preview, browser: Any):
    page = browser.new_page()
    with page.expect_websocket():
        page.goto(preview.address + "/")
    page.wait_for_timeout(300)
    template = preview.root / "templates" / "page.html"
    good = template.read_text()
    template.write_text(good.replace("{{ page.title }}", "{{ page.titel }}"))
    page.wait_for_selector("text=page has no 'titel'", timeout=10_000)
    template.write_text(good)
    page.wait_for_selector("h1", timeout=10_000)
    (preview.root / "content" / "new.md").write_text(
        "---\ntitle: N\ndescription: d\ndraft: true\n---\n"
    )
    for _ in range(50):  # the page is there when the next build is done
        page.wait_for_timeout(200)
        if preview.get("/new/").status == 200:
            break
    page.wait_for_timeout(500)  # the reload that follows the build is over
    page.goto(preview.address + "/new/")
    assert "This page is a draft." in page.inner_text("main")
    page.close()


def test_the_preview_equals_the_build_but_for_policy_and_reload_script(preview: Preview):
    built = build(preview.root)
    for output in built.outputs:
        if not output.path.endswith(".html"):
            continue
        address = "/" + output.path.removesuffix("index.html")
        shown = preview.get(address)
        html = re.sub(
            r'<script src="/livereload\.js\?port=\d+"></script>', "", shown.read().decode()
        )
        meta = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">\n')
        plain = output.load().decode()
        assert html == meta.sub("", plain), address
        policy = shown.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        style = re.search(r"'sha256-[^']+'", policy)
        assert style
        assert style.group() in plain.replace("&#39;", "'"), "the same style by the same hash"


def test_the_published_folder_is_never_touched(preview: Preview):
    published = preview.root / "public"
    published.mkdir()
    (published / "index.html").write_text("published")
    before = tree_of(published)
    (preview.root / "content" / "index.md").write_text("---\ntitle: Changed\n---\n")
    assert preview.get("/").status == 200
    assert preview.stop() == 0
    assert tree_of(published) == before
    assert not (preview.root / ".public.next").exists()


def test_only_this_computer_may_look_and_only_its_pages_may_listen(preview: Preview):
    port = preview.address.rpartition(":")[2]
    assert preview.get("/").status == 200
    assert preview.get("/", host=f"localhost:{port}").status == 200
    for host in ("evil.example", f"evil.example:{port}", f"localhost.evil.example:{port}"):
        assert preview.get("/", host=host).status == 421
        assert preview.get("/livereload.js", host=host).status == 421
    assert preview.status_of_socket(preview.address) == 101
    for origin in ("https://evil.example", "http://127.0.0.1:1", "null", "http://localhost"):
        assert preview.status_of_socket(origin) == 403, origin
    assert preview.get("/forcereload").status == 404
    for path in ("/../config.yaml", "/%2e%2e/config.yaml", "/%00", "/..%2fconfig.yaml"):
        assert preview.get(path).status in {400, 404}, path


def test_addresses_without_their_slash_are_led_on(preview: Preview):
    shown = preview.get("/recovery")
    assert shown.status == 200
    assert shown.url.endswith("/recovery/")
    assert preview.get("/nowhere/").status == 404
