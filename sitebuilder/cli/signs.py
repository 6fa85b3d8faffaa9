"""The `signs` command: list and accept the sentences of pages about warning signs."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from sitebuilder.build.load_pages import load_page
from sitebuilder.build.pipeline import Build, build_site
from sitebuilder.checks.care import find_orders, page_texts
from sitebuilder.cli.console import EXIT_FAILURE, EXIT_OK, failure
from sitebuilder.clinical.evidence.accepted_sentences import ACCEPTED_PATH, dump_accepted
from sitebuilder.clinical.evidence.sign_orders import OrderedSign, find_watched_sentences
from sitebuilder.content.loader import load_sources
from sitebuilder.core.atomic_write import atomic_write
from sitebuilder.core.model import SitePage, Sources


def iter_pages(build: Build, sources: Sources) -> Iterator[SitePage]:
    """Yield each page with a file of its own, together with its body, which the build drops."""
    files = {file.path: file for file in sources.pages}
    for site_page in build.site.pages:
        page = site_page.page
        if site_page.tool is not None:
            yield site_page
        elif not page.generated:
            body = load_page(files[page.path], build.site.config)[0].body
            yield replace(site_page, page=replace(page, body=body))


def list_orders(site_pages: Iterable[SitePage]) -> Iterator[tuple[str, OrderedSign]]:
    """Yield each such sentence of the pages and the tools once, with the path of its file."""
    seen = set()
    for site_page in site_pages:
        for text in page_texts(site_page):
            for found in find_orders(text, site_page.evidence):
                key = text.path, found
                if key not in seen:  # tools share their first questions
                    seen.add(key)
                    yield key


def list_watched(site_pages: Iterable[SitePage]) -> dict[str, list[str]]:
    """Return the sentences of each page that have to be accepted, by its id."""
    return {
        site_page.page.id: [
            text
            for page_text in page_texts(site_page)
            for text, _, _ in find_watched_sentences(page_text.passages, site_page.evidence)
        ]
        for site_page in site_pages
        if site_page.tool is None  # what tools say has snapshots of its own
    }


def format_order(path: str, found: OrderedSign) -> str:
    """Format one sentence: whether it is right, where it stands, the signs, the order."""
    verdict = "NOT OK" if found.fault else "ok"
    signs = ", ".join(found.signs) or "no sign"
    about = f"{signs} ({found.setting or 'any setting'})"
    orders = ", ".join(found.orders) or "taken back"
    lines = [f"{verdict:<6}  {path}:{found.line}  {about}: {orders}", f"        {found.text}"]
    return "\n".join([*lines, f"        {found.fault}"] if found.fault else lines)


def run_signs(flags: argparse.Namespace) -> int:
    """Print the list, and with `--accept` put on record what pages say; return the exit code.

    It is 1 if a sentence gives another order than its sign has. Nothing is accepted then.
    """
    sources = load_sources(flags.root)
    build = build_site(sources, flags.today, url=flags.url, jobs=flags.jobs)
    site_pages = list(iter_pages(build, sources))
    rows = list(list_orders(site_pages))
    wrong = sum(bool(found.fault) for _, found in rows)
    for row in rows:
        if row[1].fault or not flags.accept:
            print(format_order(*row))
    print(f"{len(rows)} sentences name a warning sign and give an order; {wrong} of them wrongly.")
    if wrong:
        return EXIT_FAILURE
    if flags.accept:
        watched = list_watched(site_pages)
        try:
            atomic_write(flags.root / ACCEPTED_PATH, dump_accepted(watched))
        except OSError as error:
            return failure(f"could not write {error.filename}: {error.strerror or error}")
        print(f"wrote {ACCEPTED_PATH}: {sum(map(len, watched.values()))} sentences of pages")
    return EXIT_OK
