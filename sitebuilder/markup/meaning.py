"""Whether what an editor typed is what a reader reads: signs that Markdown takes, or leaves behind.

Two looks. At the lines as typed: signs that Markdown would take for its own, and lose. At the tree
that it made: its signs that stand in the text, where something was meant and did not come about.
What changes or hides what is said has the rule `meaning`; what is only untidy, `stray-markup`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from html.entities import html5
from typing import Final
from xml.etree.ElementTree import Element

from sitebuilder.markup.blocks import CLOSE, OPEN
from sitebuilder.model import Page
from sitebuilder.problems import Problem, problem

Lines = Sequence[tuple[int, str]]
"""Lines outside code, spans of code blanked out, with their numbers in the file."""
Found = tuple[str, int, str, str]
"""Rule, column from 1, message, hint."""

MOST: Final = 50
"""Stray signs of one page that are told: one mistake may leave hundreds behind."""

# -- as typed -------------------------------------------------------------------------------------

_ITEMS: Final = r"[ \t]*(?:(?:[-*+]|\d+\.)[ \t]+)*"
_LOST_SIGN: Final = re.compile(
    rf"{_ITEMS}(?:>[ \t]*)*(?P<sign>>)[ \t]*[=~\u2248\u00b1$\u20ac\u00a3]?[ \t]*[.,]?"
    r"(?!\d+\.[ \t])[\d\u00bc-\u00be\u2150-\u215e]"
)
_TIMES: Final = re.compile(r"(?<=\d)\*+(?=\d)")
_STAR: Final = re.compile(r"(?<![\\*])\*+(?=\S)|(?<=[^\s\\*])\*+")
_TIGHT: Final = re.compile(r"#{1,6}(?=[^\s#])")
_LOST_HASH: Final = re.compile(r"#{1,6}[^#\\]*[^\s#\\](?P<sign>#+)\s*$")
_UNDERLINE: Final = re.compile(r"(?:-+|=+)[ ]*$")
_ENDS: Final = re.compile(r"[.!?:;,][\"')\]\u2019\u201d]*\s*$|^\s*(?:[-*+>|]|\d)")
_NUMBER: Final = re.compile(r"[ \t>]*(?P<digits>\d+)\.[ \t]")
_LONGEST_NUMBER: Final = 9
_ENTITY: Final = re.compile(r"&(?P<name>[A-Za-z][A-Za-z0-9]*;)")
_DEFINED: Final = re.compile(
    r" {0,3}\[(?P<name>[^\[\]^][^\[\]]*)\]:[ ]*(?:\S+[ ]*(?:\"[^\"]*\"|'[^']*'|\([^()]*\))?)?[ ]*$"
)
_SHORT: Final = re.compile(r" {0,3}\*\[(?P<name>[^\]\\]+)\] ?:")
_BRACKETED: Final = re.compile(r"\[([^\[\]]*)\]")


def as_typed(lines: Lines, path: str) -> Iterator[Problem]:
    """Signs of a page's lines that Markdown would take for its own."""
    before, alone = "", False
    defined: list[tuple[int, str, str]] = []
    for number, line in lines:
        for rule, column, message, hint in _in_line(line):
            yield problem(rule, path, message, hint=hint, line=number, column=column)
        if alone and line[:1] in {"-", "="} and _UNDERLINE.match(line):
            for rule, column, message, hint in _underlined(before, line.rstrip()):
                yield problem(rule, path, message, hint=hint, line=number, column=column)
        if "]" in line and ":" in line:
            for pattern in (_DEFINED, _SHORT):
                name = pattern.match(line)
                if name:
                    defined.append((number, line, name["name"]))
        alone, before = not before.strip() and bool(line.strip()), line
    yield from _never_used(lines, defined, path)
    yield from _times(lines, path)


def _times(lines: Lines, path: str) -> Iterator[Problem]:
    """A '*' between digits, and another in the paragraph: emphasis would run between them."""
    stars, between = 0, (0, 0)
    for number, line in [*lines, (0, "")]:
        if "*" in line:
            stars += len(_STAR.findall(line))
            found = _TIMES.search(line)
            between = (number, found.start() + 1) if found else between
        elif not line.strip():
            if stars > 1 and between[0]:
                at, column = between
                message = "'*' between numbers would be read as emphasis, and lost"
                yield problem(
                    "meaning", path, message, hint="Write \u00d7, or \\*.", line=at, column=column
                )
            stars, between = 0, (0, 0)


def _in_line(line: str) -> Iterator[Found]:
    if ">" in line:
        lost = _LOST_SIGN.match(line)
        if lost:
            hint = "Write 'more than', or \\> for the sign itself."
            message = "'>' before a number: it would be read as the mark of a quotation, and lost"
            yield "meaning", lost.start("sign") + 1, message, hint
    if line[:1] == "#":
        tight, hash_ = _TIGHT.match(line), _LOST_HASH.match(line)
        if tight:
            rule = "meaning" if line[tight.end()].isdigit() else "stray-markup"
            message = "'#' at the start makes a heading of this line, and is not shown"
            yield rule, 1, message, "Write a space behind it, or \\# for the sign itself."
        if hash_:
            message = "'#' at the end of a heading is not shown"
            yield "meaning", hash_.start("sign") + 1, message, "Write \\# for the sign itself."
    found = _NUMBER.match(line) if "." in line else None
    if found:
        digits = found["digits"]
        if len(digits) > _LONGEST_NUMBER or not digits.isascii() or str(int(digits)) != digits:
            message = f"'{digits}.' starts a list, which would show another number"
            hint = f"Write {digits}\\. if it is part of the text."
            yield "meaning", found.start("digits") + 1, message, hint
    for entity in _ENTITY.finditer(line) if "&" in line else ():
        if entity["name"] not in html5:
            message = f"'{entity[0]}' is the name of no sign, and may be shown as another"
            yield "meaning", entity.start() + 1, message, "Write &amp; for '&', or the sign itself."


