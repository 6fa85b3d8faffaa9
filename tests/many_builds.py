"""Many commands, each in a process of its own, with what it printed and what it cost.

In, on stdin: a JSON object with `warm`, a good site, and `commands`, a list of [arguments of
build.py, file for what it prints]. Out, on stdout: a JSON list of [exit code, seconds of processor,
megabytes at most]. The processes are forked from this one, which has checked the good site, so that
modules are loaded and templates compiled. With SOAK=1 each is the real `build.py`, cold.
"""

from __future__ import annotations

import io
import json
import os
import resource
import signal
import sys
import traceback
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
AT_ONCE = 1 if "PYTEST_XDIST_WORKER" in os.environ else 2  # a worker has one processor
LONGEST = 60
"""Seconds of processor after which the kernel ends a command."""

sys.path.insert(0, str(PROJECT))
from modes import SOAK  # noqa: E402 - found beside this file

from sitebuilder.cli.main import main  # noqa: E402 - found beside this folder


def warm_up(root: str) -> None:
    """Check a site here, as its children will, and take back the limit of memory."""
    memory = resource.getrlimit(resource.RLIMIT_AS)
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        code = main(["check", "--root", root])
    assert code == 0, "the good site has an error"
    resource.setrlimit(resource.RLIMIT_AS, memory)


def start(arguments: list[str], said: str) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 99
    try:
        signal.alarm(LONGEST)
        handle = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(handle, 1)
        os.dup2(handle, 2)
        if SOAK:
            os.execv(sys.executable, [sys.executable, str(PROJECT / "build.py"), *arguments])
        code = main(arguments)
    except BaseException:  # noqa: BLE001 - what Python itself would do with it
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def run() -> None:
    asked = json.load(sys.stdin)
    if asked["warm"] and not SOAK:
        warm_up(asked["warm"])
    done: dict[int, list[float]] = {}
    running: dict[int, int] = {}
    waiting = list(enumerate(asked["commands"]))
    while waiting or running:
        while waiting and len(running) < AT_ONCE:
            at, (arguments, said) = waiting.pop(0)
            running[start(arguments, said)] = at
        pid, status, used = os.wait3(0)
        code = os.waitstatus_to_exitcode(status)
        done[running.pop(pid)] = [code, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024]
    json.dump([done[at] for at in range(len(asked["commands"]))], sys.stdout)


if __name__ == "__main__":
    run()
