"""The `signs` command: list every sentence that names a warning sign and gives an order."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from msgspec.structs import replace

from sitebuilder.build.load_pages import load_page
from sitebuilder.build.pipeline import Build, build_site
from sitebuilder.checks.care import find_orders, page_texts
from sitebuilder.cli.console import EXIT_FAILURE, EXIT_OK
from sitebuilder.clinical.evidence.sign_orders import OrderedSign
from sitebuilder.content.loader import load_sources
from sitebuilder.core.model import Sources


def list_orders(build: Build, sources: Sources) -> Iterator[tuple[str, OrderedSign]]:
    """Yield each such sentence of the pages and the tools once, with the path of its file."""
    files = {file.path: file for file in sources.pages}
    seen = set()
    for site_page in build.site.pages:
        page = site_page.page
        if page.generated:
            continue
        if site_page.tool is None:  # the build keeps no bodies
            body = load_page(files[page.path], build.site.config)[0].body
            site_page = replace(site_page, page=replace(page, body=body))  # noqa: PLW2901
        for text in page_texts(site_page):
            for found in find_orders(text, site_page.evidence):
                key = text.path, found
                if key not in seen:  # tools share their first questions
                    seen.add(key)
                    yield key


def format_order(path: str, found: OrderedSign) -> str:
    """Format one sentence: whether it is right, where it stands, the signs, the order."""
    verdict = "NOT OK" if found.fault else "ok"
    signs = ", ".join(found.signs) or "no sign"
    about = f"{signs} ({found.setting or 'any setting'})"
    orders = ", ".join(found.orders) or "taken back"
    lines = [f"{verdict:<6}  {path}:{found.line}  {about}: {orders}", f"        {found.text}"]
    return "\n".join([*lines, f"        {found.fault}"] if found.fault else lines)


def run_signs(flags: argparse.Namespace) -> int:
    """Print the list; return the exit code, which is 1 if a sentence gives another order."""
    sources = load_sources(flags.root)
    build = build_site(sources, flags.today, url=flags.url, jobs=flags.jobs)
    rows = list(list_orders(build, sources))
    for row in rows:
        print(format_order(*row))
    wrong = sum(bool(found.fault) for _, found in rows)
    print(f"{len(rows)} sentences name a warning sign and give an order; {wrong} of them wrongly.")
    return EXIT_FAILURE if wrong else EXIT_OK
