"""Regular expressions that are compiled when they are first used.

Compiling is slow, and most builds need few of the patterns that a module has: on a small site that
took longer than making its pages. A pattern of the innermost loops is better compiled at once.
"""

from __future__ import annotations

import re
from typing import Any, AnyStr, cast


class _LazyPattern:
    """Stands in for a pattern. What is asked of it once is an attribute of its own from then on."""

    def __init__(self, pattern: str | bytes, flags: int) -> None:
        self.pattern, self._flags = pattern, flags

    def __getattr__(self, name: str) -> Any:
        found = getattr(re.compile(self.pattern, self._flags), name)
        setattr(self, name, found)
        return found


def lazy_compile(pattern: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """A pattern, to be used by its methods."""
    return cast("re.Pattern[AnyStr]", _LazyPattern(pattern, flags))
