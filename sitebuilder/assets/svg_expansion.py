"""Bound what a drawing expands to: `<use>` in `<use>`, and patterns in patterns, multiply.

A file of 2 kB can ask for 10 to the power of 12 parts, and a browser that tries to draw it hangs.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Final

MAX_EXPANDED_PARTS: Final = 200_000
"""A browser takes about a second to draw that many."""

_ROOT: Final = ""


class ExpansionCounter:
    """Counts the parts of a drawing, those that it shows by reference each time anew.

    Attributes:
        open_ids: Id of each open element; empty for those without.
        sizes: Parts inside of the elements with an id, by id. All parts are inside of the root.
        references: Ids that are referred to inside of the elements with an id, by id.
        style_references: Ids that style sheets refer to; any part may have such a style.
    """

    def __init__(self) -> None:
        self.open_ids: list[str] = []
        self.sizes: Counter[str] = Counter()
        self.references: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.style_references: set[str] = set()

    def open_part(self, part_id: str, references: Iterable[str]) -> None:
        """Count a part that begins here.

        Args:
            part_id: Its id; empty for none.
            references: The ids to which its attributes refer.
        """
        self.open_ids.append(part_id)
        referred = Counter(references)
        for holder in {_ROOT, *self.open_ids}:
            self.sizes[holder] += 1
            if referred:
                self.references[holder].update(referred)

    def close_part(self) -> None:
        """Leave the innermost open part."""
        self.open_ids.pop()

    def count(self) -> int:
        """Return the parts that the drawing expands to, at most one more than allowed.

        References in a circle show nothing.
        """
        expanded: dict[str, int] = {}
        waiting, active = [_ROOT], set()
        while waiting:
            name = waiting[-1]
            referred = self._referred_by(name)
            missing = [each for each in referred if each not in expanded and each not in active]
            if name not in expanded and missing:
                active.add(name)
                waiting += missing
                continue
            waiting.pop()
            active.discard(name)
            total = self.sizes[name] + sum(n * expanded.get(e, 0) for e, n in referred.items())
            expanded[name] = min(total, MAX_EXPANDED_PARTS + 1)
        return expanded[_ROOT]

    def _referred_by(self, name: str) -> Counter[str]:
        referred = Counter(self.references[name])
        for each in self.style_references:
            referred[each] += self.sizes[name]
        return Counter({each: n for each, n in referred.items() if each in self.sizes})
