"""Files for search engines."""

from __future__ import annotations

from collections.abc import Container
from html import escape

from sitebuilder.core import urls
from sitebuilder.core.model import Site


def robots_txt(site: Site) -> str:
    """Every robot is welcome; unsigned pages say themselves that they are not to be listed."""
    lines = ["User-agent: *", "Allow: /"]
    if site.config.url:
        lines += ["", f"Sitemap: {site.config.url}sitemap.xml"]
    return "\n".join(lines) + "\n"


def sitemap_xml(site: Site, noindex_paths: Container[str]) -> str:
    """The pages that may be listed, in order of address. Empty without a public address.

    `hidden` holds the paths of those that search engines are asked to leave out.
    """
    if not site.config.url:
        return ""
    rows = []
    for place in sorted(site.pages, key=lambda place: place.page.address):
        page = place.page
        if page.path in noindex_paths:
            continue
        address = site.config.url.rstrip("/") + urls.href("/", page.address)
        last = max((change.on for change in page.changes), default=page.date)
        day = f"<lastmod>{last.isoformat()}</lastmod>" if last else ""
        rows.append(f"<url><loc>{escape(address)}</loc>{day}</url>\n")
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        f"{''.join(rows)}</urlset>\n"
    )
