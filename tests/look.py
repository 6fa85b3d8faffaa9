"""What the tests of the look share: the pages of the site, a tab to open them in, npm's tools.

A page is loaded once, and then asked many questions: functions that take an `OpenPage` and return
all that is wrong, so that a single run reports everything. They stand in `test_look_*.py` by
subject; `test_look_pages.py` asks them. A finding reads: where (a selector), what was measured.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import modes
from conftest import PROJECT

MODULES = PROJECT / "tests" / "node_modules"
PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 800}

# Names an element as a person would look for it: the nearest id or the classes on the way to it.
SELECTOR = """
window.selectorOf = element => {
  const names = [];
  for (let e = element; e && e !== document.body && names.length < 4; e = e.parentElement) {
    const same = [...(e.parentElement?.children ?? [])].filter(s => s.localName === e.localName);
    const place = same.length > 1 ? `:nth-of-type(${same.indexOf(e) + 1})` : '';
    const classes = [...e.classList].map(c => '.' + c).join('');
    names.unshift(e.localName + (e.id ? '#' + e.id : classes + place));
    if (e.id) break;
  }
  return names.join(' > ');
};
"""


def paths(public: Path) -> list[str]:
    """The address of every page that was built: `/`, `/recovery/`, `/404.html`."""
    found = sorted(str(p.relative_to(public)) for p in public.rglob("*.html"))
    assert len(found) >= 12, "where is the site?"
    return ["/" + path.removesuffix("index.html") for path in found]


def file_of(public: Path, path: str) -> Path:
    return public / (path[1:] + ("index.html" if path.endswith("/") else ""))


@contextmanager
def tab(browser: Any, **options: Any) -> Iterator[Any]:
    """One tab in a window of its own; without motion, so that nothing is measured on its way."""
    context = browser.new_context(**{"reduced_motion": "reduce", "viewport": DESKTOP, **options})
    context.add_init_script(SELECTOR)
    try:
        yield context.new_page()
    finally:
        context.close()


# Notes what the page's policy refuses, and which details are closed when the page comes.
WATCH = """
window.refused = [];
addEventListener('securitypolicyviolation', e =>
  refused.push(`${e.violatedDirective}: ${e.blockedURI} ${e.sample}`));
addEventListener('DOMContentLoaded', () => {
  window.folded = [...document.querySelectorAll('details:not([open])')];
});
"""


@dataclass(frozen=True)
class OpenPage:
    """A page of the site in a tab of its own, and all that the browser reported from its start on.

    A question first says with `show` how it wants the page, so that no setting of the question
    before it is left.
    """

    tab: Any
    site: str
    """The server's address, without a slash at its end."""
    path: str
    html: str
    """The page's bytes as built."""
    number: int = 0
    """Its place among the pages: which share of a question's settings is its own today."""
    requests: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    """What the console shows, errors included."""

    @property
    def address(self) -> str:
        return self.site + self.path

    def chosen(self, setting: int, of: int) -> bool:
        """Whether this setting of a question comes today; on key pages each always does."""
        return self.path in modes.KEY_PAGES or modes.chosen(self.number + setting, of)

    def show(
        self,
        size: dict[str, int],
        scheme: str = "light",
        *,
        media: str = "screen",
        forced_colors: str = "none",
    ) -> None:
        self.tab.set_viewport_size(size)
        self.tab.emulate_media(
            color_scheme=scheme, media=media, forced_colors=forced_colors, reduced_motion="reduce"
        )
        assert self.tab.evaluate("[innerWidth, innerHeight]") == [size["width"], size["height"]]

    def close_details(self) -> None:
        """Closes what a question opened."""
        self.tab.evaluate("folded.forEach(e => { e.open = false; })")


@contextmanager
def opened(browser: Any, site: str, path: str, html: str, number: int = 0) -> Iterator[OpenPage]:
    """A page just loaded, as a phone shows it in light colours."""
    with tab(browser, viewport=PHONE, color_scheme="light") as page:
        found = OpenPage(page, site, path, html, number)
        page.on("request", lambda request: found.requests.append(request.url))
        page.on("console", lambda message: found.messages.append(message.text))
        page.on("pageerror", lambda error: found.messages.append(str(error)))
        page.add_init_script(WATCH)
        page.goto(found.address)
        yield found


def modules(*parts: str) -> Path:
    """A file that npm brought."""
    path = MODULES.joinpath(*parts)
    assert path.is_file(), f"{path.name} is missing. Run: sh tests/install-tools.sh"
    return path


@cache
def tokens() -> dict[str, Any]:
    """The colours: light, dark, and which two may meet."""
    found: dict[str, Any] = json.loads((PROJECT / "static/inline/tokens.json").read_text())
    return found


def nothing(found: list[str]) -> None:
    """Fails with every finding, `page what`, on a line; one found on many pages stands once."""
    pages: dict[str, list[str]] = {}
    for finding in found:
        page, _, what = finding.partition(" ")
        pages.setdefault(what, []).append(page)
    lines = [
        f"{on[0]}{f' and {len(on) - 1} more' if len(on) > 1 else ''} {what}"
        for what, on in pages.items()
    ]
    assert not lines, f"{len(lines)} found:\n" + "\n".join(lines)
