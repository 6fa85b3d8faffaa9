"""Generate robots.txt and sitemap.xml."""

from __future__ import annotations

from collections.abc import Container
from html import escape

from sitebuilder.core import urls
from sitebuilder.core.model import Site


def robots_txt(site: Site) -> str:
    """Return a robots.txt that allows all robots.

    Pages that must not be listed say so themselves, which robots must be able to read.
    """
    lines = ["User-agent: *", "Allow: /"]
    if site.config.url:
        lines += ["", f"Sitemap: {site.config.url}sitemap.xml"]
    return "\n".join(lines) + "\n"


def sitemap_xml(site: Site, noindex_paths: Container[str]) -> str:
    """Return the sitemap, in order of address; empty if the site has no public URL.

    Args:
        site: The site.
        noindex_paths: Source paths of pages that must not be listed.
    """
    if not site.config.url:
        return ""
    entries = []
    for site_page in sorted(site.pages, key=lambda site_page: site_page.page.address):
        page = site_page.page
        if page.path in noindex_paths:
            continue
        url = urls.absolute_url(site.config.url, page.address)
        last_change = max((change.on for change in page.changes), default=page.date)
        lastmod = f"<lastmod>{last_change.isoformat()}</lastmod>" if last_change else ""
        entries.append(f"<url><loc>{escape(url)}</loc>{lastmod}</url>\n")
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        f"{''.join(entries)}</urlset>\n"
    )
