"""An address in, the first lines of a new page out."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from sitebuilder.core import urls


class CreatePageError(Exception):
    """Why the page cannot be started there."""


_PAGE_TEMPLATE: Final = """\
---
title: {title}
description: Say in one sentence what this page gives its reader.
# Take the next line out when the page is ready. Then also say who keeps the page, and since when:
#   owner: The name of a person or group
#   changes:
#     - on: 2026-11-22
#       what: First draft.
draft: true
---

Say the main message in one or two short sentences.

::: key-facts
- The first thing to take away.
- The second thing to take away.
:::

## A heading that says what follows

Write in short sentences. Put the plain word first and the medical word after it, in brackets.
"""

_UNQUOTED_TITLE: Final = re.compile(r"(?!null$)[^\W_]+([ ,.]+[^\W_]+)*[.!?]?", re.IGNORECASE)
"""Titles that need no quotes."""


def create_page(root: Path, address: str, title: str) -> str:
    """Write the new page; its path. CannotStart: the address is no good, or taken."""
    path = address.strip("/").removesuffix(".md")
    made, why = urls.url_for_file(path + ".md")
    if why:
        raise CreatePageError(f"'{address}' cannot be the address of a page: {why}")
    path = made.strip("/") or "index"
    file = root / "content" / f"{path}.md"
    for taken in (file, root / "content" / path / "index.md"):
        if taken.exists():
            raise CreatePageError(f"{taken.relative_to(root).as_posix()} is already there")
    words = " ".join(title.split()) or path.rpartition("/")[2].replace("-", " ")
    if not words.isprintable():
        raise CreatePageError("the title has a character that cannot be printed")
    words = words[:1].upper() + words[1:]
    if not _UNQUOTED_TITLE.fullmatch(words):
        words = '"' + words.replace("\\", "\\\\").replace('"', '\\"') + '"'
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(_PAGE_TEMPLATE.format(title=words))
    except OSError as error:
        raise CreatePageError(f"content/{path}.md: {error.strerror}") from error
    return f"content/{path}.md"
