"""Plain functions that look for problems. They state facts; config decides how bad each is.

Adding one is a function, a line in one of the two tuples below, and a test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from sitebuilder.checks.html import static_is_harmless, well_formed
from sitebuilder.checks.metadata import described, titles_differ
from sitebuilder.checks.release import may_be_released, url_is_set
from sitebuilder.checks.structured_data import says_what_the_page_says
from sitebuilder.core.model import RenderedPage, Site, SitePage
from sitebuilder.core.problems import Problem

PageCheck = Callable[[SitePage, str], Iterable[Problem]]
SiteCheck = Callable[[Site, Mapping[str, RenderedPage]], Iterable[Problem]]

PAGE_CHECKS: Final[tuple[PageCheck, ...]] = (described, well_formed, says_what_the_page_says)
"""Given a place and its finished HTML. Run with the page, so that they are cached with it."""

SITE_CHECKS: Final[tuple[SiteCheck, ...]] = (
    titles_differ,
    url_is_set,
    may_be_released,
    static_is_harmless,
)
"""Given the site and the finished pages by source path."""
