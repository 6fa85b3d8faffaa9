"""Take comments out of a Markdown body, so that no check and no reader meets what is in them.

CommonMark knows two kinds (sections 4.6 and 6.6): one that starts a line goes on to its `-->`, over
empty lines too; one within a text ends in the same paragraph, or is none.
"""

from __future__ import annotations

import re
from typing import Final

from sitebuilder.core.problems import Problem, problem

_OPENING: Final = "<!--"
_CLOSING: Final = "-->"
_CODE_FENCE: Final = re.compile(r"[ >]*(?:[-+*] +|\d+[.)] +)*(?P<fence>`{3,}(?=[^`]*$)|~{3,})")
_CODE_SPAN_OR_OPENING: Final = re.compile(
    r"\\.|(?P<ticks>`+)(?:(?!`).+?(?<!`)(?P=ticks)(?!`))?|<!--"
)
_CODE_INDENT: Final = "    "


def remove_comments(body: str, path: str, first_line: int) -> tuple[str, list[Problem]]:
    """Remove the comments of a body; lines keep their numbers.

    A comment that is never closed is reported and left in place.

    Args:
        path: The page's file, for problems.
        first_line: Line of the file on which the body starts.
    """
    if _OPENING not in body:
        return body, []
    remover = _CommentRemover(body.split("\n"))
    remover.run()
    problems = [
        problem("meaning", path, message, hint=hint, line=first_line + line, column=column)
        for line, column, message, hint in remover.findings
    ]
    return "\n".join(remover.lines), problems


class _CommentRemover:
    """State of going through the lines of a body.

    Attributes:
        lines: The lines; those behind the current one are as typed.
        findings: Line from 0, column from 1, message and hint of each mistake.
    """

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.findings: list[tuple[int, int, str, str]] = []

    def run(self) -> None:
        fence, above, in_code = "", "", False
        for number, line in enumerate(self.lines):
            in_code = line.startswith(_CODE_INDENT) and (in_code or not above.strip())
            above = line
            match = _CODE_FENCE.match(line) if "```" in line or "~~~" in line else None
            if fence:
                if match and match["fence"].startswith(fence) and not line[match.end() :].strip():
                    fence = ""
            elif match:
                fence = match["fence"]
            elif _OPENING in line and not in_code:
                self.remove_from_line(number)

    def remove_from_line(self, number: int) -> None:
        """Remove the comments that start on a line; later ones of the line too."""
        position = 0
        while match := _CODE_SPAN_OR_OPENING.search(self.lines[number], position):
            position = match.end()
            if match[0] == _OPENING:
                if not self.remove_comment(number, match.start()):
                    return
                position = match.start()

    def remove_comment(self, number: int, column: int) -> bool:
        """Remove the comment at a position; return whether it has an end."""
        starts_line = not self.lines[number][:column].strip(" >")
        start = column + len(_OPENING)
        for end in range(number, len(self.lines)):
            line = self.lines[end]
            if not starts_line and end > number and not line.strip():
                break
            closing = line.find(_CLOSING, start if end == number else 0)
            inner = line.find(_OPENING, start if end == number else 0)
            if 0 <= inner < (closing if closing >= 0 else len(line)):
                message = "a comment starts inside a comment: the first '-->' ends both"
                self.findings.append((end, inner + 1, message, "Delete this '<!--' and its '-->'."))
                return False
            if closing >= 0:
                self.cut(number, column, end, closing + len(_CLOSING))
                return True
        message = "this comment is never closed"
        if not starts_line:
            message = "this comment is not closed in its paragraph, so that readers would see it"
        self.findings.append((number, column + 1, message, "Write '-->' where it ends."))
        return False

    def cut(self, first: int, column: int, last: int, end: int) -> None:
        """Remove the text from a position in the first line to one in the last line."""
        before, after = self.lines[first][:column], self.lines[last][end:]
        if first == last:
            # Spaces at the end would break the line; those at the start would make code of it.
            kept = before + after if before.strip() else after.lstrip()
            self.lines[first] = kept if after.strip() else kept.rstrip()
            return
        self.lines[first] = before.rstrip()
        for number in range(first + 1, last):
            self.lines[number] = ""
        self.lines[last] = after.lstrip()
