"""Explain YAML syntax errors in words that help an editor."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from sitebuilder.core.lazy_regex import lazy_compile
from sitebuilder.core.problems import Problem, problem

MAX_PROBLEMS: Final = 100
"""Problems in one file after which parsing stops."""

_FALLBACK_ADVICE: Final = ("this cannot be read as YAML", "Compare it with a page that works.")
_TAB_INDENT: Final = lazy_compile(r"[ ]*\t")
_CURLY_QUOTED_VALUE: Final = lazy_compile(r"[^:]+:[ ]*[“”„‘’]")  # noqa: RUF001 - curly quotes are meant

_SPACE_LOOKALIKES: Final = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
_LOOKALIKE_SPACE: Final = lazy_compile(
    f"(?P<before>[ -]*(?:[A-Za-z_-]+:)?)(?P<lookalike>[{_SPACE_LOOKALIKES}][{_SPACE_LOOKALIKES} ]*)"
)
_FULLWIDTH_COLON: Final = lazy_compile("(?P<before>[ -]*[A-Za-z_-]+)(?P<lookalike>\uff1a)")


def replace_lookalikes(lines: list[str], path: str, first_line: int) -> list[Problem]:
    """Replace look-alikes of spaces and colons in `lines` by ASCII ones, in place.

    Returns:
        A problem for each replacement, up to `MAX_PROBLEMS`.
    """
    problems: list[Problem] = []
    for index, line in enumerate(lines):
        if line.isascii():
            continue
        match = _LOOKALIKE_SPACE.match(line) or _FULLWIDTH_COLON.match(line)
        if not match:
            continue
        code_point = f"U+{ord(match['lookalike'][0]):04X}"
        is_colon = match["lookalike"] == "\uff1a"
        noun = "colon" if is_colon else "space"
        message = f"the {noun} here is {code_point}, which only looks like a {noun}"
        replacement = ": " if is_colon else " " * len(match["lookalike"])
        lines[index] = match["before"] + replacement + line[match.end() :]
        hint = "Delete it and type it again. It often comes with text pasted from a browser."
        if len(problems) < MAX_PROBLEMS:
            position = {"line": first_line + index, "column": match.end("before") + 1}
            problems.append(problem("yaml", path, message, hint=hint, **position))
    return problems


_MISSING_SPACE: Final = lazy_compile(r"(?P<name>[ ]*(?:- )?[A-Za-z_][\w-]{0,60}):(?=[^\s:/])")
"""A field without the space behind its colon, which YAML takes for a text. `https:` is none."""


def insert_missing_spaces(
    lines: list[str], path: str, first_line: int, indexes: Iterable[int]
) -> list[Problem]:
    """Put a space behind the colon of each field that has none, in place.

    Args:
        lines: The document.
        path: File that it comes from.
        first_line: Line of the file at which `lines` start.
        indexes: The lines to look at.

    Returns:
        A problem for each space, up to `MAX_PROBLEMS`.
    """
    problems: list[Problem] = []
    for index in indexes:
        match = _MISSING_SPACE.match(lines[index])
        if match and len(problems) < MAX_PROBLEMS:
            name = match["name"].strip(" -")
            lines[index] = f"{match[0]} {lines[index][match.end() :]}"
            message = f"there is no space behind '{name}:'"
            hint = f"Write it as '{lines[index].strip()}'."
            problems.append(
                problem(
                    "yaml",
                    path,
                    message,
                    hint=hint,
                    line=first_line + index,
                    column=match.end() + 1,
                )
            )
    return problems


_ADVICE: Final = (
    (
        "mapping values are not allowed",
        "a ':' inside the value confuses the reader",
        'Put quotes round the value: title: "Stroke: what to do".',
    ),
    (
        "found character '\\t'",
        "a tab is used as a space",
        "Use spaces, never tabs, at the start of a line.",
    ),
    (
        "cannot start any token",
        "the value starts with a sign that has a meaning of its own",
        "Put quotes round the value.",
    ),
    (
        "could not find expected ':'",
        "a line is not of the form 'name: value'",
        "Write each field as 'name: value' on a line of its own.",
    ),
    (
        "invalid Unicode character",
        "this character cannot be written",
        "Delete it, or type the character itself.",
    ),
    (
        "unexpected end of stream",
        "a quote or bracket is opened and never closed",
        "Close it on the line where it starts.",
    ),
    (
        "did not find expected alphabetic",
        "a value that starts with '*' or '&' has a meaning of its own",
        "Put quotes round the value.",
    ),
    (
        "did not find expected",
        "the lines do not fit together here",
        "Check quotes, brackets and the spaces at the start of the line.",
    ),
)
"""Part of a message of libyaml, the message to show instead, and a hint. The first match wins."""


def explain_syntax_error(
    error: Exception, lines: Sequence[str], path: str, first_line: int
) -> Problem:
    """Convert an exception of PyYAML to a problem.

    Args:
        error: The exception.
        lines: The document.
        path: File that it comes from.
        first_line: Line of the file at which `lines` start.
    """
    mark = getattr(error, "problem_mark", None)
    context = f"{getattr(error, 'context', None)}"
    if any(word in context for word in ("quoted scalar", "flow", "simple key")):
        mark = getattr(error, "context_mark", mark)  # where it starts, not the end of the file
    reason = f"{getattr(error, 'problem', None) or error}"
    index = min(mark.line, len(lines) - 1) if mark else 0  # an error may be below the last line
    if mark and _TAB_INDENT.match(lines[index]):
        reason = "found character '\\t'"
    message, hint = next(
        ((message, hint) for part, message, hint in _ADVICE if part in reason), _FALLBACK_ADVICE
    )
    if _CURLY_QUOTED_VALUE.match(lines[index]):
        message, hint = "curly quotes do not hold a value together", 'Use straight quotes: ".'
    column = mark.column + 1 if mark else 1
    return problem("yaml", path, message, hint=hint, line=index + first_line, column=column)
