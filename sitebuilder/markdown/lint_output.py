"""Report Markdown syntax that is left over in the converted text.

A leftover shows that the editor meant something that Markdown did not recognize. Where it changes
or hides the meaning, the rule is `meaning`; where it is only untidy, `stray-markup`. `lint_source`
reports the opposite: text that Markdown takes for syntax.
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
"""Most leftovers that are reported on one page: one mistake may cause hundreds."""

Leftover = tuple[str, str, str, str, str]
"""Rule, message, hint, the leftover characters, and the text around them.

The last two serve to find its line; the characters are empty if the text is a complete code block.
"""

_SUSPECT_CHARS: Final = ("*", "`", "|", "\\", "{")
_SUSPECT_SEQUENCES: Final = {  # by a character in them: finding one is far faster than two
    "[": ("![", "][", "[ ] ", "[x] ", "[X] "),
    "]": ("](", "] (", "]\n("),
    "~": ("~~",),
    "=": ("==",),
    "+": ("++",),
    ":": (":::",),
}
_EDGE_UNDERSCORE: Final = re.compile(r"_(?<!\w_)|_(?!\w)")
_MARKER: Final = re.compile(f"{MARKER_START}[^{MARKER_END}]*{MARKER_END}")
_OPAQUE_CHAR: Final = "\ufffc"  # replaces literal content: code, pictures, escaped characters
_STASHED: Final = re.compile("\x02[^\x03]*\x03")
_INLINE_TAGS: Final = frozenset("a em strong abbr sup span img br code".split())
_TEXT_TAGS: Final = frozenset("p li td th dt dd h1 h2 h3 h4 h5 h6".split())

_LEFTOVER_PATTERNS: Final = (
    (
        re.compile(r"\*{2,}|(?<=\S)\*(?!\w|\.\w)|(?<!\w)\*(?=\S)(?!\.\w)"),
        "meaning",
        "a '*' is left in the text",
        "Close the emphasis with as many '*', next to its words; or write \\*.",
    ),
    (
        re.compile(r"(?<!\w)_+(?=[^\W_])|(?<=[^\W_])_+(?![\w\"\u201d\'\u2019`)])"),
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
        "text in braces is shown as typed",
        "Remove it. Only a heading may have {#name}, at its end.",
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
        "Remove them; there is no such form here.",
    ),
    (
        re.compile(r"\\(?=[!-/:-@\[-`{-~]|$)|\\\n"),
        "stray-markup",
        "a '\\' is left in the text",
        "Remove it. For a new line, end the line with two spaces.",
    ),
)
_ASTERISK_NOTE: Final = re.compile(r"(?m)^\s*\\\*\s*\S")
"""A note below a text or table, which an asterisk behind a word leads to."""

_NOTE_MARK: Final = re.compile(r"\w\*(?![\w*])")
_PROSE: Final = re.compile(r"[^\W\d_]{2,}[,;]? [^\W\d_]{2,}[,;]? [^\W\d_]{2,}")
_CODE_CHARS: Final = re.compile(r"[{}()<>=$;\\/_#|]")


def find_leftovers(root: Element) -> list[Leftover]:
    """Return Markdown syntax that readers would see, and prose that has become a code block."""
    leftovers: list[Leftover] = [
        ("stray-markup", "these lines are shown as code", _INDENTED_CODE_HINT, "", text.strip())
        for code in root.iter("pre")
        for text in ["".join(code.itertext())]
        if _PROSE.search(text) and not _CODE_CHARS.search(text)
    ]
    if not _may_have_leftovers("".join(root.itertext())):
        return leftovers
    for element in root.iter():
        if element.tag in _TEXT_TAGS:
            text = _MARKER.sub("", _flatten_text(element))
            for pattern, rule, message, hint in (
                _LEFTOVER_PATTERNS if _may_have_leftovers(text) else ()
            ):
                for match in pattern.finditer(text):
                    context = text[max(0, match.start() - 40) : match.end() + 40]
                    shown = match[0].strip(" \n|").partition("\n")[0][:3]
                    leftovers.append((rule, message, hint, shown, context))
                    if len(leftovers) >= MAX_LEFTOVERS:
                        return leftovers
    return leftovers


def _may_have_leftovers(text: str) -> bool:
    """Return whether a text may have leftovers. Nearly none does, so this has to be fast."""
    for character in _SUSPECT_CHARS:
        if character in text:
            return True
    for character, sequences in _SUSPECT_SEQUENCES.items():
        if character in text and any(sequence in text for sequence in sequences):
            return True
    return "_" in text and _EDGE_UNDERSCORE.search(text) is not None


_INDENTED_CODE_HINT: Final = (
    "Take out the four spaces before them, or put the code between ``` lines."
)


def _flatten_text(element: Element) -> str:
    """Return the text of an element and its inline children, with literal content replaced."""
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
    """Report each leftover at the line that has its characters and most of its words.

    Args:
        lines: The attribute `lines` of the page's `SourceMap`.
    """
    all_lines = [*enumerate(page.body.split("\n"), page.body_line)] if leftovers else []
    if _ASTERISK_NOTE.search(page.body):
        leftovers = [found for found in leftovers if not _NOTE_MARK.search(found[4])]
    reported: Counter[tuple[int, str]] = Counter()
    for rule, message, hint, characters, context in leftovers:
        words = set(re.findall(r"\w+", context))
        best_line, best_score, column = page.body_line, -1, 1
        for number, line in lines if characters else all_lines:
            if characters in line and reported[number, characters] < max(line.count(characters), 1):
                score = sum(1 for word in words if word in line)
                if score > best_score:
                    best_line, best_score, column = number, score, line.find(characters) + 1
        reported[best_line, characters] += 1
        yield problem(rule, page.path, message, hint=hint, line=best_line, column=column)
