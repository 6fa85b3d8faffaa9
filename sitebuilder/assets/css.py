"""Refuse style sheets that fetch from other sites or run script."""

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
    """Check that a style sheet neither fetches from another site nor runs script.

    Every string that looks like the URL of another site counts as one, except an XML namespace:
    that covers `@import`, `image-set()`, and functions that CSS may get later.

    Raises:
        UnsafeFileError: It does, or a `url()` cannot be parsed. The error has the line of the
            first unsafe token.
    """
    for match in _TOKEN.finditer(css):
        try:
            _check_token(css, match)
        except UnsafeFileError as error:
            error.line = css.count("\n", 0, match.start()) + 1
            raise


def _check_token(css: str, match: re.Match[str]) -> None:
    if match["string"]:
        url = _decode_escapes(match["string"].strip("\"'"))
        if _EXTERNAL_URL_STRING.match(_normalize_url(url)):
            _check_url(url)
    elif match["word"]:
        word = _decode_escapes(match["word"]).lower()
        if word in _SCRIPT_FEATURES:
            raise UnsafeFileError(f"the style can run script ('{word}')", "Remove it.")
        if word == "url(":
            unquoted = _UNQUOTED_URL.match(css, match.end())
            if unquoted is None:
                raise UnsafeFileError(
                    "the style has an address that cannot be read", "Put it in quotes."
                )
            _check_url(_decode_escapes(unquoted[1] or ""))


def find_non_fragment_urls(text: str) -> Iterator[str]:
    """Yield the targets of `url()` that are not fragments of the same drawing."""
    for url in re.findall(r"url\(\s*['\"]?([^)]*)", _decode_escapes(text), re.IGNORECASE):
        if not url.startswith("#"):
            yield url


def is_external_url(url: str) -> bool:
    """Return whether a URL has a scheme or names a host: it may leave the site or run script."""
    return bool(_EXTERNAL_URL.match(_normalize_url(url)))


def _normalize_url(url: str) -> str:
    """Drop control characters and leading spaces, as browsers do."""
    return re.sub(r"[\x00-\x1f]", "", url).lstrip()


def _check_url(url: str) -> None:
    if is_external_url(url) and not _SAFE_DATA_URL.match(url) and not _XML_NAMESPACE.fullmatch(url):
        hint = "Put the file into this site, and name it by its path."
        raise UnsafeFileError(f"the style asks for '{url[:80]}', which is not of this site", hint)


def _decode_escapes(text: str) -> str:
    """Decode CSS escapes as a browser does."""
    return _ESCAPE.sub(_decode_escape, text) if "\\" in text else text


def _decode_escape(match: re.Match[str]) -> str:
    code, line_break, character = match.groups()
    if code:
        return chr(int(code, 16)) if 0 < int(code, 16) < 0x110000 else "\ufffd"  # noqa: PLR2004
    return "" if line_break else character
