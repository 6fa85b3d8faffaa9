"""All pages by keyboard alone: each control is reached once, in order, is seen, and works."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import look
import pytest

pytestmark = pytest.mark.browser

# All controls in the order of the source, in closed details too, and how each looks unfocused.
PREPARE = """() => {
  window.styleOf = e => {
    const s = getComputedStyle(e);
    const clear = colour => /^rgba.*, 0\\)$|transparent/.test(colour);
    const line = s.outlineStyle === 'none' || parseFloat(s.outlineWidth) < 1 ||
      clear(s.outlineColor) ? 'none' : s.outlineWidth + s.outlineColor;
    return [line, s.backgroundColor, s.boxShadow];
  };
  const details = [...document.querySelectorAll('details:not([open])')];
  details.forEach(e => e.open = true);
  window.controls = [...document.querySelectorAll(
    'a[href], button, summary, input, select, textarea, [tabindex="0"]')]
    .filter(e => e.checkVisibility({visibilityProperty: true}) && !e.disabled);
  details.forEach(e => e.open = false);
  window.before = controls.map(styleOf);
  return controls.map(e => [selectorOf(e), e.localName]);
}"""

# Where the focus is: its place among the controls, and what is wrong there.
LOOK = """() => {
  const e = document.activeElement, place = controls.indexOf(e), wrong = [];
  if (e === document.body || e === document.documentElement) return [null, '', []];
  const after = styleOf(e);
  if (place >= 0 && after.every((value, n) => value === before[place][n] || value === 'none'))
    wrong.push('looks the same with and without focus');
  const all = [...e.getClientRects()].filter(r => r.width && r.height);
  const box = all[0];
  if (!box) return [place, selectorOf(e), ['has no size']];
  const middle = (from, to, end) => (Math.max(from, 0) + Math.min(to, end)) / 2;
  const x = middle(box.left, box.right, innerWidth), y = middle(box.top, box.bottom, innerHeight);
  const top = document.elementFromPoint(x, y);
  if (!top) wrong.push(`is out of sight at ${x.toFixed(0)}, ${y.toFixed(0)}`);
  else if (!e.contains(top)) wrong.push('is covered by ' + selectorOf(top));
  return [place, selectorOf(e), wrong];
}"""


def opens(page: Any) -> bool:
    """Whether Enter opens the details whose summary has the focus; leaves them open."""
    is_open = "document.activeElement.parentElement.open"
    if page.evaluate(is_open):
        page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    return bool(page.evaluate(is_open))


def walk(page: Any, path: str) -> list[str]:
    """Presses Tab from the top of the page to its end, and Enter on each summary."""
    problems: list[str] = []
    controls = page.evaluate(PREPARE)
    reached: list[int] = []
    for _ in range(len(controls) * 2 + 5):
        page.keyboard.press("Tab")
        place, at, wrong = page.evaluate(LOOK)
        if place is None or (reached and place == reached[0]):
            break
        reached.append(place)
        problems += [f"{path} {at} {what}" for what in wrong]
        if place < 0:
            problems.append(f"{path} {at} takes the focus but is no control with a tabindex")
        elif controls[place][1] == "summary" and not opens(page):
            problems.append(f"{path} {at} does not open with Enter")
    for place, (at, _) in enumerate(controls):
        if reached.count(place) != 1:
            problems.append(f"{path} {at} is reached {reached.count(place)} times")
    known = [place for place in reached if place >= 0]
    problems += [
        f"{path} {controls[other][0]} comes after {controls[one][0]}"
        for one, other in itertools.pairwise(known)
        if other <= one
    ]
    return problems


@pytest.mark.parametrize("width", [360, 1280])
def test_tab_reaches_each_control_once_in_order_and_one_sees_where(
    website: str, public: Path, browser: Any, width: int
):
    problems = []
    with look.tab(browser, viewport={"width": width, "height": 740}) as page:
        for path in look.paths(public):
            page.goto(website + path)
            problems += walk(page, path)
    look.nothing(problems)


def test_the_skip_link_comes_first_is_seen_and_skips(website: str, public: Path, browser: Any):
    from playwright.sync_api import TimeoutError as TooLate

    problems = []
    box = """() => {
      const e = document.activeElement, b = e.getBoundingClientRect();
      return [e.matches('a.skip[href="#main"]'), b.left >= 0 && b.top >= 0 &&
        b.right <= innerWidth && b.bottom <= innerHeight && b.height >= 44];
    }"""
    after = """() => {
      const e = document.activeElement, main = document.getElementById('main');
      return e !== document.body && !!(main.compareDocumentPosition(e)
        & (Node.DOCUMENT_POSITION_CONTAINED_BY | Node.DOCUMENT_POSITION_FOLLOWING));
    }"""
    hidden = "() => document.querySelector('.skip').getBoundingClientRect().bottom <= 0"
    with look.tab(browser, viewport=look.PHONE) as page:
        for path in look.paths(public):
            page.goto(website + path)
            if not page.evaluate(hidden):
                problems.append(f"{path} .skip is in sight before it has the focus")
            page.keyboard.press("Tab")
            first, seen = page.evaluate(box)
            if not first:
                problems.append(f"{path} the first stop is not a.skip to #main")
                continue
            if not seen:
                problems.append(f"{path} .skip is not wholly in sight, or under 44 px high")
            page.keyboard.press("Enter")
            try:  # a busy machine may take a moment
                page.wait_for_url("**" + path + "#main", timeout=5000)
            except TooLate:
                problems.append(f"{path} .skip does not go to #main")
            page.keyboard.press("Tab")
            if not page.evaluate(after):
                problems.append(f"{path} after .skip, Tab goes on before main")
    look.nothing(problems)
