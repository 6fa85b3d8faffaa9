"""Addresses: made from file names, checked, joined with the base path.

Everything that a build writes has its place from here, so nothing can land outside the output
folder or on a name that a computer or a host keeps for itself.
"""

from __future__ import annotations

import posixpath
import re
import unicodedata
from functools import lru_cache
from typing import Final
from urllib.parse import quote

NOT_FOUND_URL: Final = "/404.html"
"""What hosts show for an address where there is nothing."""

MAX_PART_LENGTH: Final = 100
"""Bytes. File systems stop at 255; room is left for fingerprints."""

MAX_LENGTH: Final = 400
"""Bytes of a whole address. Windows stops at 260 characters for the whole path, hosts later."""

_RESERVED_NAMES: Final = frozenset(
    ["con", "prn", "aux", "nul", "clock$"]
    + [f"{name}{n}" for name in ("com", "lpt") for n in range(10)]
)
_INVISIBLE_LETTERS: Final = "\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0"
_HOST_CONTROL_FILES: Final = frozenset(
    """cname now.json vercel.json firebase.json staticwebapp.config.json routes.json
    web.config wrangler.json index.html index.htm default.htm default.html""".split()
)
"""Files that a host reads as orders, or shows as a folder's page."""

_DESCENDING_PATH: Final = re.compile(r"[^./][^/]*(?:/[^./][^/]*)*")
"""A way that goes down only: none of its parts is empty or begins with a dot."""

_PLAIN_URL: Final = re.compile(r"(?:/[a-z0-9]+(?:-[a-z0-9]+)*)*/")
"""An address that can be wrong only in a word that somebody keeps for himself."""

_WORD: Final = re.compile(r"[a-z0-9]+")
_FORBIDDEN_CHARACTER: Final = re.compile(r"""[\\:%?#*"'<>|&;`{}$\s]""")


def slugify(name: str) -> str:
    """A name as part of an address: lower case, words joined by `-`. Empty if nothing is left.

    Letters of all scripts stay, with their marks (NFC), since sites are written in all languages.
    """
    if name.isascii():
        return "-".join(_WORD.findall(name.lower()))
    words = "".join(
        c if c.isalnum() or unicodedata.category(c)[0] == "M" else " "
        for c in "".join(map(_fold_character, unicodedata.normalize("NFC", name))).lower()
    )
    return unicodedata.normalize("NFC", "-".join(words.split()))


def _fold_character(sign: str) -> str:
    """A sign, or what it looks like if that is plain ASCII: a small 2, a wide A or dot."""
    if sign.isascii():
        return sign
    like = unicodedata.normalize("NFKC", sign)
    return like if like.isascii() else sign


def url_for_file(path: str) -> tuple[str, str]:
    """Address of the Markdown file `path` (relative to `content/`), and what is wrong with it."""
    parts = path.removesuffix(".md").split("/")
    if parts[-1] == "index":
        parts.pop()
    slugs = [slugify(part) for part in parts]
    if not all(slugs):
        return "", "no letter or digit is left to make an address from"
    address = "/" + "".join(f"{part}/" for part in slugs)
    return address, url_error(address)


def url_error(address: str) -> str:
    """Why `address` cannot be used, or nothing."""
    plain = (
        len(address) <= MAX_PART_LENGTH and _PLAIN_URL.fullmatch(address) and address != "/index/"
    )
    whole = "" if plain else _whole_url_error(address)
    return whole or next(filter(None, map(_part_error, address.strip("/").split("/"))), "")


def _whole_url_error(address: str) -> str:  # noqa: PLR0911 - a list of refusals reads best as one
    seen = address.isascii() and address.isprintable()
    odd = "" if seen else address
    control = next((c for c in odd if unicodedata.category(c) in {"Cc", "Cf", "Cs"}), None)
    if control:
        return f"it has the control character U+{ord(control):04X}"
    foreign = "" if address.isascii() else _find_look_alike(address)
    if foreign:
        return foreign
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
        return "it has capital letters, which some computers do not tell apart"
    if len(address.encode()) > MAX_LENGTH:
        return f"it is longer than {MAX_LENGTH} bytes"
    return ""


def _find_look_alike(address: str) -> str:
    """What is wrong with the signs that are not ASCII, or nothing."""
    if unicodedata.normalize("NFC", address) != address:
        return "it has letters in two-part form (save them as one character each)"
    plain = "".join(map(_fold_character, address))
    if ".." in re.split(r"[/\\]", plain):
        return "'..' in it leads out of the site"
    for sign in address:
        if _fold_character(sign) != sign:
            return f"it has the sign '{sign}' (U+{ord(sign):04X}), which looks like '{_fold_character(sign)}'"
        if not sign.isascii() and not _is_word_character(sign):
            return f"it has the sign '{sign}' (U+{ord(sign):04X})"
    return ""


def _is_word_character(sign: str) -> bool:
    """Whether it is a letter, a mark or a number. Others may look like '/' or '.', or be unseen."""
    return unicodedata.category(sign)[0] in "LMN" and sign not in _INVISIBLE_LETTERS


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
    """Why `address` cannot be a page's, or nothing."""
    if "//" in address[1:]:
        return "it has '//' in it"
    why = url_error(address)
    if why or not address.endswith("/"):
        return why or "it does not end with '/'"
    kept = next(
        (part for part in address.split("/") if part in _HOST_CONTROL_FILES or part[:1] == "."), ""
    )
    return f"'{kept}' is reserved (the host keeps it for itself)" if kept else ""


def is_host_control_file(address: str) -> bool:
    """Whether a file at this address would tell the host how to serve the site."""
    return address[1:].lower() in _HOST_CONTROL_FILES


def output_path(address: str) -> str:
    """Where in the output folder an address is kept: `/recovery/` is `recovery/index.html`."""
    return address[1:] + "index.html" if address.endswith("/") else address[1:]


@lru_cache(maxsize=4096)
def href(base: str, address: str) -> str:
    """The address as a link writes it, below the base path, with its letters encoded."""
    return quote(base[:-1] + address, safe="/-._~!$&'()*+,;=:@")


def page_id(address: str) -> str:
    """The id of the page at an address: `/recovery/` is `recovery`, the home page is `index`."""
    return address.strip("/") or "index"


def resolve_relative(path: str, target: str) -> str:
    """The path that `target`, written in the file `path`, points at; `../` outside the root."""
    rest = target
    while rest.startswith("../"):
        rest = rest[3:]
    folder = path[: path.rfind("/") + 1]
    if _DESCENDING_PATH.fullmatch(rest):  # nothing in it is left to be made sense of
        return _parent_folder(folder, (len(target) - len(rest)) // 3) + rest
    return posixpath.normpath(posixpath.join(folder, target))


@lru_cache(maxsize=4096)
def _parent_folder(folder: str, levels: int) -> str:
    """A folder so many levels up, with `/` behind it; nothing for the root."""
    above = posixpath.normpath(posixpath.join(folder, "../" * levels))
    return "" if above == "." else above.rstrip("/") + "/"
