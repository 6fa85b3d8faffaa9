"""Allowlists of HTML elements and attributes, and the audit of a single tag against them.

Elements that are not listed, such as frames, are refused, and so are script files and anything that
a browser would fetch from another site. So a template cannot bring in a tracker.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from html import unescape
from typing import Final

import msgspec

from sitebuilder.assets.css import find_non_fragment_urls, is_external_url
from sitebuilder.assets.svg_allowlist import ALLOWED_ELEMENTS as ALLOWED_SVG_ELEMENTS

VOID_ELEMENTS: Final = frozenset("area br col hr img input link meta source track wbr".split())
RAW_TEXT_ELEMENTS: Final = frozenset({"script", "style", "title", "textarea"})
"""Elements whose content browsers read as text up to the end tag."""

_COUNTED_ELEMENTS: Final = frozenset({"html", *(f"h{level}" for level in range(10))})
"""Elements that the audit of a page counts, besides `RAW_TEXT_ELEMENTS`."""

_SVG_ELEMENTS: Final = frozenset(name.lower() for name in ALLOWED_SVG_ELEMENTS)
_ALLOWED_ELEMENTS: Final = _SVG_ELEMENTS | frozenset(
    """
    html head meta title link style script body header nav main footer section article aside search
    address hgroup h1 h2 h3 h4 h5 h6 div p hr pre blockquote ul ol li dl dt dd menu figure
    figcaption a span b strong i em u s small sub sup code kbd samp var mark q
    cite abbr dfn time data ins del br wbr bdi bdo ruby rt rp img picture source audio
    video track map area
    table caption colgroup col thead tbody tfoot tr td th details summary dialog
    form fieldset legend label input button select option optgroup datalist textarea output
    progress meter
    """.split()
)
_FETCHING_ATTRIBUTES: Final = frozenset(
    "src srcset imagesrcset poster data background href xlink:href action".split()
)
_FORBIDDEN_ATTRIBUTES: Final = frozenset(
    "style srcdoc formaction ping manifest codebase archive classid".split()
)
_LINK_ELEMENTS: Final = frozenset({"a", "area"})
_UNSAFE_SCHEME: Final = re.compile(r"(?!https?:|mailto:|tel:)[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_CONTROL_OR_SPACE: Final = re.compile(r"[\x00-\x20]+")
_UNFETCHED_LINK_TYPES: Final = frozenset(
    "canonical alternate author license help search prev next me".split()
)
"""Values of `rel` with which a `<link>` may name another site: browsers fetch none of them."""
_ALLOWED_HTTP_EQUIV: Final = frozenset(
    {"", "content-security-policy", "content-type", "x-ua-compatible"}
)

_PLAIN_TAG: Final = re.compile(
    r"""([a-zA-Z][a-zA-Z0-9-]*)((?:[ \t\n]+[a-zA-Z][a-zA-Z0-9:_-]*(?:="[^"<>]*")?)*)[ \t\n]*(/?)"""
)
_ATTRIBUTE: Final = re.compile(r'([a-zA-Z][a-zA-Z0-9:_-]*)(?:="([^"]*)")?')

Attributes = Sequence[tuple[str, str | None]]


class Tag(msgspec.Struct, frozen=True):
    """An audited start or end tag.

    Attributes:
        closed: Whether no end tag follows: for void elements, tags with `/>`, and end tags.
        form_errors: Messages about its form.
        safety_errors: Messages about what it would run or fetch.
        is_script: Whether it runs script. Data in a `<script>` does not count.
        needs_audit: Whether the audit of the page must do more than track open elements.
        is_end: Whether it is an end tag, which has nothing but a name.
    """

    name: str
    closed: bool = True
    id: str = ""
    lang: str = ""
    form_errors: tuple[str, ...] = ()
    safety_errors: tuple[str, ...] = ()
    is_script: bool = False
    needs_audit: bool = False
    is_end: bool = False


_SAFE_TAG: Final = re.compile(
    r'(?P<a>a(?: class="[a-z -]*")?(?: rel="[a-z]*")? href="[/a-z0-9._#-]*")'
    r'|(?P<meta>meta (?:name|property)="[a-z:_-]*" content="[^"<>(&]*")'
    r'|(?P<link>link rel="canonical" href="[^"<>(&]*")'
)
"""Links without a scheme, metadata without `url(`, and the canonical link.

Nothing can be wrong with these. They differ from page to page, so a cache would not help.
"""

_SAFE_TAGS: Final = {"a": Tag("a", closed=False), "meta": Tag("meta"), "link": Tag("link")}


@lru_cache(maxsize=16_384)
def parse_plain_tag(text: str) -> Tag | None:
    """Parse and audit a plain tag, which every parser reads alike.

    Its attribute values are in double quotes, and no attribute occurs twice.

    Results are cached, since the same tags occur on many pages.

    Args:
        text: The source of the tag between `<` and `>`.

    Returns:
        The tag, or None if it is not plain.
    """
    if text[:1] == "/":
        name = text[1:].lower()
        return Tag(name, is_end=True) if name.isalnum() and name.isascii() else None
    safe = _SAFE_TAG.fullmatch(text)
    if safe:
        return _SAFE_TAGS[safe.lastgroup or ""]
    match = _PLAIN_TAG.fullmatch(text)
    if match is None:
        return None
    attributes = [(name.lower(), unescape(value)) for name, value in _ATTRIBUTE.findall(match[2])]
    if len({name for name, _ in attributes}) < len(attributes):
        return None
    return audit_tag(match[1].lower(), attributes, closed=bool(match[3]))


def audit_tag(name: str, attributes: Attributes, *, closed: bool) -> Tag:
    """Audit a start tag.

    Args:
        name: Name of the element, in lower case.
        attributes: Names in lower case, and unescaped values; None for a name without a value.
        closed: Whether the tag was written with `/>`.
    """
    values = {key: value or "" for key, value in attributes}
    fetching = values
    if name == "link" and _UNFETCHED_LINK_TYPES.issuperset(
        values.get("rel", "fetch").lower().split()
    ):
        fetching = {key: value for key, value in values.items() if key != "href"}
    form_errors = []
    if name == "img" and "alt" not in values:
        form_errors.append(f"the picture {values.get('src')} has no text for 'alt'")
    if not all(map(_is_attribute_name, values)):
        form_errors.append(f"<{name}> has a loose quote among its attributes")
    if closed and name not in VOID_ELEMENTS and name not in _SVG_ELEMENTS:
        form_errors.append(f"<{name}/> does not close itself")
    safety_errors = tuple(_find_safety_errors(name, fetching))
    return Tag(
        name,
        closed or name in VOID_ELEMENTS,
        values.get("id", ""),
        values.get("lang", ""),
        tuple(form_errors),
        safety_errors,
        name == "script" and values.get("type") != "application/ld+json",
        needs_audit=bool(
            form_errors
            or safety_errors
            or values.get("id")
            or name in RAW_TEXT_ELEMENTS
            or name in _COUNTED_ELEMENTS
        ),
    )


@lru_cache(maxsize=256)
def _is_attribute_name(name: str) -> bool:
    return name.replace("-", "").replace(":", "").replace("_", "").isalnum()


def _find_safety_errors(name: str, values: dict[str, str]) -> Iterator[str]:
    if name not in _ALLOWED_ELEMENTS:
        yield f"<{name}> may not stand in a page"
    for key, value in values.items():
        if key.startswith("on") or key in _FORBIDDEN_ATTRIBUTES:
            yield f"<{name}> has the attribute '{key}', which the page's policy forbids"
        elif key == "href" and name in _LINK_ELEMENTS:
            if _UNSAFE_SCHEME.match(_CONTROL_OR_SPACE.sub("", value)):
                yield f"<{name}> leads to '{value[:80]}', which is no page"
        elif _fetches_external(key, value):
            yield f"<{name}> asks for '{value[:80]}', which is not of this site"
    if name == "script" and "src" in values:
        yield f"<script> takes script from the file '{values['src'][:80]}'"
    http_equiv = values.get("http-equiv", "").lower() if name == "meta" else ""
    if http_equiv == "refresh":
        yield meta_refresh_error(values.get("content", ""))
    elif http_equiv not in _ALLOWED_HTTP_EQUIV:
        yield f"<meta> acts as the header '{http_equiv[:80]}'"


def meta_refresh_error(content: str) -> str:
    """Return the message for a `<meta>` that redirects, which only a redirect page may have."""
    return f"<meta> leads readers on: '{content}'"


def _fetches_external(key: str, value: str) -> bool:
    """Whether this attribute makes a browser fetch something from another site."""
    if key in _FETCHING_ATTRIBUTES:
        return any(map(is_external_url, value.split(",") if "srcset" in key else [value]))
    return "url(" in value.lower() and any(map(is_external_url, find_non_fragment_urls(value)))
