"""Types for the text of a page, cut into passages for the language checks."""

from __future__ import annotations

import msgspec


class Subject(msgspec.Struct, frozen=True):
    """The medical subject of a page, for structured data.

    Attributes:
        kind: `procedure` or `condition`.
        also: Other names that the page uses.
        body_part: Where in the body; empty if the page does not name it.
    """

    kind: str
    name: str
    also: tuple[str, ...] = ()
    body_part: str = ""


class TextRun(msgspec.Struct, frozen=True):
    """A stretch of plain text of one origin.

    Attributes:
        line: Line of its first character, from 1.
        column: Column of its first character, from 1.
        origin: `page`, `fact`, `sign` (a warning sign) or `no-claim`.
    """

    text: str
    line: int
    column: int
    origin: str = "page"


class Passage(msgspec.Struct, frozen=True):
    """A piece of text without markup, with facts expanded as readers see them.

    Attributes:
        kind: `heading`, `paragraph`, `item`, `cell`, `title`, `field` or `number`.
        runs: The text; never empty.
        block: Name of the innermost enclosing block; empty outside of blocks.
        block_line: Line at which that block starts.
    """

    kind: str
    runs: tuple[TextRun, ...]
    block: str = ""
    block_line: int = 0

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)

    @property
    def typed_text(self) -> str:
        """The text with what was not typed on the page blanked out; offsets stay the same."""
        return "".join(r.text if r.origin == "page" else "\0" * len(r.text) for r in self.runs)

    @property
    def line(self) -> int:
        return self.runs[0].line

    def locate(self, offset: int) -> tuple[int, int]:
        """Return the line and column, both from 1, of an offset in `text`.

        Offsets in text that comes from a shortcode map to the start of the shortcode,
        offsets past the end to the start of the last run.
        """
        for run in self.runs:
            if offset < len(run.text):
                return run.line, run.column + (offset if run.origin == "page" else 0)
            offset -= len(run.text)
        last = self.runs[-1]
        return last.line, last.column


class ReadingGrade(msgspec.Struct, frozen=True):
    """How hard a text is to read, in US school grades.

    Attributes:
        flesch_kincaid: Flesch-Kincaid grade in which list items and headings count as sentences.
        prose: Flesch-Kincaid grade of paragraphs alone; of the whole text if it has none.
        smog: SMOG grade.
    """

    flesch_kincaid: float
    prose: float
    smog: float
    words: int
    sentences: int
