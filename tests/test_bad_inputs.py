"""Every input of `bad-inputs/` in a small good site, built by the real command in its own process.

The processes are forked from a warm one (many_builds.py); with SOAK=1 they are started anew each.

`EXPECTED.tsv` says what each must get. `told`: what has to be said, parted by `¦`, each with the
line of the file before it, or `path:line`, or no place. `on the page` and `nowhere`: what the page,
or no published file, may hold. `exit`: `*` is 0 or 1. `awaits`: not there yet, and whose it is.
"""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from conftest import PROJECT, MakeSite, build, page_of, tree_of, write_site

from sitebuilder.clinical.evidence.sign_orders import CARD_TIERS
from sitebuilder.clinical.library import load_site_data
from sitebuilder.content.decode import FORBIDDEN_CHARACTERS
from sitebuilder.content.loader import load_sources

CASES = PROJECT / "tests" / "bad-inputs"
BUILDS = PROJECT / "tests" / "many_builds.py"
SECONDS, MEGABYTES = 2.0, 300.0
PWNED = ("/tmp/PWNED_BY_YAML", "/tmp/PWNED_BY_JINJA")

with (CASES / "EXPECTED.tsv").open(encoding="utf-8", newline="") as stream:
    ROWS = {
        row["file"]: row for row in csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)
    }

STYLE = re.compile(rb"<style>.*?</style>", re.DOTALL)
HOME = "---\ntitle: Home\ndescription: The first page.\n---\n\nWords.\n"
PAGES = {
    f"content/{name}.md": f"---\ntitle: {name}\ndescription: About {name}.\n---\n\nWords.\n"
    for name in (
        "find-a-doctor when-to-get-help after-surgery-warning-signs spinal-injections recovery "
        "questions-to-ask"
    ).split()
}


CASE = """\
one:
  person: "A man of 50."
  tool: {tool}
  answers: {{life: none, setting: none, pelvis: none, legs: none, soon: none, who: a50, q1: "yes"}}
  tier: visit
  outcome: OK
  why: "He is well."
"""


REQUIREMENTS = """\
requirements:
  told:
    why: "A doctor said not to wait."
    when: [[setting.told]]
    at_least: today
"""
LINES = """\
lines:
  no-driving:
    says: "Do not drive yourself"
    results: [EMERGENCY]
"""


class Ran(NamedTuple):
    """One case, built."""

    root: Path
    code: int
    said: str
    seconds: float
    megabytes: float
    published: Path
    before: dict[str, tuple[bytes, int]]


def placed(case: str, root: Path) -> str:
    """Puts a case into the site; the path of its file there."""
    kind, _, name = case.partition("/")
    source = CASES / case
    if kind == "sites":
        shutil.copytree(source, root, dirs_exist_ok=True)
        return "content/b.md"
    path = {
        "config": "config.yaml",
        "tools": f"content/tools/{name}",
        "templates": f"templates/{name}",
    }.get(kind, f"content/{name}")
    for part in source.parent.glob(f"{source.name.partition('.')[0]}.*"):
        target = root / path if part == source else (root / path).with_name(part.name)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(part, target)
    if kind == "templates":
        stem = name.removesuffix(".html")
        (root / "content/case.md").write_text(f"---\ntitle: T\ntemplate: {stem}\n---\n\nWords.\n")
    if kind == "tools":
        (root / "content/cases.yaml").write_text(CASE.format(tool=name.partition(".")[0]))
    if kind == "assets":
        (root / "content/case.md").write_text(f"---\ntitle: T\n---\n\n![A picture]({name})\n")
    return path


def all_care_cards() -> str:
    """A page that shows every list of our warning signs."""
    lists = load_site_data(load_sources(PROJECT))[0].evidence.lists.values()
    kinds = {tier: kind for kind, tier in CARD_TIERS.items()}
    cards = "".join(f"\n::: {kinds[each.tier]}\nsigns: {each.name}\n:::\n" for each in lists)
    return f"---\ntitle: Signs\ndescription: All signs.\n---\n{cards}"


def good_site(root: Path, *, tools: bool) -> Path:
    """A site of its own templates and static files, published once."""
    config = "name: Some site\nurl: https://www.spine.test/\n"
    write_site(root, {"config.yaml": config, "content/index.md": HOME, **(PAGES if tools else {})})
    for name in ("templates", "static"):
        shutil.copytree(PROJECT / name, root / name)
    if tools:
        for name in ("emergency.yaml", "references.yaml", "tools/safety.yaml"):
            (root / "content" / name).parent.mkdir(exist_ok=True)
            shutil.copyfile(PROJECT / "content" / name, root / "content" / name)
        (root / "content/signs.md").write_text(all_care_cards())
        policy = root / "content/emergency.yaml"  # what it requires of our own tools is left out
        text = re.sub(r"(?ms)^requirements:\n.*?(?=^\S)", REQUIREMENTS, policy.read_text())
        policy.write_text(re.sub(r"(?ms)^lines:\n.*?(?=^\S)", LINES, text))
    done = run_all([(["build", "--root", str(root)], root.parent / "said")])
    assert done[0][0] == 0, (root.parent / "said").read_text()
    return root


def run_all(
    commands: list[tuple[list[str], Path]], warm: Path | None = None
) -> list[tuple[int, float, float]]:
    """Run commands in processes of their own, after a look at the site `warm`, if there is one."""
    done = subprocess.run(
        [sys.executable, str(BUILDS)],
        input=json.dumps(
            {
                "warm": warm and str(warm),
                "commands": [(arguments, str(said)) for arguments, said in commands],
            }
        ),
        capture_output=True,
        text=True,
        check=True,
    )
    return [(int(code), seconds, size) for code, seconds, size in json.loads(done.stdout)]


