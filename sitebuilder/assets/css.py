"""A style sheet in: what it would fetch, and from where."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from sitebuilder.assets.limits import UnsafeFileError
from sitebuilder.core.lazy_regex import lazy_compile

_TOKEN: Final = lazy_compile(
    r"""(?P<comment>/\*.*?(?:\*/|\Z))
    |(?P<string>"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?)
    |(?P<word>@?(?:[-\w]|[^\x00-\x7f]|\\(?:[0-9a-fA-F]{1,6}\s?|[^\n]))+\(?)""",
    re.DOTALL | re.VERBOSE,
)
_UNQUOTED_URL: Final = lazy_compile(
    r"\s*([^\s\"'()\\]*(?:\\.[^\s\"'()\\]*)*)\s*(?:\)|\Z)|\s*(?=[\"'])"
)
_ESCAPE: Final = lazy_compile(r"\\(?:([0-9a-fA-F]{1,6})\s?|(\n)|(.))", re.DOTALL)
_XML_NAMESPACE: Final = lazy_compile(r"http://www\.w3\.org/\d{4}/[\w/]+")
_EXTERNAL_URL: Final = lazy_compile(r"[a-z][a-z0-9+.-]*:|[\\/]\s*[\\/]", re.IGNORECASE)
_EXTERNAL_URL_STRING: Final = lazy_compile(
    r"(?:https?|ftp|wss?|file|javascript|vbscript):|[\\/]\s*[\\/]", re.IGNORECASE
)
_SAFE_DATA_URL: Final = lazy_compile(
    r"data:(?:image/(?:png|jpeg|gif|webp|avif|svg\+xml)|font/)", re.IGNORECASE
)
_SCRIPT_FEATURES: Final = frozenset({"expression(", "-moz-binding", "behavior"})


def check_css(css: str) -> None:
    """Refused: the sheet would fetch something from another site, or run something.

    All strings count as addresses if they look like one of another site: that catches `@import`,
    `image-set()` and whatever comes after them.
    """
    for found in _TOKEN.finditer(css):
        try:
            _check_token(css, found)
        except UnsafeFileError as refused:
            refused.line = css.count("\n", 0, found.start()) + 1
            raise


def _check_token(css: str, match: re.Match[str]) -> None:
    if match["string"]:
        target = _decode_escapes(match["string"].strip("\"'"))
        if _EXTERNAL_URL_STRING.match(_normalize_url(target)):
            _check_url(target)
    elif match["word"]:
        word = _decode_escapes(match["word"]).lower()
        if word in _SCRIPT_FEATURES:
            raise UnsafeFileError(f"the style can run script ('{word}')", "Take it out.")
        if word == "url(":
            bare = _UNQUOTED_URL.match(css, match.end())
            if bare is None:
                raise UnsafeFileError(
                    "the style has an address that cannot be read", "Put it in quotes."
                )
            _check_url(_decode_escapes(bare[1] or ""))


def find_non_fragment_urls(text: str) -> Iterator[str]:
    """The `url()`s in a short piece of style that do not name a part of the same drawing."""
    for target in re.findall(r"url\(\s*['\"]?([^)]*)", _decode_escapes(text), re.IGNORECASE):
        if not target.startswith("#"):
            yield target


def is_external_url(url: str) -> bool:
    """Whether a browser would go to another site, or run something, for this address."""
    return bool(_EXTERNAL_URL.match(_normalize_url(url)))


def _normalize_url(url: str) -> str:
    """An address as browsers take it: without control characters, and spaces in front."""
    return re.sub(r"[\x00-\x1f]", "", url).lstrip()


def _check_url(url: str) -> None:
    if is_external_url(url) and not _SAFE_DATA_URL.match(url) and not _XML_NAMESPACE.fullmatch(url):
        hint = "Put the file into this site, and name it by its path."
        raise UnsafeFileError(f"the style asks for '{url[:80]}', which is not of this site", hint)


def _decode_escapes(text: str) -> str:
    """The text without escapes, as a browser reads it."""
    return _ESCAPE.sub(_decode_escape, text) if "\\" in text else text


def _decode_escape(match: re.Match[str]) -> str:
    code, end, sign = match.groups()
    if code:
        return chr(int(code, 16)) if 0 < int(code, 16) < 0x110000 else "\ufffd"  # noqa: PLR2004
    return "" if end else sign
