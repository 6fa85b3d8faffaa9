"""The tree that Markdown made of a page: heading levels and ids, tables, links.

In: the root element. Out: the same tree mended, and a `Shape` that says what is in it.
"""

from __future__ import annotations

import re
from html import unescape
from typing import Final
from xml.etree.ElementTree import Element, SubElement

from markdown.extensions.sane_lists import SaneOListProcessor
from markdown.treeprocessors import Treeprocessor

from sitebuilder.core import urls
from sitebuilder.core.model import Heading
from sitebuilder.markdown.blocks import CLOSE, KINDS, OPEN, Fence, Kind
from sitebuilder.markdown.lint_output import Stray, as_made
from sitebuilder.markdown.sanitizer import SCHEMES

_MENDED: Final = frozenset("a img ol th td li".split())
_MARK: Final = re.compile(rf"{OPEN}([BTFE])(?:[a-z-]+\.)?(\d+){CLOSE}")
_CUSTOM_ID: Final = re.compile(r"\s*\{#([a-z][\w-]*)\}$")
_LATER_PLACE: Final = re.compile(r"#fnref(\d+):")
_ALIGN: Final = re.compile(r"left|right|center")
_HEADINGS: Final = ("h1", "h2", "h3", "h4", "h5", "h6")

_ASIDE: Final = re.compile(
    "\x02(?:wzxhzdk:(?P<raw>\\d+)|(?P<sign>\\d+))\x03|\x02amp\x03#(?P<letter>\\d+);"
)
"""What stands in the tree for raw HTML and entities, for escaped signs, for letters of e-mail."""


_NO_SCHEME: Final = re.compile(r"(?!//)[\w./#-]*", re.ASCII)
"""A target that cannot be wrong: a path, without any other sign."""


class Shape:
    """What the tree of one page shows: headings, the place of each block, refused links."""

    def __init__(self, fences: list[Fence], reserved: set[str]) -> None:
        self.fences = fences
        self.stash: list[str | Element] = []
        self.headings: list[Heading] = []
        self.blocks: dict[int, Heading] = {}
        self.refused: list[tuple[str, bool]] = []
        self.strays: list[Stray] = []
        self.ids = set(reserved)
        self.last: dict[str, int] = {}
        self.level = 1
        self.open: list[int] = []

    def new_id(self, text: str) -> str:
        """An id for a heading: its words, and a number if they were used before."""
        base = urls.slugify(text) or "section"
        name, n = base, self.last.get(base, 1)
        while name in self.ids:
            n += 1
            name = f"{base}-{n}"
        self.last[base] = n
        self.ids.add(name)
        return name

    def take(self, element: Element) -> None:
        """Take in one top-level element, in order."""
        if element.tag == "p":
            text = "".join(element.itertext()).strip() if self.fences else ""
            found = _MARK.match(text)
            if found:
                self.take_mark(found[1], int(found[2]))
        elif element.tag in _HEADINGS:
            self.take_heading(element, self.words(element).strip())
        elif element.tag == "table" and self.inside("compare"):
            _compare(element)

    def words(self, element: Element) -> str:
        """The words of an element, without source marks, with what Markdown has put aside."""
        if element.get("id", "").startswith("fnref"):
            return ""
        text = element.text or ""
        if len(element):
            text += "".join([self.words(child) + (child.tail or "") for child in element])
        return _ASIDE.sub(self.put_back, text) if "\x02" in text else text

    def put_back(self, found: re.Match[str]) -> str:
        if found["raw"]:
            value = self.stash[int(found["raw"])]
            return unescape(value) if isinstance(value, str) and value[0] == "&" else ""
        return chr(int(found["sign"] or found["letter"]))

    def inside(self, name: str) -> bool:
        return bool(self.open) and self.fences[self.open[-1]].name == name

    def take_mark(self, letter: str, at: int) -> None:
        if letter == "B":
            fence = self.fences[at]
            self.open.append(at)
            level = min(self.level + len(self.open), 6)
            title = fence.title if fence.name != "figure" else ""
            self.blocks[at] = Heading(level, self.new_id(_plain(title) or fence.name), title)
        elif letter == "E" and self.open:
            self.open.pop()

    def take_heading(self, element: Element, text: str) -> None:
        level = int(element.tag[1])
        custom = _CUSTOM_ID.search(text) if "{#" in text else None
        if custom and _cut_tail(element, custom.group()):
            text = text[: custom.start()]
        if custom and custom[1] not in self.ids:
            name = custom[1]
            self.ids.add(name)
        else:
            name = self.new_id(text)
        if self.open:  # inside a block the block says how deep its headings are
            level = min(self.blocks[self.open[-1]].level + self.has_title(self.open[-1]), 6)
        else:
            level = max(level, 2)
            self.level = level
            self.headings.append(Heading(level, name, text))
        element.tag = f"h{level}"
        element.set("id", name)

    def has_title(self, at: int) -> int:
        kind = KINDS.get(self.fences[at].name, Kind(""))
        return 0 if kind.title == "none" or kind.filled else 1


def _plain(markdown: str) -> str:
    return re.sub(r"\[\^[^\]]*\]|\[([^\]]*)\]\([^)]*\)|[*_`]", r"\1", markdown)


