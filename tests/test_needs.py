"""Tests are held to what they say that they need, and the heavy ones start first."""

from __future__ import annotations

import subprocess
import sys

import needs
import pytest
from schedule import HEAVY, rank


def test_what_is_missing_is_a_skip_and_a_failure_if_all_is_required(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(needs, "REQUIRED", False)
    with pytest.raises(pytest.skip.Exception, match="needs no-such-program: `make test` installs"):
        needs.need("no-such-program")
    monkeypatch.setattr(needs, "REQUIRED", True)
    with pytest.raises(pytest.fail.Exception, match="needs no-such-program"):
        needs.need("no-such-program")


@pytest.mark.process
def test_a_program_that_a_test_starts_is_noted() -> None:
    assert needs._started == []
    subprocess.run([sys.executable, "-c", ""], check=True)
    assert needs._started
    assert needs._started[0].startswith("subprocess.Popen")


def test_the_longest_groups_start_first() -> None:
    assert rank("firefox") < rank("tool options") < rank("test_hosts") < rank("look /recovery/")
    assert rank("look /recovery/") < rank("test_urls") == len(HEAVY)


def test_groups_reach_the_scheduler(request: pytest.FixtureRequest) -> None:
    """It finds a test's group behind its id; without it each test would be a group, in silence."""
    if getattr(request.config.option, "loadgroup", False):
        assert request.node.nodeid.endswith("@test_needs")
    else:
        assert "@" not in request.node.nodeid
