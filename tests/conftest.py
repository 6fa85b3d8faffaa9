"""Fixtures: small sites in a folder of their own, a web server for what was built, a browser."""

from __future__ import annotations

import functools
import gc
import http.server
import io
import os
import re
import resource
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from modes import SOAK, TURN
from needs import (  # noqa: F401 - pytest looks for hooks here
    pytest_runtest_call,
    pytest_runtest_makereport,
    pytest_runtest_setup,
)
from schedule import pytest_collection_modifyitems  # noqa: F401 - as above

from sitebuilder.build.build_date import build_date
from sitebuilder.build.pipeline import Build, build_site
from sitebuilder.cli.main import main
from sitebuilder.content.loader import load_sources
from sitebuilder.core.model import Output
from sitebuilder.output.precompress import precompress_outputs
from sitebuilder.output.publish import publish

PROJECT = Path(__file__).resolve().parent.parent
TODAY = date(2026, 11, 22)

QUIET = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
settings.register_profile("ci", max_examples=40, deadline=None, suppress_health_check=QUIET)
settings.register_profile("soak", max_examples=5000, deadline=None, suppress_health_check=QUIET)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

# Seconds of processor time, far above what any machine needs: a longer run would not end.
HANGS = 20

MakeSite = Callable[[Mapping[str, str | bytes]], Path]


def write_site(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files by path into `root`; a config.yaml is added if there is none."""
    for path, text in {"config.yaml": "name: Some site\n", **files}.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode() if isinstance(text, str) else text)
    return root


def count_calls(run: Callable[[], object]) -> int:
    """How many calls `run` makes, builtin functions included: its cost on any machine."""
    count = 0

    def count_one(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count_one)
    try:
        run()
    finally:
        sys.setprofile(before)
    return count


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
    *arguments: str,
    cwd: Path = PROJECT,
    program: Path = PROJECT,
    process: bool = False,
    **environment: str,
) -> subprocess.CompletedProcess[str]:
    """Run the command line: within this process, which takes a tenth of the time.

    In a real one, as everything with SOAK=1: if `process` says so, for another environment, and
    for another copy of the program. Each module of commands has tests that do so.
    """
    if not (process or environment or program != PROJECT or SOAK):
        return run_cli_here(*arguments, cwd=cwd)
    return subprocess.run(
        [sys.executable, str(program / "build.py"), *arguments],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def run_cli_here(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the command line within this process, and undo what it does to it."""
    memory, collect, here = resource.getrlimit(resource.RLIMIT_AS), gc.get_threshold(), Path.cwd()
    said, told = io.StringIO(), io.StringIO()
    os.chdir(cwd)
    try:
        with redirect_stdout(said), redirect_stderr(told):
            code = main(arguments, root=PROJECT)
    finally:
        os.chdir(here)
        gc.set_threshold(*collect)
        resource.setrlimit(resource.RLIMIT_AS, memory)
    return subprocess.CompletedProcess(list(arguments), code, said.getvalue(), told.getvalue())


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
def ours() -> Build:
    """The project's own site as of today, built once for all tests that only read it."""
    return build_site(load_sources(PROJECT), build_date(None))


@pytest.fixture(scope="session")
def public(ours: Build, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's own site, published as `make` publishes it.

    That the command gives the same bytes is held by test_reproducible, with real processes.
    """
    assert [p for p in ours.problems if p.severity == "error"] == []
    folder = tmp_path_factory.mktemp("public") / "public"
    outputs: Sequence[Output] = ours.outputs
    if ours.site.config.compress:
        outputs = precompress_outputs(outputs, folder.parent / "kept")
    publish(outputs, folder, PROJECT)
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


@pytest.fixture(scope="session")
def tool_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of each decision tool in each way that it can be shown: `script/next-step/`."""
    from tool_pages import write_pages

    return write_pages(tmp_path_factory.mktemp("tools"))


@pytest.fixture(scope="session")
def served_tools(tool_folder: Path) -> Iterator[str]:
    yield from serve_folder(tool_folder)


@pytest.fixture(scope="session")
def fox() -> Iterator[object]:
    """A Firefox, for all tests that need one; they share the group "firefox"."""
    from marionette import firefox

    with firefox() as tab:
        yield tab


@pytest.fixture(scope="session")
def kit() -> Iterator[object]:
    """A WebKit, for all tests that need one; they share the group "webkit"."""
    from webkit import webkit

    with webkit() as tab:
        yield tab


@pytest.fixture(scope="session")
def nu_checker(public: Path, tool_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> object:
    """What the Nu HTML checker says of all that we make; the tests share the group "java"."""
    from nu import NuChecker

    return NuChecker(public, tool_folder, tmp_path_factory.mktemp("nu"))


def pytest_configure(config: pytest.Config) -> None:
    """Keep the files of tests in memory if there is room: fsync on a disk takes long.

    With SOAK=1 they lie on disk, where fsync is real, and wherever somebody says.
    """
    os.environ.setdefault("ROTATION", str(TURN))  # for the workers, at midnight too
    ram = Path("/dev/shm")
    is_said = {"PYTEST_DEBUG_TEMPROOT", "TMPDIR"} & os.environ.keys()
    if SOAK or is_said or not ram.is_dir():
        return
    fits = shutil.disk_usage(ram).free > 4 << 30 and os.access(ram, os.W_OK)
    if fits and not os.statvfs(ram).f_flag & os.ST_NOEXEC:
        os.environ["PYTEST_DEBUG_TEMPROOT"] = str(ram)


def pytest_report_header() -> str:
    return f"ROTATION={TURN} repeats what this run chooses"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="renew what tests/sites expect")
