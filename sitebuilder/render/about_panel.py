"""Metadata of a page: the panel at its end for readers, and JSON-LD for search engines."""

from __future__ import annotations

from sitebuilder.clinical.reviews.status import CHANGED, CURRENT, DUE_SOON, format_date, is_changed
from sitebuilder.core import urls
from sitebuilder.core.config import Config
from sitebuilder.core.model import Link, SitePage
from sitebuilder.core.passage import ReadingGrade
from sitebuilder.render.structured_data import PageMetadata, render_json_ld
from sitebuilder.render.views import ChangeView, DayView, PanelView


def current_status(site_page: SitePage, text_digest: str) -> str:
    """Return the status of the page's review, given the digest of its text as rendered."""
    changed = is_changed(site_page.review, text_digest)
    return CHANGED if changed and site_page.state in {CURRENT, DUE_SOON} else site_page.state


def make_about_panel(
    site_page: SitePage, status: str, text_digest: str, grade: ReadingGrade | None
) -> PanelView:
    """Return what the panel at the end of a page shows."""
    page, review = site_page.page, site_page.review
    last_full = review.last_full if review else None
    return PanelView(
        state=status,
        changed=is_changed(review, text_digest),
        by=last_full.name if last_full else "",
        role=last_full.role if last_full else "",
        on=DayView(last_full.on.isoformat(), format_date(last_full.on)) if last_full else None,
        until=DayView(last_full.until.isoformat(), format_date(last_full.until))
        if last_full
        else None,
        owner=page.owner,
        grade=max(1, round(max(grade.flesch_kincaid, grade.prose))) if grade else 0,
        changes=tuple(
            ChangeView(DayView(change.on.isoformat(), format_date(change.on)), change.what)
            for change in page.changes
        ),
    )


def page_json_ld(site_page: SitePage, config: Config, panel: PanelView) -> str:
    """Return the metadata of a page as JSON-LD.

    It is empty for generated pages, pages outside of content/, and decision tools. Tools have none
    because they answer readers, not searches, and their pages are large already.
    """
    page, review = site_page.page, site_page.review
    if page.generated or site_page.tool or not page.path.startswith("content/"):
        return ""

    def breadcrumb(link: Link) -> tuple[str, str]:
        title = "Home" if link.address == "/" else link.title
        return title, urls.absolute_url(config.url, link.address)

    sign_off = review.last_full if review and panel.state != "never-reviewed" else None
    sources = site_page.evidence.sources.values()
    return render_json_ld(
        PageMetadata(
            site_name=config.name,
            site_url=urls.absolute_url(config.url, "/"),
            url=urls.absolute_url(config.url, page.address),
            title=page.title,
            description=page.description,
            lang=page.lang or config.lang,
            is_clinical=page.review == "clinical",
            is_home=page.address == "/",
            crumbs=tuple(map(breadcrumb, site_page.crumbs)),
            subject=page.about,
            last_reviewed=sign_off.on if sign_off else None,
            reviewed_by=sign_off.name if sign_off else "",
            reviewer_role=sign_off.role if sign_off else "",
            modified=max((change.on for change in page.changes), default=None),
            citations=tuple(source.href for source in sources if source.href),
        )
    )
