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


def check_has_text(site_page: SitePage, _html: str) -> Iterator[Problem]:
    """Check that a page has text, unless it is generated or lists the pages of its folder."""
    page = site_page.page
    is_made = page.generated or site_page.tool or site_page.children or not page.path
    if not is_made and not page.body.strip():
        message, hint = "the page has no text", "Write some below its fields, or delete the file."
        yield problem("empty-page", page.path, message, hint=hint, line=page.body_line)


def check_review_duty(site_page: SitePage, _html: str) -> Iterator[Problem]:
    """Check that no page with facts, warning signs or a tool says that nobody has to sign it."""
    page, evidence = site_page.page, site_page.evidence
    has_clinical = bool(evidence.facts or evidence.lists or site_page.tool)
    if has_clinical and page.review == "none" and "review" in page.lines:
        message = "'review: none', but the page has facts, warning signs or a tool"
        hint = "Write 'review: clinical'."
        line = page.lines["review"]
        yield problem("review-none", page.path, message, hint=hint, line=line)


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
