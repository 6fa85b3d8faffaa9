"""Pages are light, alone and silent: bytes on the wire, requests, script, messages, policy."""

from __future__ import annotations

import re
import statistics
from pathlib import Path
from urllib.parse import urlsplit

import brotli
import look
from test_own_site import Reader

# In bytes as sent, with brotli at its strongest. A page fits into the first flight of packets, with
# its headers: 10 of 1,460 bytes.
LONGEST, MEDIAN, STYLE, SCRIPT = 13_800, 11_000, 5_500, 1_500
# Every fact, every source: nobody reads these lists in a hurry.
LONGEST_LIST = 25_000
LISTS = ("/facts/", "/facts-studies/", "/facts-leaflets/", "/sources/")
# A tool holds every question and every result, so that it asks for nothing once it is open.
LONGEST_TOOL = 20_500
TOOLS = ("/tools/next-step/", "/tools/options/", "/tools/get-ready/")
# A whole guide on one page, to print; and what is not published at all.
WITHOUT_BUDGET = ("/handout", "/components")
# Script elements that hold data and never run.
DATA = {"application/ld+json", "speculationrules"}


def sent(text: bytes) -> int:
    return len(brotli.compress(text, quality=11))


def test_every_page_is_within_its_budget(public: Path) -> None:
    sizes = {
        path: sent(look.file_of(public, path).read_bytes())
        for path in look.paths(public)
        if not path.startswith(WITHOUT_BUDGET)
    }
    limits = {
        **dict.fromkeys(sizes, LONGEST),
        **dict.fromkeys(TOOLS, LONGEST_TOOL),
        **dict.fromkeys(LISTS, LONGEST_LIST),
    }
    over = [path for path, size in sizes.items() if size > limits[path]]
    look.nothing([f"{path} is {sizes[path]} bytes, over {limits[path]}" for path in over])
    median = statistics.median(sizes.values())
    assert median <= MEDIAN, f"the median page is {median} bytes, over {MEDIAN}: {sizes}"


def test_the_style_is_within_its_budget_and_the_same_on_every_page(public: Path) -> None:
    styles = {
        re.search(r"<style>(.*?)</style>", look.file_of(public, path).read_text(), re.DOTALL)
        for path in look.paths(public)
        if path not in TOOLS  # these add the rules of their table, and are weighed whole
    }
    sheets = {found[1] for found in styles if found}
    assert len(sheets) == 1
    size = sent(sheets.pop().encode())
    assert size <= STYLE, f"the style is {size} bytes, over {STYLE}"


def test_no_script_runs_but_the_small_one_of_the_tools(public: Path) -> None:
    problems = []
    for path in TOOLS:
        html = look.file_of(public, path).read_text()
        scripts = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
        assert len(scripts) == 1, path
        assert "pageshow" in scripts[0], path  # it is there, and clears what a browser kept
        assert sent(scripts[0].encode()) <= SCRIPT, path
    for path in look.paths(public):
        for tag, attributes in Reader(look.file_of(public, path).read_text()).tags:
            if tag == "script" and attributes.get("type") not in DATA and path not in TOOLS:
                problems.append(f"{path} <script> that runs")
            handlers = [name for name in attributes if name.startswith("on")]
            problems += [f"{path} <{tag} {name}>" for name in handlers]
            links = [attributes.get(name) or "" for name in ("href", "src", "action")]
            if any(link.strip().lower().startswith("javascript:") for link in links):
                problems.append(f"{path} <{tag}> with a javascript: address")
            if "style" in attributes:
                problems.append(f"{path} <{tag} style>, which the policy refuses")
    look.nothing(problems)


def one_request(page: look.OpenPage) -> list[str]:
    """The page comes alone, with its icon at most, breaks no rule of its policy and keeps nothing.

    To be asked last: it judges what was heard from before the load on. By then a page has been
    open for seconds, its details have been opened and it has been scrolled from end to end.
    """
    tab = page.tab
    tab.evaluate("document.querySelectorAll('details').forEach(e => e.open = true)")
    tab.evaluate("scrollTo(0, document.body.scrollHeight)")
    icon = urlsplit(tab.evaluate("document.querySelector('link[rel=icon]').href")).path
    assert icon.endswith(".svg")
    allowed = {page.address, page.site + icon}
    problems = [f"asks for {url}" for url in page.requests if url not in allowed]
    if page.requests.count(page.address) != 1:
        problems.append(f"is asked for {page.requests.count(page.address)} times")
    problems += [f"console: {text}" for text in page.messages]
    problems += [f"refused: {what}" for what in tab.evaluate("refused")]
    policy = tab.evaluate(
        "document.querySelector('meta[http-equiv=Content-Security-Policy]')?.content"
    )
    if not (policy or "").startswith("default-src 'none'"):
        problems.append("has no policy")
    if tab.evaluate("document.cookie + localStorage.length + sessionStorage.length") != "00":
        problems.append("keeps something in the browser")
    return problems
