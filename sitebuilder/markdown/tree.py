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
from sitebuilder.markdown.blocks import BLOCK_SPECS, MARKER_END, MARKER_START, BlockFence, BlockSpec
from sitebuilder.markdown.lint_output import Leftover, find_leftovers
from sitebuilder.markdown.sanitizer import ALLOWED_SCHEMES

_REWRITTEN_TAGS: Final = frozenset("a img ol th td li".split())
_MARKER: Final = re.compile(rf"{MARKER_START}([BTFE])(?:[a-z-]+\.)?(\d+){MARKER_END}")
_CUSTOM_ID: Final = re.compile(r"\s*\{#([a-z][\w-]*)\}$")
_REPEATED_BACKREF: Final = re.compile(r"#fnref(\d+):")
_ALIGN: Final = re.compile(r"left|right|center")
_HEADING_TAGS: Final = ("h1", "h2", "h3", "h4", "h5", "h6")

_STASHED: Final = re.compile(
    "\x02(?:wzxhzdk:(?P<raw>\\d+)|(?P<sign>\\d+))\x03|\x02amp\x03#(?P<letter>\\d+);"
)
"""What stands in the tree for raw HTML and entities, for escaped signs, for letters of e-mail."""


_RELATIVE_PATH: Final = re.compile(r"(?!//)[\w./#-]*", re.ASCII)
"""A target that cannot be wrong: a path, without any other sign."""


class DocumentOutline:
    """What the tree of one page shows: headings, the place of each block, refused links."""

    def __init__(self, fences: list[BlockFence], reserved_ids: set[str]) -> None:
        self.fences = fences
        self.stash: list[str | Element] = []
        self.headings: list[Heading] = []
        self.block_headings: dict[int, Heading] = {}
        self.refused_targets: list[tuple[str, bool]] = []
        self.leftovers: list[Leftover] = []
        self.used_ids = set(reserved_ids)
        self.last_suffixes: dict[str, int] = {}
        self.section_level = 1
        self.open_blocks: list[int] = []

    def make_unique_id(self, text: str) -> str:
        """An id for a heading: its words, and a number if they were used before."""
        base = urls.slugify(text) or "section"
        name, n = base, self.last_suffixes.get(base, 1)
        while name in self.used_ids:
            n += 1
            name = f"{base}-{n}"
        self.last_suffixes[base] = n
        self.used_ids.add(name)
        return name

    def process_element(self, element: Element) -> None:
        """Take in one top-level element, in order."""
        if element.tag == "p":
            text = "".join(element.itertext()).strip() if self.fences else ""
            found = _MARKER.match(text)
            if found:
                self.process_marker(found[1], int(found[2]))
        elif element.tag in _HEADING_TAGS:
            self.process_heading(element, self.extract_text(element).strip())
        elif element.tag == "table" and self.is_inside("compare"):
            _label_table_cells(element)

    def extract_text(self, element: Element) -> str:
        """The words of an element, without source marks, with what Markdown has put aside."""
        if element.get("id", "").startswith("fnref"):
            return ""
        text = element.text or ""
        if len(element):
            text += "".join([self.extract_text(child) + (child.tail or "") for child in element])
        return _STASHED.sub(self.restore_stashed, text) if "\x02" in text else text

    def restore_stashed(self, match: re.Match[str]) -> str:
        if match["raw"]:
            value = self.stash[int(match["raw"])]
            return unescape(value) if isinstance(value, str) and value[0] == "&" else ""
        return chr(int(match["sign"] or match["letter"]))

    def is_inside(self, block_name: str) -> bool:
        return bool(self.open_blocks) and self.fences[self.open_blocks[-1]].name == block_name

    def process_marker(self, letter: str, index: int) -> None:
        if letter == "B":
            fence = self.fences[index]
            self.open_blocks.append(index)
            level = min(self.section_level + len(self.open_blocks), 6)
            title = fence.title if fence.name != "figure" else ""
            self.block_headings[index] = Heading(
                level, self.make_unique_id(_strip_markdown(title) or fence.name), title
            )
        elif letter == "E" and self.open_blocks:
            self.open_blocks.pop()

    def process_heading(self, element: Element, text: str) -> None:
        level = int(element.tag[1])
        custom = _CUSTOM_ID.search(text) if "{#" in text else None
        if custom and _remove_suffix(element, custom.group()):
            text = text[: custom.start()]
        if custom and custom[1] not in self.used_ids:
            name = custom[1]
            self.used_ids.add(name)
        else:
            name = self.make_unique_id(text)
        if self.open_blocks:  # inside a block the block says how deep its headings are
            level = min(
                self.block_headings[self.open_blocks[-1]].level
                + self.title_level_count(self.open_blocks[-1]),
                6,
            )
        else:
            level = max(level, 2)
            self.section_level = level
            self.headings.append(Heading(level, name, text))
        element.tag = f"h{level}"
        element.set("id", name)

    def title_level_count(self, index: int) -> int:
        kind = BLOCK_SPECS.get(self.fences[index].name, BlockSpec(""))
        return 0 if kind.title == "none" or kind.generated else 1


