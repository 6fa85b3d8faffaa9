"""Fuzzing: changed bytes for everything that is read, looking for what must never happen.

    PYTHONPATH=.:tests python tests/fuzz.py [--seconds 600] [--seed N] [--jobs N] [--only KIND]
    PYTHONPATH=.:tests python tests/fuzz.py --again FILE       try one finding again

Good and bad files of the project are changed, joined and repeated at random. An input that makes
the program say something new is kept and changed further; so it feels its way from the messages,
with no need to watch the code (decision 025). A finding is any exception, more than ten seconds,
more than 500 MB, something in a page that could run script, or words that are lost without a
problem. Findings are written below `--out`, each with the seed. Exit code 1: there are some.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import resource
import sys
import time
import traceback
from collections import Counter
from multiprocessing.connection import Connection, wait
from pathlib import Path

from fuzz_targets import TARGETS, corpus, kind_of_file

LONGEST = 60_000
"""Bytes of an input, but for one in fifty: limits need larger ones."""
SECONDS, MEGABYTES = 10.0, 500
"""Of one try. The seconds are the processor's; on a busy machine the clock says more."""
HANGS = 60
"""Seconds by the clock after which a process is given up."""
OFTEN = {"body": 6, "yaml": 3, "page": 3}
"""Kinds tried more often: cheap, or written by editors every day."""

PIECES = (
    "\n|\n\n|  |\t|---\n|- |1. |> |# |## |```|~~~|`|**|_|[|](|)|![|[^1]|[^1]: |: |::: care\n|:::\n|"
    "|{#x}|{fact |}|{{ x }}|{% %}|<b>|</div>|<script>alert(1)</script>|<img src=x onerror=y>|"
    "javascript:alert(1)|//x.org/|<!--|-->|&#106;|&amp|%2e%2e%2f|../|\\|\x00|\x1b|\u202e|\u200b|"
    "\ue000|\ufeff|\ufffd|é|e\u0301|ß|İ|½|\U0001d4b3|脊|&a |*a |"
    "!!python/object:os.system |"
    "<<: |? |- - - |'|\"|{|}|,|#|%|@|0|-1|1e999|2026-02-30|true|null|.inf|12:30|title: |"
    "url: /a/\n|<a |"
    "<svg onload=x>|<?xml?>|<!DOCTYPE x [<!ENTITY a 'b'>]>|url(|@import|{: onclick=x}"
).split("|")


