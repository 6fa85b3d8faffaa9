"""One document, several writers: each puts its section between marks and leaves the rest alone."""

from __future__ import annotations

import re
from pathlib import Path

TITLE = "# Benchmarks"
ORDER = ("builds", "serve", "pages")


def put(document: Path, name: str, text: str) -> None:
    """Write a section of the document, in place of the one of that name that is there."""
    old = document.read_text(encoding="utf-8") if document.exists() else ""
    found = {
        match["name"]: match["text"]
        for match in re.finditer(
            r"^<!-- begin (?P<name>\w+) -->\n(?P<text>.*?)^<!-- end (?P=name) -->$",
            old,
            re.MULTILINE | re.DOTALL,
        )
    }
    found[name] = text.rstrip() + "\n"
    parts = [
        f"<!-- begin {part} -->\n{found[part]}<!-- end {part} -->\n"
        for part in ORDER
        if part in found
    ]
    document.write_text("\n".join([TITLE + "\n", *parts]), encoding="utf-8")
