"""A program where folders list their files in another order.

python other_world.py SEED build.py ...
"""

from __future__ import annotations

import os
import random
import runpy
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

order = random.Random(int(sys.argv[1]))
real_scandir, real_listdir = os.scandir, os.listdir


class Shuffled:
    """What os.scandir gives, in another order."""

    def __init__(self, *where: Any) -> None:
        with real_scandir(*where) as rows:
            self.rows = list(rows)
        order.shuffle(self.rows)

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        if not self.rows:
            raise StopIteration
        return self.rows.pop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def close(self) -> None:
        pass


def listdir(*where: Any) -> list[Any]:
    names = real_listdir(*where)
    order.shuffle(names)
    return names


os.scandir, os.listdir = Shuffled, listdir  # type: ignore[assignment]  # stand-ins
sys.argv = sys.argv[2:]
sys.path.insert(0, str(Path(sys.argv[0]).resolve().parent))
runpy.run_path(sys.argv[0], run_name="__main__")
