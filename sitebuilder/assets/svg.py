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

from sitebuilder.assets.css import check_css, is_elsewhere, targets_elsewhere
from sitebuilder.assets.jpeg import clean_jpeg
from sitebuilder.assets.limits import Refused
from sitebuilder.assets.png import clean_png
from sitebuilder.assets.svg_allowlist import ATTRIBUTES, ELEMENTS, NOTES
from sitebuilder.core.lazy_regex import lazy_compile

SVG: Final = "http://www.w3.org/2000/svg"
XLINK: Final = "http://www.w3.org/1999/xlink"
XML: Final = "http://www.w3.org/XML/1998/namespace"
_RUNS: Final = frozenset(
    f"http://www.w3.org/{name}"
    for name in ("1999/xhtml", "1998/Math/MathML", "1999/XSL/Transform", "2001/xml-events")
)
_MOST_DEEP: Final = 64
_MOST_PARTS: Final = 50_000
_PLAIN: Final = "Export it as 'plain SVG', or take that line out."
_TAG: Final = lazy_compile(rb"""<[^"'>]*(?:"[^"]*"[^"'>]*|'[^']*'[^"'>]*)*>""")
_ATTRIBUTE: Final = lazy_compile(rb"""\s+([^\s=<>"'/]+)\s*=\s*("[^"]*"|'[^']*')""")
_PICTURE: Final = lazy_compile(r"data:image/(png|jpeg);base64,([A-Za-z0-9+/=\s]*)")
_CLEANERS: Final[Mapping[str, Callable[[bytes], tuple[bytes, tuple[str, ...]]]]] = {
    "png": clean_png,
    "jpeg": clean_jpeg,
}


