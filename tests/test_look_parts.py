"""Parts in the reader's own settings: large enough to hit, seen in forced colours, dark from start.

Targets: what a finger needs (WCAG 2.5.5, 44 px), save for links and words in running text.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import look
import pytest

pytestmark = pytest.mark.browser

# A link is in running text if the block around it, or the whole list, has other words too.
TARGETS = """least => {
  const blocks = 'p, ul, ol, td, th, dd, dt, figcaption, caption, h1, h2, h3, h4, div, section';
  const words = e => e.textContent.replace(/\\s/g, '').length;
  const others = block => [...block.querySelectorAll('a')].reduce(
    (left, link) => left - words(link), words(block));
  const running = e => e.matches('a') && !e.matches('nav *, header *, footer *, .helpline *') &&
    getComputedStyle(e).display === 'inline' && others(e.closest(blocks)) > 0 ||
    e.matches('p .term, li .term, td .term, dd .term') ||
    e.matches('sup a, .footnote-backref');
  const found = [];
  let seen = 0;
  for (const e of document.querySelectorAll('a[href], button, summary, input, select')) {
    if (!e.checkVisibility({visibilityProperty: true}) || running(e)) continue;
    seen++;
    const {height, width} = e.getBoundingClientRect();
    if (height < least - .05 || width < 24)
      found.push(`${selectorOf(e)} is ${width.toFixed(1)} x ${height.toFixed(1)} px`);
  }
  return [seen, found];
}"""


@pytest.mark.parametrize("width", [360, 1280])
def test_every_target_is_at_least_44_px_high(website: str, public: Path, browser: Any, width: int):
    problems = []
    with look.tab(browser, viewport={"width": width, "height": 800}) as page:
        for path in look.paths(public):
            page.goto(website + path)
            seen, found = page.evaluate(TARGETS, 44)
            assert seen >= 10, path
            problems += [f"{path} {what}" for what in found]
    look.nothing(problems)


BOXES = ".care, .note, .key-facts, figure, .draft, .box, .button, .rail > li::before"

BORDERS = """boxes => {
  const found = [];
  let seen = 0;
  for (const selector of boxes.split(', ')) {
    const [name, sign] = selector.split('::');
    for (const e of document.querySelectorAll(name)) {
      if (!e.checkVisibility()) continue;
      seen++;
      const style = getComputedStyle(e, sign ? '::' + sign : null);
      const ground = getComputedStyle(document.documentElement).backgroundColor;
      const bare = ['Top', 'Right', 'Bottom', 'Left'].filter(side =>
        style[`border${side}Style`] === 'none' || parseFloat(style[`border${side}Width`]) < 1 ||
        /^rgba.*, 0\\)$/.test(style[`border${side}Color`]) ||
        style[`border${side}Color`] === ground);
      if (bare.length) found.push(`${selectorOf(e)}${sign ? '::' + sign : ''} no border: ${bare}`);
    }
  }
  return [seen, found];
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_box_has_a_border_in_forced_colours(
    website: str, public: Path, browser: Any, scheme: str
):
    problems, total = [], 0
    with look.tab(browser, forced_colors="active", color_scheme=scheme) as page:
        for path in look.paths(public):
            page.goto(website + path)
            assert page.evaluate("matchMedia('(forced-colors: active)').matches")
            seen, found = page.evaluate(BORDERS, BOXES)
            total += seen
            problems += [f"{path} {what}" for what in found]
    assert total > 50
    look.nothing(problems)


def test_a_dark_page_is_dark_from_its_first_byte(website: str, public: Path, browser: Any):
    """The browser is told before the style: no white flash, and dark scrollbars."""
    dark = look.tokens()["dark"]["page"]
    wanted = "rgb({}, {}, {})".format(*(int(dark[n : n + 2], 16) for n in (1, 3, 5)))
    problems = []
    with look.tab(browser, color_scheme="dark") as page:
        for path in look.paths(public):
            text = look.file_of(public, path).read_text()
            told = text.find('<meta name="color-scheme" content="light dark">')
            if not 0 < told < text.index("<style>"):
                problems.append(f"{path} color-scheme is not told before the style")
            page.goto(website + path)
            for element in ("html", "body"):
                ground = page.evaluate(
                    "name => getComputedStyle(document.querySelector(name)).backgroundColor",
                    element,
                )
                if ground not in ({wanted} if element == "html" else {wanted, "rgba(0, 0, 0, 0)"}):
                    problems.append(f"{path} {element} is {ground}, not {wanted}")
    look.nothing(problems)


def test_nothing_moves_for_a_reader_who_wants_no_motion(website: str, public: Path, browser: Any):
    problems = []
    with look.tab(browser) as page:
        for path in look.paths(public):
            page.goto(website + path)
            moving = page.evaluate(
                """() => [...document.querySelectorAll('*')].filter(e => {
                  const s = getComputedStyle(e);
                  return s.scrollBehavior !== 'auto' || s.animationName !== 'none' ||
                    s.transitionDuration.split(', ').some(d => parseFloat(d) > 0);
                }).map(selectorOf)"""
            )
            problems += [f"{path} {at} moves" for at in moving]
    look.nothing(problems)
