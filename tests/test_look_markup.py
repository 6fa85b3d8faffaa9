"""The Nu HTML checker finds nothing: in the pages, in the style that they carry, in the figures.

One start of Java checks these, and the pages of test_tools_use and test_tools_review_page: nu.py.
"""

from __future__ import annotations

from pathlib import Path

import look
import pytest
from nu import FIGURES, NuChecker

pytestmark = [pytest.mark.java, pytest.mark.node, pytest.mark.xdist_group("java")]


def test_every_page_is_valid(nu_checker: NuChecker, public: Path) -> None:
    look.nothing(nu_checker.found(public, ".html"))


def test_every_drawing_is_valid(nu_checker: NuChecker, public: Path) -> None:
    look.nothing([*nu_checker.found(FIGURES, ".svg"), *nu_checker.found(public, ".svg")])


def test_the_checker_judges_page_style_and_drawing(nu_checker: NuChecker) -> None:
    """It was started once for all files, these last: so it came through all the others."""
    page = "\n".join(nu_checker.found(nu_checker.mistakes, ".html"))
    for words in ("“colour”", "No “p” element in scope", "“q” not allowed", "warning"):
        assert words in page
    (drawing,) = nu_checker.found(nu_checker.mistakes, ".svg")
    assert "“q” not allowed" in drawing
