"""The preview: what an editor sees in a real browser while working."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from conftest import PROJECT, build, run_cli, tree_of, write_site
from modes import SOAK

from sitebuilder.output import headers

pytestmark = [pytest.mark.browser, pytest.mark.process]


# A shell that runs the tests in the background has Ctrl-C ignored by all its children.
HEAR_CTRL_C = f"""
import runpy, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.path.insert(0, {str(PROJECT)!r})
runpy.run_path({str(PROJECT / "build.py")!r}, run_name="__main__")
"""


class Preview:
    """`build.py serve` on a copy of the project's content, as a process of its own."""

    def __init__(self, root: Path, first: str = "") -> None:
        self.root = root
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-c",
                first + HEAR_CTRL_C,
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
        threading.Thread(
            target=self.listen, args=[self.process.stderr, self.said], daemon=True
        ).start()
        self.builds: list[str] = []
        out = self.process.stdout
        threading.Thread(target=self.listen, args=[out, self.builds], daemon=True).start()

    def listen(self, stream: Any, said: list[str]) -> None:
        for line in stream:
            said += [line]

    def status_of_socket(self, origin: str | None) -> int:
        """What the server answers to a page of `origin` that wants to hear of reloads."""
        connection = http.client.HTTPConnection(self.address.removeprefix("http://"), timeout=30)
        sent = {
            **({} if origin is None else {"Origin": origin}),
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
        }
        connection.request("GET", "/livereload", headers=sent)
        status = connection.getresponse().status
        connection.close()
        return status

    def get(self, path: str, host: str | None = None) -> Any:
        request = urllib.request.Request(self.address + path)
        if host:
            request.add_header("Host", host)
        try:
            return urllib.request.urlopen(request, timeout=30)
        except urllib.error.HTTPError as error:
            return error

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(10)
        for stream in (self.process.stdout, self.process.stderr):
            if stream:
                stream.close()
        return code


PAGE = """---
title: {0}
description: "What to know of {0}."
---
Words that come first.

## The first weeks

Some words.

## Later

More words. See the [home page](index.md).
"""
FEW_PAGES = {
    "config.yaml": "name: Some site\nnav: [recovery]\nfooter: [when-to-get-help]\n",
    "content/index.md": PAGE.format("Home"),
    "content/recovery.md": PAGE.format("Recovery"),
    "content/when-to-get-help.md": PAGE.format("Get help"),
}


def copy_project(root: Path, *names: str) -> None:
    for name in names:
        shutil.copytree(PROJECT / name, root / name)
    shutil.copyfile(PROJECT / "config.yaml", root / "config.yaml")


@pytest.fixture
def preview(tmp_path: Path) -> Iterator[Preview]:
    """A few pages with our design, to change: each save builds them in a tenth of a second.

    With SOAK it is our whole site that is changed. `whole_preview` shows that in every run.
    """
    copy_project(tmp_path, "static", "templates", *(["content"] if SOAK else []))
    if not SOAK:
        write_site(tmp_path, FEW_PAGES)
    running = Preview(tmp_path)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def whole_preview(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Preview]:
    """Our whole site, only to look at."""
    root = tmp_path_factory.mktemp("whole")
    copy_project(root, "content", "static", "templates")
    running = Preview(root)
    yield running
    running.stop()


def test_a_change_is_seen_a_mistake_is_told_and_mending_it_brings_the_page_back(
    preview: Preview, browser: Any
) -> None:
    source = preview.root / "content" / "recovery.md"
    good = source.read_text()
    page = browser.new_page()
    messages: list[str] = []
    page.on("console", lambda message: messages.append(message.text))
    with page.expect_websocket():
        page.goto(preview.address + "/recovery/")
    page.wait_for_timeout(300)

    source.write_text(good.replace("\n## ", "\nA brand new sentence.\n\n## ", 1))
    page.wait_for_selector("text=A brand new sentence.", timeout=60_000)

    source.write_text(good.replace("title:", "titel:", 1))
    page.wait_for_selector("text=Something needs fixing", timeout=60_000)
    shown = page.inner_text("pre")
    assert "content/recovery.md:2:1: error: page has no field 'titel' [unknown-field]" in shown
    assert "Did you mean 'title'?" in shown
    page.wait_for_timeout(200)
    terminal = "".join(preview.said)
    assert shown.strip() in terminal, "the browser and the terminal use the same words"

    source.write_text(good)
    page.wait_for_selector("h1:has-text('Recovery')", timeout=60_000)
    assert messages == []
    page.close()


