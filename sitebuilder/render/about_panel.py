"""A page and what is on record of it in; what it says of itself out, to readers and to machines."""

from __future__ import annotations

from html import unescape

from sitebuilder.clinical.reviews.status import CHANGED, CURRENT, DUE_SOON, format_date, is_changed
from sitebuilder.core import urls
from sitebuilder.core.config import Config
from sitebuilder.core.model import Link, SitePage
from sitebuilder.core.passage import ReadingGrade
from sitebuilder.render.structured_data import PageMetadata, render_json_ld
from sitebuilder.render.views import ChangeView, DayView, PanelView


def current_status(site_page: SitePage, text_digest: str) -> str:
    """The state of a page's review, now that its words are known."""
    changed = is_changed(site_page.review, text_digest)
    return CHANGED if changed and site_page.state in {CURRENT, DUE_SOON} else site_page.state


def make_about_panel(
    site_page: SitePage, status: str, text_digest: str, grade: ReadingGrade | None
) -> PanelView:
    """What the panel at the end of a page shows."""
    page, review = site_page.page, site_page.review
    full = review.last_full if review else None
    return PanelView(
        state=status,
        changed=is_changed(review, text_digest),
        by=full.name if full else "",
        role=full.role if full else "",
        on=DayView(full.on.isoformat(), format_date(full.on)) if full else None,
        until=DayView(full.until.isoformat(), format_date(full.until)) if full else None,
        owner=page.owner,
        grade=max(1, round(max(grade.flesch_kincaid, grade.prose))) if grade else 0,
        changes=tuple(
            ChangeView(DayView(change.on.isoformat(), format_date(change.on)), change.what)
            for change in page.changes
        ),
    )


def page_json_ld(site_page: SitePage, config: Config, panel: PanelView) -> str:
    """The same for search engines, as JSON-LD; nothing for pages that nobody wrote.

    Nor for tools: they answer readers, not searches, and their pages are full as it is.
    """
    page, review = site_page.page, site_page.review
    if page.generated or site_page.tool or not page.path.startswith("content/"):
        return ""

    def whole(address: str) -> str:
        return config.url and config.url.rstrip("/") + urls.href("/", address)

    def crumb(link: Link) -> tuple[str, str]:
        return ("Home" if link.address == "/" else link.title, whole(link.address))

    signed = review.last_full if review and panel.state != "never-reviewed" else None
    sources = site_page.evidence.sources.values()
    return render_json_ld(
        PageMetadata(
            site_name=config.name,
            site_url=whole("/"),
            url=whole(page.address),
            title=unescape(page.title),
            description=page.description,
            lang=page.lang or config.lang,
            is_clinical=page.review == "clinical",
            is_home=page.address == "/",
            crumbs=tuple(map(crumb, site_page.crumbs)),
            subject=page.about,
            last_reviewed=signed.on if signed else None,
            reviewed_by=signed.name if signed else "",
            reviewer_role=signed.role if signed else "",
            modified=max((c.on for c in page.changes), default=None),
            citations=tuple(source.href for source in sources if source.href),
        )
    )
