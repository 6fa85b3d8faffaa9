"""Addresses: derive them from file names, validate them, map them to links and output files.

An address is the absolute URL path of a page or file, without the base path of the site. All that a
build writes gets its path from here, so nothing can land outside the output folder or on a name
that is reserved by an operating system or a host.
"""

from __future__ import annotations

import posixpath
import re
import unicodedata
from functools import lru_cache
from typing import Final
from urllib.parse import quote

NOT_FOUND_URL: Final = "/404.html"
"""The page that hosts show for unknown addresses."""

MAX_PART_LENGTH: Final = 100
"""Bytes of a path segment. File systems allow 255; the rest is room for fingerprints."""

MAX_LENGTH: Final = 400
"""Bytes of an address. Windows allows 260 characters for the whole path, hosts allow more."""

_RESERVED_NAMES: Final = frozenset(
    ["con", "prn", "aux", "nul", "clock$"]
    + [f"{name}{n}" for name in ("com", "lpt") for n in range(10)]
)
_INVISIBLE_LETTERS: Final = "\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0"
_HOST_CONTROL_FILES: Final = frozenset(
    """cname now.json vercel.json firebase.json staticwebapp.config.json routes.json
    web.config wrangler.json index.html index.htm default.htm default.html""".split()
)
"""Files that a host takes for its configuration, or serves as the index of a folder."""

_DESCENDING_PATH: Final = re.compile(r"[^./][^/]*(?:/[^./][^/]*)*")
"""A relative path that only descends: no segment is empty or starts with a dot."""

_PLAIN_URL: Final = re.compile(r"(?:/[a-z0-9]+(?:-[a-z0-9]+)*)*/")
"""An address in which nothing but its length or a reserved name can be wrong."""

_WORD: Final = re.compile(r"[a-z0-9]+")
_FORBIDDEN_CHARACTER: Final = re.compile(r"""[\\:%?#*"'<>|&;`{}$\s]""")


def slugify(name: str) -> str:
    """Convert a name to a segment of an address: lower case, words joined by `-`.

    Letters of all scripts are kept, with their marks (NFC), since sites are written in all
    languages. The result is empty if the name has no letters or digits.
    """
    if name.isascii():
        return "-".join(_WORD.findall(name.lower()))
    words = "".join(
        c if c.isalnum() or unicodedata.category(c)[0] == "M" else " "
        for c in "".join(map(_fold_to_ascii, unicodedata.normalize("NFC", name))).lower()
    )
    return unicodedata.normalize("NFC", "-".join(words.split()))


def _fold_to_ascii(character: str) -> str:
    """Return the ASCII form of a fullwidth letter, superscript 2 and the like, else the input."""
    if character.isascii():
        return character
    folded = unicodedata.normalize("NFKC", character)
    return folded if folded.isascii() else character


def url_for_file(path: str) -> tuple[str, str]:
    """Derive the address of a page from the path of its Markdown file.

    Args:
        path: Relative to content/.

    Returns:
        The address (empty if a name has no letter or digit), and why it cannot be used (empty if
        it can).
    """
    parts = path.removesuffix(".md").split("/")
    if parts[-1] == "index":
        parts.pop()
    slugs = [slugify(part) for part in parts]
    if not all(slugs):
        return "", "no letter or digit is left to make an address from"
    address = "/" + "".join(f"{part}/" for part in slugs)
    return address, url_error(address)


def url_error(address: str) -> str:
    """Return why an address cannot be used; empty if it can."""
    is_plain = (
        len(address) <= MAX_PART_LENGTH and _PLAIN_URL.fullmatch(address) and address != "/index/"
    )
    error = "" if is_plain else _whole_url_error(address)
    return error or next(filter(None, map(_part_error, address.strip("/").split("/"))), "")


def _whole_url_error(address: str) -> str:  # noqa: PLR0911 - a flat list of checks
    suspect = "" if address.isascii() and address.isprintable() else address
    control = next((c for c in suspect if unicodedata.category(c) in {"Cc", "Cf", "Cs"}), None)
    if control:
        return f"it has the control character U+{ord(control):04X}"
    unicode_error = "" if address.isascii() else _unicode_error(address)
    if unicode_error:
        return unicode_error
    if address.startswith("//"):
        return "it starts with '//', which leads to another site"
    if not address.startswith("/"):
        return "it does not start with '/'"
    if ".." in re.split(r"[/\\]|%2[fF]|%5[cC]", re.sub(r"%2[eE]", ".", address)):
        return "'..' in it leads out of the site"
    forbidden = _FORBIDDEN_CHARACTER.search(address)
    if forbidden:
        return f"it has the sign '{forbidden.group()}'"
    if address == "/index/":
        return "'index' is the home page"
    if address != address.lower():
        return "it has capital letters, which some computers cannot tell apart"
    if len(address.encode()) > MAX_LENGTH:
        return f"it is longer than {MAX_LENGTH} bytes"
    return ""


