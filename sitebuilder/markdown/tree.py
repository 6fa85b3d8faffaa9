"""Adapt the element tree that Markdown makes of a page: headings, tables, lists and links.

`PageTreeprocessor` rewrites the tree and records its headings and block positions in a
`DocumentOutline`.
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
from sitebuilder.markdown.block_specs import BLOCK_SPECS, BlockSpec
from sitebuilder.markdown.blocks import MARKER_END, MARKER_START, BlockFence
from sitebuilder.markdown.lint_output import Leftover, find_leftovers
from sitebuilder.markdown.sanitizer import ALLOWED_SCHEMES

_REWRITTEN_TAGS: Final = frozenset("a img ol th td li".split())
_MARKER: Final = re.compile(rf"{MARKER_START}([BTFE])(?:[a-z-]+\.)?(\d+){MARKER_END}")
_CUSTOM_ID: Final = re.compile(r"\s*\{#([a-z][\w-]*)\}$")
_REPEATED_BACKREF: Final = re.compile(r"#fnref(\d+):")
_FOOTNOTE_REFERENCE_ID: Final = re.compile(r"fnref\d*:(.+)", re.DOTALL)
_ALIGN: Final = re.compile(r"left|right|center")
_HEADING_TAGS: Final = ("h1", "h2", "h3", "h4", "h5", "h6")

_STASHED: Final = re.compile(
    "\x02(?:wzxhzdk:(?P<raw>\\d+)|(?P<escaped>\\d+))\x03|\x02amp\x03#(?P<letter>\\d+);"
)
"""Placeholders for raw HTML, entities, escaped characters and letters of e-mail addresses."""

_RELATIVE_PATH: Final = re.compile(r"(?!//)[\w./#-]*", re.ASCII)
"""A target that is safe without further checks."""


_ESCAPE: Final = re.compile(r"\\([!-/:-@\[-`{-~])")


def unescape_target(target: str) -> str:
    """Remove the backslashes before punctuation, as CommonMark does in targets of links."""
    return _ESCAPE.sub(r"\1", target)


class DocumentOutline:
    """Headings, block titles and refused links of one page.

    Attributes:
        stash: What Markdown's placeholders for raw HTML stand for.
        headings: The headings outside of blocks.
        block_headings: Heading level, id and title of each block, by its index.
        refused_targets: Unsafe link targets, and whether each is that of a picture.
        last_suffixes: Last number that was appended to each id.
        section_level: Level of the last heading outside of blocks.
        open_blocks: Indexes of the open blocks, outermost first.
    """

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
        """Make an id from a heading's text, with a number appended if it is already in use."""
        base = urls.slugify(text) or "section"
        unique_id, suffix = base, self.last_suffixes.get(base, 1)
        while unique_id in self.used_ids:
            suffix += 1
            unique_id = f"{base}-{suffix}"
        self.last_suffixes[base] = suffix
        self.used_ids.add(unique_id)
        return unique_id

    def process_element(self, element: Element) -> None:
        """Process one top-level element. Call this in document order."""
        if element.tag == "p":
            text = "".join(element.itertext()).strip() if self.fences else ""
            marker = _MARKER.match(text)
            if marker:
                self.process_marker(marker[1], int(marker[2]))
        elif element.tag in _HEADING_TAGS:
            self.process_heading(element, self.extract_text(element).strip())
        elif element.tag == "table" and self.is_inside("compare"):
            _label_table_cells(element)

    def extract_text(self, element: Element) -> str:
        """Return the text of an element without footnote references, placeholders resolved."""
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
        return chr(int(match["escaped"] or match["letter"]))

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
        custom_id = _CUSTOM_ID.search(text) if "{#" in text else None
        if custom_id and _remove_suffix(element, custom_id.group()):
            text = text[: custom_id.start()]
        if custom_id and custom_id[1] not in self.used_ids:
            heading_id = custom_id[1]
            self.used_ids.add(heading_id)
        else:
            heading_id = self.make_unique_id(text)
        if self.open_blocks:  # the block determines the level of its headings
            block = self.open_blocks[-1]
            level = min(self.block_headings[block].level + self.title_level_count(block), 6)
        else:
            level = max(level, 2)
            self.section_level = level
            self.headings.append(Heading(level, heading_id, text))
        element.tag = f"h{level}"
        element.set("id", heading_id)

    def title_level_count(self, index: int) -> int:
        """Return how many heading levels the title of a block takes: 0 or 1."""
        spec = BLOCK_SPECS.get(self.fences[index].name, BlockSpec(""))
        return 0 if spec.title == "none" or spec.generated else 1


def _strip_markdown(markdown: str) -> str:
    return re.sub(r"\[\^[^\]]*\]|\[([^\]]*)\]\([^)]*\)|[*_`]", r"\1", markdown)


