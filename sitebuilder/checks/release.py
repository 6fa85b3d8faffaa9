"""Whether the site may be shown to the world, and to patients."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from sitebuilder.core.config import CONFIG_PATH as CONFIG
from sitebuilder.core.model import RenderedPage, Site
from sitebuilder.core.problems import Problem, problem

_PLACEHOLDER_URL: Final = re.compile(
    r"https?://([^/]*\.)?(example\.(org|com|net|edu)|[^/]*\.(example|invalid|test|localhost)"
    r"|localhost|127\.0\.0\.1)(:\d+)?/"
)
"""Names that no site can have (RFC 2606, RFC 6761)."""


def check_site_url(site: Site, _rendered: Mapping[str, RenderedPage]) -> Iterator[Problem]:
    """Canonical addresses and the sitemap need the public address."""
    if not site.config.url:
        hint = "Add 'url: https://...' to config.yaml, or give --url."
        message = "no public address, so canonical addresses and the sitemap are left out"
        yield problem("no-url", CONFIG, message, hint=hint)


def check_release(site: Site, rendered: Mapping[str, RenderedPage]) -> Iterator[Problem]:
    """The site that patients are sent to has a real address, and clinicians signed its pages."""
    if not site.release:
        return
    if not site.config.url or _PLACEHOLDER_URL.match(site.config.url):
        hint = "Set 'url:' in config.yaml, or --url, to the address that patients will use."
        line = site.config.lines.get("url", 1)
        yield problem("placeholder-url", CONFIG, "no real public address", hint=hint, line=line)
    for place in site.pages:
        if place.tool:  # its form gives way to a worksheet until somebody signs it
            continue
        if rendered[place.page.path].state == "never-reviewed":
            hint = "A clinician has to read and sign it first. Build without --release meanwhile."
            message = "no clinician has signed this page"
            yield problem("unsigned", place.page.path, message, hint=hint, line=1)
