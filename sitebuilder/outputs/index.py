"""Files for search engines."""

from __future__ import annotations

from html import escape

from sitebuilder import addresses
from sitebuilder.model import Site


def robots(site: Site) -> str:
    """Every robot is welcome; unsigned pages say themselves that they are not to be listed."""
    lines = ["User-agent: *", "Allow: /"]
    if site.config.url:
        lines += ["", f"Sitemap: {site.config.url}sitemap.xml"]
    return "\n".join(lines) + "\n"


def sitemap(site: Site) -> str:
    """The pages that may be listed, in order of address. Empty without a public address."""
    if not site.config.url:
        return ""
    rows = []
    for place in sorted(site.places, key=lambda place: place.page.address):
        page = place.page
        if place.state != "none" or page.address == addresses.NOT_FOUND:
            continue
        address = site.config.url.rstrip("/") + addresses.href("/", page.address)
        day = f"<lastmod>{page.date.isoformat()}</lastmod>" if page.date else ""
        rows.append(f"<url><loc>{escape(address)}</loc>{day}</url>\n")
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        f"{''.join(rows)}</urlset>\n"
    )
