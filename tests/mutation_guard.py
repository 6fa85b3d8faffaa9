"""Keeps a mutant from doing harm: it may write below the folders of its run and nowhere else.

A mutant of what guards folders would write wherever a test points it on purpose. This file is also
put into the run as `sitecustomize`, so that the programs that a test starts are held too.
"""

from __future__ import annotations

import os
import sys

CHANGES = set(
    "os.rename os.remove os.mkdir os.rmdir os.chmod os.symlink os.link os.truncate os.chown "
    "shutil.rmtree shutil.move os.utime".split()
)


def hold(allowed: tuple[str, ...]) -> None:
    """From now on this process changes nothing outside the `allowed` folders."""

    def inside(path: object) -> bool:
        if isinstance(path, int) or path is None:
            return True
        full = os.path.realpath(os.path.dirname(os.path.abspath(os.fsdecode(path))))  # type: ignore[arg-type]  # noqa: PTH100
        return full.startswith(allowed)

    def hook(event: str, details: tuple[object, ...]) -> None:
        if event == "open":
            flags = details[2]
            changes = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
            paths = details[:1]
        else:
            changes = event in CHANGES
            paths = details[:2] if event in {"os.rename", "os.link", "shutil.move"} else details[:1]
            paths = details[1:2] if event == "os.symlink" else paths
        if changes and not all(map(inside, paths)):
            raise PermissionError(f"a mutant wanted to change {paths}")

    sys.addaudithook(hook)


if os.environ.get("MUTANT_MAY_WRITE"):
    hold(tuple(os.environ["MUTANT_MAY_WRITE"].split(os.pathsep)))
