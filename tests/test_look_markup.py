"""The Nu HTML checker finds nothing: in the pages, in the style that they carry, in the figures."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import look
import pytest
from conftest import PROJECT

pytestmark = [pytest.mark.java, pytest.mark.node]

# What browsers have had for years and the checker's style part does not know yet (26.9.27).
UNKNOWN_TO_IT = (
    "CSS: “container-type”: Property “container-type” doesn't exist.",
    "CSS: Unrecognized at-rule “@container”",
)
# It takes data for search engines for a script. A data block is never run, so no policy blocks it
# (HTML, "prepare the script element", step 13); that none is, `test_npm_lock` sees in a browser.
RUNS_NOTHING = ("Inline script violates Content Security Policy", 'type="application/ld+json"')


def checked(folder: Path, *arguments: str | Path) -> list[str]:
    """What the checker says, warnings too; each thing once a page."""
    jar = look.modules("vnu-jar", "build", "dist", "vnu.jar")
    done = subprocess.run(
        ["java", "-jar", jar, "--format", "json", "--stdout", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout.startswith("{"), done.stderr
    places: dict[str, list[str]] = {}
    for m in json.loads(done.stdout)["messages"]:
        page = m.get("url", "").removeprefix(f"file:{folder}/")
        extract = " ".join(m.get("extract", "").split())[:80]
        said = f"{page} {m.get('subType', m['type'])}: {m['message']}"
        if m["message"].startswith(RUNS_NOTHING[0]) and RUNS_NOTHING[1] in extract:
            continue
        if m["message"] not in UNKNOWN_TO_IT:
            places.setdefault(said, []).append(f"line {m.get('lastLine', '?')}: {extract}")
    return [f"{said} ({len(at)} times, first: {at[0]})" for said, at in places.items()]


def test_every_page_is_valid(public: Path):
    look.nothing(checked(public, *sorted(public.rglob("*.html"))))


def test_every_drawing_is_valid(public: Path):
    figures = PROJECT / "static" / "inline" / "figures"
    drawings = sorted(figures.glob("*.svg"))
    assert drawings
    look.nothing(checked(figures, "--svg", *drawings, *public.glob("*.svg")))


def test_the_checker_judges_page_style_and_drawing(tmp_path: Path):
    page = tmp_path / "bad.html"
    page.write_text(
        "<!doctype html><html lang=en><title>x</title><style>a { colour: red }</style>"
        "<p>a<div></p><svg><path q='1'/></svg><ol role=list></ol>"
    )
    found = "\n".join(checked(tmp_path, page))
    for words in ("“colour”", "No “p” element in scope", "“q” not allowed", "warning"):
        assert words in found
