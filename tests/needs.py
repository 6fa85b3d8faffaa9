"""What a test needs beside Python: told by its markers, seen by a hook, and asked for by CI.

A test whose program is missing is skipped with words on how to get it. With REQUIRE_TOOLS=1, as
`make test` and `make soak` set it, it fails, so that nothing goes missing in silence. A test that
starts a program and has no marker for it fails too: `make quick` leaves such tests out by markers.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Generator
from pathlib import Path

import pytest
from modes import SOAK

TESTS = Path(__file__).resolve().parent
REQUIRED = os.environ.get("REQUIRE_TOOLS") == "1"


def _is_there(name: str) -> bool:
    """Whether a program is there. Servers stand where only root looks."""
    return bool(shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"))


PROGRAMS: dict[str, Callable[[], bool]] = {
    "java": lambda: _is_there("java"),
    "node": lambda: _is_there("node") and (TESTS / "node_modules").is_dir(),
}
"""Whether there is what the marker of this name asks for."""

STARTS_PROGRAMS = ("process", "browser", "tools", "java", "node")
"""Markers of tests that may start programs."""

EVENTS = {"subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.exec"}

_started: list[str] = []
"""What was started since the test's setup began."""


def _note(event: str, details: tuple[object, ...]) -> None:
    if event in EVENTS:
        _started.append(f"{event} {str(details[:2])[:200]}" if details else event)


sys.addaudithook(_note)


def need(*names: str) -> None:
    """Skip this test, or fail it if all tools are required, unless these programs are there."""
    missing = [name for name in names if not PROGRAMS.get(name, lambda n=name: _is_there(n))()]
    if missing:
        lost(f"needs {' and '.join(missing)}: `make test` installs what tests need")


def lost(reason: str) -> None:
    """Skip this test for something that is missing; fail it if all tools are required."""
    if REQUIRED:
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, object, object]:
    """See to what the markers ask for, before any fixture."""
    _started.clear()
    need(*(name for name in PROGRAMS if item.get_closest_marker(name)))
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Hold a test to its markers: fixtures that it is the first to use count as its own."""
    result = yield
    # With SOAK=1 every command is a real process.
    if _started and not SOAK and not any(item.get_closest_marker(name) for name in STARTS_PROGRAMS):
        pytest.fail(f"it starts a program: mark it `process` ({_started[0]})", pytrace=False)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Take a skip for a missing program or module for a failure if tools are required."""
    report = yield
    if REQUIRED and report.skipped and isinstance(report.longrepr, tuple):
        reason = report.longrepr[2].removeprefix("Skipped: ")
        if reason.startswith(("needs ", "could not import ")):
            report.outcome = "failed"
            report.longrepr = f"{reason} (REQUIRE_TOOLS=1)"
    return report
