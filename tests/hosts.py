"""The web servers that the forms are made for, started for real; the tests of hosts share them."""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

BROTLI = Path("/usr/lib/nginx/modules/ngx_http_brotli_static_module.so")
"""Debian's module for nginx; without it nginx serves what gzip made."""


class Answer(NamedTuple):
    """What a server answered; names of headers in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


class Host:
    """A server that listens on `port` of this machine."""

    def __init__(self, name: str, port: int) -> None:
        self.name, self.port = name, port
        self.address = f"http://127.0.0.1:{port}"

    def ask(self, path: str, method: str = "GET", **headers: str) -> Answer:
        """The answer to a path that goes over the line just as it is. `_` in names is `-`."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        line.putrequest(method, path, skip_accept_encoding=True)
        for name, value in headers.items():
            line.putheader(name.replace("_", "-"), value)
        line.endheaders()
        got = line.getresponse()
        names = [name.lower() for name, _ in got.getheaders()]
        assert len(names) == len(set(names)), f"a header comes twice: {sorted(names)}"
        found = {name.lower(): value for name, value in got.getheaders()}
        answer = Answer(got.status, found, got.read())
        line.close()
        return answer


def free_port() -> int:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return int(line.getsockname()[1])


def program(name: str) -> str:
    """A server's program, which stands where only root looks."""
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    assert found, f"{name} is missing. Run: sh tests/install-tools.sh"
    return found


@contextmanager
def nginx(form: str, folder: Path, *, encrypted: str = "") -> Iterator[Host]:
    """nginx with what `build.py host nginx` printed; `encrypted`: a block for https besides."""
    port = free_port()
    folder.mkdir()
    (folder / "site.conf").write_text(
        form.replace("# brotli_static", "brotli_static" if BROTLI.exists() else "#")
    )
    paths = "".join(
        f"{kind}_temp_path {folder}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    conf = folder / "nginx.conf"
    user = "user root;" if os.geteuid() == 0 else ""  # what pytest makes, only its maker may read
    module = f"load_module {BROTLI};" if BROTLI.exists() else ""
    conf.write_text(
        f"{module} {user} daemon off; worker_processes 1; pid {folder}/pid;"
        f"error_log {folder}/error.log; events {{}}\n"
        f"http {{ access_log off; {paths} include /etc/nginx/mime.types;\n"
        f"server {{ listen 127.0.0.1:{port}; include {folder}/site.conf; }}\n"
        f"{encrypted} }}\n"
    )
    with running([program("nginx"), "-c", str(conf), "-e", f"{folder}/error.log"], port, folder):
        yield Host("nginx", port)


@contextmanager
def caddy(form: str, folder: Path) -> Iterator[Host]:
    """Caddy with what `build.py host caddy` printed."""
    port = free_port()
    folder.mkdir()
    (folder / "site.conf").write_text(form)
    conf = folder / "Caddyfile"
    conf.write_text(
        "{\n    admin off\n    auto_https off\n}\n"
        f"http://127.0.0.1:{port} {{\n    import {folder}/site.conf\n}}\n"
    )
    command = [program("caddy"), "run", "--adapter", "caddyfile", "--config", str(conf)]
    with running(command, port, folder):
        yield Host("caddy", port)


@contextmanager
def running(command: list[str], port: int, folder: Path) -> Iterator[None]:
    """A server that has begun to listen, until the block ends."""
    with (folder / "said").open("wb") as said:
        homes = {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
        process = subprocess.Popen(
            command, stdout=said, stderr=said, env={**os.environ, **homes}, cwd=folder
        )
    try:
        for _ in range(100):
            assert process.poll() is None, (folder / "said").read_text()
            with socket.socket() as line:
                if line.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(10)