def _underlined(before: str, line: str) -> Iterator[Found]:
    if len(line) < 3:  # noqa: PLR2004 - so many signs are meant as a line
        message = f"'{line}' alone makes a heading of the line above, and is not shown"
        yield "meaning", 1, message, f"Write \\{line[0]}, or put it on the line above."
    elif "|" not in before and _ENDS.search(before):
        message = f"'{line}' makes a heading of the line above"
        yield "stray-markup", 1, message, "Put an empty line between, if it is not one."


def _never_used(lines: Lines, defined: list[tuple[int, str, str]], path: str) -> Iterator[Problem]:
    """Lines that define a link or a short form that nothing uses: nobody would see them."""
    if not defined:
        return
    places = {number for number, _, _ in defined}
    places |= {number + 1 for number, line, _ in defined if line.rstrip().endswith(":")}
    rest = "\n".join(line for number, line in lines if number not in places)
    used = {" ".join(name.split()).lower() for name in _BRACKETED.findall(rest)}
    for number, line, name in defined:
        short = line.lstrip().startswith("*")
        if name not in rest if short else " ".join(name.split()).lower() not in used:
            message = f"this line defines '{name}', which the page does not use, and is not shown"
            hint = "Delete it; or write \\[ at its start, if it is text."
            yield problem("meaning", path, message, hint=hint, line=number, column=1)


# -- as made --------------------------------------------------------------------------------------


Stray = tuple[str, str, str, str, str]
"""Rule, message, hint, the sign, and the words around it, by which its line is found."""


_SUSPECT: Final = (
    *("*", "`", "|", "\\", "{", "![", "](", "][", "] (", "]\n(", "~~", "==", "++", ":::"),
    *("[ ] ", "[x] ", "[X] "),
)
_LINE_OF_LIST: Final = re.compile(r"\n {0,3}(?:[-+]|\d+[.)])[ \t]")
_EDGE: Final = re.compile(r"_(?<!\w_)|_(?!\w)")
_ERASED: Final = re.compile(f"{OPEN}[^{CLOSE}]*{CLOSE}")
_KEPT: Final = "\ufffc"  # stands for what is exact: code, pictures, signs that were escaped
_STASHED: Final = re.compile("\x02[^\x03]*\x03")
_INLINE: Final = frozenset("a em strong abbr sup span img br code".split())
_HELD: Final = frozenset("p li td th dt dd h1 h2 h3 h4 h5 h6".split())

_STRAYS: Final = (
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
        re.compile(r"~~(?=\S)|(?<=\S)~~"),
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
_PROGRAM: Final = re.compile(r"[{}()<>=$;\\/_#|]")


def as_made(root: Element) -> list[Stray]:
    """Signs of Markdown that readers would see, and text that has turned into code."""
    found: list[Stray] = [
        ("stray-markup", "these lines are shown as code", _OUTDENT, "", text.strip())
        for code in root.iter("pre")
        for text in ["".join(code.itertext())]
        if _PROSE.search(text) and not _PROGRAM.search(text)
    ]
    if not _suspect("".join(root.itertext())):
        return found
    for element in root.iter():
        if element.tag in _HELD:
            text = _ERASED.sub("", _flat(element))
            for pattern, rule, message, hint in _STRAYS if _suspect(text) else ():
                for sign in pattern.finditer(text):
                    near = text[max(0, sign.start() - 40) : sign.end() + 40]
                    shown = sign[0].strip(" \n|").partition("\n")[0][:3]
                    found.append((rule, message, hint, shown, near))
                    if len(found) == MOST:
                        return found
    return found


def _suspect(text: str) -> bool:
    """Whether any sign may be left in a text. Nearly all have none, so this has to be quick."""
    return (
        any(sign in text for sign in _SUSPECT)
        or ("_" in text and _EDGE.search(text) is not None)
        or _LINE_OF_LIST.search(text) is not None
    )


_OUTDENT: Final = "Take out the four spaces before them, or put the code between ``` lines."


def _flat(element: Element) -> str:
    """The text of an element with what is inline in it; what is exact, as one sign."""
    text = element.text or ""
    for child in element:
        if child.tag not in _INLINE:
            text += "\n\n"
        elif child.tag in {"code", "img"} or child.get("class") == "footnote-ref":
            text += _KEPT
        else:
            text += _flat(child)
        text += child.tail or ""
    return _STASHED.sub(_KEPT, text) if "\x02" in text else text


def told(strays: Sequence[Stray], lines: Lines, page: Page) -> Iterator[Problem]:
    """The strays as problems, each at the line that has its sign and most of its words."""
    every = [*enumerate(page.body.split("\n"), page.body_line)] if strays else []
    taken: Counter[tuple[int, str]] = Counter()
    for rule, message, hint, sign, near in strays:
        words = set(re.findall(r"\w+", near))
        best, most, column = page.body_line, -1, 1
        for number, line in lines if sign else every:
            if sign in line and taken[number, sign] < max(line.count(sign), 1):
                score = sum(1 for word in words if word in line)
                if score > most:
                    best, most, column = number, score, line.find(sign) + 1
        taken[best, sign] += 1
        yield problem(rule, page.path, message, hint=hint, line=best, column=column)
