"""What the reader of YAML says, in words that help an editor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sitebuilder.core.lazy_regex import lazy_compile
from sitebuilder.core.problems import Problem, problem

MAX_PROBLEMS: Final = 100
"""Mistakes of one file; behind these it is not read any further."""

_FALLBACK_ADVICE: Final = ["this cannot be read as YAML", "Compare it with a page that works."]
_TAB_INDENT: Final = lazy_compile(r"[ ]*\t")
_CURLY_QUOTED_VALUE: Final = lazy_compile(r"[^:]+:[ ]*[“”„‘’]")  # noqa: RUF001 - that is the point

_SPACE_LOOKALIKES: Final = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
_LOOKALIKE_SPACE: Final = lazy_compile(
    f"(?P<before>[ -]*(?:[A-Za-z_-]+:)?)(?P<odd>[{_SPACE_LOOKALIKES}][{_SPACE_LOOKALIKES} ]*)"
)
_FULLWIDTH_COLON: Final = lazy_compile("(?P<before>[ -]*[A-Za-z_-]+)(?P<odd>\uff1a)")


def replace_lookalikes(lines: list[str], path: str, first_line: int) -> list[Problem]:
    """Put plain spaces and colons where look-alikes of them stand in `lines`; and tell of each."""
    problems: list[Problem] = []
    for at, line in enumerate(lines):
        if line.isascii():
            continue
        found = _LOOKALIKE_SPACE.match(line) or _FULLWIDTH_COLON.match(line)
        if not found:
            continue
        sign = f"U+{ord(found['odd'][0]):04X}"
        colon = found["odd"] == "\uff1a"
        what = "colon" if colon else "space"
        message = f"the {what} here is {sign}, which only looks like a {what}"
        plain = ": " if colon else " " * len(found["odd"])
        lines[at] = found["before"] + plain + line[found.end() :]
        hint = "Delete it and type it anew. It often comes with text pasted from a browser."
        if len(problems) < MAX_PROBLEMS:
            place = {"line": first_line + at, "column": found.end("before") + 1}
            problems.append(problem("yaml", path, message, hint=hint, **place))
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


def explain_syntax_error(
    error: Exception, lines: Sequence[str], path: str, first_line: int
) -> Problem:
    """What libyaml says of `lines`, which start at `first_line` of `path`, in plain words."""
    mark = getattr(error, "problem_mark", None)
    opened = f"{getattr(error, 'context', None)}"
    if any(word in opened for word in ("quoted scalar", "flow", "simple key")):
        mark = getattr(error, "context_mark", mark)  # where it starts, not the file's end
    said = f"{getattr(error, 'problem', None) or error}"
    at = min(mark.line, len(lines) - 1) if mark else 0  # what is empty may end below it
    if mark and _TAB_INDENT.match(lines[at]):
        said = "found character '\\t'"
    message, hint = next((words for sign, *words in _ADVICE if sign in said), _FALLBACK_ADVICE)
    if _CURLY_QUOTED_VALUE.match(lines[at]):
        message, hint = "curly quotes do not hold a value together", 'Use straight quotes: ".'
    column = mark.column + 1 if mark else 1
    return problem("yaml", path, message, hint=hint, line=at + first_line, column=column)
