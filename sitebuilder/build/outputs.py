"""List the files that a build publishes: pages, redirects, assets, files for search engines."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from sitebuilder.build.render_pages import PageArtifact
from sitebuilder.core import urls
from sitebuilder.core.digest import content_digest
from sitebuilder.core.model import Output, Site
from sitebuilder.core.problems import Problem
from sitebuilder.output.hosts import host_files
from sitebuilder.output.sitemap import robots_txt, sitemap_xml
from sitebuilder.render.renderer import Renderer, is_noindex


def render_redirects(renderer: Renderer, site: Site) -> tuple[dict[str, str], list[Problem]]:
    """Return the HTML of the small page at each old address, by address, and the problems."""
    html: dict[str, str] = {}
    problems: list[Problem] = []
    for redirect in site.redirects:
        html[redirect.old], found = renderer.render_redirect(redirect.new, redirect.path)
        problems += found
    return html, problems


def list_outputs(
    site: Site,
    artifacts: Iterable[PageArtifact],
    redirects: Mapping[str, str],
    headers: Mapping[str, str],
    unsafe: Collection[str],
) -> Iterable[Output]:
    """Yield every file to publish, with a way to load its bytes.

    Args:
        site: the site.
        artifacts: its rendered pages.
        redirects: the HTML at each old address.
        headers: the headers that a host should send with every response.
        unsafe: the source paths of files that may not be published.
    """
    noindex: set[str] = set()
    for artifact in artifacts:
        page = artifact.page
        yield Output(urls.output_path(page.address), page.digest, artifact.load)
        if is_noindex(page.address, page.state):
            noindex.add(page.path)
    for address, html in redirects.items():
        yield _output(address, html)
    yield _output("/robots.txt", robots_txt(site))
    if site.config.url:
        yield _output("/sitemap.xml", sitemap_xml(site, noindex))
    for asset in site.assets:
        if asset.file.path not in unsafe:
            yield Output(urls.output_path(asset.address), asset.file.digest, asset.file.load)
    for path, text in host_files(site.config.host, site, headers).items():
        yield _output(f"/{path}", text)


def _output(address: str, text: str) -> Output:
    data = text.encode()
    return Output(urls.output_path(address), content_digest(data), lambda: data)
