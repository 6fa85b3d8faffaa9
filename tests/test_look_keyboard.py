"""All pages by keyboard alone: each control is reached once, in order, is seen, and works."""

from __future__ import annotations

import itertools
from typing import Any

import look

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


# Puts the focus on each control in turn, in details that it opens, as a browser does for the
# keyboard. Also tells of what takes the focus and is no control.
SWEEP = """() => {
  const look = LOOK, found = [];
  const say = (e, what) => found.push(`${selectorOf(e)} ${what}`);
  controls.forEach((e, place) => {
    const inside = e.localName === 'summary' ? e.parentElement.parentElement : e;
    for (let d = inside?.closest('details'); d; d = d.parentElement.closest('details'))
      d.open = true;
    e.focus({focusVisible: true});
    const [reached, , wrong] = look();
    if (reached !== place) say(e, 'does not take the focus');
    else wrong.forEach(what => say(e, what));
    if (e.tabIndex !== 0) say(e, `has tabindex ${e.tabIndex}`);
  });
  for (const e of document.body.querySelectorAll('*'))
    if (e.tabIndex >= 0 && e.checkVisibility() && !e.disabled && !controls.includes(e))
      say(e, 'takes the focus but is no control with a tabindex');
  return [controls.length, found];
}""".replace("LOOK", LOOK)

# Notes, each time that Tab is pressed, where the Tab before it led.
NOTE = """() => {
  const look = LOOK;
  window.stops = [];
  addEventListener('keydown', e => { if (e.key === 'Tab') stops.push(look()); }, true);
}""".replace("LOOK", LOOK)

TAB = {"type": "rawKeyDown", "key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9}
SIZES = [{"width": width, "height": 740} for width in (360, 1280)]


def focus(page: look.OpenPage) -> list[str]:
    """Each control takes the focus, is then seen, uncovered and unlike itself without the focus.

    As all have the tabindex 0, the order of the source is the only order there is. This is done at
    both widths on every page in every run, without keys; `keys` presses them on some pages.
    """
    problems = []
    for size in SIZES:
        page.show(size)
        page.close_details()
        # What has the focus already would look the same before and after.
        page.tab.evaluate("document.activeElement.blur()")
        page.tab.evaluate(PREPARE)
        seen, found = page.tab.evaluate(SWEEP)
        assert seen > 10
        problems += [f"{size['width']} px: {what}" for what in found]
    return problems


def keys(page: look.OpenPage) -> list[str]:
    """The page by keyboard alone, in a tab of its own: a tab in use does not start at the top.

    On key pages at both widths in every run, so that keys are really pressed on each template; on
    a quarter of the others, at either width, so that each page comes every four days and each width
    every eight; with SOAK=1 all at both. What `focus` sees is held on all pages in every run.
    """
    problems = []
    for number, size in enumerate(SIZES):
        if page.chosen(4 * number, 8):
            with look.tab(page.tab.context.browser, viewport=size) as tab:
                tab.goto(page.address)
                problems += [f"{size['width']} px: {what}" for what in walk(tab)]
    return problems


def opens(tab: Any) -> bool:
    """Whether Enter opens the details whose summary has the focus; leaves them open."""
    if tab.evaluate("document.activeElement.localName") != "summary":
        return False
    is_open = "document.activeElement.parentElement.open"
    if tab.evaluate(is_open):
        tab.keyboard.press("Enter")
    tab.keyboard.press("Enter")
    return bool(tab.evaluate(is_open))


def walk(tab: Any) -> list[str]:
    """Presses Tab from the top of the page to beyond its end, and Enter on each summary."""
    problems = []
    controls = tab.evaluate(PREPARE)
    tab.evaluate(NOTE)
    pressed = tab.context.new_cdp_session(tab)
    for at, name in [*controls, ("end", "")]:
        pressed.send("Input.dispatchKeyEvent", TAB)
        if name == "summary" and not opens(tab):
            problems.append(f"{at} does not open with Enter")
    # The first was noted before any was reached, so where the last Tab led is looked up.
    stops = [*tab.evaluate("stops")[1:], tab.evaluate(LOOK)]
    reached: list[int] = []
    for place, at, wrong in stops:
        if place is None or (reached and place == reached[0]):
            break
        reached.append(place)
        problems += [f"{at} {what}" for what in wrong]
        if place < 0:
            problems.append(f"{at} takes the focus but is no control with a tabindex")
    for place, (at, _) in enumerate(controls):
        if reached.count(place) != 1:
            problems.append(f"{at} is reached {reached.count(place)} times")
    known = [place for place in reached if place >= 0]
    problems += [
        f"{controls[after][0]} comes after {controls[before][0]}"
        for before, after in itertools.pairwise(known)
        if after <= before
    ]
    return problems


def skip_link(page: look.OpenPage) -> list[str]:
    """It comes first, is seen, and skips. To be asked first, before anything had the focus."""
    from playwright.sync_api import TimeoutError as TooLate

    page.show(look.PHONE)
    tab = page.tab
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
    if not tab.evaluate("document.querySelector('.skip').getBoundingClientRect().bottom <= 0"):
        problems.append(".skip is in sight before it has the focus")
    tab.keyboard.press("Tab")
    first, seen = tab.evaluate(box)
    if not first:
        return [*problems, "the first stop is not a.skip to #main"]
    if not seen:
        problems.append(".skip is not wholly in sight, or under 44 px high")
    tab.keyboard.press("Enter")
    try:  # a busy machine may take a moment
        tab.wait_for_url("**" + page.path + "#main", timeout=5000)
    except TooLate:
        problems.append(".skip does not go to #main")
    tab.keyboard.press("Tab")
    if not tab.evaluate(after):
        problems.append("after .skip, Tab goes on before main")
    tab.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    return problems
