"""The text of a page, cut into passages for the checks that read it."""

from __future__ import annotations

import msgspec

# -- what a page is about --------------------------------------------------------------------------


class Subject(msgspec.Struct, frozen=True):
    """What a page is about, for search engines: a procedure or a condition."""

    kind: str
    name: str
    also: tuple[str, ...] = ()
    body_part: str = ""


# -- what a page says -----------------------------------------------------------------------------


class TextRun(msgspec.Struct, frozen=True):
    """A stretch of plain words of one origin: `page`, `fact`, `sign` or `no-claim`."""

    text: str
    line: int
    column: int
    origin: str = "page"


class Passage(msgspec.Struct, frozen=True):
    """A heading, paragraph, list item, table cell, block title or field, without its markup.

    `kind`: heading, paragraph, item, cell, title, field, number. `block`: the innermost block
    around it, and `block_line` where that starts. Facts stand in it as readers see them.
    """

    kind: str
    runs: tuple[TextRun, ...]
    block: str = ""
    block_line: int = 0

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)

    @property
    def line(self) -> int:
        return self.runs[0].line

    def locate(self, offset: int) -> tuple[int, int]:
        """Line and column, both from 1, of what stands at an offset of `text`."""
        for run in self.runs:
            if offset < len(run.text):
                return run.line, run.column + (offset if run.origin == "page" else 0)
            offset -= len(run.text)
        last = self.runs[-1]
        return last.line, last.column


class ReadingGrade(msgspec.Struct, frozen=True):
    """How hard a text is to read, in US school grades.

    `flesch_kincaid`: list items and headings count as sentences; `prose`: paragraphs alone.
    """

    flesch_kincaid: float
    prose: float
    smog: float
    words: int
    sentences: int
