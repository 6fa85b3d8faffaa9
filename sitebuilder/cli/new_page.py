"""Create a page from a template."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from sitebuilder.content.page_template import PAGE_TEMPLATE
from sitebuilder.core import urls


class CreatePageError(Exception):
    """The page cannot be created; the message says why."""


_UNQUOTED_TITLE: Final = re.compile(r"(?!null$)[^\W_]+([ ,.]+[^\W_]+)*[.!?]?", re.IGNORECASE)
"""Titles that need no quotes in YAML."""


def create_page(root: Path, address: str, title: str) -> str:
    """Write a new draft page.

    Args:
        root: The site's folder.
        address: Where the page is to be, such as `tools/checklist`.
        title: The title; empty: made from the address.

    Returns:
        The path of the page, relative to `root`.

    Raises:
        CreatePageError: The address or the title cannot be used, a page exists there already, or it
            cannot be written.
    """
    path = address.strip("/").removesuffix(".md")
    page_url, reason = urls.url_for_file(path + ".md")
    if reason:
        raise CreatePageError(f"'{address}' cannot be the address of a page: {reason}")
    path = page_url.strip("/") or "index"
    file = root / "content" / f"{path}.md"
    for candidate in (file, root / "content" / path / "index.md"):
        if candidate.exists():
            raise CreatePageError(f"{candidate.relative_to(root).as_posix()} is already there")
    title = " ".join(title.split()) or path.rpartition("/")[2].replace("-", " ")
    if not title.isprintable():
        raise CreatePageError("the title has a character that cannot be printed")
    title = title[:1].upper() + title[1:]
    if not _UNQUOTED_TITLE.fullmatch(title):
        title = '"' + title.replace("\\", "\\\\").replace('"', '\\"') + '"'
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(PAGE_TEMPLATE.format(title=title))
    except OSError as error:
        raise CreatePageError(f"content/{path}.md: {error.strerror}") from error
    return f"content/{path}.md"
