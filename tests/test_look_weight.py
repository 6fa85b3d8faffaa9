"""Pages are light, alone and silent: bytes on the wire, requests, script, messages, policy."""

from __future__ import annotations

import re
import statistics
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import brotli
import look
import pytest
from test_own_site import Reader

# In bytes as sent, with brotli at its strongest: a page fits into the first flight of packets.
LONGEST, MEDIAN, STYLE, SCRIPT = 12_500, 10_000, 5_500, 1_500
TOOLS = ("/tools/next-step/", "/tools/options/", "/tools/get-ready/")
# A whole guide on one page, to print; and what is not published at all.
WITHOUT_BUDGET = ("/handout", "/components")
# Script elements that hold data and never run.
DATA = {"application/ld+json", "speculationrules"}


def sent(text: bytes) -> int:
    return len(brotli.compress(text, quality=11))


def test_every_page_is_within_its_budget(public: Path):
    sizes = {
        path: sent(look.file_of(public, path).read_bytes())
        for path in look.paths(public)
        if not path.startswith(WITHOUT_BUDGET)
    }
    look.nothing([f"{p} is {n} bytes, over {LONGEST}" for p, n in sizes.items() if n > LONGEST])
    median = statistics.median(sizes.values())
    assert median <= MEDIAN, f"the median page is {median} bytes, over {MEDIAN}: {sizes}"


def test_the_style_is_within_its_budget_and_the_same_on_every_page(public: Path):
    styles = {
        re.search(r"<style>(.*?)</style>", look.file_of(public, path).read_text(), re.DOTALL)
        for path in look.paths(public)
        if path not in TOOLS  # these add the rules of their table, and are weighed whole
    }
    sheets = {found[1] for found in styles if found}
    assert len(sheets) == 1
    size = sent(sheets.pop().encode())
    assert size <= STYLE, f"the style is {size} bytes, over {STYLE}"


def test_no_script_runs_but_the_small_one_of_the_tools(public: Path):
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


@pytest.mark.browser
def test_a_page_asks_for_nothing_else_and_no_rule_is_broken(
    website: str, public: Path, browser: Any
):
    problems: list[str] = []
    with look.tab(browser, viewport=look.PHONE) as page:
        requests: list[str] = []
        said: list[str] = []
        page.on("request", lambda request: requests.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.add_init_script(
            "window.refused = []; addEventListener('securitypolicyviolation', e =>"
            " refused.push(`${e.violatedDirective}: ${e.blockedURI} ${e.sample}`))"
        )
        for path in look.paths(public):
            requests.clear()
            said.clear()
            page.goto(website + path, wait_until="networkidle")
            page.evaluate("document.querySelectorAll('details').forEach(e => e.open = true)")
            page.evaluate("scrollTo(0, document.body.scrollHeight)")
            icon = urlsplit(page.evaluate("document.querySelector('link[rel=icon]').href")).path
            allowed = {website + path, website + icon}
            problems += [f"{path} asks for {url}" for url in requests if url not in allowed]
            if requests.count(website + path) != 1:
                problems.append(f"{path} is asked for {requests.count(website + path)} times")
            problems += [f"{path} console: {text}" for text in said]
            problems += [f"{path} refused: {what}" for what in page.evaluate("refused")]
            policy = page.evaluate(
                "document.querySelector('meta[http-equiv=Content-Security-Policy]')?.content"
            )
            if not (policy or "").startswith("default-src 'none'"):
                problems.append(f"{path} has no policy")
    look.nothing(problems)
