"""Builds that are stopped, builds at the same time, and readers meanwhile."""

from __future__ import annotations

import itertools
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from accidents import outputs, tree
from conftest import PROJECT, MakeSite, run_cli
from modes import SOAK

from sitebuilder.output.publish import publish

pytestmark = pytest.mark.process


FILES = {f"page-{n}/index.html" for n in range(50)}


def site_of(number: int) -> dict[str, bytes]:
    """A site whose every file tells which one it is of."""
    return dict.fromkeys(FILES, b"%d" % number)


def start(root: Path, *words: str, alone: bool = False) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(PROJECT / "build.py"), "--root", str(root), *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=alone,
    )


# -- readers --------------------------------------------------------------------------------------


def test_readers_never_miss_a_page_and_a_held_folder_is_one_build(tmp_path: Path) -> None:
    live = tmp_path / "root" / "public"
    (tmp_path / "root" / "content").mkdir(parents=True)
    publish(outputs(site_of(0)), live, live.parent)
    done, seen, faults = threading.Event(), [0, 0, 0, 0], []

    def read(reader: int) -> None:
        while not done.is_set():
            try:
                newest = 0
                for path in FILES:
                    number = int((live / path).read_bytes())
                    assert number >= newest, "an older page after a newer one"
                    newest = number
                    seen[reader] += 1
                held = os.open(live, os.O_RDONLY)
                try:
                    before = (live / "page-0/index.html").read_bytes()
                    texts = {one_of(held, path) for path in FILES}
                    if before == (live / "page-0/index.html").read_bytes() and before in texts:
                        assert texts == {before}, "a mix in a folder that is live"
                finally:
                    os.close(held)
            except (OSError, AssertionError, ValueError) as fault:
                faults.append(repr(fault))
                return

    threads = [threading.Thread(target=read, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for number in range(1, 200 if SOAK else 12):
        publish(outputs(site_of(number)), live, live.parent)
    done.set()
    for thread in threads:
        thread.join()
    assert faults == []
    assert min(seen) > 50


def one_of(folder: int, path: str) -> bytes | None:
    try:
        handle = os.open(path, os.O_RDONLY, dir_fd=folder)
    except FileNotFoundError:
        return None
    with os.fdopen(handle, "rb") as stream:
        return stream.read()


# -- at the same time -----------------------------------------------------------------------------


def pages(text: str) -> dict[str, str | bytes]:
    return {
        f"content/{name}.md": f"---\ntitle: {name}\ndescription: d\n---\n\n{text}\n"
        for name in ("index", *"abcdefgh")
    }


@pytest.mark.parametrize("first", [True, False] if SOAK else [True])
def test_many_builds_at_once(make_site: MakeSite, tmp_path: Path, first: bool) -> None:  # noqa: FBT001
    root = make_site(pages("One."))
    if not first:
        assert run_cli("--root", str(root), process=True).returncode == 0
        make_site(pages("Two."))
    builds = [start(root) for _ in range(8 if SOAK else 4)]
    for build in builds:
        _, said = build.communicate(timeout=120)
        assert build.returncode in (0, 75), said
        assert "Traceback" not in said
        assert build.returncode == 0 or "another build" in said
    assert 0 in {build.returncode for build in builds}
    assert (
        run_cli("--root", str(root), "--output", str(tmp_path / "clean"), process=True).returncode
        == 0
    )
    assert tree(root / "public") == tree(tmp_path / "clean")
    assert {path.name for path in root.iterdir()} <= {
        *("config.yaml", "content", "public", ".public.next", ".cache")
    }


WRITER = """
import sys
sys.path[:0] = [sys.argv[1], sys.argv[1] + "/tests"]
from pathlib import Path
from test_publish_concurrent import site_of
from accidents import outputs
from sitebuilder.output.publish import PublishLockedError, publish
place = Path(sys.argv[2])
for number in range(int(sys.argv[3]), 100_000, 8):
    if number // 8 == int(sys.argv[4]):
        break
    try:
        publish(outputs(site_of(number)), place, place.parent)
    except PublishLockedError:
        pass
"""


def test_many_writers_of_different_sites_never_mix(tmp_path: Path) -> None:
    live = tmp_path / "root" / "public"
    (tmp_path / "root" / "content").mkdir(parents=True)
    times = "200" if SOAK else "6"
    words = [sys.executable, "-c", WRITER, str(PROJECT), str(live)]
    writers = [
        subprocess.Popen([*words, str(n), times], stderr=subprocess.PIPE, text=True)
        for n in range(8 if SOAK else 4)
    ]
    for writer in writers:
        _, said = writer.communicate(timeout=300)
        assert writer.returncode == 0, said
    assert len({data for path, (_, data) in tree(live).items() if path in FILES}) == 1
    publish(outputs(site_of(1)), live, live.parent)
    assert {path.name for path in live.parent.iterdir()} <= {"content", "public", ".public.next"}


def test_who_is_in_the_way_is_named(make_site: MakeSite) -> None:
    import fcntl

    root = make_site(pages("One."))
    (root / "public").mkdir()
    handle = os.open(root / "public", os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    done = run_cli("--root", str(root), "--quiet", process=True)
    os.close(handle)
    assert done.returncode == 75
    named = f"(process {os.getpid()})" if Path("/proc/locks").exists() else ""
    assert f"another build {named}".strip() in done.stderr


# -- stopped --------------------------------------------------------------------------------------

STOPS = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129, signal.SIGKILL: -9}


def children_of(group: int) -> list[str]:
    """Processes of a session, but for its first."""
    found = subprocess.run(
        ["ps", "-o", "pid=,stat=", "-s", str(group)], capture_output=True, text=True, check=False
    )
    return [row for row in found.stdout.splitlines() if row.split()[1][0] != "Z"]


@pytest.mark.parametrize(
    ("number", "to_all"),
    [(number, to_all) for number in STOPS for to_all in (True, False)]
    if SOAK
    else [(signal.SIGINT, True), (signal.SIGTERM, False), (signal.SIGKILL, False)],
)
def test_a_build_that_is_stopped_while_processes_render(
    make_site: MakeSite,
    tmp_path: Path,
    number: signal.Signals,
    to_all: bool,  # noqa: FBT001
) -> None:
    """Ctrl-C goes to all processes of a terminal, `kill` to one."""
    names = [f"p{n}" for n in range(60)]
    root = make_site({f"content/{n}.md": f"---\ntitle: {n}\n---\n\nText.\n" for n in names})
    build = start(root, "--jobs", "2", alone=True)
    wait_for(lambda: len(children_of(build.pid)) >= 3 or build.poll() is not None)
    time.sleep(random.random() * 0.3)
    (os.killpg if to_all else os.kill)(build.pid, number)
    _, said = build.communicate(timeout=60)
    assert build.returncode in (STOPS[number], 0), said
    assert "Traceback" not in said
    if build.returncode > 0:
        assert "build.py: stopped" in said
    wait_for(lambda: not children_of(build.pid))
    assert children_of(build.pid) == []


def wait_for(true: Callable[[], object]) -> None:
    end = time.monotonic() + 30
    while not true() and time.monotonic() < end:
        time.sleep(0.02)


def test_builds_that_are_stopped_at_any_time(make_site: MakeSite, tmp_path: Path) -> None:
    """Random moments, whole builds by the command: what no list of calls can reach."""
    trees = []
    root = make_site(pages("One."))
    for text in ("One.", "Two."):
        make_site(pages(text))
        clean = tmp_path / text
        begun = time.monotonic()
        assert run_cli("--root", str(root), "--output", str(clean), process=True).returncode == 0
        takes = time.monotonic() - begun
        trees.append(tree(clean))
    chance = random.Random(6)
    met = 0
    for n in range(500 if SOAK else 3):
        make_site(pages(("One.", "Two.")[n % 2]))
        number = chance.choice([signal.SIGKILL, signal.SIGKILL, *STOPS])
        build = start(root)
        time.sleep((chance.random() if SOAK else 0.25 * (n + 1)) * takes)
        build.send_signal(number)
        _, said = build.communicate(timeout=60)
        if "Fatal Python error: init" not in said:  # stopped before Python itself was ready
            assert build.returncode in (0, STOPS[number], -number), said  # or before we were
            assert "Traceback" not in said, said
        met += build.returncode != 0
        if (root / "public").exists():
            assert tree(root / "public") in trees
        done = run_cli("--root", str(root), process=True)
        assert done.returncode == 0, done.stderr
        assert tree(root / "public") == trees[n % 2]
        assert {p.name for p in root.iterdir()} <= {
            *("config.yaml", "content", "public", ".public.next", ".cache")
        }
    assert met


def test_a_signal_that_is_to_be_ignored_is(make_site: MakeSite) -> None:
    """As under nohup: the build goes on when the terminal is closed."""
    root = make_site(pages("One."))
    words = [sys.executable, str(PROJECT / "build.py"), "--root", str(root)]
    build = subprocess.Popen(
        words,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),  # noqa: PLW1509
    )
    time.sleep(0.3)
    build.send_signal(signal.SIGHUP)
    _, said = build.communicate(timeout=60)
    assert build.returncode == 0, said


# -- words ----------------------------------------------------------------------------------------

ODD = {"content/index.md": "---\ntitle: “Ö” العربية 🙂\ndescription: d\n---\n\n[x](nó-العر.md)\n"}


@pytest.mark.parametrize(
    "command",
    ["check", *(["reviews", "build", "tools", "review-sheet index", "new x"] if SOAK else [])],
)
@pytest.mark.parametrize("where", ["> /dev/full", "> /dev/full 2> /dev/full", ">&- 2>&-", "| true"])
def test_words_that_nobody_takes(make_site: MakeSite, command: str, where: str) -> None:
    root = make_site(ODD)
    line = f'"{sys.executable}" "{PROJECT / "build.py"}" {command} --root "{root}" {where}'
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1, 2), done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr
    if where == "> /dev/full":
        assert "No space left on device" in done.stderr


