"""Location of the installed package and of its default templates."""

from __future__ import annotations

from pathlib import Path
from typing import Final

PACKAGE_ROOT: Final = Path(__file__).resolve().parent.parent
"""Folder of the package `sitebuilder`. No other module derives paths from its own `__file__`."""


def default_sources() -> Path:
    """Return the folder with the default `templates/` and `static/`.

    In a checkout they are beside the package; an installed package has them inside.
    """
    return PACKAGE_ROOT if (PACKAGE_ROOT / "templates").is_dir() else PACKAGE_ROOT.parent
