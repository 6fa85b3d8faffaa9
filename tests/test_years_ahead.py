"""No date stops the site: what falls due by the calendar alone warns, and never blocks.

An urgent correction may have to be published years after the last review.
"""

from __future__ import annotations

from datetime import date

import pytest
from conftest import PROJECT, TODAY
from modes import SOAK, TURN

from sitebuilder.build.pipeline import Build, build_site
from sitebuilder.content.loader import load_sources

MONTHS = [date(TODAY.year + n // 12, n % 12 + 1, 1) for n in range(TODAY.month, TODAY.month + 121)]


def build_on(day: date, *, release: bool) -> Build:
    return build_site(load_sources(PROJECT), day, release=release)


def errors(build: Build) -> set[tuple[str, int, str, str]]:
    return {(p.path, p.line, p.rule, p.message) for p in build.problems if p.severity == "error"}


@pytest.mark.slow
@pytest.mark.parametrize("release", [False, True])
def test_no_month_of_the_next_ten_years_has_an_error_that_today_has_not(release: bool) -> None:  # noqa: FBT001
    """A month a day, and the last; with SOAK all of them."""
    today = errors(build_on(MONTHS[0], release=release))
    for day in MONTHS if SOAK else [MONTHS[TURN % len(MONTHS)], MONTHS[-1]]:
        assert errors(build_on(day, release=release)) == today, day


@pytest.mark.slow
def test_what_is_old_in_ten_years_warns_and_says_so_on_the_page() -> None:
    later = build_on(MONTHS[-1], release=False)
    old = [p for p in later.problems if p.rule == "old-reference"]
    assert old
    assert {p.severity for p in old} == {"warning"}
    page = next(o for o in later.outputs if o.path == "sources/index.html").load().decode()
    assert page.count("This source is old; we look for a newer one.") == len(old)
