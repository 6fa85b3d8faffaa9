"""Many commands, each in a process of its own, with what it printed and what it cost.

In, on stdin: a JSON list of [arguments of build.py, file for what it prints]. Out, on stdout: a
JSON list of [exit code, seconds of processor, megabytes at most]. The processes are forked from
this small one, in which the program is loaded already, two at a time; with SOAK=1 each is the real
`build.py`.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
AT_ONCE = 2
LONGEST = 60
"""Seconds of processor after which the kernel ends a command."""

sys.path.insert(0, str(PROJECT))
from sitebuilder.cli.main import main  # noqa: E402 - found beside this folder


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
        if os.environ.get("SOAK"):
            os.execv(sys.executable, [sys.executable, str(PROJECT / "build.py"), *arguments])
        code = main(arguments)
    except BaseException:  # noqa: BLE001 - what Python itself would do with it
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def run() -> None:
    commands = json.load(sys.stdin)
    done: dict[int, list[float]] = {}
    running: dict[int, int] = {}
    waiting = list(enumerate(commands))
    while waiting or running:
        while waiting and len(running) < AT_ONCE:
            at, (arguments, said) = waiting.pop(0)
            running[start(arguments, said)] = at
        pid, status, used = os.wait3(0)
        code = os.waitstatus_to_exitcode(status)
        done[running.pop(pid)] = [code, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024]
    json.dump([done[at] for at in range(len(commands))], sys.stdout)


if __name__ == "__main__":
    run()
