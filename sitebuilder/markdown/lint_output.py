"""The tree that Markdown made in; its signs that are left in the text out.

There something was meant and did not come about. What changes or hides what is said has the rule
`meaning`; what is only untidy, `stray-markup`. `meaning` has the other half: what Markdown takes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final
from xml.etree.ElementTree import Element

from sitebuilder.core.model import Page
from sitebuilder.core.problems import Problem, problem
from sitebuilder.markdown.blocks import MARKER_END, MARKER_START
from sitebuilder.markdown.lint_source import SourceLines

MAX_LEFTOVERS: Final = 50
"""Stray signs of one page that are told: one mistake may leave hundreds behind."""

Leftover = tuple[str, str, str, str, str]
"""Rule, message, hint, the sign, and the words around it, by which its line is found."""


_SUSPECT_CHARS: Final = ("*", "`", "|", "\\", "{")
_SUSPECT_SEQUENCES: Final = {  # one sign is found in a text far sooner than two
    "[": ("![", "][", "[ ] ", "[x] ", "[X] "),
    "]": ("](", "] (", "]\n("),
    "~": ("~~",),
    "=": ("==",),
    "+": ("++",),
    ":": (":::",),
}
_LIST_LINE: Final = re.compile(r"\n {0,3}(?:[-+]|\d+[.)])[ \t]")
_EDGE_UNDERSCORE: Final = re.compile(r"_(?<!\w_)|_(?!\w)")
_MARKER: Final = re.compile(f"{MARKER_START}[^{MARKER_END}]*{MARKER_END}")
_OPAQUE_CHAR: Final = "\ufffc"  # stands for what is exact: code, pictures, signs that were escaped
_STASHED: Final = re.compile("\x02[^\x03]*\x03")
_INLINE_TAGS: Final = frozenset("a em strong abbr sup span img br code".split())
_TEXT_TAGS: Final = frozenset("p li td th dt dd h1 h2 h3 h4 h5 h6".split())

_LEFTOVER_PATTERNS: Final = (
    (
        re.compile(r"\*{2,}|(?<=\S)\*(?!\d)|(?<!\d)\*(?=\S)"),
        "meaning",
        "a '*' is left in the text",
        "Close the emphasis with as many '*', next to its words; or write \\*.",
    ),
    (
        re.compile(r"(?<!\w)_+(?=[^\W_])|(?<=[^\W_])_+(?!\w)"),
        "meaning",
        "a '_' is left in the text",
        "Close the emphasis with as many '_', next to its words; or write \\_.",
    ),
    (
        re.compile("`"),
        "meaning",
        "a '`' is left in the text",
        "Close the code with as many '`'; or write \\`.",
    ),
    (
        re.compile(
            r"!\[|\[[^\[\]]*\](?:\(|\[)"
            r"|\[[^\[\]]*\][ \n]\((?=https?:|/|#|mailto:|tel:|[^\s()]*\.md)"
        ),
        "meaning",
        "this link or picture is shown as its signs",
        "Write [words](page.md) without a space, and close both brackets.",
    ),
    (
        re.compile(r"\{:|\{[.#][\w-]"),
        "meaning",
        "what stands in braces is shown as it is",
        "Take it out. Only a heading may have {#name}, at its end.",
    ),
    (
        re.compile(r"~~(?=\w)|(?<=\w)~~"),
        "meaning",
        "'~~' is shown as it is, and strikes nothing out",
        "Delete the words that do not hold.",
    ),
    (
        re.compile(r":::"),
        "meaning",
        "':::' is shown as it is",
        "Put it at the start of a line of its own, with at most three spaces before it.",
    ),
    (
        re.compile(r"(?m)^[ \t]*\|.*\|[ \t]*$"),
        "meaning",
        "this row is shown as text: it is part of no table",
        "Put a row of names and a row |---|---| above it, and an empty line above them.",
    ),
    (
        re.compile(r"(?:==|\+\+)(?=\w)[^=+\n]*(?<=\w)(?:==|\+\+)|^\s*\[[ xX]\] "),
        "stray-markup",
        "these signs are shown as they are",
        "Take them out; there is no such form here.",
    ),
    (
        re.compile(r"\n {0,3}(?:[-+]|\d+[.)])[ \t]"),
        "stray-markup",
        "this line goes on the line above, and begins no list",
        "Put an empty line above the list; write numbers as '1.'.",
    ),
    (
        re.compile(r"\\(?=[!-/:-@\[-`{-~]|$)|\\\n"),
        "stray-markup",
        "a '\\' is left in the text",
        "Take it out. For a new line, end the line with two spaces.",
    ),
)
_PROSE: Final = re.compile(r"[^\W\d_]{2,}[,;]? [^\W\d_]{2,}[,;]? [^\W\d_]{2,}")
_CODE_CHARS: Final = re.compile(r"[{}()<>=$;\\/_#|]")


def find_leftovers(root: Element) -> list[Leftover]:
    """Signs of Markdown that readers would see, and text that has turned into code."""
    found: list[Leftover] = [
        ("stray-markup", "these lines are shown as code", _INDENTED_CODE_HINT, "", text.strip())
        for code in root.iter("pre")
        for text in ["".join(code.itertext())]
        if _PROSE.search(text) and not _CODE_CHARS.search(text)
    ]
    if not _may_have_leftovers("".join(root.itertext())):
        return found
    for element in root.iter():
        if element.tag in _TEXT_TAGS:
            text = _MARKER.sub("", _flatten_text(element))
            for pattern, rule, message, hint in (
                _LEFTOVER_PATTERNS if _may_have_leftovers(text) else ()
            ):
                for sign in pattern.finditer(text):
                    near = text[max(0, sign.start() - 40) : sign.end() + 40]
                    shown = sign[0].strip(" \n|").partition("\n")[0][:3]
                    found.append((rule, message, hint, shown, near))
                    if len(found) == MAX_LEFTOVERS:
                        return found
    return found


def _may_have_leftovers(text: str) -> bool:
    """Whether any sign may be left in a text. Nearly all have none, so this has to be quick."""
    for sign in _SUSPECT_CHARS:
        if sign in text:
            return True
    for sign, pairs in _SUSPECT_SEQUENCES.items():
        if sign in text and any(pair in text for pair in pairs):
            return True
    return ("_" in text and _EDGE_UNDERSCORE.search(text) is not None) or _LIST_LINE.search(
        text
    ) is not None


_INDENTED_CODE_HINT: Final = (
    "Take out the four spaces before them, or put the code between ``` lines."
)


def _flatten_text(element: Element) -> str:
    """The text of an element with what is inline in it; what is exact, as one sign."""
    text = element.text or ""
    for child in element:
        if child.tag not in _INLINE_TAGS:
            text += "\n\n"
        elif child.tag in {"code", "img"} or child.get("class") == "footnote-ref":
            text += _OPAQUE_CHAR
        else:
            text += _flatten_text(child)
        text += child.tail or ""
    return _STASHED.sub(_OPAQUE_CHAR, text) if "\x02" in text else text


def report_leftovers(
    leftovers: Sequence[Leftover], lines: SourceLines, page: Page
) -> Iterator[Problem]:
    """The strays as problems, each at the line that has its sign and most of its words."""
    every = [*enumerate(page.body.split("\n"), page.body_line)] if leftovers else []
    taken: Counter[tuple[int, str]] = Counter()
    for rule, message, hint, sign, near in leftovers:
        words = set(re.findall(r"\w+", near))
        best, most, column = page.body_line, -1, 1
        for number, line in lines if sign else every:
            if sign in line and taken[number, sign] < max(line.count(sign), 1):
                score = sum(1 for word in words if word in line)
                if score > most:
                    best, most, column = number, score, line.find(sign) + 1
        taken[best, sign] += 1
        yield problem(rule, page.path, message, hint=hint, line=best, column=column)
