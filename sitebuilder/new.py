"""An address in, the first lines of a new page out."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sitebuilder import addresses


class CannotStart(Exception):  # noqa: N818 - an answer to the editor, not a fault of ours
    """Why the page cannot be started there."""


_PATTERN: Final = """\
---
title: {title}
description: Say in one sentence what this page gives its reader.
draft: true
---

Say the main message in one or two short sentences.

::: key-facts
- The first thing to take away.
- The second thing to take away.
:::

## A heading that says what follows

Write in short sentences. Put the plain word first and the medical word after it, in brackets.

Take the line 'draft: true' out when the page is ready.
"""


def start_page(root: Path, address: str, title: str) -> str:
    """Write the new page; its path. CannotStart: the address is no good, or taken."""
    path = address.strip("/").removesuffix(".md")
    made, why = addresses.of_page(path + ".md")
    if why:
        raise CannotStart(f"'{address}' cannot be the address of a page: {why}")
    path = made.strip("/")
    file = root / "content" / f"{path}.md"
    if file.exists():
        raise CannotStart(f"content/{path}.md is already there")
    words = title or path.rpartition("/")[2].replace("-", " ")
    words = words[:1].upper() + words[1:]
    if any(sign in words for sign in ":#\"'") or words[0] in "[]{}&*!|>%@`-?,":
        words = '"' + words.replace("\\", "\\\\").replace('"', '\\"') + '"'
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("x", encoding="utf-8", newline="\n") as stream:
        stream.write(_PATTERN.format(title=words))
    return f"content/{path}.md"
