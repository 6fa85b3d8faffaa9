"""One tag of a finished page in, what may be wrong with it out.

What is not on these lists may not stand in a page at all: no frame, no script from a file, nothing
that a browser would fetch from another site. So a template can bring in no tracker.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from html import unescape
from typing import Final

import msgspec

from sitebuilder.assets.css import find_non_fragment_urls, is_external_url
from sitebuilder.assets.svg_allowlist import ALLOWED_ELEMENTS as DRAWN

VOID_ELEMENTS: Final = frozenset("area br col hr img input link meta source track wbr".split())
RAW_TEXT_ELEMENTS: Final = frozenset({"script", "style", "title", "textarea"})
"""What browsers read as text up to its end tag, whatever stands in it."""

_COUNTED_ELEMENTS: Final = frozenset({"html", *(f"h{level}" for level in range(10))})
"""Elements that are counted, with those of RAW."""

_SVG_ELEMENTS: Final = frozenset(name.lower() for name in DRAWN)
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
"""What a `<link>` may name on another site: browsers fetch none of it."""
_ALLOWED_HTTP_EQUIV: Final = frozenset(
    {"", "content-security-policy", "content-type", "x-ua-compatible"}
)

_PLAIN_TAG: Final = re.compile(
    r"""([a-zA-Z][a-zA-Z0-9-]*)((?:[ \t\n]+[a-zA-Z][a-zA-Z0-9:_-]*(?:="[^"<>]*")?)*)[ \t\n]*(/?)"""
)
_ATTRIBUTE: Final = re.compile(r'([a-zA-Z][a-zA-Z0-9:_-]*)(?:="([^"]*)")?')

Attributes = Sequence[tuple[str, str | None]]


class Tag(msgspec.Struct, frozen=True):
    """A tag. `said`: what is wrong with its form; `unsafe`: what it would run or fetch.

    `ends`: it is an end tag, and has a name only. `noted`: there is more to it than that it opens.
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
"""A link without a scheme; what a page says of itself, with no `url(`; its own address.

Nothing can be wrong with these, and they are not the same on two pages.
"""

_SAFE_TAGS: Final = {"a": Tag("a", closed=False), "meta": Tag("meta"), "link": Tag("link")}


@lru_cache(maxsize=16_384)
def parse_plain_tag(text: str) -> Tag | None:
    """A tag, from what stands between `<` and `>`. None: it is not written plainly.

    Plainly: in double quotes, and so that every parser reads it alike. The same tags stand on many
    pages, so what was found is remembered.
    """
    if text[:1] == "/":
        name = text[1:].lower()
        return Tag(name, is_end=True) if name.isalnum() and name.isascii() else None
    own = _SAFE_TAG.fullmatch(text)
    if own:
        return _SAFE_TAGS[own.lastgroup or ""]
    found = _PLAIN_TAG.fullmatch(text)
    if found is None:
        return None
    attributes = [(name.lower(), unescape(v)) for name, v in _ATTRIBUTE.findall(found[2])]
    if len({name for name, _ in attributes}) < len(attributes):
        return None
    return audit_tag(found[1].lower(), attributes, closed=bool(found[3]))


def audit_tag(name: str, attributes: Attributes, *, closed: bool) -> Tag:
    """A start tag, and what is wrong with it. `closed`: it was written with `/>`."""
    values = {key: value or "" for key, value in attributes}
    fetching = values
    if name == "link" and _UNFETCHED_LINK_TYPES.issuperset(
        values.get("rel", "fetch").lower().split()
    ):
        fetching = {key: value for key, value in values.items() if key != "href"}
    said = []
    if name == "img" and "alt" not in values:
        said.append(f"the picture {values.get('src')} has no text for 'alt'")
    if not all(map(_is_attribute_name, values)):
        said.append(f"<{name}> has a loose quote among its attributes")
    if closed and name not in VOID_ELEMENTS and name not in _SVG_ELEMENTS:
        said.append(f"<{name}/> does not close itself")
    unsafe = tuple(_find_safety_errors(name, fetching))
    return Tag(
        name,
        closed or name in VOID_ELEMENTS,
        values.get("id", ""),
        values.get("lang", ""),
        tuple(said),
        unsafe,
        name == "script" and values.get("type") != "application/ld+json",
        needs_audit=bool(
            said
            or unsafe
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
    acts = values.get("http-equiv", "").lower() if name == "meta" else ""
    if acts == "refresh":
        yield meta_refresh_error(values.get("content", ""))
    elif acts not in _ALLOWED_HTTP_EQUIV:
        yield f"<meta> acts as the header '{acts[:80]}'"


def meta_refresh_error(content: str) -> str:
    """What is said of a `<meta>` that sends readers on. Only a page that has moved may have it."""
    return f"<meta> leads readers on: '{content}'"


def _fetches_external(key: str, value: str) -> bool:
    """Whether a browser would fetch something of another site for this attribute."""
    if key in _FETCHING_ATTRIBUTES:
        return any(map(is_external_url, value.split(",") if "srcset" in key else [value]))
    return "url(" in value.lower() and any(map(is_external_url, find_non_fragment_urls(value)))
