"""One view of one page in a fresh browser on a slow phone, and what it cost."""

from __future__ import annotations

import os
import shutil
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, CDPSession, Page, Playwright
from server import Site

# Slow 4G with the numbers of Lighthouse's model: 150 ms for each round trip, 1.6 Mbit/s down, 750
# kbit/s up. The browser adds 150 ms to each request. A real phone would need more round trips for
# the first one (name, connection, encryption); that time is left out for every site alike.
ROUND_TRIP_MS = 150
DOWN = 1_600_000 // 8
UP = 750_000 // 8
CPU_SLOWDOWN = 4
PHONE: dict[str, Any] = {
    "viewport": {"width": 412, "height": 823},
    "device_scale_factor": 1.75,
    "is_mobile": True,
    "has_touch": True,
}
QUIET_S = 2.0  # a view is over when nothing was asked for or received for this long
LIMIT_S = 60.0

# No name but this machine's is ever looked up: a request to another host fails at once, without
# the interception that would slow down all the others.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]

PAINTS = """() => new Promise(done => {
  const found = {fcp: null, lcp: null};
  const first = performance.getEntriesByName('first-contentful-paint')[0];
  if (first) found.fcp = first.startTime;
  new PerformanceObserver(list => {
    for (const entry of list.getEntries()) found.lcp = entry.startTime;
  }).observe({type: 'largest-contentful-paint', buffered: true});
  setTimeout(() => done(found), 300);
})"""

# Every seventh answer; asking for a height makes the browser lay the page out.
CLICKS = """count => {
  const marks = [...document.querySelectorAll('form.tool input')];
  return Array.from({length: count}, (_, n) => {
    const start = performance.now();
    marks[n * 7 % marks.length].click();
    document.body.offsetHeight;
    return performance.now() - start;
  });
}"""

# What a reader can see of the page itself: without menus, buttons, and words for screen readers.
WORDS = """() => {
  const root = document.querySelector('article') || document.querySelector('main');
  const rest = 'nav, aside, footer, button, [class*="sr-only"], [aria-hidden="true"], ' +
    '.headerlink, .sl-anchor-link, .hash-link, .pagination-links, .theme-doc-toc-mobile, ' +
    'starlight-toc, mobile-starlight-toc, [role="doc-backlink"], .data-footnote-backref, ' +
    '.footnote-backref, sup';
  for (const part of root.querySelectorAll(rest))
    part.style.setProperty('display', 'none', 'important');
  for (const part of root.querySelectorAll('details')) part.open = true;
  return (root.innerText.match(/[\\p{L}\\p{N}][^\\s]*/gu) || []).length;
}"""


@dataclass
class View:
    """What one view of a page cost."""

    files: list[tuple[str, int]] = field(default_factory=list)  # path and bytes over the wire
    elsewhere: list[str] = field(default_factory=list)  # other hosts that were asked, in vain
    fcp: float = 0.0
    lcp: float = 0.0

    @property
    def wire(self) -> int:
        return sum(size for _, size in self.files)

    @property
    def script(self) -> int:
        return sum(size for path, size in self.files if path.endswith((".js", ".mjs")))


@dataclass
class Watch:
    """Collects the browser's own account of its requests."""

    home: str
    view: View = field(default_factory=View)
    open: dict[str, str] = field(default_factory=dict)  # address by request
    last: float = field(default_factory=time.monotonic)

    def follow(self, session: CDPSession) -> None:
        session.on("Network.requestWillBeSent", self.asked)
        session.on("Network.dataReceived", self.received)
        session.on("Network.loadingFinished", self.finished)
        session.on("Network.loadingFailed", self.failed)

    def asked(self, event: dict[str, Any]) -> None:
        address = urlsplit(event["request"]["url"])
        if address.scheme not in ("http", "https"):
            return
        self.last = time.monotonic()
        if f"{address.scheme}://{address.netloc}" == self.home:
            self.open[event["requestId"]] = event["request"]["url"]
        else:
            self.view.elsewhere.append(address.netloc)

    def received(self, _event: dict[str, Any]) -> None:
        self.last = time.monotonic()

    def finished(self, event: dict[str, Any]) -> None:
        address = self.open.pop(event["requestId"], None)
        if address and event["encodedDataLength"]:  # 0: it came from the browser's memory
            self.last = time.monotonic()
            size = int(event["encodedDataLength"])
            self.view.files.append((urlsplit(address).path, size))

    def failed(self, event: dict[str, Any]) -> None:
        self.last = time.monotonic()
        self.open.pop(event["requestId"], None)


def chromium_path() -> str | None:
    """The browser to measure with, found as tests/conftest.py finds it."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


def launch(playwright: Playwright) -> Browser:
    """A browser with an empty profile; Playwright deletes the profile when it is closed."""
    return playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)


def throttle(session: CDPSession) -> None:
    """Make this computer and its network as slow as a middling phone on slow 4G."""
    session.send("Network.enable")
    network = {"offline": False, "latency": ROUND_TRIP_MS}
    network |= {"downloadThroughput": DOWN, "uploadThroughput": UP}
    session.send("Network.emulateNetworkConditions", network)
    session.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWDOWN})


def settle(page: Page, watch: Watch) -> None:
    """Wait until the page has been quiet for a while; what it fetches later is not counted."""
    end = time.monotonic() + LIMIT_S
    while time.monotonic() < end:
        page.wait_for_timeout(100)
        # The end of a worker's script is told to the worker's own session only.
        workers = {worker.url for worker in page.workers}
        waiting = set(watch.open.values()) - workers
        if not waiting and time.monotonic() - watch.last > QUIET_S:
            return
    raise SystemExit(f"{page.url} was not quiet within {LIMIT_S:.0f} s: {waiting}")


def view(playwright: Playwright, site: Site, path: str) -> View:
    """Open one page as a first-time visitor would, and count."""
    browser = launch(playwright)
    try:
        page = browser.new_context(**PHONE).new_page()
        session = page.context.new_cdp_session(page)
        throttle(session)
        watch = Watch(site.address)
        watch.follow(session)
        sent_before = len(site.log.sent)
        page.goto(site.address + path, wait_until="load", timeout=LIMIT_S * 1000)
        settle(page, watch)
        paints = page.evaluate(PAINTS)
    finally:
        browser.close()
    watch.view.fcp, watch.view.lcp = paints["fcp"], paints["lcp"]
    watch.view.files += unseen(watch.view.files, site.log.sent[sent_before:])
    return watch.view


def clicks(playwright: Playwright, site: Site, path: str, count: int) -> list[float]:
    """Milliseconds from a click on an answer of a tool until the page is laid out again."""
    browser = launch(playwright)
    try:
        page = browser.new_context(**PHONE).new_page()
        page.goto(site.address + path, wait_until="load")
        throttle(page.context.new_cdp_session(page))
        times: list[float] = page.evaluate(CLICKS, count)
    finally:
        browser.close()
    return times


def unseen(seen: list[tuple[str, int]], sent: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """What the server sent that the page's own view leaves out: the scripts of workers."""
    left = Counter(path for path, _ in seen)
    extra = []
    for path, size in sent:
        left[path] -= 1
        if left[path] < 0:
            extra.append((path, size))
    return extra


def count_words(playwright: Playwright, site: Site, paths: list[str]) -> list[int]:
    """The words of each page's own text; also the warm-up before anything is timed."""
    browser = launch(playwright)
    counts = []
    for path in paths:
        page = browser.new_page()
        page.goto(site.address + path, wait_until="load")
        counts.append(int(page.evaluate(WORDS)))
        page.close()
    browser.close()
    return counts
