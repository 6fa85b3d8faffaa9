"""The Nu HTML checker, started once for all that is checked: most of its time is Java's start.

The tests that read what it says share the group "java", so that one worker starts it.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import look
from conftest import PROJECT

FIGURES = PROJECT / "static" / "inline" / "figures"

# What browsers have had for years and the checker's style part does not know yet (26.9.27).
UNKNOWN_TO_IT = (
    "CSS: “container-type”: Property “container-type” doesn't exist.",
    "CSS: Unrecognized at-rule “@container”",
)
# It takes data for search engines for a script. A data block is never run, so no policy blocks it
# (HTML, "prepare the script element", step 13); that none is, `test_npm_lock` sees in a browser.
RUNS_NOTHING = ("Inline script violates Content Security Policy", 'type="application/ld+json"')

# For four seconds of work the second compiler costs more than it saves. The first one needs a
# larger stack: on our longest pages it ends in a StackOverflowError else.
QUICK_START = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xss4m")

BAD_PAGE = """<!doctype html><html lang=en><title>x</title><style>a { colour: red }</style>\
<p>a<div></p><svg><path q='1'/></svg><ol role=list></ol>"""
BAD_DRAWING = "<svg xmlns='http://www.w3.org/2000/svg'><path q='1'/></svg>"


class NuChecker:
    """What the checker says of the site, the tools, the reviewers' pages and known mistakes.

    The mistakes, in the folder `mistakes`, are checked last of all, so that what is said of them
    shows that the checker came through all the rest.
    """

    def __init__(self, public: Path, tools: Path, folder: Path) -> None:
        from test_tools_review_page import write_review_pages

        self.reviews, self.mistakes = folder / "reviews", folder / "mistakes"
        self.reviews.mkdir()
        self.mistakes.mkdir()
        write_review_pages(self.reviews)
        (self.mistakes / "bad.html").write_text(BAD_PAGE)
        (self.mistakes / "bad.svg").write_text(BAD_DRAWING)
        folders = (public, tools, FIGURES, self.reviews, self.mistakes)
        self.files = [
            file
            for each in folders
            for ending in ("html", "svg")
            for file in sorted(each.rglob(f"*.{ending}"))
            if not file.is_relative_to(tools / "sheet")  # its style is broken on purpose
        ]
        self.messages = _run(self.files)
        known = {f"file:{file}" for file in self.files}
        strange = [m for m in self.messages if m.get("url") not in known]
        assert not strange, strange

    def found(self, folder: Path, ending: str) -> list[str]:
        """What is wrong with the files of a folder, warnings too; each thing once a file."""
        files = {f"file:{f}" for f in self.files if f.is_relative_to(folder) and f.suffix == ending}
        assert files, f"no {ending} of {folder} was checked"
        places: dict[str, list[str]] = {}
        for m in self.messages:
            if m["url"] not in files:
                continue
            page = m["url"].removeprefix(f"file:{folder}/")
            extract = " ".join(m.get("extract", "").split())[:80]
            said = f"{page} {m.get('subType', m['type'])}: {m['message']}"
            if m["message"].startswith(RUNS_NOTHING[0]) and RUNS_NOTHING[1] in extract:
                continue
            if m["message"] not in UNKNOWN_TO_IT:
                places.setdefault(said, []).append(f"line {m.get('lastLine', '?')}: {extract}")
        return [f"{said} ({len(at)} times, first: {at[0]})" for said, at in places.items()]


def _run(files: list[Path]) -> list[dict[str, Any]]:
    jar = look.modules("vnu-jar", "build", "dist", "vnu.jar")
    options = ["--also-check-svg", "--format", "json", "--stdout"]
    done = subprocess.run(
        ["java", *QUICK_START, "-jar", jar, *options, *files],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.stdout.startswith("{"), done.stderr
    messages: list[dict[str, Any]] = json.loads(done.stdout)["messages"]
    return messages
