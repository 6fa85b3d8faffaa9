"""What an independent parser of CommonMark (markdown-it-py) reads in a body, beside our own pages.

Both are compared as outlines of their HTML: words, headings, list items with their nesting, cells
of tables, and targets of links.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterable
from difflib import SequenceMatcher
from html.parser import HTMLParser
from typing import NamedTuple
from urllib.parse import unquote

from markdown_it import MarkdownIt

_BLOCK_TAGS = frozenset(
    "p h1 h2 h3 h4 h5 h6 ul ol li table thead tbody tr th td pre blockquote hr dl dt dd div".split()
)


class Entry(NamedTuple):
    """A block of an outline: its kind, how it is nested in lists, and its words."""

    kind: str
    path: str
    words: str


class _OutlineReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.entries: list[Entry] = []
        self.targets: list[str] = []
        self.stack: list[str] = []
        self.text = ""
        self.skipped = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "a" and "href" in values:
            self.targets.append(values["href"] or "")
        if tag == "img":
            self.targets.append(values.get("src") or "")
            self.text += f" {values.get('alt') or ''} "
        if tag == "br":
            self.text += " "
        if tag in _BLOCK_TAGS:
            self.flush()
            if tag != "hr":
                self.stack.append(tag)
            if tag == "li":
                self.entries.append(Entry("li", self.path(), ""))

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCK_TAGS and tag in self.stack:
            self.flush()
            while self.stack.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        self.text += data

    def path(self) -> str:
        return "".join(tag[0] for tag in self.stack if tag in {"ul", "ol"})

    def flush(self) -> None:
        words = " ".join(self.text.split())
        self.text = ""
        if not words:
            return
        kinds = [tag for tag in self.stack if tag[0] == "h" or tag in {"th", "td", "pre"}]
        kind = kinds[-1] if kinds else "text"
        if kind[0] == "h":
            kind = "heading"
        last = self.entries[-1] if self.entries else None
        if last and last.kind == "li" and not last.words and kind == "text":
            self.entries[-1] = Entry("li", last.path, words)
        else:
            self.entries.append(Entry(kind, self.path(), words))


def outline(html: str) -> tuple[list[Entry], list[str]]:
    reader = _OutlineReader()
    reader.feed(html)
    reader.close()
    reader.flush()
    return [e for e in reader.entries if e.words or e.kind == "li"], reader.targets


class _Judge(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: ARG002, N802 - its own name
        """Keep each target: ours are judged by other rules."""
        return True


_JUDGE = _Judge("commonmark").enable("table")


def judge(body: str) -> tuple[list[Entry], list[str]]:
    return outline(_JUDGE.render(body))


def _letters(text: str) -> str:
    return re.sub(r"\W+", "", text)


def _comparable(entries: list[Entry]) -> list[Entry]:
    return [
        Entry(e.kind, e.path, _letters(e.words))
        for e in entries
        if _letters(e.words) or e.kind == "li"
    ]


def _target(target: str) -> str:
    # Addresses in backticks, which nobody means, lead on here.
    return unquote(target).removeprefix("mailto:").strip("`").lower()


def _may_hold(line: str, words: str) -> bool:
    return line in words or any(part in line for part in (words[:12], words[-12:]) if part)


def silent_differences(
    body: str, html: str, told: Container[int], judged: Iterable[str] = ()
) -> list[str]:
    """What a reader of our page gets otherwise than CommonMark says, and no problem tells of.

    Args:
        body: The Markdown.
        html: What we made of it.
        told: Numbers, from 1, of the lines at which a problem stands.
        judged: Targets that the link checker hears of, whether they are on the page or not.
    """
    entries, targets = outline(html)
    ours, theirs = _comparable(entries), _comparable(judge(body)[0])
    lines = [(number, _letters(line)) for number, line in enumerate(body.split("\n"), 1)]
    found = []
    matcher = SequenceMatcher(None, ours, theirs, autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes() if ours != theirs else ():
        near = {
            number + step
            for entry in (*ours[a:b], *theirs[c:d])
            for number, letters in lines
            if letters and _may_hold(letters, entry.words)
            for step in (-1, 0, 1)
        }
        if tag != "equal" and not any(number in told for number in near):
            found.append(f"{ours[a:b][:3]} here, {theirs[c:d][:3]} in CommonMark")
    missing = Counter(map(_target, judge(body)[1])) - Counter(map(_target, [*targets, *judged]))
    for target in missing:
        near = {n for n, line in enumerate(body.split("\n"), 1) if target in unquote(line).lower()}
        if not any(number in told for number in near):
            found.append(f"no link to {target}")
    return found