@pytest.fixture(scope="session")
def ran(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> dict[str, Ran]:
    """The cases that are asked for, all built."""
    base = tmp_path_factory.mktemp("bad-inputs")
    calls = [getattr(item, "callspec", None) for item in request.session.items]
    asked = {call.params["case"] for call in calls if call and "case" in call.params}
    names = [name for name in ROWS if name in asked]
    good = {}
    for tools in sorted({name.startswith("tools/") for name in names}):
        good[tools] = good_site(base / f"good-{tools}", tools=tools)
    roots = {}
    for name in names:
        roots[name] = base / name.replace("/", "-").replace(".", "-") / "site"
        shutil.copytree(good[name.startswith("tools/")], roots[name])
        placed(name, roots[name])
        if name.startswith("tools/") and ROWS[name]["exit"] == "0":
            run_all([(["tools", "--accept", "--root", str(roots[name])], base / "accepted")])
    before = {name: tree_of(root.parent) for name, root in roots.items()}
    commands = [
        (["build", "--root", str(root), "--today", "2026-11-22"], base / f"{root.parent.name}.txt")
        for root in roots.values()
    ]
    done = run_all(commands, warm=good[max(good)]) if good else []
    return {
        name: Ran(
            roots[name],
            *(code, said.read_bytes().decode("utf-8", "backslashreplace"), seconds, size),
            roots[name] / "public",
            before[name],
        )
        for name, (_, said), (code, seconds, size) in zip(names, commands, done, strict=True)
    }


def at_case(case: str) -> object:
    waits = ROWS[case]["awaits"]
    marks = [pytest.mark.xfail(strict=True, reason=f"awaits {waits}")] if waits else []
    return pytest.param(case, id=case, marks=marks)


@pytest.mark.process
@pytest.mark.parametrize("case", [at_case(case) for case in ROWS])
def test_a_bad_input_gets_what_it_must(case: str, ran: dict[str, Ran]) -> None:
    row, done = ROWS[case], ran[case]
    seconds, megabytes = limits(row["limit"])
    assert done.seconds <= seconds
    assert done.megabytes <= megabytes
    assert "Traceback" not in done.said
    assert FORBIDDEN_CHARACTERS.sub("", done.said) == done.said, "a raw control character"
    assert str(done.code) in ({"0", "1"} if row["exit"] == "*" else {row["exit"]}), done.said
    for told in filter(None, row["told"].split("¦")):
        assert is_told(told, case, done.said), f"not told: {told}\n{done.said}"
    after = tree_of(done.root.parent)
    if done.code:
        assert after == done.before, "a build that fails changes nothing"
    changed = {path for path in after | done.before if after.get(path) != done.before.get(path)}
    inside = {"site/public", "site/.public.next", "site/.cache"}
    assert {path for path in changed if "/".join(path.split("/")[:2]) not in inside} <= {"site"}
    assert not [path for path in PWNED if os.path.lexists(path)]
    if done.code == 0:
        published(row, case, done.published)


def limits(text: str) -> tuple[float, float]:
    found = re.fullmatch(r"([\d.]+) s ([\d.]+) MB", text)
    return (float(found[1]), float(found[2])) if found else (SECONDS, MEGABYTES)


def is_told(told: str, case: str, said: str) -> bool:
    """Whether an error with these words stands at this place."""
    found = re.fullmatch(r"(?:([\w./-]+):)?(?:(\d+) )?(.*)", told)
    assert found
    named, line, words = found.groups()
    path = re.escape(named or ("" if not line else path_of(case)))
    place = rf"{path}:{line}(:\d+)?: error: " if line else ""
    if not line:
        return words in said
    return bool(re.search(f"^{place}.*{re.escape(words)}", said, re.MULTILINE))


def path_of(case: str) -> str:
    kind, _, name = case.partition("/")
    if kind == "config":
        return "config.yaml"
    folder = {"tools": "content/tools", "templates": "templates"}.get(kind, "content")
    return f"{folder}/{name}"


def published(row: dict[str, str], case: str, folder: Path) -> None:
    stem = Path(case).stem.replace("_", "-")
    paths = [path for path in folder.rglob("*.*") if path.suffix in {".html", ".xml", ".txt"}]
    found = {path: STYLE.sub(b"", path.read_bytes()) for path in paths}
    page = next((d.decode() for p, d in found.items() if stem in (p.parent.name, p.stem)), "")
    for wanted in filter(None, row["on the page"].split("¦")):
        assert wanted in page, wanted
    for unwanted in filter(None, row["nowhere"].split("¦")):
        assert not [path for path, data in found.items() if unwanted.encode() in data], unwanted


def test_every_case_is_told_of() -> None:
    there = {
        path.relative_to(CASES).as_posix()
        for path in CASES.glob("*/*")
        if path.parent.name != "sites" and not path.name.endswith(".outcomes.yaml")
    }
    assert there | {f"sites/{p.name}" for p in (CASES / "sites").iterdir()} == set(ROWS)
    assert len(ROWS) >= 80


def test_line_ends_of_windows_and_a_byte_order_mark_change_no_byte(make_site: MakeSite) -> None:
    plain = (CASES / "frontmatter/crlf.md").read_bytes().replace(b"\r", b"")
    pages = []
    for data in (plain, plain.replace(b"\n", b"\r\n"), b"\xef\xbb\xbf" + plain):
        pages.append(page_of(build(make_site({"content/a.md": data})), "a/index.html"))
    assert pages[0] == pages[1] == pages[2]
    assert "\r" not in pages[0]
    assert "\ufeff" not in pages[0]