class _Reader:
    """Walks a drawing once. `cuts` are the parts to leave out, as first byte and end."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.cuts: list[tuple[int, int]] = []
        self.open: list[str] = []
        self.parts = 0
        self.skipping, self.since = 0, 0
        self.style: list[str] | None = None
        self.cdata = 0
        parser = expat.ParserCreate("utf-8", " ")
        parser.namespace_prefixes = True
        parser.ordered_attributes = True
        parser.buffer_text = True
        parser.XmlDeclHandler = self.declared
        parser.StartDoctypeDeclHandler = self.refuse_doctype
        parser.ProcessingInstructionHandler = self.refuse_instruction
        parser.CommentHandler = self.cut_comment
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.characters
        parser.StartCdataSectionHandler = self.start_cdata
        self.parser = parser

    def refuse(self, message: str, hint: str = _PLAIN) -> Refused:
        return Refused(message, hint, self.parser.CurrentLineNumber)

    def declared(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if encoding and encoding.lower() not in {"utf-8", "us-ascii"}:
            raise self.refuse(f"the drawing says that it is {encoding}", "Save it as UTF-8.")

    def refuse_doctype(self, *_: object) -> None:
        raise self.refuse("the drawing has a DOCTYPE", "Take the line with '<!DOCTYPE' out.")

    def refuse_instruction(self, target: str, _text: str) -> None:
        raise self.refuse(f"the drawing has an instruction for programs, <?{target}?>")

    def cut_comment(self, _text: str) -> None:
        start = self.parser.CurrentByteIndex
        self.cuts.append((start, self.data.index(b"-->", start) + 3))

    def start_cdata(self) -> None:
        if self.style is None and not self.skipping:
            raise self.refuse("the drawing has a CDATA part outside of <style>")

    def start(self, name: str, attributes: list[str]) -> None:
        self.parts += 1
        if self.parts > _MOST_PARTS or len(self.open) >= _MOST_DEEP:
            raise self.refuse(
                "the drawing has too many parts, or parts that lie too deep in each other",
                f"At most {_MOST_PARTS} parts, and {_MOST_DEEP} in each other.",
            )
        space, tag = _named(name)
        self.open.append(tag)
        if self.skipping:
            self.skipping += 1
        elif space in _RUNS:
            raise self.refuse(f"the drawing holds <{tag}>, which is not of a drawing")
        elif space not in {"", SVG} or tag in NOTES:
            if len(self.open) == 1:
                hint = f'Its first tag has to be <svg xmlns="{SVG}">.'
                raise self.refuse(f"the first tag is <{tag}>, not that of a drawing", hint)
            self.skipping, self.since = 1, self.parser.CurrentByteIndex
        elif tag not in ELEMENTS or (len(self.open) == 1) != (tag == "svg"):
            raise self.refuse(f"a drawing may not hold <{tag}>")
        else:
            self.style = [] if tag == "style" else self.style
            self.check_attributes(tag, attributes)

    def end(self, _name: str) -> None:
        tag = self.open.pop()
        if self.skipping:
            self.skipping -= 1
            if not self.skipping:
                at = self.parser.CurrentByteIndex
                found = _TAG.match(self.data, at)
                self.cuts.append((self.since, found.end() if found else at))
        elif tag == "style" and self.style is not None:
            text, self.style = "".join(self.style), None
            self.check_style(text)

    def characters(self, text: str) -> None:
        if self.style is not None and not self.skipping:
            self.style.append(text)

    def check_style(self, text: str) -> None:
        if "<" in text or "@import" in text.lower() or re.search(r"\\[^\s\"']", text):
            raise self.refuse("the drawing has a style that hides or fetches something")
        try:
            check_css(text)
        except Refused as refused:
            raise self.refuse(refused.message) from None
        for target in targets_elsewhere(text):
            raise self.refuse(f"the drawing's style asks for '{target[:80]}'")

    def check_attributes(self, tag: str, attributes: list[str]) -> None:
        start = self.parser.CurrentByteIndex
        foreign = set()
        for name, value in zip(attributes[::2], attributes[1::2], strict=True):
            space, plain = _named(name)
            if space == "" and plain.lower().startswith("on"):
                raise self.refuse(f"<{tag}> has script in it ('{plain}')")
            if plain == "href" and space in {"", XLINK}:
                self.check_link(tag, value)
            elif space in {XML, XLINK, ""} and plain in ATTRIBUTES and plain != "base":
                self.check_value(tag, plain, value)
            elif not (space == "" and plain.startswith("aria-")):
                foreign.add(_written(name))
        self.cut_attributes(start, foreign)

    def check_link(self, tag: str, value: str) -> None:
        picture = _PICTURE.fullmatch(value) if tag in {"image", "feImage"} else None
        if picture:
            try:
                inside = base64.b64decode(re.sub(r"\s", "", picture[2]), validate=True)
                clean = _CLEANERS[picture[1]](inside)[0]
            except (Refused, binascii.Error) as error:
                raise self.refuse(f"the picture in the drawing is refused: {error}") from None
            if clean != inside:
                raise self.refuse("the picture in the drawing has notes in it", "Take it out.")
        elif not value.startswith("#") and not (tag == "a" and _is_link(value)):
            raise self.refuse(f"<{tag}> fetches '{value[:80]}'", "Draw it into the file itself.")

    def check_value(self, tag: str, name: str, value: str) -> None:
        if name == "style":
            self.check_style(value)
        elif name == "attributeName" and re.match(r"(?:xlink:)?href$|on|style$", value.strip()):
            raise self.refuse(f"<{tag}> moves '{value[:20]}', which can run script")
        elif "\\" in value or next(targets_elsewhere(value), None):
            raise self.refuse(f"<{tag}> asks for something outside of the drawing: '{name}'")

    def cut_attributes(self, start: int, foreign: set[str]) -> None:
        """Cut attributes that no browser knows out of the tag that starts here."""
        found = _TAG.match(self.data, start) if foreign else None
        for attribute in _ATTRIBUTE.finditer(self.data, start, found.end()) if found else ():
            if attribute[1].decode("utf-8", "replace") in foreign:
                self.cuts.append(attribute.span())


def clean_svg(data: bytes) -> tuple[bytes, tuple[str, ...]]:
    """The bytes to publish. Refused, with a line: it is broken, or could run or fetch something."""
    data = data.removeprefix(b"\xef\xbb\xbf")
    reader = _Reader(data)
    try:
        reader.parser.Parse(data, True)  # noqa: FBT003 - as expat has it
    except expat.ExpatError as error:
        message = f"the drawing is not well-formed XML ({expat.ErrorString(error.code)})"
        raise Refused(message, "Export it once more.", error.lineno) from None
    kept, at = [], 0
    for start, end in sorted(reader.cuts):
        if start >= at:
            kept.append(data[at:start])
            at = end
    return b"".join((*kept, data[at:])), ()


def clean_xml(data: bytes) -> tuple[bytes, tuple[str, ...]]:
    """The same bytes. Refused: it is no XML, or a browser could run something in it."""
    data = data.removeprefix(b"\xef\xbb\xbf")
    reader = _Reader(data)
    parser = reader.parser
    parser.CommentHandler = parser.CharacterDataHandler = None
    parser.EndElementHandler = parser.StartCdataSectionHandler = None

    def start(name: str, _attributes: list[str]) -> None:
        space, tag = _named(name)
        if space in _RUNS or space == SVG:
            raise reader.refuse(
                f"the file holds <{tag}>, which a browser could run", "Take it out."
            )

    parser.StartElementHandler = start
    try:
        parser.Parse(data, True)  # noqa: FBT003 - as expat has it
    except expat.ExpatError as error:
        message = f"the file is not well-formed XML ({expat.ErrorString(error.code)})"
        raise Refused(message, "Mend it at this line.", error.lineno) from None
    return data, ()


def _is_link(value: str) -> bool:
    return bool(re.match(r"https?://[^/]", value)) or not is_elsewhere(value)


def _named(name: str) -> tuple[str, str]:
    """Space and plain name, of what expat gives: `space name prefix`, or `name` alone."""
    space, _, rest = name.partition(" ")
    return (space, rest.partition(" ")[0]) if rest else ("", space)


def _written(name: str) -> str:
    """An attribute's name as it stands in the file."""
    parts = name.split(" ")
    return f"{parts[2]}:{parts[1]}" if len(parts) == 3 else parts[-1]  # noqa: PLR2004