def test_a_broken_template_and_a_new_page_are_seen_too(preview: Preview, browser: Any) -> None:
    page = browser.new_page()
    with page.expect_websocket():
        page.goto(preview.address + "/")
    page.wait_for_timeout(300)
    template = preview.root / "templates" / "page.html"
    good = template.read_text()
    template.write_text(good.replace("{{ page.title }}", "{{ page.titel }}"))
    page.wait_for_selector("text=page has no 'titel'", timeout=60_000)
    template.write_text(good)
    page.wait_for_selector("h1", timeout=60_000)
    (preview.root / "content" / "new.md").write_text(
        "---\ntitle: N\ndescription: d\ndraft: true\n---\n"
    )
    for _ in range(300):  # the page is there when the next build is done
        page.wait_for_timeout(200)
        if preview.get("/new/").status == 200:
            break
    page.wait_for_timeout(500)  # the reload that follows the build is over
    page.goto(preview.address + "/new/")
    assert "This page is a draft." in page.inner_text("main")
    page.close()


def test_the_preview_equals_the_build_but_for_policy_and_reload_script(
    whole_preview: Preview,
) -> None:
    built = build(whole_preview.root)
    for output in built.outputs:
        if not output.path.endswith(".html"):
            continue
        address = "/" + output.path.removesuffix("index.html")
        shown = whole_preview.get(address)
        html = re.sub(
            r'<script src="/livereload\.js\?port=\d+&amp;snipver=\d+"></script>',
            "",
            shown.read().decode(),
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


def test_the_published_folder_is_never_touched(preview: Preview) -> None:
    published = preview.root / "public"
    published.mkdir()
    (published / "index.html").write_text("published")
    before = tree_of(published)
    (preview.root / "content" / "index.md").write_text("---\ntitle: Changed\n---\n")
    assert preview.get("/").status == 200
    assert preview.stop() == 0
    assert tree_of(published) == before
    assert not (preview.root / ".public.next").exists()


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Preview]:
    """A site of two pages, one of them a draft, and a drawing."""
    pages = {
        "content/index.md": "---\ntitle: Home\n---\nWords. ![A dot](a.svg)\n",
        "content/later.md": "---\ntitle: Later\ndraft: true\n---\nWords.\n",
        "content/a.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>",
    }
    running = Preview(write_site(tmp_path_factory.mktemp("small") / "site", pages))
    yield running
    running.stop()


def raw(preview: Preview, *lines: str) -> tuple[int, dict[str, str], bytes]:
    """What a request of these lines gets: status, headers in lower case, body. 0: cut off."""
    port = int(preview.address.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
        with suppress(ConnectionError):
            line.sendall("\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1"))
        got = b""
        with suppress(ConnectionError):
            while part := line.recv(65536):
                got += part
    head, _, body = got.partition(b"\r\n\r\n")
    first, *rest = head.decode("latin-1").split("\r\n")
    found = dict(row.lower().split(": ", 1) for row in rest)
    return int(first.split(" ")[1]) if first else 0, found, body


def test_only_this_computer_may_look(small: Preview) -> None:
    port = small.address.rpartition(":")[2]
    good = (f"127.0.0.1:{port}", f"localhost:{port}", f"LocalHost:{port}", f"localhost.:{port}")
    for host in (*good, f"[::1]:{port}"):
        assert raw(small, "GET / HTTP/1.1", f"Host: {host}")[0] == 200, host
    for host in (
        "evil.example",
        f"evil.example:{port}",
        f"localhost.evil.example:{port}",
        f"evil.example#localhost:{port}",
        f"127.0.0.1.evil.example:{port}",
        "localhost",
        "localhost:1",
        "[::1]",
        f"[::2]:{port}",
        f"0.0.0.0:{port}",
        f"127.0.0.2:{port}",
        "",
        ":",
    ):
        for path in ("/", "/livereload.js", "/nowhere"):
            status, _, body = raw(small, f"GET {path} HTTP/1.1", f"Host: {host}")
            assert status in {400, 421}, (host, path)
            assert b"Words." not in body
    for version in ("1.0", "1.1"):
        assert raw(small, f"GET / HTTP/{version}")[0] in {400, 421}, "no Host at all"


