"""Fixtures: small sites in a folder of their own, a web server for what was built, a browser."""

from __future__ import annotations

import functools
import http.server
import os
import re
import resource
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from sitebuilder.build.pipeline import Build, build_site
from sitebuilder.content.loader import load_sources

PROJECT = Path(__file__).resolve().parent.parent
TODAY = date(2026, 11, 22)

QUIET = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
settings.register_profile("ci", max_examples=40, deadline=None, suppress_health_check=QUIET)
settings.register_profile("soak", max_examples=5000, deadline=None, suppress_health_check=QUIET)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

MakeSite = Callable[[Mapping[str, str | bytes]], Path]


def write_site(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files by path into `root`; a config.yaml is added if there is none."""
    for path, text in {"config.yaml": "name: Some site\n", **files}.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode() if isinstance(text, str) else text)
    return root


@pytest.fixture(autouse=True)
def _memory() -> Iterator[None]:
    """Give back what a command that runs in this process bounds: a browser asks for far more."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)


@pytest.fixture
def make_site(tmp_path: Path) -> MakeSite:
    return lambda files: write_site(tmp_path / "site", files)


def build(root: Path, **options: object) -> Build:
    return build_site(load_sources(root), TODAY, **options)  # type: ignore[arg-type]


def page_of(build: Build, path: str) -> str:
    output = next(o for o in build.outputs if o.path == path)
    return output.load().decode()


def without_data(html: str) -> str:
    """The page without what it says to search engines, which no browser runs."""
    data = re.compile(r'<script type="application/ld\+json">[^<>]*</script>')
    assert len(data.findall(html)) <= 1
    return data.sub("", html)


def said(build: Build) -> list[str]:
    """Problems as `path:line rule`."""
    return [f"{p.path}:{p.line} {p.rule}" for p in build.problems]


def run_cli(
    *arguments: str, cwd: Path = PROJECT, program: Path = PROJECT, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(program / "build.py"), *arguments],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def tree_of(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Every file of a folder with its bytes and mode, folders with theirs."""
    return {
        str(p.relative_to(folder)): (p.read_bytes() if p.is_file() else b"", p.stat().st_mode)
        for p in sorted(folder.rglob("*"))
    }


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_arguments: object) -> None:
        pass

    def send_error(self, code: int, *arguments: object, **names: object) -> None:
        """Like a host: the site's own page for what is not there."""
        page = Path(self.directory) / "404.html"
        if code == 404 and page.is_file():
            body = page.read_bytes()
            self.send_response(404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        else:
            super().send_error(code, *arguments, **names)  # type: ignore[arg-type]


def serve_folder(folder: Path) -> Iterator[str]:
    handler = functools.partial(_Quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="session")
def public(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's own site, built as `make` builds it."""
    folder = tmp_path_factory.mktemp("public") / "public"
    done = run_cli("build", "--output", str(folder))
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="session")
def website(public: Path) -> Iterator[str]:
    yield from serve_folder(public)


def chromium_path() -> str | None:
    """The browser to test with; None: the one that Playwright brought itself."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=chromium_path(),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield chromium
        chromium.close()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="renew what tests/sites expect")
