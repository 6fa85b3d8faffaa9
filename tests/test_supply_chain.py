"""What we build with: locked by hash, wheels only, installed by one command; workflows that may
do no more than they must."""

from __future__ import annotations

import hashlib
import json
import re
import shlex
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from conftest import PROJECT
from modes import SOAK

BIN = Path(sys.executable).parent
LOCKS = ("requirements.txt", "requirements-test.txt")
WORKFLOWS = sorted((PROJECT / ".github" / "workflows").iterdir())
soak = pytest.mark.skipif(not SOAK, reason="asks a package registry: make soak")


def locked(name: str) -> dict[str, list[str]]:
    """The packages of a lock, each with its lines."""
    text = re.sub(r"^ *#.*\n", "", (PROJECT / name).read_text(), flags=re.MULTILINE)
    entries = re.split(r"\n(?=\S)", text.strip())
    return {re.split("[=;< ]", entry)[0]: entry.split("\n") for entry in entries}


def pip_install() -> list[str]:
    """The words of the one command that installs, as the Makefile has them."""
    makefile = (PROJECT / "Makefile").read_text().replace("\\\n", " ")
    (words,) = re.findall(r"^PIP := (.+)$", makefile, re.MULTILINE)
    return shlex.split(words.replace("$(BIN)/python", shlex.quote(sys.executable)))


def refused(*arguments: str | Path) -> str:
    """What pip says when our own command refuses to install."""
    command = [*pip_install(), "--dry-run", "--no-deps", "--ignore-installed", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    return done.stdout + done.stderr


# -- locks -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", LOCKS)
def test_every_package_has_one_version_and_hashes_and_comes_from_no_named_place(name: str) -> None:
    entries = locked(name)
    assert len(entries) >= 8
    for package, lines in entries.items():
        first = rf"{package}==[0-9][\w.]*( ; [^;\\]+)? \\"
        assert re.fullmatch(first, lines[0]), lines[0]
        assert len(lines) >= 2
        for line in lines[1:]:
            assert re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}( \\)?", line), line
    assert not re.search(r"http|file:|git\+|^-", (PROJECT / name).read_text(), re.MULTILINE)


def test_what_is_needed_is_locked() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    for name, wanted in (
        ("requirements.txt", project["dependencies"]),
        ("requirements-test.txt", project["optional-dependencies"]["test"]),
    ):
        assert {re.split("[<>=]", package)[0] for package in wanted} <= locked(name).keys()


def test_the_packages_of_a_build_are_few_and_each_has_its_reason() -> None:
    packages = locked("requirements.txt")
    reasons = (PROJECT / "docs" / "decisions" / "002-dependencies.md").read_text()
    assert [name for name in packages if f"| {name} |" not in reasons] == []
    assert len(packages) <= 10
    for name, lines in packages.items():
        assert locked("requirements-test.txt")[name] == lines, f"{name}: tested is not what builds"


def test_the_one_command_that_installs_takes_wheels_with_hashes_only() -> None:
    command = pip_install()
    assert {"--require-hashes", "--only-binary"} <= set(command)
    assert command[command.index("--only-binary") + 1] == ":all:"
    places = [*WORKFLOWS, *(PROJECT / "tests").glob("*.sh"), PROJECT / "Makefile"]
    texts = [re.sub(r"^PIP :=.*\n", "", p.read_text(), flags=re.MULTILINE) for p in places]
    assert not [text for text in texts if re.search(r"pip3? install|uv pip install|npx ", text)]
    for text in texts:
        for line in re.findall(r"^.*\bnpm (?:ci|install|i)\b.*$", text, re.MULTILINE):
            assert "npm ci" in line
            assert "--ignore-scripts" in line