def _strip_markdown(markdown: str) -> str:
    return re.sub(r"\[\^[^\]]*\]|\[([^\]]*)\]\([^)]*\)|[*_`]", r"\1", markdown)


def _remove_suffix(element: Element, suffix: str) -> bool:
    """Take `tail` off the end of an element's text, if it stands there as plain text."""
    holder, name = (element[-1], "tail") if len(element) else (element, "text")
    value = (getattr(holder, name) or "").rstrip()
    if not value.endswith(suffix.strip()):
        return False
    setattr(holder, name, value[: -len(suffix.strip())].rstrip())
    return True


def _label_table_cells(table: Element) -> None:
    """Ready a table for a narrow screen, where each row becomes a block of its own.

    The first cell of a row becomes its heading, and every other cell begins with the name of its
    column as real text.
    """
    names = [_cell_text(cell) for cell in table.iter("th")]
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


def _is_only_link(element: Element) -> bool:
    """Whether an item is a link and nothing else: then it is made large enough for a finger."""
    alone = len(element) == 1 and element[0].tag == "a"
    return alone and not ((element.text or "").strip() or (element[0].tail or "").strip())


def _cell_text(cell: Element) -> str:
    """The text of a cell, source marks left out."""
    inner = "".join(_cell_text(child) + (child.tail or "") for child in cell if child.tag != "sup")
    return (cell.text or "") + inner


class NumberedListProcessor(SaneOListProcessor):
    """Numbered lists that know the number each item was given; Markdown keeps the first only."""

    def run(self, parent: Element, blocks: list[str]) -> None:
        """Make the items of one block of lines, then note their numbers."""
        lines = blocks[0].split("\n")
        numbers = [found[2] for found in map(self.CHILD_RE.match, lines) if found]
        super().run(parent, blocks)
        made = parent if parent.tag in {"ol", "ul"} else parent[-1]
        for item, number in zip(made[-len(numbers) :], numbers, strict=False):
            item.set("value", number[:-1])


def _set_item_numbers(list_element: Element) -> None:
    """Leave a number on each item that would be shown with another. All are 1: count them."""
    given = [item.attrib.pop("value", "") for item in list_element]
    if set(given) == {"1"}:
        return
    shown = int(list_element.get("start", "1"))
    for item, number in zip(list_element, given, strict=True):
        if number and int(number) != shown:
            item.set("value", str(int(number)))
            shown = int(number)
        shown += 1


def _set_cell_attributes(cell: Element) -> None:
    """Say how a cell stands by a class, in place of a style; and what a heading is the head of."""
    align = _ALIGN.search(cell.attrib.pop("style", "")) if cell.attrib else None
    if align and align[0] != "left":
        cell.set("class", align[0])
    if cell.tag == "th" and "scope" not in cell.attrib:
        cell.set("scope", "col")


class PageTreeprocessor(Treeprocessor):
    """Runs `Shape` over the finished tree, and mends what Markdown leaves behind."""

    outline: DocumentOutline

    def run(self, root: Element) -> None:
        self.outline.stash = self.md.htmlStash.rawHtmlBlocks
        for element in root:
            self.outline.process_element(element)
        self.outline.leftovers = find_leftovers(root)
        for element in root.iter():
            tag = element.tag
            if tag not in _REWRITTEN_TAGS:
                continue
            if tag == "a":
                self.process_link(element)
            elif tag == "img":
                self.remove_unsafe_target(element, "src")
            elif tag == "ol":
                _set_item_numbers(element)
            elif tag in {"th", "td"}:
                _set_cell_attributes(element)
            if tag in {"li", "th"} and _is_only_link(element):
                element.set("class", "way")

    def process_link(self, element: Element) -> None:
        kind = element.get("class")
        if kind == "footnote-ref":
            element.set("aria-label", f"Source {element.text}")
            element.text = (
                f"[{element.text}]"  # else "71 in 100" with source 2 reads as 100 squared
            )
        elif kind == "footnote-backref":
            label = element.attrib.pop("title", "Back")
            place = _REPEATED_BACKREF.match(element.get("href", ""))
            if place:  # the source is used more than once
                element.text = place[1]
                label += f", place {place[1]}"
            element.set("aria-label", label)
        else:
            self.remove_unsafe_target(element, "href")

    def remove_unsafe_target(self, element: Element, attribute: str) -> None:
        """Note and take out a target that could run script, or would tell others who reads."""
        if _RELATIVE_PATH.fullmatch(element.get(attribute, "")):
            return
        target = _STASHED.sub(self.outline.restore_stashed, element.get(attribute, ""))
        target = re.sub("[\t\r\n]|\x02[^\x03]*\x03", "", unescape(target))
        scheme = re.match(r"[\x00-\x20]*([^/?#\[\]@!$&'()*,;= ]*?):", target)
        wrong = scheme is not None and (
            attribute == "src" or scheme[1].lower() not in ALLOWED_SCHEMES
        )
        if wrong or re.match(r"[\x00-\x20]*[/\\]{2}", target):
            self.outline.refused_targets.append((target.strip(), attribute == "src"))
            del element.attrib[attribute]
