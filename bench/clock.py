"""One process from start to end: its time, its work, its memory. Nothing else is loaded here.

The memory of a child is at least that of the program that started it (so the kernel counts), so
this program must stay small.
"""

from __future__ import annotations

import contextlib
import os
import resource
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

LIMIT_S = 3600.0  # a build that takes longer is ended
LOOK_EVERY = 0.1  # seconds between two looks at the memory of all processes
SHARE = 50  # a look may take this part of a processor's time until the next


class Failed(Exception):  # noqa: N818 - it ends the whole benchmark with its words
    """A program that was to be measured ended with another code than 0."""


@dataclass(frozen=True)
class Taken:
    """What a process took: seconds by the clock and of processors, bytes of memory.

    `largest` is the peak of the largest single process. `together` is the peak of all processes
    at once with shared pages counted once, as far as somebody looked; 0: nobody did. `others` is
    how many processors everything else on the machine kept busy meanwhile.
    """

    wall: float
    cpu: float
    largest: int
    together: int
    others: float


def take(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Taken:
    """Run a program to its end in `folder`. Failed: it did not end well."""
    os.sync()  # what was written before is not to be written out meanwhile
    with open(folder.parent / "said.txt", "w+b") as said:
        busy = _busy()
        start = time.monotonic()
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=said, stderr=said
        )
        together = _watch(process.pid, start + LIMIT_S)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.monotonic() - start
        cpu = used.ru_utime + used.ru_stime
        others = max(0.0, _busy() - busy - cpu) / wall
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            words = said.read().decode(errors="replace")[-4000:]
            raise Failed(f"{' '.join(command)} in {folder}: exit {process.returncode}\n{words}")
    return Taken(wall, cpu, _bytes(used), together, others)


def _bytes(used: resource.struct_rusage) -> int:
    return used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _busy() -> float:
    """Seconds that all processors have worked since the machine started; 0: nobody tells."""
    with contextlib.suppress(OSError):
        words = Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()
        user, nice, system, _idle, _waiting, irq, soft, stolen = map(int, words[1:9])
        return (user + nice + system + irq + soft + stolen) / os.sysconf("SC_CLK_TCK")
    return 0.0


def _watch(pid: int, end: float) -> int:
    """The peak memory of a process and all below it, looked at until it ends."""
    if not hasattr(os, "pidfd_open"):
        return 0
    most, wait = 0, LOOK_EVERY
    handle = os.pidfd_open(pid)
    poll = select.poll()
    poll.register(handle, select.POLLIN)
    while not poll.poll(wait * 1000):
        start = time.thread_time()
        most = max(most, sum(map(_memory, _family(pid))))
        wait = max(LOOK_EVERY, SHARE * (time.thread_time() - start))
        if time.monotonic() > end:
            os.kill(pid, signal.SIGKILL)
    os.close(handle)
    return most


def _family(pid: int) -> list[int]:
    found = [pid]
    for one in found:  # it grows while it is read
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{one}/task").iterdir():
                found += map(int, (task / "children").read_text(encoding="ascii").split())
    return found


def _memory(pid: int) -> int:
    """Bytes of a process, its share of what it has in common with others (PSS)."""
    with contextlib.suppress(OSError), open(f"/proc/{pid}/smaps_rollup", "rb") as lines:
        for line in lines:
            if line.startswith(b"Pss:"):
                return int(line.split()[1]) * 1024
    return 0