def _unicode_error(address: str) -> str:
    if unicodedata.normalize("NFC", address) != address:
        return "it has letters in two-part form (save them as one character each)"
    folded = "".join(map(_fold_to_ascii, address))
    if ".." in re.split(r"[/\\]", folded):
        return "'..' in it leads out of the site"
    for character in address:
        if character.isascii():
            continue
        ascii_form = _fold_to_ascii(character)
        if ascii_form == character and _is_word_character(character):
            continue
        error = f"it has the sign '{character}' (U+{ord(character):04X})"
        return error if ascii_form == character else f"{error}, which looks like '{ascii_form}'"
    return ""


def _is_word_character(character: str) -> bool:
    """Return whether it is a visible letter, mark or number.

    Other characters may look like '/' or '.', or be invisible.
    """
    return unicodedata.category(character)[0] in "LMN" and character not in _INVISIBLE_LETTERS


def _part_error(part: str) -> str:
    if not part:
        return ""
    if len(part.encode()) > MAX_PART_LENGTH:
        return f"a part of it is longer than {MAX_PART_LENGTH} bytes"
    if part.partition(".")[0] in _RESERVED_NAMES:
        return f"'{part}' is reserved on Windows"
    if part[0] in "_.-" and part != ".well-known":
        return f"'{part}' is reserved (names that start with '{part[0]}' are the host's)"
    if part[-1] == ".":
        return f"'{part}' ends with a dot"
    return ""


def page_url_error(address: str) -> str:
    """Return why an address cannot be that of a page; empty if it can."""
    if "//" in address[1:]:
        return "it has '//' in it"
    error = url_error(address)
    if error or not address.endswith("/"):
        return error or "it does not end with '/'"
    reserved = next(
        (part for part in address.split("/") if part in _HOST_CONTROL_FILES or part[:1] == "."), ""
    )
    return f"'{reserved}' is reserved (the host keeps it for itself)" if reserved else ""


def alias_error(address: str) -> str:
    """Return why an address cannot be an old one of a page; empty if it can.

    Other generators have capitals in addresses, and files such as `/old.html`.
    """
    lower = "".join(letter.lower() if letter.isascii() else letter for letter in address)
    is_file = lower.endswith((".html", ".htm")) and "//" not in lower
    return url_error(lower) if is_file else page_url_error(lower)


def is_host_control_file(address: str) -> bool:
    """Return whether a host would take the file for its configuration or a folder index."""
    return address[1:].lower() in _HOST_CONTROL_FILES


def output_path(address: str) -> str:
    """Return the path in the output folder: `/recovery/` is written to `recovery/index.html`."""
    return address[1:] + "index.html" if address.endswith("/") else address[1:]


@lru_cache(maxsize=4096)
def href(base: str, address: str) -> str:
    """Return the percent-encoded URL of an address, for use in a link.

    Args:
        base: Base path of the site, ending with `/`.
        address: An address, starting with `/`.
    """
    return quote(base[:-1] + address, safe="/-._~!$&'()*+,;=:@")


def absolute_url(site_url: str, address: str) -> str:
    """Return the absolute URL of an address; empty if the site has no public URL.

    Args:
        site_url: The public URL of the site, with its base path, or "".
        address: The address, which is percent-encoded here.
    """
    return site_url and site_url.rstrip("/") + href("/", address)


def page_id(address: str) -> str:
    """Return the page id: `recovery` for `/recovery/`, `index` for the home page."""
    return address.strip("/") or "index"


def resolve_relative(path: str, target: str) -> str:
    """Resolve `target` relative to the folder of the file `path`.

    The result starts with `../` if it lies outside the root.
    """
    descent = target
    while descent.startswith("../"):
        descent = descent[3:]
    folder = path[: path.rfind("/") + 1]
    if _DESCENDING_PATH.fullmatch(descent):  # nothing in it to normalize
        return _parent_folder(folder, (len(target) - len(descent)) // 3) + descent
    return posixpath.normpath(posixpath.join(folder, target))


@lru_cache(maxsize=4096)
def _parent_folder(folder: str, levels: int) -> str:
    """Return the folder that many levels up, with a trailing `/`; empty for the root."""
    parent = posixpath.normpath(posixpath.join(folder, "../" * levels))
    return "" if parent == "." else parent.rstrip("/") + "/"