def test_only_pages_from_here_may_read_or_listen(small: Preview) -> None:
    port = small.address.rpartition(":")[2]
    assert small.status_of_socket(small.address) == 101
    strange = ("https://evil.example", "http://127.0.0.1:1", "null", "http://localhost", "")
    for origin in (*strange, f"https://127.0.0.1:{port}", f"http://localhost:{port}"):
        assert small.status_of_socket(origin) == 403, origin
    assert small.status_of_socket(None) == 403, "whoever does not say where it is from is no page"
    here = f"Host: 127.0.0.1:{port}"
    for origin in strange:
        assert raw(small, "GET / HTTP/1.1", here, f"Origin: {origin}")[0] == 403, origin
    assert raw(small, "GET / HTTP/1.1", here, f"Origin: {small.address}")[0] == 200
    assert small.get("/forcereload").status == 404


def test_addresses_that_can_be_none_are_refused(small: Preview) -> None:
    here = f"Host: {small.address.removeprefix('http://')}"
    for path in (
        "/../config.yaml",
        "/%2e%2e/config.yaml",
        "/..%2fconfig.yaml",
        "/..%5cconfig.yaml",
        "/..%2f..%2f..%2f..%2fetc/passwd",
        "/%00",
        "/index.html%00.svg",
        "/%0d%0aSet-Cookie:a",
        "/%",
        "/%zz",
        "/%e4",
        "/a%c0%afb",
    ):
        status, sent, body = raw(small, f"GET {path} HTTP/1.1", here)
        assert status == 400, path
        assert sent["x-content-type-options"] == "nosniff"
        assert b"name: Some site" not in body
    for path in ("//etc/passwd", "/config.yaml", "/content/", "/.git/config", "/nowhere"):
        assert raw(small, f"GET {path} HTTP/1.1", here)[0] == 404, path


def test_what_is_asked_in_other_ways(small: Preview) -> None:
    here = f"Host: {small.address.removeprefix('http://')}"
    status, sent, body = raw(small, "HEAD / HTTP/1.1", here)
    assert (status, body) == (200, b"")
    assert int(sent["content-length"]) > 500
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "PATCH"):
        assert raw(small, f"{method} / HTTP/1.1", here)[0] == 405, method
    long = "x" * 70_000
    assert raw(small, f"GET /{long} HTTP/1.1", here)[0] in {0, 400, 414, 431}
    assert raw(small, "GET / HTTP/1.1", here, f"A: {long}")[0] in {0, 400, 431}
    assert raw(small, "POST / HTTP/1.1", here, "Content-Length: 99999999")[0] in {0, 400, 405, 413}
    assert small.get("/").status == 200, "it is still there"
    assert b"Words." in small.get("/later/").read(), "drafts are shown"


def test_the_preview_sends_the_headers_of_the_table(small: Preview) -> None:
    table = build(small.root).headers
    for path in ("/", "/nowhere", "/a.svg", "/robots.txt", "/livereload.js"):
        sent = small.get(path).headers
        for name, value in table.items():
            if name not in {"Cache-Control", "Content-Security-Policy"}:
                assert sent[name] == value, (path, name)
        assert sent["Cache-Control"] == "no-store"
        assert "Server" not in sent
    assert "sandbox" in small.get("/a.svg").headers["Content-Security-Policy"]
    policy = small.get("/").headers["Content-Security-Policy"]
    assert headers.HEADER_ONLY_DIRECTIVES in policy


