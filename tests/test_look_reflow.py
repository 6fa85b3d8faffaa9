"""Nothing scrolls sideways and nothing is cut off: narrow, zoomed, with the reader's own spacing.

WCAG 2.2, 1.4.10 (reflow: 320 px, which is 1280 px at 400 %) and 1.4.12 (text spacing).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import look
import pytest

pytestmark = pytest.mark.browser

SPACING = """
* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
p { margin-block-end: 2em !important }
"""

WAYS: dict[str, dict[str, Any]] = {
    "320 px": {"viewport": {"width": 320, "height": 640}},
    "1280 px at 400 %": {"viewport": {"width": 320, "height": 256}, "device_scale_factor": 4},
    "320 px, spaced": {"viewport": {"width": 320, "height": 640}, "bypass_csp": True},
    "1280 px, spaced": {"viewport": look.DESKTOP, "bypass_csp": True},
}

# A region that scrolls by itself may hold something wide; but it must scroll, not hide.
READ = """() => {
  const found = [], root = document.documentElement, width = root.clientWidth;
  const say = (element, what) => found.push(`${selectorOf(element)}: ${what}`);
  document.querySelectorAll('details').forEach(e => e.open = true);
  if (root.scrollWidth > width) say(root, `page is ${root.scrollWidth} px wide in ${width} px`);
  const scrolls = e => /auto|scroll/.test(getComputedStyle(e).overflowX);
  const inside = e => e && e !== document.body && (scrolls(e) || inside(e.parentElement));
  for (const element of document.body.querySelectorAll('*')) {
    if (!element.checkVisibility() || element.matches('.skip, .skip *')) continue;
    const style = getComputedStyle(element), box = element.getBoundingClientRect();
    if (element.closest('svg')) {
      const paper = element.closest('svg').getBoundingClientRect();
      const out = Math.max(paper.left - box.left, box.right - paper.right,
        paper.top - box.top, box.bottom - paper.bottom);
      if (element.localName === 'text' && out > 1)
        say(element, `'${element.textContent}' is ${out.toFixed(1)} px outside its figure`);
      continue;
    }
    if (box.width && !inside(element) && (box.right > width + .5 || box.left < -.5))
      say(element, `from ${box.left.toFixed(0)} to ${box.right.toFixed(0)} px of ${width} px`);
    const hides = overflow => /hidden|clip/.test(overflow);
    if (hides(style.overflowY) && element.scrollHeight > element.clientHeight + 1)
      say(element, `${element.scrollHeight} px high, cut off at ${element.clientHeight} px`);
    if (hides(style.overflowX) && element.scrollWidth > element.clientWidth + 1)
      say(element, `${element.scrollWidth} px wide, cut off at ${element.clientWidth} px`);
  }
  return found;
}"""


@pytest.mark.parametrize("way", WAYS)
def test_nothing_scrolls_sideways_and_nothing_is_cut_off(
    website: str, public: Path, browser: Any, way: str
):
    problems = []
    with look.tab(browser, **WAYS[way]) as page:
        for path in look.paths(public):
            page.goto(website + path)
            before = page.evaluate("document.documentElement.scrollHeight")
            if "spaced" in way:
                page.add_style_tag(content=SPACING)
                assert page.evaluate("document.documentElement.scrollHeight") > before
            problems += [f"{path} {found}" for found in page.evaluate(READ)]
    look.nothing(problems)


def test_what_scrolls_inside_a_page_can_be_focused(website: str, public: Path, browser: Any):
    """A reader without a mouse moves it with the arrow keys; in every browser, by tabindex."""
    problems, seen = [], 0
    with look.tab(browser, viewport={"width": 320, "height": 640}) as page:
        for path in look.paths(public):
            page.goto(website + path)
            found = page.evaluate(
                """() => [...document.body.querySelectorAll('*')].filter(e =>
                  /auto|scroll/.test(getComputedStyle(e).overflowX) &&
                  (e.matches('.scroll, pre') || e.scrollWidth > e.clientWidth)).map(e =>
                  [selectorOf(e), e.tabIndex === 0 && e.hasAttribute('tabindex'),
                   !!(e.ariaLabel || e.getAttribute('aria-labelledby')) && !!e.role])"""
            )
            seen += len(found)
            problems += [f"{path} {at}: no tabindex=0" for at, focus, _ in found if not focus]
            problems += [f"{path} {at}: no role and name" for at, _, name in found if not name]
    assert seen
    look.nothing(problems)


def test_a_table_stays_a_table_for_a_screen_reader_when_it_is_stacked(
    website: str, public: Path, browser: Any
):
    """Style that lays cells out as blocks can take their roles away; the browser's tree tells.

    The row of column names may be hidden there: each cell then says its own in words.
    """
    problems, seen = [], 0
    count = """() => Object.fromEntries([['table', 'table'], ['row', 'tr'], ['cell', 'td'],
      ['columnheader', 'thead th'], ['rowheader', 'tbody th'], ['list', 'ol, ul']].map(
      ([role, selector]) => [role, [...document.querySelectorAll(selector)].filter(e =>
        e.checkVisibility() && !e.closest('[aria-hidden=true]')).length]))"""
    with look.tab(browser, viewport=look.PHONE) as page:
        for path in look.paths(public):
            page.goto(website + path)
            wanted = page.evaluate(count)
            seen += wanted.pop("table")
            tree = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")
            roles = [n["role"]["value"] for n in tree["nodes"] if not n["ignored"]]
            for role, number in wanted.items():
                found = roles.count(role) + (roles.count("gridcell") if role == "cell" else 0)
                if found != number:
                    problems.append(f"{path} has {found} of {number} {role}s in its tree")
    assert seen
    look.nothing(problems)
