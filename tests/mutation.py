"""Mutation testing: does a test fail for every small slip of the modules that guard the site?

    python tests/mutation.py [module ...] [--sample N] [--seed S] [--jobs N] [--all]

Each mutant (`code_mutants.py`) is put into a copy of the project, and a child process of its own
runs the module's tests there, until the first failure. A mutant that no test fails for lives. The
libraries for this start a program per mutant, and leave sets, words and patterns alone, of which a
sanitiser is made (decision 025).

Exit code 1: too few were killed, or one lives that `mutants-that-live.txt` has no reason for, or
that file names what is no longer so. `--sample N`: only N mutants of each module, chosen by the
seed.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import NamedTuple

# All that tests load and we do not change, loaded once: a child then starts in no time.
import hypothesis
import hypothesis.strategies
import jinja2
import livereload
import markdown
import nh3
import pytest
import yaml
from code_mutants import Mutant, mutants
from mutation_guard import hold

HERE = Path(__file__).resolve().parent
LIVES = HERE / "mutants-that-live.txt"
ENOUGH = 0.9
LOADED = (hypothesis.strategies, jinja2, livereload, markdown, nh3, yaml)

Slips = list[tuple[str, str]]


class Target(NamedTuple):
    """The tests that should notice a module's slips; slow ones of them (-k), which only those slips
    meet that all others let live; the functions that count, if not all; further slips."""

    tests: str
    slow: str = ""
    parts: str = ""
    extra: Slips = []  # noqa: RUF012 - never changed


WIDER = [
    *((' span".split()', f' span {tag}".split()') for tag in "iframe form input svg base".split()),
    ('"a": {"href",', '"a": {"onclick", "href",'),
    ('"a": {"href",', '"a": {"style", "href",'),
    ('"img": {"src",', '"img": {"srcset", "src",'),
    ('"a": {"footnote-ref",', '"a": {"care", "footnote-ref",'),
    ('{"https",', '{"javascript", "https",'),
    ('{"https",', '{"data", "https",'),
]
"""Slips of the sanitiser that let more through."""

PUBLISHING = Target("test_staging test_publish_paths", slow="test_publish_paths")

TARGETS = {
    "sitebuilder/core/urls.py": Target("test_urls_edges test_urls"),
    "sitebuilder/build/routes.py": Target("test_urls_edges test_urls"),
    "sitebuilder/output/swap.py": Target("test_swap"),
    "sitebuilder/output/manifest.py": Target("test_swap"),
    "sitebuilder/output/path_guards.py": Target("test_path_guards"),
    "sitebuilder/output/staging.py": PUBLISHING,
    "sitebuilder/output/publish.py": PUBLISHING,
    "sitebuilder/content/yaml.py": Target(
        "test_yaml_edges test_yaml", slow="largest_file or without_exhausting"
    ),
    "sitebuilder/content/yaml_errors.py": Target("test_yaml_errors"),
    "sitebuilder/content/decode.py": Target("test_decode"),
    "sitebuilder/markdown/sanitizer.py": Target("test_sanitizer", extra=WIDER),
    "sitebuilder/markdown/tree.py": Target(
        "test_link_targets test_markdown", parts="remove_unsafe_target"
    ),
}


class Run:
    """A folder with a copy of the project for each job."""

    def __init__(self, folder: Path, jobs: int) -> None:
        self.slots = [folder / f"slot{n}" for n in range(jobs)]
        self.folder = folder
        (folder / "tmp").mkdir()
        (folder / "guard").mkdir()
        shutil.copy(HERE / "mutation_guard.py", folder / "guard" / "sitecustomize.py")
        left = (".git", ".venv", ".cache", "node_modules", "public", "__pycache__")
        for slot in self.slots:
            shutil.copytree(HERE.parent, slot, ignore=shutil.ignore_patterns(*left))

    def start(self, slot: Path, module: str, text: str, *, quick: bool) -> int:
        """Run the module's tests against `text` in a child; its process id."""
        (slot / module).write_text(text)
        child = os.fork()
        if child:
            return child
        code = 2
        try:
            code = self.inside(slot, TARGETS[module], quick=quick)
        except BaseException:  # noqa: BLE001 - nothing of the child may go on in the parent's name
            traceback.print_exc()
        finally:
            os._exit(code)

    def inside(self, slot: Path, target: Target, *, quick: bool) -> int:
        os.setsid()
        os.chdir(slot)
        resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        log = os.open(slot.with_suffix(".log"), os.O_RDWR | os.O_CREAT | os.O_TRUNC)
        for stream in range(3):
            os.dup2(log, stream)
        may_write = os.pathsep.join((os.path.realpath(self.folder), "/dev"))
        os.environ.update(
            HYPOTHESIS_PROFILE="mutants",
            TMPDIR=str(self.folder / "tmp"),
            HOME=str(self.folder / "tmp"),
            PYTHONDONTWRITEBYTECODE="1",
            PYTHONPATH=str(self.folder / "guard"),
            MUTANT_MAY_WRITE=may_write,
        )
        tempfile.tempdir = None
        sys.dont_write_bytecode = True  # two mutants of one length and second would share theirs
        sys.path[:] = [path for path in sys.path if not path.startswith(str(HERE))]
        hold(tuple(may_write.split(os.pathsep)))
        tests = [f"tests/{name}.py" for name in target.tests.split()]
        skip = ["-k", f"not ({target.slow})"] if target.slow and quick else []
        plain = [
            "-q",
            "-x",
            "-p",
            "no:cacheprovider",
            "-W",
            "ignore::pytest.PytestAssertRewriteWarning",
        ]
        return int(pytest.main([*plain, *skip, *tests]))