def _remove_suffix(element: Element, suffix: str) -> bool:
    """Remove a suffix from an element's text; return False if it is not plain text at the end."""
    holder, attribute = (element[-1], "tail") if len(element) else (element, "text")
    value = (getattr(holder, attribute) or "").rstrip()
    if not value.endswith(suffix.strip()):
        return False
    setattr(holder, attribute, value[: -len(suffix.strip())].rstrip())
    return True


def _label_table_cells(table: Element) -> None:
    """Prepare a table for narrow screens, where each row becomes a block.

    The first cell of a row becomes its heading, and every other cell starts with the name of its
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
    """Return whether an item or cell is only a link, which then gets a larger touch target."""
    has_only_link = len(element) == 1 and element[0].tag == "a"
    return has_only_link and not ((element.text or "").strip() or (element[0].tail or "").strip())


def _cell_text(cell: Element) -> str:
    """Return the text of a cell without footnote references."""
    inner = "".join(_cell_text(child) + (child.tail or "") for child in cell if child.tag != "sup")
    return (cell.text or "") + inner


class NumberedListProcessor(SaneOListProcessor):
    """Keeps the number of each list item; Markdown keeps only that of the first."""

    def run(self, parent: Element, blocks: list[str]) -> None:
        """Parse the list items of a block, and set the number of each as its `value`."""
        lines = blocks[0].split("\n")
        numbers = [match[2] for match in map(self.CHILD_RE.match, lines) if match]
        super().run(parent, blocks)
        list_element = parent if parent.tag in {"ol", "ul"} else parent[-1]
        for item, number in zip(list_element[-len(numbers) :], numbers, strict=False):
            item.set("value", number[:-1])


def _set_item_numbers(list_element: Element) -> None:
    """Remove the `value` of all items except those that browsers would number differently.

    If every number is 1, all are removed, so that browsers count the items.
    """
    numbers = [item.attrib.pop("value", "") for item in list_element]
    if set(numbers) == {"1"}:
        return
    expected = int(list_element.get("start", "1"))
    for item, number in zip(list_element, numbers, strict=True):
        if number and int(number) != expected:
            item.set("value", str(int(number)))
            expected = int(number)
        expected += 1


def _set_cell_attributes(cell: Element) -> None:
    """Replace the style that aligns a cell with a class; set the scope of a column header."""
    align = _ALIGN.search(cell.attrib.pop("style", "")) if cell.attrib else None
    if align and align[0] != "left":
        cell.set("class", align[0])
    if cell.tag == "th" and "scope" not in cell.attrib:
        cell.set("scope", "col")


def _number_footnote_references(root: Element) -> None:
    """Give the places that cite one source their ids in the order of the page.

    Markdown numbers them in the order in which it meets them, which is another in lists and tables.
    """
    counts: dict[str, int] = {}
    for element in root.iter("sup"):
        match = _FOOTNOTE_REFERENCE_ID.fullmatch(element.get("id", ""))
        if match:
            name = match[1]
            counts[name] = counts.get(name, 0) + 1
            number = counts[name] if counts[name] > 1 else ""
            element.set("id", f"fnref{number}:{name}")


class PageTreeprocessor(Treeprocessor):
    """Fills the outline from the finished tree, and rewrites lists, tables and links."""

    outline: DocumentOutline

    def run(self, root: Element) -> None:
        self.outline.stash = self.md.htmlStash.rawHtmlBlocks
        for element in root:
            self.outline.process_element(element)
        self.outline.leftovers = find_leftovers(root)
        _number_footnote_references(root)
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
            # Without brackets, "71 in 100" with source 2 would read as 100 squared.
            element.text = f"[{element.text}]"
        elif kind == "footnote-backref":
            label = element.attrib.pop("title", "Back")
            repeated = _REPEATED_BACKREF.match(element.get("href", ""))
            if repeated:  # the source is cited more than once
                element.text = repeated[1]
                label += f", place {repeated[1]}"
            element.set("aria-label", label)
        else:
            self.remove_unsafe_target(element, "href")

    def remove_unsafe_target(self, element: Element, attribute: str) -> None:
        """Remove and record a target that could run script or disclose the visit to others."""
        typed = element.get(attribute, "")
        if "\\" in typed and typed[0] != "\\":  # which browsers take for a slash
            element.set(attribute, unescape_target(typed))
        if _RELATIVE_PATH.fullmatch(element.get(attribute, "")):
            return
        target = _STASHED.sub(self.outline.restore_stashed, element.get(attribute, ""))
        target = re.sub("[\t\r\n]|\x02[^\x03]*\x03", "", unescape(target))
        scheme = re.match(r"[\x00-\x20]*([^/?#\[\]@!$&'()*,;= ]*?):", target)
        bad_scheme = scheme is not None and (
            attribute == "src" or scheme[1].lower() not in ALLOWED_SCHEMES
        )
        if bad_scheme or re.match(r"[\x00-\x20]*[/\\]{2}", target):
            self.outline.refused_targets.append((target.strip(), attribute == "src"))
            del element.attrib[attribute]
