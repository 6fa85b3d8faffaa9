"""Regular expressions that are compiled on first use.

Compiling is slow, and most builds use few of the patterns in a module: on a small site, compiling
all of them took longer than rendering the pages. Patterns in the innermost loops should use
`re.compile`.
"""

from __future__ import annotations

import re
from typing import Any, AnyStr, cast


class _LazyPattern:
    """Proxy for a compiled pattern.

    An attribute of the pattern is stored on the proxy when it is first used, so that later uses
    do not go through `__getattr__`.
    """

    def __init__(self, pattern: str | bytes, flags: int) -> None:
        self.pattern, self._flags = pattern, flags

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(re.compile(self.pattern, self._flags), name)
        setattr(self, name, attribute)
        return attribute


def lazy_compile(pattern: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """Return a stand-in for `re.compile(pattern, flags)`.

    Only its methods and attributes can be used: functions such as `re.sub(pattern, ...)` do not
    accept it.
    """
    return cast("re.Pattern[AnyStr]", _LazyPattern(pattern, flags))