@pytest.mark.parametrize("form", ["text", "json", "github"])
def test_words_on_a_terminal_that_knows_no_such_letters(make_site: MakeSite, form: str) -> None:
    root = make_site(ODD)
    told = ("check", "--root", str(root), "--format", form)
    done = run_cli(*told, PYTHONIOENCODING="ascii", LANG="C", LC_ALL="C")
    assert done.returncode == 1
    assert "broken-link" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    if form == "json":
        assert "nó-العر.md" in json.loads(done.stdout)["problems"][-1]["message"]


def test_a_folder_whose_name_is_not_utf_8(tmp_path: Path) -> None:
    root = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    (root / "content").mkdir(parents=True)
    (root / "config.yaml").write_text("name: Site\n")
    (root / "content" / "index.md").write_text("---\ntitle: Home\n---\n")
    done = run_cli("--root", str(root), process=True)
    assert done.returncode == 0, done.stderr
    (root / "other").mkdir()
    (root / "other" / "thesis").write_bytes(b"years of work")
    for form in ("text", "json") if SOAK else ("json",):
        done = run_cli(
            "--root", str(root), "--output", str(root / "other"), "--format", form, process=True
        )
        assert done.returncode == 1
        assert "was not made by this program" in done.stdout + done.stderr
        assert "Traceback" not in done.stderr


