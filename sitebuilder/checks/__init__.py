"""Plain functions that look for problems. They state facts; config decides how bad each is.

Adding one is a function, a line in one of the two tuples below, and a test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from sitebuilder.checks.html import check_html, check_static_html
from sitebuilder.checks.metadata import check_description, check_unique_titles
from sitebuilder.checks.release import check_release, check_site_url
from sitebuilder.checks.structured_data import check_structured_data
from sitebuilder.core.model import RenderedPage, Site, SitePage
from sitebuilder.core.problems import Problem

PageCheck = Callable[[SitePage, str], Iterable[Problem]]
SiteCheck = Callable[[Site, Mapping[str, RenderedPage]], Iterable[Problem]]

PAGE_CHECKS: Final[tuple[PageCheck, ...]] = (check_description, check_html, check_structured_data)
"""Given a place and its finished HTML. Run with the page, so that they are cached with it."""

SITE_CHECKS: Final[tuple[SiteCheck, ...]] = (
    check_unique_titles,
    check_site_url,
    check_release,
    check_static_html,
)
"""Given the site and the finished pages by source path."""