class Mutator:
    """Changes bytes: at places of meaning as often as anywhere."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.ways = [
            self.flip, self.cut, self.insert, self.insert, self.insert, self.repeat, self.splice,
            self.line_twice, self.lines_mixed, self.line_gone, self.number, self.indent, self.short,
        ]  # fmt: skip

    def change(self, data: bytes, others: list[bytes]) -> bytes:
        for _ in range(self.chance.choice((1, 1, 2, 3, 5, 8))):
            data = self.chance.choice(self.ways)(data, self.chance.choice(others))
        return data[: LONGEST if self.chance.random() > 0.02 else 20 * LONGEST]

    def place(self, data: bytes) -> int:
        return self.chance.randint(0, len(data))

    def span(self, data: bytes) -> tuple[int, int]:
        start = self.place(data)
        return start, start + int(self.chance.expovariate(1 / 20))

    def flip(self, data: bytes, _other: bytes) -> bytes:
        at = self.place(data)
        return data[:at] + bytes([self.chance.randrange(256)]) + data[at + 1 :]

    def cut(self, data: bytes, _other: bytes) -> bytes:
        start, end = self.span(data)
        return data[:start] + data[end:]

    def short(self, data: bytes, _other: bytes) -> bytes:
        return data[: self.place(data)] if self.chance.random() < 0.3 else data

    def insert(self, data: bytes, _other: bytes) -> bytes:
        at = self.place(data)
        if self.chance.random() < 0.5:  # where a line begins
            at = data.rfind(b"\n", 0, at) + 1
        return data[:at] + self.chance.choice(PIECES).encode() + data[at:]

    def repeat(self, data: bytes, _other: bytes) -> bytes:
        start, end = self.span(data)
        piece = data[start:end]
        if self.chance.random() < 0.5:
            piece = "".join(self.chance.choices(PIECES, k=self.chance.randint(1, 3))).encode()
        times = int(10 ** self.chance.uniform(0, 4))
        return data[:start] + (piece * times)[:LONGEST] + data[start:]

    def splice(self, data: bytes, other: bytes) -> bytes:
        start, at = self.place(other), self.place(data)
        return data[:at] + other[start : start + self.chance.randint(0, 2000)] + data[at:]

    def _lines(self, data: bytes) -> tuple[list[bytes], int, int]:
        lines = data.split(b"\n")
        start = self.chance.randrange(len(lines))
        return lines, start, start + self.chance.choice((1, 1, 2, 5))

    def line_twice(self, data: bytes, _other: bytes) -> bytes:
        lines, start, end = self._lines(data)
        return b"\n".join([*lines[:end], *lines[start:]])

    def line_gone(self, data: bytes, _other: bytes) -> bytes:
        lines, start, end = self._lines(data)
        return b"\n".join(lines[:start] + lines[end:])

    def lines_mixed(self, data: bytes, _other: bytes) -> bytes:
        lines, start, end = self._lines(data)
        at = self.chance.randrange(len(lines))
        return b"\n".join(lines[:at] + lines[start:end] + lines[at:])

    def indent(self, data: bytes, _other: bytes) -> bytes:
        lines, start, end = self._lines(data)
        sign = self.chance.choice((b" ", b"  ", b"    ", b"- ", b"> ", b"\t"))
        return b"\n".join(lines[:start] + [sign + n for n in lines[start:end]] + lines[end:])

    def number(self, data: bytes, _other: bytes) -> bytes:
        at = self.place(data)
        while at < len(data) and not data[at : at + 1].isdigit():
            at += 1
        new = self.chance.choice((b"0", b"-1", b"99999999999999999999", b"1e9", b"\xd9\xa3", b"7"))
        return data[:at] + new + data[at + 1 :]


def peak_megabytes() -> float:
    """The most memory that this process has used so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << (20 if sys.platform == "darwin" else 10))


def attempt(kind: str, data: bytes) -> tuple[frozenset[str], str]:
    """Try one input: what the program said of it, in kinds; and what must not be (empty: good)."""
    start, peak_before = time.process_time(), peak_megabytes()
    try:
        said, wrong = TARGETS[kind](data)
    except Exception as error:  # noqa: BLE001 - any exception is what we look for
        frames = traceback.extract_tb(error.__traceback__)
        ours = [frame for frame in frames if "sitebuilder" in frame.filename] or frames
        place = f"{Path(ours[-1].filename).name}:{ours[-1].name}"
        return frozenset(), f"{type(error).__name__} in {place}: {str(error)[:200]}"
    took = time.process_time() - start
    peak = peak_megabytes()
    if took > SECONDS:
        wrong = f"slow: {kind}: {took:.1f} s"
    elif peak > max(MEGABYTES, peak_before):  # a process starts with the peak of its parent
        wrong = f"large: {kind}: {peak:.0f} MB"
    return said, wrong


def work(seed: int, kinds: list[str], now: Path, end: float, out: Connection) -> None:
    """One process: change and try until the time is over; tells (kind, new, finding, data)."""
    chance = random.Random(seed)
    mutator = Mutator(chance)
    inputs = corpus()
    seen: set[frozenset[str]] = set()
    for kind in kinds:  # what the corpus says is not new
        seen.update(attempt(kind, data)[0] for data in inputs[kind][:10])
    while time.time() < end:
        (kind,) = chance.choices(kinds, [OFTEN.get(kind, 1) for kind in kinds])
        own = inputs[kind]
        base = chance.choice(own[-30:] if chance.random() < 0.4 else own)
        data = mutator.change(base, own)
        now.write_bytes(kind.encode() + b"\n" + data)
        said, wrong = attempt(kind, data)
        new = said not in seen
        if new and not wrong and len(data) <= LONGEST:
            seen.add(said)
            own.append(data)
        out.send((kind, new, wrong, data if wrong else b""))
        if wrong.startswith(("large", "MemoryError")):
            return  # the peak stays for the life of a process
    out.send(None)


