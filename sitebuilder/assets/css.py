"""A style sheet in: what it would fetch, and from where."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from sitebuilder.assets.limits import Refused
from sitebuilder.core.lazy_regex import lazy_compile

_TOKEN: Final = lazy_compile(
    r"""(?P<comment>/\*.*?(?:\*/|\Z))
    |(?P<string>"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?)
    |(?P<word>@?(?:[-\w]|[^\x00-\x7f]|\\(?:[0-9a-fA-F]{1,6}\s?|[^\n]))+\(?)""",
    re.DOTALL | re.VERBOSE,
)
_BARE: Final = lazy_compile(r"\s*([^\s\"'()\\]*(?:\\.[^\s\"'()\\]*)*)\s*(?:\)|\Z)|\s*(?=[\"'])")
_ESCAPE: Final = lazy_compile(r"\\(?:([0-9a-fA-F]{1,6})\s?|(\n)|(.))", re.DOTALL)
_NAMESPACE: Final = lazy_compile(r"http://www\.w3\.org/\d{4}/[\w/]+")
_ELSEWHERE: Final = lazy_compile(r"[a-z][a-z0-9+.-]*:|[\\/]\s*[\\/]", re.IGNORECASE)
_WORDS: Final = lazy_compile(
    r"(?:https?|ftp|wss?|file|javascript|vbscript):|[\\/]\s*[\\/]", re.IGNORECASE
)
_PICTURE: Final = lazy_compile(
    r"data:(?:image/(?:png|jpeg|gif|webp|avif|svg\+xml)|font/)", re.IGNORECASE
)
_RUNS: Final = frozenset({"expression(", "-moz-binding", "behavior"})


def check_css(css: str) -> None:
    """Refused: the sheet would fetch something from another site, or run something.

    All strings count as addresses if they look like one of another site: that catches `@import`,
    `image-set()` and whatever comes after them.
    """
    for found in _TOKEN.finditer(css):
        try:
            _check_token(css, found)
        except Refused as refused:
            refused.line = css.count("\n", 0, found.start()) + 1
            raise


def _check_token(css: str, found: re.Match[str]) -> None:
    if found["string"]:
        target = _plain(found["string"].strip("\"'"))
        if _WORDS.match(_bare(target)):
            _check_target(target)
    elif found["word"]:
        word = _plain(found["word"]).lower()
        if word in _RUNS:
            raise Refused(f"the style can run script ('{word}')", "Take it out.")
        if word == "url(":
            bare = _BARE.match(css, found.end())
            if bare is None:
                raise Refused("the style has an address that cannot be read", "Put it in quotes.")
            _check_target(_plain(bare[1] or ""))


def targets_elsewhere(text: str) -> Iterator[str]:
    """The `url()`s in a short piece of style that do not name a part of the same drawing."""
    for target in re.findall(r"url\(\s*['\"]?([^)]*)", _plain(text), re.IGNORECASE):
        if not target.startswith("#"):
            yield target


def is_elsewhere(target: str) -> bool:
    """Whether a browser would go to another site, or run something, for this address."""
    return bool(_ELSEWHERE.match(_bare(target)))


def _bare(target: str) -> str:
    """An address as browsers take it: without control characters, and spaces in front."""
    return re.sub(r"[\x00-\x1f]", "", target).lstrip()


def _check_target(target: str) -> None:
    if is_elsewhere(target) and not _PICTURE.match(target) and not _NAMESPACE.fullmatch(target):
        hint = "Put the file into this site, and name it by its path."
        raise Refused(f"the style asks for '{target[:80]}', which is not of this site", hint)


def _plain(text: str) -> str:
    """The text without escapes, as a browser reads it."""
    return _ESCAPE.sub(_unescaped, text) if "\\" in text else text


def _unescaped(found: re.Match[str]) -> str:
    code, end, sign = found.groups()
    if code:
        return chr(int(code, 16)) if 0 < int(code, 16) < 0x110000 else "\ufffd"  # noqa: PLR2004
    return "" if end else sign
