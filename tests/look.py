"""What the tests of the look share: the pages of the site, a tab to open them in, npm's tools.

Each test walks over every page that was built and gathers all that is wrong, so that one run tells
everything. A finding reads: page, what, where (a selector), what was measured.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

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
