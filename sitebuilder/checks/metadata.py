"""Check the titles and descriptions of pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sitebuilder.core.model import RenderedPage, Site, SitePage
from sitebuilder.core.problems import Problem, problem


def check_description(site_page: SitePage, _html: str) -> Iterator[Problem]:
    """Check that a page, unless it is generated, has a description."""
    page = site_page.page
    if not page.description and not page.generated and page.path:
        hint = "Add a line 'description: ...': one sentence, for search engines and lists."
        line = page.lines.get("title", 1)
        yield problem("description", page.path, "the page has no description", hint=hint, line=line)


def check_unique_titles(site: Site, _rendered: Mapping[str, RenderedPage]) -> Iterator[Problem]:
    """Check that no page that is not generated has the title of an earlier page, ignoring case.

    Readers could not tell the two apart in tabs and search results.
    """
    first_path: dict[str, str] = {}
    for site_page in site.pages:
        page = site_page.page
        other = first_path.setdefault(page.title.casefold(), page.path)
        if other != page.path and not page.generated:
            hint = "Say in the title what is different about this page."
            line = page.lines.get("title", 1)
            message = f"the title is the same as that of {other}"
            yield problem("page-title", page.path, message, hint=hint, line=line)