def test_a_title_that_nobody_gave(make_site: MakeSite) -> None:
    root = make_site(pages("One."))
    assert run_cli("new", "after-surgery", "--root", str(root), process=True).returncode == 0
    assert "title: After surgery" in (root / "content" / "after-surgery.md").read_text()


# -- sources that change meanwhile ----------------------------------------------------------------

HELD = """
import os, signal, sys
sys.path.insert(0, sys.argv[1])
from sitebuilder.build.incremental.builder import IncrementalBuilder
from sitebuilder.cli.main import main
build, held = IncrementalBuilder.build, []
def build_and_stop(self, progress=None):
    result = build(self, progress)
    if not held:
        held.append(1)
        os.kill(os.getpid(), signal.SIGSTOP)
    return result
IncrementalBuilder.build = build_and_stop
sys.exit(main(["--root", sys.argv[2]]))
"""


@pytest.mark.process
def test_a_build_that_was_held_up_does_not_bring_back_an_older_text(make_site: MakeSite) -> None:
    root = make_site(pages("Take 10 pills."))
    command = [sys.executable, "-c", HELD, str(PROJECT), str(root)]
    held = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.waitpid(held.pid, os.WUNTRACED)  # until it stops itself, with everything read and built
    make_site(pages("Take 1 pill."))
    assert run_cli("--root", str(root)).returncode == 0
    os.kill(held.pid, signal.SIGCONT)
    assert held.wait(timeout=60) == 0
    assert "Take 1 pill." in (root / "public/index.html").read_text()


@pytest.mark.slow
def test_no_half_of_a_page_is_published(make_site: MakeSite) -> None:
    """Beside a program that saves in two steps, 20 ms apart."""
    root = make_site(pages("Old."))
    page, done = root / "content/index.md", threading.Event()
    head = page.read_text().replace("Old.", "First half.")

    def save() -> None:
        for number in itertools.count():
            with page.open("w") as stream:
                stream.write(head)
                stream.flush()
                time.sleep(0.02)
                stream.write(f"\nSecond half {number}.\n")
            if done.wait(0.15 + number % 7 / 50):
                return

    writer = threading.Thread(target=save)
    writer.start()
    try:
        for _ in range(40 if SOAK else 8):
            assert run_cli("--root", str(root)).returncode in {0, 1}
            shown = (root / "public/index.html").read_text() if (root / "public").exists() else ""
            assert "First half." not in shown or "Second half" in shown
    finally:
        done.set()
        writer.join()
    assert run_cli("--root", str(root)).returncode == 0
    assert "Second half" in (root / "public/index.html").read_text()
