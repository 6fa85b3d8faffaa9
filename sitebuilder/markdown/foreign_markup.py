"""Report forms of other programs that readers would see as typed.

Editors bring them from GitHub, from wikis and other generators, and from word processors.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from sitebuilder.core.lazy_regex import lazy_compile
from sitebuilder.core.problems import Problem, problem

_BULLETS: Final = (
    "\u2022\u2023\u00b7\u25cf\u25cb\u25e6\u25aa\u25ab\u25a0\u25a1\u27a2\u27a4\u2713\u2714"
)
_ITEM: Final = lazy_compile(
    rf"\s*(?:(?P<bullet>[{_BULLETS}])|(?P<dash>[\u2013\u2014])(?=\s)"
    r"|(?P<number>\(?[a-zA-Z]\)|\(\d{1,2}\)|\d{1,2}\.\)|\(?[ivx]{2,4}[.)]|[a-z]\.)(?=\s+\S))"
)
_MAY_BE_ITEM: Final = lazy_compile(r"\n\s*\(?(?:[a-zA-Z]|\d{1,2}|[ivx]{2,4})(?:\)|\.\)|\.)\s")
_SIGNED_ITEM: Final = lazy_compile(rf"(?m)^\s*[{_BULLETS}\u2013\u2014]")
_AFTER_LETTER: Final = frozenset(".)")
_ITEM_START: Final = frozenset(f" \tivx(0123456789\u2013\u2014{_BULLETS}")


class _Form(msgspec.Struct, frozen=True):
    """A form that has no effect here.

    Attributes:
        trigger: What it contains: to look for this first is far faster.
        pattern: Finds it in a line.
        hint: What to write instead.
    """

    trigger: str
    pattern: re.Pattern[str]
    hint: str


_CARD: Final = (
    "For a box, write '::: emergency', or another block of docs/editing.md, and ':::' below."
)
_FORMS: Final = (
    _Form("[!", lazy_compile(r"(?m)^\s*(?:>\s*)+\[!\w+\]"), _CARD),
    _Form("!!!", lazy_compile(r"(?m)^\s*!!!\+?\s*\w.*"), _CARD),
    _Form("???", lazy_compile(r"(?m)^\s*\?\?\?\+?\s+\w.*"), _CARD),
    _Form(
        "[TOC]",
        lazy_compile(r"(?<!\])\[TOC\](?![(\[:])"),
        "Delete it: each long page lists its headings.",
    ),
    _Form(
        "[toc]",
        lazy_compile(r"(?<!\])\[toc\](?![(\[:])"),
        "Delete it: each long page lists its headings.",
    ),
    _Form(
        "[[",
        lazy_compile(r"!?\[\[(?!\])[^\[\]]+\]\](?![(\[])"),
        "For a link, write [words](page.md); for a list of headings, nothing.",
    ),
    _Form(
        "{{",
        lazy_compile(r"\{\{.*?(?:\}\}|$)"),
        "Delete it: pages have no templates here. For a figure, write {fact name}.",
    ),
    _Form(
        "{%",
        lazy_compile(r"\{%.*?(?:%\}|$)"),
        "Delete it: pages have no templates here. For a box, use a block of docs/editing.md.",
    ),
    _Form(
        ":",
        lazy_compile(r":(?<![\w:/]:)[a-z][a-z0-9_+-]*:(?![\w:/])"),
        "Write the sign itself, or a word.",
    ),
    _Form(
        "^[",
        lazy_compile(r"(?<![\[\\])\^\[[^\[\]]+\](?!\()"),
        "Write [^name], and the source in content/references.yaml.",
    ),
    _Form(
        "%%",
        lazy_compile(r"(?m)^%%.*|%%[^%]+%%"),
        "For a remark that nobody sees, write <!-- it -->.",
    ),
    _Form("$$", lazy_compile(r"\$\$.*"), "Write it in words: there are no formulas here."),
)


def find_foreign_markup(
    lines: Sequence[tuple[int, str]], body: str, path: str
) -> Iterator[Problem]:
    """Report foreign forms, each at its line.

    Args:
        lines: Numbered lines without code.
        body: The whole text, for a quick test.
    """
    for form in _FORMS:
        if form.trigger in body and form.pattern.search(body):
            for number, line in lines:
                match = form.pattern.search(line) if form.trigger in line else None
                if match:
                    message = f"'{match[0].strip()}' has no effect here: readers see it as typed"
                    yield problem(
                        "stray-markup",
                        path,
                        message,
                        hint=form.hint,
                        line=number,
                        column=match.start() + 1,
                    )
    if _MAY_BE_ITEM.search(f"\n{body}") or (not body.isascii() and _SIGNED_ITEM.search(body)):
        yield from _find_foreign_items(lines, path)


def _find_foreign_items(lines: Sequence[tuple[int, str]], path: str) -> Iterator[Problem]:
    """Report the first line of each list whose marks Markdown does not know."""
    marks = [
        _ITEM.match(line) if line[:1] in _ITEM_START or line[1:2] in _AFTER_LETTER else None
        for _, line in lines
    ]
    for index, match in enumerate(marks):
        if match is None or (index and marks[index - 1]):
            continue
        number = lines[index][0]
        is_first = not (index and lines[index - 1][1].strip())
        has_next = any(
            other and other.lastgroup == match.lastgroup for other in marks[index + 1 : index + 4]
        )
        if match["bullet"] or has_next or (match["dash"] and is_first):
            mark = match[0].strip()
            message = f"'{mark}' begins no list: readers see its lines run together"
            hint = f"Write '{'1. ' if match['number'] else '- '}' in place of '{mark}'."
            yield problem("stray-markup", path, message, hint=hint, line=number, column=1)