def tiny_wheel(folder: Path) -> Path:
    wheel = folder / "tiny-1.0-py3-none-any.whl"
    about = "tiny-1.0.dist-info"
    with zipfile.ZipFile(wheel, "w") as file:
        file.writestr("tiny.py", "")
        file.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
        file.writestr(
            f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        file.writestr(f"{about}/RECORD", "")
    return wheel


def flipped(digest: str) -> str:
    return f"{int(digest[0], 16) ^ 1:x}{digest[1:]}"


@pytest.mark.process
def test_our_command_refuses_other_bytes_and_what_has_no_hash(tmp_path: Path) -> None:
    wheel = tiny_wheel(tmp_path)
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    lock = tmp_path / "lock.txt"
    offline: list[str | Path] = ["--no-index", "--find-links", tmp_path, "-r", lock]

    lock.write_text(f"tiny==1.0 --hash=sha256:{flipped(digest)}\n")
    assert "DO NOT MATCH THE HASHES" in refused(*offline)
    lock.write_text("tiny==1.0\n")
    assert "Hashes are required" in refused(*offline)


@soak
def test_a_hash_of_the_lock_that_is_not_true_is_refused(tmp_path: Path) -> None:
    entry = "\n".join(locked("requirements.txt")["livereload"])
    lock = tmp_path / "lock.txt"
    lock.write_text(re.sub(r"(?<=sha256:)\w+", lambda found: flipped(found[0]), entry) + "\n")
    assert "DO NOT MATCH THE HASHES" in refused("-r", lock)


@soak
def test_npm_refuses_other_bytes(tmp_path: Path) -> None:
    name, lock = "axe-core", json.loads((PROJECT / "tests" / "package-lock.json").read_text())
    entry = lock["packages"][f"node_modules/{name}"]
    entry["integrity"] = "sha512-" + "A" * 86 + "=="
    wanted = {"name": "x", "dependencies": {name: entry["version"]}}
    (tmp_path / "package.json").write_text(json.dumps(wanted))
    packages = {"": wanted, f"node_modules/{name}": entry}
    (tmp_path / "package-lock.json").write_text(
        json.dumps({"name": "x", "lockfileVersion": 3, "requires": True, "packages": packages})
    )
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--cache", str(tmp_path / "cache")]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "EINTEGRITY" in done.stderr


# -- workflows -------------------------------------------------------------------------------------


def linted(folder: Path) -> subprocess.CompletedProcess[str]:
    command: list[str | Path] = [
        BIN / "zizmor",
        "--offline",
        "--persona",
        "auditor",
        "--no-progress",
        folder,
    ]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.process
def test_the_workflow_linter_finds_nothing_at_its_strictest() -> None:
    done = linted(PROJECT / ".github")
    assert done.returncode == 0, done.stdout + done.stderr
    for workflow in WORKFLOWS:
        assert f".github/workflows/{workflow.name}\n" in done.stderr
    assert not list(PROJECT.rglob("zizmor.y*ml"))
    assert not [p.name for p in WORKFLOWS if "zizmor:" in p.read_text()]


@pytest.mark.process
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("\npermissions: {}\n", "\n"),
        (r"@[0-9a-f]{40} # \S+", "@v4"),
        ("on:\n", "on:\n  pull_request_target:\n"),
        ("        with:\n          persist-credentials: false\n", ""),
        ("run: make soak", "run: echo ${{ github.event.issue.title }}"),
    ],
)
def test_the_workflow_linter_finds_what_we_rely_on_it_for(
    old: str, new: str, tmp_path: Path
) -> None:
    text = (PROJECT / ".github" / "workflows" / "soak.yml").read_text()
    changed = re.sub(old, new, text, count=1)
    assert changed != text
    (tmp_path / ".github" / "workflows").mkdir(parents=True)
    (tmp_path / ".github" / "workflows" / "soak.yml").write_text(changed)
    assert linted(tmp_path / ".github").returncode != 0


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_and_jobs_have_least_privileges(workflow: Path) -> None:
    text = workflow.read_text()
    head, jobs = text.split("\njobs:\n")
    assert "\npermissions: {}\n" in head
    assert not re.search(r"pull_request_target|workflow_run|issue_comment", head)
    assert "secrets." not in text
    for action in re.findall(r"uses: (\S+)", text):
        assert re.search(r"@[0-9a-f]{40}$", action), action
    for job in re.split(r"\n\n?(?=  \w+:\n)", jobs):
        assert "timeout-minutes:" in job
        allowed = re.findall(r"^ {6}([a-z-]+): (read|write) # ", job, re.MULTILINE)
        assert re.search(r"^    permissions:$", job, re.MULTILINE)
        assert set(allowed) <= {
            ("contents", "read"), ("pages", "read"), ("pages", "write"), ("id-token", "write"),
        }  # fmt: skip
        if ("pages", "write") in allowed:  # the job that may publish runs nothing of ours
            assert "run:" not in job
            assert "checkout" not in job