def test_ten_files_saved_at_once_are_one_build(small: Preview) -> None:
    for attempt in "abcde":
        small.builds.clear()
        saved_at = []
        for n in range(10):
            page = f"---\ntitle: P{attempt}{n}\n---\nWords.\n"
            (small.root / "content" / f"p{attempt}{n}.md").write_text(page)
            saved_at.append(time.monotonic())
            time.sleep(0.01)
        for _ in range(300):
            if small.get(f"/p{attempt}9/").status == 200:
                break
            time.sleep(0.1)
        time.sleep(1)
        if max(after - before for before, after in pairwise(saved_at)) < 0.03:
            break  # else a busy machine held this test up, and they were not saved at once
    assert len(small.builds) == 1


JUNK = """() => new Promise(done => {
    const socket = new WebSocket(location.origin.replace('http', 'ws') + '/livereload');
    socket.onopen = () => socket.send(junk);
    socket.onmessage = () => done('answered');
    socket.onclose = event => done(event.code);
})"""


def test_junk_on_the_reload_socket_closes_it_and_prints_nothing(
    small: Preview, browser: Any
) -> None:
    page = browser.new_page()
    page.goto(small.address)
    deep = "'[' .repeat(100000)"
    junk = (
        *("'{'", "''", "'null'", "'7'", "'[]'", "'{}'", "'\"hello\"'", deep),
        *("new Uint8Array([255, 254])", "'{\"command\": 7}'", '\'{"command": ["hello"]}\''),
        '\'{"command": "hello", "snipver": [1]}\'',
        '\'{"command": "info", "url": {}}\'',
    )
    for text in junk:
        assert page.evaluate(JUNK.replace("junk", text)) == 1003, text
    assert page.evaluate(JUNK.replace("junk", '\'{"command": "hello"}\'')) == "answered"
    page.close()
    assert not [line for line in small.said if "Traceback" in line or "Error" in line]


def test_a_page_that_was_sent_before_the_newest_build_is_told_to_reload(
    small: Preview, browser: Any
) -> None:
    page = browser.new_page()
    page.goto(small.address + "/later/")
    number = int(page.evaluate("document.scripts[document.scripts.length - 1].src.split('=')[2]"))
    heard = """([address, number]) => new Promise(done => {
        const socket = new WebSocket(address);
        socket.onopen = () => {
            socket.send(JSON.stringify({command: 'hello', snipver: number, protocols: []}));
            socket.send(JSON.stringify({command: 'info', url: location.href}));
        };
        const told = [];
        socket.onmessage = message => told.push(JSON.parse(message.data).command);
        setTimeout(() => { socket.close(); done(told); }, 500);
    })"""
    address = small.address.replace("http", "ws") + "/livereload"
    assert page.evaluate(heard, [address, number]) == ["hello"]
    assert page.evaluate(heard, [address, number - 1]) == ["hello", "reload"]
    page.close()


def test_without_a_watch_a_change_is_seen_too(tmp_path: Path) -> None:
    page = "---\ntitle: Home\n---\n{}\n"
    root = write_site(tmp_path / "site", {"content/index.md": page.format("Words.")})
    none = "import sys; sys.path.insert(0, '.')\nfrom sitebuilder.server import inotify\n"
    none += "def refuse(): raise OSError\ninotify._load_libc = refuse\n"
    running = Preview(root, none)
    try:
        (root / "content/index.md").write_text(page.format("Other words."))
        for _ in range(100):
            if b"Other words." in running.get("/").read():
                break
            time.sleep(0.1)
        assert b"Other words." in running.get("/").read()
    finally:
        running.stop()


def test_a_port_that_is_taken_is_told(small: Preview) -> None:
    port = small.address.rpartition(":")[2]
    done = run_cli("serve", "--root", str(small.root), "--port", port, process=True)
    assert done.returncode == 2
    assert f"cannot use port {port}" in done.stderr
    assert "Traceback" not in done.stderr


def test_addresses_without_their_slash_are_led_on(whole_preview: Preview) -> None:
    shown = whole_preview.get("/recovery")
    assert shown.status == 200
    assert shown.url.endswith("/recovery/")
    assert whole_preview.get("/nowhere/").status == 404
