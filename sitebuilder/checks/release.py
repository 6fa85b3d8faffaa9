"""Check that the site is ready to be published, and with `--release`, to be used by patients."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from sitebuilder.core.config import CONFIG_PATH
from sitebuilder.core.model import RenderedPage, Site
from sitebuilder.core.problems import Problem, problem

_PLACEHOLDER_URL: Final = re.compile(
    r"https?://([^/]*\.)?(example\.(org|com|net|edu)|[^/]*\.(example|invalid|test|localhost)"
    r"|localhost|127\.0\.0\.1)(:\d+)?/"
)
"""Hosts that no public site has: names of RFC 2606 and RFC 6761, example.edu and 127.0.0.1."""


def check_site_url(site: Site, _rendered: Mapping[str, RenderedPage]) -> Iterator[Problem]:
    """Check that the public URL is set, which canonical URLs and the sitemap need."""
    if not site.config.url:
        hint = "Add 'url: https://...' to config.yaml, or give --url."
        message = "no public address, so canonical addresses and the sitemap are left out"
        yield problem("no-url", CONFIG_PATH, message, hint=hint)


def check_release(site: Site, rendered: Mapping[str, RenderedPage]) -> Iterator[Problem]:
    """Check that a release has a real public URL and that clinicians have signed its pages.

    Decision tools may be unsigned.
    """
    if not site.release:
        return
    if not site.config.url or _PLACEHOLDER_URL.match(site.config.url):
        hint = "Set 'url:' in config.yaml, or --url, to the address that patients will use."
        line = site.config.lines.get("url", 1)
        yield problem(
            "placeholder-url", CONFIG_PATH, "no real public address", hint=hint, line=line
        )
    for site_page in site.pages:
        if site_page.tool:  # an unsigned tool is published as a worksheet, without its form
            continue
        page = site_page.page
        if rendered[page.path].state == "never-reviewed":
            hint = "A clinician has to read and sign it first. Build without --release meanwhile."
            message = "no clinician has signed this page"
            yield problem("unsigned", page.path, message, hint=hint, line=1)
