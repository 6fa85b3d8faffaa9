"""Checks that look for problems in rendered pages and in the site as a whole.

A check is a function that yields problems; the configuration decides how severe each one is. To add
a check, write the function, list it in one of the two tuples below, and add a test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from sitebuilder.checks.html import check_html, check_static_html
from sitebuilder.checks.metadata import (
    check_description,
    check_has_text,
    check_review_duty,
    check_unique_titles,
)
from sitebuilder.checks.release import check_release, check_site_url
from sitebuilder.checks.structured_data import check_structured_data
from sitebuilder.core.model import RenderedPage, Site, SitePage
from sitebuilder.core.problems import Problem

PageCheck = Callable[[SitePage, str], Iterable[Problem]]
SiteCheck = Callable[[Site, Mapping[str, RenderedPage]], Iterable[Problem]]

PAGE_CHECKS: Final[tuple[PageCheck, ...]] = (
    check_description,
    check_has_text,
    check_review_duty,
    check_html,
    check_structured_data,
)
"""Called with a page and its HTML while it is rendered, so that the problems are cached with it."""

SITE_CHECKS: Final[tuple[SiteCheck, ...]] = (
    check_unique_titles,
    check_site_url,
    check_release,
    check_static_html,
)
"""Called with the site and the rendered pages by source path."""
