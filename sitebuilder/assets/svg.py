"""An SVG drawing in, the same without notes, hidden parts and foreign words out.

Read as strict XML by expat, against lists of what a drawing may hold. What could run or fetch is
refused at its line. What only an editor program understands is cut out: it often holds names of
people and folders. All else stays as it is, byte for byte.
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
_IMAGE_CLEANERS: Final[Mapping[str, Callable[[bytes], tuple[bytes, tuple[str, ...]]]]] = {
    "png": clean_png,
    "jpeg": clean_jpeg,
}


class _SvgCleaner:
    """Walks a drawing once. `cuts` are the parts to leave out, as first byte and end."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.removed_ranges: list[tuple[int, int]] = []
        self.open_tags: list[str] = []
        self.element_count = 0
        self.skip_depth, self.skip_start = 0, 0
        self.style_chunks: list[str] | None = None
        self.cdata = 0
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
        space, tag = _split_name(name)
        self.open_tags.append(tag)
        if self.skip_depth:
            self.skip_depth += 1
        elif space in _ACTIVE_NAMESPACES:
            raise self.make_error(f"the drawing holds <{tag}>, which is not of a drawing")
        elif space not in {"", SVG_NAMESPACE} or tag in STRIPPED_ELEMENTS:
            if len(self.open_tags) == 1:
                hint = f'Its first tag has to be <svg xmlns="{SVG_NAMESPACE}">.'
                raise self.make_error(f"the first tag is <{tag}>, not that of a drawing", hint)
            self.skip_depth, self.skip_start = 1, self.parser.CurrentByteIndex
        elif tag not in ALLOWED_ELEMENTS or (len(self.open_tags) == 1) != (tag == "svg"):
            raise self.make_error(f"a drawing may not hold <{tag}>")
        else:
            self.style_chunks = [] if tag == "style" else self.style_chunks
            self.check_attributes(tag, attributes)

    def on_end_element(self, _name: str) -> None:
        tag = self.open_tags.pop()
        if self.skip_depth:
            self.skip_depth -= 1
            if not self.skip_depth:
                at = self.parser.CurrentByteIndex
                found = _TAG.match(self.data, at)
                self.removed_ranges.append((self.skip_start, found.end() if found else at))
        elif tag == "style" and self.style_chunks is not None:
            text, self.style_chunks = "".join(self.style_chunks), None
            self.check_style(text)

    def on_text(self, text: str) -> None:
        if self.style_chunks is not None and not self.skip_depth:
            self.style_chunks.append(text)

    def check_style(self, text: str) -> None:
        if "<" in text or "@import" in text.lower() or re.search(r"\\[^\s\"']", text):
            raise self.make_error("the drawing has a style that hides or fetches something")
        try:
            check_css(text)
        except UnsafeFileError as refused:
            raise self.make_error(refused.message) from None
        for target in find_non_fragment_urls(text):
            raise self.make_error(f"the drawing's style asks for '{target[:80]}'")

    def check_attributes(self, tag: str, attributes: list[str]) -> None:
        start = self.parser.CurrentByteIndex
        foreign = set()
        for name, value in zip(attributes[::2], attributes[1::2], strict=True):
            space, plain = _split_name(name)
            if space == "" and plain.lower().startswith("on"):
                raise self.make_error(f"<{tag}> has script in it ('{plain}')")
            if plain == "href" and space in {"", XLINK_NAMESPACE}:
                self.check_link(tag, value)
            elif (
                space in {XML_NAMESPACE, XLINK_NAMESPACE, ""}
                and plain in ALLOWED_ATTRIBUTES
                and plain != "base"
            ):
                self.check_attribute_value(tag, plain, value)
            elif not (space == "" and plain.startswith("aria-")):
                foreign.add(_qualified_name(name))
        self.remove_attributes(start, foreign)

    def check_link(self, tag: str, value: str) -> None:
        picture = _EMBEDDED_IMAGE.fullmatch(value) if tag in {"image", "feImage"} else None
        if picture:
            try:
                inside = base64.b64decode(re.sub(r"\s", "", picture[2]), validate=True)
                clean = _IMAGE_CLEANERS[picture[1]](inside)[0]
            except (UnsafeFileError, binascii.Error) as error:
                raise self.make_error(f"the picture in the drawing is refused: {error}") from None
            if clean != inside:
                raise self.make_error("the picture in the drawing has notes in it", "Take it out.")
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
        """Cut attributes that no browser knows out of the tag that starts here."""
        found = _TAG.match(self.data, start) if names else None
        for attribute in _ATTRIBUTE.finditer(self.data, start, found.end()) if found else ():
            if attribute[1].decode("utf-8", "replace") in names:
                self.removed_ranges.append(attribute.span())


def clean_svg(data: bytes) -> tuple[bytes, tuple[str, ...]]:
    """The bytes to publish. Refused, with a line: it is broken, or could run or fetch something."""
    data = data.removeprefix(b"\xef\xbb\xbf")
    reader = _SvgCleaner(data)
    try:
        reader.parser.Parse(data, True)  # noqa: FBT003 - as expat has it
    except expat.ExpatError as error:
        message = f"the drawing is not well-formed XML ({expat.ErrorString(error.code)})"
        raise UnsafeFileError(message, "Export it once more.", error.lineno) from None
    kept, at = [], 0
    for start, end in sorted(reader.removed_ranges):
        if start >= at:
            kept.append(data[at:start])
            at = end
    return b"".join((*kept, data[at:])), ()


def clean_xml(data: bytes) -> tuple[bytes, tuple[str, ...]]:
    """The same bytes. Refused: it is no XML, or a browser could run something in it."""
    data = data.removeprefix(b"\xef\xbb\xbf")
    reader = _SvgCleaner(data)
    parser = reader.parser
    parser.CommentHandler = parser.CharacterDataHandler = None
    parser.EndElementHandler = parser.StartCdataSectionHandler = None

    def start(name: str, _attributes: list[str]) -> None:
        space, tag = _split_name(name)
        if space in _ACTIVE_NAMESPACES or space == SVG_NAMESPACE:
            raise reader.make_error(
                f"the file holds <{tag}>, which a browser could run", "Take it out."
            )

    parser.StartElementHandler = start
    try:
        parser.Parse(data, True)  # noqa: FBT003 - as expat has it
    except expat.ExpatError as error:
        message = f"the file is not well-formed XML ({expat.ErrorString(error.code)})"
        raise UnsafeFileError(message, "Mend it at this line.", error.lineno) from None
    return data, ()


def _is_safe_link(href: str) -> bool:
    return bool(re.match(r"https?://[^/]", href)) or not is_external_url(href)


def _split_name(name: str) -> tuple[str, str]:
    """Space and plain name, of what expat gives: `space name prefix`, or `name` alone."""
    space, _, rest = name.partition(" ")
    return (space, rest.partition(" ")[0]) if rest else ("", space)


def _qualified_name(name: str) -> str:
    """An attribute's name as it stands in the file."""
    parts = name.split(" ")
    return f"{parts[2]}:{parts[1]}" if len(parts) == 3 else parts[-1]  # noqa: PLR2004
