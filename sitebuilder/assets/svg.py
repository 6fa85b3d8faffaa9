"""Validate SVG drawings against an allowlist; remove comments, metadata and editor data.

Drawings are parsed as strict XML by expat. Anything that could run script or fetch something is
refused, with its line. Comments, metadata and what only a drawing program understands are cut out,
as they often contain names of people and folders. All other bytes stay the same, except that a byte
order mark is removed.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from typing import Final
from xml.parsers import expat

from sitebuilder.assets.css import check_css, find_non_fragment_urls, is_external_url
from sitebuilder.assets.jpeg import clean_jpeg
from sitebuilder.assets.limits import UnsafeFileError
from sitebuilder.assets.png import clean_png
from sitebuilder.assets.svg_allowlist import ALLOWED_ATTRIBUTES, ALLOWED_ELEMENTS, STRIPPED_ELEMENTS
from sitebuilder.assets.svg_expansion import MAX_EXPANDED_PARTS, ExpansionCounter
from sitebuilder.core.lazy_regex import lazy_compile

SVG_NAMESPACE: Final = "http://www.w3.org/2000/svg"
XLINK_NAMESPACE: Final = "http://www.w3.org/1999/xlink"
XML_NAMESPACE: Final = "http://www.w3.org/XML/1998/namespace"
_ACTIVE_NAMESPACES: Final = frozenset(
    f"http://www.w3.org/{name}"
    for name in ("1999/xhtml", "1998/Math/MathML", "1999/XSL/Transform", "2001/xml-events")
)
_MAX_DEPTH: Final = 64
_MAX_ELEMENTS: Final = 50_000
_PLAIN_SVG_HINT: Final = "Export it as 'plain SVG', or take that line out."
_TAG: Final = lazy_compile(rb"""<[^"'>]*(?:"[^"]*"[^"'>]*|'[^']*'[^"'>]*)*>""")
_ATTRIBUTE: Final = lazy_compile(rb"""\s+([^\s=<>"'/]+)\s*=\s*("[^"]*"|'[^']*')""")
_EMBEDDED_IMAGE: Final = lazy_compile(r"data:image/(png|jpeg);base64,([A-Za-z0-9+/=\s]*)")
_FRAGMENT_URL: Final = lazy_compile(r"""(?i:url)\(\s*["']?#([^"')]*?)["']?\s*\)""")
_GRADIENTS: Final = frozenset({"linearGradient", "radialGradient"})
_IMAGE_CLEANERS: Final[Mapping[str, Callable[[bytes], tuple[bytes, tuple[str, ...]]]]] = {
    "png": clean_png,
    "jpeg": clean_jpeg,
}


class _SvgCleaner:
    """Expat handlers that validate a drawing in one pass.

    Attributes:
        removed_ranges: Bytes to cut out, as start and end, in no particular order.
        skip_depth: Depth inside of an element that is cut out; 0 outside.
        skip_start: Offset of that element.
        style_chunks: Text of the current `<style>` element; None outside.
        expansion: Counts what the drawing expands to.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.removed_ranges: list[tuple[int, int]] = []
        self.open_tags: list[str] = []
        self.element_count = 0
        self.skip_depth, self.skip_start = 0, 0
        self.style_chunks: list[str] | None = None
        self.expansion = ExpansionCounter()
        parser = expat.ParserCreate("utf-8", " ")
        parser.namespace_prefixes = True
        parser.ordered_attributes = True
        parser.buffer_text = True
        parser.XmlDeclHandler = self.on_xml_declaration
        parser.StartDoctypeDeclHandler = self.on_doctype
        parser.ProcessingInstructionHandler = self.on_processing_instruction
        parser.CommentHandler = self.on_comment
        parser.StartElementHandler = self.on_start_element
        parser.EndElementHandler = self.on_end_element
        parser.CharacterDataHandler = self.on_text
        parser.StartCdataSectionHandler = self.on_cdata_start
        self.parser = parser

    def make_error(self, message: str, hint: str = _PLAIN_SVG_HINT) -> UnsafeFileError:
        return UnsafeFileError(message, hint, self.parser.CurrentLineNumber)

    def on_xml_declaration(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if encoding and encoding.lower() not in {"utf-8", "us-ascii"}:
            raise self.make_error(f"the drawing says that it is {encoding}", "Save it as UTF-8.")

    def on_doctype(self, *_: object) -> None:
        raise self.make_error("the drawing has a DOCTYPE", "Take the line with '<!DOCTYPE' out.")

    def on_processing_instruction(self, target: str, _text: str) -> None:
        raise self.make_error(f"the drawing has an instruction for programs, <?{target}?>")

    def on_comment(self, _text: str) -> None:
        start = self.parser.CurrentByteIndex
        self.removed_ranges.append((start, self.data.index(b"-->", start) + 3))

    def on_cdata_start(self) -> None:
        if self.style_chunks is None and not self.skip_depth:
            raise self.make_error("the drawing has a CDATA part outside of <style>")

    def on_start_element(self, name: str, attributes: list[str]) -> None:
        self.element_count += 1
        if self.element_count > _MAX_ELEMENTS or len(self.open_tags) >= _MAX_DEPTH:
            raise self.make_error(
                "the drawing has too many parts, or parts that lie too deep in each other",
                f"At most {_MAX_ELEMENTS} parts, and {_MAX_DEPTH} in each other.",
            )
        namespace, tag = _split_name(name)
        self.open_tags.append(tag)
        self.count_part(tag, attributes)
        if self.skip_depth:
            self.skip_depth += 1
        elif namespace in _ACTIVE_NAMESPACES:
            raise self.make_error(f"the drawing holds <{tag}>, which is not of a drawing")
        elif namespace not in {"", SVG_NAMESPACE} or tag in STRIPPED_ELEMENTS:
            if len(self.open_tags) == 1:
                hint = f'Its first tag has to be <svg xmlns="{SVG_NAMESPACE}">.'
                raise self.make_error(f"the first tag is <{tag}>, not that of a drawing", hint)
            self.skip_depth, self.skip_start = 1, self.parser.CurrentByteIndex
        elif tag not in ALLOWED_ELEMENTS or (len(self.open_tags) == 1) != (tag == "svg"):
            raise self.make_error(f"a drawing may not hold <{tag}>")
        else:
            self.style_chunks = [] if tag == "style" else self.style_chunks
            self.check_attributes(tag, attributes)

    def count_part(self, tag: str, attributes: list[str]) -> None:
        """Count a part and what it refers to. Gradients are drawn at no cost."""
        values = dict(zip(attributes[::2], attributes[1::2], strict=True))
        references = [url for value in values.values() for url in _FRAGMENT_URL.findall(value)]
        references += [
            value[1:]
            for name, value in values.items()
            if _split_name(name)[1] == "href" and value.startswith("#") and tag != "a"
        ]
        self.expansion.open_part("" if tag in _GRADIENTS else values.get("id", ""), references)

    def on_end_element(self, _name: str) -> None:
        tag = self.open_tags.pop()
        self.expansion.close_part()
        if self.skip_depth:
            self.skip_depth -= 1
            if not self.skip_depth:
                start = self.parser.CurrentByteIndex
                end_tag = _TAG.match(self.data, start)
                self.removed_ranges.append((self.skip_start, end_tag.end() if end_tag else start))
        elif tag == "style" and self.style_chunks is not None:
            text, self.style_chunks = "".join(self.style_chunks), None
            self.check_style(text)
            self.expansion.style_references.update(_FRAGMENT_URL.findall(text))

    def on_text(self, text: str) -> None:
        if self.style_chunks is not None and not self.skip_depth:
            self.style_chunks.append(text)

    def check_style(self, text: str) -> None:
        if "<" in text or "@import" in text.lower() or re.search(r"\\[^\s\"']", text):
            raise self.make_error("the drawing has a style that hides or fetches something")
        try:
            check_css(text)
        except UnsafeFileError as error:
            raise self.make_error(error.message) from None
        for url in find_non_fragment_urls(text):
            raise self.make_error(f"the drawing's style asks for '{url[:80]}'")

    def check_attributes(self, tag: str, attributes: list[str]) -> None:
        start = self.parser.CurrentByteIndex
        unknown = set()
        for name, value in zip(attributes[::2], attributes[1::2], strict=True):
            namespace, local_name = _split_name(name)
            if namespace == "" and local_name.lower().startswith("on"):
                raise self.make_error(f"<{tag}> has script in it ('{local_name}')")
            if local_name == "href" and namespace in {"", XLINK_NAMESPACE}:
                self.check_link(tag, value)
            elif (
                namespace in {XML_NAMESPACE, XLINK_NAMESPACE, ""}
                and local_name in ALLOWED_ATTRIBUTES
                and local_name != "base"
            ):
                self.check_attribute_value(tag, local_name, value)
            elif not (namespace == "" and local_name.startswith("aria-")):
                unknown.add(_qualified_name(name))
        self.remove_attributes(start, unknown)

    def check_link(self, tag: str, value: str) -> None:
        embedded = _EMBEDDED_IMAGE.fullmatch(value) if tag in {"image", "feImage"} else None
        if embedded:
            try:
                data = base64.b64decode(re.sub(r"\s", "", embedded[2]), validate=True)
                clean = _IMAGE_CLEANERS[embedded[1]](data)[0]
            except (UnsafeFileError, binascii.Error) as error:
                raise self.make_error(f"the picture in the drawing is refused: {error}") from None
            if clean != data:
                raise self.make_error("the picture in the drawing has notes in it", "Remove it.")
        elif not value.startswith("#") and not (tag == "a" and _is_safe_link(value)):
            raise self.make_error(
                f"<{tag}> fetches '{value[:80]}'", "Draw it into the file itself."
            )

    def check_attribute_value(self, tag: str, name: str, value: str) -> None:
        if name == "style":
            self.check_style(value)
        elif name == "attributeName" and re.match(r"(?:xlink:)?href$|on|style$", value.strip()):
            raise self.make_error(f"<{tag}> moves '{value[:20]}', which can run script")
        elif "\\" in value or next(find_non_fragment_urls(value), None):
            raise self.make_error(f"<{tag}> asks for something outside of the drawing: '{name}'")

    def remove_attributes(self, start: int, names: set[str]) -> None:
        """Cut the named attributes out of the tag that starts at byte `start`."""
        tag = _TAG.match(self.data, start) if names else None
        for attribute in _ATTRIBUTE.finditer(self.data, start, tag.end()) if tag else ():
            if attribute[1].decode("utf-8", "replace") in names:
                self.removed_ranges.append(attribute.span())


def clean_svg(data: bytes) -> tuple[bytes, tuple[str, ...]]:
    """Validate a drawing; remove comments, metadata and what only drawing programs understand.

    Returns:
        The bytes to publish, and no disclosures.

    Raises:
        UnsafeFileError: The drawing is not well-formed XML in UTF-8, is too complex, has something
            that is not allowed, or could run or fetch something. The error names the line.
    """
    data = data.removeprefix(b"\xef\xbb\xbf")
    cleaner = _SvgCleaner(data)
    try:
        cleaner.parser.Parse(data, True)  # noqa: FBT003 - expat takes no keyword
    except expat.ExpatError as error:
        message = f"the drawing is not well-formed XML ({expat.ErrorString(error.code)})"
        raise UnsafeFileError(message, "Export it once more.", error.lineno) from None
    if cleaner.expansion.count() > MAX_EXPANDED_PARTS:
        message = "the drawing repeats parts in parts (<use>), which would take too long to draw"
        hint = f"It may have {MAX_EXPANDED_PARTS} parts, repeated ones counted each time."
        raise UnsafeFileError(message, hint, 1)
    chunks, offset = [], 0
    for start, end in sorted(cleaner.removed_ranges):
        if start >= offset:
            chunks.append(data[offset:start])
            offset = end
    return b"".join((*chunks, data[offset:])), ()


def clean_xml(data: bytes) -> tuple[bytes, tuple[str, ...]]:
    """Validate an XML file that is not a drawing.

    Returns:
        The same bytes without a byte order mark, and no disclosures.

    Raises:
        UnsafeFileError: The file is not well-formed XML in UTF-8, has a DOCTYPE or a processing
            instruction, or a browser could run something in it. The error names the line.
    """
    data = data.removeprefix(b"\xef\xbb\xbf")
    cleaner = _SvgCleaner(data)
    parser = cleaner.parser
    parser.CommentHandler = parser.CharacterDataHandler = None
    parser.EndElementHandler = parser.StartCdataSectionHandler = None

    def on_start_element(name: str, _attributes: list[str]) -> None:
        namespace, tag = _split_name(name)
        if namespace in _ACTIVE_NAMESPACES or namespace == SVG_NAMESPACE:
            raise cleaner.make_error(
                f"the file holds <{tag}>, which a browser could run", "Remove it."
            )

    parser.StartElementHandler = on_start_element
    try:
        parser.Parse(data, True)  # noqa: FBT003 - expat takes no keyword
    except expat.ExpatError as error:
        message = f"the file is not well-formed XML ({expat.ErrorString(error.code)})"
        raise UnsafeFileError(message, "Fix it at this line.", error.lineno) from None
    return data, ()


def _is_safe_link(href: str) -> bool:
    return bool(re.match(r"https?://[^/]", href)) or not is_external_url(href)


def _split_name(name: str) -> tuple[str, str]:
    """Return namespace and local name, from expat's `namespace name prefix` or `name`."""
    namespace, _, rest = name.partition(" ")
    return (namespace, rest.partition(" ")[0]) if rest else ("", namespace)


def _qualified_name(name: str) -> str:
    """Return an attribute's name as written in the file, from expat's form."""
    parts = name.split(" ")
    return f"{parts[2]}:{parts[1]}" if len(parts) == 3 else parts[-1]  # noqa: PLR2004
