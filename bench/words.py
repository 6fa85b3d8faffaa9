"""Our pages as plain CommonMark, so that every site in the comparison holds the same words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml

FRONT = re.compile(r"\A---\n(.*?)\n---\n(.*)\Z", re.DOTALL)
BLOCK = re.compile(  # the innermost of nested ones
    r"^::: (?P<name>[a-z-]+)(?: (?P<title>[^\n]+))?\n(?P<body>(?:(?!:::).*\n)*):::$", re.MULTILINE
)
LINK = re.compile(r"\]\((?P<page>[a-z0-9-]+)\.md(?P<anchor>#[a-z0-9-]+)?\)")

# What our templates write above a block; {} is the author's title, or the words behind the bar.
HEADINGS = {
    "key-facts": "{|Key facts}",
    "emergency": "Emergency: {|Call 911 now if:}",
    "same-day": "Same day: {|Call your surgeon's office or your own doctor today if:}",
    "routine": "Routine: {|Call your surgeon's office or your own doctor in office hours if:}",
    "warning": "Important: {|}",
    "do": "{|Do}",
    "do-not": "{|Do not}",
}
BARE = {"steps", "timeline"}  # their headings stand inside them, as ordinary Markdown
BANNER = "**Draft for review.** No clinician has checked this page.\n\n"


def split(text: str) -> tuple[Mapping[str, object], str]:
    """The front matter and the text below it."""
    match = FRONT.match(text)
    if match is None:
        raise ValueError("a page without front matter")
    return yaml.safe_load(match[1]), match[2]


def plain_block(match: re.Match[str]) -> str:
    """A block of ours as a heading and ordinary Markdown, with the words our templates add."""
    name, title, body = match["name"], match["title"] or "", match["body"].strip()
    if name in BARE:
        return body
    if name == "compare":
        return f"**{title}**\n\n{body}"
    if name == "chance":  # the dots are ours alone; the words stand for them everywhere
        return title
    if name == "figure":  # as above: the peers get the words, not the drawing
        fields, _, words = body.partition("\n\n")
        values = dict(line.partition(": ")[::2] for line in fields.split("\n"))
        names = values.get("names", "").replace(" | ", "\n\n")
        return f"{names}\n\n{values['caption']}\n\n{words}\n\nDescribe this picture"
    before, default, after = re.split(r"\{\|(.*)\}", HEADINGS[name])
    button = "\n\n[Call 911](tel:911)" if name == "emergency" else ""
    return f"### {before}{title or default}{after}\n\n{body}{button}"


def link_by_address(match: re.Match[str]) -> str:
    """A link between pages for a peer that does not look up the names of Markdown files."""
    page = "" if match["page"] == "index" else f"{match['page']}/"
    return f"](/{page}{match['anchor'] or ''})"


def plain_page(text: str, *, by_address: bool = False, review: str = "none") -> str:
    """One page for the peers: title and description kept, blocks and links in plain Markdown."""
    fields, body = split(text)
    blocks = 1
    while blocks:
        body, blocks = BLOCK.subn(plain_block, body)
    if ":::" in body:
        raise ValueError(f"a block is left in {fields['title']!r}")
    if by_address:
        body = LINK.sub(link_by_address, body)
    # Ours puts the sources under a heading of their own; each peer puts its footnotes at the end.
    body, notes, sources = body.partition("\n[^" + _first_note(body) + "]:")
    if notes:
        body = f"{body}\n## Sources\n{notes}{sources}"
    if fields.get("review", review) == "clinical":
        body = BANNER + body
    kept = {name: fields[name] for name in ("title", "description") if name in fields}
    return f"---\n{yaml.safe_dump(kept, allow_unicode=True, width=1000)}---\n\n{body}"


def _first_note(body: str) -> str:
    found = re.search(r"^\[\^([^\]]+)\]:", body, re.MULTILINE)
    return found[1] if found else "no notes on this page"


def write_pages(content: Path, folder: Path, *, by_address: bool, review: str) -> Iterator[str]:
    """Write every page of `content` into `folder` in plain Markdown; gives the pages' names."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.md"):
        old.unlink()
    for page in sorted(content.glob("*.md")):
        text = page.read_text(encoding="utf-8")
        (folder / page.name).write_text(
            plain_page(text, by_address=by_address, review=review), encoding="utf-8"
        )
        yield page.stem
