"""Check that nothing is published by accident: each file and page is linked from somewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase

from sitebuilder.core.model import Site
from sitebuilder.core.problems import Problem, problem


def check_reachability(site: Site, linked: Iterable[str]) -> Iterator[Problem]:
    """Report files of content/ that no page links to, and pages that nothing leads to.

    Args:
        site: The site.
        linked: The addresses to which pages link, other than their own.
    """
    files = dict(_find_unlisted_files(site))
    pages = dict(_find_unlisted_pages(site))
    for address in linked if files or pages else ():
        files.pop(address, None)
        pages.pop(address, None)
    for path in files.values():
        message = "no page links to this file, and it would be published"
        name = path.removeprefix("content/")
        hint = f"Link to it, delete it, or write 'publish: [{name}]' in config.yaml."
        yield problem("unlinked-file", path, message, hint=hint)
    for path in pages.values():
        message = "no menu and no other page leads to this page"
        hint = "Link to it from another page, or list it in config.yaml."
        yield problem("orphan-page", path, message, hint=hint, line=1)


def _find_unlisted_files(site: Site) -> Iterator[tuple[str, str]]:
    """Yield address and path of the files of content/ that config does not list."""
    for asset in site.assets:
        path = asset.file.path
        name = path.removeprefix("content/")
        if name != path and not any(fnmatchcase(name, each) for each in site.config.publish):
            yield asset.address, path


def _find_unlisted_pages(site: Site) -> Iterator[tuple[str, str]]:
    """Yield address and path of the pages that no menu, listing, guide or tool leads to."""
    listed = {link.address for link in (*site.nav, *site.footer)}
    listed |= {site.help.address} if site.help else set()
    for site_page in site.pages:
        listed |= {link.address for link in (*site_page.children, *site_page.guide_pages)}
        listed |= {link.address for link in site_page.links.values()}
    for site_page in site.pages:
        page = site_page.page
        is_content = page.path.startswith("content/") and not (page.generated or page.draft)
        if is_content and page.id != "index" and page.address not in listed:
            yield page.address, page.path
