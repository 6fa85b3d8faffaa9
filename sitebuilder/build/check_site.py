"""Run the checks that need all pages: links between them, reviews, the site as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from sitebuilder.build.load_pages import LoadedPages
from sitebuilder.build.render_pages import PageArtifact
from sitebuilder.checks import SITE_CHECKS
from sitebuilder.checks.links import LinkChecker
from sitebuilder.checks.reachability import check_reachability
from sitebuilder.checks.reviews import check_page
from sitebuilder.core.model import Site
from sitebuilder.core.problems import Problem
from sitebuilder.core.review import Reviewer
from sitebuilder.output.hosts import check_host
from sitebuilder.output.precompress import check_encoder


def check_pages(
    site: Site,
    artifacts: Sequence[PageArtifact],
    loaded: LoadedPages,
    links: LinkChecker,
    reviewers: Mapping[str, Reviewer],
    today: date,
) -> tuple[dict[str, list[Problem]], tuple[()]]:
    """Check each page among all others.

    Returns:
        The problems by source path, those of loading the page among them. They are the value
        of this stage, and its list of problems is empty, since an incremental build stores them
        with their page.
    """
    unpack = {artifact.page.path: artifact.unpack for artifact in artifacts}
    problems = {path: list(found) for path, found in loaded.problems.items()}
    for site_page in site.pages:
        page = unpack[site_page.page.path]()
        found = check_page(site_page, page, links, reviewers, today)
        problems.setdefault(page.path, []).extend(found)
    return problems, ()


def check_site(
    site: Site, artifacts: Sequence[PageArtifact], headers: Mapping[str, str]
) -> tuple[None, list[Problem]]:
    """Return the problems of the site as a whole and of its publication; the value is None."""
    pages = {artifact.page.path: artifact.page for artifact in artifacts}
    problems = [problem for check in SITE_CHECKS for problem in check(site, pages)]
    linked = (address for artifact in artifacts for address in artifact.page.linked)
    problems += check_reachability(site, linked)
    return None, [*problems, *check_host(site, headers), *check_encoder(site.config)]
