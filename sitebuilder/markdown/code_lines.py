"""Tell fenced code from the other lines of a body."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

_LANGUAGE: Final = re.compile(r"[\s{.]*([\w#+-][\w#.+-]*)?")
_CODE_FENCE: Final = re.compile(r"(?P<indent> {0,3})(?P<fence>`{3,}|~{3,})(?P<rest>.*)$")
_LIST_ITEM: Final = re.compile(r"\s*(?:[-*+]|\d+\.|:|\[\^[^\]]+\]:)(?:\s|$)")


@lru_cache(maxsize=2)
def lines_outside_code(body: str) -> tuple[tuple[int, str], ...]:
    """Return the lines that are not in a fenced code block, with their numbers from 0.

    Several steps ask for the same body, first as typed and then with its facts expanded, so the
    results for two bodies are cached.
    """
    lines = body.split("\n")
    fenced = "```" in body or "~~~" in body
    return tuple(normalize_code_fences(lines)[1] if fenced else enumerate(lines))


def normalize_code_fences(lines: list[str]) -> tuple[list[str], list[tuple[int, str]], int | None]:
    """Rewrite CommonMark code fences (section 4.5) to the form that Python-Markdown accepts.

    Python-Markdown accepts a fence only at the start of a line, followed by no more than a
    language, and closed by an identical fence.

    Returns:
        All lines, with a closing fence added if one is missing; the lines outside of code, with
        their numbers from 0; and the number of the line with a fence that is never closed, or None.
    """
    normalized, outside = list(lines), []
    fence, indent, opened_at = "", 0, 0
    for number, line in enumerate(lines):
        code = _CODE_FENCE.match(line) if "```" in line or "~~~" in line else None
        if fence and code and code["fence"].startswith(fence) and not code["rest"].strip():
            normalized[number], fence = fence, ""
        elif fence:
            normalized[number] = line[min(indent, len(line) - len(line.lstrip(" "))) :]
        elif code and "`" not in code["rest"]:
            fence, indent, opened_at = code["fence"], len(code["indent"]), number
            language = _LANGUAGE.match(code["rest"])
            normalized[number] = fence + (language[1] or "" if language else "")
        else:
            outside.append((number, line))
    return [*normalized, fence] if fence else normalized, outside, opened_at if fence else None


def prose_lines(body: str) -> Iterator[tuple[int, str]]:
    """Yield the lines that are neither fenced nor indented code, with their numbers from 0."""
    depth, after_blank, in_code = 0, True, False
    for number, line in lines_outside_code(body):
        if not line:
            after_blank = True
            yield number, line
            continue
        first = line[:1]
        if first.isalpha():  # shortcut: neither indented nor a list item
            depth = 0 if after_blank else depth
            after_blank = in_code = False
            yield number, line
            continue
        if not line.strip():
            after_blank = True
            yield number, line
            continue
        width = _indent_width(line) if first.isspace() else 0
        in_code = (after_blank or in_code) and width >= 4 * (depth + 1)
        if _LIST_ITEM.match(line) and not in_code:
            depth = width // 4 + 1
        elif after_blank and not in_code:
            depth = min(depth, width // 4)
        after_blank = False
        if not in_code:
            yield number, line


def _indent_width(line: str) -> int:
    expanded = line.expandtabs(4)
    return len(expanded) - len(expanded.lstrip())
