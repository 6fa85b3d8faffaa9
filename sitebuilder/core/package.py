"""Where the program itself lies on the disk."""

from __future__ import annotations

from pathlib import Path
from typing import Final

PACKAGE_ROOT: Final = Path(__file__).resolve().parent.parent
"""The folder of the package `sitebuilder`. The only place where the program looks for itself."""


def default_sources() -> Path:
    """The folder with the default `templates/` and `static/`.

    In a checkout they lie beside the package; an installed package has them inside.
    """
    return PACKAGE_ROOT if (PACKAGE_ROOT / "templates").is_dir() else PACKAGE_ROOT.parent
