"""Two texts in, the lines in which they differ out."""

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
    """Lines as (kind, text), with one line around each change; empty if nothing differs.

    Kinds: `same`, `gone` (in old only), `new`, and `skip` (no text) where equal lines are left out.
    Lines are compared as digests see them, so it is empty if and only if the digests are equal.
    """
    return tuple(_diff_rows(normalize_lines(old), normalize_lines(new)))


def _diff_rows(old: list[str], new: list[str]) -> Iterator[tuple[str, str]]:
    told = 0  # how much of `old` is told or skipped
    # autojunk would leave out lines that come up often in long pages
    groups = SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(_CONTEXT_LINES)
    for group in groups:
        if group[0][1] > told:
            yield GAP, ""
        for kind, old_from, old_to, new_from, new_to in group:
            if kind == "equal":
                yield from ((UNCHANGED, line) for line in old[old_from:old_to])
            else:
                yield from ((REMOVED, line) for line in old[old_from:old_to])
                yield from ((ADDED, line) for line in new[new_from:new_to])
        told = group[-1][2]
    if 0 < told < len(old):
        yield GAP, ""