def _cut_tail(element: Element, tail: str) -> bool:
    """Take `tail` off the end of an element's text, if it stands there as plain text."""
    holder, name = (element[-1], "tail") if len(element) else (element, "text")
    value = (getattr(holder, name) or "").rstrip()
    if not value.endswith(tail.strip()):
        return False
    setattr(holder, name, value[: -len(tail.strip())].rstrip())
    return True


def _compare(table: Element) -> None:
    """Ready a table for a narrow screen, where each row becomes a block of its own.

    The first cell of a row becomes its heading, and every other cell begins with the name of its
    column as real text.
    """
    names = [_words(cell) for cell in table.iter("th")]
    for row in table.iter("tr"):
        if len(row) and row[0].tag == "td":
            row[0].tag = "th"
            row[0].set("scope", "row")
        for cell, name in zip(row, names, strict=False):
            if cell.tag == "td":
                label = SubElement(cell, "span", {"class": "column"})
                colon = "" if name.endswith(("?", ":", ".")) else ":"
                label.text, label.tail, cell.text = f"{name}{colon} ", cell.text, None
                cell.remove(label)
                cell.insert(0, label)


def _is_a_way(element: Element) -> bool:
    """Whether an item is a link and nothing else: then it is made large enough for a finger."""
    alone = len(element) == 1 and element[0].tag == "a"
    return alone and not ((element.text or "").strip() or (element[0].tail or "").strip())


def _words(cell: Element) -> str:
    """The text of a cell, source marks left out."""
    inner = "".join(_words(child) + (child.tail or "") for child in cell if child.tag != "sup")
    return (cell.text or "") + inner


class Numbered(SaneOListProcessor):
    """Numbered lists that know the number each item was given; Markdown keeps the first only."""

    def run(self, parent: Element, blocks: list[str]) -> None:
        """Make the items of one block of lines, then note their numbers."""
        lines = blocks[0].split("\n")
        numbers = [found[2] for found in map(self.CHILD_RE.match, lines) if found]
        super().run(parent, blocks)
        made = parent if parent.tag in {"ol", "ul"} else parent[-1]
        for item, number in zip(made[-len(numbers) :], numbers, strict=False):
            item.set("value", number[:-1])


def _number(made: Element) -> None:
    """Leave a number on each item that would be shown with another. All are 1: count them."""
    given = [item.attrib.pop("value", "") for item in made]
    if set(given) == {"1"}:
        return
    shown = int(made.get("start", "1"))
    for item, number in zip(made, given, strict=True):
        if number and int(number) != shown:
            item.set("value", str(int(number)))
            shown = int(number)
        shown += 1


def _cell(made: Element) -> None:
    """Say how a cell stands by a class, in place of a style; and what a heading is the head of."""
    align = _ALIGN.search(made.attrib.pop("style", "")) if made.attrib else None
    if align and align[0] != "left":
        made.set("class", align[0])
    if made.tag == "th" and "scope" not in made.attrib:
        made.set("scope", "col")


class ShapeProcessor(Treeprocessor):
    """Runs `Shape` over the finished tree, and mends what Markdown leaves behind."""

    shape: Shape

    def run(self, root: Element) -> None:
        self.shape.stash = self.md.htmlStash.rawHtmlBlocks
        for element in root:
            self.shape.take(element)
        self.shape.strays = as_made(root)
        for element in root.iter():
            tag = element.tag
            if tag not in _MENDED:
                continue
            if tag == "a":
                self.link(element)
            elif tag == "img":
                self.refuse(element, "src")
            elif tag == "ol":
                _number(element)
            elif tag in {"th", "td"}:
                _cell(element)
            if tag in {"li", "th"} and _is_a_way(element):
                element.set("class", "way")

    def link(self, element: Element) -> None:
        kind = element.get("class")
        if kind == "footnote-ref":
            element.set("aria-label", f"Source {element.text}")
            element.text = (
                f"[{element.text}]"  # else "71 in 100" with source 2 reads as 100 squared
            )
        elif kind == "footnote-backref":
            label = element.attrib.pop("title", "Back")
            place = _LATER_PLACE.match(element.get("href", ""))
            if place:  # the source is used more than once
                element.text = place[1]
                label += f", place {place[1]}"
            element.set("aria-label", label)
        else:
            self.refuse(element, "href")

    def refuse(self, element: Element, name: str) -> None:
        """Note and take out a target that could run script, or would tell others who reads."""
        if _NO_SCHEME.fullmatch(element.get(name, "")):
            return
        target = _ASIDE.sub(self.shape.put_back, element.get(name, ""))
        target = re.sub("[\t\r\n]|\x02[^\x03]*\x03", "", unescape(target))
        scheme = re.match(r"[\x00-\x20]*([^/?#\[\]@!$&'()*,;= ]*?):", target)
        wrong = scheme is not None and (name == "src" or scheme[1].lower() not in SCHEMES)
        if wrong or re.match(r"[\x00-\x20]*[/\\]{2}", target):
            self.shape.refused.append((target.strip(), name == "src"))
            del element.attrib[name]