def wait(children: dict[int, float]) -> tuple[int, int]:
    """The first child that ends, and its exit code; one that takes too long is ended (code 3)."""
    while True:
        done, status = os.waitpid(-1, os.WNOHANG)
        if done:
            return done, os.waitstatus_to_exitcode(status)
        for child, deadline in children.items():
            if time.monotonic() > deadline:
                os.killpg(child, signal.SIGKILL)
                os.waitpid(child, 0)
                return child, 3
        time.sleep(0.005)


def survivors(run: Run, module: str, chosen: list[Mutant], *, quick: bool) -> list[Mutant]:
    """Those of the chosen mutants that no test fails for."""
    original = (HERE.parent / module).read_text()
    start = time.monotonic()
    child = run.start(run.slots[0], module, original, quick=quick)
    found = wait({child: start + 300})[1]
    if found != 0:
        said = run.slots[0].with_suffix(".log").read_text()
        raise SystemExit(f"{said}\nthe tests of {module} fail without any slip")
    limit = 10 + 5 * (time.monotonic() - start)
    free, todo = list(run.slots), list(reversed(chosen))
    running: dict[int, tuple[Path, Mutant]] = {}
    deadlines: dict[int, float] = {}
    lives = []
    while todo or running:
        while todo and free:
            slot, mutant = free.pop(), todo.pop()
            child = run.start(slot, module, mutant.text, quick=quick)
            running[child], deadlines[child] = (slot, mutant), time.monotonic() + limit
        child, code = wait(deadlines)
        slot, mutant = running.pop(child)
        del deadlines[child]
        free.append(slot)
        if code == 0:
            lives.append(mutant)
    for slot in run.slots:
        (slot / module).write_text(original)
    return sorted(lives, key=lambda mutant: mutant.line)


def slips_of(module: str) -> list[Mutant]:
    """The slips of a module, or of those of its functions that count."""
    text, target = (HERE.parent / module).read_text(), TARGETS[module]
    found = mutants(text, target.extra)
    if not target.parts:
        return found
    wanted = [
        range(node.lineno, (node.end_lineno or 0) + 1)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef) and node.name in target.parts.split()
    ]
    assert len(wanted) == len(target.parts.split()), f"{module} has no longer: {target.parts}"
    return [mutant for mutant in found if any(mutant.line in lines for lines in wanted)]


def known_to_live() -> dict[tuple[str, str, str], str]:
    """What may live, with the reason: blocks of `module`, `- before`, `+ after`, `= reason`."""
    known = {}
    for block in LIVES.read_text().split("\n\n") if LIVES.exists() else []:
        lines = [line for line in block.split("\n") if line and not line.startswith("#")]
        if lines:
            module, before, after, *reason = lines
            known[module, before[2:], after[2:]] = " ".join(reason).removeprefix("= ")
    return known


def judge(run: Run, module: str, count: int | None, seed: int, *, show_all: bool) -> bool:
    """Whether enough slips of one module are noticed; prints what there is to know."""
    start = time.monotonic()
    every = slips_of(module)
    chosen = random.Random(seed).sample(every, count) if count and count < len(every) else every
    lives = survivors(run, module, chosen, quick=True)
    if TARGETS[module].slow and lives:
        lives = survivors(run, module, lives, quick=False)
    known = {key[1:]: why for key, why in known_to_live().items() if key[0] == module}
    unknown = [mutant for mutant in lives if mutant.key not in known]
    share = 1 - len(lives) / len(chosen)
    took = time.monotonic() - start
    print(
        f"{module}: {len(chosen)} of {len(every)} mutants, {len(chosen) - len(lives)} killed "
        f"({share:.1%}), {len(lives)} live, {len(unknown)} of them without a reason; {took:.0f} s"
    )
    for mutant in lives if show_all else unknown:
        print(f"  {module}:{mutant.line}\n    - {mutant.before}\n    + {mutant.after}")
    tried, alive = {mutant.key for mutant in chosen}, {mutant.key for mutant in lives}
    stale = [
        key for key in known
        if key not in {mutant.key for mutant in every} or (key in tried and key not in alive)
    ]  # fmt: skip
    for before, after in stale:
        print(f"  {LIVES.name}: this is killed, or can no longer happen; delete it")
        print(f"    - {before}\n    + {after}")
    sys.stdout.flush()
    return share >= ENOUGH and not unknown and not stale


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("modules", nargs="*", default=list(TARGETS))
    parser.add_argument("--sample", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--all", action="store_true", help="show those with a reason too")
    typed = parser.parse_args()
    phases = [
        hypothesis.Phase.explicit,
        hypothesis.Phase.generate,
    ]  # a smaller example helps nobody
    quiet = list(hypothesis.HealthCheck)
    hypothesis.settings.register_profile(
        "mutants", max_examples=40, derandomize=True, database=None, deadline=None,
        phases=phases, suppress_health_check=quiet,
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        run = Run(Path(folder), typed.jobs)
        good = [
            judge(run, module, typed.sample, typed.seed, show_all=typed.all)
            for module in typed.modules
        ]
    return 0 if all(good) else 1


if __name__ == "__main__":
    raise SystemExit(main())
