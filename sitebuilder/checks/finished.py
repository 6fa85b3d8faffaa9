"""The finished page, read once more with an independent parser."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Final

from sitebuilder.model import Place
from sitebuilder.problems import Problem, problem

_VOID: Final = frozenset("area base br col embed hr img input link meta source track wbr".split())


class _Reader(HTMLParser):
    """Counts and collects what `well_formed` asks for."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.headings: list[int] = []
        self.ids: dict[str, int] = {}
        self.said: list[str] = []
        self.lang = ""
        self.titles = 0
        self.scripts: list[str] = []

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.start(tag, dict(attrs))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.start(tag, dict(attrs))
        if tag not in _VOID:
            self.open.append(tag)

    def start(self, tag: str, attributes: dict[str, str | None]) -> None:
        name = attributes.get("id")
        if name:
            self.ids[name] = self.ids.get(name, 0) + 1
        if tag == "html":
            self.lang = attributes.get("lang") or ""
        elif tag == "title" and "svg" not in self.open:
            self.titles += 1
        elif tag == "img" and "alt" not in attributes:
            self.said.append(f"the picture {attributes.get('src')} has no text for 'alt'")
        elif len(tag) == 2 and tag[0] == "h" and tag[1].isdigit():  # noqa: PLR2004 - h1 to h6
            self.headings.append(int(tag[1]))
        if any(not name.replace("-", "").replace(":", "").isalnum() for name in attributes):
            self.said.append(f"<{tag}> has a loose quote among its attributes")
        if tag == "script" and attributes.get("type") != "application/ld+json":
            self.scripts.append(attributes.get("src") or "")
        bad = next((a for a in attributes if a.startswith("on") or a == "style"), None)
        if bad:
            self.said.append(f"<{tag}> has the attribute '{bad}', which the page's policy forbids")

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID:
            return
        if not self.open or self.open[-1] != tag:
            last = self.open[-1] if self.open else "nothing"
            self.said.append(f"</{tag}> closes <{last}>")
        if tag in self.open:
            while self.open.pop() != tag:
                pass


def well_formed(place: Place, html: str) -> Iterator[Problem]:
    """One h1, one title, a language, headings in order, ids once, all closed, no loose script."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    said = reader.said
    if not reader.lang:
        said.append("no language is set")
    if reader.titles != 1:
        said.append(f"there are {reader.titles} <title> elements, not one")
    if reader.headings.count(1) != 1:
        said.append(f"there are {reader.headings.count(1)} page titles (h1), not one")
    said += [f"the id '{name}' is used {n} times" for name, n in reader.ids.items() if n > 1]
    if reader.scripts and reader.scripts != [""][: place.tool is not None]:  # a tool's own comfort
        said.append("there is a <script>, and pages run none")
    if reader.open:
        said.append(f"<{reader.open[-1]}> is never closed")
    hint = "This comes from a template, or from a mistake that is reported beside it."
    for message in dict.fromkeys(said):
        yield problem("page-form", place.page.path, message, hint=hint)