class Fuzz:
    """Starts the workers, watches their time, keeps what they find."""

    def __init__(self, typed: argparse.Namespace) -> None:
        self.seed, self.jobs, self.folder = typed.seed, typed.jobs, typed.out
        self.kinds = typed.only or list(TARGETS)
        self.end = time.time() + typed.seconds
        self.tries: Counter[str] = Counter()
        self.new: Counter[str] = Counter()
        self.findings: Counter[str] = Counter()
        self.started = 0
        self.workers: dict[Connection, tuple[multiprocessing.process.BaseProcess, Path]] = {}
        self.last: dict[Connection, float] = {}

    def start(self) -> None:
        """One more worker; each with a seed of its own, made from the first."""
        self.started += 1
        now = self.folder / f".now{self.started}"
        ours, theirs = multiprocessing.Pipe(duplex=False)
        process = multiprocessing.get_context("fork").Process(
            target=work, args=(self.seed * 1000 + self.started, self.kinds, now, self.end, theirs)
        )
        process.start()
        theirs.close()
        self.workers[ours], self.last[ours] = (process, now), time.time() + 60  # it warms up

    def stop(self, pipe: Connection) -> None:
        process, now = self.workers.pop(pipe)
        del self.last[pipe]
        if process.is_alive():
            process.kill()
        process.join()
        now.unlink(missing_ok=True)
        if time.time() < self.end:
            self.start()

    def note(self, kind: str, wrong: str, data: bytes) -> None:
        sort = f"{kind}: {wrong}".partition(" [")[0][:120]
        self.findings[sort] += 1
        if self.findings[sort] == 1:
            name = f"{kind}-seed{self.seed}-{len(self.findings)}"
            (self.folder / f"{name}.input").write_bytes(kind.encode() + b"\n" + data)
            (self.folder / f"{name}.txt").write_text(
                f"seed {self.seed}\n{wrong}\n", "utf-8", "replace"
            )
            print(f"FOUND {name}: {wrong[:300]}", flush=True)

    def run(self) -> int:
        self.folder.mkdir(parents=True, exist_ok=True)
        print(f"seed {self.seed}", flush=True)
        for _ in range(self.jobs):
            self.start()
        while self.workers:
            for pipe in wait(list(self.workers), timeout=1):
                assert isinstance(pipe, Connection)
                self.take(pipe)
            for pipe, last in list(self.last.items()):
                if time.time() > last + HANGS:
                    self.lost(pipe, "slow: it did not end")
        total = sum(self.tries.values())
        for kind in self.kinds:
            print(f"{kind}: {self.tries[kind]} tries, {self.new[kind]} said something new")
        print(
            f"{total} tries, {sum(self.findings.values())} findings of {len(self.findings)} sorts"
        )
        return 1 if self.findings else 0

    def take(self, pipe: Connection) -> None:
        try:
            told = pipe.recv()
        except EOFError:
            self.lost(pipe, "the process died")
            return
        if told is None:
            self.stop(pipe)
            return
        kind, new, wrong, data = told
        self.last[pipe] = time.time()
        self.tries[kind] += 1
        self.new[kind] += new
        if wrong:
            self.note(kind, wrong, data)

    def lost(self, pipe: Connection, why: str) -> None:
        process, now = self.workers[pipe]
        process.join(0.5)
        if process.exitcode != 0 and now.exists():
            kind, _, data = now.read_bytes().partition(b"\n")
            self.note(kind.decode(), why, data)
        self.stop(pipe)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument(
        "--seconds", type=float, default=float(os.environ.get("FUZZ_SECONDS", "600"))
    )
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--only", nargs="*", choices=list(TARGETS))
    parser.add_argument("--out", type=Path, default=Path(".cache/fuzz"))
    parser.add_argument("--again", type=Path)
    typed = parser.parse_args()
    if not typed.again:
        return Fuzz(typed).run()
    kind, data = kind_of_file(typed.again)
    said, wrong = attempt(kind, data)
    print(json.dumps({"kind": kind, "said": sorted(said), "wrong": wrong}, indent=1))
    return 1 if wrong else 0


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
    raise SystemExit(main())
