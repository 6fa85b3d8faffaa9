"""Language tags (RFC 5646): direction of writing, and comparison."""

from __future__ import annotations

from typing import Final

TEMPLATE_LANGUAGE: Final = "en"
"""The language of the words in the templates."""

_RTL_LANGUAGES: Final = frozenset("ar arc ckb dv fa he iw ji ks nqo pnb ps sd syr ug ur yi".split())
_RTL_SCRIPTS: Final = frozenset("adlm arab hebr mand nkoo rohg syrc thaa".split())


def is_rtl(tag: str) -> bool:
    """Return whether a language is written from right to left; its script decides if it has one."""
    parts = tag.lower().split("-")
    scripts = [part for part in parts[1:] if len(part) == 4 and part.isalpha()]  # noqa: PLR2004
    return scripts[0] in _RTL_SCRIPTS if scripts else parts[0] in _RTL_LANGUAGES


def same_language(tag: str, other: str) -> bool:
    """Return whether two tags are of one language, whatever the region."""
    return tag.lower().partition("-")[0] == other.lower().partition("-")[0]
