"""What the report of a build says about each page."""

from __future__ import annotations

from collections.abc import Iterable

from sitebuilder.core import urls
from sitebuilder.core.model import PageReport, RenderedPage, Site


def report_pages(site: Site, rendered: Iterable[RenderedPage]) -> Iterable[PageReport]:
    """Yield a report for each page of the site but the 404 page, the drafts last."""
    by_path = {page.path: page for page in rendered}
    for site_page in site.pages:
        page = site_page.page
        if page.address != urls.NOT_FOUND_URL:
            result = by_path[page.path]
            sign_off = site_page.review.last_full if site_page.review else None
            yield PageReport(
                id=page.id,
                path=page.path,
                url=urls.href(site.config.base, page.address),
                state=result.state,
                grade=result.grade,
                facts=tuple(site_page.evidence.facts),
                references=tuple(site_page.evidence.sources),
                reviewed=sign_off.on if sign_off else None,
                until=sign_off.until if sign_off else None,
            )
    for page in site.drafts:
        url = urls.href(site.config.base, page.address)
        yield PageReport(id=page.id, path=page.path, url=url, state="draft")
