"""Compare two texts line by line."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Final

from sitebuilder.clinical.reviews.records import normalize_lines

UNCHANGED: Final = "same"
REMOVED: Final = "gone"
ADDED: Final = "new"
GAP: Final = "skip"

_CONTEXT_LINES: Final = 1


def diff_lines(old: str, new: str) -> tuple[tuple[str, str], ...]:
    """Compare two texts, with one line of context around each change.

    Lines are compared as digests see them, so the result is empty if and only if the digests are
    equal.

    Returns:
        Rows of (kind, text). The kinds are `UNCHANGED`, `REMOVED`, `ADDED`, and `GAP`, which has no
        text and stands for equal lines that are left out.
    """
    return tuple(_diff_rows(normalize_lines(old), normalize_lines(new)))


def _diff_rows(old: list[str], new: list[str]) -> Iterator[tuple[str, str]]:
    covered = 0  # lines of `old` that are shown or skipped so far
    # autojunk would ignore lines that are frequent in long pages
    groups = SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(_CONTEXT_LINES)
    for group in groups:
        if group[0][1] > covered:
            yield GAP, ""
        for kind, old_from, old_to, new_from, new_to in group:
            if kind == "equal":
                yield from ((UNCHANGED, line) for line in old[old_from:old_to])
            else:
                yield from ((REMOVED, line) for line in old[old_from:old_to])
                yield from ((ADDED, line) for line in new[new_from:new_to])
        covered = group[-1][2]
    if 0 < covered < len(old):
        yield GAP, ""
